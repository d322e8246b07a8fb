//! The address of a customer's database that an older system has: kept in the keyring, with a reference to it in the
//! customer's record. Those of databases that runs make are their steps' affair.

use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    id::CustomerId,
    secret::{ExposeSecret, Secret, SecretRef},
};
use serde_json::json;

use crate::App;

impl App {
    /// Where an address of this customer's database is kept. One that a run keeps here is not taken the place of;
    /// one that a run on another desktop keeps, in that computer's keyring, is kept here under the same name.
    pub(crate) async fn place_of_database_url(
        &self,
        customer: &Customer,
        url: &Secret,
    ) -> Result<SecretRef, Problem> {
        let imported = self.database_url_reference(customer.id);
        // What was imported before, or is a variable, may be imported anew.
        let kept = match &customer.database_url {
            Some(kept) if *kept != imported && !matches!(kept, SecretRef::Env(_)) => kept,
            _ => return Ok(imported),
        };
        // By its name: the record could name any secret.
        let mark = self.engine.mark_of(customer.id);
        let project = customer.supabase_project_ref.as_deref().unwrap_or_default();
        if !fabrik_steps::database_urls_of(mark, project).contains(kept)
            || self.vault.get(kept).await?.is_some()
        {
            return Err(Cause::DatabaseUrlKept.into());
        }
        if !fabrik_steps::opens_database_of(url, project) {
            let why = format!("it has no password, or is not the address of {project}");
            return Err(Problem::from(Cause::DatabaseUrlInvalid).detail(why));
        }
        Ok(kept.clone())
    }

    /// Keeps the URL of a customer's database in an older system: in the keyring, with a reference to it in the
    /// customer's record.
    pub(crate) async fn keep_database_url(
        &self,
        customer: CustomerId,
        url: Secret,
    ) -> Result<(), Problem> {
        let reference = self.database_url_reference(customer);
        self.keep_database_url_at(customer, &reference, url).await
    }

    /// The same, in the place that [`place_of_database_url`](Self::place_of_database_url) has told.
    pub(crate) async fn keep_database_url_at(
        &self,
        customer: CustomerId,
        reference: &SecretRef,
        url: Secret,
    ) -> Result<(), Problem> {
        self.vault.set(reference, url).await?;
        let audit = self.audit("customer.database_url_imported", json!({}));
        self.store
            .set_database_url(customer, reference, audit)
            .await
    }

    /// Where the address that a customer came with is kept.
    pub(crate) fn database_url_reference(&self, customer: CustomerId) -> SecretRef {
        fabrik_steps::imported_database_url(self.engine.mark_of(customer))
    }
}

/// Refuses what is no address of a database: it is never told, and would be found out by whoever uses it.
pub(crate) fn check_database_url(url: &Secret) -> Result<(), Problem> {
    let text = url.expose_secret();
    let known = ["postgres://", "postgresql://"];
    if known.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(());
    }
    Err(Cause::DatabaseUrlInvalid.into())
}
