//! `fabrik settings`.

use clap::Subcommand;
use fabrik_domain::{Problem, setting};

use crate::{
    exit::Exit,
    session::Session,
    table::Table,
    words::{Label, Term},
};

/// `fabrik settings …`.
#[derive(Subcommand)]
pub(crate) enum Settings {
    /// What holds, and where it comes from
    Get {
        /// One setting alone, such as `supabase.organization`
        key: Option<String>,
    },
    /// Stores a setting; an empty value drops it
    Set {
        /// The setting, such as `supabase.organization`
        key: String,
        /// Its value
        value: String,
    },
}

/// Runs it.
pub(crate) async fn run(command: Settings, session: &Session) -> Result<Exit, Problem> {
    let language = session.language;
    let app = session.open().await?;
    let (all, only) = match command {
        Settings::Get { key } => (app.settings_list().await?, key),
        Settings::Set { key, value } => {
            (app.setting_set(key.clone(), Some(value)).await?, Some(key))
        }
    };
    if let Some(key) = only {
        setting::find(&key)?;
        if let Some(one) = all.iter().find(|setting| setting.key == key) {
            session.answer(one, |out| {
                out.line(one.value.as_deref().unwrap_or_default());
            })?;
        }
        return Ok(Exit::Done);
    }
    session.answer(&all, |out| {
        let headings = [Label::Key, Label::Value, Label::Source, Label::Variable];
        let mut table = Table::new(&headings.map(|label| label.get(language)));
        for setting in &all {
            table.row([
                setting.key.clone(),
                setting.value.clone().unwrap_or_default(),
                setting.source.word(language).to_owned(),
                setting.variable.clone(),
            ]);
        }
        table.print(out);
    })?;
    Ok(Exit::Done)
}
