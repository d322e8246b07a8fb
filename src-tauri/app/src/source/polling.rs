//! Keeping up with the connected table for as long as it is polled: when it is asked, whether it has changed since, and
//! what came of it. What its rows change is with [`Taking`].

use std::time::Duration;

use fabrik_domain::{Cause, Problem};
use fabrik_store::Source;
use fabrik_vault::VaultState;

use super::{Kept, following::Taking};
use crate::{App, views::SourceReport};

/// How old what is shown of the agency's table may be: who adds a row there soon looks for it here.
const EVERY: Duration = Duration::from_mins(1);

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
        let before = self.source.seen().clone();
        if let Some(report) = before.report
            && !all
            && before.fingerprint.as_ref() == Some(&fingerprint)
        {
            return Ok(report);
        }
        let problems = source.judge_connected(mapping).await?;
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        // Before the rows are read: what another desktop adds in between would seem to have left them.
        let mut taking = Taking::new(self, mapping, kept.origin()?).await?;
        let rows = source.rows(mapping, None).await?;
        taking.take_all(rows).await?;
        let report = taking.end().await?;
        // Only now: what was broken off is begun again.
        self.source.seen().fingerprint = Some(fingerprint);
        Ok(report)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use fabrik_domain::secret::Secret;
    use fabrik_vault::MemoryVault;
    use serde_json::json;

    use crate::{open::Keyring, source::KEY, testing};

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
