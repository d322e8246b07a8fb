//! Quotation marks that somebody forgot in CSV: each would take the rows below it into its cell.
//!
//! A quoted cell may have several lines. It was forgotten to close it where
//! - the file ends within it,
//! - the text of another cell goes on behind the mark that closes it on a later line, or
//! - its own line and each below it, down to the one that closes it, has by itself as many cells as there are headings, of
//!   which there are three at least: two cells are any sentence with a comma.
//!
//! Then the mark is taken away, its row is refused, and the next line is read as a row of its own.

use std::{borrow::Cow, collections::BTreeMap};

use fabrik_domain::{Cause, Problem};

use super::file::surplus;

/// So many headings at least tell rows from the lines of a text.
const HEADINGS: usize = 3;

/// Where a mark opens a cell.
#[derive(Clone, Copy)]
struct Mark {
    /// Its place among the bytes.
    place: usize,
    /// Its line, from 1.
    line: u64,
    /// Its record, as the reader counts them: the heading is 0.
    record: u64,
    /// How many cells the record has up to it, its own among them.
    cells: usize,
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
        cells: 1,
    };
    let (mut at, mut opened, mut headings) = (At::Beginning, here, 0);
    // Lines without anything are no records.
    let mut is_blank = true;
    loop {
        let byte = text.get(here.place).copied();
        let breaks = matches!(byte, Some(b'\n' | b'\r'));
        let ends = breaks || byte.is_none_or(|byte| byte == delimiter);
        let spans = opened.line < here.line;
        let next = match (at, byte) {
            (At::Quoted, None) => None,
            (At::Closed | At::Past, _)
                if ends && spans && are_rows(text, opened, here.place, delimiter, headings) =>
            {
                None
            }
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
            if !is_blank {
                if here.record == 0 {
                    headings = here.cells;
                }
                here.record += 1;
            }
            (here.cells, is_blank) = (1, true);
        } else {
            here.cells += usize::from(matches!(at, At::Beginning));
            is_blank = false;
        }
        here.line += u64::from(byte == Some(b'\n'));
        here.place += 1;
    }
}

/// Whether a cell of several lines is rows rather than a text, by how many cells each of its lines has by itself.
fn are_rows(text: &[u8], opened: Mark, closed: usize, delimiter: u8, headings: usize) -> bool {
    if headings < HEADINGS {
        return false;
    }
    let begun = text.get(opened.place..).unwrap_or_default();
    let behind = text.get(closed..).unwrap_or_default();
    let rest = behind.split(|byte| *byte == b'\n').next();
    let length = closed - opened.place + rest.map_or(0, <[u8]>::len);
    let begun = begun.get(..length).unwrap_or_default();
    let mut cells = begun
        .split(|byte| *byte == b'\n')
        .map(|line| line.split(|byte| *byte == delimiter).count());
    let own = cells.next().unwrap_or_default();
    opened.cells + own == headings + 1 && cells.all(|cells| cells == headings)
}
