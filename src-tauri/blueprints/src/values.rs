//! What templates are rendered with: public values, and secrets that are noticed when looked at.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use fabrik_domain::{
    resource::Mark,
    run::Snapshot,
    secret::{ExposeSecret, Secret},
    setting::SETTINGS,
};
use minijinja::{
    Value,
    value::{Enumerator, Object, Serde},
};
use serde_json::{Map, Value as Json};

/// The fields of a customer, as templates name them.
pub(crate) const CUSTOMER_FIELDS: [&str; 19] = [
    "blueprint",
    "contact_email",
    "contact_name",
    "created_at",
    "credits",
    "database_url",
    "external_id",
    "github_repo_url",
    "id",
    "language",
    "modules",
    "name",
    "plan",
    "production_url",
    "slug",
    "status",
    "subdomain",
    "supabase_project_ref",
    "updated_at",
];

/// What templates are rendered with. Its `Debug` masks the secrets.
#[derive(Clone, Debug, Default)]
pub struct Values {
    names: BTreeMap<String, Leaf>,
    /// Outputs by step.
    steps: BTreeMap<String, BTreeMap<String, Leaf>>,
    /// Settings that are secrets, by their keys.
    secret_settings: BTreeMap<String, Secret>,
}

#[derive(Clone, Debug)]
enum Leaf {
    Public(Value),
    Secret(Secret),
}

impl Values {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// What every step's parameters see: `customer`, `parameters` (those of the customer's plan over the
    /// blueprint's), `settings` (nested by the dots in their keys) and `mark`. What has no value, of the
    /// customer's fields and the settings, is an empty text. A setting that is a secret is an empty one until it is
    /// added with [`insert_secret_setting`](Self::insert_secret_setting). Outputs are added with
    /// [`insert_output`](Self::insert_output).
    pub fn of(snapshot: &Snapshot, mark: Mark) -> Self {
        let mut parameters = snapshot.blueprint.parameters.clone();
        if let Some(plan) = snapshot.blueprint.plan(&snapshot.customer.plan) {
            parameters.extend(plan.parameters.clone());
        }
        Self::known(
            parameters,
            serde_json::to_value(&snapshot.customer).unwrap_or_default(),
            &snapshot.settings,
            &mark.to_string(),
        )
    }

    /// The same, of its parts; the customer as JSON.
    pub(crate) fn known(
        parameters: BTreeMap<String, String>,
        customer: Json,
        settings: &BTreeMap<String, String>,
        mark: &str,
    ) -> Self {
        let mut values = Self::new();
        values.insert("customer", self::customer(customer));
        let parameters = parameters
            .into_iter()
            .map(|(name, text)| (name, Json::from(text)));
        values.insert("parameters", parameters.collect::<Map<_, _>>().into());
        values.insert("settings", self::settings(settings));
        values.insert("mark", mark.into());
        for setting in SETTINGS.iter().filter(|setting| setting.is_secret()) {
            if settings.contains_key(setting.key) {
                values.insert_secret_setting(setting.key, Secret::default());
            }
        }
        values
    }

    /// Adds a public value.
    pub fn insert(&mut self, name: &str, value: Json) {
        self.names
            .insert(name.to_owned(), Leaf::Public(Value::from(Serde(value))));
    }

    /// Adds a secret.
    pub fn insert_secret(&mut self, name: &str, secret: Secret) {
        self.names.insert(name.to_owned(), Leaf::Secret(secret));
    }

    /// Adds a public output of a step.
    pub fn insert_output(&mut self, step: &str, output: &str, text: &str) {
        self.outputs(step)
            .insert(output.to_owned(), Leaf::Public(Value::from(text)));
    }

    /// Adds a secret output of a step.
    pub fn insert_secret_output(&mut self, step: &str, output: &str, secret: Secret) {
        self.outputs(step)
            .insert(output.to_owned(), Leaf::Secret(secret));
    }

    /// Adds the value of a setting that is a secret.
    pub fn insert_secret_setting(&mut self, key: &str, secret: Secret) {
        self.secret_settings.insert(key.to_owned(), secret);
    }

    fn outputs(&mut self, step: &str) -> &mut BTreeMap<String, Leaf> {
        self.steps.entry(step.to_owned()).or_default()
    }

    /// Whether the dotted name has a value.
    pub(crate) fn contains(&self, name: &str) -> bool {
        let mut parts = name.split('.');
        let root = parts.next().unwrap_or_default();
        if let Some(outputs) = self.steps.get(root) {
            return parts
                .next()
                .is_none_or(|output| outputs.contains_key(output));
        }
        match self.names.get(root) {
            None => false,
            Some(Leaf::Secret(_)) => parts.next().is_none(),
            Some(Leaf::Public(value)) => {
                let mut value = value.clone();
                parts.all(|part| {
                    value = value.get_attr(part).unwrap_or(Value::UNDEFINED);
                    !value.is_undefined()
                })
            }
        }
    }
}

/// The customer with every field there: its own JSON leaves out those without a value.
fn customer(mut json: Json) -> Json {
    if let Json::Object(fields) = &mut json {
        for field in CUSTOMER_FIELDS {
            fields.entry(field).or_insert_with(|| Json::from(""));
        }
    }
    json
}

/// Every known setting, nested: `supabase.project.url` is `{"supabase": {"project": {"url": …}}}`.
fn settings(set: &BTreeMap<String, String>) -> Json {
    let mut root = Json::Object(Map::new());
    for setting in SETTINGS {
        // What stands for a secret says where it is.
        let held = set.get(setting.key).filter(|_| !setting.is_secret());
        let value = held.cloned().unwrap_or_default();
        put(&mut root, setting.key, value);
    }
    root
}

fn put(at: &mut Json, path: &str, value: String) {
    if !at.is_object() {
        *at = Map::new().into();
    }
    match path.split_once('.') {
        Some((first, rest)) => put(&mut at[first], rest, value),
        None => at[path] = value.into(),
    }
}

/// The values as the template engine sees them: it can ask for one by name, and not list them, so a
/// secret is only read where it is asked for.
#[derive(Debug)]
pub(crate) struct View {
    values: Arc<Values>,
    touched: Arc<AtomicBool>,
    planning: bool,
    place: Place,
}

/// Where a [`View`] looks.
#[derive(Clone, Debug)]
enum Place {
    Root,
    /// At the outputs of a step.
    Step(String),
    /// At the settings whose keys begin so, up to a dot; at all of them where it is empty.
    Settings(String),
}

impl View {
    /// `touched` becomes true when a secret is looked at.
    pub(crate) fn root(values: &Values, touched: Arc<AtomicBool>, planning: bool) -> Self {
        Self {
            values: Arc::new(values.clone()),
            touched,
            planning,
            place: Place::Root,
        }
    }

    fn at(&self, place: Place) -> Value {
        Value::from_object(Self {
            values: Arc::clone(&self.values),
            touched: Arc::clone(&self.touched),
            planning: self.planning,
            place,
        })
    }

    /// A setting, or those below this one.
    fn setting(&self, key: String) -> Option<Value> {
        let secrets = &self.values.secret_settings;
        if let Some(secret) = secrets.get(&key) {
            return Some(self.look(&Leaf::Secret(secret.clone())));
        }
        let below = format!("{key}.");
        if secrets.keys().any(|other| other.starts_with(&below)) {
            return Some(self.at(Place::Settings(key)));
        }
        let Some(Leaf::Public(settings)) = self.values.names.get("settings") else {
            return None;
        };
        let mut value = settings.clone();
        for part in key.split('.') {
            value = value.get_attr(part).ok()?;
        }
        (!value.is_undefined()).then_some(value)
    }

    fn look(&self, leaf: &Leaf) -> Value {
        match leaf {
            Leaf::Public(value) => value.clone(),
            Leaf::Secret(secret) => {
                self.touched.store(true, Ordering::Relaxed);
                Value::from(secret.expose_secret())
            }
        }
    }
}

impl Object for View {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        match &self.place {
            Place::Settings(above) if above.is_empty() => self.setting(key.to_owned()),
            Place::Settings(above) => self.setting(format!("{above}.{key}")),
            Place::Step(step) => match self
                .values
                .steps
                .get(step)
                .and_then(|outputs| outputs.get(key))
            {
                Some(leaf) => Some(self.look(leaf)),
                None => self.planning.then(|| Value::from("")),
            },
            Place::Root if key == "settings" && !self.values.secret_settings.is_empty() => {
                Some(self.at(Place::Settings(String::new())))
            }
            Place::Root => match self.values.names.get(key) {
                Some(leaf) => Some(self.look(leaf)),
                // A plan needs no check that there is such a step: reading the blueprint was one.
                None if self.planning || self.values.steps.contains_key(key) => {
                    Some(self.at(Place::Step(key.to_owned())))
                }
                None => None,
            },
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }

    fn render(self: &Arc<Self>, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("outputs")
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{customer::Customer, id::WorkspaceId};
    use serde_json::json;

    use super::*;
    use crate::template::{Mode, Rendered, render, render_value};

    #[test]
    fn settings_nest_and_are_all_there() {
        let set = [(
            "supabase.project.url".to_owned(),
            "http://127.0.0.1:1/{ref}".to_owned(),
        )];
        let json = settings(&set.into());
        assert_eq!(
            json["supabase"]["project"]["url"],
            "http://127.0.0.1:1/{ref}"
        );
        assert_eq!(json["vercel"]["team"], "", "an unset one is an empty text");
        for setting in SETTINGS {
            let pointer = format!("/{}", setting.key.replace('.', "/"));
            assert!(
                json.pointer(&pointer).is_some_and(Json::is_string),
                "{}",
                setting.key
            );
        }
    }

    #[test]
    fn a_secret_setting_is_noticed_and_its_neighbours_are_public() {
        let set = [
            ("smtp.host", "smtp.example"),
            ("smtp.password", "keyring:v1/a/setting/smtp.password"),
            ("supabase.project.url", "https://{ref}.example"),
        ];
        let set = set.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let known = |set: BTreeMap<String, String>| {
            Values::known(BTreeMap::new(), Map::new().into(), &set, "mark")
        };
        let mut values = known(set.into());
        values.insert_secret_setting("smtp.password", Secret::from("hunter2"));
        for mode in [Mode::Run, Mode::Plan] {
            for (text, public) in [
                ("{{ settings.smtp.host }}", "smtp.example"),
                ("{{ settings.smtp.user or 'none' }}", "none"),
                (
                    "{{ settings.supabase.project.url }}",
                    "https://{ref}.example",
                ),
            ] {
                match render(text, &values, mode).unwrap() {
                    Rendered::Public(text) => assert_eq!(text, public),
                    Rendered::Secret(_) => panic!("{text} is public"),
                }
            }
            match render("{{ settings.smtp.password }}", &values, mode).unwrap() {
                Rendered::Secret(secret) => assert_eq!(secret.expose_secret(), "hunter2"),
                Rendered::Public(text) => panic!("{text} is a secret"),
            }
        }
        assert!(render("{{ settings.smtp.nothing }}", &values, Mode::Run).is_err());
        match render(
            "{{ settings.smtp.password }}",
            &known(BTreeMap::new()),
            Mode::Run,
        )
        .unwrap()
        {
            Rendered::Public(text) => assert_eq!(text, "", "none is set"),
            Rendered::Secret(_) => panic!("there is none"),
        }
    }

    #[test]
    fn every_field_of_a_customer_has_a_value() {
        let json = customer(serde_json::to_value(full()).unwrap());
        let fields: Vec<_> = json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let mut sorted = fields.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, CUSTOMER_FIELDS, "a new field is named here");
        let empty = Customer {
            contact_name: None,
            production_url: None,
            ..full()
        };
        let empty = customer(serde_json::to_value(empty).unwrap());
        assert_eq!(empty["contact_name"], "");
    }

    fn full() -> Customer {
        serde_json::from_value(json!({
            "id": "0190a0a0-0000-7000-8000-000000000001", "external_id": "7", "name": "Åkes",
            "slug": "akes", "subdomain": "akes", "status": "pending", "plan": "starter",
            "blueprint": "factory", "contact_email": "a@b.se", "contact_name": "Åke",
            "language": "sv", "credits": 0, "modules": ["crm"],
            "production_url": "https://a.se", "github_repo_url": "https://github.com/a/b",
            "supabase_project_ref": "abcdefghijklmnopqrst", "database_url": "env:DATABASE_URL_A",
            "created_at": "2026-11-21T00:00:00Z", "updated_at": "2026-11-21T00:00:00Z",
        }))
        .unwrap()
    }

    #[test]
    fn the_plans_parameters_win() {
        let mut blueprint = crate::load_built_in("factory").unwrap();
        blueprint.plans[1]
            .parameters
            .insert("region".to_owned(), "eu-west-1".to_owned());
        let customer = Customer {
            plan: "professional".to_owned(),
            ..full()
        };
        let mark = Mark {
            workspace: "0190a0a0-0000-7000-8000-000000000002"
                .parse::<WorkspaceId>()
                .unwrap(),
            customer: customer.id,
        };
        let snapshot = Snapshot {
            blueprint,
            customer,
            settings: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        let values = Values::of(&snapshot, mark);
        let text = "{{ parameters.region }} {{ parameters.framework }} {{ mark }}{{ settings.vercel.team }}";
        match render(text, &values, Mode::Run).unwrap() {
            Rendered::Public(text) => assert_eq!(text, format!("eu-west-1 nextjs {mark}")),
            Rendered::Secret(_) => panic!("no secret there"),
        }
    }

    #[test]
    fn the_factorys_parameters_render_before_anything_is_made() {
        let blueprint = crate::load_built_in("factory").unwrap();
        let mark = Mark {
            workspace: "0190a0a0-0000-7000-8000-000000000002".parse().unwrap(),
            customer: full().id,
        };
        let snapshot = Snapshot {
            blueprint: blueprint.clone(),
            customer: full(),
            settings: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        let values = Values::of(&snapshot, mark);
        let rendered = |text: &str| match render_value(text, &values, Mode::Plan).unwrap() {
            Rendered::Public(value) => value,
            Rendered::Secret(_) => panic!("{text}: there is no secret yet"),
        };
        let step = |id: &str| {
            &blueprint
                .steps
                .iter()
                .find(|step| step.id == id)
                .unwrap()
                .with
        };
        for (name, value) in step("welcome")["values"].as_object().unwrap() {
            let value = rendered(value.as_str().unwrap());
            assert!(value.is_string(), "{name} of a mail is a text: {value}");
            assert!(name != "hours" || value == "24", "{name}: {value}");
        }
        let modules = step("config")["content"]["modules"].as_object().unwrap();
        let modules: BTreeMap<_, _> = modules
            .iter()
            .map(|(name, value)| (name.as_str(), rendered(value.as_str().unwrap())))
            .collect();
        assert_eq!(modules["crm"], json!(true));
        assert_eq!(modules["social"], json!(false));
        assert_eq!(
            modules.len(),
            blueprint.modules.len(),
            "every module is in the file"
        );
    }

    #[test]
    fn debug_masks_secrets() {
        let mut values = Values::new();
        values.insert_secret("link", Secret::from("canary-1"));
        values.insert_secret_output("supabase", "secret_key", Secret::from("canary-2"));
        assert!(!format!("{values:?}").contains("canary"), "{values:?}");
    }
}
