//! What names lead to. There is no DNS here: a record is there once a control call has put it.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    project::{Project, documents},
    scope::At,
};
use crate::{
    answer::{Answer, json_answer},
    error::SandboxError,
    platform::Core,
};

const KIND: &str = "dns";

/// Records of a name, as the control endpoint takes them.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Records {
    /// It leads to Vercel.
    pub(crate) points: bool,
    /// The record is there that Vercel asked for, to prove whose the domain is.
    pub(crate) challenge: bool,
}

/// Puts a name's records in place of those before. `*.example.com` is for every name below.
pub(crate) fn put(core: &Core, name: &str, records: Records) -> Result<(), SandboxError> {
    documents(core).put(KIND, &name.to_lowercase(), &records)
}

/// A name's records: its own, else those of the wildcard above it.
pub(super) fn records(core: &Core, name: &str) -> Result<Records, SandboxError> {
    let name = name.to_lowercase();
    if let Some(own) = documents(core).get(KIND, &name)? {
        return Ok(own);
    }
    let above = name.split_once('.').map(|(_, rest)| format!("*.{rest}"));
    let above = above.map(|wildcard| documents(core).get(KIND, &wildcard));
    Ok(above.transpose()?.flatten().unwrap_or_default())
}

/// The name of the project that answers at a domain: it is the project's, verified, and leads here.
pub(crate) fn site_at(core: &Core, host: &str) -> Result<Option<String>, SandboxError> {
    if !records(core, host)?.points {
        return Ok(None);
    }
    let answers = |project: &Project| {
        let mut domains = project.domains.iter();
        domains.any(|domain| domain.verified && domain.name.eq_ignore_ascii_case(host))
    };
    let found = documents(core).find("project", answers)?;
    Ok(found.map(|project| project.name))
}

/// `GET /v6/domains/{domain}/config`, `getDomainConfig`.
pub(super) async fn config(at: At) -> Answer {
    let points = records(&at.core, &at.name)?.points;
    let apex = at.name.split('.').count() == 2;
    let configured = points.then_some(if apex { "A" } else { "CNAME" });
    let challenges: &[&str] = if points { &["http-01"] } else { &[] };
    let body: Value = json!({
        "configuredBy": configured,
        "acceptedChallenges": challenges,
        "recommendedIPv4": [{ "rank": 1, "value": ["216.198.79.1"] }],
        "recommendedCNAME": [{ "rank": 1, "value": "sandbox.vercel-dns-017.com." }],
        "misconfigured": !points,
    });
    json_answer(StatusCode::OK, &body)
}
