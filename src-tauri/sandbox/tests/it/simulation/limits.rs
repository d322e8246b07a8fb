//! Limits that depend on the account, and a key that is in use.

use super::*;

impl World {
    /// Whether the vendor refuses a call at this moment as one too many.
    async fn is_too_many(&self, vendor: &str, method: Method, path: &str) -> bool {
        let body = (method == Method::POST).then(|| json!({}));
        let answer = self.vendor(vendor, method, path, body).await;
        answer.unwrap().0 == 429
    }
}

#[tokio::test(start_paused = true)]
async fn stripe_takes_more_in_live_mode_and_of_no_endpoint() {
    let world = World::new(LatencyChoice::None);
    let refused = async || {
        let mut refused = 0;
        for path in ["/v1/events", "/v1/prices"] {
            for _ in 0..30 {
                refused += usize::from(world.is_too_many("stripe", Method::GET, path).await);
            }
        }
        refused
    };
    assert_eq!(refused().await, 35, "twenty-five a second");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let live = json!({ "stripe": { "live_limits": true } });
    world.simulation.accounts(live).unwrap();
    assert_eq!(refused().await, 10, "twenty-five of each endpoint");
}

#[tokio::test(start_paused = true)]
async fn n8n_counts_where_its_owner_says_so() {
    let world = World::new(LatencyChoice::None);
    let is_too_many = async |method: Method, path: &str| {
        let path = format!("/api/v1{path}");
        world.is_too_many("n8n", method, &path).await
    };
    for _ in 0..10 {
        assert!(!is_too_many(Method::GET, "/workflows").await);
    }
    let limits = json!({ "read": 3, "write": 1, "endpoint_read": 2, "endpoint_write": 1 });
    let limits = json!({ "n8n": { "limits": limits } });
    world.simulation.accounts(limits).unwrap();
    for (path, expected) in [
        ("/workflows", false),
        ("/workflows", false),
        ("/workflows", true),
        ("/credentials", false),
        ("/discover", true),
    ] {
        assert_eq!(is_too_many(Method::GET, path).await, expected, "{path}");
    }
    for expected in [false, true] {
        let wrote = is_too_many(Method::POST, "/workflows").await;
        assert_eq!(wrote, expected, "writes are counted apart");
    }
    tokio::time::sleep(Duration::from_mins(1)).await;
    assert!(!is_too_many(Method::GET, "/discover").await);
}

#[tokio::test(start_paused = true)]
async fn a_key_whose_mail_is_under_way_is_in_use() {
    let world = World::new(LatencyChoice::None);
    let latency = json!({ "base": "none", "resend.call": 2 });
    world.simulation.latency(latency).unwrap();
    let variable = |name: &str| world.environment[name].as_str().unwrap().to_owned();
    let (url, from) = (
        format!("{}/emails", variable("FABRIK_RESEND_URL")),
        variable("FABRIK_EMAIL_FROM"),
    );
    let token = format!("Bearer {}", variable("FABRIK_SECRET_RESEND"));
    let send = async |after: u64| {
        tokio::time::sleep(Duration::from_millis(after)).await;
        let headers = [
            ("authorization", token.as_str()),
            ("idempotency-key", "run-1/welcome"),
        ];
        let mail =
            json!({ "from": from, "to": "anna@example.com", "subject": "Hej", "text": "Hej" });
        let sent = world.send(Method::POST, &url, &headers, Some(mail)).await;
        sent.unwrap()
    };
    // The second comes when the first is taken and not answered yet.
    let (first, second) = tokio::join!(send(0), send(1500));
    assert_eq!(first.0, 200, "{}", first.1);
    assert_eq!(
        (second.0, &second.1["name"]),
        (409, &json!("concurrent_idempotent_requests"))
    );
    assert_eq!(send(0).await, first, "now the first is answered");
    let mails = world.simulation.mails().unwrap();
    assert_eq!(mails["mails"].as_array().unwrap().len(), 1);
}
