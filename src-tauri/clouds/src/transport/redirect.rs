//! Redirects, for reads alone, and never with a secret to another origin.
//!
//! A mutating call's redirect is handed back as it is: repeating the call elsewhere could do it twice.

use bytes::Bytes;
use fabrik_domain::setting::check_base_url;
use http::{HeaderMap, Method, Request, Response, Uri, header};
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};
use url::{Origin, Url};

use super::{Transport, TransportError};
use crate::base_url::is_local;

/// More than any vendor needs.
const HOPS: usize = 5;

/// Follows redirects of GET and HEAD, [`HOPS`] at most.
///
/// To another origin the request goes without `Authorization`, `Cookie` and every header marked
/// sensitive. From https to http, or from the network into this machine, it does not go at all.
pub(super) fn followed(inner: Transport) -> Transport {
    BoxCloneSyncService::new(service_fn(move |request: Request<Bytes>| {
        follow(inner.clone(), request)
    }))
}

async fn follow(
    inner: Transport,
    mut request: Request<Bytes>,
) -> Result<Response<Bytes>, TransportError> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return inner.oneshot(request).await;
    }
    for _ in 0..=HOPS {
        let mut next = request.clone();
        let response = inner.clone().oneshot(request).await?;
        let Some(location) = location(&response) else {
            return Ok(response);
        };
        let from = parse(&next.uri().to_string())?;
        let to = from
            .join(location)
            .map_err(|_| TransportError::RedirectRefused)?;
        if !may_go(&from, &to) {
            return Err(TransportError::RedirectRefused);
        }
        if !same(&from.origin(), &to.origin()) {
            strip_secrets(next.headers_mut());
        }
        let mut to = to;
        to.set_fragment(None);
        *next.uri_mut() = to
            .as_str()
            .parse::<Uri>()
            .map_err(|_| TransportError::RedirectRefused)?;
        request = next;
    }
    Err(TransportError::RedirectRefused)
}

fn location(response: &Response<Bytes>) -> Option<&str> {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
        .then(|| response.headers().get(header::LOCATION)?.to_str().ok())
        .flatten()
}

fn parse(uri: &str) -> Result<Url, TransportError> {
    Url::parse(uri).map_err(|_| TransportError::RedirectRefused)
}

/// Whether anything may be asked there at all, with or without a token.
fn may_go(from: &Url, to: &Url) -> bool {
    let downgraded = from.scheme() == "https" && to.scheme() != "https";
    let inwards = is_local(to) && !is_local(from);
    check_base_url(to.as_str()).is_ok() && !downgraded && !inwards
}

/// Opaque origins equal nothing, themselves included.
fn same(one: &Origin, other: &Origin) -> bool {
    one.is_tuple() && one == other
}

fn strip_secrets(headers: &mut HeaderMap) {
    let secret: Vec<_> = headers
        .iter()
        .filter(|(name, value)| {
            value.is_sensitive()
                || [
                    header::AUTHORIZATION,
                    header::COOKIE,
                    header::PROXY_AUTHORIZATION,
                ]
                .contains(name)
        })
        .map(|(name, _)| name.clone())
        .collect();
    for name in secret {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_request_goes_downhill_or_inwards() {
        let may = |from: &str, to: &str| may_go(&parse(from).unwrap(), &parse(to).unwrap());
        assert!(may("https://a.se/x", "https://b.se/y"));
        assert!(may("http://127.0.0.1:1/x", "http://127.0.0.1:2/y"));
        assert!(may("http://127.0.0.1:1/x", "https://a.se/y"));
        for (from, to) in [
            ("https://a.se", "http://a.se"),
            ("https://127.0.0.1", "http://127.0.0.1"),
            ("https://a.se", "https://localhost"),
            ("https://a.se", "http://127.0.0.1:80"),
            ("https://a.se", "https://[::1]/"),
            ("http://127.0.0.1", "http://a.se"),
            ("https://a.se", "https://user:password@b.se"),
            ("https://a.se", "ftp://b.se"),
            ("https://a.se", "file:///etc/passwd"),
            ("https://a.se", "data:text/plain,x"),
        ] {
            assert!(!may(from, to), "{from} to {to}");
        }
    }
}
