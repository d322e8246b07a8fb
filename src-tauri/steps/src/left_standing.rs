//! What an undo says when it leaves something where it is, and what goes with a Supabase project.

use fabrik_clouds::supabase::{Management, Sighting};
use fabrik_domain::{
    Cause, Problem,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
};
use fabrik_engine::step::{Parent, Undone};

/// It stands there without our mark.
pub(crate) fn not_ours(provider: Provider, name: &str) -> Undone {
    let name = name.to_owned();
    Undone::Refused(Problem::from(Cause::NotOurs { name }).by(provider))
}

/// It isn't as we wrote it any more.
pub(crate) fn changed_since(provider: Provider, name: &str) -> Undone {
    let name = name.to_owned();
    Undone::Refused(Problem::from(Cause::ChangedSince { name }).by(provider))
}

/// It was there before, and is nobody's to take away.
pub(crate) fn was_there_before(provider: Provider, name: &str) -> Undone {
    let name = name.to_owned();
    Undone::Refused(Problem::from(Cause::WasThereBefore { name }).by(provider))
}

/// It may hold data that is the customer's.
pub(crate) fn holds_data(provider: Provider, name: &str) -> Undone {
    let name = name.to_owned();
    Undone::Refused(Problem::from(Cause::HoldsData { name }).by(provider))
}

/// Nothing is seen, and the token may be the reason.
pub(crate) fn cannot_see(provider: Provider, name: &str) -> Undone {
    let name = name.to_owned();
    Undone::CannotSee(Problem::from(Cause::CannotSee { name }).by(provider))
}

/// A Supabase project as what something lies in.
pub(crate) fn supabase(reference: &str) -> Parent {
    Parent::covering(ResourceKind::SupabaseProject, reference)
}

/// What became of something that lies in the project of this id, where the project tells: gone with it, or
/// out of sight. `None` while the project is there.
pub(crate) async fn with_project(
    management: &Management,
    existing: &Existing,
) -> Result<Option<Undone>, Failure> {
    in_project(management, &existing.id, &existing.name).await
}

/// The same for something with an id of its own.
pub(crate) async fn in_project(
    management: &Management,
    reference: &str,
    name: &str,
) -> Result<Option<Undone>, Failure> {
    Ok(match management.project(reference).await? {
        Sighting::Removed => Some(Undone::Gone),
        Sighting::NotVisible => Some(cannot_see(Provider::Supabase, name)),
        Sighting::There(project) => (project.status == "REMOVED").then_some(Undone::Gone),
    })
}
