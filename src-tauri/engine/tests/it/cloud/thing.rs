//! How a thing in the cloud is found, made, waited for and taken away.

use async_trait::async_trait;
use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    resource::{Found as Existing, ResourceKind},
    run::{Output, Outputs},
};
use fabrik_engine::step::{Context, Created, Found, Parent, Readiness, Step, Timing, Undone};
use serde_json::json;

use super::{Cloud, Fault, Stuck, TIMING};

/// A step for one thing in the cloud.
pub(super) struct Thing {
    pub(super) cloud: Cloud,
    pub(super) name: String,
    /// The repository that the file lies in, or the site that the address leads to.
    pub(super) parent: Option<Parent>,
}

#[async_trait]
impl Step for Thing {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn timing(&self) -> Timing {
        let state = self.cloud.0.lock().unwrap();
        let settle = state.settle.get(&self.name).copied();
        Timing {
            settle: settle.unwrap_or(TIMING.settle),
            ..TIMING
        }
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(match self.name.as_str() {
            "database" => ResourceKind::SupabaseProject,
            "size" => ResourceKind::ComputeSize,
            "repository" => ResourceKind::Repository,
            "site" | "site-too" => ResourceKind::VercelProject,
            "file" | "config" => ResourceKind::RepositoryFile,
            "address" => ResourceKind::Domain,
            "deployment" => ResourceKind::VercelDeployment,
            _ => ResourceKind::Mail,
        })
    }

    async fn check(&self, _: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        let state = self.cloud.0.lock().unwrap();
        if !state.without_team.contains(&self.name) {
            return Ok(Vec::new());
        }
        let team = "team_nosuch".to_owned();
        Ok(vec![Cause::TeamNotVisible { team }.into()])
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        tokio::task::yield_now().await;
        let state = self.cloud.0.lock().unwrap();
        if state.without_team.contains(&self.name) {
            let scopes = Vec::new();
            return Err(Failure {
                outcome: Outcome::Unauthorized,
                problem: Cause::CredentialScopeMissing { scopes }.into(),
            });
        }
        let ids: Vec<_> = state
            .resources
            .iter()
            .filter(|(name, _)| *name == self.name)
            .map(|(_, id)| id.clone())
            .collect();
        let existing = |id: &String| Existing {
            id: id.clone(),
            name: self.name.clone(),
            url: None,
            content_hash: None,
        };
        let is_marked = state.marked.contains(&self.name);
        let is_layered = state.layered.contains(&self.name);
        if let Some(id) = ids
            .iter()
            .filter(|_| !is_layered)
            .find(|id| is_marked || cx.known.iter().any(|row| row.id == **id))
        {
            return Ok(Found::Ours(existing(id)));
        }
        if let Some(evidence) = cx.evidence {
            if state.unseen.contains(&self.name) {
                let name = self.name.clone();
                return Ok(Found::CannotSee(Cause::CannotSee { name }.into()));
            }
            if state.satisfied.contains(&self.name) {
                return Ok(Found::Satisfied);
            }
            if state.keyed.contains(&self.name) {
                return Ok(Found::Absent {
                    evidence: evidence.clone(),
                });
            }
        }
        if state.foreign.contains(&self.name) {
            return Ok(Found::Foreign(
                Cause::NameTaken {
                    name: self.name.clone(),
                }
                .into(),
            ));
        }
        let Some(evidence) = cx.evidence else {
            return Ok(match ids.as_slice() {
                [] => Found::Absent {
                    evidence: json!({ "ids": [] }),
                },
                // Mails of before are in nobody's way.
                ids if self.name == "mail"
                    || is_layered
                    || ids.iter().all(|id| cx.ruled_out.contains(id)) =>
                {
                    Found::Absent {
                        evidence: json!({ "ids": ids }),
                    }
                }
                _ => Found::Foreign(
                    Cause::NameTaken {
                        name: self.name.clone(),
                    }
                    .into(),
                ),
            });
        };
        let seen = evidence["ids"].as_array().unwrap();
        let new: Vec<_> = ids
            .iter()
            .filter(|id| !seen.iter().any(|old| old == *id) && !cx.ruled_out.contains(id))
            .collect();
        Ok(match new.as_slice() {
            [] => Found::Absent {
                evidence: evidence.clone(),
            },
            [id] => Found::Ours(existing(id)),
            several => Found::Ambiguous(several.iter().map(|id| existing(id)).collect()),
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        tokio::task::yield_now().await;
        let failure = |outcome, cause: Cause| Failure {
            outcome,
            problem: cause.into(),
        };
        let lost = || {
            failure(
                Outcome::Unknown,
                Cause::TimedOut {
                    operation: self.name.clone(),
                    reads: false,
                },
            )
        };
        match self.cloud.fault(&self.name) {
            Some(Fault::LostBefore) => return Err(lost()),
            Some(Fault::LostAfter) => {
                self.cloud.make(&self.name);
                return Err(lost());
            }
            Some(fault @ (Fault::Late | Fault::LateBy(_))) => {
                let late = match fault {
                    Fault::LateBy(seconds) => seconds,
                    _ => 3,
                };
                self.cloud.make_in(&self.name, late);
                return Err(lost());
            }
            Some(Fault::Refused) => {
                return Err(failure(
                    Outcome::Refused,
                    Cause::Refused {
                        operation: self.name.clone(),
                        status: 422,
                    },
                ));
            }
            Some(Fault::Unauthorized) => {
                return Err(failure(Outcome::Unauthorized, Cause::CredentialRejected));
            }
            Some(Fault::Throttled) => {
                let until = cx.clock.now() + jiff::SignedDuration::from_secs(40);
                return Err(failure(
                    Outcome::Throttled(until),
                    Cause::Throttled { until },
                ));
            }
            Some(Fault::NotSent) => {
                return Err(failure(
                    Outcome::NotSent,
                    Cause::Unreachable {
                        host: "cloud".to_owned(),
                    },
                ));
            }
            None => {}
        }
        let made_before = {
            let state = self.cloud.0.lock().unwrap();
            let mut resources = state.resources.iter();
            let same = resources.find(|(name, _)| *name == self.name);
            same.filter(|_| state.keyed.contains(&self.name))
                .map(|(_, id)| id.clone())
        };
        let id = made_before.unwrap_or_else(|| self.cloud.make(&self.name));
        // Killed here, the answer is lost.
        tokio::task::yield_now().await;
        Ok(Created::Resource(Existing {
            id,
            name: self.name.clone(),
            url: None,
            content_hash: None,
        }))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        tokio::task::yield_now().await;
        let too_often = self
            .cloud
            .0
            .lock()
            .unwrap()
            .asked_too_often
            .remove(&self.name);
        if let Some(seconds) = too_often {
            let until = cx.clock.now() + jiff::SignedDuration::from_secs(seconds);
            return Err(Failure {
                outcome: Outcome::Throttled(until),
                problem: Cause::Throttled { until }.into(),
            });
        }
        if self.cloud.0.lock().unwrap().silent.contains(&self.name) {
            let host = "cloud".to_owned();
            return Err(Failure {
                outcome: Outcome::NotSent,
                problem: Cause::Unreachable { host }.into(),
            });
        }
        let id = existing.map(|found| found.id.clone()).unwrap_or_default();
        let mut state = self.cloud.0.lock().unwrap();
        let polls = state.polls.entry(id.clone()).or_default();
        *polls += 1;
        if *polls < 3 {
            return Ok(Readiness::NotYet {
                status: "COMING_UP".to_owned(),
            });
        }
        Ok(Readiness::Ready(Outputs::from([(
            "id".to_owned(),
            Output::Public(id),
        )])))
    }

    fn within(&self) -> Option<Parent> {
        self.parent.clone()
    }

    fn stays(&self) -> bool {
        self.name == "deployment"
    }

    async fn undo(&self, _: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        tokio::task::yield_now().await;
        if self.name == "mail" {
            return Ok(Undone::Stays);
        }
        let stuck = {
            let mut state = self.cloud.0.lock().unwrap();
            let stuck = state.stuck.get(&self.name).copied();
            if let Some(Stuck::NotYet(times)) = stuck {
                let left = times.checked_sub(1).map(Stuck::NotYet);
                match left {
                    Some(left) => state.stuck.insert(self.name.clone(), left),
                    None => state.stuck.remove(&self.name),
                };
            }
            stuck
        };
        let name = self.name.clone();
        match stuck {
            Some(Stuck::Refused) => return Ok(Undone::Refused(Cause::NotOurs { name }.into())),
            Some(Stuck::CannotSee) => {
                return Ok(Undone::CannotSee(Cause::CannotSee { name }.into()));
            }
            Some(Stuck::Unauthorized) => {
                return Err(Failure {
                    outcome: Outcome::Unauthorized,
                    problem: Cause::CredentialRejected.into(),
                });
            }
            Some(Stuck::Lost) => {
                return Err(Failure {
                    outcome: Outcome::Unknown,
                    problem: Cause::TimedOut {
                        operation: name,
                        reads: false,
                    }
                    .into(),
                });
            }
            Some(Stuck::Offline) => {
                return Err(Failure {
                    outcome: Outcome::NotSent,
                    problem: Cause::Unreachable { host: name }.into(),
                });
            }
            Some(Stuck::NotYet(1..)) => {
                return Ok(Undone::NotYet {
                    status: "COMING_UP".to_owned(),
                });
            }
            Some(Stuck::NotYet(0)) | None => {}
        }
        let is_on_top = {
            let state = self.cloud.0.lock().unwrap();
            let mut newest = state.resources.iter().rev();
            let top = newest.find(|(name, _)| *name == self.name);
            top.is_none_or(|(_, id)| *id == existing.id) || !state.layered.contains(&self.name)
        };
        if !is_on_top {
            let name = self.name.clone();
            return Ok(Undone::Refused(Cause::ChangedSince { name }.into()));
        }
        self.cloud.take(&existing.id);
        // Killed here, the answer is lost.
        tokio::task::yield_now().await;
        Ok(Undone::Gone)
    }
}
