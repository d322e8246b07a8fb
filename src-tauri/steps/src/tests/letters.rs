//! What somebody calls itself stays text in a mail (S8): to whoever reads HTML as browsers do, every mail is the
//! template's document with other words in it, and what goes into its head is one line each.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_blueprints::{built_in, load_built_in};
use fabrik_domain::{
    language::Language,
    resource::ResourceState,
    run::{Run, RunState},
    secret::{ExposeSecret, Secret},
};
use fabrik_tests::Proof;
use serde_json::{Value, json};

use super::dom::{Node, read};
use crate::{
    failure_mail::{
        Failed, FailureMail,
        tests::{failed_step, row, run},
    },
    letter::{Letter, header},
    testing::customer,
};

/// What stands where a payload will.
const PLACE: &str = "ZQXKANARIEQZX";

/// What stands where a name will that is made one line.
const NAME: &str = "ZQXNAMNQZX";

/// The template's, with a payload in each place.
fn with(nodes: &[Node], payload: &str) -> Vec<Node> {
    with_in(nodes, PLACE, payload)
}

/// The template's, with a payload in each of these places.
fn with_in(nodes: &[Node], place: &str, payload: &str) -> Vec<Node> {
    // As every parser of HTML reads the ends of lines.
    let payload = payload.replace("\r\n", "\n").replace('\r', "\n");
    let put = |text: &str| text.replace(place, &payload);
    let nodes = nodes.iter().map(|node| match node {
        Node::Element {
            name,
            attributes,
            children,
        } => {
            let attributes = attributes.iter();
            Node::Element {
                name: name.clone(),
                attributes: attributes
                    .map(|(key, value)| (key.clone(), put(value)))
                    .collect(),
                children: with_in(children, place, &payload),
            }
        }
        Node::Text(text) => Node::Text(put(text)),
        other => other.clone(),
    });
    nodes.collect()
}

/// Whether somebody reads it, rather than that it is an address.
fn has_place(nodes: &[Node]) -> bool {
    nodes.iter().any(|node| match node {
        Node::Element { children, .. } => has_place(children),
        Node::Text(text) => text.contains(PLACE),
        _ => false,
    })
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
            assert!(has_place(&template), "{blueprint} has places");
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

/// The mail to the owner about a run: its customer's name, and what the vendors called things and said, where `by_step` of
/// a step, else of the run itself.
fn failure(run: &Run, by_step: bool, language: Language, name: &str, text: &str) -> FailureMail {
    let mut customer = customer();
    name.clone_into(&mut customer.name);
    let mut step = failed_step();
    text.clone_into(&mut step.id);
    if let Some(problem) = &mut step.error {
        problem.detail = Some(text.to_owned());
    }
    let mut run = run.clone();
    run.error.clone_from(&step.error);
    let steps = if by_step { vec![step] } else { Vec::new() };
    let states = [
        ResourceState::Leftover,
        ResourceState::Live,
        ResourceState::Intended,
    ];
    let resources = states.map(|state| {
        let mut one = row(state, text);
        one.url = Some(text.to_owned());
        one
    });
    let failed = Failed {
        run: &run,
        customer: &customer,
        steps: &steps,
        resources: &resources,
    };
    FailureMail::render(failed, language, "f@norrform.se", "o@norrform.se").unwrap()
}

#[test]
fn whatever_a_vendor_says_a_failure_is_told_in_the_templates_document() {
    let proof = Proof::of(
        "S8",
        "payloads in every value of the mail about a failed run, read as a browser does",
    );
    let naughty: Vec<String> =
        serde_json::from_str(include_str!("../../../../tests/naughty.json")).unwrap();
    let payloads: Vec<_> = naughty
        .iter()
        .filter(|text| !text.trim().is_empty())
        .collect();
    assert!(payloads.len() >= 50, "{} payloads", payloads.len());
    let run = run(RunState::Leftovers);
    for (language, by_step) in [
        (Language::Sv, true),
        (Language::Sv, false),
        (Language::En, true),
        (Language::En, false),
    ] {
        let template = read(&failure(&run, by_step, language, NAME, PLACE).html);
        assert!(has_place(&template), "{language:?} has places");
        assert_ne!(with_in(&template, NAME, ""), template, "and the name");
        for payload in &payloads {
            let mail = failure(&run, by_step, language, payload, payload);
            let named = with_in(&template, NAME, &header(payload));
            assert_eq!(
                read(&mail.html),
                with(&named, payload),
                "{language:?}, by a step: {by_step}: {payload:?}"
            );
            assert!(
                !mail.subject.chars().any(char::is_control),
                "a header is one line: {:?}",
                mail.subject
            );
            proof.held(1);
        }
    }
}
