//! Each system goes round by its own blueprint: read, made, told, removed and told again.

use serde_json::{Value, json};

use crate::{
    source::{
        AGENCY, CLIENT_STACK, FACTORY, ORCHESTRA, agency, akermark, asked, customers, document,
    },
    world::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn customers_come_from_the_table_and_results_go_back() {
    let app = TestApp::new().await;
    let (database, url) = agency(FACTORY);
    let connected = document(&app, &["connect", &url, "--preset", "factory"], 0).await;
    assert_eq!(connected["connected"]["place"], *url);
    let report = document(&app, &["refresh"], 3).await;
    assert_eq!(
        (&report["added"], &report["refused"]),
        (&json!(2), &json!(1)),
        "{report:#}"
    );
    assert_eq!(
        report["refusals"][0]["name"], "Utan adress",
        "the others go on"
    );
    let there = akermark(&app).await;
    assert_eq!(there["name"], "Åkermark & Co", "{there:#?}");
    assert_eq!(there["credits"], 1250);

    // What the agency changes is followed, but for what is Fabrik's own by now.
    database.run(
        "UPDATE organizations SET name = 'Åkermark AB', slug = 'other', status = 'inactive' WHERE slug = 'akermark';
         DELETE FROM organizations WHERE slug = 'utan'",
    );
    let again = document(&app, &["refresh"], 0).await;
    assert_eq!(
        (&again["changed"], &again["unchanged"]),
        (&json!(1), &json!(1)),
        "{again:#}"
    );
    let first = akermark(&app).await;
    assert_eq!(
        (&first["name"], &first["subdomain"], &first["status"]),
        (&json!("Åkermark AB"), &json!("akermark"), &json!("pending"))
    );

    let before = asked(
        &database,
        "SELECT to_json(o)::text FROM organizations o WHERE slug = 'other'",
    )
    .await;
    let run = app
        .run(&["provision", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    let row = asked(
        &database,
        "SELECT to_json(o)::text FROM organizations o WHERE slug = 'other'",
    )
    .await;
    let customer = akermark(&app).await;
    for (column, value) in row.as_object().unwrap() {
        let expected = match column.as_str() {
            "status" => json!("active"),
            "production_url" | "github_repo_url" | "supabase_project_ref" => {
                customer[column].clone()
            }
            "provisioned_at" => {
                let ended: jiff::Timestamp =
                    run["run"]["finished_at"].as_str().unwrap().parse().unwrap();
                let written: jiff::Timestamp = value.as_str().unwrap().parse().unwrap();
                assert_eq!(written, ended);
                continue;
            }
            _ => before[column].clone(),
        };
        assert_eq!(value, &expected, "{column}");
    }
    let shown = document(&app, &["show"], 0).await;
    assert_eq!(shown["connected"]["untold"], 0, "{shown:#}");
}

/// A system: what is changed in its tables first, its customer, the plan that its row says, the cells that are looked at
/// in which row, and what they hold with an instance and without; `{…}` is the customer's own.
struct System {
    tables: &'static str,
    change: &'static str,
    blueprint: &'static str,
    customer: &'static str,
    plan: &'static str,
    cells: &'static str,
    row: &'static str,
    live: Value,
    gone: Value,
}

fn systems() -> [System; 4] {
    [
        System {
            tables: FACTORY,
            change: "DELETE FROM organizations WHERE email IS NULL;",
            blueprint: "factory",
            customer: "akermark",
            plan: "starter",
            cells: "status, production_url, github_repo_url, supabase_project_ref,
                provisioned_at IS NOT NULL",
            row: "organizations WHERE slug = 'akermark'",
            live: json!([
                "active",
                "{production_url}",
                "{github_repo_url}",
                "{supabase_project_ref}",
                true
            ]),
            gone: json!(["inactive", null, null, null, false]),
        },
        System {
            tables: AGENCY,
            change: "UPDATE agency_onboarding_requests SET plan = 'professional' WHERE id = 1;",
            blueprint: "agency",
            customer: "ceder",
            plan: "professional",
            cells: "status, instance_url, supabase_project_id, error_message,
                vercel_project_id IS NOT NULL",
            row: "agency_onboarding_requests WHERE id = 1",
            live: json!([
                "completed",
                "{production_url}",
                "{supabase_project_ref}",
                null,
                true
            ]),
            gone: json!(["completed", null, null, null, false]),
        },
        System {
            tables: ORCHESTRA,
            change: r#"UPDATE "Customer" SET "status" = 'trial', "plan" = 'medium';"#,
            blueprint: "orchestra",
            customer: "ett",
            plan: "medium",
            cells: r#""status", "vercelUrl", "provisionedAt" IS NOT NULL"#,
            row: r#""Customer""#,
            live: json!(["active", "{production_url}", true]),
            gone: json!(["inactive", null, false]),
        },
        System {
            tables: CLIENT_STACK,
            change: r#"UPDATE clients SET tier = 'enterprise', modules = '["crm"]';"#,
            blueprint: "client-stack",
            customer: "forsberg",
            plan: "enterprise",
            cells: "status, repository_url, error",
            row: "clients",
            live: json!(["active", "{github_repo_url}", null]),
            gone: json!(["inactive", null, null]),
        },
    ]
}

/// Read, made on the plan that its row says by the blueprint that replaces its system, told, removed and told again.
#[tokio::test(flavor = "multi_thread")]
async fn each_system_goes_round_by_its_own_blueprint() {
    for system in systems() {
        let app = TestApp::new().await;
        let (database, url) = agency(system.tables);
        database.run(system.change);
        // Of an orchestra's app, which all of them share.
        if system.blueprint == "orchestra" {
            app.set_base_domain("orkester.example").await;
        }
        let connected = document(&app, &["connect", &url], 0).await;
        let mapping = &connected["connected"]["mapping"];
        assert_eq!(mapping["blueprint"], system.blueprint, "{connected:#}");
        document(&app, &["refresh"], 0).await;
        let (cells, row) = (system.cells, system.row);
        let row = format!("SELECT json_build_array({cells})::text FROM {row}");
        app.run(&["provision", system.customer]).await.exits(0);
        let mut all = customers(&app).await.into_iter();
        let customer = all.find(|customer| customer["subdomain"] == system.customer);
        let customer = customer.expect("it came from the table");
        assert_eq!(
            (&customer["blueprint"], &customer["plan"]),
            (&json!(system.blueprint), &json!(system.plan)),
            "{customer:#}"
        );
        let live = system.live.as_array().unwrap().iter().map(|cell| {
            let own = cell.as_str().and_then(|cell| cell.strip_prefix('{'));
            let own = own.and_then(|cell| cell.strip_suffix('}'));
            let Some(own) = own else { return cell.clone() };
            let value = customer[own].clone();
            assert!(value.is_string(), "{own}: {customer:#}");
            value
        });
        let live: Value = live.collect();
        assert_eq!(asked(&database, &row).await, live, "{}", system.blueprint);
        let again = document(&app, &["refresh"], 0).await;
        assert_eq!(
            (&again["added"], &again["changed"], &again["told"]),
            (&json!(0), &json!(0), &json!(0)),
            "what was written is nothing new: {again:#}"
        );
        let removal = ["deprovision", system.customer, "--confirm", system.customer];
        app.run(&removal).await.exits(0);
        assert_eq!(
            asked(&database, &row).await,
            system.gone,
            "{}",
            system.blueprint
        );
    }
}
