//! `fabrik requests reject`: whoever says no hears where the table that it was asked in does not.

use fabrik_app::App;
use fabrik_domain::{Problem, request::RequestState};
use serde_json::json;

use super::show;
use crate::{commands::untold, exit::Exit, session::Session, words::Label};

pub(super) async fn reject(
    session: &Session,
    app: &App,
    request: &str,
    reason: &str,
) -> Result<Exit, Problem> {
    let language = session.language;
    let request = app.find_request(request, RequestState::Open).await?;
    let (request, problem) = app.reject_and_tell(request.id, reason).await?;
    let mut document = json!(request);
    if let Some(problem) = &problem {
        document["source_problem"] = json!(problem);
    }
    session.answer(&document, |out| {
        show(out, language, &request, None);
        let name = &request.wish.name;
        let done = Label::RequestRejected.get(language);
        out.note(format_args!("{name}: {done}"));
        if let Some(problem) = &problem {
            for line in untold::lines(language, name, Label::DecisionUntold, problem) {
                out.note(line);
            }
        }
    })?;
    Ok(Exit::Done)
}
