//! `fabrik settings`.

use clap::Subcommand;
use fabrik_app::{
    Address, EnteredSecret, database_set_unopened, database_unopened,
    views::{DatabaseView, MovedTable, SettingSource, SettingView},
};
use fabrik_domain::{
    Cause, Problem,
    language::Language,
    secret::Secret,
    setting::{self, Setting},
};
use serde_json::{Value, json};

use crate::{
    exit::Exit,
    secret_input,
    session::Session,
    table::Table,
    words::{Label, Term},
};

/// `fabrik settings …`.
#[derive(Subcommand)]
pub(crate) enum Settings {
    /// What holds, and where it comes from
    Get {
        /// One setting alone, such as `supabase.organization`, or `database`
        key: Option<String>,
    },
    /// Stores a setting; an empty value drops it
    Set {
        /// The setting, such as `supabase.organization`, or `database`
        key: String,
        /// Its value. A secret, such as `smtp.password`, has none here: it is asked for, or read from standard input
        value: Option<String>,
        /// Takes all records along to the new database
        #[arg(long = "move")]
        bring: bool,
    },
}

/// The key of what is no setting of the database, but says where it is.
const DATABASE: &str = "database";

/// The address of another database as it was typed, and its password, which is asked for.
fn entered(
    session: &Session,
    value: String,
) -> Result<(EnteredSecret, Option<EnteredSecret>), Problem> {
    let local = value == "local";
    // What is read from an argument is in the shell's history already, and in every list of processes.
    if !local && Address::parse(&value)?.password().is_some() {
        return Err(Problem::from(Cause::DatabaseUrlInvalid)
            .detail(Label::PasswordLeftOut.get(session.language)));
    }
    let password = if local {
        None
    } else {
        let prompt = format!("{}: ", Label::DatabasePassword.get(session.language));
        Some(secret_input::read(&prompt)?)
    };
    Ok((EnteredSecret(Secret::from(value)), password))
}

/// What can be said and done of a central database that can't be opened: where it is, and that it is elsewhere.
async fn unopened(command: Settings, session: &Session, problem: Problem) -> Result<Exit, Problem> {
    let options = session.options();
    match command {
        Settings::Get { key: Some(key) } if key == DATABASE => {
            told(session, &database_unopened(&options)?)
        }
        Settings::Set {
            key,
            value: Some(value),
            bring,
        } if key == DATABASE => {
            let (url, password) = entered(session, value)?;
            let chosen = database_set_unopened(&options, problem, url, password, bring);
            told(session, &chosen.await?)
        }
        _ => Err(problem),
    }
}

/// What is shown of a setting: of a secret, that there is one.
fn shown(setting: &SettingView) -> &str {
    match &setting.value {
        Some(value) => value,
        None if setting.secret && setting.source != SettingSource::Unset => "••••••••",
        None => "",
    }
}

/// Where its value comes from, and whether another is stored.
fn from(setting: &SettingView, language: Language) -> String {
    let source = setting.source.word(language);
    if setting.overruled {
        format!("{source}, {}", Label::OverrulesStored.get(language))
    } else {
        source.to_owned()
    }
}

/// A setting as scripts get it: its value is always there, null where there is none.
fn document(setting: &SettingView) -> Value {
    let mut document = json!(setting);
    document["value"] = json!(setting.value);
    document
}

fn is_secret(key: &str) -> bool {
    setting::find(key).is_ok_and(Setting::is_secret)
}

fn not_so(setting: String, expected: &str) -> Problem {
    let expected = expected.to_owned();
    Cause::SettingInvalid { setting, expected }.into()
}

fn told(session: &Session, database: &DatabaseView) -> Result<Exit, Problem> {
    session.answer(database, |out| {
        out.line(&database.place);
        for MovedTable { table, rows } in &database.moved {
            out.line(format_args!("  {table}: {rows}"));
        }
        if database.restart {
            out.line(Label::DatabaseFromNextStart.get(session.language));
        }
    })?;
    if let Some(server) = &database.left {
        let stays = Label::ServerKeepsRecords.get(session.language);
        session.output.note(format_args!("{server}: {stays}"));
        if !database.others.is_empty() {
            let by = Label::ServerUsedBy.get(session.language);
            let others = database.others.join(", ");
            session.output.note(format_args!("{by}: {others}"));
        }
    }
    Ok(Exit::Done)
}

/// Runs it.
pub(crate) async fn run(command: Settings, session: &Session) -> Result<Exit, Problem> {
    let language = session.language;
    let app = match session.open().await {
        Ok(app) => app,
        Err(problem) => return unopened(command, session, problem).await,
    };
    let (all, only) = match command {
        Settings::Get { key: Some(key) } if key == DATABASE => {
            return told(session, &app.database().await?);
        }
        Settings::Set {
            key,
            value: Some(value),
            bring,
        } if key == DATABASE => {
            let (url, password) = entered(session, value)?;
            return told(session, &app.database_set(url, password, bring).await?);
        }
        Settings::Set {
            key, bring: true, ..
        } => return Err(Problem::from(Cause::SettingUnknown { setting: key }).detail("--move")),
        Settings::Get { key } => (app.settings_list().await?, key),
        Settings::Set { key, value, .. } => {
            let all = match value {
                None if is_secret(&key) => {
                    let secret = secret_input::read(&format!("{key}: "))?;
                    app.setting_secret_set(key.clone(), secret).await?
                }
                // What is an argument is in the shell's history already, and in every list of processes.
                Some(value) if is_secret(&key) && !value.is_empty() => {
                    return Err(not_so(key, Label::SecretLeftOut.get(language)));
                }
                None => return Err(not_so(key, Label::ValueMissing.get(language))),
                Some(value) => app.setting_set(key.clone(), Some(value)).await?,
            };
            (all, Some(key))
        }
    };
    if let Some(key) = only {
        setting::find(&key)?;
        if let Some(one) = all.iter().find(|setting| setting.key == key) {
            session.answer(&document(one), |out| {
                out.line(shown(one));
            })?;
        }
        return Ok(Exit::Done);
    }
    let documents: Vec<_> = all.iter().map(document).collect();
    session.answer(&documents, |out| {
        let headings = [Label::Key, Label::Value, Label::Source, Label::Variable];
        let mut table = Table::new(&headings.map(|label| label.get(language)));
        for setting in &all {
            table.row([
                setting.key.clone(),
                shown(setting).to_owned(),
                from(setting, language),
                setting.variable.clone(),
            ]);
        }
        table.print(out);
    })?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_without_a_value_says_so_to_scripts() {
        let mut setting = SettingView {
            key: "domain.base".to_owned(),
            value: None,
            source: SettingSource::Unset,
            overruled: false,
            variable: "FABRIK_DOMAIN_BASE".to_owned(),
            secret: false,
        };
        let none = document(&setting);
        assert_eq!(none.get("value"), Some(&Value::Null), "{none:#}");
        assert_eq!(none["key"], "domain.base", "{none:#}");
        setting.value = Some("kunder.example".to_owned());
        assert_eq!(document(&setting)["value"], "kunder.example");
    }
}
