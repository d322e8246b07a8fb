//! A step's `with` after rendering: JSON without a secret in it, and the secrets apart.

use std::{collections::BTreeMap, sync::Arc};

use fabrik_domain::{
    Cause, Problem,
    blueprint::StepSpec,
    secret::{Secret, SecretRef},
};
use fabrik_engine::step::Occasion;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::sign_in::SignIn;

/// Rendered parameters of a step.
#[derive(Debug)]
pub(crate) struct Parameters {
    /// For messages: the blueprint's name and the step's.
    place: (String, String),
    /// As in the blueprint, its texts rendered. Where a secret belongs, the text is empty.
    public: Value,
    /// By JSON pointer: `/variables/2/value`.
    secrets: BTreeMap<String, Held>,
    occasion: Occasion,
    sign_in: Option<Arc<SignIn>>,
}

/// A secret that was fetched, or where it should have been.
#[derive(Debug)]
enum Held {
    Here(Secret),
    Missing(SecretRef),
}

impl Parameters {
    /// Rendered by `render`, which gives each text of `with` its value.
    pub(crate) fn render(
        blueprint: &str,
        spec: &StepSpec,
        render: impl Fn(&str) -> Result<Text, Problem>,
    ) -> Result<Self, Problem> {
        let mut secrets = BTreeMap::new();
        let mut public = Value::Object(spec.with.clone());
        walk(&mut public, &mut String::new(), &mut |pointer, text| {
            Ok(match render(text)? {
                Text::Public(value) => value,
                Text::Secret(secret) => {
                    secrets.insert(pointer.to_owned(), Held::Here(secret));
                    Value::from("")
                }
                Text::Missing(reference) => {
                    secrets.insert(pointer.to_owned(), Held::Missing(reference));
                    Value::from("")
                }
            })
        })?;
        Ok(Self {
            place: (blueprint.to_owned(), spec.id.clone()),
            public,
            secrets,
            occasion: Occasion::Run,
            sign_in: None,
        })
    }

    /// For a mail that may hold a sign-in link.
    pub(crate) fn with_sign_in(self, sign_in: Option<SignIn>) -> Self {
        Self {
            sign_in: sign_in.map(Arc::new),
            ..self
        }
    }

    /// How to have them with a sign-in link made then, where the step may hold one.
    pub(crate) fn sign_in(&self) -> Option<Arc<SignIn>> {
        self.sign_in.clone()
    }

    /// For a step that is built for this.
    pub(crate) fn on(self, occasion: Occasion) -> Self {
        Self { occasion, ..self }
    }

    /// What the step is built for. Only for a run are all secrets and outputs there.
    pub(crate) fn occasion(&self) -> Occasion {
        self.occasion
    }

    /// Whether the step is built to be undone: then secrets and outputs may be empty.
    pub(crate) fn undoes(&self) -> bool {
        self.occasion == Occasion::Undo
    }

    /// The public part as a type. A secret anywhere but at the places of `secret_at` (JSON pointers, `*`
    /// for any segment) is a fault of the blueprint: it would end up in a name or a file.
    pub(crate) fn read<T: DeserializeOwned>(&self, secret_at: &[&str]) -> Result<T, Problem> {
        let stray = self
            .secrets
            .keys()
            .find(|pointer| !secret_at.iter().any(|pattern| matches(pattern, pointer)));
        if let Some(pointer) = stray {
            return Err(self.fault(&format!("{pointer} may not hold a secret")));
        }
        serde_json::from_value(self.public.clone()).map_err(|error| self.fault(&error.to_string()))
    }

    /// The secret at a place, by JSON pointer. `secret_missing` where there was one and is none any more:
    /// only a step that still needs it minds.
    pub(crate) fn secret(&self, pointer: &str) -> Result<Option<&Secret>, Problem> {
        match self.secrets.get(pointer) {
            Some(Held::Here(secret)) => Ok(Some(secret)),
            Some(Held::Missing(reference)) => Err(Cause::SecretMissing {
                reference: reference.to_string(),
                variable: None,
            }
            .into()),
            None => Ok(None),
        }
    }

    /// A fault of the blueprint in this step.
    pub(crate) fn fault(&self, why: &str) -> Problem {
        let (blueprint, step) = &self.place;
        Cause::BlueprintInvalid {
            blueprint: blueprint.clone(),
            why: format!("{step}: {why}"),
        }
        .into()
    }
}

/// A rendered text.
#[derive(Debug)]
pub(crate) enum Text {
    /// Anybody may read it. Mostly a text; a single expression keeps its type.
    Public(Value),
    /// A secret was part of it.
    Secret(Secret),
    /// A secret was part of it that is not there any more.
    Missing(SecretRef),
}

/// `None` for an empty text: what an unset setting renders to.
pub(crate) fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

type OnText<'a> = dyn FnMut(&str, &str) -> Result<Value, Problem> + 'a;

fn walk(value: &mut Value, pointer: &mut String, on_text: &mut OnText<'_>) -> Result<(), Problem> {
    let begin = pointer.len();
    match value {
        Value::String(text) => *value = on_text(pointer, text)?,
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                walk(item, pointer, on_text)?;
                pointer.truncate(begin);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields.iter_mut() {
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
                walk(item, pointer, on_text)?;
                pointer.truncate(begin);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

fn matches(pattern: &str, pointer: &str) -> bool {
    let mut segments = pointer.split('/');
    let all = pattern
        .split('/')
        .all(|p| segments.next().is_some_and(|s| p == "*" || p == s));
    all && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{blueprint::StepKind, secret::ExposeSecret};
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    fn rendered(with: &Value) -> Parameters {
        let spec = StepSpec {
            id: "env".to_owned(),
            kind: StepKind::VercelEnvironment,
            with: with.as_object().unwrap().clone(),
            needs: vec![],
        };
        Parameters::render("factory", &spec, |text| {
            Ok(match text.split_once(':') {
                Some(("secret", secret)) => Text::Secret(secret.into()),
                Some(("gone", name)) => Text::Missing(SecretRef::Env(name.to_owned())),
                _ => Text::Public(text.to_uppercase().into()),
            })
        })
        .unwrap()
    }

    #[derive(Debug, Deserialize)]
    struct With {
        variables: Vec<Variable>,
    }

    #[derive(Debug, Deserialize)]
    struct Variable {
        value: String,
    }

    #[test]
    fn secrets_are_taken_out_and_kept_by_place() {
        let parameters =
            rendered(&json!({"variables": [{"value": "a"}, {"value": "secret:s3"}], "n": 7}));
        let with: With = parameters.read(&["/variables/*/value"]).unwrap();
        assert_eq!(with.variables[0].value, "A");
        assert_eq!(with.variables[1].value, "", "the secret is not in the JSON");
        let secret = parameters.secret("/variables/1/value").unwrap().unwrap();
        assert_eq!(secret.expose_secret(), "s3");
        assert!(
            !format!("{parameters:?}").contains("s3"),
            "nor is it printed"
        );
    }

    #[test]
    fn a_secret_in_the_wrong_place_is_the_blueprints_fault() {
        let parameters = rendered(&json!({"variables": [], "name": "secret:s3"}));
        let problem = parameters
            .read::<With>(&["/variables/*/value"])
            .unwrap_err();
        assert_eq!(problem.code(), "blueprint_invalid");
        assert!(
            !format!("{problem:?}").contains("s3"),
            "the secret itself is not told"
        );
    }

    #[test]
    fn a_secret_that_is_gone_is_missed_by_those_who_need_it() {
        let parameters = rendered(&json!({"variables": [{"value": "gone:LINK"}]}));
        parameters.read::<With>(&["/variables/*/value"]).unwrap();
        let problem = parameters.secret("/variables/0/value").unwrap_err();
        assert_eq!(problem.code(), "secret_missing");
    }

    #[test]
    fn a_pattern_fits_the_whole_pointer() {
        assert!(matches("/a/*/c", "/a/0/c"));
        for other in ["/a/0", "/a/0/c/d", "/b/0/c"] {
            assert!(!matches("/a/*/c", other), "{other}");
        }
    }
}
