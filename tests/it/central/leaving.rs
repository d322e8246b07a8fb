//! A server that is left: not with a run under way or all the records on it, and nobody writes to it any more.

use std::time::Duration;

use fabrik_app::{Begin, Cause, CustomerQuery, Problem, RunQuery};
use tokio::{
    net::{TcpListener, UnixStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::{customers, set, window_of, wish};
use crate::{
    server::{Database, socket},
    world::{Latency, TestApp},
};

/// What a window that is still open writes comes along, or is refused: nothing is written that is missing afterwards. The
/// server is another desktop's too, which goes on there.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_server_open_that_was_left_writes_no_more_to_it() {
    let (anna, bo) = (TestApp::new().await, TestApp::new().await);
    let url = Database::new().direct().to_string();
    set(&anna, &url, &["--move"]).await;
    set(&bo, &url, &[]).await;
    let (window, idle) = (window_of(&anna).await, window_of(&anna).await);
    let at_work = tokio::time::timeout(Duration::from_mins(1), async {
        let mut added = Vec::new();
        loop {
            let name = format!("kund-{:04}", added.len());
            match window.customer_add(wish(&name)).await {
                Ok(_) => added.push(name),
                Err(problem) => return (added, *problem.cause),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let leaving = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        set(&anna, "local", &[]).await;
    };
    let (worked, ()) = tokio::join!(at_work, leaving);
    let (added, refused) = worked.expect("it is refused in time");
    assert_eq!(refused, Cause::DatabaseLeft);
    assert!(!added.is_empty(), "it was at work before");
    assert_eq!(customers(&anna).await, added, "all of it came along");

    let late = idle.customer_add(wish("sen")).await;
    assert_eq!(*late.unwrap_err().cause, Cause::DatabaseLeft, "at once");
    let standing = idle.standing().await.unwrap();
    let said = |problem: &Problem| *problem.cause == Cause::DatabaseLeft;
    assert!(standing.iter().any(said), "{standing:?}");
    bo.add_on("bjork", "factory", "starter").await;
    assert_eq!(
        customers(&bo).await.first().map(String::as_str),
        Some("bjork")
    );
    anna.add_on("ceder", "factory", "starter").await;
}

/// Left as it is, with nothing to bring along: a run there is gone on with to its end first.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_not_left_while_a_run_of_this_desktop_is_under_way() {
    // Long enough to be met in its middle.
    let app = TestApp::with(Latency::File("base = \"none\"\nsupabase.ready = 8\n")).await;
    let url = Database::new().direct().to_string();
    set(&app, &url, &[]).await;
    app.add_on("akermark", "factory", "starter").await;
    let window = window_of(&app).await;
    let provisioning = app.spawn(&["provision", "akermark", "--yes", "--json"]);
    let middle = tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            let runs = window.runs_list(RunQuery::default()).await.unwrap().runs;
            if runs.iter().any(|run| run.steps_done > 0) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    middle.await.expect("a step is done");
    let local = ["settings", "set", "database", "local", "--json"];
    let refused = app.run(&local).await;
    assert_eq!(refused.json()["code"], "run_active", "{refused:#?}");
    TestApp::ended(provisioning).await.exits(0);
    app.run(&local).await.exits(0);
    assert_eq!(customers(&app).await, [""; 0], "as it was left");
}

/// The other server is asked after the first look, and answers once a run has begun: the second look finds it, and nothing
/// is written of a choice that is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_begins_meanwhile_keeps_its_server() {
    let app = TestApp::new().await;
    let (here, there) = (Database::new(), Database::new());
    let url = here.direct().to_string();
    set(&app, &url, &[]).await;
    app.add_on("akermark", "factory", "starter").await;
    let window = window_of(&app).await;
    let list = window.customers_list(CustomerQuery::default()).await;
    let customer = list.unwrap().customers[0].customer.id;
    let door = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = door.local_addr().unwrap().port();
    let answering = async {
        let mut carried = JoinSet::new();
        while let Ok((mut asked, _)) = door.accept().await {
            if carried.is_empty() {
                let cancel = CancellationToken::new();
                let begun = window.begin(customer, None, &cancel).await;
                assert!(matches!(begun, Ok(Begin::Begun(..))), "it is free");
            }
            let mut server = UnixStream::connect(socket()).await.unwrap();
            carried.spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut asked, &mut server).await;
            });
        }
    };
    let other = format!("postgres://postgres@127.0.0.1:{port}/{}", there.name);
    let choose = ["settings", "set", "database", &other, "--json"];
    let refused = tokio::select! {
        refused = app.run(&choose) => refused.json(),
        () = answering => panic!("the door is shut"),
    };
    assert_eq!(refused["code"], "run_active", "{refused:#}");
    let get = ["settings", "get", "database", "--json"];
    let noted = app.run(&get).await.exits(0).json();
    assert_eq!(noted["place"], *url, "{noted:#}");
    let log = window.store().audit_log(None, 0).await.unwrap();
    let chosen = log
        .iter()
        .find(|line| line.entry.action == "database.chosen");
    assert_eq!(chosen, None, "it was not left");
}

/// What was moved is on the server alone: an older file takes its place only with all that it has become there.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_has_all_the_records_is_not_left_unopened() {
    let app = TestApp::new().await;
    let database = Database::new();
    database.run("CREATE ROLE gustav LOGIN SUPERUSER PASSWORD 'one'");
    let url = database.with_password("gustav", "").to_string();
    app.add_on("akermark", "factory", "starter").await;
    let moved = ["settings", "set", "database", &url, "--move", "--json"];
    app.run_with_input(&moved, "one\n").await.exits(0);

    database.run("ALTER ROLE gustav PASSWORD 'two'");
    let local = ["settings", "set", "database", "local", "--json"];
    let refused = app.run(&local).await.exits(3).json();
    assert_eq!(refused["code"], "database_only_there", "{refused:#}");
    assert_eq!(refused["place"], *url, "{refused:#}");
    let other = Database::new().direct().to_string();
    let elsewhere = ["settings", "set", "database", &other, "--json"];
    let refused = app.run(&elsewhere).await.exits(3).json();
    assert_eq!(refused["code"], "database_only_there", "{refused:#}");
    assert_eq!(refused["place"], *url, "{refused:#}");
    let direct = set(&app, &database.direct().to_string(), &[]).await;
    assert_eq!(direct["left"], *url, "{direct:#}");
    assert_eq!(customers(&app).await, ["akermark"], "by another way");
    let refused = app.run(&elsewhere).await.exits(3).json();
    assert_eq!(
        refused["code"], "database_only_there",
        "opened: {refused:#}"
    );
    let choose = ["settings", "set", "database", &url, "--json"];
    app.run_with_input(&choose, "two\n").await.exits(0);
    set(&app, "local", &[]).await;
    assert_eq!(customers(&app).await, ["akermark"], "brought back");
}

/// By its connections from before another process may drive a run there, whose end it could not write any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_another_process_has_open_is_not_left_unopened() {
    let app = TestApp::new().await;
    let database = Database::new();
    database.run("CREATE ROLE johan LOGIN SUPERUSER PASSWORD 'one'");
    let url = database.with_password("johan", "").to_string();
    let choose = ["settings", "set", "database", &url, "--json"];
    app.run_with_input(&choose, "one\n").await.exits(0);
    let window = window_of(&app).await;

    database.run("ALTER ROLE johan PASSWORD 'two'");
    let other = Database::new().direct().to_string();
    for place in [other.as_str(), "local"] {
        let elsewhere = ["settings", "set", "database", place, "--json"];
        let refused = app.run(&elsewhere).await.exits(1).json();
        assert_eq!(refused["code"], "database_busy", "{place}: {refused:#}");
    }
    app.run_with_input(&choose, "two\n").await.exits(0);
    let added = window.customer_add(wish("bjork")).await;
    added.expect("a new password leaves nobody behind");

    database.run("ALTER ROLE johan PASSWORD 'three'");
    drop(window);
    let left = set(&app, "local", &[]).await;
    assert_eq!(left["left"], *url, "{left:#}");
}
