//! Rows under headings, each column as wide as its widest cell.

use crate::output::{Output, strong, visible};

/// Rows of cells.
pub(crate) struct Table {
    headings: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self {
            headings: headings.iter().map(ToString::to_string).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row: as many cells as there are headings. Whatever is in a cell, a row is a line.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells.into_iter().map(|cell| visible(&cell));
        self.rows.push(cells.collect());
    }

    /// Writes it; nothing where there is no row.
    pub(crate) fn print(&self, output: &Output) {
        if self.rows.is_empty() {
            return;
        }
        let (headings, rows) = self.lines();
        output.line(strong(headings));
        for row in rows {
            output.line(row);
        }
    }

    /// The headings' line, and those of the rows.
    fn lines(&self) -> (String, impl Iterator<Item = String>) {
        // Once for all of them: there may be very many.
        let widths = self.widths();
        let headings = aligned(&self.headings, &widths);
        let rows = self.rows.iter();
        (headings, rows.map(move |row| aligned(row, &widths)))
    }

    fn widths(&self) -> Vec<usize> {
        let mut widths = vec![0; self.headings.len()];
        for row in std::iter::once(&self.headings).chain(&self.rows) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        widths
    }
}

fn aligned(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.iter().zip(widths) {
        let gap = width.saturating_sub(cell.chars().count());
        line.push_str(cell);
        line.push_str(&" ".repeat(gap + 2));
    }
    line.truncate(line.trim_end().len());
    line
}

/// Labels and values below each other, indented.
pub(crate) fn facts(output: &Output, facts: &[(&str, String)]) {
    let width = facts
        .iter()
        .map(|(label, _)| label.chars().count())
        .max()
        .unwrap_or(0);
    for (label, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
        let gap = " ".repeat(width - label.chars().count());
        output.line(format_args!("  {label}{gap}  {value}"));
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn columns_line_up_by_characters_not_bytes() {
        let mut table = Table::new(&["Namn", "Plan"]);
        table.row(["Åkermark".to_owned(), "starter".to_owned()]);
        table.row(["Bo".to_owned(), String::new()]);
        let (headings, rows) = table.lines();
        assert_eq!(headings, "Namn      Plan");
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows, ["Åkermark  starter", "Bo"]);
    }

    #[test]
    fn a_row_is_a_line_whatever_is_in_it() {
        let mut table = Table::new(&["Namn", "Plan"]);
        table.row(["Å\nB\t\u{1b}[2J\0".to_owned(), "starter".to_owned()]);
        let (_, mut rows) = table.lines();
        assert_eq!(
            rows.next().as_deref(),
            Some(r"Å\nB\t\u{1b}[2J\u{0}  starter")
        );
    }

    #[test]
    fn a_hundred_thousand_rows_are_lines_within_seconds() {
        let mut table = Table::new(&["Rad", "Namn", "Plan"]);
        for number in 0..100_000 {
            table.row([
                number.to_string(),
                format!("Kund {number}"),
                "starter".to_owned(),
            ]);
        }
        let begun = Instant::now();
        let lines = table.lines().1.zip(0_u32..);
        // Looking at all rows for each of them would take hours.
        for (line, number) in lines {
            assert!(line.ends_with("  starter"), "{line}");
            let took = begun.elapsed();
            assert!(took < Duration::from_mins(1), "{number} lines: {took:?}");
        }
    }
}
