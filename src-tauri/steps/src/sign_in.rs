//! The sign-in link, made for the mail that it stands in. It holds for a limited time, and each new one makes
//! the one before it worthless: so it is no sooner made than it is needed, and never where somebody only looks.

use std::{collections::BTreeMap, fmt, sync::Arc};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    blueprint::{StepKind, StepSpec},
    failure::Failure,
    ports::Secrets,
    run::{Output, Outputs, Snapshot},
    secret::{Secret, SecretRef},
};
use fabrik_engine::step::{Inputs, Occasion};

use crate::{
    admin_user::{self, first_sign_in},
    parameters::Parameters,
    registry::Registry,
};

/// A step's parameters as they are with a link made now.
pub(crate) struct SignIn {
    registry: Registry,
    step: StepSpec,
    admin: StepSpec,
    snapshot: Snapshot,
    outputs: BTreeMap<String, Outputs>,
    /// What the link is called in the templates' place.
    link: SecretRef,
}

impl SignIn {
    /// For a step of a blueprint with a user whose link it may hold.
    pub(crate) fn of(
        registry: &Registry,
        step: &StepSpec,
        snapshot: &Snapshot,
        outputs: &BTreeMap<String, Outputs>,
    ) -> Option<Self> {
        let mut steps = snapshot.blueprint.steps.iter();
        let admin = steps.find(|step| step.kind == StepKind::AdminUser)?;
        let Some(Output::Secret(link)) = outputs.get(&admin.id)?.get(first_sign_in::LINK) else {
            return None;
        };
        Some(Self {
            registry: registry.clone(),
            step: step.clone(),
            admin: admin.clone(),
            snapshot: snapshot.clone(),
            outputs: outputs.clone(),
            link: link.clone(),
        })
    }

    /// Makes the link, and renders the parameters with it.
    pub(crate) async fn parameters(&self) -> Result<Parameters, Failure> {
        let clouds = self.registry.clouds();
        let admin = self
            .registry
            .parameters(&self.admin, self.inputs(), clouds.secrets.as_ref());
        let made = admin_user::new_link(clouds, &admin.await?, self.user()).await?;
        let secrets = Fresh {
            below: Arc::clone(&clouds.secrets),
            fresh: (self.link.clone(), made),
        };
        self.registry
            .parameters(&self.step, self.inputs(), &secrets)
            .await
    }

    /// The id of the user that a run made; `None` where none has said it.
    fn user(&self) -> Option<&str> {
        match self.outputs.get(&self.admin.id)?.get("user_id")? {
            Output::Public(id) => Some(id),
            Output::Secret(_) => None,
        }
    }

    fn inputs(&self) -> Inputs<'_> {
        Inputs {
            snapshot: &self.snapshot,
            outputs: &self.outputs,
            occasion: Occasion::Run,
        }
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignIn({} for {})", self.admin.id, self.step.id)
    }
}

/// Secrets with one that was made now in its place.
struct Fresh {
    below: Arc<dyn Secrets>,
    fresh: (SecretRef, Secret),
}

#[async_trait]
impl Secrets for Fresh {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        let (fresh, secret) = &self.fresh;
        if fresh == reference {
            return Ok(Some(secret.clone()));
        }
        self.below.get(reference).await
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        self.below.set(reference, secret).await
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        self.below.remove(reference).await
    }

    async fn writable(&self) -> Result<(), Problem> {
        self.below.writable().await
    }
}
