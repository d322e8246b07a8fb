//! Who pays for a subscription, among the customers that are there already: moved in, or added by hand.

use fabrik_clouds::stripe::Subscription;
use fabrik_domain::{
    Problem,
    customer::{Customer, CustomerStatus},
    id::CustomerId,
    request::{Decided, OnboardingRequest, RequestKind, RequestState, Wish},
};
use fabrik_store::{CustomerQuery, RequestQuery};

use super::reader::Reader;

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
            limit: 10,
            ..CustomerQuery::default()
        };
        Ok(self.app.store.customers(query).await?.rows)
    }

    /// Whether a subscription of this customer's, from before it was followed, is how its own instance is paid for.
    pub(super) async fn is_paid_by(
        &self,
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

    /// Whether a subscription to a plan is known as this customer's, and is not known to have ended.
    async fn subscribes(&self, customer: CustomerId) -> Result<bool, Problem> {
        let query = RequestQuery {
            states: vec![RequestState::Approved],
            ..RequestQuery::default()
        };
        for request in self.app.store.requests(query).await? {
            if request.customer != Some(customer) || request.wish.blueprint.is_empty() {
                continue;
            }
            // What came another way is no subscription.
            let Some(end) = request.origin.key(RequestKind::Cancellation) else {
                continue;
            };
            if self.app.store.request_from(&end).await?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
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
