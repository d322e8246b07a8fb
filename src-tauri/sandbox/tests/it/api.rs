//! A sandbox of a test, and a client of each vendor that checks every answer against the vendor's
//! document.

use std::{path::Path, time::Duration};

use fabrik_sandbox::{LatencyChoice, Options, Sandbox, SandboxError, serve};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::openapi;

/// A running sandbox.
pub(crate) struct Cloud {
    pub(crate) environment: Value,
    pub(crate) control: String,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<Result<(), SandboxError>>,
}

impl Cloud {
    /// Without latencies, on a folder that is given.
    pub(crate) async fn on(folder: &Path) -> Self {
        let options = Options {
            latency: LatencyChoice::None,
            seed: Some(7),
            ..Options::new(folder)
        };
        Self::with(options).await
    }

    /// With these options.
    pub(crate) async fn with(options: Options) -> Self {
        let sandbox: Sandbox = serve(options).await.expect("the sandbox starts");
        let ready = sandbox.ready().clone();
        assert_eq!(ready["ready"], true);
        let (stop, stopped) = oneshot::channel();
        let ended = tokio::spawn(sandbox.run(async move {
            let _ = stopped.await;
        }));
        Self {
            environment: ready["environment"].clone(),
            control: ready["control"].as_str().unwrap().to_owned(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            stop: Some(stop),
            ended,
        }
    }

    /// Stops it and waits until it has closed everything.
    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.ended().await;
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(self) {
        tokio::time::timeout(Duration::from_mins(1), self.ended)
            .await
            .expect("it ends")
            .unwrap()
            .unwrap();
    }

    /// A value of its environment.
    pub(crate) fn variable(&self, name: &str) -> String {
        self.environment[name]
            .as_str()
            .unwrap_or_else(|| panic!("{name} is in the environment"))
            .to_owned()
    }

    /// A client of this vendor, with the token of the environment.
    pub(crate) fn vendor(&self, name: &'static str) -> Api {
        let upper = name.to_uppercase();
        Api {
            vendor: name,
            base: self.variable(&format!("FABRIK_{upper}_URL")),
            token: self.variable(&format!("FABRIK_SECRET_{upper}")),
            client: reqwest::Client::builder()
                .no_proxy()
                .user_agent("fabrik-test")
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .unwrap(),
        }
    }

    /// `GET` below the control endpoint.
    pub(crate) async fn look(&self, path: &str) -> Value {
        let answer = self
            .client
            .get(format!("{}/{path}", self.control))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "GET {path}");
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// `POST` below the control endpoint; what it answers.
    pub(crate) async fn steer(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.try_to_steer(path, body).await;
        assert!(status.is_success(), "POST {path}: {status} {answer}");
        answer
    }

    /// As [`steer`](Self::steer), where it may be refused.
    pub(crate) async fn try_to_steer(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let answer = self
            .client
            .post(format!("{}/{path}", self.control))
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        let status = answer.status();
        let body = answer.bytes().await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

/// A folder and the sandbox on it.
pub(crate) async fn cloud() -> (TempDir, Cloud) {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::on(folder.path()).await;
    (folder, cloud)
}

/// A vendor's client.
#[derive(Clone)]
pub(crate) struct Api {
    vendor: &'static str,
    pub(crate) base: String,
    pub(crate) token: String,
    client: reqwest::Client,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Api {
    /// The same with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: token.to_owned(),
            ..self.clone()
        }
    }

    /// The call; an error where the connection was cut.
    pub(crate) async fn attempt(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        extra: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.base))
            .bearer_auth(&self.token);
        for (name, value) in extra {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_string());
        }
        let answer = request.send().await?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let bytes = answer.bytes().await?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        if status.is_success() {
            openapi::check(self.vendor, &method, path, status.as_u16(), &body);
        }
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    /// The call, answered with this status; the body.
    pub(crate) async fn expect(
        &self,
        status: u16,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Value {
        let answer = self
            .attempt(method.clone(), path, body, &[])
            .await
            .expect("an answer");
        assert_eq!(
            answer.status.as_u16(),
            status,
            "{method} {path}: {}",
            answer.body
        );
        answer.body
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.expect(200, Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, status: u16, path: &str, body: Value) -> Value {
        self.expect(status, Method::POST, path, Some(&body)).await
    }
}

/// A repository made from the template.
pub(crate) async fn repository(cloud: &Cloud, name: &str) -> Value {
    let body = json!({ "name": name, "owner": cloud.variable("FABRIK_GITHUB_OWNER"), "private": true,
                       "description": "fabrik:test:customer" });
    let template = cloud.variable("FABRIK_GITHUB_TEMPLATE");
    cloud
        .vendor("github")
        .post(201, &format!("/repos/{template}/generate"), body)
        .await
}
