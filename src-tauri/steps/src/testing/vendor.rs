//! A vendor on this machine that answers from a script.

use std::sync::{Arc, Mutex, OnceLock};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use serde_json::Value;

/// A request that a vendor got.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub method: Method,
    /// With the query.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Value,
}

/// A vendor on this machine that answers by a rule.
#[derive(Clone)]
pub(crate) struct Vendor {
    pub base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    header: Arc<OnceLock<(&'static str, &'static str)>>,
}

type Rule = dyn Fn(&Asked) -> (u16, Value) + Send + Sync;

#[derive(Clone)]
struct Script {
    rule: Arc<Rule>,
    asked: Arc<Mutex<Vec<Asked>>>,
    header: Arc<OnceLock<(&'static str, &'static str)>>,
}

impl Vendor {
    /// Starts it; it ends with the test's runtime.
    pub(crate) async fn start(
        rule: impl Fn(&Asked) -> (u16, Value) + Send + Sync + 'static,
    ) -> Self {
        let asked = Arc::<Mutex<Vec<Asked>>>::default();
        let header = Arc::<OnceLock<_>>::default();
        let script = Script {
            rule: Arc::new(rule),
            asked: Arc::clone(&asked),
            header: Arc::clone(&header),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(script);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            base,
            asked,
            header,
        }
    }

    /// Says this with every answer.
    pub(crate) fn with_header(self, name: &'static str, value: &'static str) -> Self {
        self.header.set((name, value)).unwrap();
        self
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The calls that change something.
    pub(crate) fn changes(&self) -> Vec<Asked> {
        self.asked()
            .into_iter()
            .filter(|asked| asked.method != Method::GET)
            .collect()
    }
}

async fn answer(State(script): State<Script>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = to_bytes(body, usize::MAX).await.unwrap();
    let path = parts.uri.path_and_query().unwrap().to_string();
    let asked = Asked {
        method: parts.method,
        path,
        headers: parts.headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    };
    script.asked.lock().unwrap().push(asked.clone());
    let (status, body) = (script.rule)(&asked);
    let header = script.header.get().map(|header| [*header]);
    (
        StatusCode::from_u16(status).unwrap(),
        header,
        axum::Json(body),
    )
        .into_response()
}
