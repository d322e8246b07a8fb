//! What holds whatever the blueprint: what is shut to everybody who is nobody here, and what stays on a row.

use std::collections::BTreeSet;

use fabrik_blueprints::built_in;
use fabrik_postgres::Login;

use super::{Instance, REFUSED, anonymous, names, server, signed_in, user};

#[tokio::test]
async fn nobody_reads_or_writes_without_signing_in() {
    for name in built_in() {
        for (project, instance) in Instance::in_each(name).await {
            instance.fill().await;
            let name = format!("{name} in a {project} project");
            // One who has a token and is no member is nobody as well.
            let stranger = signed_in(99);
            for table in instance.with("tables") {
                let select = format!("select 1 from public.{table}");
                let seen = instance.owner(&select).await.len();
                assert!(seen > 0, "{name}: the canary has a row in {table}");
                for (who, login) in [("anon", anonymous()), ("a stranger", stranger.clone())] {
                    let read = instance.count(&login, &select).await;
                    let shut = read == Ok(0) || read == Err(REFUSED.to_owned());
                    assert!(shut, "{name}: {who} reads {table}: {read:?}");
                    for write in [
                        format!("delete from public.{table}"),
                        format!("insert into public.{table} default values"),
                    ] {
                        let written = instance.count(&login, &write).await;
                        let shut = written == Ok(0) || written == Err(REFUSED.to_owned());
                        assert!(shut, "{name}: {who}: {write}: {written:?}");
                    }
                    let truncated = instance
                        .count(&login, &format!("truncate public.{table}"))
                        .await;
                    assert_eq!(
                        truncated,
                        Err(REFUSED.to_owned()),
                        "{name}: {who} truncates {table}"
                    );
                }
                assert_eq!(
                    instance.owner(&select).await.len(),
                    seen,
                    "{name}: {table} is as it was"
                );
            }
            let functions = instance
                .owner(
                    "select p.proname as function from pg_proc p
                 where p.pronamespace = 'private'::regnamespace and p.pronargs = 0
                   and p.prorettype <> 'trigger'::regtype",
                )
                .await;
            assert!(!functions.is_empty(), "{name} has helpers");
            for function in names(&functions, "function") {
                let call = format!("select private.{function}()");
                let called = instance.count(&anonymous(), &call).await;
                assert_eq!(called, Err(REFUSED.to_owned()), "{name}: anon: {call}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_made_later_is_open_to_nobody_until_it_is_granted() {
    for name in built_in() {
        for (project, instance) in Instance::in_each(name).await {
            let make = "create table public.later (n int); insert into public.later values (1);
                 create function public.one() returns int language sql as 'select 1'";
            instance.owner(make).await;
            for login in [anonymous(), signed_in(99), server()] {
                for sql in ["select n from public.later", "select public.one()"] {
                    let read = instance.count(&login, sql).await;
                    let shut = Err(REFUSED.to_owned());
                    assert_eq!(read, shut, "{name}, {project}: {sql} by {login:?}");
                }
            }
        }
    }
}

/// Blueprint, where its people are, the roles of two of them, where the second makes a row, and how.
const MAKERS: [(&str, &str, [&str; 2], &str, &str); 4] = [
    (
        "factory",
        "members",
        ["admin", "member"],
        "contacts",
        "insert into contacts (name) values ('Ny')",
    ),
    (
        "agency",
        "users",
        ["admin", "project_manager"],
        "projects",
        "insert into projects (client_id, name) select id, 'Ny' from clients",
    ),
    (
        "orchestra",
        "members",
        ["admin", "planner"],
        "projects",
        "insert into projects (title) values ('Ny')",
    ),
    (
        "client-stack",
        "users",
        ["admin", "member"],
        "contacts",
        "insert into contacts (name) values ('Ny')",
    ),
];

#[tokio::test]
async fn who_made_a_row_stays_on_it_as_long_as_it_is_a_user() {
    let named: BTreeSet<_> = MAKERS.iter().map(|one| one.0).collect();
    assert_eq!(named, built_in().collect(), "every blueprint is tried");
    for (name, people, roles, table, insert) in MAKERS {
        let instance = Instance::with_canary(name).await;
        for (number, role) in (1..).zip(roles) {
            let id = user(number);
            let sql = format!(
                "insert into auth.users (id, email) values ('{id}', '{number}@b.se');
                 insert into {people} (user_id, email, name, role) values ('{id}', '{number}@b.se', 'Namn', '{role}')"
            );
            instance.owner(&sql).await;
        }
        assert_eq!(instance.count(&signed_in(2), insert).await, Ok(1), "{name}");
        let wipe = format!("update {table} set created_by = null");
        let wiped = instance.count(&signed_in(2), &wipe).await;
        assert!(wiped.is_ok(), "{name}: {wiped:?}");
        let signed = format!("select 1 from {table} where created_by is not null");
        let left = instance.owner(&signed).await.len();
        assert_eq!(left, 1, "{name}: nobody takes it off");
        let remove = format!("delete from {people} where user_id = '{}'", user(2));
        let removed = instance.count(&signed_in(1), &remove).await;
        assert_eq!(removed, Ok(1), "{name}");
        let left = instance.owner(&signed).await.len();
        assert_eq!(left, 0, "{name}: it names nobody who isn't there");
    }
}

/// Blueprint, rows that speak of Eva Ek, whose own has this key, and how what is written there is changed.
fn written_of(id: &str) -> [(&'static str, String, &'static str); 5] {
    [
        (
            "client-stack",
            format!("insert into contacts (id, name, notes) values ('{id}', 'Eva Ek', 'känslig')"),
            "update contacts set notes = 'känsligare'",
        ),
        (
            "orchestra",
            format!(
                "insert into members (id, name) values ('{id}', 'Eva Ek');
                 insert into member_details (member_id, diet) values ('{id}', 'känslig')"
            ),
            "update member_details set diet = 'känsligare'",
        ),
        (
            "factory",
            format!(
                "insert into contacts (id, name, email, notes)
                   values ('{id}', 'Eva Ek', 'eva@b.se', 'känslig');
                 insert into projects (contact_id, name, description) values ('{id}', 'Webb', 'känslig');
                 insert into tasks (project_id, title, description) select id, 'Ring', 'känslig' from projects;
                 insert into comments (task_id, body) select id, 'känslig' from tasks"
            ),
            "update comments set body = 'känsligare'",
        ),
        // Who works here, and is named on the time as well.
        (
            "agency",
            format!(
                "insert into auth.users (id, email) values ('{id}', 'eva@b.se');
                 insert into users (user_id, email, name) values ('{id}', 'eva@b.se', 'Eva Ek');
                 insert into projects (name, billing, description) values ('Eget', 'none', 'känslig');
                 insert into tasks (project_id, title, description) select id, 'Ring', 'känslig' from projects;
                 insert into comments (project_id, body) select id, 'känslig' from projects;
                 insert into time_entries (project_id, user_id, minutes, description)
                   select id, '{id}', 5, 'känslig' from projects"
            ),
            "update comments set body = 'känsligare'",
        ),
        // For whom work is done, and who is named on the invoice as well.
        (
            "agency",
            format!(
                "insert into clients (id, name, contact_name) values ('{id}', 'Åkes', 'Eva Ek');
                 insert into invoices (client_id, reference, note) values ('{id}', 'Eva Ek', 'känslig');
                 insert into invoice_lines (invoice_id, description, unit_price)
                   select id, 'känslig', 1 from invoices;
                 update invoices set status = 'sent'"
            ),
            "update invoices set note = 'känsligare'",
        ),
    ]
}

#[tokio::test]
async fn the_log_tells_nothing_private_and_forgets_who_asks_for_it() {
    let id = user(7);
    let written = written_of(&id);
    let named: BTreeSet<_> = written.iter().map(|one| one.0).collect();
    assert_eq!(named, built_in().collect(), "every blueprint is tried");
    for (name, person, words) in written {
        let instance = Instance::new(name).await;
        instance.owner(&person).await;
        instance.owner(words).await;
        let told = async || {
            let lines = instance
                .owner("select concat(before, after) as told from audit_log")
                .await;
            names(&lines, "told")
        };
        let before = told().await;
        assert!(before.iter().any(|line| line.contains("Eva Ek")), "{name}");
        assert!(
            !before.iter().any(|line| line.contains("känslig")),
            "{name}: {before:?}"
        );
        let column = words.split(' ').nth(3).unwrap();
        let told_of = format!(
            "select 1 from audit_log where action = 'update' and before ? '{column}' and after ? '{column}'"
        );
        let told_of = instance.owner(&told_of).await.len();
        assert_eq!(told_of, 1, "{name}: that it changed is told");

        let forget = format!("select private.forget('{id}')::int as lines");
        let call = instance.count(&server(), &forget).await;
        assert_eq!(call, Err(REFUSED.to_owned()), "{name}: the owner's alone");
        let forgotten = instance.owner(&forget).await;
        assert_ne!(forgotten[0]["lines"], 0, "{name}");
        let after = told().await;
        assert_eq!(after.len(), before.len(), "{name}: the lines stay");
        assert!(
            !after.iter().any(|line| line.contains("Eva Ek")),
            "{name}: {after:?}"
        );
        for change in [
            "update audit_log set before = '{}', after = null",
            "update audit_log set before = null, after = null, actor_id = gen_random_uuid()",
            "delete from audit_log",
        ] {
            let changed = instance.count(&Login::Owner, change).await;
            assert_eq!(changed, Err(REFUSED.to_owned()), "{name}: {change}");
        }
    }
}
