//! `fabrik credentials import`: an `.env` file of an older system.

use std::path::Path;

use fabrik_app::App;
use fabrik_domain::Problem;

use crate::{
    exit::Exit,
    secret_input,
    session::Session,
    table::Table,
    words::{self, Label, Term},
};

/// Reads the file, and keeps what is known in it unless `dry_run`. Lines that can't be used end it with the
/// worst of their exit codes; the good ones are kept all the same.
pub(crate) async fn run(
    session: &Session,
    app: &App,
    file: &Path,
    dry_run: bool,
) -> Result<Exit, Problem> {
    let language = session.language;
    let import = app
        .env_import(secret_input::read_file(file)?, dry_run)
        .await?;
    let refused = || {
        import
            .entries
            .iter()
            .filter_map(|entry| entry.problem.as_ref())
    };
    session.answer_with(&import, refused().next(), |out| {
        if import.entries.is_empty() {
            out.line(Label::NoVariables.get(language));
            return;
        }
        let headings = [Label::Variable, Label::Result, Label::Goes, Label::Value];
        let mut table = Table::new(&headings.map(|label| label.get(language)));
        for entry in &import.entries {
            table.row([
                entry.name.clone(),
                entry.verdict.word(language).to_owned(),
                entry.target.clone().unwrap_or_default(),
                entry.shown.clone().unwrap_or_default(),
            ]);
        }
        table.print(out);
        for entry in &import.entries {
            if let (Some(source), Some(target)) = (entry.overruled, &entry.target) {
                let holds = Label::OtherHolds.get(language);
                out.line(format_args!(
                    "{}: {target}: {holds} ({})",
                    entry.name,
                    source.word(language)
                ));
            }
            let Some(problem) = &entry.problem else {
                continue;
            };
            out.line(format_args!("{}:", entry.name));
            for line in words::problem_lines(language, problem) {
                out.line(format_args!("  {line}"));
            }
        }
        if !import.done {
            out.line(Label::DryRun.get(language));
        }
    })?;
    Ok(refused()
        .map(Exit::of_problem)
        .fold(Exit::Done, Exit::worse))
}
