//! Whose the Supabase project is that is written on a customer.

use std::collections::BTreeSet;

use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    id::CustomerId,
    resource::{Origin, Resource, ResourceKind, ResourceState},
};

use crate::App;

impl App {
    /// As [`assert_nobody_elses`](Self::assert_nobody_elses), of all that a run of the customer would take for its own.
    pub(crate) async fn assert_own_projects(&self, customer: &Customer) -> Result<(), Problem> {
        let rows = self.store.resources(customer.id).await?;
        let found = rows.iter().filter(|row| is_live_project(row));
        let mut references: BTreeSet<&str> = found.map(|row| row.id.as_str()).collect();
        references.extend(customer.supabase_project_ref.as_deref());
        for reference in references {
            self.assert_nobody_elses(customer.id, reference).await?;
        }
        Ok(())
    }

    /// Refuses a Supabase project that another customer has: what is in it would be opened to this one. One that a run
    /// of this customer's has made is its own, whatever others say.
    pub(crate) async fn assert_nobody_elses(
        &self,
        customer: CustomerId,
        reference: &str,
    ) -> Result<(), Problem> {
        let Some(holder) = self.store.project_holder(reference, customer).await? else {
            return Ok(());
        };
        let own = self.store.resources(customer).await?;
        let is_own = own.iter().any(|row| {
            is_live_project(row) && row.id == reference && row.origin == Origin::Created
        });
        if is_own {
            return Ok(());
        }
        let (reference, customer) = (reference.to_owned(), holder.name);
        let taken = Cause::ProjectOfAnother {
            reference,
            customer,
        };
        Err(taken.into())
    }
}

fn is_live_project(row: &Resource) -> bool {
    row.kind == ResourceKind::SupabaseProject && row.state == ResourceState::Live
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{
        Problem,
        customer::{CustomerPatch, NewCustomer},
    };

    use crate::testing;

    #[tokio::test]
    async fn a_project_that_another_customer_has_is_refused() {
        let (_folder, app) = testing::app().await;
        let reference = Some("abcdefghijklmnopqrst".to_owned());
        let mut new = testing::new_customer();
        new.supabase_project_ref.clone_from(&reference);
        let holder = app.customer_add(new).await.unwrap();
        let other = NewCustomer {
            name: "Thief".to_owned(),
            subdomain: "thief".to_owned(),
            ..testing::new_customer()
        };
        let with_it = NewCustomer {
            supabase_project_ref: reference.clone(),
            ..other.clone()
        };
        let refused = app.customer_add(with_it).await.unwrap_err();
        assert_eq!(refused.code(), "project_of_another");
        let other = app.customer_add(other).await.unwrap();
        let patch = CustomerPatch {
            supabase_project_ref: Some(reference),
            ..CustomerPatch::default()
        };
        let refused = app.customer_edit(other.id, patch.clone()).await;
        assert_eq!(refused.unwrap_err().code(), "project_of_another");
        app.customer_edit(holder.id, patch).await.unwrap();

        // What came in otherwise, by a list or an agency's table, is told before anything is made.
        let written = app.store.project_holder("abcdefghijklmnopqrst", other.id);
        assert_eq!(written.await.unwrap().map(|one| one.id), Some(holder.id));
        let mut asked = other;
        asked.supabase_project_ref = Some("abcdefghijklmnopqrst".to_owned());
        let plan = app.plan_of(asked).await.unwrap();
        let mut told = plan.missing.iter().map(Problem::code);
        assert!(told.any(|code| code == "project_of_another"));
        assert!(!plan.can_run);
    }
}
