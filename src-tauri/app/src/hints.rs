//! Hints that something changed, for windows: changes of this and of other processes, from the growing
//! number in the store, and at once what this process's own runs tell. Runs whose process has ended are marked
//! on the way: nobody else would say so to a window that stays open. Beside it, domains that wait for DNS, and the
//! inbox, are looked at from time to time.

use std::{sync::Arc, time::Duration};

use fabrik_store::{Change, Topic};
use tokio::sync::{broadcast, mpsc};

use crate::App;

/// How often the store is looked at for what other processes did.
const FOLLOW: Duration = Duration::from_millis(500);

/// After so many looks it is asked whether the processes that have runs still live.
const LIVENESS: u32 = 8;

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
            }
        });
        receiver
    }

    async fn follow(&self, sender: mpsc::Sender<Change>) {
        let mut events = self.engine.events();
        let mut number = self.store.last_change().await.unwrap_or(0);
        let mut next = self.clock.monotonic() + FOLLOW;
        let mut looks = 0_u32;
        let mut lost = false;
        loop {
            // Events come in between, and don't put the look off.
            let wait = next.saturating_sub(self.clock.monotonic());
            let changes = tokio::select! {
                () = sender.closed() => return,
                () = self.clock.sleep(wait) => {
                    next = self.clock.monotonic() + FOLLOW;
                    looks = looks.wrapping_add(1);
                    if looks.is_multiple_of(LIVENESS)
                        && let Err(problem) = self.mark_interrupted().await
                    {
                        tracing::warn!(%problem, "runs that were left can't be marked");
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
            let mut told: Vec<(Topic, String)> = Vec::new();
            for change in changes {
                number = number.max(change.number);
                let key = (change.topic, change.id.clone());
                // Many changes of one record are one hint.
                if told.contains(&key) {
                    continue;
                }
                told.push(key);
                if sender.send(change).await.is_err() {
                    return;
                }
            }
        }
    }
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
