//! What the inbox needs nobody's word for: Stripe is read, a provisioning is begun whose process was killed between
//! the approval and its beginning, and requests are approved that need nobody's word. Each is done once, whoever of several processes looks.

use std::{sync::Arc, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    failure::{Failure, Outcome},
    id::RequestId,
    request::{OnboardingRequest, RequestState},
    run::OnFailure,
};
use fabrik_store::DueRequest;
use tokio_util::sync::CancellationToken;

use crate::{App, Begin, going_back::Way};

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

    async fn approve_at_once(
        &self,
        request: &OnboardingRequest,
    ) -> Result<Option<Beginning>, Problem> {
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
            customer: self.store.customer(customer).await?,
            on_failure,
        }))
    }
}

/// Whether time alone may mend it: somebody is away, or busy.
pub(crate) fn may_pass(problem: &Problem) -> bool {
    match Failure::from(problem.clone()).outcome {
        Outcome::NotSent | Outcome::Throttled(_) => true,
        _ => matches!(
            *problem.cause,
            Cause::DatabaseBusy | Cause::DatabaseUnreachable { .. }
        ),
    }
}
