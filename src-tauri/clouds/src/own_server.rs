//! What n8n and Gitea have alike, as servers of the agency's own: how they say no, `{"message", …}`, no limits of
//! theirs in numbers, and where their API is.

use bytes::Bytes;
use fabrik_domain::provider::Provider;
use http::{HeaderMap, Request};
use serde::Deserialize;

use crate::{Call, Count, Dialect, Reset, Words};

/// The dialect of a server that runs this.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OwnServer(pub(crate) Provider);

#[derive(Deserialize)]
struct Body {
    message: Option<String>,
}

impl Dialect for OwnServer {
    fn provider(&self) -> Provider {
        self.0
    }

    fn words(&self, _: &HeaderMap, body: &Bytes) -> Words {
        let body = serde_json::from_slice::<Body>(body);
        Words {
            code: None,
            message: body.ok().and_then(|body| body.message),
        }
    }

    /// A proxy before it may count.
    fn reset(&self) -> Reset {
        Reset::FromNow("ratelimit-reset")
    }

    /// Whatever refuses one call of it refuses all: every customer's waits for the one that tries.
    fn counts(&self, _: Call, _: &Request<Bytes>) -> Vec<Count> {
        vec![Count {
            class: "server".to_owned(),
            limits: &[],
            units: 1,
            told: false,
        }]
    }
}

/// A path below the API's root.
pub(crate) fn api<'s>(path: impl IntoIterator<Item = &'s str>) -> impl Iterator<Item = &'s str> {
    ["api", "v1"].into_iter().chain(path)
}
