//! Those who ask to become customers in the agency's own table: each goes to the inbox once, follows its row while nobody
//! has decided, and leaves it where the table itself has decided meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    customer::{check_contact_name, check_subdomain, without_login},
    mapping::SourceField,
    request::{OnboardingRequest, RequestKind, RequestOrigin, RequestState, Wish},
};
use fabrik_store::{RequestQuery, Verdict};
use serde_json::json;

use crate::App;

/// The table's requests on their way into the inbox.
pub(super) struct Asking<'a> {
    app: &'a App,
    /// What they are known by to come from there.
    origin: String,
    /// Those that have asked, by their ids in the table; those that were met are taken out.
    asked: BTreeMap<String, OnboardingRequest>,
    /// Those whose rows are there and ask no more.
    over: Vec<OnboardingRequest>,
    /// The ids of those whose rows had left it, or asked no more: where they are back, they ask again.
    left: BTreeSet<String>,
    /// Those that are still undecided from where the table, or its column of ids, was before: who still asks asks anew.
    earlier: Vec<OnboardingRequest>,
}

impl<'a> Asking<'a> {
    pub(super) async fn new(app: &'a App, origin: String) -> Result<Self, Problem> {
        let all = app.store.requests(RequestQuery::default()).await?;
        let (mut asked, mut left) = (BTreeMap::new(), BTreeSet::new());
        let mut earlier = Vec::new();
        for request in all {
            let Some(key) = request.origin.row_of(&origin).map(str::to_owned) else {
                let of_table = matches!(request.origin, RequestOrigin::Source { .. });
                if of_table && request.state.is_undecided() {
                    earlier.push(request);
                }
                continue;
            };
            if request.state == RequestState::Withdrawn {
                left.insert(key);
            } else {
                asked.insert(key, request);
            }
        }
        Ok(Self {
            app,
            origin,
            asked,
            over: Vec::new(),
            left,
            earlier,
        })
    }

    /// The request of a row that has asked before.
    pub(super) fn before(&mut self, key: &str) -> Option<OnboardingRequest> {
        self.asked.remove(key)
    }

    /// That a row is there, and asks no more.
    pub(super) fn over(&mut self, key: &str) {
        self.over.extend(self.asked.remove(key));
    }

    /// What of a row's wish can be used: the rest is the inbox's to say. An address stays as it was typed, unless it is a
    /// database's.
    pub(super) async fn usable(
        &self,
        mut wish: Wish,
        blueprints: &[Blueprint],
    ) -> Result<Wish, Problem> {
        if check_subdomain(&wish.subdomain).is_err() {
            wish.subdomain = self.app.subdomain_suggest(wish.name.clone()).await?;
        }
        if check_contact_name(wish.contact_name.as_deref()).is_err() {
            wish.contact_name = None;
        }
        if without_login(&wish.contact_email) != wish.contact_email {
            wish.contact_email.clear();
        }
        match blueprints.iter().find(|one| one.name == wish.blueprint) {
            Some(blueprint) => {
                if blueprint.plan(&wish.plan).is_none() {
                    wish.plan.clear();
                }
                wish.modules
                    .retain(|module| blueprint.modules.contains(module));
            }
            None => {
                wish.blueprint.clear();
                wish.plan.clear();
                wish.modules.clear();
            }
        }
        Ok(wish)
    }

    /// Puts one into the inbox, or back into it, with what its row says and what stands in its way. Whether it was not there
    /// already, by another desktop.
    pub(super) async fn ask(
        &self,
        key: String,
        wish: Wish,
        said: BTreeSet<SourceField>,
        problem: Option<Problem>,
    ) -> Result<bool, Problem> {
        let facts = json!({ "name": wish.name, "subdomain": wish.subdomain });
        let is_back = self.left.contains(&key);
        let origin = RequestOrigin::Source {
            table: self.origin.clone(),
            row: key,
            said,
        };
        let now = self.app.clock.now();
        let request = OnboardingRequest {
            problem,
            ..OnboardingRequest::new(RequestKind::Onboarding, wish, origin, now)
        };
        let id = request.id;
        let audit = self.app.audit("request.added", facts);
        let there = self.app.store.add_request(request, audit).await?;
        Ok(there.id == id || is_back)
    }

    /// Writes what the row of an undecided request wishes for by now, and what it says of that. Whether something else is wished
    /// for, or stands in its way.
    pub(super) async fn follow(
        &self,
        request: &OnboardingRequest,
        wish: Wish,
        said: BTreeSet<SourceField>,
        problem: Option<Problem>,
    ) -> Result<bool, Problem> {
        let changes = wish != request.wish || problem != request.problem;
        let said_before = match &request.origin {
            RequestOrigin::Source { said, .. } => Some(said),
            RequestOrigin::Hand { .. } | RequestOrigin::Stripe { .. } => None,
        };
        if !changes && said_before == Some(&said) {
            return Ok(false);
        }
        let facts = json!({ "request": request.id, "name": wish.name });
        let audit = self.app.audit("request.followed", facts);
        let edited = self
            .app
            .store
            .edit_request(request.id, wish, said, problem, audit);
        match edited.await {
            Ok(_) => Ok(changes),
            Err(problem) if was_decided(&problem) => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    /// Withdraws those that nobody has decided here and that ask no more, or ask anew from where the table is now. A row that
    /// isn't met is gone, but where it may be `kept_back`.
    pub(super) async fn end(self, kept_back: bool) -> Result<(), Problem> {
        let gone = if kept_back {
            BTreeMap::new()
        } else {
            self.asked
        };
        let ended = gone.into_values().chain(self.over).chain(self.earlier);
        for request in ended.filter(|request| request.state.is_undecided()) {
            let verdict = Verdict {
                state: RequestState::Withdrawn,
                reason: None,
                ending: None,
            };
            let facts = json!({ "request": request.id, "name": request.wish.name });
            let audit = self.app.audit("request.withdrawn", facts);
            match self
                .app
                .store
                .decide_request(request.id, verdict, audit)
                .await
            {
                Ok(_) => {}
                Err(problem) if was_decided(&problem) => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok(())
    }
}

/// A moment ago, by somebody.
fn was_decided(problem: &Problem) -> bool {
    matches!(*problem.cause, Cause::RequestDecided { .. })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn who_asked_where_the_table_was_before_is_withdrawn() {
        let (_folder, app) = testing::app().await;
        for origin in ["there by id", "here by id"] {
            let asking = Asking::new(&app, origin.to_owned()).await.unwrap();
            let wish = Wish::of(testing::new_customer());
            let asked = asking
                .ask("1".to_owned(), wish, BTreeSet::new(), None)
                .await;
            assert!(asked.unwrap(), "{origin}");
            asking.end(false).await.unwrap();
        }
        let all = app.store.requests(RequestQuery::default()).await.unwrap();
        let state_of = |origin: &str| {
            let of_origin = |request: &&OnboardingRequest| request.origin.row_of(origin).is_some();
            all.iter().find(of_origin).map(|request| request.state)
        };
        assert_eq!(state_of("there by id"), Some(RequestState::Withdrawn));
        assert_eq!(state_of("here by id"), Some(RequestState::Open));
    }

    #[tokio::test]
    async fn who_was_put_away_asks_once_and_is_withdrawn_with_its_row() {
        let (_folder, app) = testing::app().await;
        let asking = || Asking::new(&app, "here by id".to_owned());
        let first = asking().await.unwrap();
        let wish = Wish::of(testing::new_customer());
        let asked = first.ask("1".to_owned(), wish, BTreeSet::new(), None).await;
        assert!(asked.unwrap());
        let only = async || {
            let mut all = app.store.requests(RequestQuery::default()).await.unwrap();
            assert_eq!(all.len(), 1);
            all.remove(0)
        };
        let request = only().await.id;
        app.request_archive(request).await.unwrap();
        let mut again = asking().await.unwrap();
        assert!(again.before("1").is_some(), "the inbox has it still");
        again.end(false).await.unwrap();
        assert_eq!(only().await.state, RequestState::Archived);
        asking().await.unwrap().end(true).await.unwrap();
        assert_eq!(
            only().await.state,
            RequestState::Archived,
            "its row may be there, unseen"
        );
        asking().await.unwrap().end(false).await.unwrap();
        assert_eq!(only().await.state, RequestState::Withdrawn);
    }
}
