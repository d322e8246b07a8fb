//! Which of the projects of a name is ours: the one that bears the mark, or the one that was not there before.

use std::collections::BTreeSet;

use fabrik_clouds::supabase::{ListedProject, Project, Sighting};
use fabrik_domain::{
    Cause, Problem, failure::Failure, provider::Provider, resource::Found as Existing,
};
use fabrik_engine::step::{Context, Found};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ENTRY, SupabaseProject};
use crate::clocks;

/// What was there before the project was asked for.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Evidence {
    /// The refs of all that the search for the name gave.
    #[serde(default)]
    before: BTreeSet<String>,
    /// When that was, by our clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    looked: Option<Timestamp>,
}

impl Evidence {
    /// That of the run; empty before there is an intent.
    pub(super) fn of(cx: &Context<'_>) -> Result<Self, Failure> {
        match cx.evidence {
            Some(evidence) => {
                Self::deserialize(evidence).map_err(|_| Failure::refused(Cause::Internal))
            }
            None => Ok(Self::default()),
        }
    }

    /// Whether a project of the name, new since then, can be our call's by the time when it was made.
    fn fits(&self, one: &ListedProject, sent: Option<Timestamp>) -> bool {
        let (Some(looked), Some(made)) = (self.looked, one.made_at()) else {
            return true;
        };
        clocks::agree(looked, made, sent, ENTRY.timing.settle)
    }

    pub(super) fn was_there(&self, reference: &str) -> bool {
        self.before.contains(reference)
    }
}

/// The vendor's word for a project that it gave up while making it.
fn never_came_up(status: &str) -> bool {
    status == "INIT_FAILED"
}

/// The vendor's word for a project that was deleted, where it shows it all the same.
fn was_deleted(status: &str) -> bool {
    status == "REMOVED"
}

/// What became of the project in our records.
pub(super) enum Recorded {
    /// None is there, or it is gone: one is to be made.
    No,
    There(Box<Project>),
    /// The token doesn't see it. With its ref.
    Hidden(String),
}

impl SupabaseProject {
    /// What is recorded, as the vendor shows it now. One that never came up is in nobody's use: another is made, and this
    /// one is taken away.
    pub(super) async fn recorded_now(&self, cx: &Context<'_>) -> Result<Recorded, Failure> {
        for reference in Self::recorded(cx) {
            match self.management.project(reference).await? {
                Sighting::There(project)
                    if never_came_up(&project.status) || was_deleted(&project.status) => {}
                Sighting::There(project) => return Ok(Recorded::There(Box::new(project))),
                Sighting::Removed => {}
                Sighting::NotVisible => return Ok(Recorded::Hidden(reference.to_owned())),
            }
        }
        Ok(Recorded::No)
    }

    /// What the search for the name tells, before there is an intent and after it.
    pub(super) fn judge(
        &self,
        cx: &Context<'_>,
        name: &str,
        listed: Vec<ListedProject>,
    ) -> Result<Found, Failure> {
        let evidence = match cx.evidence {
            Some(_) => Evidence::of(cx)?,
            None => Evidence {
                before: listed.iter().map(|one| one.reference.clone()).collect(),
                looked: Some(cx.clock.now()),
            },
        };
        let is_anothers = |reference: &String| {
            cx.ruled_out.contains(reference) || self.others.contains(reference)
        };
        // What an earlier try of this customer made, and the vendor gave up.
        let given_up = |one: &ListedProject| {
            never_came_up(&one.status) && cx.all.iter().any(|row| row.id == one.reference)
        };
        let mut named: Vec<_> = listed
            .into_iter()
            .filter(|one| one.name == name && one.exists())
            .filter(|one| !is_anothers(&one.reference) && !given_up(one))
            .collect();
        // A mark tells, whenever it was made; without one only what is new can be ours.
        if self.short_mark().is_none() {
            if cx.evidence.is_some() {
                named.retain(|one| !evidence.was_there(&one.reference));
            } else if !named.is_empty() {
                let name = name.to_owned();
                let taken = Problem::from(Cause::NameTaken { name });
                return Ok(Found::Foreign(taken.by(Provider::Supabase)));
            }
        }
        // Somebody who missed the project may have made it by hand before the run was resumed.
        let is_sure =
            self.short_mark().is_some() || named.iter().all(|one| evidence.fits(one, cx.sent));
        let ours: Vec<_> = named
            .iter()
            .map(|one| self.existing(&one.reference, &one.name))
            .collect();
        match <[Existing; 1]>::try_from(ours) {
            Ok([one]) if is_sure && self.short_mark().is_some() => Ok(Found::Ours(one)),
            // Another of the name may come as long as the call can come true.
            Ok([one]) if is_sure => Ok(Found::Alone(one)),
            Ok([one]) => Ok(Found::Ambiguous(vec![one])),
            Err(none) if none.is_empty() => Ok(Found::Absent {
                evidence: serde_json::to_value(&evidence)
                    .map_err(|_| Problem::from(Cause::Internal))?,
            }),
            Err(several) => Ok(Found::Ambiguous(several)),
        }
    }
}
