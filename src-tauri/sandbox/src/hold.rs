//! Who uses a shared sandbox: each client keeps `GET /_sandbox/hold` open for as long as it lives.
//! A killed client's connection closes by itself, so nothing is left behind.

use std::{sync::Arc, time::Duration};

use tokio::sync::watch;

/// The number of clients that hold the sandbox.
#[derive(Clone, Debug)]
pub(crate) struct Holds(Arc<watch::Sender<usize>>);

impl Default for Holds {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }
}

/// One client's hold; dropping it lets go.
pub(crate) struct Hold(Arc<watch::Sender<usize>>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Holds {
    /// Another client.
    pub(crate) fn take(&self) -> Hold {
        self.0.send_modify(|count| *count += 1);
        Hold(self.0.clone())
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        *self.0.borrow()
    }

    /// Returns once nobody has held the sandbox for the whole of `linger`.
    pub(crate) async fn unused_for(&self, linger: Duration) {
        let mut changes = self.0.subscribe();
        loop {
            // The sender lives as long as `self`: these never fail.
            if changes.wait_for(|count| *count == 0).await.is_err() {
                return;
            }
            let taken = changes.wait_for(|count| *count > 0);
            if tokio::time::timeout(linger, taken).await.is_err() {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_returns_within_the_linger_keeps_it_alive() {
        let holds = Holds::default();
        let first = holds.take();
        let waiting = tokio::spawn({
            let holds = holds.clone();
            async move { holds.unused_for(Duration::from_secs(30)).await }
        });
        tokio::time::sleep(Duration::from_secs(100)).await;
        drop(first);
        tokio::time::sleep(Duration::from_secs(29)).await;
        let second = holds.take();
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert!(!waiting.is_finished(), "the second client still holds it");
        drop(second);
        tokio::time::sleep(Duration::from_secs(31)).await;
        assert!(waiting.is_finished(), "nobody has held it for the linger");
    }
}
