//! The few pages that the sandbox shows to people. Whatever comes from outside is escaped.

use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8883; --soft: #8888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 4rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.9rem; letter-spacing: -0.02em; margin: 0 0 .25rem; }
h2 { font-size: 1rem; margin: 2.5rem 0 .75rem; }
p.lead { color: GrayText; margin: 0; }
dl, ul.files { border: 1px solid var(--line); border-radius: 10px; overflow: hidden; margin: 0; padding: 0; }
dl > div, ul.files > li { display: flex; gap: 1rem; padding: .6rem .9rem; }
dl > div + div, ul.files > li + li { border-top: 1px solid var(--line); }
dt { flex: 0 0 13rem; color: GrayText; overflow-wrap: anywhere; }
dd { margin: 0; overflow-wrap: anywhere; }
ul.files { list-style: none; }
code { font: 13px/1.5 ui-monospace, monospace; }
.ok::before, .bad::before, .wait::before { content: ''; display: inline-block; width: .6em; height: .6em;
  border-radius: 50%; margin-right: .55em; background: #2f9e44; }
.bad::before { background: #e03131; }
.wait::before { background: #f08c00; }
footer { margin-top: 3rem; color: GrayText; font-size: .85rem; }
";

/// `text` as it may stand in a page, inside an element or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// A page. `title` is escaped here, `body` is markup.
pub(crate) fn page(status: StatusCode, language: &str, title: &str, body: &str) -> Response {
    let page = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{}</title>\
         <style>{STYLE}</style></head><body>{body}</body></html>\n",
        escape(language),
        escape(title),
    );
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    (status, [("content-security-policy", policy)], Html(page)).into_response()
}

/// Rows of a name and a value; values are markup.
pub(crate) fn rows<'a>(rows: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut list = String::from("<dl>");
    for (name, value) in rows {
        list.extend([
            "<div><dt>",
            &escape(name),
            "</dt><dd>",
            &value,
            "</dd></div>",
        ]);
    }
    list + "</dl>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_name_is_shown_as_text() {
        assert_eq!(
            escape("<b title='x'>&\"</b>"),
            "&lt;b title=&#39;x&#39;&gt;&amp;&quot;&lt;/b&gt;"
        );
    }
}
