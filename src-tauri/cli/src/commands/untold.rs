//! What the agency's own table doesn't say yet: a word beside the answer, with how to go on.

use fabrik_domain::{Problem, language::Language};

use crate::{
    output::warning,
    words::{self, Label},
};

/// Of a customer, or of who asks to be one: what the table lacks, and why.
pub(super) fn lines(language: Language, name: &str, what: Label, problem: &Problem) -> Vec<String> {
    let what = what.get(language);
    let mut lines = vec![warning(format_args!("{name}: {what}"))];
    let why = words::problem_lines(language, problem);
    lines.extend(why.into_iter().map(|line| format!("  {line}")));
    let then = Label::WriteResult.get(language);
    lines.push(format!("  → {then}: fabrik source refresh"));
    lines
}
