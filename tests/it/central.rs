//! One central database for two desktops: records that move to a server and back, a customer provisioned there, and
//! what one desktop does seen by the other.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use fabrik_app::{
    App, Begin, Cause, CustomerQuery, EnteredSecret, Environment, Options, Problem, RunQuery,
    views::CustomerPage,
};
use fabrik_domain::{
    customer::NewCustomer,
    ports::Secrets,
    run::RunState,
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_vault::KeyringVault;
use serde_json::Value;
use tokio::{
    net::{TcpListener, UnixStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    server::{Database, socket},
    way::Way,
    world::{Latency, TestApp},
};

async fn customers(app: &TestApp) -> Vec<String> {
    let list = app.run(&["customers", "list", "--json"]).await.exits(0);
    let list = list.json();
    let rows = list["customers"].as_array().unwrap().iter();
    let mut names: Vec<_> = rows
        .map(|row| row["subdomain"].as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

async fn set(app: &TestApp, url: &str, rest: &[&str]) -> Value {
    let arguments = [&["settings", "set", "database", url, "--json"], rest].concat();
    app.run(&arguments).await.exits(0).json()
}

/// What a window of this desktop has open.
pub(crate) async fn window_of(app: &TestApp) -> Arc<App> {
    let variables = app
        .variables()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let window = App::open(Options {
        environment: Environment::of(variables, true),
        data_dir: None,
        workspace: None,
        browser: None,
    });
    Arc::new(window.await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_desktops_share_one_database_and_can_go_back() {
    let (anna, bo) = (TestApp::new().await, TestApp::new().await);
    let url = Database::new().direct().to_string();
    anna.add_on("akermark", "factory", "starter").await;

    let moved = set(&anna, &url, &["--move"]).await;
    let rows = moved["moved"].as_array().unwrap().iter();
    let of_customers = rows
        .clone()
        .find(|one| one["table"] == "customers")
        .unwrap();
    assert_eq!(of_customers["rows"], 1, "{moved:#}");
    assert_eq!(customers(&anna).await, ["akermark"], "on the server");
    let provisioned = anna
        .run(&["provision", "akermark", "--yes", "--json"])
        .await;
    provisioned.exits(0);

    set(&bo, &url, &[]).await;
    let shown = bo.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(shown["runs"][0]["state"], "succeeded", "{shown:#}");
    bo.add_on("bjork", "factory", "starter").await;
    assert_eq!(customers(&anna).await, ["akermark", "bjork"]);

    let back = set(&anna, "local", &[]).await;
    assert_eq!(back["server"], false, "{back:#}");
    assert_eq!(back["left"], url, "its records stay: {back:#}");
    assert_eq!(
        customers(&anna).await,
        ["akermark", "bjork"],
        "what had moved is brought back"
    );
    anna.add_on("ceder", "factory", "starter").await;
    assert_eq!(
        customers(&bo).await,
        ["akermark", "bjork"],
        "on the server still"
    );
    anna.run(&["doctor"]).await;
}

/// A customer to be added.
fn wish(name: &str) -> NewCustomer {
    NewCustomer {
        name: name.to_owned(),
        subdomain: name.to_owned(),
        contact_email: format!("info@{name}.example"),
        blueprint: "factory".to_owned(),
        plan: "starter".to_owned(),
        ..NewCustomer::default()
    }
}

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

/// Killed between two of its writings, a move is gone on with by the same command, with `--move` or without.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_was_broken_off_is_gone_on_with() {
    for again in [&["--move"][..], &[]] {
        let app = TestApp::new().await;
        let url = Database::new().direct().to_string();
        app.add_on("akermark", "factory", "starter").await;
        let folder = app.data().join("agency");
        let noted = folder.join("database.json");

        // After all is on the server, and before the file is shut: the shutting of it fails.
        let file = rusqlite::Connection::open(folder.join("central.db")).unwrap();
        let broken = "CREATE TRIGGER moved_call_windows_DELETE BEFORE DELETE ON call_windows BEGIN SELECT 1; END";
        file.execute_batch(broken).unwrap();
        let first = ["settings", "set", "database", &url, "--move", "--json"];
        let failed = app.run(&first).await.exits(1).json();
        assert_eq!(failed["code"], "database_failed", "{failed:#}");
        file.execute_batch("DROP TRIGGER moved_call_windows_DELETE")
            .unwrap();
        drop(file);
        set(&app, &url, &["--move"]).await;
        assert_eq!(customers(&app).await, ["akermark"], "{again:?}");

        // After the file is shut, and before the place is noted.
        std::fs::remove_file(&noted).unwrap();
        let elsewhere = Database::new().direct().to_string();
        let stale = [
            "settings", "set", "database", &elsewhere, "--move", "--json",
        ];
        let refused = app.run(&stale).await.exits(1).json();
        assert_eq!(
            refused["code"], "database_failed",
            "what is old goes nowhere: {refused:#}"
        );
        let back = set(&app, &url, again).await;
        assert_eq!(back["server"], true, "{again:?}: {back:#}");
        app.add_on("bjork", "factory", "starter").await;
        assert_eq!(customers(&app).await, ["akermark", "bjork"], "{again:?}");
    }
}

#[tokio::test]
async fn a_password_is_no_argument_and_a_server_that_is_gone_is_named() {
    let app = TestApp::new().await;
    let typed = "postgres://anna:hemligt@db.studio.example/central";
    let refused = app
        .run(&["settings", "set", "database", typed, "--json"])
        .await;
    let refused = refused.exits(3);
    assert_eq!(refused.json()["code"], "database_url_invalid");
    assert!(!format!("{refused:?}").contains("hemligt"), "{refused:#?}");
    // Nobody listens on port 1.
    let gone = "postgres://anna@127.0.0.1:1/central";
    let gone = app
        .run(&["settings", "set", "database", gone, "--json"])
        .await;
    assert_eq!(gone.exits(1).json()["code"], "database_unreachable");
    let still = app
        .run(&["settings", "get", "database", "--json"])
        .await
        .exits(0);
    assert_eq!(still.json()["server"], false, "nothing was kept");
}

/// The files below a folder that hold a text.
fn files_with(text: &str, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(text, &path));
        } else if String::from_utf8_lossy(&std::fs::read(&path).unwrap()).contains(text) {
            found.push(path);
        }
    }
    found
}

/// With the session's keyring: the password is asked for once, found again by every start, and in no file.
#[tokio::test(flavor = "multi_thread")]
async fn a_servers_password_is_in_the_keyring_alone() {
    const PASSWORD: &str = "disas-losenord-7f3a";
    let app = TestApp::new().await;
    let database = Database::new();
    let role = format!("CREATE ROLE disa LOGIN SUPERUSER PASSWORD '{PASSWORD}'");
    database.run(&role);
    let url = database.with_password("disa", "").to_string();
    let choose = ["settings", "set", "database", &url, "--json"];

    let wrong = app.run_with_input(&choose, "something else\n").await;
    assert_eq!(wrong.exits(3).json()["code"], "database_login_refused");
    assert_eq!(customers(&app).await, [""; 0], "nothing was kept of it");
    app.add_on("akermark", "factory", "starter").await;

    let chosen = app.run_with_input(&choose, &format!("{PASSWORD}\n")).await;
    let said = format!("{chosen:?}");
    assert_eq!(chosen.exits(0).json()["place"], *url);
    assert!(!said.contains(PASSWORD), "{said}");
    assert_eq!(customers(&app).await, [""; 0], "the server's, found again");
    app.add_on("bjork", "factory", "starter").await;
    let files = files_with("keyring:", &app.data().join("agency"));
    assert!(!files.is_empty(), "a reference to it is kept");
    assert_eq!(files_with(PASSWORD, app.data()), [""; 0].map(PathBuf::from));

    set(&app, "local", &[]).await;
    assert_eq!(customers(&app).await, ["akermark"], "as it was left");
    let forgotten = app.run_with_input(&choose, "\n").await;
    let code = forgotten.exits(3).json()["code"].clone();
    assert_eq!(code, "database_login_refused", "the keyring has it no more");
}

/// A window that is open goes on with the password that was chosen meanwhile, once its connections are cut.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_window_goes_by_the_password_that_is_kept_by_now() {
    let app = TestApp::new().await;
    let database = Database::new();
    database.run("CREATE ROLE tove LOGIN SUPERUSER PASSWORD 'tove-1'");
    let url = database.with_password("tove", "").to_string();
    let choose = ["settings", "set", "database", &url, "--json"];
    app.run_with_input(&choose, "tove-1\n").await.exits(0);
    app.add_on("akermark", "factory", "starter").await;
    let window = window_of(&app).await;
    let listed = async || {
        let page = window.customers_list(CustomerQuery::default()).await;
        page.map(|page| page.customers.len())
    };
    assert_eq!(listed().await, Ok(1));

    database.run("ALTER ROLE tove PASSWORD 'tove-2'");
    database.cut();
    let refused = window.customer_add(wish("bjork")).await.unwrap_err();
    assert!(
        matches!(*refused.cause, Cause::DatabaseLoginRefused { .. }),
        "nothing else is kept yet: {refused:?}"
    );
    let entered = |text: &str| EnteredSecret(Secret::from(text));
    let chosen = window.database_set(entered(&url), Some(entered("tove-2")), false);
    assert_eq!(chosen.await.unwrap().place, url);
    window.customer_add(wish("bjork")).await.unwrap();
    assert_eq!(listed().await, Ok(2));
}

/// The keyring is known to take the password before anything moves, and what is refused after that leaves none in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_is_refused_leaves_no_password_behind() {
    let app = TestApp::new().await;
    let database = Database::new();
    database.run("CREATE ROLE kerstin LOGIN SUPERUSER PASSWORD 'one'");
    let url = database.with_password("kerstin", "").to_string();
    let choose = ["settings", "set", "database", &url, "--move", "--json"];
    app.run_with_input(&choose, "one\n").await.exits(0);
    let noted = std::fs::read(app.data().join("agency/database.json")).unwrap();
    let noted: Value = serde_json::from_slice(&noted).unwrap();
    let password: SecretRef = noted["password"].as_str().unwrap().parse().unwrap();
    // Another each time: one remembers for a while what it has read.
    let is_kept = async || {
        let found = KeyringVault::new().get(&password).await;
        found.unwrap().is_some()
    };
    assert!(is_kept().await, "it is in use");

    set(&app, "local", &[]).await;
    assert!(!is_kept().await, "the server was left");
    app.add_on("akermark", "factory", "starter").await;
    let refused = app.run_with_input(&choose, "one\n").await.exits(3).json();
    assert_eq!(refused["code"], "database_not_empty", "{refused:#}");
    assert!(!is_kept().await, "nothing names it");
    assert_eq!(customers(&app).await, ["akermark"], "where it was");
}

/// A place that can't be noted is not chosen: the keyring has what it had. But for the place that is noted already, whose
/// new password the server has just taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_can_not_be_noted_leaves_the_keyring_as_it_was() {
    let app = TestApp::new().await;
    let database = Database::new();
    for role in ["maja", "nils"] {
        database.run(&format!(
            "CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{role}-1'"
        ));
    }
    let choose = async |role: &str, password: &str| {
        let url = database.with_password(role, "").to_string();
        let arguments = ["settings", "set", "database", &url, "--json"];
        app.run_with_input(&arguments, &format!("{password}\n"))
            .await
    };
    let noted = app.data().join("agency/database.json");
    let password = || -> SecretRef {
        let noted: Value = serde_json::from_slice(&std::fs::read(&noted).unwrap()).unwrap();
        noted["password"].as_str().unwrap().parse().unwrap()
    };
    choose("maja", "maja-1").await.exits(0);
    let of_maja = password();
    choose("nils", "nils-1").await.exits(0);
    let of_nils = password();
    let kept = async |reference: &SecretRef| {
        let found = KeyringVault::new().get(reference).await.unwrap();
        found.map(|password| password.expose_secret().to_owned())
    };

    // It opens no more, and a folder is where what is noted is written first.
    database.run("ALTER ROLE nils PASSWORD 'nils-2'");
    std::fs::create_dir(noted.with_extension("new")).unwrap();
    let refused = choose("maja", "maja-1").await.exits(1).json();
    assert_eq!(refused["code"], "file_unwritable", "{refused:#}");
    assert_eq!(kept(&of_maja).await, None, "there was none");
    let former = Secret::from("former");
    let set = KeyringVault::new().set(&of_maja, former).await;
    set.unwrap();
    let refused = choose("maja", "maja-1").await.exits(1).json();
    assert_eq!(refused["code"], "file_unwritable", "{refused:#}");
    assert_eq!(kept(&of_maja).await.as_deref(), Some("former"));
    assert_eq!(kept(&of_nils).await.as_deref(), Some("nils-1"), "as noted");

    let refused = choose("nils", "nils-2").await.exits(1).json();
    assert_eq!(refused["code"], "file_unwritable", "{refused:#}");
    assert_eq!(kept(&of_nils).await.as_deref(), Some("nils-2"));
    assert_eq!(customers(&app).await, [""; 0], "it opens again");
}

/// A password is changed at the server, which cuts the connections of a window that is open: the new one is kept by way of
/// those that it opens.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_window_is_given_the_servers_new_password() {
    let app = TestApp::new().await;
    let database = Database::new();
    database.run("CREATE ROLE lena LOGIN SUPERUSER PASSWORD 'one'");
    let url = database.with_password("lena", "").to_string();
    let choose = ["settings", "set", "database", &url, "--json"];
    app.run_with_input(&choose, "one\n").await.exits(0);
    let window = window_of(&app).await;

    database.run("ALTER ROLE lena PASSWORD 'two'");
    database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lena'");
    let entered = |text: &str| EnteredSecret(Secret::from(text));
    let chosen = window.database_set(entered(&url), Some(entered("two")), false);
    let chosen = chosen.await.expect("the server takes it");
    assert_eq!(chosen.place, url);
    assert_eq!(customers(&app).await, [""; 0], "by the new one");
}

/// A server whose password was changed at it opens no more: the command that the hint names mends it all the same, and the
/// way back to the file is open where nothing had moved.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_lets_nobody_in_is_given_its_password_or_left() {
    let mut app = TestApp::new().await;
    let token = app.cloud.variable("FABRIK_SECRET_GITHUB").to_owned();
    app.unset("FABRIK_SECRET_GITHUB");
    let database = Database::new();
    database.run("CREATE ROLE frida LOGIN SUPERUSER PASSWORD 'one'");
    let url = database.with_password("frida", "").to_string();
    let choose = ["settings", "set", "database", &url, "--json"];
    app.run_with_input(&choose, "one\n").await.exits(0);
    app.add_on("akermark", "factory", "starter").await;
    let keep = ["credentials", "set", "github", "--json"];
    let kept = app.run_with_input(&keep, &format!("{token}\n")).await;
    kept.exits(0);

    database.run("ALTER ROLE frida PASSWORD 'two'");
    let shut = app.run(&["customers", "list", "--json"]).await.exits(3);
    assert_eq!(shut.json()["code"], "database_login_refused");
    let get = ["settings", "get", "database", "--json"];
    let noted = app.run(&get).await.exits(0).json();
    assert_eq!(noted["place"], *url, "{noted:#}");
    let wrong = app.run_with_input(&choose, "one\n").await.exits(3);
    assert_eq!(wrong.json()["code"], "database_login_refused");
    let again = app.run_with_input(&choose, "two\n").await.exits(0).json();
    assert_eq!(again["place"], *url);
    assert_eq!(again["restart"], false, "no other one is open: {again:#}");
    assert_eq!(customers(&app).await, ["akermark"]);

    database.run("ALTER ROLE frida PASSWORD 'three'");
    let other = Database::new().direct().to_string();
    let moved = ["settings", "set", "database", &other, "--move", "--json"];
    let refused = app.run_with_input(&moved, "\n").await.exits(3).json();
    assert_eq!(refused["code"], "database_login_refused", "{refused:#}");
    let elsewhere = set(&app, &other, &[]).await;
    assert_eq!(elsewhere["place"], *other, "{elsewhere:#}");
    assert_eq!(elsewhere["left"], *url, "{elsewhere:#}");
    let token = app.run(&["credentials", "test", "github", "--json"]).await;
    token.exits(0);
    assert_eq!(customers(&app).await, [""; 0], "the other one's");

    let url = format!("{url}?connect_timeout=5");
    let choose = ["settings", "set", "database", &url, "--json"];
    app.run_with_input(&choose, "three\n").await.exits(0);
    database.run("ALTER ROLE frida PASSWORD 'four'");
    let left = set(&app, "local", &[]).await;
    assert_eq!(left["server"], false, "{left:#}");
    assert_eq!(left["left"], *url, "{left:#}");
    assert_eq!(customers(&app).await, [""; 0], "as it was before");
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

/// Two data directories of one user have one keyring: neither one's password, nor its leaving, is the other's.
#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_kept_for_each_data_directory() {
    let (anna, bo) = (TestApp::new().await, TestApp::new().await);
    let database = Database::new();
    for role in ["hanna", "ivar"] {
        database.run(&format!(
            "CREATE ROLE {role} LOGIN SUPERUSER PASSWORD '{role}-1'"
        ));
    }
    for (app, role) in [(&anna, "hanna"), (&bo, "ivar")] {
        let url = database.with_password(role, "").to_string();
        let choose = ["settings", "set", "database", &url, "--json"];
        let password = format!("{role}-1\n");
        app.run_with_input(&choose, &password).await.exits(0);
    }
    bo.add_on("bjork", "factory", "starter").await;
    assert_eq!(
        customers(&anna).await,
        ["bjork"],
        "by a password of its own"
    );
    set(&anna, "local", &[]).await;
    assert_eq!(customers(&bo).await, ["bjork"], "whose password stays");
}

/// How late a window may be with what another desktop did: four half seconds, after each of which the other one has had
/// an answer too. A server tells of it at once, and behind a pooler, where nothing is heard, it is asked twice a second;
/// on a machine that has much else to do both take longer.
async fn two_seconds(other: &App) {
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let query = CustomerQuery::default();
        other.customers_list(query).await.unwrap();
    }
}

/// What a window is told in time: a hint of what the other desktop did, after which its list has it.
async fn hears_of_another_desktop(url: &str) {
    let (anna, bo) = (TestApp::new().await, TestApp::new().await);
    set(&anna, url, &[]).await;
    set(&bo, url, &[]).await;
    let (window, other) = (window_of(&anna).await, window_of(&bo).await);
    let mut hints = window.hints();
    for (before, name) in ["bjork", "ekelund", "lind"].into_iter().enumerate() {
        other.customer_add(wish(name)).await.unwrap();
        // Written by now: from here on the window is late.
        let heard = async {
            while hints.recv().await.is_some() {
                let query = CustomerQuery::default();
                let list = window.customers_list(query).await.unwrap();
                if list.total > before as u64 {
                    return true;
                }
            }
            false
        };
        let seen = tokio::select! {
            heard = heard => heard,
            () = two_seconds(&other) => false,
        };
        assert!(seen, "{name} is seen within two seconds");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_hears_within_two_seconds_of_what_another_desktop_did() {
    hears_of_another_desktop(&Database::new().direct().to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_learns_within_two_seconds_behind_a_pooler() {
    hears_of_another_desktop(&Database::new().pooled().to_string()).await;
}

/// A server that goes away: whoever looks is told to ask again, learns of it, and the same when it comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_learns_that_the_server_is_gone_and_that_it_is_back() {
    let app = TestApp::new().await;
    let database = Database::new();
    let mut way = Way::to_server().await;
    set(&app, &way.url(&database), &[]).await;
    app.add_on("akermark", "factory", "starter").await;
    let window = window_of(&app).await;
    let mut hints = window.hints();
    let mut list = async |so: fn(&Result<CustomerPage, Problem>) -> bool, what: &str| {
        let told = tokio::time::timeout(Duration::from_mins(1), async {
            loop {
                hints
                    .recv()
                    .await
                    .expect("the window is told of all there is");
                let query = CustomerQuery {
                    limit: 100,
                    ..CustomerQuery::default()
                };
                let list = window.customers_list(query).await;
                if so(&list) {
                    return list;
                }
            }
        });
        told.await.unwrap_or_else(|_| panic!("{what}"))
    };
    way.cut().await;
    let gone = list(Result::is_err, "it is gone").await;
    let server = format!("127.0.0.1:{}", way.port);
    assert_eq!(
        gone.map(|list| list.total)
            .map_err(|problem| *problem.cause),
        Err(Cause::DatabaseUnreachable { server })
    );
    way.mend().await;
    let found = list(Result::is_ok, "it is back").await;
    assert_eq!(found.map(|list| list.total).ok(), Some(1));
}

/// For how long the server is away: longer than whoever looks waits for it, and shorter than a run
/// tries to write.
const OUTAGE: Duration = Duration::from_secs(5);

/// As when a laptop changes its network: nobody is told of it, and nothing is to be resumed.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_outlasts_a_server_that_is_away_for_a_moment() {
    // Longer than the server is away, and still under way when it goes.
    let app = TestApp::with(Latency::File("base = \"none\"\nsupabase.ready = 8\n")).await;
    let database = Database::new();
    let mut way = Way::to_server().await;
    set(&app, &way.url(&database), &[]).await;
    app.add_on("akermark", "factory", "starter").await;
    let window = window_of(&app).await;
    let outage = async {
        // In its middle: something is done, and something is left to do.
        let middle = tokio::time::timeout(Duration::from_mins(1), async {
            loop {
                let runs = window.runs_list(RunQuery::default()).await.unwrap().runs;
                if runs.iter().any(|run| run.steps_done > 0) {
                    return runs;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let runs = middle.await.expect("a step is done");
        way.cut().await;
        tokio::time::sleep(OUTAGE).await;
        way.mend().await;
        runs
    };
    let provision = ["provision", "akermark", "--yes", "--json"];
    let (provisioned, seen) = tokio::join!(app.run(&provision), outage);
    assert_eq!(seen[0].run.state, RunState::Running, "cut in its middle");
    provisioned.exits(0);
    let shown = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    let run = &shown["runs"][0];
    assert_eq!(run["state"], "succeeded", "{shown:#}");
    assert_eq!(run["number"], 1, "nothing was begun twice: {shown:#}");
}
