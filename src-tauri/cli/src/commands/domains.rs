//! `fabrik domains`: customers' own domains that wait for their DNS records.

use clap::Subcommand;
use fabrik_app::views::DomainView;
use fabrik_domain::{Cause, Problem};
use serde_json::json;

use crate::{
    exit::Exit,
    output::{good, strong},
    session::Session,
    words::{self, Label},
};

/// `fabrik domains …`.
#[derive(Subcommand)]
pub(crate) enum Domains {
    /// Looks again at domains that wait for DNS
    Check {
        /// Only this customer's, by id or subdomain
        customer: Option<String>,
    },
}

/// Looks again; 4 while any still waits.
pub(crate) async fn run(command: Domains, session: &Session) -> Result<Exit, Problem> {
    let Domains::Check { customer } = command;
    let app = session.open().await?;
    let language = session.language;
    let customer = match customer {
        Some(text) => Some(session.customer(&app, &text).await?.id),
        None => None,
    };
    let domains = app.domains_check(customer).await?;
    let waits = domains.iter().find(|domain| !domain.verified).map(why);
    session.answer_with(&json!({ "domains": domains }), waits.as_ref(), |out| {
        if domains.is_empty() {
            out.line(Label::NoDomainWaits.get(language));
        }
        for domain in &domains {
            let name = strong(&domain.domain);
            match &domain.problem {
                None => out.line(format_args!(
                    "{name}: {}",
                    good(Label::DomainVerified.get(language))
                )),
                Some(problem) => {
                    out.line(format_args!("{name}:"));
                    for line in words::problem_lines(language, problem) {
                        out.line(format_args!("  {line}"));
                    }
                }
            }
        }
    })?;
    Ok(match waits {
        Some(_) => Exit::Resumable,
        None => Exit::Done,
    })
}

/// What the domain waits for.
fn why(waits: &DomainView) -> Problem {
    let unsaid = || Cause::DomainPending {
        domain: waits.domain.clone(),
        records: Vec::new(),
    };
    waits.problem.clone().unwrap_or_else(|| unsaid().into())
}
