//! Writing all customers, as the file that an import reads again.

use std::collections::BTreeSet;

use fabrik_domain::{Cause, Problem, customer::Customer, id::CustomerId};
use fabrik_store::{CustomerQuery, CustomerSort};
use serde_json::json;

use super::fields::FIELDS;
use crate::{
    App,
    views::{ExportFormat, SavedFile},
};

impl App {
    /// See the table of commands.
    pub async fn customers_save(
        &self,
        format: ExportFormat,
        customers: Vec<CustomerId>,
    ) -> Result<SavedFile, Problem> {
        let text = self.customers_export(format, &customers).await?;
        let extension = match format {
            ExportFormat::Csv => "csv",
            ExportFormat::Json => "json",
        };
        self.save("fabrik-customers", extension, &text)
    }

    /// All customers, or of `only` those that are there, as the file that
    /// [`customers_import`](Self::customers_import) reads again: CSV, whose cells no spreadsheet takes for
    /// formulas, or JSON.
    pub async fn customers_export(
        &self,
        format: ExportFormat,
        only: &[CustomerId],
    ) -> Result<String, Problem> {
        let query = CustomerQuery {
            sort: CustomerSort::Name,
            ..CustomerQuery::default()
        };
        let mut customers = self.store.customers(query).await?.rows;
        if !only.is_empty() {
            let only: BTreeSet<_> = only.iter().collect();
            customers.retain(|customer| only.contains(&customer.id));
        }
        if format == ExportFormat::Json {
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
                .map(|(field, _)| harmless(&cell(&customer, field)));
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

/// What a spreadsheet would take for a formula is given an apostrophe (S7): at the beginning, and where a cell would
/// begin for one that separates by semicolons, as a Swedish one does.
pub(super) fn harmless(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    if cell.starts_with(['\t', '\r']) {
        text.push('\'');
    }
    let mut begins = true;
    for c in cell.chars() {
        if begins && is_operator(c) {
            text.push('\'');
        }
        begins = begins_anew(begins, c);
        text.push(c);
    }
    text
}

/// A cell as it was before [`harmless`].
pub(crate) fn as_it_was(cell: &str) -> String {
    let mut text = String::with_capacity(cell.len());
    let mut rest = match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['\t', '\r']) => rest,
        _ => cell,
    }
    .chars()
    .peekable();
    let mut begins = true;
    while let Some(c) = rest.next() {
        if begins && c == '\'' && rest.peek().is_some_and(|next| is_operator(*next)) {
            continue;
        }
        begins = begins_anew(begins, c);
        text.push(c);
    }
    text
}

/// Whether a cell would begin after this character.
fn begins_anew(begins: bool, c: char) -> bool {
    matches!(c, ';' | '\t' | '\r' | '\n') || (begins && matches!(c, ' ' | '\u{a0}' | '"'))
}

/// What formulas begin with; as wide as a Japanese keyboard writes it too.
fn is_operator(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
}

#[cfg(test)]
mod tests {
    use fabrik_domain::customer::NewCustomer;

    use super::*;
    use crate::testing;

    #[test]
    fn no_cell_is_a_formula_and_each_is_read_back_as_it_was() {
        for text in ["=1+1", "+46", "-x", "@a", "\tx", "＝1"] {
            assert!(
                harmless(text).starts_with('\''),
                "{text:?} is made harmless"
            );
        }
        assert_eq!(harmless("Åkermark; = AB"), "Åkermark; '= AB");
        assert_eq!(harmless("Åkermark - AB"), "Åkermark - AB");
        let naughty: Vec<String> =
            serde_json::from_str(include_str!("../../../../tests/naughty.json")).unwrap();
        for text in naughty {
            assert_eq!(as_it_was(&harmless(&text)), text);
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_what_was_chosen_without_a_formula() {
        let downloads = tempfile::tempdir().unwrap();
        let place = downloads.path().to_str().unwrap().to_owned();
        let (_folder, app) = testing::app_with(&[("XDG_DOWNLOAD_DIR", &place)]).await;
        let mut ids = Vec::new();
        for (name, subdomain) in [("Åkermark", "akermark"), ("Björk", "bjork")] {
            let new = NewCustomer {
                name: name.to_owned(),
                subdomain: subdomain.to_owned(),
                contact_email: format!("info@{subdomain}.example"),
                contact_name: Some("=HYPERLINK(\"http://x\")".to_owned()),
                blueprint: "factory".to_owned(),
                plan: "starter".to_owned(),
                ..NewCustomer::default()
            };
            ids.push(app.customer_add(new).await.unwrap().id);
        }
        let read = |file: &SavedFile| std::fs::read_to_string(&file.path).unwrap();
        let all = app.customers_save(ExportFormat::Csv, vec![]).await.unwrap();
        let text = read(&all);
        assert!(all.path.contains(&all.name), "{all:?}");
        assert!(
            text.contains("Åkermark") && text.contains("Björk"),
            "{text}"
        );
        let mut rows = csv::Reader::from_reader(text.as_bytes());
        for row in rows.records() {
            for cell in &row.unwrap() {
                assert!(!cell.starts_with(is_operator), "{cell:?} would be run");
            }
        }
        let one = app
            .customers_save(ExportFormat::Json, vec![ids[1]])
            .await
            .unwrap();
        let document: serde_json::Value = serde_json::from_str(&read(&one)).unwrap();
        assert_eq!(document["customers"].as_array().unwrap().len(), 1);
        assert_eq!(document["customers"][0]["name"], "Björk");
    }
}
