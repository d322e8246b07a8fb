//! What something stood in the way of when it was asked for is worked out anew: by whatever Stripe tells of it next, and
//! in each reading where the settings have mended it by then.

use fabrik_clouds::stripe::Subscription;
use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    request::{OnboardingRequest, RequestKind, RequestOrigin, RequestState},
};
use fabrik_store::RequestQuery;

use super::{plans::Chosen, reader::Reader};
use crate::inbox::is_elsewhere;

impl Reader<'_> {
    /// Whether who subscribes is approved without anybody's word.
    pub(super) fn is_at_once(
        &self,
        subscription: &Subscription,
        problem: Option<&Problem>,
        customer: Option<&Customer>,
    ) -> bool {
        // Whether a customer wants another instance is not known: none is made unasked. A blueprint that is not here may be
        // another desktop's, which approves it.
        let clear = problem.is_none_or(is_elsewhere) && customer.is_none();
        self.at_once && self.is_new(subscription) == Some(true) && clear
    }

    /// What somebody asks for by now who has asked before. What nothing stands in the way of is left as it is: it may have
    /// been put right by hand.
    pub(super) async fn asks_anew(
        &self,
        subscription: &Subscription,
        origin: RequestOrigin,
        begun: OnboardingRequest,
    ) -> Result<Option<OnboardingRequest>, Problem> {
        if !begun.state.is_undecided() || begun.problem.is_none() {
            return Ok(None);
        }
        let (wish, problem, _) = self.wish(subscription, Some(&begun.wish)).await?;
        let customer = self.customer_of(subscription, &wish).await?;
        Ok(Some(OnboardingRequest {
            at_once: self.is_at_once(subscription, problem.as_ref(), customer.as_ref()),
            wish,
            origin,
            problem,
            ..begun
        }))
    }

    /// Reads those again that the settings may have mended; with `all` also those that only Stripe itself can have.
    pub(super) async fn again(&mut self, all: bool) -> Result<(), Problem> {
        let open = RequestQuery {
            states: vec![RequestState::Open],
            ..RequestQuery::default()
        };
        for request in self.app.store.requests(open).await? {
            let was_just_read = self.poll.added.iter().any(|one| one.id == request.id);
            if !was_just_read
                && self.may_be_mended(&request, all)
                && let RequestOrigin::Stripe { subscription, .. } = &request.origin
            {
                let asked = self.asked_by(subscription, request.kind).await?;
                self.take(None, asked).await?;
            }
        }
        Ok(())
    }

    /// Whether something else may be read of it by now. Only what a reading itself finds in the way is looked at: what has
    /// kept a request from being approved would be found there each time.
    fn may_be_mended(&self, request: &OnboardingRequest, all: bool) -> bool {
        let (RequestOrigin::Stripe { price, .. }, Some(problem)) =
            (&request.origin, &request.problem)
        else {
            return false;
        };
        let wish = &request.wish;
        match &*problem.cause {
            // It could not be read at all, or nobody was known whose it was.
            Cause::AnswerUnreadable { .. }
            | Cause::Refused { .. }
            | Cause::SubscriptionUnknown { .. } => all,
            // For what it was paid is of no matter to its end.
            _ if request.kind == RequestKind::Cancellation => false,
            Cause::PriceUnknown { price } => {
                let is_known = |id: &str| self.plans.of(id, None).is_some();
                all || price.split(", ").any(is_known)
            }
            Cause::BlueprintUnknown { .. }
            | Cause::PlanUnknown { .. }
            | Cause::ModuleUnknown { .. } => {
                let faultless = |blueprint: &str, plan: &str, modules: &[String]| {
                    let faults = self.app.blueprint_faults(blueprint, Some(plan), modules);
                    faults.is_empty()
                };
                let by_setting = price.as_ref().and_then(|id| self.plans.of(id, None));
                let another = |chosen: &Chosen| {
                    (&chosen.blueprint, &chosen.plan) != (&wish.blueprint, &wish.plan)
                        && faultless(&chosen.blueprint, &chosen.plan, &[])
                };
                all || faultless(&wish.blueprint, &wish.plan, &wish.modules)
                    || by_setting.as_ref().is_some_and(another)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::request::Wish;

    use super::*;
    use crate::{
        stripe::{StripePoll, plans::Plans},
        testing,
    };

    #[tokio::test]
    async fn what_the_settings_have_mended_is_read_again() {
        let (_folder, app) = testing::app().await;
        let settings = app.settings().await.unwrap().values();
        let reader = Reader {
            app: &app,
            stripe: app.clouds(&settings).unwrap().stripe(),
            plans: Plans::parse("price_old=factory/starter"),
            at_once: false,
            followed: None,
            missed: None,
            subscribed: None,
            poll: StripePoll::default(),
        };
        let asked = |blueprint: &str, price: &str, cause: Option<Cause>| {
            let origin = RequestOrigin::Stripe {
                subscription: "sub_1".to_owned(),
                customer: "cus_1".to_owned(),
                price: Some(price.to_owned()),
                beside: false,
            };
            let wish = Wish {
                blueprint: blueprint.to_owned(),
                plan: "starter".to_owned(),
                ..Wish::default()
            };
            let kind = RequestKind::Onboarding;
            OnboardingRequest {
                problem: cause.map(Problem::from),
                ..OnboardingRequest::new(kind, wish, origin, app.clock.now())
            }
        };
        let price = |price: &str| {
            Some(Cause::PriceUnknown {
                price: price.to_owned(),
            })
        };
        let blueprint = || {
            Some(Cause::BlueprintUnknown {
                blueprint: "atelier".to_owned(),
                known: Vec::new(),
            })
        };
        for (request, by_settings, all, why) in [
            (
                asked("", "price_old", None),
                false,
                false,
                "put right by hand",
            ),
            (
                asked("", "price_old", price("price_add, price_old")),
                true,
                true,
                "set",
            ),
            (
                asked("", "price_new", price("price_new")),
                false,
                true,
                "not set",
            ),
            (
                asked("factory", "price_new", blueprint()),
                true,
                true,
                "it is there",
            ),
            (
                asked("atelier", "price_new", blueprint()),
                false,
                true,
                "it is not",
            ),
            (
                asked("atelier", "price_old", blueprint()),
                true,
                true,
                "another is set",
            ),
            (
                asked("factory", "", Some(Cause::CredentialMissing)),
                false,
                false,
                "no reading's",
            ),
        ] {
            assert_eq!(reader.may_be_mended(&request, false), by_settings, "{why}");
            assert_eq!(reader.may_be_mended(&request, true), all, "{why}");
        }
    }
}
