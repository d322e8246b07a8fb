//! What a request asks, and what stands in its way, in both languages.

use fabrik_domain::{
    Cause, Problem,
    language::Language,
    request::{OnboardingRequest, RequestState},
};

use super::{Label, Term, Text, local, pick};

/// What is asked; of what ended beside a plan, that it did.
pub(crate) fn asks(language: Language, request: &OnboardingRequest) -> &'static str {
    if request.origin.is_beside() {
        Label::AddOnEnded.get(language)
    } else {
        request.kind.word(language)
    }
}

/// What to do about a subscription's end.
pub(crate) const fn of_end(request: &OnboardingRequest) -> Label {
    if request.origin.is_beside() {
        Label::BesideThePlan
    } else {
        Label::PauseOrRemove
    }
}

/// What such a problem says, and what to do next; `None` for problems of other kinds.
pub(super) fn text(language: Language, problem: &Problem) -> Option<Text> {
    let say = |message: String, hint: &str| Some(Text::new(message, hint));
    match (language, problem.cause.as_ref()) {
        (Language::Sv, Cause::RequestUnknown { request }) => say(
            format!("det finns ingen oavgjord förfrågan {request:?}, eller flera"),
            "fabrik requests list --state all visar dem; ange dess id.",
        ),
        (Language::En, Cause::RequestUnknown { request }) => say(
            format!("there is no undecided request {request:?}, or more than one"),
            "fabrik requests list --state all shows them; give its id.",
        ),
        (_, Cause::RequestDecided { state, by, at }) => {
            let by = by.as_deref().unwrap_or("–");
            say(
                decided(language, *state, by, &local(*at)),
                next_of(language, *state),
            )
        }
        (Language::Sv, Cause::RequestOfAnotherKind) => say(
            "det går inte med en förfrågan av det slaget".into(),
            "En uppsagd prenumeration avslutas med fabrik requests settle; en ny kund godkänns eller avböjs.",
        ),
        (Language::En, Cause::RequestOfAnotherKind) => say(
            "that can't be done with a request of this kind".into(),
            "A subscription that has ended is settled with fabrik requests settle; a new customer is approved or rejected.",
        ),
        (Language::Sv, Cause::PriceUnknown { price }) => say(
            format!("Stripes pris {price} hör inte till någon mall och plan"),
            "Ge priset metadata blueprint och plan i Stripe, eller sätt stripe.prices, och läs igen med fabrik stripe poll; eller välj mall och plan för den här med fabrik requests edit.",
        ),
        (Language::En, Cause::PriceUnknown { price }) => say(
            format!("Stripe's price {price} belongs to no blueprint and plan"),
            "Give the price the metadata blueprint and plan at Stripe, or set stripe.prices, and read again with fabrik stripe poll; or choose both for this one with fabrik requests edit.",
        ),
        (Language::Sv, Cause::SubscriptionUnknown { subscription }) => say(
            format!("ingen kund hör till prenumerationen {subscription}"),
            "Leta upp kunden i Stripe, och avsluta sedan uppgiften.",
        ),
        (Language::En, Cause::SubscriptionUnknown { subscription }) => say(
            format!("no customer belongs to the subscription {subscription}"),
            "Find the customer at Stripe, then settle the task.",
        ),
        _ => None,
    }
}

fn next_of(language: Language, state: RequestState) -> &'static str {
    match state {
        RequestState::Archived => pick(
            language,
            "fabrik requests restore öppnar den igen.",
            "fabrik requests restore opens it again.",
        ),
        _ => pick(
            language,
            "Inget mer behöver göras; fabrik requests show visar den.",
            "There is nothing more to do; fabrik requests show shows it.",
        ),
    }
}

fn decided(language: Language, state: RequestState, by: &str, at: &str) -> String {
    let how = state.word(language);
    match language {
        Language::Sv => format!("förfrågan är redan {how}, av {by} {at}"),
        Language::En => format!("the request is already {how}, by {by} at {at}"),
    }
}
