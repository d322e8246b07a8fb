//! What `fabrik source connect` says of a mapping, and how it changes the one that is proposed.

use fabrik_domain::mapping::{Mapping, Meaning, Relation, ResultField, SourceField};

/// `name=company`.
#[derive(Clone, Debug)]
pub(crate) struct Column(SourceField, String);

/// `trial=pending`.
#[derive(Clone, Debug)]
pub(crate) struct Meant(String, Meaning);

/// `error=last_error`.
#[derive(Clone, Debug)]
pub(crate) struct ResultColumn(ResultField, String);

/// `succeeded=live`.
#[derive(Clone, Debug)]
pub(crate) struct ResultWord(Outcome, String);

/// How a request or a run can end, for a table.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Approved,
    Rejected,
    Succeeded,
    Failed,
    Removed,
}

fn halves(text: &str) -> Result<(&str, &str), String> {
    let halves = text.split_once('=').ok_or("=")?;
    Ok((halves.0.trim(), halves.1.trim()))
}

fn one_of(names: impl IntoIterator<Item = &'static str>) -> String {
    names.into_iter().collect::<Vec<_>>().join(", ")
}

/// Reads what a column holds.
pub(super) fn column(text: &str) -> Result<Column, String> {
    let (field, column) = halves(text)?;
    let known = || one_of(SourceField::ALL.iter().map(|field| field.key()));
    let field = field.parse().map_err(|_| known())?;
    Ok(Column(field, column.to_owned()))
}

/// Reads what a word means.
pub(super) fn meaning(text: &str) -> Result<Meant, String> {
    let (word, status) = halves(text)?;
    let meaning = match status {
        "pending" => Meaning::Pending,
        "active" => Meaning::Active,
        "inactive" => Meaning::Inactive,
        "request" => Meaning::Request,
        "none" => Meaning::None,
        _ => return Err(one_of(["pending", "active", "inactive", "request", "none"])),
    };
    Ok(Meant(word.to_lowercase(), meaning))
}

/// Reads where a result goes.
pub(super) fn result(text: &str) -> Result<ResultColumn, String> {
    let (field, column) = halves(text)?;
    let known = || one_of(ResultField::ALL.iter().map(|field| field.key()));
    let field = field.parse().map_err(|_| known())?;
    Ok(ResultColumn(field, column.to_owned()))
}

/// Reads the table's word for an outcome.
pub(super) fn word(text: &str) -> Result<ResultWord, String> {
    let (outcome, word) = halves(text)?;
    let outcome = match outcome {
        "approved" => Outcome::Approved,
        "rejected" => Outcome::Rejected,
        "succeeded" => Outcome::Succeeded,
        "failed" => Outcome::Failed,
        "removed" => Outcome::Removed,
        _ => {
            return Err(one_of([
                "approved",
                "rejected",
                "succeeded",
                "failed",
                "removed",
            ]));
        }
    };
    Ok(ResultWord(outcome, word.to_owned()))
}

/// What is to be otherwise than proposed.
pub(super) struct Changes {
    pub(super) columns: Vec<Column>,
    pub(super) statuses: Vec<Meant>,
    pub(super) write_to: Option<String>,
    pub(super) results: Vec<ResultColumn>,
    pub(super) result_key: Option<String>,
    pub(super) result_words: Vec<ResultWord>,
    pub(super) blueprint: Option<String>,
    pub(super) plan: Option<String>,
}

impl Changes {
    /// The table that results are to go to, where its columns are not known yet: it is another than before, and no column of
    /// it is named.
    pub(super) fn target(&self, mapping: &Mapping) -> Option<Relation> {
        if !self.results.is_empty() {
            return None;
        }
        let known = mapping.results.as_ref().map(|results| &results.table);
        let table = match self.write_to.as_deref() {
            Some("") => return None,
            Some(table) => Relation::from(table),
            // Whoever says how results are written wants them written.
            None if self.result_key.is_some() || !self.result_words.is_empty() => {
                known.unwrap_or(&mapping.table).clone()
            }
            None => return None,
        };
        (known != Some(&table)).then_some(table)
    }

    pub(super) fn make(self, mapping: &mut Mapping) {
        for Column(field, column) in self.columns {
            mapping.read_from(field, Some(column).filter(|column| !column.is_empty()));
        }
        for Meant(word, meaning) in self.statuses {
            mapping.statuses.insert(word, meaning);
        }
        for (given, kept) in [
            (self.blueprint, &mut mapping.blueprint),
            (self.plan, &mut mapping.plan),
        ] {
            if let Some(given) = given {
                *kept = Some(given).filter(|given| !given.is_empty());
            }
        }
        if self.write_to.as_deref() == Some("") {
            mapping.results = None;
            return;
        }
        let named =
            self.write_to.is_some() || self.result_key.is_some() || !self.results.is_empty();
        if mapping.results.is_none() && !named && self.result_words.is_empty() {
            return;
        }
        let own = mapping.own_results();
        let results = mapping.results.get_or_insert(own);
        if let Some(table) = self.write_to {
            results.table = Relation::from(table.as_str());
        }
        if let Some(key) = self.result_key {
            results.key = key;
        }
        for ResultColumn(field, column) in self.results {
            if column.is_empty() {
                results.columns.remove(&field);
            } else {
                results.columns.insert(field, column);
            }
        }
        for ResultWord(outcome, word) in self.result_words {
            let kept = match outcome {
                Outcome::Approved => &mut results.approved,
                Outcome::Rejected => &mut results.rejected,
                Outcome::Succeeded => &mut results.succeeded,
                Outcome::Failed => &mut results.failed,
                Outcome::Removed => &mut results.removed,
            };
            *kept = Some(word).filter(|word| !word.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(write_to: Option<&str>) -> Changes {
        Changes {
            columns: Vec::new(),
            statuses: Vec::new(),
            write_to: write_to.map(str::to_owned),
            results: Vec::new(),
            result_key: None,
            result_words: Vec::new(),
            blueprint: None,
            plan: None,
        }
    }

    #[test]
    fn columns_are_proposed_of_another_table_for_results_and_none_is_named() {
        let table = Relation::from("clients");
        let mut mapping: Mapping = serde_json::from_value(serde_json::json!({
            "table": table, "columns": { "external_id": "id" },
        }))
        .unwrap();
        let key = || Changes {
            result_key: Some("no".to_owned()),
            ..changes(None)
        };
        assert_eq!(changes(None).target(&mapping), None);
        assert_eq!(changes(Some("")).target(&mapping), None);
        let own = Some(table.clone());
        assert_eq!(changes(Some("clients")).target(&mapping), own);
        assert_eq!(key().target(&mapping), own, "they go somewhere");
        mapping.results = Some(mapping.own_results());
        assert_eq!(changes(Some("clients")).target(&mapping), None, "it stays");
        assert_eq!(key().target(&mapping), None);
        let other = Some(Relation::from("outcomes"));
        assert_eq!(changes(Some("outcomes")).target(&mapping), other);
        let named = Changes {
            results: vec![result("error=last_error").unwrap()],
            ..changes(Some("outcomes"))
        };
        assert_eq!(named.target(&mapping), None, "a column is named");
    }

    #[test]
    fn what_is_said_is_read_and_what_is_not_known_is_named() {
        assert!(column("name=company").is_ok() && column("name=").is_ok());
        for (wrong, known) in [
            (column("agency=x").map(drop), "external_id"),
            (meaning("trial=gone").map(drop), "inactive, request"),
            (result("colour=x").map(drop), "completed_at"),
            (word("done=x").map(drop), "succeeded"),
            (column("name").map(drop), "="),
        ] {
            assert!(
                wrong.as_ref().is_err_and(|why| why.contains(known)),
                "{wrong:?}"
            );
        }
    }
}
