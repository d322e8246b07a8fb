//! The kinds of steps: one line each, and the [`StepFactory`] over them.

use std::sync::Arc;

use async_trait::async_trait;
use fabrik_clouds::{
    GitHub, Gitea, Http, N8n, Resend, Site, Vercel,
    supabase::{Management, ProjectUrl, SupabaseKeys},
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::{StepKind, StepSpec},
    failure::{Failure, Outcome},
    id::{CustomerId, RunId, WorkspaceId},
    ports::Secrets,
    resource::Mark,
    run::Snapshot,
};
use fabrik_engine::step::{Inputs, Occasion, Step, StepFactory, Timing};

use crate::{kept, parameters::Parameters, sign_in::SignIn, values::Values};

/// The line of a kind.
pub(crate) const fn entry(kind: StepKind) -> &'static Entry {
    match kind {
        StepKind::SupabaseProject => &crate::supabase_project::ENTRY,
        StepKind::RecoveryOff => &crate::recovery_off::ENTRY,
        StepKind::ComputeSize => &crate::compute_size::ENTRY,
        StepKind::PointInTimeRecovery => &crate::point_in_time_recovery::ENTRY,
        StepKind::DatabaseUrl => &crate::database_url::ENTRY,
        StepKind::DatabaseSchema => &crate::database_schema::ENTRY,
        StepKind::IsolationCheck => &crate::isolation_check::ENTRY,
        StepKind::AuthSettings => &crate::auth_settings::ENTRY,
        StepKind::AdminUser => &crate::admin_user::ENTRY,
        StepKind::GithubRepo => &crate::github_repo::ENTRY,
        StepKind::ClientConfig => &crate::client_config::ENTRY,
        StepKind::VercelProject => &crate::vercel_project::ENTRY,
        StepKind::VercelEnvironment => &crate::vercel_environment::ENTRY,
        StepKind::VercelDeployment => &crate::vercel_deployment::ENTRY,
        StepKind::CustomDomain => &crate::custom_domain::ENTRY,
        StepKind::N8nWorkflows => &crate::n8n_workflows::ENTRY,
        StepKind::WorkflowBackup => &crate::workflow_backup::ENTRY,
        StepKind::SiteCheck => &crate::site_check::ENTRY,
        StepKind::WelcomeEmail => &crate::welcome_email::ENTRY,
        StepKind::Finalize => &crate::finalize::ENTRY,
    }
}

/// How long a kind of step takes.
pub const fn timing(kind: StepKind) -> Timing {
    entry(kind).timing
}

/// Makes a step of its clients and its rendered parameters.
pub(crate) type Build = fn(&Clouds, &Parameters) -> Result<Box<dyn Step>, Problem>;

/// A kind of step.
pub(crate) struct Entry {
    /// Which.
    pub kind: StepKind,
    /// Counts changes after which a run that began before can't go on with this step.
    pub revision: u32,
    /// Whether `find` tells something before the steps it needs have run.
    pub plans_alone: bool,
    /// How long it takes.
    pub timing: Timing,
    /// Reads the rendered parameters and makes the step. A fault in them is the blueprint's.
    pub build: Build,
}

/// The clients that steps call, made for one workspace's accounts.
#[derive(Clone)]
pub struct Clouds {
    /// Supabase's Management API.
    pub supabase: Management,
    /// Where the projects' own APIs are.
    pub projects: ProjectUrl,
    /// GitHub.
    pub github: GitHub,
    /// Vercel.
    pub vercel: Vercel,
    /// The agency's n8n, where it has one.
    pub n8n: Option<N8n>,
    /// The agency's Gitea, where it has one.
    pub gitea: Option<Gitea>,
    /// Resend.
    pub resend: Resend,
    /// The customers' instances.
    pub site: Site,
    /// The transport, for APIs whose address a step learns.
    pub http: Http,
    /// Secrets, the projects' own keys among them.
    pub secrets: Arc<dyn Secrets>,
    /// Refs of other customers' projects, whose keys must open nothing here. None are needed.
    pub neighbours: Vec<String>,
}

impl Clouds {
    /// n8n; `setting_missing` where nobody has said where it is.
    pub(crate) fn n8n(&self) -> Result<&N8n, Problem> {
        self.n8n.as_ref().ok_or_else(|| missing("n8n.url"))
    }

    /// The same for Gitea.
    pub(crate) fn gitea(&self) -> Result<&Gitea, Problem> {
        self.gitea.as_ref().ok_or_else(|| missing("gitea.url"))
    }
}

/// A setting that nobody has set.
pub(crate) fn missing(setting: &str) -> Problem {
    let setting = setting.to_owned();
    Cause::SettingMissing { setting }.into()
}

/// The same, and with it what is wrong with the vendor's key: whoever sets the one would be told of the other only then.
pub(crate) fn missing_beside<T>(setting: &str, asked: Result<T, Failure>) -> Vec<Problem> {
    let refused = asked
        .err()
        .filter(|failure| failure.outcome == Outcome::Unauthorized);
    let refused = refused.map(|failure| failure.problem);
    std::iter::once(missing(setting)).chain(refused).collect()
}

/// Builds steps.
#[derive(Clone)]
pub struct Registry {
    clouds: Clouds,
    workspace: WorkspaceId,
}

impl Registry {
    /// Over these clients. Lays the projects' keys, which the vendor gives on request, over the secrets.
    pub fn new(mut clouds: Clouds, workspace: WorkspaceId) -> Self {
        clouds.secrets = Arc::new(SupabaseKeys::new(clouds.secrets, clouds.supabase.clone()));
        Self { clouds, workspace }
    }

    /// With the refs of other customers' projects: the isolation check tries the key of one.
    #[must_use]
    pub fn beside(mut self, neighbours: Vec<String>) -> Self {
        self.clouds.neighbours = neighbours;
        self
    }

    pub(crate) fn clouds(&self) -> &Clouds {
        &self.clouds
    }

    /// A step's parameters, rendered with these secrets.
    pub(crate) async fn parameters(
        &self,
        spec: &StepSpec,
        inputs: Inputs<'_>,
        secrets: &dyn Secrets,
    ) -> Result<Parameters, Failure> {
        let mark = self.mark(inputs.snapshot.customer.id);
        let values = Values::gather(spec, inputs, mark, secrets).await?;
        let render = |text: &str| values.render(text);
        let parameters = Parameters::render(&inputs.snapshot.blueprint.name, spec, render)?;
        Ok(parameters.on(inputs.occasion))
    }

    pub(crate) fn mark(&self, customer: CustomerId) -> Mark {
        Mark {
            workspace: self.workspace,
            customer,
        }
    }
}

#[async_trait]
impl StepFactory for Registry {
    fn revision(&self, spec: &StepSpec) -> u32 {
        entry(spec.kind).revision
    }

    fn plans_alone(&self, spec: &StepSpec) -> bool {
        entry(spec.kind).plans_alone
    }

    fn timing(&self, spec: &StepSpec) -> Timing {
        entry(spec.kind).timing
    }

    async fn build(&self, spec: &StepSpec, inputs: Inputs<'_>) -> Result<Box<dyn Step>, Failure> {
        let secrets = self.clouds.secrets.as_ref();
        let mut parameters = self.parameters(spec, inputs, secrets).await?;
        if spec.kind == StepKind::WelcomeEmail && inputs.occasion == Occasion::Run {
            let sign_in = SignIn::of(self, spec, inputs.snapshot, inputs.outputs);
            parameters = parameters.with_sign_in(sign_in);
        }
        let entry = entry(spec.kind);
        tracing::trace!(step = spec.id, kind = %entry.kind, revision = entry.revision, "step built");
        Ok((entry.build)(&self.clouds, &parameters)?)
    }

    async fn forget(&self, run: RunId, snapshot: &Snapshot) -> Result<(), Problem> {
        let mark = self.mark(snapshot.customer.id);
        for entry in kept::of_run(mark, run, snapshot) {
            self.clouds.secrets.remove(&entry).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::secret::Secret;

    use super::*;
    use crate::{
        kept::Kept,
        testing::{Memory, Scene, clouds_with},
    };

    #[tokio::test]
    async fn an_undone_runs_secrets_are_forgotten_and_no_others() {
        let mut scene = Scene::new(StepKind::AdminUser, "admin");
        let mut project = scene.step.clone();
        project.id = "supabase".to_owned();
        project.kind = StepKind::SupabaseProject;
        scene.snapshot.blueprint.steps.push(project);
        let other = RunId::new();
        let kept = [
            Kept::AdminPassword.reference(scene.mark(), scene.run, "admin"),
            Kept::DatabasePassword.reference(scene.mark(), scene.run, "supabase"),
            Kept::AdminPassword.reference(scene.mark(), other, "admin"),
        ];
        let memory = Arc::new(Memory::default());
        for reference in &kept {
            memory.set(reference, Secret::from("s")).await.unwrap();
        }
        let clouds = clouds_with("http://127.0.0.1:9", memory.clone());
        let registry = Registry::new(clouds, scene.workspace);
        for _ in 0..2 {
            registry.forget(scene.run, &scene.snapshot).await.unwrap();
        }
        let left: Vec<_> = memory.0.lock().unwrap().keys().cloned().collect();
        assert_eq!(left, kept[2..]);
    }

    #[test]
    fn every_line_is_of_its_own_kind() {
        for kind in StepKind::ALL {
            let entry = entry(kind);
            assert_eq!(entry.kind, kind, "the line of {kind}");
            assert!(
                entry.timing.usual <= entry.timing.ceiling,
                "{kind} is ready before its ceiling"
            );
        }
    }
}
