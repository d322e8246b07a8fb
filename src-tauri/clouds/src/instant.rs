//! Times as the vendors write them, which is not always RFC 3339: with a space for the `T`, with `+00` for an
//! offset, or with none and meant as UTC.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// The instant that a vendor's text names; `None` where it can't be read.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let (civil, offset) = text.rsplit_once('+').unwrap_or((text, "00"));
    let zero = offset.bytes().all(|b| b == b'0' || b == b':');
    let civil: DateTime = civil.trim().parse().ok().filter(|_| zero)?;
    let zoned = civil.to_zoned(TimeZone::UTC).ok()?;
    Some(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_writings_of_an_instant_are_read() {
        let at: Timestamp = "2026-11-21T08:00:00.5Z".parse().unwrap();
        for text in [
            "2026-11-21 08:00:00.5+00",
            "2026-11-21T08:00:00.500Z",
            "2026-11-21T08:00:00.500000",
            "2026-11-21 08:00:00.5",
        ] {
            assert_eq!(read(text), Some(at), "{text}");
        }
        for text in ["soon", "", "2026-11-21 08:00:00+05:30x"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
