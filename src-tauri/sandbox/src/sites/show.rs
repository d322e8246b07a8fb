//! The site's page.

use axum::{http::StatusCode, response::Response};
use serde_json::Value;

use super::backend::{Backend, name_in};
use crate::html::{escape, page, rows};

/// The page. Of the environment it shows what a browser may see (`NEXT_PUBLIC_…`, `VITE_…`,
/// `PUBLIC_…`) and the names of the rest.
pub(super) fn show(
    config: &Value,
    environment: &[(String, String)],
    backend: &Backend,
) -> Response {
    let name = name_in(config).unwrap_or("A site without a name");
    let language = config["language"].as_str().unwrap_or("en");
    let swedish = language.starts_with("sv");
    let word = |english: &'static str, in_swedish: &'static str| {
        if swedish { in_swedish } else { english }
    };
    let (class, text) = match backend {
        Backend::Works => (
            "ok",
            word(
                "Connected: the database answers",
                "Ansluten: databasen svarar",
            )
            .to_owned(),
        ),
        Backend::NotSet => (
            "wait",
            word(
                "No Supabase project in the environment",
                "Inget Supabase-projekt i miljön",
            )
            .to_owned(),
        ),
        Backend::Elsewhere => (
            "wait",
            word(
                "The Supabase project is not in this sandbox",
                "Supabase-projektet finns inte i den här sandlådan",
            )
            .to_owned(),
        ),
        Backend::Refuses(status) => (
            "bad",
            format!(
                "{} {status}",
                word("The database answers", "Databasen svarar")
            ),
        ),
    };
    let variables = environment.iter().map(|(name, value)| {
        let shown = if is_public(name) {
            format!("<code>{}</code>", escape(value))
        } else {
            format!(
                "<span class=\"lead\">{}</span>",
                word("kept on the server", "stannar på servern")
            )
        };
        (name.as_str(), shown)
    });
    let settings = config.as_object().into_iter().flatten();
    let settings = settings
        .filter(|(_, value)| !value.is_object() && !value.is_array())
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.as_str(), escape(&text))
        });
    let body = format!(
        "<h1>{}</h1><p class=\"lead\">{}</p><h2>{}</h2><p class=\"{class}\">{}</p>\
         <h2>client-config.json</h2>{}<h2>{}</h2>{}<footer>{}</footer>",
        escape(name),
        word("This instance is up and running.", "Instansen är igång."),
        word("Database", "Databas"),
        escape(&text),
        rows(settings),
        word("Environment", "Miljö"),
        rows(variables),
        word(
            "A deployment in the sandbox.",
            "En driftsättning i sandlådan."
        ),
    );
    page(StatusCode::OK, language, name, &body)
}

fn is_public(name: &str) -> bool {
    ["NEXT_PUBLIC_", "VITE_", "PUBLIC_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_hostile_name_and_a_server_value_stay_out_of_the_markup() {
        let config = json!({ "name": "<script>alert(1)</script>" });
        let environment = [
            ("NEXT_PUBLIC_TITLE".to_owned(), "\"><img src=x>".to_owned()),
            (
                "SUPABASE_SECRET_KEY".to_owned(),
                "sb_secret_canary".to_owned(),
            ),
        ];
        let answer = show(&config, &environment, &Backend::Works);
        let page = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(
            !page.contains("<script>") && !page.contains("<img"),
            "markup must be escaped"
        );
        assert!(!page.contains("canary"), "a server's value is not shown");
        assert!(page.contains("SUPABASE_SECRET_KEY"), "its name is");
    }
}
