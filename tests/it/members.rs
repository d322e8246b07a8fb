//! Moving in with an orchestra's members: read from its list, looked at first, added to its instance once.

use serde_json::{Value, json};

use crate::world::TestApp;

/// As an orchestra's own list is: two columns for a name, Swedish words, and more than anybody needs to know.
const LIST: &str = "\u{feff}Förnamn;Efternamn;E-post;Mobil;Status;Instrument;Medlem sedan;Lösenord\r\n\
    Anna;Åker;anna@lyran.example;'+46 70 123 45 67;Ordinarie;Violin, Viola;2019-09-01;hunter2\r\n\
    Bo;Björk;bo@lyran.example;;vikarie;pukor;;hunter2\r\n\
    Cia;Ström;;;;;;hunter2\r\n\
    Dan;Ek;dan@lyran;;sjuk;nyckelharpa;i fjol;hunter2\r\n\
    anna;åker;ANNA@lyran.example;;;;;hunter2\r\n";

/// An orchestra that has no instance yet.
async fn orchestra() -> TestApp {
    let app = TestApp::new().await;
    app.add_lyran("Lyran", "Kansliet").await;
    app
}

/// An orchestra with an instance.
async fn provisioned() -> TestApp {
    let app = orchestra().await;
    app.run(&["provision", "lyran"]).await.exits(0);
    app
}

async fn import(app: &TestApp, file: &str, more: &[&str], exit: i32) -> Value {
    let command = ["customers", "import-members", "lyran", file, "--json"];
    let ran = app.run(&[&command[..], more].concat()).await;
    ran.exits(exit).json()
}

fn verdicts(import: &Value) -> Vec<&str> {
    let rows = import["rows"].as_array().unwrap();
    rows.iter()
        .map(|row| row["verdict"].as_str().unwrap())
        .collect()
}

/// What the instance's database says, as its owner.
async fn asked(app: &TestApp, sql: &str) -> Value {
    let (project, _) = app.cloud.resources("supabase", "project").await.remove(0);
    app.ask_database(&project, sql).await
}

async fn members(app: &TestApp) -> Value {
    let sql = "select m.name, m.email, m.phone, m.role, m.standing, m.language, m.joined_on::text,
  coalesce((select json_agg(json_build_array(i.code, p.main) order by p.main desc)
    from public.member_instruments p join public.instruments i on i.id = p.instrument_id
    where p.member_id = m.id), '[]') as plays
from public.members m where m.user_id is null order by m.name";
    asked(app, sql).await
}

#[tokio::test]
async fn a_list_of_members_is_looked_at_then_added_once() {
    let app = provisioned().await;
    let file = app.file("medlemmar.csv", LIST);
    let dry = import(&app, &file, &["--dry-run"], 3).await;
    let expected = ["added", "added", "added", "refused", "refused"];
    assert_eq!(verdicts(&dry), expected, "{dry:#}");
    assert_eq!(dry["ignored"], json!(["Lösenord"]));
    let faults = |row: usize| {
        let problems = dry["rows"][row]["problems"].as_array().unwrap();
        let codes = problems.iter().map(|one| one["code"].as_str().unwrap());
        codes.collect::<Vec<_>>()
    };
    let unreadable = "field_unreadable";
    assert_eq!(
        faults(3),
        ["email_invalid", unreadable, unreadable, unreadable],
        "standing, day and instrument: {dry:#}"
    );
    assert_eq!(faults(4), ["row_repeated"]);
    assert_eq!(members(&app).await, json!([]), "nobody is added by a look");

    let real = import(&app, &file, &[], 3).await;
    assert_eq!(verdicts(&real), expected, "as it was shown: {real:#}");
    let there = members(&app).await;
    let usual = json!({ "role": "musician", "standing": "regular", "language": "sv", "email": null,
        "phone": null, "joined_on": null, "plays": [] });
    let with = |more: Value| {
        let mut row = usual.clone();
        let all = row.as_object_mut().unwrap();
        all.extend(more.as_object().unwrap().clone());
        row
    };
    assert_eq!(
        there,
        json!([
            with(
                json!({ "name": "Anna Åker", "email": "anna@lyran.example", "phone": "+46 70 123 45 67",
                "joined_on": "2019-09-01", "plays": [["violin", true], ["viola", false]] })
            ),
            with(
                json!({ "name": "Bo Björk", "email": "bo@lyran.example", "standing": "substitute",
                "plays": [["timpani", true]] })
            ),
            with(json!({ "name": "Cia Ström" })),
        ])
    );
    let again = import(&app, &file, &[], 3).await;
    let unchanged = ["unchanged", "unchanged", "unchanged", "refused", "refused"];
    assert_eq!(verdicts(&again), unchanged, "{again:#}");
    assert_eq!(members(&app).await, there, "nobody is added twice");

    let log = app.run(&["audit", "export"]).await.exits(0).stdout;
    let told = |action: &str| log.matches(&format!("\"{action}\"")).count();
    assert_eq!(told("members.imported"), 2, "both are told: {log}");
    assert_eq!(
        told("members.importing"),
        1,
        "and before it what one would add: {log}"
    );
    assert!(!log.contains("anna@lyran"), "without the people: {log}");
}

/// Since the first import members have changed what is their own.
#[tokio::test]
async fn who_is_there_is_left_as_they_are() {
    let app = provisioned().await;
    asked(
        &app,
        "insert into public.members (name, email, phone) values ('Anna Åker', 'Anna@Lyran.example', '08-1'), ('Cia Ström', null, null)",
    )
    .await;
    let file = app.file(
        "m.csv",
        "name,email,phone,instrument\nAnna Åker,anna@lyran.example,08-2,harp\n\
         Cia Ström,cia@lyran.example,,\nKansliet,kansli@lyran.example,,\nEva,eva@lyran.example,,\n",
    );
    let before = members(&app).await;
    let import = import(&app, &file, &[], 0).await;
    assert_eq!(
        verdicts(&import),
        ["different", "different", "unchanged", "added"],
        "the administrator is a member too: {import:#}"
    );
    assert_eq!(
        import["rows"][0]["differs"],
        json!(["phone", "instruments"])
    );
    assert_eq!(import["rows"][1]["differs"], json!(["email"]));
    let after = members(&app).await;
    let mut after = after.as_array().unwrap().clone();
    after.retain(|row| row["name"] != "Eva");
    assert_eq!(json!(after), before);
}

/// The answer is lost on its way: whether they are there the next import sees.
#[tokio::test]
async fn an_import_whose_answer_was_lost_is_done_again() {
    let app = provisioned().await;
    let file = app.file("m.csv", "name,email\nAnna,a@lyran.example\nBo,\n");
    // The first call of that kind looks who is there.
    let lost = json!([{ "provider": "supabase", "method": "POST", "path": "/v1/projects/*/database/query",
        "nth": 2, "do": "drop_after" }]);
    app.cloud.faults(lost).await;
    let failed = app
        .run(&["customers", "import-members", "lyran", &file, "--json"])
        .await;
    assert_ne!(failed.status, 0, "it is not known whether it was done");
    app.cloud.faults(json!([])).await;
    assert_eq!(members(&app).await.as_array().unwrap().len(), 2);
    let again = import(&app, &file, &[], 0).await;
    assert_eq!(verdicts(&again), ["unchanged", "unchanged"], "{again:#}");
}

/// Between the look and the addition another operator's import, or one whose answer was lost, has added the same rows.
#[tokio::test]
async fn who_came_in_between_without_an_address_is_not_added_again() {
    let app = provisioned().await;
    let list = "name,email,instrument\nAnna,a@lyran.example,harp\nBo,,timpani\nCia,,\n";
    let file = app.file("m.csv", list);
    import(&app, &file, &[], 0).await;
    for sql in [
        "create table public.theirs as select id, name, email from public.members where user_id is null",
        // The import comes with the secret key, and the trigger does what it may.
        "grant select on public.theirs to service_role",
        "delete from public.members where user_id is null",
        "create function public.came_in_between() returns trigger language plpgsql as $$
begin
  insert into public.members (id, name, email) select id, name, email from public.theirs;
  return null;
end
$$",
        "create trigger came_in_between before insert on public.members
  for each statement when (pg_trigger_depth() = 0) execute function public.came_in_between()",
    ] {
        asked(&app, sql).await;
    }
    let second = import(&app, &file, &[], 0).await;
    assert_eq!(verdicts(&second), ["unchanged"; 3], "{second:#}");
    let there = members(&app).await;
    let names: Vec<_> = there
        .as_array()
        .unwrap()
        .iter()
        .map(|row| &row["name"])
        .collect();
    assert_eq!(names, ["Anna", "Bo", "Cia"], "each once: {there:#}");
}

#[tokio::test]
async fn who_was_added_without_an_address_and_has_another_name_now_is_known() {
    let app = provisioned().await;
    let file = app.file("m.csv", "name,email\nBo,\nCia,\n");
    import(&app, &file, &[], 0).await;
    let renamed = "update public.members set name = 'Cia Ek' where name = 'Cia'";
    asked(&app, renamed).await;
    for more in [&["--dry-run"][..], &[]] {
        let again = import(&app, &file, more, 0).await;
        assert_eq!(verdicts(&again), ["unchanged", "different"], "{again:#}");
        assert_eq!(again["rows"][1]["differs"], json!(["name"]));
    }
    let there = members(&app).await;
    assert_eq!(there.as_array().unwrap().len(), 2, "{there:#}");
}

/// One row that the database refuses keeps the others out too: an import is done or it isn't.
#[tokio::test]
async fn rows_go_in_together_or_not_at_all() {
    let app = provisioned().await;
    asked(
        &app,
        "alter table public.members add constraint no_bo check (name <> 'Bo')",
    )
    .await;
    let file = app.file("m.csv", "name,instrument\nAnna,harp\nBo,\n");
    let refused = app
        .run(&["customers", "import-members", "lyran", &file])
        .await
        .exits(1);
    assert!(
        refused.stderr.contains("no_bo"),
        "in the database's own words: {}",
        refused.stderr
    );
    assert_eq!(members(&app).await, json!([]));
}

#[tokio::test]
async fn without_an_instance_or_a_table_of_members_nothing_is_asked() {
    let app = orchestra().await;
    let file = app.file("m.csv", "name\nAnna\n");
    let command = |customer| ["customers", "import-members", customer, &file, "--json"];
    let none = app.run(&command("lyran")).await.exits(3).json();
    assert_eq!(none["code"], "instance_missing", "{none:#}");
    app.add("akermark").await;
    let other = app.run(&command("akermark")).await.exits(3).json();
    assert_eq!(other["code"], "members_unsupported", "{other:#}");
    assert_eq!(app.cloud.mutating().await, 0);
}
