//! Applied once, proved each time. The SQL itself is run against a real database by the product's tests.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::{Value, json};

use super::*;
use crate::testing::{Asked, Scene, Vendor, parameters, supabase};

const SCHEMA: &str = "create table public.members ();";

fn scene() -> Scene {
    let mut scene = Scene::new(StepKind::DatabaseSchema, "schema");
    scene
        .snapshot
        .blueprint
        .files
        .insert("schema.sql".to_owned(), SCHEMA.to_owned());
    scene
}

fn step(vendor: &Vendor) -> DatabaseSchema {
    let with = json!({
        "project": "aaaaaaaaaaaaaaaaaaaa", "files": ["schema.sql"], "tables": ["members"],
        "forbidden_columns": ["tenant_id"], "profile_table": "members", "profile": { "name": "Åkermark & Co" },
    });
    let with = parameters(&with).read(&[]).unwrap();
    DatabaseSchema {
        management: supabase(&vendor.base),
        with,
        undoes: false,
    }
}

/// A database with these tables and records.
async fn database(survey: Value, records: Value) -> Vendor {
    Vendor::start(move |asked| {
        let sql = asked.body["query"].as_str().unwrap();
        let rows = if sql.starts_with("select name") {
            &records
        } else {
            &survey
        };
        (201, json!(rows))
    })
    .await
}

fn survey(has_records: bool, tables: &[&str], unsecured: &[&str], forbidden: &[&str]) -> Value {
    json!([{
        "has_records": has_records, "tables": tables, "unsecured": unsecured, "forbidden": forbidden,
    }])
}

fn applied(hash: &str) -> Value {
    json!([{"name": "schema.sql", "sha256": hash}])
}

fn only_reads(vendor: &Vendor) -> bool {
    vendor
        .asked()
        .iter()
        .all(|asked: &Asked| asked.path.ends_with("/database/query/read-only"))
}

#[tokio::test]
async fn an_empty_database_gets_its_files_once() {
    let vendor = database(survey(false, &[], &[], &[]), json!([])).await;
    let mut scene = scene();
    let Found::Absent { evidence } = step(&vendor).find(&scene.context()).await.unwrap() else {
        panic!("nothing is there");
    };
    assert!(only_reads(&vendor));
    scene.evidence = Some(evidence);
    step(&vendor).create(&scene.context()).await.unwrap();
    let call = vendor.asked().pop().unwrap();
    assert!(call.path.ends_with("/database/query"), "{}", call.path);
    let sql = call.body["query"].as_str().unwrap();
    assert!(
        sql.starts_with("begin ") && sql.ends_with("commit;"),
        "all or nothing"
    );
    assert!(sql.contains(SCHEMA) && sql.contains(&sha256(SCHEMA)));
    let said = "update public.\"members\" set \"name\" = 'Åkermark & Co';";
    assert!(sql.contains(said), "whose it is, in the same go: {sql}");
    assert_eq!(step(&vendor).profile("policies.sql"), None, "once");
}

#[tokio::test]
async fn what_is_applied_and_whole_is_left_alone() {
    let vendor = database(
        survey(true, &["members"], &[], &[]),
        applied(&sha256(SCHEMA)),
    )
    .await;
    let scene = scene();
    let Found::Ours(ours) = step(&vendor).find(&scene.context()).await.unwrap() else {
        panic!("it is applied")
    };
    assert_eq!(ours.id, "aaaaaaaaaaaaaaaaaaaa", "it has no id of its own");
    let readiness = step(&vendor)
        .await_ready(&scene.context(), None)
        .await
        .unwrap();
    let Readiness::Ready(outputs) = readiness else {
        panic!("{readiness:?}")
    };
    assert_eq!(outputs["tables"], Output::Public("1".to_owned()));
    assert!(only_reads(&vendor));
}

#[tokio::test]
async fn another_version_and_anothers_tables_are_not_written_over() {
    for (survey, records, code) in [
        (
            survey(true, &["members"], &[], &[]),
            applied("other"),
            "schema_differs",
        ),
        (
            survey(false, &["members"], &[], &[]),
            json!([]),
            "name_taken",
        ),
        (
            survey(true, &["members"], &[], &[]),
            json!([]),
            "name_taken",
        ),
    ] {
        let vendor = database(survey, records).await;
        let found = step(&vendor).find(&scene().context()).await.unwrap();
        let Found::Foreign(problem) = found else {
            panic!("{code}: {found:?}")
        };
        assert_eq!(problem.code(), code);
    }
}

#[tokio::test]
async fn lost_security_is_mended_without_applying_again() {
    let unsecured = survey(true, &["members"], &["members"], &[]);
    let vendor = database(unsecured, applied(&sha256(SCHEMA))).await;
    let mut scene = scene();
    let Found::Absent { evidence } = step(&vendor).find(&scene.context()).await.unwrap() else {
        panic!("a table is open");
    };
    scene.evidence = Some(evidence);
    step(&vendor).create(&scene.context()).await.unwrap();
    let sql = vendor.asked().pop().unwrap().body["query"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        sql.contains("enable row level security") && !sql.contains(SCHEMA),
        "{sql}"
    );
}

#[tokio::test]
async fn every_broken_promise_fails_the_step() {
    for (survey, code) in [
        (survey(true, &[], &[], &[]), "table_missing"),
        (
            survey(true, &["members"], &["members"], &[]),
            "row_security_missing",
        ),
        (
            survey(true, &["members"], &[], &["members.tenant_id"]),
            "forbidden",
        ),
    ] {
        let vendor = database(survey, json!([])).await;
        let readiness = step(&vendor)
            .await_ready(&scene().context(), None)
            .await
            .unwrap();
        let Readiness::Failed(problem) = readiness else {
            panic!("{code}: {readiness:?}")
        };
        assert_eq!(problem.code(), code);
    }
}

#[tokio::test]
async fn a_second_application_is_no_failure_and_a_bad_file_is() {
    for (words, refused) in [
        (
            "ERROR:  23505: duplicate key value violates unique constraint \"applied_files_pkey\"",
            false,
        ),
        ("ERROR:  42601: syntax error at or near \"tabel\"", true),
    ] {
        let words = Mutex::new(words);
        let vendor = Vendor::start(move |_| {
            let words = *words.lock().unwrap();
            (
                400,
                json!({"message": format!("Failed to run sql query: {words}")}),
            )
        })
        .await;
        let mut scene = scene();
        scene.evidence = Some(json!({"pending": ["schema.sql"]}));
        let answer = step(&vendor).create(&scene.context()).await;
        match answer {
            Ok(_) => assert!(!refused),
            Err(failure) => {
                assert!(refused, "{failure:?}");
                assert_eq!(failure.problem.code(), "schema_refused");
                assert!(
                    failure.problem.detail.unwrap().contains("tabel"),
                    "the vendor's words stay"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_file_that_reaches_out_of_the_schemas_is_told_with_what_it_touched() {
    let words = "Failed to run sql query: ERROR:  FAB01: [\"role a, b\", \"trigger t on auth.users\"]\n\
                 CONTEXT:  PL/pgSQL function inline_code_block line 84 at RAISE";
    let vendor = Vendor::start(move |_| (400, json!({ "message": words }))).await;
    let mut scene = scene();
    scene.evidence = Some(json!({"pending": ["schema.sql"]}));
    let failure = step(&vendor).create(&scene.context()).await.unwrap_err();
    assert_eq!(
        *failure.problem.cause,
        Cause::OutsideTouched {
            file: "schema.sql".to_owned(),
            what: ["role a, b", "trigger t on auth.users"]
                .map(str::to_owned)
                .to_vec(),
        }
    );
    assert_eq!(vendor.asked().len(), TRIES, "and tried no more");
}

#[tokio::test]
async fn what_another_session_was_in_the_way_of_is_tried_again() {
    for words in [
        "40001: could not serialize access due to concurrent update",
        "40P01: deadlock detected",
        "FAB01: [\"storage.objects\"]",
    ] {
        let calls = AtomicUsize::new(0);
        let vendor = Vendor::start(move |_| match calls.fetch_add(1, Ordering::Relaxed) {
            0 => {
                let message = format!("Failed to run sql query: ERROR:  {words}");
                (400, json!({ "message": message }))
            }
            _ => (201, json!([])),
        })
        .await;
        let mut scene = scene();
        scene.evidence = Some(json!({"pending": ["schema.sql"]}));
        let created = step(&vendor).create(&scene.context()).await;
        assert!(created.is_ok(), "{words}: {created:?}");
        assert_eq!(vendor.asked().len(), 2, "{words}");
    }
}

#[tokio::test]
async fn a_file_that_the_blueprint_lacks_is_told_beforehand() {
    let vendor = database(json!([]), json!([])).await;
    let mut scene = scene();
    scene.snapshot.blueprint.files.clear();
    let problems = step(&vendor).check(&scene.context()).await.unwrap();
    assert_eq!(problems[0].code(), "blueprint_invalid");
}

#[tokio::test]
async fn a_schema_goes_with_its_project_and_stays_in_one_that_stays() {
    let scene = scene();
    let removed = json!({"message": "Resource has been removed"});
    let there = json!({"ref": "aaaaaaaaaaaaaaaaaaaa", "name": "a", "status": "ACTIVE_HEALTHY"});
    for (status, body, expected) in [
        (
            200,
            there,
            left_standing::holds_data(Provider::Supabase, "schema.sql"),
        ),
        (400, removed, Undone::Gone),
        (
            404,
            json!({}),
            left_standing::cannot_see(Provider::Supabase, "schema.sql"),
        ),
    ] {
        let vendor = Vendor::start(move |_| (status, body.clone())).await;
        let step = step(&vendor);
        assert_eq!(
            step.within(),
            Some(left_standing::supabase("aaaaaaaaaaaaaaaaaaaa"))
        );
        let existing = step.existing(&scene.context(), &step.with.files).unwrap();
        let undone = step.undo(&scene.context(), &existing).await.unwrap();
        assert_eq!(undone, expected);
        assert!(vendor.changes().is_empty(), "no statement is run");
    }
}
