//! What an account pays for. Vercel's document has it on a deployment's own page alone: not on a person, a team or a
//! list of deployments.

use fabrik_domain::failure::Failure;
use serde::Deserialize;

use super::{ForTeam, Team, Vercel};
use crate::Call;

#[derive(Deserialize)]
struct ListBody {
    deployments: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    uid: String,
}

#[derive(Deserialize)]
struct DeploymentBody {
    #[serde(default)]
    plan: Option<String>,
}

impl Vercel {
    /// The plan (`hobby`, `pro`, `enterprise`) of the account's newest deployment, whichever project's it is; `None`
    /// where there is no deployment yet, or it doesn't say. `getDeployments`, `getDeployment`.
    pub async fn plan(&self, team: Team<'_>) -> Result<Option<String>, Failure> {
        let list: ListBody = self
            .account
            .get(Call::reads("getDeployments"), ["v7", "deployments"])
            .query("limit", "1")
            .for_team(team)
            .receive()
            .await?;
        let Some(newest) = list.deployments.into_iter().next() else {
            return Ok(None);
        };
        let call = Call::reads("getDeployment");
        let deployment: DeploymentBody = self
            .account
            .get(call, ["v13", "deployments", newest.uid.as_str()])
            .for_team(team)
            .receive()
            .await?;
        Ok(deployment.plan)
    }
}
