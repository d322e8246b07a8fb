//! `welcome-email`: the mail to the customer, at most once (rule 9).
//!
//! What will be sent is fixed before the intent: its public part in the evidence by `find`, its secret parts in
//! the vault by `prepare`. So the same idempotency key always goes with the same bytes, and Resend sends it once. Past the
//! key's life, Resend's list of sent mail tells; if that can't be read, the owner is asked.

use std::{collections::BTreeMap, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use fabrik_clouds::resend::{Email, Resend, SentEmail};
use fabrik_domain::{
    Cause, Problem,
    blueprint::{Blueprint, StepKind},
    customer::check_email,
    event::Detail,
    failure::Failure,
    gate::Charge,
    language::Language,
    provider::Provider,
    resource::{Found as Existing, ResourceKind},
    run::Output,
    secret::{ExposeSecret, Secret},
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    digest::sha256,
    kept::Kept,
    letter::{Letter, Secrets, header},
    mail::Mail,
    parameters::{Parameters, filled},
    registry::Entry,
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::WelcomeEmail,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_millis(500),
        ceiling: Duration::from_mins(1),
        // The key makes a repetition harmless, so there is nothing to wait out.
        settle: Duration::ZERO,
    },
    build: |clouds, parameters| {
        Ok(Box::new(WelcomeEmail::new(
            clouds.resend.clone(),
            parameters,
        )?))
    },
};

/// Resend keeps a key for a day; a little less, for what the clocks differ.
const KEY_LIFE: SignedDuration = SignedDuration::from_hours(23);
/// How much Resend's clock may be behind ours.
const CLOCKS: SignedDuration = SignedDuration::from_mins(10);

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    from: String,
    #[serde(default)]
    reply_to: String,
    to: String,
    /// Files of the blueprint: `email/welcome` for `email/welcome.sv.html` and its siblings.
    template: String,
    language: Language,
    #[serde(default)]
    values: BTreeMap<String, serde_json::Value>,
}

pub(crate) struct WelcomeEmail {
    resend: Resend,
    with: With,
    /// Values of `with.values` that are secret. What is missing matters only if a mail must be made.
    secrets: Result<Secrets, Problem>,
    /// From the vault, for the call that comes next.
    kept: OnceLock<Secret>,
}

/// What is fixed before the intent. Holds no secret.
#[derive(Debug, Serialize, Deserialize)]
struct Evidence {
    /// The idempotency key.
    key: String,
    from: String,
    to: String,
    reply_to: Option<String>,
    letter: Letter,
    at: Timestamp,
}

impl WelcomeEmail {
    pub(crate) fn new(resend: Resend, parameters: &Parameters) -> Result<Self, Problem> {
        let with: With = parameters.read(&["/values/*"])?;
        let secrets = with
            .values
            .keys()
            .filter_map(|name| {
                let secret = parameters.secret(&format!("/values/{name}")).transpose()?;
                Some(secret.map(|secret| (name.clone(), secret.clone())))
            })
            .collect();
        Ok(Self {
            resend,
            with,
            secrets,
            kept: OnceLock::new(),
        })
    }

    /// The mail's letter. For a preview, each secret is shown as a mask.
    fn letter(&self, blueprint: &Blueprint, secrets: &Secrets) -> Result<Letter, Problem> {
        Letter::render(
            blueprint,
            &self.with.template,
            self.with.language,
            &self.with.values,
            secrets,
        )
    }

    fn fix(&self, cx: &Context<'_>) -> Result<Evidence, Problem> {
        check_email(&self.with.to)?;
        let secrets = self.secrets.as_ref().map_err(Clone::clone)?;
        Ok(Evidence {
            key: format!("{}/{}", cx.run, cx.step.id),
            from: header(&self.with.from),
            to: self.with.to.clone(),
            reply_to: filled(&self.with.reply_to).map(header),
            letter: self.letter(&cx.snapshot.blueprint, secrets)?,
            at: cx.clock.now(),
        })
    }

    /// The whole mail outside a run. `mask` takes the place of every secret.
    pub(crate) fn mail(&self, blueprint: &Blueprint, mask: Option<&str>) -> Result<Mail, Problem> {
        check_email(&self.with.to)?;
        let masked: Secrets;
        let secrets = match (&self.secrets, mask) {
            (Ok(secrets), Some(mask)) => {
                let names = secrets.keys().cloned();
                masked = names.map(|name| (name, Secret::from(mask))).collect();
                &masked
            }
            (Ok(secrets), None) => secrets,
            (Err(problem), _) => return Err(problem.clone()),
        };
        let letter = self.letter(blueprint, secrets)?;
        let (html, text) = letter.whole(secrets)?;
        Ok(Mail {
            from: header(&self.with.from),
            to: self.with.to.clone(),
            reply_to: filled(&self.with.reply_to).map(header),
            subject: letter.subject,
            html,
            text,
        })
    }

    /// The secrets as they were first kept; only without an entry are those of now needed.
    async fn secrets_kept(&self, cx: &Context<'_>) -> Result<Secret, Problem> {
        let reference = Kept::MailSecrets.here(cx);
        if let Some(kept) = cx.secrets.get(&reference).await? {
            return Ok(kept);
        }
        let secrets = self.secrets.as_ref().map_err(Clone::clone)?;
        Kept::MailSecrets.or_keep(cx, || bundle(secrets)).await
    }

    fn existing(id: String, evidence: &Evidence) -> Existing {
        Existing {
            id,
            name: evidence.to.clone(),
            url: None,
            content_hash: Some(sha256(evidence.letter.public_bytes())),
        }
    }

    /// The mail in Resend's list.
    async fn sent(&self, evidence: &Evidence) -> Result<Looked, Failure> {
        let sent = match self.resend.sent().await {
            Ok(sent) => sent,
            // A key that may only send.
            Err(failure)
                if matches!(*failure.problem.cause, Cause::CredentialScopeMissing { .. }) =>
            {
                return Ok(Looked::CannotSee(failure.problem));
            }
            Err(failure) => return Err(failure),
        };
        Ok(look(&sent, evidence))
    }
}

/// What the list of sent mail says.
#[derive(Debug, PartialEq)]
enum Looked {
    Sent(String),
    NotSent,
    CannotSee(Problem),
}

fn look(sent: &[SentEmail], evidence: &Evidence) -> Looked {
    let since = evidence.at.saturating_sub(CLOCKS).unwrap_or(evidence.at);
    let ours = sent.iter().find(|mail| {
        mail.subject == evidence.letter.subject
            && mail
                .to
                .iter()
                .any(|to| to.eq_ignore_ascii_case(&evidence.to))
            && mail.at().is_none_or(|at| at >= since)
    });
    match ours {
        Some(mail) => Looked::Sent(mail.id.clone()),
        // A full list that doesn't reach back to then says nothing of what was before it.
        None if sent.len() >= 100 && sent.iter().all(|m| m.at().is_none_or(|at| at > since)) => {
            Looked::CannotSee(
                Problem::from(Cause::MailAlreadySent)
                    .by(Provider::Resend)
                    .detail("the list of sent mail does not reach back far enough"),
            )
        }
        None => Looked::NotSent,
    }
}

#[async_trait]
impl Step for WelcomeEmail {
    fn name(&self) -> String {
        self.with.to.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        Some(ResourceKind::Mail)
    }

    fn demand(&self) -> Vec<Charge> {
        self.resend.demand(1)
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        // What was sent needs no sender any more.
        if !cx.known.is_empty() {
            return Ok(Vec::new());
        }
        let allowed = self.resend.senders().await?.allow(&self.with.from);
        Ok(match allowed {
            Some(false) => {
                let cause = Cause::SenderUnverified {
                    sender: self.with.from.clone(),
                };
                vec![Problem::from(cause).by(Provider::Resend)]
            }
            // A key that may only send can't tell; then sending does.
            Some(true) | None => Vec::new(),
        })
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        if !cx.known.is_empty() {
            return Ok(Found::Satisfied);
        }
        let Some(value) = cx.evidence else {
            let evidence = serde_json::to_value(self.fix(cx)?);
            return Ok(Found::Absent {
                evidence: evidence.unwrap_or_default(),
            });
        };
        let again = || {
            Ok(Found::Absent {
                evidence: value.clone(),
            })
        };
        let evidence = read(value)?;
        // While the key lives, the same request is answered with the same mail.
        if cx.clock.now().duration_since(evidence.at) < KEY_LIFE {
            return again();
        }
        match self.sent(&evidence).await? {
            Looked::Sent(id) => Ok(Found::Ours(Self::existing(id, &evidence))),
            Looked::NotSent => again(),
            Looked::CannotSee(problem) => Ok(Found::CannotSee(problem)),
        }
    }

    async fn prepare(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let kept = self.secrets_kept(cx).await?;
        // The vault gives the same again.
        let _ = self.kept.set(kept);
        Ok(())
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let internal = || Failure::refused(Cause::Internal);
        let evidence = read(cx.evidence.ok_or_else(internal)?)?;
        let kept = self.kept.get().ok_or_else(internal)?;
        let (html, text) = evidence.letter.whole(&unbundle(kept)?)?;
        let email = Email {
            from: &evidence.from,
            to: &evidence.to,
            reply_to: evidence.reply_to.as_deref(),
            subject: &evidence.letter.subject,
            html: &html,
            text: &text,
        };
        let id = match self.resend.send(email, &evidence.key).await {
            Ok(id) => id,
            // Only a mail of this key that was taken gives this answer.
            Err(failure) if *failure.problem.cause == Cause::MailAlreadySent => {
                match self.sent(&evidence).await {
                    Ok(Looked::Sent(id)) => id,
                    _ => evidence.key.clone(),
                }
            }
            Err(failure) => return Err(failure),
        };
        cx.say(Detail::MailSent, &evidence.to);
        Ok(Created::Resource(Self::existing(id, &evidence)))
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        existing: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        let id = match (existing, cx.known.first()) {
            (Some(existing), _) => existing.id.clone(),
            (None, Some(known)) => known.id.clone(),
            (None, None) => String::new(),
        };
        Ok(Readiness::Ready(
            [("id".to_owned(), Output::Public(id))].into(),
        ))
    }

    /// What was sent is read by now.
    async fn undo(&self, _: &Context<'_>, _: &Existing) -> Result<Undone, Failure> {
        Ok(Undone::Stays)
    }
}

fn read(value: &serde_json::Value) -> Result<Evidence, Failure> {
    Evidence::deserialize(value).map_err(|_| Failure::refused(Cause::Internal))
}

/// Several secrets as one entry of the vault.
fn bundle(secrets: &Secrets) -> Secret {
    let texts: BTreeMap<&str, &str> = secrets
        .iter()
        .map(|(name, secret)| (name.as_str(), secret.expose_secret()))
        .collect();
    serde_json::to_string(&texts).unwrap_or_default().into()
}

fn unbundle(kept: &Secret) -> Result<Secrets, Failure> {
    // What is wrong with it isn't told: the words would hold a part of it.
    let texts: BTreeMap<String, String> = serde_json::from_str(kept.expose_secret())
        .map_err(|_| Failure::refused(Cause::Internal))?;
    Ok(texts
        .into_iter()
        .map(|(name, text)| (name, Secret::from(text)))
        .collect())
}
