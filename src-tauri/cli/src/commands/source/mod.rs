//! `fabrik source`: an agency's own table of customers.

mod words;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use fabrik_app::{
    Address, App, EnteredSecret, Preset,
    views::{ConnectedSource, SourceLook, SourcePreview, SourceReport, SourceView},
};
use fabrik_domain::{
    Cause, Problem,
    mapping::{Mapping, Relation, SourceField},
    secret::Secret,
};

use self::words::{Changes, column, meaning, result, word};
use crate::{
    exit::Exit,
    output::{Output, visible},
    secret_input,
    session::Session,
    table::Table,
    words::{self as texts, Label, problem_lines},
};

/// `fabrik source …`.
#[derive(Subcommand)]
pub(crate) enum Source {
    /// The tables in a database, and what could be read from one
    Look {
        /// The database's address, without a password
        #[arg(value_name = "URL")]
        url: String,
        /// The system that it belongs to
        #[arg(long, value_parser = preset())]
        preset: Option<Preset>,
        /// The table or view that customers are read from
        #[arg(long)]
        table: Option<String>,
    },
    /// Connects a table, or changes how it is read
    Connect(Box<Connect>),
    /// What is connected, and what came of it
    Show,
    /// Takes customers over now, and writes the results that are still to be written
    Refresh,
    /// Keeps the server's password in this machine's keyring
    Password,
    /// Disconnects the table; customers that came from it stay
    Disconnect,
}

/// `fabrik source connect`: what is not said is proposed by the columns that are there, or stays as it is.
#[derive(Args)]
pub(crate) struct Connect {
    /// The database's address, without a password; else the one that is connected
    #[arg(value_name = "URL")]
    url: Option<String>,
    /// The system that it belongs to
    #[arg(long, value_parser = preset())]
    preset: Option<Preset>,
    /// The table or view that customers are read from
    #[arg(long)]
    table: Option<String>,
    /// What a column holds, such as `name=company`; an empty column leaves the field out
    #[arg(long = "map", value_name = "FIELD=COLUMN", value_parser = column)]
    columns: Vec<words::Column>,
    /// What a word in the column of statuses means: pending, active, inactive, request or none
    #[arg(long = "status", value_name = "WORD=STATUS", value_parser = meaning)]
    statuses: Vec<words::Meant>,
    /// The table that results are written to; an empty one writes none
    #[arg(long, value_name = "TABLE")]
    write_to: Option<String>,
    /// The column of that table that holds the customer's id, by which a result finds its row
    #[arg(long, value_name = "COLUMN")]
    result_key: Option<String>,
    /// The column that a result goes to, such as `error=last_error`; an empty column leaves it out
    #[arg(long = "result", value_name = "FIELD=COLUMN", value_parser = result)]
    results: Vec<words::ResultColumn>,
    /// The table's word for a result's status, such as `succeeded=live`; an empty word leaves the status as it is
    #[arg(long = "word", value_name = "RESULT=WORD", value_parser = word)]
    result_words: Vec<words::ResultWord>,
    /// The blueprint of the customers
    #[arg(long)]
    blueprint: Option<String>,
    /// The plan of those that say none
    #[arg(long)]
    plan: Option<String>,
    /// Shows ten rows as customers, and everything that is wrong
    #[arg(long)]
    dry_run: bool,
}

fn preset() -> impl TypedValueParser<Value = Preset> {
    PossibleValuesParser::new(Preset::ALL.map(Preset::key)).map(|name| {
        let found = Preset::ALL.into_iter().find(|preset| preset.key() == name);
        found.unwrap_or(Preset::Factory)
    })
}

/// Runs it.
pub(crate) async fn run(command: Source, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    match command {
        Source::Look { url, preset, table } => {
            let (url, password) = typed(session, url)?;
            let table = table.as_deref().map(Relation::from);
            let look = app.source_look(Some(url), password, preset, table).await?;
            session.answer(&look, |out| show_look(session, out, &look))?;
            Ok(Exit::Done)
        }
        Source::Connect(connect) => self::connect(session, &app, *connect).await,
        Source::Show => show(session, &app.source_judged().await?),
        Source::Refresh => {
            let report = app.source_refresh().await?;
            let rows = || report.untold.iter().chain(&report.refusals);
            let refused = || rows().flat_map(|row| &row.problems);
            session.answer_with(&report, refused().next(), |out| {
                show_report(session, out, &report);
            })?;
            Ok(refused()
                .map(Exit::of_problem)
                .fold(Exit::Done, Exit::worse))
        }
        Source::Password => {
            let password = password(session)?;
            show(session, &app.source_password(password).await?)
        }
        Source::Disconnect => show(session, &app.source_disconnect().await?),
    }
}

fn password(session: &Session) -> Result<EnteredSecret, Problem> {
    let prompt = format!("{}: ", Label::DatabasePassword.get(session.language));
    secret_input::read(&prompt)
}

/// An address as it was typed, and the password that is asked for.
fn typed(
    session: &Session,
    url: String,
) -> Result<(EnteredSecret, Option<EnteredSecret>), Problem> {
    // What is read from an argument is in the shell's history already, and in every list of processes.
    if Address::parse(&url)?.password().is_some() {
        return Err(Problem::from(Cause::DatabaseUrlInvalid)
            .detail(Label::PasswordLeftOut.get(session.language)));
    }
    Ok((EnteredSecret(Secret::from(url)), Some(password(session)?)))
}

async fn connect(session: &Session, app: &App, connect: Connect) -> Result<Exit, Problem> {
    let address = connect.url.clone();
    let address = address.map(|url| typed(session, url)).transpose()?;
    // Each call takes a secret of its own.
    let address = || match &address {
        Some((url, password)) => (
            Some(EnteredSecret(url.0.clone())),
            password.as_ref().map(|one| EnteredSecret(one.0.clone())),
        ),
        None => (None, None),
    };
    let begins_anew = connect.url.is_some() || connect.preset.is_some() || connect.table.is_some();
    let table = connect.table.as_deref().map(Relation::from);
    let mut mapping = if begins_anew {
        let (url, password) = address();
        let look = app
            .source_look(url, password, connect.preset, table.clone())
            .await?;
        look.mapping.ok_or_else(|| Cause::SourceTableMissing {
            table: table.map_or_else(|| "?".to_owned(), |table| table.to_string()),
        })?
    } else {
        let connected = app.source_get().await?.connected;
        connected.ok_or(Cause::SourceAbsent)?.mapping
    };
    let changes = Changes {
        columns: connect.columns,
        statuses: connect.statuses,
        write_to: connect.write_to,
        results: connect.results,
        result_key: connect.result_key,
        result_words: connect.result_words,
        blueprint: connect.blueprint,
        plan: connect.plan,
    };
    if let Some(target) = changes.target(&mapping) {
        let (url, password) = address();
        let results_to = app.source_results_to(url, password, connect.preset, mapping, target);
        mapping = results_to.await?;
    }
    changes.make(&mut mapping);
    let (url, password) = address();
    if connect.dry_run {
        let preview = app.source_preview(url, password, mapping.clone()).await?;
        return show_preview(session, &mapping, &preview);
    }
    show(session, &app.source_connect(url, password, mapping).await?)
}

fn show(session: &Session, view: &SourceView) -> Result<Exit, Problem> {
    session.answer(view, |out| match &view.connected {
        None => out.line(Label::NoSource.get(session.language)),
        Some(ConnectedSource {
            place,
            mapping,
            problem,
            report,
            untold,
            ..
        }) => {
            out.line(place);
            show_mapping(session, out, mapping);
            if *untold > 0 {
                let label = Label::ResultsWaiting.get(session.language);
                out.line(format_args!("{label}: {untold}"));
            }
            if let Some(problem) = problem {
                for line in problem_lines(session.language, problem) {
                    out.line(line);
                }
            }
            if let Some(report) = report {
                show_report(session, out, report);
            }
        }
    })?;
    Ok(Exit::Done)
}

fn show_mapping(session: &Session, out: &Output, mapping: &Mapping) {
    let language = session.language;
    out.line(format_args!(
        "{}: {}",
        Label::ReadFrom.get(language),
        mapping.table
    ));
    let read = mapping.columns.iter();
    for (field, column) in read.map(|(field, column)| (field.key(), column)) {
        out.line(format_args!("  {field} = {column}"));
    }
    let Some(results) = &mapping.results else {
        return;
    };
    let label = Label::WrittenTo.get(language);
    out.line(format_args!(
        "{label}: {} ({} = {})",
        results.table,
        SourceField::ExternalId.key(),
        results.key
    ));
    for (field, column) in &results.columns {
        out.line(format_args!("  {} = {column}", field.key()));
    }
}

fn show_look(session: &Session, out: &Output, look: &SourceLook) {
    let Some(mapping) = &look.mapping else {
        for table in &look.tables {
            out.line(table);
        }
        return;
    };
    show_mapping(session, out, mapping);
    let headings = [Label::Column, Label::Type];
    let mut table = Table::new(&headings.map(|label| label.get(session.language)));
    for column in &look.columns {
        table.row([column.name.clone(), column.kind.clone()]);
    }
    table.print(out);
}

/// What is told beside what is wrong: nothing is refused for it.
fn show_kept_back(session: &Session, out: &Output, kept_back: Option<&Problem>) {
    for line in kept_back
        .iter()
        .flat_map(|problem| problem_lines(session.language, problem))
    {
        out.line(line);
    }
}

fn show_report(session: &Session, out: &Output, report: &SourceReport) {
    for (label, count) in [
        (Label::RowsThere, report.rows),
        (Label::RowsAdded, report.added),
        (Label::RowsAsked, report.asked),
        (Label::RowsChanged, report.changed),
        (Label::RowsUnchanged, report.unchanged),
        (Label::RowsSkipped, report.skipped),
        (Label::RowsRefused, report.refused),
        (Label::RowsAbsent, report.absent),
        (Label::ResultsWritten, report.told),
    ] {
        out.line(format_args!("{}: {count}", label.get(session.language)));
    }
    show_kept_back(session, out, report.kept_back.as_ref());
    for row in report.untold.iter().chain(&report.refusals) {
        let (key, name) = (visible(&row.key), visible(&row.name));
        out.line(format_args!("{key} {name}:"));
        for line in row
            .problems
            .iter()
            .flat_map(|problem| problem_lines(session.language, problem))
        {
            out.line(format_args!("  {line}"));
        }
    }
}

fn show_preview(
    session: &Session,
    mapping: &Mapping,
    preview: &SourcePreview,
) -> Result<Exit, Problem> {
    let language = session.language;
    let of_rows = preview.rows.iter().flat_map(|row| &row.problems);
    let all = || preview.problems.iter().chain(of_rows.clone());
    session.answer_with(preview, all().next(), |out| {
        show_mapping(session, out, mapping);
        for problem in &preview.problems {
            for line in problem_lines(language, problem) {
                out.line(line);
            }
        }
        show_kept_back(session, out, preview.kept_back.as_ref());
        let headings = [
            Label::ExternalId,
            Label::Name,
            Label::Subdomain,
            Label::Email,
            Label::Plan,
            Label::Result,
        ];
        let mut table = Table::new(&headings.map(|label| label.get(language)));
        for row in &preview.rows {
            let of = |text: fn(&fabrik_domain::customer::NewCustomer) -> &String| {
                row.customer.as_ref().map(text).cloned().unwrap_or_default()
            };
            let why: Vec<_> = row
                .problems
                .iter()
                .map(|problem| texts::problem(language, problem).message)
                .collect();
            let result = match (&row.customer, why.is_empty()) {
                (Some(_), _) if row.asks => Label::WouldAsk.get(language).to_owned(),
                (Some(_), _) => Label::WouldBeAdded.get(language).to_owned(),
                (None, true) => Label::NoCustomer.get(language).to_owned(),
                (None, false) => why.join("; "),
            };
            table.row([
                row.key.clone(),
                row.name.clone(),
                of(|new| &new.subdomain),
                of(|new| &new.contact_email),
                of(|new| &new.plan),
                result,
            ]);
        }
        table.print(out);
    })?;
    Ok(all().map(Exit::of_problem).fold(Exit::Done, Exit::worse))
}
