//! The mail to the owner about a run that has failed: once for each failure, whoever is killed meanwhile.
//!
//! The run's journal says that it falls due, in the entry that ends the run. The bytes are fixed in the store
//! before they are handed over, and the vendor's idempotency key is made of the row: so the next process sends
//! the same mail once more, which the vendor sends once. After the key's life it is not tried again. Whatever
//! becomes of the mail, the run has ended as it has.

use std::{sync::Arc, time::Duration};

use fabrik_domain::{
    Cause, Problem,
    failure::Outcome,
    id::RunId,
    mail::{Mail, MailKind, MailState},
    run::{Run, RunState},
};
use fabrik_steps::{Failed, FailureMail};
use fabrik_store::{MailClaim, NewAudit};
use jiff::SignedDuration;
use serde_json::json;
use tokio::sync::mpsc;

use crate::{App, handing_over::Handed, links::mailed, reports::of_run, views::MailView};

/// How long a process has a mail to itself: longer than all its tries take.
const HOLD: Duration = Duration::from_mins(3);

/// How often a window looks for mails that another process left.
const LOOK: Duration = Duration::from_secs(15);

/// The first pause after tries that failed, doubled each time, and the longest.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

impl App {
    /// Sends the mails to the owner that are due, about runs of any process that have ended. What goes wrong is
    /// written with the mail.
    pub async fn tell_owner(&self) {
        self.tell_owner_of(None).await;
    }

    /// As [`tell_owner`](Self::tell_owner), of one run.
    pub(crate) async fn tell_owner_about(&self, run: RunId) {
        self.tell_owner_of(Some(run)).await;
    }

    /// Tells until the window that `closed` belongs to is gone.
    pub(crate) async fn keep_telling(self: Arc<Self>, closed: mpsc::Sender<fabrik_store::Change>) {
        loop {
            tokio::select! {
                () = closed.closed() => return,
                () = async {
                    self.tell_owner().await;
                    self.clock.sleep(LOOK).await;
                } => {}
            }
        }
    }

    async fn tell_owner_of(&self, run: Option<RunId>) {
        let due = match self.store.due_mails().await {
            Ok(due) => due,
            Err(problem) => {
                tracing::warn!(%problem, "mails that are due can't be read");
                return;
            }
        };
        for mail in &due {
            let newer = |other: &Mail| other.run == mail.run && other.at > mail.at;
            let (asked, overtaken) = (run.is_none() || mail.run == run, due.iter().any(newer));
            if asked && let Err(problem) = self.tell(mail, overtaken).await {
                tracing::warn!(mail = %mail.id, %problem, "the owner can't be told");
            }
        }
    }

    async fn tell(&self, mail: &Mail, overtaken: bool) -> Result<(), Problem> {
        let Some(run) = mail.run else { return Ok(()) };
        let run = self.store.run(run).await?;
        let now = self.clock.now();
        let dead = mail.held_by.clone().filter(|owner| self.has_ended(owner));
        let waits = mail.not_before.is_some_and(|at| at > now) && dead.is_none();
        if waits || self.is_driven(run.id).await? {
            return Ok(());
        }
        if mail.key_is_old(now) {
            return self.settle(mail, &run, MailState::Unknown, None).await;
        }
        let has_failed = matches!(
            run.state,
            RunState::Failed | RunState::RolledBack | RunState::Leftovers
        );
        if mail.tried_at.is_none() && (overtaken || !has_failed) {
            return self.settle(mail, &run, MailState::Overtaken, None).await;
        }
        let settings = self.settings().await?.values();
        let claim = match self.fixed(mail, &run, &settings).await {
            Ok(Some(content)) => MailClaim {
                id: mail.id,
                to: content.to.clone(),
                content: serde_json::to_value(content).map_err(|_| Cause::Internal)?,
                by: self.engine.owner().to_owned(),
                dead,
            },
            Ok(None) => {
                return self.settle(mail, &run, MailState::Unaddressed, None).await;
            }
            Err(problem) => {
                let problem = Some(problem);
                return self.settle(mail, &run, MailState::NotSent, problem).await;
            }
        };
        let Some(mail) = self.store.claim_mail(claim, HOLD).await? else {
            return Ok(());
        };
        let content = mail.content.clone().ok_or(Cause::Internal)?;
        let content: FailureMail = serde_json::from_value(content).map_err(|_| Cause::Internal)?;
        let handed = match self.factory(&settings, run.customer).await {
            Ok(registry) => {
                self.hand_over(&registry, &content.mail(), &mail.key())
                    .await
            }
            Err(problem) => Handed::Not(problem.into()),
        };
        match handed {
            Handed::Over => self.settle(&mail, &run, MailState::Sent, None).await,
            Handed::Not(failure) if failure.outcome == Outcome::Refused => {
                let problem = Some(failure.problem);
                self.settle(&mail, &run, MailState::NotSent, problem).await
            }
            Handed::Not(failure) => self.put_off(mail, failure.problem, failure.outcome).await,
            Handed::Perhaps(problem) => self.put_off(mail, problem, Outcome::Unknown).await,
        }
    }

    /// What goes out: as it was fixed by whoever tried first, else as things are now. `None` where nobody is to be told.
    pub(crate) async fn fixed(
        &self,
        mail: &Mail,
        run: &Run,
        settings: &std::collections::BTreeMap<String, String>,
    ) -> Result<Option<FailureMail>, Problem> {
        if let Some(content) = mail.content.clone() {
            let content = serde_json::from_value(content);
            return content.map_err(|_| Cause::Internal.into());
        }
        let Some(owner) = settings.get("email.owner") else {
            return Ok(None);
        };
        let from = settings.get("email.from").ok_or(Cause::SettingMissing {
            setting: "email.from".to_owned(),
        })?;
        let (customer, steps, resources, language) = tokio::try_join!(
            self.store.customer(run.customer),
            self.store.steps(run.id),
            self.store.resources(run.customer),
            self.owner_language(),
        )?;
        let resources = of_run(run, &steps, resources).into_iter();
        let resources: Vec<_> = resources.map(|one| mailed(one, settings)).collect();
        let failed = Failed {
            run,
            customer: &customer,
            steps: &steps,
            resources: &resources,
        };
        FailureMail::render(failed, language, from, owner).map(Some)
    }

    /// Another process has taken the run on, and may be about to change what would be told.
    async fn is_driven(&self, run: RunId) -> Result<bool, Problem> {
        let lease = self.store.lease(run).await?;
        Ok(lease.is_some_and(|lease| {
            lease.expires > self.clock.now()
                && lease.owner != self.engine.owner()
                && !self.has_ended(&lease.owner)
        }))
    }

    async fn put_off(&self, mail: Mail, problem: Problem, outcome: Outcome) -> Result<(), Problem> {
        let now = self.clock.now();
        let next = match outcome {
            Outcome::Throttled(until) => until,
            _ => now.saturating_add(pause(mail.attempts)).unwrap_or(now),
        };
        let put_off = Mail {
            state: MailState::Sending,
            not_before: Some(next),
            error: Some(problem),
            ..mail
        };
        self.store.settle_mail(put_off, None).await.map(drop)
    }

    async fn settle(
        &self,
        mail: &Mail,
        run: &Run,
        state: MailState,
        error: Option<Problem>,
    ) -> Result<(), Problem> {
        let action = match state {
            MailState::Sent => Some("owner.told"),
            MailState::NotSent | MailState::Unknown => Some("owner.not_told"),
            _ => None,
        };
        let audit = action.map(|action| NewAudit {
            customer: Some(run.customer),
            run: Some(run.id),
            ..self.audit(action, json!({ "number": run.number, "to": mail.to }))
        });
        let settled = Mail {
            state,
            error: error.or_else(|| mail.error.clone().filter(|_| state != MailState::Sent)),
            ended_at: Some(self.clock.now()),
            not_before: None,
            ..mail.clone()
        };
        self.store.settle_mail(settled, audit).await.map(drop)
    }

    /// How the owner was told of a run's newest failure; `None` where it has none, or nobody is to be told.
    pub(crate) async fn owner_mail(&self, run: &Run) -> Result<Option<MailView>, Problem> {
        let mails = self.store.mails(run.customer).await?;
        let about = |mail: &Mail| {
            mail.kind == MailKind::Failure
                && mail.run == Some(run.id)
                && !matches!(mail.state, MailState::Unaddressed | MailState::Overtaken)
        };
        Ok(mails.into_iter().find(about).map(MailView::from))
    }
}

/// How long to wait after so many tries.
fn pause(tries: u32) -> SignedDuration {
    let doubled = 1_i32 << tries.saturating_sub(1).min(10);
    FIRST_PAUSE
        .checked_mul(doubled)
        .unwrap_or(LONGEST_PAUSE)
        .min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_store::{Gone, JournalEntry, Lease, RunChange};

    use super::*;
    use crate::testing;

    const MINUTE: Duration = Duration::from_mins(1);

    async fn ends(app: &App, lease: &Lease, state: RunState) {
        let now = app.clock.now();
        let change = RunChange {
            state,
            reason: None,
            error: None,
            finished_at: Some(now),
            undo_began_at: None,
        };
        let entry = JournalEntry {
            run: Some(change),
            failed_at: (state == RunState::Failed).then_some(now),
            ..JournalEntry::default()
        };
        app.store.journal(lease, entry).await.unwrap();
    }

    async fn mail(app: &App, lease: &Lease) -> Mail {
        let run = app.store.run(lease.run).await.unwrap();
        app.store.mails(run.customer).await.unwrap().remove(0)
    }

    #[tokio::test]
    async fn while_another_process_has_the_run_nobody_is_told() {
        // Nobody listens there: what is handed over is not taken.
        let variables = [
            ("FABRIK_EMAIL_OWNER", "o@norrform.se"),
            ("FABRIK_EMAIL_FROM", "f@norrform.se"),
            ("FABRIK_RESEND_URL", "http://127.0.0.1:9"),
            ("FABRIK_SECRET_RESEND", "re_test"),
        ];
        let (_folder, app) = testing::app_with(&variables).await;
        let lease = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
        ends(&app, &lease, RunState::Failed).await;
        app.store.release_lease(&lease).await.unwrap();
        let owner = "elsewhere/1/x";
        let elsewhere = app
            .store
            .take_run(lease.run, owner, MINUTE, Gone::default());
        let elsewhere = elsewhere.await.unwrap();
        app.tell_owner().await;
        assert_eq!(
            mail(&app, &lease).await.state,
            MailState::Due,
            "it may be about to go on"
        );
        app.store.release_lease(&elsewhere).await.unwrap();
        app.tell_owner().await;
        let tried = mail(&app, &lease).await;
        assert_eq!((tried.state, tried.attempts), (MailState::Sending, 1));
        assert!(
            tried.error.is_some() && tried.not_before.is_some(),
            "{tried:?}"
        );
        // Until then it is left alone.
        app.tell_owner().await;
        assert_eq!(mail(&app, &lease).await, tried);
    }

    #[tokio::test]
    async fn what_has_been_mended_meanwhile_is_not_told() {
        let (_folder, app) = testing::app().await;
        let lease = testing::run(&app, app.engine.owner(), BTreeMap::new()).await;
        ends(&app, &lease, RunState::Failed).await;
        ends(&app, &lease, RunState::Succeeded).await;
        app.tell_owner().await;
        assert_eq!(mail(&app, &lease).await.state, MailState::Overtaken);
        let run = app.store.run(lease.run).await.unwrap();
        assert_eq!(app.owner_mail(&run).await.unwrap(), None, "nor shown");
    }

    #[test]
    fn pauses_grow_to_an_hour() {
        let seconds: Vec<_> = (1..=9).map(|tries| pause(tries).as_secs()).collect();
        assert_eq!(seconds, [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    }
}
