//! `database-schema`: the blueprint's SQL files, each applied once and in one transaction, row-level
//! security on every table, and the proof of both.
//!
//! Supabase's own migrations are closed to most accounts, so what was applied is written down in the
//! database itself. Changing a schema that stands is not this step's: a file applied in another version is
//! somebody's to decide.

mod sql;

pub(crate) use sql::record;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use fabrik_clouds::{
    refused_with,
    supabase::{Management, sql_state},
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Detail,
    failure::{Failure, Outcome},
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::{Output, Snapshot},
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use serde::{Deserialize, Serialize};

use crate::{digest::sha256, left_standing, parameters::filled, registry::Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::DatabaseSchema,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(2),
        ceiling: Duration::from_mins(1),
        // A second application does nothing, so there is nothing to wait for but the first one's end.
        settle: Duration::from_secs(5),
    },
    build: |clouds, parameters| {
        let management = clouds.supabase.clone();
        Ok(Box::new(DatabaseSchema {
            management,
            with: parameters.read(&[])?,
            undoes: parameters.undoes(),
        }))
    },
};

/// How often a file is tried that another session may have been in the way of.
const TRIES: usize = 3;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's ref.
    project: String,
    /// Files of the blueprint, in the order in which they are applied.
    files: Vec<String>,
    /// Tables that must be in `public` afterwards.
    tables: Vec<String>,
    /// Columns that no table of `public` may have.
    #[serde(default)]
    forbidden_columns: Vec<String>,
    /// Tables and views that may not be in `public`.
    #[serde(default)]
    forbidden_tables: Vec<String>,
    /// The table, made by the first file, whose row says who the customer is.
    #[serde(default)]
    profile_table: String,
    /// What that row says from the start, by column.
    #[serde(default)]
    profile: BTreeMap<String, String>,
}

/// What `find` saw, for `create`.
#[derive(Debug, Serialize, Deserialize)]
struct Evidence {
    /// The files that are not applied.
    pending: Vec<String>,
}

/// What is in the database.
#[derive(Debug, Deserialize)]
struct Survey {
    has_records: bool,
    tables: Vec<String>,
    unsecured: Vec<String>,
    forbidden: Vec<String>,
}

/// A file that was applied.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) name: String,
    pub(crate) sha256: String,
}

/// The files that were applied to a project's database; refused (400) where none ever was.
pub(crate) async fn applied(
    management: &Management,
    project: &str,
) -> Result<Vec<Record>, Failure> {
    management.read(project, &sql::records()).await
}

struct DatabaseSchema {
    management: Management,
    with: With,
    /// It is built to be undone.
    undoes: bool,
}

impl DatabaseSchema {
    async fn survey(&self) -> Result<Survey, Failure> {
        let sql = sql::survey(&self.with.forbidden_tables, &self.with.forbidden_columns);
        let rows: Vec<Survey> = self.management.read(&self.with.project, &sql).await?;
        rows.into_iter().next().ok_or_else(|| {
            let operation = "v1-read-only-query".to_owned();
            let problem = Problem::from(Cause::AnswerUnreadable { operation });
            Failure {
                outcome: Outcome::NotSent,
                problem: problem.by(Provider::Supabase),
            }
        })
    }

    /// What keeps the database from being what the blueprint promises.
    fn fault(&self, survey: &Survey) -> Option<Problem> {
        let missing: Vec<_> = self
            .with
            .tables
            .iter()
            .filter(|name| !survey.tables.contains(name))
            .cloned()
            .collect();
        let cause = if !missing.is_empty() {
            Cause::TableMissing { tables: missing }
        } else if !survey.unsecured.is_empty() {
            Cause::RowSecurityMissing {
                tables: survey.unsecured.clone(),
            }
        } else if !survey.forbidden.is_empty() {
            Cause::Forbidden {
                names: survey.forbidden.clone(),
            }
        } else {
            return None;
        };
        Some(cause.into())
    }

    /// These files as applied. It has no id of its own, and lies in its project alone.
    fn existing(&self, cx: &Context<'_>, files: &[String]) -> Result<Existing, Problem> {
        let mut hashes = String::new();
        for file in files {
            hashes.push_str(&sha256(content(cx.snapshot, file)?));
        }
        Ok(Existing {
            id: self.with.project.clone(),
            name: files.join(", "),
            url: None,
            content_hash: Some(sha256(hashes)),
        })
    }

    /// Which of the files that an intent was to apply have been.
    fn made(&self, cx: &Context<'_>, records: &[Record]) -> Result<Found, Failure> {
        let evidence = cx.evidence.cloned().unwrap_or_default();
        let applied: Vec<String> = Evidence::deserialize(&evidence)
            .map(|evidence| evidence.pending)
            .unwrap_or_default()
            .into_iter()
            .filter(|file| records.iter().any(|record| record.name == *file))
            .collect();
        if applied.is_empty() {
            return Ok(Found::Absent { evidence });
        }
        Ok(Found::Ours(self.existing(cx, &applied)?))
    }

    /// What is written with the file that makes the row: once, before anybody can have changed it.
    fn profile(&self, file: &str) -> Option<String> {
        let table = filled(&self.with.profile_table)?;
        let is_first = self.with.files.first().is_some_and(|first| first == file);
        is_first
            .then(|| sql::profile(table, &self.with.profile))
            .flatten()
    }

    async fn apply(&self, cx: &Context<'_>, file: &str) -> Result<(), Failure> {
        let content = content(cx.snapshot, file)?;
        let profile = self.profile(file);
        let sql = sql::apply(file, &sha256(content), content, profile.as_deref());
        let mut tries = 1;
        let applied = loop {
            match self.management.execute(&self.with.project, &sql).await {
                Err(failure)
                    if tries < TRIES && sql_state(&failure).is_some_and(sql::may_be_anothers) =>
                {
                    tries += 1;
                }
                applied => break applied,
            }
        };
        match applied {
            Ok(()) => {}
            Err(failure) if was_applied(&failure) => {}
            Err(mut failure) => {
                if let Some(what) = touched_outside(&failure) {
                    let file = file.to_owned();
                    *failure.problem.cause = Cause::OutsideTouched { file, what };
                } else if refused_with(&failure).is_some() {
                    *failure.problem.cause = Cause::SchemaRefused {
                        file: file.to_owned(),
                    };
                }
                return Err(failure);
            }
        }
        cx.say(Detail::FileApplied, file);
        Ok(())
    }
}

/// A file of the run's blueprint.
fn content<'a>(snapshot: &'a Snapshot, file: &str) -> Result<&'a str, Problem> {
    snapshot
        .blueprint
        .files
        .get(file)
        .map(String::as_str)
        .ok_or_else(|| {
            let blueprint = snapshot.blueprint.name.clone();
            Cause::BlueprintInvalid {
                blueprint,
                why: format!("{file} is not there"),
            }
            .into()
        })
}

/// The call before this one, whose answer was lost, has done it.
fn was_applied(failure: &Failure) -> bool {
    refused_with(failure).is_some()
        && failure
            .problem
            .detail
            .as_ref()
            .is_some_and(|words| words.contains(sql::APPLIED_ONCE))
}

/// What a file touched that is not the blueprint's, where it was refused for that.
fn touched_outside(failure: &Failure) -> Option<Vec<String>> {
    let words = failure.problem.detail.as_deref()?;
    let (_, list) = words.split_once(&format!("{}: ", sql::OUTSIDE))?;
    let mut texts = serde_json::Deserializer::from_str(list).into_iter();
    (sql_state(failure) == Some(sql::OUTSIDE))
        .then(|| texts.next()?.ok())
        .flatten()
}

#[async_trait]
impl Step for DatabaseSchema {
    fn name(&self) -> String {
        self.with.files.join(", ")
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::DatabaseSchema)
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let files = self.with.files.iter();
        Ok(files
            .filter_map(|file| content(cx.snapshot, file).err())
            .collect())
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let survey = self.survey().await?;
        let records: Vec<Record> = if survey.has_records {
            applied(&self.management, &self.with.project).await?
        } else {
            Vec::new()
        };
        if self.undoes {
            return self.made(cx, &records);
        }
        let mut pending = Vec::new();
        for file in &self.with.files {
            let hash = sha256(content(cx.snapshot, file)?);
            match records.iter().find(|record| record.name == *file) {
                None => pending.push(file.clone()),
                Some(record) if record.sha256 == hash => {}
                Some(_) => {
                    let differs = Cause::SchemaDiffers { file: file.clone() };
                    return Ok(Found::Foreign(
                        Problem::from(differs).by(Provider::Supabase),
                    ));
                }
            }
        }
        if records.is_empty()
            && let Some(table) = self
                .with
                .tables
                .iter()
                .find(|name| survey.tables.contains(name))
        {
            let taken = Problem::from(Cause::NameTaken {
                name: format!("public.{table}"),
            });
            return Ok(Found::Foreign(taken.by(Provider::Supabase)));
        }
        if pending.is_empty() && self.fault(&survey).is_none() {
            return Ok(Found::Ours(self.existing(cx, &self.with.files)?));
        }
        let evidence = serde_json::to_value(Evidence { pending });
        Ok(Found::Absent {
            evidence: evidence.map_err(|_| Problem::from(Cause::Internal))?,
        })
    }

    /// Each file's call may be repeated: see [`sql::apply`].
    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let evidence = cx.evidence.cloned().unwrap_or_default();
        let Evidence { pending } =
            serde_json::from_value(evidence).map_err(|_| Problem::from(Cause::Internal))?;
        for (applied, file) in pending.iter().enumerate() {
            match self.apply(cx, file).await {
                Ok(()) => {}
                // Tables of the files before are there.
                Err(failure) if applied > 0 => {
                    let existing = self.existing(cx, &pending[..applied])?;
                    return Ok(Created::Partly { existing, failure });
                }
                Err(failure) => return Err(failure),
            }
        }
        if pending.is_empty() {
            self.management
                .execute(&self.with.project, &sql::secure())
                .await?;
        }
        Ok(Created::Resource(self.existing(cx, &self.with.files)?))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let survey = self.survey().await?;
        if let Some(fault) = self.fault(&survey) {
            return Ok(Readiness::Failed(fault.by(Provider::Supabase)));
        }
        let count = survey.tables.len().to_string();
        cx.say(Detail::TablesVerified, &count);
        Ok(Readiness::Ready(
            [("tables".to_owned(), Output::Public(count))].into(),
        ))
    }

    /// The schema goes with its project.
    fn within(&self) -> Option<Parent> {
        Some(left_standing::supabase(&self.with.project))
    }

    /// In a project that was there before, tables may have rows by now that are nobody's to take.
    async fn undo(&self, _: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        Ok(left_standing::with_project(&self.management, existing)
            .await?
            .unwrap_or_else(|| left_standing::holds_data(Provider::Supabase, &existing.name)))
    }
}

#[cfg(test)]
mod tests;
