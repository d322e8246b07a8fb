//! Members and what they leave behind: roles, authors, the audit log.

use fabrik_postgres::Login;
use serde_json::json;

use super::{Instance, REFUSED, server, signed_in, user, writes};

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
