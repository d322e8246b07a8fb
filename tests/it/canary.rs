//! No secret at rest outside the keyring, none on the terminal, among arguments or in the environment of what is started:
//! after success and after failure.

#[cfg(unix)]
mod databases;
pub(crate) mod encodings;
pub(crate) mod memory;
pub(crate) mod processes;
mod vendors;
mod window;

use std::{fs, path::Path, time::Duration};

use fabrik_tests::{Proof, in_full};
use reqwest::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use self::{encodings::hits, processes::Watch};
use crate::{
    recorder::{Exchange, Recorder},
    world::{Ran, TestApp},
};

/// The providers of every stack, each with what its tokens begin with.
const PROVIDERS: [(&str, &str); 4] = [
    ("supabase", "sbp_"),
    ("github", "ghp_"),
    ("vercel", ""),
    ("resend", "re_"),
];

/// Those of some.
const OTHERS: [(&str, &str); 3] = [
    // A signed note, which names its user.
    ("n8n", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJrYW5hcmllIn0."),
    ("gitea", ""),
    ("stripe", "rk_test_"),
];

/// A token that is nowhere but here.
fn canary(provider: &str, prefix: &str) -> String {
    // Long and odd enough not to come about by chance, in letters that every token has.
    format!(
        "{prefix}KanariefagelN0{}Zq7Xv9Wj3Kp5",
        provider.to_uppercase()
    )
}

/// A world whose tokens are canaries, with a recorder on its wire and the log at its loudest.
async fn world() -> (TestApp, Recorder) {
    let mut app = TestApp::new().await;
    for (provider, prefix) in PROVIDERS.into_iter().chain(OTHERS) {
        let token = canary(provider, prefix);
        app.cloud
            .steer("tokens", &json!({ "provider": provider, "token": token }))
            .await;
        app.set(&format!("FABRIK_SECRET_{}", provider.to_uppercase()), token);
    }
    app.set("RUST_LOG", "trace");
    let recorder = Recorder::between(&mut app).await;
    (app, recorder)
}

/// Every secret that went over the wire: the tokens, and what was made on the way.
fn secrets(recorder: &Recorder) -> Vec<(String, String)> {
    let mut secrets: Vec<_> = PROVIDERS
        .into_iter()
        .chain(OTHERS)
        .map(|(provider, prefix)| (provider.to_owned(), canary(provider, prefix)))
        .collect();
    for exchange in recorder.exchanges() {
        secrets.extend(made_on_the_way(&exchange));
    }
    secrets.sort();
    secrets.dedup();
    secrets
}

/// The secrets in an exchange, other than its caller's token: what each is, and the secret.
pub(crate) fn made_on_the_way(exchange: &Exchange) -> Vec<(String, String)> {
    let (request, answer) = (
        exchange.request_json(),
        serde_json::from_slice(&exchange.answer),
    );
    let answer: serde_json::Value = answer.unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map(ToOwned::to_owned);
    let mut found = Vec::new();
    let mut keep = |name: &str, value: Option<String>| {
        found.extend(value.map(|value| (name.to_owned(), value)));
    };
    keep("the database's password", text(&request["db_pass"]));
    keep("the mail server's password", text(&request["smtp_pass"]));
    let header = |name: &str| exchange.headers.get(name)?.to_str().ok();
    match exchange.api {
        "n8n" => keep("n8n's key", header("x-n8n-api-key").map(ToOwned::to_owned)),
        "gitea" => {
            let given = header("authorization").and_then(|given| given.split_once(' '));
            keep("Gitea's token", given.map(|(_, token)| token.to_owned()));
        }
        _ => {}
    }
    if exchange.path.contains("/auth/v1/") {
        keep("the administrator's password", text(&request["password"]));
        keep("a session", text(&answer["access_token"]));
        keep("a refresh token", text(&answer["refresh_token"]));
        keep("a link's token", text(&answer["hashed_token"]));
        keep("a link", text(&answer["action_link"]));
    }
    if exchange.path.ends_with("/api-keys") {
        for key in answer.as_array().into_iter().flatten() {
            // The publishable key and the legacy one of the same use are on every page of the site.
            let public = key["type"] == "publishable" || key["name"] == "anon";
            keep(
                "a project's secret key",
                text(&key["api_key"]).filter(|_| !public),
            );
        }
    }
    found
}

/// Searches the data directory, what was said, and what everybody saw; tells how much that was: of S1 what is at rest,
/// of S2 what everybody sees.
fn search(app: &TestApp, recorder: &Recorder, said: &[Ran], watch: &Watch, proofs: &[Proof; 2]) {
    search_for(&secrets(recorder), app, vec![], said, watch, proofs);
}

/// The same for these secrets: what each is, and the secret. What is `kept` elsewhere is searched too: each place, and
/// what is in it.
fn search_for(
    secrets: &[(String, String)],
    app: &TestApp,
    kept: Vec<(String, Vec<u8>)>,
    said: &[Ran],
    watch: &Watch,
    proofs: &[Proof; 2],
) {
    assert!(
        secrets.len() >= 6,
        "tokens, the database's password and keys are known: {}",
        secrets.len()
    );
    let mut places = kept;
    files(app.data(), &mut places);
    assert!(
        places
            .iter()
            .any(|(name, content)| name.ends_with("central.db") && !content.is_empty()),
        "the database is among what is searched: {:?}",
        places.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    assert!(
        places.iter().any(|(name, _)| name.contains("logs")),
        "so are the logs"
    );
    for (number, ran) in said.iter().enumerate() {
        places.push((format!("stdout {number}"), ran.stdout.clone().into_bytes()));
        places.push((format!("stderr {number}"), ran.stderr.clone().into_bytes()));
    }
    let mut found = Vec::new();
    for (place, content) in &places {
        for (name, secret) in secrets {
            found.extend(
                hits(content, secret)
                    .iter()
                    .map(|encoding| format!("{name}, {encoding}, in {place}")),
            );
        }
    }
    assert!(
        found.is_empty(),
        "secrets at rest or on the terminal: {found:#?}"
    );
    proofs[0].held(places.len() * secrets.len());
    let seen: Vec<_> = secrets
        .iter()
        .flat_map(|(name, secret)| watch.found(name, secret))
        .collect();
    assert!(seen.is_empty(), "secrets that everybody sees: {seen:#?}");
    proofs[1].measured(watch.how_often());
    watch.assert_often();
    // Only Linux shows other processes so.
    proofs[1].held(if cfg!(target_os = "linux") {
        watch.looks
    } else {
        0
    });
}

pub(crate) fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if let Ok(content) = fs::read(&path) {
            found.push((path.display().to_string(), content));
        }
    }
}

#[tokio::test]
async fn no_secret_is_left_anywhere_after_success() {
    let proofs = [
        Proof::of("S1", "places × secrets searched through success"),
        Proof::of("S2", "looks at all processes, 50 ms apart, through success"),
    ];
    let (app, recorder) = world().await;
    let mut watch = Watch::default();
    app.add("akermark").await;
    let mut said = vec![];
    for arguments in [
        &["credentials", "test"][..],
        &["plan", "akermark"],
        &["provision", "akermark"],
        &["provision", "akermark", "--json"],
        &["runs", "show", "1", "--log", "--json"],
        &["credentials", "status", "--json"],
        &["doctor"],
        &["customers", "export"],
        &["audit", "export"],
        &["blueprints", "check", "factory"],
    ] {
        let ran = watch.run(&app, arguments).await;
        assert!(
            ran.status == 0 || arguments == ["doctor"],
            "{arguments:?}: {ran:#?}"
        );
        said.push(ran);
    }
    assert!(
        said[2].stderr.contains("TRACE"),
        "the log is at its loudest: {}",
        said[2].stderr
    );
    search(&app, &recorder, &said, &watch, &proofs);
}

#[tokio::test]
async fn no_secret_is_left_anywhere_after_failure() {
    let proofs = [
        Proof::of(
            "S1",
            "places × secrets searched through refusals and a revoked token",
        ),
        Proof::of(
            "S2",
            "looks at all processes, 50 ms apart, through refusals and a revoked token",
        ),
    ];
    let (app, recorder) = world().await;
    let mut watch = Watch::default();
    let mut said = vec![];

    // A vendor that fails whenever it is asked.
    app.add("akermark").await;
    app.cloud
        .faults(json!([{ "provider": "vercel", "method": "POST", "path": "/v13/deployments", "do": "status:400" }]))
        .await;
    let failed = watch.run(&app, &["provision", "akermark"]).await.exits(1);
    said.push(failed);
    said.push(
        app.run(&["runs", "show", "1", "--log", "--json"])
            .await
            .exits(0),
    );

    // Answers that are no answers.
    app.cloud
        .faults(json!([{ "provider": "github", "do": "garbage" }]))
        .await;
    app.add("bergstrom").await;
    said.push(app.run(&["plan", "bergstrom", "--json"]).await);

    // A token that is revoked in the middle of a run.
    app.cloud.faults(json!([])).await;
    app.add("cederlund").await;
    let token = canary("resend", "re_");
    app.cloud
        .steer(
            "tokens",
            &json!({ "provider": "resend", "token": token, "revoked": true }),
        )
        .await;
    let refused = watch.run(&app, &["provision", "cederlund", "--json"]).await;
    assert!(
        matches!(refused.status, 3 | 4),
        "refused, or waiting for a token: {refused:#?}"
    );
    said.push(refused);
    said.push(app.run(&["credentials", "test", "--json"]).await);
    search(&app, &recorder, &said, &watch, &proofs);
}

#[tokio::test]
async fn no_secret_is_left_anywhere_of_stacks_with_workflows_and_a_shared_app() {
    let proofs = [
        Proof::of(
            "S1",
            "places × secrets searched through a client-stack and an orchestra",
        ),
        Proof::of(
            "S2",
            "looks at all processes, 50 ms apart, through a client-stack and an orchestra",
        ),
    ];
    let (app, recorder) = world().await;
    let mut watch = Watch::default();
    let mut said = vec![];
    app.set_base_domain("orkester.example").await;
    for (subdomain, blueprint) in [("cedergren", "client-stack"), ("dalgren", "orchestra")] {
        app.add_on(subdomain, blueprint, "enterprise").await;
        for arguments in [
            &["provision", subdomain][..],
            &["provision", subdomain, "--json"],
            &["deprovision", subdomain, "--confirm", subdomain, "--json"],
        ] {
            said.push(watch.run(&app, arguments).await.exits(0));
        }
    }
    said.push(
        watch
            .run(&app, &["stripe", "poll", "--json"])
            .await
            .exits(0),
    );
    let known = secrets(&recorder);
    for (token, (provider, prefix)) in [("n8n's key", OTHERS[0]), ("Gitea's token", OTHERS[1])] {
        let on_the_wire = (token.to_owned(), canary(provider, prefix));
        assert!(known.contains(&on_the_wire), "{token} is the canary");
    }
    search(&app, &recorder, &said, &watch, &proofs);
}

/// The point of a run at which it is killed: each request passes two.
const MIDDLE: usize = 30;

/// What each vendor's changes come to, one after the other.
const FAULTS: [(&str, &str); 4] = [
    // For good: what was made is taken back.
    ("every", "status:400"),
    // Once: it is tried again, or looked for.
    ("nth", "garbage"),
    ("nth", "drop_after"),
    ("nth", "status:500"),
];

#[tokio::test]
async fn no_secret_is_left_anywhere_whatever_a_vendor_answers() {
    let proofs = [
        Proof::of(
            "S1",
            "places × secrets searched through faults of each vendor, and a kill",
        ),
        Proof::of(
            "S2",
            "looks at all processes, 50 ms apart, through faults of each vendor, and a kill",
        ),
    ];
    let (app, recorder) = world().await;
    let mut watch = Watch::default();
    let mut said = vec![];
    for (turn, (provider, _)) in PROVIDERS.iter().enumerate() {
        for (kind, (when, fault)) in FAULTS.iter().enumerate() {
            // Each fault once is a quarter of them; the full proof has them all.
            if !in_full() && kind != turn % FAULTS.len() {
                continue;
            }
            let subdomain = format!("kund-{turn}-{kind}");
            app.add(&subdomain).await;
            let mut rule = json!({ "provider": provider, "method": "POST", "do": fault });
            rule[when] = 1.into();
            app.cloud.faults(json!([rule])).await;
            said.push(watch.run(&app, &["provision", &subdomain, "--json"]).await);
        }
    }
    app.cloud.faults(json!([])).await;

    // Killed in the middle: what it was about to write is nowhere either.
    app.add("dalgren").await;
    let mut held = recorder.hold_at(MIDDLE);
    let child = app.spawn(&["provision", "dalgren"]);
    let program = child.id().expect("it runs");
    // What it says is read all the while: it would wait for a reader.
    let mut ended = tokio::spawn(TestApp::ended(child));
    let going_on = loop {
        watch.look(program);
        tokio::select! {
            Ok(going_on) = &mut held => break going_on,
            ended = &mut ended => panic!("it ended before it was killed: {ended:?}"),
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
    };
    let process = Pid::from_raw(program.cast_signed()).expect("a process");
    kill_process(process, Signal::KILL).expect("SIGKILL");
    drop(going_on);
    let killed = ended.await.expect("it is read to its end");
    assert_eq!(killed.status, -1, "by a signal: {killed:#?}");
    said.push(killed);
    search(&app, &recorder, &said, &watch, &proofs);
}

/// Calls after which the program panics: each has an answer with secrets at hand. The last comes late in a run, when the
/// others have been made.
const CRASHES: [&str; 3] = [
    "/api-keys",
    "/auth/v1/admin/users",
    "/auth/v1/admin/generate_link",
];

#[tokio::test]
async fn no_secret_is_left_anywhere_after_a_panic() {
    let proofs = [
        Proof::of(
            "S1",
            "places × secrets searched through panics in the middle of runs, with all that they say",
        ),
        Proof::of(
            "S2",
            "looks at all processes, 50 ms apart, through panics in the middle of runs",
        ),
    ];
    let (mut app, recorder) = world().await;
    app.set("RUST_BACKTRACE", "full");
    let mut watch = Watch::default();
    let mut said = vec![];
    let crashes = if in_full() {
        &CRASHES[..]
    } else {
        &CRASHES[2..]
    };
    for (number, path) in crashes.iter().enumerate() {
        let subdomain = format!("kund-{number}");
        app.unset("FABRIK_PANIC_AT");
        app.add(&subdomain).await;
        app.set("FABRIK_PANIC_AT", *path);
        let ran = watch.run(&app, &["provision", &subdomain]).await;
        assert_ne!(ran.status, 0, "{path}: {ran:#?}");
        for text in ["panicked at", "asked for by a test", "stack backtrace"] {
            assert!(ran.stderr.contains(text), "{path}, {text}: {ran:#?}");
        }
        said.push(ran);
    }
    app.unset("FABRIK_PANIC_AT");
    let run = ["runs", "show", "1", "--log", "--json"];
    said.push(app.run(&run).await.exits(0));
    let known = secrets(&recorder);
    for name in ["the database's password", "the administrator's password"] {
        assert!(
            known.iter().any(|(known, _)| known == name),
            "{name} had been made"
        );
    }
    let mut written = vec![];
    files(app.data(), &mut written);
    assert!(
        written.iter().any(|(name, content)| name.contains("logs")
            && String::from_utf8_lossy(content).contains("a run's task ended")),
        "the log tells of the crash"
    );
    search(&app, &recorder, &said, &watch, &proofs);
}

/// The sandbox that the command line starts by itself outlives it, and has no token of those it was given.
#[tokio::test]
#[cfg(target_os = "linux")]
async fn what_is_started_beside_is_given_no_token() {
    let proof = Proof::of(
        "S2",
        "processes that were started, with tokens in the environment",
    );
    let mut watch = Watch::default();
    // It is the command's for as long as it starts: on a busy machine it may do so between two looks, and there is none to
    // be started after that.
    for _ in 0..20 {
        let (mut app, recorder) = world().await;
        app.name_no_cloud();
        app.set("FABRIK_SANDBOX_LATENCY", "none");
        for arguments in [
            &["customers", "list", "--workspace", "sandbox"][..],
            &["doctor", "--workspace", "sandbox"],
        ] {
            watch.run(&app, arguments).await;
        }
        for (name, secret) in secrets(&recorder) {
            assert_eq!(watch.found(&name, &secret), [""; 0]);
        }
        if watch.children > 0 {
            break;
        }
    }
    assert!(watch.children > 0, "the sandbox is among what was seen");
    proof.held(watch.children);
}

#[tokio::test]
async fn the_recorder_sees_the_secrets_that_are_searched_for() {
    let (app, recorder) = world().await;
    app.add("akermark").await;
    app.run(&["provision", "akermark"]).await.exits(0);
    let secrets = secrets(&recorder);
    for name in [
        "the database's password",
        "the administrator's password",
        "a session",
        "a link",
        "a project's secret key",
    ] {
        assert!(
            secrets.iter().any(|(known, _)| known == name),
            "{name} is known"
        );
    }
    let bearers = recorder.exchanges();
    let bearers = bearers
        .iter()
        .filter(|exchange| exchange.api == "supabase" && exchange.method == Method::GET.as_str());
    for exchange in bearers {
        let bearer = exchange.headers["authorization"].to_str().unwrap();
        assert!(
            bearer.ends_with(&canary("supabase", "sbp_")),
            "the canary is what was used"
        );
    }
}
