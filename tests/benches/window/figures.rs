//! What is measured, and what it may be at most.

use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use crate::{
    window::{
        desktop::Desktop,
        page::{Page, button},
    },
    world::program::release_program,
};

const WORKSPACE: &str = "figures";
/// The program without its sidecar, in MB.
const MOST_PROGRAM: f64 = 60.0;
/// From its start to a thousand customers on the screen, in ms.
const MOST_START: f64 = 1_500.0;
/// The app and its web view with a hundred thousand customers, in MB.
const MOST_MEMORY: f64 = 400.0;
/// A hundred thousand customers from a CSV file, in s.
const MOST_IMPORT: f64 = 10.0;
/// So many starts are measured.
const STARTS: usize = 7;

/// The first frame that shows customers.
const SHOWN: &str = "
    const there = () => document.querySelectorAll('tr[data-customer]').length > 10;
    while (!there()) await new Promise((next) => new MutationObserver((_, watcher) => {
      if (there()) { watcher.disconnect(); next(); }
    }).observe(document, { subtree: true, childList: true }));
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    return Date.now();";

/// Goes through the list as somebody who looks for something does.
const LOOK_AROUND: &str = "
    const scroller = document.querySelector('table').parentElement;
    for (let frame = 0; frame < 200; frame += 1) {
      scroller.scrollTop += frame % 50 === 49 ? scroller.scrollHeight / 5 : 60;
      await new Promise((drawn) => requestAnimationFrame(drawn));
    }
    scroller.scrollTop = 0;
    return document.querySelectorAll('tr[data-customer]').length;";

/// Prints all of them, and fails where one is missed.
pub(crate) async fn print() -> ExitCode {
    let app = release_program("fabrik-desktop");
    println!("\nThe window, as it is installed");
    let mut reached = true;
    reached &= figure(
        "the program without its sidecar",
        megabytes(file_size(&app)),
        "MB",
        MOST_PROGRAM,
    );
    reached &= start(&app).await;
    reached &= many(&app).await;
    if reached {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn figure(what: &str, value: f64, unit: &str, most: f64) -> bool {
    let reached = value <= most;
    let verdict = if reached { "reached" } else { "MISSED" };
    println!("  {what:46} {value:7.1} {unit:6} at most {most}: {verdict}");
    reached
}

async fn start(app: &Path) -> bool {
    let (desktop, _) = with_customers(app, 1_000);
    see_guide(&desktop).await;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let begun = since_epoch();
        let shown = desktop
            .window("figures-start", |page| async move {
                page.run_async(SHOWN).await.as_f64().expect("a moment")
            })
            .await;
        times.push(shown - begun.as_secs_f64() * 1_000.0);
    }
    times.sort_by(f64::total_cmp);
    let median = times[STARTS / 2];
    let all = times.iter().fold(String::new(), |mut all, time| {
        let _ = write!(all, " {time:.0}");
        all
    });
    println!("  {STARTS} starts, until they are painted:{all} ms");
    figure(
        "from the start to 1,000 customers, median",
        median,
        "ms",
        MOST_START,
    )
}

async fn many(app: &Path) -> bool {
    let (desktop, imported) = with_customers(app, 100_000);
    let soon = figure(
        "100,000 customers from a CSV file",
        imported.as_secs_f64(),
        "s",
        MOST_IMPORT,
    );
    see_guide(&desktop).await;
    let app = app.to_owned();
    let taken = desktop
        .window("figures-memory", |page| async move {
            page.run_async(SHOWN).await;
            page.run_async(LOOK_AROUND).await;
            // What is searched is held in memory from then on.
            page.write("//input[@aria-label='Filtrera kunder']", "kund-9999")
                .await;
            page.until(
                "the hits",
                "return document.querySelector('table').getAttribute('aria-rowcount')",
                |rows| rows == "12",
            )
            .await;
            let taken = memory_of(&app);
            for (name, bytes) in &taken {
                println!("  {name:46} {:7.1} MB", megabytes(*bytes));
            }
            taken.iter().map(|(_, bytes)| bytes).sum()
        })
        .await;
    let small = figure(
        "with 100,000 customers, scrolled and searched",
        megabytes(taken),
        "MB",
        MOST_MEMORY,
    );
    soon && small
}

/// Whoever has customers has seen the guide.
async fn see_guide(desktop: &Desktop) {
    desktop
        .window("figures-guide", |page: Page| async move {
            // The list has its heading before its rows, as the guide has before its buttons.
            let first = page
                .until(
                    "the first page",
                    "return document.querySelector('tr[data-customer]') ? 'list'
                        : [...document.querySelectorAll('button')]
                            .some((button) => button.textContent === 'Hoppa över guiden') ? 'guide' : null",
                    Value::is_string,
                )
                .await;
            if first == "guide" {
                page.press(&button("Hoppa över guiden")).await;
            }
            page.run_async(SHOWN).await;
        })
        .await;
}

/// The app with so many customers, in a workspace with no accounts; and how long their import took.
fn with_customers(app: &Path, many: usize) -> (Desktop, Duration) {
    let mut desktop = Desktop::new().of(app.to_owned());
    desktop.set("FABRIK_WORKSPACE", WORKSPACE);
    let mut rows = "name,subdomain,contact_email,plan,credits\n".to_owned();
    for number in 0..many {
        let _ = writeln!(
            rows,
            "Kund {number},kund-{number},info@kund-{number}.example,starter,{}",
            (number * 7_919) % 5_000
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("customers.csv");
    fs::write(&file, rows).unwrap();
    let begun = Instant::now();
    let imported = Command::new(release_program("fabrik"))
        .args(["--workspace", WORKSPACE, "--json", "customers", "import"])
        .arg(&file)
        .env("FABRIK_DATA_DIR", desktop.data())
        .output()
        .unwrap();
    assert!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    (desktop, begun.elapsed())
}

fn since_epoch() -> Duration {
    #[expect(clippy::disallowed_methods, reason = "compared with the page's clock")]
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

fn file_size(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

#[expect(clippy::cast_precision_loss, reason = "a figure to be read")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// What the app and the processes of its web view take, each page that several share divided between them.
fn memory_of(app: &Path) -> Vec<(String, u64)> {
    let processes: Vec<(u32, u32, PathBuf)> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            // After the name, which may hold anything: the state, then the parent.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            let program = fs::read_link(entry.path().join("exe")).ok()?;
            Some((id, parent.parse().ok()?, program))
        })
        .collect();
    let mut family: Vec<u32> = processes
        .iter()
        .filter(|(_, _, program)| program == app)
        .map(|(id, _, _)| *id)
        .collect();
    let mut seen = 0;
    while seen < family.len() {
        let parent = family[seen];
        let children = processes.iter().filter(|(_, of, _)| *of == parent);
        let new: Vec<u32> = children
            .map(|(id, _, _)| *id)
            .filter(|id| !family.contains(id))
            .collect();
        family.extend(new);
        seen += 1;
    }
    assert!(family.len() > 1, "the app has a web view");
    family
        .iter()
        .map(|id| {
            let name = processes
                .iter()
                .find(|(other, _, _)| other == id)
                .and_then(|(_, _, program)| program.file_name())
                .unwrap_or_default();
            let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).unwrap();
            let share: u64 = rollup
                .lines()
                .find_map(|line| line.strip_prefix("Pss:"))
                .and_then(|rest| rest.trim().strip_suffix(" kB"))
                .expect("the share of the memory")
                .parse()
                .unwrap();
            (name.to_string_lossy().into_owned(), share * 1024)
        })
        .collect()
}
