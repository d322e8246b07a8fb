//! Quotation marks that somebody forgot in CSV: each would take the rows below it into its cell.
//!
//! A quoted cell may have several lines. It was forgotten to close it where
//! - the file ends within it, or
//! - the text of another cell goes on behind the mark that closes it on a later line.
//!
//! Then the mark is taken away, its row is refused, and the next line is read as a row of its own.

use std::{borrow::Cow, collections::BTreeMap};

use fabrik_domain::{Cause, Problem};

use super::file::surplus;

/// Where a mark opens a cell.
#[derive(Clone, Copy)]
struct Mark {
    /// Its place among the bytes.
    place: usize,
    /// Its line, from 1.
    line: u64,
    /// Its record, as the reader counts them: the heading is 0.
    record: u64,
}

/// What surrounds a byte.
#[derive(Clone, Copy)]
enum At {
    Beginning,
    Plain,
    Quoted,
    Closed,
    Past,
}

/// The marks of a file that were forgotten to be closed.
pub(crate) struct Forgotten {
    file: String,
    /// Their lines, by their records.
    lines: BTreeMap<u64, u64>,
}

impl Forgotten {
    /// The text without the marks that were forgotten to be closed, and where they were. `quote_unclosed` where one stands in
    /// the heading: of no row could be said what its cells are.
    pub(super) fn taken_out<'a>(
        file: &str,
        content: &'a str,
        delimiter: u8,
    ) -> Result<(Cow<'a, [u8]>, Self), Problem> {
        let file = file.to_owned();
        let marks = forgotten(content.as_bytes(), delimiter);
        if let Some(Mark { line, .. }) = marks.iter().find(|mark| mark.record == 0) {
            return Err(Cause::QuoteUnclosed { file, line: *line }.into());
        }
        let mut text = Cow::Borrowed(content.as_bytes());
        for mark in &marks {
            // A space around a cell is not read. What stood behind the mark is no quoted cell by that.
            if let Some(byte) = text.to_mut().get_mut(mark.place) {
                *byte = b' ';
            }
        }
        let lines = marks.iter().map(|mark| (mark.record, mark.line)).collect();
        Ok((text, Self { file, lines }))
    }

    /// What is wrong with how a record is written: a mark that was forgotten in it, else cells beyond the last heading.
    pub(crate) fn fault(&self, record: &csv::StringRecord, columns: usize) -> Option<Problem> {
        let place = record.position().map(csv::Position::record);
        let line = place.and_then(|place| self.lines.get(&place));
        let unclosed = line.map(|line| {
            let (file, line) = (self.file.clone(), *line);
            Problem::from(Cause::QuoteUnclosed { file, line })
        });
        unclosed.or_else(|| surplus(record, columns))
    }
}

/// The marks that were forgotten to be closed, in their order.
fn forgotten(text: &[u8], delimiter: u8) -> Vec<Mark> {
    let mut found = Vec::new();
    let mut here = Mark {
        place: 0,
        line: 1,
        record: 0,
    };
    let (mut at, mut opened) = (At::Beginning, here);
    // Lines without anything are no records.
    let mut is_blank = true;
    loop {
        let byte = text.get(here.place).copied();
        let breaks = matches!(byte, Some(b'\n' | b'\r'));
        let ends = breaks || byte.is_none_or(|byte| byte == delimiter);
        let spans = opened.line < here.line;
        let next = match (at, byte) {
            (At::Quoted, None) => None,
            (_, None) => return found,
            (At::Beginning, Some(b'"')) => {
                opened = here;
                Some(At::Quoted)
            }
            (At::Quoted, Some(b'"')) => Some(At::Closed),
            // Two within a cell stand for one.
            (At::Closed, Some(b'"')) | (At::Quoted, Some(_)) => Some(At::Quoted),
            (_, Some(_)) if ends => Some(At::Beginning),
            (At::Closed | At::Past, Some(b' ')) => Some(At::Past),
            (At::Closed | At::Past, Some(_)) if spans => None,
            (_, Some(_)) => Some(At::Plain),
        };
        let Some(next) = next else {
            // As if the mark were none, from there on.
            found.push(opened);
            here = opened;
            here.place += 1;
            (at, is_blank) = (At::Plain, false);
            continue;
        };
        at = next;
        if matches!(at, At::Beginning) && breaks {
            here.record += u64::from(!is_blank);
            is_blank = true;
        } else {
            is_blank = false;
        }
        here.line += u64::from(byte == Some(b'\n'));
        here.place += 1;
    }
}
