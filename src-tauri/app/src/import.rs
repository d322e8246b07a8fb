//! Moving in with customers: a CSV file with a heading, a JSON list, or an older system's
//! `customer-config.json`. Each row has its own verdict; the good ones go on.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerStatus, NewCustomer, slug_of},
    language::Language,
    secret::{Secret, SecretRef},
};
use fabrik_store::{CustomerQuery, CustomerSort, Inserted};
use serde_json::{Map, Value, json};

use crate::{
    App,
    views::{CustomerImport, ImportedRow},
};

/// A row of the file: its place, and its fields by their name here.
struct Row {
    line: u64,
    fields: BTreeMap<&'static str, String>,
    modules: Vec<String>,
}

/// The fields, each with the names it goes by in the systems that Fabrik replaces (without case, spaces,
/// `_` and `-`).
const FIELDS: &[(&str, &[&str])] = &[
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

impl App {
    /// See the table of commands.
    pub async fn customers_import(
        &self,
        file_name: String,
        content: String,
        dry_run: bool,
    ) -> Result<CustomerImport, Problem> {
        let rows = read(&file_name, &content)?;
        let mut imported: Vec<ImportedRow> = Vec::with_capacity(rows.len());
        let mut good = Vec::new();
        let mut places = Vec::new();
        let mut urls = Vec::new();
        for row in rows {
            let (new, url, mut problems) = self.customer_of(&row);
            if problems.is_empty() {
                problems.extend(self.faults(&new));
            }
            if problems.is_empty() {
                places.push(imported.len());
                urls.push(url);
                good.push((new.clone(), slug_of(&new.name)));
            }
            imported.push(ImportedRow {
                line: row.line,
                name: new.name,
                customer: None,
                problems,
            });
        }
        let audit = self.audit(
            "customers.imported",
            json!({ "file": file_name, "rows": imported.len() }),
        );
        let verdicts = self.store.import_customers(good, dry_run, audit).await?;
        for ((place, url), verdict) in places.into_iter().zip(urls).zip(verdicts) {
            match verdict {
                Inserted::Added(customer) => {
                    if let Some(url) = url
                        && !dry_run
                        && let Err(problem) = self.keep_database_url(&customer, url).await
                    {
                        imported[place].problems.push(problem);
                    }
                    imported[place].customer = Some(*customer);
                }
                Inserted::Refused(problem) => imported[place].problems.push(problem),
            }
        }
        let added = imported.iter().filter(|row| row.customer.is_some()).count() as u64;
        Ok(CustomerImport {
            added,
            refused: imported.len() as u64 - added,
            rows: imported,
            dry_run,
        })
    }

    /// All customers, as the file that [`customers_import`](Self::customers_import) reads again: CSV, whose
    /// cells no spreadsheet takes for formulas, or JSON.
    pub async fn customers_export(&self, csv: bool) -> Result<String, Problem> {
        let query = CustomerQuery {
            sort: CustomerSort::Name,
            ..CustomerQuery::default()
        };
        let customers = self.store.customers(query).await?.rows;
        if !csv {
            return serde_json::to_string_pretty(&json!({ "customers": customers }))
                .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()));
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        let internal = |error: &dyn std::fmt::Display| {
            Problem::from(Cause::Internal).detail(error.to_string())
        };
        writer
            .write_record(FIELDS.iter().map(|(field, _)| *field))
            .map_err(|error| internal(&error))?;
        for customer in customers {
            let cells = FIELDS
                .iter()
                .map(|(field, _)| harmless(cell(&customer, field)));
            writer
                .write_record(cells)
                .map_err(|error| internal(&error))?;
        }
        let bytes = writer.into_inner().map_err(|error| internal(&error))?;
        String::from_utf8(bytes).map_err(|error| internal(&error))
    }

    /// The customer a row asks for. What it leaves out is filled in where there is one natural answer: the
    /// subdomain from the name, the blueprint that is first, its first plan.
    fn customer_of(&self, row: &Row) -> (NewCustomer, Option<Secret>, Vec<Problem>) {
        let get = |field: &str| {
            row.fields
                .get(field)
                .cloned()
                .filter(|text| !text.is_empty())
        };
        let mut problems = Vec::new();
        let missing = |field: &str| {
            Problem::from(Cause::FieldMissing {
                field: field.to_owned(),
            })
        };
        let blueprints = self.all_blueprints();
        let blueprint = get("blueprint")
            .or_else(|| blueprints.first().map(|blueprint| blueprint.name.clone()))
            .unwrap_or_default();
        let plan = get("plan").map(|plan| plan.to_lowercase()).or_else(|| {
            let found = blueprints.iter().find(|other| other.name == blueprint)?;
            found.plans.first().map(|plan| plan.name.clone())
        });
        for field in ["name", "contact_email"] {
            if get(field).is_none() {
                problems.push(missing(field));
            }
        }
        let name = get("name").unwrap_or_default();
        let (reference, url) = match get("database_url") {
            Some(text) => match text.parse::<SecretRef>() {
                Ok(reference) => (Some(reference), None),
                Err(_) => (None, Some(Secret::from(text))),
            },
            None => (None, None),
        };
        let credits =
            get("credits").map_or(Ok(0), |text| text.replace([' ', '\u{a0}'], "").parse());
        let new = NewCustomer {
            subdomain: get("subdomain")
                .map_or_else(|| slug_of(&name), |label| label.to_lowercase()),
            name,
            contact_email: get("contact_email").unwrap_or_default(),
            contact_name: get("contact_name"),
            blueprint,
            plan: plan.unwrap_or_default(),
            language: get("language")
                .and_then(|tag| Language::from_tag(&tag))
                .unwrap_or(self.language()),
            modules: row.modules.clone(),
            credits: credits.unwrap_or(0),
            external_id: get("external_id"),
            status: get("status").map_or(CustomerStatus::Pending, |word| status(&word)),
            production_url: get("production_url"),
            github_repo_url: get("github_repo_url"),
            supabase_project_ref: get("supabase_project_ref"),
            database_url: reference,
        };
        (new, url, problems)
    }

    async fn keep_database_url(&self, customer: &Customer, url: Secret) -> Result<(), Problem> {
        let reference = SecretRef::customer(self.store.workspace(), customer.id, "database-url");
        self.vault.set(&reference, url).await?;
        let audit = self.audit("customer.database_url_imported", json!({}));
        self.store
            .set_database_url(customer.id, &reference, audit)
            .await
    }
}

/// The rows of a file. CSV may be separated by commas, semicolons or tabs, as spreadsheets save it.
fn read(file_name: &str, content: &str) -> Result<Vec<Row>, Problem> {
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
        return Ok(json_rows(value).ok_or_else(|| unreadable("no list of customers".to_owned()))?);
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
    for (key, value) in object {
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

fn status(word: &str) -> CustomerStatus {
    match word.to_lowercase().as_str() {
        "active" | "aktiv" | "live" => CustomerStatus::Active,
        "inactive" | "inaktiv" | "paused" | "suspended" | "cancelled" | "canceled" => {
            CustomerStatus::Inactive
        }
        _ => CustomerStatus::Pending,
    }
}

fn cell(customer: &Customer, field: &str) -> String {
    let text = match field {
        "name" => &customer.name,
        "subdomain" => &customer.subdomain,
        "contact_email" => &customer.contact_email,
        "blueprint" => &customer.blueprint,
        "plan" => &customer.plan,
        "language" => customer.language.code(),
        "status" => customer.status.key(),
        "credits" => return customer.credits.to_string(),
        "modules" => return customer.modules.join(" "),
        "database_url" => {
            return customer
                .database_url
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default();
        }
        "contact_name" => customer.contact_name.as_deref().unwrap_or_default(),
        "external_id" => customer.external_id.as_deref().unwrap_or_default(),
        "production_url" => customer.production_url.as_deref().unwrap_or_default(),
        "github_repo_url" => customer.github_repo_url.as_deref().unwrap_or_default(),
        "supabase_project_ref" => customer.supabase_project_ref.as_deref().unwrap_or_default(),
        _ => "",
    };
    text.to_owned()
}

/// What a spreadsheet would take for a formula is given an apostrophe (S7).
fn harmless(cell: String) -> String {
    if is_formula(&cell) {
        format!("'{cell}")
    } else {
        cell
    }
}

fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
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

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+46", "-x", "@a", "\tx"] {
            assert!(
                harmless(text.to_owned()).starts_with('\''),
                "{text:?} is made harmless"
            );
        }
        assert_eq!(harmless("Åkermark".to_owned()), "Åkermark");
    }
}
