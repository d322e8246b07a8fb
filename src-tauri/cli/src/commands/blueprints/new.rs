//! `fabrik blueprints new`: a blueprint of the workspace's own, to be changed.

use fabrik_domain::Problem;
use serde_json::json;

use crate::{
    exit::Exit,
    session::Session,
    words::{self, Label},
};

/// Copies a blueprint into the workspace, and says what to do with it.
pub(super) async fn run(session: &Session, name: &str, from: &str) -> Result<Exit, Problem> {
    let app = session.open().await?;
    let folder = app.catalog().create(name, from)?;
    let answer = json!({ "blueprint": name, "from": from, "folder": folder });
    session.answer(&answer, |out| {
        let language = session.language;
        let made = Label::BlueprintMade.get(language);
        out.line(format_args!("{name}: {made}: {}", folder.display()));
        out.line(words::check_next(language, name));
    })?;
    Ok(Exit::Done)
}
