//! Names that somebody chose to do harm, each through a whole run of every stack that a customer has to itself (S6):
//! it leaves what an ordinary name leaves. The command line and a real database are tried in `tests/it/hostile.rs`.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fabrik_domain::{
    customer::{NewCustomer, check_name, slug_of},
    run::{OnFailure, RunState},
};
use fabrik_tests::Proof;
use serde_json::Value;

use crate::{
    extent::one_in,
    world::{World, each, simulate},
};

const BLUEPRINTS: [&str; 3] = ["factory", "agency", "client-stack"];

const ORDINARY: &str = "Ordinarie Bolag 4711";

/// What a name leaves behind.
struct Traces {
    /// How many rows each table of its database has.
    rows: BTreeMap<String, usize>,
    /// How many resources there are.
    resources: usize,
    /// Values in the database that are the name as it is.
    values: usize,
    /// The same of JSON in repositories.
    fields: usize,
    /// What begins a tag or a comment in its mail.
    tags: usize,
}

/// How many texts are this one.
fn texts(value: &Value, text: &str) -> usize {
    match value {
        Value::String(other) => usize::from(other == text),
        Value::Array(items) => items.iter().map(|item| texts(item, text)).sum(),
        Value::Object(fields) => fields.values().map(|field| texts(field, text)).sum(),
        _ => 0,
    }
}

/// How many texts in the repositories' files of JSON are this one.
fn texts_in_files(world: &World, text: &str) -> usize {
    let documents = world.cloud.documents();
    let blobs = documents.iter().filter(|((provider, kind, _), _)| {
        (provider.as_str(), kind.as_str()) == ("github", "blob")
    });
    let files = blobs.filter_map(|(_, blob)| {
        let content = STANDARD.decode(blob["content"].as_str()?).ok()?;
        serde_json::from_slice::<Value>(&content).ok()
    });
    files.map(|file| texts(&file, text)).sum()
}

/// A customer of this name is provisioned and removed again.
fn through(blueprint: &str, name: &str) -> Traces {
    simulate(async || {
        let when = format!("{blueprint}: {name:?}");
        let world = World::new(7).await;
        let before = world.census();
        let customer = world.add(NewCustomer {
            name: name.to_owned(),
            contact_name: Some(name.to_owned()),
            external_id: Some(name.to_owned()),
            ..World::new_customer(blueprint, &slug_of(name))
        });
        let customer = customer.await;
        let run = world.provision(&customer, OnFailure::Rollback).await;
        assert_eq!(run.state, RunState::Succeeded, "{when}: {:?}", run.error);
        let kept = world.store.customer(customer.id).await.unwrap();
        assert_eq!(kept.name, name, "{when}: in the records");

        let mails = world.mails();
        let mail = mails
            .iter()
            .find(|mail| mail["to"].to_string().contains(&customer.contact_email));
        let mail = mail.unwrap_or_else(|| panic!("{when}: its mail"));
        let subject = mail["subject"].as_str().unwrap();
        assert!(
            subject.contains(name) && !subject.chars().any(char::is_control),
            "{when}: {subject}"
        );
        let text = mail["text"].as_str().unwrap();
        assert!(text.contains(name), "{when}: {text}");
        let html = mail["html"].as_str().unwrap();

        let databases = world.cloud.databases();
        let tables = databases
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, tables)| tables.as_object().into_iter().flatten());
        let rows = tables.map(|(table, rows)| (table.clone(), rows.as_array().unwrap().len()));
        let traces = Traces {
            rows: rows.collect(),
            resources: world.census().len(),
            values: texts(&databases, name),
            fields: texts_in_files(&world, name),
            tags: html.matches('<').count(),
        };
        let removed = world.deprovision(&customer).await;
        assert_eq!(
            removed.state,
            RunState::Succeeded,
            "{when}: {:?}",
            removed.error
        );
        assert_eq!(world.census(), before, "{when}: all of it is gone");
        traces
    })
}

#[test]
fn a_naughty_name_leaves_what_an_ordinary_one_leaves() {
    let proof = Proof::of(
        "S6",
        "naughty strings as names through whole runs: database, files, mail, records",
    );
    let naughty: Vec<String> = serde_json::from_str(include_str!("../naughty.json")).unwrap();
    let admitted: Vec<_> = naughty
        .into_iter()
        .filter(|name| check_name(name).is_ok())
        .collect();
    assert!(
        admitted.len() >= 80,
        "{} of them are let in",
        admitted.len()
    );
    let names: Vec<_> = admitted.into_iter().step_by(one_in(10)).collect();
    for blueprint in BLUEPRINTS {
        let ordinary = through(blueprint, ORDINARY);
        assert!(!ordinary.rows.is_empty(), "{blueprint} has a database");
        if blueprint == "factory" {
            assert!(
                ordinary.values > 0 && ordinary.fields > 0,
                "the name is in its database and its repository"
            );
        }
        each(&names, |name| {
            let when = format!("{blueprint}: {name:?}");
            let traces = through(blueprint, name);
            assert_eq!(traces.rows, ordinary.rows, "{when}: tables and their rows");
            assert_eq!(traces.resources, ordinary.resources, "{when}: resources");
            assert_eq!(traces.tags, ordinary.tags, "{when}: tags of the mail");
            // A word such as `true` may be there for other reasons too.
            assert!(
                traces.values >= ordinary.values,
                "{when}: {} times in the database",
                traces.values
            );
            assert!(
                traces.fields >= ordinary.fields,
                "{when}: {} times in files",
                traces.fields
            );
            proof.held(1);
        });
    }
}
