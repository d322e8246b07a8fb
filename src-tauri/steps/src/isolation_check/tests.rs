//! What counts as shut, and what as open. The SQL is run against a real database by the product's tests.

use serde_json::{Value, json};

use super::*;
use crate::{
    digest::sha256,
    testing::{Asked, Scene, Vendor, clouds, parameters},
};

const REF: &str = "aaaaaaaaaaaaaaaaaaaa";
const OTHER: &str = "bbbbbbbbbbbbbbbbbbbb";
const CANARY: &str = "insert into public.members values (1);";

fn scene() -> Scene {
    let mut scene = Scene::new(StepKind::IsolationCheck, "isolation");
    let files = &mut scene.snapshot.blueprint.files;
    files.insert("canary.sql".to_owned(), CANARY.to_owned());
    scene.evidence = Some(json!(true));
    scene
}

/// A later run of a customer who has this instance.
fn handed_over() -> Scene {
    let mut scene = scene();
    scene.evidence = None;
    scene.snapshot.customer.status = CustomerStatus::Active;
    scene.snapshot.customer.supabase_project_ref = Some(REF.to_owned());
    scene
}

fn step(vendor: &Vendor) -> IsolationCheck {
    let with = json!({
        "project": REF, "project_url": format!("{}/_projects/{REF}", vendor.base),
        "publishable_key": "sb_publishable_own",
    });
    IsolationCheck {
        clouds: clouds(&vendor.base),
        with: parameters(&with).read(&[]).unwrap(),
    }
}

/// The file that was applied, and that it was tried with the canary.
fn records() -> Value {
    let tried = sha256(format!("schema.sql aa\n{}", sha256(CANARY)));
    json!([
        {"name": "schema.sql", "sha256": "aa"},
        {"name": format!("isolation-check:{tried}"), "sha256": tried},
    ])
}

fn of_records(asked: &Asked) -> Option<(u16, Value)> {
    let sql = asked.body["query"].as_str()?;
    let of_records = sql.contains("fabrik.applied_files");
    of_records.then(|| {
        (
            201,
            if sql.starts_with("select") {
                records()
            } else {
                json!([])
            },
        )
    })
}

/// A project that says this of itself, and answers REST by whose project is asked with which key.
fn projects(
    breaches: Value,
    rest: impl Fn(&str, &str) -> (u16, Value),
) -> impl Fn(&Asked) -> (u16, Value) {
    move |asked| {
        let path = asked.path.split('?').next().unwrap();
        if path.contains("/rest/v1/") {
            let key = asked.headers["apikey"].to_str().unwrap();
            let whose = if path.contains(OTHER) { OTHER } else { REF };
            return rest(whose, key);
        }
        if let Some(answer) = of_records(asked) {
            return answer;
        }
        match path.rsplit('/').next().unwrap() {
            "api-keys" => (
                200,
                json!([{"name": "default", "type": "publishable", "api_key": "sb_publishable_other"}]),
            ),
            "query" | "read-only" => (
                201,
                json!([{"breaches": breaches, "attempts": [], "served": ["members", "tasks"]}]),
            ),
            other => panic!("{other} was not expected"),
        }
    }
}

/// The same without a neighbour.
fn project(
    breaches: Value,
    rest: impl Fn(&str) -> (u16, Value),
) -> impl Fn(&Asked) -> (u16, Value) {
    projects(breaches, move |_, key| rest(key))
}

fn refused() -> (u16, Value) {
    (
        401,
        json!({"code": "42501", "message": "permission denied for table members"}),
    )
}

fn no_key() -> (u16, Value) {
    (401, json!({"message": "Invalid API key"}))
}

async fn readiness(vendor: &Vendor, neighbours: &[&str]) -> Readiness {
    let mut step = step(vendor);
    step.clouds.neighbours = neighbours.iter().map(|&one| one.to_owned()).collect();
    step.await_ready(&scene().context(), None).await.unwrap()
}

#[tokio::test]
async fn a_database_that_is_shut_is_proved_so() {
    for answer in [refused(), (200, json!([]))] {
        let vendor = Vendor::start(project(json!([]), move |_| answer.clone())).await;
        let readiness = readiness(&vendor, &[]).await;
        assert_eq!(readiness, Readiness::Ready(Outputs::new()));
        let asked = vendor.asked();
        let mut scripts = asked.iter().filter_map(|one| one.body["query"].as_str());
        let script = scripts.find(|script| script.contains(CANARY)).unwrap();
        assert!(
            script.starts_with("begin;") && script.ends_with("rollback;"),
            "nothing of the canary stays"
        );
        let note = scripts.next().unwrap();
        let tried = records()[1]["sha256"].as_str().unwrap().to_owned();
        assert!(
            note.starts_with("insert") && note.contains(&tried),
            "what was tried is written down: {note}"
        );
    }
}

#[tokio::test]
async fn whatever_stands_open_is_named() {
    let inside = json!([{"breach": "writable", "subject": "tasks"}]);
    let vendor = Vendor::start(project(inside, |_| (200, json!([{"user_id": "1"}])))).await;
    let Readiness::Failed(problem) = readiness(&vendor, &[]).await else {
        panic!("the administrator's row is served to everybody")
    };
    let Cause::IsolationBroken { findings } = *problem.cause else {
        panic!("{problem:?}")
    };
    let named: Vec<_> = findings
        .iter()
        .map(|one| (one.breach, one.subject.as_str()))
        .collect();
    assert_eq!(
        named,
        [
            (Breach::Writable, "tasks"),
            (Breach::Served, "members"),
            (Breach::Served, "tasks")
        ]
    );
}

#[tokio::test]
async fn between_two_customers_each_key_must_be_refused_as_a_key() {
    let unknown = || (404, json!({"code": "PGRST205", "message": "no such table"}));
    for (here, there, broken) in [
        (no_key(), no_key(), false),
        // Let in as somebody, and then told that `anon` may not, or that there is no such table.
        (refused(), no_key(), true),
        ((200, json!([])), no_key(), true),
        (no_key(), refused(), true),
        (no_key(), unknown(), true),
    ] {
        let expected = format!("{here:?} here, {there:?} there");
        let rest = move |whose: &str, key: &str| match (whose, key) {
            (REF, "sb_publishable_own") => refused(),
            (REF, "sb_publishable_other") => here.clone(),
            (OTHER, "sb_publishable_own") => there.clone(),
            asked => panic!("{asked:?} was not expected"),
        };
        let vendor = Vendor::start(projects(json!([]), rest)).await;
        let readiness = readiness(&vendor, &[REF, OTHER]).await;
        assert_eq!(
            matches!(readiness, Readiness::Failed(_)),
            broken,
            "{expected}: {readiness:?}"
        );
    }
}

#[tokio::test]
async fn a_neighbour_that_does_not_answer_stands_in_nobodys_way() {
    let rest = |whose: &str, _: &str| match whose {
        REF => refused(),
        _ => (540, json!({"message": "Project paused"})),
    };
    let vendor = Vendor::start(projects(json!([]), rest)).await;
    let readiness = readiness(&vendor, &[OTHER]).await;
    assert_eq!(readiness, Readiness::Ready(Outputs::new()));
}

#[tokio::test]
async fn what_is_refused_in_a_batch_is_tried_by_halves() {
    // The second of three attempts is refused by a policy, the third gets past it to a constraint.
    let attempt = |subject: &str, writes: bool, sql: &str| json!({"subject": subject, "writes": writes, "sql": sql});
    let attempts = json!([
        attempt("shown", false, "perform 1 from shown"),
        attempt("shut", true, "delete from shut"),
        attempt("added", true, "insert into added default values"),
    ]);
    let vendor = Vendor::start(move |asked| {
        if asked.path.contains("/rest/v1/") {
            return refused();
        }
        if let Some(answer) = of_records(asked) {
            return answer;
        }
        let sql = asked.body["query"].as_str().unwrap();
        let says = |words: &str| {
            (
                400,
                json!({"message": format!("Failed to run sql query: ERROR:  {words}")}),
            )
        };
        if sql.contains("as attempts") {
            (
                201,
                json!([{"breaches": [], "attempts": attempts, "served": ["shown"]}]),
            )
        } else if sql.contains("delete from shut") {
            says("42501: new row violates row-level security policy")
        } else if sql.contains("insert into added") {
            says("23502: null value")
        } else {
            (201, json!([{"came": [0]}]))
        }
    })
    .await;
    let Readiness::Failed(problem) = readiness(&vendor, &[]).await else {
        panic!("two of them came in")
    };
    let Cause::IsolationBroken { findings } = *problem.cause else {
        panic!("{problem:?}")
    };
    let named: Vec<_> = findings
        .iter()
        .map(|one| (one.breach, one.subject.as_str()))
        .collect();
    assert_eq!(
        named,
        [(Breach::Readable, "shown"), (Breach::Writable, "added")]
    );
}

#[tokio::test]
async fn a_servers_trouble_is_no_proof() {
    let vendor = Vendor::start(|asked| {
        if let Some(answer) = of_records(asked) {
            return answer;
        }
        let sql = asked.body["query"].as_str().unwrap();
        if sql.contains("as attempts") {
            let attempt = json!({"subject": "t", "writes": false, "sql": "perform 1 from t"});
            return (
                201,
                json!([{"breaches": [], "attempts": [attempt], "served": ["t"]}]),
            );
        }
        let words =
            "Failed to run sql query: ERROR:  57014: canceling statement due to statement timeout";
        (400, json!({ "message": words }))
    })
    .await;
    let result = step(&vendor).await_ready(&scene().context(), None).await;
    assert!(result.is_err(), "{result:?}");
}

#[tokio::test]
async fn tables_that_rest_does_not_know_yet_prove_nothing() {
    let unknown = || (404, json!({"code": "PGRST205", "message": "no such table"}));
    let vendor = Vendor::start(project(json!([]), move |_| unknown())).await;
    let readiness = readiness(&vendor, &[]).await;
    assert!(
        matches!(readiness, Readiness::NotYet { .. }),
        "{readiness:?}"
    );
}

#[tokio::test]
async fn a_canary_that_can_not_be_put_in_is_told_with_its_file() {
    let vendor =
        Vendor::start(|_| (400, json!({"message": "Failed to run sql query: 42P01"}))).await;
    let failure = step(&vendor)
        .await_ready(&scene().context(), None)
        .await
        .unwrap_err();
    assert_eq!(failure.problem.code(), "schema_refused");
    let mut scene = scene();
    scene.snapshot.blueprint.files.clear();
    let problems = step(&vendor).check(&scene.context()).await.unwrap();
    assert_eq!(
        problems[0].code(),
        "blueprint_invalid",
        "a missing one is told beforehand"
    );
}

#[tokio::test]
async fn an_instance_that_was_handed_over_is_looked_at_from_outside_alone() {
    for (answer, satisfied) in [(refused(), true), ((200, json!([{"a": 1}])), false)] {
        let vendor = Vendor::start(project(json!([]), move |_| answer.clone())).await;
        let found = step(&vendor).find(&handed_over().context()).await.unwrap();
        assert_eq!(found == Found::Satisfied, satisfied, "{found:?}");
        let writes = vendor
            .asked()
            .iter()
            .any(|asked| asked.path.ends_with("/database/query"));
        assert!(!writes, "no statement that could change anything");
    }
}

#[tokio::test]
async fn what_was_applied_since_the_last_trial_is_tried_though_the_instance_was_handed_over() {
    let added = json!({"name": "open.sql", "sha256": "bb"});
    for (change, satisfied) in [(None, true), (Some(added), false)] {
        let shut = project(json!([]), |_| refused());
        let known = records();
        let known = known.as_array().unwrap().iter().cloned();
        let records: Value = known.chain(change).collect();
        let vendor = Vendor::start(move |asked| match of_records(asked) {
            Some(_) => (201, records.clone()),
            None => shut(asked),
        })
        .await;
        let found = step(&vendor).find(&handed_over().context()).await.unwrap();
        assert_eq!(found == Found::Satisfied, satisfied, "{found:?}");
    }
}
