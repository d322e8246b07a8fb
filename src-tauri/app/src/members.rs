//! Moving in with an orchestra's members: the rows of a CSV file, added to those of a customer's live instance.
//!
//! A row is about somebody who is there, or it is added. Nobody who is there is changed: since the first import people
//! have changed what is their own. So the same file may be imported any number of times. All rows go in by one
//! statement, with the agency's own token; nothing of a column that isn't known is read, or leaves this machine.

mod database;
mod file;
mod words;

use fabrik_domain::{
    Cause, Problem,
    blueprint::{Blueprint, StepKind},
    customer::Customer,
    failure::Failure,
    id::CustomerId,
    language::Language,
};
use fabrik_store::NewAudit;
use serde_json::json;

use self::{
    database::Database,
    file::{Row, Sheet},
};
use crate::{
    App,
    views::{MemberField, MemberRow, MemberVerdict, MembersImport},
};

/// The tables that tell an orchestra's blueprint: others have members too, who are its users.
const TABLES: [&str; 2] = ["members", "instruments"];

impl App {
    /// See the table of commands.
    pub async fn members_import(
        &self,
        customer: CustomerId,
        file_name: String,
        content: String,
        dry_run: bool,
    ) -> Result<MembersImport, Problem> {
        let customer = self.store.customer(customer).await?;
        let project = self.project_with_members(&customer)?;
        self.refuse_while_active(customer.id).await?;
        let sheet = file::read(&file_name, &content)?;
        let moved_in = self.moved_in(&customer, project, sheet, &file_name, dry_run);
        let import = moved_in.await.map_err(|failure| failure.problem)?;
        if !dry_run {
            let facts = json!({
                "file": file_name,
                "added": import.count(MemberVerdict::Added),
                "rows": import.rows.len(),
            });
            self.tell_import("members.imported", &customer, facts)
                .await?;
        }
        Ok(import)
    }

    async fn tell_import(
        &self,
        action: &str,
        customer: &Customer,
        facts: serde_json::Value,
    ) -> Result<(), Problem> {
        let audit = NewAudit {
            customer: Some(customer.id),
            ..self.audit(action, facts)
        };
        self.store.audit(audit).await
    }

    async fn moved_in(
        &self,
        customer: &Customer,
        project: String,
        sheet: Sheet,
        file_name: &str,
        dry_run: bool,
    ) -> Result<MembersImport, Failure> {
        let Sheet { mut rows, ignored } = sheet;
        let settings = self.settings().await?.values();
        let accounts = self.clouds(&settings)?;
        let management = accounts.supabase().for_customer(customer.id);
        let database = Database::of(management, project).await?;
        let lacking = database.lacks(&rows);
        let mut import = MembersImport {
            rows: judged(&database, &mut rows).await?,
            ignored: ignored.into_iter().chain(lacking).collect(),
            dry_run,
        };
        let adding = import.count(MemberVerdict::Added);
        if !dry_run && adding > 0 {
            // Before the call: where its answer is lost the rows may be in, and the next try finds nothing to add.
            let facts = json!({ "file": file_name, "adding": adding });
            self.tell_import("members.importing", customer, facts)
                .await?;
            add(&database, &mut rows, customer.language, &mut import.rows).await?;
        }
        Ok(import)
    }

    /// The project that a customer's members are in.
    fn project_with_members(&self, customer: &Customer) -> Result<String, Problem> {
        let blueprint = self.blueprints.get(&customer.blueprint)?;
        if !has_members(&blueprint) {
            let blueprint = blueprint.name;
            return Err(Cause::MembersUnsupported { blueprint }.into());
        }
        customer.supabase_project_ref.clone().ok_or_else(|| {
            let customer = customer.name.clone();
            Cause::InstanceMissing { customer }.into()
        })
    }
}

/// The blueprint's schema has members who play instruments.
pub(crate) fn has_members(blueprint: &Blueprint) -> bool {
    let schemas = blueprint.steps.iter();
    let schemas = schemas.filter(|step| step.kind == StepKind::DatabaseSchema);
    let mut tables = schemas.filter_map(|step| step.with.get("tables")?.as_array());
    tables.any(|tables| {
        let mut wanted = TABLES.iter();
        wanted.all(|wanted| tables.iter().any(|table| table == wanted))
    })
}

/// What would become of each row.
async fn judged(database: &Database, rows: &mut [Row]) -> Result<Vec<MemberRow>, Failure> {
    let instruments = database.instruments().await?;
    for row in rows.iter_mut() {
        match &instruments {
            Some(known) => row.tune(known),
            // There is no room for them, which is told once.
            None => row.instruments.clear(),
        }
    }
    let good: Vec<_> = rows.iter().filter(|row| row.problems.is_empty()).collect();
    let known = database.known(&good).await?;
    let rows = rows.iter().map(|row| {
        let differs = known.get(&row.line).map(|known| known.differs_from(row));
        MemberRow {
            line: row.line,
            name: row.get(MemberField::Name).unwrap_or_default().to_owned(),
            email: row.get(MemberField::Email).map(ToOwned::to_owned),
            verdict: match &differs {
                _ if !row.problems.is_empty() => MemberVerdict::Refused,
                None => MemberVerdict::Added,
                Some(differs) if differs.is_empty() => MemberVerdict::Unchanged,
                Some(_) => MemberVerdict::Different,
            },
            differs: differs.unwrap_or_default(),
            problems: row.problems.clone(),
        }
    });
    Ok(rows.collect())
}

/// Adds those whose verdict it is.
async fn add(
    database: &Database,
    rows: &mut [Row],
    language: Language,
    verdicts: &mut [MemberRow],
) -> Result<(), Failure> {
    let mut new = Vec::new();
    for (row, judged) in rows.iter_mut().zip(&*verdicts) {
        if judged.verdict == MemberVerdict::Added {
            row.fill_in(language);
            new.push(&*row);
        }
    }
    let added = database.add(&new).await?;
    for row in verdicts {
        // Somebody else has added them since they were looked for.
        if row.verdict == MemberVerdict::Added && !added.contains(&row.line) {
            row.verdict = MemberVerdict::Unchanged;
        }
    }
    Ok(())
}
