//! What exists at the vendors for a customer, and where it came from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    id::{CustomerId, ResourceId, RunId, WorkspaceId},
    provider::Provider,
};

/// Whether we made it. Only what a run itself created may ever be undone by that run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Made by the run named in the row.
    Created,
    /// Was there before.
    Adopted,
}

/// Where a resource stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ResourceState {
    /// Asked for; the vendor's id is not known yet.
    Intended,
    /// There.
    Live,
    /// Taken away by an undo; without an id, refused by the vendor and never there.
    Removed,
    /// Could not be taken away.
    Leftover,
    /// It stays where it is and is no concern of ours any more: the mail of an instance that is gone, what a run
    /// that was rolled back had found.
    LetGo,
}

/// The kinds of resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// A Supabase project.
    SupabaseProject,
    /// The size of its instance; its id is the project's ref.
    ComputeSize,
    /// Its recovery to a point in time; its id is the project's ref.
    PointInTimeRecovery,
    /// The strings with which its database is reached, in the keyring; its id is the project's ref.
    DatabaseUrl,
    /// The schema in it; its id is the project's ref.
    DatabaseSchema,
    /// The project's sign-in settings; its id is the project's ref.
    AuthSettings,
    /// A user in the project's Auth.
    AuthUser,
    /// A GitHub repository; its id is the numeric one.
    Repository,
    /// A file in it; its id is the commit.
    RepositoryFile,
    /// A Vercel project.
    VercelProject,
    /// Its environment variables; its id is the project's.
    VercelEnvironment,
    /// A deployment.
    VercelDeployment,
    /// A domain on a Vercel project; its id is the domain itself.
    Domain,
    /// Workflows in n8n; its id is the sign that their names end with.
    Workflows,
    /// Files in Gitea that workflows are kept in; its id is the folder: `owner/name/folder`.
    WorkflowBackup,
    /// A sent mail.
    Mail,
}

impl ResourceKind {
    /// Whether its id is that of a place: of what it lies in, or of our own making. What is made there after it was taken
    /// away has the same again, and what several steps have there has it in common.
    pub const fn is_place(self) -> bool {
        match self {
            Self::ComputeSize
            | Self::PointInTimeRecovery
            | Self::DatabaseUrl
            | Self::DatabaseSchema
            | Self::AuthSettings
            | Self::VercelEnvironment
            | Self::Domain
            | Self::Workflows
            | Self::WorkflowBackup => true,
            Self::SupabaseProject
            | Self::AuthUser
            | Self::Repository
            | Self::RepositoryFile
            | Self::VercelProject
            | Self::VercelDeployment
            | Self::Mail => false,
        }
    }

    /// Whether it is what was chosen for something that stands: an undo gives that back what it had before, which also tells
    /// whether an intent chose what it has now.
    pub const fn is_choice(self) -> bool {
        matches!(self, Self::ComputeSize | Self::PointInTimeRecovery)
    }
}

/// A row of the table `resources`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Resource {
    /// Ours.
    pub key: ResourceId,
    /// Whose.
    pub customer: CustomerId,
    /// The run that made or adopted it.
    pub run: RunId,
    /// The blueprint's step.
    pub step: String,
    /// The vendor.
    pub provider: Provider,
    /// What it is.
    pub kind: ResourceKind,
    /// The vendor's id; empty while it is only intended.
    pub id: String,
    /// The vendor's name for it.
    pub name: String,
    /// Its page, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub url: Option<String>,
    /// A hash of what we wrote, for files and variables: only the untouched may be restored. Of what has several
    /// parts, what is known of each; of what is chosen among few, the choice itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub content_hash: Option<String>,
    /// Whether we made it.
    pub origin: Origin,
    /// Where it stands.
    pub state: ResourceState,
    /// RFC 3339, UTC.
    #[ts(type = "string")]
    pub at: Timestamp,
}

impl Resource {
    /// Whether what it says was chosen is what stands. A rollback lets go of what it leaves as an earlier run or itself
    /// chose it, or found it; what the owner has let go of is the owner's.
    pub fn is_standing_choice(&self) -> bool {
        self.kind.is_choice()
            && match self.state {
                ResourceState::Live | ResourceState::Leftover => true,
                ResourceState::LetGo => self.origin == Origin::Adopted,
                ResourceState::Intended | ResourceState::Removed => false,
            }
    }

    /// The vendor refused to make it: there is nothing to show or to look for.
    pub fn never_was(&self) -> bool {
        self.state == ResourceState::Removed && self.id.is_empty()
    }

    /// Asked for, and never found to be there or not: without the vendor's id only its own run can tell.
    pub fn is_unknown(&self) -> bool {
        match self.state {
            ResourceState::Intended => true,
            ResourceState::Leftover => self.id.is_empty(),
            ResourceState::Live | ResourceState::Removed | ResourceState::LetGo => false,
        }
    }

    /// Whether it is the thing of this kind and id that a step of this name makes.
    pub fn is_thing(&self, kind: ResourceKind, id: &str, step: &str) -> bool {
        !id.is_empty()
            && self.kind == kind
            && self.id == id
            && (!kind.is_place() || self.step == step)
    }

    /// Whether it accounts for that thing, so that no other row does. What is gone does not, nor what was let go of in its
    /// place: what is there by now was made anew.
    pub fn accounts_for(&self, kind: ResourceKind, id: &str, step: &str) -> bool {
        let is_over = match self.state {
            ResourceState::Removed => true,
            ResourceState::LetGo => kind.is_place(),
            ResourceState::Intended | ResourceState::Live | ResourceState::Leftover => false,
        };
        !is_over && self.is_thing(kind, id, step)
    }

    /// As a step sees it.
    pub fn found(&self) -> Found {
        Found {
            id: self.id.clone(),
            name: self.name.clone(),
            url: self.url.clone(),
            content_hash: self.content_hash.clone(),
        }
    }
}

/// A resource as a step sees it at the vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Found {
    /// The vendor's id.
    pub id: String,
    /// The vendor's name for it.
    pub name: String,
    /// Its page, for people.
    #[serde(default)]
    #[ts(optional)]
    pub url: Option<String>,
    /// See [`Resource::content_hash`].
    #[serde(default)]
    #[ts(optional)]
    pub content_hash: Option<String>,
}

/// What we write on a resource to know it again: workspace and customer, never the slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The customer.
    pub customer: CustomerId,
}

impl std::fmt::Display for Mark {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "fabrik:{}:{}", self.workspace, self.customer)
    }
}
