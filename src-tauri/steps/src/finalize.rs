//! `finalize`: what the run and those before it kept in the vault goes, and the customer's record gets the
//! instance. The record itself is written by the engine, from the outputs, together with the journal.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_domain::{
    blueprint::StepKind,
    customer::{Customer, CustomerStatus},
    failure::Failure,
    resource::{Found as Existing, ResourceKind},
    run::Output,
    secret::SecretRef,
};
use fabrik_engine::step::{Context, Created, Found, Occasion, Readiness, Step, Timing, Undone};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::Value;

use crate::{kept, parameters::filled, registry::Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::Finalize,
    revision: 1,
    plans_alone: true,
    timing: Timing {
        usual: Duration::from_millis(200),
        ceiling: Duration::from_mins(1),
        settle: Duration::ZERO,
    },
    build: |_, parameters| {
        let with: With = parameters.read(&[])?;
        if filled(&with.database_url).is_some_and(|text| text.parse::<SecretRef>().is_err()) {
            return Err(parameters.fault("database_url is a reference"));
        }
        let plans = parameters.occasion() == Occasion::Plan;
        Ok(Box::new(Finalize { with, plans }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    #[serde(default)]
    production_url: String,
    #[serde(default)]
    github_repo_url: String,
    #[serde(default)]
    supabase_project_ref: String,
    /// A reference, never the string itself.
    #[serde(default)]
    database_url: String,
}

struct Finalize {
    with: With,
    /// It is built for a plan, before all that it hands over is known.
    plans: bool,
}

impl Finalize {
    /// What the blueprint hands over. A blueprint without a repository leaves that field as it is.
    fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("production_url", &self.with.production_url),
            ("github_repo_url", &self.with.github_repo_url),
            ("supabase_project_ref", &self.with.supabase_project_ref),
            ("database_url", &self.with.database_url),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, filled(value)?)))
    }

    /// Whether the plan doesn't know yet what the record would get. Where the instance answers it keeps, though it is
    /// deployed anew.
    fn is_unknown(&self, cx: &Context<'_>) -> bool {
        let customer = &cx.snapshot.customer;
        let is_unknown = |(name, template): (&String, &Value)| {
            let keeps = name == "production_url" && customer.production_url.is_some();
            let is_named = template.as_str().and_then(filled).is_some();
            is_named && !keeps && !self.fields().any(|(known, _)| known == name)
        };
        self.plans && cx.step.with.iter().any(is_unknown)
    }

    fn is_recorded(&self, customer: &Customer) -> bool {
        customer.status == CustomerStatus::Active
            && self.fields().all(|(name, value)| {
                let recorded = match name {
                    "production_url" => customer.production_url.clone(),
                    "github_repo_url" => customer.github_repo_url.clone(),
                    "database_url" => customer.database_url.as_ref().map(ToString::to_string),
                    _ => customer.supabase_project_ref.clone(),
                };
                recorded.as_deref() == Some(value)
            })
    }
}

#[async_trait]
impl Step for Finalize {
    fn name(&self) -> String {
        self.with.production_url.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        None
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let entries = kept::of_customer(cx);
        let there = try_join_all(entries.iter().map(|entry| cx.secrets.get(entry))).await?;
        let cleared = there.iter().all(Option::is_none);
        let recorded = self.is_recorded(&cx.snapshot.customer) && !self.is_unknown(cx);
        Ok(if cleared && recorded {
            Found::Satisfied
        } else {
            Found::Absent {
                evidence: Value::Null,
            }
        })
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        for entry in kept::of_customer(cx) {
            cx.secrets.remove(&entry).await?;
        }
        Ok(Created::Effect)
    }

    async fn await_ready(
        &self,
        _: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let outputs = self
            .fields()
            .map(|(name, value)| (name.to_owned(), Output::Public(value.to_owned())))
            .collect();
        Ok(Readiness::Ready(outputs))
    }

    /// It makes nothing at any vendor.
    async fn undo(&self, _: &Context<'_>, _: &Existing) -> Result<Undone, Failure> {
        Ok(Undone::Stays)
    }
}
