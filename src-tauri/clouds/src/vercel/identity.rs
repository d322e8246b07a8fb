//! Whose the token is, and which team it sees.

use fabrik_domain::{Cause, failure::Failure};
use serde::Deserialize;

use super::Vercel;
use crate::{AccountInfo, Call, status::refused_with};

#[derive(Deserialize)]
struct UserBody {
    user: User,
}

#[derive(Deserialize)]
struct User {
    id: String,
    username: String,
    #[serde(default)]
    email: Option<String>,
}

/// A team that the token sees.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct TeamInfo {
    /// `team_…`.
    pub id: String,
    /// As in the dashboard's addresses.
    pub slug: String,
}

impl Vercel {
    /// Tries the token. Vercel tells neither its scope nor its end. `getAuthUser`.
    pub async fn whoami(&self) -> Result<AccountInfo, Failure> {
        let user = self.user().await?;
        let account = match user.email {
            Some(email) => format!("{} ({email})", user.username),
            None => user.username,
        };
        Ok(AccountInfo {
            account,
            ..AccountInfo::default()
        })
    }

    /// The id of the person whose token it is. `getAuthUser`.
    pub async fn user_id(&self) -> Result<String, Failure> {
        Ok(self.user().await?.id)
    }

    async fn user(&self) -> Result<User, Failure> {
        let call = Call::reads("getAuthUser");
        let body: UserBody = self.account.get(call, ["v2", "user"]).receive().await?;
        Ok(body.user)
    }

    /// The team with this id or slug; `None` where the token can't see it. `getTeam`.
    pub async fn team(&self, team: &str) -> Result<Option<TeamInfo>, Failure> {
        let call = Call::reads("getTeam");
        match self
            .account
            .get(call, ["v2", "teams", team])
            .receive()
            .await
        {
            Ok(team) => Ok(Some(team)),
            // Which of these it is differs by how the token is limited.
            Err(failure)
                if matches!(refused_with(&failure), Some(400 | 404))
                    || matches!(*failure.problem.cause, Cause::CredentialScopeMissing { .. }) =>
            {
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }
}
