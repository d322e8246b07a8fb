//! What lies within projects and repositories, each part by itself: users, variables, files, deployments, as the vendors
//! have them and as the records tell of them.
//!
//! Of deployments more than one may be there, and no more than these:
//! - Those that Vercel began by itself, for a push to the repository. No step asks for them, and each push brings one
//!   for each project that is linked: a later commit of a client's own, or a file in a repository that all share.
//! - Those of other runs: each may deploy once more, where the variables have changed since, and in a project that
//!   stays a deployment stays when its run is undone.
//! - One that Vercel reports as failed or canceled, before the one that a resumed run asks for in its place.
//!
//! Of the others a run asks for one in each of its steps that deploy, or for none, where one that was there serves. And
//! whatever was asked for, failed or not, is in the records: what a step has made twice is not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use fabrik_domain::{
    blueprint::{Blueprint, StepKind},
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::OnFailure,
};
use serde_json::Value;

use super::{Past, Trial, World, simulate};
use crate::blueprints::{BLUEPRINTS, blueprint};

/// What every Vercel project of ours is made with, in the same call.
const MARK: &str = "FABRIK_MARK";

/// Where a variable holds of which nothing else is said.
const TARGETS: [&str; 3] = ["production", "preview", "development"];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    /// In a project's Auth, by its id.
    User,
    /// In a Vercel project, by key and target.
    Variable,
    /// In a repository of Gitea's, by its path.
    File,
    /// The same, by path and content.
    Content,
    /// A commit to one that changed nothing: what it wrote stood there.
    Rewritten,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    what: What,
    /// The project or repository.
    place: String,
    name: String,
}

impl Part {
    fn new(what: What, place: &str, name: impl Into<String>) -> Self {
        Self {
            what,
            place: place.to_owned(),
            name: name.into(),
        }
    }

    /// The name of a variable or file alone.
    fn key(&self) -> &str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// Whether the row stands for it, among others.
    fn is_of(&self, row: &Resource) -> bool {
        match self.what {
            What::User => row.kind == ResourceKind::AuthUser && row.id == self.name,
            What::Variable => {
                row.kind == ResourceKind::VercelEnvironment
                    && row.id == self.place
                    && keys(row).any(|key| key == self.key())
            }
            What::File | What::Content => files(row)
                .iter()
                .any(|file| file.place == self.place && file.name == self.key()),
            What::Rewritten => false,
        }
    }
}

/// The variables that a row stands for.
fn keys(row: &Resource) -> impl Iterator<Item = &str> {
    row.name.split(", ").filter(|key| !key.is_empty())
}

/// The files that a row stands for.
fn files(row: &Resource) -> Vec<Part> {
    let mut id = row.id.splitn(3, '/');
    let (Some(owner), Some(name), Some(folder)) = (id.next(), id.next(), id.next()) else {
        return Vec::new();
    };
    let place = repository(owner, name);
    let parts = row
        .content_hash
        .as_deref()
        .filter(|_| row.kind == ResourceKind::WorkflowBackup);
    let parts = parts.into_iter().flat_map(str::split_whitespace);
    parts
        .filter_map(|part| part.split_once('='))
        .map(|(file, _)| Part::new(What::File, &place, format!("{folder}/{file}")))
        .collect()
}

/// A repository of Gitea's, which makes no difference between cases.
fn repository(owner: &str, name: &str) -> String {
    format!("{owner}/{name}").to_lowercase()
}

#[derive(Clone, Debug)]
struct Deployment {
    project: String,
    /// Vercel began it by itself, for a push.
    pushed: bool,
    /// It is ready, or will be.
    serves: bool,
}

/// All parts that are there.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    /// In order, each as often as it is there.
    all: Vec<Part>,
    /// By id.
    deployments: BTreeMap<String, Deployment>,
    /// Vercel's, by id.
    projects: BTreeSet<String>,
}

fn text<'d>(document: &'d Value, name: &str) -> &'d str {
    document[name].as_str().unwrap_or_default()
}

impl World {
    pub(super) fn parts(&self) -> Parts {
        let mut found = Parts::default();
        let databases = self.cloud.databases();
        for (project, tables) in databases.as_object().into_iter().flatten() {
            for user in tables["auth.users"].as_array().into_iter().flatten() {
                found.add(What::User, project, text(user, "id"));
            }
        }
        let mut repositories = BTreeMap::<u64, String>::new();
        let mut commits = BTreeMap::<u64, BTreeMap<u64, Arc<Value>>>::new();
        for ((provider, kind, id), document) in self.cloud.documents() {
            let number = |name: &str| document[name].as_u64().unwrap_or_default();
            match (provider.as_str(), kind.as_str()) {
                ("vercel", "project") => {
                    found.add_variables(&id, &document);
                    found.projects.insert(id);
                }
                ("vercel", "deployment") => {
                    let deployment = Deployment {
                        project: text(&document, "project").to_owned(),
                        pushed: document["source"] == "git",
                        serves: document["ends"] == "READY" && document["canceled"].is_null(),
                    };
                    found.deployments.insert(id, deployment);
                }
                ("gitea", "repository") => {
                    let name = repository(text(&document, "owner"), text(&document, "name"));
                    repositories.insert(number("id"), name);
                }
                ("gitea", "commit") => {
                    let (of, place) = (number("repository"), number("number"));
                    commits.entry(of).or_default().insert(place, document);
                }
                _ => {}
            }
        }
        for (id, name) in &repositories {
            found.add_files(name, commits.get(id).into_iter().flat_map(BTreeMap::values));
        }
        found.all.sort_unstable();
        found
    }
}

impl Parts {
    fn add(&mut self, what: What, place: &str, name: impl Into<String>) {
        self.all.push(Part::new(what, place, name));
    }

    /// A project's variables, one for each target.
    fn add_variables(&mut self, id: &str, project: &Value) {
        for variable in project["variables"].as_array().into_iter().flatten() {
            let key = text(variable, "key");
            let targets = variable["targets"].as_array().into_iter().flatten();
            for target in targets.filter(|_| key != MARK) {
                let target = target.as_str().unwrap_or_default();
                self.add(What::Variable, id, format!("{key} {target}"));
            }
        }
    }

    /// The files that a repository's commits end with.
    fn add_files<'c>(&mut self, repository: &str, commits: impl Iterator<Item = &'c Arc<Value>>) {
        let mut tree = BTreeMap::<&str, &str>::new();
        for commit in commits {
            let mut changed = false;
            for (path, blob) in commit["changes"].as_object().into_iter().flatten() {
                let now = blob.as_str();
                let before = match now {
                    Some(blob) => tree.insert(path.as_str(), blob),
                    None => tree.remove(path.as_str()),
                };
                changed |= before != now;
            }
            if !changed {
                self.add(What::Rewritten, repository, text(commit, "message"));
            }
        }
        for (path, blob) in tree {
            self.add(What::File, repository, path);
            self.add(What::Content, repository, format!("{path} {blob}"));
        }
    }

    /// Each of them once, but for `others`.
    fn without(&self, others: impl Fn(&Part) -> bool) -> BTreeSet<Part> {
        let parts = self.all.iter().filter(|part| !others(part));
        parts.cloned().collect()
    }

    /// What is there more often or more seldom than once, of what is told; and what is there and not told.
    fn unlike(&self, told: &BTreeSet<Part>, counts: impl Fn(&Part) -> bool) -> Vec<String> {
        let mut many = BTreeMap::<&Part, i32>::new();
        for part in &self.all {
            *many.entry(part).or_default() += 1;
        }
        for part in told {
            *many.entry(part).or_default() -= 1;
        }
        many.retain(|part, many| *many != 0 && counts(part));
        let unlike = many.into_iter();
        unlike
            .map(|(part, many)| format!("{many:+} {part:?}"))
            .collect()
    }

    /// What is wrong with the deployments of runs by this blueprint. What may be there is said at the top.
    fn deployed_wrongly(
        &self,
        before: &Self,
        rows: &[Resource],
        blueprint: &Blueprint,
    ) -> Vec<String> {
        let rows = rows.iter().filter(|row| {
            row.kind == ResourceKind::VercelDeployment && row.state != ResourceState::Removed
        });
        let rows: Vec<_> = rows.collect();
        let mut wrong = Vec::new();
        let mut by_run = BTreeMap::<_, BTreeSet<&str>>::new();
        let asked_for = self.deployments.iter().filter(|(id, deployment)| {
            !deployment.pushed && !before.deployments.contains_key(id.as_str())
        });
        for (id, deployment) in asked_for {
            let mut told = rows.iter().filter(|row| row.id == *id).peekable();
            if told.peek().is_none() {
                wrong.push(format!("deployment {id} is not told of"));
            }
            for row in told.filter(|_| deployment.serves) {
                by_run.entry(row.run.to_string()).or_default().insert(id);
            }
        }
        let steps = steps(blueprint, StepKind::VercelDeployment);
        for (run, ids) in by_run.iter().filter(|(_, ids)| ids.len() > steps) {
            wrong.push(format!(
                "run {run} deploys {steps} times, and there are {ids:?}"
            ));
        }
        for row in rows.iter().filter(|row| row.state == ResourceState::Live) {
            if !self.deployments.contains_key(&row.id) {
                wrong.push(format!("deployment {} is told of, and not there", row.id));
            }
        }
        for (id, deployment) in &before.deployments {
            let is_gone = !self.deployments.contains_key(id);
            if is_gone && self.projects.contains(&deployment.project) {
                wrong.push(format!("deployment {id} was there, and is gone"));
            }
        }
        wrong
    }

    /// How the parts of an instance that stands differ from what is said of them.
    fn unlike_whole(&self, before: &Self, rows: &[Resource], blueprint: &Blueprint) -> Vec<String> {
        let said = said(rows, blueprint);
        let users = said.iter().filter(|part| part.what == What::User).count();
        let wanted = steps(blueprint, StepKind::AdminUser);
        // What a file holds no row says.
        let counts = |part: &Part| part.what != What::Content;
        let mut told = before.without(|_| false);
        told.extend(said);
        let mut unlike = self.unlike(&told, counts);
        if users != wanted {
            unlike.push(format!("{users} users, not {wanted}"));
        }
        unlike.extend(self.deployed_wrongly(before, rows, blueprint));
        unlike
    }
}

fn steps(blueprint: &Blueprint, kind: StepKind) -> usize {
    let steps = blueprint.steps.iter();
    steps.filter(|step| step.kind == kind).count()
}

/// What the rows of an instance that stands say is there, with the targets that its blueprint gives each variable.
fn said(rows: &[Resource], blueprint: &Blueprint) -> BTreeSet<Part> {
    let live = |kind: ResourceKind| {
        let rows = rows.iter();
        rows.filter(move |row| row.kind == kind && row.state == ResourceState::Live)
    };
    let mut said = BTreeSet::new();
    for project in live(ResourceKind::SupabaseProject) {
        let users = live(ResourceKind::AuthUser);
        said.extend(users.map(|user| Part::new(What::User, &project.id, user.id.as_str())));
    }
    said.extend(live(ResourceKind::WorkflowBackup).flat_map(files));
    for step in &blueprint.steps {
        if step.kind != StepKind::VercelEnvironment {
            continue;
        }
        // An earlier run may have written a part, and says so.
        let rows = live(ResourceKind::VercelEnvironment).filter(|row| row.step == step.id);
        let Some(row) = rows.max_by_key(|row| keys(row).count()) else {
            continue;
        };
        let variables = step.with.get("variables").and_then(Value::as_array);
        for (key, variable) in keys(row).zip(variables.into_iter().flatten()) {
            let targets: Vec<&str> = match variable["targets"].as_array() {
                Some(targets) => targets.iter().filter_map(Value::as_str).collect(),
                None => TARGETS.to_vec(),
            };
            let of_target = |target: &str| {
                let name = format!("{key} {target}");
                Part::new(What::Variable, &row.id, name)
            };
            said.extend(targets.into_iter().map(of_target));
        }
    }
    said
}

impl Trial {
    /// How the parts of an instance that stands differ from what is said of them: there is to be nothing to tell.
    pub(crate) fn unlike_whole(&self, rows: &[Resource]) -> Vec<String> {
        let blueprint = blueprint(&self.customer.blueprint);
        let now = self.world.parts();
        now.unlike_whole(&self.before.parts, rows, &blueprint)
    }

    /// Of what came, nothing is there twice or without a row. A row that is left over may stand for less than it says.
    pub(super) fn assert_parts_in_rows(&self, rows: &[Resource], when: &str) {
        let blueprint = blueprint(&self.customer.blueprint);
        let (now, before) = (self.world.parts(), &self.before.parts);
        let told = |part: &Part| {
            let mut rows = rows.iter();
            rows.any(|row| {
                let is_told = matches!(row.state, ResourceState::Live | ResourceState::Leftover);
                is_told && part.is_of(row)
            })
        };
        let was = before.without(|_| false);
        let known = now.without(|part| !was.contains(part) && !told(part));
        // What was there may be put back or be gone by now.
        let mut wrong = now.unlike(&known, |part| part.what != What::Content);
        wrong.extend(now.deployed_wrongly(before, rows, &blueprint));
        assert!(
            wrong.is_empty(),
            "{when}: parts are as told: {wrong:#?} by {rows:#?}"
        );
    }

    /// All parts are as they were before a run that was undone, but for deployments in a project that stays.
    pub(super) fn assert_parts_restored(&self, rows: &[Resource], when: &str) {
        self.assert_parts_back(rows, |_| false, when);
    }

    /// The customer's parts are gone with its instance, and no others.
    pub(super) fn assert_parts_removed(&self, rows: &[Resource], when: &str) {
        let own = |part: &Part| {
            let mut rows = rows.iter();
            rows.any(|row| match row.kind {
                ResourceKind::SupabaseProject | ResourceKind::VercelProject => row.id == part.place,
                _ => part.is_of(row),
            })
        };
        self.assert_parts_back(rows, own, when);
    }

    /// The parts are what they were before, without those that are `gone`. Whoever takes a file back makes a commit.
    fn assert_parts_back(&self, rows: &[Resource], gone: impl Fn(&Part) -> bool, when: &str) {
        let blueprint = blueprint(&self.customer.blueprint);
        let (now, before) = (self.world.parts(), &self.before.parts);
        let mut wrong = now.unlike(&before.without(gone), |_| true);
        wrong.extend(now.deployed_wrongly(before, rows, &blueprint));
        assert!(wrong.is_empty(), "{when}: parts are as before: {wrong:#?}");
    }
}

/// So that the checks tell of a step that makes something twice, or forgets what it has made.
#[test]
fn a_part_that_is_there_twice_or_not_at_all_is_found_out() {
    for name in BLUEPRINTS {
        simulate(async || {
            let trial = Trial::new(name, Past::Nothing);
            let world = &trial.world;
            let run = world.provision(&trial.customer, OnFailure::Keep).await;
            trial.assert_whole(&run, name).await;
            let rows = world.rows(&trial.customer).await;
            let (now, before, blueprint) = (world.parts(), &trial.before.parts, blueprint(name));
            let wrong = |parts: &Parts, rows: &[Resource]| {
                let unlike = parts.unlike_whole(before, rows, &blueprint);
                unlike.len()
            };
            for (index, part) in now.all.iter().enumerate() {
                // A file's content goes by its file.
                if part.what == What::Content {
                    continue;
                }
                let (mut twice, mut lost) = (now.clone(), now.clone());
                twice.all.push(part.clone());
                lost.all.remove(index);
                let found = (wrong(&twice, &rows), wrong(&lost, &rows));
                assert_eq!(found, (1, 1), "{name}: {part:?} twice, then lost");
            }
            for row in &rows {
                let made = now.deployments.get(&row.id);
                let Some(deployment) = made.filter(|_| row.origin == Origin::Created) else {
                    continue;
                };
                let again = format!("{}again", row.id);
                let (mut twice, mut lost) = (now.clone(), now.clone());
                twice.deployments.insert(again.clone(), deployment.clone());
                lost.deployments.remove(&row.id);
                let found = (wrong(&twice, &rows), wrong(&lost, &rows));
                assert_eq!(found, (1, 1), "{name}: {deployment:?} twice, then lost");
                let mut told = rows.clone();
                told.push(Resource {
                    id: again,
                    ..row.clone()
                });
                let found = wrong(&twice, &told);
                assert_eq!(
                    found, 1,
                    "{name}: {deployment:?} twice by one run, and told"
                );
            }
        });
    }
}
