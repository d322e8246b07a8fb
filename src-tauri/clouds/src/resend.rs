//! Resend: mail.

mod dialect;
mod domain;
mod email;
#[cfg(test)]
mod tests;

use fabrik_domain::{gate::Charge, id::CustomerId};

use crate::{Account, BaseUrl, Http, Scheme, Token};

pub use domain::Senders;
pub use email::{Email, SentEmail};

/// Resend's API as an account may use it. Cheap to clone.
#[derive(Clone)]
pub struct Resend {
    account: Account,
}

impl Resend {
    /// The API at `base`, with the token that is there at each call.
    pub fn new(http: Http, base: BaseUrl, token: Token) -> Self {
        let account = Account::new(http, dialect::ResendDialect, base, token, Scheme::Bearer);
        Self { account }
    }

    /// The same for a customer's calls: the gates deal turns by customer.
    #[must_use]
    pub fn for_customer(&self, customer: CustomerId) -> Self {
        Self {
            account: self.account.for_customer(customer),
        }
    }

    /// What so many calls count: for the gates' forecast.
    pub fn demand(&self, calls: u32) -> Vec<Charge> {
        self.account.charges(vec![dialect::counted()], calls)
    }
}
