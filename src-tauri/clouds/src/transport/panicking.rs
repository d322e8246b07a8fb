//! A crash in the middle of a run, for the tests: a call panics once its answer has come. Not in a release.

use bytes::Bytes;
use http::Request;
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};

use super::Transport;

/// Panics once a call has come back whose path has this in it. It says what a careless line of ours would have at hand
/// to say: the headers are printed as they print themselves.
pub(super) fn panicking(inner: Transport, path: String) -> Transport {
    BoxCloneSyncService::new(service_fn(move |request: Request<Bytes>| {
        let (inner, path) = (inner.clone(), path.clone());
        async move {
            if !request.uri().path().contains(&path) {
                return inner.oneshot(request).await;
            }
            let (method, called) = (request.method().clone(), request.uri().path().to_owned());
            let headers = request.headers().clone();
            let answer = inner.oneshot(request).await;
            let status = answer.map(|answer| answer.status());
            panic!("asked for by a test: {method} {called} {headers:?} → {status:?}");
        }
    }))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use fabrik_domain::secret::Secret;
    use http::HeaderMap;
    use tokio::net::TcpListener;

    use super::*;
    use crate::{
        Http, Scheme,
        testing::{TOKEN, clock},
    };

    #[tokio::test]
    async fn only_the_call_that_is_named_panics_and_its_text_has_no_token() {
        let router = Router::new().fallback(async || "fine");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let http = Http::over_network(clock())
            .unwrap()
            .panicking_at("/auth/v1/".to_owned());
        let call = |path: &str| {
            let mut headers = HeaderMap::new();
            let token = Secret::from(TOKEN);
            Scheme::Bearer.apply(&token, &mut headers).unwrap();
            let mut request = Request::new(Bytes::new());
            *request.uri_mut() = format!("http://{address}{path}").parse().unwrap();
            *request.headers_mut() = headers;
            let http = http.clone();
            tokio::spawn(async move { http.send(request).await.map(|answer| answer.status()) })
        };
        let fine = call("/rest/v1/contacts").await.unwrap();
        assert_eq!(fine.unwrap().as_u16(), 200);
        let panicked = call("/auth/v1/token").await.unwrap_err().into_panic();
        let said = panicked.downcast::<String>().unwrap();
        assert!(
            said.contains("authorization") && said.contains("/auth/v1/token"),
            "{said}"
        );
        assert!(!said.contains(TOKEN), "{said}");
    }
}
