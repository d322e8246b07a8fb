//! Who reads and writes what.

use fabrik_blueprints::built_in;

use super::{Instance, REFUSED, anonymous, signed_in, writes};

/// What only administrators do.
const ADMINISTRATION: [&str; 5] = [
    "update organization set name = 'Åkermark AB'",
    "insert into settings (key, value) values ('colour', '\"red\"')",
    "update settings set value = '1'",
    "update members set role = 'member' where user_id = 'ca4a1700-0000-4000-8000-000000000001'",
    "delete from projects where id = 'ca4a1700-0000-4000-8000-000000000003'",
];

#[tokio::test]
async fn nobody_reads_or_writes_without_signing_in() {
    for name in built_in() {
        let instance = Instance::with_canary(name).await;
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
        for call in ["select private.member_role()", "select private.is_admin()"] {
            let called = instance.count(&anonymous(), call).await;
            assert_eq!(called, Err(REFUSED.to_owned()), "{name}: anon: {call}");
        }
    }
}

#[tokio::test]
async fn what_is_made_later_is_shut_to_anon_too() {
    let instance = Instance::new("factory").await;
    instance
        .owner("create table public.later (n int); insert into public.later values (1)")
        .await;
    let read = instance
        .count(&anonymous(), "select n from public.later")
        .await;
    assert_eq!(read, Err(REFUSED.to_owned()));
}

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
