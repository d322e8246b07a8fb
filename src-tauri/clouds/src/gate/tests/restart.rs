//! Long windows across a restart, and between two processes.

use fabrik_domain::{Problem, gate::LONG};

use super::*;

const CONTENT: &[Limit] = &[Limit::new(80, MINUTE), Limit::new(500, HOUR)];
const SHORT: &[Limit] = &[Limit::new(80, MINUTE)];

/// Windows in memory, as the store keeps them.
#[derive(Default)]
struct Memory(Mutex<HashMap<(String, String), Window>>);

#[async_trait]
impl Windows for Memory {
    async fn load(&self) -> Result<Vec<Window>, Problem> {
        Ok(self.0.lock().unwrap().values().cloned().collect())
    }

    fn save(&self, window: Window) {
        let key = (window.class.name.clone(), window.writer.clone());
        self.0.lock().unwrap().insert(key, window);
    }
}

impl Memory {
    fn rows(&self) -> Vec<Window> {
        futures::executor::block_on(self.load()).unwrap()
    }
}

fn process(clock: &Arc<SetClock>, memory: &Arc<Memory>, writer: &str) -> Gates {
    let clock = Arc::<SetClock>::clone(clock);
    let memory = Arc::<Memory>::clone(memory);
    let gates = Gates::new(clock, Arc::<Memory>::clone(&memory), writer.to_owned());
    gates.remember(&memory.rows());
    gates
}

/// As many as go out until one is told to wait, at least so long.
fn exhaust(clock: &SetClock, gates: &Gates, at_least: f64) -> usize {
    let mut sent = 0;
    loop {
        match call(gates, None, &[charge("content", CONTENT, 1)]) {
            Ok(()) => sent += 1,
            Err(told) if wait(clock, told) >= at_least => return sent,
            Err(told) => clock.pass_until(told),
        }
    }
}

#[test]
fn an_hour_is_not_spent_twice() {
    let (clock, memory) = (Arc::default(), Arc::default());
    let first = process(&clock, &memory, "first");
    assert_eq!(exhaust(&clock, &first, 300.0), 500);
    drop(first);
    clock.pass(Duration::from_mins(10));
    let second = process(&clock, &memory, "second");
    let told = call(&second, None, &[charge("content", CONTENT, 1)]).unwrap_err();
    // Six minutes to send them, and ten: the first is free after an hour, and a piece of it.
    let wait = wait(&clock, told);
    assert!((2600.0..2760.0).contains(&wait), "{wait}");
    clock.pass_until(told);
    assert_eq!(exhaust(&clock, &second, 300.0), 500, "the hour after");
    let rows = memory.rows();
    let row = rows.iter().find(|row| row.writer == "second").unwrap();
    assert!(row.used.len() <= 61 && row.ends > clock.now(), "{row:?}");
}

#[test]
fn two_processes_share_an_hour() {
    let (clock, memory) = (Arc::default(), Arc::default());
    let one = process(&clock, &memory, "one");
    let other = process(&clock, &memory, "other");
    let mut sent = 0;
    for _ in 0..40 {
        for gates in [&one, &other] {
            gates.remember(&memory.rows());
            for _ in 0..20 {
                sent += usize::from(call(gates, None, &[charge("content", CONTENT, 1)]).is_ok());
            }
        }
        clock.pass(Duration::from_secs(30));
    }
    assert_eq!(sent, 500, "within twenty minutes, whoever sends");
}

#[test]
fn what_is_kept_is_what_is_long() {
    let (clock, memory) = (Arc::default(), Arc::default());
    let first = process(&clock, &memory, "first");
    call(&first, None, &[charge("short", SHORT, 1)]).unwrap();
    assert_eq!(memory.rows(), [], "a minute is over before a restart");
    let pass = first.enter(None, &[charge("short", SHORT, 1)]).unwrap();
    let long = clock.now() + SignedDuration::try_from(LONG * 10).unwrap();
    first.leave(pass, Ending::TooMany(None, long));
    assert_eq!(memory.rows().len(), 1, "a long closure is kept");
    let second = process(&clock, &memory, "second");
    let told = call(&second, None, &[charge("short", SHORT, 1)]).unwrap_err();
    assert!(told >= long);
}

#[test]
fn rows_of_a_clock_that_was_set_do_not_shut_a_gate_for_good() {
    let (clock, memory): (Arc<SetClock>, _) = (Arc::default(), Arc::default());
    clock.off.store(86_400 * SECOND, Ordering::SeqCst);
    let first = process(&clock, &memory, "first");
    exhaust(&clock, &first, 300.0);
    clock.off.store(0, Ordering::SeqCst);
    let second = process(&clock, &memory, "second");
    let told = call(&second, None, &[charge("content", CONTENT, 1)]).unwrap_err();
    assert!(
        wait(&clock, told) <= 3601.0,
        "at most a window from now, though the rows are a day ahead"
    );
}
