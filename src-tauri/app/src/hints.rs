//! Hints that something changed, for windows: changes of this and of other processes, from the growing
//! number in the store, as soon as it tells of them, and at once what this process's own runs tell. Runs whose
//! process has ended are marked on the way: nobody else would say so to a window that stays open. Beside it, domains
//! that wait for DNS, and the inbox, are looked at from time to time, the agency's own table of customers is kept up
//! with, the database is copied once a day, and a sandbox that did not start is tried again.

use std::{sync::Arc, time::Duration};

use fabrik_store::{Change, Heard, Topic};
use tokio::sync::{broadcast, mpsc, watch};

use crate::App;

/// How often a store that tells nothing by itself is looked at for what other processes did.
const FOLLOW: Duration = Duration::from_millis(500);

/// The longest until it is asked again whether the processes that have runs still live; a store that tells of changes is
/// looked at then too, in case it has gone.
const LIVENESS: Duration = Duration::from_secs(4);

/// How soon that is asked first, and each time twice as long after: one that was killed as this one was started may have
/// been ending still when the first look at it found it alive.
pub(crate) const FIRST_LIVENESS: Duration = Duration::from_secs(1);

/// The shortest time between two looks: a run under way tells many changes in a moment.
const BREATH: Duration = Duration::from_millis(100);

impl App {
    /// Follows all changes until the receiver is dropped. Losing one only makes a window late.
    pub fn hints(self: &Arc<Self>) -> mpsc::Receiver<Change> {
        let (sender, receiver) = mpsc::channel(256);
        // Not in the loop that follows: a vendor that is slow must not hold hints up.
        tokio::spawn(Arc::clone(self).keep_telling(sender.clone()));
        let app = Arc::clone(self);
        // Ends with the window, since that is all that `follow` ends for.
        tokio::spawn(async move {
            tokio::select! {
                () = app.follow(sender) => {}
                () = app.watch_domains() => {}
                () = app.watch_inbox() => {}
                () = app.follow_source() => {}
                () = app.watch_copies() => {}
                () = app.watch_sandbox() => {}
            }
        });
        receiver
    }

    async fn follow(&self, sender: mpsc::Sender<Change>) {
        let mut events = self.engine.events();
        let mut heard = self.store.listen();
        let mut number = self.store.last_change().await.unwrap_or(0);
        let mut looked = self.clock.monotonic();
        let mut asked = looked;
        let mut liveness = FIRST_LIVENESS;
        let mut lost = false;
        loop {
            // Events come in between, and don't put the look off.
            let changes = tokio::select! {
                () = sender.closed() => return,
                () = self.reason_to_look(&mut heard, looked, liveness) => {
                    looked = self.clock.monotonic();
                    if looked.saturating_sub(asked) >= liveness {
                        asked = looked;
                        liveness = (liveness * 2).min(LIVENESS);
                        if let Err(problem) = self.mark_interrupted().await {
                            tracing::warn!(%problem, "runs that were left can't be marked");
                        }
                    }
                    match self.store.changes_since(number).await {
                        // Whatever failed meanwhile is asked for again.
                        Ok(changes) if lost => {
                            lost = false;
                            all(number).into_iter().chain(changes).collect()
                        }
                        Ok(changes) => changes,
                        // Windows ask again, and so learn of it: what they have is shown with its age.
                        Err(problem) if !lost => {
                            tracing::warn!(%problem, "changes can't be followed");
                            lost = true;
                            all(number).to_vec()
                        }
                        Err(_) => continue,
                    }
                }
                event = events.recv() => match event {
                    Ok(event) => vec![Change { number, topic: Topic::Runs, id: event.run.to_string() }],
                    Err(broadcast::error::RecvError::Lagged(_)) => continue,
                    Err(broadcast::error::RecvError::Closed) => return,
                },
            };
            let mut sent: Vec<(Topic, String)> = Vec::new();
            for change in changes {
                number = number.max(change.number);
                let key = (change.topic, change.id.clone());
                // Many changes of one record are one hint.
                if sent.contains(&key) {
                    continue;
                }
                sent.push(key);
                if sender.send(change).await.is_err() {
                    return;
                }
            }
        }
    }

    /// Returns when the store should be looked at again, having been looked at at `looked`; where it tells of changes,
    /// after `liveness` at the latest.
    async fn reason_to_look(
        &self,
        heard: &mut Option<watch::Receiver<Heard>>,
        looked: Duration,
        liveness: Duration,
    ) {
        let until = |time: Duration| {
            let since = self.clock.monotonic().saturating_sub(looked);
            self.clock.sleep(time.saturating_sub(since))
        };
        let listening = heard.as_ref().is_some_and(|heard| heard.borrow().listening);
        let longest = if listening { liveness } else { FOLLOW };
        // A breath comes first: what was heard must not be forgotten where this is dropped meanwhile.
        let told = async {
            until(BREATH).await;
            told(heard).await;
        };
        tokio::select! {
            () = told => {}
            () = until(longest) => {}
        }
    }
}

/// Returns when the store has told of a change; never where it tells nothing.
async fn told(heard: &mut Option<watch::Receiver<Heard>>) {
    if let Some(telling) = heard
        && telling.changed().await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

/// The hint that anything may have changed.
fn all(number: i64) -> [Change; 4] {
    [
        Topic::Customers,
        Topic::Runs,
        Topic::Requests,
        Topic::Settings,
    ]
    .map(|topic| Change {
        number,
        topic,
        id: String::new(),
    })
}
