//! Mails: what stands in the way of one, and how one to the owner fared, in both languages.

use fabrik_app::views::MailView;
use fabrik_domain::{Cause, language::Language, mail::MailState};

use super::{Text, local, pick};

/// What such a problem says, and what to do next; `None` for problems of other kinds.
pub(super) fn text(language: Language, cause: &Cause) -> Option<Text> {
    let say = |message: String, hint: &str| Some(Text::new(message, hint));
    match (language, cause) {
        (Language::Sv, Cause::MailAlreadySent) => say(
            "ett mejl med annan text har redan skickats för kunden".into(),
            "Det skickas inte två gånger; titta på det hos Resend.",
        ),
        (Language::En, Cause::MailAlreadySent) => say(
            "a mail with another text has already been sent for this customer".into(),
            "It is not sent twice; see it at Resend.",
        ),
        (Language::Sv, Cause::MailUnderWay) => say(
            "kundens välkomstmejl skickas just nu".into(),
            "Vänta ett par minuter; fabrik welcome preview visar hur det gick.",
        ),
        (Language::En, Cause::MailUnderWay) => say(
            "the customer's welcome mail is being sent right now".into(),
            "Wait a couple of minutes; fabrik welcome preview shows how it went.",
        ),
        (Language::Sv, Cause::NoWelcomeMail { blueprint }) => say(
            format!("mallen {blueprint} skickar inget välkomstmejl"),
            "Ett steg av sorten welcome-email i mallen gör det.",
        ),
        (Language::En, Cause::NoWelcomeMail { blueprint }) => say(
            format!("the blueprint {blueprint} sends no welcome mail"),
            "A step of the kind welcome-email in the blueprint does.",
        ),
        (Language::Sv, Cause::InstanceMissing { customer }) => say(
            format!("{customer} har ingen instans"),
            "Sätt upp kunden först: fabrik provision",
        ),
        (Language::En, Cause::InstanceMissing { customer }) => say(
            format!("{customer} has no instance"),
            "Set the customer up first: fabrik provision",
        ),
        _ => None,
    }
}

/// How the mail to the owner about a failed run fared.
pub(crate) fn failure_mail(language: Language, mail: &MailView) -> String {
    let to = mail.to.as_deref().unwrap_or("–");
    let (sv, en) = match mail.state {
        MailState::Sent => ("skickat till", "sent to"),
        MailState::Due | MailState::Sending => ("är på väg till", "is on its way to"),
        MailState::NotSent | MailState::Unaddressed | MailState::Overtaken => {
            ("gick inte till", "was not sent to")
        }
        MailState::Unknown => (
            "kan ha gått fram, svaret kom aldrig:",
            "may have gone out, no answer came:",
        ),
    };
    let subject = pick(
        language,
        "Mejlet om att körningen misslyckades",
        "The mail about the failure",
    );
    let how = pick(language, sv, en);
    match mail.ended_at {
        Some(at) => format!("{subject} {how} {to} ({})", local(at)),
        None => format!("{subject} {how} {to}"),
    }
}

/// When the customer's welcome mail last went out.
pub(crate) fn last_welcome(language: Language, mail: Option<&MailView>) -> String {
    let Some(mail) = mail else {
        return pick(
            language,
            "Det har inte skickats än.",
            "It has not been sent yet.",
        )
        .to_owned();
    };
    let to = mail.to.as_deref().unwrap_or("–");
    let at = local(mail.ended_at.unwrap_or(mail.at));
    match (language, mail.state) {
        (Language::Sv, MailState::Sent) => format!("Skickades senast {at} till {to}."),
        (Language::En, MailState::Sent) => format!("Last sent {at} to {to}."),
        (Language::Sv, MailState::Due | MailState::Sending) => {
            format!("Skickas just nu till {to}.")
        }
        (Language::En, MailState::Due | MailState::Sending) => {
            format!("Is being sent to {to} right now.")
        }
        (Language::Sv, MailState::Unknown) => {
            format!("Om det som begärdes {at} gick fram till {to} är inte känt.")
        }
        (Language::En, MailState::Unknown) => {
            format!("Whether the one asked for {at} reached {to} is not known.")
        }
        (Language::Sv, _) => format!("Det som begärdes {at} gick inte till {to}."),
        (Language::En, _) => format!("The one asked for {at} was not sent to {to}."),
    }
}
