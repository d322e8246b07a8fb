//! How customers, and requests of the inbox, follow the rows of the connected table: those that are new are added, or go to
//! the inbox where they ask, what has changed of the others is changed, none is removed. In pieces, so that nothing else
//! waits for it.

mod wishes;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    customer::{Customer, CustomerPatch, NewCustomer, check_name, slug_of, without_login},
    id::CustomerId,
    language::Language,
    mapping::{Mapping, SourceField},
};
use fabrik_store::{CustomerQuery, Inserted, SourceRow};
use serde_json::json;

use super::{asking::Asking, differences::difference, looking::key_of, results::OfDatabase as _};
use crate::{
    App,
    customers::BaseNames,
    import::{BREATH, is_ignored, row_of},
    views::{RefusedSourceRow, SourceReport},
};

/// So many are added in one go; whoever else writes gets a turn in between.
const PIECE: usize = 500;

/// So many are changed in one go: whoever changes one of them waits for as long.
const CHANGES: usize = 10;

/// So many of the refused are told.
const TOLD: usize = 100;

/// Whether a field is missing, or can't be read.
fn is_of(problem: &Problem, field: SourceField) -> bool {
    match &*problem.cause {
        Cause::FieldMissing { field: at_fault }
        | Cause::FieldUnreadable {
            field: at_fault, ..
        } => at_fault == field.key(),
        _ => false,
    }
}

/// Ids that several rows have; those that are no customers' don't count.
async fn repeated_ids(rows: &[SourceRow], mapping: &Mapping) -> BTreeSet<String> {
    let (mut met, mut repeated) = (BTreeSet::new(), BTreeSet::new());
    for (place, row) in rows.iter().enumerate() {
        if place.is_multiple_of(BREATH) {
            tokio::task::yield_now().await;
        }
        if let Some(key) = row.get(&SourceField::ExternalId)
            && !is_ignored(row, mapping)
            && !met.insert(key)
        {
            repeated.insert(key.clone());
        }
    }
    repeated
}

/// What a row changes of its customer.
struct Change {
    key: String,
    name: String,
    customer: CustomerId,
    patch: CustomerPatch,
}

/// What rows make and change of customers, gathered to be written in pieces, and what came of all rows.
struct Writing<'a> {
    app: &'a App,
    mapping: &'a Mapping,
    new: Vec<NewCustomer>,
    changes: Vec<Change>,
    report: SourceReport,
}

/// A table's rows on their way into the records.
pub(super) struct Taking<'a> {
    app: &'a App,
    mapping: &'a Mapping,
    /// What customers that come from here are known by.
    origin: String,
    blueprints: Vec<Blueprint>,
    /// Their base names.
    named: BaseNames,
    /// Of customers of whose language the table says nothing.
    language: Language,
    /// Those that are there, by their ids in the table; those that were met are taken out.
    known: BTreeMap<String, Customer>,
    /// Ids that several rows have.
    repeated: BTreeSet<String>,
    /// Ids of rows that are no customers'.
    ignored: BTreeSet<String>,
    asking: Asking<'a>,
    writing: Writing<'a>,
}

impl<'a> Taking<'a> {
    /// Reads what the records have before the first row.
    pub(super) async fn new(
        app: &'a App,
        mapping: &'a Mapping,
        origin: String,
    ) -> Result<Self, Problem> {
        let there = app.store.customers(CustomerQuery::default()).await?.rows;
        let blueprints = app.all_blueprints();
        let mut named = app.base_names(&blueprints);
        for customer in &there {
            named.hold(customer);
        }
        let known = there
            .into_iter()
            .filter_map(|customer| Some((customer.external_id.clone()?, customer)))
            .collect();
        Ok(Self {
            app,
            mapping,
            asking: Asking::new(app, origin.clone()).await?,
            writing: Writing {
                app,
                mapping,
                new: Vec::new(),
                changes: Vec::new(),
                report: SourceReport::default(),
            },
            origin,
            blueprints,
            named,
            language: app.owner_language().await?,
            known,
            repeated: BTreeSet::new(),
            ignored: BTreeSet::new(),
        })
    }

    /// Takes the rows of a table over, or refuses them in the report. Of those that have one id each is refused: which of
    /// them is the customer's nobody can tell; those that are no customers' don't count.
    pub(super) async fn take_all(&mut self, rows: Vec<SourceRow>) -> Result<(), Problem> {
        self.repeated = repeated_ids(&rows, self.mapping).await;
        for row in rows {
            self.take(row).await?;
        }
        Ok(())
    }

    /// Takes a row over, or refuses it in the report.
    pub(super) async fn take(&mut self, row: SourceRow) -> Result<(), Problem> {
        self.writing.report.rows += 1;
        let (key, place) = (key_of(&row), self.writing.report.rows);
        if place.is_multiple_of(BREATH as u64) {
            tokio::task::yield_now().await;
        }
        let given: BTreeSet<_> = row.keys().copied().collect();
        let name = row.get(&SourceField::Name).cloned().unwrap_or_default();
        let Some(mut row) = row_of(place, row, self.mapping) else {
            // Another row of this id may be the customer's: it is left for that one.
            self.writing.report.skipped += 1;
            self.ignored.insert(key);
            return Ok(());
        };
        let known = self.known.remove(&key);
        if self.repeated.contains(&key) {
            // Whoever asked before is not withdrawn by it.
            self.asking.before(&key);
            let problem = self.repeats(&key);
            self.writing.refuse(key, name, vec![problem]);
            return Ok(());
        }
        let before = if row.asks {
            self.asking.before(&key)
        } else {
            self.asking.over(&key);
            None
        };
        if let Some(customer) = &known {
            if !self.has(customer) && !row.tells_of(customer) {
                let cause = Cause::SourceIdTaken {
                    id: key.clone(),
                    customer: customer.name.clone(),
                };
                self.writing.refuse(key, name, vec![cause.into()]);
                return Ok(());
            }
            row.is_of(customer);
        } else if before
            .as_ref()
            .is_some_and(|before| !before.state.is_undecided())
        {
            self.writing.report.unchanged += 1;
            return Ok(());
        }
        let (new, _, problems) = self.app.judged(&row, &self.blueprints, self.language);
        let nobodys = |problem: &Problem| is_of(problem, SourceField::ExternalId);
        if row.asks
            && known.is_none()
            && check_name(&new.name).is_ok()
            && !problems.iter().any(nobodys)
        {
            return self.ask(key, before, new, &given, &problems).await;
        }
        if !problems.is_empty() {
            self.writing.refuse(key, name, problems);
            return Ok(());
        }
        match known {
            Some(customer) => self.take_known(key, name, &customer, new, &given).await,
            None => self.take_new(key, name, new).await,
        }
    }

    /// Has a row's customer added.
    async fn take_new(
        &mut self,
        key: String,
        name: String,
        mut new: NewCustomer,
    ) -> Result<(), Problem> {
        if let Some(problem) = self.named.meet(&new) {
            self.writing.refuse(key, name, vec![problem]);
            return Ok(());
        }
        new.source = Some(self.origin.clone());
        self.writing.put_new(new).await
    }

    /// Has the customer of a row, which asks for it to be `new`, changed by what was `given`.
    async fn take_known(
        &mut self,
        key: String,
        name: String,
        customer: &Customer,
        new: NewCustomer,
        given: &BTreeSet<SourceField>,
    ) -> Result<(), Problem> {
        let mut patch = difference(customer, new, given);
        if !self.has(customer) {
            patch.source = Some(Some(self.origin.clone()));
        }
        if patch == CustomerPatch::default() {
            self.writing.report.unchanged += 1;
            return Ok(());
        }
        let faults = self.app.patch_faults(customer, &patch);
        if let Some(problem) = faults.into_iter().next() {
            self.writing.refuse(key, name, vec![problem]);
            return Ok(());
        }
        let change = Change {
            key,
            name,
            customer: customer.id,
            patch,
        };
        self.writing.put_change(change).await
    }

    /// Whether a customer comes from here.
    fn has(&self, customer: &Customer) -> bool {
        customer.source.as_ref() == Some(&self.origin)
    }

    /// That other rows have this id too.
    fn repeats(&self, key: &str) -> Problem {
        let column = self.mapping.columns.get(&SourceField::ExternalId);
        Cause::SourceKeyRepeated {
            column: column.cloned().unwrap_or_default(),
            value: key.to_owned(),
        }
        .into()
    }

    /// Writes what has gathered, and withdraws who asks no more, once all rows were taken: all that there are, unless some
    /// may be `kept_back`.
    pub(super) async fn end(mut self, kept_back: bool) -> Result<SourceReport, Problem> {
        self.writing.add().await?;
        self.writing.change().await?;
        let absent = self.known.iter();
        let absent =
            absent.filter(|(key, customer)| self.has(customer) && !self.ignored.contains(*key));
        self.writing.report.absent = absent.count() as u64;
        for key in &self.ignored {
            self.asking.over(key);
        }
        self.asking.end(kept_back).await?;
        Ok(self.writing.report)
    }
}

impl Writing<'_> {
    fn refuse(&mut self, key: String, name: String, problems: Vec<Problem>) {
        self.report.refused += 1;
        if self.report.refusals.len() < TOLD {
            self.report.refusals.push(RefusedSourceRow {
                key: without_login(&key),
                name: without_login(&name),
                problems,
            });
        }
    }

    /// Has one added, with as many as are a piece.
    async fn put_new(&mut self, new: NewCustomer) -> Result<(), Problem> {
        self.new.push(new);
        if self.new.len() >= PIECE {
            self.add().await?;
        }
        Ok(())
    }

    /// Has one made, with as many as are made in one go.
    async fn put_change(&mut self, change: Change) -> Result<(), Problem> {
        self.changes.push(change);
        if self.changes.len() >= CHANGES {
            self.change().await?;
        }
        Ok(())
    }

    /// Adds those that have gathered.
    async fn add(&mut self) -> Result<(), Problem> {
        let new = std::mem::take(&mut self.new);
        if new.is_empty() {
            return Ok(());
        }
        let told: Vec<_> = new
            .iter()
            .map(|new| {
                (
                    new.external_id.clone().unwrap_or_default(),
                    new.name.clone(),
                )
            })
            .collect();
        let facts = json!({ "table": self.mapping.table.to_string(), "rows": new.len() });
        let audit = self.app.audit("customers.taken_over", facts);
        let rows = new.into_iter().map(|new| {
            let slug = slug_of(&new.name);
            (new, slug)
        });
        let verdicts =
            self.app
                .store
                .import_customers(rows.collect(), false, audit, Arc::default());
        for ((key, name), verdict) in told.into_iter().zip(verdicts.await?) {
            match verdict {
                Inserted::Added(_) => self.report.added += 1,
                Inserted::Refused(problem) => self.refuse(key, name, vec![problem]),
            }
        }
        Ok(())
    }

    /// Changes those that have gathered.
    async fn change(&mut self) -> Result<(), Problem> {
        let (mut told, mut edits) = (Vec::new(), Vec::new());
        for change in std::mem::take(&mut self.changes) {
            let facts = serde_json::to_value(&change.patch).unwrap_or_default();
            let audit = self.app.audit("customer.followed", facts);
            told.push((change.key, change.name));
            edits.push((change.customer, change.patch, audit));
        }
        if edits.is_empty() {
            return Ok(());
        }
        let refused = self.app.store.edit_customers(edits).await?;
        for ((key, name), problem) in told.into_iter().zip(refused) {
            match problem {
                None => self.report.changed += 1,
                Some(problem) if problem.is_of_database() => return Err(problem),
                Some(problem) => self.refuse(key, name, vec![problem]),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use fabrik_domain::request::{OnboardingRequest, RequestState};

    use super::*;
    use crate::{
        source::{KEY, Kept},
        testing,
    };

    #[tokio::test]
    async fn who_else_waits_has_a_turn_while_a_table_is_gone_through() {
        let (_folder, app) = testing::app().await;
        let mapping = r#"{"table": {"schema": "public", "name": "organizations"}, "columns": {}}"#;
        let mapping = serde_json::from_str(mapping).unwrap();
        let mut taking = Taking::new(&app, &mapping, "here".to_owned())
            .await
            .unwrap();
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&turns);
        let other = tokio::spawn(async move {
            loop {
                counted.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
            }
        });
        for _ in 0..5 * BREATH {
            // None can be a customer, so that nothing is waited for.
            taking.take(SourceRow::new()).await.unwrap();
        }
        other.abort();
        let turns = turns.load(Ordering::Relaxed);
        assert!(turns >= 5, "{turns} turns");
    }

    /// A workspace with a table that nobody reads, and what is known of it.
    pub(super) async fn connected(app: &App) -> Kept {
        let connected = json!({
            "url": "postgres://fabrik@127.0.0.1:9/agency",
            "since": "2026-01-01T00:00:00Z",
            "mapping": {
                "table": { "schema": "public", "name": "requests" },
                "columns": {
                    "external_id": "id", "name": "name", "contact_email": "email", "plan": "plan",
                    "subdomain": "subdomain", "modules": "modules", "status": "status",
                    "contact_name": "contact", "language": "language",
                },
                "statuses": { "pending": "request", "lost": "none" },
                "blueprint": "factory",
            },
        });
        let audit = app.audit("source.connected", json!({}));
        let connected = connected.to_string();
        let set = app.store.set_setting(KEY, Some(&connected), audit);
        set.await.unwrap();
        app.kept_source().await.unwrap().unwrap()
    }

    /// What is told of a table that has these rows.
    async fn reported(app: &App, kept: &Kept, rows: Vec<SourceRow>) -> SourceReport {
        let taking = Taking::new(app, &kept.mapping, kept.origin().unwrap()).await;
        let mut taking = taking.unwrap();
        taking.take_all(rows).await.unwrap();
        taking.end(false).await.unwrap()
    }

    /// The inbox's one request.
    pub(super) async fn only(app: &App) -> OnboardingRequest {
        let all = app.store.requests(fabrik_store::RequestQuery::default());
        let mut all = all.await.unwrap();
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    #[tokio::test]
    async fn of_rows_that_have_one_id_each_is_refused_and_the_others_go_on() {
        let (_folder, app) = testing::app().await;
        let kept = connected(&app).await;
        let row = |id: &str, name: &str, status: &str| {
            let email = format!("{}@agency.example", slug_of(name));
            let fields = [
                (SourceField::ExternalId, id),
                (SourceField::Name, name),
                (SourceField::ContactEmail, email.as_str()),
                (SourceField::Status, status),
            ];
            SourceRow::from(fields.map(|(field, text)| (field, text.to_owned())))
        };
        let goes_through = async |rows| reported(&app, &kept, rows).await;
        let rows = vec![row("1", "Ett", "active"), row("2", "Two", "pending")];
        let report = goes_through(rows).await;
        assert_eq!((report.added, report.asked), (1, 1), "{report:#?}");

        let rows = vec![
            row("1", "Ett", "active"),
            row("1", "Ett again", "active"),
            row("2", "Two", "pending"),
            row("2", "Two again", "pending"),
            row("3", "Tre", "active"),
        ];
        let report = goes_through(rows).await;
        assert_eq!((report.added, report.refused), (1, 4), "{report:#?}");
        assert_eq!((report.changed, report.absent), (0, 0), "{report:#?}");
        let repeated = |value: &str| {
            let (column, value) = ("id".to_owned(), value.to_owned());
            vec![Problem::from(Cause::SourceKeyRepeated { column, value })]
        };
        let told: Vec<_> = report
            .refusals
            .iter()
            .map(|one| one.problems.clone())
            .collect();
        let expected = ["1", "1", "2", "2"].map(repeated);
        assert_eq!(told, expected);
        let asked = only(&app).await;
        assert_eq!(asked.state, RequestState::Open, "it is not withdrawn");
        assert_eq!(asked.wish.name, "Two");
    }

    #[tokio::test]
    async fn a_row_that_is_no_customers_repeats_no_other() {
        let (_folder, app) = testing::app().await;
        let kept = connected(&app).await;
        let row = |name: &str, status: &str| {
            let fields = [
                (SourceField::ExternalId, "1"),
                (SourceField::Name, name),
                (SourceField::ContactEmail, "anna@agency.example"),
                (SourceField::Status, status),
            ];
            SourceRow::from(fields.map(|(field, text)| (field, text.to_owned())))
        };
        let goes_through = async |rows| reported(&app, &kept, rows).await;
        // Before the customer's own row, and after it.
        let rows = || {
            vec![
                row("Old", "lost"),
                row("Ett", "active"),
                row("Older", "lost"),
            ]
        };
        let report = goes_through(rows()).await;
        assert_eq!((report.added, report.skipped), (1, 2), "{report:#?}");
        assert_eq!(report.refused, 0, "{report:#?}");
        let report = goes_through(rows()).await;
        assert_eq!((report.unchanged, report.skipped), (1, 2), "{report:#?}");
        assert_eq!((report.refused, report.absent), (0, 0), "{report:#?}");

        // Whose row is left aside by now is not gone from the table.
        let report = goes_through(vec![row("Ett", "lost")]).await;
        assert_eq!((report.skipped, report.absent), (1, 0), "{report:#?}");
    }

    #[tokio::test]
    async fn what_many_rows_change_is_written_in_pieces_to_the_last() {
        let (_folder, app) = testing::app().await;
        let kept = connected(&app).await;
        let origin = kept.origin().unwrap();
        let goes_through = async |contact: &str| {
            let taking = Taking::new(&app, &kept.mapping, origin.clone()).await;
            let mut taking = taking.unwrap();
            for number in 0..=2 * CHANGES {
                let fields = [
                    (SourceField::ExternalId, format!("{number}")),
                    (SourceField::Name, format!("Kund {number}")),
                    (SourceField::ContactEmail, format!("a@kund-{number}.se")),
                    (SourceField::ContactName, contact.to_owned()),
                ];
                taking.take(SourceRow::from(fields)).await.unwrap();
            }
            taking.end(false).await.unwrap()
        };
        let all = 2 * CHANGES as u64 + 1;
        let report = goes_through("Anna").await;
        assert_eq!((report.added, report.refused), (all, 0), "{report:#?}");
        let report = goes_through("Eva").await;
        assert_eq!((report.changed, report.refused), (all, 0), "{report:#?}");
        let there = app.store.customers(CustomerQuery::default()).await.unwrap();
        let of_eva = |customer: &&Customer| customer.contact_name.as_deref() == Some("Eva");
        assert_eq!(there.rows.iter().filter(of_eva).count() as u64, all);
        let report = goes_through("Eva").await;
        assert_eq!((report.changed, report.unchanged), (0, all), "{report:#?}");
    }
}
