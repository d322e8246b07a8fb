//! An agency's own table of a hundred thousand customers: how long the command line takes to take all of them over, and
//! how soon a window has its first page then, and while it goes through all of them itself.
//!
//! On a real server; runs in a session of its own (`scripts/session`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a figure is printed, and a bench that can't go on has failed"
)]

#[cfg(unix)]
#[path = "../../src-tauri/store/tests/server/mod.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the store's own tests use the others"
)]
mod server;
#[path = "../it/world/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "shared with the tests, which use all of it"
)]
mod world;

#[cfg(unix)]
mod figures {
    use std::{
        process::ExitCode,
        sync::Arc,
        time::{Duration, Instant},
    };

    use fabrik_app::{App, Environment, Options, commands};
    use serde_json::{Value, json};

    use crate::{server::Database, world::TestApp};

    const MANY: u64 = 100_000;

    /// A page takes at most so long.
    const MOST: Duration = Duration::from_millis(200);

    /// So many rows are others when the window goes through them.
    const CHANGED: u64 = 1_000;

    /// How often it is asked for; what is in the middle counts, since the machine may be busy.
    const ROUNDS: usize = 11;

    /// System A's tables, and so many in them.
    fn tables() -> String {
        format!(
            "CREATE TYPE org_status AS ENUM ('active', 'inactive', 'trial');
             CREATE TABLE organizations (
                 id uuid PRIMARY KEY, name text NOT NULL, slug varchar(80) NOT NULL, email text,
                 status org_status NOT NULL DEFAULT 'trial', production_url varchar(200), github_repo_url text,
                 supabase_project_ref text, provisioned_at timestamptz, internal_notes text);
             CREATE TABLE credits (organization_id uuid PRIMARY KEY, amount numeric(12,2));
             CREATE VIEW organizations_with_credits AS
                 SELECT o.*, coalesce((SELECT sum(amount) FROM credits WHERE organization_id = o.id), 0) AS credits_balance
                 FROM organizations o;
             INSERT INTO organizations (id, name, slug, email)
                 SELECT md5(number::text)::uuid, 'Kund ' || number, 'kund-' || number, 'info@kund-' || number || '.example'
                 FROM generate_series(1, {MANY}) AS number;
             INSERT INTO credits SELECT id, 100 FROM organizations;
             ANALYZE;"
        )
    }

    async fn source(app: &TestApp, arguments: &[&str]) -> Value {
        let arguments = [&["source"], arguments, &["--json"]].concat();
        app.run(&arguments).await.exits(0).json()
    }

    pub(crate) async fn print() -> ExitCode {
        let app = TestApp::new().await;
        let database = Database::new();
        database.run(&tables());
        let url = database.direct().to_string();
        source(&app, &["connect", &url, "--preset", "factory"]).await;

        println!("\nAn agency's own table of {MANY} customers");
        let begun = Instant::now();
        let report = source(&app, &["refresh"]).await;
        println!("  taken over              {:.1?}", begun.elapsed());
        assert_eq!(report["added"], MANY, "{report:#}");
        let begun = Instant::now();
        let report = source(&app, &["refresh"]).await;
        println!("  gone through again      {:.1?}", begun.elapsed());
        assert_eq!(report["unchanged"], MANY, "{report:#}");

        let variables = app
            .variables()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let options = Options {
            environment: Environment::of(variables, false),
            data_dir: None,
            workspace: None,
            browser: None,
        };
        let window = Arc::new(App::open(options).await.unwrap());
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            times.push(page(&window).await);
        }
        println!("  first page, at once     {:.1?}", times[0]);
        let at_rest = reached("median", &mut times);

        database.run(&format!(
            "UPDATE organizations SET name = name || ' AB' WHERE slug IN
                 (SELECT 'kund-' || number FROM generate_series(1, {CHANGED}) AS number)"
        ));
        let refreshing = {
            let window = Arc::clone(&window);
            tokio::spawn(
                async move { commands::dispatch(&window, "source_refresh", json!({})).await },
            )
        };
        let mut times = Vec::new();
        while !refreshing.is_finished() {
            times.push(page(&window).await);
        }
        let report = refreshing.await.unwrap().unwrap();
        assert_eq!(report["changed"], CHANGED, "{report:#}");
        assert!(times.len() >= ROUNDS, "too few to tell by: {times:?}");
        let meanwhile = reached("refreshing", &mut times);
        if at_rest && meanwhile {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// Asks the window's records for the first page, and says how long that took.
    async fn page(window: &Arc<App>) -> Duration {
        let begun = Instant::now();
        let query = json!({ "query": { "limit": 100 } });
        let page = commands::dispatch(window, "customers_list", query).await;
        let taken = begun.elapsed();
        let page = page.unwrap();
        assert_eq!(page["total"], MANY, "all of them");
        assert_eq!(page["customers"].as_array().unwrap().len(), 100, "a page");
        taken
    }

    /// Prints the one in the middle and the longest; whether the one in the middle is short enough.
    fn reached(when: &str, times: &mut [Duration]) -> bool {
        times.sort();
        let (median, longest) = (times[times.len() / 2], times[times.len() - 1]);
        let reached = median <= MOST;
        let verdict = if reached { "reached" } else { "MISSED" };
        println!(
            "  first page, {when:<12}{median:.1?}, longest {longest:.1?}    at most {MOST:?}: {verdict}"
        );
        reached
    }
}

#[cfg(unix)]
#[tokio::main]
async fn main() -> std::process::ExitCode {
    figures::print().await
}

/// Elsewhere the server is started by no script.
#[cfg(not(unix))]
fn main() {}
