//! Writing all customers, as the file that an import reads again.

use fabrik_domain::{Cause, Problem, customer::Customer};
use fabrik_store::{CustomerQuery, CustomerSort};
use serde_json::json;

use super::fields::FIELDS;
use crate::App;

impl App {
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

pub(super) fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

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
