//! Moving in with customers: a CSV file with a heading, a JSON list, or an older system's
//! `customer-config.json`. Each row has its own verdict; the good ones go on.

mod export;
mod file;

use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, CustomerStatus, NewCustomer, slug_of},
    language::Language,
    secret::{Secret, SecretRef},
};
use fabrik_store::Inserted;
use serde_json::json;

use self::file::{Row, read, status};
use crate::{
    App,
    views::{CustomerImport, ImportedRow},
};

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
