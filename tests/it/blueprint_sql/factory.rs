//! The factory: members and what they leave behind: roles, authors, the audit log.

use fabrik_postgres::Login;
use serde_json::json;

use super::{Instance, REFUSED, anonymous, server, signed_in, user};

impl Instance {
    /// A user with a row among the members.
    async fn member(&self, number: u8, role: &str) -> Login {
        let id = user(number);
        self.owner(&format!(
            "insert into auth.users (id, email) values ('{id}', '{number}@b.se');
             insert into public.members (user_id, email, name, role)
               values ('{id}', '{number}@b.se', '{role}', '{role}')"
        ))
        .await;
        signed_in(number)
    }
}

/// A row of one's own in every table that a person writes in, by table and SQL.
fn writes() -> Vec<(&'static str, String)> {
    let contact = "ca4a1700-0000-4000-8000-000000000002";
    let task = "ca4a1700-0000-4000-8000-000000000004";
    let project = "ca4a1700-0000-4000-8000-000000000003";
    vec![
        (
            "contacts",
            "insert into contacts (name) values ('Ny')".to_owned(),
        ),
        ("contacts", "update contacts set notes = 'x'".to_owned()),
        (
            "projects",
            format!("insert into projects (name, contact_id) values ('Nytt', '{contact}')"),
        ),
        (
            "projects",
            "update projects set status = 'active'".to_owned(),
        ),
        (
            "tasks",
            format!("insert into tasks (title, project_id) values ('Gör', '{project}')"),
        ),
        ("tasks", "update tasks set status = 'done'".to_owned()),
        (
            "comments",
            format!("insert into comments (body, task_id) values ('Klart', '{task}')"),
        ),
        (
            "files",
            "insert into files (path, name) values ('a/b', 'b')".to_owned(),
        ),
    ]
}

/// What only administrators do.
const ADMINISTRATION: [&str; 5] = [
    "update organization set name = 'Åkermark AB'",
    "insert into settings (key, value) values ('colour', '\"red\"')",
    "update settings set value = '1'",
    "update members set role = 'member' where user_id = 'ca4a1700-0000-4000-8000-000000000001'",
    "delete from projects where id = 'ca4a1700-0000-4000-8000-000000000003'",
];

#[tokio::test]
async fn roles_do_what_is_theirs() {
    let instance = Instance::with_canary("factory").await;
    let admin = instance.member(1, "admin").await;
    let member = instance.member(2, "member").await;
    let viewer = instance.member(3, "viewer").await;

    for table in instance.with("tables") {
        let select = format!("select 1 from public.{table}");
        for (who, login) in [("viewer", &viewer), ("member", &member), ("admin", &admin)] {
            let read = instance.count(login, &select).await;
            let expected = who == "admin" || table != "audit_log";
            assert_eq!(
                read.clone().map(|rows| rows > 0),
                Ok(expected),
                "{who} reads {table}: {read:?}"
            );
        }
    }
    for (table, write) in writes() {
        let by_viewer = instance.count(&viewer, &write).await;
        let shut = by_viewer == Ok(0) || by_viewer == Err(REFUSED.to_owned());
        assert!(shut, "viewer: {write}: {by_viewer:?}");
        let by_member = instance.count(&member, &write).await;
        assert!(
            by_member.as_ref().is_ok_and(|rows| *rows > 0),
            "member in {table}: {write}: {by_member:?}"
        );
    }
    for write in ADMINISTRATION {
        for (who, login) in [("viewer", &viewer), ("member", &member)] {
            let written = instance.count(login, write).await;
            let shut = written == Ok(0) || written == Err(REFUSED.to_owned());
            assert!(shut, "{who}: {write}: {written:?}");
        }
        let by_admin = instance.count(&admin, write).await;
        assert!(
            by_admin.as_ref().is_ok_and(|rows| *rows > 0),
            "admin: {write}: {by_admin:?}"
        );
    }
}

#[tokio::test]
async fn an_author_changes_what_is_its_own() {
    let instance = Instance::with_canary("factory").await;
    let (one, two) = (
        instance.member(1, "member").await,
        instance.member(2, "member").await,
    );
    let task = "ca4a1700-0000-4000-8000-000000000004";
    // Whatever it says, the row is the caller's.
    let sql = format!(
        "insert into comments (task_id, body, created_by) values ('{task}', 'Mitt', '{}')",
        user(2)
    );
    assert_eq!(instance.count(&one, &sql).await, Ok(1));
    let change = "update comments set body = 'Ditt' where body = 'Mitt'";
    assert_eq!(instance.count(&two, change).await, Ok(0), "another's");
    assert_eq!(instance.count(&one, change).await, Ok(1), "its own");
    let steal = format!(
        "update contacts set created_by = '{}' returning id",
        user(2)
    );
    assert!(instance.count(&two, &steal).await.is_ok());
    let stolen = instance
        .owner("select 1 from contacts where created_by is not null")
        .await;
    assert_eq!(stolen.len(), 0, "who made it stays");
}

#[tokio::test]
async fn nobody_rises_by_its_own_hand() {
    let instance = Instance::new("factory").await;
    let admin = instance.member(1, "admin").await;
    let member = instance.member(2, "member").await;
    instance.member(3, "admin").await;
    let refused = Err(REFUSED.to_owned());
    let set = |number: u8, what: &str| {
        format!(
            "update members set {what} where user_id = '{}'",
            user(number)
        )
    };

    assert_eq!(
        instance.count(&member, &set(2, "name = 'Bo'")).await,
        Ok(1),
        "its own name"
    );
    for what in ["role = 'admin'", "email = 'x@y.z'", "active = false"] {
        assert_eq!(
            instance.count(&member, &set(2, what)).await,
            refused,
            "{what}"
        );
    }
    assert_eq!(
        instance.count(&member, &set(1, "name = 'x'")).await,
        Ok(0),
        "another's name"
    );

    assert_eq!(
        instance.count(&admin, &set(1, "role = 'owner'")).await,
        Ok(1),
        "the first owner"
    );
    let second = signed_in(3);
    assert_eq!(
        instance.count(&second, &set(3, "role = 'owner'")).await,
        refused,
        "a second one"
    );
    assert_eq!(
        instance.count(&second, &set(1, "role = 'viewer'")).await,
        refused,
        "against an owner"
    );
    let remove = format!("delete from members where user_id = '{}'", user(1));
    assert_eq!(
        instance.count(&second, &remove).await,
        refused,
        "an owner is not removed"
    );

    assert_eq!(
        instance.count(&admin, &set(3, "active = false")).await,
        Ok(1)
    );
    let own = "select 1 from members";
    assert_eq!(
        instance.count(&second, own).await,
        Ok(1),
        "its own row, to learn that it is shut out"
    );
    assert_eq!(
        instance.count(&second, "select 1 from organization").await,
        Ok(0)
    );
    for last in [set(1, "active = false"), set(1, "role = 'member'"), remove] {
        assert_eq!(
            instance.count(&admin, &last).await,
            Err("23514".to_owned()),
            "{last}"
        );
    }
}

#[tokio::test]
async fn the_first_admin_is_added_by_the_secret_key_and_sees_itself() {
    let instance = Instance::new("factory").await;
    let id = user(7);
    instance
        .database
        .statement(
            &Login::Auth,
            "insert into users (id, email) values ($1, 'a@b.se')",
            &[Some(&id)],
        )
        .await
        .unwrap();
    let server = server();
    let add = format!(
        "insert into members (user_id, email, name, role) values ('{id}', 'a@b.se', '', 'admin')"
    );
    assert_eq!(instance.count(&server, &add).await, Ok(1));
    let rows = instance
        .database
        .script(
            &signed_in(7),
            &format!("select role from members where user_id = '{id}'"),
        )
        .await
        .unwrap()
        .rows;
    assert_eq!(rows, [json!({"role": "admin"})]);
    // Auth removes its user whatever the members' rules are: no administrator is left then.
    let sql = "delete from users where id = $1";
    instance
        .database
        .statement(&Login::Auth, sql, &[Some(&id)])
        .await
        .unwrap();
    assert_eq!(instance.owner("select 1 from members").await.len(), 0);
}

#[tokio::test]
async fn the_audit_log_tells_and_can_not_be_changed() {
    let instance = Instance::with_canary("factory").await;
    let admin = instance.member(1, "admin").await;
    instance
        .count(
            &admin,
            "update organization set name = 'Åkermark', city = 'Umeå'",
        )
        .await
        .unwrap();
    let last = instance
        .owner("select actor_id, action, table_name, before, after from audit_log order by number desc limit 1")
        .await;
    assert_eq!(
        last,
        [json!({
            "actor_id": user(1), "action": "update", "table_name": "organization",
            "before": {"name": "", "city": null}, "after": {"name": "Åkermark", "city": "Umeå"},
        })]
    );
    let server = server();
    for login in [&admin, &server, &Login::Owner] {
        for sql in [
            "update audit_log set action = 'delete'",
            "delete from audit_log",
            "truncate audit_log",
        ] {
            assert_eq!(
                instance.count(login, sql).await,
                Err(REFUSED.to_owned()),
                "{sql} by {login:?}"
            );
        }
    }
    let forge = "insert into audit_log (action, table_name, row_key) values ('insert', 'x', 'y')";
    for login in [&admin, &server] {
        assert_eq!(
            instance.count(login, forge).await,
            Err(REFUSED.to_owned()),
            "{login:?}"
        );
    }
}

#[tokio::test]
async fn a_member_who_goes_leaves_the_work_behind() {
    let instance = Instance::with_canary("factory").await;
    let member = instance.member(2, "member").await;
    for (_, write) in writes() {
        instance.count(&member, &write).await.unwrap();
    }
    let contacts = "select 1 from contacts";
    let before = instance.owner(contacts).await.len();
    instance
        .owner(&format!("delete from auth.users where id = '{}'", user(2)))
        .await;
    assert_eq!(instance.owner(contacts).await.len(), before);
    let left = format!("select 1 from contacts where created_by = '{}'", user(2));
    assert_eq!(instance.owner(&left).await.len(), 0, "without a name on it");
    let task = instance
        .owner("select done_at is not null as done from tasks where status = 'done'")
        .await;
    assert_eq!(task[0], json!({"done": true}));
}

#[tokio::test]
async fn the_content_of_a_file_goes_with_its_row() {
    let instance = Instance::with_canary("factory").await;
    let admin = instance.member(1, "admin").await;
    let author = instance.member(2, "member").await;
    let other = instance.member(3, "member").await;
    let viewer = instance.member(4, "viewer").await;
    let row = |path: &str| format!("insert into files (path, name) values ('{path}', 'x')");
    let content = |path: &str| {
        format!("insert into storage.objects (bucket_id, name) values ('files', '{path}')")
    };
    assert_eq!(
        instance.is_shut(&author, &content("early")).await,
        Ok(()),
        "the row comes first"
    );
    for path in ["one", "two"] {
        assert_eq!(instance.count(&author, &row(path)).await, Ok(1));
        for somebody in [&viewer, &other, &signed_in(99), &anonymous()] {
            let stolen = instance.is_shut(somebody, &content(path)).await;
            assert_eq!(stolen, Ok(()), "another's row: {somebody:?}");
        }
        assert_eq!(instance.count(&author, &content(path)).await, Ok(1));
    }
    let read = "select name from storage.objects";
    for (login, seen) in [
        (&admin, 2),
        (&author, 2),
        (&other, 2),
        (&viewer, 2),
        (&signed_in(99), 0),
        (&anonymous(), 0),
    ] {
        let read = instance.count(login, read).await;
        assert_eq!(read, Ok(seen), "{login:?}");
    }
    let replace = "update storage.objects set version = '2' where name = 'two'";
    for somebody in [&viewer, &other, &signed_in(99), &anonymous()] {
        let replaced = instance.count(somebody, replace).await;
        assert_eq!(replaced, Ok(0), "another's: {somebody:?}");
    }
    assert_eq!(instance.count(&author, replace).await, Ok(1), "an upsert");
    let moved = instance.is_shut(
        &author,
        "update storage.objects set name = 'nobodys' where name = 'two'",
    );
    assert_eq!(moved.await, Ok(()), "to where it has no row");
    // The row stays, and where it says, for as long as its content does.
    let server = server();
    for login in [&author, &admin, &server] {
        for sql in [
            "delete from files where path = 'one'",
            "update files set path = 'three' where path = 'one'",
            "update files set bucket = 'others' where path = 'one'",
        ] {
            let torn = instance.count(login, sql).await;
            assert_eq!(torn, Err("23503".to_owned()), "{sql} by {login:?}");
        }
    }
    let rename = "update files set name = 'y' where path = 'one'";
    assert_eq!(instance.count(&author, rename).await, Ok(1));
    let remove = "delete from storage.objects where name = 'one'";
    for somebody in [&viewer, &other, &signed_in(99), &anonymous()] {
        let removed = instance.count(somebody, remove).await;
        assert_eq!(removed, Ok(0), "{somebody:?}");
    }
    assert_eq!(instance.count(&author, remove).await, Ok(1), "its own");
    let unrow = "delete from files where path = 'one'";
    assert_eq!(instance.count(&author, unrow).await, Ok(1), "then its row");
    assert_eq!(
        instance.count(&author, &row("one")).await,
        Ok(1),
        "and anew"
    );
    // What was left without a row is nobody's to take, and an administrator's to remove.
    instance.owner(&content("left")).await;
    for taker in [&other, &admin] {
        let taken = instance.count(taker, &row("left")).await;
        assert_eq!(taken, Err("23505".to_owned()), "{taker:?}");
    }
    let left = "delete from storage.objects where name = 'left'";
    for (login, removed) in [(&author, 0), (&other, 0), (&viewer, 0), (&admin, 1)] {
        let there = instance.count(login, left).await;
        assert_eq!(there, Ok(removed), "{login:?}");
    }
    // Who no longer works removes nothing, and an administrator what is left.
    let demoted = format!(
        "update members set role = 'viewer' where user_id = '{}'",
        user(2)
    );
    instance.owner(&demoted).await;
    let remove = "delete from storage.objects";
    assert_eq!(instance.count(&author, remove).await, Ok(0));
    let shut = instance.is_shut(&author, &content("one")).await;
    assert_eq!(shut, Ok(()), "nor does it add");
    // Who made it may be gone before it is.
    let gone = format!("delete from auth.users where id = '{}'", user(2));
    instance.owner(&gone).await;
    assert_eq!(instance.count(&admin, remove).await, Ok(1));
    let bucket = instance
        .owner("select public from storage.buckets where id = 'files'")
        .await;
    assert_eq!(bucket, [json!({"public": false})]);
}

#[tokio::test]
async fn a_person_works_at_a_company() {
    let instance = Instance::new("factory").await;
    let member = instance.member(1, "member").await;
    let (firm, bo) = (user(10), user(11));
    let add = format!(
        "insert into contacts (id, kind, name) values ('{firm}', 'company', 'Firman'), ('{bo}', 'person', 'Bo')"
    );
    assert_eq!(instance.count(&member, &add).await, Ok(2));
    let at = |company: &str| {
        format!("insert into contacts (name, company_id) values ('Eva', '{company}') returning id")
    };
    let refused = Err("23514".to_owned());
    assert_eq!(instance.count(&member, &at(&bo)).await, refused, "a person");
    assert_eq!(instance.count(&member, &at(&firm)).await, Ok(1));
    let nobody = instance.count(&member, &at(&user(12))).await;
    assert_eq!(nobody, Err("23503".to_owned()), "one that is not there");
    let to_bo = format!("update contacts set company_id = '{bo}' where name = 'Eva'");
    assert_eq!(instance.count(&member, &to_bo).await, refused);
    let become_one = format!("update contacts set kind = 'person' where id = '{firm}'");
    assert_eq!(instance.count(&member, &become_one).await, refused);
    let alone = format!("update contacts set kind = 'company' where id = '{bo}'");
    assert_eq!(instance.count(&member, &alone).await, Ok(1));
}
