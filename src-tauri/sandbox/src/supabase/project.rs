//! A project's record, and what it is at a given time.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Cloud;
use super::answer::{Answer, Refusal};
use crate::{documents::REMOVED, readiness::Readiness};

/// How far a project is made when it first says `COMING_UP`.
const COMING_UP: f64 = 0.05;
/// How far it is made when its database answers.
const DATABASE: f64 = 0.9;
/// How far it is made when it says `ACTIVE_HEALTHY`, a little before its services are.
const ACTIVE: f64 = 0.97;

/// A project. Its secrets follow from the sandbox's seed, and its database password is kept
/// nowhere: nobody signs in with it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Project {
    /// Twenty lower-case letters.
    pub(super) reference: String,
    /// The number that a deletion answers with.
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) region: String,
    /// The instance's size, such as `micro`.
    pub(super) size: String,
    /// The one before that.
    #[serde(default)]
    pub(super) before_resize: Option<String>,
    pub(super) created: Timestamp,
    /// The span of its creation.
    pub(super) making: Readiness,
    /// It ends as `INIT_FAILED`.
    pub(super) fails: bool,
    pub(super) phase: Phase,
}

/// What was done to a project last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// It was created.
    Created,
    /// It is paused, or will be.
    Paused(Readiness),
    /// It runs again, or will.
    Restored(Readiness),
    /// It has another instance, or will.
    Resized(Readiness),
}

/// The statuses of the vendor that come up here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Unknown,
    ComingUp,
    ActiveHealthy,
    InitFailed,
    Pausing,
    Inactive,
    Restoring,
    Resizing,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::ComingUp => "COMING_UP",
            Self::ActiveHealthy => "ACTIVE_HEALTHY",
            Self::InitFailed => "INIT_FAILED",
            Self::Pausing => "PAUSING",
            Self::Inactive => "INACTIVE",
            Self::Restoring => "RESTORING",
            Self::Resizing => "RESIZING",
        }
    }
}

impl Project {
    pub(super) fn status(&self, now: Timestamp) -> Status {
        match self.phase {
            Phase::Created => {
                let progress = self.making.progress(now);
                if progress < COMING_UP {
                    Status::Unknown
                } else if progress < ACTIVE {
                    Status::ComingUp
                } else if self.fails {
                    Status::InitFailed
                } else {
                    Status::ActiveHealthy
                }
            }
            Phase::Paused(span) if span.is_ready(now) => Status::Inactive,
            Phase::Paused(_) => Status::Pausing,
            Phase::Restored(span) if span.is_ready(now) => Status::ActiveHealthy,
            Phase::Restored(_) => Status::Restoring,
            Phase::Resized(span) if span.is_ready(now) => Status::ActiveHealthy,
            Phase::Resized(_) => Status::Resizing,
        }
    }

    /// The status of the database, which has no word for a paused one.
    pub(super) fn database_status(&self, now: Timestamp) -> &'static str {
        match self.status(now) {
            Status::Pausing | Status::Inactive => "GOING_DOWN",
            status => status.name(),
        }
    }

    /// Whether the database answers.
    pub(super) fn database_runs(&self, now: Timestamp) -> bool {
        !self.fails
            && self
                .span()
                .is_some_and(|span| span.progress(now) >= DATABASE)
    }

    /// Whether Auth, REST and the other services answer.
    pub(super) fn services_run(&self, now: Timestamp) -> bool {
        !self.fails && self.span().is_some_and(|span| span.is_ready(now))
    }

    /// The span at whose end the project runs; none while it is paused or gone.
    fn span(&self) -> Option<Readiness> {
        match self.phase {
            Phase::Created => Some(self.making),
            Phase::Restored(span) | Phase::Resized(span) => Some(span),
            Phase::Paused(_) => None,
        }
    }

    /// As the Management API shows it, with its database where a list or a read does.
    pub(super) fn to_json(&self, organization: &str, now: Timestamp) -> Value {
        json!({
            "id": self.reference,
            "ref": self.reference,
            "organization_id": organization,
            "organization_slug": organization,
            "name": self.name,
            "region": self.region,
            "created_at": self.created.to_string(),
            "status": self.status(now).name(),
            "database": {
                "host": format!("db.{}.supabase.co", self.reference),
                "version": "17.6.1.111",
                "postgres_engine": "17",
                "release_channel": "ga",
            },
        })
    }
}

impl Cloud {
    /// The project, where it is there and was not deleted.
    pub(super) fn project(&self, reference: &str) -> Answer<Project> {
        let project: Option<Project> = self.documents().get("project", reference)?;
        if let Some(project) = project {
            return Ok(project);
        }
        let removed: Option<String> = self.documents().get(REMOVED, reference)?;
        Err(match removed {
            Some(_) => Refusal::bad_request("Resource has been removed"),
            None => Refusal::new(axum::http::StatusCode::NOT_FOUND, "Project not found"),
        })
    }

    pub(super) fn save(&self, project: &Project) -> Answer<()> {
        Ok(self
            .documents()
            .put("project", &project.reference, project)?)
    }
}
