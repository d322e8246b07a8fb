//! What was decided of those who ask in the agency's own table, written into it: before the ends of the runs that
//! follow, each once, and again for as long as the table doesn't take it.

use std::collections::BTreeMap;

use fabrik_domain::{
    Problem,
    id::CustomerId,
    mapping::{ResultField, ResultMapping},
    request::{OnboardingRequest, RequestState},
    run::{Run, RunState},
};
use fabrik_store::Source;
use serde_json::json;

use super::{
    Kept,
    results::{OfDatabase as _, row_missing},
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

    /// Writes them: how many were written, and those that the table refused.
    pub(super) async fn tell_decisions(
        &self,
        kept: &Kept,
        results: &ResultMapping,
        source: &Source,
    ) -> Result<(u64, Vec<RefusedSourceRow>), Problem> {
        let (mut written, mut refused) = (0, Vec::new());
        let origin = kept.origin()?;
        for request in self.untold_decisions(kept).await? {
            let Some(row) = request.origin.row_of(&origin) else {
                continue;
            };
            match self
                .tell_decision(kept, results, source, row, &request)
                .await
            {
                Ok(told) => written += u64::from(told),
                Err(problem) if problem.is_of_database() => return Err(problem),
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
        let Some(word) = word else {
            self.store.set_decision_told(request.id).await?;
            return Ok(false);
        };
        let values = BTreeMap::from([(ResultField::Status, Some(word.clone()))]);
        if !source.write(results, row, &values).await? {
            if results.table == kept.mapping.table {
                // The row that asked is gone: nobody is left to be told, and none will come.
                self.store.set_decision_told(request.id).await?;
                return Ok(false);
            }
            return Err(row_missing(results, row.to_owned()));
        }
        if let (Some(customer), Some(decided)) = (request.customer, &request.decided)
            && let Some(run) = self.told_by_run(results, customer).await?
        {
            // Another desktop has written its end meanwhile, perhaps before this: the row may say again what was.
            self.store.set_told(run.id, decided.at).await?;
        }
        self.store.set_decision_told(request.id).await?;
        let facts = json!({ "table": results.table.to_string(), "request": request.id });
        let mut audit = self.audit("source.decision_written", facts);
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
