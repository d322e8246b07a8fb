//! When a limit lifts, and what is left of it: the vendors' headers count in different units.

use std::time::Duration;

use fabrik_domain::gate::Meter;
use http::{HeaderMap, header};
use jiff::{SignedDuration, Timestamp, fmt::rfc2822::DateTimeParser};

/// What a vendor's reset header counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reset {
    /// Seconds from now, in this header: Supabase's `x-ratelimit-reset`, Resend's `ratelimit-reset`.
    FromNow(&'static str),
    /// Seconds since 1970, in this header: GitHub's and Vercel's `x-ratelimit-reset`.
    Epoch(&'static str),
    /// The vendor has none.
    Unknown,
}

/// The wait where the vendor doesn't say.
const UNTOLD: SignedDuration = SignedDuration::from_mins(1);
/// No vendor's window is longer; what says so is garbage.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// An instant in the past would let calls go out at once, and be refused at once.
const SHORTEST: SignedDuration = SignedDuration::from_secs(1);

/// When to ask again: `retry-after` (seconds or a date) first, then the vendor's reset, else a minute.
/// Between a second and a day from now.
pub(crate) fn until(headers: &HeaderMap, reset: Reset, now: Timestamp) -> Timestamp {
    let wait = retry_after(headers, now)
        .or_else(|| until_reset(headers, reset, now))
        .unwrap_or(UNTOLD);
    now.saturating_add(wait.clamp(SHORTEST, LONGEST))
        .unwrap_or(now)
}

fn until_reset(headers: &HeaderMap, reset: Reset, now: Timestamp) -> Option<SignedDuration> {
    match reset {
        Reset::FromNow(name) => seconds(headers, name),
        Reset::Epoch(name) => {
            let at = Timestamp::from_second(number(headers, name)?).ok()?;
            Some(at.duration_since(theirs(headers, now)))
        }
        Reset::Unknown => None,
    }
}

/// The time by the vendor's clock, where it tells: what it names is an instant of that one. By a clock of ours that
/// is a minute fast, a window of a minute is over as it begins. It tells whole seconds that have begun, so what is
/// waited is up to a second longer.
fn theirs(headers: &HeaderMap, now: Timestamp) -> Timestamp {
    date(headers, header::DATE.as_str()).unwrap_or(now)
}

fn date(headers: &HeaderMap, name: &str) -> Option<Timestamp> {
    let text = headers.get(name)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text).ok()
}

/// What the headers say of the limit they speak of; `None` where they say too little. The vendors name the
/// three alike: `…-limit`, `…-remaining`, `…-reset`.
pub(crate) fn meter(headers: &HeaderMap, reset: Reset, now: Timestamp) -> Option<Meter> {
    let (Reset::FromNow(name) | Reset::Epoch(name)) = reset else {
        return None;
    };
    let family = name.strip_suffix("reset")?;
    let count = |what: &str| {
        let count = number(headers, &[family, what].concat())?;
        u32::try_from(count).ok()
    };
    // The window ends somewhere within the second that is named.
    let within = match reset {
        Reset::Epoch(_) => SignedDuration::from_secs(1),
        _ => SignedDuration::ZERO,
    };
    let resets_in = until_reset(headers, reset, now)?.saturating_add(within);
    let resets_in = resets_in.clamp(SignedDuration::ZERO, LONGEST);
    Some(Meter {
        limit: count("limit"),
        remaining: count("remaining")?,
        resets_in: Duration::try_from(resets_in).ok()?,
    })
}

/// Which of the vendor's counters the headers speak of, where it says so: GitHub's `core`, `search` …
pub(crate) fn resource(headers: &HeaderMap) -> Option<&str> {
    headers.get("x-ratelimit-resource")?.to_str().ok()
}

fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    let name = header::RETRY_AFTER.as_str();
    seconds(headers, name)
        .or_else(|| Some(date(headers, name)?.duration_since(theirs(headers, now))))
}

fn seconds(headers: &HeaderMap, name: &str) -> Option<SignedDuration> {
    number(headers, name).map(SignedDuration::from_secs)
}

/// A whole number; of a decimal one, the next greater.
fn number(headers: &HeaderMap, name: &str) -> Option<i64> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = whole.parse::<i64>().ok().filter(|n| *n >= 0)?;
    let up = i64::from(fraction.bytes().any(|b| b != b'0'));
    Some(whole.saturating_add(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&'static str, &str)], reset: Reset) -> i64 {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        until(&map, reset, now).as_second() - now.as_second()
    }

    #[test]
    fn each_vendor_counts_in_its_own_unit() {
        let supabase = Reset::FromNow("x-ratelimit-reset");
        let github = Reset::Epoch("x-ratelimit-reset");
        assert_eq!(
            wait(&[("x-ratelimit-reset", "42")], supabase),
            42,
            "seconds from now"
        );
        assert_eq!(
            wait(&[("x-ratelimit-reset", "1790000042")], github),
            42,
            "seconds since 1970"
        );
        assert_eq!(
            wait(
                &[("ratelimit-reset", "0.2")],
                Reset::FromNow("ratelimit-reset")
            ),
            1
        );
    }

    #[test]
    fn retry_after_comes_first_and_may_be_a_date() {
        let github = Reset::Epoch("x-ratelimit-reset");
        let both = [("retry-after", "7"), ("x-ratelimit-reset", "1790003600")];
        assert_eq!(wait(&both, github), 7);
        // 1790000000 is 2026-09-21T14:13:20Z.
        assert_eq!(
            wait(&[("retry-after", "Mon, 21 Sep 2026 14:13:50 GMT")], github),
            30
        );
    }

    #[test]
    fn nonsense_waits_a_minute_and_never_past_a_day() {
        let epoch = Reset::Epoch("x-ratelimit-reset");
        assert_eq!(wait(&[], epoch), 60);
        for odd in ["", "soon", "-5", "1e9", "NaN"] {
            assert_eq!(
                wait(&[("retry-after", odd)], epoch),
                60,
                "{odd:?} tells nothing"
            );
        }
        assert_eq!(wait(&[("retry-after", "99999999999")], epoch), 86_400);
        assert_eq!(
            wait(&[("x-ratelimit-reset", "1789999000")], epoch),
            1,
            "the past is now"
        );
        assert_eq!(
            wait(&[("x-ratelimit-reset", "9223372036854775807")], epoch),
            60
        );
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    #[test]
    fn what_is_left_is_read_in_each_vendors_unit() {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let expected = Some(Meter {
            limit: Some(120),
            remaining: 7,
            resets_in: Duration::from_secs(42),
        });
        let supabase = headers(&[
            ("x-ratelimit-limit", "120"),
            ("x-ratelimit-remaining", "7"),
            ("x-ratelimit-reset", "42"),
        ]);
        assert_eq!(
            meter(&supabase, Reset::FromNow("x-ratelimit-reset"), now),
            expected
        );
        let github = headers(&[
            ("x-ratelimit-limit", "120"),
            ("x-ratelimit-remaining", "7"),
            ("x-ratelimit-reset", "1790000042"),
        ]);
        assert_eq!(
            meter(&github, Reset::Epoch("x-ratelimit-reset"), now),
            expected.map(|meter| Meter {
                resets_in: Duration::from_secs(43),
                ..meter
            }),
            "not before the second is over that is named"
        );
        let resend = headers(&[("ratelimit-remaining", "7"), ("ratelimit-reset", "42")]);
        let told = meter(&resend, Reset::FromNow("ratelimit-reset"), now).unwrap();
        assert_eq!((told.limit, told.remaining), (None, 7));
        for odd in [
            headers(&[("x-ratelimit-remaining", "7")]),
            headers(&[("x-ratelimit-reset", "42")]),
            headers(&[("x-ratelimit-remaining", "-1"), ("x-ratelimit-reset", "1")]),
            headers(&[
                ("x-ratelimit-remaining", "99999999999"),
                ("x-ratelimit-reset", "1"),
            ]),
        ] {
            assert_eq!(
                meter(&odd, Reset::FromNow("x-ratelimit-reset"), now),
                None,
                "{odd:?}"
            );
        }
    }

    #[test]
    fn a_clock_that_is_off_waits_as_long_as_told() {
        // 1790000000 is 2026-09-21T14:13:20Z.
        let github = headers(&[
            ("date", "Mon, 21 Sep 2026 14:13:20 GMT"),
            ("x-ratelimit-remaining", "0"),
            ("x-ratelimit-reset", "1790000042"),
        ]);
        let dated = headers(&[
            ("date", "Mon, 21 Sep 2026 14:13:20 GMT"),
            ("retry-after", "Mon, 21 Sep 2026 14:14:02 GMT"),
        ]);
        let reset = Reset::Epoch("x-ratelimit-reset");
        for off in [-86_400, -100, -5, 0, 5, 100, 86_400] {
            let now = Timestamp::from_second(1_790_000_000 + off).unwrap();
            let told = meter(&github, reset, now).unwrap();
            assert_eq!(
                told.resets_in,
                Duration::from_secs(43),
                "by the vendor's clock, where ours is {off} s off"
            );
            for headers in [&github, &dated] {
                let wait = until(headers, reset, now).duration_since(now);
                assert_eq!(wait.as_secs(), 42, "{off} s off: {headers:?}");
            }
        }
    }
}
