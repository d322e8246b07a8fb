//! A run's end, written into the agency's own table. The journal says which are still to be written, so that one is
//! written later where the table is away; the oldest first, and of each customer only what still holds.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerStatus},
    mapping::{ResultField, ResultMapping},
    resource::{ResourceKind, ResourceState},
    run::{Purpose, Run, RunState},
};
use fabrik_store::{PendingWrite, Source};
use serde_json::json;

use super::{
    Kept,
    once::{Once, WriteBack},
};
use crate::{App, views::RefusedSourceRow};

/// So many are read at once.
const BATCH: u64 = 100;

/// Where so many rows after another are held by somebody, the table is.
const HELD: u32 = 3;

impl App {
    /// Writes the decisions and the ends of runs that have not been written, those of other processes too. What goes wrong is logged:
    /// they stay to be written.
    pub(crate) async fn tell_source(&self) {
        let told = async {
            let _alone = self.source.working.lock().await;
            let Some(kept) = self.kept_source().await? else {
                return Ok(Vec::new());
            };
            let source = self.way_to(&kept).await?;
            Ok(self.tell_ends(&kept, &source).await?.1)
        };
        let told: Result<Vec<RefusedSourceRow>, Problem> = told.await;
        let untold = match told {
            Ok(rows) => Untold { rows, all: None },
            Err(problem) => Untold {
                rows: Vec::new(),
                all: Some(problem),
            },
        };
        let mut seen = self.source.seen();
        if let Some(problem) = untold.problems(|_| true).next() {
            tracing::warn!(%problem, "the agency's own table can't be told how runs ended");
            seen.problem = Some(problem.clone());
        }
        seen.untold = untold;
    }

    /// Why the end of a run is not in the table yet, where this process has tried to write it.
    pub(crate) async fn untold_because(
        &self,
        run: &Run,
        customer: &Customer,
    ) -> Result<Option<Problem>, Problem> {
        let (Some(finished), Some(key), Some(_)) =
            (run.finished_at, &customer.external_id, &customer.source)
        else {
            return Ok(None);
        };
        let why = {
            let seen = self.source.seen();
            seen.untold.problems(|row| row.key == *key).next().cloned()
        };
        if why.is_none() {
            return Ok(None);
        }
        let untold = self.store.untold_runs(finished, BATCH).await?;
        Ok(why.filter(|_| untold.iter().any(|other| other.id == run.id)))
    }

    /// The same, by whoever has the table to itself: how many were written, and those that the table refused.
    pub(super) async fn tell_ends(
        &self,
        kept: &Kept,
        source: &Source,
    ) -> Result<(u64, Vec<RefusedSourceRow>), Problem> {
        let Some(results) = &kept.mapping.results else {
            return Ok((0, Vec::new()));
        };
        // What can't be noted as told is not told: it would be again and again, over what is newer.
        self.store.writable().await?;
        let (mut written, mut refused) = self.tell_decisions(kept, results, source).await?;
        let (mut since, mut held) = (kept.since, Held::default());
        loop {
            let runs = self.store.untold_runs(since, BATCH).await?;
            let Some(last) = runs.last().and_then(|run| run.finished_at) else {
                break;
            };
            let whole = runs.len() as u64 == BATCH;
            for run in runs {
                match self.tell_end(kept, results, source, &run).await {
                    Ok(told) => {
                        written += u64::from(told);
                        held.follow(told);
                    }
                    // The next one needs the same way.
                    Err(problem) if held.stops(&problem) => return Err(problem),
                    Err(problem) => refused.push(self.refused(&run, problem).await?),
                }
            }
            // Those that were refused are met again the next time, not in this one.
            if !whole || last <= since {
                break;
            }
            since = last;
        }
        Ok((written, refused))
    }

    async fn refused(&self, run: &Run, problem: Problem) -> Result<RefusedSourceRow, Problem> {
        let customer = self.store.customer(run.customer).await?;
        Ok(RefusedSourceRow {
            key: customer.external_id.unwrap_or_default(),
            name: customer.name,
            problems: vec![problem],
        })
    }

    /// Writes one. Whether there was anything to write; `source_row_missing` where it has no row.
    async fn tell_end(
        &self,
        kept: &Kept,
        results: &ResultMapping,
        source: &Source,
        run: &Run,
    ) -> Result<bool, Problem> {
        let Some(finished) = run.finished_at.filter(|_| !run.state.is_active()) else {
            return Ok(false);
        };
        let customer = self.store.customer(run.customer).await?;
        let origin = kept.origin()?;
        let from = customer.source.as_deref();
        // By another column, or before it was kept where customers come from: going through the table tells whether it
        // still has the id.
        let taken_over_before = match from {
            Some(from) => from != origin && kept.has_origin(from)?,
            None => customer.external_id.is_some(),
        };
        let gone_through = self.source.seen().fingerprint.is_some();
        if taken_over_before && !gone_through {
            return Ok(false);
        }
        // A customer that came from elsewhere has no row there, whatever row has its id.
        let of_table = from.is_some_and(|from| from == origin || taken_over_before);
        let overtaken = self.overtaken(run).await?.is_some();
        let key = customer.external_id.clone();
        let Some(key) = key.filter(|_| of_table && !overtaken) else {
            self.store.set_told(run.id, finished).await?;
            return Ok(false);
        };
        if taken_over_before {
            return Err(row_missing(results, key));
        }
        let values = self.values(results, run, &customer).await?;
        let is_of_use = results
            .columns
            .keys()
            .any(|field| values.contains_key(field));
        if !is_of_use && results.has_what_to_write() {
            // Such as a failure of which only the status would be written, and that has no word: it is the row's own.
            self.store.set_told(run.id, finished).await?;
            return Ok(false);
        }
        let write_back = WriteBack {
            what: PendingWrite::Run(run.id),
            at: finished,
            key: &key,
            values,
        };
        let once = self.write_once(kept, results, source, write_back).await?;
        let action = match once {
            Once::Written => "source.run_written",
            Once::Left => "source.run_left",
            Once::Elsewhere => return Ok(false),
            // Told is only what stands in the table. It is tried again: the row may come, or the mapping be mended.
            Once::Missing => return Err(row_missing(results, key)),
        };
        self.store.set_told(run.id, finished).await?;
        if let Some(newer) = self.overtaken(run).await? {
            // Another desktop has written that one meanwhile, perhaps before this: the row may say again what was.
            self.store.set_told(newer.id, finished).await?;
        }
        let facts = json!({ "table": results.table.to_string() });
        let mut audit = self.audit(action, facts);
        audit.customer = Some(customer.id);
        audit.run = Some(run.id);
        self.store.audit(audit).await?;
        Ok(true)
    }

    /// The customer's newest run, where it has ended and is a later one.
    async fn overtaken(&self, run: &Run) -> Result<Option<Run>, Problem> {
        let mut newest = self.store.last_runs(&[run.customer]).await?;
        let newest = newest.remove(&run.customer);
        Ok(newest.filter(|newest| newest.number > run.number && !newest.state.is_active()))
    }

    async fn values(
        &self,
        results: &ResultMapping,
        run: &Run,
        customer: &Customer,
    ) -> Result<BTreeMap<ResultField, Option<String>>, Problem> {
        let succeeded = run.state == RunState::Succeeded;
        let removed = run.purpose == Purpose::Deprovision;
        let status = match (succeeded, removed) {
            (true, false) => &results.succeeded,
            (true, true) => &results.removed,
            (false, false) if customer.status != CustomerStatus::Active => &results.failed,
            // The instance is there as before, or parts of it: its word stays.
            (false, _) => &None,
        };
        let live = self.store.live_resources(&[customer.id]).await?;
        let vercel = live.into_iter().find(|resource| {
            resource.kind == ResourceKind::VercelProject && resource.state == ResourceState::Live
        });
        let error = (!succeeded).then(|| {
            let code = run.error.as_ref().map(Problem::code);
            code.unwrap_or_else(|| run.state.key().to_owned())
        });
        let mut values = BTreeMap::from([
            (ResultField::Run, Some(run.id.to_string())),
            (ResultField::Error, error),
            (ResultField::StartedAt, Some(run.started_at.to_string())),
            (
                ResultField::CompletedAt,
                run.finished_at.map(|at| at.to_string()),
            ),
        ]);
        if succeeded {
            let provisioned = run.finished_at.filter(|_| !removed);
            values.insert(
                ResultField::ProvisionedAt,
                provisioned.map(|at| at.to_string()),
            );
            let instance = [
                (ResultField::ProductionUrl, customer.production_url.clone()),
                (ResultField::GithubRepoUrl, customer.github_repo_url.clone()),
                (
                    ResultField::SupabaseProjectRef,
                    customer.supabase_project_ref.clone(),
                ),
                (
                    ResultField::VercelProjectId,
                    vercel.map(|resource| resource.id),
                ),
            ];
            // What an instance lacks by its blueprint the agency may know of itself.
            let known = instance.into_iter();
            values.extend(known.filter(|(_, value)| removed || value.is_some()));
        }
        if status.is_some() {
            values.insert(ResultField::Status, status.clone());
        }
        Ok(values)
    }
}

/// What stood in the way when results were last written at a run's end.
#[derive(Clone, Default)]
pub(super) struct Untold {
    /// Of all of them.
    all: Option<Problem>,
    /// Of these rows.
    rows: Vec<RefusedSourceRow>,
}

impl Untold {
    /// What stands in the way of such rows.
    pub(super) fn problems(
        &self,
        are_meant: impl Fn(&RefusedSourceRow) -> bool,
    ) -> impl Iterator<Item = &Problem> {
        let rows = self.rows.iter().filter(move |row| are_meant(row));
        self.all.iter().chain(rows.flat_map(|row| &row.problems))
    }
}

pub(super) fn row_missing(results: &ResultMapping, key: String) -> Problem {
    Cause::SourceRowMissing {
        table: results.table.to_string(),
        column: results.key.clone(),
        value: key,
    }
    .into()
}

/// How many rows after another could not be written in time. One that somebody holds is written the next time, and keeps
/// the others from nothing.
#[derive(Default)]
pub(super) struct Held(u32);

impl Held {
    /// A row was passed, and perhaps written.
    pub(super) const fn follow(&mut self, written: bool) {
        if written {
            self.0 = 0;
        }
    }

    /// Whether what went wrong with a row stands in the way of the next one too.
    pub(super) fn stops(&mut self, problem: &Problem) -> bool {
        if *problem.cause == Cause::DatabaseBusy {
            self.0 += 1;
            self.0 == HELD
        } else {
            problem.is_of_database()
        }
    }
}

/// What stands between here and the records or the table, whatever is read or written.
pub(super) trait OfDatabase {
    fn is_of_database(&self) -> bool;
}

impl OfDatabase for Problem {
    fn is_of_database(&self) -> bool {
        matches!(
            *self.cause,
            Cause::DatabaseBusy
                | Cause::DatabaseReadOnly
                | Cause::DatabaseUnreadable
                | Cause::DatabaseDamaged
                | Cause::DatabaseUnreachable { .. }
                | Cause::DatabaseCertificate { .. }
                | Cause::DatabaseLoginRefused { .. }
                | Cause::SourceLoginRefused { .. }
                | Cause::DatabaseUnknown { .. }
                | Cause::DatabaseServerReadOnly { .. }
                | Cause::DatabaseLeft
                | Cause::DatabaseFailed
                | Cause::DiskFull
        )
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{
        customer::CustomerPatch,
        mapping::{Mapping, Relation, SourceField},
    };
    use fabrik_store::Address;
    use jiff::Timestamp;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn a_result_waits_until_it_is_known_where_its_customer_came_from() {
        let (_folder, app) = testing::app().await;
        let lease = testing::run(&app, "writer", BTreeMap::new()).await;
        let run = app.store.run(lease.run).await.unwrap();
        // As an earlier version took customers over: by their ids alone.
        let taken_over = CustomerPatch {
            external_id: Some(Some("org-1".to_owned())),
            ..CustomerPatch::default()
        };
        let change = app.change(run.customer, taken_over, "customer.followed");
        change.await.unwrap();
        testing::put(&app, &lease, RunState::Failed).await;

        let table = Relation {
            schema: "public".to_owned(),
            name: "organizations".to_owned(),
        };
        let results = ResultMapping {
            table: table.clone(),
            key: "id".to_owned(),
            columns: BTreeMap::new(),
            approved: None,
            rejected: None,
            succeeded: None,
            failed: None,
            removed: None,
        };
        let kept = Kept {
            // Nobody answers there, and nobody is asked.
            url: "postgres://fabrik@127.0.0.1:9/agency".to_owned(),
            password: None,
            since: Timestamp::UNIX_EPOCH,
            mapping: Mapping {
                table,
                columns: BTreeMap::from([(SourceField::ExternalId, "id".to_owned())]),
                statuses: BTreeMap::new(),
                blueprint: None,
                plan: None,
                results: Some(results),
            },
            left: false,
        };
        let source = Source::at(Address::parse(&kept.url).unwrap());
        for (gone_through, untold) in [(None, 1), (Some("as it stands".to_owned()), 0)] {
            app.source.seen().fingerprint = gone_through;
            app.tell_ends(&kept, &source).await.unwrap();
            let left = app.store.untold_count(kept.since).await.unwrap();
            assert_eq!(left, untold, "before and after the table was gone through");
        }
    }

    #[tokio::test]
    async fn a_run_that_has_nothing_to_write_waits_for_no_table() {
        let (_folder, app) = testing::app().await;
        let kept: Kept = serde_json::from_value(json!({
            // Nobody answers there, and nobody is asked.
            "url": "postgres://fabrik@127.0.0.1:9/agency",
            "since": "2000-01-01T00:00:00Z",
            "mapping": {
                "table": { "schema": "public", "name": "clients" },
                "columns": { "external_id": "id" },
                "results": {
                    "table": { "schema": "public", "name": "clients" },
                    "key": "id",
                    "columns": { "status": "status" },
                    "succeeded": "active",
                },
            },
        }))
        .unwrap();
        let lease = testing::run(&app, "writer", BTreeMap::new()).await;
        let run = app.store.run(lease.run).await.unwrap();
        let of_table = CustomerPatch {
            external_id: Some(Some("AC-1".to_owned())),
            source: Some(Some(kept.origin().unwrap())),
            ..CustomerPatch::default()
        };
        let change = app.change(run.customer, of_table, "customer.followed");
        change.await.unwrap();
        testing::put(&app, &lease, RunState::Failed).await;
        let source = Source::at(Address::parse(&kept.url).unwrap());
        let (written, refused) = app.tell_ends(&kept, &source).await.unwrap();
        assert_eq!((written, refused.len()), (0, 0), "a failure has no word");
        assert_eq!(app.store.untold_count(kept.since).await, Ok(0));
    }

    #[test]
    fn one_row_that_is_held_stops_nothing_and_several_in_a_row_do() {
        let busy = Problem::from(Cause::DatabaseBusy);
        let mut held = Held::default();
        assert!(!held.stops(&busy) && !held.stops(&busy));
        held.follow(false);
        assert!(held.stops(&busy), "nothing was written in between");
        let mut held = Held::default();
        for _ in 0..10 {
            assert!(!held.stops(&busy), "others are written");
            held.follow(true);
        }
        assert!(held.stops(&Cause::DatabaseFailed.into()));
    }
}
