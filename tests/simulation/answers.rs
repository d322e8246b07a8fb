//! Answers from hell: whatever a vendor says, every call of ours ends in a value or a failure, in bounded time and room
//! (P8). The good answers that are spoiled here are those of whole runs; an operation that neither they nor
//! [`samples`] answer, or that [`calls`] doesn't call, fails the test by its name.

mod calls;
mod documents;
mod samples;
mod spoiled;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use fabrik_clouds::{Call, Http, Transport};
use fabrik_domain::run::OnFailure;
use fabrik_tests::{
    Proof, checkout,
    memory::{Measured, is_alone},
    spoiled::kept,
};
use http::{HeaderMap, Request, Response, StatusCode};
use serde_json::Value;

use self::calls::{CALLS, REQUESTS, Vendors};
use crate::{
    blueprints::BLUEPRINTS,
    world::{PASTS, SimulatedClock, Trial, simulate},
};

/// Answers that each operation gets, every way among them.
const SPOILED: u64 = 200;

/// Operations that are asked for where another was refused, that one, and with what.
const AFTER_A_REFUSAL: [(&str, &str, u16); 2] = [
    ("activateWorkflow", "publishWorkflow", 404),
    ("archiveWorkflow", "deleteWorkflow", 409),
];

/// An answer to each operation, by the vendor's name of it.
pub(crate) type Answers = BTreeMap<String, Value>;

/// Those of whole runs and removals, the longest of each; where they lack one, the sample.
fn good_answers() -> Answers {
    let mut good = Answers::new();
    for blueprint in BLUEPRINTS {
        simulate(async || {
            for past in PASTS {
                let trial = Trial::new(blueprint, past);
                let world = &trial.world;
                world.provision(&trial.customer, OnFailure::Keep).await;
                world.deprovision(&trial.customer).await;
                for (operation, answer) in world.answers() {
                    let length = |value: &Value| value.to_string().len();
                    let longer = |kept: &Value| length(kept) >= length(&answer);
                    if !good.get(&operation).is_some_and(longer) {
                        good.insert(operation, answer);
                    }
                }
            }
        });
    }
    for (operation, sample) in samples::INSTEAD {
        good.insert(
            (*operation).to_owned(),
            serde_json::from_str(sample).unwrap(),
        );
    }
    for (operation, sample) in samples::LACKING {
        let sample = || serde_json::from_str(sample).unwrap();
        good.entry((*operation).to_owned()).or_insert_with(sample);
    }
    good
}

/// The operations that the clients name in their sources.
fn operations() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![checkout().join("src-tauri/clouds/src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let is_test = path.ends_with("tests.rs") || path.ends_with("call.rs");
            for part in code.split("Call::").skip(1).filter(|_| !is_test) {
                let named = part
                    .strip_prefix("reads(\"")
                    .or(part.strip_prefix("changes(\""));
                if let Some((name, _)) = named.and_then(|named| named.split_once('"')) {
                    found.insert(name.to_owned());
                }
            }
        }
    }
    found
}

/// What is answered.
enum Now {
    /// What is good.
    Good,
    /// To this operation the good answer, spoiled by a seed; to others what is good, or the refusal that it comes after.
    Spoiled(String, u64),
    /// This status, with these headers and this body, whatever is asked.
    Kept(StatusCode, HeaderMap, Bytes),
}

/// What the transport below the clients answers with, and what it saw.
struct Hell {
    good: Answers,
    now: Mutex<Now>,
    /// The operations that the call under way asked for.
    asked: Mutex<Vec<String>>,
    /// The seeds by which each operation was answered.
    given: Mutex<BTreeMap<String, BTreeSet<u64>>>,
    /// Of nothing that is known.
    unanswered: Mutex<BTreeSet<String>>,
}

impl Hell {
    fn new() -> Self {
        Self {
            good: good_answers(),
            now: Mutex::new(Now::Good),
            asked: Mutex::default(),
            given: Mutex::default(),
            unanswered: Mutex::default(),
        }
    }

    fn answer(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let operation = request
            .extensions()
            .get::<Call>()
            .map(|call| call.operation);
        let operation = operation.unwrap_or_default().to_owned();
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(operation.clone());
            asked.len()
        };
        assert!(number < REQUESTS, "{operation} goes on for ever");
        let now = self.now.lock().unwrap();
        if let Now::Kept(status, headers, body) = &*now {
            let mut answer = Response::new(body.clone());
            *answer.status_mut() = *status;
            *answer.headers_mut() = headers.clone();
            return answer;
        }
        let Some(good) = self.good.get(&operation) else {
            self.unanswered.lock().unwrap().insert(operation);
            return Response::builder().status(404).body(Bytes::new()).unwrap();
        };
        match &*now {
            Now::Spoiled(of, seed) if *of == operation => {
                let mut given = self.given.lock().unwrap();
                given.entry(operation).or_default().insert(*seed);
                spoiled::answer(good, *seed, number)
            }
            Now::Spoiled(of, _) => {
                let after = AFTER_A_REFUSAL.iter();
                let mut after = after.filter(|(then, first, _)| of == then && operation == *first);
                match after.next() {
                    Some((_, _, status)) => Response::builder()
                        .status(*status)
                        .body(Bytes::new())
                        .unwrap(),
                    None => well(good),
                }
            }
            _ => well(good),
        }
    }

    /// The operations that a call asks for, and those that it would where one of them was refused.
    async fn asked_by(&self, vendors: &Vendors, call: calls::Call) -> BTreeSet<String> {
        let asked = self.meets(Now::Good, vendors, call).await;
        let after = AFTER_A_REFUSAL.iter();
        let after = after.filter(|(_, first, _)| asked.contains(*first));
        let after: Vec<_> = after.map(|(then, ..)| (*then).to_owned()).collect();
        asked.into_iter().chain(after).collect()
    }

    /// Makes a call, and gives the operations that it asked for.
    async fn meets(&self, now: Now, vendors: &Vendors, call: calls::Call) -> BTreeSet<String> {
        *self.now.lock().unwrap() = now;
        self.asked.lock().unwrap().clear();
        call(vendors).await;
        std::mem::take(&mut *self.asked.lock().unwrap())
            .into_iter()
            .collect()
    }
}

#[test]
fn no_answer_panics_goes_on_for_ever_or_fills_the_memory() {
    if !is_alone("answers::no_answer_panics_goes_on_for_ever_or_fills_the_memory").unwrap() {
        return;
    }
    let proof =
        Proof::of("P8", "spoiled answers to each operation of each vendor").from_seeds(SPOILED);
    let hell = Arc::new(Hell::new());
    let measured = Measured::from_now();
    for (name, call) in CALLS {
        simulate(async || {
            let vendors = Vendors::over(http(&hell)).await;
            for operation in hell.asked_by(&vendors, *call).await {
                for seed in 0..SPOILED {
                    let way = spoiled::name(seed);
                    let told = Told(format!("{name}: {operation}: {way}, seed {seed}"));
                    let now = Now::Spoiled(operation.clone(), seed);
                    hell.meets(now, &vendors, *call).await;
                    measured.assert_room(&told.0);
                }
            }
        });
    }
    proof.held(found(&hell, &measured));
    let given = hell.given.lock().unwrap();
    let unanswered = hell.unanswered.lock().unwrap();
    assert!(
        unanswered.is_empty(),
        "no good answer is known to {unanswered:?}: see samples.rs"
    );
    let never: Vec<_> = operations()
        .into_iter()
        .filter(|operation| {
            let seeds = given.get(operation);
            seeds.is_none_or(|seeds| seeds.len() as u64 != SPOILED)
        })
        .collect();
    assert!(
        never.is_empty(),
        "not answered by every seed: {never:?}: see calls.rs"
    );
    proof.held(given.values().map(BTreeSet::len).sum());
}

/// Whose call it is, as in `v.n8n.workflows("lyran")`.
fn client(call: &str) -> &str {
    call.split('.').nth(1).unwrap_or_default().trim()
}

/// What fuzzing has found, and what somebody thought of, tried again: some for each client.
fn found(hell: &Arc<Hell>, measured: &Measured) -> usize {
    let answers = kept("answers").unwrap();
    let lines = answers.iter().map(|one| &*one.line);
    let kept = lines.filter_map(calls::answered);
    let kept: BTreeSet<_> = kept.map(|(name, ..)| client(name)).collect();
    let clients = CALLS.iter().map(|(name, _)| client(name));
    let without: BTreeSet<_> = clients.filter(|client| !kept.contains(client)).collect();
    assert!(
        without.is_empty(),
        "in tests/fuzz/corpus/answers is none to {without:?}"
    );
    simulate(async || {
        let vendors = Vendors::over(http(hell)).await;
        for one in &answers {
            let (name, call, status) = calls::answered(&one.line)
                .unwrap_or_else(|| panic!("{}: {:?} is no call in calls.rs", one.file, one.line));
            let _told = Told(format!("{name}: {}", one.file));
            let (headers, body) = calls::headers_and_body(&one.rest);
            let now = Now::Kept(status, headers, Bytes::copy_from_slice(body));
            hell.meets(now, &vendors, call).await;
            measured.assert_room(&one.file);
        }
    });
    answers.len()
}

#[test]
fn a_kept_answer_begins_with_its_headers() {
    let kept = b"retry-after: 1\nretry-after: \x01\nlink: <\xff>\n{\"a\": 1}\nlink: x";
    let (headers, body) = calls::headers_and_body(kept);
    assert_eq!(
        headers.len(),
        2,
        "what can't be a value is none: {headers:?}"
    );
    assert_eq!(headers["retry-after"], "1");
    assert_eq!(headers["link"].as_bytes(), b"<\xff>");
    assert_eq!(body, b"{\"a\": 1}\nlink: x");
    assert_eq!(calls::headers_and_body(b"{}").1, b"{}", "there may be none");
}

/// A good answer. GitHub tells so what its token may do.
fn well(good: &Value) -> Response<Bytes> {
    let answer = Response::builder().header("x-oauth-scopes", "repo");
    answer.body(good.to_string().into()).unwrap()
}

fn http(hell: &Arc<Hell>) -> Http {
    let hell = Arc::clone(hell);
    let transport = Transport::new(tower::service_fn(move |request: Request<Bytes>| {
        let answer = hell.answer(&request);
        async move { Ok(answer) }
    }));
    Http::new(transport, Arc::new(SimulatedClock::new()))
}

/// Says what was tried where it panics.
struct Told(String);

impl Drop for Told {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "which call, and which answer")]
            {
                eprintln!("{}", self.0);
            }
        }
    }
}
