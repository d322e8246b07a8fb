//! What an agency does in the window in every story: its tokens, a customer's row, the steps of a run.

use fabrik_domain::provider::Provider;
use serde_json::{Value, json};

use super::page::{Page, button, field, link, words};
use crate::world::Cloud;

/// The vendors of the blueprint, as the window calls them.
pub(crate) const VENDORS: [(Provider, &str); 4] = [
    (Provider::Supabase, "Supabase"),
    (Provider::GitHub, "GitHub"),
    (Provider::Vercel, "Vercel"),
    (Provider::Resend, "Resend"),
];

/// The token that a vendor knows.
pub(crate) fn token(cloud: &Cloud, provider: Provider) -> &str {
    cloud.variable(&format!(
        "FABRIK_SECRET_{}",
        provider.key().to_ascii_uppercase()
    ))
}

/// Something in something else.
pub(crate) fn within(outer: &str, inner: &str) -> String {
    format!("{outer}{inner}")
}

/// A vendor's row among the credentials.
pub(crate) fn row(provider: Provider) -> String {
    format!("//li[@data-provider='{}']", provider.key())
}

/// A customer's row in the list.
pub(crate) fn customer_row(name: &str) -> String {
    format!("//tr[@data-customer][.//a[normalize-space()='{name}']]")
}

/// Fills in the form of a new customer, as far as its button.
pub(crate) async fn fill_in(page: &Page, name: &str, contact: &str) {
    page.press(&link("Kunder")).await;
    page.press(&button("Ny kund")).await;
    page.write(&field("Namn"), name).await;
    page.see(&words("Ledig")).await;
    page.write(&field("Kontaktens e-post"), contact).await;
}

/// Writes a customer down, and ends on its page.
pub(crate) async fn add_customer(page: &Page, name: &str, contact: &str) {
    fill_in(page, name, contact).await;
    page.press(&button("Skapa kund")).await;
    page.see(&format!("//h1[normalize-space()='{name}']")).await;
}

/// Goes to the credentials by the names that the links have.
pub(crate) async fn open_credentials(page: &Page, settings: &str, credentials: &str) {
    page.press(&link(settings)).await;
    page.press(&link(credentials)).await;
}

/// Types a token into a vendor's row, behind the button that opens it.
pub(crate) async fn enter_token(page: &Page, provider: Provider, open: &str, token: &str) {
    let row = row(provider);
    page.press(&within(&row, &button(open))).await;
    page.write(&within(&row, "//input[@type='password']"), token)
        .await;
    page.press(&within(&row, &button("Kontrollera"))).await;
}

/// Tokens in the keyring, and a customer.
pub(crate) async fn set_up(page: &Page, cloud: &Cloud, name: &str, contact: &str) {
    page.press(&button("Hoppa över guiden")).await;
    page.see(&words("Inga kunder än")).await;
    open_credentials(page, "Inställningar", "Nycklar").await;
    for (provider, _) in VENDORS {
        enter_token(page, provider, "Lägg till nyckel", token(cloud, provider)).await;
        page.see(&within(&row(provider), &words("Fungerar"))).await;
    }
    add_customer(page, name, contact).await;
}

/// How much there is of what a customer is given: projects, repositories, sites, and mails to its contact.
pub(crate) async fn given(cloud: &Cloud, contact: &str) -> [usize; 4] {
    let mails = cloud.mails().await;
    let census = cloud.census().await;
    let count = |what: &str| usize::try_from(census[what].as_u64().unwrap()).unwrap();
    [
        count("supabase projects"),
        count("repositories"),
        count("vercel projects"),
        mails
            .iter()
            .filter(|mail| mail["to"] == json!([contact]))
            .count(),
    ]
}

/// Every step's id and state.
pub(crate) const STEPS: &str = "return [...document.querySelectorAll('[data-step]')].map((step) => [step.dataset.step, step.dataset.state])";

/// There are steps, and each is in one of these states.
pub(crate) fn all_in(steps: &Value, states: &[&str]) -> bool {
    let steps = steps.as_array().unwrap();
    !steps.is_empty()
        && steps
            .iter()
            .all(|step| states.contains(&step[1].as_str().unwrap()))
}

/// Begins a customer's run, from its row.
pub(crate) async fn press_provision(page: &Page, customer: &str) {
    page.press(&link("Kunder")).await;
    page.press(&within(
        &customer_row(customer),
        &button(&format!("Provisionera {customer}")),
    ))
    .await;
}

/// Begins a customer's run, and sees it as far as its deployment, which takes long enough to be cut off in.
pub(crate) async fn begin_run(page: &Page, cloud: &Cloud, customer: &str) {
    cloud
        .steer("latency", &json!({ "base": "none", "vercel.ready": 20 }))
        .await;
    press_provision(page, customer).await;
    deployment_under_way(page).await;
}

/// Lets no run hear that its deployment has ended, however long the machine takes for what is tried meanwhile. Until the
/// cloud has other faults.
pub(crate) async fn hold_deployments(cloud: &Cloud) {
    cloud
        .faults(json!([
            { "provider": "vercel", "method": "GET", "path": "/v13/deployments/*", "do": "drop_before" },
        ]))
        .await;
}

/// The page of a run shows that its deployment has begun, and goes on.
pub(crate) async fn deployment_under_way(page: &Page) {
    page.until("the deployment under way", STEPS, |steps| {
        let steps = steps.as_array().unwrap();
        steps.contains(&json!(["deploy", "running"])) && steps.contains(&json!(["schema", "done"]))
    })
    .await;
}
