//! `fabrik customers import-members`.

use std::path::Path;

use fabrik_app::{
    App,
    views::{MemberRow, MemberVerdict},
};
use fabrik_domain::{Problem, id::CustomerId, language::Language};

use super::import::{content, name};
use crate::{
    exit::Exit,
    session::Session,
    table::Table,
    words::{self, Label},
};

/// Imports a file of members; `-` is standard input. Rows that are refused end it with exit code 3; the good ones are
/// added all the same.
pub(crate) async fn import(
    session: &Session,
    app: &App,
    customer: CustomerId,
    file: &Path,
    dry_run: bool,
) -> Result<Exit, Problem> {
    let language = session.language;
    let import = app
        .members_import(customer, name(file), content(file)?, dry_run)
        .await?;
    let refused = || import.rows.iter().flat_map(|row| &row.problems);
    session.answer_with(&import, refused().next(), |out| {
        let headings = [Label::Line, Label::Name, Label::Email, Label::Result];
        let mut table = Table::new(&headings.map(|label| label.get(language)));
        for row in &import.rows {
            table.row([
                row.line.to_string(),
                row.name.clone(),
                row.email.clone().unwrap_or_default(),
                result(language, row, dry_run),
            ]);
        }
        table.print(out);
        if !import.ignored.is_empty() {
            let label = Label::ColumnsIgnored.get(language);
            out.line(format_args!("{label}: {}", import.ignored.join(", ")));
        }
        let added = import.count(MemberVerdict::Added);
        let label = match (dry_run, added) {
            (true, _) => Label::WouldBeAdded,
            (false, 1) => Label::Added,
            (false, _) => Label::AddedMany,
        };
        let (of, label) = (Label::Of.get(language), label.get(language));
        out.line(format_args!("{added} {of} {} {label}", import.rows.len()));
        if dry_run {
            out.line(Label::DryRun.get(language));
        }
    })?;
    Ok(refused()
        .map(Exit::of_problem)
        .fold(Exit::Done, Exit::worse))
}

fn result(language: Language, row: &MemberRow, dry_run: bool) -> String {
    let say = |label: Label| label.get(language);
    match row.verdict {
        MemberVerdict::Added if dry_run => say(Label::WouldBeAdded).to_owned(),
        MemberVerdict::Added => say(Label::Added).to_owned(),
        MemberVerdict::Unchanged => say(Label::ThereAlready).to_owned(),
        MemberVerdict::Different => {
            let differs: Vec<_> = row.differs.iter().map(|field| field.key()).collect();
            format!("{} {}", say(Label::ThereOtherwise), differs.join(", "))
        }
        MemberVerdict::Refused => {
            let problems = row.problems.iter().map(|problem| {
                let text = words::problem(language, problem);
                format!("{}. {}", text.message, text.hint)
            });
            let why = problems.collect::<Vec<_>>().join(" ");
            format!("{}: {why}", say(Label::Refused))
        }
    }
}
