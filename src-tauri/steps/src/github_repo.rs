//! `github-repo`: a private repository from a template, known by the mark in its description.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use fabrik_clouds::github::{GitHub, NewRepository, Repository};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Detail,
    failure::{Failure, Outcome},
    gate::Charge,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Output,
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use serde::{Deserialize, Serialize};

use crate::{left_standing, registry, registry::Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::GithubRepo,
    revision: 1,
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_secs(4),
        ceiling: Duration::from_mins(3),
        settle: Duration::from_mins(1),
    },
    build: |clouds, parameters| {
        let with = parameters.read(&[])?;
        Ok(Box::new(GithubRepo {
            github: clouds.github.clone(),
            with,
            undoes: parameters.undoes(),
            seen: Mutex::default(),
            asked_to_go: AtomicBool::new(false),
        }))
    },
};

/// GitHub's longest description.
const DESCRIPTION: usize = 350;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    owner: String,
    name: String,
    /// `owner/name`.
    template: String,
    #[serde(default)]
    description: String,
}

struct GithubRepo {
    github: GitHub,
    with: With,
    /// It is built to be undone.
    undoes: bool,
    /// What the last answer showed, so that polling asks for the branch alone.
    seen: Mutex<Option<Repository>>,
    /// It was seen with its mark and asked to go, and the answer was lost.
    asked_to_go: AtomicBool,
}

/// What an intent says.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Evidence {
    /// The login that makes it: as a member of an organization, only that one sees it for sure.
    #[serde(default)]
    maker: Option<String>,
}

/// Who made it, as far as the run knows.
fn maker(cx: &Context<'_>) -> Option<String> {
    Evidence::deserialize(cx.evidence?).ok()?.maker
}

impl GithubRepo {
    /// The line for people, and the mark, which must survive whatever the blueprint wrote.
    fn description(&self, cx: &Context<'_>) -> String {
        let mark = format!("[{}]", cx.mark);
        let room = DESCRIPTION - mark.len() - 1;
        let line = self.with.description.replace(&mark, "");
        let line: String = line
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(room)
            .collect();
        format!("{} {mark}", line.trim()).trim().to_owned()
    }

    fn template(&self) -> Result<(&str, &str), Problem> {
        self.with.template.split_once('/').ok_or_else(|| {
            let template = self.with.template.clone();
            Cause::TemplateNotVisible { template }.into()
        })
    }

    fn bears_mark(repository: &Repository, cx: &Context<'_>) -> bool {
        let mark = cx.mark.to_string();
        repository
            .description
            .as_ref()
            .is_some_and(|line| line.contains(&mark))
    }

    /// Ours by the mark, by the records, or by the owner's word on the customer.
    fn is_ours(repository: &Repository, cx: &Context<'_>) -> bool {
        let id = repository.id.to_string();
        Self::bears_mark(repository, cx)
            || cx.known.iter().any(|known| known.id == id)
            || cx
                .snapshot
                .customer
                .github_repo_url
                .as_deref()
                .is_some_and(|url| {
                    url.trim_end_matches('/')
                        .eq_ignore_ascii_case(&repository.html_url)
                })
    }

    fn existing(&self, repository: Repository) -> Existing {
        let existing = Existing {
            id: repository.id.to_string(),
            name: repository.full_name.clone(),
            url: Some(repository.html_url.clone()),
            content_hash: None,
        };
        self.see(Some(repository));
        existing
    }

    fn see(&self, repository: Option<Repository>) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = repository;
    }

    fn seen(&self) -> Option<Repository> {
        let seen = self.seen.lock();
        seen.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The repository in our records, by the name it had then (renames are followed) and by its id. One that is
    /// not seen is told as such: a second one in its place would leave it forgotten.
    async fn recorded(&self, cx: &Context<'_>) -> Result<Recorded, Failure> {
        let Some(known) = cx.known.first() else {
            return Ok(Recorded::No);
        };
        let (owner, name) = known
            .name
            .split_once('/')
            .unwrap_or((&self.with.owner, &known.name));
        let found = match self.github.repository(owner, name).await? {
            Some(repository) if repository.id.to_string() == known.id => Some(repository),
            _ => self.github.repository_by_id(&known.id).await?,
        };
        Ok(match found {
            Some(repository) => Recorded::There(Box::new(repository)),
            None if self.sees(cx, owner).await? => Recorded::No,
            None => Recorded::Hidden(known.name.clone()),
        })
    }

    /// Whether a repository of `owner` that answers 404 is gone.
    async fn sees(&self, cx: &Context<'_>, owner: &str) -> Result<bool, Failure> {
        self.github.sees_private(owner, maker(cx).as_deref()).await
    }

    /// The login that would make it; or why the owner can't be seen.
    async fn login(&self) -> Result<Result<String, Problem>, Failure> {
        let owner = self.with.owner.as_str();
        if owner.is_empty() {
            return Ok(Err(registry::missing("github.owner")));
        }
        Ok(match self.github.owner(owner).await? {
            (login, Some(_)) => Ok(login),
            (_, None) => {
                let owner = owner.to_owned();
                Err(Problem::from(Cause::OwnerNotVisible { owner }).by(Provider::GitHub))
            }
        })
    }

    async fn template_usable(&self, cx: &Context<'_>) -> Result<Option<Problem>, Failure> {
        let template = self.with.template.clone();
        if template.is_empty() {
            return Ok(Some(registry::missing("github.template")));
        }
        // What is there already is made from none. What somebody has deleted is made anew.
        if !matches!(self.recorded(cx).await?, Recorded::No) {
            return Ok(None);
        }
        let (owner, name) = self.template()?;
        let cause = match self.github.repository(owner, name).await? {
            None => Cause::TemplateNotVisible { template },
            Some(repository) if !repository.is_template => Cause::TemplateNotTemplate { template },
            Some(_) => return Ok(None),
        };
        Ok(Some(Problem::from(cause).by(Provider::GitHub)))
    }

    async fn scopes(&self) -> Result<Option<Problem>, Failure> {
        let scopes = self.github.whoami().await?.missing_scopes;
        Ok((!scopes.is_empty())
            .then(|| Problem::from(Cause::CredentialScopeMissing { scopes }).by(Provider::GitHub)))
    }
}

#[async_trait]
impl Step for GithubRepo {
    fn name(&self) -> String {
        match self.with.owner.as_str() {
            "" => self.with.name.clone(),
            owner => format!("{owner}/{}", self.with.name),
        }
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::Repository)
    }

    /// It is looked for by name and owner; its content is asked for until it is there.
    fn demand(&self) -> Vec<Charge> {
        self.github.demand(12, 1)
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let (template, login, scopes) =
            futures::join!(self.template_usable(cx), self.login(), self.scopes());
        let told = [template?, login?.err(), scopes?];
        Ok(told.into_iter().flatten().collect())
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let (recorded, named) = futures::join!(
            self.recorded(cx),
            self.github.repository(&self.with.owner, &self.with.name)
        );
        match recorded? {
            Recorded::There(repository) => return Ok(Found::Ours(self.existing(*repository))),
            Recorded::Hidden(name) => return Ok(hidden(name)),
            Recorded::No => {}
        }
        Ok(match named? {
            Some(repository) if Self::is_ours(&repository, cx) => {
                Found::Ours(self.existing(repository))
            }
            Some(_) => {
                let taken = Problem::from(Cause::NameTaken { name: self.name() });
                Found::Foreign(taken.by(Provider::GitHub))
            }
            // Going back, "it was never made" must be sure. Forward, its name stops a second one.
            None if self.undoes && !self.sees(cx, &self.with.owner).await? => hidden(self.name()),
            // 404 may also mean that the token has been narrowed.
            None => match self.login().await? {
                Err(problem) => Found::CannotSee(problem),
                Ok(login) => Found::Absent {
                    evidence: serde_json::to_value(Evidence { maker: Some(login) })
                        .unwrap_or_default(),
                },
            },
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let (owner, template) = self.template()?;
        let description = self.description(cx);
        let repository = NewRepository {
            owner: &self.with.owner,
            name: &self.with.name,
            description: &description,
        };
        let made = self.github.generate(owner, template, repository).await?;
        Ok(Created::Resource(self.existing(made)))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let not_yet = |status: &str| {
            Ok(Readiness::NotYet {
                status: status.to_owned(),
            })
        };
        let existing = existing.ok_or_else(|| Failure::refused(Cause::Internal))?;
        // By its id: whoever takes the name that it had has another.
        let by_id = || self.github.repository_by_id(&existing.id);
        let repository = match self.seen() {
            Some(seen) => seen,
            None => match by_id().await? {
                Some(repository) => repository,
                None => return not_yet("not visible"),
            },
        };
        let (owner, name) = repository.owner_and_name();
        let branch = self
            .github
            .branch(owner, name, &repository.default_branch)
            .await?;
        if branch.is_none() {
            // Kept for the next poll, which then asks for the branch alone.
            self.see(Some(repository));
            return not_yet("empty");
        }
        let Some(now) = by_id().await? else {
            return not_yet("not visible");
        };
        if now.full_name != repository.full_name {
            // The branch may have been that of another, which has the name now.
            self.see(Some(now));
            return not_yet("renamed");
        }
        cx.say(Detail::ContentThere, &repository.full_name);
        Ok(Readiness::Ready(
            [
                ("id", repository.id.to_string()),
                ("full_name", repository.full_name),
                ("url", repository.html_url),
                ("default_branch", repository.default_branch),
            ]
            .map(|(name, value)| (name.to_owned(), Output::Public(value)))
            .into(),
        ))
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        let (owner, _) = existing.name.split_once('/').unwrap_or_default();
        let unseen = async || {
            let went = self.asked_to_go.load(Ordering::Relaxed);
            Ok(if went || self.sees(cx, owner).await? {
                Undone::Gone
            } else {
                left_standing::cannot_see(Provider::GitHub, &existing.name)
            })
        };
        let Some(repository) = self.github.repository_by_id(&existing.id).await? else {
            return unseen().await;
        };
        if !Self::bears_mark(&repository, cx) {
            return Ok(left_standing::not_ours(
                Provider::GitHub,
                &repository.full_name,
            ));
        }
        match self.github.delete_repository(&repository).await {
            Ok(true) => Ok(Undone::Gone),
            Ok(false) => unseen().await,
            // The token may make repositories, and not delete them.
            Err(failure)
                if matches!(*failure.problem.cause, Cause::CredentialScopeMissing { .. }) =>
            {
                Ok(Undone::Refused(failure.problem))
            }
            Err(failure) => {
                let lost = failure.outcome == Outcome::Unknown;
                self.asked_to_go.fetch_or(lost, Ordering::Relaxed);
                Err(failure)
            }
        }
    }
}

/// A repository that was made is not seen by its id: by a lag of GitHub's, or because the token was narrowed.
pub(crate) fn out_of_sight(name: &str) -> Failure {
    let name = name.to_owned();
    Failure {
        outcome: Outcome::NotSent,
        problem: Problem::from(Cause::CannotSee { name }).by(Provider::GitHub),
    }
}

/// The token doesn't see whether it is there.
fn hidden(name: String) -> Found {
    Found::CannotSee(Problem::from(Cause::CannotSee { name }).by(Provider::GitHub))
}

/// What became of the repository in our records.
enum Recorded {
    /// None is there, or it is gone.
    No,
    There(Box<Repository>),
    /// The token doesn't see it. With its name.
    Hidden(String),
}
