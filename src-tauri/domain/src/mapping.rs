//! An agency's own table of customers: which of its columns mean what, and which take a run's results.
//!
//! Fabrik's own record stays the record of runs; the table is where customers come from, and where results are
//! also written.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::customer::CustomerStatus;

/// A table or view: `public.organizations`. A name may hold anything, capitals and dots too.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
pub struct Relation {
    /// Its schema.
    pub schema: String,
    /// Its name, as the database has it.
    pub name: String,
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

impl From<&str> for Relation {
    /// What people type: without a schema it is `public`.
    fn from(text: &str) -> Self {
        let (schema, name) = text.split_once('.').unwrap_or(("public", text));
        Self {
            schema: schema.to_owned(),
            name: name.to_owned(),
        }
    }
}

/// No such field.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("no such field")]
pub struct NoSuchField;

macro_rules! fields {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $about:literal])+ $field:ident => $key:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[doc = $about])+ $field,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$field),+];

            /// Its name, in a mapping and to people.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$field => $key),+ }
            }
        }

        impl FromStr for $name {
            type Err = NoSuchField;

            fn from_str(text: &str) -> Result<Self, NoSuchField> {
                let found = Self::ALL.iter().find(|field| field.key() == text);
                found.copied().ok_or(NoSuchField)
            }
        }
    };
}

fields! {
    /// What a column can say of a customer.
    SourceField {
        /// The customer's id there, which results are written by.
        ExternalId => "external_id",
        /// The name.
        Name => "name",
        /// The subdomain; made from the name where none is given.
        Subdomain => "subdomain",
        /// Who is written to.
        ContactEmail => "contact_email",
        /// The contact's name.
        ContactName => "contact_name",
        /// The status.
        Status => "status",
        /// The plan.
        Plan => "plan",
        /// The language.
        Language => "language",
        /// The credits.
        Credits => "credits",
        /// The modules that are switched on.
        Modules => "modules",
        /// Where the instance answers.
        ProductionUrl => "production_url",
        /// The repository.
        GithubRepoUrl => "github_repo_url",
        /// The Supabase project.
        SupabaseProjectRef => "supabase_project_ref",
    }
}

fields! {
    /// What a run's end can write into a column.
    ResultField {
        /// How it went, in the table's own word.
        Status => "status",
        /// Where the instance answers.
        ProductionUrl => "production_url",
        /// The repository.
        GithubRepoUrl => "github_repo_url",
        /// The Supabase project's ref.
        SupabaseProjectRef => "supabase_project_ref",
        /// The Vercel project's id.
        VercelProjectId => "vercel_project_id",
        /// The run's id.
        Run => "run",
        /// What went wrong; empty where nothing did.
        Error => "error",
        /// When the run began.
        StartedAt => "started_at",
        /// When it ended.
        CompletedAt => "completed_at",
        /// When the instance was made or last changed; empty once it is removed. A run that failed leaves it.
        ProvisionedAt => "provisioned_at",
    }
}

impl SourceField {
    /// Those without which there is no customer.
    pub const NEEDED: [Self; 3] = [Self::ExternalId, Self::Name, Self::ContactEmail];

    /// What later changes of the table change here too. The rest is taken over when the customer is added: from then on
    /// the instance is Fabrik's to tell of, and its subdomain stays.
    pub const fn is_followed(self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::ContactEmail
                | Self::ContactName
                | Self::Plan
                | Self::Language
                | Self::Credits
                | Self::Modules
        )
    }
}

/// What a word in the column of statuses means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// A customer that waits for its instance.
    Pending,
    /// One that has it.
    Active,
    /// One that is paused or gone.
    Inactive,
    /// Somebody who asks to become one: that is the inbox's.
    Request,
    /// No customer: one that was rejected.
    None,
}

impl Meaning {
    /// The status; nothing where it is no customer, or none yet.
    pub const fn status(self) -> Option<CustomerStatus> {
        match self {
            Self::Pending => Some(CustomerStatus::Pending),
            Self::Active => Some(CustomerStatus::Active),
            Self::Inactive => Some(CustomerStatus::Inactive),
            Self::Request | Self::None => None,
        }
    }
}

/// Where a run's results go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct ResultMapping {
    /// A table, or a view that can be written.
    pub table: Relation,
    /// The column that holds the customer's id there.
    pub key: String,
    /// The columns that are written. No other is touched.
    pub columns: BTreeMap<ResultField, String>,
    /// The status of one who asked and was approved; none leaves the column as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub approved: Option<String>,
    /// Of one who was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rejected: Option<String>,
    /// Of a customer whose instance is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub succeeded: Option<String>,
    /// Of one whose run has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub failed: Option<String>,
    /// Of one whose instance was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub removed: Option<String>,
}

impl ResultMapping {
    /// The table's words for a result's status, each with the name of what it is the word for.
    pub fn words(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let words = [
            ("approved", &self.approved),
            ("rejected", &self.rejected),
            ("succeeded", &self.succeeded),
            ("failed", &self.failed),
            ("removed", &self.removed),
        ];
        words
            .into_iter()
            .filter_map(|(outcome, word)| Some((outcome, word.as_ref()?)))
    }

    /// Whether any result at all would be written: into some column, and a status in some word.
    pub fn has_what_to_write(&self) -> bool {
        let has_words = self.words().next().is_some();
        let mut columns = self.columns.keys();
        columns.any(|field| *field != ResultField::Status || has_words)
    }
}

/// An agency's own table, as Fabrik reads and writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ts_rs::TS)]
pub struct Mapping {
    /// Where customers are read from.
    pub table: Relation,
    /// The columns that are read.
    pub columns: BTreeMap<SourceField, String>,
    /// What the words in the column of statuses mean, in lower case, beyond those that everybody uses.
    #[serde(default)]
    pub statuses: BTreeMap<String, Meaning>,
    /// The blueprint of all of them; the first there is where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub blueprint: Option<String>,
    /// The plan of those that say none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub plan: Option<String>,
    /// Where results go; nowhere where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub results: Option<ResultMapping>,
}

impl Mapping {
    /// Reads a field from another column, or from none. Results that were found by the column of ids are found by the new
    /// one: a result by another id would be another customer's.
    pub fn read_from(&mut self, field: SourceField, column: Option<String>) {
        let before = match &column {
            Some(column) => self.columns.insert(field, column.clone()),
            None => self.columns.remove(&field),
        };
        if field == SourceField::ExternalId
            && let Some(results) = &mut self.results
            && results.key == before.unwrap_or_default()
        {
            results.key = column.unwrap_or_default();
        }
    }

    /// Where results go if nothing is said of them: to the table itself, each to the row that it was read from.
    pub fn own_results(&self) -> ResultMapping {
        let key = self.columns.get(&SourceField::ExternalId);
        ResultMapping {
            table: self.table.clone(),
            key: key.cloned().unwrap_or_default(),
            columns: BTreeMap::new(),
            approved: None,
            rejected: None,
            succeeded: None,
            failed: None,
            removed: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a table's form in the window does by itself is held against the same cases, in `ui/test/unit/mapping.test.ts`.
    #[derive(Deserialize)]
    struct Cases {
        own: Vec<Own>,
        reads: Vec<Read>,
    }

    /// Results that nothing is said of, where ids are read from this column.
    #[derive(Deserialize)]
    struct Own {
        ids: Option<String>,
        key: String,
    }

    /// Results that are found by `key`, once a field is read from another column.
    #[derive(Deserialize)]
    struct Read {
        ids: Option<String>,
        key: String,
        field: SourceField,
        column: Option<String>,
        becomes: String,
    }

    fn reading(ids: Option<String>) -> Mapping {
        let ids = ids.map(|ids| (SourceField::ExternalId, ids));
        Mapping {
            table: Relation::from("clients"),
            columns: ids.into_iter().collect(),
            statuses: BTreeMap::new(),
            blueprint: None,
            plan: None,
            results: None,
        }
    }

    #[test]
    fn results_are_found_by_the_id_that_customers_are_read_with() {
        let cases = include_str!("../../../tests/mapping.json");
        let Cases { own, reads } = serde_json::from_str(cases).unwrap();
        for Own { ids, key } in own {
            let results = serde_json::to_value(reading(ids).own_results()).unwrap();
            let table = serde_json::json!({ "schema": "public", "name": "clients" });
            let expected = serde_json::json!({ "table": table, "key": key, "columns": {} });
            assert_eq!(results, expected);
        }
        for read in reads {
            let mut mapping = reading(read.ids);
            mapping.results = Some(ResultMapping {
                key: read.key,
                ..mapping.own_results()
            });
            mapping.read_from(read.field, read.column.clone());
            let told = format!("{:?} from {:?}", read.field, read.column);
            assert_eq!(mapping.results.unwrap().key, read.becomes, "{told}");
            assert_eq!(mapping.columns.get(&read.field), read.column.as_ref());
        }
    }

    #[test]
    fn results_without_a_column_or_a_status_without_a_word_write_nothing() {
        let mut results = reading(None).own_results();
        results.succeeded = Some("active".to_owned());
        assert!(!results.has_what_to_write(), "no column");
        let status = (ResultField::Status, "status".to_owned());
        results.columns.extend([status]);
        assert!(results.has_what_to_write());
        let words: Vec<_> = results.words().map(|(outcome, _)| outcome).collect();
        assert_eq!(words, ["succeeded"]);
        results.succeeded = None;
        assert!(!results.has_what_to_write(), "no word");
        let url = (ResultField::ProductionUrl, "url".to_owned());
        results.columns.extend([url]);
        assert!(results.has_what_to_write());
    }

    #[test]
    fn a_field_is_found_by_the_name_it_is_written_with() {
        for field in SourceField::ALL {
            assert_eq!(field.key().parse(), Ok(*field));
            let written = serde_json::to_value(field).ok();
            assert_eq!(written, Some(field.key().into()), "one name for both");
        }
        for field in ResultField::ALL {
            assert_eq!(field.key().parse(), Ok(*field));
            let written = serde_json::to_value(field).ok();
            assert_eq!(written, Some(field.key().into()));
        }
        assert_eq!("agency_id".parse::<SourceField>(), Err(NoSuchField));
    }

    #[test]
    fn no_column_holds_a_secret() {
        // Rows are shown and kept as they are read; an address of a database has a password in it.
        assert_eq!("database_url".parse::<SourceField>(), Err(NoSuchField));
    }

    #[test]
    fn a_table_without_a_schema_is_public() {
        assert_eq!(Relation::from("Customer").to_string(), "public.Customer");
        assert_eq!(Relation::from("crm.clients").schema, "crm");
    }
}
