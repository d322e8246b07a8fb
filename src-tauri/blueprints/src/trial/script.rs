//! A file of SQL as it is run: whole, or its first statements.

use fabrik_domain::finding::{Finding, Flaw};

use crate::sql::{Statement, statements};

/// What stands before the file.
const OPEN: &str = "begin;\n";

/// What stands against a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `PostgreSQL` refuses it.
    Said {
        /// The SQLSTATE.
        state: String,
        /// The message, one line.
        message: String,
        /// The character of the script that it is about, from 1.
        position: Option<usize>,
    },
    /// It is at it still when the time for it is over.
    Endless {
        /// How long it was waited for.
        seconds: u64,
    },
}

pub(super) struct Script<'f> {
    pub file: &'f str,
    text: &'f str,
    statements: Vec<Statement<'f>>,
}

impl<'f> Script<'f> {
    pub(super) fn new(file: &'f str, text: &'f str) -> Self {
        Self {
            file,
            text,
            statements: statements(text, 1),
        }
    }

    /// How many statements it has.
    pub(super) fn len(&self) -> usize {
        self.statements.len()
    }

    /// The file in one transaction, as a step applies it.
    pub(super) fn whole(&self) -> String {
        // A file may end in a comment.
        format!("{OPEN}{}\n;\ncommit", self.text)
    }

    /// The first statements, which leave nothing.
    pub(super) fn beginning(&self, count: usize) -> String {
        let last = count
            .checked_sub(1)
            .and_then(|last| self.statements.get(last));
        let end = last.map_or(0, |statement| statement.end);
        format!("{OPEN}{}\n;\nrollback", &self.text[..end])
    }

    /// The statements one by one, each with what stands before it.
    pub(super) fn steps(&self) -> Vec<&'f str> {
        let mut begin = 0;
        let ends = self.statements.iter().map(|statement| statement.end);
        ends.map(|end| &self.text[std::mem::replace(&mut begin, end)..end])
            .collect()
    }

    /// A refusal of it, at the character that is named or else at the statement of this index.
    pub(super) fn finding(
        &self,
        refusal: &Refusal,
        statement: Option<usize>,
        again: bool,
    ) -> Finding {
        let (flaw, position) = match refusal {
            Refusal::Said {
                state,
                message,
                position,
            } => {
                let flaw = Flaw::SqlRefused {
                    again,
                    state: state.clone(),
                    why: message.clone(),
                };
                (flaw, *position)
            }
            Refusal::Endless { seconds } => (Flaw::SqlEndless { seconds: *seconds }, None),
        };
        let line = match position {
            Some(position) => {
                let characters = position.saturating_sub(OPEN.len() + 1);
                let before = self.text.chars().take(characters);
                Some(before.filter(|c| *c == '\n').count() + 1)
            }
            None => statement
                .and_then(|index| self.statements.get(index))
                .map(Statement::line),
        };
        Finding::new(self.file, flaw).line(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_with_its_line() {
        let script = Script::new("a.sql", "select 1;\n-- å\n\nselect x; -- end");
        let refusal = |position| Refusal::Said {
            state: "42703".to_owned(),
            message: "column \"x\" does not exist".to_owned(),
            position,
        };
        let whole = script.whole();
        let at = whole.chars().position(|c| c == 'x').unwrap() + 1;
        assert_eq!(
            script.finding(&refusal(Some(at)), None, false).line,
            Some(4)
        );
        assert_eq!(script.finding(&refusal(None), Some(1), false).line, Some(4));
        assert_eq!(script.finding(&refusal(None), None, false).line, None);
        let endless = Refusal::Endless { seconds: 20 };
        let endless = script.finding(&endless, Some(1), false);
        assert_eq!(endless.line, Some(4));
        assert_eq!(endless.flaw, Flaw::SqlEndless { seconds: 20 });
    }

    #[test]
    fn what_is_run_ends_its_transaction_whatever_the_file_ends_in() {
        let script = Script::new("a.sql", "select 1; select 2 -- end");
        assert_eq!(script.len(), 2);
        assert_eq!(
            script.whole(),
            "begin;\nselect 1; select 2 -- end\n;\ncommit"
        );
        assert_eq!(script.beginning(1), "begin;\nselect 1;\n;\nrollback");
        assert_eq!(script.steps(), ["select 1;", " select 2 -- end"]);
        assert_eq!(script.beginning(0), "begin;\n\n;\nrollback");
    }
}
