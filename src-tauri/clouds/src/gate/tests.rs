//! The gates under a clock of the tests' own: what one caller sees. What headers tell is in [`headers`], many at
//! once are in [`crowd`].

mod crowd;
mod headers;
mod restart;

use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use fabrik_domain::{
    gate::{Limit, Meter},
    provider::Provider,
};

use super::*;

const SECOND: i64 = 1_000_000;
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// A clock that stands until it is set. What sleeps by it sleeps for good.
#[derive(Default)]
pub(crate) struct SetClock {
    micros: AtomicI64,
    /// How far the wall clock is off.
    off: AtomicI64,
}

impl SetClock {
    pub(super) fn micros(&self) -> i64 {
        self.micros.load(Ordering::SeqCst)
    }

    pub(super) fn set(&self, micros: i64) {
        self.micros.store(micros, Ordering::SeqCst);
    }

    pub(crate) fn pass(&self, duration: Duration) {
        self.micros.fetch_add(micros(duration), Ordering::SeqCst);
    }

    /// To the time that a caller was told.
    pub(crate) fn pass_until(&self, when: Timestamp) {
        let wait = when.duration_since(self.now());
        self.pass(Duration::try_from(wait).unwrap_or_default());
    }
}

#[async_trait]
impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        let micros = self.micros() + self.off.load(Ordering::SeqCst);
        Timestamp::from_microsecond(1_790_000_000 * SECOND + micros).unwrap()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_micros(u64::try_from(self.micros()).unwrap())
    }

    async fn sleep(&self, _: Duration) {
        std::future::pending::<()>().await;
    }
}

pub(crate) fn gates() -> (Arc<SetClock>, Gates) {
    let clock = Arc::new(SetClock::default());
    let gates = Gates::unkept(Arc::<SetClock>::clone(&clock));
    (clock, gates)
}

fn charge(name: &str, limits: &'static [Limit], units: u32) -> Charge {
    Charge {
        class: Class {
            provider: Provider::GitHub,
            account: "a".to_owned(),
            name: name.to_owned(),
        },
        limits,
        units,
        told: true,
    }
}

fn one(limits: &'static [Limit]) -> Vec<Charge> {
    vec![charge("class", limits, 1)]
}

/// Goes through and is answered at once.
fn call(gates: &Gates, who: Who, charges: &[Charge]) -> Result<(), Timestamp> {
    let pass = gates.enter(who, charges)?;
    gates.leave(pass, Ending::Answered(None));
    Ok(())
}

fn wait(clock: &SetClock, until: Timestamp) -> f64 {
    until.duration_since(clock.now()).as_secs_f64()
}

fn about(seconds: f64, expected: f64) -> bool {
    (seconds - expected).abs() <= expected * 0.02 + 0.02
}

#[test]
fn a_full_window_says_when_it_opens_and_keeps_the_turn() {
    const TWO: &[Limit] = &[Limit::new(2, MINUTE)];
    let (clock, gates) = gates();
    let (early, late) = (Some(CustomerId::new()), Some(CustomerId::new()));
    call(&gates, None, &one(TWO)).unwrap();
    clock.pass(Duration::from_secs(10));
    call(&gates, None, &one(TWO)).unwrap();
    let told = call(&gates, early, &one(TWO)).unwrap_err();
    assert!(
        about(wait(&clock, told), 50.0),
        "when the first call is a minute old"
    );
    let behind = call(&gates, late, &one(TWO)).unwrap_err();
    assert!(
        about(wait(&clock, behind), 60.0),
        "the second place is the second call's"
    );
    clock.pass_until(told);
    let other = Some(CustomerId::new());
    assert!(
        call(&gates, other, &one(TWO)).is_err(),
        "the turn is kept for who waited"
    );
    call(&gates, early, &one(TWO)).expect("its turn has come");
    clock.pass_until(behind);
    call(&gates, late, &one(TWO)).expect("its turn has come");
}

#[test]
fn a_turn_that_nobody_takes_lapses_and_costs_nothing() {
    const TEN: &[Limit] = &[Limit::new(10, MINUTE)];
    let (clock, gates) = gates();
    for _ in 0..10 {
        call(&gates, None, &one(TEN)).unwrap();
    }
    let told: Vec<_> = (0..10)
        .map(|_| call(&gates, Some(CustomerId::new()), &one(TEN)).unwrap_err())
        .collect();
    clock.pass_until(told[9]);
    clock.pass(Duration::from_secs(16));
    for _ in 0..10 {
        call(&gates, Some(CustomerId::new()), &one(TEN)).expect("nobody came for the ten");
    }
    assert!(
        call(&gates, None, &one(TEN)).is_err(),
        "and the limit holds"
    );
}

#[test]
fn a_customer_with_many_calls_waits_for_the_others_turns() {
    const TWO: &[Limit] = &[Limit::new(2, MINUTE)];
    let (clock, gates) = gates();
    let (many, few) = (Some(CustomerId::new()), Some(CustomerId::new()));
    for _ in 0..2 {
        call(&gates, None, &one(TWO)).unwrap();
    }
    let turns: Vec<_> = (0..4)
        .map(|_| call(&gates, many, &one(TWO)).unwrap_err())
        .collect();
    let turn = call(&gates, few, &one(TWO)).unwrap_err();
    assert!(
        about(wait(&clock, turn), 60.0),
        "the second place is not the first customer's second call's"
    );
    assert!(
        about(wait(&clock, turns[3]), 121.0),
        "alone, it was told to come in pairs"
    );
    clock.pass_until(turn);
    call(&gates, many, &one(TWO)).unwrap();
    assert!(call(&gates, many, &one(TWO)).is_err(), "that was its turn");
    call(&gates, few, &one(TWO)).unwrap();
}

#[test]
fn a_call_goes_out_when_all_its_classes_let_it() {
    const NARROW: &[Limit] = &[Limit::new(1, MINUTE), Limit::new(2, HOUR)];
    const WIDE: &[Limit] = &[Limit::new(100, HOUR)];
    let (clock, gates) = gates();
    let both = [charge("wide", WIDE, 5), charge("narrow", NARROW, 1)];
    call(&gates, None, &both).unwrap();
    let told = call(&gates, None, &both).unwrap_err();
    assert!(about(wait(&clock, told), 60.0));
    clock.pass_until(told);
    call(&gates, None, &both).unwrap();
    let told = call(&gates, None, &both).unwrap_err();
    assert!(about(wait(&clock, told), 3540.0), "the hour's limit");
    for _ in 0..18 {
        call(&gates, None, &[charge("wide", WIDE, 5)])
            .expect("who only reads doesn't wait for those who write");
    }
    assert!(call(&gates, None, &[charge("wide", WIDE, 5)]).is_err());
}

#[test]
fn calls_at_the_same_time_are_limited_too() {
    const AT_ONCE: &[Limit] = &[Limit::at_once(2)];
    let (clock, gates) = gates();
    let first = gates.enter(None, &one(AT_ONCE)).unwrap();
    let _second = gates.enter(None, &one(AT_ONCE)).unwrap();
    let told = gates.enter(None, &one(AT_ONCE)).unwrap_err();
    assert!(wait(&clock, told) <= 2.0, "an answer's usual time");
    gates.leave(first, Ending::Answered(None));
    clock.pass_until(told);
    assert!(gates.enter(None, &one(AT_ONCE)).is_ok());
}

#[test]
fn a_call_on_its_way_counts_until_a_window_after_its_answer() {
    const ONE: &[Limit] = &[Limit::new(1, MINUTE)];
    let (clock, gates) = gates();
    let pass = gates.enter(None, &one(ONE)).unwrap();
    clock.pass(Duration::from_secs(61));
    assert!(
        call(&gates, None, &one(ONE)).is_err(),
        "the vendor may have counted it just now"
    );
    gates.leave(pass, Ending::Lost);
    clock.pass(Duration::from_secs(59));
    assert!(call(&gates, None, &one(ONE)).is_err());
    clock.pass(Duration::from_secs(1));
    let pass = gates.enter(None, &one(ONE)).unwrap();
    gates.leave(pass, Ending::NotSent);
    call(&gates, None, &one(ONE)).expect("what was not sent counts nowhere");
}

#[test]
fn of_answers_to_calls_that_overtook_each_other_the_least_counts() {
    let (clock, gates) = gates();
    let left = |remaining| {
        Ending::Answered(Some(Meter {
            limit: Some(500),
            remaining,
            resets_in: Duration::from_secs(30),
        }))
    };
    // The limit is known by the headers alone.
    let class = [charge("getDeployment", &[], 1)];
    let first = gates.enter(None, &class).unwrap();
    let second = gates.enter(None, &class).unwrap();
    gates.leave(second, left(49));
    gates.leave(first, left(0));
    let told = call(&gates, None, &class).unwrap_err();
    assert!(
        wait(&clock, told) >= 30.0,
        "the vendor counted the second first"
    );
}

#[test]
fn the_vendors_word_is_taken() {
    const HUNDRED: &[Limit] = &[Limit::new(100, MINUTE)];
    let (clock, gates) = gates();
    let meter = |limit, remaining, seconds| Meter {
        limit: Some(limit),
        remaining,
        resets_in: Duration::from_secs(seconds),
    };
    let pass = gates.enter(None, &one(HUNDRED)).unwrap();
    let overtaken = gates.enter(None, &one(HUNDRED)).unwrap();
    // Somebody else uses the account.
    gates.leave(overtaken, Ending::Answered(Some(meter(100, 2, 30))));
    gates.leave(pass, Ending::Answered(Some(meter(100, 50, 30))));
    call(&gates, None, &one(HUNDRED)).unwrap();
    call(&gates, None, &one(HUNDRED)).unwrap();
    let told = call(&gates, None, &one(HUNDRED)).unwrap_err();
    assert!(
        (30.0..=31.1).contains(&wait(&clock, told)),
        "two were left, by the answer to the last call"
    );
    clock.pass_until(told);
    let pass = gates.enter(None, &one(HUNDRED)).expect("a new window");
    gates.leave(pass, Ending::Answered(Some(meter(3, 2, 60))));
    clock.pass(Duration::from_secs(61));
    for _ in 0..3 {
        call(&gates, None, &one(HUNDRED)).unwrap();
    }
    assert!(
        call(&gates, None, &one(HUNDRED)).is_err(),
        "three are the account's limit, whatever the documents say"
    );
}

#[test]
fn where_no_document_tells_the_headers_do() {
    let (clock, gates) = gates();
    let class = [charge("getProject", &[], 1)];
    let meter = Meter {
        limit: Some(3),
        remaining: 1,
        resets_in: MINUTE,
    };
    let pass = gates.enter(None, &class).unwrap();
    gates.leave(pass, Ending::Answered(Some(meter)));
    call(&gates, None, &class).unwrap();
    let told: Vec<_> = (0..4)
        .map(|_| call(&gates, Some(CustomerId::new()), &class).unwrap_err())
        .map(|told| wait(&clock, told))
        .collect();
    assert!(
        told[..3].iter().all(|wait| (60.0..=61.1).contains(wait)),
        "{told:?}"
    );
    assert!(told[3] >= 120.0, "the fourth is a window later: {told:?}");
    clock.pass(Duration::from_secs(100));
    for _ in 0..3 {
        call(&gates, None, &class).expect("a new window is like the last");
    }
    assert!(call(&gates, None, &class).is_err());
}

#[test]
fn one_too_many_closes_for_all_and_opens_one_by_one() {
    const HUNDRED: &[Limit] = &[Limit::new(100, MINUTE)];
    let (clock, gates) = gates();
    let pass = gates.enter(None, &one(HUNDRED)).unwrap();
    let flying = gates.enter(None, &one(HUNDRED)).unwrap();
    let until = clock.now() + SignedDuration::from_secs(30);
    gates.leave(pass, Ending::TooMany(None, until));
    let customers: Vec<Who> = (0..5).map(|_| Some(CustomerId::new())).collect();
    for who in &customers {
        let told = call(&gates, *who, &one(HUNDRED)).unwrap_err();
        assert!((30.0..31.0).contains(&wait(&clock, told)));
    }
    // An answer to what went out before says nothing of now.
    gates.leave(flying, Ending::Answered(None));
    clock.pass_until(until);
    clock.pass(Duration::from_millis(10));
    let first = gates.enter(customers[0], &one(HUNDRED)).unwrap();
    let told = gates.enter(customers[1], &one(HUNDRED)).unwrap_err();
    assert!(wait(&clock, told) < 2.0, "as soon as the first is answered");
    let again = clock.now() + SignedDuration::from_secs(60);
    gates.leave(first, Ending::TooMany(None, again));
    clock.pass_until(told);
    let told = call(&gates, customers[1], &one(HUNDRED)).unwrap_err();
    assert!(told >= again, "only one was refused, and all wait on");
    clock.pass_until(told);
    call(&gates, customers[1], &one(HUNDRED)).unwrap();
    for who in &customers[2..] {
        call(&gates, *who, &one(HUNDRED)).expect("one was let in, so all are");
    }
}

#[test]
fn a_vendor_that_says_in_a_second_on_and_on_is_tried_few_times() {
    const HUNDRED: &[Limit] = &[Limit::new(100, MINUTE)];
    let (clock, gates) = gates();
    let ends = clock.now() + SignedDuration::from_mins(5);
    let mut tried = 0;
    while clock.now() < ends {
        match gates.enter(None, &one(HUNDRED)) {
            Ok(pass) => {
                tried += 1;
                let until = clock.now() + SignedDuration::from_secs(1);
                gates.leave(pass, Ending::TooMany(None, until));
            }
            Err(told) => clock.pass_until(told),
        }
    }
    assert!((2..=7).contains(&tried), "{tried} times in five minutes");
}

#[test]
fn setting_the_wall_clock_opens_no_gate_and_shuts_none() {
    const ONE: &[Limit] = &[Limit::new(1, MINUTE)];
    for hours in [24, -24, 1, -1] {
        let (clock, gates) = gates();
        call(&gates, None, &one(ONE)).unwrap();
        clock.off.store(hours * 3600 * SECOND, Ordering::SeqCst);
        let told = call(&gates, None, &one(ONE)).unwrap_err();
        assert!(about(wait(&clock, told), 60.0), "{hours} h");
        clock.pass(Duration::from_secs(61));
        call(&gates, None, &one(ONE)).unwrap();
    }
}

#[test]
fn a_bulk_begins_no_more_than_the_hour_allows() {
    const CONTENT: &[Limit] = &[Limit::new(80, MINUTE), Limit::new(500, HOUR)];
    let (clock, gates) = gates();
    let demand = [charge("content", CONTENT, 2)];
    let customers: Vec<_> = (0..300).map(|_| CustomerId::new()).collect();
    let begun = customers
        .iter()
        .take_while(|customer| gates.reserve(**customer, &demand).is_ok());
    assert_eq!(begun.count(), 250, "two each of five hundred");
    let told = gates.reserve(customers[250], &demand).unwrap_err();
    assert!(told.until > clock.now());
    let content = [charge("content", CONTENT, 1)];
    assert!(
        call(&gates, None, &content).is_err(),
        "what is set aside is nobody else's"
    );
    for customer in &customers[..40] {
        call(&gates, Some(*customer), &content).expect("it was set aside");
        call(&gates, Some(*customer), &content).expect("it was set aside");
    }
    gates.release(customers[249]);
    gates
        .reserve(customers[250], &demand)
        .expect("what one gives back is another's");
    clock.pass(HOUR + MINUTE);
    gates
        .reserve(customers[251], &demand)
        .expect("what nobody used in an hour is free");
    gates.release(customers[251]);
    assert_eq!(
        gates.reserve(customers[252], &[charge("content", CONTENT, 1000)]),
        Ok(()),
        "more than a window holds begins with a window's fill"
    );
}

#[test]
fn a_forecast_counts_windows_ahead() {
    const CONTENT: &[Limit] = &[Limit::new(80, MINUTE), Limit::new(500, HOUR)];
    let (clock, gates) = gates();
    let seconds = |calls| {
        let end = gates.earliest_end(&[charge("content", CONTENT, calls)]);
        wait(&clock, end.unwrap().until)
    };
    assert!(seconds(80) < 0.1, "at once");
    assert!(about(seconds(81), 61.0), "{}", seconds(81));
    assert!(about(seconds(500), 6.0 * 61.0), "{}", seconds(500));
    assert!(about(seconds(600), 3601.0), "{}", seconds(600));
    assert!(seconds(1001) > 7200.0);
    for _ in 0..80 {
        call(&gates, None, &[charge("content", CONTENT, 1)]).unwrap();
    }
    assert!(about(seconds(1), 60.0), "behind what is used");
}
