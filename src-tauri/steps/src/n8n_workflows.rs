//! `n8n-workflows`: the customer's workflows, made of the blueprint's JSON with the customer's values and published;
//! and the credentials that they use.
//!
//! Names are not unique in n8n, and tags can't be given while a workflow is made: what is ours ends its name with a
//! sign. They are found by id first, since anybody may change a name. One that is there is left as it is, whatever
//! the blueprint says by now: people mend workflows where they run. Only what was made of other steps' outputs than
//! they give now, of a database that is gone, is made anew in its place. The step's several workflows are one thing
//! in the records, known by the sign.

mod heard;
mod made;
mod seen;
mod source;
mod taken_away;
mod webhooks;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use fabrik_blueprints::workflow;
use fabrik_clouds::{
    N8n,
    n8n::{NewWorkflow, missing_scopes},
};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    failure::{Failure, Outcome},
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::{Output, Outputs},
    secret::Secret,
};
use fabrik_engine::step::{Context, Created, Found, Occasion, Readiness, Step, Timing, Undone};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::{
    heard::Heard,
    seen::{Evidence, Seen},
    source::Source,
};
use crate::{
    digest::sha256,
    parameters::Parameters,
    parts::Parts,
    registry::{Clouds, Entry},
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::N8nWorkflows,
    revision: 1,
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(1),
        settle: Duration::from_secs(40),
    },
    build: |clouds, parameters| Ok(Box::new(N8nWorkflows::new(clouds, parameters)?)),
};

/// n8n's longest name.
const NAME: usize = 128;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    /// Files of the blueprint.
    workflows: Vec<String>,
    /// What they may name.
    #[serde(default)]
    values: Map<String, Value>,
    #[serde(default)]
    credentials: Vec<CredentialWith>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CredentialWith {
    /// As the workflows' nodes name it.
    name: String,
    r#type: String,
    data: Map<String, Value>,
}

/// A credential as it shall be.
struct Credential {
    name: String,
    kind: String,
    data: Vec<(String, Secret)>,
}

struct N8nWorkflows {
    n8n: N8n,
    /// File by part: what the file is called, without folder and ending.
    files: BTreeMap<String, String>,
    values: BTreeMap<String, String>,
    credentials: Vec<Credential>,
    /// What it is built for.
    occasion: Occasion,
    heard: Heard,
}

impl N8nWorkflows {
    fn new(clouds: &Clouds, parameters: &Parameters) -> Result<Self, Problem> {
        let with: With = parameters.read(&["/credentials/*/data/*"])?;
        let mut files = BTreeMap::new();
        for file in with.workflows {
            let name = file.rsplit('/').next().unwrap_or_default();
            let part = Parts::key(name.strip_suffix(".json").unwrap_or(name));
            if let Some(other) = files.insert(part.clone(), file) {
                return Err(parameters.fault(&format!("{part} twice, the first in {other}")));
            }
        }
        let mut credentials = Vec::with_capacity(with.credentials.len());
        for (index, credential) in with.credentials.into_iter().enumerate() {
            let mut data = Vec::with_capacity(credential.data.len());
            for (field, value) in &credential.data {
                let place = field.replace('~', "~0").replace('/', "~1");
                let secret = parameters.secret(&format!("/credentials/{index}/data/{place}"));
                let secret = if parameters.undoes() { None } else { secret? };
                let value = secret.cloned().unwrap_or_else(|| text(value).into());
                data.push((field.clone(), value));
            }
            credentials.push(Credential {
                name: credential.name,
                kind: credential.r#type,
                data,
            });
        }
        Ok(Self {
            n8n: clouds.n8n()?.clone(),
            files,
            values: with
                .values
                .iter()
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
            credentials,
            occasion: parameters.occasion(),
            heard: Heard::default(),
        })
    }

    /// The id that a credential is asked for with: the same however often that is, and where its answer is lost.
    fn own_id(cx: &Context<'_>, credential: &str) -> String {
        let digest = sha256(format!("{} {} {credential}", cx.mark, cx.step.id));
        digest[..16].to_owned()
    }

    /// What all names of the set have in them: another customer's, workspace's or step's is another.
    fn sign(cx: &Context<'_>) -> String {
        let digest = sha256(format!("{} {}", cx.mark, cx.step.id));
        format!("fabrik:{}", &digest[..10])
    }

    /// What the name of a part ends with.
    fn tag(cx: &Context<'_>, part: &str) -> String {
        format!("[{}/{part}]", Self::sign(cx))
    }

    /// A name for people, with the tag, which must survive whatever the blueprint wrote.
    fn full_name(cx: &Context<'_>, name: &str, part: &str) -> String {
        let tag = Self::tag(cx, part);
        let room = NAME.saturating_sub(tag.chars().count() + 1);
        let name: String = name
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(room)
            .collect();
        format!("{} {tag}", name.trim())
    }

    /// The part's workflow as it is asked for, with the ids that this server has given the credentials.
    fn wanted(
        &self,
        cx: &Context<'_>,
        part: &str,
        file: &str,
        seen: &Seen,
    ) -> Result<NewWorkflow, Problem> {
        let blueprint = &cx.snapshot.blueprint;
        let fault = |why: String| {
            Problem::from(Cause::BlueprintInvalid {
                blueprint: blueprint.name.clone(),
                why: format!("{file}: {why}"),
            })
        };
        let text = blueprint.files.get(file);
        let text = text.ok_or_else(|| fault("there is no such file".to_owned()))?;
        let mut content = workflow::read(text).map_err(|error| fault(error.to_string()))?;
        workflow::fill(&mut content, &self.values).map_err(|error| fault(error.to_string()))?;
        for node in content["nodes"].as_array_mut().into_iter().flatten() {
            let used = node.get_mut("credentials").and_then(Value::as_object_mut);
            for reference in used.into_iter().flat_map(|used| used.values_mut()) {
                let name = reference["name"].as_str().unwrap_or_default().to_owned();
                if let Some(id) = seen.credentials.get(&name) {
                    *reference = serde_json::json!({ "id": id, "name": Self::full_name(cx, &name, "credential") });
                }
            }
        }
        let name = content["name"].as_str().unwrap_or_default();
        let name = Self::full_name(cx, name, part);
        NewWorkflow::of(name, &content).ok_or_else(|| fault("no workflow".to_owned()))
    }

    fn page(&self, id: &str) -> String {
        self.n8n.base().join(["workflow", id]).to_string()
    }

    fn existing(&self, cx: &Context<'_>, seen: &Seen) -> Existing {
        let first = seen.workflows.values().next();
        let mut whole = seen.clone();
        whole.unheard.append(&mut self.heard.lost());
        Existing {
            id: Self::sign(cx),
            name: self.name(),
            url: first.map(|workflow| self.page(&workflow.id)),
            content_hash: Some(whole.parts().to_string()),
        }
    }

    fn outputs(&self, parts: &Parts, webhooks: &[String]) -> Outputs {
        let workflows = seen::workflows(parts);
        let mut pages = workflows.iter().map(|(_, id)| self.page(id));
        let url = pages.next().unwrap_or_else(|| self.n8n.base().to_string());
        [
            ("workflows", workflows.to_string()),
            ("webhook_url", webhooks.first().cloned().unwrap_or_default()),
            ("webhook_urls", webhooks.join(" ")),
            ("url", url),
        ]
        .map(|(name, value)| (name.to_owned(), Output::Public(value)))
        .into()
    }
}

/// A value as it stands in a text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[async_trait]
impl Step for N8nWorkflows {
    fn name(&self) -> String {
        let parts: Vec<_> = self.files.keys().map(String::as_str).collect();
        parts.join(", ")
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::Workflows)
    }

    async fn check(&self, _: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let key = self.n8n.whoami().await?;
        let scopes = missing_scopes(key, !self.credentials.is_empty());
        let missing = (!scopes.is_empty())
            .then(|| Problem::from(Cause::CredentialScopeMissing { scopes }).by(Provider::N8n));
        Ok(missing.into_iter().collect())
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let seen = match self.look(cx).await? {
            Ok(seen) => seen,
            Err(found) => return Ok(found),
        };
        let evidence = Evidence::of(cx);
        if self.occasion == Occasion::Undo {
            let made = evidence.made(&seen).unheard_of();
            if !made.is_empty() || seen.hides_credentials {
                return Ok(Found::Ours(self.existing(cx, &made)));
            }
        } else if self.is_whole(&seen) {
            return Ok(Found::Ours(self.existing(cx, &seen)));
        } else if cx.evidence.is_some() && seen.lists_no_credentials {
            // Whatever became of the calls before: their answers are not there.
            for credential in &self.credentials {
                let name = &credential.name;
                if !seen.is_of(Source::Credentials) || !seen.credentials.contains_key(name) {
                    self.heard.loses(name);
                }
            }
        }
        let evidence = match cx.evidence {
            Some(evidence) => evidence.clone(),
            None => serde_json::to_value(Evidence::before(&seen)).unwrap_or_default(),
        };
        Ok(Found::Absent { evidence })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let mut seen = match self.look(cx).await? {
            Ok(seen) => seen,
            Err(Found::CannotSee(problem)) => {
                return Err(Failure {
                    outcome: Outcome::Unauthorized,
                    problem,
                });
            }
            Err(_) => return Err(Failure::refused(Cause::Internal)),
        };
        match self.make(cx, &mut seen).await {
            Ok(()) => Ok(Created::Resource(self.existing(cx, &seen))),
            Err(failure)
                if Evidence::of(cx).made(&seen).is_empty() && self.heard.lost().is_empty() =>
            {
                Err(failure)
            }
            Err(failure) => Ok(Created::Partly {
                existing: self.existing(cx, &seen),
                failure,
            }),
        }
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let parts = existing.and_then(|existing| existing.content_hash.as_deref());
        let parts = Parts::read(parts.unwrap_or_default());
        let mut webhooks = Vec::new();
        for (part, id) in seen::workflows(&parts).iter() {
            let workflow = match self.n8n.workflow(id).await? {
                Some(workflow) if workflow.listed.active => workflow,
                there => {
                    let word = there.map_or("not visible", |_| "not published");
                    let status = format!("{part}: {word}");
                    return Ok(Readiness::NotYet { status });
                }
            };
            webhooks.extend(webhooks::of(self.n8n.base(), &workflow.content));
        }
        Ok(Readiness::Ready(self.outputs(&parts, &webhooks)))
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        self.take_away(cx, existing).await
    }
}

#[cfg(test)]
mod tests;
