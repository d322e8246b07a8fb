//! What a step's parameters are rendered with, the secrets they touch fetched.

use std::collections::BTreeSet;

use fabrik_blueprints::template::{self, Mode, Rendered, Values as TemplateValues};
use fabrik_domain::{
    Problem,
    blueprint::StepSpec,
    failure::Failure,
    id::WorkspaceId,
    ports::Secrets,
    resource::Mark,
    run::{Output, Snapshot},
    secret::{Secret, SecretRef},
    setting::SETTINGS,
};
use fabrik_engine::step::{Inputs, Occasion};
use futures::future::try_join_all;
use serde_json::Value;

use crate::parameters::Text;

/// What the templates of one step's parameters are rendered with.
pub(crate) struct Values {
    known: TemplateValues,
    mode: Mode,
    /// Secret outputs that are not in the vault any more, as step and output.
    missing: Vec<((String, String), SecretRef)>,
    /// Secret settings that are not in this computer's, by their keys.
    missing_settings: Vec<(&'static str, SecretRef)>,
    /// For messages.
    blueprint: String,
    step: String,
}

impl Values {
    /// The snapshot's values, the outputs so far, and those secrets among them that `spec` refers to. Only a run
    /// fetches them: a plan needs none, and what is undone is known by its id.
    pub(crate) async fn gather(
        spec: &StepSpec,
        inputs: Inputs<'_>,
        mark: Mark,
        secrets: &dyn Secrets,
    ) -> Result<Self, Failure> {
        let runs = inputs.occasion == Occasion::Run;
        let mut values = TemplateValues::of(inputs.snapshot, mark);
        let mut touched = BTreeSet::new();
        spec.with
            .values()
            .for_each(|value| references(value, &mut touched));
        let mut wanted = Vec::new();
        for (step, outputs) in inputs.outputs {
            for (name, output) in outputs {
                let place = (step.clone(), name.clone());
                match output {
                    Output::Public(text) => values.insert_output(step, name, text),
                    Output::Secret(reference) if runs => {
                        let whole = (step.clone(), String::new());
                        if touched.contains(&place) || touched.contains(&whole) {
                            wanted.push((place, reference.clone()));
                        }
                    }
                    Output::Secret(_) => {
                        values.insert_secret_output(step, name, Secret::default());
                    }
                }
            }
        }
        let mut missing_settings = Vec::new();
        for setting in SETTINGS.iter().filter(|setting| setting.is_secret()) {
            let Some(stored) = inputs.snapshot.settings.get(setting.key) else {
                continue;
            };
            if !runs || !spec.with.values().any(|value| names(value, setting.key)) {
                continue;
            }
            let reference = setting.secret_reference(mark.workspace, stored);
            match secrets.get(&reference).await? {
                Some(secret) => values.insert_secret_setting(setting.key, secret),
                None => missing_settings.push((setting.key, reference)),
            }
        }
        let fetched =
            try_join_all(wanted.iter().map(|(_, reference)| secrets.get(reference))).await?;
        let mut missing = Vec::new();
        for ((place, reference), secret) in wanted.into_iter().zip(fetched) {
            values.insert_secret_output(&place.0, &place.1, secret.clone().unwrap_or_default());
            if secret.is_none() {
                missing.push((place, reference));
            }
        }
        Ok(Self {
            known: values,
            mode: if runs { Mode::Run } else { Mode::Plan },
            missing,
            missing_settings,
            blueprint: inputs.snapshot.blueprint.name.clone(),
            step: spec.id.clone(),
        })
    }

    /// Renders a text; one that is a single expression keeps its type.
    pub(crate) fn render(&self, text: &str) -> Result<Text, Problem> {
        let fault = |fault: template::Fault| {
            fault.in_blueprint(&self.blueprint, &format!("step {}", self.step))
        };
        if !self.missing.is_empty() {
            let touched = template::references(text).map_err(fault)?;
            let gone = self.missing.iter().find(|((step, output), _)| {
                touched.contains(&(step.clone(), output.clone()))
                    || touched.contains(&(step.clone(), String::new()))
            });
            if let Some((_, reference)) = gone {
                return Ok(Text::Missing(reference.clone()));
            }
        }
        let mut gone = self.missing_settings.iter();
        if let Some((_, reference)) = gone.find(|(key, _)| names_setting(text, key)) {
            return Ok(Text::Missing(reference.clone()));
        }
        Ok(
            match template::render_value(text, &self.known, self.mode).map_err(fault)? {
                Rendered::Public(value) => Text::Public(value),
                Rendered::Secret(secret) => Text::Secret(secret),
            },
        )
    }
}

/// Where the secret settings are that a text refers to, those that are set.
pub(crate) fn secret_settings(
    text: &str,
    snapshot: &Snapshot,
    workspace: WorkspaceId,
) -> Vec<SecretRef> {
    let named = SETTINGS
        .iter()
        .filter(|setting| setting.is_secret() && names_setting(text, setting.key));
    named
        .filter_map(|setting| {
            let stored = snapshot.settings.get(setting.key)?;
            Some(setting.secret_reference(workspace, stored))
        })
        .collect()
}

/// Whether a text in a value refers to a setting, or to all that it is among.
fn names(value: &Value, key: &str) -> bool {
    match value {
        Value::String(text) => names_setting(text, key),
        Value::Array(items) => items.iter().any(|item| names(item, key)),
        Value::Object(fields) => fields.values().any(|item| names(item, key)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn names_setting(text: &str, key: &str) -> bool {
    let setting = format!("settings.{key}");
    let among = |name: &String| {
        setting
            .strip_prefix(name.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    template::names(text).is_ok_and(|names| names.iter().any(among))
}

/// All that the texts in a value refer to. What is no template is told when it is rendered.
fn references(value: &Value, touched: &mut BTreeSet<(String, String)>) {
    match value {
        Value::String(text) => touched.extend(template::references(text).unwrap_or_default()),
        Value::Array(items) => items.iter().for_each(|item| references(item, touched)),
        Value::Object(fields) => fields.values().for_each(|item| references(item, touched)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_domain::{blueprint::StepKind, run::Outputs, secret::ExposeSecret};
    use serde_json::json;

    use super::*;
    use crate::testing::Scene;

    fn outputs(reference: &SecretRef) -> BTreeMap<String, Outputs> {
        let outputs = [
            ("url".to_owned(), Output::Public("https://abc".to_owned())),
            ("key".to_owned(), Output::Secret(reference.clone())),
        ];
        [("supabase".to_owned(), outputs.into())].into()
    }

    async fn gather(scene: &mut Scene, with: Value, occasion: Occasion) -> Values {
        scene.step.with = with.as_object().unwrap().clone();
        let reference = SecretRef::Env("KEY".to_owned());
        let inputs = Inputs {
            snapshot: &scene.snapshot,
            outputs: &outputs(&reference),
            occasion,
        };
        Values::gather(&scene.step, inputs, scene.mark(), scene.secrets.as_ref())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_secret_is_fetched_and_taints() {
        let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
        let reference = SecretRef::Env("KEY".to_owned());
        scene
            .secrets
            .set(&reference, Secret::from("s3cret"))
            .await
            .unwrap();
        let with =
            json!({"a": "{{ supabase.key }}", "b": ["{{ supabase.url }}/{{ customer.slug }}"]});
        let values = gather(&mut scene, with, Occasion::Run).await;
        let Text::Secret(secret) = values.render("{{ supabase.key }}").unwrap() else {
            panic!("it holds a secret")
        };
        assert_eq!(secret.expose_secret(), "s3cret");
        let Text::Public(text) = values
            .render("{{ supabase.url }}/{{ customer.slug }}")
            .unwrap()
        else {
            panic!("it holds none")
        };
        assert_eq!(text, json!("https://abc/akermark"));
    }

    #[tokio::test]
    async fn a_secret_setting_is_this_workspaces_own_and_taints() {
        let mut scene = Scene::new(StepKind::AuthSettings, "auth");
        let with = json!({"smtp_host": "{{ settings.smtp.host }}", "smtp_password": "{{ settings.smtp.password }}"});
        let own = SecretRef::setting(scene.workspace, "smtp.password");
        // Whoever wrote the records would have another secret sent.
        let token = SecretRef::Keyring("v1/a/github/token".to_owned());
        for (reference, secret) in [(&own, "s3cret"), (&token, "ghp_token")] {
            let secret = Secret::from(secret);
            scene.secrets.set(reference, secret).await.unwrap();
        }
        scene.snapshot.settings = [
            ("smtp.host".to_owned(), "smtp.example".to_owned()),
            ("smtp.password".to_owned(), token.to_string()),
        ]
        .into();
        for (occasion, expected) in [(Occasion::Run, "s3cret"), (Occasion::Plan, "")] {
            let values = gather(&mut scene, with.clone(), occasion).await;
            let Text::Secret(secret) = values.render("{{ settings.smtp.password }}").unwrap()
            else {
                panic!("it is a secret")
            };
            assert_eq!(secret.expose_secret(), expected);
            let Text::Public(host) = values.render("{{ settings.smtp.host }}").unwrap() else {
                panic!("it is none")
            };
            assert_eq!(host, json!("smtp.example"));
        }
        scene.secrets.remove(&own).await.unwrap();
        let values = gather(&mut scene, with, Occasion::Run).await;
        let gone = values.render("{{ settings.smtp.password }}").unwrap();
        assert!(
            matches!(&gone, Text::Missing(place) if *place == own),
            "{gone:?}"
        );
        let host = values.render("{{ settings.smtp.host }}").unwrap();
        assert!(matches!(host, Text::Public(_)), "{host:?}");
    }

    #[tokio::test]
    async fn one_that_is_gone_is_told_by_its_place() {
        let mut scene = Scene::new(StepKind::WelcomeEmail, "welcome");
        let values = gather(
            &mut scene,
            json!({"a": "{{ supabase.key }}"}),
            Occasion::Run,
        )
        .await;
        assert!(matches!(
            values.render("{{ supabase.key }}").unwrap(),
            Text::Missing(_)
        ));
        assert!(matches!(
            values.render("{{ supabase.url }}").unwrap(),
            Text::Public(_)
        ));
    }

    #[tokio::test]
    async fn a_plan_and_an_undo_read_no_secret() {
        let mut scene = Scene::new(StepKind::VercelEnvironment, "env");
        let reference = SecretRef::Env("KEY".to_owned());
        scene
            .secrets
            .set(&reference, Secret::from("s3cret"))
            .await
            .unwrap();
        for occasion in [Occasion::Plan, Occasion::Undo] {
            let values = gather(&mut scene, json!({"a": "{{ supabase.key }}"}), occasion).await;
            let Text::Secret(secret) = values.render("{{ supabase.key }}").unwrap() else {
                panic!("its place is secret all the same")
            };
            assert_eq!(secret.expose_secret(), "", "{occasion:?}");
            let Text::Public(gone) = values.render("{{ repo.full_name }}").unwrap() else {
                panic!("nor does an output that is not there stop it")
            };
            assert_eq!(gone, json!(""), "{occasion:?}");
        }
    }
}
