//! The sandbox's n8n and Gitea as functions, under time that jumps, and what is there.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use fabrik_clouds::{Http, Transport, TransportError};
use fabrik_domain::{ports::Clock, run::Run};
use fabrik_sandbox::{Cut, LatencyChoice, Simulation, SimulationOptions};
use fabrik_store::Store;
use http::{HeaderValue, Request, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::world::World;

/// tokio's paused time.
struct SimulatedClock(Instant);

#[async_trait]
impl Clock for SimulatedClock {
    fn now(&self) -> Timestamp {
        let start = Timestamp::from_second(1_795_000_000).unwrap();
        start + SignedDuration::try_from(self.0.elapsed()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// What came on top of what was there.
pub(crate) struct Came {
    pub(crate) workflows: Vec<Value>,
    pub(crate) credentials: Vec<Value>,
}

pub(crate) struct Cloud {
    pub(crate) simulation: Simulation,
    pub(crate) world: World,
}

impl Cloud {
    pub(crate) async fn new() -> Self {
        let clock = Arc::new(SimulatedClock(Instant::now()));
        let simulation = Simulation::new(SimulationOptions {
            clock: clock.clone(),
            seed: 7,
            latency: LatencyChoice::None,
            limits: false,
        })
        .unwrap();
        let http = Http::new(transport(&simulation), clock.clone());
        let world = World::new(http, clock, &simulation.environment()).await;
        Self { simulation, world }
    }

    /// The token that the sandbox has made up.
    pub(crate) fn token(&self, provider: &str) -> String {
        let environment = self.simulation.environment();
        let token = environment[format!("FABRIK_SECRET_{provider}")].as_str();
        token.unwrap().to_owned()
    }

    /// Everything that both vendors have.
    pub(crate) fn state(&self) -> Value {
        let state = self.simulation.state();
        json!({ "n8n": state["resources"]["n8n"], "gitea": state["resources"]["gitea"] })
    }

    /// Nothing that was there is any different, to the byte.
    pub(crate) fn assert_untouched(&self, before: &Value, when: &str) {
        let now = self.state();
        for vendor in ["n8n", "gitea"] {
            for (kind, documents) in before[vendor].as_object().into_iter().flatten() {
                for (id, document) in documents.as_object().unwrap() {
                    assert_eq!(
                        &now[vendor][kind][id], document,
                        "{when}: {vendor} {kind} {id}"
                    );
                }
            }
        }
    }

    pub(crate) fn came(&self, before: &Value) -> Came {
        let now = self.state();
        let came = |kind: &str| {
            let documents = now["n8n"][kind].as_object().into_iter().flatten();
            let new = documents.filter(|(id, _)| before["n8n"][kind][id.as_str()].is_null());
            new.map(|(_, document)| document.clone()).collect()
        };
        Came {
            workflows: came("workflow"),
            credentials: came("credential"),
        }
    }

    /// A call by somebody else: status and body.
    pub(crate) async fn call(&self, method: &str, url: &str, body: &str) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(
                header::AUTHORIZATION,
                format!("token {}", self.token("GITEA")),
            )
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_owned()))
            .unwrap();
        let answer = self.simulation.call(request).await.unwrap();
        let status = answer.status().as_u16();
        (
            status,
            serde_json::from_slice(answer.body()).unwrap_or_default(),
        )
    }

    /// The commits of the one repository, folded: path to blob.
    fn tree(&self) -> Vec<(String, String)> {
        let state = self.state();
        let mut commits: Vec<_> = state["gitea"]["commit"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, commit)| commit.clone())
            .collect();
        commits.sort_by_key(|commit| commit["number"].as_u64());
        let mut tree = std::collections::BTreeMap::new();
        for commit in &commits {
            for (path, blob) in commit["changes"].as_object().unwrap() {
                if let Some(sha) = blob.as_str() {
                    tree.insert(path.clone(), format!("{}/{sha}", commit["repository"]));
                } else {
                    tree.remove(path);
                }
            }
        }
        tree.into_iter().collect()
    }

    /// The files in a folder.
    pub(crate) fn files(&self, folder: &str) -> Vec<String> {
        let paths = self.tree().into_iter().map(|(path, _)| path);
        paths
            .filter(|path| path.starts_with(&format!("{folder}/")))
            .collect()
    }

    pub(crate) fn file(&self, path: &str) -> Option<String> {
        let tree = self.tree();
        let (_, blob) = tree.iter().find(|(one, _)| one == path)?;
        let state = self.state();
        let content = state["gitea"]["blob"][blob]["content"].as_str()?.to_owned();
        Some(String::from_utf8(STANDARD.decode(content).unwrap()).unwrap())
    }

    /// A commit by somebody else.
    pub(crate) async fn commit(&self, path: &str, content: &str) {
        let base = self.simulation.environment()["FABRIK_GITEA_URL"]
            .as_str()
            .unwrap()
            .to_owned();
        let contents = format!("{base}/api/v1/repos/ops-hub/client-backups/contents");
        let (_, there) = self.call("GET", &format!("{contents}/{path}"), "").await;
        let mut file =
            json!({ "path": path, "content": STANDARD.encode(content), "operation": "create" });
        if let Some(sha) = there["sha"].as_str() {
            file["operation"] = json!("update");
            file["sha"] = json!(sha);
        }
        let body = json!({ "branch": "main", "message": "By hand", "files": [file] });
        let (status, answer) = self.call("POST", &contents, &body.to_string()).await;
        assert_eq!(status, 201, "{answer}");
    }

    /// The nth call from now on that changes something is struck.
    pub(crate) fn strike(&self, nth: usize, fault: &str) {
        let rule = json!([{ "method": "POST", "path": "/**", "nth": nth, "do": fault }]);
        self.simulation.faults(rule).unwrap();
    }

    /// What the next start does about a run whose process is gone: on, or back.
    pub(crate) async fn taken_on(&self, run: Run, back: bool) -> Run {
        let engine = self.world.engine("last");
        let store = &self.world.store;
        if let Some(lease) = store.lease(run.id).await.unwrap() {
            let marked = engine
                .mark_interrupted(run.id, Some(&lease), Some("first"))
                .await;
            marked.unwrap();
        }
        let lease = if back {
            engine.take_back(run.id, Some("first")).await
        } else {
            engine.take(run.id, Some("first")).await
        };
        match lease {
            Ok(lease) if back => self.world.roll_back("last", lease).await,
            Ok(lease) => self.world.drive("last", lease).await,
            // It had ended before it was killed.
            Err(_) => store.run(run.id).await.unwrap(),
        }
    }
}

fn transport(simulation: &Simulation) -> Transport {
    let simulation = simulation.clone();
    Transport::new(tower::service_fn(move |mut request: Request<Bytes>| {
        let agent = HeaderValue::from_static("fabrik");
        request.headers_mut().insert(header::USER_AGENT, agent);
        let simulation = simulation.clone();
        async move {
            simulation.call(request).await.map_err(|cut| match cut {
                Cut::Unreachable => TransportError::NotSent(cut.to_string()),
                Cut::Underway => TransportError::Cut(cut.to_string()),
            })
        }
    }))
}

/// Runs a simulation under time that jumps.
pub(crate) fn simulate<T>(work: impl AsyncFnOnce() -> T) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(work())
}
