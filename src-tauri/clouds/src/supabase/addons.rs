//! What a project is billed for beside its plan: its instance, and recovery to a point in time.

use fabrik_domain::failure::Failure;
use serde::{Deserialize, Serialize};

use super::Management;
use crate::{Call, status::found};

/// What recovery is among the things that are billed apart.
const RECOVERY: &str = "pitr";
/// What the instance is among them.
const INSTANCE: &str = "compute_instance";
/// What Supabase calls an instance there, before its size.
const SIZE: &str = "ci_";

/// What a project is billed for beside its plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Addons {
    selected_addons: Vec<Addon>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Addon {
    r#type: String,
    variant: Variant,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Variant {
    id: String,
}

/// The body of `v1-apply-project-addon`.
#[derive(Serialize)]
struct Applied<'a> {
    addon_type: &'static str,
    addon_variant: &'a str,
}

impl Management {
    /// Which recovery a project has: `pitr_7`, `pitr_14`, `pitr_28`; `None` for daily backups alone.
    /// `v1-list-project-addons`.
    pub async fn recovery(&self, reference: &str) -> Result<Option<String>, Failure> {
        self.addon(reference, RECOVERY).await
    }

    /// Gives a project this recovery in place of another: `v1-apply-project-addon`. It is billed from now on.
    /// Asking for what is there changes nothing.
    pub async fn set_recovery(&self, reference: &str, variant: &str) -> Result<(), Failure> {
        self.apply(reference, RECOVERY, variant).await
    }

    /// Takes this recovery from a project: `v1-remove-project-addon`. What it could have gone back to is lost. `false`
    /// where Supabase says 404.
    pub async fn remove_recovery(&self, reference: &str, variant: &str) -> Result<bool, Failure> {
        self.remove(reference, variant).await
    }

    /// The size of a project's instance: `micro`, `small` …; `None` where nothing is billed for it, as in the free plan.
    /// `v1-list-project-addons`.
    pub async fn instance_size(&self, reference: &str) -> Result<Option<String>, Failure> {
        let addon = self.addon(reference, INSTANCE).await?;
        Ok(addon.map(|id| id.strip_prefix(SIZE).unwrap_or(&id).to_owned()))
    }

    /// Gives a project an instance of this size: `v1-apply-project-addon`. Its database is away for a minute or two, and
    /// it is billed from now on. Asking for what is there changes nothing.
    pub async fn set_instance_size(&self, reference: &str, size: &str) -> Result<(), Failure> {
        let variant = format!("{SIZE}{size}");
        self.apply(reference, INSTANCE, &variant).await
    }

    async fn addon(&self, reference: &str, kind: &str) -> Result<Option<String>, Failure> {
        const CALL: Call = Call::reads("v1-list-project-addons").needs(&["infra_add_ons_read"]);
        let path = ["v1", "projects", reference, "billing", "addons"];
        let addons: Addons = self.account.get(CALL, path).receive().await?;
        let mut selected = addons.selected_addons.into_iter();
        let addon = selected.find(|addon| addon.r#type == kind);
        Ok(addon.map(|addon| addon.variant.id))
    }

    async fn apply(
        &self,
        reference: &str,
        addon_type: &'static str,
        addon_variant: &str,
    ) -> Result<(), Failure> {
        const CALL: Call = Call::changes("v1-apply-project-addon").needs(&["infra_add_ons_write"]);
        let path = ["v1", "projects", reference, "billing", "addons"];
        let body = Applied {
            addon_type,
            addon_variant,
        };
        self.account
            .patch(CALL, path)
            .json(&body)
            .send()
            .await
            .map(drop)
    }

    async fn remove(&self, reference: &str, variant: &str) -> Result<bool, Failure> {
        const CALL: Call = Call::changes("v1-remove-project-addon").needs(&["infra_add_ons_write"]);
        let path = ["v1", "projects", reference, "billing", "addons", variant];
        Ok(found(self.account.delete(CALL, path).send().await)?.is_some())
    }
}
