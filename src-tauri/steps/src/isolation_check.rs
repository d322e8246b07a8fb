//! `isolation-check`: the proof that nobody from outside sees or changes what is in the customer's database.
//!
//! Empty tables prove nothing, so the blueprint's canary puts a row into every one, in a transaction that is
//! rolled back: the owner must see it, `anon` must not, and may neither write nor call a function ([`trial`]).
//! The same is tried over REST with the key that is on every page, where the administrator's own row is the
//! canary; and between two customers neither's key may open anything of the other's. What the customer's own
//! users may see is the policies' matter.
//!
//! What was proved is written down in the database, beside the files that were applied to it ([`proof`]).

mod proof;
mod sql;
mod trial;

pub use trial::{Inside, TrialDatabase, inside};

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::{
    BaseUrl, refused_with,
    supabase::{ProjectApi, Reach, sql_state},
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    customer::CustomerStatus,
    event::Detail,
    failure::Failure,
    problem::{Breach, Exposure},
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Outputs,
    secret::Secret,
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use futures::future::try_join_all;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::registry::{Clouds, Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::IsolationCheck,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(2),
        ceiling: Duration::from_mins(2),
        settle: Duration::ZERO,
    },
    build: |clouds, parameters| {
        Ok(Box::new(IsolationCheck {
            clouds: clouds.clone(),
            with: parameters.read(&[])?,
        }))
    },
};

/// Tables that are read over REST at the same time.
const AT_ONCE: usize = 4;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// The project's ref.
    project: String,
    /// The project's own URL.
    project_url: String,
    publishable_key: String,
    /// A file of the blueprint that puts a row into every table.
    #[serde(default = "canary")]
    canary: String,
}

fn canary() -> String {
    "canary.sql".to_owned()
}

struct IsolationCheck {
    clouds: Clouds,
    with: With,
}

#[derive(Deserialize)]
struct Served {
    served: Vec<String>,
}

/// What REST says.
enum Outside {
    Findings(Vec<Exposure>),
    /// It doesn't know the tables yet.
    NotYet,
}

impl IsolationCheck {
    fn file<'a>(&self, cx: &Context<'a>) -> Result<&'a str, Problem> {
        let blueprint = &cx.snapshot.blueprint;
        let file = blueprint.files.get(&self.with.canary);
        file.map(String::as_str).ok_or_else(|| {
            Cause::BlueprintInvalid {
                blueprint: blueprint.name.clone(),
                why: format!("{} is not there", self.with.canary),
            }
            .into()
        })
    }

    /// A project's own APIs.
    fn api(&self, base: BaseUrl) -> ProjectApi {
        ProjectApi::new(self.clouds.http.clone(), base)
    }

    fn own_api(&self) -> Result<ProjectApi, Problem> {
        Ok(self.api(BaseUrl::parse(&self.with.project_url)?))
    }

    fn own_key(&self) -> Secret {
        Secret::from(self.with.publishable_key.as_str())
    }

    /// With a row in every table, as the owner and as `anon`.
    async fn inside(&self, cx: &Context<'_>) -> Result<Inside, Failure> {
        let canary = self.file(cx)?;
        inside(self, canary).await.map_err(|mut failure| {
            // What SQL can be wrong is the canary's.
            if refused_with(&failure) == Some(400) {
                *failure.problem.cause = Cause::SchemaRefused {
                    file: self.with.canary.clone(),
                };
            }
            failure
        })
    }

    /// With the key that is on every page, and nobody signed in.
    async fn outside(&self, served: &[String]) -> Result<Outside, Failure> {
        let (api, key) = (self.own_api()?, self.own_key());
        let visitor = api.visitor(&key);
        let mut reached: Vec<(&String, Reach)> = Vec::with_capacity(served.len());
        for tables in served.chunks(AT_ONCE) {
            let reads = tables.iter().map(|table| visitor.read(table));
            reached.extend(tables.iter().zip(try_join_all(reads).await?));
        }
        let unknown = |reach: &Reach| *reach == Reach::Refused("PGRST205".to_owned());
        if !reached.is_empty() && reached.iter().all(|(_, reach)| unknown(reach)) {
            return Ok(Outside::NotYet);
        }
        let served = reached.into_iter().filter(|(_, reach)| reach.is_inside());
        Ok(Outside::Findings(
            served
                .map(|(table, _)| finding(Breach::Served, table))
                .collect(),
        ))
    }

    /// Another customer's key here, and this one's there, where there is another customer. The public keys:
    /// a secret one is sent nowhere but home.
    async fn neighbour(
        &self,
        cx: &Context<'_>,
        served: &[String],
    ) -> Result<Vec<Exposure>, Failure> {
        let mut neighbours = self.clouds.neighbours.iter();
        while let Some(table) = served.first()
            && let Some(neighbour) = neighbours.next()
        {
            if *neighbour == self.with.project {
                continue;
            }
            // One that is paused or gone has no keys to try.
            let keys = match self.clouds.supabase.api_keys(neighbour).await {
                Ok(keys) => keys,
                Err(failure) if refused_with(&failure).is_some() => continue,
                Err(failure) => return Err(failure),
            };
            let Some(key) = keys.publishable().map(Secret::from) else {
                continue;
            };
            let base = self.clouds.projects.base(neighbour)?;
            // What is wrong with the neighbour's services is not this customer's trouble.
            let Ok(there) = self.api(base).visitor(&self.own_key()).read(table).await else {
                continue;
            };
            let here = self.own_api()?.visitor(&key).read(table).await?;
            if [here, there].iter().all(is_refused_as_a_key) {
                cx.say(Detail::NeighbourRefused, "");
                return Ok(Vec::new());
            }
            return Ok(vec![finding(Breach::ForeignKey, table)]);
        }
        cx.say(Detail::NoNeighbour, "");
        Ok(Vec::new())
    }
}

impl TrialDatabase for IsolationCheck {
    type Error = Failure;

    async fn row<T: DeserializeOwned + Send>(&self, sql: &str) -> Result<T, Failure> {
        let management = &self.clouds.supabase;
        let rows = management.rolled_back(&self.with.project, sql).await?;
        rows.into_iter().next().ok_or_else(|| {
            let operation = "v1-run-a-query".to_owned();
            Problem::from(Cause::AnswerUnreadable { operation })
                .by(Provider::Supabase)
                .into()
        })
    }

    fn state(failure: &Failure) -> Option<&str> {
        sql_state(failure)
    }
}

/// Whether the gateway turned the key away. REST's own codes mean that it was let in, and then found no such
/// table or no right of `anon`; but for those about the key itself (`PGRST301` …).
fn is_refused_as_a_key(reach: &Reach) -> bool {
    match reach {
        Reach::Refused(code) if code.starts_with("PGRST") => code.starts_with("PGRST3"),
        Reach::Refused(code) => code != "42501",
        Reach::Nothing | Reach::Inside(_) => false,
    }
}

fn finding(breach: Breach, subject: &str) -> Exposure {
    Exposure {
        breach,
        subject: subject.to_owned(),
    }
}

#[async_trait]
impl Step for IsolationCheck {
    fn name(&self) -> String {
        self.with.canary.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        None
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        Ok(self.file(cx).err().into_iter().collect())
    }

    /// A database that was handed over, and was tried as it is, is not tried again; that REST is still shut is enough.
    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let customer = &cx.snapshot.customer;
        let handed_over = customer.status == CustomerStatus::Active
            && customer.supabase_project_ref.as_deref() == Some(self.with.project.as_str());
        if handed_over {
            let management = &self.clouds.supabase;
            let served = sql::served();
            let (rows, is_proved) = futures::join!(
                management.read::<Served>(&self.with.project, &served),
                self.is_proved(cx)
            );
            let (rows, is_proved) = (rows?, is_proved?);
            let served = rows.into_iter().flat_map(|row| row.served);
            let served: Vec<String> = served.collect();
            if is_proved
                && let Outside::Findings(findings) = self.outside(&served).await?
                && findings.is_empty()
            {
                return Ok(Found::Satisfied);
            }
        }
        Ok(Found::Absent {
            evidence: Value::Null,
        })
    }

    /// Nothing is made; the check itself is the wait.
    async fn create(&self, _: &Context<'_>) -> Result<Created, Failure> {
        Ok(Created::Effect)
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        // Looked at by `find`, which said that nothing is to be done.
        if existing.is_none() && cx.evidence.is_none() {
            return Ok(Readiness::Ready(Outputs::new()));
        }
        let as_it_is = self.as_it_is(cx).await?;
        let Inside { breaches, served } = self.inside(cx).await?;
        let mut findings = breaches;
        match self.outside(&served).await? {
            Outside::Findings(more) => findings.extend(more),
            Outside::NotYet => {
                let status = "the tables are not served yet".to_owned();
                return Ok(Readiness::NotYet { status });
            }
        }
        findings.extend(self.neighbour(cx, &served).await?);
        if findings.is_empty() {
            if let Some(as_it_is) = as_it_is {
                self.note_proved(&as_it_is).await;
            }
            cx.say(Detail::IsolationProved, served.len().to_string());
            return Ok(Readiness::Ready(Outputs::new()));
        }
        let broken = Problem::from(Cause::IsolationBroken { findings });
        Ok(Readiness::Failed(broken.by(Provider::Supabase)))
    }

    /// It makes nothing.
    async fn undo(&self, _: &Context<'_>, _: &Existing) -> Result<Undone, Failure> {
        Ok(Undone::Stays)
    }
}

#[cfg(test)]
mod tests;
