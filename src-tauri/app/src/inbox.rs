//! What the inbox needs nobody's word for: Stripe is read, a provisioning is begun whose process was killed between
//! the approval and its beginning, and requests are approved that need nobody's word. Each is done once, whoever of several processes looks.

use std::{sync::Arc, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    failure::{Failure, Outcome},
    id::RequestId,
    request::{OnboardingRequest, RequestOrigin, RequestState},
    run::OnFailure,
};
use fabrik_store::{DueRequest, RequestQuery, Told};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{App, Begin, going_back::Way, stripe};

/// How often it is looked.
const LOOK: Duration = Duration::from_mins(1);

/// A provisioning that this process is to begin.
pub struct Beginning {
    /// The request that brings it about.
    pub request: RequestId,
    /// Whose.
    pub customer: Customer,
    /// Its policy.
    pub on_failure: OnFailure,
}

impl App {
    /// Looks at once and then now and then, for as long as it is polled.
    pub(crate) async fn watch_inbox(self: &Arc<Self>) {
        loop {
            self.follow_stripe().await;
            match self.due_beginnings().await {
                Ok(due) => {
                    for beginning in due {
                        self.begin_in_background(&beginning).await;
                    }
                }
                Err(problem) => tracing::warn!(%problem, "the inbox can't be looked at"),
            }
            self.clock.sleep(LOOK).await;
        }
    }

    async fn begin_in_background(self: &Arc<Self>, beginning: &Beginning) {
        let Beginning {
            request,
            customer,
            on_failure,
        } = beginning;
        let never = CancellationToken::new();
        let begun = self.begin_for(*request, customer.id, *on_failure, &never);
        match begun.await {
            Ok(Begin::Begun(_, lease)) => self.drive_in_background(lease, Way::On),
            // It is kept with the request.
            Ok(Begin::Refused(_) | Begin::Stopped) => {}
            Err(problem) => tracing::warn!(%request, %problem, "a provisioning was not begun"),
        }
    }

    /// Approves what is to be approved at once, and takes over what a process that has ended was about to begin: all
    /// that this process is to begin now.
    pub async fn due_beginnings(&self) -> Result<Vec<Beginning>, Problem> {
        self.work_out().await?;
        let mut beginnings = Vec::new();
        for due in self.store.due_requests().await? {
            let request = due.request.id;
            let beginning = if due.request.state == RequestState::Open {
                self.approve_at_once(&due.request).await
            } else {
                self.taken_over(due).await
            };
            match beginning {
                Ok(beginning) => beginnings.extend(beginning),
                // Those before it are approved, and nobody else begins them for a while.
                Err(problem) => tracing::warn!(%request, %problem, "a request was not seen to"),
            }
        }
        Ok(beginnings)
    }

    /// Writes what this desktop can tell of requests that one without their blueprint has read.
    async fn work_out(&self) -> Result<(), Problem> {
        let open = RequestQuery {
            states: vec![RequestState::Open],
            ..RequestQuery::default()
        };
        let is_waiting =
            |request: &OnboardingRequest| request.problem.as_ref().is_some_and(is_elsewhere);
        for request in self.store.requests(open).await? {
            if !is_waiting(&request) {
                continue;
            }
            let request = self.seen_here(request);
            if is_waiting(&request) {
                continue;
            }
            let facts = json!({ "name": request.wish.name, "origin": request.origin });
            let audit = self.audit("request.told", facts);
            let told = Told {
                event: None,
                request: Some(request),
            };
            self.store.take_stripe_event(told, audit).await?;
        }
        Ok(())
    }

    /// A request as it is at this desktop: an agency's own blueprints lie in each desktop's folder, so that one may have
    /// what another lacks.
    pub(crate) fn seen_here(&self, mut request: OnboardingRequest) -> OnboardingRequest {
        let of_stripe = matches!(request.origin, RequestOrigin::Stripe { .. });
        let is_lacked = request.problem.as_ref().is_some_and(is_elsewhere);
        let was_lacked = of_stripe && is_lacked && request.state.is_undecided();
        let stands_still = request.begins.is_some() && request.problem.is_none();
        if !was_lacked && !stands_still {
            return request;
        }
        match self.blueprints.get(&request.wish.blueprint) {
            Ok(blueprint) if was_lacked => {
                let wish = &mut request.wish;
                // Where none are named it is all of them, which could not be told without it.
                if wish.modules.is_empty() {
                    wish.modules = blueprint.modules;
                }
                let faults =
                    self.blueprint_faults(&wish.blueprint, Some(&wish.plan), &wish.modules);
                request.problem = faults.into_iter().chain(wish.check()).next();
                request.at_once &= request.problem.is_none();
            }
            Err(problem) if is_elsewhere(&problem) => request.problem = Some(problem),
            _ => {}
        }
        request
    }

    /// Whether only another desktop can have this blueprint.
    fn lacks(&self, blueprint: &str) -> bool {
        let known = self.blueprints.get(blueprint);
        known.is_err_and(|problem| is_elsewhere(&problem))
    }

    async fn approve_at_once(
        &self,
        request: &OnboardingRequest,
    ) -> Result<Option<Beginning>, Problem> {
        // It was marked when it was read, and may have waited for its blueprint since.
        let of_stripe = matches!(request.origin, RequestOrigin::Stripe { .. });
        if of_stripe && !stripe::approves_at_once(&self.settings().await?.values()) {
            self.store.ask_about_request(request.id).await?;
            return Ok(None);
        }
        if self.lacks(&request.wish.blueprint) {
            return Ok(None);
        }
        let on_failure = OnFailure::default();
        match self.approve(request.id, None, on_failure).await {
            Ok((request, customer)) => Ok(Some(Beginning {
                request: request.id,
                customer,
                on_failure,
            })),
            // Another process was quicker.
            Err(problem) if matches!(*problem.cause, Cause::RequestDecided { .. }) => Ok(None),
            // It is tried again.
            Err(problem) if may_pass(&problem) => Err(problem),
            Err(problem) => {
                tracing::warn!(request = %request.id, %problem, "not approved by itself");
                self.store.stop_request(request.id, problem).await?;
                Ok(None)
            }
        }
    }

    async fn taken_over(&self, due: DueRequest) -> Result<Option<Beginning>, Problem> {
        let (Some(customer), Some(on_failure)) = (due.request.customer, due.request.begins) else {
            return Ok(None);
        };
        let customer = self.store.customer(customer).await?;
        // Held by this process, it would be so for one that can begin it.
        if self.lacks(&customer.blueprint) {
            return Ok(None);
        }
        let dead = due.held_by.filter(|owner| self.has_ended(owner));
        let claimed = self
            .store
            .claim_request(due.request.id, self.engine.owner(), dead.as_deref())
            .await?;
        if !claimed {
            return Ok(None);
        }
        Ok(Some(Beginning {
            request: due.request.id,
            customer,
            on_failure,
        }))
    }
}

/// Whether it is that this desktop lacks the blueprint: another may have it.
pub(crate) fn is_elsewhere(problem: &Problem) -> bool {
    matches!(*problem.cause, Cause::BlueprintUnknown { .. })
}

/// Whether time alone may mend it: somebody is away, or busy, or can do it in the place of this desktop.
pub(crate) fn may_pass(problem: &Problem) -> bool {
    match Failure::from(problem.clone()).outcome {
        Outcome::NotSent | Outcome::Throttled(_) => true,
        _ => matches!(
            *problem.cause,
            Cause::DatabaseBusy
                | Cause::DatabaseUnreachable { .. }
                | Cause::BlueprintUnknown { .. }
        ),
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{
        customer::slug_of,
        request::{RequestKind, Wish},
    };
    use fabrik_store::Approval;

    use super::*;
    use crate::testing;

    /// Sets what becomes of who subscribes.
    async fn approve(app: &App, how: &str) {
        let set = app.setting_set("stripe.approve".to_owned(), Some(how.to_owned()));
        set.await.unwrap();
    }

    /// Who subscribes to a plan of a blueprint that this desktop lacks.
    async fn asked(app: &App) -> OnboardingRequest {
        let origin = RequestOrigin::Stripe {
            subscription: "sub_1".to_owned(),
            customer: "cus_1".to_owned(),
            price: None,
            beside: false,
        };
        let wish = Wish {
            blueprint: "atelier".to_owned(),
            ..Wish::of(testing::new_customer())
        };
        let kind = RequestKind::Onboarding;
        let request = OnboardingRequest {
            at_once: true,
            problem: app.blueprints.get("atelier").err(),
            ..OnboardingRequest::new(kind, wish, origin, app.clock.now())
        };
        let audit = app.audit("request.told", json!({}));
        let id = app.store.add_request(request, audit).await.unwrap().id;
        app.store.request(id).await.unwrap()
    }

    #[tokio::test]
    async fn what_another_desktop_has_the_blueprint_of_is_approved_there() {
        let (_folder, app) = testing::app().await;
        approve(&app, "at_once").await;
        let asked = asked(&app).await;
        assert!(app.due_beginnings().await.unwrap().is_empty());
        let refused = app.approve(asked.id, None, OnFailure::Keep).await;
        assert_eq!(refused.unwrap_err().code(), "blueprint_unknown");
        let left = app.store.request(asked.id).await.unwrap();
        assert_eq!(left, asked, "it waits for another");

        let copied = app.blueprint_copy("atelier".to_owned(), "factory".to_owned());
        copied.await.unwrap();
        let seen = app.request_get(asked.id).await.unwrap();
        assert_eq!(seen.problem, None, "{seen:?}");
        let beginnings = app.due_beginnings().await.unwrap();
        let [beginning] = &beginnings[..] else {
            panic!("it is approved at once")
        };
        assert_eq!(beginning.request, asked.id);
        assert_eq!(beginning.customer.blueprint, "atelier");
        let modules = app.blueprint("factory").unwrap().modules;
        assert_eq!(beginning.customer.modules, modules, "as it would have been");
    }

    #[tokio::test]
    async fn what_waited_for_its_blueprint_is_asked_about_where_that_is_the_word_by_then() {
        let (_folder, app) = testing::app().await;
        approve(&app, "at_once").await;
        let asked = asked(&app).await;
        assert!(app.due_beginnings().await.unwrap().is_empty());
        assert!(app.store.request(asked.id).await.unwrap().at_once);

        approve(&app, "ask").await;
        let copied = app.blueprint_copy("atelier".to_owned(), "factory".to_owned());
        copied.await.unwrap();
        assert!(app.due_beginnings().await.unwrap().is_empty());
        let now = app.store.request(asked.id).await.unwrap();
        assert_eq!((now.state, now.at_once), (RequestState::Open, false));
        assert_eq!(now.problem, None, "it can be approved by hand");
        // What was asked about once waits for an answer, whatever is set later.
        approve(&app, "at_once").await;
        assert!(app.due_beginnings().await.unwrap().is_empty());
        let left = app.store.request(asked.id).await.unwrap();
        assert_eq!(left.state, RequestState::Open);
    }

    #[tokio::test]
    async fn what_another_desktop_has_the_blueprint_of_is_begun_there() {
        let (_folder, app) = testing::app().await;
        let asked = asked(&app).await;
        let dead = app.presence.of_one_killed();
        let approval = Approval {
            id: asked.id,
            customer: asked.new_customer(),
            slug: slug_of(&asked.wish.name),
            wish: asked.wish.clone(),
            on_failure: OnFailure::Keep,
            by: dead.clone(),
        };
        let audit = app.audit("request.approved", json!({}));
        let approved = app.store.approve_request(approval, audit).await;
        let (approved, customer) = approved.unwrap();
        assert!(app.due_beginnings().await.unwrap().is_empty());
        let due = app.store.due_requests().await.unwrap();
        assert_eq!(due[0].held_by, Some(dead), "whoever can takes it over");

        let never = CancellationToken::new();
        let begun = app.begin_for(asked.id, customer.id, OnFailure::Keep, &never);
        let Err(problem) = begun.await else {
            panic!("it has no such blueprint")
        };
        assert_eq!(problem.code(), "blueprint_unknown");
        let left = app.store.request(asked.id).await.unwrap();
        assert_eq!(left, approved, "nothing is written of it");
        let seen = app.request_get(asked.id).await.unwrap();
        assert_eq!(seen.problem, Some(problem), "but it is said here");
    }
}
