//! `fabrik welcome`: a customer's welcome mail, shown before it is sent, and sent again.

use clap::Subcommand;
use fabrik_app::views::WelcomePreview;
use fabrik_domain::{Problem, customer::Customer, mail::MailState};

use super::asking;
use crate::{
    exit::Exit,
    output::{faint, good, strong},
    session::Session,
    table::facts,
    words::{self, Label},
};

/// `fabrik welcome …`.
#[derive(Subcommand)]
pub(crate) enum Welcome {
    /// Shows it as it would go out now, with a mask for each secret; sends nothing
    Preview {
        /// The customer, by id or subdomain
        customer: String,
    },
    /// Sends it once more, with a new sign-in link; the links before stop working
    Resend {
        /// The customer, by id or subdomain
        customer: String,
        /// Asks nothing
        #[arg(long, short)]
        yes: bool,
    },
}

/// Runs it.
pub(crate) async fn run(command: Welcome, session: &Session) -> Result<Exit, Problem> {
    let app = session.open().await?;
    let language = session.language;
    match command {
        Welcome::Preview { customer } => {
            let customer = session.customer(&app, &customer).await?;
            let preview = app.welcome_preview(customer.id).await?;
            session.answer(&preview, |out| {
                let mut rows = vec![
                    (Label::From.get(language), preview.from.clone()),
                    (Label::To.get(language), preview.to.clone()),
                    (Label::Subject.get(language), strong(&preview.subject)),
                ];
                if let Some(reply_to) = &preview.reply_to {
                    rows.insert(2, (Label::ReplyTo.get(language), reply_to.clone()));
                }
                facts(out, &rows);
                out.line("");
                out.line(preview.text.trim_end());
                out.line("");
                let last = words::last_welcome(language, preview.last.as_ref());
                out.line(faint(last));
            })?;
            Ok(Exit::Done)
        }
        Welcome::Resend { customer, yes } => {
            let customer = session.customer(&app, &customer).await?;
            let preview = app.welcome_preview(customer.id).await?;
            if let Some(refused) = preview.refused {
                return Err(refused);
            }
            if !yes && !agreed(session, &customer, &preview) {
                session.output.note(Label::NothingSent.get(language));
                return Ok(Exit::Refused);
            }
            let mail = app.welcome_resend(customer.id).await?;
            session.answer_with(&mail, mail.problem.as_ref(), |out| {
                let said = words::last_welcome(language, Some(&mail));
                match mail.state {
                    MailState::Sent => out.line(good(said)),
                    _ => out.line(said),
                }
                if let Some(problem) = &mail.problem {
                    session.complain(problem);
                }
            })?;
            Ok(match mail.state {
                MailState::Sent => Exit::Done,
                _ => Exit::Failed,
            })
        }
    }
}

/// Asks whoever sits at a terminal; a script has said what it wants.
fn agreed(session: &Session, customer: &Customer, preview: &WelcomePreview) -> bool {
    let language = session.language;
    let question = format!(
        "  {}  <{}>\n  {}\n{}",
        customer.name,
        preview.to,
        words::last_welcome(language, preview.last.as_ref()),
        Label::SendAgain.get(language)
    );
    asking::agreed(session, &question)
}
