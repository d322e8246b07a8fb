//! What is typed in.

use std::{fs, path::Path};

use super::refused;
use crate::world::TestApp;

/// `customers add` with one thing changed.
fn add<'a>(field: &str, value: &'a str) -> Vec<&'a str> {
    let pick = |name: &str, usual: &'static str| if name == field { value } else { usual };
    let mut arguments = vec![
        "customers",
        "add",
        pick("name", "Åkermark & Co"),
        "--subdomain",
        pick("subdomain", "akermark"),
        "--email",
        pick("email", "anna@akermark.example"),
        "--blueprint",
        pick("blueprint", "factory"),
        "--plan",
        pick("plan", "starter"),
    ];
    if field == "module" {
        arguments.extend(["--module", value]);
    }
    arguments
}

#[tokio::test]
async fn a_customer_that_can_not_be_one_is_refused() {
    let app = TestApp::new().await;
    for (field, value, code) in [
        ("subdomain", "Åker mark", "subdomain_invalid"),
        ("subdomain", "a_b", "subdomain_invalid"),
        ("subdomain", "-akermark", "subdomain_invalid"),
        ("subdomain", "", "subdomain_invalid"),
        ("subdomain", "admin", "subdomain_invalid"),
        ("email", "anna", "email_invalid"),
        ("email", "anna@", "email_invalid"),
        ("name", "  ", "name_invalid"),
        ("name", "Åker\u{202e}mark", "name_invalid"),
        ("plan", "gold", "plan_unknown"),
        ("blueprint", "castle", "blueprint_unknown"),
        ("module", "telepathy", "module_unknown"),
    ] {
        // A value that begins with a hyphen would be an option.
        let arguments: Vec<_> = if value.starts_with('-') {
            add(field, value)
                .into_iter()
                .filter(|argument| *argument != "--subdomain" && *argument != value)
                .collect()
        } else {
            add(field, value)
        };
        let given = format!("--subdomain={value}");
        let arguments = if value.starts_with('-') {
            [arguments, vec![&given]].concat()
        } else {
            arguments
        };
        let document = refused(&app, &arguments, code).await;
        if field == "plan" {
            assert!(
                document["hint"].to_string().contains("starter"),
                "those there are: {document}"
            );
        }
    }
    let list = app
        .run(&["customers", "list", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(list["total"], 0, "none was added: {list}");
}

#[tokio::test]
async fn all_that_is_wrong_with_a_customer_is_told_at_once() {
    let app = TestApp::new().await;
    let fields = [
        ("--subdomain", "a_b"),
        ("--email", "anna"),
        ("--plan", "gold"),
    ];
    let codes = ["subdomain_invalid", "email_invalid", "plan_unknown"];
    let mut new = vec![
        "customers",
        "add",
        "Åkermark & Co",
        "--blueprint",
        "factory",
    ];
    new.extend(fields.iter().flat_map(|(name, value)| [*name, *value]));
    let mut edit = vec!["customers", "edit", "bergstrom"];
    edit.extend(fields.iter().flat_map(|(name, value)| [*name, *value]));
    app.add("bergstrom").await;
    for arguments in [new, edit] {
        let document = refused(&app, &arguments, codes[0]).await;
        let told: Vec<_> = document["problems"]
            .as_array()
            .expect("each of them")
            .iter()
            .map(|problem| problem["code"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(told, codes, "{document}");
        // People are told the same.
        let said = app.run(&arguments).await.exits(3).stderr;
        for value in ["a_b", "anna", "gold"] {
            assert!(said.contains(value), "{value}: {said}");
        }
    }
}

#[tokio::test]
async fn a_plan_or_module_that_the_blueprint_has_no_more_is_refused_and_can_be_removed() {
    let app = TestApp::new().await;
    let new = ["blueprints", "new", "mine", "--from", "factory", "--json"];
    let made = app.run(&new).await.exits(0).json();
    let file = Path::new(made["folder"].as_str().expect("its folder")).join("blueprint.toml");
    app.add_on("akermark", "mine", "starter").await;
    app.run(&["customers", "edit", "akermark", "--module", "crm"])
        .await
        .exits(0);
    app.run(&["provision", "akermark"]).await.exits(0);
    let before = fs::read_to_string(&file).expect("it is there");
    for (there, then, code) in [
        ("name = \"starter\"", "name = \"small\"", "plan_unknown"),
        ("\"crm\", ", "", "module_unknown"),
    ] {
        let after = before.replacen(there, then, 1);
        assert_ne!(after, before, "{there} is in the blueprint");
        fs::write(&file, after).expect("it is written");
        refused(&app, &["provision", "akermark"], code).await;
        let plan = refused(&app, &["plan", "akermark"], code).await;
        assert_eq!(plan["can_run"], false, "{plan:#}");
    }
    let remove = ["deprovision", "akermark", "--confirm", "akermark"];
    app.run(&remove).await.exits(0);
}

#[tokio::test]
async fn what_another_customer_has_is_refused_with_whose_it_is() {
    let app = TestApp::new().await;
    app.run(&add("", "")).await.exits(0);
    let taken = refused(&app, &add("name", "Somebody Else"), "subdomain_taken").await;
    assert!(
        taken["message"].to_string().contains("Åkermark & Co"),
        "{taken}"
    );
    let slug = refused(&app, &add("subdomain", "another"), "slug_taken").await;
    assert!(
        slug["message"].to_string().contains("Åkermark & Co"),
        "{slug}"
    );
    app.run(&["customers", "edit", "akermark", "--email", "nobody"])
        .await
        .exits(3);
}

#[tokio::test]
async fn what_is_not_there_is_refused() {
    let app = TestApp::new().await;
    for (arguments, code) in [
        (&["plan", "nobody"][..], "customer_unknown"),
        (&["provision", "nobody"], "customer_unknown"),
        (&["customers", "show", "nobody"], "customer_unknown"),
        (&["runs", "show", "77"], "run_unknown"),
        (
            &["settings", "set", "supabase.regoin", "x"],
            "setting_unknown",
        ),
        (
            &["settings", "set", "supabase.url", "http://evil.example"],
            "base_url_insecure",
        ),
        (&["credentials", "test", "aws"], "provider_unknown"),
        (&["blueprints", "show", "castle"], "blueprint_unknown"),
        (
            &["customers", "import", "/nonexistent.csv"],
            "file_unreadable",
        ),
    ] {
        refused(&app, arguments, code).await;
    }
}

#[tokio::test]
async fn a_value_that_a_setting_can_not_have_is_named_with_who_says_it() {
    let mut app = TestApp::new().await;
    app.add("akermark").await;
    app.set("FABRIK_GITHUB_TEMPLATE", "nothing");
    refused(&app, &["plan", "akermark"], "setting_invalid").await;
    let said = app.run(&["plan", "akermark"]).await.exits(3);
    let said = format!("{}{}", said.stdout, said.stderr);
    assert!(said.contains("FABRIK_GITHUB_TEMPLATE=nothing"), "{said}");
}

#[tokio::test]
async fn wrong_usage_is_told_apart() {
    let app = TestApp::new().await;
    for arguments in [
        &["provision"][..],
        &["customers", "add", "X"],
        &["nonsense"],
        &["plan", "a", "--lang", "de"],
    ] {
        let ran = app.run(arguments).await.exits(2);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{ran:#?}");
        let document = app
            .run(&[arguments, &["--json"]].concat())
            .await
            .exits(2)
            .json();
        assert_eq!(document["code"], "usage", "{document}");
    }
    let message = |ran: crate::world::Ran| ran.exits(2).json()["message"].to_string();
    let arguments = ["customers", "add", "X", "--json"];
    let english = message(app.run(&arguments).await);
    let swedish = message(app.run(&[&arguments[..], &["--lang", "sv"]].concat()).await);
    assert!(english.contains("must be given") && swedish.contains("saknas"));
}

#[tokio::test]
async fn help_is_in_the_readers_language() {
    let mut app = TestApp::new().await;
    let arguments = ["customers", "list", "--help"];
    let english = app.run(&arguments).await.exits(0).stdout;
    assert!(
        english.contains("Usage: fabrik customers list"),
        "{english}"
    );
    app.set("FABRIK_LANG", "sv");
    let swedish = app.run(&arguments).await.exits(0).stdout;
    assert!(
        swedish.contains("Användning: fabrik customers list"),
        "{swedish}"
    );
    assert!(!swedish.contains("Usage"), "{swedish}");
}
