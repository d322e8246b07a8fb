//! A vendor's API, called by the test itself.

use reqwest::Method;
use serde_json::Value;

use super::cloud::client;

/// An API below a base URL.
pub(crate) struct Vendor {
    base: String,
    key: Option<String>,
    bearer: Option<String>,
    http: reqwest::Client,
}

impl Vendor {
    /// An API that asks for a bearer token.
    pub(crate) fn new(base: &str, token: &str) -> Self {
        Self {
            base: base.to_owned(),
            key: None,
            bearer: Some(token.to_owned()),
            http: client(),
        }
    }

    /// Something that asks for nothing.
    pub(crate) fn open(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            key: None,
            bearer: None,
            http: client(),
        }
    }

    /// A Supabase project, with one of its keys.
    pub(crate) fn project(base: &str, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..Self::open(base)
        }
    }

    /// The same for somebody who is signed in.
    pub(crate) fn signed_in(&self, session: &str) -> Self {
        let (base, key) = (self.base.clone(), self.key.clone());
        Self {
            key,
            ..Self::new(&base, session)
        }
    }

    /// Calls it; the body may be `Null` for none.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(key) = &self.key {
            request = request.header("apikey", key);
        }
        if let Some(bearer) = &self.bearer {
            request = request.bearer_auth(bearer);
        }
        if !body.is_null() {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// Reads.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, &Value::Null).await;
        assert_eq!(status, 200, "GET {path}: {body}");
        body
    }

    /// Creates.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call(Method::POST, path, body).await;
        assert!(
            (200..300).contains(&status),
            "POST {path}: {status} {answer}"
        );
        answer
    }
}
