//! What the vendors have and saw, as the checks ask for it.

use std::collections::BTreeSet;

use fabrik_domain::{customer::Customer, resource::Resource};
use serde_json::Value;

use super::World;

/// A request as the vendors saw it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    pub(crate) provider: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) status: Option<u16>,
}

impl World {
    pub(crate) async fn rows(&self, customer: &Customer) -> Vec<Resource> {
        self.store.resources(customer.id).await.unwrap()
    }

    /// The vendors' resources that cost something: kind and id.
    pub(crate) fn census(&self) -> BTreeSet<(String, String)> {
        let mut census = BTreeSet::new();
        for ((provider, kind, id), document) in self.cloud.documents() {
            let costs = matches!(
                (provider.as_str(), kind.as_str()),
                ("supabase" | "vercel", "project")
                    | ("github", "repository")
                    | ("n8n", "workflow" | "credential")
            );
            if !costs {
                continue;
            }
            census.insert((format!("{provider} {kind}"), id));
            for domain in document["domains"].as_array().into_iter().flatten() {
                let name = domain["name"].as_str().unwrap_or_default();
                census.insert(("vercel domain".to_owned(), name.to_owned()));
            }
        }
        census
    }

    pub(crate) fn mails(&self) -> Vec<Value> {
        let mails = self.cloud.mails().unwrap();
        mails["mails"].as_array().cloned().unwrap_or_default()
    }

    /// The requests so far, in order.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let calls = self.cloud.calls();
        let text = |call: &Value, name: &str| call[name].as_str().unwrap_or_default().to_owned();
        calls["calls"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|call| Seen {
                provider: text(call, "provider"),
                method: text(call, "method"),
                path: text(call, "path"),
                status: call["status"]
                    .as_u64()
                    .and_then(|status| status.try_into().ok()),
            })
            .collect()
    }

    /// The newest requests that were not answered well, for messages.
    pub(super) fn refusals(&self) -> Vec<String> {
        let seen = self.seen();
        let refused = seen
            .iter()
            .rev()
            .filter(|seen| seen.status.is_none_or(|status| status >= 400));
        refused
            .take(8)
            .map(|seen| format!("{} {} {:?}", seen.method, seen.path, seen.status))
            .collect()
    }
}

/// A Vercel project's variables, in order: key, type and targets of each, and its value where that is wanted.
pub(crate) fn variables(project: &Value, values: bool) -> Vec<String> {
    let all = project["variables"].as_array().into_iter().flatten();
    let mut variables: Vec<_> = all
        .map(|one| {
            let value = if values { &one["value"] } else { &Value::Null };
            format!("{} {} {} {value}", one["key"], one["type"], one["targets"])
        })
        .collect();
    variables.sort_unstable();
    variables
}
