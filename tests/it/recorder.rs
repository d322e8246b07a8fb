//! Reverse proxies between the command line and the sandbox, one per base URL, that keep every call whole.
//! Real HTTP on both sides: what is recorded is what went over the wire.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, Response, StatusCode, header},
};
use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};

use crate::world::{Cloud, TestApp, client};

/// More than any call of ours has.
const LARGEST: usize = 8 * 1024 * 1024;

/// The APIs, the variable with the base URL of each, and what the proxy's own base ends with.
const APIS: [(&str, &str, &str); 8] = [
    ("supabase", "FABRIK_SUPABASE_URL", ""),
    ("project", "FABRIK_SUPABASE_PROJECT_URL", "/{ref}"),
    ("github", "FABRIK_GITHUB_URL", ""),
    ("vercel", "FABRIK_VERCEL_URL", ""),
    ("n8n", "FABRIK_N8N_URL", ""),
    ("gitea", "FABRIK_GITEA_URL", ""),
    ("resend", "FABRIK_RESEND_URL", ""),
    ("stripe", "FABRIK_STRIPE_URL", ""),
];

/// A call and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    /// `supabase`, `project` (a Supabase project's own APIs), `github` …
    pub(crate) api: &'static str,
    /// In capitals.
    pub(crate) method: String,
    /// Below the base URL, as it was sent.
    pub(crate) path: String,
    /// As it was sent.
    pub(crate) query: String,
    /// Of the request.
    pub(crate) headers: HeaderMap,
    /// Of the request.
    pub(crate) body: Bytes,
    /// Of the answer.
    pub(crate) status: u16,
    /// Of the answer.
    pub(crate) answer: Bytes,
}

impl Exchange {
    /// The request's body; `Null` for none.
    pub(crate) fn request_json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// Where a request stands that was held: what is sent lets it go on; where it is dropped, the request is cut off.
pub(crate) type GoingOn = oneshot::Sender<()>;

/// The points that a process passes: each request before it goes on, and before its answer comes back. At one of them
/// it may be held.
#[derive(Default)]
struct Points {
    /// None counts before a vendor has answered so.
    after: Option<StatusCode>,
    passed: usize,
    hold_at: Option<(usize, oneshot::Sender<GoingOn>)>,
    /// The method of a call, and what its path ends with: the first answer to such a one is held.
    hold_answer: Option<(&'static str, &'static str, oneshot::Sender<GoingOn>)>,
}

impl Points {
    /// Who is to be told, where the request is to be held here.
    fn pass(&mut self) -> Option<oneshot::Sender<GoingOn>> {
        if self.after.is_some() {
            return None;
        }
        self.passed += 1;
        let here = self.passed;
        let told = self.hold_at.take_if(|(point, _)| *point == here);
        told.map(|(_, told)| told)
    }

    /// The same, where an answer passes.
    fn pass_answer(&mut self, method: &str, path: &str) -> Option<oneshot::Sender<GoingOn>> {
        let told = self.pass();
        let held = self
            .hold_answer
            .take_if(|(of, end, _)| *of == method && path.ends_with(*end));
        told.or(held.map(|(_, _, told)| told))
    }
}

/// What was said so far. Dropping it ends the proxies.
pub(crate) struct Recorder {
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    points: Arc<Mutex<Points>>,
    _servers: JoinSet<()>,
}

#[derive(Clone)]
struct Proxy {
    api: &'static str,
    target: String,
    http: reqwest::Client,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
    points: Arc<Mutex<Points>>,
}

impl Recorder {
    /// Puts itself between `app` and its vendors.
    pub(crate) async fn between(app: &mut TestApp) -> Self {
        let (recorder, variables) = Self::before(&app.cloud).await;
        for (name, url) in variables {
            app.set(name, url);
        }
        recorder
    }

    /// Puts itself before a cloud. Gives the variables with which the vendors are reached through it.
    pub(crate) async fn before(cloud: &Cloud) -> (Self, Vec<(&'static str, String)>) {
        let mut variables = Vec::new();
        let exchanges = Arc::<Mutex<Vec<Exchange>>>::default();
        let points = Arc::<Mutex<Points>>::default();
        let mut servers = JoinSet::new();
        for (api, variable, end) in APIS {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let target = cloud.variable(variable);
            let target = target.strip_suffix(end).expect("the base's end").to_owned();
            let proxy = Proxy {
                api,
                target,
                http: client(),
                exchanges: Arc::clone(&exchanges),
                points: Arc::clone(&points),
            };
            let router = Router::new().fallback(pass).with_state(proxy);
            servers.spawn(async move {
                axum::serve(listener, router).await.expect("it serves");
            });
            variables.push((variable, format!("http://{address}{end}")));
        }
        let recorder = Self {
            exchanges,
            points,
            _servers: servers,
        };
        (recorder, variables)
    }

    /// Counts points from here, and holds nobody.
    pub(crate) fn count_points(&self) {
        *self.points.lock().unwrap() = Points::default();
    }

    /// The same, from the first answer with this status on: that one's way back is the first point.
    pub(crate) fn count_points_after(&self, answer: StatusCode) {
        self.count_points();
        self.points.lock().unwrap().after = Some(answer);
    }

    /// How many were passed.
    pub(crate) fn points(&self) -> usize {
        self.points.lock().unwrap().passed
    }

    /// Counts points from here, and holds the request that passes this one. It is told when one stands there.
    pub(crate) fn hold_at(&self, point: usize) -> oneshot::Receiver<GoingOn> {
        let (told, held) = oneshot::channel();
        *self.points.lock().unwrap() = Points {
            hold_at: Some((point, told)),
            ..Points::default()
        };
        held
    }

    /// The same, of the points that [`count_points_after`](Self::count_points_after) counts.
    pub(crate) fn hold_after(
        &self,
        answer: StatusCode,
        point: usize,
    ) -> oneshot::Receiver<GoingOn> {
        let held = self.hold_at(point);
        self.points.lock().unwrap().after = Some(answer);
        held
    }

    /// Counts points from here, and holds the first answer to a call with this method, whose path ends so: what it asked
    /// for is made.
    #[allow(dead_code, reason = "only a test for Linux asks")]
    pub(crate) fn hold_answer(
        &self,
        method: &'static str,
        end: &'static str,
    ) -> oneshot::Receiver<GoingOn> {
        let (told, held) = oneshot::channel();
        *self.points.lock().unwrap() = Points {
            hold_answer: Some((method, end, told)),
            ..Points::default()
        };
        held
    }

    /// Everything so far.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.lock().unwrap().clone()
    }
}

impl Proxy {
    /// Passes a point, or stands there for as long as it is held. Whether the request goes on.
    async fn pass_point(&self) -> bool {
        let told = self.points.lock().unwrap().pass();
        stands(told).await
    }

    /// The same, with an answer.
    async fn pass_answer(&self, method: &str, path: &str) -> bool {
        let told = self.points.lock().unwrap().pass_answer(method, path);
        stands(told).await
    }
}

/// Stands there where somebody is to be told. Whether it goes on.
async fn stands(told: Option<oneshot::Sender<GoingOn>>) -> bool {
    let Some(told) = told else {
        return true;
    };
    let (going_on, went_on) = oneshot::channel();
    told.send(going_on).is_ok() && went_on.await.is_ok()
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response<Body> {
    if !proxy.pass_point().await {
        return status(StatusCode::BAD_GATEWAY);
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LARGEST).await.expect("a body of sane size");
    let (path, query) = (
        parts.uri.path().to_owned(),
        parts.uri.query().unwrap_or_default().to_owned(),
    );
    let mark = if query.is_empty() { "" } else { "?" };
    let answer = proxy
        .http
        .request(
            parts.method.clone(),
            format!("{}{path}{mark}{query}", proxy.target),
        )
        .headers(end_to_end(&parts.headers))
        .body(body.clone())
        .send()
        .await;
    let Ok(answer) = answer else {
        // The sandbox cut the connection, as a fault rule told it to.
        return status(StatusCode::BAD_GATEWAY);
    };
    let (code, headers) = (answer.status(), end_to_end(answer.headers()));
    let Ok(content) = answer.bytes().await else {
        return status(StatusCode::BAD_GATEWAY);
    };
    proxy.exchanges.lock().unwrap().push(Exchange {
        api: proxy.api,
        method: parts.method.to_string(),
        path: path.clone(),
        query,
        headers: parts.headers,
        body,
        status: code.as_u16(),
        answer: content.clone(),
    });
    proxy
        .points
        .lock()
        .unwrap()
        .after
        .take_if(|status| *status == code);
    if !proxy.pass_answer(parts.method.as_str(), &path).await {
        return status(StatusCode::BAD_GATEWAY);
    }
    let mut passed = Response::new(Body::from(content));
    *passed.status_mut() = code;
    *passed.headers_mut() = headers;
    passed
}

fn status(code: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = code;
    answer
}

/// Without what is about one connection alone.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let own: [HeaderName; 4] = [
        header::HOST,
        header::CONNECTION,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
    ];
    let kept = headers.iter().filter(|(name, _)| !own.contains(name));
    kept.map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
