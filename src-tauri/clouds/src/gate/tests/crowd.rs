//! Many customers at once, against a vendor that counts for itself: no limit is ever broken, whatever the
//! interleaving; turns are fair; windows are used to the full.

use std::{cmp::Reverse, collections::BinaryHeap};

use proptest::{prelude::*, test_runner::RngSeed};

use super::*;

/// Pseudo-random numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: i64) -> i64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        i64::try_from(self.0 >> 1).unwrap() % most.max(1)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Ask { caller: usize },
    Answer { caller: usize, call: usize },
}

struct Caller {
    customer: usize,
    calls: usize,
}

/// What a crowd is like.
struct Crowd {
    charges: Vec<Charge>,
    customers: usize,
    callers: usize,
    calls: usize,
    /// How long answers take, at most.
    latency: i64,
    /// How late callers come, at most.
    late: i64,
    /// One in so many gives up when it is told to wait; one in so many calls never leaves.
    fickle: i64,
    /// A vendor's fixed windows, told in headers: how many, how long, and how many of the first others use.
    fixed: Option<(u32, i64, u32)>,
    /// From when until when the vendor refuses every call, and for how long it says so.
    outage: Option<(i64, i64, i64)>,
    seed: u64,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            charges: Vec::new(),
            customers: 1,
            callers: 1,
            calls: 1,
            latency: 0,
            late: 0,
            fickle: 0,
            fixed: None,
            outage: None,
            seed: 1,
        }
    }
}

/// A call on its way.
struct Flown {
    pass: Pass,
    /// What the vendor's headers will say is left.
    left: Option<u32>,
    /// For how long the vendor will say that it takes no more.
    shut: Option<i64>,
}

#[derive(Default)]
struct Seen {
    /// When the vendor saw calls, with how many units.
    arrivals: Vec<(i64, u32)>,
    /// Who was let through, and when.
    passes: Vec<(i64, usize)>,
    /// How often somebody was told to wait.
    waits: usize,
    /// How many calls the vendor's own windows refused.
    refused: usize,
    /// When the last call was answered.
    ended: i64,
}

impl Crowd {
    fn run(&self) -> Seen {
        let (clock, gates) = gates();
        let mut dice = Dice(self.seed | 1);
        let ids: Vec<_> = (0..self.customers).map(|_| CustomerId::new()).collect();
        let mut callers: Vec<_> = (0..self.customers * self.callers)
            .map(|index| Caller {
                customer: index / self.callers,
                calls: self.calls,
            })
            .collect();
        let mut events = BinaryHeap::new();
        let mut order = 0;
        let push = |events: &mut BinaryHeap<_>, order: &mut u64, at: i64, event| {
            *order += 1;
            events.push(Reverse((at, *order, event)));
        };
        for caller in 0..callers.len() {
            push(&mut events, &mut order, 0, Event::Ask { caller });
        }
        let mut passes: Vec<Option<Flown>> = Vec::new();
        let mut seen = Seen::default();
        let mut window = (0, 0);
        let mut others = self.fixed.map_or(0, |(.., others)| others);
        while let Some(Reverse((at, _, event))) = events.pop() {
            assert!(order < 2_000_000, "callers are told to come again for ever");
            clock.set(at);
            match event {
                Event::Ask { caller } => {
                    let who = Some(ids[callers[caller].customer]);
                    match gates.enter(who, &self.charges) {
                        Ok(pass) => {
                            seen.passes.push((at, callers[caller].customer));
                            let answer = at + dice.below(self.latency + 1);
                            let arrival = at + dice.below(answer - at + 1);
                            let sent = self.fickle == 0 || dice.below(self.fickle) > 0;
                            let mut left = None;
                            if sent {
                                let units = self.charges[0].units;
                                seen.arrivals.push((arrival, units));
                                if let Some((most, length, _)) = self.fixed {
                                    if arrival >= window.0 {
                                        window = (arrival + length, std::mem::take(&mut others));
                                    }
                                    if window.1 >= most {
                                        seen.refused += 1;
                                    } else {
                                        window.1 += 1;
                                    }
                                    left = Some(most.saturating_sub(window.1));
                                }
                            }
                            let refused = self
                                .outage
                                .filter(|(from, to, _)| (*from..*to).contains(&arrival));
                            let shut = refused.map(|(.., wait)| wait);
                            seen.refused += usize::from(shut.is_some());
                            passes.push(Some(Flown { pass, left, shut }));
                            let call = passes.len() - 1;
                            let event = Event::Answer { caller, call };
                            let sent = i64::from(sent) * (answer - at);
                            push(&mut events, &mut order, at + sent, event);
                        }
                        Err(told) => {
                            seen.waits += 1;
                            let told = told.duration_since(clock.now());
                            let told = at + i64::try_from(told.as_micros()).unwrap();
                            assert!(told > at, "a wait takes time");
                            if self.fickle == 0 || dice.below(self.fickle) > 0 {
                                let late = dice.below(self.late + 1);
                                push(&mut events, &mut order, told + late, Event::Ask { caller });
                            }
                        }
                    }
                }
                Event::Answer { caller, call } => {
                    let Flown { pass, left, shut } = passes[call].take().unwrap();
                    if let Some(wait) = shut {
                        let until = clock.now() + SignedDuration::from_micros(wait);
                        gates.leave(pass, Ending::TooMany(None, until));
                        push(&mut events, &mut order, at + wait, Event::Ask { caller });
                        continue;
                    }
                    let meter = left.map(|remaining| Meter {
                        limit: self.fixed.map(|(most, ..)| most),
                        remaining,
                        resets_in: Duration::from_micros(
                            u64::try_from((window.0 - at).max(0)).unwrap(),
                        ),
                    });
                    let ending = match dice.below(10) {
                        0 if self.fickle > 0 => Ending::Lost,
                        _ => Ending::Answered(meter),
                    };
                    gates.leave(pass, ending);
                    seen.ended = at;
                    callers[caller].calls -= 1;
                    if callers[caller].calls > 0 {
                        push(&mut events, &mut order, at, Event::Ask { caller });
                    }
                }
            }
        }
        seen.arrivals.sort_unstable();
        seen
    }
}

/// The most that arrived in any span of a window.
fn busiest(arrivals: &[(i64, u32)], window: Duration) -> u32 {
    let mut first = 0;
    let (mut units, mut most) = (0, 0);
    for (at, more) in arrivals {
        units += more;
        while arrivals[first].0 + micros(window) <= *at {
            units -= arrivals[first].1;
            first += 1;
        }
        most = most.max(units);
    }
    most
}

fn leaked(limits: Vec<Limit>) -> &'static [Limit] {
    Vec::leak(limits)
}

fn limits() -> impl Strategy<Value = &'static [Limit]> {
    let limit = (1..40u32, 1..120_000u64)
        .prop_map(|(most, window)| Limit::new(most, Duration::from_millis(window)));
    proptest::collection::vec(limit, 1..3).prop_map(leaked)
}

/// What properties are tried with is the proof's to say: see scripts/proof. Elsewhere each run has new values.
#[test]
fn properties_are_tried_with_the_same_values_in_each_full_proof() {
    let seed = ProptestConfig::default().rng_seed;
    assert!(
        !fabrik_tests::in_full() || matches!(seed, RngSeed::Fixed(_)),
        "PROPTEST_RNG_SEED is not set: {seed}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_window_ever_holds_more_than_its_limit(
        limits in limits(),
        (customers, callers, calls) in (1..8usize, 1..5usize, 1..12usize),
        (latency, late) in (0..5_000_000i64, 0..3_000_000i64),
        fickle in prop_oneof![Just(0), 2..20i64],
        seed in any::<u64>(),
    ) {
        let crowd = Crowd {
            charges: vec![charge("class", limits, 1)],
            customers, callers, calls, latency, late, fickle, seed,
            ..Crowd::default()
        };
        let seen = crowd.run();
        for limit in limits {
            let most = busiest(&seen.arrivals, limit.window);
            prop_assert!(most <= limit.most, "{most} in a window of {limit:?}");
        }
        if fickle == 0 {
            prop_assert_eq!(seen.arrivals.len(), customers * callers * calls, "all go out");
        }
    }

    #[test]
    fn units_count_as_they_weigh(
        units in 1..6u32, most in 6..30u32, calls in 1..20usize, seed in any::<u64>(),
    ) {
        let limits = leaked(vec![Limit::new(most, Duration::from_secs(10))]);
        let crowd = Crowd {
            charges: vec![charge("class", limits, units)],
            customers: 3, calls, latency: 400_000, seed,
            ..Crowd::default()
        };
        let seen = crowd.run();
        prop_assert!(busiest(&seen.arrivals, limits[0].window) <= most);
        prop_assert_eq!(seen.arrivals.len(), 3 * calls);
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn turns_are_fair(
        (most, customers, callers) in (1..12u32, 2..14usize, 2..8usize)
            .prop_filter("more ask than may", |(most, customers, callers)| {
                customers * callers >= 2 * usize::try_from(*most).unwrap()
            }),
        (latency, late) in prop_oneof![Just((0, 0)), (0..3_000_000i64, 0..2_000_000i64)],
        seed in any::<u64>(),
    ) {
        let limits = leaked(vec![Limit::new(most, MINUTE)]);
        let calls = 84 / callers;
        let crowd = Crowd {
            charges: vec![charge("class", limits, 1)],
            customers, callers, calls, latency, late, seed,
            ..Crowd::default()
        };
        let seen = crowd.run();
        // Who came first had the first window for itself. From then on all wait, until one has had all it wanted.
        let mut had = vec![0; customers];
        let mut total = vec![0; customers];
        for (at, customer) in seen.passes {
            total[customer] += 1;
            if at > 62 * SECOND {
                had[customer] += 1;
            }
            if total[customer] > callers * (calls - 1) {
                break;
            }
            let share = f64::from(had.iter().sum::<i32>()) / f64::from(u32::try_from(customers).unwrap());
            let off = had.iter().map(|one| (f64::from(*one) - share).abs()).fold(0.0, f64::max);
            // Who comes late has not asked meanwhile: in a window the others go first, with as much as each has of it.
            let of_a_window = (f64::from(most) / f64::from(u32::try_from(customers).unwrap())).ceil();
            let most_off = if late == 0 { 3.0 } else { 3.0 + of_a_window };
            prop_assert!(off <= most_off, "one is {off} turns off its share: {had:?}");
        }
    }

    #[test]
    fn a_vendor_whose_account_others_use_is_not_overrun(
        others in 0..50u32, customers in 1..8usize, seed in any::<u64>(),
    ) {
        const HUNDRED: &[Limit] = &[Limit::new(60, MINUTE)];
        let crowd = Crowd {
            charges: one(HUNDRED),
            customers, callers: 3, calls: 30, seed,
            latency: 200_000,
            fixed: Some((60, 60 * SECOND, others)),
            ..Crowd::default()
        };
        let seen = crowd.run();
        // What is on its way when the first answer tells of the others can't be called back.
        prop_assert!(seen.refused <= customers * 3, "{} were refused", seen.refused);
    }

    #[test]
    fn a_limit_that_the_headers_alone_know_is_not_overrun(
        others in 0..50u32, customers in 1..8usize, latency in 0..3_000_000i64, seed in any::<u64>(),
    ) {
        let crowd = Crowd {
            charges: one(&[]),
            customers, callers: 3, calls: 30, seed, latency,
            fixed: Some((60, 60 * SECOND, others)),
            ..Crowd::default()
        };
        let seen = crowd.run();
        // Until the first answer nothing is known: one call of each caller.
        let known = usize::try_from(60 - others).unwrap();
        let most = (customers * 3).saturating_sub(known);
        prop_assert!(seen.refused <= most, "{} were refused, {most} may be", seen.refused);
        prop_assert_eq!(seen.arrivals.len(), customers * 3 * 30, "all go out");
    }
}

#[test]
fn three_hundred_customers_use_their_hours_to_the_full() {
    const CONTENT: &[Limit] = &[Limit::new(80, MINUTE), Limit::new(500, HOUR)];
    let crowd = Crowd {
        charges: vec![charge("content", CONTENT, 1)],
        customers: 300,
        calls: 4,
        latency: 2_500_000,
        late: 3_000_000,
        ..Crowd::default()
    };
    let seen = crowd.run();
    assert_eq!(seen.arrivals.len(), 1200);
    // Five hundred an hour: the last two hundred begin after two hours, eighty a minute.
    let bound = 2 * 3600 + 2 * 60;
    let took = seen.ended / SECOND;
    assert!(
        took <= bound * 11 / 10,
        "{took} s, where the limits allow {bound} s"
    );
    assert!(
        seen.waits <= 1200 * 3,
        "{} waits: nobody is told to come again and again",
        seen.waits
    );
}

#[test]
fn five_minutes_of_refusals_cost_few_calls() {
    const CORE: &[Limit] = &[Limit::new(5000, HOUR), Limit::at_once(100)];
    for wait in [1, 5, 60] {
        let crowd = Crowd {
            charges: vec![charge("core", CORE, 1)],
            customers: 50,
            callers: 3,
            calls: 10,
            latency: 600_000,
            late: 3_000_000,
            outage: Some((2 * SECOND, 302 * SECOND, wait * SECOND)),
            ..Crowd::default()
        };
        let seen = crowd.run();
        assert_eq!(seen.arrivals.len(), 1500 + seen.refused, "all finish");
        // What was on its way as it began, and then one at a time.
        let most = if wait < 60 { 100 + 300 / wait } else { 150 };
        let refused = i64::try_from(seen.refused).unwrap();
        assert!(refused <= most, "{refused} were refused, {wait} s each");
    }
}

#[test]
fn ten_thousand_who_wait_are_cheap() {
    const CONTENT: &[Limit] = &[Limit::new(80, MINUTE), Limit::new(500, HOUR)];
    let (clock, gates) = gates();
    let charges = [charge("content", CONTENT, 1)];
    for _ in 0..80 {
        call(&gates, None, &charges).unwrap();
    }
    let mut last = clock.now();
    for _ in 0..10_000 {
        let told = call(&gates, Some(CustomerId::new()), &charges).unwrap_err();
        assert!(told >= last, "who comes later goes later");
        last = told;
    }
    // Twenty hours ahead; and a customer's own ten thousand.
    assert!(wait(&clock, last) > 19.0 * 3600.0);
    let who = Some(CustomerId::new());
    for _ in 0..10_000 {
        call(&gates, who, &charges).unwrap_err();
    }
}
