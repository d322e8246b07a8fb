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
        output.line(strong(self.aligned(&self.headings)));
        for row in &self.rows {
            output.line(self.aligned(row));
        }
    }

    fn aligned(&self, cells: &[String]) -> String {
        let mut line = String::new();
        for (column, cell) in cells.iter().enumerate() {
            let gap = self.width(column).saturating_sub(cell.chars().count());
            line.push_str(cell);
            line.push_str(&" ".repeat(gap + 2));
        }
        line.truncate(line.trim_end().len());
        line
    }

    fn width(&self, column: usize) -> usize {
        std::iter::once(&self.headings)
            .chain(&self.rows)
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    }
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
    use super::*;

    #[test]
    fn columns_line_up_by_characters_not_bytes() {
        let mut table = Table::new(&["Namn", "Plan"]);
        table.row(["Åkermark".to_owned(), "starter".to_owned()]);
        table.row(["Bo".to_owned(), String::new()]);
        assert_eq!(table.aligned(&table.headings), "Namn      Plan");
        assert_eq!(table.aligned(&table.rows[0]), "Åkermark  starter");
        assert_eq!(table.aligned(&table.rows[1]), "Bo");
    }

    #[test]
    fn a_row_is_a_line_whatever_is_in_it() {
        let mut table = Table::new(&["Namn", "Plan"]);
        table.row(["Å\nB\t\u{1b}[2J\0".to_owned(), "starter".to_owned()]);
        assert_eq!(
            table.aligned(&table.rows[0]),
            r"Å\nB\t\u{1b}[2J\u{0}  starter"
        );
    }
}
