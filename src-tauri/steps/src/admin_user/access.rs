//! The ways into a project's own APIs: with the key that the run has, and with one that is asked for now.

use fabrik_clouds::{
    BaseUrl,
    supabase::{Admin, LinkKind, ProjectApi, SupabaseKeys},
};
use fabrik_domain::{Cause, Problem, failure::Failure, provider::Provider, secret::Secret};
use fabrik_engine::step::Undone;

use super::With;
use crate::{
    left_standing,
    parameters::{Parameters, filled},
    registry::Clouds,
};

pub(super) type Project = (ProjectApi, Admin);

/// The parameters, and the project's APIs; none in a plan, which knows no project yet.
pub(super) fn read(
    clouds: &Clouds,
    parameters: &Parameters,
) -> Result<(With, Option<Project>), Problem> {
    let with: With = parameters.read(&["/secret_key"])?;
    let project = match parameters.secret("/secret_key")? {
        Some(key) if !with.project_url.is_empty() => Some(connect(clouds, &with, key.clone())?),
        _ => None,
    };
    Ok((with, project))
}

pub(super) fn connect(clouds: &Clouds, with: &With, key: Secret) -> Result<Project, Problem> {
    let base = BaseUrl::parse(&with.project_url)?;
    let api = ProjectApi::new(clouds.http.clone(), base);
    let legacy = clouds
        .projects
        .reference(&with.project_url)
        .map(SupabaseKeys::legacy);
    let admin = Admin::new(api.clone(), key, clouds.secrets.clone(), legacy);
    Ok((api, admin))
}

/// With a key that is asked for now: what a run had is gone when it is undone. Else what became of the user of
/// this name.
pub(super) async fn back(
    clouds: &Clouds,
    with: &With,
    name: &str,
) -> Result<Result<Admin, Undone>, Failure> {
    let out_of_sight = || Ok(Err(left_standing::cannot_see(Provider::Supabase, name)));
    let Some(reference) = clouds.projects.reference(&with.project_url) else {
        return out_of_sight();
    };
    if let Some(undone) = left_standing::in_project(&clouds.supabase, reference, name).await? {
        return Ok(Err(undone));
    }
    let keys = clouds.supabase.api_keys(reference).await?;
    let Some(key) = keys.secret(reference) else {
        return out_of_sight();
    };
    match clouds.secrets.get(&key).await? {
        Some(key) => Ok(Ok(connect(clouds, with, key)?.1)),
        None => out_of_sight(),
    }
}

/// A sign-in link made now, for a mail that is sent again. Those made before are worth nothing any more. It is made for
/// the address that the `user` of this id has: the customer may be reached at another by now.
pub(crate) async fn new_link(
    clouds: &Clouds,
    parameters: &Parameters,
    user: Option<&str>,
) -> Result<Secret, Failure> {
    let (with, project) = read(clouds, parameters)?;
    let Some((_, admin)) = project else {
        let reference = "secret_key".to_owned();
        let problem = Problem::from(Cause::SecretMissing {
            reference,
            variable: None,
        });
        return Err(problem.by(Provider::Supabase).into());
    };
    let to = filled(&with.redirect_to);
    let user = match user.and_then(filled) {
        Some(id) => admin.user(id).await?,
        None => None,
    };
    let email = user.map(|user| user.email);
    let email = email.as_deref().and_then(filled).unwrap_or(&with.email);
    let link = admin.link(LinkKind::Recovery, email, to).await?;
    Ok(link.action_link)
}
