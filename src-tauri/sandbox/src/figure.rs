//! How long things take: the latency of calls and the time until a resource is ready.

use std::{collections::BTreeMap, path::PathBuf, str::FromStr, time::Duration};

use serde_json::Value;

use crate::error::SandboxError;

macro_rules! figures {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $seconds:literal;)*) => {
        /// A named duration. Its name is a key of a latency file: `github.generate`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Figure { $($(#[$doc])* $variant,)* }

        impl Figure {
            /// All of them.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// `vendor.name`, or `read`.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Whether a file means it by this name: in any case, and a vendor's one figure also by the vendor alone.
            fn answers_to(self, name: &str) -> bool {
                let own = self.name();
                let vendor = own.strip_suffix(".call").unwrap_or(own);
                own.eq_ignore_ascii_case(name) || vendor.eq_ignore_ascii_case(name)
            }

            /// Seconds in `realistic`.
            pub(crate) const fn realistic(self) -> f64 {
                match self { $(Self::$variant => $seconds,)* }
            }
        }
    };
}

figures! {
    /// Any plain read.
    Read = "read", 0.1;
    /// Creating a Supabase project.
    SupabaseCreate = "supabase.create", 2.0;
    /// From a Supabase project's creation to `ACTIVE_HEALTHY`; varies by ±30 %.
    SupabaseReady = "supabase.ready", 45.0;
    /// SQL, through the Management API or REST.
    SupabaseSql = "supabase.sql", 0.4;
    /// Auth: its settings, and a project's users, sign-in and links.
    SupabaseAuth = "supabase.auth", 0.3;
    /// Making a repository from a template.
    GitHubGenerate = "github.generate", 2.5;
    /// From that answer until the content is there; varies by ±30 %.
    GitHubContent = "github.content", 1.5;
    /// Writing files, blobs, trees, commits, refs; changing or deleting a repository.
    GitHubContents = "github.contents", 0.6;
    /// Creating, changing or deleting a Vercel project.
    VercelProject = "vercel.project", 0.8;
    /// Writing environment variables.
    VercelEnvironment = "vercel.environment", 0.3;
    /// Creating or changing a deployment.
    VercelDeployment = "vercel.deployment", 0.7;
    /// From a deployment's creation to `READY`; varies by ±30 %.
    VercelReady = "vercel.ready", 40.0;
    /// Adding, changing, verifying or removing a domain.
    VercelDomain = "vercel.domain", 0.5;
    /// Creating an n8n workflow.
    N8nCreate = "n8n.create", 0.3;
    /// Publishing an n8n workflow.
    N8nActivate = "n8n.activate", 0.2;
    /// Any Gitea call that writes.
    Gitea = "gitea.call", 0.3;
    /// Any Resend call that writes.
    Resend = "resend.call", 0.4;
    /// Any Stripe call that writes.
    Stripe = "stripe.call", 0.3;
}

/// Which latencies a sandbox begins with.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum LatencyChoice {
    /// Nothing takes time.
    None,
    /// As the vendors take.
    #[default]
    Realistic,
    /// A TOML file with the figures' names; `base = "none"` makes those left out zero, else they
    /// are as in `realistic`.
    File(PathBuf),
}

impl FromStr for LatencyChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "none" => Self::None,
            "realistic" => Self::Realistic,
            file => Self::File(file.into()),
        })
    }
}

/// The figures in force.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Latencies(BTreeMap<Figure, f64>);

impl Latencies {
    /// Nothing takes time.
    pub(crate) fn none() -> Self {
        Self(Figure::ALL.iter().map(|figure| (*figure, 0.0)).collect())
    }

    /// As the vendors take.
    pub(crate) fn realistic() -> Self {
        Self(
            Figure::ALL
                .iter()
                .map(|figure| (*figure, figure.realistic()))
                .collect(),
        )
    }

    /// The figures of a choice; reads the file where it is one.
    pub(crate) fn load(choice: &LatencyChoice) -> Result<Self, SandboxError> {
        match choice {
            LatencyChoice::None => Ok(Self::none()),
            LatencyChoice::Realistic => Ok(Self::realistic()),
            LatencyChoice::File(path) => {
                let text = std::fs::read_to_string(path).map_err(SandboxError::unreadable(path))?;
                let document: Value = toml::from_str(&text).map_err(|error| {
                    SandboxError::Invalid(format!("{}: {error}", path.display()))
                })?;
                Self::parse(&document)
            }
        }
    }

    /// From `"none"`, `"realistic"`, or an object of names (nested or dotted) and seconds, with an
    /// optional `base`.
    pub(crate) fn parse(document: &Value) -> Result<Self, SandboxError> {
        let based = |name: &Value| match name.as_str() {
            Some("none") => Ok(Self::none()),
            Some("realistic") => Ok(Self::realistic()),
            _ => Err(SandboxError::Invalid(format!(
                "latencies: {name} is neither none nor realistic"
            ))),
        };
        let Some(fields) = document.as_object() else {
            return based(document);
        };
        let mut latencies = fields
            .get("base")
            .map_or_else(|| Ok(Self::realistic()), based)?;
        for (name, value) in fields.iter().filter(|(name, _)| *name != "base") {
            match value.as_object() {
                Some(inner) => {
                    for (last, seconds) in inner {
                        latencies.set(&format!("{name}.{last}"), seconds)?;
                    }
                }
                None => latencies.set(name, value)?,
            }
        }
        Ok(latencies)
    }

    fn set(&mut self, name: &str, seconds: &Value) -> Result<(), SandboxError> {
        let figure = Figure::ALL
            .iter()
            .find(|figure| figure.answers_to(name))
            .ok_or_else(|| SandboxError::Invalid(format!("latencies: there is no {name}")))?;
        let seconds = seconds
            .as_f64()
            .filter(|seconds| (0.0..=86_400.0).contains(seconds))
            .ok_or_else(|| SandboxError::Invalid(format!("latencies: {name} is not in seconds")))?;
        self.0.insert(*figure, seconds);
        Ok(())
    }

    /// How long this takes.
    pub(crate) fn of(&self, figure: Figure) -> Duration {
        Duration::from_secs_f64(self.0.get(&figure).copied().unwrap_or_default())
    }

    /// `{name: seconds}`.
    pub(crate) fn to_json(&self) -> Value {
        self.0
            .iter()
            .map(|(figure, seconds)| (figure.name(), *seconds))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_document_names_every_figure() {
        let document = include_str!("../../../docs/sandbox.md");
        for figure in Figure::ALL {
            let name = figure.name();
            assert!(document.contains(&format!("`{name}`")), "{name}");
        }
    }

    #[test]
    fn a_document_overrides_its_base_and_refuses_what_it_does_not_know() {
        let document = json!({"base": "none", "vercel": {"ready": 3}, "github.generate": 0.5});
        let latencies = Latencies::parse(&document).unwrap();
        assert_eq!(latencies.of(Figure::VercelReady), Duration::from_secs(3));
        assert_eq!(
            latencies.of(Figure::GitHubGenerate),
            Duration::from_millis(500)
        );
        assert_eq!(
            latencies.of(Figure::SupabaseReady),
            Duration::ZERO,
            "left out, base none"
        );
        let short = json!({"Gitea": 0.5, "resend": 0.25, "stripe": 0, "SUPABASE": {"Create": 1}});
        let latencies = Latencies::parse(&short).unwrap();
        assert_eq!(latencies.of(Figure::Gitea), Duration::from_millis(500));
        assert_eq!(latencies.of(Figure::Resend), Duration::from_millis(250));
        assert_eq!(latencies.of(Figure::Stripe), Duration::ZERO);
        let create = latencies.of(Figure::SupabaseCreate);
        assert_eq!(create, Duration::from_secs(1), "in any case");
        assert!(
            Latencies::parse(&json!({"vercel": {"redy": 3}})).is_err(),
            "a typing error is said"
        );
        assert!(
            Latencies::parse(&json!({"read": -1})).is_err(),
            "no negative time"
        );
    }
}
