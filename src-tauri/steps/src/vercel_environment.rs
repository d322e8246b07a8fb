//! `vercel-environment`: the project's variables, in one call per target.
//!
//! Secret values can't be read back, so what was written is known by the records: a hash of names, kinds and the
//! hashes of the values, and Vercel's time of the writing. The variables that do show are looked at as well.
//! In a project that all customers share, a variable of our name that we have not written is somebody's.

mod progress;
mod records;
mod seen;
mod taken_away;

use std::{collections::BTreeSet, time::Duration};

use async_trait::async_trait;
use fabrik_clouds::vercel::{Environment, Kind, Target, Team, Variable, Vercel};
use fabrik_domain::{
    Cause, Problem,
    blueprint::StepKind,
    event::Detail,
    failure::Failure,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Outputs,
    secret::{ExposeSecret, Secret},
};
use fabrik_engine::step::{
    Context, Created, Found, Occasion, Parent, Readiness, Step, Timing, Undone,
};
use serde::Deserialize;

use self::{
    progress::Progress,
    records::{Records, Stamp},
    seen::Evidence,
};
use crate::{
    digest::sha256,
    parameters::{Parameters, filled},
    registry::Entry,
    vercel_account::{Owner, is_shared},
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::VercelEnvironment,
    revision: 1,
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_secs(1),
        ceiling: Duration::from_mins(1),
        // Writing the same again changes nothing, so there is nothing to wait out.
        settle: Duration::ZERO,
    },
    build: |clouds, parameters| {
        Ok(Box::new(VercelEnvironment::new(
            clouds.vercel.clone(),
            parameters,
        )?))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    project: String,
    #[serde(default)]
    team: String,
    variables: Vec<VariableWith>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VariableWith {
    key: String,
    value: String,
    /// Never to be read again. So is a value that a secret is part of, whatever is said here.
    #[serde(default)]
    secret: bool,
    /// All, where nothing is said.
    #[serde(default)]
    targets: Option<Vec<Target>>,
}

struct VercelEnvironment {
    vercel: Vercel,
    project: String,
    team: String,
    wanted: Vec<Wanted>,
    occasion: Occasion,
    progress: Progress,
}

/// A variable as it shall be.
struct Wanted {
    key: String,
    value: Secret,
    secret: bool,
    targets: BTreeSet<Target>,
}

impl Wanted {
    /// `sensitive` can't be had for development; there, those who may develop may read it.
    fn kind(&self, target: Target) -> Kind {
        match (self.secret, target) {
            (false, _) => Kind::Plain,
            (true, Target::Development) => Kind::Encrypted,
            (true, _) => Kind::Sensitive,
        }
    }
}

impl VercelEnvironment {
    fn new(vercel: Vercel, parameters: &Parameters) -> Result<Self, Problem> {
        let with: With = parameters.read(&["/variables/*/value"])?;
        let mut keys = BTreeSet::new();
        let mut wanted = Vec::with_capacity(with.variables.len());
        for (index, variable) in with.variables.into_iter().enumerate() {
            if !is_name(&variable.key) || !keys.insert(variable.key.clone()) {
                return Err(parameters.fault(&format!("{:?} twice or no name", variable.key)));
            }
            let secret = parameters.secret(&format!("/variables/{index}/value"))?;
            wanted.push(Wanted {
                secret: variable.secret || secret.is_some(),
                value: secret.cloned().unwrap_or_else(|| variable.value.into()),
                key: variable.key,
                targets: variable.targets.map_or_else(
                    || Target::ALL.into_iter().collect(),
                    |targets| targets.into_iter().collect(),
                ),
            });
        }
        Ok(Self {
            vercel,
            project: with.project,
            team: with.team,
            wanted,
            occasion: parameters.occasion(),
            progress: Progress::default(),
        })
    }

    fn team(&self) -> Team<'_> {
        filled(&self.team)
    }

    /// What these variables are, with no value in it.
    fn content_hash(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for wanted in &self.wanted {
            let value = sha256(wanted.value.expose_secret());
            lines.extend(wanted.targets.iter().map(|target| {
                let kind = wanted.kind(*target);
                format!("{} {} {} {value}\n", wanted.key, target.key(), kind.key())
            }));
        }
        lines.sort_unstable();
        sha256(lines.concat())
    }

    /// Of a writing of all that is wanted.
    fn stamp(&self, at: i64) -> Stamp {
        Stamp {
            hash: self.content_hash(),
            at,
            open: self.progress.is_open(),
        }
    }

    fn existing(&self, stamp: &Stamp) -> Existing {
        Existing {
            id: self.project.clone(),
            name: self.name(),
            url: None,
            content_hash: Some(stamp.to_string()),
        }
    }

    /// Whether all that the list shows is as it shall be. What it may hide is taken on trust in the hash.
    fn is_there(&self, environment: &Environment) -> bool {
        self.wanted.iter().all(|wanted| {
            wanted.targets.iter().all(|target| {
                let listed = environment
                    .variables
                    .iter()
                    .find(|listed| listed.key == wanted.key && listed.targets.contains(target));
                match listed {
                    // One that has turned secret may not be read any more.
                    Some(listed) => match &listed.plain {
                        Some(_) if wanted.secret => false,
                        Some(value) => value == wanted.value.expose_secret(),
                        None => true,
                    },
                    None => environment.hides_some,
                }
            })
        })
    }

    /// What may be another customer's among the names wanted, in a project that all share.
    fn in_the_way(
        &self,
        records: &Records<'_>,
        environment: &Environment,
        evidence: &Evidence,
    ) -> Option<Found> {
        if let Some(name) = evidence.anybodys() {
            let taken = Problem::from(Cause::NameTaken { name });
            return Some(Found::Foreign(taken.by(Provider::Vercel)));
        }
        // One that isn't shown would be written over.
        let ours = records.names();
        let is_new = |wanted: &&Wanted| !ours.contains(wanted.key.as_str());
        let new = self.wanted.iter().find(is_new);
        let new = new.filter(|_| environment.hides_some)?;
        let name = new.key.clone();
        let hidden = Problem::from(Cause::CannotSee { name });
        Some(Found::CannotSee(hidden.by(Provider::Vercel)))
    }

    /// The targets that variables are wanted for.
    fn targets(&self) -> BTreeSet<Target> {
        let wanted = self.wanted.iter();
        wanted.flat_map(|wanted| wanted.targets.clone()).collect()
    }

    /// Gives when it was written, by Vercel's clock.
    async fn write(&self, target: Target) -> Result<i64, Failure> {
        let variables: Vec<_> = self
            .wanted
            .iter()
            .filter(|wanted| wanted.targets.contains(&target))
            .map(|wanted| Variable {
                key: &wanted.key,
                value: &wanted.value,
                kind: wanted.kind(target),
            })
            .collect();
        self.vercel
            .set_variables(self.team(), &self.project, target, &variables)
            .await
    }
}

/// A name that every shell and build tool takes.
fn is_name(key: &str) -> bool {
    key.len() <= 256
        && key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[async_trait]
impl Step for VercelEnvironment {
    fn name(&self) -> String {
        self.wanted
            .iter()
            .map(|wanted| wanted.key.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::VercelEnvironment)
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        if self.occasion == Occasion::Plan {
            return self.planned(cx).await;
        }
        self.progress.is_put_off(cx.clock.now())?;
        if cx.evidence.is_some() {
            self.progress.leave_open();
        }
        let environment = self.vercel.variables(self.team(), &self.project).await?;
        if self.occasion == Occasion::Undo {
            return Ok(self.made(cx, &environment));
        }
        let records = Records::of(cx, &self.project);
        if let Some(written) = records.last_wrote(&self.content_hash())
            && self.is_there(&environment)
        {
            return Ok(Found::Ours(Existing {
                content_hash: written.content_hash.clone(),
                ..self.existing(&self.stamp(0))
            }));
        }
        // Writing is repeatable, so without our own record there is nothing to look for.
        let evidence = match cx.evidence {
            Some(evidence) => evidence.clone(),
            None => {
                let owner = Owner::now(&self.vercel, self.team()).await?;
                let evidence = self.seen(&records, &environment, owner);
                if is_shared(cx, &self.project)
                    && let Some(found) = self.in_the_way(&records, &environment, &evidence)
                {
                    return Ok(found);
                }
                serde_json::to_value(evidence).map_err(|_| Problem::from(Cause::Internal))?
            }
        };
        Ok(Found::Absent { evidence })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        // A variable keeps the kind that it was made with, so one that turns secret is made anew.
        for id in Evidence::of(cx).replaces() {
            self.vercel
                .delete_variable(self.team(), &self.project, id)
                .await?;
        }
        // One after another: Vercel refuses a writing while another of the same project is under way.
        let mut calls = Vec::new();
        for target in self.progress.owed(self.targets()) {
            calls.push((target, self.write(target).await));
        }
        let at = match self.progress.after(calls) {
            Ok(at) => at,
            Err(stopped) => return self.stopped(cx, stopped).await,
        };
        for wanted in &self.wanted {
            cx.say(Detail::VariableSet, &wanted.key);
        }
        Ok(Created::Resource(self.existing(&self.stamp(at))))
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        Ok(Readiness::Ready(Outputs::new()))
    }

    /// The variables go with a project of the customer's own.
    fn within(&self) -> Option<Parent> {
        let project = self.project.as_str();
        Some(Parent::covering(ResourceKind::VercelProject, project))
    }

    async fn undo(&self, cx: &Context<'_>, existing: &Existing) -> Result<Undone, Failure> {
        self.take_away(cx, existing).await
    }
}

#[cfg(test)]
mod tests {
    use fabrik_clouds::vercel::Listed;

    use super::*;

    fn wanted(key: &str, value: &str, secret: bool) -> Wanted {
        let targets = Target::ALL.into_iter().collect();
        Wanted {
            key: key.to_owned(),
            value: value.into(),
            secret,
            targets,
        }
    }

    fn step(wanted: Vec<Wanted>) -> VercelEnvironment {
        VercelEnvironment {
            vercel: crate::testing::vercel("http://127.0.0.1:9"),
            project: "prj_1".to_owned(),
            team: String::new(),
            wanted,
            occasion: Occasion::Run,
            progress: Progress::default(),
        }
    }

    #[test]
    fn secrets_are_sensitive_but_for_development() {
        let secret = wanted("KEY", "s3", true);
        let kinds = Target::ALL.map(|target| secret.kind(target));
        assert_eq!(kinds, [Kind::Sensitive, Kind::Sensitive, Kind::Encrypted]);
        assert_eq!(
            wanted("URL", "x", false).kind(Target::Production),
            Kind::Plain
        );
    }

    #[test]
    fn the_hash_tells_values_apart_and_holds_none() {
        let hash = |vars| step(vars).content_hash();
        let one = hash(vec![wanted("A", "1", false), wanted("B", "s3", true)]);
        let swapped = hash(vec![wanted("B", "s3", true), wanted("A", "1", false)]);
        assert_eq!(one, swapped, "the order is nothing");
        assert_ne!(
            one,
            hash(vec![wanted("A", "1", false), wanted("B", "s4", true)])
        );
        assert_ne!(
            one,
            hash(vec![wanted("A", "1", false), wanted("B", "s3", false)])
        );
    }

    #[test]
    fn a_changed_plain_value_shows_and_a_hidden_one_is_trusted() {
        let step = step(vec![wanted("A", "1", false), wanted("B", "s3", true)]);
        let listed = |key: &str, plain: Option<&str>| Listed {
            id: Some(format!("env_{key}")),
            key: key.to_owned(),
            targets: Target::ALL.to_vec(),
            kind: if plain.is_some() {
                "plain"
            } else {
                "sensitive"
            }
            .to_owned(),
            plain: plain.map(str::to_owned),
            changed_at: 1,
        };
        let environment = |variables, hides_some| Environment {
            variables,
            hides_some,
        };
        let both = vec![listed("A", Some("1")), listed("B", None)];
        assert!(step.is_there(&environment(both, false)));
        let changed = vec![listed("A", Some("2")), listed("B", None)];
        assert!(
            !step.is_there(&environment(changed, false)),
            "somebody changed it"
        );
        let turned = vec![listed("A", Some("1")), listed("B", Some("s3"))];
        assert!(
            !step.is_there(&environment(turned, false)),
            "what is to be secret is shown"
        );
        let one = vec![listed("A", Some("1"))];
        assert!(
            !step.is_there(&environment(one.clone(), false)),
            "somebody removed it"
        );
        assert!(
            step.is_there(&environment(one, true)),
            "the list says that it hides some"
        );
    }

    #[test]
    fn names_are_those_of_shells() {
        assert!(is_name("NEXT_PUBLIC_SUPABASE_URL") && is_name("_a1"));
        for bad in ["", "1A", "A-B", "A B", "Å"] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }
}
