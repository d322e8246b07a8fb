//! The fake server, and what a test puts there by the server's own API.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

use crate::{outside::variable, world::client};

/// It takes any secret key.
pub(crate) const KEY: &str = "sk_test_fabrik";

/// It holds one account, which one test at a time has.
static TURN: Mutex<()> = Mutex::const_new(());

/// The fake server, as long as a test has it.
pub(crate) struct Fake {
    /// Where it is.
    pub(crate) url: String,
    http: reqwest::Client,
    _turn: MutexGuard<'static, ()>,
}

impl Fake {
    /// With nothing in it.
    pub(crate) async fn empty() -> Self {
        let turn = TURN.lock().await;
        let fake = Self {
            url: variable("FABRIK_TEST_STRIPE_URL", "make test-stripe"),
            http: client(),
            _turn: turn,
        };
        fake.delete("/_config/data").await;
        fake
    }

    /// A plan that costs nothing, so that it is paid for at once.
    pub(crate) async fn plan(&self, id: &str, metadata: &Value) {
        let plan = json!({ "id": id, "amount": 0, "currency": "sek", "interval": "month",
                           "product": { "name": id }, "metadata": metadata });
        self.create("/v1/plans", &plan).await;
    }

    /// Somebody who pays, and speaks Swedish.
    pub(crate) async fn customer(&self, name: &str) -> String {
        let email = format!("info@{}.example", name.to_lowercase());
        let customer = json!({ "name": name, "email": email, "preferred_locales": ["sv-SE"] });
        self.create("/v1/customers", &customer).await
    }

    /// Somebody who pays, of whom only the name is known.
    pub(crate) async fn customer_by_name(&self, name: &str) -> String {
        self.create("/v1/customers", &json!({ "name": name })).await
    }

    /// A subscription that is paid for.
    pub(crate) async fn subscription(&self, customer: &str, plan: &str) -> String {
        let subscription = json!({ "customer": customer, "items": [{ "plan": plan }] });
        self.create("/v1/subscriptions", &subscription).await
    }

    /// A subscription whose first payment is awaited: what the fake makes of one that begins with a trial.
    pub(crate) async fn unpaid(&self, customer: &str, plan: &str) -> String {
        let subscription = json!({ "customer": customer, "items": [{ "plan": plan }],
                                   "trial_period_days": 14 });
        self.create("/v1/subscriptions", &subscription).await
    }

    /// Ends a subscription.
    pub(crate) async fn cancel(&self, subscription: &str) {
        self.delete(&format!("/v1/subscriptions/{subscription}"))
            .await;
    }

    /// Deletes who pays; their subscriptions stay.
    pub(crate) async fn forget(&self, customer: &str) {
        self.delete(&format!("/v1/customers/{customer}")).await;
    }

    /// Gives the new object's id.
    async fn create(&self, path: &str, object: &Value) -> String {
        let created = self.call(Method::POST, path, object).await;
        let created: Value = serde_json::from_str(&created).unwrap();
        created["id"].as_str().unwrap().to_owned()
    }

    async fn delete(&self, path: &str) {
        self.call(Method::DELETE, path, &json!({})).await;
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> String {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = request
            .bearer_auth(KEY)
            .header("content-type", "application/json")
            .body(body.to_string());
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status}: {text}");
        text
    }
}
