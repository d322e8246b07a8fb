//! Trying a blueprint's SQL on a fresh project's database: what is run there, in which order, and what the
//! answers mean. The database itself is the command line's to bring ([`Bench`]).

mod doors;
mod judgement;
mod queries;
mod script;

use std::future::Future;

use fabrik_domain::finding::{Finding, Flaw};
use serde_json::Value;

use crate::{
    check::{CANARY, Schema},
    folder::Files,
};
pub use doors::DOORS;
use judgement::{Seen, endless, judge, touched};
pub use queries::{COUNTED_OUTSIDE, FOOTPRINT, ROWS_OUTSIDE};
pub use script::Refusal;
use script::Script;

/// Rows, or what stands against the SQL.
pub type Outcome = Result<Vec<Value>, Refusal>;

/// A fresh project's database. A script's statements succeed or fail as one, and what it leaves open is
/// rolled back. One that does not end is given up after a while ([`Refusal::Endless`]), and leaves nothing.
pub trait Bench {
    /// What goes wrong with the database itself.
    type Error;

    /// Runs a script as the owner of the database; the rows are those of the last statement that gave any,
    /// each an object by column.
    fn owner(&self, sql: &str) -> impl Future<Output = Result<Outcome, Self::Error>> + Send;

    /// The same as who has not signed in.
    fn anybody(&self, sql: &str) -> impl Future<Output = Result<Outcome, Self::Error>> + Send;

    /// The server's words, where it is the SQL that it broke off at. Nothing of a script is left then, and the next one
    /// finds the database as it was.
    fn broke(error: &Self::Error) -> Option<&str>;

    /// Runs the statements of a script that does not end one by one, for nothing: which of them, from 0, it is that
    /// is at it still after the same while.
    fn endless(
        &self,
        statements: &[&str],
    ) -> impl Future<Output = Result<Option<usize>, Self::Error>> + Send;
}

/// The SQL of a blueprint.
#[derive(Debug)]
pub struct Trial {
    schemas: Vec<Schema>,
    files: Files,
}

impl Trial {
    /// `None` where no step applies any.
    pub(crate) fn new(schemas: Vec<Schema>, files: Files) -> Option<Self> {
        (!schemas.is_empty()).then_some(Self { schemas, files })
    }

    /// The files that the steps apply, in their order, as far as they are there.
    fn scripts(&self) -> impl Iterator<Item = Script<'_>> {
        let named = self.schemas.iter().flat_map(|schema| &schema.files);
        named.filter_map(|file| Some(Script::new(file, self.files.get(file)?)))
    }

    /// Applies everything twice, with the canary's rows between, and tells what is wrong.
    pub async fn on<B: Bench>(&self, bench: &B) -> Result<Vec<Finding>, B::Error> {
        let mut findings = Vec::new();
        sure(bench.owner(queries::OLDER_DEFAULTS).await?);
        let footprint = queries::footprint();
        let mut before = sure(bench.owner(&footprint).await?);
        for script in self.scripts() {
            if let Some(finding) = apply(bench, &script, false).await? {
                findings.push(finding);
                // What comes after builds on it.
                return Ok(findings);
            }
            let after = sure(bench.owner(&footprint).await?);
            findings.extend(touched(script.file, &before, &after));
            before = after;
        }
        let mut seen = Seen {
            survey: sure(bench.owner(queries::SURVEY).await?),
            ..Seen::default()
        };
        let relations = seen.relations();
        if let Some(text) = self.files.get(CANARY) {
            let canary = Script::new(CANARY, text);
            let finding = apply(bench, &canary, false).await?;
            seen.canary = finding.is_none();
            findings.extend(finding);
        }
        let count = queries::counts(&relations);
        let counted = bench.owner(&count).await?;
        if let Err(Refusal::Endless { seconds }) = counted {
            let relation = unreadable(bench, &relations).await?;
            findings.push(self.endless(relation, seconds));
            // What comes after reads them too.
            return Ok(findings);
        }
        seen.rows = sure(counted);
        for relation in &relations {
            match bench.anybody(&queries::look(relation)).await? {
                Ok(rows) if !rows.is_empty() => seen.open.push(relation.clone()),
                Err(Refusal::Endless { seconds }) => {
                    findings.push(self.endless(relation, seconds));
                    return Ok(findings);
                }
                _ => {}
            }
        }
        // A row that the canary hasn't may be open all the same.
        let doors = sure(bench.owner(DOORS).await?);
        let subjects = doors.iter().filter_map(|door| door["subject"].as_str());
        seen.open.extend(subjects.map(str::to_owned));
        seen.once = sure(bench.owner(queries::STATE).await?);
        for script in self.scripts() {
            if let Some(finding) = apply(bench, &script, true).await? {
                findings.push(finding);
                seen.once.clear();
                break;
            }
        }
        if !seen.once.is_empty() {
            seen.twice = sure(bench.owner(queries::STATE).await?);
            seen.rows_after = sure(bench.owner(&count).await?);
        }
        findings.extend(judge(&self.schemas, &self.files, &seen));
        findings.sort();
        findings.dedup();
        Ok(findings)
    }

    fn endless(&self, relation: &str, seconds: u64) -> Finding {
        endless(&self.schemas, &self.files, relation, seconds)
    }
}

/// The first of the tables and views that can't be read to its end; nothing where each can by itself.
async fn unreadable<'r, B: Bench>(bench: &B, relations: &'r [String]) -> Result<&'r str, B::Error> {
    for relation in relations {
        let count = queries::counts(std::slice::from_ref(relation));
        if let Err(Refusal::Endless { .. }) = bench.owner(&count).await? {
            return Ok(relation.as_str());
        }
    }
    Ok("")
}

/// Rows of a query of our own. One that a database refuses shows in the judgement: nothing is there.
fn sure(outcome: Outcome) -> Vec<Value> {
    outcome.unwrap_or_default()
}

/// Runs a file as a whole, and tells what stands against it.
async fn apply<B: Bench>(
    bench: &B,
    script: &Script<'_>,
    again: bool,
) -> Result<Option<Finding>, B::Error> {
    match bench.owner(&script.whole()).await {
        Ok(Ok(_)) => Ok(None),
        Ok(Err(refusal)) => refused(bench, script, refusal, again).await.map(Some),
        Err(error) => {
            let why = B::broke(&error).map(str::to_owned).ok_or(error)?;
            Ok(Some(Finding::new(script.file, Flaw::SqlBroke { why })))
        }
    }
}

/// A refusal as a finding. Where `PostgreSQL` doesn't say where it is, the first beginning of the file that
/// fails tells it.
async fn refused<B: Bench>(
    bench: &B,
    script: &Script<'_>,
    refusal: Refusal,
    again: bool,
) -> Result<Finding, B::Error> {
    match refusal {
        Refusal::Said {
            position: Some(_), ..
        } => return Ok(script.finding(&refusal, None, again)),
        Refusal::Said { .. } => {}
        // To look for it as below would be to wait several times.
        Refusal::Endless { .. } => {
            let statement = bench.endless(&script.steps()).await?;
            return Ok(script.finding(&refusal, statement, again));
        }
    }
    // The first `good` statements go well, the first `bad` do not.
    let (mut good, mut bad) = (0, script.len());
    while bad - good > 1 {
        let middle = good + (bad - good) / 2;
        match bench.owner(&script.beginning(middle)).await? {
            Ok(_) => good = middle,
            Err(_) => bad = middle,
        }
    }
    Ok(script.finding(&refusal, bad.checked_sub(1), again))
}
