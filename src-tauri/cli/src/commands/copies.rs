//! `fabrik copies`: the daily copies of the central database, and the way back to one of them.

use clap::Subcommand;
use fabrik_app::{copies_of, restore_copy};
use fabrik_domain::Problem;
use serde_json::json;

use crate::{exit::Exit, session::Session, table::Table, words::Label};

/// `fabrik copies …`.
#[derive(Subcommand)]
pub(crate) enum Copies {
    /// Lists them, the newest first
    List,
    /// Goes back to the copy of a day; what is there now is set aside
    Restore {
        /// The day of the copy, such as 2026-11-22
        day: String,
    },
}

/// Runs it. The workspace is not opened: it may be what can't be.
pub(crate) async fn run(command: Copies, session: &Session) -> Result<Exit, Problem> {
    let language = session.language;
    match command {
        Copies::List => {
            let copies = copies_of(&session.options())?;
            session.answer(&json!({ "copies": copies }), |out| {
                if copies.is_empty() {
                    out.line(Label::NoCopies.get(language));
                    return;
                }
                let headings = [Label::Day, Label::Size].map(|label| label.get(language));
                let mut table = Table::new(&headings);
                for copy in &copies {
                    table.row([
                        copy.day.clone(),
                        format!("{} kB", copy.bytes.div_ceil(1024)),
                    ]);
                }
                table.print(out);
            })?;
        }
        Copies::Restore { day } => {
            let restored = restore_copy(&session.options(), &day).await?;
            session.answer(&restored, |out| {
                let said = Label::CopyRestored.get(language);
                out.line(format_args!("{said}: {}", restored.day));
                let aside = Label::SetAside.get(language);
                out.line(format_args!("{aside}: {}", restored.set_aside));
            })?;
        }
    }
    Ok(Exit::Done)
}
