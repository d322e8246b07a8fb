//! How Gitea says no: `{"message", "url"}`, and no limits of its own.

use bytes::Bytes;
use fabrik_domain::provider::Provider;
use http::HeaderMap;
use serde::Deserialize;

use crate::{Dialect, Reset, Words};

#[derive(Clone, Copy, Debug)]
pub(super) struct GiteaDialect;

#[derive(Deserialize)]
struct Body {
    message: Option<String>,
}

impl Dialect for GiteaDialect {
    fn provider(&self) -> Provider {
        Provider::Gitea
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
}
