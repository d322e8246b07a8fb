//! What the Management API takes and gives: the fields that are used, statuses as open texts.

use fabrik_domain::secret::{ExposeSecret, Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};

use crate::instant;

/// An organization that the token sees.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Organization {
    /// What other calls name it by.
    pub slug: String,
    /// For people.
    pub name: String,
}

/// An organization's plan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OrganizationPlan {
    /// `free`, `pro`, `team`, `enterprise`, `platform` …
    pub plan: Option<String>,
}

impl OrganizationPlan {
    /// Whether projects in it are limited in number and pause by themselves.
    pub fn is_free(&self) -> bool {
        self.plan.as_deref() == Some("free")
    }
}

/// The regions that an organization may use.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Regions {
    /// All of them, not only those recommended.
    pub all: AllRegions,
}

/// Regions by kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AllRegions {
    /// Parts of the world, within which the vendor chooses.
    pub smart_group: Vec<Region>,
    /// Regions proper.
    pub specific: Vec<Region>,
}

/// A region, or a part of the world.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Region {
    /// `eu-north-1`; of a part of the world `emea`.
    pub code: String,
    /// `capacity` where it is full, `other` where something else is the matter; none where all is well.
    #[serde(default)]
    pub status: Option<String>,
}

impl Region {
    /// Whether it takes no more projects, by the vendor's own word.
    pub fn is_full(&self) -> bool {
        self.status.as_deref() == Some("capacity")
    }
}

impl Regions {
    /// How `code` is asked for, or `None` where it is not offered, or full.
    pub fn selection<'a>(&self, code: &'a str) -> Option<RegionSelection<'a>> {
        let takes = |region: &Region| region.code == code && !region.is_full();
        let offers = |regions: &[Region]| regions.iter().any(takes);
        if offers(&self.all.specific) {
            Some(RegionSelection::Specific { code })
        } else {
            offers(&self.all.smart_group).then_some(RegionSelection::SmartGroup { code })
        }
    }

    /// The codes of all regions proper that have room.
    pub fn codes(&self) -> Vec<String> {
        self.all
            .specific
            .iter()
            .filter(|region| !region.is_full())
            .map(|region| region.code.clone())
            .collect()
    }
}

/// Where a new project is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum RegionSelection<'a> {
    /// This region and no other: what data residency needs.
    Specific {
        /// `eu-north-1`.
        code: &'a str,
    },
    /// Any region of a part of the world.
    SmartGroup {
        /// `americas`, `emea`, `apac`.
        code: &'a str,
    },
}

impl<'a> RegionSelection<'a> {
    /// By the code alone: parts of the world have names, regions have numbers.
    pub fn of(code: &'a str) -> Self {
        if code.contains('-') {
            Self::Specific { code }
        } else {
            Self::SmartGroup { code }
        }
    }
}

/// A project to be created: the body of `v1-create-a-project`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NewProject<'a> {
    /// For people; not unique.
    pub name: &'a str,
    /// The organization it is billed to.
    pub organization_slug: &'a str,
    /// The database owner's password.
    #[serde(rename = "db_pass", serialize_with = "expose")]
    pub database_password: &'a Secret,
    /// Where.
    pub region_selection: RegionSelection<'a>,
    /// `nano`, `micro` …; paid plans alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desired_instance_size: Option<&'a str>,
}

/// Writes a secret into a request's body, the one place it is for.
pub(super) fn expose<S: Serializer>(secret: &Secret, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(secret.expose_secret())
}

/// A project, as reading or creating one answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Project {
    /// Its id: 20 lower-case letters.
    #[serde(rename = "ref")]
    pub reference: String,
    /// For people.
    pub name: String,
    /// The vendor's word for where it stands: `UNKNOWN` first, then `COMING_UP`, `ACTIVE_HEALTHY` …
    pub status: String,
    /// Where its database is: `eu-north-1`.
    #[serde(default)]
    pub region: String,
}

impl Project {
    /// Whether it sleeps, or is about to, until somebody wakes it.
    pub fn is_paused(&self) -> bool {
        is_paused(&self.status)
    }
}

fn is_paused(status: &str) -> bool {
    matches!(status, "INACTIVE" | "PAUSING")
}

/// A project in an organization's list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedProject {
    /// Its id.
    #[serde(rename = "ref")]
    pub reference: String,
    /// For people.
    pub name: String,
    /// See [`Project::status`].
    pub status: String,
    /// When it was made, in Supabase's writing.
    #[serde(default)]
    inserted_at: String,
}

impl ListedProject {
    /// When it was made, by Supabase's clock; `None` where that can't be read.
    pub fn made_at(&self) -> Option<Timestamp> {
        instant::read(&self.inserted_at)
    }

    /// Whether it is there, and not deleted or on its way out.
    pub fn exists(&self) -> bool {
        !matches!(self.status.as_str(), "REMOVED" | "GOING_DOWN")
    }

    /// Whether it counts among a free plan's active projects.
    pub fn is_active(&self) -> bool {
        self.exists() && !is_paused(&self.status) && self.status != "INIT_FAILED"
    }
}

/// A page of an organization's projects.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct ProjectPage {
    /// Of this page.
    pub(super) projects: Vec<ListedProject>,
    /// Where it is in the whole.
    pub(super) pagination: Pagination,
}

/// Where a page is.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub(super) struct Pagination {
    /// How many there are in all. A number without a promise to be whole.
    pub(super) count: f64,
}

/// How a service of a project is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ServiceHealth {
    /// `auth`, `db`, `rest` …
    pub name: String,
    /// `COMING_UP`, `ACTIVE_HEALTHY`, `UNHEALTHY` …
    pub status: String,
}

impl ServiceHealth {
    /// Whether it takes calls.
    pub fn is_healthy(&self) -> bool {
        self.status == "ACTIVE_HEALTHY"
    }
}
