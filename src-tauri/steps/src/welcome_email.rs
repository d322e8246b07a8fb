//! `welcome-email`: the mail to the customer, at most once: what was sent can't be taken back.
//!
//! What will be sent is fixed before the intent: its public part in the evidence by `find`, its secret parts in
//! the vault by `prepare`, which makes the sign-in link for it. So the same idempotency key always goes with the same bytes, and Resend sends it once. Past the
//! key's life, and for an undo, Resend's list of sent mail tells; if that can't be read, the owner is asked.

mod bundle;
mod sent;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use fabrik_clouds::resend::{Email, Resend};
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
    secret::{Secret, SecretRef},
};
use fabrik_engine::step::{Context, Created, Found, Occasion, Readiness, Step, Timing, Undone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use self::{bundle::Bundle, sent::Looked};
use crate::{
    digest::sha256,
    kept::Kept,
    letter::{Letter, Secrets, header},
    mail::Mail,
    parameters::{Parameters, filled},
    registry::{Entry, missing_beside},
    sign_in::SignIn,
};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::WelcomeEmail,
    revision: 1,
    plans_alone: true,
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
/// How old a link may be that is sent. How long it holds is the project's to say: an hour, a day.
const FRESH: SignedDuration = SignedDuration::from_mins(10);

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
    /// The names of those of `with.values` that are secret.
    secret: BTreeSet<String>,
    /// They themselves. What is missing matters only if a mail must be made.
    secrets: Result<Secrets, Problem>,
    /// How to have them with a link that was made now.
    sign_in: Option<Arc<SignIn>>,
    occasion: Occasion,
    /// From the vault, for the call that comes next.
    kept: Mutex<Option<Secrets>>,
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
    /// Whose key it is sent with, where that can be told: another team knows nothing of the mail.
    #[serde(default)]
    team: Option<BTreeSet<String>>,
}

impl WelcomeEmail {
    pub(crate) fn new(resend: Resend, parameters: &Parameters) -> Result<Self, Problem> {
        let with: With = parameters.read(&["/values/*"])?;
        let held: BTreeMap<_, _> = with
            .values
            .keys()
            .filter_map(|name| {
                let held = parameters.secret(&format!("/values/{name}")).transpose()?;
                Some((name.clone(), held.cloned()))
            })
            .collect();
        Ok(Self {
            resend,
            with,
            secret: held.keys().cloned().collect(),
            secrets: held
                .into_iter()
                .map(|(name, held)| Ok((name, held?)))
                .collect(),
            sign_in: parameters.sign_in(),
            occasion: parameters.occasion(),
            kept: Mutex::default(),
        })
    }

    /// The mail's letter.
    fn letter(&self, blueprint: &Blueprint) -> Result<Letter, Problem> {
        Letter::render(
            blueprint,
            &self.with.template,
            self.with.language,
            &self.with.values,
            &self.secret,
        )
    }

    async fn fix(&self, cx: &Context<'_>) -> Result<Evidence, Failure> {
        check_email(&self.with.to)?;
        let team = self.resend.team().await?;
        let at = cx.clock.now();
        Ok(Evidence {
            // What was refused may be written anew, and then is another mail.
            key: format!("{}/{}/{}", cx.run, cx.step.id, at.as_millisecond()),
            from: header(&self.with.from),
            to: self.with.to.clone(),
            reply_to: filled(&self.with.reply_to).map(header),
            letter: self.letter(&cx.snapshot.blueprint)?,
            at,
            team,
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
        let letter = self.letter(blueprint)?;
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

    /// The secrets of the call that comes next. Those that may have been sent stay as they are; until then a link
    /// that has grown old is made anew.
    async fn secrets_kept(&self, cx: &Context<'_>) -> Result<Secrets, Failure> {
        let reference = Kept::MailSecrets.here(cx);
        let now = cx.clock.now();
        if let Some(kept) = cx.secrets.get(&reference).await? {
            let bundle = Bundle::read(&kept)?;
            if may_be_sent(cx) || now.duration_since(bundle.at).abs() < FRESH {
                return Ok(bundle.secrets());
            }
        }
        let secrets = match &self.sign_in {
            Some(sign_in) => Self::new(self.resend.clone(), &sign_in.parameters().await?)?.secrets,
            None => self.secrets.clone(),
        };
        let secrets = secrets?;
        let bundle = Bundle::new(now, &secrets).text();
        cx.secrets.set(&reference, bundle).await?;
        Ok(secrets)
    }

    fn existing(id: String, evidence: &Evidence) -> Existing {
        Existing {
            id,
            name: evidence.to.clone(),
            url: None,
            content_hash: Some(sha256(evidence.letter.public_bytes())),
        }
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
        // The look at the team's domains, and the mail.
        self.resend.demand(2)
    }

    async fn check(&self, cx: &Context<'_>) -> Result<Vec<Problem>, Failure> {
        // What was sent needs no sender any more.
        if !cx.known.is_empty() {
            return Ok(Vec::new());
        }
        if filled(&self.with.from).is_none() {
            return Ok(missing_beside("email.from", self.resend.senders().await));
        }
        let refused = self.resend.refused_sender(&self.with.from).await?;
        Ok(refused.into_iter().collect())
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        if !cx.known.is_empty() {
            return Ok(Found::Satisfied);
        }
        // What the mail will say is not known to a plan.
        if self.occasion == Occasion::Plan {
            return Ok(Found::Absent {
                evidence: serde_json::Value::Null,
            });
        }
        let undoes = self.occasion == Occasion::Undo;
        let Some(value) = cx.evidence else {
            let evidence = serde_json::to_value(self.fix(cx).await?);
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
        // By the owner's word it was not sent. It may have been since.
        if cx.ruled_out.contains(&evidence.key) && !undoes {
            return again();
        }
        let looked = if self.is_of_that_team(&evidence).await? {
            // While the key lives, the same request is answered with the same mail.
            let lives = cx.clock.now().duration_since(evidence.at) < KEY_LIFE;
            if lives && !undoes {
                return again();
            }
            self.sent(&evidence).await?
        } else {
            let name = evidence.to.clone();
            Looked::CannotSee(Problem::from(Cause::CannotSee { name }).by(Provider::Resend))
        };
        Ok(match looked {
            Looked::Sent(id) => Found::Ours(Self::existing(id, &evidence)),
            Looked::NotSent => return again(),
            Looked::CannotSee(problem) if undoes => Found::CannotSee(problem),
            // The list only moves on, so waiting for another key may be in vain: the owner may know.
            Looked::CannotSee(_) => {
                let key = evidence.key.clone();
                Found::Ambiguous(vec![Self::existing(key, &evidence)])
            }
        })
    }

    fn keeps(&self, cx: &Context<'_>) -> Option<SecretRef> {
        Some(Kept::MailSecrets.here(cx))
    }

    async fn prepare(&self, cx: &Context<'_>) -> Result<(), Failure> {
        let kept = self.secrets_kept(cx).await?;
        *lock(&self.kept) = Some(kept);
        Ok(())
    }

    async fn create(&self, cx: &Context<'_>) -> Result<Created, Failure> {
        let internal = || Failure::refused(Cause::Internal);
        let evidence = read(cx.evidence.ok_or_else(internal)?)?;
        let kept = lock(&self.kept).clone().ok_or_else(internal)?;
        let (html, text) = evidence.letter.whole(&kept)?;
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

fn lock(kept: &Mutex<Option<Secrets>>) -> MutexGuard<'_, Option<Secrets>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a call of before may have sent it.
fn may_be_sent(cx: &Context<'_>) -> bool {
    let evidence = cx.evidence.map(read);
    evidence.is_some_and(|evidence| {
        evidence.is_ok_and(|evidence| !cx.ruled_out.contains(&evidence.key))
    })
}

fn read(value: &serde_json::Value) -> Result<Evidence, Failure> {
    Evidence::deserialize(value).map_err(|_| Failure::refused(Cause::Internal))
}
