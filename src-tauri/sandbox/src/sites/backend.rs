//! A site's call to its Supabase project, as the page's own server would make it. Only this
//! sandbox is asked, and without a connection: the URL comes from a variable that anybody with the
//! token can set.

use axum::http::StatusCode;
use serde_json::Value;

use crate::{platform::Core, supabase};

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
}

/// Asks the project with the publishable key.
pub(super) fn check(core: &Core, environment: &[(String, String)]) -> Backend {
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
    match supabase::accepts(core, path, key) {
        None => Backend::Elsewhere,
        Some(StatusCode::OK) => Backend::Works,
        Some(status) => Backend::Refuses(status.as_u16()),
    }
}

/// The customer's name in a configuration.
pub(super) fn name_in(config: &Value) -> Option<&str> {
    ["name", "customer_name", "customerName", "company"]
        .iter()
        .find_map(|key| config[*key].as_str())
        .or_else(|| config["customer"]["name"].as_str())
}
