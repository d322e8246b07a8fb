//! Sending, and looking at what was sent.

use fabrik_domain::{
    Cause,
    failure::Failure,
    secret::{ExposeSecret, Secret},
};
use http::HeaderName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Resend;
use crate::{
    Call,
    decode::Room,
    instant,
    status::{found, refused_with, says},
};

/// A mail to be sent. The bodies are secrets: they may hold a sign-in link.
#[derive(Clone, Copy, Debug)]
pub struct Email<'a> {
    /// `Name <address>`, of a verified domain.
    pub from: &'a str,
    /// One address.
    pub to: &'a str,
    /// Where answers go.
    pub reply_to: Option<&'a str>,
    /// One line.
    pub subject: &'a str,
    /// With markup.
    pub html: &'a Secret,
    /// Without.
    pub text: &'a Secret,
}

#[derive(Serialize)]
struct EmailBody<'a> {
    from: &'a str,
    to: [&'a str; 1],
    subject: &'a str,
    html: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_to: Option<&'a str>,
}

#[derive(Deserialize)]
struct SentBody {
    id: String,
}

#[derive(Deserialize)]
struct ListBody {
    data: Vec<SentEmail>,
    #[serde(default)]
    has_more: bool,
}

/// Mails a page.
const PAGE: &str = "100";
/// More mails than these pages hold are nobody's last day.
const PAGES: usize = 50;

/// A mail of the list of sent mail.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SentEmail {
    /// Resend's id.
    pub id: String,
    /// To whom.
    #[serde(default)]
    pub to: Vec<String>,
    /// Its subject.
    #[serde(default)]
    pub subject: String,
    /// When, in Resend's writing: `2026-11-21 08:00:00.000000+00`.
    #[serde(default)]
    created_at: String,
    /// What became of it last: `queued`, `sent`, `delivered`, `bounced` …
    #[serde(default)]
    pub last_event: Option<String>,
}

impl SentEmail {
    /// When it was made; `None` where Resend's writing can't be read.
    pub fn at(&self) -> Option<Timestamp> {
        instant::read(&self.created_at)
    }
}

impl Resend {
    /// Hands a mail over, and gives its id. The same key with the same bytes sends once, for a day, and
    /// gives the same id. `emails/send`.
    ///
    /// `mail_already_sent` (the key was used with other bytes), `sender_unverified`, `quota_exceeded`.
    pub async fn send(&self, email: Email<'_>, key: &str) -> Result<String, Failure> {
        let body = EmailBody {
            from: email.from,
            to: [email.to],
            subject: email.subject,
            html: email.html.expose_secret(),
            text: email.text.expose_secret(),
            reply_to: email.reply_to,
        };
        let draft = self
            .account
            .post(Call::changes("emails/send"), ["emails"])
            .header(HeaderName::from_static("idempotency-key"), key)
            .json(&body);
        let sent: SentBody = draft.receive().await.map_err(|mut failure| {
            if refused_with(&failure) == Some(403) && says(&failure, "verif") {
                *failure.problem.cause = Cause::SenderUnverified {
                    sender: email.from.to_owned(),
                };
            }
            failure
        })?;
        Ok(sent.id)
    }

    /// The mails that were sent since, the newest first; all of them, as far as their times can be read. A key
    /// that may only send can't read them. `emails/list`.
    pub async fn sent_since(&self, since: Timestamp) -> Result<Vec<SentEmail>, Failure> {
        let (mut sent, mut room) = (Vec::<SentEmail>::new(), Room::for_list());
        for _ in 0..PAGES {
            let after = sent.last().map(|mail| mail.id.as_str());
            let page = self.page(after, &mut room).await?;
            let past = page
                .data
                .iter()
                .filter_map(SentEmail::at)
                .any(|at| at < since);
            // A page that says the same again would have no end.
            let known = page
                .data
                .first()
                .is_none_or(|mail| sent.iter().any(|one| one.id == mail.id));
            if known {
                break;
            }
            sent.extend(page.data);
            if past || !page.has_more {
                break;
            }
        }
        sent.retain(|mail| mail.at().is_none_or(|at| at >= since));
        Ok(sent)
    }

    async fn page(&self, after: Option<&str>, room: &mut Room) -> Result<ListBody, Failure> {
        let mut draft = self
            .account
            .get(Call::reads("emails/list"), ["emails"])
            .query("limit", PAGE);
        if let Some(after) = after {
            draft = draft.query("after", after);
        }
        draft.receive_page(room).await
    }

    /// A mail that was sent, by Resend's id; `None` where there is none. `emails/get`.
    pub async fn email(&self, id: &str) -> Result<Option<SentEmail>, Failure> {
        let draft = self.account.get(Call::reads("emails/get"), ["emails", id]);
        found(draft.receive().await)
    }
}
