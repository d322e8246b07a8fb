//! That a database was tried, with these files applied to it and this canary: a record beside those of the files. What
//! a later run applies is in no such record, so that it is tried too, whoever applied it and however that run ended.

use fabrik_clouds::refused_with;
use fabrik_domain::failure::Failure;
use fabrik_engine::step::Context;

use super::IsolationCheck;
use crate::{
    database_schema::{applied, record},
    digest::sha256,
};

/// What the record's name begins with; no file of a blueprint is called so. The rest is what was tried.
const PROVED: &str = "isolation-check:";

impl IsolationCheck {
    /// What a trial of the database would stand for now; `None` where no file was ever applied.
    pub(super) async fn as_it_is(&self, cx: &Context<'_>) -> Result<Option<String>, Failure> {
        Ok(self.look(cx).await?.map(|(as_it_is, _)| as_it_is))
    }

    /// Whether the database was tried as it is. Where no run applies anything, the first trial holds.
    pub(super) async fn is_proved(&self, cx: &Context<'_>) -> Result<bool, Failure> {
        Ok(self.look(cx).await?.is_none_or(|(_, proved)| proved))
    }

    async fn look(&self, cx: &Context<'_>) -> Result<Option<(String, bool)>, Failure> {
        let records = match applied(&self.clouds.supabase, &self.with.project).await {
            Ok(records) => records,
            Err(failure) if refused_with(&failure) == Some(400) => return Ok(None),
            Err(failure) => return Err(failure),
        };
        let (proofs, files): (Vec<_>, Vec<_>) = records
            .into_iter()
            .partition(|record| record.name.starts_with(PROVED));
        if files.is_empty() {
            return Ok(None);
        }
        let mut lines: Vec<_> = files
            .iter()
            .map(|file| format!("{} {}\n", file.name, file.sha256))
            .collect();
        lines.sort_unstable();
        lines.push(sha256(self.file(cx)?));
        let as_it_is = sha256(lines.concat());
        let is_proved = proofs.iter().any(|proof| proof.sha256 == as_it_is);
        Ok(Some((as_it_is, is_proved)))
    }

    /// Writes that it was. Where that fails, the next run tries it once more.
    pub(super) async fn note_proved(&self, as_it_is: &str) {
        let note = record(&format!("{PROVED}{as_it_is}"), as_it_is);
        let noted = self.clouds.supabase.execute(&self.with.project, &note);
        if let Err(failure) = noted.await {
            tracing::info!(%failure, "the proof is not written down");
        }
    }
}
