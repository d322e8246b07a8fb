//! `fabrik credentials`. A value goes in and never comes out.

use std::{ffi::OsStr, path::PathBuf};

use clap::{
    Arg, Command, Error, Subcommand,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};
use fabrik_app::{
    App,
    views::{Credential, CredentialsPage},
};
use fabrik_domain::{Cause, Problem, language::Language, provider::Provider};
use serde_json::json;

use super::env_import;
use crate::{
    exit::Exit,
    output::Output,
    secret_input,
    session::Session,
    table::Table,
    words::{self, Label, Term, local},
};

/// `fabrik credentials …`.
#[derive(Subcommand)]
pub(crate) enum Credentials {
    /// Each provider's credential: whether it is there, where it comes from, what was seen of it last
    Status,
    /// Puts a provider's credential into the keyring and tries it; it is read from standard input or a prompt
    Set {
        /// The provider
        #[arg(value_parser = Named)]
        provider: String,
    },
    /// Tries a provider's credential, or every one that there is
    Test {
        /// The provider
        #[arg(value_parser = Named)]
        provider: Option<String>,
    },
    /// Removes a provider's credential from the keyring
    Remove {
        /// The provider
        #[arg(value_parser = Named)]
        provider: String,
    },
    /// Reads an `.env` file: credentials go to the keyring, the rest to settings
    Import {
        /// The file; `-` is standard input
        file: PathBuf,
        /// Shows what would be done
        #[arg(long)]
        dry_run: bool,
    },
}

/// A provider's name. The help and the completions say which there are; another is told as every problem is.
#[derive(Clone)]
struct Named;

impl TypedValueParser for Named {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let keys = Provider::ALL.into_iter().map(Provider::key);
        Some(Box::new(keys.map(PossibleValue::new)))
    }
}

/// Runs it.
pub(crate) async fn run(command: Credentials, session: &Session) -> Result<Exit, Problem> {
    let language = session.language;
    let app = session.open().await?;
    match command {
        Credentials::Status => {
            let page = app.credentials_list().await?;
            session.answer(&page, |out| status(out, language, &page))?;
            Ok(Exit::Done)
        }
        Credentials::Set { provider } => {
            let provider = provider_of(&provider)?;
            let prompt = format!("{} {}: ", Label::TokenFor.get(language), provider.title());
            let token = secret_input::read(&prompt)?;
            answer_one(session, &app.credential_set(provider, token).await?)
        }
        Credentials::Test {
            provider: Some(provider),
        } => {
            let provider = provider_of(&provider)?;
            answer_one(session, &app.credential_test(provider).await?)
        }
        Credentials::Test { provider: None } => test_all(session, &app).await,
        Credentials::Remove { provider } => {
            let provider = provider_of(&provider)?;
            let credential = app.credential_remove(provider).await?;
            session.answer(&credential, |out| {
                out.line(format_args!(
                    "{}: {}",
                    provider.title(),
                    Label::TokenRemoved.get(language)
                ));
            })?;
            Ok(Exit::Done)
        }
        Credentials::Import { file, dry_run } => {
            env_import::run(session, &app, &file, dry_run).await
        }
    }
}

async fn test_all(session: &Session, app: &App) -> Result<Exit, Problem> {
    let language = session.language;
    let mut credentials = Vec::new();
    for credential in app.credentials_list().await?.credentials {
        credentials.push(app.credential_test(credential.provider).await?);
    }
    let wrong = || {
        credentials
            .iter()
            .filter(|one| one.needed)
            .filter_map(|one| one.problem.clone().or_else(|| missing(one)))
    };
    let exit = wrong()
        .map(|problem| Exit::of_problem(&problem))
        .fold(Exit::Done, Exit::worse);
    // What has to be mended is told before what is only waited for.
    let waits = |problem: &Problem| matches!(*problem.cause, Cause::Throttled { .. });
    let to_mend = wrong().find(|problem| !waits(problem));
    let first = to_mend.or_else(|| wrong().next());
    session.answer_with(
        &json!({ "credentials": credentials }),
        first.as_ref(),
        |out| {
            table(out, language, &credentials);
            for credential in &credentials {
                complaint(out, language, credential);
            }
        },
    )?;
    Ok(exit)
}

/// A token that isn't there has no check that failed.
fn missing(credential: &Credential) -> Option<Problem> {
    (credential.source == fabrik_app::views::CredentialSource::None)
        .then(|| Problem::from(Cause::CredentialMissing).by(credential.provider))
}

fn answer_one(session: &Session, credential: &Credential) -> Result<Exit, Problem> {
    let problem = credential.problem.clone().or_else(|| missing(credential));
    session.answer_with(credential, problem.as_ref(), |out| {
        table(out, session.language, std::slice::from_ref(credential));
        complaint(out, session.language, credential);
    })?;
    Ok(problem.as_ref().map_or(Exit::Done, Exit::of_problem))
}

fn status(out: &Output, language: Language, page: &CredentialsPage) {
    table(out, language, &page.credentials);
    let keyring = &page.keyring;
    let state = if keyring.usable {
        Label::Usable.get(language)
    } else {
        "–"
    };
    out.line(format_args!(
        "{}: {}, {state}",
        Label::Keyring.get(language),
        keyring.backend
    ));
    if let Some(problem) = &keyring.problem {
        for line in words::problem_lines(language, problem) {
            out.line(format_args!("  {line}"));
        }
    }
}

fn table(out: &Output, language: Language, credentials: &[Credential]) {
    let headings = [
        Label::Provider,
        Label::State,
        Label::Source,
        Label::Ending,
        Label::Account,
        Label::Checked,
    ];
    let mut table = Table::new(&headings.map(|label| label.get(language)));
    for credential in credentials {
        table.row([
            credential.provider.title().to_owned(),
            credential.state.word(language).to_owned(),
            credential.source.word(language).to_owned(),
            credential.last_four.clone().unwrap_or_default(),
            credential.account.clone().unwrap_or_default(),
            credential.checked_at.map(local).unwrap_or_default(),
        ]);
    }
    table.print(out);
    for credential in credentials.iter().filter(|one| one.overruled) {
        let provider = credential.provider.title();
        let label = Label::OverrulesKeyring.get(language);
        out.line(format_args!("{provider}: {label}"));
    }
}

fn complaint(out: &Output, language: Language, credential: &Credential) {
    let Some(problem) = credential.problem.clone().or_else(|| missing(credential)) else {
        return;
    };
    for line in words::problem_lines(language, &problem) {
        out.line(format_args!("  {line}"));
    }
    out.line(format_args!(
        "  {}: {}",
        Label::TokenPage.get(language),
        credential.token_page
    ));
}

fn provider_of(text: &str) -> Result<Provider, Problem> {
    Provider::from_key(text).ok_or_else(|| {
        Problem::from(Cause::ProviderUnknown {
            name: text.to_owned(),
        })
    })
}
