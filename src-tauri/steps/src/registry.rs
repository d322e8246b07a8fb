//! The kinds of steps: one line each, and the [`StepFactory`] over them.

use std::sync::Arc;

use async_trait::async_trait;
use fabrik_clouds::{
    GitHub, Http, Resend, Site, Vercel,
    supabase::{Management, ProjectUrl, SupabaseKeys},
};
use fabrik_domain::{
    Problem,
    blueprint::{StepKind, StepSpec},
    failure::Failure,
    id::WorkspaceId,
    ports::Secrets,
    resource::Mark,
};
use fabrik_engine::step::{Inputs, Step, StepFactory, Timing};

use crate::{
    admin_user, auth_settings, client_config, database_schema, finalize, github_repo,
    parameters::Parameters, site_check, supabase_project, values::Values, vercel_deployment,
    vercel_environment, vercel_project, welcome_email,
};

/// The line of a kind.
const fn entry(kind: StepKind) -> &'static Entry {
    match kind {
        StepKind::SupabaseProject => &supabase_project::ENTRY,
        StepKind::DatabaseSchema => &database_schema::ENTRY,
        StepKind::AuthSettings => &auth_settings::ENTRY,
        StepKind::AdminUser => &admin_user::ENTRY,
        StepKind::GithubRepo => &github_repo::ENTRY,
        StepKind::ClientConfig => &client_config::ENTRY,
        StepKind::VercelProject => &vercel_project::ENTRY,
        StepKind::VercelEnvironment => &vercel_environment::ENTRY,
        StepKind::VercelDeployment => &vercel_deployment::ENTRY,
        StepKind::SiteCheck => &site_check::ENTRY,
        StepKind::WelcomeEmail => &welcome_email::ENTRY,
        StepKind::Finalize => &finalize::ENTRY,
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
    /// Resend.
    pub resend: Resend,
    /// The customers' instances.
    pub site: Site,
    /// The transport, for APIs whose address a step learns.
    pub http: Http,
    /// Secrets, the projects' own keys among them.
    pub secrets: Arc<dyn Secrets>,
}

/// Builds steps.
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

    /// Secrets as the steps see them: a run's context should have the same.
    pub fn secrets(&self) -> Arc<dyn Secrets> {
        Arc::clone(&self.clouds.secrets)
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
        let mark = Mark {
            workspace: self.workspace,
            customer: inputs.snapshot.customer.id,
        };
        let values = Values::gather(spec, inputs, mark, self.clouds.secrets.as_ref()).await?;
        let parameters = Parameters::render(&inputs.snapshot.blueprint.name, spec, |text| {
            values.render(text)
        })?;
        let entry = entry(spec.kind);
        tracing::trace!(step = spec.id, kind = %entry.kind, revision = entry.revision, "step built");
        Ok((entry.build)(&self.clouds, &parameters)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
