//! Answers of JSON as types, in bounded room: a few bytes of text can become a hundred times as much in memory.

use bytes::Bytes;
use fabrik_domain::failure::Failure;
use http::Response;
use serde::de::DeserializeOwned;

use crate::{Call, classify};

/// Values in an answer, above which it is none. A server's hundred largest workflows hold fewer.
const MOST_VALUES: usize = 250_000;

/// An answer shorter than this holds no more than that takes, whatever it holds.
const SHORT: usize = 512 * 1024;

/// What all pages of a list may hold together, in bytes.
const LIST: usize = 16 * 1024 * 1024;

/// What is left of the room for a list that comes in pages.
#[derive(Debug)]
pub(crate) struct Room(usize);

impl Room {
    /// For a whole list.
    pub(crate) const fn for_list() -> Self {
        Self(LIST)
    }

    /// Takes so many bytes in; whether there was room for them.
    pub(crate) fn takes(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// Decodes an answer of JSON. What it says of a fault holds nothing of the answer, which may be secret.
pub(crate) fn decode<T: DeserializeOwned>(
    response: &Response<Bytes>,
    call: Call,
) -> Result<T, Failure> {
    let body = response.body();
    let refused = |why: &str| classify::unreadable(call, response.headers(), why);
    if body.len() > SHORT && values(body) > MOST_VALUES {
        return Err(refused("JSON of too many parts"));
    }
    serde_json::from_slice(body).map_err(|error| {
        let kind = match error.classify() {
            serde_json::error::Category::Data => "unexpected JSON",
            serde_json::error::Category::Eof => "truncated JSON",
            _ => "no JSON",
        };
        let (line, column) = (error.line(), error.column());
        refused(&format!("{kind} at line {line} column {column}"))
    })
}

/// About how many values a text of JSON holds: those behind a comma or an opening bracket.
fn values(text: &[u8]) -> usize {
    let (mut count, mut within_text, mut escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = within_text,
            b'"' => within_text = !within_text,
            b',' | b'[' | b'{' if !within_text => count += 1,
            _ => {}
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_texts() {
        for (text, count) in [
            ("{}", 1),
            (r#"{"a": 1, "b": [1, 2]}"#, 4),
            (r#"["a, [b], {c}", "\", ["]"#, 2),
            ("\"\\\\\", 1", 1),
        ] {
            assert_eq!(values(text.as_bytes()), count, "{text}");
        }
    }

    #[test]
    fn an_answer_that_would_fill_the_memory_is_none() {
        let answer = |text: String| Response::new(Bytes::from(text));
        let many = answer(format!("[{}0]", "0,".repeat(2 * MOST_VALUES)));
        assert!(decode::<Vec<u8>>(&many, Call::reads("x")).is_err());
        let long = answer(format!("[\"{}\"]", "x,".repeat(2 * MOST_VALUES)));
        assert!(decode::<Vec<String>>(&long, Call::reads("x")).is_ok());
    }

    #[test]
    fn a_list_has_room_for_so_many_pages() {
        let mut room = Room::for_list();
        let taken = (0..6).filter(|_| room.takes(LIST / 4)).count();
        assert_eq!(taken, 4);
    }
}
