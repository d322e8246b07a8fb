//! A mail's subject and bodies, from templates of the blueprint, in two parts: what anybody may read, with
//! places for the secrets, and the secrets.
//!
//! Values are escaped in files that end in `.html`, the secrets when they take their places: both by the
//! templates' own rules.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_blueprints::template::{Rendered, Values, render_file};
use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    language::Language,
    secret::{ExposeSecret, Secret},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Secret values by name.
pub(crate) type Secrets = BTreeMap<String, Secret>;

/// A mail with places where its secrets go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Letter {
    /// One line.
    pub subject: String,
    html: String,
    text: String,
}

/// Around a secret's name in a body. Private-use characters, which are taken out of every value, so that
/// no customer's name can be a place.
const OPEN: char = '\u{f8f0}';
const CLOSE: char = '\u{f8f1}';

impl Letter {
    /// Renders `<template>.<language>.subject`, `.html` and `.txt` of the blueprint.
    pub(crate) fn render(
        blueprint: &Blueprint,
        template: &str,
        language: Language,
        public: &BTreeMap<String, Value>,
        secret: &BTreeSet<String>,
    ) -> Result<Self, Problem> {
        let mut values = Values::new();
        for (name, value) in public {
            let value = match value {
                Value::String(text) => clean(text).into(),
                other => other.clone(),
            };
            values.insert(name, value);
        }
        for name in secret {
            values.insert(name, format!("{OPEN}{name}{CLOSE}").into());
        }
        let part = |kind: &str| {
            let path = format!("{template}.{}.{kind}", language.code());
            let file = blueprint
                .files
                .get(&path)
                .ok_or_else(|| fault(blueprint, format!("{path}: there is none")))?;
            match render_file(&path, file, &values) {
                Ok(Rendered::Public(text)) => Ok(text),
                // No secret is among the values.
                Ok(Rendered::Secret(_)) => Err(Cause::Internal.into()),
                Err(why) => Err(why.in_blueprint(&blueprint.name, &path)),
            }
        };
        let subject = part("subject")?;
        if subject.contains(OPEN) {
            // Vendors show it in lists.
            return Err(fault(
                blueprint,
                format!("{template}: a subject may not hold a secret"),
            ));
        }
        Ok(Self {
            subject: header(&subject),
            html: part("html")?,
            text: part("txt")?,
        })
    }

    /// HTML and text with the secrets in their places.
    pub(crate) fn whole(&self, secrets: &Secrets) -> Result<(Secret, Secret), Problem> {
        let (mut html, mut text) = (self.html.clone(), self.text.clone());
        for (name, secret) in secrets {
            let place = format!("{OPEN}{name}{CLOSE}");
            html = html.replace(&place, escaped(secret)?.expose_secret());
            text = text.replace(&place, secret.expose_secret());
        }
        Ok((html.into(), text.into()))
    }

    /// The part without secrets, for a hash.
    pub(crate) fn public_bytes(&self) -> String {
        [self.subject.as_str(), &self.html, &self.text].join("\n")
    }
}

fn fault(blueprint: &Blueprint, why: String) -> Problem {
    Cause::BlueprintInvalid {
        blueprint: blueprint.name.clone(),
        why,
    }
    .into()
}

fn clean(value: &str) -> String {
    value
        .chars()
        .filter(|c| *c != OPEN && *c != CLOSE)
        .collect()
}

/// One line: a header that is split would be two.
pub(crate) fn header(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A secret as it stands in a file that ends in `.html`.
fn escaped(secret: &Secret) -> Result<Secret, Problem> {
    let mut values = Values::new();
    values.insert_secret("secret", secret.clone());
    match render_file("secret.html", "{{ secret }}", &values) {
        Ok(Rendered::Secret(escaped)) => Ok(escaped),
        Ok(Rendered::Public(_)) | Err(_) => Err(Cause::Internal.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::blueprint;

    fn letter(name: &str) -> Letter {
        let mut blueprint = blueprint();
        for (kind, text) in [
            ("html", "<p>Hej {{ name }}</p><a href=\"{{ link }}\">in</a>"),
            ("txt", "Hej {{ name }}: {{ link }}"),
            ("subject", "Välkommen, {{ name }}\n"),
        ] {
            blueprint
                .files
                .insert(format!("email/welcome.sv.{kind}"), text.to_owned());
        }
        let public = [
            ("name".to_owned(), name.into()),
            ("link".to_owned(), "".into()),
        ];
        let secret = ["link".to_owned()];
        Letter::render(
            &blueprint,
            "email/welcome",
            Language::Sv,
            &public.into(),
            &secret.into(),
        )
        .unwrap()
    }

    fn whole(letter: &Letter) -> (String, String) {
        let secrets = [("link".to_owned(), Secret::from("https://a.se/?t=1&u=2"))].into();
        let (html, text) = letter.whole(&secrets).unwrap();
        (
            html.expose_secret().to_owned(),
            text.expose_secret().to_owned(),
        )
    }

    #[test]
    fn the_secret_is_in_the_whole_and_not_in_the_letter() {
        let letter = letter("Anna");
        let kept = serde_json::to_string(&letter).unwrap();
        assert!(!kept.contains("t=1"), "evidence holds no secret: {kept}");
        let (html, text) = whole(&letter);
        assert_eq!(
            html,
            "<p>Hej Anna</p><a href=\"https:&#x2f;&#x2f;a.se&#x2f;?t=1&amp;u=2\">in</a>"
        );
        assert_eq!(text, "Hej Anna: https://a.se/?t=1&u=2");
        assert_eq!(letter.subject, "Välkommen, Anna");
    }

    #[test]
    fn the_same_letter_gives_the_same_bytes_after_a_restart() {
        let first = letter("Anna");
        let again: Letter = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        assert_eq!(whole(&first), whole(&again));
    }

    #[test]
    fn names_can_neither_write_markup_nor_split_a_header_nor_be_a_place() {
        let evil = "<script>\"'&\r\nBcc: x@y.z\u{f8f0}link\u{f8f1}";
        let letter = letter(evil);
        assert_eq!(letter.subject, "Välkommen, <script>\"'& Bcc: x@y.zlink");
        let (html, text) = whole(&letter);
        assert!(html.contains("&lt;script&gt;&quot;&#x27;&amp;") && !html.contains("<script>"));
        assert_eq!(
            text.matches("t=1").count(),
            1,
            "the link goes to its place alone"
        );
    }
}
