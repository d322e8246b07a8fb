//! How n8n says no: `{"message"}`, and no limits of its own.

use bytes::Bytes;
use fabrik_domain::provider::Provider;
use http::HeaderMap;
use serde::Deserialize;

use crate::{Dialect, Reset, Words};

#[derive(Clone, Copy, Debug)]
pub(super) struct N8nDialect;

#[derive(Deserialize)]
struct Body {
    message: Option<String>,
}

impl Dialect for N8nDialect {
    fn provider(&self) -> Provider {
        Provider::N8n
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
