//! The client stack: two organizations in one database see nothing of each other, and what servers write.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Instance, REFUSED, VIOLATED, names, server, signed_in, user};

/// The users, by number: one of each role in the first organization, and the other's administrator.
const ADMIN: u8 = 1;
const MEMBER: u8 = 2;
const VIEWER: u8 = 3;
const OTHER: u8 = 4;

fn organization(number: u8) -> String {
    format!("0a000000-0000-4000-8000-0000000000{number:02}")
}

/// The one row of a kind that an organization has.
fn row(kind: u8, organization: u8) -> String {
    format!("{kind:08}-0000-4000-8000-0000000000{organization:02}")
}

const COMPANY: u8 = 1;
const CONTACT: u8 = 2;
const DEAL: u8 = 3;
const TEMPLATE: u8 = 4;
const CAMPAIGN: u8 = 5;
const ACCOUNT: u8 = 6;

/// Two organizations, each with a row in every table that is theirs.
async fn stack() -> Instance {
    let instance = Instance::new("client-stack").await;
    let mut sql = String::new();
    for (number, role, belongs) in [
        (ADMIN, "admin", 1),
        (MEMBER, "member", 1),
        (VIEWER, "viewer", 1),
        (OTHER, "admin", 2),
    ] {
        let (id, organization) = (user(number), organization(belongs));
        write!(
            sql,
            "insert into auth.users (id, email) values ('{id}', '{number}@b.se');
             insert into organizations (id, name) values ('{organization}', 'Org') on conflict do nothing;
             insert into users (user_id, organization_id, email, name, role)
               values ('{id}', '{organization}', '{number}@b.se', 'Namn', '{role}');"
        )
        .unwrap();
    }
    for belongs in [1, 2] {
        let o = organization(belongs);
        let [company, contact, deal, template, campaign, account] =
            [COMPANY, CONTACT, DEAL, TEMPLATE, CAMPAIGN, ACCOUNT].map(|kind| row(kind, belongs));
        let somebody = user(if belongs == 1 { MEMBER } else { OTHER });
        write!(
            sql,
            "insert into companies (id, organization_id, name) values ('{company}', '{o}', 'AB');
             insert into contacts (id, organization_id, company_id, name) values ('{contact}', '{o}', '{company}', 'Eva');
             insert into deals (id, organization_id, contact_id, name) values ('{deal}', '{o}', '{contact}', 'Webb');
             insert into activities (organization_id, deal_id, subject) values ('{o}', '{deal}', 'Samtal');
             insert into email_templates (id, organization_id, name) values ('{template}', '{o}', 'Brev');
             insert into email_campaigns (id, organization_id, template_id, name) values ('{campaign}', '{o}', '{template}', 'Vår');
             insert into email_sequences (organization_id, name) values ('{o}', 'Följd');
             insert into email_sends (organization_id, campaign_id, email) values ('{o}', '{campaign}', 'a@b.se');
             insert into email_unsubscribes (organization_id, email) values ('{o}', 'nej@b.se');
             insert into social_accounts (id, organization_id, platform, handle) values ('{account}', '{o}', 'other', 'x');
             insert into social_posts (organization_id, account_id, body) values ('{o}', '{account}', 'Hej');
             insert into content_templates (organization_id, name) values ('{o}', 'Mall');
             insert into content_queue (organization_id, title) values ('{o}', 'Idé');
             insert into client_usage_metrics (organization_id, metric, period_on, value) values ('{o}', 'mail', '2026-11-01', 1);
             insert into subscription_history (organization_id, plan, status) values ('{o}', 'starter', 'active');
             insert into analytics_snapshots (organization_id, source, figures) values ('{o}', 'weekly', '{{}}');
             insert into notifications (organization_id, user_id, title) values ('{o}', '{somebody}', 'Hej');"
        )
        .unwrap();
    }
    sql.push_str("insert into platform_metrics (metric, value) values ('up', 1);");
    instance.owner(&sql).await;
    instance
}

#[tokio::test]
async fn nobody_sees_anything_of_another_organization() {
    let instance = stack().await;
    for table in instance.with("tables") {
        // What is of the instance as a whole, and not of an organization.
        let whole = table == "platform_metrics";
        let key = if table == "organizations" {
            "id"
        } else {
            "organization_id"
        };
        for (number, own) in [(ADMIN, 1), (MEMBER, 1), (VIEWER, 1), (OTHER, 2)] {
            let foreign = if whole {
                "select 1 from platform_metrics where false".to_owned()
            } else {
                let own = organization(own);
                format!("select 1 from {table} where {key} is distinct from '{own}'")
            };
            let seen = instance.count(&signed_in(number), &foreign).await;
            assert_eq!(seen, Ok(0), "user {number} and another's {table}");
        }
        let all = format!("select 1 from {table}");
        let admin = instance.count(&signed_in(ADMIN), &all).await.unwrap();
        let own_alone = table == "notifications";
        assert_eq!(admin == 0, own_alone, "an administrator reads {table}");
        let viewer = instance.count(&signed_in(VIEWER), &all).await.unwrap();
        let shut = [
            "notifications",
            "subscription_history",
            "platform_metrics",
            "audit_log",
        ];
        assert_eq!(
            viewer == 0,
            shut.contains(&table.as_str()),
            "a viewer reads {table}"
        );
    }
}

#[tokio::test]
async fn rows_of_two_organizations_are_never_joined() {
    let instance = stack().await;
    let (contact, deal) = (row(CONTACT, 2), row(DEAL, 2));
    let (account, template) = (row(ACCOUNT, 2), row(TEMPLATE, 2));
    let owner = user(OTHER);
    for write in [
        format!("insert into deals (contact_id, name) values ('{contact}', 'x')"),
        format!("insert into activities (deal_id, subject) values ('{deal}', 'x')"),
        format!("insert into social_posts (account_id, body) values ('{account}', 'x')"),
        format!("insert into email_campaigns (template_id, name) values ('{template}', 'x')"),
        format!("insert into companies (owner_id, name) values ('{owner}', 'x')"),
        format!("update contacts set company_id = '{}'", row(COMPANY, 2)),
    ] {
        let written = instance.count(&signed_in(MEMBER), &write).await;
        assert_eq!(written, Err("23503".to_owned()), "{write}");
    }
    let moved = format!(
        "update contacts set organization_id = '{}'",
        organization(2)
    );
    let moved = instance.count(&signed_in(ADMIN), &moved).await;
    assert_eq!(
        moved,
        Err(REFUSED.to_owned()),
        "a row stays where it was made"
    );
}

#[tokio::test]
async fn each_role_does_what_is_its_own() {
    let instance = stack().await;
    let contact = row(CONTACT, 1);
    // What, and who is the first that may.
    for (write, first) in [
        (
            "insert into contacts (name) values ('Ny')".to_owned(),
            Some(MEMBER),
        ),
        (
            format!("update contacts set name = 'Eva E' where id = '{contact}'"),
            Some(MEMBER),
        ),
        ("update deals set stage = 'won'".to_owned(), Some(MEMBER)),
        ("delete from activities".to_owned(), Some(MEMBER)),
        ("delete from email_unsubscribes".to_owned(), Some(ADMIN)),
        (
            "update organizations set name = 'AB'".to_owned(),
            Some(ADMIN),
        ),
        (
            "update users set role = 'member' where role = 'viewer'".to_owned(),
            Some(ADMIN),
        ),
        ("update email_sends set status = 'sent'".to_owned(), None),
        (
            "insert into audit_log (action, table_name, row_key) values ('insert', 'x', 'y')"
                .to_owned(),
            None,
        ),
    ] {
        for number in [VIEWER, MEMBER, ADMIN] {
            if first == Some(number) {
                let done = instance.count(&signed_in(number), &write).await;
                assert_eq!(done, Ok(1), "user {number}: {write}");
                break;
            }
            instance.is_shut(&signed_in(number), &write).await.unwrap();
        }
    }
    let own = instance
        .count(
            &signed_in(MEMBER),
            "update notifications set read_at = now()",
        )
        .await;
    assert_eq!(own, Ok(1), "one's own are marked as read");
    let other = instance
        .count(&signed_in(MEMBER), "update notifications set title = 'x'")
        .await;
    assert_eq!(other, Err(REFUSED.to_owned()), "and nothing else of them");
    let last = instance
        .count(
            &signed_in(ADMIN),
            "update users set role = 'member' where role = 'admin'",
        )
        .await;
    assert_eq!(last, Err(VIOLATED.to_owned()), "an administrator is left");
}

#[tokio::test]
async fn what_a_server_writes_finds_its_organization() {
    let instance = Instance::new("client-stack").await;
    let made = instance
        .owner("select count(*)::int as n from organizations")
        .await;
    assert_eq!(made, [json!({ "n": 1 })], "it is there from the start");
    // As the workflow for leads does it.
    let lead = "insert into contacts (name, email, source) values ('Eva', 'eva@b.se', 'website')";
    assert_eq!(instance.count(&server(), lead).await, Ok(1));
    let belongs = instance
        .owner("select 1 as n from contacts c join organizations o on o.id = c.organization_id")
        .await;
    assert_eq!(belongs.len(), 1);
    // And the one for who wants no more mail.
    let no = "insert into email_unsubscribes (email) values ('eva@b.se')";
    assert_eq!(instance.count(&server(), no).await, Ok(1));
    let sends = "insert into email_sends (email) values ('EVA@b.se'), ('bo@b.se')";
    assert_eq!(instance.count(&server(), sends).await, Ok(2));
    let statuses = instance
        .owner("select status from email_sends order by lower(email)")
        .await;
    assert_eq!(names(&statuses, "status"), ["queued", "suppressed"]);
}

#[tokio::test]
async fn who_unsubscribes_gets_nothing_that_is_still_in_the_queue() {
    let instance = Instance::new("client-stack").await;
    let sends = "insert into email_sends (email) values ('EVA@b.se'), ('bo@b.se')";
    assert_eq!(instance.count(&server(), sends).await, Ok(2));
    let no = "insert into email_unsubscribes (email) values ('eva@b.se')";
    assert_eq!(instance.count(&server(), no).await, Ok(1));
    let statuses = async || {
        let rows = "select status from email_sends order by lower(email)";
        names(&instance.owner(rows).await, "status")
    };
    assert_eq!(statuses().await, ["queued", "suppressed"]);
    // A worker that had read the queue before.
    let sends = "update email_sends set status = 'sent'";
    assert_eq!(instance.count(&server(), sends).await, Ok(2));
    assert_eq!(statuses().await, ["sent", "suppressed"]);
    let no = "insert into email_unsubscribes (email) values ('bo@b.se')";
    assert_eq!(instance.count(&server(), no).await, Ok(1));
    let arrived = "update email_sends set status = 'delivered' where status = 'sent'";
    assert_eq!(instance.count(&server(), arrived).await, Ok(1));
    let truth = statuses().await;
    assert_eq!(truth, ["delivered", "suppressed"], "what is out is out");
    let sends = "insert into email_sends (email, status) values ('eva@b.se', 'sent')";
    assert_eq!(instance.count(&server(), sends).await, Ok(1));
    assert_eq!(statuses().await, ["delivered", "suppressed", "suppressed"]);
}

/// A call of the database's API in a workflow: its node, the table, and the query.
struct Call {
    node: String,
    table: String,
    query: Vec<(String, String)>,
}

/// Those of a workflow, in the order of its nodes.
fn calls(instance: &Instance, file: &str) -> Vec<Call> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let workflow: Value = serde_json::from_str(&instance.blueprint.files[file]).unwrap();
    let nodes = workflow["nodes"].as_array().unwrap().iter();
    nodes
        .filter_map(|node| {
            let parameters = &node["parameters"];
            let table = parameters["url"].as_str()?.strip_prefix("<% rest %>/")?;
            let query = parameters["queryParameters"]["parameters"].as_array();
            Some(Call {
                node: text(&node["name"]),
                table: table.to_owned(),
                query: query
                    .into_iter()
                    .flatten()
                    .map(|one| (text(&one["name"]), text(&one["value"])))
                    .collect(),
            })
        })
        .collect()
}

#[tokio::test]
async fn workflows_ask_for_columns_that_are_there() {
    let instance = Instance::new("client-stack").await;
    for file in ["leads", "unsubscribe", "weekly-report"] {
        let calls = calls(&instance, &format!("workflows/{file}.json"));
        assert!(!calls.is_empty(), "{file} asks for something");
        for Call { node, table, query } in calls {
            let columns: Vec<_> = query
                .iter()
                .filter(|(name, _)| name != "limit")
                .map(|(name, value)| match name.as_str() {
                    "select" | "order" | "on_conflict" => value.as_str(),
                    column => column,
                })
                .collect();
            let columns = if columns.is_empty() {
                "1".to_owned()
            } else {
                columns.join(", ")
            };
            let select = format!("select {columns} from {table} limit 0");
            let asked = instance.count(&server(), &select).await;
            assert_eq!(asked, Ok(0), "{file}, {node}: {select}");
        }
    }
}

#[tokio::test]
async fn a_lead_is_known_however_its_address_was_typed_and_in_its_own_organization() {
    let instance = stack().await;
    let first = "select id from organizations order by created_at, id limit 1";
    let first = names(&instance.owner(first).await, "id").remove(0);
    for organization in [&first, &organization(2)] {
        let typed = format!(
            "insert into contacts (organization_id, name, email) values ('{organization}', 'Eva', 'Eva@B.se')"
        );
        assert_eq!(instance.count(&server(), &typed).await, Ok(1));
    }
    let calls = calls(&instance, "workflows/leads.json");
    let look_up = calls.iter().find(|call| call.node == "Look up").unwrap();
    // As the node before it has cleaned the address.
    let equals = look_up.query.iter().filter_map(|(column, value)| {
        let computed = value.strip_prefix("=eq.")?;
        let value = if computed.contains("email") {
            "eva@b.se"
        } else {
            &first
        };
        Some(format!("{column} = '{value}'"))
    });
    let equals: Vec<_> = equals.collect();
    let found = format!(
        "select organization_id from contacts where {}",
        equals.join(" and ")
    );
    let found = instance.owner(&found).await;
    assert_eq!(names(&found, "organization_id"), [first]);
}
