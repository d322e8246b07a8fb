//! A cloud in memory, what goes wrong in it, and steps for it.

mod thing;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    blueprint::{Bilingual, Blueprint, SalesPlan, StepKind, StepSpec},
    customer::Customer,
    failure::Failure,
    id::RunId,
    resource::ResourceKind,
    run::{Output, Snapshot},
};
use fabrik_engine::step::{Inputs, Occasion, Parent, Step, StepFactory, Timing};

use self::thing::Thing;

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
    /// Who can't be asked whether it is ready.
    silent: BTreeSet<String>,
    /// Who is asked too often whether it is ready, once, and wants to be left alone for so many seconds.
    asked_too_often: BTreeMap<String, i64>,
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
    /// What a look knows by its mark to be ours, whatever the step is called that made it.
    marked: BTreeSet<String>,
    /// What has the same id whenever it is made, as a domain.
    places: BTreeSet<String>,
    /// What every run writes anew over what is there, as a file. Only what lies on top can be taken back.
    layered: BTreeSet<String>,
    /// Whose team the token doesn't see.
    without_team: BTreeSet<String>,
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

    pub(crate) fn silence(&self, step: &str) {
        self.0.lock().unwrap().silent.insert(step.to_owned());
    }

    pub(crate) fn ask_too_often(&self, step: &str, seconds: i64) {
        let mut state = self.0.lock().unwrap();
        state.asked_too_often.insert(step.to_owned(), seconds);
    }

    pub(crate) fn hide(&self, step: &str) {
        self.0.lock().unwrap().unseen.insert(step.to_owned());
    }

    pub(crate) fn show(&self, step: &str) {
        self.0.lock().unwrap().unseen.remove(step);
    }

    pub(crate) fn hide_team(&self, step: &str) {
        self.0.lock().unwrap().without_team.insert(step.to_owned());
    }

    pub(crate) fn satisfy(&self, step: &str) {
        self.0.lock().unwrap().satisfied.insert(step.to_owned());
    }

    pub(crate) fn mark(&self, step: &str) {
        self.0.lock().unwrap().marked.insert(step.to_owned());
    }

    pub(crate) fn place(&self, step: &str) {
        self.0.lock().unwrap().places.insert(step.to_owned());
    }

    pub(crate) fn layer(&self, step: &str) {
        self.0.lock().unwrap().layered.insert(step.to_owned());
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
        let id = if state.places.contains(name) {
            name.to_owned()
        } else {
            format!("{name}-{}", state.creates)
        };
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

const TIMING: Timing = Timing {
    usual: Duration::from_secs(4),
    ceiling: Duration::from_mins(1),
    settle: Duration::from_secs(10),
};

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
        // The same thing by a step that is called otherwise.
        let name = match spec.id.as_str() {
            "web" => "site",
            "domain" => "address",
            id => id,
        };
        let parent = match name {
            "file" => id_of("repository").map(|id| Parent::covering(ResourceKind::Repository, id)),
            "address" => id_of("site").or_else(|| id_of("web")).map(|id| Parent {
                goes_first: true,
                ..Parent::covering(ResourceKind::VercelProject, id)
            }),
            _ => None,
        };
        Ok(Box::new(Thing {
            cloud: self.clone(),
            name: name.to_owned(),
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
            title: Bilingual::default(),
            description: Bilingual::default(),
            plans: vec![SalesPlan {
                name: "starter".to_owned(),
                title: Bilingual::default(),
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
