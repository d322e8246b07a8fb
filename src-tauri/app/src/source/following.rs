//! How customers, and requests of the inbox, follow the rows of the connected table: those that are new are added, or go to
//! the inbox where they ask, what has changed of the others is changed, none is removed. In pieces, so that nothing else
//! waits for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    customer::{Customer, CustomerPatch, NewCustomer, check_name, slug_of},
    id::CustomerId,
    mapping::{Mapping, SourceField},
    request::{OnboardingRequest, Wish},
};
use fabrik_store::{CustomerQuery, Inserted, SourceRow};
use serde_json::json;

use super::{
    asking::Asking,
    differences::{difference, followed_wish, said_of},
    looking::key_of,
    results::OfDatabase as _,
};
use crate::{
    App,
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

/// What a row changes of its customer.
struct Change {
    key: String,
    name: String,
    customer: CustomerId,
    patch: CustomerPatch,
}

/// A table's rows on their way into the records.
pub(super) struct Taking<'a> {
    app: &'a App,
    mapping: &'a Mapping,
    /// What customers that come from here are known by.
    origin: String,
    blueprints: Vec<Blueprint>,
    /// Those that are there, by their ids in the table; those that were met are taken out.
    known: BTreeMap<String, Customer>,
    /// Ids that several rows have.
    repeated: BTreeSet<String>,
    /// Ids of rows that are no customers'.
    ignored: BTreeSet<String>,
    new: Vec<NewCustomer>,
    changes: Vec<Change>,
    asking: Asking<'a>,
    report: SourceReport,
}

impl<'a> Taking<'a> {
    /// Reads what the records have before the first row.
    pub(super) async fn new(
        app: &'a App,
        mapping: &'a Mapping,
        origin: String,
    ) -> Result<Self, Problem> {
        let there = app.store.customers(CustomerQuery::default()).await?.rows;
        let known = there
            .into_iter()
            .filter_map(|customer| Some((customer.external_id.clone()?, customer)))
            .collect();
        Ok(Self {
            app,
            mapping,
            asking: Asking::new(app, origin.clone()).await?,
            origin,
            blueprints: app.all_blueprints(),
            known,
            repeated: BTreeSet::new(),
            ignored: BTreeSet::new(),
            new: Vec::new(),
            changes: Vec::new(),
            report: SourceReport::default(),
        })
    }

    /// Takes the rows of a table over, or refuses them in the report. Of those that have one id each is refused: which of
    /// them is the customer's nobody can tell; those that are no customers' don't count.
    pub(super) async fn take_all(&mut self, rows: Vec<SourceRow>) -> Result<(), Problem> {
        {
            let mut met = BTreeSet::new();
            for (place, row) in rows.iter().enumerate() {
                if place.is_multiple_of(BREATH) {
                    tokio::task::yield_now().await;
                }
                if let Some(key) = row.get(&SourceField::ExternalId)
                    && !is_ignored(row, self.mapping)
                    && !met.insert(key)
                {
                    self.repeated.insert(key.clone());
                }
            }
        }
        for row in rows {
            self.take(row).await?;
        }
        Ok(())
    }

    /// Takes a row over, or refuses it in the report.
    pub(super) async fn take(&mut self, row: SourceRow) -> Result<(), Problem> {
        self.report.rows += 1;
        if self.report.rows.is_multiple_of(BREATH as u64) {
            tokio::task::yield_now().await;
        }
        let (key, place) = (key_of(&row), self.report.rows);
        let given: BTreeSet<_> = row.keys().copied().collect();
        let name = row.get(&SourceField::Name).cloned().unwrap_or_default();
        let Some(mut row) = row_of(place, row, self.mapping) else {
            // Another row of this id may be the customer's: it is left for that one.
            self.report.skipped += 1;
            self.ignored.insert(key);
            return Ok(());
        };
        let known = self.known.remove(&key);
        if self.repeated.contains(&key) {
            // Whoever asked before is not withdrawn by it.
            self.asking.before(&key);
            let problem = self.repeats(&key);
            self.refuse(key, name, vec![problem]);
            return Ok(());
        }
        let before = row.asks.then(|| self.asking.before(&key)).flatten();
        if let Some(customer) = &known {
            if !self.has(customer) && !row.tells_of(customer) {
                let cause = Cause::SourceIdTaken {
                    id: key.clone(),
                    customer: customer.name.clone(),
                };
                self.refuse(key, name, vec![cause.into()]);
                return Ok(());
            }
            row.is_of(customer);
        } else if before
            .as_ref()
            .is_some_and(|before| !before.state.is_undecided())
        {
            self.report.unchanged += 1;
            return Ok(());
        }
        let (mut new, _, problems) = self.app.judged(&row, &self.blueprints);
        let nobodys = |problem: &Problem| is_of(problem, SourceField::ExternalId);
        if row.asks
            && known.is_none()
            && check_name(&new.name).is_ok()
            && !problems.iter().any(nobodys)
        {
            return self.ask(key, before, new, &given, &problems).await;
        }
        if !problems.is_empty() {
            self.refuse(key, name, problems);
            return Ok(());
        }
        let Some(customer) = known else {
            new.source = Some(self.origin.clone());
            self.new.push(new);
            if self.new.len() >= PIECE {
                self.add().await?;
            }
            return Ok(());
        };
        let mut patch = difference(&customer, new, &given);
        if !self.has(&customer) {
            patch.source = Some(Some(self.origin.clone()));
        }
        if patch == CustomerPatch::default() {
            self.report.unchanged += 1;
            return Ok(());
        }
        let faults = self.app.patch_faults(&customer, &patch);
        if let Some(problem) = faults.into_iter().next() {
            self.refuse(key, name, vec![problem]);
            return Ok(());
        }
        self.changes.push(Change {
            key,
            name,
            customer: customer.id,
            patch,
        });
        if self.changes.len() >= CHANGES {
            self.change().await?;
        }
        Ok(())
    }

    /// Takes a row that asks to the inbox, or brings what it says by now to its undecided request there. What is wrong with it is
    /// told there too, where it is mended.
    async fn ask(
        &mut self,
        key: String,
        before: Option<OnboardingRequest>,
        new: NewCustomer,
        given: &BTreeSet<SourceField>,
        problems: &[Problem],
    ) -> Result<(), Problem> {
        let row = Wish::of(new).trimmed();
        // A language first: what stands in its place looks sound, and only this says that nobody chose it.
        let of_language = |one: &&Problem| is_of(one, SourceField::Language);
        let told = problems.iter().find(of_language).or(problems.first());
        let told = told.cloned();
        let read = |field: &&SourceField| !problems.iter().any(|one| is_of(one, **field));
        let held: BTreeSet<_> = given.iter().filter(read).copied().collect();
        let said = |blueprint: &str| {
            let mut blueprints = self.blueprints.iter();
            said_of(&row, &held, blueprints.find(|one| one.name == blueprint))
        };
        let Some(before) = before else {
            let said = said(&row.blueprint);
            let wish = self.asking.usable(row, &self.blueprints).await?;
            let asked = self.asking.ask(key, wish, said, told).await?;
            self.report.asked += u64::from(asked);
            return Ok(());
        };
        // As it is by now: it may have been changed in the inbox since the table was begun to be gone through.
        let request = self.app.store.request(before.id).await?;
        let (wish, said, problem) = if request.problem.is_some() {
            // Nobody has mended it here: it is as its row is.
            let said = said(&row.blueprint);
            let wish = self.asking.usable(row, &self.blueprints).await?;
            (wish, said, told)
        } else {
            let said = said(&request.wish.blueprint);
            (followed_wish(&request.wish, &row, &said), said, None)
        };
        if self.asking.follow(&request, wish, said, problem).await? {
            self.report.changed += 1;
        } else {
            self.report.unchanged += 1;
        }
        Ok(())
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

    fn refuse(&mut self, key: String, name: String, problems: Vec<Problem>) {
        self.report.refused += 1;
        if self.report.refusals.len() < TOLD {
            self.report.refusals.push(RefusedSourceRow {
                key,
                name,
                problems,
            });
        }
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

    /// Writes what has gathered, and withdraws who asks no more, once all rows were taken.
    pub(super) async fn end(mut self) -> Result<SourceReport, Problem> {
        self.add().await?;
        self.change().await?;
        let absent = self.known.iter();
        let absent =
            absent.filter(|(key, customer)| self.has(customer) && !self.ignored.contains(*key));
        self.report.absent = absent.count() as u64;
        self.asking.end().await?;
        Ok(self.report)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use fabrik_domain::{language::Language, request::RequestState, run::OnFailure};

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
    async fn connected(app: &App) -> Kept {
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

    /// A row that asks; what else it says beside its id.
    fn asking_row(row: &[(SourceField, &str)]) -> SourceRow {
        let known = [
            (SourceField::ExternalId, "7"),
            (SourceField::Name, "My Agency"),
            (SourceField::Status, "pending"),
        ];
        let row = known.iter().chain(row);
        row.map(|(field, text)| (*field, (*text).to_owned()))
            .collect()
    }

    /// Goes through a table with this one row, which asks.
    async fn goes_through(app: &App, row: &[(SourceField, &str)]) -> SourceReport {
        let kept = connected(app).await;
        let origin = kept.origin().unwrap();
        let mut taking = Taking::new(app, &kept.mapping, origin).await.unwrap();
        taking.take(asking_row(row)).await.unwrap();
        taking.end().await.unwrap()
    }

    /// What is told of a table that has these rows.
    async fn reported(app: &App, kept: &Kept, rows: Vec<SourceRow>) -> SourceReport {
        let taking = Taking::new(app, &kept.mapping, kept.origin().unwrap()).await;
        let mut taking = taking.unwrap();
        taking.take_all(rows).await.unwrap();
        taking.end().await.unwrap()
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
            taking.end().await.unwrap()
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

    async fn only(app: &App) -> OnboardingRequest {
        let all = app.store.requests(fabrik_store::RequestQuery::default());
        let mut all = all.await.unwrap();
        assert_eq!(all.len(), 1, "{all:#?}");
        all.remove(0)
    }

    #[tokio::test]
    async fn a_wish_that_is_at_fault_goes_to_the_inbox_where_it_is_mended() {
        let (_folder, app) = testing::app().await;
        let at_fault = [
            (SourceField::ContactEmail, "anna"),
            (SourceField::Subdomain, "My Agency"),
            (SourceField::Plan, "platinum"),
            (SourceField::Modules, "crm, teleport"),
        ];
        let report = goes_through(&app, &at_fault).await;
        assert_eq!((report.asked, report.refused), (1, 0), "{report:#?}");
        let asked = only(&app).await;
        assert_eq!(asked.wish.subdomain, "my-agency", "as a name makes one");
        assert_eq!(asked.wish.contact_email, "anna", "as it was typed");
        assert_eq!(asked.wish.plan, "");
        assert_eq!(asked.wish.modules, ["crm"]);
        assert!(asked.problem.is_some(), "it says what is wrong");
        let refused = goes_through(&app, &[(SourceField::Name, "--")]).await;
        assert_eq!(refused.refused, 1, "without a name it is nobody's");
        assert_eq!(only(&app).await, asked, "which takes nothing away");

        let again = goes_through(&app, &at_fault).await;
        assert_eq!((again.asked, again.unchanged), (0, 1), "{again:#?}");
        let wish = Wish {
            contact_email: "anna@agency.example".to_owned(),
            plan: "professional".to_owned(),
            modules: vec!["crm".to_owned()],
            ..asked.wish
        };
        let mended = app.request_edit(asked.id, wish.clone()).await.unwrap();
        assert_eq!(mended.problem, None);
        goes_through(&app, &at_fault).await;
        let still = only(&app).await;
        assert_eq!((&still.wish, still.problem), (&wish, None), "it stays so");

        // What the table said amiss is the inbox's ever after.
        let wish = Wish {
            contact_email: "eva@agency.example".to_owned(),
            plan: "starter".to_owned(),
            modules: vec!["crm".to_owned(), "email".to_owned()],
            ..wish
        };
        app.request_edit(asked.id, wish.clone()).await.unwrap();
        goes_through(&app, &at_fault).await;
        assert_eq!(only(&app).await.wish, wish);
    }

    #[tokio::test]
    async fn what_a_table_leaves_empty_is_chosen_in_the_inbox() {
        let (_folder, app) = testing::app().await;
        let row = [
            (SourceField::ContactEmail, "anna@agency.example"),
            (SourceField::Modules, "crm, teleport"),
        ];
        goes_through(&app, &row).await;
        let asked = only(&app).await;
        assert_ne!(asked.wish.plan, "", "it was filled in");
        assert_eq!(asked.wish.modules, ["crm"]);
        let mut wish = asked.wish;
        for (plan, module, contact, language) in [
            ("enterprise", "email", "Anna", Language::Sv),
            ("professional", "social", "Eva", Language::En),
        ] {
            wish = Wish {
                plan: plan.to_owned(),
                modules: vec![module.to_owned()],
                contact_name: Some(contact.to_owned()),
                language,
                ..wish
            };
            app.request_edit(asked.id, wish.clone()).await.unwrap();
        }
        goes_through(&app, &row).await;
        assert_eq!(only(&app).await.wish, wish);

        // What it says by now is its own again.
        let said = [row[0], (SourceField::Plan, "starter")];
        goes_through(&app, &said).await;
        let now = only(&app).await.wish;
        assert_eq!(now.plan, "starter");
        let refused = app.request_edit(asked.id, wish).await.unwrap_err();
        assert!(is_followed(&refused, "plan"), "{refused:?}");
        // And the inbox's where it says that no more.
        goes_through(&app, &[row[0]]).await;
        let plan = "enterprise".to_owned();
        let chosen = Wish { plan, ..now };
        app.request_edit(asked.id, chosen).await.unwrap();
    }

    #[tokio::test]
    async fn a_language_that_cannot_be_read_is_chosen_in_the_inbox() {
        let (_folder, app) = testing::app().await;
        let row = |language| {
            [
                (SourceField::ContactEmail, "anna@agency.example"),
                (SourceField::Credits, "1.250"),
                (SourceField::Language, language),
            ]
        };
        let report = goes_through(&app, &row("svneska")).await;
        assert_eq!((report.asked, report.refused), (1, 0), "{report:#?}");
        let asked = only(&app).await;
        assert!(asked.unread_language().is_some(), "{:?}", asked.problem);
        let refused = app.approve(asked.id, None, OnFailure::Keep).await;
        assert_eq!(refused.unwrap_err().code(), "field_unreadable");
        for language in [Language::En, Language::Sv] {
            let wish = Wish {
                language,
                ..asked.wish.clone()
            };
            app.request_edit(asked.id, wish.clone()).await.unwrap();
            goes_through(&app, &row("svneska")).await;
            let still = only(&app).await;
            assert_eq!((still.wish, still.problem), (wish, None), "it stays so");
        }

        // What the row says at last is its own.
        goes_through(&app, &row("English")).await;
        let approved = app.approve(asked.id, None, OnFailure::Keep).await;
        assert_eq!(approved.unwrap().1.language, Language::En);
    }

    #[tokio::test]
    async fn what_is_changed_here_while_a_table_is_read_stays() {
        let (_folder, app) = testing::app().await;
        let row = |email| {
            [
                (SourceField::ContactEmail, email),
                (SourceField::Subdomain, "agency"),
            ]
        };
        goes_through(&app, &row("anna@old.example")).await;
        let kept = connected(&app).await;
        let origin = kept.origin().unwrap();
        let mut taking = Taking::new(&app, &kept.mapping, origin).await.unwrap();
        let asked = only(&app).await;
        let own = Wish {
            subdomain: "agency-2".to_owned(),
            ..asked.wish
        };
        app.request_edit(asked.id, own).await.unwrap();
        let row = asking_row(&row("anna@new.example"));
        taking.take(row).await.unwrap();
        taking.end().await.unwrap();
        let now = only(&app).await.wish;
        assert_eq!(now.contact_email, "anna@new.example");
        assert_eq!(now.subdomain, "agency-2");
    }

    #[tokio::test]
    async fn what_the_table_says_of_who_asks_is_changed_there_and_arrives() {
        let (_folder, app) = testing::app().await;
        let said = |email: &'static str, plan: &'static str| {
            [
                (SourceField::ContactEmail, email),
                (SourceField::Plan, plan),
                (SourceField::Subdomain, "agency"),
            ]
        };
        goes_through(&app, &said("anna@old.example", "starter")).await;
        let asked = only(&app).await;
        assert_eq!(asked.problem, None);
        for (field, wish) in [
            (
                "contact_email",
                Wish {
                    contact_email: "anna@here.example".to_owned(),
                    ..asked.wish.clone()
                },
            ),
            (
                "plan",
                Wish {
                    plan: "enterprise".to_owned(),
                    ..asked.wish.clone()
                },
            ),
        ] {
            let refused = app.request_edit(asked.id, wish).await.unwrap_err();
            assert_eq!(refused.code(), "source_followed", "{field}");
            assert!(is_followed(&refused, field), "{refused:?}");
        }
        let own = Wish {
            subdomain: "agency-2".to_owned(),
            contact_name: Some("Anna".to_owned()),
            ..asked.wish
        };
        app.request_edit(asked.id, own).await.unwrap();

        let report = goes_through(&app, &said("anna@new.example", "professional")).await;
        assert_eq!((report.changed, report.asked), (1, 0), "{report:#?}");
        let now = only(&app).await.wish;
        assert_eq!(now.contact_email, "anna@new.example");
        assert_eq!(now.plan, "professional");
        assert_eq!(now.subdomain, "agency-2", "the inbox's own stays");
        assert_eq!(now.contact_name.as_deref(), Some("Anna"));
        // What the table says amiss takes nothing away.
        let report = goes_through(&app, &said("anna", "platinum")).await;
        assert_eq!(report.unchanged, 1, "{report:#?}");
        assert_eq!(only(&app).await.wish, now);
    }

    #[tokio::test]
    async fn who_was_put_away_follows_its_row_and_stays_away() {
        let (_folder, app) = testing::app().await;
        let row = |email| [(SourceField::ContactEmail, email)];
        goes_through(&app, &row("anna@old.example")).await;
        let asked = only(&app).await;
        let archived = app.request_archive(asked.id).await.unwrap();
        let report = goes_through(&app, &row("anna@new.example")).await;
        assert_eq!((report.changed, report.asked), (1, 0), "{report:#?}");
        let now = only(&app).await;
        assert_eq!(now.wish.contact_email, "anna@new.example");
        assert_eq!(
            (now.state, &now.decided),
            (RequestState::Archived, &archived.decided)
        );
        let refused = app.request_edit(asked.id, now.wish.clone()).await;
        assert_eq!(refused.unwrap_err().code(), "request_decided");
        let restored = app.request_restore(asked.id).await.unwrap();
        assert_eq!(
            (restored.state, restored.wish),
            (RequestState::Open, now.wish)
        );
    }

    fn is_followed(problem: &Problem, named: &str) -> bool {
        matches!(&*problem.cause, Cause::SourceFollowed { field, .. } if field == named)
    }
}
