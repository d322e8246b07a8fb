//! The agency's server, gone in the middle of what it is asked or told: what was known stays, and nothing is lost.

use fabrik_app::Cause;
use serde_json::json;

use super::{AGENCY, CLIENT_STACK, agency, asked, document};
use crate::{central::window_of, way::Way, world::TestApp};

/// So many customers that their rows are nearly all that a reading gets.
const MANY: usize = 3_000;

/// A row is at least so many bytes.
const ROW: usize = 64;

/// Rows that were not met may be there, for all that is known: nobody is withdrawn, changed or added by half of a table.
#[tokio::test(flavor = "multi_thread")]
async fn a_reading_that_breaks_off_changes_nobody_and_the_next_one_has_all() {
    let app = TestApp::new().await;
    let (database, _) = agency(AGENCY);
    database.run(&format!(
        "INSERT INTO agency_onboarding_requests (agency_name, admin_email, desired_subdomain, status)
         SELECT 'Kund ' || number, 'info@kund-' || number || '.example', 'kund-' || number, 'approved'
         FROM generate_series(1, {MANY}) AS number"
    ));
    let mut way = Way::to_server().await;
    let (url, server) = (way.url(&database), format!("127.0.0.1:{}", way.port));
    let connect = ["connect", &url, "--preset", "agency", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    let breaks_off = async || {
        let told = document(&app, &["refresh"], 1).await;
        assert_eq!(
            (&told["code"], &told["server"]),
            (&json!("database_unreachable"), &json!(server)),
            "{told:#}"
        );
        let hint = told["hint"].as_str().unwrap();
        assert!(hint.contains("try again"), "what next: {told:#}");
    };
    let known = async || {
        let customers = app.run(&["customers", "list", "--json"]).await.exits(0);
        let requests = ["requests", "list", "--state", "all", "--json"];
        let requests = app.run(&requests).await.exits(0);
        (customers.json(), requests.json())
    };
    let nobody = known().await;
    way.mend_for(MANY * ROW / 2).await;
    breaks_off().await;
    assert!(known().await == nobody, "none of the first half is there");
    way.mend().await;
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(
        (&report["added"], &report["asked"]),
        (&json!(MANY + 1), &json!(1)),
        "{report:#}"
    );
    let whole = way.answered();
    assert!(whole > MANY * ROW, "{whole} bytes");

    let window = window_of(&app).await;
    let report = window.source_refresh().await.unwrap();
    database.run(
        "UPDATE agency_onboarding_requests SET admin_name = 'Eva' WHERE id BETWEEN 4 AND 13;
         DELETE FROM agency_onboarding_requests WHERE id = 14;
         INSERT INTO agency_onboarding_requests (agency_name, admin_email, desired_subdomain, status) VALUES
             ('Fors Byrå', 'f@fors.example', 'fors', 'approved'),
             ('Gran Byrå', 'g@gran.example', 'gran', 'pending');",
    );
    let before = known().await;
    for tenths in [1, 5, 9] {
        way.mend_for(whole * tenths / 10).await;
        breaks_off().await;
        assert!(known().await == before, "{tenths} tenths: all stay");
    }
    // One that stays open has what came of it the last time, and says beside it what stands in the way.
    way.mend_for(whole / 2).await;
    let broken = window.source_refresh().await.unwrap_err();
    assert_eq!(*broken.cause, Cause::DatabaseUnreachable { server });
    let shown = window.source_get().await.unwrap().connected.unwrap();
    assert_eq!(
        (shown.problem, shown.report),
        (Some(broken), Some(report)),
        "of the last whole one"
    );
    assert!(known().await == before, "all stay");

    way.mend().await;
    let report = window.source_refresh().await.unwrap();
    assert_eq!(
        (report.rows, report.added, report.asked, report.changed),
        (MANY as u64 + 4, 1, 1, 10),
        "{report:#?}"
    );
    assert_eq!((report.refused, report.absent), (0, 1), "{report:#?}");
    let shown = window.source_get().await.unwrap().connected.unwrap();
    assert_eq!(shown.problem, None);
    let again = document(&app, &["refresh"], 0).await;
    let counts = ["added", "asked", "changed"].map(|count| again[count].clone());
    assert_eq!(counts, [0, 0, 0].map(|none| json!(none)), "once: {again:#}");
}

/// What was cut before the server took it is not there at all; what it took unheard is not written
/// again, and what the agency has changed in it since stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_result_whose_writing_breaks_off_is_written_once_the_server_is_back() {
    let app = TestApp::new().await;
    let (database, _) = agency(CLIENT_STACK);
    database.run(
        "INSERT INTO clients VALUES
             ('AC-2', 'Gran', 'g@gran.example', NULL, '[]', 'new', NULL, NULL),
             ('AC-3', 'Holm', 'h@holm.example', NULL, '[]', 'new', NULL, NULL),
             ('AC-4', 'Lind', 'l@lind.example', NULL, '[]', 'new', NULL, NULL);
         CREATE TABLE writes (client_id text, status text);
         CREATE SEQUENCE seen;
         CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             PERFORM nextval('seen');
             INSERT INTO writes VALUES (NEW.client_id, NEW.status);
             RETURN NULL;
         END $$;
         CREATE TRIGGER noted AFTER UPDATE ON clients FOR EACH ROW EXECUTE FUNCTION noted();",
    );
    let mut way = Way::to_server().await;
    let url = way.url(&database);
    let connect = ["connect", &url, "--preset", "client-stack", "--blueprint"];
    document(&app, &[&connect[..], &["factory"]].concat(), 0).await;
    document(&app, &["refresh"], 0).await;
    let row = async |id: &str| {
        let sql = format!(
            "SELECT json_build_array(status, repository_url IS NOT NULL)::text
             FROM clients WHERE client_id = '{id}'"
        );
        asked(&database, &sql).await
    };
    // What a sequence has given stays given where the change is taken back.
    let seen = async || {
        let sql = "SELECT (CASE WHEN is_called THEN last_value ELSE 0 END)::text FROM seen";
        asked(&database, sql).await.as_i64().unwrap()
    };
    let (untouched, written) = (json!(["new", false]), json!(["active", true]));
    way.mend().await;
    app.run(&["provision", "forsberg"]).await.exits(0);
    assert_eq!(row("AC-1").await, written);
    // A run's end is all that goes this way, of the same length for each.
    let whole = way.answered();
    for (customer, id, room, sees, found) in [
        ("gran", "AC-2", whole / 2, 0, &untouched),
        // In the middle of the answers that follow the change, and of the one to its commit, which is the last.
        ("holm", "AC-3", whole - 30, 1, &untouched),
        ("lind", "AC-4", whole - 9, 1, &written),
    ] {
        let before = seen().await;
        way.mend_for(room).await;
        let run = app.run(&["provision", customer, "--json"]).await;
        let run = run.exits(0).json();
        let told = &run["run"]["source_problem"];
        assert_eq!(told["code"], "database_unreachable", "{run:#}");
        assert!(told["hint"].is_string(), "what next: {run:#}");
        assert_eq!(row(id).await, *found, "{customer}");
        let since = seen().await - before;
        assert_eq!(since, sees, "{customer}: changes that the server saw");

        way.mend().await;
        let shown = document(&app, &["show"], 0).await;
        assert_eq!(shown["connected"]["untold"], 1, "{customer}: {shown:#}");
        let since = if *found == written {
            // Past the trigger, which notes what Fabrik writes.
            database.run(&format!(
                "SET session_replication_role = replica;
                 UPDATE clients SET repository_url = NULL WHERE client_id = '{id}'"
            ));
            json!(["active", false])
        } else {
            written.clone()
        };
        let report = document(&app, &["refresh"], 0).await;
        assert_eq!(report["told"], 1, "it was not lost: {report:#}");
        assert_eq!(row(id).await, since, "{customer}");
    }
    let report = document(&app, &["refresh"], 0).await;
    assert_eq!(report["told"], 0, "{report:#}");
    let sql = "SELECT json_agg(client_id || ' ' || status ORDER BY client_id)::text FROM writes";
    assert_eq!(
        asked(&database, sql).await,
        json!(["AC-1 active", "AC-2 active", "AC-3 active", "AC-4 active"]),
        "each once, what nobody had heard of too"
    );
}
