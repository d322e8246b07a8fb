//! Faults on demand: rules say which calls are struck and how. They end with the process.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use fabrik_domain::provider::Provider;
use serde::{Deserialize, Serialize};

use crate::{error::SandboxError, seeded::Seeded};

/// What is done to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// `status:500`: answered so, and not carried out.
    Status(StatusCode),
    /// `throttle:30s`: answered as the vendor does over its narrowest limit (GitHub: 403, a secondary one),
    /// with so long to wait, and not carried out.
    Throttle(Duration),
    /// `status_after:500`: carried out, and answered so.
    StatusAfter(StatusCode),
    /// `drop_before`: the connection is closed before the change.
    DropBefore,
    /// `drop_after`: the connection is closed once the change is made.
    DropAfter,
    /// `delay:2s`: so much later.
    Delay(Duration),
    /// `garbage`: carried out, and answered with bytes that are no JSON.
    Garbage,
    /// `huge`: carried out, and answered with more than a client should read.
    Huge,
    /// `commit_after:30s`: the connection is closed, the change is made later.
    CommitAfter(Duration),
    /// `stale_list:10s`: lists miss what is younger.
    StaleList(Duration),
}

impl Effect {
    fn parse(text: &str) -> Option<Self> {
        let (name, argument) = text.split_once(':').unwrap_or((text, ""));
        Some(match (name, argument) {
            ("status", code) => Self::Status(code.parse().ok()?),
            ("status_after", code) => Self::StatusAfter(code.parse().ok()?),
            ("throttle", span) => Self::Throttle(duration(span)?),
            ("drop_before", "") => Self::DropBefore,
            ("drop_after", "") => Self::DropAfter,
            ("delay", span) => Self::Delay(duration(span)?),
            ("garbage", "") => Self::Garbage,
            ("huge", "") => Self::Huge,
            ("commit_after", span) => Self::CommitAfter(duration(span)?),
            ("stale_list", span) => Self::StaleList(duration(span)?),
            _ => return None,
        })
    }
}

/// `30s`, `1.5s`, `250ms`, `2m`.
fn duration(text: &str) -> Option<Duration> {
    let split = text.find(|c: char| c.is_ascii_alphabetic())?;
    let number: f64 = text[..split].parse().ok()?;
    let scale = match &text[split..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number * scale).ok()
}

/// A rule, as the control endpoint takes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// Only this vendor's calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    /// Only this method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// Only paths like this, below the vendor's base: `*` is part of one segment, `**` of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The n-th such call alone, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth: Option<u64>,
    /// Every n-th such call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    every: Option<u64>,
    /// Such calls at random, 0.0..=1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<f64>,
    /// What is done.
    r#do: String,
}

struct Armed {
    rule: Rule,
    effect: Effect,
    seen: u64,
    chance: Seeded,
}

/// The rules in force.
pub(crate) struct Faults {
    seed: u64,
    armed: Mutex<Vec<Armed>>,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            armed: Mutex::default(),
        }
    }

    /// Replaces the rules; an empty list takes all faults away.
    pub(crate) fn set(&self, rules: Vec<Rule>) -> Result<usize, SandboxError> {
        let armed: Vec<_> = rules
            .into_iter()
            .enumerate()
            .map(|(number, rule)| self.arm(number, rule))
            .collect::<Result<_, _>>()?;
        let count = armed.len();
        *self.armed.lock().unwrap_or_else(PoisonError::into_inner) = armed;
        Ok(count)
    }

    /// Takes all faults away.
    pub(crate) fn clear(&self) {
        self.armed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// What strikes this call: of the rules that fit, the first that fires; all count it.
    pub(crate) fn strike(
        &self,
        provider: Provider,
        method: &str,
        path: &str,
    ) -> Option<(Effect, String)> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut struck = None;
        for armed in armed
            .iter_mut()
            .filter(|armed| armed.rule.fits(provider, method, path))
        {
            armed.seen += 1;
            let fires = match &armed.rule {
                Rule { nth: Some(nth), .. } => armed.seen == *nth,
                Rule {
                    every: Some(every), ..
                } => armed.seen.is_multiple_of(*every),
                Rule {
                    rate: Some(rate), ..
                } => armed.chance.fraction() < *rate,
                _ => true,
            };
            if fires && struck.is_none() {
                struck = Some((armed.effect, armed.rule.r#do.clone()));
            }
        }
        struck
    }

    fn arm(&self, number: usize, rule: Rule) -> Result<Armed, SandboxError> {
        let invalid =
            |what: &str| SandboxError::Invalid(format!("fault rule {}: {what}", number + 1));
        let effect = Effect::parse(&rule.r#do)
            .ok_or_else(|| invalid(&format!("there is no effect {:?}", rule.r#do)))?;
        if rule
            .provider
            .as_deref()
            .is_some_and(|key| Provider::from_key(key).is_none())
        {
            return Err(invalid("there is no such provider"));
        }
        if rule.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return Err(invalid("rate is from 0 to 1"));
        }
        if rule.nth == Some(0) || rule.every == Some(0) {
            return Err(invalid("nth and every begin at 1"));
        }
        if [
            rule.nth.is_some(),
            rule.every.is_some(),
            rule.rate.is_some(),
        ]
        .iter()
        .filter(|set| **set)
        .count()
            > 1
        {
            return Err(invalid("nth, every and rate exclude each other"));
        }
        let chance = Seeded::new(self.seed, &format!("fault/{number}"));
        Ok(Armed {
            rule,
            effect,
            seen: 0,
            chance,
        })
    }
}

impl Rule {
    fn fits(&self, provider: Provider, method: &str, path: &str) -> bool {
        self.provider
            .as_deref()
            .is_none_or(|key| key.eq_ignore_ascii_case(provider.key()))
            && self
                .method
                .as_deref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self
                .path
                .as_deref()
                .is_none_or(|pattern| glob(pattern.as_bytes(), path.as_bytes()))
    }
}

/// `*` stands for any characters but `/`, `**` for any at all.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|skip| glob(rest, &text[skip..])),
        [b'*', rest @ ..] => {
            let segment = text
                .iter()
                .position(|byte| *byte == b'/')
                .unwrap_or(text.len());
            (0..=segment).any(|skip| glob(rest, &text[skip..]))
        }
        [byte, rest @ ..] => text.first() == Some(byte) && glob(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::*;

    fn strikes(rule: serde_json::Value, path: &str, calls: usize) -> Vec<usize> {
        let faults = Faults::new(1);
        faults.set(vec![from_value(rule).unwrap()]).unwrap();
        let struck = |_: &usize| faults.strike(Provider::GitHub, "POST", path).is_some();
        (1..=calls).filter(struck).collect()
    }

    #[test]
    fn rules_count_the_calls_that_fit() {
        let path = "/repos/a/b/generate";
        let rule = |extra: serde_json::Value| {
            let mut rule =
                json!({"provider": "github", "path": "/repos/*/*/generate", "do": "drop_after"});
            rule.as_object_mut()
                .unwrap()
                .extend(extra.as_object().unwrap().clone());
            rule
        };
        assert_eq!(strikes(rule(json!({"nth": 2})), path, 5), [2]);
        assert_eq!(strikes(rule(json!({"every": 2})), path, 5), [2, 4]);
        assert_eq!(strikes(rule(json!({})), path, 2), [1, 2]);
        assert_eq!(strikes(rule(json!({"method": "GET"})), path, 2), [0; 0]);
        assert_eq!(
            strikes(rule(json!({})), "/repos/a/b/c/generate", 2),
            [0; 0],
            "one segment each"
        );
        let some = strikes(rule(json!({"rate": 0.5})), path, 100).len();
        assert!(
            (20..80).contains(&some),
            "about half of a hundred, not {some}"
        );
    }

    #[test]
    fn a_rule_that_says_nothing_known_is_refused() {
        for rule in [
            json!({"do": "explode"}),
            json!({"do": "delay:soon"}),
            json!({"do": "status:9"}),
            json!({"do": "garbage", "nth": 0}),
            json!({"do": "garbage", "nth": 1, "every": 1}),
            json!({"do": "garbage", "provider": "aws"}),
        ] {
            let refused = Faults::new(1).set(vec![from_value(rule.clone()).unwrap()]);
            assert!(refused.is_err(), "{rule} must be refused");
        }
    }
}
