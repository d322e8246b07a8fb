//! A customer's welcome mail outside a run: shown before it is sent, and sent again on the owner's wish.
//!
//! Each wish is written down before anything is made or handed over, and is handed over under a key of its own: one
//! wish is one mail. Its text holds a new sign-in link and is kept nowhere; so a wish whose process ended is not
//! taken up again, and says that nobody knows.

use std::collections::BTreeMap;

use fabrik_domain::{
    Cause, Problem,
    customer::Customer,
    id::CustomerId,
    mail::{Mail, MailKind, MailState},
    resource::{ResourceKind, ResourceState},
    run::{Outputs, Purpose, Run, RunState, Snapshot},
};
use fabrik_steps::{Mail as OutgoingMail, Preview};
use fabrik_store::{NewAudit, RunQuery};
use jiff::SignedDuration;
use serde_json::json;

use crate::{
    App,
    handing_over::Handed,
    views::{MailView, WelcomePreview},
};

/// After this a wish that is not settled will not be.
const LONGEST: SignedDuration = SignedDuration::from_mins(3);

/// What a customer's welcome mail is made of.
struct Making {
    /// The run that made the instance which the customer has now.
    run: Option<Run>,
    /// What the run began with, else what one would begin with; names, language and settings as they are now. The
    /// address stays the run's: it tells which mail goes to the customer.
    snapshot: Snapshot,
    /// What the run handed on.
    outputs: BTreeMap<String, Outputs>,
    /// Where the customer is reached now.
    address: String,
}

impl Making {
    /// Where a mail goes: to the customer's address of now, which may have been mended, in place of the run's.
    fn addressed(&self, to: String) -> String {
        if to == self.snapshot.customer.contact_email {
            self.address.clone()
        } else {
            to
        }
    }

    fn no_mail(&self) -> Problem {
        let blueprint = self.snapshot.blueprint.name.clone();
        Cause::NoWelcomeMail { blueprint }.into()
    }

    fn no_instance(&self) -> Problem {
        let customer = self.snapshot.customer.name.clone();
        Cause::InstanceMissing { customer }.into()
    }
}

impl App {
    /// See the table of commands.
    pub async fn welcome_preview(&self, customer: CustomerId) -> Result<WelcomePreview, Problem> {
        let making = self.making(customer).await?;
        let preview = self.shown(&making).await?;
        let refused = match making.run {
            Some(_) => self.refuse_while_active(customer).await.err(),
            None => Some(making.no_instance()),
        };
        Ok(WelcomePreview {
            from: preview.from,
            to: making.addressed(preview.to),
            reply_to: preview.reply_to,
            subject: preview.subject,
            text: preview.text,
            html: preview.html,
            last: self.last_welcome(customer).await?,
            refused,
        })
    }

    /// See the table of commands.
    pub async fn welcome_resend(&self, customer: CustomerId) -> Result<MailView, Problem> {
        self.refuse_while_active(customer).await?;
        let making = self.making(customer).await?;
        if making.run.is_none() {
            return Err(making.no_instance());
        }
        // What can be known to fail fails before a link is made, which ends the one before.
        let to = making.addressed(self.shown(&making).await?.to);
        let now = self.clock.now();
        let wish = Mail {
            state: MailState::Sending,
            to: Some(to.clone()),
            attempts: 1,
            tried_at: Some(now),
            held_by: Some(self.engine.owner().to_owned()),
            ..Mail::new(MailKind::Welcome, customer, now)
        };
        let audit = |action| NewAudit {
            customer: Some(customer),
            ..self.audit(action, json!({ "to": to }))
        };
        self.store
            .add_mail(wish.clone(), audit("welcome.asked_again"))
            .await?;
        let (state, error) = match self.send_again(&making, to.clone(), &wish.key()).await {
            Handed::Over => (MailState::Sent, None),
            Handed::Not(failure) => (MailState::NotSent, Some(failure.problem)),
            Handed::Perhaps(problem) => (MailState::Unknown, Some(problem)),
        };
        let settled = Mail {
            state,
            error,
            held_by: None,
            ended_at: Some(self.clock.now()),
            ..wish
        };
        let action = match state {
            MailState::Sent => "welcome.sent_again",
            _ => "welcome.not_sent",
        };
        self.store
            .settle_mail(settled.clone(), Some(audit(action)))
            .await?;
        Ok(settled.into())
    }

    async fn shown(&self, making: &Making) -> Result<Preview, Problem> {
        let snapshot = &making.snapshot;
        let registry = self
            .factory(&snapshot.settings, snapshot.customer.id)
            .await?;
        let preview = registry.preview_welcome(snapshot, &making.outputs).await;
        let preview = preview.map_err(|failure| failure.problem)?;
        preview.ok_or_else(|| making.no_mail())
    }

    async fn send_again(&self, making: &Making, to: String, key: &str) -> Handed {
        let snapshot = &making.snapshot;
        let registry = match self.factory(&snapshot.settings, snapshot.customer.id).await {
            Ok(registry) => registry,
            Err(problem) => return Handed::Not(problem.into()),
        };
        match registry.welcome_again(snapshot, &making.outputs).await {
            Ok(Some(mail)) => {
                let mail = OutgoingMail { to, ..mail };
                self.hand_over(&registry, &mail, key).await
            }
            Ok(None) => Handed::Not(making.no_mail().into()),
            Err(failure) => Handed::Not(failure),
        }
    }

    async fn making(&self, customer: CustomerId) -> Result<Making, Problem> {
        let query = RunQuery {
            customer: Some(customer),
            ..RunQuery::default()
        };
        let (runs, customer, settings) = tokio::try_join!(
            self.store.runs(query),
            self.store.customer(customer),
            self.settings(),
        )?;
        let run = runs
            .into_iter()
            .take_while(|run| run.purpose == Purpose::Provision)
            .find(|run| run.state == RunState::Succeeded);
        let address = customer.contact_email.clone();
        let settings = settings.values();
        let Some(run) = run else {
            let snapshot = Snapshot {
                blueprint: self.blueprints.get(&customer.blueprint)?,
                customer,
                settings,
                names: BTreeMap::new(),
            };
            return Ok(Making {
                run: None,
                snapshot,
                outputs: BTreeMap::new(),
                address,
            });
        };
        let (then, steps) =
            tokio::try_join!(self.store.snapshot(run.id), self.store.steps(run.id))?;
        let outputs = steps.into_iter().map(|step| (step.id, step.outputs));
        let snapshot = Snapshot {
            customer: Customer {
                contact_email: then.customer.contact_email.clone(),
                ..customer
            },
            settings,
            ..then
        };
        Ok(Making {
            run: Some(run),
            snapshot,
            outputs: outputs.collect(),
            address,
        })
    }

    /// The welcome mail that a run has sent, or the one asked for since.
    async fn last_welcome(&self, customer: CustomerId) -> Result<Option<MailView>, Problem> {
        let (mails, resources) =
            tokio::try_join!(self.store.mails(customer), self.store.resources(customer))?;
        let again = mails
            .into_iter()
            .find(|mail| mail.kind == MailKind::Welcome)
            .map(|mail| self.seen_now(mail));
        let first = resources
            .into_iter()
            .rfind(|row| row.kind == ResourceKind::Mail && row.state == ResourceState::Live)
            .map(|row| MailView {
                state: MailState::Sent,
                to: Some(row.name),
                at: row.at,
                ended_at: Some(row.at),
                problem: None,
            });
        Ok(again.into_iter().chain(first).max_by_key(|mail| mail.at))
    }

    /// A wish whose process has ended is not taken up again.
    fn seen_now(&self, mail: Mail) -> MailView {
        let left = mail
            .held_by
            .as_deref()
            .is_none_or(|owner| self.has_ended(owner))
            || self.clock.now().duration_since(mail.at) > LONGEST;
        let mut view = MailView::from(mail);
        if left && !view.state.is_settled() {
            view.state = MailState::Unknown;
        }
        view
    }
}
