//! What the vendors' headers tell: no more goes out than is left for sure, in whatever order calls are counted
//! and answered.

use super::*;

/// The headers alone know its limit.
fn unknown() -> [Charge; 1] {
    [charge("getDeployment", &[], 1)]
}

/// An answer that tells so many left of so many, for so many seconds.
fn left(limit: u32, remaining: u32, seconds: u64) -> Ending {
    Ending::Answered(Some(Meter {
        limit: Some(limit),
        remaining,
        resets_in: Duration::from_secs(seconds),
    }))
}

#[test]
fn what_is_on_its_way_is_in_no_answer_yet() {
    let (clock, gates) = gates();
    let first = gates.enter(None, &unknown()).unwrap();
    gates.leave(first, left(500, 50, 30));
    let mut flying: Vec<_> = (0..50)
        .map(|_| gates.enter(None, &unknown()).unwrap())
        .collect();
    // The vendor counts the newest first.
    let newest = flying.pop().unwrap();
    gates.leave(newest, left(500, 49, 30));
    let told = gates.enter(None, &unknown()).unwrap_err();
    assert!(
        wait(&clock, told) <= 1.1,
        "more may be left than is sure: the answers tell"
    );
    for remaining in (0..49).rev() {
        let pass = flying.pop().unwrap();
        gates.leave(pass, left(500, remaining, 30));
        let told = gates.enter(None, &unknown());
        assert!(told.is_err(), "{remaining} are left, and all on their way");
    }
    let told = gates.enter(None, &unknown()).unwrap_err();
    assert!(wait(&clock, told) >= 30.0, "none is left");
}

#[test]
fn what_ends_without_a_word_counts_until_a_later_call_is_answered() {
    for ending in [Ending::Lost, Ending::Answered(None)] {
        let (clock, gates) = gates();
        let lost = gates.enter(None, &unknown()).unwrap();
        let answered = gates.enter(None, &unknown()).unwrap();
        gates.leave(answered, left(500, 2, 30));
        gates.leave(lost, ending);
        clock.pass(Duration::from_secs(1));
        let later = gates.enter(None, &unknown()).unwrap();
        assert!(
            gates.enter(None, &unknown()).is_err(),
            "{ending:?}: the vendor may have counted it last"
        );
        gates.leave(later, left(500, 1, 29));
        assert!(
            gates.enter(None, &unknown()).is_ok(),
            "{ending:?}: the later answer knows of it"
        );
        assert!(gates.enter(None, &unknown()).is_err(), "{ending:?}");
    }
}

#[test]
fn what_was_not_sent_is_left() {
    let (_, gates) = gates();
    let first = gates.enter(None, &unknown()).unwrap();
    gates.leave(first, left(500, 2, 30));
    let sent = gates.enter(None, &unknown()).unwrap();
    let unsent = gates.enter(None, &unknown()).unwrap();
    gates.leave(unsent, Ending::NotSent);
    gates.leave(sent, left(500, 1, 30));
    assert!(gates.enter(None, &unknown()).is_ok());
    assert!(gates.enter(None, &unknown()).is_err());
}

#[test]
fn what_is_on_its_way_as_a_window_ends_may_count_in_the_next() {
    let (clock, gates) = gates();
    let first = gates.enter(None, &unknown()).unwrap();
    gates.leave(first, left(3, 2, 60));
    clock.pass(MINUTE);
    let _flying = [(); 2].map(|()| gates.enter(None, &unknown()).unwrap());
    clock.pass(Duration::from_secs(2));
    gates
        .enter(None, &unknown())
        .expect("one of the next three is nobody else's");
    let told = gates.enter(None, &unknown()).unwrap_err();
    assert!(
        wait(&clock, told) <= 1.1,
        "as soon as those before are answered"
    );
}

#[test]
fn a_guess_gives_way_to_an_answer_though_its_call_went_out_before() {
    let (clock, gates) = gates();
    let first = gates.enter(None, &unknown()).unwrap();
    gates.leave(first, left(3, 2, 60));
    clock.pass(MINUTE);
    let before = gates.enter(None, &unknown()).unwrap();
    clock.pass(Duration::from_secs(2));
    // The next window is taken to be like the last, and to begin now.
    let _flying = gates.enter(None, &unknown()).unwrap();
    // Somebody else has used it up.
    gates.leave(before, left(3, 0, 50));
    let told = gates.enter(None, &unknown()).unwrap_err();
    assert!((50.0..=51.1).contains(&wait(&clock, told)));
}

#[test]
fn a_guess_that_was_too_low_gives_way() {
    let (clock, gates) = gates();
    let first = gates.enter(None, &unknown()).unwrap();
    // As a vendor in trouble may say.
    gates.leave(first, left(1, 0, 60));
    clock.pass(Duration::from_secs(62));
    let trial = gates.enter(None, &unknown()).unwrap();
    assert!(gates.enter(None, &unknown()).is_err(), "one is guessed");
    gates.leave(trial, left(500, 499, 60));
    for _ in 0..499 {
        gates
            .enter(None, &unknown())
            .expect("as many as the vendor tells");
    }
    assert!(gates.enter(None, &unknown()).is_err(), "no more are left");
}

#[test]
fn of_two_windows_the_one_that_ends_later_is_the_newer() {
    let (clock, gates) = gates();
    let overtaken = gates.enter(None, &unknown()).unwrap();
    let last = gates.enter(None, &unknown()).unwrap();
    // The later call was counted as a window ended, the earlier one in the next.
    gates.leave(last, left(500, 300, 1));
    gates.leave(overtaken, left(500, 0, 60));
    let told = gates.enter(None, &unknown()).unwrap_err();
    assert!((60.0..=61.1).contains(&wait(&clock, told)));
}

#[test]
fn an_answer_that_was_long_on_its_way_is_of_no_newer_window() {
    let (clock, gates) = gates();
    let slow = gates.enter(None, &unknown()).unwrap();
    let fast = gates.enter(None, &unknown()).unwrap();
    gates.leave(fast, left(60, 0, 60));
    // What it says was so four seconds ago.
    clock.pass(Duration::from_secs(4));
    gates.leave(slow, left(60, 59, 60));
    let told = gates.enter(None, &unknown()).unwrap_err();
    assert!(wait(&clock, told) >= 56.0, "none is left");
}

#[test]
fn windows_that_follow_each_other_are_not_one() {
    const FIVE: &[Limit] = &[Limit::new(5, Duration::from_secs(1))];
    let (clock, gates) = gates();
    let flying = [(); 3].map(|()| gates.enter(None, &one(FIVE)).unwrap());
    // Somebody else uses the limit too, and the vendor tells whole seconds: each answer seems to end the window
    // a little later than the one before. The third is of the next.
    for (pass, remaining) in flying.into_iter().zip([1, 1, 4]) {
        gates.leave(pass, left(5, remaining, 1));
        clock.pass(Duration::from_millis(400));
    }
    for _ in 0..3 {
        gates
            .enter(None, &one(FIVE))
            .expect("four are left, and two of five were used within a second");
    }
    assert!(gates.enter(None, &one(FIVE)).is_err(), "the limit holds");
}
