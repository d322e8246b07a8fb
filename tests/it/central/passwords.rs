//! A server's password: in the keyring alone, kept for each data directory, and mended where it was changed.

use std::path::{Path, PathBuf};

use fabrik_app::{Cause, CustomerQuery, EnteredSecret};
use fabrik_domain::{
    ports::Secrets,
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_vault::KeyringVault;
use serde_json::Value;

use super::{customers, set, window_of, wish};
use crate::{server::Database, world::TestApp};

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
