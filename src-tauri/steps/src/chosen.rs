//! What a run has chosen for a Supabase project among what is billed apart. It is known by the records: what stands
//! there and was not chosen by a run is somebody's wish, and is never lessened.

use fabrik_domain::resource::{Origin, Resource, ResourceKind};
use fabrik_engine::step::Context;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What `find` saw, before the run's first choice.
#[derive(Debug, Serialize, Deserialize)]
struct Evidence {
    /// What the project had; none where nothing was billed for it.
    before: Option<String>,
}

/// What the project had before the run's choice.
pub(crate) fn before(cx: &Context<'_>) -> Option<String> {
    Evidence::deserialize(cx.evidence?).ok()?.before
}

/// What a choice is made with, where the project has this now. What it had before the first intent stays the measure.
pub(crate) fn evidence(cx: &Context<'_>, before: Option<String>) -> Value {
    match cx.evidence {
        Some(evidence) => evidence.clone(),
        None => serde_json::to_value(Evidence { before }).unwrap_or_default(),
    }
}

/// The row that says what a project was last seen with. Whatever its step was called then.
fn last<'a>(cx: &'a Context<'_>, kind: ResourceKind, project: &str) -> Option<&'a Resource> {
    let mut rows = cx.all.iter().rev();
    rows.find(|row| row.kind == kind && row.id == project && row.is_standing_choice())
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

/// Whether the project was there before the run, by the customer's record, by a run before, or as this one has adopted it:
/// that is known once the run was taken on again, as it is after the owner's answer to which project is the customer's.
pub(crate) fn stood(cx: &Context<'_>, project: &str) -> bool {
    let earlier = |row: &Resource| {
        let is_there = row.run != cx.run || row.origin == Origin::Adopted;
        row.kind == ResourceKind::SupabaseProject && row.id == project && is_there
    };
    cx.snapshot.customer.supabase_project_ref.as_deref() == Some(project)
        || cx.all.iter().any(earlier)
}
