//! The least time that a run can take, from the vendors' own log of its calls: for every step the latencies of
//! its calls, those made at the same time counted once, and the wait until what it makes is ready; then the
//! longest chain of steps. Polls that came too early count nothing: the wait stands for them.

use std::collections::BTreeMap;

use fabrik_blueprints::load_built_in;
use fabrik_domain::blueprint::StepSpec;
use fabrik_engine::graph::longest_chain;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// Which calls are a step's: a provider, and what the route begins with. A route that several steps call is
/// the one's that is under way.
const CALLS: &[(&str, &str, &[&str])] = &[
    ("schema", "supabase", &["/v1/projects/{ref}/database"]),
    ("auth", "supabase", &["/v1/projects/{ref}/config/auth"]),
    (
        "admin",
        "supabase",
        &[
            "/admin",
            "/token",
            "/{table}",
            "/v1/projects/{ref}/api-keys",
        ],
    ),
    (
        "isolation",
        "supabase",
        &["/v1/projects/{ref}/database", "/{table}"],
    ),
    (
        "config",
        "github",
        &[
            "/repositories/{id}",
            "/repos/{owner}/{repo}/contents",
            "/repos/{owner}/{repo}/commits",
        ],
    ),
    // The repository's name as it is now, before it is linked.
    ("site", "github", &["/repositories/{id}"]),
    ("repo", "github", &["/"]),
    (
        "env",
        "vercel",
        &["/v10/projects/{project}/env", "/v9/projects/{project}/env"],
    ),
    ("env", "supabase", &["/v1/projects/{ref}/api-keys"]),
    (
        "deploy",
        "vercel",
        &[
            "/v7/deployments",
            "/v13/deployments",
            "/v10/projects/{project}/env",
            "/v9/projects/{project}/domains",
        ],
    ),
    ("site", "vercel", &["/"]),
    ("check", "supabase", &["/health"]),
    ("supabase", "supabase", &["/v1/"]),
    ("welcome", "resend", &["/emails", "/domains"]),
    // The link to sign in is made when the mail is.
    (
        "welcome",
        "supabase",
        &["/admin", "/v1/projects/{ref}/api-keys"],
    ),
];

/// What is ready some time after it was made: the figure, and whose it is.
const WAITS: &[(&str, &str)] = &[
    ("supabase.ready", "supabase"),
    ("github.content", "repo"),
    ("vercel.ready", "deploy"),
];

/// A call of the log, in milliseconds since the sandbox's start.
#[derive(Clone, Debug, Deserialize)]
struct Call {
    provider: String,
    route: String,
    started_ms: u64,
    ended_ms: u64,
    latency_ms: u64,
    mutating: bool,
}

/// The making of a resource.
#[derive(Clone, Debug, Deserialize)]
struct Span {
    figure: String,
    started_ms: u64,
    ready_ms: u64,
}

/// The bound, with what it is made of.
pub(super) struct Bound {
    plan: f64,
    steps: Vec<StepSpec>,
    least: BTreeMap<String, f64>,
    took: BTreeMap<String, f64>,
}

impl Bound {
    /// Of the only run of a sandbox, by its log of calls and the run's report.
    pub(super) fn of(log: &Value, report: &Value) -> Self {
        let calls: Vec<Call> = serde_json::from_value(log["calls"].clone()).expect("calls");
        let spans: Vec<Span> = serde_json::from_value(log["readiness"].clone()).expect("spans");
        let steps = load_built_in("factory").expect("it is built in").steps;
        let windows = Windows::of(log, report);
        let first = windows
            .0
            .values()
            .map(|(start, _)| *start)
            .min()
            .expect("steps");

        let (planned, performed): (Vec<_>, Vec<_>) =
            calls.into_iter().partition(|call| call.started_ms < first);
        let mut of_step: BTreeMap<&str, Vec<Call>> = BTreeMap::new();
        for call in performed {
            let owner = windows
                .owner(&call)
                .unwrap_or_else(|| panic!("whose is {call:?}"));
            of_step.entry(owner).or_default().push(call);
        }
        let least = steps
            .iter()
            .map(|step| {
                let calls = of_step.remove(step.id.as_str()).unwrap_or_default();
                let wait = WAITS.iter().find(|(_, owner)| *owner == step.id);
                let span =
                    wait.and_then(|(figure, _)| spans.iter().find(|span| span.figure == *figure));
                (step.id.clone(), least(calls, span))
            })
            .collect();
        Self {
            plan: least_of(planned),
            steps,
            least,
            took: windows.took(),
        }
    }

    /// The plan, then the longest chain.
    pub(super) fn seconds(&self) -> f64 {
        self.plan + longest_chain(&self.steps, |step| self.least[&step.id])
    }

    /// Where the time went.
    pub(super) fn print(&self) {
        println!("  {:10} {:>9} {:>9}", "step", "least", "took");
        println!("  {:10} {:7.2} s", "(plan)", self.plan);
        for step in &self.steps {
            let (least, took) = (self.least[&step.id], self.took[&step.id]);
            println!("  {:10} {least:7.2} s {took:7.2} s", step.id);
        }
    }
}

/// When each step was under way, in the log's time.
struct Windows(BTreeMap<String, (u64, u64)>);

impl Windows {
    fn of(log: &Value, report: &Value) -> Self {
        let started: Timestamp = log["started_at"]
            .as_str()
            .expect("when the log began")
            .parse()
            .expect("a time");
        let at = |value: &Value| {
            let at: Timestamp = value.as_str().expect("a time").parse().expect("a time");
            u64::try_from(at.duration_since(started).as_millis()).unwrap_or_default()
        };
        let steps = report["run"]["steps"].as_array().expect("steps").iter();
        Self(
            steps
                .map(|step| {
                    let id = step["id"].as_str().expect("an id").to_owned();
                    (id, (at(&step["started_at"]), at(&step["finished_at"])))
                })
                .collect(),
        )
    }

    /// The first step of the table that makes such calls and was under way.
    fn owner(&self, call: &Call) -> Option<&'static str> {
        CALLS.iter().find_map(|(step, provider, routes)| {
            let (start, end) = *self.0.get(*step)?;
            let its = call.provider == *provider
                && routes.iter().any(|route| call.route.starts_with(route))
                && (start..=end).contains(&call.started_ms);
            its.then_some(*step)
        })
    }

    fn took(&self) -> BTreeMap<String, f64> {
        self.0
            .iter()
            .map(|(id, (start, end))| (id.clone(), seconds(end.saturating_sub(*start))))
            .collect()
    }
}

/// A step's least time: its calls, and the wait for what it makes.
fn least(mut calls: Vec<Call>, span: Option<&Span>) -> f64 {
    let Some(span) = span else {
        return least_of(calls);
    };
    let made = calls
        .iter()
        .filter(|call| call.mutating)
        .find(|call| (call.started_ms..=call.ended_ms).contains(&span.started_ms))
        .cloned()
        .expect("the wait begins within the call that makes it");
    let asked_too_early = |call: &Call| {
        !call.mutating && call.started_ms >= made.ended_ms && call.started_ms < span.ready_ms
    };
    calls.retain(|call| !asked_too_early(call));
    let (after, until): (Vec<_>, Vec<_>) = calls
        .into_iter()
        .partition(|call| call.started_ms >= span.ready_ms.max(made.ended_ms));
    // The vendor begins in the middle of the call.
    let left = (span.ready_ms - span.started_ms).saturating_sub(made.latency_ms / 2);
    least_of(until) + seconds(left) + least_of(after)
}

/// Calls that were under way at the same time count once, by the longest.
fn least_of(mut calls: Vec<Call>) -> f64 {
    calls.sort_by_key(|call| call.started_ms);
    let mut total = 0;
    let mut together: Option<(u64, u64)> = None;
    for call in calls {
        together = Some(match together {
            Some((end, longest)) if call.started_ms < end => {
                (end.max(call.ended_ms), longest.max(call.latency_ms))
            }
            before => {
                total += before.map_or(0, |(_, longest)| longest);
                (call.ended_ms, call.latency_ms)
            }
        });
    }
    seconds(total + together.map_or(0, |(_, longest)| longest))
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of minutes")]
fn seconds(milliseconds: u64) -> f64 {
    milliseconds as f64 / 1000.0
}

/// Between two times of a document.
pub(super) fn seconds_between(from: &Value, to: &Value) -> f64 {
    let at = |value: &Value| {
        value
            .as_str()
            .and_then(|text| text.parse::<Timestamp>().ok())
    };
    at(from)
        .zip(at(to))
        .map_or(0.0, |(from, to)| to.duration_since(from).as_secs_f64())
}

/// `deploy 51.9 s`: the step that took longest.
pub(super) fn slowest_step(run: &Value) -> String {
    let steps = run["steps"].as_array().into_iter().flatten();
    let slowest = steps
        .map(|step| {
            (
                seconds_between(&step["started_at"], &step["finished_at"]),
                &step["id"],
            )
        })
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    slowest.map_or_else(String::new, |(took, id)| {
        format!("slowest: {} {took:.1} s", id.as_str().unwrap_or_default())
    })
}
