//! Keeping up with the connected table for as long as it is polled: when it is asked, whether it has changed since, and
//! what came of it. What its rows change is with [`Taking`].

use std::time::Duration;

use fabrik_domain::{Cause, Problem, blueprint::Blueprint};
use fabrik_store::{Source, Topic};
use fabrik_vault::VaultState;

use super::{Kept, following::Taking, looking::kept_back};
use crate::{App, views::SourceReport};

/// How old what is shown of the agency's table may be: who adds a row there soon looks for it here.
const EVERY: Duration = Duration::from_mins(1);

/// What rows were judged by, besides what they say: where it is another, one that was refused may be taken.
#[derive(Clone, Default)]
pub(super) struct JudgedBy {
    /// The records, up to this change.
    change: i64,
    blueprints: Vec<Blueprint>,
}

impl App {
    /// Keeps up with the connected table for as long as it is polled: customers from it, results to it.
    pub(crate) async fn follow_source(&self) {
        // Another desktop may disconnect it, or has while this one was off: its keyring has the password still.
        let mut left = true;
        loop {
            match self.keep_up(false).await {
                Ok(Some(_)) => left = true,
                Ok(None) if left => match self.forget_source_password().await {
                    Ok(forgotten) => left = !forgotten,
                    Err(problem) => {
                        tracing::warn!(%problem, "the password of a disconnected table is kept");
                    }
                },
                Ok(None) => {}
                Err(problem) => {
                    tracing::warn!(%problem, "the agency's own table can't be followed");
                }
            }
            self.clock.sleep(EVERY).await;
        }
    }

    /// Removes the password of a table that is connected no more, where nobody has to be asked for the keyring. Whether
    /// it is gone: one that is being connected meanwhile is not its.
    async fn forget_source_password(&self) -> Result<bool, Problem> {
        let _alone = self.source.working.lock().await;
        let connected = self.kept_source().await?.is_some();
        if connected || self.vault_status().await.state != VaultState::Unlocked {
            return Ok(false);
        }
        let reference = self.source_password_reference();
        self.vault.remove(&reference).await?;
        Ok(true)
    }

    /// See the table of commands.
    pub async fn source_refresh(&self) -> Result<SourceReport, Problem> {
        let report = self.keep_up(true).await?;
        report.ok_or_else(|| Cause::SourceAbsent.into())
    }

    /// Takes over what has changed, or all that there is, and writes what is still to be written. Nothing where no
    /// table is connected.
    async fn keep_up(&self, all: bool) -> Result<Option<SourceReport>, Problem> {
        let _alone = self.source.working.lock().await;
        let Some(kept) = self.kept_source().await? else {
            return Ok(None);
        };
        let done = async {
            let source = self.way_to(&kept).await?;
            let gone_through = self.source.seen().fingerprint.is_some();
            // First, so that what was written is not read as something new.
            let (mut told, mut untold) = self.tell_ends(&kept, &source).await?;
            let report = self.take_over(&kept, &source, all).await?;
            if !gone_through {
                // Where some customers come from is known only now.
                let (more, left) = self.tell_ends(&kept, &source).await?;
                told += more;
                untold = left;
            }
            Ok(SourceReport {
                told,
                untold,
                ..report
            })
        };
        let done: Result<SourceReport, Problem> = done.await;
        let mut seen = self.source.seen();
        match &done {
            Ok(report) => {
                seen.at = Some(self.clock.now());
                seen.problem = None;
                seen.report = Some(report.clone());
            }
            Err(problem) => seen.problem = Some(problem.clone()),
        }
        done.map(Some)
    }

    async fn take_over(
        &self,
        kept: &Kept,
        source: &Source,
        all: bool,
    ) -> Result<SourceReport, Problem> {
        let mapping = &kept.mapping;
        let fingerprint = source.fingerprint(mapping).await?;
        if !all && let Some(report) = self.still_so(&fingerprint).await? {
            return Ok(report);
        }
        let problems = source.judge_connected(mapping).await?;
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        // Before anything is judged by it: what changes meanwhile is a reason to go through them again.
        let judged_by = self.judged_by().await?;
        // Before the rows are read: what another desktop adds in between would seem to have left them.
        let mut taking = Taking::new(self, mapping, kept.origin()?).await?;
        let rows = source.rows(mapping, None).await?;
        // After the rows were read: a policy that came meanwhile has kept back some of them.
        let (of_read, kept_back) = kept_back(source, mapping).await?;
        taking.take_all(rows).await?;
        let report = SourceReport {
            kept_back,
            ..taking.end(of_read).await?
        };
        // Only now: what was broken off is begun again.
        let mut seen = self.source.seen();
        seen.fingerprint = Some(fingerprint);
        seen.judged_by = judged_by;
        Ok(report)
    }

    /// What came of it the last time, where nothing has changed that would make it another: not the table, nor what some
    /// of its rows were refused for here.
    async fn still_so(&self, fingerprint: &str) -> Result<Option<SourceReport>, Problem> {
        let before = self.source.seen().clone();
        if before.fingerprint.as_deref() != Some(fingerprint) {
            return Ok(None);
        }
        let refused = before
            .report
            .as_ref()
            .is_some_and(|report| report.refused > 0);
        if refused && self.has_changed_since(&before.judged_by).await? {
            return Ok(None);
        }
        Ok(before.report)
    }

    async fn judged_by(&self) -> Result<JudgedBy, Problem> {
        Ok(JudgedBy {
            change: self.store.last_change().await?,
            blueprints: self.all_blueprints(),
        })
    }

    /// Whether a customer, a setting or a blueprint has: nothing else has a row refused.
    async fn has_changed_since(&self, judged_by: &JudgedBy) -> Result<bool, Problem> {
        if self.all_blueprints() != judged_by.blueprints {
            return Ok(true);
        }
        let mut number = judged_by.change;
        loop {
            let changes = self.store.changes_since(number).await?;
            let Some(last) = changes.last() else {
                // What runs have told since is not gone through again.
                self.source.seen().judged_by.change = number;
                return Ok(false);
            };
            number = last.number;
            let counts = |topic| matches!(topic, Topic::Customers | Topic::Settings);
            if changes.iter().any(|change| counts(change.topic)) {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fabrik_domain::secret::Secret;
    use fabrik_vault::MemoryVault;
    use serde_json::json;

    use crate::{
        open::Keyring,
        source::{KEY, Seen},
        testing,
        views::SourceReport,
    };

    #[tokio::test]
    async fn rows_that_were_refused_are_judged_anew_where_what_they_were_judged_by_has_changed() {
        let (_folder, app) = testing::app().await;
        let gone_through = async |refused: u64| {
            let judged_by = app.judged_by().await.unwrap();
            *app.source.seen() = Seen {
                fingerprint: Some("one".to_owned()),
                report: Some(SourceReport {
                    refused,
                    ..SourceReport::default()
                }),
                judged_by,
                ..Seen::default()
            };
        };
        let is_so = async |fingerprint: &str| {
            let report = app.still_so(fingerprint).await.unwrap();
            report.is_some()
        };
        assert!(!is_so("one").await, "nobody has gone through it");
        gone_through(1).await;
        assert!(is_so("one").await, "nothing has changed");
        assert!(!is_so("another").await, "the table has");
        let customer = app.customer_add(testing::new_customer()).await.unwrap();
        assert!(!is_so("one").await, "the customers have");
        gone_through(1).await;
        app.customer_remove(customer.id, "akermark".to_owned())
            .await
            .unwrap();
        assert!(!is_so("one").await, "a subdomain is free");
        gone_through(1).await;
        app.source.seen().judged_by.blueprints.clear();
        assert!(!is_so("one").await, "the blueprints have");
        gone_through(0).await;
        app.customer_add(testing::new_customer()).await.unwrap();
        assert!(is_so("one").await, "no row would fare otherwise");
    }

    #[tokio::test]
    async fn a_password_is_forgotten_where_no_table_is_connected() {
        let (_folder, mut app) = testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        // One that is open.
        app.keyring = Keyring::Sandbox;
        let reference = app.source_password_reference();
        let password = Secret::from("from when a table was connected");
        app.vault.set(&reference, password).await.unwrap();

        let connected = r#"{"url": "postgres://fabrik@127.0.0.1:9/agency", "since": "2026-01-01T00:00:00Z",
            "mapping": {"table": {"schema": "public", "name": "organizations"}, "columns": {}}}"#;
        for (setting, forgotten) in [(Some(connected), false), (None, true)] {
            let audit = app.audit("source.connected", json!({}));
            app.store.set_setting(KEY, setting, audit).await.unwrap();
            assert_eq!(app.forget_source_password().await.unwrap(), forgotten);
            let kept = app.vault.get(&reference).await.unwrap();
            assert_eq!(kept.is_none(), forgotten, "connected: {setting:?}");
        }
    }
}
