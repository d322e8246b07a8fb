//! What a step's performance writes, and what its step is told.

use fabrik_domain::{
    customer::{CustomerPatch, CustomerStatus},
    event::Happening,
    resource::{Found as Existing, Origin, Resource, ResourceKind, ResourceState},
    run::{Output, Outputs},
};
use fabrik_store::JournalEntry;
use jiff::Timestamp;

use super::{End, Performance};
use crate::step::{Context, Step};

impl Performance<'_> {
    pub(super) async fn write(
        &self,
        step: &dyn Step,
        resource: Option<(&Existing, ResourceState)>,
    ) -> Result<(), End> {
        self.stage
            .journal
            .write(self.entry(step, resource))
            .await
            .map_err(End::Broken)
    }

    pub(super) fn entry(
        &self,
        step: &dyn Step,
        resource: Option<(&Existing, ResourceState)>,
    ) -> JournalEntry {
        let row = resource
            .zip(step.resource_kind())
            .zip(self.spec.kind.provider())
            .map(|(((existing, state), kind), provider)| Resource {
                key: self.key,
                customer: self.stage.snapshot.customer.id,
                run: self.stage.journal.lease().run,
                step: self.spec.id.clone(),
                provider,
                kind,
                id: existing.id.clone(),
                name: existing.name.clone(),
                url: existing.url.clone(),
                content_hash: existing.content_hash.clone(),
                origin: self.origin(kind, existing),
                state,
                at: self.now(),
            });
        JournalEntry {
            steps: vec![self.record.clone()],
            resources: row.into_iter().collect(),
            ..JournalEntry::default()
        }
    }

    /// Evidence is written before a call that makes something, and only then. What an earlier run has made is that run's,
    /// whatever this one did to it. What one has only found may be gone since, where the same id is given again.
    fn origin(&self, kind: ResourceKind, existing: &Existing) -> Origin {
        let run = self.stage.journal.lease().run;
        let step = &self.spec.id;
        let earlier = |row: &Resource| {
            row.run != run
                && row.accounts_for(kind, &existing.id, step)
                && (row.origin == Origin::Created || !kind.is_place())
        };
        if self.record.evidence.is_some() && !self.stage.known.iter().any(earlier) {
            Origin::Created
        } else {
            Origin::Adopted
        }
    }

    pub(super) fn context<'c>(
        &'c self,
        known: &'c [Resource],
        log: &'c (dyn Fn(Happening) + Send + Sync),
    ) -> Context<'c> {
        let engine = self.stage.engine;
        Context {
            run: self.stage.journal.lease().run,
            step: self.spec,
            snapshot: self.stage.snapshot,
            mark: engine.mark_of(self.stage.snapshot.customer.id),
            evidence: self.record.evidence.as_ref(),
            sent: self.record.intended_at,
            known,
            all: self.stage.known,
            ruled_out: &self.record.ruled_out,
            secrets: engine.secrets.as_ref(),
            clock: engine.clock.as_ref(),
            random: engine.random.as_ref(),
            log,
        }
    }

    pub(super) fn say(&self, what: Happening) {
        self.stage.journal.say(Some(&self.spec.id), what);
    }

    pub(super) fn now(&self) -> Timestamp {
        self.stage.engine.clock.now()
    }
}

/// What the customer's record says of a finished instance, by the outputs of `finalize`.
pub(super) fn instance(outputs: &Outputs) -> CustomerPatch {
    let public = |name: &str| match outputs.get(name) {
        Some(Output::Public(value)) if !value.is_empty() => Some(Some(value.clone())),
        _ => None,
    };
    CustomerPatch {
        status: Some(CustomerStatus::Active),
        production_url: public("production_url"),
        github_repo_url: public("github_repo_url"),
        supabase_project_ref: public("supabase_project_ref"),
        database_url: public("database_url").map(|text| text.and_then(|text| text.parse().ok())),
        ..CustomerPatch::default()
    }
}
