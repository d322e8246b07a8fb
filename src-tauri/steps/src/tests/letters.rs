//! What somebody calls itself stays text in a mail (S8): to whoever takes HTML apart as browsers do, into tags, text and
//! comments, every mail is the template's with other words in it, and its subject is one line.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use fabrik_blueprints::{built_in, load_built_in};
use fabrik_domain::{
    language::Language,
    secret::{ExposeSecret, Secret},
};
use fabrik_tests::Proof;
use html5ever::{
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};
use serde_json::{Value, json};

use crate::letter::Letter;

/// What stands where a payload will.
const PLACE: &str = "ZQXKANARIEQZX";

/// A mail as a browser reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Begin(String, Vec<(String, String)>),
    End(String),
    Text(String),
    Comment(String),
}

#[derive(Default)]
struct Reading(RefCell<Vec<Part>>);

impl TokenSink for Reading {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let next = what_follows(&token);
        let mut parts = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) => {
                let name = tag.name.to_string();
                parts.push(match tag.kind {
                    TagKind::EndTag => Part::End(name),
                    TagKind::StartTag => Part::Begin(
                        name,
                        tag.attrs
                            .iter()
                            .map(|one| (one.name.local.to_string(), one.value.to_string()))
                            .collect(),
                    ),
                });
            }
            Token::CharacterTokens(text) => match parts.last_mut() {
                Some(Part::Text(before)) => before.push_str(&text),
                _ => parts.push(Part::Text(text.to_string())),
            },
            Token::CommentToken(text) => parts.push(Part::Comment(text.to_string())),
            _ => {}
        }
        next
    }
}

/// Some elements hold text alone, to their own end: what looks like a tag in a title or a style sheet is none.
fn what_follows(token: &Token) -> TokenSinkResult<()> {
    let Token::TagToken(Tag {
        kind: TagKind::StartTag,
        name,
        ..
    }) = token
    else {
        return TokenSinkResult::Continue;
    };
    match &**name {
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
            TokenSinkResult::RawData(RawKind::Rawtext)
        }
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

fn read(html: &str) -> Vec<Part> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let tokenizer = Tokenizer::new(Reading::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.take()
}

#[test]
fn text_is_told_from_tags_where_browsers_do() {
    let text = |text: &str| Part::Text(text.to_owned());
    let begin = |name: &str| Part::Begin(name.to_owned(), Vec::new());
    let end = |name: &str| Part::End(name.to_owned());
    for (html, parts) in [
        ("<b>&lt;</b>", vec![begin("b"), text("<"), end("b")]),
        (
            "<title><b>&lt;</title>",
            vec![begin("title"), text("<b><"), end("title")],
        ),
        (
            "<style><b>&lt;</style>",
            vec![begin("style"), text("<b>&lt;"), end("style")],
        ),
    ] {
        assert_eq!(read(html), parts, "{html}");
    }
}

/// The template's, with a payload in each place.
fn with(parts: &[Part], payload: &str) -> Vec<Part> {
    // As every parser of HTML reads the ends of lines.
    let payload = payload.replace("\r\n", "\n").replace('\r', "\n");
    let put = |text: &str| text.replace(PLACE, &payload);
    let parts = parts.iter().map(|part| match part {
        Part::Begin(name, attributes) => {
            let attributes = attributes.iter();
            let attributes = attributes.map(|(key, value)| (key.clone(), put(value)));
            Part::Begin(name.clone(), attributes.collect())
        }
        Part::Text(text) => Part::Text(put(text)),
        other => other.clone(),
    });
    parts.collect()
}

fn letter(blueprint: &str, language: Language, text: &str, link: &Secret) -> (String, String) {
    let blueprint = load_built_in(blueprint).unwrap();
    let mut public: BTreeMap<String, Value> = ["crm", "marketing"]
        .map(|name| (name.to_owned(), json!(true)))
        .into();
    for name in ["company", "name", "email", "url", "hours", "support"] {
        public.insert(name.to_owned(), text.into());
    }
    public.insert("link".to_owned(), "".into());
    let secret: BTreeSet<_> = ["link".to_owned()].into();
    let letter = Letter::render(&blueprint, "email/welcome", language, &public, &secret).unwrap();
    let secrets = [("link".to_owned(), link.clone())].into();
    let (html, _) = letter.whole(&secrets).unwrap();
    (letter.subject.clone(), html.expose_secret().to_owned())
}

#[test]
fn whatever_a_name_is_a_mail_is_the_template_with_words_in_it() {
    let proof = Proof::of(
        "S8",
        "payloads in every value of each built-in mail, read as a browser does",
    );
    let naughty: Vec<String> =
        serde_json::from_str(include_str!("../../../../tests/naughty.json")).unwrap();
    // A template may leave out what is empty.
    let payloads: Vec<_> = naughty
        .iter()
        .filter(|text| !text.trim().is_empty())
        .collect();
    assert!(payloads.len() >= 50, "{} payloads", payloads.len());
    let link = Secret::from("https://a.se/verify?t=1&u=2");
    for blueprint in built_in() {
        for language in [Language::Sv, Language::En] {
            let (subject, html) = letter(blueprint, language, PLACE, &link);
            let template = read(&html);
            let words = |part: &Part| matches!(part, Part::Text(text) if text.contains(PLACE));
            assert!(template.iter().any(words), "{blueprint} has places");
            for payload in &payloads {
                let (headed, html) = letter(blueprint, language, payload, &link);
                assert_eq!(
                    read(&html),
                    with(&template, payload),
                    "{blueprint}, {language:?}: {payload:?}"
                );
                assert!(
                    !headed.chars().any(char::is_control),
                    "a header is one line: {headed:?}"
                );
                let around = subject.split(PLACE);
                assert!(
                    around.map(str::trim).all(|words| headed.contains(words)),
                    "{headed:?} of {subject:?}"
                );
                proof.held(1);
            }
        }
    }
}

/// A link that somebody else has a say in does no more: it is put in after the rest.
#[test]
fn a_secret_stays_text_too() {
    let proof = Proof::of("S8", "payloads as the secret link of each built-in mail");
    let naughty: Vec<String> =
        serde_json::from_str(include_str!("../../../../tests/naughty.json")).unwrap();
    for blueprint in built_in() {
        let place = Secret::from(PLACE);
        let (_, html) = letter(blueprint, Language::Sv, "Åkermark", &place);
        let template = read(&html);
        for payload in &naughty {
            let secret = Secret::from(payload.as_str());
            let (_, html) = letter(blueprint, Language::Sv, "Åkermark", &secret);
            assert_eq!(
                read(&html),
                with(&template, payload),
                "{blueprint}: {payload:?}"
            );
            proof.held(1);
        }
    }
}
