//! The id that a vendor puts on each of its answers, by which its support finds the request.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use fabrik_domain::provider::Provider;

use crate::seeded::Seeded;

/// Puts an id on an answer, in the vendor's own shape. What an agency hosts itself gives none, nor does Resend.
pub(crate) fn put(provider: Provider, mut drawn: Seeded, headers: &mut HeaderMap) {
    let (name, id) = match provider {
        Provider::Supabase => ("sb-request-id", drawn.uuid()),
        Provider::GitHub => {
            let digits = drawn.text("0123456789ABCDEF", 20);
            let (first, rest) = digits.split_at(4);
            ("x-github-request-id", format!("{first}:{rest}"))
        }
        Provider::Vercel => {
            let (host, request) = (drawn.letters(5), drawn.hex(12));
            ("x-vercel-id", format!("arn1::{host}-{request}"))
        }
        Provider::Stripe => ("request-id", format!("req_{}", drawn.alphanumeric(14))),
        Provider::N8n | Provider::Gitea | Provider::Resend => return,
    };
    // All of it is ASCII: none is left out.
    if let Ok(id) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static(name), id);
    }
}
