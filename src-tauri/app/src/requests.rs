//! The inbox: who wants to become a customer, reviewed, approved or rejected; and subscriptions that have ended.

use std::sync::Arc;

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, slug_of},
    id::{CustomerId, RequestId},
    request::{Ending, OnboardingRequest, RequestKind, RequestOrigin, RequestState, Wish},
    run::{OnFailure, Plan, Purpose, Run},
};
use fabrik_store::{Approval, NewAudit, RequestQuery, Verdict};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::{
    App, Begin,
    going_back::Way,
    inbox::may_pass,
    runs::refusal_of,
    views::{RequestApproval, RequestCount, RequestPage},
};

impl App {
    /// See the table of commands.
    pub async fn requests_list(&self, query: RequestQuery) -> Result<RequestPage, Problem> {
        let states = query.states.clone();
        let (requests, counts, stripe) = tokio::try_join!(
            self.store.requests(query),
            self.store.request_counts(),
            self.stripe_view(),
        )?;
        let asked = |state: &RequestState| states.is_empty() || states.contains(state);
        let seen = |request| self.seen_here(request);
        Ok(RequestPage {
            requests: requests.into_iter().map(seen).collect(),
            total: counts
                .iter()
                .filter(|(state, _)| asked(state))
                .map(|(_, count)| count)
                .sum(),
            counts: RequestState::ALL
                .into_iter()
                .map(|state| RequestCount {
                    state,
                    count: counts.get(&state).copied().unwrap_or(0),
                })
                .collect(),
            stripe,
        })
    }

    /// See the table of commands.
    pub async fn request_get(&self, request: RequestId) -> Result<OnboardingRequest, Problem> {
        Ok(self.seen_here(self.store.request(request).await?))
    }

    /// The request that people mean by `text`: its id, or the subdomain or address of the only one in the state `first` that
    /// has it; where none is, of the only undecided one.
    pub async fn find_request(
        &self,
        text: &str,
        first: RequestState,
    ) -> Result<OnboardingRequest, Problem> {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return self.request_get(id).await;
        }
        let undecided = RequestQuery {
            states: vec![RequestState::Open, RequestState::Archived],
            ..RequestQuery::default()
        };
        let named = |request: &OnboardingRequest| {
            let wish = &request.wish;
            [&wish.subdomain, &wish.contact_email]
                .iter()
                .any(|word| !word.is_empty() && word.eq_ignore_ascii_case(text))
        };
        let mut found = self.store.requests(undecided).await?;
        found.retain(named);
        let goes_first = |request: &OnboardingRequest| request.state == first;
        if found.iter().any(goes_first) {
            found.retain(goes_first);
        }
        match <[OnboardingRequest; 1]>::try_from(found) {
            Ok([only]) => Ok(self.seen_here(only)),
            Err(_) => Err(Cause::RequestUnknown {
                request: text.to_owned(),
            }
            .into()),
        }
    }

    /// See the table of commands. Where no subdomain is wished for, one that is free is.
    pub async fn request_add(&self, wish: Wish) -> Result<OnboardingRequest, Problem> {
        let wish = self.checked(wish).await?;
        let facts = json!({ "name": wish.name, "subdomain": wish.subdomain });
        let origin = RequestOrigin::Hand {
            operator: self.operator.clone(),
        };
        let now = self.clock.now();
        let request = OnboardingRequest::new(RequestKind::Onboarding, wish, origin, now);
        let audit = self.audit("request.added", facts);
        self.store.add_request(request, audit).await
    }

    /// See the table of commands.
    pub async fn request_edit(
        &self,
        request: RequestId,
        wish: Wish,
    ) -> Result<OnboardingRequest, Problem> {
        let wish = self.checked(wish).await?;
        let asked = self.store.request(request).await?;
        // What is put away is opened again first; only its row changes it until then.
        asked.assert_open()?;
        let said = self.said_beside(&asked, &wish).await?;
        let audit = self.audit(
            "request.edited",
            json!({ "request": request, "name": wish.name }),
        );
        self.store
            .edit_request(request, wish, said, None, audit)
            .await
    }

    /// See the table of commands.
    pub async fn request_review(
        &self,
        request: RequestId,
        subdomain: Option<String>,
    ) -> Result<Plan, Problem> {
        let request = self.asked(request, subdomain).await?;
        let customer = self.would_be(&request).await?;
        self.plan_of(customer).await
    }

    /// See the table of commands.
    pub async fn request_approve(
        self: &Arc<Self>,
        request: RequestId,
        subdomain: Option<String>,
        on_failure: Option<OnFailure>,
    ) -> Result<RequestApproval, Problem> {
        // The customer is new, and has no instance yet.
        let on_failure = on_failure.unwrap_or_default();
        let (request, customer) = self.approve(request, subdomain, on_failure).await?;
        let never = CancellationToken::new();
        let begun = self.begin_for(request.id, customer.id, on_failure, &never);
        let (run, problem) = match begun.await {
            Ok(Begin::Begun(run, lease)) => {
                self.drive_in_background(lease, Way::On);
                (Some(*run), None)
            }
            Ok(Begin::Refused(plan)) => (None, Some(refusal_of(&plan))),
            Ok(Begin::Stopped) => (None, None),
            Err(problem) => (None, Some(problem)),
        };
        Ok(RequestApproval {
            request: self.store.request(request.id).await?,
            customer,
            run,
            problem,
        })
    }

    /// Approves a request: its customer is there, and its provisioning to be begun.
    pub async fn approve(
        &self,
        request: RequestId,
        subdomain: Option<String>,
        on_failure: OnFailure,
    ) -> Result<(OnboardingRequest, Customer), Problem> {
        let asked = self.asked(request, subdomain).await?;
        // Holds it against every rule; the store does the same with what others have.
        if let Err(problem) = self.would_be(&asked).await {
            // The customer in its way may be its own, by another's yes a moment ago.
            self.store.request(request).await?.assert_open()?;
            return Err(problem);
        }
        let approval = Approval {
            id: asked.id,
            customer: asked.new_customer(),
            slug: slug_of(&asked.wish.name),
            wish: asked.wish,
            on_failure,
            by: self.engine.owner().to_owned(),
        };
        let facts = json!({ "request": request, "subdomain": approval.customer.subdomain });
        let audit = self.audit("request.approved", facts);
        self.store.approve_request(approval, audit).await
    }

    /// Begins the provisioning that an approval brings about. What stands in its way is kept with the request; what may
    /// pass by itself is no more than told, and it is tried again; so it is where `cancel` stops the planning.
    pub async fn begin_for(
        &self,
        request: RequestId,
        customer: CustomerId,
        on_failure: OnFailure,
        cancel: &CancellationToken,
    ) -> Result<Begin, Problem> {
        let begun = self.begin(customer, Some(on_failure), cancel).await;
        let problem = match &begun {
            Ok(Begin::Begun(..) | Begin::Stopped) => return begun,
            Ok(Begin::Refused(plan)) => refusal_of(plan),
            Err(problem) => problem.clone(),
        };
        if !may_pass(&problem) {
            self.store.stop_request(request, problem).await?;
        }
        begun
    }

    /// See the table of commands. The table that it stands in is told afterwards: one that is away is waited for by nobody.
    pub async fn request_reject(
        self: &Arc<Self>,
        request: RequestId,
        reason: String,
    ) -> Result<OnboardingRequest, Problem> {
        let rejected = self.reject(request, &reason).await?;
        if stands_in_table(&rejected) {
            let app = Arc::clone(self);
            tokio::spawn(async move { app.tell_source().await });
        }
        Ok(rejected)
    }

    /// The same for a process that ends with its answer: the table is told first. With it why the table doesn't say so yet.
    pub async fn reject_and_tell(
        &self,
        request: RequestId,
        reason: &str,
    ) -> Result<(OnboardingRequest, Option<Problem>), Problem> {
        let rejected = self.reject(request, reason).await?;
        if !stands_in_table(&rejected) {
            return Ok((rejected, None));
        }
        self.tell_source().await;
        let untold = self.decision_untold_because(&rejected).await?;
        Ok((rejected, untold))
    }

    async fn reject(&self, request: RequestId, reason: &str) -> Result<OnboardingRequest, Problem> {
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Cause::FieldMissing {
                field: "reason".to_owned(),
            }
            .into());
        }
        let verdict = Verdict {
            state: RequestState::Rejected,
            reason: Some(reason.to_owned()),
            ending: None,
        };
        let kind = RequestKind::Onboarding;
        self.decide_on(request, kind, verdict, "request.rejected")
            .await
    }

    /// See the table of commands. A removal that has succeeded settles it by itself.
    pub async fn request_settle(
        &self,
        request: RequestId,
        pause: bool,
    ) -> Result<OnboardingRequest, Problem> {
        let verdict = Verdict {
            state: RequestState::Settled,
            reason: None,
            ending: Some(if pause { Ending::Paused } else { Ending::Kept }),
        };
        let kind = RequestKind::Cancellation;
        self.decide_on(request, kind, verdict, "subscription.settled")
            .await
    }

    /// See the table of commands.
    pub async fn request_archive(&self, request: RequestId) -> Result<OnboardingRequest, Problem> {
        let verdict = Verdict {
            state: RequestState::Archived,
            reason: None,
            ending: None,
        };
        let audit = self.audit_by_name(request, "request.archived").await?;
        self.store.decide_request(request, verdict, audit).await
    }

    /// See the table of commands.
    pub async fn request_restore(&self, request: RequestId) -> Result<OnboardingRequest, Problem> {
        let audit = self.audit_by_name(request, "request.restored").await?;
        self.store.restore_request(request, audit).await
    }

    /// The removal that goes on of the customer whose subscription has ended: it settles the request once it has succeeded.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn removal_of(&self, request: &OnboardingRequest) -> Result<Option<Run>, Problem> {
        let (RequestKind::Cancellation, Some(customer)) = (request.kind, request.customer) else {
            return Ok(None);
        };
        let last = self.store.last_runs(&[customer]).await?.remove(&customer);
        let goes_on = |run: &Run| run.purpose == Purpose::Deprovision && run.state.is_active();
        Ok(last.filter(goes_on))
    }

    async fn audit_by_name(&self, request: RequestId, action: &str) -> Result<NewAudit, Problem> {
        let asked = self.store.request(request).await?;
        let facts = json!({ "request": request, "name": asked.wish.name });
        Ok(self.audit(action, facts))
    }

    async fn decide_on(
        &self,
        request: RequestId,
        kind: RequestKind,
        verdict: Verdict,
        action: &str,
    ) -> Result<OnboardingRequest, Problem> {
        let asked = self.store.request(request).await?;
        if asked.kind != kind {
            return Err(Cause::RequestOfAnotherKind.into());
        }
        let facts = json!({
            "request": request,
            "name": asked.wish.name,
            "reason": verdict.reason,
            "ending": verdict.ending,
        });
        self.store
            .decide_request(request, verdict, self.audit(action, facts))
            .await
    }

    /// An open request to become a customer, with another subdomain where one is given.
    async fn asked(
        &self,
        request: RequestId,
        subdomain: Option<String>,
    ) -> Result<OnboardingRequest, Problem> {
        let mut request = self.request_get(request).await?;
        if request.kind != RequestKind::Onboarding {
            return Err(Cause::RequestOfAnotherKind.into());
        }
        request.assert_open()?;
        if let Some(subdomain) = subdomain {
            subdomain.trim().clone_into(&mut request.wish.subdomain);
        }
        Ok(request)
    }

    /// The customer that is asked for, where nothing forbids it.
    async fn would_be(&self, request: &OnboardingRequest) -> Result<Customer, Problem> {
        if let Some(problem) = request.missing() {
            return Err(problem);
        }
        let new = request.new_customer();
        let (name, subdomain) = (new.name.clone(), new.subdomain.clone());
        let mut faults = self.faults(&new);
        faults.extend(self.customer_check(name, subdomain, None).await?);
        faults.extend(self.alike_of_new(&new).await?);
        match faults.into_iter().next() {
            Some(problem) => Err(problem),
            None => {
                let slug = slug_of(&new.name);
                Ok(Customer::made(new, slug, self.clock.now()))
            }
        }
    }

    /// A wish as it is kept. What is not said yet is no fault.
    async fn checked(&self, wish: Wish) -> Result<Wish, Problem> {
        let mut wish = wish.trimmed();
        let mut faults = wish.check();
        if !wish.blueprint.is_empty() {
            let plan = Some(wish.plan.as_str()).filter(|plan| !plan.is_empty());
            faults.extend(self.blueprint_faults(&wish.blueprint, plan, &wish.modules));
        }
        if let Some(problem) = faults.into_iter().next() {
            return Err(problem);
        }
        if wish.subdomain.is_empty() {
            wish.subdomain = self.subdomain_suggest(wish.name.clone()).await?;
        }
        Ok(wish)
    }
}

/// Whether the agency's own table is to hear what is decided of it.
fn stands_in_table(request: &OnboardingRequest) -> bool {
    matches!(request.origin, RequestOrigin::Source { .. })
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        net::TcpListener,
        time::Duration,
    };

    use fabrik_domain::{id::RunId, run::RunState};
    use fabrik_store::{Address, NewRun};

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_table_that_gives_no_answer_holds_no_rejection_up() {
        let (_folder, app) = testing::app().await;
        let app = Arc::new(app);
        // It takes whoever comes, and says nothing.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = silent.local_addr().unwrap();
        let url = format!("postgres://fabrik@{address}/agency");
        let table = json!({ "schema": "public", "name": "requests" });
        let results = json!({
            "table": table, "key": "id", "columns": { "status": "status" }, "rejected": "rejected",
        });
        let connected = json!({
            "url": url,
            "since": "2000-01-01T00:00:00Z",
            "mapping": { "table": table, "columns": { "external_id": "id" }, "results": results },
        });
        let connected = connected.to_string();
        let audit = app.audit("source.connected", json!({}));
        let set = app.store.set_setting("source", Some(&connected), audit);
        set.await.unwrap();
        let place = Address::parse(&url).unwrap().place();
        let origin = RequestOrigin::Source {
            table: format!("{place} public.requests by id"),
            row: "1".to_owned(),
            said: BTreeSet::new(),
        };
        let wish = Wish::of(testing::new_customer());
        let now = app.clock.now();
        let asked = OnboardingRequest::new(RequestKind::Onboarding, wish, origin, now);
        let audit = app.audit("request.added", json!({}));
        let asked = app.store.add_request(asked, audit).await.unwrap();

        let rejecting = app.request_reject(asked.id, "Inte nu".to_owned());
        let rejected = tokio::time::timeout(Duration::from_secs(3), rejecting).await;
        let rejected = rejected.expect("nobody waits for it").unwrap();
        assert_eq!(rejected.state, RequestState::Rejected);
    }

    #[tokio::test]
    async fn what_is_put_away_is_counted_and_approved_by_nobody_until_it_is_opened_again() {
        let (_folder, app) = testing::app().await;
        let app = Arc::new(app);
        let wish = Wish::of(testing::new_customer());
        let origin = RequestOrigin::Hand {
            operator: "anna@studio".to_owned(),
        };
        let asked = OnboardingRequest {
            at_once: true,
            ..OnboardingRequest::new(RequestKind::Onboarding, wish, origin, app.clock.now())
        };
        let audit = app.audit("request.added", json!({}));
        let id = app.store.add_request(asked, audit).await.unwrap().id;
        let waiting = async || app.overview().await.unwrap().open_requests;
        assert_eq!(waiting().await, 1);
        app.request_archive(id).await.unwrap();
        assert_eq!(waiting().await, 0);
        assert!(app.due_beginnings().await.unwrap().is_empty());
        let find = async |first| app.find_request("akermark", first).await.unwrap();
        assert_eq!(
            find(RequestState::Open).await.state,
            RequestState::Archived,
            "it is found, and says how to go on"
        );
        let refused = app.request_approve(id, None, None).await;
        assert_eq!(refused.unwrap_err().code(), "request_decided");
        let refused = app.request_review(id, None).await;
        assert_eq!(refused.unwrap_err().code(), "request_decided");

        let restored = app.request_restore(id).await.unwrap();
        assert_eq!(restored.state, RequestState::Open);
        assert_eq!(waiting().await, 1);
        assert!(app.due_beginnings().await.unwrap().is_empty());
        app.request_archive(id).await.unwrap();
        let wish = Wish::of(testing::new_customer());
        let newer = app.request_add(wish).await.unwrap();
        assert_eq!(find(RequestState::Open).await.id, newer.id);
        assert_eq!(find(RequestState::Archived).await.id, id);
    }

    #[tokio::test]
    async fn the_removal_that_goes_on_is_told_with_the_end_of_the_subscription() {
        let (_folder, app) = testing::app().await;
        let lease = testing::run(&app, "here", BTreeMap::new()).await;
        testing::put(&app, &lease, RunState::Succeeded).await;
        let customer = app.store.run(lease.run).await.unwrap().customer;
        let origin = RequestOrigin::Stripe {
            subscription: "sub_1".to_owned(),
            customer: "cus_1".to_owned(),
            price: None,
            beside: false,
        };
        let wish = Wish::of(testing::new_customer());
        let kind = RequestKind::Cancellation;
        let task = OnboardingRequest {
            customer: Some(customer),
            ..OnboardingRequest::new(kind, wish, origin, app.clock.now())
        };
        let removal = async || app.removal_of(&task).await.unwrap().map(|run| run.id);
        assert_eq!(removal().await, None);
        let new = NewRun {
            id: RunId::new(),
            customer,
            purpose: Purpose::Deprovision,
            snapshot: app.store.snapshot(lease.run).await.unwrap(),
            on_failure: OnFailure::Keep,
            operator: "anna@studio".to_owned(),
            steps: Vec::new(),
            at: app.clock.now(),
        };
        let begun = app.store.add_run(new, "here", Duration::from_mins(1));
        let (run, lease) = begun.await.unwrap();
        assert_eq!(removal().await, Some(run.id));
        testing::put(&app, &lease, RunState::Waiting).await;
        assert_eq!(removal().await, Some(run.id));
        testing::put(&app, &lease, RunState::Cancelled).await;
        assert_eq!(removal().await, None, "it came to nothing");
    }
}
