//! What was decided of those who ask in the agency's own table, written into it: before the ends of the runs that
//! follow, each once, and again for as long as the table doesn't take it.

use std::collections::BTreeMap;

use fabrik_domain::{
    Problem,
    id::CustomerId,
    mapping::{ResultField, ResultMapping},
    request::{Decided, OnboardingRequest, RequestOrigin, RequestState},
    run::{Run, RunState},
};
use fabrik_store::{PendingWrite, Source};
use serde_json::json;

use super::{
    Kept,
    once::{Once, WriteBack},
    results::{Held, row_missing},
};
use crate::{App, views::RefusedSourceRow};

impl App {
    /// The table's requests whose decision is still to be written.
    pub(super) async fn untold_decisions(
        &self,
        kept: &Kept,
    ) -> Result<Vec<OnboardingRequest>, Problem> {
        let origin = kept.origin()?;
        let mut untold = self.store.untold_decisions().await?;
        untold.retain(|request| request.origin.row_of(&origin).is_some());
        Ok(untold)
    }

    /// Why what was decided of a request is not in the table yet, where this process has tried to write it.
    pub(crate) async fn decision_untold_because(
        &self,
        request: &OnboardingRequest,
    ) -> Result<Option<Problem>, Problem> {
        let RequestOrigin::Source { row: key, .. } = &request.origin else {
            return Ok(None);
        };
        let why = {
            let seen = self.source.seen();
            seen.untold.problems(|row| row.key == *key).next().cloned()
        };
        let (Some(why), Some(kept)) = (why, self.kept_source().await?) else {
            return Ok(None);
        };
        let untold = self.untold_decisions(&kept).await?;
        let is_untold = untold.iter().any(|other| other.id == request.id);
        Ok(is_untold.then_some(why))
    }

    /// Writes them: how many were written, and those that the table refused.
    pub(super) async fn tell_decisions(
        &self,
        kept: &Kept,
        results: &ResultMapping,
        source: &Source,
    ) -> Result<(u64, Vec<RefusedSourceRow>), Problem> {
        let (mut written, mut refused) = (0, Vec::new());
        let mut held = Held::default();
        let origin = kept.origin()?;
        for request in self.untold_decisions(kept).await? {
            let Some(row) = request.origin.row_of(&origin) else {
                continue;
            };
            match self
                .tell_decision(kept, results, source, row, &request)
                .await
            {
                Ok(told) => {
                    written += u64::from(told);
                    held.follow(told);
                }
                Err(problem) if held.stops(&problem) => return Err(problem),
                Err(problem) => refused.push(RefusedSourceRow {
                    key: row.to_owned(),
                    name: request.wish.name.clone(),
                    problems: vec![problem],
                }),
            }
        }
        Ok((written, refused))
    }

    /// Writes one. Whether there was anything to write; `source_row_missing` where it has no row in a table of results
    /// that is another than the one it asked in.
    async fn tell_decision(
        &self,
        kept: &Kept,
        results: &ResultMapping,
        source: &Source,
        row: &str,
        request: &OnboardingRequest,
    ) -> Result<bool, Problem> {
        let word = match (request.state, request.customer) {
            (RequestState::Rejected, _) => &results.rejected,
            (RequestState::Approved, Some(customer)) => {
                // What the run came to says more.
                let overtaken = self.told_by_run(results, customer).await?.is_some();
                if overtaken { &None } else { &results.approved }
            }
            _ => &None,
        };
        // Decided before the table was connected, it may have been decided there meanwhile.
        let before = |decided: &Decided| decided.at < kept.since;
        let told = !request.decided.as_ref().is_some_and(before)
            && results.columns.contains_key(&ResultField::Status);
        let Some(word) = word.as_ref().filter(|_| told) else {
            self.store.set_decision_told(request.id).await?;
            return Ok(false);
        };
        let values = BTreeMap::from([(ResultField::Status, Some(word.clone()))]);
        let write_back = WriteBack {
            what: PendingWrite::Decision(request.id),
            at: request
                .decided
                .as_ref()
                .map_or(kept.since, |decided| decided.at),
            key: row,
            values,
        };
        let once = self.write_once(kept, results, source, write_back).await?;
        let action = match once {
            Once::Written => "source.decision_written",
            Once::Left => "source.decision_left",
            Once::Elsewhere => return Ok(false),
            Once::Missing if results.table == kept.mapping.table => {
                // The row that asked is gone: nobody is left to be told, and none will come.
                self.store.set_decision_told(request.id).await?;
                return Ok(false);
            }
            Once::Missing => return Err(row_missing(results, row.to_owned())),
        };
        if let (Some(customer), Some(decided)) = (request.customer, &request.decided)
            && let Some(run) = self.told_by_run(results, customer).await?
        {
            // Another desktop has written its end meanwhile, perhaps before this: the row may say again what was.
            self.store.set_told(run.id, decided.at).await?;
        }
        self.store.set_decision_told(request.id).await?;
        let facts = json!({ "table": results.table.to_string(), "request": request.id });
        let mut audit = self.audit(action, facts);
        audit.customer = request.customer;
        self.store.audit(audit).await?;
        Ok(true)
    }

    /// The customer's newest run, where it has ended and its end has a word of its own.
    async fn told_by_run(
        &self,
        results: &ResultMapping,
        customer: CustomerId,
    ) -> Result<Option<Run>, Problem> {
        let mut newest = self.store.last_runs(&[customer]).await?;
        let newest = newest.remove(&customer);
        Ok(newest.filter(|run| {
            let has_word = run.state == RunState::Succeeded || results.failed.is_some();
            has_word && !run.state.is_active()
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fabrik_domain::request::Wish;
    use fabrik_store::{Address, RequestQuery, Verdict};

    use super::*;
    use crate::{source::asking::Asking, testing};

    #[tokio::test]
    async fn what_was_decided_before_or_has_no_column_is_not_written() {
        let (_folder, app) = testing::app().await;
        let kept = |since: &str, columns: serde_json::Value| -> Kept {
            let table = json!({ "schema": "public", "name": "requests" });
            let results = json!({
                "table": table, "key": "id", "columns": columns, "rejected": "rejected",
            });
            serde_json::from_value(json!({
                // Nobody answers there, and nobody is asked.
                "url": "postgres://fabrik@127.0.0.1:9/agency",
                "since": since,
                "mapping": { "table": table, "columns": { "external_id": "id" }, "results": results },
            }))
            .unwrap()
        };
        let (long_ago, far_off) = ("2000-01-01T00:00:00Z", "2999-01-01T00:00:00Z");
        let cases = [
            (far_off, json!({ "status": "status" })),
            (long_ago, json!({ "run": "run_id" })),
        ];
        for (row, (since, columns)) in cases.into_iter().enumerate() {
            let kept = kept(since, columns);
            let asking = Asking::new(&app, kept.origin().unwrap()).await.unwrap();
            let wish = Wish::of(testing::new_customer());
            let asked = asking
                .ask(row.to_string(), wish, BTreeSet::new(), None)
                .await;
            assert!(asked.unwrap());
            let mut newest = app.store.requests(RequestQuery::default()).await.unwrap();
            let verdict = Verdict {
                state: RequestState::Rejected,
                reason: Some("Inte nu".to_owned()),
                ending: None,
            };
            let id = newest.remove(0).id;
            let audit = app.audit("request.rejected", json!({}));
            app.store.decide_request(id, verdict, audit).await.unwrap();
            assert_eq!(app.untold_decisions(&kept).await.unwrap().len(), 1);

            let source = Source::at(Address::parse(&kept.url).unwrap());
            let results = kept.mapping.results.as_ref().unwrap();
            let (written, refused) = app.tell_decisions(&kept, results, &source).await.unwrap();
            assert_eq!((written, refused.len()), (0, 0), "since {since}");
            let left = app.untold_decisions(&kept).await.unwrap();
            assert!(left.is_empty(), "since {since}");
        }
    }
}
