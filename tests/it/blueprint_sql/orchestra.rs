//! The orchestra: who of its three roles sees and does what, and how requests are answered.

use std::fmt::Write as _;

use serde_json::json;

use super::{Instance, REFUSED, VIOLATED, server, signed_in, user};

/// The members with an account, by number.
const ADMIN: u8 = 1;
const PLANNER: u8 = 2;
const MUSICIAN: u8 = 3;
const COLLEAGUE: u8 = 4;

fn member(number: u8) -> String {
    format!("30000000-0000-4000-8000-0000000000{number:02}")
}

fn project(number: u8) -> String {
    format!("50000000-0000-4000-8000-0000000000{number:02}")
}

/// Four members and one without an account; a project that is announced (1) and one that is not (2), each with an
/// event and a need; requests to the musician: sent for the first, a draft for the second.
async fn orchestra() -> Instance {
    let instance = Instance::new("orchestra").await;
    let mut sql = String::new();
    for (number, role) in [
        (ADMIN, "admin"),
        (PLANNER, "planner"),
        (MUSICIAN, "musician"),
        (COLLEAGUE, "musician"),
    ] {
        write!(
            sql,
            "insert into auth.users (id, email) values ('{user}', '{number}@b.se');
             insert into members (id, user_id, email, name, role)
               values ('{member}', '{user}', '{number}@b.se', 'Namn {number}', '{role}');
             insert into member_details (member_id, diet) values ('{member}', 'allt');",
            user = user(number),
            member = member(number),
        )
        .unwrap();
    }
    for (number, status) in [(1, "announced"), (2, "draft")] {
        let (project, musician) = (project(number), member(MUSICIAN));
        let request = if number == 1 { "sent" } else { "draft" };
        write!(
            sql,
            "insert into projects (id, title, status) values ('{project}', 'Konsert {number}', '{status}');
             insert into project_events (project_id, starts_at, ends_at)
               values ('{project}', '2027-01-01 18:00+01', '2027-01-01 21:00+01');
             insert into project_needs (project_id, instrument_id, players)
               select '{project}', id, 2 from instruments where code = 'viola';
             insert into requests (project_id, member_id, status) values ('{project}', '{musician}', '{request}');"
        )
        .unwrap();
    }
    write!(
        sql,
        "insert into members (name, standing) values ('Vikarie utan konto', 'substitute');
         insert into groups (id, name) values ('60000000-0000-4000-8000-000000000001', 'Viola');
         insert into group_members (group_id, member_id) values ('60000000-0000-4000-8000-000000000001', '{m}');
         insert into member_instruments (member_id, instrument_id, main)
           select '{m}', id, true from instruments where code = 'viola';",
        m = member(MUSICIAN)
    )
    .unwrap();
    instance.owner(&sql).await;
    instance
}

#[tokio::test]
async fn each_role_sees_what_is_its_own() {
    let instance = orchestra().await;
    // Planner, the musician who was asked, a colleague.
    let rows = [
        ("orchestra", [1, 1, 1]),
        ("instruments", [25, 25, 25]),
        ("members", [5, 5, 5]),
        ("member_details", [4, 1, 1]),
        ("member_instruments", [1, 1, 1]),
        ("groups", [1, 1, 1]),
        ("group_members", [1, 1, 1]),
        ("projects", [2, 1, 1]),
        ("project_events", [2, 1, 1]),
        ("project_needs", [2, 1, 1]),
        ("requests", [2, 1, 0]),
        ("audit_log", [0, 0, 0]),
    ];
    let tables: Vec<_> = rows.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(tables, instance.with("tables"), "every table is looked at");
    for (table, expected) in rows {
        let select = format!("select 1 from {table}");
        for (number, expected) in [PLANNER, MUSICIAN, COLLEAGUE].into_iter().zip(expected) {
            let seen = instance.count(&signed_in(number), &select).await;
            assert_eq!(seen, Ok(expected), "user {number} reads {table}");
        }
    }
    let log = instance
        .count(&signed_in(ADMIN), "select 1 from audit_log")
        .await;
    assert!(log.is_ok_and(|rows| rows > 0), "the administrator reads it");
    let leaves = format!(
        "update members set active = false where id = '{}'",
        member(COLLEAGUE)
    );
    instance.owner(&leaves).await;
    let seen = instance
        .count(&signed_in(COLLEAGUE), "select 1 from members")
        .await;
    assert_eq!(seen, Ok(1), "who is not active sees its own row alone");
}

#[tokio::test]
async fn a_request_is_answered_by_whom_it_is_for_and_else_stays() {
    let instance = orchestra().await;
    let answer = |status: &str| {
        format!(
            "update requests set status = '{status}', reply = 'Ja!' where status in ('sent', 'accepted', 'declined')"
        )
    };
    instance
        .is_shut(&signed_in(COLLEAGUE), &answer("accepted"))
        .await
        .unwrap();
    for status in ["accepted", "declined"] {
        let answered = instance.count(&signed_in(MUSICIAN), &answer(status)).await;
        assert_eq!(answered, Ok(1), "{status}");
        let said = instance
            .owner("select status, answered_at is not null as told from requests where sent_at is not null")
            .await;
        assert_eq!(said, [json!({ "status": status, "told": true })]);
    }
    for write in [
        answer("withdrawn"),
        "update requests set fee = 1, currency = 'SEK'".to_owned(),
        format!("update requests set member_id = '{}'", member(COLLEAGUE)),
        format!(
            "insert into requests (project_id, member_id) values ('{}', '{}')",
            project(1),
            member(MUSICIAN)
        ),
        "delete from requests".to_owned(),
    ] {
        instance
            .is_shut(&signed_in(MUSICIAN), &write)
            .await
            .unwrap();
    }
    let twice = format!(
        "insert into requests (project_id, member_id) values ('{}', '{}')",
        project(2),
        member(MUSICIAN)
    );
    let twice = instance.count(&signed_in(PLANNER), &twice).await;
    assert_eq!(twice, Err("23505".to_owned()), "nobody is asked twice");
    instance
        .owner("update requests set answer_by = now() - interval '1 day'")
        .await;
    let late = instance
        .count(&signed_in(MUSICIAN), &answer("accepted"))
        .await;
    assert_eq!(late, Err(VIOLATED.to_owned()), "the time is over");
    let planner = instance
        .count(&signed_in(PLANNER), &answer("accepted"))
        .await;
    assert_eq!(planner, Ok(1), "a planner hears it by telephone");
}

#[tokio::test]
async fn members_give_themselves_nothing() {
    let instance = orchestra().await;
    let own = format!("where id = '{}'", member(MUSICIAN));
    for write in [
        format!("update members set role = 'admin' {own}"),
        format!("update members set standing = 'former' {own}"),
        format!("update members set email = 'x@b.se' {own}"),
        format!(
            "update members set name = 'x' where id = '{}'",
            member(COLLEAGUE)
        ),
        "insert into members (name) values ('x')".to_owned(),
        "insert into groups (name) values ('x')".to_owned(),
    ] {
        instance
            .is_shut(&signed_in(MUSICIAN), &write)
            .await
            .unwrap();
    }
    let renamed = format!("update members set name = 'Nytt', phone = '070' {own}");
    assert_eq!(instance.count(&signed_in(MUSICIAN), &renamed).await, Ok(1));
    // A planner brings people, and no accounts.
    let adds = "insert into members (name, email) values ('Ny', 'ny@b.se')";
    assert_eq!(instance.count(&signed_in(PLANNER), adds).await, Ok(1));
    for write in [
        format!("update members set role = 'planner' {own}"),
        format!("delete from members {own}"),
        format!(
            "update members set role = 'admin' where id = '{}'",
            member(PLANNER)
        ),
    ] {
        let done = instance.count(&signed_in(PLANNER), &write).await;
        assert_eq!(done, Err(REFUSED.to_owned()), "{write}");
    }
    let last = "update members set active = false where role = 'admin'";
    let last = instance.count(&signed_in(ADMIN), last).await;
    assert_eq!(last, Err(VIOLATED.to_owned()), "an administrator is left");
    // As the first administrator is made.
    let first =
        "insert into members (user_id, email, name, role) values (null, 'a@b.se', 'A', 'admin')";
    assert_eq!(instance.count(&server(), first).await, Ok(1));
}
