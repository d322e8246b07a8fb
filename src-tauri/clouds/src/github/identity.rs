//! Whose the token is, what it may do, and which owners it sees.

use fabrik_domain::{Cause, failure::Failure};
use http::{HeaderMap, Method};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{
    GitHub, SCOPES,
    model::{AccountBody, InstallationsBody, Membership, MembershipBody, Owner},
    transport::decode,
};
use crate::{AccountInfo, Call, status::found};

impl GitHub {
    /// Tries the token. Scopes are told by classic tokens only; a fine-grained one shows what it may do
    /// when it does it. `users/get-authenticated`.
    pub async fn whoami(&self) -> Result<AccountInfo, Failure> {
        let call = Call::reads("users/get-authenticated");
        let answer = self
            .send(call, Method::GET, ["user"], &[], None::<&()>)
            .await?;
        let user: AccountBody = decode(&answer, call)?;
        let scopes = scopes(answer.headers());
        Ok(AccountInfo {
            account: user.login,
            missing_scopes: scopes.as_deref().map(missing).unwrap_or_default(),
            scopes: scopes.unwrap_or_default(),
            expires_at: expiry(answer.headers()),
        })
    }

    /// The token's login, and what `owner` is to it: its own user, an organisation it sees, or `None`.
    /// `users/get-authenticated`, `orgs/get`.
    pub async fn owner(&self, owner: &str) -> Result<(String, Option<Owner>), Failure> {
        let organization = async {
            let call = Call::reads("orgs/get");
            found(self.get::<AccountBody>(call, ["orgs", owner], &[]).await)
        };
        let (user, organization) = futures::join!(self.whoami(), organization);
        let login = user?.account;
        if login.eq_ignore_ascii_case(owner) {
            return Ok((login, Some(Owner::User)));
        }
        Ok((login, organization?.map(|_| Owner::Organization)))
    }

    /// What the token's user is in an organisation; `None` where it is nothing there, or the token may not know.
    /// `orgs/get-membership-for-authenticated-user`.
    pub(super) async fn membership(&self, org: &str) -> Result<Option<Membership>, Failure> {
        let call = Call::reads("orgs/get-membership-for-authenticated-user");
        let path = ["user", "memberships", "orgs", org];
        let Some(body) = seen(self.get::<MembershipBody>(call, path, &[]).await)? else {
            return Ok(None);
        };
        Ok(match (body.state.as_str(), body.role.as_str()) {
            ("active", "admin") => Some(Membership::Owner),
            ("active", _) => Some(Membership::Member),
            _ => None,
        })
    }
}

impl GitHub {
    /// Whether an app, by its slug, is on an organisation for chosen repositories alone: it sees none that is made anew.
    /// `None` where it is not there, or the token may not know: that of an owner may, with `admin:read`.
    /// `orgs/list-app-installations`.
    pub async fn app_is_limited(&self, org: &str, app: &str) -> Result<Option<bool>, Failure> {
        let call = Call::reads("orgs/list-app-installations");
        let path = ["orgs", org, "installations"];
        let query = [("per_page", "100")];
        let Some(body) = seen(self.get::<InstallationsBody>(call, path, &query).await)? else {
            return Ok(None);
        };
        let mut installed = body.installations.into_iter();
        let installed = installed.find(|one| one.app_slug == app);
        Ok(installed.map(|one| one.repository_selection == "selected"))
    }
}

/// `None` for what is not there, and for what the token may not know: a single sign-on that it was not let through, or a
/// scope that it lacks.
fn seen<T>(answer: Result<T, Failure>) -> Result<Option<T>, Failure> {
    match found(answer) {
        Err(failure) if matches!(*failure.problem.cause, Cause::CredentialScopeMissing { .. }) => {
            Ok(None)
        }
        known => known,
    }
}

/// `x-oauth-scopes: repo, workflow`; a fine-grained token's answers don't have the header.
fn scopes(headers: &HeaderMap) -> Option<Vec<String>> {
    let line = headers.get("x-oauth-scopes")?.to_str().ok()?;
    Some(
        line.split(',')
            .map(str::trim)
            .filter(|s| !s.is_empty())
            .map(str::to_owned)
            .collect(),
    )
}

fn missing(scopes: &[String]) -> Vec<String> {
    SCOPES
        .into_iter()
        .filter(|needed| !scopes.iter().any(|scope| scope == needed))
        .map(str::to_owned)
        .collect()
}

/// `github-authentication-token-expiration: 2027-01-31 22:00:00 UTC`, or with an offset for `UTC`.
fn expiry(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers
        .get("github-authentication-token-expiration")?
        .to_str()
        .ok()?
        .trim();
    if let Some(civil) = text.strip_suffix(" UTC") {
        let civil: DateTime = civil.parse().ok()?;
        return civil
            .to_zoned(TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp());
    }
    jiff::fmt::strtime::parse("%Y-%m-%d %H:%M:%S %z", text)
        .ok()?
        .to_timestamp()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        headers
    }

    #[test]
    fn scopes_that_lack_are_named() {
        let told = scopes(&headers("x-oauth-scopes", "repo, workflow")).unwrap();
        assert_eq!(told, ["repo", "workflow"]);
        assert_eq!(missing(&told), ["delete_repo"]);
        assert_eq!(
            missing(&scopes(&headers("x-oauth-scopes", "")).unwrap()).len(),
            3
        );
        assert_eq!(
            scopes(&HeaderMap::new()),
            None,
            "a fine-grained token tells nothing"
        );
    }

    #[test]
    fn both_forms_of_the_expiry_are_read() {
        let at: Timestamp = "2027-01-31T22:00:00Z".parse().unwrap();
        let name = "github-authentication-token-expiration";
        assert_eq!(expiry(&headers(name, "2027-01-31 22:00:00 UTC")), Some(at));
        assert_eq!(
            expiry(&headers(name, "2027-01-31 23:00:00 +0100")),
            Some(at)
        );
        assert_eq!(expiry(&headers(name, "never")), None);
    }
}
