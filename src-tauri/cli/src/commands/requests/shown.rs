//! How requests are shown to people.

use fabrik_app::views::RequestPage;
use fabrik_domain::{
    language::Language,
    request::{OnboardingRequest, RequestKind, RequestOrigin, RequestState},
    run::Run,
};

use crate::{
    output::{Output, strong},
    table::{Table, facts},
    words::{self, Label, Term, local},
};

/// As a list.
pub(super) fn table(out: &Output, language: Language, page: &RequestPage) {
    if page.requests.is_empty() {
        out.line(Label::NoRequests.get(language));
        return;
    }
    let headings = [
        Label::Id,
        Label::Name,
        Label::Asks,
        Label::State,
        Label::Subdomain,
        Label::Blueprint,
        Label::Plan,
        Label::CreatedAt,
    ];
    let mut table = Table::new(&headings.map(|label| label.get(language)));
    for request in &page.requests {
        let wish = &request.wish;
        table.row([
            request.id.to_string(),
            wish.name.clone(),
            words::asks(language, request).to_owned(),
            request.state.word(language).to_owned(),
            wish.subdomain.clone(),
            wish.blueprint.clone(),
            wish.plan.clone(),
            local(request.created_at),
        ]);
    }
    table.print(out);
    let of = Label::Of.get(language);
    out.line(format_args!("{} {of} {}", page.requests.len(), page.total));
}

/// One, with the removal that goes on of the customer that it is about.
pub(super) fn show(
    out: &Output,
    language: Language,
    request: &OnboardingRequest,
    removal: Option<&Run>,
) {
    let say = |label: Label| label.get(language);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let wish = &request.wish;
    out.line(strong(&wish.name));
    let from = match &request.origin {
        RequestOrigin::Hand { operator } => operator.clone(),
        RequestOrigin::Stripe {
            subscription,
            price,
            ..
        } => format!("Stripe {subscription} {}", text(price))
            .trim_end()
            .to_owned(),
        RequestOrigin::Source { table, row, .. } => format!("{table} {row}"),
    };
    let mut lines = vec![
        (say(Label::Id), request.id.to_string()),
        (say(Label::Asks), words::asks(language, request).to_owned()),
        (say(Label::State), request.state.word(language).to_owned()),
        (say(Label::Source), from),
        (say(Label::Subdomain), wish.subdomain.clone()),
        (say(Label::Email), wish.contact_email.clone()),
        (say(Label::Contact), text(&wish.contact_name)),
        (say(Label::Blueprint), wish.blueprint.clone()),
        (say(Label::Plan), wish.plan.clone()),
        (say(Label::Modules), wish.modules.join(", ")),
        (say(Label::Language), wish.language.code().to_owned()),
        (say(Label::CreatedAt), local(request.created_at)),
    ];
    if let Some(decided) = &request.decided {
        let (by, at) = if request.state == RequestState::Archived {
            (Label::ArchivedBy, Label::ArchivedAt)
        } else {
            (Label::DecidedBy, Label::DecidedAt)
        };
        lines.push((say(by), decided.by.clone()));
        lines.push((say(at), local(decided.at)));
        lines.push((say(Label::Reason), text(&decided.reason)));
    }
    facts(out, &lines);
    if let Some(message) = &wish.message {
        for line in message.lines() {
            out.line(format_args!("  > {line}"));
        }
    }
    if let Some(problem) = &request.problem {
        for line in words::problem_lines(language, problem) {
            out.line(format_args!("  {line}"));
        }
    }
    if request.kind == RequestKind::Cancellation && request.state == RequestState::Open {
        match removal {
            Some(run) => {
                let goes_on = say(Label::RemovalGoesOn);
                out.line(format_args!("  → {goes_on} #{}", run.number));
            }
            None => out.line(format_args!("  → {}", say(words::of_end(request)))),
        }
    }
}
