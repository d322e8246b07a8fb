//! `fabrik serve`: the window's UI for a browser on this machine, over the same table of commands. For
//! development and for the UI's tests; whoever has the token printed in the URL is the operator.

use std::{
    convert::Infallible,
    fmt::Write,
    net::{Ipv4Addr, SocketAddr},
    path::{Component, Path, PathBuf},
    sync::Arc,
};

use axum::{
    Json, Router,
    body::Body,
    extract::{self, Query, State},
    http::{HeaderMap, StatusCode, Uri, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use clap::Args;
use fabrik_app::{App, commands::dispatch};
use fabrik_domain::{Cause, Problem};
use futures::stream;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{exit::Exit, interrupt, session::Session};

/// The window's configuration: its policy is this page's too.
const WINDOW: &str = include_str!("../../../../tauri.conf.json");

/// `fabrik serve`.
#[derive(Args)]
pub(crate) struct Serve {
    /// The built UI
    #[arg(long, value_name = "DIR", default_value = "ui/dist")]
    ui: PathBuf,
    /// The loopback port; 0 is any
    #[arg(long, default_value_t = 0)]
    port: u16,
}

/// What the handlers share.
#[derive(Clone)]
struct Window {
    app: Arc<App>,
    ui: Arc<Path>,
    token: Arc<str>,
    /// Only requests to this very host are answered, so that no name that resolves here gets in.
    host: Arc<str>,
}

/// Serves until stopped.
pub(crate) async fn run(command: Serve, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    app.mark_interrupted().await?;
    let internal =
        |error: &dyn std::fmt::Display| Problem::from(Cause::Internal).detail(error.to_string());
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, command.port));
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .map_err(|error| internal(&error))?;
    let host = listener
        .local_addr()
        .map_err(|error| internal(&error))?
        .to_string();
    let token = token().map_err(|error| internal(&error))?;
    let url = format!("http://{host}/#token={token}");
    let window = Window {
        app,
        ui: command.ui.into(),
        token: token.into(),
        host: host.into(),
    };
    let router = Router::new()
        .route("/call/{name}", post(call))
        .route("/hints", get(hints))
        .fallback(get(file))
        .with_state(window);
    if session.json {
        session
            .output
            .json_line(&json!({ "ready": true, "url": url }));
    } else {
        session.output.line(url);
    }
    // A browser holds its hints open for as long as it lives: it doesn't keep the server alive.
    tokio::select! {
        served = async { axum::serve(listener, router).await } => {
            served.map_err(|error| internal(&error))?;
        }
        () = interrupt::signal() => {}
    }
    Ok(Exit::Done)
}

/// 256 random bits.
fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

impl Window {
    fn admits(&self, headers: &HeaderMap, given: Option<&str>) -> bool {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok());
        // Both have one length, and every byte is looked at: the time tells nothing of the token.
        let same = given.is_some_and(|given| {
            given.len() == self.token.len()
                && given
                    .bytes()
                    .zip(self.token.bytes())
                    .fold(0, |all, (a, b)| all | (a ^ b))
                    == 0
        });
        same && host == Some(&*self.host)
    }
}

async fn call(
    State(window): State<Window>,
    extract::Path(name): extract::Path<String>,
    headers: HeaderMap,
    Json(arguments): Json<Value>,
) -> Response {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !window.admits(&headers, bearer) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match dispatch(&window.app, &name, arguments).await {
        Ok(answer) => Json(answer).into_response(),
        Err(problem) => (StatusCode::UNPROCESSABLE_ENTITY, Json(problem)).into_response(),
    }
}

#[derive(Deserialize)]
struct Admission {
    token: String,
}

async fn hints(
    State(window): State<Window>,
    Query(admission): Query<Admission>,
    headers: HeaderMap,
) -> Response {
    if !window.admits(&headers, Some(&admission.token)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let events = stream::unfold(window.app.hints(), |mut changes| async move {
        let change = changes.recv().await?;
        let event = Event::default().json_data(&change).unwrap_or_default();
        Some((Ok::<_, Infallible>(event), changes))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}

/// A file of the UI. Where there is none of that name the UI's own routes begin.
async fn file(State(window): State<Window>, uri: Uri) -> Response {
    let wanted = Path::new(uri.path().trim_start_matches('/'));
    if !wanted
        .components()
        .all(|component| matches!(component, Component::Normal(_)))
    {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut path = window.ui.join(wanted);
    if !path.is_file() {
        path = window.ui.join("index.html");
    }
    match tokio::fs::read(&path).await {
        Ok(content)
            if path
                .extension()
                .is_some_and(|extension| extension == "html") =>
        {
            match token() {
                Ok(nonce) => page(&content, &nonce),
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        }
        Ok(content) => {
            let kind = kind_of(&path);
            // What lies there is named by its content.
            let keep = if wanted.starts_with("assets") && path.ends_with(wanted) {
                "max-age=31536000, immutable"
            } else {
                "no-store"
            };
            (
                [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)],
                Body::from(content),
            )
                .into_response()
        }
        Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The page, under the window's policy, with the nonce of this one answer.
fn page(content: &[u8], nonce: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_SECURITY_POLICY, policy(nonce)),
    ];
    (headers, with_nonce(content, nonce)).into_response()
}

/// The built page leaves one style element empty, for this.
fn with_nonce(content: &[u8], nonce: &str) -> String {
    let text = String::from_utf8_lossy(content);
    text.replacen("<style>", &format!("<style nonce=\"{nonce}\">"), 1)
}

/// The policy of the window, where the way to Rust is this server.
fn policy(nonce: &str) -> String {
    let config: Value = serde_json::from_str(WINDOW).unwrap_or_default();
    let policy = &config["app"]["security"]["csp"];
    let mut text = String::new();
    for (directive, sources) in policy.as_object().into_iter().flatten() {
        let sources = sources.as_str().unwrap_or_default();
        // Writing to a `String` can't fail.
        let _ = match directive.as_str() {
            "connect-src" => write!(text, "connect-src 'self'; "),
            "style-src" => write!(text, "style-src {sources} 'nonce-{nonce}'; "),
            _ => write!(text, "{directive} {sources}; "),
        };
    }
    text
}

/// The kinds of files a built UI has.
fn kind_of(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_the_windows_but_for_the_way_to_rust() {
        let policy = policy("17");
        for part in [
            "default-src 'none'; ",
            "script-src 'self'; ",
            "style-src 'self' 'nonce-17'; ",
            "connect-src 'self'; ",
            "frame-ancestors 'none'; ",
        ] {
            assert!(policy.contains(part), "{part}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!policy.contains("ipc"), "{policy}");
    }

    #[test]
    fn the_pages_own_style_has_the_nonce_and_its_answer_the_policy() {
        let built = include_bytes!("../../../../ui/index.html");
        let text = with_nonce(built, "17");
        assert!(text.contains("<style nonce=\"17\"></style>"), "{text}");
        assert!(!text.contains("<style>"), "{text}");
        let answer = page(built, "17");
        let told = answer
            .headers()
            .get(header::CONTENT_SECURITY_POLICY)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        assert_eq!(told, policy("17"));
    }
}
