//! Takes out of a text what nobody else should see before it is shown or kept: values that are known to be secret,
//! whatever looks like one, addresses of people, and the name of the home folder. The log holds no secrets to
//! begin with; this is for the day when one does.

use fabrik_domain::secret::{ExposeSecret, Secret};

/// What stands in the place of what was taken out.
const MASK: &str = "[redacted]";

/// What tokens begin with, whatever their length.
const BEGINNINGS: &[&str] = &[
    "sbp_",
    "sb_secret_",
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "re_",
    "rk_",
    "sk_",
    "whsec_",
    "vcp_",
    "n8n_api_",
    "eyJ",
];

/// Words whose value is a secret: `password=…`, `"token": "…"`, `Bearer …`.
const NAMES: &[&str] = &[
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "access_key",
    "authorization",
    "bearer",
    "cookie",
];

/// So long is no word, and no name of ours that has digits.
const LONG: usize = 20;

/// Takes secrets out of texts.
pub(crate) struct Redaction {
    known: Vec<Secret>,
    home: Option<String>,
}

impl Redaction {
    /// With values that are secret, and the home folder.
    pub(crate) fn new(known: Vec<Secret>, home: Option<String>) -> Self {
        // Shorter ones would be found in every word.
        let known = known
            .into_iter()
            .filter(|secret| secret.expose_secret().chars().count() >= 6)
            .collect();
        let home = home.filter(|home| home.len() > 1);
        Self { known, home }
    }

    /// The text without them.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.known {
            let plain = secret.expose_secret();
            let reversed = Secret::from(plain.chars().rev().collect::<String>());
            text = text
                .replace(plain, MASK)
                .replace(reversed.expose_secret(), MASK);
        }
        if let Some(home) = &self.home {
            text = text.replace(home.as_str(), "~");
        }
        let lines: Vec<_> = text.split('\n').map(line).collect();
        lines.join("\n")
    }
}

/// A line, word by word: a word is what a token could be, with what stands between words kept as it is.
fn line(text: &str) -> String {
    let text = without_logins(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    let mut value_next = false;
    while let Some(first) = rest.chars().next() {
        let is_word = in_word(first);
        let end = rest.find(|c| in_word(c) != is_word).unwrap_or(rest.len());
        let (piece, after) = rest.split_at(end);
        rest = after;
        if !is_word {
            // `token = "…"`, `token: …`, `Bearer …`; a sentence that goes on is none.
            value_next = value_next && piece.chars().all(|c| " =:\"'\\".contains(c));
            out.push_str(piece);
            continue;
        }
        let masked = (value_next && !is_name(piece)) || is_secret(piece);
        out.push_str(if masked { MASK } else { piece });
        value_next =
            is_name(piece) && (rest.starts_with(['=', ':', '"', '\'']) || is_bearer(piece));
    }
    without_people(&out)
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-+~%".contains(c)
}

fn is_name(word: &str) -> bool {
    let word = word.to_ascii_lowercase().replace('-', "_");
    NAMES
        .iter()
        .any(|name| word == *name || word.ends_with(&format!("_{name}")))
}

fn is_bearer(word: &str) -> bool {
    word.eq_ignore_ascii_case("bearer")
}

fn is_secret(word: &str) -> bool {
    let begins = BEGINNINGS
        .iter()
        .any(|start| word.len() >= start.len() + 6 && word.starts_with(start));
    let has = |kind: fn(&char) -> bool| word.chars().any(|c| kind(&c));
    let mixed = has(char::is_ascii_digit) && has(char::is_ascii_alphabetic);
    begins || (word.len() >= LONG && mixed && !is_uuid(word))
}

/// Ours: an id of a customer or a run opens nothing.
fn is_uuid(word: &str) -> bool {
    uuid::Uuid::try_parse(word).is_ok() && word.len() == 36
}

/// `scheme://user:password@host` without what stands before the `@`.
fn without_logins(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, after) = rest.split_at(at + 3);
        out.push_str(before);
        let end = after
            .find(|c: char| c.is_whitespace() || "/\"'<>".contains(c))
            .unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(sign) => {
                out.push_str(MASK);
                &after[sign..]
            }
            None => after,
        };
    }
    out.push_str(rest);
    out
}

/// Addresses of people: whatever stands before an `@` with a name of a host after it.
fn without_people(text: &str) -> String {
    let is_local = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(sign) = rest.find('@') {
        let (before, after) = rest.split_at(sign);
        let host: &str = after[1..]
            .split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-'))
            .next()
            .unwrap_or_default();
        let kept = before.trim_end_matches(is_local);
        if kept.len() < before.len() && host.trim_end_matches('.').contains('.') {
            out.push_str(kept);
            out.push_str(MASK);
        } else {
            out.push_str(before);
        }
        out.push('@');
        rest = &after[1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_secret_goes_and_the_rest_stays() {
        let known = vec![Secret::from("kort-hemlighet")];
        let redaction = Redaction::new(known, Some("/home/anna".to_owned()));
        for (text, left) in [
            ("401 for sbp_12ab34", "401 for [redacted]"),
            (
                "Authorization: Bearer abcDEF",
                "Authorization: Bearer [redacted]",
            ),
            (r#"{"password":"hunter2"}"#, r#"{"password":"[redacted]"}"#),
            ("VERCEL_TOKEN=x1y2", "VERCEL_TOKEN=[redacted]"),
            (
                "postgres://u:p@db.host/x",
                "postgres://[redacted]@db.host/x",
            ),
            ("to anna.k@byra.se, now", "to [redacted]@byra.se, now"),
            ("is kort-hemlighet here", "is [redacted] here"),
            ("is tehgilmeh-trok here", "is [redacted] here"),
            ("key a1b2c3d4e5f6a7b8c9d0e1f2", "key [redacted]"),
            ("/home/anna/.local/share", "~/.local/share"),
        ] {
            assert_eq!(redaction.text(text), left, "{text:?}");
        }
        for kept in [
            "2026-11-21T12:56:41.123456Z  INFO fabrik_app::runs: begun run=0199f0a0-1111-7abc-8def-0123456789ab",
            "the token was refused by GitHub, HTTP 401",
            "https://mvqkzrtyhbnwplxodcea.supabase.co/auth/v1/health answered 200",
            "run 214 step database-schema failed: schema_refused",
            "operator anna@studio",
        ] {
            assert_eq!(redaction.text(kept), kept);
        }
    }
}
