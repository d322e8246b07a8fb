//! Bad answers (P8): whatever comes back, a call ends in a value or a failure.

use std::sync::Arc;

use fabrik_domain::secret::Secret;
use futures::executor::block_on;
use proptest::prelude::*;

use super::{Admin, LinkKind, Management, NewProject, ProjectApi, RegionSelection};
use crate::{
    BaseUrl, Http,
    testing::{MemorySecrets, answering, token},
};

const REF: &str = "abcdefghijklmnopqrst";

/// One good answer per shape.
const GOOD: [&str; 11] = [
    r#"[{"id":"o","slug":"norrform","name":"Norrform"}]"#,
    r#"{"id":"o","name":"Norrform","plan":"free","opt_in_tags":[]}"#,
    r#"{"recommendations":{},"all":{"smartGroup":[{"name":"E","code":"emea","type":"smartGroup"}],"specific":[{"name":"S","code":"eu-north-1","type":"specific","provider":"AWS"}]}}"#,
    r#"{"projects":[{"ref":"abcdefghijklmnopqrst","name":"n","status":"ACTIVE_HEALTHY"}],"pagination":{"count":1,"limit":100,"offset":0}}"#,
    r#"{"id":"abcdefghijklmnopqrst","ref":"abcdefghijklmnopqrst","name":"n","status":"UNKNOWN"}"#,
    r#"[{"name":"auth","healthy":true,"status":"ACTIVE_HEALTHY"}]"#,
    r#"[{"name":"default","type":"secret","api_key":"sb_secret_x"}]"#,
    r#"{"site_url":"http://localhost:3000","uri_allow_list":"","mailer_otp_exp":3600}"#,
    r#"[{"database_type":"PRIMARY","pool_mode":"transaction","connection_string":"postgresql://n:[YOUR-PASSWORD]@db.example:6543/postgres"}]"#,
    r#"{"selected_addons":[{"type":"pitr","variant":{"id":"pitr_7","name":"n"}}],"available_addons":[]}"#,
    r#"{"id":"00000000-0000-4000-8000-000000000000","email":"a@b.se","users":[],"access_token":"x","action_link":"y"}"#,
];

/// Makes every call get this answer. Succeeding or not is all the same: none may panic or hang.
async fn try_all(http: Http) -> usize {
    let base = BaseUrl::parse("http://127.0.0.1:1").unwrap();
    let management = Management::new(http.clone(), base.clone(), token().await);
    let password = Secret::from("hunter2hunter2");
    let project = NewProject {
        name: "n",
        organization_slug: "norrform",
        database_password: &password,
        region_selection: RegionSelection::of("eu-north-1"),
        desired_instance_size: None,
    };
    let api = ProjectApi::new(http, base);
    let secrets = Arc::new(MemorySecrets::default());
    let admin = Admin::new(api.clone(), Secret::from("sb_secret_x"), secrets, None);
    [
        management.organizations().await.is_ok(),
        management.plan("norrform").await.is_ok(),
        management.regions("norrform").await.is_ok(),
        management.projects("norrform", Some("n")).await.is_ok(),
        management.create_project(&project).await.is_ok(),
        management.project(REF).await.is_ok(),
        management.health(REF, &["auth", "db"]).await.is_ok(),
        management.api_keys(REF).await.is_ok(),
        management
            .read::<serde_json::Map<_, _>>(REF, "select 1")
            .await
            .is_ok(),
        management.auth_config(REF).await.is_ok(),
        management.delete_project(REF, "norrform").await.is_ok(),
        management.is_gone_from("norrform", REF).await.is_ok(),
        management
            .connection(REF)
            .await
            .is_ok_and(|way| way.is_some()),
        management.recovery(REF).await.is_ok(),
        management.set_recovery(REF, "pitr_7").await.is_ok(),
        management.remove_recovery(REF, "pitr_7").await.is_ok(),
        management
            .rolled_back::<serde_json::Map<_, _>>(REF, "select 1")
            .await
            .is_ok(),
        management
            .ask::<serde_json::Map<_, _>>(REF, "select $1", &["x".into()])
            .await
            .is_ok(),
        management
            .change::<serde_json::Map<_, _>>(REF, "select $1", &["x".into()])
            .await
            .is_ok(),
        admin.delete_user("u").await.is_ok(),
        api.visitor(&password).read("t").await.is_ok(),
        admin
            .user("00000000-0000-4000-8000-000000000000")
            .await
            .is_ok(),
        admin.user_by_email("a@b.se").await.is_ok(),
        admin.link(LinkKind::Recovery, "a@b.se", None).await.is_ok(),
        api.sign_in("sb_publishable_x", "a@b.se", &password)
            .await
            .is_ok(),
    ]
    .into_iter()
    .filter(|succeeded| *succeeded)
    .count()
}

/// What may happen to an answer on its way.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let good = proptest::sample::select(GOOD.map(str::as_bytes).map(<[u8]>::to_vec).to_vec());
    let at = any::<proptest::sample::Index>;
    prop_oneof![
        // Truncated.
        (good.clone(), at()).prop_map(|(body, at)| body[..at.index(body.len())].to_vec()),
        // Another byte, UTF-8 or not.
        (good.clone(), at(), any::<u8>()).prop_map(|(mut body, at, byte)| {
            let at = at.index(body.len());
            body[at] = byte;
            body
        }),
        // Another type where a text was.
        (
            good.clone(),
            proptest::sample::select(vec!["null", "-1e400", "[]", "{}", "true"])
        )
            .prop_map(|(body, other)| {
                let text = String::from_utf8(body).unwrap();
                text.replacen("\"n\"", other, 1)
                    .replacen("\"norrform\"", other, 1)
                    .into_bytes()
            }),
        // Deep.
        (1..20_000usize).prop_map(|depth| "[".repeat(depth).into_bytes()),
        (1..20_000usize).prop_map(|depth| r#"{"a":"#.repeat(depth).into_bytes()),
        // UTF-16.
        good.prop_map(|body| body.into_iter().flat_map(|byte| [byte, 0]).collect()),
        // Anything.
        proptest::collection::vec(any::<u8>(), 0..200),
    ]
}

#[test]
fn good_answers_are_understood() {
    let understood: usize = GOOD
        .iter()
        .map(|body| block_on(try_all(answering(200, *body))))
        .sum();
    assert!(
        understood >= GOOD.len(),
        "each shape is understood by its call, else nothing is tested"
    );
}

#[test]
fn a_list_that_claims_to_go_on_forever_ends() {
    let body = r#"{"projects":[],"pagination":{"count":1e300}}"#;
    block_on(try_all(answering(200, body)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn bad_answers_are_failures(body in mutated(), status in prop_oneof![Just(200u16), 400u16..600]) {
        block_on(try_all(answering(status, body)));
    }
}
