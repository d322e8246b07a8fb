//! What everybody on the machine sees of a program at work (S2): the arguments of every process, and the environment of
//! those that it started.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    time::{Duration, Instant},
};

use fabrik_tests::in_full;
use tokio::{
    io::AsyncWriteExt,
    time::{MissedTickBehavior, interval},
};

use super::encodings::hits;
use crate::world::{Ran, TestApp};

/// How often all processes are looked at, from the beginning of a look to that of the next.
pub(crate) const INTERVAL: Duration = Duration::from_millis(50);

/// What was seen so far.
#[derive(Default)]
pub(crate) struct Watch {
    /// Each once: where it was seen, and what it was.
    seen: BTreeSet<(String, Vec<u8>)>,
    /// How often it was looked.
    pub(crate) looks: usize,
    /// How many processes it saw that the program had started.
    pub(crate) children: usize,
    /// Of which program it looked last, and when.
    last: Option<(u32, Instant)>,
    /// How far apart two looks at the same program began.
    apart: Vec<Duration>,
}

impl Watch {
    /// Runs the command line to its end, and looks all the while.
    pub(crate) async fn run(&mut self, app: &TestApp, arguments: &[&str]) -> Ran {
        self.run_with_input(app, arguments, "").await
    }

    /// The same with this on standard input, which its pipe must have room for.
    pub(crate) async fn run_with_input(
        &mut self,
        app: &TestApp,
        arguments: &[&str],
        input: &str,
    ) -> Ran {
        let mut child = app.spawn(arguments);
        let mut stdin = child.stdin.take().expect("it is piped");
        // A program that reads nothing may have ended by now.
        let _ = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let program = child.id().expect("it has begun");
        let ended = TestApp::ended(child);
        tokio::pin!(ended);
        let mut next = interval(INTERVAL);
        // A look that came late brings no others right after it.
        next.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.look(program);
        next.tick().await;
        loop {
            tokio::select! {
                ran = &mut ended => return ran,
                _ = next.tick() => self.look(program),
            }
        }
    }

    /// How far apart the looks were, for the report.
    pub(crate) fn how_often(&self) -> String {
        let [half, nearly_all, all] = [50, 95, 100].map(|share| self.within(share).as_millis());
        format!(
            "half of them at most {half} ms apart, 95 % at most {nearly_all} ms, all at most {all} ms"
        )
    }

    /// Holds in the full proof how far apart the looks were against how far they are to be, with room for a machine that
    /// has more to do. Elsewhere it may do anything besides.
    pub(crate) fn assert_often(&self) {
        let often = self.within(50) < INTERVAL * 2 && self.within(95) < INTERVAL * 4;
        assert!(!in_full() || often, "the looks: {}", self.how_often());
    }

    /// How far apart so many in a hundred of the looks were at the most.
    fn within(&self, share: usize) -> Duration {
        let mut apart = self.apart.clone();
        apart.sort();
        let last = (apart.len() * share).div_ceil(100).saturating_sub(1);
        apart.get(last).copied().unwrap_or_default()
    }

    /// Looks once: at the arguments of all, and at the environment of what descends from `program`. What it was itself
    /// given is its user's doing.
    pub(crate) fn look(&mut self, program: u32) {
        self.looks += 1;
        let now = Instant::now();
        if let Some((_, before)) = self.last.filter(|(last, _)| *last == program) {
            self.apart.push(now.duration_since(before));
        }
        self.last = Some((program, now));
        let mut parents = BTreeMap::new();
        for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let Some(id) = number(&process.file_name().to_string_lossy()) else {
                continue;
            };
            // It may have ended since.
            let Ok(arguments) = fs::read(process.path().join("cmdline")) else {
                continue;
            };
            self.seen.insert((format!("arguments of {id}"), arguments));
            parents.insert(id, parent(id));
        }
        for id in parents.keys().filter(|id| **id != program) {
            let mut above = *id;
            while let Some(Some(parent)) = parents.get(&above).filter(|_| above != program) {
                above = *parent;
            }
            if above == program
                && runs_its_own(*id)
                && let Ok(environment) = fs::read(format!("/proc/{id}/environ"))
            {
                self.children += 1;
                self.seen
                    .insert((format!("environment of {id}"), environment));
            }
        }
    }

    /// Where a secret was to be seen.
    pub(crate) fn found(&self, name: &str, secret: &str) -> Vec<String> {
        let found = self.seen.iter().flat_map(|(place, content)| {
            let encodings = hits(content, secret).into_iter();
            encodings.map(move |encoding| format!("{name}, {encoding}, in the {place}"))
        });
        found.collect()
    }
}

pub(super) fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}

/// Of a process that is still there.
pub(super) fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name in parentheses may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    number(rest.split_whitespace().nth(1)?)
}

/// Whether what was begun is a program by now. For a moment it is its parent's copy, with what that was given
/// (`PF_FORKNOEXEC`).
fn runs_its_own(id: u32) -> bool {
    const FORKED_ALONE: u32 = 0x40;
    let flags = || {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        number(rest.split_whitespace().nth(6)?)
    };
    flags().is_some_and(|flags| flags & FORKED_ALONE == 0)
}

#[test]
fn looks_are_held_to_how_far_apart_nearly_all_are() {
    let apart = (1..=20).map(|tick| INTERVAL * tick);
    let watch = Watch {
        apart: apart.rev().collect(),
        ..Watch::default()
    };
    let within = [50, 95, 100].map(|share| watch.within(share));
    assert_eq!(within, [10, 19, 20].map(|tick| INTERVAL * tick));
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_token_among_arguments_or_in_a_childs_environment_is_seen() {
    const TOKEN: &str = "ghp_seen0000by0000everybody";
    let mut shell = std::process::Command::new("sh")
        .args(["-c", "sleep 60 & wait", TOKEN])
        .env("A_TOKEN", format!("{TOKEN}-given"))
        .spawn()
        .unwrap();
    let mut watch = Watch::default();
    while watch.children == 0 {
        watch.look(shell.id());
        tokio::time::sleep(INTERVAL).await;
    }
    watch.look(shell.id());
    assert_eq!(watch.apart.len(), watch.looks - 1, "of one program");
    assert!(watch.apart.iter().all(|apart| *apart >= INTERVAL));
    let found = watch.found("it", TOKEN);
    assert!(
        found.iter().any(|place| place.contains("arguments")),
        "{found:?}"
    );
    let found = watch.found("it", &format!("{TOKEN}-given"));
    assert!(
        found.iter().all(|place| place.contains("environment")) && !found.is_empty(),
        "of the child, not of the program itself: {found:?}"
    );
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", shell.id()));
    for child in children.unwrap().split_whitespace() {
        std::process::Command::new("kill")
            .arg(child)
            .status()
            .unwrap();
    }
    shell.wait().unwrap();
}
