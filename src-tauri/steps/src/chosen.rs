//! What a run has chosen for a Supabase project among what is billed apart. It is known by the records: what stands
//! there and was not chosen by a run is somebody's wish, and is never lessened.

use fabrik_domain::resource::{Origin, Resource, ResourceKind, ResourceState};
use fabrik_engine::step::Context;

/// Whether what the row says of the project was not taken back. A rollback lets go of what it leaves as an earlier run or
/// itself chose it; what the owner has let go of is the owner's.
fn stands(row: &Resource) -> bool {
    match row.state {
        ResourceState::Live | ResourceState::Leftover => true,
        ResourceState::LetGo => row.origin == Origin::Adopted,
        ResourceState::Intended | ResourceState::Removed => false,
    }
}

/// The row that says what a project was last seen with. Whatever its step was called then.
fn last<'a>(cx: &'a Context<'_>, kind: ResourceKind, project: &str) -> Option<&'a Resource> {
    let mut rows = cx.all.iter().rev();
    rows.find(|row| row.kind == kind && row.id == project && stands(row))
}

/// What a run has chosen for the project, where no later one has found something else there.
pub(crate) fn by_run<'a>(
    cx: &'a Context<'_>,
    kind: ResourceKind,
    project: &str,
) -> Option<&'a str> {
    last(cx, kind, project)?.content_hash.as_deref()
}

/// What the project was last seen with.
pub(crate) fn seen<'a>(cx: &'a Context<'_>, kind: ResourceKind, project: &str) -> Option<&'a str> {
    last(cx, kind, project).map(|row| row.name.as_str())
}

/// Whether the project was there before the run, by the customer's record or by a run before.
pub(crate) fn stood(cx: &Context<'_>, project: &str) -> bool {
    let earlier = |row: &Resource| {
        row.kind == ResourceKind::SupabaseProject && row.id == project && row.run != cx.run
    };
    cx.snapshot.customer.supabase_project_ref.as_deref() == Some(project)
        || cx.all.iter().any(earlier)
}
