//! `fabrik blueprints check` and `new`, as they are used: the program, on folders that are right and wrong.

use std::{fs, path::Path};

use fabrik_tests::Proof;
use serde_json::Value;

use crate::world::TestApp;

/// What a document says was found: `file:line code parameter`.
fn found(document: &Value) -> Vec<String> {
    let findings = document["findings"].as_array().expect("findings");
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let parameters = [
        "table",
        "view",
        "function",
        "name",
        "what",
        "part",
        "state",
        "statement",
    ];
    let mut lines: Vec<_> = findings
        .iter()
        .map(|finding| {
            for word in ["message", "hint"] {
                assert!(
                    !finding[word].as_str().unwrap_or_default().is_empty(),
                    "{finding}"
                );
            }
            let line = match &finding["line"] {
                Value::Null => String::new(),
                line => format!(":{line}"),
            };
            let parameter = parameters.iter().find_map(|name| finding.get(*name));
            let parameter = parameter.map(text).unwrap_or_default();
            let (file, code) = (text(&finding["file"]), text(&finding["code"]));
            format!("{file}{line} {code} {parameter}")
                .trim_end()
                .to_owned()
        })
        .collect();
    lines.sort();
    lines
}

/// A copy of a built-in blueprint in the workspace.
async fn copy(app: &TestApp, from: &str) -> std::path::PathBuf {
    let made = app
        .run(&["blueprints", "new", "mine", "--from", from, "--json"])
        .await
        .exits(0)
        .json();
    Path::new(made["folder"].as_str().expect("the folder")).to_owned()
}

fn append(file: &Path, text: &str) {
    let before = fs::read_to_string(file).unwrap();
    fs::write(file, before + text).unwrap();
}

#[tokio::test]
async fn nothing_is_wrong_with_what_is_built_in_nor_with_a_copy() {
    let app = TestApp::new().await;
    for name in fabrik_blueprints::built_in() {
        let document = app
            .run(&["blueprints", "check", name, "--json"])
            .await
            .exits(0)
            .json();
        assert_eq!(document["ok"], true, "{name}: {document:#}");
        assert_eq!(found(&document), [] as [&str; 0], "{name}");
    }
    let folder = copy(&app, "agency").await;
    assert_eq!(
        folder,
        app.data().join("agency/blueprints/mine"),
        "beside the workspace's database"
    );
    let said = app
        .run(&["blueprints", "check", "mine"])
        .await
        .exits(0)
        .stdout;
    assert!(said.contains("mine"), "{said}");
    let path = folder.display().to_string();
    app.run(&["blueprints", "check", &path]).await.exits(0);

    let again = app
        .run(&["blueprints", "new", "mine", "--from", "factory", "--json"])
        .await;
    assert_eq!(again.exits(3).json()["code"], "blueprint_exists");
    let odd = app
        .run(&["blueprints", "new", "Mine!", "--from", "factory", "--json"])
        .await;
    assert_eq!(odd.exits(3).json()["code"], "blueprint_name_invalid");
    let none = app.run(&["blueprints", "check", "nothing", "--json"]).await;
    assert_eq!(none.exits(3).json()["code"], "blueprint_unknown");
}

#[tokio::test]
async fn one_that_cannot_be_used_is_listed_with_why() {
    let app = TestApp::new().await;
    let folder = copy(&app, "factory").await;
    append(&folder.join("blueprint.toml"), "\n[[broken\n");
    let list = ["blueprints", "list"];
    let document = app
        .run(&[&list[..], &["--json"]].concat())
        .await
        .exits(0)
        .json();
    let all = document["blueprints"].as_array().expect("a list");
    assert_eq!(all[0]["name"], "factory", "the usual one first");
    let built_in = fabrik_blueprints::built_in().count();
    assert_eq!(all.len(), built_in + 1, "it hides no other: {document:#}");
    let mine = &all[built_in];
    assert_eq!(mine["name"], "mine", "{document:#}");
    assert_eq!(mine["problem"]["code"], "blueprint_invalid", "{mine:#}");
    let why = mine["problem"]["message"].as_str().expect("why");
    let said = app.run(&list).await.exits(0).stdout;
    assert!(said.contains("factory") && said.contains(why), "{said}");
}

#[tokio::test]
async fn what_a_database_shows_is_told_all_at_once() {
    let proof = Proof::of(
        "S11",
        "what SQL put together at run time did to roles and to auth, seen on a database",
    );
    let app = TestApp::new().await;
    let folder = copy(&app, "factory").await;
    fs::write(
        folder.join("more.sql"),
        "-- What is wrong here shows only in a database.
create table if not exists public.bare (agency_id int);

create table if not exists public.silent (id int);
alter table public.silent enable row level security;

create table if not exists public.open (id int);
alter table public.open enable row level security;
create policy \"everybody\" on public.open using (true);
grant select on public.open to anon;

create or replace view public.glimpse as select * from public.members;

create or replace function public.count_all() returns bigint language sql security definer as
  $$ select count(*) from public.members $$;
grant execute on function public.count_all() to anon;

do $$
begin
  execute 'create ro' || 'le intruder';
  execute 'create trigger spy after insert on au' || 'th.users execute function private.touch()';
exception when duplicate_object then null;
end
$$;

insert into public.settings (key, value) values ('run_' || (
  select count(*) from public.settings), '1');

grant select on public.glimpse to authenticated;
grant select on public.silent, public.open to service_role;
",
    )
    .unwrap();
    let manifest = folder.join("blueprint.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let text = text
        .replace("\"policies.sql\"]", "\"policies.sql\", \"more.sql\"]")
        .replace(
            "    \"audit_log\",\n",
            "    \"audit_log\",\n    \"silent\",\n    \"open\",\n    \"glimpse\",\n",
        );
    fs::write(&manifest, text).unwrap();
    append(
        &folder.join("canary.sql"),
        "\ninsert into public.open values (1);\n",
    );
    let document = app
        .run(&["blueprints", "check", "mine", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(
        document["code"], "blueprint_invalid",
        "the document says why at its top"
    );
    assert_eq!(document["ok"], false);
    let step = document["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["code"] == "table_missing");
    assert_eq!(step.expect("a finding")["step"], "schema");
    assert_eq!(
        found(&document),
        [
            "blueprint.toml:90 table_missing glimpse",
            "canary.sql canary_missing bare",
            "canary.sql canary_missing silent",
            "more.sql outside_touched membership of postgres in intruder",
            "more.sql outside_touched role intruder",
            "more.sql outside_touched trigger spy on auth.users",
            "more.sql:12 view_past_policies glimpse",
            "more.sql:14 function_open count_all()",
            "more.sql:14 search_path_loose count_all()",
            "more.sql:2 name_forbidden bare.agency_id",
            "more.sql:2 row_security_missing bare",
            "more.sql:2 server_shut_out bare",
            "more.sql:2 table_unlisted bare",
            "more.sql:2 tenancy_word agency_id",
            "more.sql:4 policy_missing silent",
            "more.sql:7 open_to_all open",
            "more.sql:9 sql_refused 42710",
        ],
        "{document:#}"
    );
    let said = app
        .run(&["--lang", "sv", "blueprints", "check", "mine"])
        .await
        .exits(3)
        .stdout;
    assert!(
        said.contains("✗ more.sql:2") && said.contains("radbehörighet"),
        "{said}"
    );
    let outside = found(&document)
        .iter()
        .filter(|line| line.contains("outside_touched"))
        .count();
    proof.held(outside);
}

/// A run would fail at it, with a project made already.
#[tokio::test]
async fn a_profile_of_columns_that_are_not_there_is_told() {
    let app = TestApp::new().await;
    let manifest = copy(&app, "factory").await.join("blueprint.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let text = text.replace("profile = { name =", "profile = { title =");
    fs::write(&manifest, text).unwrap();
    let check = ["blueprints", "check", "mine", "--json"];
    let document = app.run(&check).await.exits(3).json();
    assert_eq!(
        found(&document),
        ["blueprint.toml:90 table_missing organization.title"],
        "{document:#}"
    );
}

/// A copy of `factory` with one more file of SQL.
pub(super) async fn with_more(app: &TestApp, sql: &str) {
    let folder = copy(app, "factory").await;
    fs::write(folder.join("more.sql"), sql).unwrap();
    let manifest = folder.join("blueprint.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let text = text.replace("\"policies.sql\"]", "\"policies.sql\", \"more.sql\"]");
    fs::write(&manifest, text).unwrap();
}

#[tokio::test]
async fn a_door_with_a_condition_is_told_though_no_row_meets_it() {
    let app = TestApp::new().await;
    with_more(
        &app,
        "grant insert on public.contacts to anon;
drop policy if exists form on public.contacts;
create policy form on public.contacts for insert to anon with check (length(name) between 1 and 200);
grant select on public.tasks to anon;
drop policy if exists part on public.tasks;
create policy part on public.tasks for select to anon using (title like 'Public%');
grant delete on public.comments to anon;
drop policy if exists old on public.comments;
create policy old on public.comments for delete to anon using (body like 'X%');
",
    )
    .await;
    let document = app
        .run(&["blueprints", "check", "mine", "--json"])
        .await
        .exits(3)
        .json();
    let told: Vec<_> = found(&document)
        .into_iter()
        .map(|line| line.split_once(' ').unwrap().1.to_owned())
        .collect();
    let expected = ["comments", "contacts", "tasks"].map(|table| format!("open_to_all {table}"));
    let mut told: Vec<_> = told.iter().map(String::as_str).collect();
    told.sort_unstable();
    assert_eq!(told, expected, "{document:#}");
}

/// The embedded server can't catch an error. That is said of the file, not of the computer.
#[tokio::test]
async fn sql_that_the_checks_database_breaks_off_at_is_told_with_its_file() {
    let app = TestApp::new().await;
    with_more(
        &app,
        "do $$ begin
  perform 1/0;
exception when others then null;
end $$;
",
    )
    .await;
    let document = app
        .run(&["blueprints", "check", "mine", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(found(&document), ["more.sql sql_broke"], "{document:#}");
}

/// Whoever runs it need not have checked it.
#[tokio::test]
async fn what_reaches_out_only_when_it_runs_is_refused_by_a_run_and_named() {
    let proof = Proof::of(
        "S11",
        "files that reach out of the customer's schemas only when they run, refused by a run",
    );
    let app = TestApp::new().await;
    with_more(
        &app,
        "do $$ begin
  execute 'create ro' || 'le intruder login';
  execute 'create trigger spy after insert on au' || 'th.users execute function private.touch()';
end $$;
",
    )
    .await;
    app.add_on("akermark", "mine", "starter").await;
    let document = app
        .run(&["provision", "akermark", "--on-failure", "keep", "--json"])
        .await
        .exits(1)
        .json();
    assert_eq!(document["code"], "outside_touched", "{document:#}");
    let steps = document["run"]["steps"].as_array().unwrap();
    let schema = steps.iter().find(|step| step["id"] == "schema").unwrap();
    assert_eq!(schema["error"]["file"], "more.sql", "{schema:#}");
    let what = schema["error"]["what"].as_array().unwrap();
    let expected = [
        "membership of postgres in intruder",
        "role intruder",
        "trigger spy on auth.users",
    ];
    assert_eq!(what.len(), expected.len(), "{schema:#}");
    assert!(
        expected.iter().all(|one| what.contains(&(*one).into())),
        "{schema:#}"
    );
    let resources = document["run"]["resources"].as_array().unwrap();
    let project = resources
        .iter()
        .find(|one| one["kind"] == "supabase_project")
        .unwrap();
    let left = app
        .ask_database(
            project["id"].as_str().unwrap(),
            "select (select count(*)::int from pg_roles where rolname = 'intruder') as roles,
               (select count(*)::int from pg_trigger where tgname = 'spy') as triggers,
               (select count(*)::int from fabrik.applied_files where name = 'more.sql') as files",
        )
        .await;
    assert_eq!(
        left,
        serde_json::json!([{ "roles": 0, "triggers": 0, "files": 0 }]),
        "nothing of the file is applied"
    );
    proof.held(what.len());
}

/// In the sandbox's projects nobody would have a right to it.
#[tokio::test]
async fn what_would_stand_open_in_an_older_project_alone_is_told() {
    let app = TestApp::new().await;
    let folder = copy(&app, "factory").await;
    let policies = folder.join("policies.sql");
    let text = fs::read_to_string(&policies).unwrap();
    let later = "alter default privileges in schema public revoke all on tables from \
                 anon, authenticated, service_role;\n";
    assert!(text.contains(later), "{text}");
    fs::write(&policies, text.replace(later, "")).unwrap();
    fs::write(
        folder.join("more.sql"),
        "create or replace view public.glimpse as select * from public.members;\n",
    )
    .unwrap();
    let manifest = folder.join("blueprint.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("\"policies.sql\"]", "\"policies.sql\", \"more.sql\"]"),
    )
    .unwrap();
    let document = app
        .run(&["blueprints", "check", "mine", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(
        found(&document),
        [
            "more.sql:1 open_to_all glimpse",
            "more.sql:1 view_past_policies glimpse",
            // The second time policies.sql takes the right back, as the view is there already.
            "schema.sql not_repeatable rights",
        ],
        "{document:#}"
    );
}

#[tokio::test]
async fn sql_that_does_not_apply_is_told_with_its_line() {
    let app = TestApp::new().await;
    let folder = copy(&app, "factory").await;
    let policies = folder.join("policies.sql");
    let good = fs::read_to_string(&policies).unwrap();
    let lines = good.lines().count();
    for (more, expected) in [
        // PostgreSQL says where.
        (
            "select nothing from public.members;\n",
            format!("policies.sql:{} sql_refused 42703", lines + 1),
        ),
        // It doesn't: the statement is searched for.
        (
            "\nselect 1;\ndo $$ begin\n perform 1/0; end $$;\n",
            format!("policies.sql:{} sql_refused 22012", lines + 3),
        ),
    ] {
        fs::write(&policies, good.clone() + more).unwrap();
        let document = app
            .run(&["blueprints", "check", "mine", "--json"])
            .await
            .exits(3)
            .json();
        assert_eq!(found(&document), [expected], "{more}");
    }
    fs::write(&policies, &good).unwrap();

    // Rows that come once more each time, which no other file trips over.
    fs::write(
        folder.join("more.sql"),
        "insert into public.contacts (name) values ('x');",
    )
    .unwrap();
    let manifest = folder.join("blueprint.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    fs::write(
        &manifest,
        text.replace("\"policies.sql\"]", "\"policies.sql\", \"more.sql\"]"),
    )
    .unwrap();
    let document = app
        .run(&["blueprints", "check", "mine", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(found(&document), ["schema.sql not_repeatable rows"]);

    // A canary that a used database refuses, and one that is wrong.
    fs::write(folder.join("more.sql"), "select 1;").unwrap();
    append(
        &folder.join("canary.sql"),
        "insert into public.nowhere values (1);\n",
    );
    let document = app
        .run(&["blueprints", "check", "mine", "--json"])
        .await
        .exits(3)
        .json();
    assert_eq!(found(&document).len(), 1, "{document:#}");
    assert_eq!(document["findings"][0]["file"], "canary.sql");
    assert_eq!(document["findings"][0]["state"], "42P01");
}

#[tokio::test]
async fn sql_that_never_ends_is_told_with_its_line() {
    let app = TestApp::new().await;
    let folder = copy(&app, "factory").await;
    let policies = folder.join("policies.sql");
    let lines = fs::read_to_string(&policies).unwrap().lines().count();
    // What stands before it is applied once more to find it.
    append(&policies, "\nselect 1;\nselect pg_sleep(600);\n");
    let document = app
        .run(&["blueprints", "check", "mine", "--json"])
        .await
        .exits(3)
        .json();
    let expected = format!("policies.sql:{} sql_endless", lines + 3);
    assert_eq!(found(&document), [expected], "{document:#}");
}
