//! `fabrik customers import` and `export`.

use std::{convert::Infallible, io::Read, path::Path, sync::Arc, time::Duration};

use clap::ValueEnum;
use fabrik_app::{
    App, Progress, text_of,
    views::{ExportFormat, ImportedRow},
};
use fabrik_domain::{Cause, Problem, customer::Customer};
use indicatif::{ProgressBar, ProgressDrawTarget};
use serde_json::json;

use crate::{
    exit::Exit,
    interrupt,
    output::error_line,
    session::Session,
    table::Table,
    words::{self, Label},
};

/// Of a file with more rows than these, only those that are refused are listed.
const SHOWN: usize = 500;

/// How often it is looked how far an import has come.
const LOOK: Duration = Duration::from_millis(200);

/// The format of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Comma-separated values
    #[default]
    Csv,
    /// JSON
    Json,
}

/// Imports a file; `-` is standard input. Rows that name no blueprint or plan get those given. Rows that are refused end it
/// with exit code 3; the good ones are kept all the same.
pub(crate) async fn import(
    session: &Session,
    app: &App,
    file: &Path,
    dry_run: bool,
    blueprint: Option<String>,
    plan: Option<String>,
) -> Result<Exit, Problem> {
    let language = session.language;
    let progress = Arc::new(Progress::default());
    let import = app.import(
        name(file),
        content(file)?,
        dry_run,
        blueprint,
        plan,
        &progress,
    );
    let import = tokio::select! {
        import = import => import?,
        never = watch(session, &progress) => match never {},
    };
    let refused = || import.rows.iter().flat_map(|row| &row.problems);
    session.answer_with(&import, refused().next(), |out| {
        let headings = [
            Label::Line,
            Label::Name,
            Label::Subdomain,
            Label::Blueprint,
            Label::Plan,
            Label::Result,
        ];
        let mut table = Table::new(&headings.map(|label| label.get(language)));
        let listed = |row: &&ImportedRow| import.rows.len() <= SHOWN || row.customer.is_none();
        for row in import.rows.iter().filter(listed) {
            let of = |field: fn(&Customer) -> &String| {
                let field = row.customer.as_ref().map(field);
                field.cloned().unwrap_or_default()
            };
            let result = match (&row.customer, dry_run) {
                (Some(_), false) => Label::Added,
                (Some(_), true) => Label::WouldBeAdded,
                (None, _) => Label::Refused,
            };
            let why: Vec<_> = row
                .problems
                .iter()
                .map(|problem| {
                    let text = words::problem(language, problem);
                    format!("{}. {}", text.message, text.hint)
                })
                .collect();
            let why = if why.is_empty() {
                String::new()
            } else {
                format!(": {}", why.join(" "))
            };
            table.row([
                row.line.to_string(),
                row.name.clone(),
                of(|customer| &customer.subdomain),
                of(|customer| &customer.blueprint),
                of(|customer| &customer.plan),
                format!("{}{why}", result.get(language)),
            ]);
        }
        table.print(out);
        if import.rows.len() > SHOWN {
            out.line(Label::RefusedListed.get(language));
        }
        if let Some(blueprint) = &import.assumed {
            let assumed = Label::BlueprintAssumed.get(language);
            out.line(format_args!("{assumed}: {blueprint} (--blueprint)"));
        }
        let of = Label::Of.get(language);
        let added = match (dry_run, import.added) {
            (true, _) => Label::WouldBeAdded,
            (false, 1) => Label::Added,
            (false, _) => Label::AddedMany,
        };
        out.line(format_args!(
            "{} {of} {} {}",
            import.added,
            import.rows.len(),
            added.get(language)
        ));
        if dry_run {
            out.line(Label::DryRun.get(language));
        }
    })?;
    Ok(refused()
        .map(Exit::of_problem)
        .fold(Exit::Done, Exit::worse))
}

/// Shows how far an import has come. Where the program is to end, it stops, and says so itself.
async fn watch(session: &Session, progress: &Progress) -> Infallible {
    let cancel = interrupt::cancels();
    // Draws nothing where there is no terminal.
    let bar = ProgressBar::hidden();
    if !session.quiet && !session.json {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
    loop {
        tokio::time::sleep(LOOK).await;
        if cancel.is_cancelled() {
            progress.stop();
        }
        let (done, total) = progress.now();
        bar.set_length(total);
        bar.set_position(done);
        if session.json && !session.quiet {
            error_line(json!({ "import": { "done": done, "total": total } }));
        }
    }
}

/// Prints all customers as the file that an import reads; CSV in a document where documents are asked for.
pub(crate) async fn export(session: &Session, app: &App, format: Format) -> Result<Exit, Problem> {
    let written = match format {
        Format::Csv => ExportFormat::Csv,
        Format::Json => ExportFormat::Json,
    };
    let text = app.customers_export(written, &[]).await?;
    if session.json && format == Format::Csv {
        let document = json!({ "format": "csv", "content": text });
        session.output.document(&document);
        return Ok(Exit::Done);
    }
    session.output.text(&text);
    if !text.ends_with('\n') {
        session.output.line("");
    }
    Ok(Exit::Done)
}

/// What a file is called.
pub(super) fn name(file: &Path) -> String {
    file.file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// What is in a file; `-` is standard input.
pub(super) fn content(file: &Path) -> Result<String, Problem> {
    let read = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    read.map(text_of).map_err(|error| {
        Cause::FileUnreadable {
            file: file.display().to_string(),
            why: error.to_string(),
        }
        .into()
    })
}
