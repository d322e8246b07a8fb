//! What of GitHub's answers is used.

use serde::Deserialize;

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Repository {
    /// Stays when the repository is renamed or moved. Vercel's `repoId`.
    pub id: u64,
    /// `owner/name`, as it is now.
    pub full_name: String,
    /// Its page.
    pub html_url: String,
    /// A line for people; ours holds the mark.
    #[serde(default)]
    pub description: Option<String>,
    /// The branch that deployments are made of.
    pub default_branch: String,
    /// Whether others can be made from it.
    #[serde(default)]
    pub is_template: bool,
    /// Whether only those with access see it.
    #[serde(default)]
    pub private: bool,
}

impl Repository {
    /// Owner and name.
    pub fn owner_and_name(&self) -> (&str, &str) {
        self.full_name
            .split_once('/')
            .unwrap_or((self.full_name.as_str(), ""))
    }
}

/// A branch's head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The commit's SHA.
    pub commit: String,
}

/// Who may own a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The token's own user.
    User,
    /// An organisation.
    Organization,
}

/// What the token's user is in an organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Membership {
    /// Sees all of it.
    Owner,
    /// Sees what the organisation lets members see, and what was made by this one.
    Member,
}

#[derive(Deserialize)]
pub(super) struct MembershipBody {
    /// `active`, or `pending` until the invitation is taken.
    pub state: String,
    /// `admin`, `member`.
    pub role: String,
}

#[derive(Deserialize)]
pub(super) struct InstallationsBody {
    pub installations: Vec<InstallationBody>,
}

#[derive(Deserialize)]
pub(super) struct InstallationBody {
    pub app_slug: String,
    /// `all`, or `selected` for those that somebody has chosen.
    pub repository_selection: String,
}

#[derive(Deserialize)]
pub(super) struct BranchBody {
    pub commit: CommitBody,
}

#[derive(Deserialize)]
pub(super) struct CommitBody {
    pub sha: String,
}

#[derive(Deserialize)]
pub(super) struct AccountBody {
    pub login: String,
}
