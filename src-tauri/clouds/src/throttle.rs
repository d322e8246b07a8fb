//! When a limit lifts: the vendors' headers count in different units.

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
        .or_else(|| match reset {
            Reset::FromNow(name) => seconds(headers, name),
            Reset::Epoch(name) => {
                let at = Timestamp::from_second(number(headers, name)?).ok()?;
                Some(at.duration_since(now))
            }
            Reset::Unknown => None,
        })
        .unwrap_or(UNTOLD);
    now.saturating_add(wait.clamp(SHORTEST, LONGEST))
        .unwrap_or(now)
}

fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<SignedDuration> {
    seconds(headers, header::RETRY_AFTER.as_str()).or_else(|| {
        let date = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
        let at = DateTimeParser::new().parse_timestamp(date).ok()?;
        Some(at.duration_since(now))
    })
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
}
