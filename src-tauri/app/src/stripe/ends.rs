//! The end of a subscription: a task about whose it was, once.

use fabrik_clouds::stripe::Subscription;
use fabrik_domain::{
    Cause, Problem,
    request::{OnboardingRequest, RequestKind, RequestOrigin},
};

use super::reader::Reader;

const KIND: RequestKind = RequestKind::Cancellation;

impl Reader<'_> {
    /// What the end of a subscription asks for. One that was told before with something in its way is that very task,
    /// with what can be read of it by now.
    pub(super) async fn ends(
        &mut self,
        subscription: &Subscription,
        origin: RequestOrigin,
        begun: Option<OnboardingRequest>,
    ) -> Result<Option<OnboardingRequest>, Problem> {
        let told = match origin.key(KIND) {
            Some(key) => self.app.store.request_from(&key).await?,
            None => None,
        };
        let is_clear =
            |told: &OnboardingRequest| told.problem.is_none() || !told.state.is_undecided();
        if told.as_ref().is_some_and(is_clear) {
            return Ok(None);
        }
        let now = self.app.clock.now();
        let asked = match begun {
            Some(begun) => {
                let request = OnboardingRequest::new(KIND, begun.wish, origin, now);
                Some(OnboardingRequest {
                    customer: begun.customer,
                    ..request
                })
            }
            // Long past, or begun and ended between two looks: nobody got anything by it.
            None if told.is_none()
                && self.is_new(subscription) != Some(false)
                && !self.ended_unseen(subscription) =>
            {
                None
            }
            None => {
                self.ended_unknown(subscription, origin, told.is_some())
                    .await?
            }
        };
        let Some(asked) = asked else {
            return Ok(None);
        };
        let customer = asked.customer;
        let asked = self.told_as_end(asked, customer).await?;
        Ok(Some(match told {
            Some(told) => OnboardingRequest {
                wish: asked.wish,
                origin: asked.origin,
                problem: asked.problem,
                customer,
                ..told
            },
            None => asked,
        }))
    }

    /// The end of a subscription that nobody asked by: of interest where its payer is a customer, or can't be read, or its
    /// price is one of ours, or it was told before.
    async fn ended_unknown(
        &self,
        subscription: &Subscription,
        origin: RequestOrigin,
        was_told: bool,
    ) -> Result<Option<OnboardingRequest>, Problem> {
        let (mut wish, unknown, unread) = self.wish(subscription, None).await?;
        let customer = self.customer_of(subscription, &wish).await?;
        let customer = customer.map(|customer| customer.id);
        if customer.is_none() && unknown.is_some() && unread.is_none() && !was_told {
            return Ok(None);
        }
        let nobodys = || {
            Problem::from(Cause::SubscriptionUnknown {
                subscription: subscription.id.clone(),
            })
        };
        let problem = match customer {
            Some(_) => None,
            None => Some(unread.unwrap_or_else(nobodys)),
        };
        if wish.name.is_empty() {
            wish.name.clone_from(&subscription.id);
        }
        let now = self.app.clock.now();
        Ok(Some(OnboardingRequest {
            customer,
            problem,
            ..OnboardingRequest::new(KIND, wish, origin, now)
        }))
    }
}
