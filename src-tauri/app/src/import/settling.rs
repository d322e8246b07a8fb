//! What becomes of an accepted row once the records have said their verdict: the address of its database is kept beside them.

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, NewCustomer},
    secret::Secret,
};
use fabrik_store::Inserted;

use crate::App;

/// The address of a database that is to be kept, and the customer whose it is.
pub(super) type NewUrl = (Secret, NewCustomer);

impl App {
    /// The customer that an accepted row was made into, and what went wrong with it: one whose database's address could not
    /// be kept is there all the same.
    pub(super) async fn settle_row(
        &self,
        verdict: Inserted,
        url: Option<NewUrl>,
        dry_run: bool,
    ) -> Result<(Option<Customer>, Option<Problem>), Problem> {
        let customer = match verdict {
            Inserted::Added(customer) => *customer,
            Inserted::Refused(problem) => {
                let half = match &url {
                    Some((_, new)) => self.half_imported(new).await?,
                    None => None,
                };
                let Some(half) = half else {
                    return Ok((None, Some(problem)));
                };
                half
            }
        };
        let Some((url, _)) = url else {
            return Ok((Some(customer), None));
        };
        if self.is_sandbox() {
            let problem = Cause::SandboxKeepsNoSecrets.into();
            return Ok((Some(customer), Some(problem)));
        }
        if dry_run {
            return Ok((Some(customer), None));
        }
        match self.keep_database_url(customer.id, url).await {
            Ok(()) => {
                let customer = self.store.customer(customer.id).await?;
                Ok((Some(customer), None))
            }
            Err(problem) => Ok((Some(customer), Some(problem))),
        }
    }

    /// The customer that a row was made into where only its database's address is missing: who imported it was killed
    /// before that was kept.
    async fn half_imported(&self, new: &NewCustomer) -> Result<Option<Customer>, Problem> {
        if self.is_sandbox() {
            return Ok(None);
        }
        let there = self.store.subdomain_owner(&new.subdomain).await?;
        Ok(there.filter(|there| {
            there.database_url.is_none()
                && there.name == new.name
                && there.contact_email == new.contact_email
                && there.external_id == new.external_id
        }))
    }
}
