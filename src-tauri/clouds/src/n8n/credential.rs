//! Credentials: what workflows sign in with elsewhere. n8n never gives their secrets back.

use fabrik_domain::{
    failure::Failure,
    secret::{ExposeSecret, Secret},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Listed, N8n, api};
use crate::{
    Call, Draft,
    status::{found, refused_with, says},
};

/// A credential as it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct NewCredential<'a> {
    /// An id of our own, up to 16 letters and digits; versions that give their own ignore it.
    pub id: &'a str,
    /// Its name; others may have the same.
    pub name: &'a str,
    /// n8n's name of its type: `httpHeaderAuth`, `smtp` …
    pub kind: &'a str,
    /// Its fields, by the type's names.
    pub data: &'a [(String, Secret)],
}

/// A credential among others.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedCredential {
    /// n8n's id.
    pub id: String,
    /// Its name.
    pub name: String,
}

impl Listed for ListedCredential {
    fn name(&self) -> &str {
        &self.name
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.id.len() + self.name.len()
    }
}

impl N8n {
    /// The credentials whose names hold this text; `None` where the key may not list them: n8n shows the list to
    /// the owner and to administrators, and not in every version. `getCredentials`.
    pub async fn credentials(&self, named: &str) -> Result<Option<Vec<ListedCredential>>, Failure> {
        let call = Call::reads("getCredentials").needs(&["credential:list"]);
        match self.list(call, "credentials", &[], named).await {
            Ok(all) => Ok(Some(all)),
            Err(failure) if is_not_for_us(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Makes a credential, and gives its id. One of the id that is there already becomes this one.
    /// `createCredential`.
    pub async fn create_credential(&self, new: NewCredential<'_>) -> Result<String, Failure> {
        match self.send_credential(new, Some(new.id)).await {
            Err(failure) if refused_with(&failure) == Some(409) => {
                self.replace_credential(new.id, new).await
            }
            Err(failure) if is_read_only(&failure) => self.send_credential(new, None).await,
            sent => sent,
        }
    }

    /// Puts this in the place of the credential of an id, and gives the id that it has then: versions that change
    /// none get a new one. `updateCredential`; else `deleteCredential`, `createCredential`.
    pub async fn replace_credential(
        &self,
        id: &str,
        new: NewCredential<'_>,
    ) -> Result<String, Failure> {
        let call = Call::changes("updateCredential").needs(&["credential:update"]);
        let draft = self.account.patch(call, api(["credentials", id]));
        match with(draft, new, None).send().await {
            Ok(_) => Ok(id.to_owned()),
            Err(failure) if matches!(refused_with(&failure), Some(404 | 405)) => {
                self.delete_credential(id).await?;
                match self.send_credential(new, Some(new.id)).await {
                    Err(failure) if is_read_only(&failure) => self.send_credential(new, None).await,
                    sent => sent,
                }
            }
            Err(failure) => Err(failure),
        }
    }

    async fn send_credential(
        &self,
        new: NewCredential<'_>,
        id: Option<&str>,
    ) -> Result<String, Failure> {
        let call = Call::changes("createCredential").needs(&["credential:create"]);
        let draft = self.account.post(call, api(["credentials"]));
        Ok(with(draft, new, id).receive::<ListedCredential>().await?.id)
    }

    /// Deletes a credential; `false` where n8n says 404. `deleteCredential`.
    pub async fn delete_credential(&self, id: &str) -> Result<bool, Failure> {
        let call = Call::changes("deleteCredential").needs(&["credential:delete"]);
        let draft = self.account.delete(call, api(["credentials", id]));
        Ok(found(draft.send().await)?.is_some())
    }
}

/// A draft with a credential as its body, and none of its secrets in what an error tells.
fn with<'a>(draft: Draft<'a>, new: NewCredential<'_>, id: Option<&str>) -> Draft<'a> {
    let data: serde_json::Map<String, Value> = new
        .data
        .iter()
        .map(|(field, secret)| (field.clone(), secret.expose_secret().into()))
        .collect();
    let mut body = json!({ "name": new.name, "type": new.kind, "data": data });
    if let Some(id) = id {
        body["id"] = id.into();
    }
    new.data
        .iter()
        .fold(draft.json(&body), |draft, (_, secret)| {
            draft.masking(secret)
        })
}

/// The server gives ids of its own.
fn is_read_only(failure: &Failure) -> bool {
    refused_with(failure) == Some(400) && says(failure, "read-only")
}

fn is_not_for_us(failure: &Failure) -> bool {
    let hidden = matches!(
        *failure.problem.cause,
        fabrik_domain::Cause::CredentialScopeMissing { .. }
    );
    hidden || matches!(refused_with(failure), Some(404 | 405))
}
