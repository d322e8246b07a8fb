//! A site's call to its Supabase project, as the page's own server would make it. Only this
//! sandbox is asked: the URL comes from a variable that anybody with the token can set.

use axum::http::StatusCode;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Duration, timeout},
};

use crate::platform::Core;

const PATIENCE: Duration = Duration::from_secs(5);
const ANSWER_LIMIT: u64 = 64 * 1024;

/// What the project answered.
pub(super) enum Backend {
    /// No URL, or no publishable key, in the environment.
    NotSet,
    /// The URL is not this sandbox's.
    Elsewhere,
    /// It answers, and takes the key.
    Works,
    /// It answers this.
    Refuses(u16),
    /// It doesn't answer.
    Silent,
}

/// Asks Auth's health with the publishable key.
pub(super) async fn check(core: &Core, environment: &[(String, String)]) -> Backend {
    let find = |wanted: &str| {
        let found = environment.iter().find(|(name, _)| name.ends_with(wanted));
        found.map(|(_, value)| value.as_str())
    };
    let key = find("SUPABASE_PUBLISHABLE_KEY")
        .or_else(|| find("SUPABASE_ANON_KEY"))
        .or_else(|| find("SUPABASE_PUBLISHABLE_DEFAULT_KEY"));
    let (Some(url), Some(key)) = (find("SUPABASE_URL"), key) else {
        return Backend::NotSet;
    };
    let Some(path) = url.strip_prefix(core.base_url()) else {
        return Backend::Elsewhere;
    };
    let clean = |text: &str| text.chars().all(|c| c.is_ascii_graphic());
    if !path.starts_with('/') || !clean(path) || !clean(key) {
        return Backend::Elsewhere;
    }
    let path = format!("{}/auth/v1/health", path.trim_end_matches('/'));
    match timeout(PATIENCE, ask(core, &path, key)).await {
        Ok(Ok(status)) if status == StatusCode::OK.as_u16() => Backend::Works,
        Ok(Ok(status)) => Backend::Refuses(status),
        Ok(Err(_)) | Err(_) => Backend::Silent,
    }
}

/// One `GET` over HTTP/1.1; the status of the answer.
async fn ask(core: &Core, path: &str, key: &str) -> std::io::Result<u16> {
    let authority = core.base_url().trim_start_matches("http://");
    let mut stream = TcpStream::connect(authority).await?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: sandbox-site\r\nApikey: {key}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(ANSWER_LIMIT).read_to_end(&mut answer).await?;
    let line = answer
        .split(|byte| *byte == b'\r')
        .next()
        .unwrap_or_default();
    let status = std::str::from_utf8(line)
        .ok()
        .and_then(|line| line.split(' ').nth(1));
    status
        .and_then(|status| status.parse().ok())
        .ok_or_else(|| std::io::ErrorKind::InvalidData.into())
}

/// The customer's name in a configuration.
pub(super) fn name_in(config: &Value) -> Option<&str> {
    ["name", "customer_name", "customerName", "company"]
        .iter()
        .find_map(|key| config[*key].as_str())
        .or_else(|| config["customer"]["name"].as_str())
}
