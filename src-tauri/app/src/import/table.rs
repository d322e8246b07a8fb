//! A row of an agency's own table, as a row of a file.

use fabrik_domain::{
    Cause,
    customer::Customer,
    mapping::{Mapping, Meaning, SourceField},
};
use fabrik_store::SourceRow;
use serde_json::Value;

use super::{fields::words, file::Row, json};

/// Whether a row's status says that it is no customer: such a one is left aside, whatever else it says.
pub(crate) fn is_ignored(row: &SourceRow, mapping: &Mapping) -> bool {
    let word = row.get(&SourceField::Status);
    let said = word.and_then(|word| meaning(word, mapping));
    said.is_some_and(|said| said.status().is_none() && !matches!(said, Meaning::Request))
}

/// The row at this place; `None` where its status says that it is no customer. A word that the mapping doesn't explain is
/// read as in a file.
pub(crate) fn row_of(place: u64, row: SourceRow, mapping: &Mapping) -> Option<Row> {
    let mut made = Row::at(place);
    for (field, text) in row {
        match field {
            SourceField::Modules => read_modules(&text, &mut made),
            SourceField::Status => {
                let status = match meaning(&text, mapping) {
                    Some(Meaning::Request) => {
                        made.asks = true;
                        continue;
                    }
                    Some(meaning) => meaning.status()?.key().to_owned(),
                    None => text,
                };
                made.fields.insert(field.key(), status);
            }
            _ => {
                made.fields.insert(field.key(), text);
            }
        }
    }
    if !made.fields.contains_key(SourceField::ExternalId.key()) {
        let field = SourceField::ExternalId.key().to_owned();
        made.faults.push(Cause::FieldMissing { field }.into());
    }
    made.or_usual(mapping.blueprint.as_deref(), mapping.plan.as_deref());
    Some(made)
}

fn meaning(word: &str, mapping: &Mapping) -> Option<Meaning> {
    let word = word.to_lowercase();
    match (mapping.statuses.get(&word), word.as_str()) {
        (Some(meaning), _) => Some(*meaning),
        // What a column of truths holds.
        (None, "true") => Some(Meaning::Active),
        (None, "false") => Some(Meaning::Inactive),
        (None, _) => None,
    }
}

/// A list as one text, as JSON, or a switch for each.
fn read_modules(text: &str, row: &mut Row) {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_))) => json::modules(value, row),
        _ => row.modules = words(text),
    }
}

impl Row {
    /// Whether it tells of a customer that has its id: the same address or subdomain. An id alone may be another's, from
    /// another system.
    pub(crate) fn tells_of(&self, customer: &Customer) -> bool {
        let own = [
            (SourceField::ContactEmail, &customer.contact_email),
            (SourceField::Subdomain, &customer.subdomain),
        ];
        own.into_iter().any(|(field, own)| {
            let told = self.fields.get(field.key());
            told.is_some_and(|told| told.eq_ignore_ascii_case(own))
        })
    }

    /// Takes from a customer that is there what is its own by now, whatever its row says.
    pub(crate) fn is_of(&mut self, customer: &Customer) {
        for field in SourceField::ALL.iter().filter(|field| !field.is_followed()) {
            if *field != SourceField::ExternalId {
                self.fields.remove(field.key());
            }
        }
        self.fields.insert("subdomain", customer.subdomain.clone());
        self.fields.insert("blueprint", customer.blueprint.clone());
        self.fields
            .entry("plan")
            .or_insert_with(|| customer.plan.clone());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_domain::mapping::Relation;

    use super::*;

    fn mapping() -> Mapping {
        let read = [
            ("approved", Meaning::Pending),
            ("pending", Meaning::None),
            ("done", Meaning::Active),
            ("new", Meaning::Request),
        ];
        Mapping {
            table: Relation::from("agency_onboarding_requests"),
            columns: BTreeMap::new(),
            statuses: read
                .map(|(word, meaning)| (word.to_owned(), meaning))
                .into(),
            blueprint: Some("agency".to_owned()),
            plan: None,
            results: None,
        }
    }

    fn row(fields: &[(SourceField, &str)]) -> Option<Row> {
        let fields = fields
            .iter()
            .map(|(field, text)| (*field, (*text).to_owned()));
        row_of(1, fields.collect(), &mapping())
    }

    #[test]
    fn a_status_is_what_the_mapping_says() {
        use SourceField::{ExternalId, Status};
        for (word, status) in [
            ("Approved", Some("pending")),
            ("done", Some("active")),
            ("true", Some("active")),
            ("aktiv", Some("aktiv")),
            ("pending", None),
        ] {
            let row = row(&[(ExternalId, "7"), (Status, word)]);
            let read = row.map(|row| row.fields["status"].clone());
            assert_eq!(read.as_deref(), status, "{word}");
        }
    }

    #[test]
    fn who_asks_is_no_customer_yet() {
        use SourceField::{ExternalId, Status};
        for (word, asks) in [("New", true), ("approved", false), ("ny", false)] {
            let row = row(&[(ExternalId, "7"), (Status, word)]).expect("a row");
            assert_eq!(row.asks, asks, "{word}");
            assert_eq!(row.fields.contains_key("status"), !asks, "{word}");
        }
    }

    #[test]
    fn modules_are_read_however_they_are_kept() {
        use SourceField::{ExternalId, Modules};
        for text in [
            "crm, email",
            r#"["crm","email"]"#,
            r#"{"crm":true,"email":{"enabled":true},"social":false}"#,
        ] {
            let row = row(&[(ExternalId, "7"), (Modules, text)]).expect("a customer");
            assert_eq!(row.modules, ["crm", "email"], "{text}");
        }
    }

    #[test]
    fn a_row_without_an_id_is_nobodys() {
        let row = row(&[(SourceField::Name, "Åkermark")]).expect("a row");
        assert_eq!(row.faults.len(), 1, "its id is missing: {:?}", row.faults);
    }
}
