//! The agency: who of its four roles sees and does what, and what users leave behind.

use std::fmt::Write as _;

use fabrik_postgres::Login;
use serde_json::json;

use super::{Instance, REFUSED, VIOLATED, server, signed_in, user};

/// The users, by number: one of each role, the client's of the first client, and another client's.
pub(super) const ADMIN: u8 = 1;
pub(super) const MANAGER: u8 = 2;
pub(super) const EMPLOYEE: u8 = 3;
pub(super) const CLIENT: u8 = 4;
const OTHER_CLIENT: u8 = 5;

/// Clients, projects and tasks, by number.
pub(super) fn client(number: u8) -> String {
    format!("c0000000-0000-4000-8000-0000000000{number:02}")
}

pub(super) fn project(number: u8) -> String {
    format!("b0000000-0000-4000-8000-0000000000{number:02}")
}

pub(super) fn task(number: u8) -> String {
    format!("a0000000-0000-4000-8000-0000000000{number:02}")
}

/// Two clients. The first has a project that is shared with it (1), on which the employee works, and one
/// that is not (2); the second has one that is shared with it (3). Each has a task that is shared; the
/// first one has one that is not (4), and one that belongs to it (5).
pub(super) async fn agency() -> Instance {
    let instance = Instance::new("agency").await;
    let mut sql = String::new();
    for number in 1..=5 {
        let id = user(number);
        writeln!(
            sql,
            "insert into auth.users (id, email) values ('{id}', '{number}@b.se');"
        )
        .unwrap();
    }
    write!(
        sql,
        "insert into clients (id, name, hourly_rate) values
           ('{c1}', 'Åkes', 900), ('{c2}', 'Bergs', null);
         insert into users (user_id, email, name, role, client_id) values
           ('{u1}', '1@b.se', 'Ada', 'admin', null),
           ('{u2}', '2@b.se', 'Pia', 'project_manager', null),
           ('{u3}', '3@b.se', 'Emil', 'employee', null),
           ('{u4}', '4@b.se', 'Åke', 'client', '{c1}'),
           ('{u5}', '5@b.se', 'Berg', 'client', '{c2}');
         insert into projects (id, client_id, name, shared) values
           ('{p1}', '{c1}', 'Webb', true), ('{p2}', '{c1}', 'Plan', false), ('{p3}', '{c2}', 'App', true);
         insert into project_members (project_id, user_id) values ('{p1}', '{u3}');
         insert into tasks (id, project_id, parent_id, title, shared) values
           ('{t1}', '{p1}', null, 'Skiss', true), ('{t2}', '{p2}', null, 'Plan', true),
           ('{t3}', '{p3}', null, 'Skiss', true), ('{t4}', '{p1}', null, 'Intern', false),
           ('{t5}', '{p1}', '{t4}', 'Del', false);",
        c1 = client(1),
        c2 = client(2),
        u1 = user(1),
        u2 = user(2),
        u3 = user(3),
        u4 = user(4),
        u5 = user(5),
        p1 = project(1),
        p2 = project(2),
        p3 = project(3),
        t1 = task(1),
        t2 = task(2),
        t3 = task(3),
        t4 = task(4),
        t5 = task(5),
    )
    .unwrap();
    instance.owner(&sql).await;
    instance
}

#[tokio::test]
async fn each_role_sees_what_is_its_own() {
    let instance = agency().await;
    let (p1, p3) = (project(1), project(3));
    let more = format!(
        "insert into comments (project_id, task_id, body, internal) values
           ('{p1}', '{t1}', 'a', false), ('{p1}', '{t1}', 'b', true), ('{p1}', '{t4}', 'c', false),
           ('{p3}', null, 'd', false);
         insert into comments (client_id, body) values ('{c1}', 'e');
         insert into files (project_id, path, name, internal) values
           ('{p1}', 'a', 'a', false), ('{p1}', 'b', 'b', true), ('{p3}', 'c', 'c', false);
         insert into invoices (id, client_id, status, number, issued_on, due_on, seller, buyer) values
           ('d0000000-0000-4000-8000-000000000001', '{c1}', 'sent', 1, '2026-01-01', '2026-01-31', '{{}}', '{{}}'),
           ('d0000000-0000-4000-8000-000000000002', '{c1}', 'draft', null, null, null, null, null),
           ('d0000000-0000-4000-8000-000000000003', '{c2}', 'sent', 2, '2026-01-01', '2026-01-31', '{{}}', '{{}}');
         insert into invoice_lines (invoice_id, description, unit_price)
           select id, 'Arbete', 1 from invoices;
         insert into time_entries (project_id, user_id, minutes) values
           ('{p1}', '{u2}', 60), ('{p1}', '{u3}', 60);",
        t1 = task(1),
        t4 = task(4),
        c1 = client(1),
        c2 = client(2),
        u2 = user(MANAGER),
        u3 = user(EMPLOYEE),
    );
    instance.owner(&more).await;
    // Admin and project manager, employee, the first client's user, the second one's.
    let rows = [
        ("company", [1, 1, 1, 1]),
        ("clients", [2, 1, 1, 1]),
        ("users", [5, 5, 2, 1]),
        ("projects", [3, 1, 1, 1]),
        ("project_members", [1, 1, 1, 0]),
        ("tasks", [5, 3, 1, 1]),
        ("comments", [5, 4, 1, 1]),
        ("files", [3, 2, 1, 1]),
        ("invoices", [3, 0, 1, 1]),
        ("invoice_lines", [3, 0, 1, 1]),
        ("time_entries", [2, 1, 0, 0]),
        ("audit_log", [0, 0, 0, 0]),
    ];
    let tables: Vec<_> = rows.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(tables, instance.with("tables"), "every table is looked at");
    for (table, expected) in rows {
        let seen = async |number| {
            let select = format!("select 1 from {table}");
            instance.count(&signed_in(number), &select).await
        };
        for (number, expected) in [MANAGER, EMPLOYEE, CLIENT, OTHER_CLIENT]
            .iter()
            .zip(expected)
        {
            assert_eq!(
                seen(*number).await,
                Ok(expected),
                "user {number} reads {table}"
            );
        }
        let all = instance
            .owner(&format!("select 1 from {table}"))
            .await
            .len();
        assert_eq!(
            seen(ADMIN).await,
            Ok(all),
            "the administrator reads {table}"
        );
        assert!(all > 0, "there is something in {table}");
    }
}

#[tokio::test]
async fn each_role_does_what_is_its_own() {
    let instance = agency().await;
    let (p1, p2, c1) = (project(1), project(2), client(1));
    let (t1, t4, u3) = (task(1), task(4), user(EMPLOYEE));
    // Who may: the lowest role that does, and all above it. A client is below an employee.
    let writes = [
        (ADMIN, "update company set name = 'Byrån'".to_owned()),
        (
            ADMIN,
            format!(
                "insert into users (user_id, email) values ('{}', '6@b.se')",
                user(6)
            ),
        ),
        (
            ADMIN,
            format!("delete from clients where id = '{}'", client(9)),
        ),
        (
            MANAGER,
            "insert into clients (name) values ('Ny')".to_owned(),
        ),
        (
            MANAGER,
            format!("update clients set hourly_rate = 1000 where id = '{c1}'"),
        ),
        (
            MANAGER,
            format!("insert into projects (client_id, name) values ('{c1}', 'Nytt')"),
        ),
        (
            MANAGER,
            format!("update projects set status = 'active' where id = '{p1}'"),
        ),
        (
            MANAGER,
            format!("insert into tasks (project_id, title) values ('{p2}', 'Utanför')"),
        ),
        (
            MANAGER,
            format!(
                "insert into project_members (project_id, user_id) values ('{p2}', '{u3}') on conflict do nothing"
            ),
        ),
        (
            MANAGER,
            format!("insert into invoices (client_id) values ('{c1}')"),
        ),
        (
            EMPLOYEE,
            format!("insert into tasks (project_id, title) values ('{p1}', 'Ny')"),
        ),
        (
            EMPLOYEE,
            format!("update tasks set status = 'done' where id = '{t1}'"),
        ),
        (
            EMPLOYEE,
            format!("insert into comments (project_id, body) values ('{p1}', 'internt')"),
        ),
        (
            EMPLOYEE,
            format!(
                "insert into comments (project_id, task_id, body, internal) values ('{p1}', '{t4}', 'x', false)"
            ),
        ),
        (
            EMPLOYEE,
            format!("insert into time_entries (project_id, minutes) values ('{p1}', 15)"),
        ),
        (
            CLIENT,
            format!(
                "insert into comments (project_id, task_id, body, internal) values ('{p1}', '{t1}', 'svar', false)"
            ),
        ),
        (
            CLIENT,
            format!(
                "insert into files (project_id, path, name, internal) values ('{p1}', 'N', 'bild', false)"
            ),
        ),
    ];
    instance
        .owner(&format!(
            "insert into clients (id, name) values ('{}', 'Bort');
             insert into auth.users (id, email) values ('{}', '6@b.se')",
            client(9),
            user(6)
        ))
        .await;
    for (lowest, write) in &writes {
        // From below, so that what is done by one is there to be done by the next.
        for number in [OTHER_CLIENT, CLIENT, EMPLOYEE, MANAGER, ADMIN] {
            let sql = write.replace("'N'", &format!("'{number}'"));
            if number <= *lowest {
                // Once on `on conflict`, a second insert does nothing: the manager's was the first.
                let done = instance.count(&signed_in(number), &sql).await;
                let again = number == ADMIN && write.contains("on conflict");
                assert!(
                    done == Ok(1) || again && done == Ok(0),
                    "user {number}: {sql}: {done:?}"
                );
            } else {
                let shut = instance.is_shut(&signed_in(number), &sql).await;
                assert_eq!(shut, Ok(()), "user {number}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_ones_own_is_nobody_elses_to_change() {
    let instance = agency().await;
    let p1 = project(1);
    let add = format!(
        "insert into comments (project_id, body, internal, created_by) values ('{p1}', 'Mitt', false, '{}')",
        user(ADMIN)
    );
    assert_eq!(instance.count(&signed_in(EMPLOYEE), &add).await, Ok(1));
    let by = instance.owner("select created_by from comments").await;
    assert_eq!(
        by,
        [json!({"created_by": user(EMPLOYEE)})],
        "whatever it says"
    );
    let change = "update comments set body = 'Ditt'";
    assert_eq!(instance.count(&signed_in(CLIENT), change).await, Ok(0));
    assert_eq!(
        instance.count(&signed_in(MANAGER), change).await,
        Ok(0),
        "not even a manager"
    );
    assert_eq!(instance.count(&signed_in(EMPLOYEE), change).await, Ok(1));
    let answer =
        format!("insert into comments (project_id, body, internal) values ('{p1}', 'Svar', false)");
    assert_eq!(instance.count(&signed_in(CLIENT), &answer).await, Ok(1));
    let hide = "update comments set internal = true";
    let hidden = instance.count(&signed_in(CLIENT), hide).await;
    assert_eq!(hidden, Err(REFUSED.to_owned()), "a client hides nothing");
    let remove = "delete from comments";
    assert_eq!(instance.count(&signed_in(CLIENT), remove).await, Ok(1));
    assert_eq!(instance.count(&signed_in(MANAGER), remove).await, Ok(1));

    // Time is one's own, on projects that one sees, at the price that managers set.
    let other = format!(
        "insert into time_entries (project_id, minutes) values ('{}', 15)",
        project(3)
    );
    assert_eq!(instance.is_shut(&signed_in(EMPLOYEE), &other).await, Ok(()));
    let pretend = format!(
        "insert into time_entries (project_id, user_id, minutes) values ('{p1}', '{}', 15)",
        user(MANAGER)
    );
    assert_eq!(
        instance.is_shut(&signed_in(EMPLOYEE), &pretend).await,
        Ok(())
    );
    let dear = format!(
        "insert into time_entries (project_id, minutes, hourly_rate) values ('{p1}', 15, 9999)"
    );
    assert_eq!(instance.count(&signed_in(EMPLOYEE), &dear).await, Ok(1));
    let dearer = "update time_entries set hourly_rate = 9999, minutes = 30";
    assert_eq!(instance.count(&signed_in(EMPLOYEE), dearer).await, Ok(1));
    let kept = instance
        .owner("select person, hourly_rate, minutes from time_entries")
        .await;
    assert_eq!(
        kept,
        [json!({"person": "Emil", "hourly_rate": "900.00", "minutes": 30})]
    );
    assert_eq!(instance.count(&signed_in(MANAGER), dearer).await, Ok(1));
    let set = instance.owner("select hourly_rate from time_entries").await;
    assert_eq!(set, [json!({"hourly_rate": "9999.00"})]);
}

#[tokio::test]
async fn nobody_rises_by_its_own_hand_and_an_administrator_is_left() {
    let instance = agency().await;
    let refused = || Err(REFUSED.to_owned());
    let set = |number: u8, what: &str| {
        format!("update users set {what} where user_id = '{}'", user(number))
    };
    for number in [MANAGER, EMPLOYEE, CLIENT] {
        let login = signed_in(number);
        assert_eq!(
            instance.count(&login, &set(number, "name = 'Bo'")).await,
            Ok(1)
        );
        assert_eq!(
            instance.count(&login, &set(ADMIN, "name = 'x'")).await,
            Ok(0)
        );
        for what in [
            "role = 'admin', client_id = null",
            "email = 'x@y.z'",
            "active = false",
        ] {
            let risen = instance.count(&login, &set(number, what)).await;
            assert_eq!(risen, refused(), "user {number}: {what}");
        }
    }
    let admin = signed_in(ADMIN);
    let remove = format!("delete from users where user_id = '{}'", user(ADMIN));
    for last in [
        set(ADMIN, "active = false"),
        set(ADMIN, "role = 'employee'"),
        remove,
    ] {
        let left = instance.count(&admin, &last).await;
        assert_eq!(left, Err(VIOLATED.to_owned()), "{last}");
    }
    assert_eq!(
        instance
            .count(&admin, &set(MANAGER, "role = 'admin'"))
            .await,
        Ok(1)
    );
    assert_eq!(
        instance
            .count(&signed_in(MANAGER), &set(ADMIN, "active = false"))
            .await,
        Ok(1)
    );
    let own = instance.count(&admin, "select 1 from users").await;
    assert_eq!(own, Ok(1), "its own row, to learn that it is shut out");
    assert_eq!(
        instance.count(&admin, "select 1 from projects").await,
        Ok(0)
    );
    assert_eq!(instance.count(&admin, "select 1 from company").await, Ok(0));
    // A client's user is somebody's, and nobody else is.
    for what in [
        "role = 'client'",
        "client_id = 'c0000000-0000-4000-8000-000000000001'",
    ] {
        let odd = instance
            .count(&signed_in(MANAGER), &set(EMPLOYEE, what))
            .await;
        assert_eq!(odd, Err(VIOLATED.to_owned()), "{what}");
    }
}

#[tokio::test]
async fn the_first_admin_is_added_by_the_secret_key_and_sees_itself() {
    let instance = Instance::new("agency").await;
    let id = user(7);
    let sql = "insert into users (id, email) values ($1, 'a@b.se')";
    let parameters = [Some(id.as_str())];
    let made = instance.database.statement(&Login::Auth, sql, &parameters);
    made.await.unwrap();
    let add = format!(
        "insert into users (user_id, email, name, role) values ('{id}', 'a@b.se', '', 'admin')"
    );
    assert_eq!(instance.count(&server(), &add).await, Ok(1));
    let own = format!("select role from users where user_id = '{id}'");
    let rows = instance
        .database
        .script(&signed_in(7), &own)
        .await
        .unwrap()
        .rows;
    assert_eq!(rows, [json!({"role": "admin"})]);
}

#[tokio::test]
async fn tasks_keep_to_two_levels_and_take_along_what_is_theirs() {
    let instance = agency().await;
    let (t1, t4, t5, p1, p2) = (task(1), task(4), task(5), project(1), project(2));
    let manager = signed_in(MANAGER);
    for third in [
        format!("update tasks set parent_id = '{t5}' where id = '{t1}'"),
        format!("update tasks set parent_id = '{t1}' where id = '{t4}'"),
    ] {
        let deep = instance.count(&manager, &third).await;
        assert_eq!(deep, Err(VIOLATED.to_owned()), "{third}");
    }
    let foreign = format!(
        "update tasks set parent_id = '{t1}' where id = '{}'",
        task(2)
    );
    assert_eq!(
        instance.count(&manager, &foreign).await,
        Err("23503".to_owned()),
        "a part is in the same project"
    );
    instance
        .owner(&format!(
            "insert into comments (project_id, task_id, body) values ('{p1}', '{t5}', 'a');
             insert into files (project_id, task_id, path, name) values ('{p1}', '{t5}', 'a', 'a');
             insert into time_entries (project_id, task_id, minutes) values ('{p1}', '{t5}', 5)"
        ))
        .await;
    let move_it = format!("update tasks set project_id = '{p2}' where id = '{t4}'");
    assert_eq!(instance.count(&manager, &move_it).await, Ok(1));
    for table in ["comments", "files", "time_entries"] {
        let rows = instance
            .owner(&format!("select project_id from {table}"))
            .await;
        assert_eq!(
            rows,
            [json!({"project_id": p2})],
            "{table} of the part of the task"
        );
    }
    let remove = format!("delete from tasks where id = '{t4}'");
    assert_eq!(instance.count(&manager, &remove).await, Ok(1));
    let left = "select (select count(*) from comments) as comments,
        (select count(*) from files where task_id is null) as files,
        (select count(*) from time_entries where task_id is null) as time";
    let left = instance.owner(left).await;
    assert_eq!(
        left,
        [json!({"comments": 0, "files": 1, "time": 1})],
        "what costs money or room stays"
    );
    let kept = instance
        .count(&manager, &format!("delete from projects where id = '{p2}'"))
        .await;
    assert_eq!(kept, Err("23503".to_owned()), "and keeps its project");

    let done = format!("update tasks set status = 'done' where id = '{t1}'");
    instance.count(&signed_in(EMPLOYEE), &done).await.unwrap();
    let at = format!("select done_at is not null as done from tasks where id = '{t1}'");
    assert_eq!(instance.owner(&at).await, [json!({"done": true})]);
}

#[tokio::test]
async fn the_content_of_a_file_goes_with_its_row() {
    let instance = agency().await;
    let p1 = project(1);
    let row = |path: &str, internal: bool| {
        format!(
            "insert into files (project_id, path, name, internal) values ('{p1}', '{path}', 'x', {internal})"
        )
    };
    let content = |path: &str| {
        format!("insert into storage.objects (bucket_id, name) values ('files', '{path}')")
    };
    let employee = signed_in(EMPLOYEE);
    assert_eq!(
        instance.is_shut(&employee, &content("early")).await,
        Ok(()),
        "the row comes first"
    );
    for (path, internal) in [("open", false), ("internal", true)] {
        assert_eq!(instance.count(&employee, &row(path, internal)).await, Ok(1));
        let stolen = instance.is_shut(&signed_in(CLIENT), &content(path)).await;
        assert_eq!(stolen, Ok(()), "another's row");
        assert_eq!(instance.count(&employee, &content(path)).await, Ok(1));
    }
    let read = "select name from storage.objects";
    for (number, seen) in [(ADMIN, 2), (EMPLOYEE, 2), (CLIENT, 1), (OTHER_CLIENT, 0)] {
        assert_eq!(
            instance.count(&signed_in(number), read).await,
            Ok(seen),
            "user {number}"
        );
    }
    let replace = "update storage.objects set version = '2' where name = 'open'";
    assert_eq!(instance.count(&signed_in(CLIENT), replace).await, Ok(0));
    assert_eq!(instance.count(&employee, replace).await, Ok(1), "an upsert");
    for login in [&employee, &signed_in(MANAGER)] {
        for sql in [
            "delete from files where path = 'open'",
            "update files set path = 'elsewhere' where path = 'open'",
        ] {
            let torn = instance.count(login, sql).await;
            assert_eq!(torn, Err("23503".to_owned()), "{sql} by {login:?}");
        }
    }
    let remove = "delete from storage.objects";
    assert_eq!(instance.count(&signed_in(CLIENT), remove).await, Ok(0));
    assert_eq!(instance.count(&signed_in(MANAGER), remove).await, Ok(2));
    let unrow = "delete from files where path = 'open'";
    assert_eq!(
        instance.count(&employee, unrow).await,
        Ok(1),
        "then its row"
    );
    // What was left without a row is nobody's to take, and an administrator's to remove.
    instance.owner(&content("left")).await;
    let taken = instance.count(&employee, &row("left", false)).await;
    assert_eq!(taken, Err("23505".to_owned()));
    for (number, removed) in [(CLIENT, 0), (EMPLOYEE, 0), (ADMIN, 1)] {
        let there = instance.count(&signed_in(number), remove).await;
        assert_eq!(there, Ok(removed), "user {number}");
    }
    let bucket = instance
        .owner("select public from storage.buckets where id = 'files'")
        .await;
    assert_eq!(bucket, [json!({"public": false})]);
}
