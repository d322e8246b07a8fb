//! The real transport. What is deliberately not here: redirects, retries and the total timeout, which
//! are the layers' and the engine's.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use bytes::Bytes;
use fabrik_domain::{Cause, Problem, setting::is_loopback};
use http::{Request, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tower::{service_fn, util::BoxCloneSyncService};

use super::{BODY_CAP, Transport, TransportError};

/// A server that does not take the connection by then won't.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Shorter than the vendors' own keep-alive, so that no request is written to a connection that the
/// server is about to close: its outcome would be unknown for nothing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Where `localhost` is, whatever the hosts file or DNS says: it counts as this machine, and takes a token unencrypted. The
/// port is the URL's own.
const LOCALHOST: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// The transport over the network: pooled connections, rustls, `User-Agent: Fabrik/<version>`.
///
/// Requests to this machine never pass a proxy; others follow the system's settings.
pub fn network() -> Result<Transport, Problem> {
    let direct = client(reqwest::Client::builder().no_proxy())?;
    let proxied = client(reqwest::Client::builder())?;
    Ok(BoxCloneSyncService::new(service_fn(
        move |request: Request<Bytes>| {
            let local = request
                .uri()
                .authority()
                .is_some_and(|a| is_loopback(a.as_str()));
            let client = if local {
                direct.clone()
            } else {
                proxied.clone()
            };
            exchange(client, request)
        },
    )))
}

fn client(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, Problem> {
    builder
        .user_agent(concat!("Fabrik/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .referer(false)
        .resolve_to_addrs("localhost", &LOCALHOST)
        .build()
        .map_err(|error| Problem::from(Cause::Internal).detail(words(&error.without_url())))
}

async fn exchange(
    client: reqwest::Client,
    request: Request<Bytes>,
) -> Result<Response<Bytes>, TransportError> {
    let request = reqwest::Request::try_from(request)
        .map_err(|error| TransportError::NotSent(words(&error.without_url())))?;
    let response = client.execute(request).await.map_err(|error| {
        let never_left = error.is_connect() || error.is_builder();
        let words = words(&error.without_url());
        if never_left {
            TransportError::NotSent(words)
        } else {
            TransportError::Cut(words)
        }
    })?;
    let (parts, body) = Response::<reqwest::Body>::from(response).into_parts();
    let body = Limited::new(body, BODY_CAP)
        .collect()
        .await
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                TransportError::TooLarge
            } else {
                TransportError::Cut(words(error.as_ref()))
            }
        })?;
    Ok(Response::from_parts(parts, body.to_bytes()))
}

/// The error and its sources in one line: the outer ones only say that something failed.
fn words(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        source = inner.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{Router, routing::get};
    use fabrik_tests::Proof;
    use reqwest::dns::{Addrs, Name, Resolve, Resolving};

    use super::*;
    use crate::testing::serve;

    /// A hosts file that has another address for every name.
    struct Elsewhere;

    impl Resolve for Elsewhere {
        fn resolve(&self, _: Name) -> Resolving {
            // Kept for documentation: nobody is there.
            let addrs: Addrs = Box::new([SocketAddr::from(([192, 0, 2, 1], 0))].into_iter());
            Box::pin(async { Ok(addrs) })
        }
    }

    #[tokio::test]
    async fn localhost_is_this_machine_whatever_a_hosts_file_says() {
        let proof = Proof::of("S10", "localhost, which a hosts file has elsewhere");
        let base = serve(Router::new().route("/", get(|| async { "here" }))).await;
        let builder = reqwest::Client::builder().dns_resolver(Arc::new(Elsewhere));
        let client = client(builder.no_proxy()).unwrap();
        let port = base.as_url().port().unwrap();
        for host in ["localhost", "LOCALHOST"] {
            let request = Request::get(format!("http://{host}:{port}/"));
            let answer = exchange(client.clone(), request.body(Bytes::new()).unwrap()).await;
            assert_eq!(answer.unwrap().body(), "here", "{host}");
            proof.held(1);
        }
    }
}
