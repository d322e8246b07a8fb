//! The way of every call to a vendor: token, limits, faults, latency, the operation, the log.
//!
//! The operation runs in a task of its own, so a client that goes away neither stops nor undoes
//! it: as with a vendor, the answer is lost and the change is made.

use std::time::Duration;

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::StreamExt;
use jiff::Timestamp;

use crate::{
    call_log::Call,
    connection::Connection,
    fault::Effect,
    figure::Figure,
    lag,
    limit::{Limit, Standing},
    platform::Core,
    request_id,
    routes::{Dialect, Incoming},
    token::Token,
};

/// The largest request body that is read.
const BODY_LIMIT: usize = 32 * 1024 * 1024;
/// What `huge` answers with: well over any sane client's limit.
const HUGE: usize = 64 * 1024 * 1024;

/// An operation of a vendor.
#[derive(Clone, Copy)]
pub(crate) struct Operation {
    pub(crate) dialect: Dialect,
    pub(crate) pattern: &'static str,
    pub(crate) figure: Figure,
    pub(crate) mutating: bool,
}

/// A call on its way, with what is needed to log it.
struct Underway {
    core: Core,
    operation: Operation,
    method: String,
    path: String,
    started_ms: u64,
    latency: Duration,
    fault: Option<String>,
}

pub(crate) async fn carry_out(
    State(operation): State<Operation>,
    core: Core,
    request: Request,
    next: Next,
) -> Response {
    let id = core.next_request();
    let mut answer = answered(operation, core, request, next).await;
    request_id::put(operation.dialect.provider, id, answer.headers_mut());
    answer
}

async fn answered(operation: Operation, core: Core, request: Request, next: Next) -> Response {
    let dialect = operation.dialect;
    let connection = request.extensions().get::<ConnectInfo<Connection>>();
    let connection = connection.map(|ConnectInfo(connection)| connection.clone());
    let mut underway = Underway {
        core: core.clone(),
        method: request.method().to_string(),
        path: request.uri().path().to_owned(),
        started_ms: core.log().elapsed(),
        latency: core.latency(operation.figure),
        fault: None,
        operation,
    };
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return underway.refuse((dialect.error)(
            StatusCode::PAYLOAD_TOO_LARGE,
            "Payload Too Large",
        ));
    };
    if let Some(answer) = (dialect.guard)(&parts.headers) {
        return underway.refuse(answer);
    }
    let token = match accepted_token(&core, dialect, &parts.headers) {
        Ok(token) => token,
        Err(answer) => return underway.refuse(answer),
    };
    let incoming = Incoming {
        core: &core,
        method: &parts.method,
        pattern: underway.operation.pattern,
        uri: &parts.uri,
        headers: &parts.headers,
        body: &body,
    };
    if let Some(answer) = token
        .as_ref()
        .and_then(|token| (dialect.permit)(token, &incoming))
    {
        return underway.refuse(answer);
    }
    let (limiter, now) = (core.limiter(), core.now());
    let counted = limiter
        .begin(dialect.provider, dialect.at_once, now)
        .and_then(|begun| Ok((begun, limiter.count((dialect.limits)(&incoming), now)?)));
    let (_begun, standings) = match counted {
        Ok(counted) => counted,
        Err(standing) => return underway.refuse((dialect.throttled)(&standing)),
    };
    let struck = core
        .faults()
        .strike(dialect.provider, &underway.method, &underway.path);
    let effect = struck.map(|(effect, rule)| {
        underway.fault = Some(rule);
        effect
    });

    if let Some(token) = &token {
        parts.extensions.insert(token.clone());
    }
    let request = Request::from_parts(parts, Body::from(body));
    let finish = Finish { standings, token };
    match effect {
        Some(Effect::Status(status)) => {
            core.sleep(underway.latency).await;
            return underway.refuse(injected(dialect, status));
        }
        Some(Effect::Throttle(span)) => {
            core.sleep(underway.latency).await;
            let standing = used_up(&finish.standings, core.now(), span);
            return underway.refuse((dialect.throttled)(&standing));
        }
        Some(Effect::DropBefore) => {
            underway.record(None);
            return cut(connection);
        }
        Some(Effect::CommitAfter(delay)) => {
            let late = underway.perform(request, next, delay, Duration::ZERO);
            drop(core.tasks().spawn(late));
            return cut(connection);
        }
        _ => {}
    }
    let (delay, lag) = match effect {
        Some(Effect::Delay(delay)) => (delay, Duration::ZERO),
        Some(Effect::StaleList(lag)) => (Duration::ZERO, lag),
        _ => (Duration::ZERO, Duration::ZERO),
    };
    let answer = underway.performed(request, next, delay, lag).await;
    match effect {
        Some(Effect::DropAfter) => cut(connection),
        Some(Effect::StatusAfter(status)) => injected(dialect, status),
        Some(Effect::Garbage) => spoiled(
            answer.status(),
            Body::from(&b"\x00\xff\xfe{\"half\": [tru"[..]),
        ),
        Some(Effect::Huge) => spoiled(answer.status(), endless()),
        _ => finish.apply(dialect, answer),
    }
}

impl Underway {
    /// Carries the operation out in a task of its own and waits for the answer.
    async fn performed(
        self,
        request: Request,
        next: Next,
        delay: Duration,
        lag: Duration,
    ) -> Response {
        let core = self.core.clone();
        let error = self.operation.dialect.error;
        let task = core.tasks().spawn(self.perform(request, next, delay, lag));
        task.await.unwrap_or_else(|failure| {
            tracing::error!(%failure, "an operation of the sandbox panicked");
            error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        })
    }

    /// Half of the latency lies before the change and half after it, so that an interruption
    /// during a call meets both cases.
    async fn perform(
        mut self,
        request: Request,
        next: Next,
        delay: Duration,
        lag: Duration,
    ) -> Response {
        let core = self.core.clone();
        core.sleep(delay + self.latency / 2).await;
        let (answer, hid) = lag::behind(lag, next.run(request)).await;
        // A call for which no list was behind has met no fault.
        if !lag.is_zero() && !hid {
            self.fault = None;
        }
        core.sleep(self.latency / 2).await;
        self.record(Some(answer.status()));
        answer
    }

    /// Answers without carrying anything out.
    fn refuse(self, answer: Response) -> Response {
        self.record(Some(answer.status()));
        answer
    }

    fn record(self, status: Option<StatusCode>) {
        let log = self.core.log();
        log.record(Call {
            provider: self.operation.dialect.provider.key(),
            method: self.method,
            route: self.operation.pattern,
            path: self.path,
            status: status.map(|status| status.as_u16()),
            started_ms: self.started_ms,
            ended_ms: log.elapsed(),
            latency_ms: u64::try_from(self.latency.as_millis()).unwrap_or(u64::MAX),
            mutating: self.operation.mutating,
            fault: self.fault,
        });
    }
}

/// What goes on top of an answer.
struct Finish {
    standings: Vec<Standing>,
    token: Option<Token>,
}

impl Finish {
    fn apply(self, dialect: Dialect, mut answer: Response) -> Response {
        (dialect.limit_headers)(&self.standings, answer.headers_mut());
        if let Some(token) = &self.token {
            (dialect.caller_headers)(token, answer.headers_mut());
        }
        answer
    }
}

#[expect(clippy::result_large_err, reason = "the error is the answer itself")]
fn accepted_token(
    core: &Core,
    dialect: Dialect,
    headers: &HeaderMap,
) -> Result<Option<Token>, Response> {
    let Some(read) = dialect.token else {
        return Ok(None);
    };
    let Some(token) = read(headers) else {
        return Err((dialect.error)(StatusCode::UNAUTHORIZED, "Unauthorized"));
    };
    match core.tokens().find(dialect.provider, token) {
        Ok(Some(token)) => Ok(Some(token)),
        Ok(None) => Err((dialect.error)(StatusCode::UNAUTHORIZED, "Unauthorized")),
        Err(error) => Err(error.into_response()),
    }
}

/// An answer that a fault rule asked for; a throttled one says for how long.
fn injected(dialect: Dialect, status: StatusCode) -> Response {
    let mut answer = (dialect.error)(status, status.canonical_reason().unwrap_or("Error"));
    if status == StatusCode::TOO_MANY_REQUESTS {
        answer
            .headers_mut()
            .entry(header::RETRY_AFTER)
            .or_insert(HeaderValue::from_static("1"));
    }
    answer
}

/// The narrowest limit that a call counted in, as if it were used up for so long.
fn used_up(standings: &[Standing], now: Timestamp, span: Duration) -> Standing {
    let narrowest = standings
        .iter()
        .min_by_key(|standing| standing.limit.window);
    let limit = narrowest.map_or_else(
        || Limit::new("fault", 1, span),
        |standing| standing.limit.clone(),
    );
    Standing {
        used: limit.max,
        reset: now + span,
        reset_after: span,
        limit,
    }
}

fn cut(connection: Option<Connection>) -> Response {
    if let Some(connection) = connection {
        connection.cut();
    }
    // Never written: the connection refuses bytes from here on.
    StatusCode::NO_CONTENT.into_response()
}

fn spoiled(status: StatusCode, body: Body) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], body).into_response()
}

/// A JSON text of [`HUGE`] bytes, without a length said beforehand.
fn endless() -> Body {
    const CHUNK: &[u8] = &[b' '; 64 * 1024];
    let spaces = futures::stream::iter(0..HUGE / CHUNK.len()).map(|_| Bytes::from_static(CHUNK));
    Body::from_stream(spaces.map(Ok::<_, std::convert::Infallible>))
}
