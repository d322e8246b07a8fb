//! Moving in with customers: a CSV file with a heading, a JSON list, or an older system's
//! `customer-config.json`. Each row has its own verdict; the good ones go on.

mod defaults;
mod export;
mod fields;
mod file;
mod json;
mod quotes;
mod settling;
mod table;
mod verdicts;

use std::sync::{Arc, MutexGuard, PoisonError};

use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    customer::{NewCustomer, slug_of, without_login},
    language::Language,
    secret::{Secret, SecretRef},
};
use fabrik_store::Progress;
use serde_json::json;

use self::{
    defaults::Defaults,
    fields::{credits, status},
    file::{Row, read},
    settling::NewUrl,
    verdicts::{Verdict, verdicts_of},
};
pub(crate) use self::{
    export::as_it_was,
    fields::{field, language, plain, unreadable},
    file::{csv_reader, is_no_text, plain_text},
    table::{is_ignored, row_of},
};
use crate::{
    App,
    database_url::check_database_url,
    views::{CustomerImport, ImportProgress, ImportedRow},
};

/// So many rows are told to a window; nobody reads more.
const SHOWN: usize = 500;

/// After so many rows whoever else waits gets a turn.
pub(crate) const BREATH: usize = 200;

/// What a window asks of an import, while it is under way and after.
#[derive(Default)]
pub(crate) struct Importing {
    /// Of the newest one that is under way.
    progress: Option<Arc<Progress>>,
    /// Whether that one only looks, and keeps nothing.
    dry_run: bool,
    /// Of the newest one that came to an end, every row, in the order of the file.
    verdicts: Vec<Verdict>,
}

/// The rows of a file, before anything is written.
struct Judged {
    rows: Vec<ImportedRow>,
    /// What the accepted ones ask for, each with its slug.
    new: Vec<(NewCustomer, String)>,
    /// In the same order.
    accepted: Vec<Accepted>,
}

/// A row that nothing is wrong with.
struct Accepted {
    /// Among all rows.
    place: usize,
    url: Option<NewUrl>,
}

impl App {
    /// See the table of commands. Of a long file the rows that are refused are told first, and of the rest as many as
    /// a window shows.
    pub async fn customers_import(
        &self,
        file_name: String,
        content: String,
        dry_run: bool,
        blueprint: Option<String>,
        plan: Option<String>,
    ) -> Result<CustomerImport, Problem> {
        let progress = self.note_begin(dry_run);
        let import = self
            .import(file_name, content, dry_run, blueprint, plan, &progress)
            .await;
        self.note_end(&progress, import.as_ref().ok());
        let mut import = import?;
        if import.rows.len() > SHOWN {
            // Stable: each in the order of the file.
            import.rows.sort_by_key(|row| row.problems.is_empty());
            import.rows.truncate(SHOWN);
        }
        Ok(import)
    }

    /// See the table of commands.
    pub async fn import_progress(&self) -> Result<Option<ImportProgress>, Problem> {
        let progress = self.importing().progress.clone();
        Ok(progress.map(|progress| {
            let (done, total) = progress.now();
            ImportProgress { done, total }
        }))
    }

    /// See the table of commands.
    pub async fn import_stop(&self) -> Result<(), Problem> {
        if let Some(progress) = &self.importing().progress {
            progress.stop();
        }
        Ok(())
    }

    /// The progress of an import that begins. Nobody waits any more for one before it that only looked, and nobody could
    /// stop it: it ends.
    fn note_begin(&self, dry_run: bool) -> Arc<Progress> {
        let progress = Arc::new(Progress::default());
        let mut importing = self.importing();
        let left = importing.progress.replace(Arc::clone(&progress));
        if let Some(left) = left.filter(|_| importing.dry_run) {
            left.stop();
        }
        importing.dry_run = dry_run;
        progress
    }

    /// Keeps what became of an import. Of one that a window has left for another file it asks no more: the newer one's
    /// progress and verdicts stay.
    fn note_end(&self, progress: &Arc<Progress>, import: Option<&CustomerImport>) {
        let mut importing = self.importing();
        let newest = importing.progress.as_ref();
        if newest.is_none_or(|newest| !Arc::ptr_eq(newest, progress)) {
            return;
        }
        importing.progress = None;
        if let Some(import) = import {
            importing.verdicts = verdicts_of(import);
        }
    }

    fn importing(&self) -> MutexGuard<'_, Importing> {
        self.importing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Imports the text of a file, and tells of every row; `blueprint` and `plan` are of those rows that name none. Each
    /// row counts twice in `progress`: when it was read, and when it was written. Stopped in between, nothing of it is kept.
    pub async fn import(
        &self,
        file_name: String,
        content: String,
        dry_run: bool,
        blueprint: Option<String>,
        plan: Option<String>,
        progress: &Arc<Progress>,
    ) -> Result<CustomerImport, Problem> {
        if let Some(blueprint) = &blueprint {
            self.blueprint(blueprint)?;
        }
        let rows = read(&file_name, &content)?;
        progress.expect(rows.len() as u64);
        let defaults = Defaults { blueprint, plan };
        let mut blueprints = self.all_blueprints();
        defaults.fitting_first(&rows, &mut blueprints);
        let assumed = defaults.assumed(&rows, &blueprints);
        let judged = self.judge_rows(rows, &defaults, &blueprints, progress);
        let Judged {
            mut rows,
            new,
            accepted,
        } = judged.await?;
        let audit = self.audit(
            "customers.imported",
            json!({ "file": file_name, "rows": rows.len() }),
        );
        let verdicts = self
            .store
            .import_customers(new, dry_run, audit, Arc::clone(progress))
            .await?;
        for (Accepted { place, url }, verdict) in accepted.into_iter().zip(verdicts) {
            let (customer, problem) = self.settle_row(verdict, url, dry_run).await?;
            rows[place].customer = customer;
            rows[place].problems.extend(problem);
        }
        let added = rows.iter().filter(|row| row.customer.is_some()).count() as u64;
        Ok(CustomerImport {
            added,
            refused: rows.len() as u64 - added,
            rows,
            dry_run,
            assumed,
        })
    }

    /// Judges each row by itself, and against those before it and the customers that are there.
    async fn judge_rows(
        &self,
        rows: Vec<Row>,
        defaults: &Defaults,
        blueprints: &[Blueprint],
        progress: &Progress,
    ) -> Result<Judged, Problem> {
        let language = self.owner_language().await?;
        let mut named = self.base_names_held(blueprints, None).await?;
        let mut judged = Judged {
            rows: Vec::with_capacity(rows.len()),
            new: Vec::new(),
            accepted: Vec::new(),
        };
        for mut row in rows {
            let place = judged.rows.len();
            if place.is_multiple_of(BREATH) {
                tokio::task::yield_now().await;
            }
            defaults.fill(&mut row);
            let (new, url, mut problems) = self.judged(&row, blueprints, language);
            if problems.is_empty() {
                problems.extend(named.meet(&new));
            }
            progress.step(if problems.is_empty() { 1 } else { 2 })?;
            // One without a name is found by what else it is known by, such as its key in a map.
            let name = without_login(if new.name.is_empty() {
                &new.subdomain
            } else {
                &new.name
            });
            if problems.is_empty() {
                let url = url.map(|url| (url, new.clone()));
                judged.accepted.push(Accepted { place, url });
                let slug = slug_of(&new.name);
                judged.new.push((new, slug));
            }
            judged.rows.push(ImportedRow {
                line: row.line,
                name,
                customer: None,
                problems,
            });
        }
        Ok(judged)
    }

    /// The customer a row asks for, the address of its database that is to be kept, and every fault that can be told
    /// without the other customers. `blueprints` are all that can be used: a file may have many rows.
    pub(crate) fn judged(
        &self,
        row: &Row,
        blueprints: &[Blueprint],
        language: Language,
    ) -> (NewCustomer, Option<Secret>, Vec<Problem>) {
        let (new, url, mut problems) = Self::customer_of(row, blueprints, language);
        // Of a field that is missing it needn't be said too that it can't be empty.
        if !problems.iter().any(is_missing) {
            problems.extend(self.faults_among(&new, blueprints));
        }
        (new, url, problems)
    }

    /// The customer a row asks for. What it leaves out is filled in where there is one natural answer: the
    /// subdomain from the name, the blueprint that is first, its first plan, the owner's `language`.
    fn customer_of(
        row: &Row,
        blueprints: &[Blueprint],
        language: Language,
    ) -> (NewCustomer, Option<Secret>, Vec<Problem>) {
        let get = |field: &str| row.says(field).cloned();
        let mut problems = row.faults.clone();
        let missing = |field: &str| {
            Problem::from(Cause::FieldMissing {
                field: field.to_owned(),
            })
        };
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
                Err(_) => {
                    let url = Secret::from(text);
                    problems.extend(check_database_url(&url).err());
                    (None, Some(url))
                }
            },
            None => (None, None),
        };
        let credits = held(get("credits"), credits, &mut problems);
        let said = held(get("language"), fields::language, &mut problems);
        let status = held(get("status"), status, &mut problems);
        let new = NewCustomer {
            subdomain: get("subdomain")
                .map_or_else(|| slug_of(&name), |label| label.to_lowercase()),
            name,
            contact_email: get("contact_email").unwrap_or_default(),
            contact_name: get("contact_name"),
            blueprint,
            plan: plan.unwrap_or_default(),
            language: said.unwrap_or(language),
            modules: row.modules.clone(),
            credits: credits.unwrap_or_default(),
            external_id: get("external_id"),
            status: status.unwrap_or_default(),
            production_url: get("production_url"),
            github_repo_url: get("github_repo_url"),
            supabase_project_ref: get("supabase_project_ref"),
            database_url: reference,
            source: None,
        };
        (new, url, problems)
    }
}

/// What a field holds; nothing where it is absent, or can't be read, which is a problem.
fn held<T>(
    text: Option<String>,
    read: fn(&str) -> Result<T, Problem>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    match read(&text?) {
        Ok(value) => Some(value),
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

fn is_missing(problem: &Problem) -> bool {
    matches!(*problem.cause, Cause::FieldMissing { .. })
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{customer::CustomerPatch, secret::ExposeSecret};
    use fabrik_vault::MemoryVault;

    use super::*;
    use crate::testing;

    #[tokio::test]
    async fn an_entry_of_a_map_without_a_name_is_told_by_its_key() {
        let (_folder, app) = testing::app().await;
        let file = r#"{"ett": {"name": "Ett", "email": "a@ett.se"}, "tva": {"email": "a@tva.se"}}"#;
        let import = app
            .customers_import("customer-config.json".into(), file.into(), true, None, None)
            .await
            .unwrap();
        let told: Vec<_> = import.rows.iter().map(|row| &*row.name).collect();
        assert_eq!(told, ["Ett", "tva"], "{import:#?}");
        assert_eq!(import.refused, 1, "{import:#?}");
    }

    #[tokio::test]
    async fn a_value_that_cannot_be_read_refuses_its_row() {
        let (_folder, app) = testing::app().await;
        let file = "name,contact_email,status,credits,language\n\
                    Ett,a@ett.se,churned,10,sv\nTvå,a@tva.se,active,1.250,sv\n\
                    Tre,a@tre.se,active,10,de\nFyra,a@fyra.se,,,\n";
        let import = app
            .customers_import("kunder.csv".to_owned(), file.to_owned(), true, None, None)
            .await
            .unwrap();
        assert_eq!((import.added, import.refused), (1, 3), "{import:#?}");
        for (row, field) in import.rows.iter().zip(["status", "credits", "language"]) {
            let told = serde_json::to_value(&row.problems).unwrap();
            assert_eq!(told[0]["code"], "field_unreadable", "{told}");
            assert_eq!(told[0]["field"], field, "{told}");
        }
    }

    #[tokio::test]
    async fn rows_that_name_no_language_get_the_windows() {
        let (_folder, app) = testing::app().await;
        for language in [Language::Sv, Language::En] {
            app.language_set(Some(language)).await.unwrap();
            let file = format!("name,contact_email\nPå {},a@ett.se\n", language.code());
            let import = app.customers_import("k.csv".to_owned(), file, false, None, None);
            let row = &import.await.unwrap().rows[0];
            let customer = row.customer.as_ref().unwrap();
            assert_eq!(customer.language, language);
        }
    }

    #[tokio::test]
    async fn rows_that_name_no_blueprint_get_the_one_that_was_chosen() {
        let (_folder, app) = testing::app().await;
        let import = async |file: &str, blueprint: Option<&str>, plan: Option<&str>| {
            let (blueprint, plan) = (blueprint.map(str::to_owned), plan.map(str::to_owned));
            app.customers_import("k.csv".to_owned(), file.to_owned(), true, blueprint, plan)
                .await
        };
        let made = |import: &CustomerImport| -> Vec<(String, String)> {
            let of = |row: &ImportedRow| {
                let customer = row.customer.as_ref().unwrap();
                (customer.blueprint.clone(), customer.plan.clone())
            };
            import.rows.iter().map(of).collect()
        };
        let pair = |blueprint: &str, plan: &str| (blueprint.to_owned(), plan.to_owned());
        let first = |name: &str| app.blueprint(name).unwrap().plans[0].name.clone();

        let none = "name,email\nEtt,a@ett.se\n";
        let taken = import(none, None, None).await.unwrap();
        assert_eq!(taken.assumed.as_deref(), Some("factory"), "it is told");
        assert_eq!(made(&taken), [pair("factory", &first("factory"))]);

        let some = "name,email,blueprint\nEtt,a@ett.se,\nTvå,a@tva.se,factory\n";
        let plan = app.blueprint("agency").unwrap().plans.pop().unwrap().name;
        let chosen = import(some, Some("agency"), Some(plan.as_str()))
            .await
            .unwrap();
        assert_eq!(chosen.assumed, None, "somebody chose it");
        let (own, other) = (pair("agency", &plan), pair("factory", &first("factory")));
        assert_eq!(made(&chosen), [own, other]);

        let named = "name,email,blueprint\nEtt,a@ett.se,agency\n";
        let named = import(named, None, None).await.unwrap();
        assert_eq!(named.assumed, None, "the file says it");
        let unknown = import(none, Some("agnecy"), None).await.unwrap_err();
        assert_eq!(unknown.code(), "blueprint_unknown");
    }

    #[tokio::test]
    async fn rows_that_name_a_plan_alone_get_a_blueprint_that_has_it() {
        let (_folder, app) = testing::app().await;
        let first = app.blueprint("factory").unwrap().plans[0].name.clone();
        for (plans, blueprint) in [
            (["medium", "medium"], "orchestra"),
            (["Medium", ""], "orchestra"),
            ([first.as_str(), ""], "factory"),
            (["medium", "none has it"], "factory"),
        ] {
            let [one, two] = plans;
            let file = format!("name,email,plan\nEtt,a@ett.se,{one}\nTvå,a@tva.se,{two}\n");
            let import = app
                .customers_import("k.csv".to_owned(), file, true, None, None)
                .await
                .unwrap();
            assert_eq!(import.assumed.as_deref(), Some(blueprint), "{plans:?}");
        }
    }

    #[tokio::test]
    async fn what_has_spoiled_one_row_refuses_no_other() {
        let (_folder, app) = testing::app().await;
        let file =
            "name,contact_email,credits\nEtt,a@ett.se,1\nTv\0å,a@tva.se,1\nTre,a@tre.se,1,200\n";
        let import = app
            .customers_import("k.csv".to_owned(), file.to_owned(), true, None, None)
            .await
            .unwrap();
        assert_eq!((import.added, import.refused), (1, 2), "{import:#?}");
        let codes = |row: usize| -> Vec<_> {
            let problems = import.rows[row].problems.iter();
            problems.map(Problem::code).collect()
        };
        assert_eq!(codes(1), ["name_invalid"]);
        assert_eq!(codes(2), ["cells_surplus"]);
    }

    #[tokio::test]
    async fn a_forgotten_quotation_mark_refuses_its_row_and_no_other() {
        let (_folder, app) = testing::app().await;
        let file = "name,contact_email,contact_name\nEtt,a@ett.se,Anna\n\
                    Två,a@tva.se,\"Bo\nTre,a@tre.se,\"Cia\"\nFyra,a@fyra.se,\n";
        let import = app
            .customers_import("k.csv".to_owned(), file.to_owned(), true, None, None)
            .await
            .unwrap();
        assert_eq!((import.added, import.refused), (3, 1), "{import:#?}");
        let refused = &import.rows[1];
        assert_eq!((refused.line, refused.name.as_str()), (3, "Två"));
        let unclosed = Cause::QuoteUnclosed {
            file: "k.csv".to_owned(),
            line: 3,
        };
        assert_eq!(refused.problems, [Problem::from(unclosed)]);
    }

    #[tokio::test]
    async fn what_is_no_address_of_a_database_refuses_its_row() {
        let (_folder, app) = testing::app().await;
        let file = "name,email,database_url\nEtt,a@ett.se,changeme\n";
        let import = app
            .customers_import("k.csv".to_owned(), file.to_owned(), true, None, None)
            .await
            .unwrap();
        let codes: Vec<_> = import.rows[0].problems.iter().map(Problem::code).collect();
        assert_eq!(codes, ["database_url_invalid"]);
    }

    #[tokio::test]
    async fn an_import_that_was_killed_is_completed_by_the_next() {
        let (_folder, mut app) = testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        let file = "name,email,database_url\nEtt,a@ett.se,postgres://u:p@db.ett.se/ett\n\
                    Två,a@tva.se,postgres://u:p@db.tva.se/tva\n";
        let import = async |file: &str| {
            app.customers_import("kunder.csv".to_owned(), file.to_owned(), false, None, None)
                .await
                .unwrap()
        };
        let first = import(file).await;
        assert_eq!(first.added, 2, "{first:#?}");
        // As if it was killed between the two.
        let second = first.rows[1].customer.as_ref().unwrap().id;
        let patch = CustomerPatch {
            database_url: Some(None),
            ..CustomerPatch::default()
        };
        let audit = app.audit("x", serde_json::Value::Null);
        app.store.edit_customer(second, patch, audit).await.unwrap();
        let other = import(&file.replace("a@tva.se", "b@tva.se")).await;
        assert_eq!(other.refused, 2, "another customer: {other:#?}");
        let again = import(file).await;
        assert_eq!((again.added, again.refused), (1, 1), "{again:#?}");
        assert_eq!(again.rows[1].problems, [], "{again:#?}");
        let customer = app.store.customer(second).await.unwrap();
        let kept = app
            .vault
            .get(&customer.database_url.unwrap())
            .await
            .unwrap();
        assert_eq!(
            kept.unwrap().expose_secret(),
            "postgres://u:p@db.tva.se/tva"
        );
    }

    #[tokio::test]
    async fn an_import_that_is_stopped_leaves_nothing_and_can_be_run_again() {
        const ROWS: u64 = 3000;
        let (_folder, mut app) = testing::app().await;
        app.vault = Arc::new(MemoryVault::new());
        let rows = (0..ROWS)
            .map(|number| format!("Kund {number},a@kund-{number}.se,postgres://u:p@db/{number}\n"));
        let file = format!("name,email,database_url\n{}", rows.collect::<String>());
        let import = |file: &str| {
            app.customers_import("kunder.csv".to_owned(), file.to_owned(), false, None, None)
        };
        // While it is read, and while it is written.
        for past in [0, ROWS / 2] {
            let stop = async {
                let mut begun = false;
                loop {
                    match app.import_progress().await.unwrap() {
                        Some(progress) if progress.done > past => break,
                        Some(_) => begun = true,
                        None => assert!(!begun, "it was over before it could be stopped"),
                    }
                    tokio::task::yield_now().await;
                }
                app.import_stop().await.unwrap();
            };
            let (stopped, ()) = tokio::join!(import(&file), stop);
            assert_eq!(stopped.unwrap_err().code(), "import_stopped");
            assert!(app.import_progress().await.unwrap().is_none());
            let there = app.store.customers(fabrik_store::CustomerQuery::default());
            assert_eq!(there.await.unwrap().total, 0, "past {past}");
            let log = app.store.audit_log(None, 0).await.unwrap();
            let mut told = log.iter().map(|line| line.entry.action.as_str());
            assert!(
                !told.any(|action| action.starts_with("customer")),
                "{log:#?}"
            );
        }
        // Nothing is under way: there is nothing to stop, and the next is not stopped by it.
        app.import_stop().await.unwrap();
        let head: String = file.split_inclusive('\n').take(3).collect();
        let import = import(&head).await.unwrap();
        assert_eq!((import.added, import.refused), (2, 0), "{import:#?}");
    }

    #[tokio::test]
    async fn a_file_that_was_left_for_another_is_looked_at_no_further() {
        let (_folder, app) = testing::app().await;
        let rows = (0..10 * BREATH).map(|number| format!("Kund {number},a@kund-{number}.se\n"));
        let long = format!("name,email\n{}", rows.collect::<String>());
        let look =
            |file: String| app.customers_import("kunder.csv".to_owned(), file, true, None, None);
        let (left, newer) = tokio::join!(look(long), look("name,email\nEtt,ett\n".to_owned()));
        assert_eq!(left.unwrap_err().code(), "import_stopped");
        assert_eq!(newer.unwrap().refused, 1);
        let kept = app.importing().verdicts.len();
        assert_eq!(kept, 1, "what is saved is what is shown");
        assert!(app.import_progress().await.unwrap().is_none());
    }

    #[tokio::test]
    async fn an_import_that_ends_takes_nothing_from_a_newer_one() {
        let (_folder, app) = testing::app().await;
        for dry_run in [true, false] {
            let older = app.note_begin(dry_run);
            let newer = app.note_begin(true);
            assert_eq!(older.step(1).is_err(), dry_run, "one that keeps goes on");
            newer.expect(7);
            let import = app.import(
                "k.csv".into(),
                "name\nEtt\n".into(),
                true,
                None,
                None,
                &older,
            );
            app.note_end(&older, import.await.ok().as_ref());
            assert!(app.importing().verdicts.is_empty(), "nobody sees the older");
            let now = app.import_progress().await.unwrap().unwrap();
            assert_eq!(now.total, 7, "it is the newer one's");
            newer.step(1).unwrap();
            app.import_stop().await.unwrap();
            assert_eq!(newer.step(1).unwrap_err().code(), "import_stopped");
            app.note_end(&newer, None);
            assert!(app.import_progress().await.unwrap().is_none());
        }
    }

    #[tokio::test]
    async fn a_link_with_a_password_is_refused_without_it() {
        let (_folder, app) = testing::app().await;
        let file = r#"[{"name":"Bo","email":"bo@bo.se","url":"postgres://u:hunter2@db/x"}]"#;
        let import = app
            .customers_import("b.json".to_owned(), file.to_owned(), true, None, None)
            .await
            .unwrap();
        let told = serde_json::to_string(&import).unwrap();
        assert_eq!(import.refused, 1, "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
