//! The frame of the window: where we are, in which language and theme, and what is going on.

use std::sync::atomic::Ordering;

use fabrik_domain::{
    Problem,
    event::{Happening, RunEvent},
    id::RunId,
    language::Language,
    request::RequestState,
    run::{Run, RunState},
};
use fabrik_store::{CustomerQuery, RunQuery, Topic};
use serde_json::json;

use crate::{
    App, Environment,
    views::{ActiveRun, Density, Overview, Theme},
};

/// Keys of the store's settings that are choices of the window, no settings of the workspace.
const LANGUAGE: &str = "window.language";
const THEME: &str = "window.theme";
const DENSITY: &str = "window.density";

/// Events that a run tells at most between two readings of one overview: of one that stands still the newest is its
/// interruption.
const TOLD_MEANWHILE: u32 = 20;

impl App {
    /// See the table of commands.
    pub async fn overview(&self) -> Result<Overview, Problem> {
        let (stored, page, open, counts, requests) = tokio::try_join!(
            self.store.settings(),
            self.store.customers(CustomerQuery {
                limit: 1,
                ..CustomerQuery::default()
            }),
            self.store.runs(RunQuery {
                states: RunState::OPEN.to_vec(),
                ..RunQuery::default()
            }),
            self.store.run_counts(RunQuery::default()),
            self.store.request_counts(),
        )?;
        let (interrupted, active): (Vec<_>, Vec<_>) = open
            .into_iter()
            .partition(|run| run.state == RunState::Interrupted);
        let theme = match stored.get(THEME).map(String::as_str) {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        };
        let density = match stored.get(DENSITY).map(String::as_str) {
            Some("comfortable") => Density::Comfortable,
            _ => Density::Compact,
        };
        let chosen_language = self.chosen_language(stored.get(LANGUAGE).map(String::as_str));
        Ok(Overview {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            workspace: self.workspace.clone(),
            sandbox: self.is_sandbox(),
            language: chosen_language.unwrap_or_else(Environment::system_language),
            chosen_language,
            theme,
            density,
            customers: page.total,
            active_runs: self.named(active).await?,
            interrupted_runs: self.named(interrupted).await?,
            leftover_runs: counts.get(&RunState::Leftovers).copied().unwrap_or(0),
            open_requests: requests.get(&RequestState::Open).copied().unwrap_or(0),
        })
    }

    /// See the table of commands.
    pub async fn language_set(&self, language: Option<Language>) -> Result<Overview, Problem> {
        self.keep_choice(LANGUAGE, language.map(Language::code))
            .await?;
        self.language_chosen.store(true, Ordering::Relaxed);
        self.tell_choice(LANGUAGE).await
    }

    /// The language that the owner reads: the window's. Mails to them are in it, and mails to customers of whom nothing else
    /// is known.
    pub(crate) async fn owner_language(&self) -> Result<Language, Problem> {
        let stored = self.store.settings().await?;
        Ok(self
            .chosen_language(stored.get(LANGUAGE).map(String::as_str))
            .unwrap_or_else(Environment::system_language))
    }

    /// The variable's language, else the one that is stored; none follows the system. The variable wins over what was
    /// chosen before, and whoever sits there over the variable, also who chooses to follow the system.
    fn chosen_language(&self, stored: Option<&str>) -> Option<Language> {
        let stored = stored.and_then(Language::from_tag);
        if self.language_chosen.load(Ordering::Relaxed) {
            return stored;
        }
        self.environment.asked_language().or(stored)
    }

    /// See the table of commands.
    pub async fn theme_set(&self, theme: Theme) -> Result<Overview, Problem> {
        let word = match theme {
            Theme::System => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        };
        self.choose(THEME, word).await
    }

    /// See the table of commands.
    pub async fn density_set(&self, density: Density) -> Result<Overview, Problem> {
        let word = match density {
            Density::Compact => None,
            Density::Comfortable => Some("comfortable"),
        };
        self.choose(DENSITY, word).await
    }

    async fn choose(&self, key: &str, word: Option<&str>) -> Result<Overview, Problem> {
        self.keep_choice(key, word).await?;
        self.tell_choice(key).await
    }

    async fn keep_choice(&self, key: &str, word: Option<&str>) -> Result<(), Problem> {
        let audit = self.audit("setting.changed", json!({ "setting": key, "value": word }));
        self.store.set_setting(key, word, audit).await
    }

    async fn tell_choice(&self, key: &str) -> Result<Overview, Problem> {
        self.store.announce(Topic::Settings, key).await?;
        self.overview().await
    }

    async fn named(&self, runs: Vec<Run>) -> Result<Vec<ActiveRun>, Problem> {
        let mut named = Vec::with_capacity(runs.len());
        for run in runs {
            let mut interruption = None;
            if run.state == RunState::Interrupted {
                interruption = self.interruption(run.id).await?;
                // It has long gone on since the runs were read.
                if interruption.is_none() {
                    continue;
                }
            }
            let customer = self.store.customer(run.customer).await?;
            named.push(ActiveRun {
                run: run.id,
                customer: run.customer,
                customer_name: customer.name,
                state: run.state,
                interruption,
            });
        }
        Ok(named)
    }

    /// The number of a run's newest interruption, each of which has an event of its own. One that was taken on a moment ago
    /// tells more since: that is no other interruption.
    async fn interruption(&self, run: RunId) -> Result<Option<i64>, Problem> {
        let events = self.store.newest_events(run, TOLD_MEANWHILE).await?;
        let interrupts = |event: &&RunEvent| {
            matches!(
                event.what,
                Happening::Run {
                    state: RunState::Interrupted,
                    ..
                }
            )
        };
        Ok(events.iter().rfind(interrupts).map(|event| event.number))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_domain::{
        event::{Happening, RunEvent},
        language::Language,
        run::RunState,
    };

    use super::TOLD_MEANWHILE;
    use crate::{
        Environment,
        testing::{self, DEAD},
        views::{Density, Theme},
    };

    #[tokio::test]
    async fn a_second_interruption_of_a_run_is_told_from_the_first() {
        let (_folder, app) = testing::app().await;
        let run = testing::run(&app, DEAD, BTreeMap::new()).await.run;
        app.mark_interrupted().await.unwrap();
        let interruption = async || {
            let overview = app.overview().await.unwrap();
            assert!(overview.active_runs.is_empty(), "nobody drives it");
            overview.interrupted_runs.first().unwrap().interruption
        };
        let first = interruption().await;
        assert!(first.is_some(), "it has a number");
        assert_eq!(interruption().await, first, "however often it is read");
        let lease = app.take(run).await.unwrap();
        testing::put(&app, &lease, RunState::Running).await;
        app.give_free(&lease).await;
        assert!(interruption().await > first, "it went on in between");
    }

    #[tokio::test]
    async fn a_run_that_goes_on_while_it_is_read_stands_at_no_other_interruption() {
        let (_folder, app) = testing::app().await;
        let run = testing::run(&app, DEAD, BTreeMap::new()).await.run;
        let interrupted = app.mark_interrupted().await.unwrap();
        let first = app.store.last_event(run).await.unwrap();
        let lease = app.take(run).await.unwrap();
        testing::put(&app, &lease, RunState::Running).await;
        let told = |number: i64| RunEvent {
            run,
            number,
            at: app.clock.now(),
            step: None,
            what: Happening::Run {
                state: RunState::Running,
                reason: None,
            },
        };
        app.store
            .events(&lease, vec![told(first + 1)])
            .await
            .unwrap();
        let named = app.named(interrupted.clone()).await.unwrap();
        let [named] = named.as_slice() else {
            panic!("it was read as one: {named:?}")
        };
        assert_eq!(named.interruption, Some(first));
        let long = i64::from(TOLD_MEANWHILE);
        let more = (2..=long).map(|later| told(first + later)).collect();
        app.store.events(&lease, more).await.unwrap();
        // What stands alone is written soon, and before what comes after it.
        testing::put(&app, &lease, RunState::Running).await;
        let named = app.named(interrupted).await.unwrap();
        assert!(named.is_empty(), "it has long gone on: {named:?}");
    }

    #[tokio::test]
    async fn what_was_chosen_is_there_at_the_next_start() {
        let (folder, app) = testing::app().await;
        let first = app.overview().await.unwrap();
        assert_eq!(
            (first.density, first.theme),
            (Density::Compact, Theme::System)
        );
        app.density_set(Density::Comfortable).await.unwrap();
        app.theme_set(Theme::Dark).await.unwrap();
        drop(app);
        let again = testing::app_in(&folder, &[])
            .await
            .overview()
            .await
            .unwrap();
        assert_eq!(
            (again.density, again.theme),
            (Density::Comfortable, Theme::Dark)
        );
    }

    #[tokio::test]
    async fn the_variable_wins_over_what_was_chosen_before() {
        let (folder, app) = testing::app_with(&[("FABRIK_LANG", "en")]).await;
        assert_eq!(app.overview().await.unwrap().language, Language::En);
        let chosen = app.language_set(Some(Language::Sv)).await.unwrap();
        assert_eq!(chosen.language, Language::Sv, "a choice counts at once");
        drop(app);
        let again = testing::app_in(&folder, &[("FABRIK_LANG", "en")]).await;
        assert_eq!(again.overview().await.unwrap().language, Language::En);
        drop(again);
        let without = testing::app_in(&folder, &[]).await;
        assert_eq!(without.overview().await.unwrap().language, Language::Sv);
    }

    #[tokio::test]
    async fn the_language_follows_the_system_again_once_that_is_chosen() {
        let system = Environment::system_language();
        let other = match system {
            Language::Sv => Language::En,
            Language::En => Language::Sv,
        };
        let (folder, app) = testing::app_with(&[]).await;
        let first = app.overview().await.unwrap();
        assert_eq!((first.language, first.chosen_language), (system, None));
        let chosen = app.language_set(Some(other)).await.unwrap();
        assert_eq!(
            (chosen.language, chosen.chosen_language),
            (other, Some(other))
        );
        let again = app.language_set(None).await.unwrap();
        assert_eq!((again.language, again.chosen_language), (system, None));
        assert_eq!(app.owner_language().await.unwrap(), system, "mails too");
        drop(app);
        let app = testing::app_in(&folder, &[("FABRIK_LANG", other.code())]).await;
        let asked = app.overview().await.unwrap();
        assert_eq!(
            (asked.language, asked.chosen_language),
            (other, Some(other))
        );
        let followed = app.language_set(None).await.unwrap();
        assert_eq!(
            (followed.language, followed.chosen_language),
            (system, None),
            "whoever sits there wins over the variable"
        );
    }
}
