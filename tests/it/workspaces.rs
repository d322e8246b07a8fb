//! Workspaces: the sandbox's, which takes no secrets of others, and those that can't be opened.

use serde_json::Value;

use crate::world::TestApp;

const TOKEN: &str = "ghp_0123456789abcdefghij0123456789abcdef";

/// A command in the sandbox workspace of the test's data directory, with a cloud that it starts by itself.
fn in_sandbox<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &["--workspace", "sandbox", "--json"]].concat()
}

#[tokio::test]
async fn the_sandbox_takes_no_token_and_no_password_of_others() {
    let mut app = TestApp::new().await;
    app.name_no_cloud();
    app.set("FABRIK_SANDBOX_LATENCY", "none");
    let file = app.file(
        "old.env",
        format!(
            "GITHUB_TOKEN={TOKEN}\nDATABASE_URL_AKERMARK=postgres://u:hunter2@db.example/x\nGITHUB_ORG=agency\n"
        ),
    );
    for dry in [&["--dry-run"][..], &[]] {
        let arguments = [&["credentials", "import", file.as_str()], dry].concat();
        let import = app.run(&in_sandbox(&arguments)).await.exits(3).json();
        let verdicts: Vec<_> = import["entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| {
                (
                    &entry["verdict"],
                    &entry["problem"]["code"],
                    &entry["shown"],
                )
            })
            .map(|(verdict, code, shown)| (verdict.as_str(), code.as_str(), shown.as_str()))
            .collect();
        let refused = (Some("refused"), Some("sandbox_keeps_no_secrets"), None);
        assert_eq!(
            verdicts,
            [refused, refused, (Some("setting"), None, Some("agency"))],
            "{import:#}"
        );
    }
    let set = in_sandbox(&["credentials", "set", "github"]);
    let set = app.run_with_input(&set, TOKEN).await.exits(3).json();
    assert_eq!(set["code"], "sandbox_keeps_no_secrets", "{set:#}");

    let customers =
        "name,contact_email,database_url\nBo,bo@bo.example,postgres://u:hunter2@db.example/x\n";
    let customers = app.file("kunder.csv", customers);
    let added = in_sandbox(&["customers", "import", customers.as_str()]);
    let added = app.run(&added).await.exits(3).json();
    let row = &added["rows"][0];
    assert_eq!(
        row["problems"][0]["code"], "sandbox_keeps_no_secrets",
        "{added:#}"
    );
    assert!(
        row["customer"]["id"].is_string() && row["customer"]["database_url"].is_null(),
        "the customer is there without it: {added:#}"
    );

    let status = app.run(&in_sandbox(&["credentials", "status"])).await;
    for credential in status.exits(0).json()["credentials"].as_array().unwrap() {
        assert_eq!(credential["source"], "sandbox", "{credential:#}");
        assert_ne!(credential["last_four"], "cdef", "{credential:#}");
    }
}

/// The sandbox outlives the command that started it, and any program of this user can read what it was given.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_sandbox_is_given_no_token_of_the_environment() {
    let mut app = TestApp::new().await;
    app.name_no_cloud();
    app.set("FABRIK_SANDBOX_LATENCY", "none");
    app.set("FABRIK_SECRET_GITHUB", TOKEN);
    app.run(&in_sandbox(&["customers", "list"])).await.exits(0);
    let state = app.data().join("sandbox").display().to_string();
    let mut looked_at = 0;
    for process in std::fs::read_dir("/proc").unwrap() {
        let process = process.unwrap().path();
        let read = |name: &str| {
            let bytes = std::fs::read(process.join(name)).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        if read("cmdline").contains(&state) {
            looked_at += 1;
            let environment = read("environ");
            assert!(environment.contains("FABRIK_DATA_DIR="), "it can be read");
            assert!(!environment.contains("FABRIK_SECRET_"), "a token is in it");
        }
    }
    assert_eq!(looked_at, 1, "the sandbox on {state} runs on for a while");
}

#[tokio::test]
async fn a_workspace_that_cannot_be_one_spoils_no_later_start() {
    let mut app = TestApp::new().await;
    app.unset("FABRIK_WORKSPACE");
    let list = ["customers", "list", "--json"];
    app.run(&[&list[..], &["--workspace", "agency"]].concat())
        .await
        .exits(0);
    for name in ["workspace", "logs"] {
        let refused = app
            .run(&[&list[..], &["--workspace", name]].concat())
            .await
            .exits(3)
            .json();
        assert_eq!(refused["code"], "workspace_invalid", "{name}: {refused}");
    }
    app.run(&list).await.exits(0);
}

#[tokio::test]
async fn doctor_looks_at_what_is_left_where_a_workspace_is_shut() {
    let app = TestApp::new().await;
    let folder = app.data().join("agency");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("central.db"), "this is no database").unwrap();
    let ran = app.run(&["doctor", "--json"]).await;
    assert_ne!(ran.status, 0, "{ran:#?}");
    let document = ran.json();
    let of = |subject: &str| -> &Value {
        let findings = document["findings"].as_array().expect("findings");
        findings
            .iter()
            .find(|finding| finding["subject"] == subject)
            .unwrap_or_else(|| panic!("{subject} is looked at: {document:#}"))
    };
    assert_eq!(of("database")["problem"]["code"], "database_damaged");
    assert!(of("data_directory").get("problem").is_none());
    of("keyring");
    assert_eq!(document["code"], "database_damaged", "{document:#}");
    let said = app.run(&["doctor", "--lang", "sv"]).await.stdout;
    assert!(said.contains("databasen är skadad"), "{said}");
    let logs = std::fs::read_dir(app.data().join("logs")).expect("a log");
    let logged: String = logs
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect();
    assert!(logged.contains("the workspace was not opened"), "{logged}");
}
