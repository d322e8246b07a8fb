//! What a database's answers say against a schema.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::finding::{Finding, Flaw, Part};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    check::{CANARY, Schema, is_of_tenancy},
    folder::Files,
    manifest::MANIFEST,
    sql::{Lexeme, statements},
};

/// The answers, as rows.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub survey: Vec<Value>,
    /// The canary's rows are in.
    pub canary: bool,
    /// How many rows there are, with the canary's.
    pub rows: Vec<Value>,
    pub rows_after: Vec<Value>,
    /// What anybody can read or write.
    pub open: Vec<String>,
    /// The state after the first application; empty where there was no second.
    pub once: Vec<Value>,
    pub twice: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Survey {
    relations: Vec<Relation>,
    open: Vec<String>,
    loose: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of the catalog's"
)]
struct Relation {
    name: String,
    is_table: bool,
    secured: bool,
    policies: u32,
    past_policies: bool,
    /// The project's own server can read it.
    served: bool,
    columns: Option<Vec<String>>,
}

impl Seen {
    fn read(&self) -> Survey {
        let survey = self.survey.first().map(|row| row["survey"].clone());
        survey
            .and_then(|survey| serde_json::from_value(survey).ok())
            .unwrap_or_default()
    }

    /// The tables and views.
    pub(super) fn relations(&self) -> Vec<String> {
        let relations = self.read().relations;
        relations.into_iter().map(|one| one.name).collect()
    }
}

/// What a file made or changed outside the customer's own schemas.
pub(super) fn touched(file: &str, before: &[Value], after: &[Value]) -> Vec<Finding> {
    let set = |rows: &[Value]| -> BTreeSet<(String, String)> {
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
        rows.iter()
            .map(|row| (text(row, "what"), text(row, "facts")))
            .collect()
    };
    let (before, after) = (set(before), set(after));
    let what: BTreeSet<_> = before
        .symmetric_difference(&after)
        .map(|(what, _)| what.clone())
        .collect();
    what.into_iter()
        .map(|what| Finding::new(file, Flaw::OutsideTouched { what }))
        .collect()
}

/// A table or view that can't be read to its end, where it is made.
pub(super) fn endless(schemas: &[Schema], files: &Files, relation: &str, seconds: u64) -> Finding {
    Places::of(schemas, files).finding(relation, Flaw::SqlEndless { seconds })
}

/// Everything that the answers say.
pub(super) fn judge(schemas: &[Schema], files: &Files, seen: &Seen) -> Vec<Finding> {
    let survey = seen.read();
    let places = Places::of(schemas, files);
    let mut findings = Vec::new();
    promises(schemas, &survey, &places, &mut findings);
    for one in &survey.relations {
        let mut tell = |flaw| findings.push(places.finding(&one.name, flaw));
        let table = one.name.clone();
        if one.is_table && !one.secured {
            tell(Flaw::RowSecurityMissing { table });
        } else if one.is_table && one.policies == 0 {
            tell(Flaw::PolicyMissing { table });
        }
        if one.is_table && !one.served {
            let table = one.name.clone();
            tell(Flaw::ServerShutOut { table });
        }
        if one.past_policies {
            let view = one.name.clone();
            tell(Flaw::ViewPastPolicies { view });
        }
        if seen.open.contains(&one.name) {
            let table = one.name.clone();
            tell(Flaw::OpenToAll { table });
        }
    }
    if seen.canary {
        let filled = counts(&seen.rows);
        for one in survey.relations.iter().filter(|one| one.is_table) {
            if filled.get(&one.name).is_none_or(|rows| *rows == 0) {
                let table = one.name.clone();
                findings.push(Finding::new(CANARY, Flaw::CanaryMissing { table }));
            }
        }
    }
    for function in survey.open {
        let name = function.clone();
        findings.push(places.finding(&name, Flaw::FunctionOpen { function }));
    }
    for function in survey.loose {
        let name = function.clone();
        findings.push(places.finding(&name, Flaw::SearchPathLoose { function }));
    }
    findings.extend(repeated(seen, places.first_file));
    findings
}

/// What the steps promise of their tables, and forbid.
fn promises(schemas: &[Schema], survey: &Survey, places: &Places<'_>, findings: &mut Vec<Finding>) {
    for schema in schemas {
        let at_step = |flaw| {
            let finding = Finding::new(MANIFEST, flaw).line(schema.line);
            finding.step(schema.step.clone()).place("with.tables")
        };
        for table in &schema.tables {
            let made = |one: &Relation| one.is_table && one.name == *table;
            if !survey.relations.iter().any(made) {
                let table = table.clone();
                findings.push(at_step(Flaw::TableMissing { table }));
            }
        }
        for said in &schema.profile {
            let is_said = |one: &Relation| {
                let mut columns = one.columns.iter().flatten();
                one.is_table && columns.any(|column| format!("{}.{column}", one.name) == *said)
            };
            if !survey.relations.iter().any(is_said) {
                let table = said.clone();
                findings.push(at_step(Flaw::TableMissing { table }).place("with.profile"));
            }
        }
    }
    let all = |list: fn(&Schema) -> &Vec<String>| -> BTreeSet<&str> {
        schemas
            .iter()
            .flat_map(|schema| list(schema).iter().map(String::as_str))
            .collect()
    };
    let promised = all(|schema| &schema.tables);
    let (columns, tables) = (
        all(|schema| &schema.forbidden_columns),
        all(|schema| &schema.forbidden_tables),
    );
    for one in &survey.relations {
        let mut tell = |flaw| findings.push(places.finding(&one.name, flaw));
        if one.is_table && !promised.contains(one.name.as_str()) {
            let table = one.name.clone();
            tell(Flaw::TableUnlisted { table });
        }
        let mut judge = |last: &str, name: String, forbidden: &BTreeSet<&str>| {
            if forbidden.contains(last) {
                tell(Flaw::NameForbidden { name });
            } else if is_of_tenancy(last) {
                tell(Flaw::TenancyWord { name });
            }
        };
        judge(&one.name, one.name.clone(), &tables);
        for column in one.columns.iter().flatten() {
            judge(column, format!("{}.{column}", one.name), &columns);
        }
    }
}

fn counts(rows: &[Value]) -> BTreeMap<String, i64> {
    rows.iter()
        .filter_map(|row| Some((row["relation"].as_str()?.to_owned(), row["rows"].as_i64()?)))
        .collect()
}

/// What the second application changed.
fn repeated(seen: &Seen, file: &str) -> Vec<Finding> {
    if seen.once.is_empty() {
        return Vec::new();
    }
    let part = |rows: &[Value], part: Part| {
        let state = rows.first().map(|row| row["state"][part.key()].clone());
        state.unwrap_or_default()
    };
    Part::ALL
        .into_iter()
        .filter(|one| match one {
            Part::Rows => counts(&seen.rows) != counts(&seen.rows_after),
            other => part(&seen.once, *other) != part(&seen.twice, *other),
        })
        .map(|part| Finding::new(file, Flaw::NotRepeatable { part }))
        .collect()
}

/// Where things are made, as far as it stands in the files.
struct Places<'f> {
    first_file: &'f str,
    by_name: BTreeMap<String, (&'f str, usize)>,
}

impl<'f> Places<'f> {
    fn of(schemas: &'f [Schema], files: &'f Files) -> Self {
        let named: Vec<_> = schemas.iter().flat_map(|schema| &schema.files).collect();
        let mut by_name = BTreeMap::new();
        for file in &named {
            let Some(text) = files.get(*file) else {
                continue;
            };
            for statement in statements(text, 1) {
                if let Some(name) = made(&statement.tokens) {
                    let place = (file.as_str(), statement.line());
                    by_name.entry(name).or_insert(place);
                }
            }
        }
        Self {
            first_file: named.first().map_or(MANIFEST, |file| file),
            by_name,
        }
    }

    /// A finding about a table, a view or a function: `private.f(uuid)`.
    fn finding(&self, name: &str, flaw: Flaw) -> Finding {
        let bare = name.split('(').next().unwrap_or_default();
        let bare = bare.rsplit('.').next().unwrap_or_default();
        match self.by_name.get(bare.trim_matches('"')) {
            Some((file, line)) => Finding::new(*file, flaw).line(*line),
            None => Finding::new(self.first_file, flaw),
        }
    }
}

/// What a `create` makes, where it is a table, a view or a function: its name without the schema.
fn made(tokens: &[Lexeme<'_>]) -> Option<String> {
    const KINDS: &[&str] = &["table", "view", "function", "procedure"];
    const NOISE: &[&str] = &["if", "not", "exists"];
    if tokens.first()?.word() != Some("create") {
        return None;
    }
    let kind = tokens
        .iter()
        .take(6)
        .position(|token| token.word().is_some_and(|word| KINDS.contains(&word)))?;
    let mut rest = tokens[kind + 1..]
        .iter()
        .skip_while(|token| token.word().is_some_and(|word| NOISE.contains(&word)));
    let first = rest.next()?.name()?;
    match rest.next() {
        Some(dot) if dot.is('.') => rest.next()?.name().map(str::to_owned),
        _ => Some(first.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_made_changed_or_removed_outside_is_told_once() {
        let row = |what: &str, facts: &str| json!({"what": what, "facts": facts});
        let before = [row("role a", "1"), row("role b", "1"), row("role c", "1")];
        let after = [row("role a", "1"), row("role b", "2"), row("role d", "1")];
        let told: Vec<_> = touched("schema.sql", &before, &after)
            .into_iter()
            .map(|finding| finding.flaw)
            .collect();
        let expected = ["role b", "role c", "role d"].map(|what| Flaw::OutsideTouched {
            what: what.to_owned(),
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn things_are_found_where_they_are_made() {
        let name = |sql: &str| made(&statements(sql, 1)[0].tokens);
        for (sql, expected) in [
            (
                "create table if not exists public.members (id int)",
                Some("members"),
            ),
            ("create unlogged table \"Big\" ()", Some("Big")),
            (
                "create or replace function private.f(a uuid) returns int",
                Some("f"),
            ),
            ("create materialized view v as select 1", Some("v")),
            ("create index on t (a)", None),
            ("create policy p on t", None),
            ("alter table t add a int", None),
        ] {
            assert_eq!(name(sql).as_deref(), expected, "{sql}");
        }
    }
}
