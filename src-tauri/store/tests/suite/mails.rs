//! Mails beside a run's steps: due once for each failure, handed over by one process at a time, settled once.

use std::time::Duration;

use fabrik_domain::{
    Cause,
    mail::{Mail, MailKind, MailState},
    run::{Run, RunState},
};
use fabrik_store::{JournalEntry, Lease, MailClaim, Store};
use serde_json::json;

use super::{
    Backend,
    samples::{add, audit, begin, noon, to},
};

const HOLD: Duration = Duration::from_mins(3);

/// A run that has failed, and its mail.
async fn failed(store: &dyn Store) -> (Run, Lease, Mail) {
    let customer = add(store, "Åberg", "aberg").await;
    let (run, lease) = begin(store, &customer, "one").await;
    let end = JournalEntry {
        failed_at: Some(noon()),
        ..to(RunState::Failed)
    };
    store.journal(&lease, end).await.unwrap();
    let mail = store.due_mails().await.unwrap().pop().expect("it is due");
    (run, lease, mail)
}

fn claim(mail: &Mail, by: &str, words: &str) -> MailClaim {
    MailClaim {
        id: mail.id,
        to: format!("{words}@studio.se"),
        content: json!({ "text": words }),
        by: by.to_owned(),
        dead: None,
    }
}

pub async fn a_failure_is_due_once_and_when_its_run_has_ended(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let entry = |state| JournalEntry {
        failed_at: Some(noon()),
        ..to(state)
    };
    let undoing = entry(RunState::Undoing);
    store.journal(&lease, undoing.clone()).await.unwrap();
    store.journal(&lease, undoing).await.unwrap();
    assert!(
        store.due_mails().await.unwrap().is_empty(),
        "it is still being undone"
    );
    let end = entry(RunState::Leftovers);
    store.journal(&lease, end.clone()).await.unwrap();
    let due = backend.open().due_mails().await.unwrap();
    let [mail] = due.as_slice() else {
        panic!("one mail, not {due:?}")
    };
    assert_eq!(
        (mail.kind, mail.run, mail.at, mail.state),
        (MailKind::Failure, Some(run.id), noon(), MailState::Due)
    );
    let settled = Mail {
        state: MailState::Sent,
        ended_at: Some(noon()),
        ..mail.clone()
    };
    assert!(store.settle_mail(settled, None).await.unwrap());
    // What was left over is tried again, and is left over again.
    store.journal(&lease, end).await.unwrap();
    assert!(store.due_mails().await.unwrap().is_empty(), "told already");
    assert_eq!(store.mails(customer.id).await.unwrap().len(), 1);
}

pub async fn of_two_that_claim_a_mail_one_has_it(backend: &impl Backend) {
    let (one, two) = (backend.open(), backend.open());
    let (_, _, mail) = failed(&*one).await;
    let (first, second) = tokio::join!(
        one.claim_mail(claim(&mail, "one", "first"), HOLD),
        two.claim_mail(claim(&mail, "two", "second"), HOLD),
    );
    let claimed: Vec<_> = [first.unwrap(), second.unwrap()]
        .into_iter()
        .flatten()
        .collect();
    assert_eq!(claimed.len(), 1, "{claimed:?}");
    assert_eq!(
        (claimed[0].state, claimed[0].attempts),
        (MailState::Sending, 1)
    );
    assert!(claimed[0].tried_at.is_some());
}

pub async fn what_is_fixed_stays_whoever_sends_it(backend: &impl Backend) {
    let store = backend.open();
    let (_, _, mail) = failed(&*store).await;
    let first = store.claim_mail(claim(&mail, "one", "first"), HOLD).await;
    let first = first.unwrap().expect("nobody has it");
    let dead = MailClaim {
        dead: Some("one".to_owned()),
        ..claim(&mail, "two", "second")
    };
    let again = store.claim_mail(dead, HOLD).await.unwrap();
    let again = again.expect("its holder is dead");
    assert_eq!(
        (&again.to, &again.content, again.tried_at),
        (&first.to, &first.content, first.tried_at),
        "the same key goes with the same bytes"
    );
    assert_eq!(again.attempts, 2);
    let later = claim(&mail, "three", "third");
    assert_eq!(store.claim_mail(later.clone(), HOLD).await.unwrap(), None);
    backend.pass(HOLD + Duration::from_secs(1));
    let third = store.claim_mail(later, HOLD).await.unwrap();
    assert_eq!(third.expect("the hold has ended").content, first.content);
}

pub async fn a_mail_is_settled_once(backend: &impl Backend) {
    let store = backend.open();
    let (run, _, mail) = failed(&*store).await;
    let to = |state| Mail {
        state,
        ended_at: Some(noon()),
        error: (state == MailState::NotSent).then(|| Cause::CredentialRejected.into()),
        ..mail.clone()
    };
    let not_sent = to(MailState::NotSent);
    let written = store.settle_mail(not_sent, Some(audit("owner.not_told")));
    assert!(written.await.unwrap());
    let sent = store.settle_mail(to(MailState::Sent), Some(audit("owner.told")));
    assert!(!sent.await.unwrap(), "it is settled");
    assert_eq!(
        store.claim_mail(claim(&mail, "one", "x"), HOLD).await,
        Ok(None)
    );
    let kept = store.mails(run.customer).await.unwrap();
    assert_eq!(kept[0].error, Some(Cause::CredentialRejected.into()));
    let log = store.audit_log(None, 1).await.unwrap();
    assert_eq!(log[0].entry.action, "owner.not_told");
}

pub async fn a_wish_stands_in_the_way_of_the_next_until_it_is_settled(backend: &impl Backend) {
    let store = backend.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let other = add(&*store, "Björk", "bjork").await;
    // As the database's own clock has it: wishes are made now.
    let now = customer.created_at;
    let wish = |of| Mail {
        state: MailState::Sending,
        to: Some("anna@aberg.se".to_owned()),
        ..Mail::new(MailKind::Welcome, of, now)
    };
    let first = wish(customer.id);
    store.add_mail(first.clone(), audit("asked")).await.unwrap();
    let refused = store.add_mail(wish(customer.id), audit("asked")).await;
    assert_eq!(*refused.unwrap_err().cause, Cause::MailUnderWay);
    store
        .add_mail(wish(other.id), audit("asked"))
        .await
        .expect("another customer's");
    let settled = Mail {
        state: MailState::Sent,
        ended_at: Some(now),
        ..first
    };
    assert!(store.settle_mail(settled, None).await.unwrap());
    store
        .add_mail(wish(customer.id), audit("asked"))
        .await
        .unwrap();
    assert_eq!(store.mails(customer.id).await.unwrap().len(), 2);
    assert!(
        store.due_mails().await.unwrap().is_empty(),
        "nobody but who asked sends it"
    );
    // Its process was killed: after a while it is in nobody's way.
    backend.pass(Duration::from_mins(3));
    store
        .add_mail(wish(customer.id), audit("asked"))
        .await
        .unwrap();
}
