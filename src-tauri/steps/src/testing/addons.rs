//! A Supabase project with what is billed beside its plan.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{Asked, Vendor};

/// Its ref.
pub(crate) const PROJECT: &str = "abcdefghijklmnopqrst";

/// What it has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addons {
    size: Option<String>,
    recovery: Option<String>,
}

impl Addons {
    /// With an instance of this size.
    pub(crate) fn size(mut self, size: &str) -> Self {
        self.size = Some(size.to_owned());
        self
    }

    /// With this recovery.
    pub(crate) fn recovery(mut self, variant: &str) -> Self {
        self.recovery = Some(variant.to_owned());
        self
    }

    /// Starts it.
    pub(crate) async fn start(self) -> Vendor {
        let has = Arc::new(Mutex::new(self));
        Vendor::start(move |asked| has.lock().unwrap().answer(asked)).await
    }

    fn answer(&mut self, asked: &Asked) -> (u16, Value) {
        let path = asked.path.split('?').next().unwrap();
        match asked.method.as_str() {
            "GET" if path.ends_with("/addons") => (200, self.listed()),
            "GET" if path.ends_with("/health") => {
                let up = |name| json!({"name": name, "status": "ACTIVE_HEALTHY"});
                (200, ["auth", "db", "rest"].map(up).into_iter().collect())
            }
            "PATCH" => {
                let variant = asked.body["addon_variant"].as_str().unwrap();
                match variant.strip_prefix("ci_") {
                    Some(size) => self.size = Some(size.to_owned()),
                    None => self.recovery = Some(variant.to_owned()),
                }
                (200, Value::Null)
            }
            "DELETE" => {
                if path.contains("/ci_") {
                    self.size = None;
                } else {
                    self.recovery = None;
                }
                (200, Value::Null)
            }
            _ => (
                200,
                json!({"id": PROJECT, "ref": PROJECT, "name": "n", "status": "ACTIVE_HEALTHY"}),
            ),
        }
    }

    fn listed(&self) -> Value {
        let one = |kind: &str, id: String| json!({"type": kind, "variant": {"id": id, "name": id}});
        let size = self.size.iter();
        let size = size.map(|size| one("compute_instance", format!("ci_{size}")));
        let recovery = self.recovery.iter().map(|id| one("pitr", id.clone()));
        let selected: Vec<Value> = size.chain(recovery).collect();
        json!({ "selected_addons": selected, "available_addons": [] })
    }
}
