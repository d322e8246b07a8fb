//! The sandbox inside a paused clock: the same vendors, no sockets, no files, no real time.

mod limits;

use std::{
    sync::Arc,
    time::{Duration, Instant as RealInstant},
};

use async_trait::async_trait;
use bytes::Bytes;
use fabrik_domain::ports::Clock;
use fabrik_sandbox::{Cut, LatencyChoice, ORGANIZATION, Simulation, SimulationOptions};
use http::{Method, Request};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Tokio's clock, from a fixed time on.
struct PausedClock(Instant);

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        start + self.0.elapsed()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A simulated cloud and what calls it.
#[derive(Clone)]
struct World {
    simulation: Simulation,
    environment: Value,
}

impl World {
    fn new(latency: LatencyChoice) -> Self {
        let options = SimulationOptions {
            latency,
            seed: 7,
            ..SimulationOptions::new(Arc::new(PausedClock(Instant::now())))
        };
        let simulation = Simulation::new(options).expect("a simulation begins");
        Self {
            environment: simulation.environment(),
            simulation,
        }
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Result<(u16, Value), Cut> {
        let mut request = Request::builder()
            .method(method)
            .uri(url)
            .header("user-agent", "fabrik-test");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map(|body| Bytes::from(body.to_string()));
        let request = request.body(body.unwrap_or_default()).unwrap();
        let answer = self.simulation.call(request).await?;
        let body = serde_json::from_slice(answer.body()).unwrap_or(Value::Null);
        Ok((answer.status().as_u16(), body))
    }

    /// A call with a vendor's token.
    async fn vendor(
        &self,
        vendor: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<(u16, Value), Cut> {
        let variable = |name: &str| self.environment[name].as_str().unwrap().to_owned();
        let vendor = vendor.to_uppercase();
        let url = format!("{}{path}", variable(&format!("FABRIK_{vendor}_URL")));
        let token = format!("Bearer {}", variable(&format!("FABRIK_SECRET_{vendor}")));
        self.send(method, &url, &[("authorization", &token)], body)
            .await
    }

    /// A project that is ready: its ref, publishable key and secret key.
    async fn project(&self) -> (String, String, String) {
        let wish = json!({ "name": "one", "organization_slug": ORGANIZATION, "db_pass": "x" });
        let (status, made) = self
            .vendor("supabase", Method::POST, "/v1/projects", Some(wish))
            .await
            .unwrap();
        assert_eq!(status, 201, "{made}");
        let reference = made["ref"].as_str().unwrap().to_owned();
        let path = format!("/v1/projects/{reference}/health?services=rest");
        loop {
            let (_, health) = self
                .vendor("supabase", Method::GET, &path, None)
                .await
                .unwrap();
            if health[0]["status"] == "ACTIVE_HEALTHY" {
                break;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
        let path = format!("/v1/projects/{reference}/api-keys?reveal=true");
        let (_, keys) = self
            .vendor("supabase", Method::GET, &path, None)
            .await
            .unwrap();
        let key = |kind: &str| {
            let mut keys = keys.as_array().unwrap().iter();
            let key = keys.find(|key| key["type"] == kind).unwrap();
            key["api_key"].as_str().unwrap().to_owned()
        };
        (reference.clone(), key("publishable"), key("secret"))
    }

    async fn sql(&self, project: &str, sql: &str) -> (u16, Value) {
        let path = format!("/v1/projects/{project}/database/query");
        let body = json!({ "query": sql });
        self.vendor("supabase", Method::POST, &path, Some(body))
            .await
            .unwrap()
    }

    /// A call to a project's own API.
    async fn gateway(
        &self,
        project: &str,
        key: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let base = self.environment["FABRIK_SUPABASE_PROJECT_URL"]
            .as_str()
            .unwrap();
        let url = format!("{}{path}", base.replace("{ref}", project));
        self.send(method, &url, &[("apikey", key)], body)
            .await
            .unwrap()
    }
}

const GENERATE: &str = "/repos/sandbox-agency/template/generate";

fn named(name: &str) -> Value {
    json!({ "name": name, "owner": "sandbox-agency" })
}

#[tokio::test(start_paused = true)]
async fn vendors_take_the_simulated_time_and_no_other() {
    let world = World::new(LatencyChoice::Realistic);
    world
        .simulation
        .latency(json!({ "github.content": 10 }))
        .unwrap();
    let (real, simulated) = (RealInstant::now(), Instant::now());
    let (status, made) = world
        .vendor("github", Method::POST, GENERATE, Some(named("akermark")))
        .await
        .unwrap();
    assert_eq!((status, &made["name"]), (201, &json!("akermark")));
    assert_eq!(simulated.elapsed(), Duration::from_millis(2500));
    let branch = "/repos/sandbox-agency/akermark/branches/main";
    let early = world.vendor("github", Method::GET, branch, None).await;
    assert_eq!(early.unwrap().0, 404, "the content comes later");
    tokio::time::sleep(Duration::from_secs(13)).await;
    let later = world.vendor("github", Method::GET, branch, None).await;
    assert_eq!(later.unwrap().0, 200);
    world.project().await;
    let elapsed = simulated.elapsed();
    assert!(
        (Duration::from_secs(30)..Duration::from_mins(2)).contains(&elapsed),
        "a project takes its 45 seconds: {elapsed:?}"
    );
    assert!(
        real.elapsed() < elapsed,
        "none of it was waited for: {:?}",
        real.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn faults_cut_delay_and_commit_late() {
    let world = World::new(LatencyChoice::None);
    let rule = |effect: &str| json!([{ "provider": "github", "method": "POST", "path": "/repos/*/*/generate", "nth": 1, "do": effect }]);
    let exists = async |name: &str| {
        let path = format!("/repos/sandbox-agency/{name}");
        let found = world.vendor("github", Method::GET, &path, None).await;
        found.unwrap().0 == 200
    };
    for (effect, name, made) in [
        ("drop_before", "fore", false),
        ("drop_after", "efter", true),
        ("commit_after:30s", "sen", false),
    ] {
        world.simulation.faults(rule(effect)).unwrap();
        let cut = world
            .vendor("github", Method::POST, GENERATE, Some(named(name)))
            .await;
        assert_eq!(cut, Err(Cut::Underway), "{effect}");
        assert_eq!(exists(name).await, made, "{effect}");
    }
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert!(exists("sen").await, "the change came late");

    world.simulation.faults(rule("delay:20s")).unwrap();
    let world_of_one = world.clone();
    let gone = tokio::time::timeout(Duration::from_secs(5), async move {
        world_of_one
            .vendor("github", Method::POST, GENERATE, Some(named("kvar")))
            .await
    });
    assert!(gone.await.is_err(), "the client went away");
    assert!(!exists("kvar").await, "not yet");
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert!(exists("kvar").await, "a call that was sent is carried out");

    let lag = json!([{ "method": "GET", "path": "/orgs/**", "do": "stale_list:60s" }]);
    world.simulation.faults(lag).unwrap();
    let list = world
        .vendor("github", Method::GET, "/orgs/sandbox-agency/repos", None)
        .await;
    let listed = list.unwrap().1;
    let names = listed.as_array().unwrap().iter();
    assert_eq!(
        names.map(|it| it["name"].clone()).collect::<Vec<_>>(),
        Vec::<Value>::new(),
        "everything is younger than a minute"
    );
    let nowhere = world
        .send(Method::GET, "http://nobody.example/", &[], None)
        .await;
    assert_eq!(nowhere, Err(Cut::Unreachable));
}

#[tokio::test(start_paused = true)]
async fn a_list_lags_by_what_was_added_and_a_part_comes_with_its_whole() {
    const LAG: &str = "stale_list:60s";
    let world = World::new(LatencyChoice::None);
    let team = world.environment["FABRIK_VERCEL_TEAM"].as_str().unwrap();
    let ask = async |method: Method, path: &str, body: Option<Value>| {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}teamId={team}");
        let answer = world.vendor("vercel", method, &path, body).await;
        let (status, answer) = answer.unwrap();
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    };
    let names = |list: &Value, field: &str| {
        let list = list.as_array().unwrap().iter();
        list.map(|one| one[field].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (domains, own) = (
        "/v9/projects/akermark/domains",
        "/v9/projects/akermark/domains/akermark.example",
    );
    let variables = "/v10/projects/akermark/env";
    let project = json!({ "name": "akermark" });
    ask(Method::POST, "/v11/projects", Some(project)).await;
    let domain = json!({ "name": "akermark.example" });
    ask(Method::POST, "/v10/projects/akermark/domains", Some(domain)).await;
    let variable = json!({ "key": "URL", "value": "x", "type": "plain", "target": ["production"] });
    ask(Method::POST, variables, Some(variable)).await;

    let lag = json!([{ "provider": "vercel", "method": "GET", "do": LAG }]);
    world.simulation.faults(lag).unwrap();
    let listed = ask(Method::GET, domains, None).await;
    let listed = names(&listed["domains"], "name");
    assert_eq!(listed.len(), 1, "the project's own: {listed:?}");
    let found = ask(Method::GET, own, None).await;
    assert_eq!(found["name"], "akermark.example", "read by its name");
    let listed = ask(Method::GET, variables, None).await;
    assert_eq!(names(&listed["envs"], "key"), ["URL"]);
    // What was not asked for is not left out: another name, and what is older than the page.
    for (list, field) in [
        ("/v10/projects?search=berg", "projects"),
        ("/v9/projects/akermark/domains?until=1", "domains"),
    ] {
        let listed = ask(Method::GET, list, None).await;
        assert_eq!(listed[field], json!([]), "{list}");
    }
    let listed = ask(Method::GET, "/v10/projects?search=aker", None).await;
    assert_eq!(listed["projects"], json!([]), "it is younger");

    let calls = world.simulation.calls();
    let calls = calls["calls"].as_array().unwrap().iter();
    let struck = calls.filter(|call| call["fault"] == LAG);
    let struck: Vec<_> = struck.map(|call| call["path"].clone()).collect();
    assert_eq!(
        struck,
        [domains, "/v10/projects"],
        "only where something was left out"
    );
    tokio::time::sleep(Duration::from_secs(61)).await;
    let listed = ask(Method::GET, domains, None).await;
    assert_eq!(names(&listed["domains"], "name").len(), 2, "{listed}");
}

#[tokio::test(start_paused = true)]
async fn limits_are_the_vendors_and_can_be_off() {
    let world = World::new(LatencyChoice::None);
    let mails = async || {
        let mut refused = 0;
        for _ in 0..6 {
            let (status, _) = world
                .vendor("resend", Method::GET, "/emails", None)
                .await
                .unwrap();
            refused += usize::from(status == 429);
        }
        refused
    };
    assert_eq!(mails().await, 1, "five a second");
    tokio::time::sleep(Duration::from_secs(1)).await;
    world.simulation.limits(false).unwrap();
    assert_eq!(mails().await, 0);
}

#[tokio::test(start_paused = true)]
async fn a_project_answers_what_the_steps_ask() {
    let world = World::new(LatencyChoice::Realistic);
    let (project, publishable, secret) = world.project().await;
    let file = "begin;
        create schema if not exists fabrik;
        create table if not exists fabrik.applied_files (
          name text constraint applied_files_pkey primary key, sha256 text not null);
        insert into fabrik.applied_files (name, sha256) values ('a.sql', '00');
        create table public.members (user_id uuid primary key references auth.users (id), name text);
        create policy \"members read\" on public.members for select to authenticated using (true);
        do $$ begin execute 'alter table x enable row level security'; end $$;
        commit;";
    let (status, answer) = world.sql(&project, file).await;
    assert_eq!(status, 201, "{answer}");
    let (status, again) = world.sql(&project, file).await;
    assert_eq!(status, 400);
    let words = again["message"].as_str().unwrap();
    assert!(words.contains("applied_files_pkey"), "{words}");
    let (_, records) = world
        .sql(&project, "select name, sha256 from fabrik.applied_files")
        .await;
    assert_eq!(records, json!([{ "name": "a.sql", "sha256": "00" }]));
    let unknown = "update members set name = 'x' where name = 'y'";
    let (status, unknown) = world.sql(&project, unknown).await;
    assert_eq!(status, 400, "it does not pretend: {unknown}");

    let anna = "00000000-0000-4000-8000-000000000001";
    let row = json!({ "user_id": anna, "name": "Anna" });
    let rows = "/rest/v1/members";
    let early = world
        .gateway(&project, &secret, Method::POST, rows, Some(row.clone()))
        .await;
    assert_eq!(early.1["code"], "23503", "there is no such user");
    let user = json!({ "id": anna, "email": "anna@example.com", "password": "a-long-password",
        "email_confirm": true });
    let users = "/auth/v1/admin/users";
    let (status, made) = world
        .gateway(&project, &secret, Method::POST, users, Some(user.clone()))
        .await;
    assert_eq!((status, &made["id"]), (200, &json!(anna)));
    let (status, twice) = world
        .gateway(&project, &secret, Method::POST, users, Some(user))
        .await;
    assert_eq!(
        (status, &twice["error_code"]),
        (422, &json!("email_exists"))
    );
    for (status, code) in [(201, Value::Null), (409, json!("23505"))] {
        let insert = world
            .gateway(&project, &secret, Method::POST, rows, Some(row.clone()))
            .await;
        assert_eq!((insert.0, &insert.1["code"]), (status, &code));
    }
    let wrong = json!({ "email": "anna@example.com", "password": "wrong" });
    let right = json!({ "email": "anna@example.com", "password": "a-long-password" });
    let sign_in = "/auth/v1/token?grant_type=password";
    let refused = world
        .gateway(&project, &publishable, Method::POST, sign_in, Some(wrong))
        .await;
    assert_eq!(refused.1["error_code"], "invalid_credentials");
    let (_, session) = world
        .gateway(&project, &publishable, Method::POST, sign_in, Some(right))
        .await;
    let bearer = format!("Bearer {}", session["access_token"].as_str().unwrap());
    let base = world.environment["FABRIK_SUPABASE_PROJECT_URL"]
        .as_str()
        .unwrap();
    let url = format!(
        "{}{rows}?select=name&user_id=eq.{anna}",
        base.replace("{ref}", &project)
    );
    let headers = [("apikey", publishable.as_str()), ("authorization", &bearer)];
    let own = world.send(Method::GET, &url, &headers, None).await.unwrap();
    assert_eq!(own, (200, json!([{ "name": "Anna" }])));
    let nobody = world
        .send(Method::GET, &url, &headers[..1], None)
        .await
        .unwrap();
    assert_eq!(nobody, (200, json!([])), "nobody has signed in");
    let recovery = json!({ "type": "recovery", "email": "anna@example.com" });
    let (status, link) = world
        .gateway(
            &project,
            &secret,
            Method::POST,
            "/auth/v1/admin/generate_link",
            Some(recovery),
        )
        .await;
    assert_eq!(status, 200, "{link}");
    let one = format!("{users}/{anna}");
    let (status, _) = world
        .gateway(&project, &secret, Method::DELETE, &one, Some(json!({})))
        .await;
    assert_eq!(status, 200);
    let (_, left) = world
        .gateway(&project, &secret, Method::GET, rows, None)
        .await;
    assert_eq!(left, json!([]), "the row goes with its user");
}

#[tokio::test(start_paused = true)]
async fn a_reset_forgets_and_a_seed_repeats() {
    let story = async || {
        let world = World::new(LatencyChoice::Realistic);
        let (project, ..) = world.project().await;
        let user = json!({ "email": "anna@example.com", "password": "a-long-password" });
        let (_, keys) = world
            .vendor(
                "supabase",
                Method::GET,
                &format!("/v1/projects/{project}/api-keys?reveal=true"),
                None,
            )
            .await
            .unwrap();
        let secret = keys[3]["api_key"].as_str().unwrap().to_owned();
        let (_, made) = world
            .gateway(
                &project,
                &secret,
                Method::POST,
                "/auth/v1/admin/users",
                Some(user),
            )
            .await;
        (world.simulation.clone(), made)
    };
    let (one, first) = story().await;
    let (other, second) = story().await;
    assert_eq!(
        first["id"], second["id"],
        "what is drawn follows from the seed"
    );
    assert_eq!(
        one.state()["resources"]["supabase"]["project"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>(),
        other.state()["resources"]["supabase"]["project"]
            .as_object()
            .unwrap()
            .keys()
            .collect::<Vec<_>>()
    );
    one.reset().await.unwrap();
    let left = one.state()["resources"].clone();
    assert!(left.get("supabase").is_none(), "{left}");
    let repositories = left["github"]["repository"].as_object().unwrap();
    assert!(
        repositories.values().any(|it| it["name"] == "template"),
        "what is there from the start is there again: {repositories:?}"
    );
    assert_eq!(one.calls()["calls"], json!([]));
    assert_eq!(one.mails().unwrap(), json!({ "mails": [] }));
}

#[tokio::test(start_paused = true)]
async fn a_table_that_stands_open_is_found_in_the_model_too() {
    let world = World::new(LatencyChoice::None);
    let (project, ..) = world.project().await;
    let question = "select x as breaches, x as attempts, x as served";
    let trial = async |canary: &str| {
        let script = format!("begin;\n{canary};\n{question}\n;\nrollback;");
        let (status, rows) = world.sql(&project, &script).await;
        assert_eq!(status, 201, "{rows}");
        rows[0].clone()
    };
    let made = "create table public.shut (id int primary key); create table public.open (id int);
        alter table public.shut enable row level security";
    assert_eq!(world.sql(&project, made).await.0, 201);
    let canary = "insert into public.shut (id) values (1); insert into public.open (id) values (1)";
    let found = trial(canary).await;
    assert_eq!(
        found["breaches"],
        json!([
            { "breach": "readable", "subject": "open" },
            { "breach": "writable", "subject": "open" },
        ])
    );
    assert_eq!(found["served"], json!(["open", "shut"]));
    let secured = "alter table public.open enable row level security";
    assert_eq!(world.sql(&project, secured).await.0, 201);
    assert_eq!(trial(canary).await["breaches"], json!([]));
    let half = trial("insert into public.shut (id) values (1)").await;
    assert_eq!(
        half["breaches"],
        json!([{ "breach": "no_canary", "subject": "open" }]),
        "and nothing of the trials before is left"
    );
}
