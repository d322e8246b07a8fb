//! Two processes press the button at the same moment, 200 times on each kind of database: one of them begins the run, and
//! the other finds it owned. On PostgreSQL every other time by way of the pooler.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    dead_code,
    missing_docs,
    unreachable_pub,
    reason = "a test that can't go on should fail where it stands; its two processes talk by stdout"
)]

#[path = "suite/noon.rs"]
mod noon;
#[path = "suite/samples.rs"]
mod samples;
#[cfg(unix)]
mod server;

#[cfg(unix)]
mod races {
    use std::{
        io::{BufRead, BufReader, Write},
        path::Path,
        process::{Child, Command, Stdio},
        sync::Arc,
    };

    use fabrik_domain::{Cause, id::CustomerId, run::RunState};
    use fabrik_store::{Address, CustomerQuery, Gone, PostgresStore, RunQuery, SqliteStore, Store};
    use fabrik_tests::Proof;

    use crate::{
        noon::Noon,
        samples::{LEASE, add, new_run, to},
        server::Database,
    };

    const RACES: usize = 200;

    /// The store at an address of PostgreSQL's, or in a file. Each process's own clock stands still: no lease ends.
    fn open(place: &str) -> Arc<dyn Store> {
        if place.starts_with("postgres://") {
            let address = Address::parse(place).unwrap();
            Arc::new(PostgresStore::open(address, Arc::new(Noon)).unwrap())
        } else {
            Arc::new(SqliteStore::open(Path::new(place), Arc::new(Noon)).unwrap())
        }
    }

    /// A racer: for each customer named on standard input, tries to begin its run, or to take on the one it has.
    pub async fn race(name: &str, place: &str) {
        let store = open(place);
        println!("ready");
        for line in std::io::stdin().lines() {
            let id: CustomerId = line.unwrap().parse().unwrap();
            let customer = store.customer(id).await.unwrap();
            let begun = store.add_run(new_run(&customer), name, LEASE).await;
            let (lease, how) = match begun {
                Ok((_, lease)) => (lease, "began"),
                Err(problem) => match *problem.cause {
                    Cause::RunActive { run } => {
                        let taken = store.take_run(run, name, LEASE, Gone::default()).await;
                        match taken {
                            Ok(lease) => (lease, "took"),
                            Err(problem) => {
                                assert_eq!(*problem.cause, Cause::RunOwned { run });
                                println!("lost");
                                continue;
                            }
                        }
                    }
                    other => panic!("{other:?}"),
                },
            };
            store.journal(&lease, to(RunState::Running)).await.unwrap();
            println!("{how}");
        }
    }

    struct Racer {
        process: Child,
        output: BufReader<std::process::ChildStdout>,
    }

    impl Racer {
        fn start(name: &str, place: &str) -> Self {
            let mut process = Command::new(std::env::current_exe().unwrap())
                .args(["--race", name, place])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let output = BufReader::new(process.stdout.take().unwrap());
            let mut racer = Self { process, output };
            assert_eq!(racer.says(), "ready");
            racer
        }

        fn go(&mut self, customer: CustomerId) {
            let input = self.process.stdin.as_mut().unwrap();
            writeln!(input, "{customer}").unwrap();
        }

        fn says(&mut self) -> String {
            let mut line = String::new();
            self.output.read_line(&mut line).unwrap();
            line.trim().to_owned()
        }
    }

    pub async fn all() {
        let database = Database::new();
        let (direct, pooled) = (database.direct(), database.pooled());
        let (direct, pooled) = (direct.to_string(), pooled.to_string());
        let proof = Proof::of(
            "P7",
            "two processes begin one customer's run at the same moment, on PostgreSQL",
        );
        let on_a_server = at(&proof, [&direct, &pooled]).await;
        // Told by now: it is not broken where the other is.
        drop(proof);

        let proof = Proof::of(
            "P7",
            "two processes begin one customer's run at the same moment, on SQLite",
        );
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("central.db").display().to_string();
        let in_a_file = at(&proof, [&file, &file]).await;
        println!(
            "test of_two_processes_one_wins ... ok ({on_a_server} and {in_a_file} of {RACES} by the first)"
        );
    }

    /// The races at one database, by two ways in turn; how often the first of the two won.
    async fn at(proof: &Proof, ways: [&str; 2]) -> usize {
        let store = open(ways[0]);
        let mut racers = ways.map(|way| [Racer::start("one", way), Racer::start("two", way)]);
        let mut firsts = 0;
        for number in 0..RACES {
            let (name, subdomain) = (format!("Kund {number}"), format!("kund-{number}"));
            let customer = add(&*store, &name, &subdomain).await;
            let [one, two] = &mut racers[number % 2];
            one.go(customer.id);
            two.go(customer.id);
            let mut said = [one.says(), two.says()];
            firsts += usize::from(said[0] == "began");
            said.sort_unstable();
            assert_eq!(said, ["began", "lost"], "race {number}");
            let query = RunQuery {
                customer: Some(customer.id),
                ..RunQuery::default()
            };
            let runs = store.runs(query).await.unwrap();
            assert_eq!(runs.len(), 1, "race {number}: one run");
            assert_eq!(runs[0].state, RunState::Running, "its winner writes it");
            proof.held(1);
        }
        assert_eq!(
            store
                .customers(CustomerQuery::default())
                .await
                .unwrap()
                .total,
            RACES as u64
        );
        for mut racer in racers.into_iter().flatten() {
            drop(racer.process.stdin.take());
            assert!(racer.process.wait().unwrap().success());
        }
        firsts
    }
}

#[cfg(unix)]
#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match &arguments[..] {
        [_, word, name, place] if word == "--race" => races::race(name, place).await,
        // What test runners ask before they run anything.
        [_, rest @ ..] if rest.iter().any(|argument| argument == "--list") => {
            println!("of_two_processes_one_wins: test");
        }
        _ => races::all().await,
    }
}

#[cfg(not(unix))]
fn main() {}
