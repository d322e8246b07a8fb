//! Removals, of an instance and of a customer.

use crate::world::TestApp;

#[tokio::test]
async fn a_removals_plan_tells_the_fate_beside_each_resource() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    app.run(&["provision", "akermark"]).await.exits(0);
    let plan = app.run(&["deprovision", "akermark", "--json"]).await;
    let plan = plan.exits(3).json();
    let planned = plan["resources"].as_array().expect("a list");
    assert!(!planned.is_empty(), "{plan:#}");
    for one in planned {
        let resource = &one["resource"];
        assert!(resource["id"].is_string() && resource["kind"].is_string());
        let fate = one["fate"].as_str().expect("a word");
        let fates = ["removed", "covered", "adopted", "sent", "stays"];
        assert!(fates.contains(&fate), "{one:#}");
        assert_eq!(one["by"].is_string(), fate == "covered", "{one:#}");
    }
}

#[tokio::test]
async fn where_there_is_nothing_to_remove_a_removal_says_so_and_is_done() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let removal = ["deprovision", "akermark", "--confirm", "akermark"];
    let nothing = async || {
        for asked in [&removal[..2], &removal[..]] {
            let told = app.run(asked).await.exits(0).stdout;
            let ways = ["provision akermark", "customers remove akermark"];
            let ways = ways.map(|way| format!("fabrik {way}"));
            assert!(told.contains("nothing to remove"), "{told}");
            assert!(ways.iter().all(|way| told.contains(way)), "{told}");
            assert!(!told.contains("--confirm"), "{told}");
            let plan = app.run(&[asked, &["--json"]].concat()).await;
            let plan = plan.exits(0).json();
            assert!(plan["resources"].is_array(), "{plan:#}");
            assert!(plan["code"].is_null(), "{plan:#}");
        }
        let typed = ["deprovision", "akermark", "--confirm", "akermar"];
        app.run(&typed).await.exits(3);
    };
    nothing().await;
    app.run(&["provision", "akermark"]).await.exits(0);
    app.run(&removal).await.exits(0);
    let runs = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    nothing().await;
    let after = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    assert_eq!(after["total"], runs["total"], "no run is begun for it");
}

#[tokio::test]
async fn a_customer_is_removed_by_its_subdomain_typed() {
    let app = TestApp::new().await;
    app.add("akermark").await;
    let remove = async |typed| {
        let arguments = [
            "customers",
            "remove",
            "akermark",
            "--confirm",
            typed,
            "--json",
        ];
        app.run(&arguments).await
    };
    let refused = remove("akermark2").await.exits(3).json();
    assert_eq!(refused["code"], "confirmation_mismatch", "{refused}");
    remove("akermark").await.exits(0);
    let list = app.run(&["customers", "list", "--json"]).await.json();
    assert_eq!(list["total"], 0, "{list}");
}
