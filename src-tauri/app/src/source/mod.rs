//! An agency's own table of customers, connected: where it is, what of it means what. Customers are taken over
//! from it again and again, and a run's end is written back. Fabrik's own records stay the records of runs, so that a
//! table that is away stops nothing.

mod asking;
mod decisions;
mod differences;
mod following;
mod looking;
mod once;
mod polling;
mod presets;
mod results;

use std::sync::{Mutex, MutexGuard, PoisonError};

use fabrik_domain::{
    Cause, Problem,
    mapping::{Mapping, SourceField},
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_store::{Address, Source};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use self::presets::Preset;
use crate::{
    App,
    entered::EnteredSecret,
    views::{ConnectedSource, SourceReport, SourceView},
};

/// The setting that keeps the connection: all desktops on one central database have it in common.
const KEY: &str = "source";

/// Stands between a table and the column that ids are read from.
const BY: &str = " by ";

/// A connection as it is kept. The password is in the keyring of each desktop.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<SecretRef>,
    /// Since when: what runs came to before is not written.
    since: Timestamp,
    mapping: Mapping,
    /// It is connected no more, and remembered: connected again, what was untold is written.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    left: bool,
}

impl Kept {
    /// What customers that come from there are known by: the table, and the column that their ids are read from. An id of
    /// one column may be another customer's in another.
    fn origin(&self) -> Result<String, Problem> {
        let column = self.mapping.columns.get(&SourceField::ExternalId);
        let column = column.map_or("", String::as_str);
        Ok(format!("{}{BY}{column}", self.table()?))
    }

    /// Whether somebody of this origin came from the table, be it by another column, or before it was kept by which.
    fn has_origin(&self, origin: &str) -> Result<bool, Problem> {
        let rest = origin.strip_prefix(&self.table()?);
        Ok(rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(BY)))
    }

    fn table(&self) -> Result<String, Problem> {
        let place = Address::parse(&self.url)?.place();
        Ok(format!("{place} {}", self.mapping.table))
    }
}

/// What this process knows of the connected table.
#[derive(Default)]
pub(crate) struct SourceState {
    /// One at a time takes customers over, writes results, or changes the connection.
    working: tokio::sync::Mutex<()>,
    seen: Mutex<Seen>,
}

/// How the table was found the last time.
#[derive(Clone, Default)]
struct Seen {
    fingerprint: Option<String>,
    judged_by: polling::JudgedBy,
    at: Option<Timestamp>,
    problem: Option<Problem>,
    report: Option<SourceReport>,
    untold: results::Untold,
}

impl SourceState {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// The connection, where there is one.
    async fn kept_source(&self) -> Result<Option<Kept>, Problem> {
        let last = self.last_source().await?;
        Ok(last.filter(|last| !last.left))
    }

    /// The connection, or the last that there was.
    async fn last_source(&self) -> Result<Option<Kept>, Problem> {
        let settings = self.store.settings().await?;
        let Some(text) = settings.get(KEY) else {
            return Ok(None);
        };
        let kept = serde_json::from_str(text)
            .map_err(|error| Problem::from(Cause::DatabaseDamaged).detail(error.to_string()))?;
        Ok(Some(kept))
    }

    async fn connected_source(&self) -> Result<Kept, Problem> {
        let kept = self.kept_source().await?;
        kept.ok_or_else(|| Cause::SourceAbsent.into())
    }

    /// The way to a connected table, with its password.
    async fn way_to(&self, kept: &Kept) -> Result<Source, Problem> {
        let password = match &kept.password {
            // One that this desktop's keyring lacks is the server's to ask for.
            Some(reference) => self.vault.get(reference).await?,
            None => None,
        };
        let address = Address::parse(&kept.url)?.with_password(password);
        Ok(Source::at(address))
    }

    /// What somebody typed, or the connection's own where nothing is typed.
    async fn typed_address(
        &self,
        url: Option<EnteredSecret>,
        password: Option<EnteredSecret>,
    ) -> Result<Address, Problem> {
        let Some(url) = url else {
            let kept = self.connected_source().await?;
            let known = match &kept.password {
                Some(reference) => self.vault.get(reference).await?,
                None => None,
            };
            let password = typed(password).or(known);
            return Ok(Address::parse(&kept.url)?.with_password(password));
        };
        let address = Address::parse(url.0.expose_secret().trim())?;
        let password = typed(password).or_else(|| address.password().cloned());
        Ok(address.with_password(password))
    }

    /// See the table of commands.
    pub async fn source_get(&self) -> Result<SourceView, Problem> {
        let Some(kept) = self.kept_source().await? else {
            return Ok(SourceView { connected: None });
        };
        let untold = if kept.mapping.results.is_some() {
            let decisions = self.untold_decisions(&kept).await?;
            self.store.untold_count(kept.since).await? + decisions.len() as u64
        } else {
            0
        };
        let seen = self.source.seen().clone();
        Ok(SourceView {
            connected: Some(ConnectedSource {
                place: kept.url,
                mapping: kept.mapping,
                seen_at: seen.at,
                problem: seen.problem,
                report: seen.report,
                untold,
            }),
        })
    }

    /// See the table of commands. Refused with the first thing that is wrong; [`source_preview`](Self::source_preview)
    /// tells them all.
    pub async fn source_connect(
        &self,
        url: Option<EnteredSecret>,
        password: Option<EnteredSecret>,
        mapping: Mapping,
    ) -> Result<SourceView, Problem> {
        let address = self.typed_address(url, password).await?;
        let problems = Source::at(address.clone()).judge(&mapping).await?;
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        if let Some(blueprint) = &mapping.blueprint {
            self.blueprint(blueprint)?;
        }
        let _alone = self.source.working.lock().await;
        let before = self.last_source().await?;
        let password = self.keep_source_password(&address).await?;
        let url = address.to_string();
        // A mapping that is mended goes on where it was, and so does a table that was left.
        let since = before
            .filter(|before| before.url == url && before.mapping.table == mapping.table)
            .map_or_else(|| self.clock.now(), |before| before.since);
        let kept = Kept {
            url,
            password,
            since,
            mapping,
            left: false,
        };
        self.keep_source(&kept, "source.connected").await?;
        *self.source.seen() = Seen::default();
        self.source_get().await
    }

    async fn keep_source(&self, kept: &Kept, action: &str) -> Result<(), Problem> {
        let text = serde_json::to_string(kept)
            .map_err(|error| Problem::from(Cause::Internal).detail(error.to_string()))?;
        let facts = json!({ "database": kept.url, "table": kept.mapping.table.to_string() });
        let audit = self.audit(action, facts);
        self.store.set_setting(KEY, Some(&text), audit).await
    }

    /// Keeps an address's password in this desktop's keyring, where it has one.
    async fn keep_source_password(&self, address: &Address) -> Result<Option<SecretRef>, Problem> {
        let Some(password) = address.password() else {
            return Ok(None);
        };
        let reference = self.source_password_reference();
        self.vault.set(&reference, password.clone()).await?;
        Ok(Some(reference))
    }

    fn source_password_reference(&self) -> SecretRef {
        SecretRef::source(self.store.workspace())
    }

    /// See the table of commands.
    pub async fn source_password(&self, password: EnteredSecret) -> Result<SourceView, Problem> {
        let _alone = self.source.working.lock().await;
        let mut kept = self.connected_source().await?;
        let address = self.typed_address(None, Some(password)).await?;
        let source = Source::at(address.clone());
        let problems = source.judge_connected(&kept.mapping).await?;
        let reference = self.keep_source_password(&address).await?;
        // It may have been connected without one.
        if kept.password != reference {
            kept.password = reference;
            self.keep_source(&kept, "source.connected").await?;
        }
        self.source.seen().problem = problems.into_iter().next();
        self.source_get().await
    }

    /// See the table of commands. Customers that came from the table stay.
    pub async fn source_disconnect(&self) -> Result<SourceView, Problem> {
        let _alone = self.source.working.lock().await;
        let mut kept = self.connected_source().await?;
        let password = kept.password.take();
        kept.left = true;
        self.keep_source(&kept, "source.disconnected").await?;
        if let Some(password) = password {
            self.vault.remove(&password).await?;
        }
        *self.source.seen() = Seen::default();
        self.source_get().await
    }
}

fn typed(password: Option<EnteredSecret>) -> Option<Secret> {
    let text = password?.0.expose_secret().trim().to_owned();
    (!text.is_empty()).then(|| Secret::from(text))
}
