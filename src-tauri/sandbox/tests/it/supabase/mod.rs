//! Supabase as a client meets it: over HTTP, through the whole server.

mod auth;
mod management;
mod rest;
mod secrets;

use std::path::Path;

use reqwest::{Method, RequestBuilder, redirect::Policy};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{sync::oneshot, task::JoinHandle};

use crate::openapi;
use fabrik_sandbox::{LatencyChoice, ORGANIZATION, Options, SandboxError, serve};

/// A sandbox that serves, and a client of it.
struct Stage {
    base: String,
    token: String,
    client: reqwest::Client,
    stop: oneshot::Sender<()>,
    running: JoinHandle<Result<(), SandboxError>>,
}

/// A project that is ready, with its keys.
struct Ready {
    reference: String,
    publishable: String,
    secret: String,
    anon: String,
    service: String,
}

impl Stage {
    async fn new() -> (Self, TempDir) {
        let data = tempfile::tempdir().unwrap();
        (Self::at(data.path()).await, data)
    }

    async fn at(data: &Path) -> Self {
        let options = Options {
            latency: LatencyChoice::None,
            seed: Some(7),
            ..Options::new(data)
        };
        let sandbox = serve(options).await.unwrap();
        let environment = &sandbox.ready()["environment"];
        let base = environment["FABRIK_SUPABASE_URL"].as_str().unwrap();
        let token = environment["FABRIK_SECRET_SUPABASE"]
            .as_str()
            .unwrap()
            .to_owned();
        let base = base.strip_suffix("/supabase").unwrap().to_owned();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(sandbox.run(async {
            let _ = stopped.await;
        }));
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .build()
            .unwrap();
        Self {
            base,
            token,
            client,
            stop,
            running,
        }
    }

    async fn stop(self) {
        drop(self.client);
        self.stop.send(()).unwrap();
        self.running.await.unwrap().unwrap();
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// A call to the Management API.
    fn management(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, &format!("/supabase/v1{path}"))
            .bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.management(Method::GET, path)).await
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        answer(self.management(Method::POST, path).json(&body)).await
    }

    async fn sql(&self, project: &Ready, sql: &str) -> (u16, Value) {
        let path = format!("/projects/{}/database/query", project.reference);
        self.post(&path, json!({ "query": sql })).await
    }

    async fn control(&self, what: &str, body: Value) {
        let call = self
            .request(Method::POST, &format!("/_sandbox/{what}"))
            .json(&body);
        let (status, answer) = answer(call).await;
        assert!((200..300).contains(&status), "{what}: {status} {answer}");
    }

    async fn create(&self, name: &str) -> (u16, Value) {
        let body = json!({
            "name": name,
            "organization_slug": ORGANIZATION,
            "db_pass": "canary-database-password",
            "region_selection": { "type": "specific", "code": "eu-central-1" },
        });
        self.post("/projects", body).await
    }

    async fn project(&self, name: &str) -> Ready {
        let (status, project) = self.create(name).await;
        assert_eq!(status, 201, "{project}");
        self.keys(project["ref"].as_str().unwrap()).await
    }

    async fn keys(&self, reference: &str) -> Ready {
        let (_, keys) = self
            .get(&format!("/projects/{reference}/api-keys?reveal=true"))
            .await;
        let key = |kind: &str, name: &str| {
            let keys = keys.as_array().unwrap();
            let found = keys
                .iter()
                .find(|key| key["type"] == kind && key["name"] == name);
            found.unwrap()["api_key"].as_str().unwrap().to_owned()
        };
        Ready {
            reference: reference.to_owned(),
            publishable: key("publishable", "default"),
            secret: key("secret", "default"),
            anon: key("legacy", "anon"),
            service: key("legacy", "service_role"),
        }
    }

    /// A call to a project's own API with one of its keys.
    fn gateway(&self, project: &Ready, key: &str, method: Method, path: &str) -> RequestBuilder {
        let path = format!("/_projects/{}{path}", project.reference);
        self.request(method, &path).header("apikey", key)
    }

    /// A call to the project's Auth by its own server.
    async fn admin(
        &self,
        project: &Ready,
        method: Method,
        path: &str,
        body: Value,
    ) -> (u16, Value) {
        let call = self.gateway(project, &project.secret, method, &format!("/auth/v1{path}"));
        answer(call.json(&body)).await
    }

    async fn sign_in(&self, project: &Ready, email: &str, password: &str) -> (u16, Value) {
        let path = "/auth/v1/token?grant_type=password";
        let call = self.gateway(project, &project.publishable, Method::POST, path);
        answer(call.json(&json!({ "email": email, "password": password }))).await
    }
}

/// Status and JSON body of an answer (`null` where there is none). What succeeds is held against the
/// vendor's document.
async fn answer(call: RequestBuilder) -> (u16, Value) {
    let (client, request) = call.build_split();
    let request = request.unwrap();
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let answer = client.execute(request).await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    if (200..300).contains(&status) {
        if let Some(path) = path.strip_prefix("/supabase") {
            openapi::check("supabase-management", &method, path, status, &body);
        } else if let Some((_, path)) = path.split_once("/auth/v1") {
            openapi::check("supabase-auth", &method, path, status, &body);
        }
    }
    (status, body)
}
