//! Deleting a project, and being sure that one is gone.

use fabrik_domain::failure::{Failure, Outcome};

use super::{Management, dialect::is_removed};
use crate::{
    Call,
    status::{refused_with, says},
};

/// What became of a project that was to be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// It is deleted by this call.
    Deleted,
    /// It was deleted before.
    AlreadyRemoved,
    /// It is still being made, and can't be deleted until it is: ask again.
    NotReady,
    /// It isn't there, or the token can't see it: nothing tells which.
    NotVisible,
}

impl Management {
    /// Deletes a project, its data and its backups: `v1-delete-a-project`. Final.
    ///
    /// Where the answer is 404, the project counts as removed only if the token sees the organization's
    /// projects and this is none of them.
    pub async fn delete_project(
        &self,
        reference: &str,
        organization: &str,
    ) -> Result<Deletion, Failure> {
        const CALL: Call = Call::changes("v1-delete-a-project").needs(&["project_admin_write"]);
        let answer = self
            .account
            .delete(CALL, ["v1", "projects", reference])
            .send()
            .await;
        let Err(failure) = answer else {
            return Ok(Deletion::Deleted);
        };
        match refused_with(&failure) {
            _ if is_removed(&failure) => Ok(Deletion::AlreadyRemoved),
            Some(400) if says(&failure, "not ready for deletion") => Ok(Deletion::NotReady),
            Some(404) if self.is_gone_from(organization, reference).await? => {
                Ok(Deletion::AlreadyRemoved)
            }
            Some(404) => Ok(Deletion::NotVisible),
            _ => Err(failure),
        }
    }

    /// Whether the token sees the organization's projects and this is none of them. `false` where it is one, and
    /// where the token sees none. `v1-get-all-projects-for-organization`.
    pub async fn is_gone_from(&self, organization: &str, reference: &str) -> Result<bool, Failure> {
        match self.projects(organization, None).await {
            Ok(projects) => Ok(!projects
                .iter()
                .any(|project| project.reference == reference && project.exists())),
            Err(failure)
                if failure.outcome == Outcome::Unauthorized
                    || refused_with(&failure) == Some(404) =>
            {
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }
}
