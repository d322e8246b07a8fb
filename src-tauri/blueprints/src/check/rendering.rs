//! Renders everything as a run would: for each plan, in both languages, for a customer that has all and for
//! one that has only what it must.

mod workflows;

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    blueprint::{SalesPlan, StepKind},
    finding::{Finding, Flaw},
    language::Language,
    secret::Secret,
    setting::SETTINGS,
};
use serde_json::{Value, json};

use super::{
    CANARY, Schema,
    node::{self, Node},
    references::References,
};
use crate::{
    folder::Files,
    manifest::{Manifest, Step},
    template::{Fault, Mode, Rendered, Values, names, render_file, render_value},
};

/// The parts of a mail, by the ends of their files' names: `email/welcome.sv.html`.
const MAIL_PARTS: [&str; 3] = ["subject", "html", "txt"];

/// For whom it is rendered.
struct Sample<'a> {
    plan: &'a SalesPlan,
    language: Language,
    /// The customer has no more than it must, and no setting is set but those that the blueprint lists.
    bare: bool,
}

/// What rendering showed.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The schemas that steps apply, for the first plan.
    pub schemas: Vec<Schema>,
    /// The files whose rows are rolled back.
    pub canaries: BTreeSet<String>,
}

struct Renderer<'a> {
    manifest: &'a Manifest,
    files: &'a Files,
    references: &'a References,
    /// What was told before, for another plan or customer, is not told again.
    told: BTreeSet<(String, String, String)>,
    findings: &'a mut Vec<Finding>,
    shown: Shown,
}

pub(super) fn check(
    manifest: &Manifest,
    files: &Files,
    references: &References,
    findings: &mut Vec<Finding>,
) -> Shown {
    let mut renderer = Renderer {
        manifest,
        files,
        references,
        told: BTreeSet::new(),
        findings,
        shown: Shown::default(),
    };
    for (index, plan) in manifest.plans.iter().enumerate() {
        for language in [Language::Sv, Language::En] {
            for bare in [false, true] {
                let plan = &plan.value;
                let sample = Sample {
                    plan,
                    language,
                    bare,
                };
                let first = index == 0 && language == Language::Sv && !bare;
                renderer.run(&sample, first);
            }
        }
    }
    renderer.shown
}

impl Renderer<'_> {
    fn tell(&mut self, finding: Finding) {
        let place = finding.place.clone().unwrap_or_default();
        let step = finding.step.clone().unwrap_or_else(|| finding.file.clone());
        let what = match &finding.flaw {
            // Once for all plans and languages.
            Flaw::NotRendered { .. } => String::new(),
            flaw => flaw.to_string(),
        };
        if self.told.insert((step, place, what)) {
            self.findings.push(finding);
        }
    }

    fn run(&mut self, sample: &Sample<'_>, first: bool) {
        let values = self.values(sample);
        let manifest = self.manifest;
        for (index, step) in manifest.steps.iter().enumerate() {
            let Some(kind) = step.kind else { continue };
            let fields = step.with.iter().map(|(name, value)| {
                let place = format!("with.{name}");
                let node = self.render(index, step, &place, value, &values, sample);
                (name.clone(), node)
            });
            let with = Node::Table(fields.collect());
            let mut flaws = node::fit(kind, &with);
            if kind == StepKind::VercelEnvironment {
                flaws.extend(node::variables(&with));
            }
            if kind != StepKind::WelcomeEmail {
                flaws.extend(self.links(&with));
            }
            for (place, flaw) in flaws {
                self.tell(step.finding(&place, flaw));
            }
            match kind {
                StepKind::DatabaseSchema => self.schema(step, &with, first),
                StepKind::IsolationCheck => self.canary(step, &with),
                StepKind::WelcomeEmail => self.mail(step, &with, sample),
                StepKind::N8nWorkflows => self.workflows(step, &with, sample),
                _ => {}
            }
        }
    }

    fn values(&self, sample: &Sample<'_>) -> Values {
        let mut parameters: BTreeMap<_, _> = self
            .manifest
            .parameters
            .iter()
            .map(|(name, text)| (name.clone(), text.value.clone()))
            .collect();
        parameters.extend(sample.plan.parameters.clone());
        let listed = |key: &str| self.manifest.settings.iter().any(|one| one.value == key);
        let settings: BTreeMap<_, _> = SETTINGS
            .iter()
            .filter(|setting| !sample.bare || listed(setting.key) || setting.default.is_some())
            .map(|setting| {
                let value = setting.default.unwrap_or("example/value");
                (setting.key.to_owned(), value.to_owned())
            })
            .collect();
        let modules = self.manifest.modules.iter().map(|module| &module.value);
        let customer = customer(sample, modules.cloned().collect());
        let mut values = Values::known(parameters, customer, &settings, "fabrik:mark");
        for step in &self.manifest.steps {
            let Some(kind) = step.kind else { continue };
            for output in kind.outputs() {
                if kind.secret_outputs().contains(output) {
                    values.insert_secret_output(&step.id, output, Secret::from("secret"));
                } else {
                    values.insert_output(&step.id, output, "https://output.example");
                }
            }
        }
        values
    }

    fn render(
        &mut self,
        index: usize,
        step: &Step,
        place: &str,
        value: &Value,
        values: &Values,
        sample: &Sample<'_>,
    ) -> Node {
        match value {
            Value::String(text) => {
                if self.references.broken.contains(&(index, place.to_owned())) {
                    return Node::Broken;
                }
                match render_value(text, values, Mode::Run) {
                    Ok(Rendered::Public(value)) => Node::Public(value),
                    Ok(Rendered::Secret(_)) => Node::Secret(self.secret_in(text)),
                    Err(fault) => {
                        self.tell(step.finding(place, not_rendered(&fault, sample)));
                        Node::Broken
                    }
                }
            }
            Value::Array(items) => Node::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(at, item)| {
                        let place = format!("{place}[{at}]");
                        self.render(index, step, &place, item, values, sample)
                    })
                    .collect(),
            ),
            Value::Object(fields) => Node::Table(
                fields
                    .iter()
                    .map(|(name, item)| {
                        let place = format!("{place}.{name}");
                        let node = self.render(index, step, &place, item, values, sample);
                        (name.clone(), node)
                    })
                    .collect(),
            ),
            plain => Node::Public(plain.clone()),
        }
    }

    /// Sign-in links and passwords of people outside of a mail, which they are for. A link isn't there before.
    fn links(&self, with: &Node) -> Vec<(String, Flaw)> {
        let mut secrets = Vec::new();
        with.secrets("with", &mut secrets);
        let is_link = |name: &str| {
            let (root, output) = name.split_once('.').unwrap_or((name, ""));
            let mut steps = self.manifest.steps.iter();
            StepKind::AdminUser.secret_outputs().contains(&output)
                && steps.any(|step| step.id == root && step.kind == Some(StepKind::AdminUser))
        };
        secrets.retain(|(_, flaw)| matches!(flaw, Flaw::SecretExposed { name } if is_link(name)));
        secrets
    }

    /// The name of the secret that a text refers to.
    fn secret_in(&self, text: &str) -> String {
        let names = names(text).unwrap_or_default();
        let is_secret = |name: &&String| {
            let (root, output) = name.split_once('.').unwrap_or((name, ""));
            let step = self.manifest.steps.iter().find(|step| step.id == root);
            step.and_then(|step| step.kind)
                .is_some_and(|kind| kind.secret_outputs().contains(&output))
        };
        let found = names.iter().find(is_secret).or_else(|| names.first());
        found.cloned().unwrap_or_default()
    }

    fn file_there(&mut self, step: &Step, place: &str, path: &str) -> bool {
        let there = self.files.contains_key(path);
        if !there {
            let missing = path.to_owned();
            self.tell(step.finding(place, Flaw::FileMissing { missing }));
        }
        there
    }

    fn schema(&mut self, step: &Step, with: &Node, first: bool) {
        let schema = Schema::of(step.id.clone(), step.line_of("with.tables"), with);
        for (at, file) in schema.files.iter().enumerate() {
            self.file_there(step, &format!("with.files[{at}]"), file);
        }
        self.file_there(step, "", CANARY);
        self.shown.canaries.insert(CANARY.to_owned());
        if first {
            self.shown.schemas.push(schema);
        }
    }

    fn canary(&mut self, step: &Step, with: &Node) {
        let named = with.field("canary");
        let file = named
            .as_ref()
            .and_then(Node::text)
            .filter(|file| !file.is_empty())
            .unwrap_or(CANARY)
            .to_owned();
        self.file_there(step, "with.canary", &file);
        self.shown.canaries.insert(file);
    }

    /// Renders a mail in both languages, with the values that its step gives it.
    fn mail(&mut self, step: &Step, with: &Node, sample: &Sample<'_>) {
        let template = with.field("template");
        let Some(template) = template.as_ref().and_then(Node::text) else {
            return;
        };
        let given = with.field("values").and_then(|values| values.fields());
        let mut values = Values::new();
        let mut known = BTreeSet::new();
        for (name, node) in given.into_iter().flatten() {
            match node {
                Node::Public(value) => values.insert(&name, value),
                Node::Secret(_) => values.insert_secret(&name, Secret::from("secret")),
                _ => values.insert(&name, json!("")),
            }
            known.insert(name);
        }
        for language in [Language::Sv, Language::En] {
            for part in MAIL_PARTS {
                let path = format!("{template}.{}.{part}", language.code());
                if self.file_there(step, "with.template", &path) {
                    self.part(&path, part, &known, &values, sample);
                }
            }
        }
    }

    fn part(
        &mut self,
        path: &str,
        part: &str,
        known: &BTreeSet<String>,
        values: &Values,
        sample: &Sample<'_>,
    ) {
        let files = self.files;
        let text = &files[path];
        let at = |line: usize, flaw| Finding::new(path, flaw).line(line);
        let line_of = |name: &str| {
            let before = text.split_once(name).map_or("", |(before, _)| before);
            before.matches('\n').count() + 1
        };
        let used = match names(text) {
            Ok(used) => used,
            Err(Fault::Syntax { line, why } | Fault::Failed { line, why }) => {
                return self.tell(at(line, Flaw::TemplateBroken { why }));
            }
            Err(fault @ Fault::Unknown { .. }) => {
                let why = fault.to_string();
                return self.tell(at(1, Flaw::TemplateBroken { why }));
            }
        };
        let mut missing = false;
        for name in used.iter().filter(|name| !known.contains(*name)) {
            missing = true;
            let flaw = Flaw::ValueMissing { name: name.clone() };
            self.tell(at(line_of(name), flaw).place(name.clone()));
        }
        if missing {
            return;
        }
        match render_file(path, text, values) {
            // Vendors show it in lists.
            Ok(Rendered::Secret(_)) if part == "subject" => {
                let name = used.first().cloned().unwrap_or_default();
                self.tell(at(1, Flaw::SecretExposed { name }));
            }
            Ok(_) => {}
            Err(fault) => {
                let line = match &fault {
                    Fault::Failed { line, .. } | Fault::Syntax { line, .. } => *line,
                    Fault::Unknown { .. } => 1,
                };
                self.tell(at(line, not_rendered(&fault, sample)));
            }
        }
    }
}

fn not_rendered(fault: &Fault, sample: &Sample<'_>) -> Flaw {
    let why = match fault {
        Fault::Failed { why, .. } | Fault::Syntax { why, .. } => why.clone(),
        Fault::Unknown { .. } => fault.to_string(),
    };
    Flaw::NotRendered {
        plan: sample.plan.name.clone(),
        language: sample.language.code().to_owned(),
        why,
    }
}

/// A customer that there could be. What it need not have, it has or has not.
fn customer(sample: &Sample<'_>, modules: Vec<String>) -> Value {
    let mut customer = json!({
        "id": "0190a0a0-0000-7000-8000-000000000001",
        "name": "Åkermark & Co",
        "slug": "akermark-co",
        "subdomain": "akermark",
        "status": "pending",
        "plan": sample.plan.name,
        "blueprint": "blueprint",
        "contact_email": "anna@akermark.example",
        "language": sample.language.code(),
        "credits": 0,
        "modules": [],
        "created_at": "2026-11-21T08:00:00Z",
        "updated_at": "2026-11-21T08:00:00Z",
    });
    if !sample.bare {
        customer["modules"] = modules.into();
        customer["external_id"] = "4711".into();
        customer["contact_name"] = "Anna Åker".into();
    }
    customer
}
