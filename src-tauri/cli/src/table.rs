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
        let (headings, rows) = lines(&self.headings, self.cells());
        output.line(strong(headings));
        for row in rows {
            output.line(row);
        }
    }

    /// Those of each row.
    fn cells(&self) -> impl Iterator<Item = &[String]> + Clone {
        self.rows.iter().map(Vec::as_slice)
    }
}

/// The headings' line, and those of the rows.
fn lines<'a>(
    headings: &'a [String],
    rows: impl Iterator<Item = &'a [String]> + Clone,
) -> (String, impl Iterator<Item = String>) {
    // Once for all of them: there may be very many.
    let widths = widths(std::iter::once(headings).chain(rows.clone()));
    let headings = aligned(headings, &widths);
    (headings, rows.map(move |row| aligned(row, &widths)))
}

fn widths<'a>(rows: impl Iterator<Item = &'a [String]>) -> Vec<usize> {
    let mut widths = Vec::new();
    for row in rows {
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
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
    use std::cell::Cell;

    use super::*;

    #[test]
    fn columns_line_up_by_characters_not_bytes() {
        let mut table = Table::new(&["Namn", "Plan"]);
        table.row(["Åkermark".to_owned(), "starter".to_owned()]);
        table.row(["Bo".to_owned(), String::new()]);
        let (headings, rows) = lines(&table.headings, table.cells());
        assert_eq!(headings, "Namn      Plan");
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows, ["Åkermark  starter", "Bo"]);
    }

    #[test]
    fn a_row_is_a_line_whatever_is_in_it() {
        let mut table = Table::new(&["Namn", "Plan"]);
        table.row(["Å\nB\t\u{1b}[2J\0".to_owned(), "starter".to_owned()]);
        let (_, mut rows) = lines(&table.headings, table.cells());
        assert_eq!(
            rows.next().as_deref(),
            Some(r"Å\nB\t\u{1b}[2J\u{0}  starter")
        );
    }

    #[test]
    fn a_row_is_looked_at_twice_however_many_there_are() {
        let mut table = Table::new(&["Rad", "Namn"]);
        for number in 0..1000 {
            table.row([number.to_string(), format!("Kund {number}")]);
        }
        let looks = Cell::new(0);
        let rows = table.cells().inspect(|_| looks.set(looks.get() + 1));
        let (_, lines) = lines(&table.headings, rows);
        let last = lines.last();
        assert_eq!(last.as_deref(), Some("999  Kund 999"));
        assert_eq!(looks.get(), 2 * 1000, "for its width, and for its line");
    }
}
