//! A server that goes away for a moment and comes back: a window learns of both, and a run outlasts it.

use std::time::Duration;

use fabrik_app::{Cause, CustomerQuery, Problem, RunQuery, views::CustomerPage};
use fabrik_domain::run::RunState;

use super::{set, window_of};
use crate::{
    server::Database,
    way::Way,
    world::{Latency, TestApp},
};

/// A server that goes away: whoever looks is told to ask again, learns of it, and the same when it comes back.
#[tokio::test(flavor = "multi_thread")]
async fn a_window_learns_that_the_server_is_gone_and_that_it_is_back() {
    let app = TestApp::new().await;
    let database = Database::new();
    let mut way = Way::to_server().await;
    set(&app, &way.url(&database), &[]).await;
    app.add_on("akermark", "factory", "starter").await;
    let window = window_of(&app).await;
    let mut hints = window.hints();
    let mut list = async |so: fn(&Result<CustomerPage, Problem>) -> bool, what: &str| {
        let told = tokio::time::timeout(Duration::from_mins(1), async {
            loop {
                hints
                    .recv()
                    .await
                    .expect("the window is told of all there is");
                let query = CustomerQuery {
                    limit: 100,
                    ..CustomerQuery::default()
                };
                let list = window.customers_list(query).await;
                if so(&list) {
                    return list;
                }
            }
        });
        told.await.unwrap_or_else(|_| panic!("{what}"))
    };
    way.cut().await;
    let gone = list(Result::is_err, "it is gone").await;
    let server = format!("127.0.0.1:{}", way.port);
    assert_eq!(
        gone.map(|list| list.total)
            .map_err(|problem| *problem.cause),
        Err(Cause::DatabaseUnreachable { server })
    );
    way.mend().await;
    let found = list(Result::is_ok, "it is back").await;
    assert_eq!(found.map(|list| list.total).ok(), Some(1));
}

/// For how long the server is away: longer than whoever looks waits for it, and shorter than a run
/// tries to write.
const OUTAGE: Duration = Duration::from_secs(5);

/// As when a laptop changes its network: nobody is told of it, and nothing is to be resumed.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_outlasts_a_server_that_is_away_for_a_moment() {
    // Longer than the server is away, and still under way when it goes.
    let app = TestApp::with(Latency::File("base = \"none\"\nsupabase.ready = 8\n")).await;
    let database = Database::new();
    let mut way = Way::to_server().await;
    set(&app, &way.url(&database), &[]).await;
    app.add_on("akermark", "factory", "starter").await;
    let window = window_of(&app).await;
    let outage = async {
        // In its middle: something is done, and something is left to do.
        let middle = tokio::time::timeout(Duration::from_mins(1), async {
            loop {
                let runs = window.runs_list(RunQuery::default()).await.unwrap().runs;
                if runs.iter().any(|run| run.steps_done > 0) {
                    return runs;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        let runs = middle.await.expect("a step is done");
        way.cut().await;
        tokio::time::sleep(OUTAGE).await;
        way.mend().await;
        runs
    };
    let provision = ["provision", "akermark", "--yes", "--json"];
    let (provisioned, seen) = tokio::join!(app.run(&provision), outage);
    assert_eq!(seen[0].run.state, RunState::Running, "cut in its middle");
    provisioned.exits(0);
    let shown = app.run(&["runs", "list", "--json"]).await.exits(0).json();
    let run = &shown["runs"][0];
    assert_eq!(run["state"], "succeeded", "{shown:#}");
    assert_eq!(run["number"], 1, "nothing was begun twice: {shown:#}");
}
