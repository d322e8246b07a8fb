//! A customer removed: the record, and with it what the keyring has of the customer. What an instance is made of is
//! not taken away here; a customer who has one is not removed.

use std::collections::BTreeSet;

use fabrik_domain::{
    Cause, Problem, customer::Customer, id::CustomerId, resource::ResourceKind, secret::SecretRef,
};
use fabrik_store::RunQuery;
use serde_json::json;

use crate::App;

impl App {
    /// See the table of commands.
    pub async fn customer_remove(
        &self,
        customer: CustomerId,
        confirm: String,
    ) -> Result<(), Problem> {
        let customer = self.store.customer(customer).await?;
        if !customer.is_typed(&confirm) {
            return Err(Cause::ConfirmationMismatch {
                expected: customer.subdomain,
            }
            .into());
        }
        let secrets = self.secrets_of(&customer).await?;
        let facts = json!({ "name": customer.name, "subdomain": customer.subdomain });
        self.store
            .remove_customer(customer.id, self.audit("customer.removed", facts))
            .await?;
        // Only now: a removal that is refused takes nothing. The record is gone, and nobody can ask for it again: one that
        // the keyring keeps holds up neither the others nor the answer.
        for secret in &secrets {
            if let Err(problem) = self.vault.remove(secret).await {
                tracing::warn!(%problem, %secret, "the keyring keeps what it has of a customer who is removed");
            }
        }
        Ok(())
    }

    /// What the keyring has of a customer: the address of a database that was imported, those of the projects that runs
    /// made, and what runs that left it there would have used again. They are found by their names, never by what the
    /// record says, which came from a file and could name any secret.
    ///
    /// # Errors
    /// The record has an imported address, and the keyring can't be read: it would be kept for good.
    async fn secrets_of(&self, customer: &Customer) -> Result<Vec<SecretRef>, Problem> {
        let url = self.database_url_reference(customer.id);
        let mut names = BTreeSet::from([url.clone()]);
        let mark = self.engine.mark_of(customer.id);
        let runs = RunQuery {
            customer: Some(customer.id),
            ..RunQuery::default()
        };
        for run in self.store.runs(runs).await? {
            let snapshot = self.store.snapshot(run.id).await?;
            names.extend(fabrik_steps::kept_by_run(mark, run.id, &snapshot));
        }
        for row in self.store.resources(customer.id).await? {
            // Those that were let go too: what was left at the vendor has its address here all the same.
            let has_addresses = matches!(
                row.kind,
                ResourceKind::DatabaseUrl | ResourceKind::SupabaseProject
            );
            if has_addresses && !row.id.is_empty() {
                names.extend(fabrik_steps::database_urls_of(mark, &row.id));
            }
        }
        let mut there = Vec::new();
        for name in names {
            match self.vault.get(&name).await {
                Ok(Some(_)) => there.push(name),
                Ok(None) => {}
                Err(problem) if customer.database_url.as_ref() == Some(&url) => {
                    return Err(problem);
                }
                // A computer without a keyring has nothing to remove from it.
                Err(problem) => {
                    tracing::warn!(%problem, "what the keyring has of a customer can't be seen");
                    break;
                }
            }
        }
        Ok(there)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, sync::Arc};

    use fabrik_domain::{
        id::ResourceId,
        provider::Provider,
        resource::{Origin, Resource, ResourceState},
        run::RunState,
        secret::Secret,
    };
    use fabrik_store::JournalEntry;
    use fabrik_vault::MemoryVault;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn what_the_keyring_has_of_a_customer_goes_with_it_and_nothing_else() {
        let (_folder, mut app) = testing::app().await;
        let vault = Arc::new(MemoryVault::new());
        app.vault = vault.clone();
        let lease = testing::run(&app, "other", BTreeMap::new()).await;
        let customer = app
            .store
            .subdomain_owner("akermark")
            .await
            .unwrap()
            .unwrap();
        let let_go = Resource {
            key: ResourceId::new(),
            customer: customer.id,
            run: lease.run,
            step: "database".to_owned(),
            provider: Provider::Supabase,
            kind: ResourceKind::DatabaseUrl,
            id: "abcdefghijklmnopqrst".to_owned(),
            name: "abcdefghijklmnopqrst".to_owned(),
            url: None,
            content_hash: None,
            origin: Origin::Created,
            state: ResourceState::LetGo,
            at: app.clock.now(),
        };
        let entry = JournalEntry {
            resources: vec![let_go],
            ..JournalEntry::default()
        };
        app.store.journal(&lease, entry).await.unwrap();
        testing::put(&app, &lease, RunState::Failed).await;
        let workspace = app.store.workspace();
        let token = app.token_reference(Provider::GitHub);
        let others = SecretRef::customer(workspace, CustomerId::new(), "database-url");
        let password = SecretRef::run(
            workspace,
            customer.id,
            lease.run,
            "supabase/database-password",
        );
        let project = ["pooled-url", "direct-url", "password"].map(|way| {
            let purpose = format!("database/abcdefghijklmnopqrst/{way}");
            SecretRef::customer(workspace, customer.id, &purpose)
        });
        for kept in [&token, &others, &password].into_iter().chain(&project) {
            app.vault.set(kept, Secret::from("s")).await.unwrap();
        }
        let url = Secret::from("postgres://u:p@db.akermark.se/x");
        app.keep_database_url(customer.id, url).await.unwrap();
        assert_eq!(vault.names().len(), 7);

        let refused = app.customer_remove(customer.id, "other".to_owned()).await;
        assert_eq!(refused.unwrap_err().code(), "confirmation_mismatch");
        assert_eq!(vault.names().len(), 7, "what is refused takes nothing");

        app.customer_remove(customer.id, "akermark".to_owned())
            .await
            .unwrap();
        let left: BTreeSet<_> = vault.names().into_iter().collect();
        let expected = [token, others].map(|kept| match kept {
            SecretRef::Keyring(name) => name,
            other => panic!("{other} is in no keyring"),
        });
        assert_eq!(left, BTreeSet::from(expected));
    }

    #[tokio::test]
    async fn a_record_that_names_another_secret_does_not_take_it_along() {
        let (_folder, mut app) = testing::app().await;
        let vault = Arc::new(MemoryVault::new());
        app.vault = vault.clone();
        let token = app.token_reference(Provider::GitHub);
        app.vault.set(&token, Secret::from("s")).await.unwrap();
        let mut new = testing::new_customer();
        new.database_url = Some(token);
        let customer = app.customer_add(new).await.unwrap();
        app.customer_remove(customer.id, "akermark".to_owned())
            .await
            .unwrap();
        assert_eq!(vault.names().len(), 1, "the token is still there");
    }

    #[tokio::test]
    async fn without_a_keyring_only_who_has_nothing_in_it_is_removed() {
        let (_folder, mut app) = testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        let customer = app.customer_add(testing::new_customer()).await.unwrap();
        let url = Secret::from("postgres://u:p@db.akermark.se/x");
        app.keep_database_url(customer.id, url).await.unwrap();
        let mut new = testing::new_customer();
        (new.name, new.subdomain) = ("Tonika".to_owned(), "tonika".to_owned());
        let other = app.customer_add(new).await.unwrap();
        app.vault = Arc::new(testing::Locked);

        let refused = app
            .customer_remove(customer.id, "akermark".to_owned())
            .await;
        assert_eq!(refused.unwrap_err().code(), "keyring_locked");
        assert!(app.store.customer(customer.id).await.is_ok(), "it is kept");
        app.customer_remove(other.id, "tonika".to_owned())
            .await
            .unwrap();
    }
}
