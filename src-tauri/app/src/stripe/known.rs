//! Who pays for a subscription, among the customers that are there already: moved in, or added by hand.

use std::collections::BTreeMap;

use fabrik_clouds::stripe::Subscription;
use fabrik_domain::{
    Problem,
    customer::{Customer, CustomerStatus},
    id::CustomerId,
    request::{Decided, OnboardingRequest, RequestKind, RequestOrigin, RequestState, Wish},
};
use fabrik_store::{CustomerQuery, RequestQuery};

use super::reader::Reader;

/// Which subscriptions to plans are known as customers', and are not known to have ended. It is read once for a reading:
/// a first one asks it of each subscription.
#[derive(Debug, Default)]
pub(super) struct Subscribed {
    /// Whose each is, by what the request of its end is known by.
    whose: BTreeMap<String, CustomerId>,
    /// How many each has.
    many: BTreeMap<CustomerId, usize>,
}

impl Subscribed {
    fn of(requests: Vec<OnboardingRequest>) -> Self {
        let mut known = Self::default();
        let is_end = |request: &OnboardingRequest| request.kind == RequestKind::Cancellation;
        let (ends, begun): (Vec<_>, Vec<_>) = requests.into_iter().partition(is_end);
        for request in begun.iter().chain(&ends) {
            known.note(request);
        }
        known
    }

    /// A request that the records have: by it a subscription is a customer's, or has ended.
    pub(super) fn note(&mut self, request: &OnboardingRequest) {
        // What came another way is no subscription.
        let Some(end) = request.origin.key(RequestKind::Cancellation) else {
            return;
        };
        match request.kind {
            RequestKind::Onboarding => {
                let approved = request.state == RequestState::Approved;
                if let Some(customer) = request.customer
                    && approved
                    && !request.wish.blueprint.is_empty()
                    && self.whose.insert(end, customer).is_none()
                {
                    *self.many.entry(customer).or_default() += 1;
                }
            }
            RequestKind::Cancellation => {
                if let Some(customer) = self.whose.remove(&end)
                    && let Some(many) = self.many.get_mut(&customer)
                {
                    *many = many.saturating_sub(1);
                }
            }
        }
    }

    fn has(&self, customer: CustomerId) -> bool {
        self.many.get(&customer).is_some_and(|many| *many > 0)
    }

    /// Whether what ends was beside a customer's plan that goes on: an add-on, or one of several subscriptions to plans.
    /// `end` is what the request of its end is known by. What stands for no plan may all the same be how an instance is
    /// paid for, where no subscription to a plan is known as the customer's, or all have ended.
    fn was_beside(&self, end: &str, customer: CustomerId) -> bool {
        let own = usize::from(self.whose.get(end) == Some(&customer));
        self.many.get(&customer).is_some_and(|many| *many > own)
    }
}

impl Reader<'_> {
    /// The customer who pays: by one of Stripe's ids, where that is its id in an older system, else the only one with
    /// this address. Of several, the only one that has this name too.
    pub(super) async fn customer_of(
        &self,
        subscription: &Subscription,
        wish: &Wish,
    ) -> Result<Option<Customer>, Problem> {
        for id in [&subscription.customer, &subscription.id] {
            let mut found = self.customers_with(id).await?;
            found.retain(|customer| customer.external_id.as_ref() == Some(id));
            if let Some(customer) = only(found) {
                return Ok(Some(customer));
            }
        }
        let email = &wish.contact_email;
        let mut found = self.customers_with(email).await?;
        found.retain(|customer| customer.contact_email.eq_ignore_ascii_case(email));
        if found.len() > 1 {
            found.retain(|customer| customer.name == wish.name);
        }
        Ok(only(found))
    }

    async fn customers_with(&self, word: &str) -> Result<Vec<Customer>, Problem> {
        if word.is_empty() {
            return Ok(Vec::new());
        }
        let query = CustomerQuery {
            search: Some(word.to_owned()),
            ..CustomerQuery::default()
        };
        Ok(self.app.store.customers(query).await?.rows)
    }

    /// Whether a subscription of this customer's, from before it was followed, is how its own instance is paid for.
    pub(super) async fn is_paid_by(
        &mut self,
        customer: &Customer,
        wish: &Wish,
    ) -> Result<bool, Problem> {
        // Who was paused, or whose instance was removed, may want to come back.
        if customer.status == CustomerStatus::Inactive {
            return Ok(false);
        }
        // What stands for no plan is beside one. A second plan may be for a second instance.
        Ok(wish.blueprint.is_empty() || !self.subscribes(customer.id).await?)
    }

    /// The end of a subscription, told as what it is to this customer: the end of its plan, or of what was beside that.
    pub(super) async fn told_as_end(
        &mut self,
        mut request: OnboardingRequest,
        customer: Option<CustomerId>,
    ) -> Result<OnboardingRequest, Problem> {
        let end = request.origin.key(RequestKind::Cancellation);
        let (Some(customer), Some(end)) = (customer, end) else {
            return Ok(request);
        };
        let was_beside = self.known().await?.was_beside(&end, customer);
        if let RequestOrigin::Stripe { beside, .. } = &mut request.origin {
            *beside = was_beside;
        }
        Ok(request)
    }

    /// Whether a subscription to a plan is known as this customer's, and is not known to have ended.
    async fn subscribes(&mut self, customer: CustomerId) -> Result<bool, Problem> {
        Ok(self.known().await?.has(customer))
    }

    async fn known(&mut self) -> Result<&Subscribed, Problem> {
        let known = match self.subscribed.take() {
            Some(known) => known,
            None => Subscribed::of(self.app.store.requests(RequestQuery::default()).await?),
        };
        Ok(self.subscribed.insert(known))
    }
}

/// The request of somebody who is a customer already. It asks for nothing, and is kept: by it the subscription is known
/// as this customer's, whatever becomes of the address, until it ends.
pub(super) fn answered(request: OnboardingRequest, customer: &Customer) -> OnboardingRequest {
    OnboardingRequest {
        state: RequestState::Approved,
        decided: Some(Decided {
            at: request.created_at,
            by: "Stripe".to_owned(),
            reason: None,
            ending: None,
            told_at: None,
        }),
        customer: Some(customer.id),
        wish: Wish {
            subdomain: customer.subdomain.clone(),
            ..request.wish
        },
        ..request
    }
}

fn only(found: Vec<Customer>) -> Option<Customer> {
    match <[Customer; 1]>::try_from(found) {
        Ok([only]) => Some(only),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use fabrik_clouds::stripe::Standing;
    use fabrik_domain::customer::NewCustomer;
    use jiff::Timestamp;

    use super::*;
    use crate::{
        stripe::{StripePoll, plans::Plans},
        testing,
    };

    const NOW: &str = "2026-11-22T12:00:00Z";

    fn request(kind: RequestKind, subscription: &str, customer: CustomerId) -> OnboardingRequest {
        let origin = RequestOrigin::Stripe {
            subscription: subscription.to_owned(),
            customer: "cus_1".to_owned(),
            price: None,
            beside: false,
        };
        let wish = Wish {
            blueprint: "factory".to_owned(),
            ..Wish::default()
        };
        let now: Timestamp = NOW.parse().unwrap();
        OnboardingRequest {
            state: RequestState::Approved,
            customer: Some(customer),
            ..OnboardingRequest::new(kind, wish, origin, now)
        }
    }

    #[test]
    fn a_customer_subscribes_until_the_last_of_its_subscriptions_has_ended() {
        use RequestKind::{Cancellation, Onboarding};
        let [one, other, nobody] = [(); 3].map(|()| CustomerId::new());
        let open = OnboardingRequest {
            state: RequestState::Open,
            ..request(Onboarding, "sub_open", nobody)
        };
        let mut beside = request(Onboarding, "sub_beside", nobody);
        beside.wish.blueprint.clear();
        let by_hand = OnboardingRequest {
            origin: RequestOrigin::Hand {
                operator: "anna@desk".to_owned(),
            },
            ..request(Onboarding, "", nobody)
        };
        let mut known = Subscribed::of(vec![
            // The newest first, as the records list them: an end before its beginning.
            request(Cancellation, "sub_1", one),
            open,
            beside,
            by_hand,
            request(Onboarding, "sub_2", one),
            request(Onboarding, "sub_1", one),
        ]);
        assert!(known.has(one), "the second goes on");
        assert!(!known.has(other) && !known.has(nobody));

        // What is read meanwhile counts too, once.
        known.note(&request(Onboarding, "sub_3", other));
        known.note(&request(Onboarding, "sub_3", other));
        assert!(known.has(other));
        for _ in 0..2 {
            known.note(&request(Cancellation, "sub_3", other));
            assert!(!known.has(other));
        }
        assert!(known.has(one), "which is another's");
        known.note(&request(Cancellation, "sub_2", one));
        assert!(!known.has(one));
    }

    #[test]
    fn what_ends_beside_a_customers_plan_is_no_end_of_the_customer() {
        use RequestKind::{Cancellation, Onboarding};
        let [one, swapped, unmapped] = [(); 3].map(|()| CustomerId::new());
        let end_of = |subscription: &str, customer: CustomerId| {
            let origin = request(Cancellation, subscription, customer).origin;
            origin.key(Cancellation).unwrap()
        };
        let beside = |subscription: &str, customer: CustomerId| OnboardingRequest {
            wish: Wish::default(),
            ..request(Onboarding, subscription, customer)
        };
        let mut known = Subscribed::of(vec![
            request(Onboarding, "sub_1", one),
            beside("sub_1_support", one),
            request(Onboarding, "sub_old", swapped),
            request(Onboarding, "sub_new", swapped),
            beside("sub_unmapped", unmapped),
        ]);
        for (subscription, customer, expected, told) in [
            ("sub_1_support", one, true, "its plan goes on"),
            ("sub_1", one, false, "what goes on is no plan"),
            ("sub_unknown", one, true, "never asked by"),
            ("sub_old", swapped, true, "the new one goes on"),
            ("sub_unmapped", unmapped, false, "its only one"),
        ] {
            let end = end_of(subscription, customer);
            let was = known.was_beside(&end, customer);
            assert_eq!(was, expected, "{subscription}: {told}");
        }
        // Nothing says that another pays for the plan, which may have been swapped for this one.
        known.note(&request(Cancellation, "sub_1", one));
        assert!(!known.was_beside(&end_of("sub_1_support", one), one));
        known.note(&request(Cancellation, "sub_old", swapped));
        assert!(!known.was_beside(&end_of("sub_new", swapped), swapped));
    }

    #[tokio::test]
    async fn who_pays_is_found_among_many_whose_addresses_hold_the_same() {
        let (_folder, app) = testing::app().await;
        let add = async |name: &str, email: String| {
            let new = NewCustomer {
                name: name.to_owned(),
                subdomain: name.to_lowercase(),
                contact_email: email,
                ..testing::new_customer()
            };
            app.customer_add(new).await.unwrap()
        };
        // Whatever they are sorted by, it is in the middle.
        for number in 10..22 {
            add(&format!("A{number}"), format!("a{number}a@lyran.example")).await;
        }
        let lyran = add("Lyran", "a@lyran.example".to_owned()).await;
        for number in 10..22 {
            add(&format!("Z{number}"), format!("z{number}a@lyran.example")).await;
        }
        let settings = app.settings().await.unwrap().values();
        let reader = Reader {
            app: &app,
            stripe: app.clouds(&settings).unwrap().stripe(),
            plans: Plans::parse(""),
            at_once: false,
            followed: None,
            missed: None,
            subscribed: None,
            poll: StripePoll::default(),
        };
        let subscription = Subscription {
            id: "sub_1".to_owned(),
            created: NOW.parse().unwrap(),
            ended: None,
            standing: Standing::Runs,
            customer: "cus_1".to_owned(),
            metadata: BTreeMap::new(),
            prices: Vec::new(),
        };
        let wish = Wish {
            contact_email: "a@lyran.example".to_owned(),
            ..Wish::default()
        };
        let found = reader.customer_of(&subscription, &wish).await.unwrap();
        assert_eq!(found.map(|customer| customer.id), Some(lyran.id));
    }
}
