//! Deployments.

use std::collections::BTreeMap;

use fabrik_domain::failure::Failure;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ForTeam, Team, Vercel};
use crate::{Call, status::found};

/// Where a deployment stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeploymentState {
    /// `QUEUED`, `INITIALIZING`, `BUILDING`, and words that are new to us.
    UnderWay(String),
    /// `READY`.
    Ready,
    /// `ERROR`, `CANCELED`, `BLOCKED`, `DELETED`: it never becomes ready.
    Ended(String),
}

impl From<String> for DeploymentState {
    fn from(word: String) -> Self {
        match word.as_str() {
            "READY" => Self::Ready,
            "ERROR" | "CANCELED" | "BLOCKED" | "DELETED" => Self::Ended(word),
            _ => Self::UnderWay(word),
        }
    }
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// `dpl_…`.
    pub id: String,
    /// Its own host, without a scheme; production's alias is another.
    pub host: Option<String>,
    /// Where it stands.
    pub state: DeploymentState,
    /// Hosts that lead to it.
    pub aliases: Vec<String>,
    /// Whether its aliases lead to it by now; `None` where Vercel doesn't say.
    pub alias_assigned: Option<bool>,
    /// Its page for people.
    pub inspector_url: Option<String>,
    /// When it was made, in milliseconds since 1970 by Vercel's clock.
    pub created_at: i64,
    /// Why it failed, in Vercel's words.
    pub error: Option<String>,
    /// What it was given to be known by, beside what Vercel writes there.
    pub meta: BTreeMap<String, String>,
}

/// A production deployment of a branch, to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewDeployment<'a> {
    /// The project's name.
    pub name: &'a str,
    /// The project's id.
    pub project: &'a str,
    /// GitHub's id of the repository.
    pub repo_id: &'a str,
    /// The branch.
    pub branch: &'a str,
    /// What it is to be known by.
    pub meta: &'a [(&'a str, &'a str)],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewDeploymentBody<'a> {
    name: &'a str,
    project: &'a str,
    target: &'static str,
    git_source: GitSource<'a>,
    meta: BTreeMap<&'a str, &'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GitSource<'a> {
    r#type: &'static str,
    repo_id: &'a str,
    r#ref: &'a str,
}

/// The list names some fields otherwise than the single answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeploymentBody {
    #[serde(alias = "uid")]
    id: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    ready_state: Option<String>,
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    alias: Vec<String>,
    #[serde(default)]
    alias_assigned: Option<Value>,
    #[serde(default)]
    inspector_url: Option<String>,
    #[serde(default)]
    created_at: Option<f64>,
    #[serde(default)]
    created: Option<f64>,
    #[serde(default)]
    error_message: Option<String>,
    #[serde(default)]
    ready_state_reason: Option<String>,
    #[serde(default)]
    meta: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct ListBody {
    deployments: Vec<DeploymentBody>,
}

impl From<DeploymentBody> for Deployment {
    fn from(body: DeploymentBody) -> Self {
        let created_at = body.created_at.or(body.created).unwrap_or(0.0);
        Self {
            id: body.id,
            host: body.url.filter(|host| !host.is_empty()),
            state: body.ready_state.or(body.state).unwrap_or_default().into(),
            aliases: body.alias,
            // False until they are; then true, or since when.
            alias_assigned: body.alias_assigned.and_then(|value| match value {
                Value::Bool(assigned) => Some(assigned),
                Value::Number(_) => Some(true),
                _ => None,
            }),
            inspector_url: body.inspector_url,
            #[expect(
                clippy::cast_possible_truncation,
                reason = "milliseconds; casts saturate"
            )]
            created_at: created_at as i64,
            error: body.error_message.or(body.ready_state_reason),
            meta: body
                .meta
                .unwrap_or_default()
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
                .collect(),
        }
    }
}

impl Vercel {
    /// Makes a production deployment of a branch's head. Not idempotent: what is there is looked for in
    /// [`deployments`](Self::deployments). `createDeployment`.
    pub async fn create_deployment(
        &self,
        team: Team<'_>,
        deployment: NewDeployment<'_>,
    ) -> Result<Deployment, Failure> {
        let body = NewDeploymentBody {
            name: deployment.name,
            project: deployment.project,
            target: "production",
            git_source: GitSource {
                r#type: "github",
                repo_id: deployment.repo_id,
                r#ref: deployment.branch,
            },
            meta: deployment.meta.iter().copied().collect(),
        };
        let draft = self
            .account
            .post(Call::changes("createDeployment"), ["v13", "deployments"])
            // Else Vercel may give an earlier one back, built with the variables of then.
            .query("forceNew", "1")
            .query("skipAutoDetectionConfirmation", "1")
            .for_team(team)
            .json(&body);
        Ok(draft.receive::<DeploymentBody>().await?.into())
    }

    /// A deployment. `getDeployment`.
    pub async fn deployment(&self, team: Team<'_>, id: &str) -> Result<Deployment, Failure> {
        let draft = self
            .account
            .get(Call::reads("getDeployment"), ["v13", "deployments", id]);
        Ok(draft
            .for_team(team)
            .receive::<DeploymentBody>()
            .await?
            .into())
    }

    /// Stops a deployment that is still being built; refused for one that is not. `cancelDeployment`.
    pub async fn cancel_deployment(&self, team: Team<'_>, id: &str) -> Result<Deployment, Failure> {
        let call = Call::changes("cancelDeployment");
        let draft = self
            .account
            .patch(call, ["v12", "deployments", id, "cancel"]);
        Ok(draft
            .for_team(team)
            .receive::<DeploymentBody>()
            .await?
            .into())
    }

    /// Deletes a deployment. `false` where Vercel says 404: there is none, or it can't be seen.
    /// `deleteDeployment`.
    pub async fn delete_deployment(&self, team: Team<'_>, id: &str) -> Result<bool, Failure> {
        let call = Call::changes("deleteDeployment");
        let draft = self.account.delete(call, ["v13", "deployments", id]);
        Ok(found(draft.for_team(team).send().await)?.is_some())
    }

    /// A project's production deployments, the newest first; at most 20. `getDeployments`.
    pub async fn deployments(
        &self,
        team: Team<'_>,
        project: &str,
    ) -> Result<Vec<Deployment>, Failure> {
        let body: ListBody = self
            .account
            .get(Call::reads("getDeployments"), ["v7", "deployments"])
            .query("projectId", project)
            .query("target", "production")
            .query("limit", "20")
            .for_team(team)
            .receive()
            .await?;
        let mut deployments: Vec<_> = body.deployments.into_iter().map(Deployment::from).collect();
        deployments.sort_by_key(|deployment| std::cmp::Reverse(deployment.created_at));
        Ok(deployments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Deployment {
        serde_json::from_str::<DeploymentBody>(text).unwrap().into()
    }

    #[test]
    fn states_are_open() {
        assert_eq!(
            DeploymentState::from("READY".to_owned()),
            DeploymentState::Ready
        );
        for word in ["ERROR", "CANCELED", "BLOCKED"] {
            assert_eq!(
                DeploymentState::from(word.to_owned()),
                DeploymentState::Ended(word.to_owned())
            );
        }
        let new = DeploymentState::from("ANALYZING".to_owned());
        assert_eq!(
            new,
            DeploymentState::UnderWay("ANALYZING".to_owned()),
            "a new word is waited on"
        );
    }

    #[test]
    fn list_and_single_answer_give_the_same() {
        let listed = decoded(r#"{"uid":"dpl_1","url":"a.vercel.app","state":"READY","created":5}"#);
        let single = decoded(
            r#"{"id":"dpl_1","url":"a.vercel.app","readyState":"READY","createdAt":5.0,"alias":[]}"#,
        );
        assert_eq!(listed, single);
    }

    #[test]
    fn an_alias_is_assigned_or_not_or_since_when() {
        for (value, assigned) in [
            ("true", Some(true)),
            ("false", Some(false)),
            ("17", Some(true)),
            ("null", None),
        ] {
            let body = format!(r#"{{"id":"d","aliasAssigned":{value}}}"#);
            assert_eq!(decoded(&body).alias_assigned, assigned, "{value}");
        }
    }
}
