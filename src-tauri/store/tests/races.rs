//! Two processes press the button at the same moment, 200 times: one of them begins the run, and one takes it on
//! when it is free. Every other time by way of the pooler.
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
        process::{Child, Command, Stdio},
        sync::Arc,
    };

    use fabrik_domain::{Cause, id::CustomerId, run::RunState};
    use fabrik_store::{Address, CustomerQuery, Gone, PostgresStore, RunQuery, Store};
    use fabrik_tests::Proof;

    use crate::{
        noon::Noon,
        samples::{LEASE, add, new_run, to},
        server::Database,
    };

    const RACES: usize = 200;

    /// Each process's own clock stands still: what counts is the server's.
    fn open(address: Address) -> PostgresStore {
        PostgresStore::open(address, Arc::new(Noon)).unwrap()
    }

    /// A racer: for each customer named on standard input, tries to begin its run, or to take on the one it has.
    pub async fn race(name: &str, url: &str) {
        let store = open(Address::parse(url).unwrap());
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
        fn start(name: &str, address: &Address) -> Self {
            let mut process = Command::new(std::env::current_exe().unwrap())
                .args(["--race", name, &address.to_string()])
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
        let proof = Proof::of(
            "P7",
            "two processes begin one customer's run at the same moment, on PostgreSQL",
        );
        let database = Database::new();
        let store = open(database.direct());
        let mut racers = [
            [
                Racer::start("one", &database.direct()),
                Racer::start("two", &database.direct()),
            ],
            [
                Racer::start("one", &database.pooled()),
                Racer::start("two", &database.pooled()),
            ],
        ];
        let mut firsts = 0;
        for number in 0..RACES {
            let customer = add(&store, &format!("Kund {number}"), &format!("kund-{number}")).await;
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
        println!("test of_two_processes_one_wins ... ok ({firsts} of {RACES} by the first)");
    }
}

#[cfg(unix)]
#[tokio::main]
async fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    match &arguments[..] {
        [_, word, name, url] if word == "--race" => races::race(name, url).await,
        // What test runners ask before they run anything.
        [_, rest @ ..] if rest.iter().any(|argument| argument == "--list") => {
            println!("of_two_processes_one_wins: test");
        }
        _ => races::all().await,
    }
}

#[cfg(not(unix))]
fn main() {}
