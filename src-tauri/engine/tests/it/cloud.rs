//! A cloud in memory with steps for it, and time that jumps to the next thing that waits.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use fabrik_domain::{
    Cause, Problem,
    blueprint::{Blueprint, SalesPlan, StepKind, StepSpec},
    customer::Customer,
    failure::{Failure, Outcome},
    id::RunId,
    ports::{Clock, Secrets},
    resource::{Found as Existing, ResourceKind},
    run::{Output, Outputs, Snapshot},
    secret::{Secret, SecretRef},
};
use fabrik_engine::step::{
    Context, Created, Found, Inputs, Occasion, Parent, Readiness, Step, StepFactory, Timing, Undone,
};
use jiff::Timestamp;
use serde_json::json;
use tokio::time::Instant;

/// tokio's paused time as a clock, whose wall time can be set.
pub(crate) struct Ticking {
    start: Instant,
    ahead: Mutex<jiff::SignedDuration>,
}

impl Default for Ticking {
    fn default() -> Self {
        Self {
            start: Instant::now(),
            ahead: Mutex::default(),
        }
    }
}

impl Ticking {
    /// Somebody sets the wall clock, by so many seconds.
    pub(crate) fn set(&self, by: i64) {
        *self.ahead.lock().unwrap() += jiff::SignedDuration::from_secs(by);
    }
}

#[async_trait]
impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        let start = Timestamp::from_second(1_795_000_000).unwrap();
        let elapsed = jiff::SignedDuration::try_from(self.start.elapsed()).unwrap();
        start + elapsed + *self.ahead.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

pub(crate) struct NoSecrets;

#[async_trait]
impl Secrets for NoSecrets {
    async fn get(&self, _: &SecretRef) -> Result<Option<Secret>, Problem> {
        Ok(None)
    }

    async fn set(&self, _: &SecretRef, _: Secret) -> Result<(), Problem> {
        Ok(())
    }

    async fn remove(&self, _: &SecretRef) -> Result<(), Problem> {
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Done, and the answer lost.
    LostAfter,
    /// Lost on the way.
    LostBefore,
    /// The answer lost, and done three seconds later.
    Late,
    /// The answer lost, and done so many seconds later.
    LateBy(u64),
    Refused,
    Unauthorized,
    Throttled,
    NotSent,
}

#[derive(Default)]
struct State {
    /// Name and id.
    resources: Vec<(String, String)>,
    foreign: BTreeSet<String>,
    creates: usize,
    once: BTreeMap<String, Fault>,
    always: BTreeMap<String, Fault>,
    polls: BTreeMap<String, u32>,
    /// Undos that fail.
    stuck: BTreeMap<String, Stuck>,
    /// In the order in which they went.
    removed: Vec<String>,
    /// What a look can't see with its token any more, once it was asked for.
    unseen: BTreeSet<String>,
    /// What is made under a key, so that a repetition is answered with the same; a look tells nothing of it.
    keyed: BTreeSet<String>,
    /// What a look says to be there already once it was asked for, without an id.
    satisfied: BTreeSet<String>,
    /// Settle windows other than the usual.
    settle: BTreeMap<String, Duration>,
    /// The steps were written anew so many times.
    rewritten: u32,
}

/// Why an undo doesn't get on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stuck {
    Refused,
    Unauthorized,
    CannotSee,
    Lost,
    /// There is no network.
    Offline,
    /// The vendor puts it off so many times.
    NotYet(u32),
}

#[derive(Clone, Default)]
pub(crate) struct Cloud(Arc<Mutex<State>>);

impl Cloud {
    pub(crate) fn fault_once(&self, step: &str, fault: Fault) {
        self.0.lock().unwrap().once.insert(step.to_owned(), fault);
    }

    pub(crate) fn fault_always(&self, step: &str, fault: Fault) {
        self.0.lock().unwrap().always.insert(step.to_owned(), fault);
    }

    pub(crate) fn mend(&self, step: &str) {
        self.0.lock().unwrap().always.remove(step);
    }

    pub(crate) fn stick(&self, step: &str, stuck: Stuck) {
        self.0.lock().unwrap().stuck.insert(step.to_owned(), stuck);
    }

    pub(crate) fn hide(&self, step: &str) {
        self.0.lock().unwrap().unseen.insert(step.to_owned());
    }

    pub(crate) fn show(&self, step: &str) {
        self.0.lock().unwrap().unseen.remove(step);
    }

    pub(crate) fn satisfy(&self, step: &str) {
        self.0.lock().unwrap().satisfied.insert(step.to_owned());
    }

    /// As a mail is sent: nothing is waited out, since the key makes a repetition harmless.
    pub(crate) fn key(&self, step: &str) {
        self.0.lock().unwrap().keyed.insert(step.to_owned());
        self.settle(step, Duration::ZERO);
    }

    pub(crate) fn settle(&self, step: &str, window: Duration) {
        self.0
            .lock()
            .unwrap()
            .settle
            .insert(step.to_owned(), window);
    }

    /// Another version of Fabrik, with other steps.
    pub(crate) fn rewrite(&self) {
        self.0.lock().unwrap().rewritten += 1;
    }

    pub(crate) fn loosen(&self, step: &str) {
        self.0.lock().unwrap().stuck.remove(step);
    }

    /// What was taken away by calls of its own, in order.
    pub(crate) fn removed(&self) -> Vec<String> {
        self.0.lock().unwrap().removed.clone()
    }

    /// Somebody else's thing of the same name, which a look can't tell from ours.
    pub(crate) fn put_look_alike(&self, name: &str) -> String {
        let mut state = self.0.lock().unwrap();
        let id = format!("{name}-look-alike-{}", state.resources.len());
        state.resources.push((name.to_owned(), id.clone()));
        id
    }

    pub(crate) fn put_foreign(&self, name: &str) {
        self.0.lock().unwrap().foreign.insert(name.to_owned());
    }

    pub(crate) fn creates(&self) -> usize {
        self.0.lock().unwrap().creates
    }

    pub(crate) fn resources(&self) -> Vec<(String, String)> {
        let mut resources = self.0.lock().unwrap().resources.clone();
        resources.sort();
        resources
    }

    /// What there is, without the ids.
    pub(crate) fn names(&self) -> Vec<String> {
        self.resources().into_iter().map(|(name, _)| name).collect()
    }

    pub(crate) fn assert_one_of_each(&self, when: &str) {
        assert_eq!(
            self.names(),
            ["database", "file", "mail", "repository", "site"],
            "{when}: one of each"
        );
    }

    pub(crate) fn make(&self, name: &str) -> String {
        let mut state = self.0.lock().unwrap();
        state.creates += 1;
        let id = format!("{name}-{}", state.creates);
        state.resources.push((name.to_owned(), id.clone()));
        id
    }

    /// A call that is carried out so many seconds from now.
    pub(crate) fn make_in(&self, name: &str, seconds: u64) {
        let (cloud, name) = (self.clone(), name.to_owned());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            cloud.make(&name);
        });
    }

    /// As somebody did at the vendor.
    pub(crate) fn remove(&self, id: &str) {
        self.0
            .lock()
            .unwrap()
            .resources
            .retain(|(_, other)| other != id);
    }

    /// Takes a thing away, with what lies in it.
    fn take(&self, id: &str) {
        let mut state = self.0.lock().unwrap();
        let Some(place) = state.resources.iter().position(|(_, other)| other == id) else {
            return;
        };
        let (name, _) = state.resources.remove(place);
        let within = match name.as_str() {
            "repository" => "file",
            "site" => "address",
            _ => "",
        };
        state.resources.retain(|(name, _)| name != within);
        state.removed.push(name);
    }

    fn fault(&self, name: &str) -> Option<Fault> {
        let mut state = self.0.lock().unwrap();
        state
            .once
            .remove(name)
            .or_else(|| state.always.get(name).copied())
    }
}

struct Thing {
    cloud: Cloud,
    name: String,
    /// The repository that the file lies in, or the site that the address leads to.
    parent: Option<Parent>,
}

const TIMING: Timing = Timing {
    usual: Duration::from_secs(4),
    ceiling: Duration::from_mins(1),
    settle: Duration::from_secs(10),
};

#[async_trait]
impl Step for Thing {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn timing(&self) -> Timing {
        let state = self.cloud.0.lock().unwrap();
        let settle = state.settle.get(&self.name).copied();
        Timing {
            settle: settle.unwrap_or(TIMING.settle),
            ..TIMING
        }
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(match self.name.as_str() {
            "database" => ResourceKind::SupabaseProject,
            "repository" => ResourceKind::Repository,
            "site" | "site-too" => ResourceKind::VercelProject,
            "file" => ResourceKind::RepositoryFile,
            "address" => ResourceKind::Domain,
            _ => ResourceKind::Mail,
        })
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        tokio::task::yield_now().await;
        let state = self.cloud.0.lock().unwrap();
        let ids: Vec<_> = state
            .resources
            .iter()
            .filter(|(name, _)| *name == self.name)
            .map(|(_, id)| id.clone())
            .collect();
        let existing = |id: &String| Existing {
            id: id.clone(),
            name: self.name.clone(),
            url: None,
            content_hash: None,
        };
        if let Some(id) = ids
            .iter()
            .find(|id| cx.known.iter().any(|row| row.id == **id))
        {
            return Ok(Found::Ours(existing(id)));
        }
        if let Some(evidence) = cx.evidence {
            if state.unseen.contains(&self.name) {
                let name = self.name.clone();
                return Ok(Found::CannotSee(Cause::CannotSee { name }.into()));
            }
            if state.satisfied.contains(&self.name) {
                return Ok(Found::Satisfied);
            }
            if state.keyed.contains(&self.name) {
                return Ok(Found::Absent {
                    evidence: evidence.clone(),
                });
            }
        }
        if state.foreign.contains(&self.name) {
            return Ok(Found::Foreign(
                Cause::NameTaken {
                    name: self.name.clone(),
                }
                .into(),
            ));
        }
        let Some(evidence) = cx.evidence else {
            return Ok(match ids.as_slice() {
                [] => Found::Absent {
                    evidence: json!({ "ids": [] }),
                },
                // Mails of before are in nobody's way.
                ids if self.name == "mail" || ids.iter().all(|id| cx.ruled_out.contains(id)) => {
                    Found::Absent {
                        evidence: json!({ "ids": ids }),
                    }
                }
                _ => Found::Foreign(
                    Cause::NameTaken {
                        name: self.name.clone(),
                    }
                    .into(),
                ),
            });
        };
        let seen = evidence["ids"].as_array().unwrap();
        let new: Vec<_> = ids
            .iter()
            .filter(|id| !seen.iter().any(|old| old == *id) && !cx.ruled_out.contains(id))
            .collect();
        Ok(match new.as_slice() {
            [] => Found::Absent {
                evidence: evidence.clone(),
            },
            [id] => Found::Ours(existing(id)),
            several => Found::Ambiguous(several.iter().map(|id| existing(id)).collect()),
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        tokio::task::yield_now().await;
        let failure = |outcome, cause: Cause| Failure {
            outcome,
            problem: cause.into(),
        };
        let lost = || {
            failure(
                Outcome::Unknown,
                Cause::TimedOut {
                    operation: self.name.clone(),
                },
            )
        };
        match self.cloud.fault(&self.name) {
            Some(Fault::LostBefore) => return Err(lost()),
            Some(Fault::LostAfter) => {
                self.cloud.make(&self.name);
                return Err(lost());
            }
            Some(fault @ (Fault::Late | Fault::LateBy(_))) => {
                let late = match fault {
                    Fault::LateBy(seconds) => seconds,
                    _ => 3,
                };
                self.cloud.make_in(&self.name, late);
                return Err(lost());
            }
            Some(Fault::Refused) => {
                return Err(failure(
                    Outcome::Refused,
                    Cause::Refused {
                        operation: self.name.clone(),
                        status: 422,
                    },
                ));
            }
            Some(Fault::Unauthorized) => {
                return Err(failure(Outcome::Unauthorized, Cause::CredentialRejected));
            }
            Some(Fault::Throttled) => {
                let until = cx.clock.now() + jiff::SignedDuration::from_secs(40);
                return Err(failure(
                    Outcome::Throttled(until),
                    Cause::Throttled { until },
                ));
            }
            Some(Fault::NotSent) => {
                return Err(failure(
                    Outcome::NotSent,
                    Cause::Unreachable {
                        host: "cloud".to_owned(),
                    },
                ));
            }
            None => {}
        }
        let made_before = {
            let state = self.cloud.0.lock().unwrap();
            let mut resources = state.resources.iter();
            let same = resources.find(|(name, _)| *name == self.name);
            same.filter(|_| state.keyed.contains(&self.name))
                .map(|(_, id)| id.clone())
        };
        let id = made_before.unwrap_or_else(|| self.cloud.make(&self.name));
        // Killed here, the answer is lost.
        tokio::task::yield_now().await;
        Ok(Created::Resource(Existing {
            id,
            name: self.name.clone(),
            url: None,
            content_hash: None,
        }))
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        tokio::task::yield_now().await;
        let id = existing.map(|found| found.id.clone()).unwrap_or_default();
        let mut state = self.cloud.0.lock().unwrap();
        let polls = state.polls.entry(id.clone()).or_default();
        *polls += 1;
        if *polls < 3 {
            return Ok(Readiness::NotYet {
                status: "COMING_UP".to_owned(),
            });
        }
        Ok(Readiness::Ready(Outputs::from([(
            "id".to_owned(),
            Output::Public(id),
        )])))
    }

    fn within(&self) -> Option<Parent> {
        self.parent.clone()
    }

    async fn undo(&self, _: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        tokio::task::yield_now().await;
        if self.name == "mail" {
            return Ok(Undone::Stays);
        }
        let stuck = {
            let mut state = self.cloud.0.lock().unwrap();
            let stuck = state.stuck.get(&self.name).copied();
            if let Some(Stuck::NotYet(times)) = stuck {
                let left = times.checked_sub(1).map(Stuck::NotYet);
                match left {
                    Some(left) => state.stuck.insert(self.name.clone(), left),
                    None => state.stuck.remove(&self.name),
                };
            }
            stuck
        };
        let name = self.name.clone();
        match stuck {
            Some(Stuck::Refused) => return Ok(Undone::Refused(Cause::NotOurs { name }.into())),
            Some(Stuck::CannotSee) => {
                return Ok(Undone::CannotSee(Cause::CannotSee { name }.into()));
            }
            Some(Stuck::Unauthorized) => {
                return Err(Failure {
                    outcome: Outcome::Unauthorized,
                    problem: Cause::CredentialRejected.into(),
                });
            }
            Some(Stuck::Lost) => {
                return Err(Failure {
                    outcome: Outcome::Unknown,
                    problem: Cause::TimedOut { operation: name }.into(),
                });
            }
            Some(Stuck::Offline) => {
                return Err(Failure {
                    outcome: Outcome::NotSent,
                    problem: Cause::Unreachable { host: name }.into(),
                });
            }
            Some(Stuck::NotYet(1..)) => {
                return Ok(Undone::NotYet {
                    status: "COMING_UP".to_owned(),
                });
            }
            Some(Stuck::NotYet(0)) | None => {}
        }
        self.cloud.take(&existing.id);
        // Killed here, the answer is lost.
        tokio::task::yield_now().await;
        Ok(Undone::Gone)
    }
}

#[async_trait]
impl StepFactory for Cloud {
    fn revision(&self, _: &StepSpec) -> u32 {
        1 + self.0.lock().unwrap().rewritten
    }

    fn plans_alone(&self, _: &StepSpec) -> bool {
        true
    }

    fn timing(&self, _: &StepSpec) -> Timing {
        TIMING
    }

    async fn build(&self, spec: &StepSpec, inputs: Inputs<'_>) -> Result<Box<dyn Step>, Failure> {
        if inputs.occasion == Occasion::Run {
            for need in &spec.needs {
                assert!(
                    inputs.outputs.contains_key(need),
                    "{} began before {need} was ready",
                    spec.id
                );
            }
        }
        let id_of = |step: &str| match inputs.outputs.get(step)?.get("id")? {
            Output::Public(id) => Some(id.as_str()),
            Output::Secret(_) => None,
        };
        let parent = match spec.id.as_str() {
            "file" => id_of("repository").map(|id| Parent::covering(ResourceKind::Repository, id)),
            "address" => id_of("site").map(|id| Parent {
                goes_first: true,
                ..Parent::covering(ResourceKind::VercelProject, id)
            }),
            _ => None,
        };
        Ok(Box::new(Thing {
            cloud: self.clone(),
            name: spec.id.clone(),
            parent,
        }))
    }

    async fn forget(&self, _: RunId, _: &Snapshot) -> Result<(), Problem> {
        Ok(())
    }
}

pub(crate) fn step(id: &str, kind: StepKind, needs: &[&str]) -> StepSpec {
    StepSpec {
        id: id.to_owned(),
        kind,
        with: serde_json::Map::new(),
        needs: needs.iter().map(ToString::to_string).collect(),
    }
}

/// A run's beginning: a database beside a repository with a site, then a mail.
pub(crate) fn snapshot(customer: Customer) -> Snapshot {
    Snapshot {
        blueprint: Blueprint {
            name: "test".to_owned(),
            version: 1,
            title: fabrik_domain::blueprint::Bilingual::default(),
            description: fabrik_domain::blueprint::Bilingual::default(),
            plans: vec![SalesPlan {
                name: "starter".to_owned(),
                title: fabrik_domain::blueprint::Bilingual::default(),
                monthly_price: None,
                parameters: BTreeMap::new(),
            }],
            modules: Vec::new(),
            parameters: BTreeMap::new(),
            steps: vec![
                step("database", StepKind::SupabaseProject, &[]),
                step("repository", StepKind::GithubRepo, &[]),
                step("file", StepKind::ClientConfig, &["repository"]),
                step("site", StepKind::VercelProject, &["file"]),
                step("mail", StepKind::WelcomeEmail, &["database", "site"]),
            ],
            settings: Vec::new(),
            files: BTreeMap::new(),
            hash: String::new(),
        },
        customer,
        settings: BTreeMap::new(),
        names: BTreeMap::new(),
    }
}
