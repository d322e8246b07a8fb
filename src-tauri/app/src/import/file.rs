//! Reading a file of customers: CSV with a heading, a JSON list, an older `customer-config.json`.

use std::collections::BTreeMap;

use fabrik_domain::{Cause, Problem, customer::CustomerStatus};
use serde_json::{Map, Value};

use super::export::is_formula;

/// A row of the file: its place, and its fields by their name here.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) fields: BTreeMap<&'static str, String>,
    pub(super) modules: Vec<String>,
}

/// The fields, each with the names it goes by in the systems that Fabrik replaces (without case, spaces,
/// `_` and `-`).
pub(super) const FIELDS: &[(&str, &[&str])] = &[
    (
        "name",
        &[
            "name",
            "namn",
            "customername",
            "clientname",
            "companyname",
            "company",
            "agencyname",
            "organizationname",
            "kund",
        ],
    ),
    ("subdomain", &["subdomain", "subdoman", "subdomän", "slug"]),
    (
        "contact_email",
        &[
            "contactemail",
            "email",
            "epost",
            "adminemail",
            "owneremail",
            "kontaktepost",
        ],
    ),
    (
        "contact_name",
        &[
            "contactname",
            "contact",
            "kontakt",
            "adminname",
            "ownername",
        ],
    ),
    ("blueprint", &["blueprint", "mall"]),
    (
        "plan",
        &[
            "plan",
            "tier",
            "subscription",
            "subscriptionplan",
            "subscriptiontier",
        ],
    ),
    (
        "language",
        &["language", "sprak", "språk", "locale", "lang"],
    ),
    (
        "credits",
        &["credits", "creditsbalance", "krediter", "creditbalance"],
    ),
    (
        "external_id",
        &[
            "externalid",
            "id",
            "customerid",
            "clientid",
            "organizationid",
            "kundid",
            "kundnr",
            "kundnummer",
        ],
    ),
    ("status", &["status"]),
    (
        "production_url",
        &["productionurl", "vercelurl", "url", "siteurl"],
    ),
    (
        "github_repo_url",
        &["githubrepourl", "githuburl", "repositoryurl", "repourl"],
    ),
    (
        "supabase_project_ref",
        &[
            "supabaseprojectref",
            "supabaseref",
            "projectref",
            "supabaseprojectid",
        ],
    ),
    ("database_url", &["databaseurl", "dburl"]),
    (
        "modules",
        &["modules", "moduler", "enabledmodules", "features"],
    ),
];

/// The rows of a file. CSV may be separated by commas, semicolons or tabs, as spreadsheets save it.
pub(super) fn read(file_name: &str, content: &str) -> Result<Vec<Row>, Problem> {
    let content = content.trim_start_matches('\u{feff}');
    let unreadable = |why: String| {
        Problem::from(Cause::FileUnreadable {
            file: file_name.to_owned(),
            why,
        })
    };
    if content.trim_start().starts_with(['[', '{']) {
        let value: Value =
            serde_json::from_str(content).map_err(|error| unreadable(error.to_string()))?;
        return json_rows(value).ok_or_else(|| unreadable("no list of customers".to_owned()));
    }
    let heading = content.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|delimiter| heading.bytes().filter(|byte| byte == delimiter).count())
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(content.as_bytes());
    let headings = reader
        .headers()
        .map_err(|error| unreadable(error.to_string()))?
        .clone();
    let columns: Vec<_> = headings.iter().map(field).collect();
    if !columns.contains(&Some("name")) {
        return Err(unreadable("no column \"name\"".to_owned()));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = Row {
            line,
            fields: BTreeMap::new(),
            modules: Vec::new(),
        };
        for (column, text) in columns.iter().zip(record.iter()) {
            // The apostrophe that an export puts before what looks like a formula.
            let text = text
                .strip_prefix('\'')
                .filter(|rest| is_formula(rest))
                .unwrap_or(text);
            match column {
                Some("modules") => row.modules = words(text),
                Some(field) => {
                    row.fields.entry(*field).or_insert_with(|| text.to_owned());
                }
                None => {}
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// Customers in JSON: a list, a list or a map under `customers` (or `clients`, `tenants`), a map by id or
/// subdomain, or one customer alone.
fn json_rows(value: Value) -> Option<Vec<Row>> {
    let row = |line: usize, object: Map<String, Value>, key: Option<String>| {
        let mut row = Row {
            line: line as u64 + 1,
            fields: BTreeMap::new(),
            modules: Vec::new(),
        };
        flatten(object, &mut row);
        if let Some(key) = key {
            row.fields.entry("subdomain").or_insert(key);
        }
        row
    };
    match value {
        Value::Array(items) => Some(
            items
                .into_iter()
                .enumerate()
                .map(|(line, item)| row(line, item.as_object().cloned().unwrap_or_default(), None))
                .collect(),
        ),
        Value::Object(mut object) => {
            for key in ["customers", "clients", "tenants", "organizations"] {
                if let Some(inner) = object.remove(key) {
                    return json_rows(inner);
                }
            }
            if object.keys().any(|key| field(key) == Some("name")) {
                return Some(vec![row(0, object, None)]);
            }
            if object.is_empty() || !object.values().all(Value::is_object) {
                return None;
            }
            let items = object.into_iter().enumerate();
            Some(
                items
                    .map(|(line, (key, item))| {
                        row(
                            line,
                            item.as_object().cloned().unwrap_or_default(),
                            Some(key),
                        )
                    })
                    .collect(),
            )
        }
        _ => None,
    }
}

/// Takes an object's fields; those of objects within it too, where the outer one has none of that name.
fn flatten(object: Map<String, Value>, row: &mut Row) {
    let mut inner = Vec::new();
    let mut entries: Vec<_> = object.into_iter().collect();
    // A field's own name counts before the others it goes by: an export has `slug` beside `subdomain`.
    entries.sort_by_key(|(key, _)| field(key) != Some(key.as_str()));
    for (key, value) in entries {
        match (field(&key), value) {
            (Some("modules"), Value::Array(items)) => {
                row.modules = items
                    .iter()
                    .filter_map(Value::as_str)
                    .flat_map(words)
                    .collect();
            }
            (Some("modules"), Value::Object(switches)) => {
                row.modules = switches
                    .into_iter()
                    .filter(|(_, on)| {
                        on.as_bool() == Some(true) || on["enabled"].as_bool() == Some(true)
                    })
                    .map(|(name, _)| name)
                    .collect();
            }
            (Some("modules"), Value::String(text)) => row.modules = words(&text),
            (Some(field), Value::String(text)) => {
                row.fields
                    .entry(field)
                    .or_insert_with(|| text.trim().to_owned());
            }
            (Some(field), Value::Number(number)) => {
                row.fields
                    .entry(field)
                    .or_insert_with(|| number.to_string());
            }
            (_, Value::Object(object)) => inner.push(object),
            _ => {}
        }
    }
    for object in inner {
        flatten(object, row);
    }
}

fn field(heading: &str) -> Option<&'static str> {
    let plain: String = heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect();
    FIELDS
        .iter()
        .find(|(_, names)| names.contains(&plain.as_str()))
        .map(|(field, _)| *field)
}

fn words(text: &str) -> Vec<String> {
    text.split([',', ';', '|', ' '])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

pub(super) fn status(word: &str) -> CustomerStatus {
    match word.to_lowercase().as_str() {
        "active" | "aktiv" | "live" => CustomerStatus::Active,
        "inactive" | "inaktiv" | "paused" | "suspended" | "cancelled" | "canceled" => {
            CustomerStatus::Inactive
        }
        _ => CustomerStatus::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_older_systems_are_read() {
        let csv = "\u{feff}Namn;Subdomän;E-post;Plan;Moduler\nÅkermark;akermark;anna@akermark.se;starter;crm, email\n";
        let json = r#"{"customers":{"akermark":{"companyName":"Åkermark","admin":{"adminEmail":"anna@akermark.se"},"plan":"starter","modules":{"crm":true,"email":{"enabled":true},"social":false}}}}"#;
        let list = r#"[{"id":"clx1","name":"Åkermark","subdomain":"akermark","email":"anna@akermark.se","modules":["crm","email"]}]"#;
        for (name, text) in [
            ("a.csv", csv),
            ("customer-config.json", json),
            ("b.json", list),
        ] {
            let rows = read(name, text).unwrap();
            assert_eq!(rows.len(), 1, "{name} has one customer");
            assert_eq!(rows[0].fields["name"], "Åkermark", "{name}");
            assert_eq!(rows[0].fields["subdomain"], "akermark", "{name}");
            assert_eq!(
                rows[0].fields["contact_email"], "anna@akermark.se",
                "{name}"
            );
            assert_eq!(rows[0].modules, ["crm", "email"], "{name}");
        }
    }

    #[test]
    fn what_is_no_list_of_customers_is_refused() {
        for text in ["", "a,b\n1,2\n", "{\"version\": 1}", "[1, 2", "{}"] {
            assert!(read("x", text).is_err(), "{text:?} is refused");
        }
    }
}
