//! `database-url`: the strings with which an application reaches the customer's database. Both hold its password, which
//! the vendor never gives again: they are kept in the keyring with the customer, beyond the run, and the records
//! have references. Where the address is, the vendor tells; nothing of it is made up here, and nothing is changed
//! at the vendor: a password that nobody kept is not replaced by another, for somebody may be using it.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::supabase::Management;
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    failure::{Failure, Outcome},
    provider::Provider,
    resource::{Found as Existing, Mark, Origin, Resource, ResourceKind, ResourceState},
    run::{Output, Outputs},
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use serde::Deserialize;
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::{
    kept,
    parameters::{Parameters, filled},
    registry::Entry,
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::DatabaseUrl,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(5),
        // The vault answers for itself.
        settle: Duration::ZERO,
    },
    build: |clouds, parameters: &Parameters| {
        let With { project } = parameters.read(&[])?;
        Ok(Box::new(DatabaseUrl {
            management: clouds.supabase.clone(),
            project,
            undoes: parameters.undoes(),
        }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's ref; empty in a plan.
    project: String,
}

struct DatabaseUrl {
    management: Management,
    project: String,
    undoes: bool,
}

/// Where a customer's strings for a project are in the vault, and the password that outlives them, as long as nobody
/// has taken them away.
pub fn of_project(mark: Mark, project: &str) -> [SecretRef; 3] {
    let Places { pooled, direct } = Places::of(mark, project);
    [pooled, direct, kept::lasting_password(mark, project)]
}

/// Where the address is that a customer came with.
pub fn imported(mark: Mark) -> SecretRef {
    SecretRef::customer(mark.workspace, mark.customer, "database-url")
}

/// What the variable of a customer's database begins with; its subdomain follows.
pub const VARIABLE: &str = "DATABASE_URL_";

/// The variable of an `.env` file that has the address of a customer's database.
fn variable(subdomain: &str) -> String {
    let label = subdomain.to_ascii_uppercase().replace('-', "_");
    format!("{VARIABLE}{label}")
}

/// Whether an address has a password for this project's database.
pub fn opens(url: &Secret, project: &str) -> bool {
    password_in(url, project).is_some()
}

/// Where the two strings are.
struct Places {
    pooled: SecretRef,
    direct: SecretRef,
}

impl Places {
    /// Another project of the same customer's has others: nothing is written over.
    fn of(mark: Mark, project: &str) -> Self {
        let place = |way: &str| {
            let purpose = format!("database/{project}/{way}");
            SecretRef::customer(mark.workspace, mark.customer, &purpose)
        };
        Self {
            pooled: place("pooled-url"),
            direct: place("direct-url"),
        }
    }

    async fn are_there(&self, cx: &Context<'_>) -> Result<[bool; 2], Problem> {
        let (pooled, direct) =
            futures::try_join!(cx.secrets.get(&self.pooled), cx.secrets.get(&self.direct))?;
        Ok([pooled.is_some(), direct.is_some()])
    }
}

impl DatabaseUrl {
    fn existing(&self) -> Existing {
        Existing {
            id: self.project.clone(),
            name: self.project.clone(),
            url: None,
            content_hash: None,
        }
    }

    /// The password that the project was made with, as long as a run of the customer's keeps it; else the one in
    /// an address of the project's that was imported: the customer came with it from an older system, or the run that
    /// made the project keeps it in another computer's keyring.
    async fn password(&self, cx: &Context<'_>) -> Result<Secret, Failure> {
        for place in kept::database_passwords(cx, &self.project) {
            if let Some(password) = cx.secrets.get(&place).await? {
                return Ok(password);
            }
        }
        let Places { pooled, .. } = Places::of(cx.mark, &self.project);
        let reference = pooled.to_string();
        // A run that is taken on again has the record as it was when it began, before the import.
        let known = cx.snapshot.customer.database_url.clone();
        for place in known.into_iter().chain([pooled, imported(cx.mark)]) {
            if let Some(url) = cx.secrets.get(&place).await?
                && let Some(password) = password_in(&url, &self.project)
            {
                return Ok(password);
            }
        }
        Err(Failure::refused(Cause::SecretMissing {
            reference,
            variable: Some(variable(&cx.snapshot.customer.subdomain)),
        }))
    }
}

/// Keeps the password, which nobody gives again, while the project that a run made stands: it may stay when its
/// strings are gone, and then they are made again.
async fn keep_password(cx: &Context<'_>, project: &str, places: &Places) -> Result<(), Problem> {
    let stands = |row: &Resource| {
        row.kind == ResourceKind::SupabaseProject
            && row.id == project
            && row.origin == Origin::Created
            && matches!(row.state, ResourceState::Live | ResourceState::Leftover)
    };
    if !cx.all.iter().any(stands) {
        return Ok(());
    }
    for place in [&places.pooled, &places.direct] {
        if let Some(url) = cx.secrets.get(place).await?
            && let Some(password) = Url::parse(url.expose_secret())
                .ok()
                .and_then(|url| in_url(&url))
        {
            let lasting = kept::lasting_password(cx.mark, project);
            return cx.secrets.set(&lasting, password).await;
        }
    }
    Ok(())
}

/// The password in an address of this project's database; `None` where it is another's.
fn password_in(url: &Secret, project: &str) -> Option<Secret> {
    let url = Url::parse(url.expose_secret()).ok()?;
    let mut names = url.username().split('.').chain(url.host_str()?.split('.'));
    if !names.any(|name| name == project) {
        return None;
    }
    in_url(&url)
}

/// The password in an address.
fn in_url(url: &Url) -> Option<Secret> {
    // Percent signs are undone as in a form, where a plus would be a space.
    let form = format!("p={}", url.password()?.replace('+', "%2B"));
    let (_, password) = form_urlencoded::parse(form.as_bytes()).next()?;
    Some(Secret::from(password.into_owned()))
}

#[async_trait]
impl Step for DatabaseUrl {
    fn name(&self) -> String {
        self.project.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::DatabaseUrl)
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let absent = Found::Absent {
            evidence: Value::Null,
        };
        if filled(&self.project).is_none() {
            return Ok(absent);
        }
        let there = Places::of(cx.mark, &self.project).are_there(cx).await?;
        Ok(match there {
            [true, true] => Found::Ours(self.existing()),
            // Killed between the two, one of them is what there is to take away.
            [false, true] | [true, false] if self.undoes => Found::Ours(self.existing()),
            _ => absent,
        })
    }

    fn keeps(&self, cx: &Context<'_>) -> Option<SecretRef> {
        Some(Places::of(cx.mark, &self.project).pooled)
    }

    /// Writes the same again after a kill.
    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let password = self.password(cx).await?;
        let connection = self.management.connection(&self.project).await?;
        let urls =
            connection.and_then(|way| Some((way.pooled(&password)?, way.direct(&password)?)));
        let Some((pooled, direct)) = urls else {
            // The pooler comes up with the other services, by itself.
            let operation = "v1-get-pooler-config".to_owned();
            return Err(Failure {
                outcome: Outcome::NotSent,
                problem: Problem::from(Cause::AnswerUnreadable { operation })
                    .by(Provider::Supabase),
            });
        };
        let places = Places::of(cx.mark, &self.project);
        cx.secrets.set(&places.direct, direct).await?;
        cx.secrets.set(&places.pooled, pooled).await?;
        Ok(Created::Resource(self.existing()))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let Places { pooled, direct } = Places::of(cx.mark, &self.project);
        let outputs: Outputs = [
            ("reference", Output::Public(pooled.to_string())),
            ("pooled_url", Output::Secret(pooled)),
            ("direct_url", Output::Secret(direct)),
        ]
        .map(|(name, output)| (name.to_owned(), output))
        .into();
        Ok(Readiness::Ready(outputs))
    }

    /// They lie in no project, but with the customer: they are taken from there though the project goes too. The
    /// password in them is the project's, and goes with it.
    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let places = Places::of(cx.mark, &existing.id);
        keep_password(cx, &existing.id, &places).await?;
        cx.secrets.remove(&places.pooled).await?;
        cx.secrets.remove(&places.direct).await?;
        Ok(Undone::Gone)
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::ports::Secrets;
    use fabrik_engine::step::Occasion;
    use serde_json::json;

    use super::*;
    use crate::{
        kept::Kept,
        testing::{Scene, Vendor, clouds, parameters},
    };

    const PROJECT: &str = "abcdefghijklmnopqrst";
    /// Where nobody is asked.
    const BASE: &str = "http://127.0.0.1:9";

    fn step(base: &str) -> Box<dyn Step> {
        built(base, Occasion::Run)
    }

    fn built(base: &str, occasion: Occasion) -> Box<dyn Step> {
        let with = parameters(&json!({ "project": PROJECT }));
        (ENTRY.build)(&clouds(base), &with.on(occasion)).unwrap()
    }

    async fn pooler() -> Vendor {
        Vendor::start(|_| {
            let url = "postgresql://postgres.abc:[YOUR-PASSWORD]@aws-1.pooler.example:6543/postgres";
            (
                200,
                json!([{ "database_type": "PRIMARY", "pool_mode": "transaction", "connection_string": url }]),
            )
        })
        .await
    }

    /// A run whose blueprint makes a project, too.
    fn scene() -> Scene {
        let mut scene = Scene::new(StepKind::DatabaseUrl, "database");
        let mut project = scene.step.clone();
        project.id = "supabase".to_owned();
        project.kind = StepKind::SupabaseProject;
        scene.snapshot.blueprint.steps.push(project);
        scene
    }

    async fn keep(scene: &Scene, place: &SecretRef) {
        let password = Secret::from("canary-of-the-database");
        scene.secrets.set(place, password).await.unwrap();
    }

    #[tokio::test]
    async fn both_are_kept_with_the_customer_and_told_by_reference() {
        let vendor = pooler().await;
        let scene = scene();
        let step = step(&vendor.base);
        let place = Kept::DatabasePassword.reference(scene.mark(), scene.run, "supabase");
        keep(&scene, &place).await;
        let found = step.find(&scene.context()).await.unwrap();
        assert!(matches!(found, Found::Absent { .. }), "{found:?}");
        let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
            panic!("it is a resource")
        };
        let told = step
            .await_ready(&scene.context(), Some(&made))
            .await
            .unwrap();
        assert!(
            !format!("{made:?} {told:?}").contains("canary"),
            "the records have references: {told:?}"
        );
        let Readiness::Ready(outputs) = told else {
            panic!("it is ready")
        };
        for (name, port) in [("pooled_url", 6543), ("direct_url", 5432)] {
            let Output::Secret(reference) = &outputs[name] else {
                panic!("{name} is a secret")
            };
            let url = scene.secrets.get(reference).await.unwrap().unwrap();
            assert_eq!(
                url.expose_secret(),
                format!(
                    "postgresql://postgres.abc:canary-of-the-database@aws-1.pooler.example:{port}/postgres"
                )
            );
        }
        let Output::Public(reference) = &outputs["reference"] else {
            panic!("what the customer's record says")
        };
        assert!(reference.starts_with("keyring:v1/"), "{reference}");

        // The run's own password goes with the run; the strings are there for the next one.
        scene.secrets.remove(&place).await.unwrap();
        assert_eq!(
            step.find(&scene.context()).await.unwrap(),
            Found::Ours(made.clone())
        );
        for _ in 0..2 {
            let undone = step.undo(&scene.context(), &made).await.unwrap();
            assert_eq!(undone, Undone::Gone);
        }
        assert!(scene.secrets.0.lock().unwrap().is_empty(), "nothing stays");
        assert!(vendor.changes().is_empty(), "the vendor is only asked");
    }

    #[tokio::test]
    async fn the_half_of_them_that_a_kill_has_left_is_found_to_be_undone() {
        let scene = scene();
        let place = Places::of(scene.mark(), PROJECT).direct;
        keep(&scene, &place).await;
        let found = step(BASE).find(&scene.context()).await.unwrap();
        assert!(
            matches!(found, Found::Absent { .. }),
            "a run writes both: {found:?}"
        );
        let back = built(BASE, Occasion::Undo);
        let Found::Ours(there) = back.find(&scene.context()).await.unwrap() else {
            panic!("it is the run's")
        };
        back.undo(&scene.context(), &there).await.unwrap();
        assert!(scene.secrets.0.lock().unwrap().is_empty(), "nothing stays");
        let found = back.find(&scene.context()).await.unwrap();
        assert!(matches!(found, Found::Absent { .. }), "{found:?}");
    }

    #[tokio::test]
    async fn the_password_stays_with_a_project_that_stands_and_makes_the_strings_again() {
        let vendor = pooler().await;
        for (state, stands) in [
            (ResourceState::Live, true),
            (ResourceState::Leftover, true),
            (ResourceState::Removed, false),
        ] {
            let mut scene = scene();
            let mut row = scene.row(ResourceKind::SupabaseProject, PROJECT, "akermark", None);
            row.step = "supabase".to_owned();
            row.state = state;
            let run = Kept::DatabasePassword.reference(scene.mark(), row.run, "supabase");
            scene.all.push(row);
            keep(&scene, &run).await;
            let step = step(&vendor.base);
            let Created::Resource(made) = step.create(&scene.context()).await.unwrap() else {
                panic!("it is a resource")
            };
            // The run has succeeded, and keeps nothing.
            scene.secrets.remove(&run).await.unwrap();
            for _ in 0..2 {
                let undone = step.undo(&scene.context(), &made).await.unwrap();
                assert_eq!(undone, Undone::Gone);
            }
            let left: Vec<_> = scene.secrets.0.lock().unwrap().keys().cloned().collect();
            let lasting = kept::lasting_password(scene.mark(), PROJECT);
            let expected = if stands { vec![lasting] } else { vec![] };
            assert_eq!(left, expected, "{state:?}");
            let again = step.create(&scene.context()).await;
            assert_eq!(again.is_ok(), stands, "{state:?}: {again:?}");
            if stands {
                let place = Places::of(scene.mark(), PROJECT).pooled;
                let url = scene.secrets.get(&place).await.unwrap().unwrap();
                let url = url.expose_secret();
                assert!(url.contains(":canary-of-the-database@"), "{url}");
            }
        }
    }

    #[tokio::test]
    async fn the_address_from_an_older_system_serves_for_its_own_project() {
        let vendor = pooler().await;
        for (host, serves) in [(PROJECT, true), ("another", false)] {
            let mut scene = scene();
            let imported = SecretRef::Env("DATABASE_URL_AKERMARK".to_owned());
            let url = format!("postgres://postgres:a%40b+c@db.{host}.supabase.co:5432/postgres");
            scene
                .secrets
                .set(&imported, Secret::from(url))
                .await
                .unwrap();
            scene.snapshot.customer.database_url = Some(imported);
            let created = step(&vendor.base).create(&scene.context()).await;
            assert_eq!(created.is_ok(), serves, "{host}: {created:?}");
            if serves {
                let place = Places::of(scene.mark(), PROJECT).pooled;
                let url = scene.secrets.get(&place).await.unwrap().unwrap();
                let url = url.expose_secret();
                assert!(url.contains(":a%40b+c@aws-1.pooler.example:6543/"), "{url}");
            }
        }
    }

    #[tokio::test]
    async fn an_earlier_runs_password_serves_for_the_project_that_it_made() {
        let vendor = pooler().await;
        for (made, serves) in [(PROJECT, true), ("another", false)] {
            let mut scene = scene();
            let mut row = scene.row(ResourceKind::SupabaseProject, made, "akermark", None);
            row.step = "supabase".to_owned();
            keep(
                &scene,
                &Kept::DatabasePassword.reference(scene.mark(), row.run, "supabase"),
            )
            .await;
            scene.all.push(row);
            let created = step(&vendor.base).create(&scene.context()).await;
            assert_eq!(created.is_ok(), serves, "{made}: {created:?}");
            if let Err(failure) = created {
                assert_eq!(failure.problem.code(), "secret_missing");
            }
        }
    }

    #[tokio::test]
    async fn on_another_computer_it_is_told_what_to_import_and_the_imported_address_serves() {
        let vendor = pooler().await;
        for by_record in [true, false] {
            let mut scene = scene();
            scene.snapshot.customer.subdomain = "nord-vik".to_owned();
            let places = Places::of(scene.mark(), PROJECT);
            if by_record {
                scene.snapshot.customer.database_url = Some(places.pooled.clone());
            }
            let step = step(&vendor.base);
            let failure = step.create(&scene.context()).await.unwrap_err();
            assert_eq!(
                *failure.problem.cause,
                Cause::SecretMissing {
                    reference: places.pooled.to_string(),
                    variable: Some("DATABASE_URL_NORD_VIK".to_owned()),
                }
            );

            // Of a run that is taken on again the record is older than what was imported.
            let place = if by_record {
                places.pooled.clone()
            } else {
                imported(scene.mark())
            };
            let url = format!("postgresql://postgres.{PROJECT}:canary@aws-1.pooler.example:6543/x");
            let set = scene.secrets.set(&place, Secret::from(url)).await;
            set.unwrap();
            let found = step.find(&scene.context()).await.unwrap();
            assert!(
                matches!(found, Found::Absent { .. }),
                "both are made: {found:?}"
            );
            step.create(&scene.context()).await.unwrap();
            for place in [&places.pooled, &places.direct] {
                let url = scene.secrets.get(place).await.unwrap().unwrap();
                let url = url.expose_secret();
                assert!(url.contains(":canary@aws-1.pooler.example"), "{url}");
            }
        }
        assert!(vendor.changes().is_empty(), "the vendor is only asked");
    }
}
