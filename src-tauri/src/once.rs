//! Something that is made once, when it is first asked for. Where that fails the next one who asks tries again,
//! and whoever waits for it is told when it is there.

use tokio::sync::{Notify, OnceCell};

/// It, or nothing yet.
pub(crate) struct Once<T> {
    cell: OnceCell<T>,
    made: Notify,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self {
            cell: OnceCell::new(),
            made: Notify::new(),
        }
    }
}

impl<T: Clone> Once<T> {
    /// It, made now where there is none.
    pub(crate) async fn get_or_make<E, F: Future<Output = Result<T, E>>>(
        &self,
        make: impl FnOnce() -> F,
    ) -> Result<T, E> {
        let it = self.cell.get_or_try_init(make).await?.clone();
        self.made.notify_waiters();
        Ok(it)
    }

    /// Does something while it is missing, before anybody makes it; nothing where it is there.
    pub(crate) async fn while_missing<R, F: Future<Output = R>>(
        &self,
        work: impl FnOnce() -> F,
    ) -> Option<R> {
        let missing = self
            .cell
            .get_or_try_init(|| async move { Err::<T, R>(work().await) });
        missing.await.err()
    }

    /// It, where it is there.
    pub(crate) fn get(&self) -> Option<&T> {
        self.cell.get()
    }

    /// It, as soon as somebody has made it.
    pub(crate) async fn made(&self) -> T {
        loop {
            // Listens first and looks then, so that nothing is missed in between.
            let told = self.made.notified();
            tokio::pin!(told);
            told.as_mut().enable();
            if let Some(made) = self.cell.get() {
                return made.clone();
            }
            told.await;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn what_is_done_while_it_is_missing_keeps_others_from_making_it() {
        let once = Once::<u32>::default();
        let (begun, go_on) = (Notify::new(), Notify::new());
        let doing = once.while_missing(|| async {
            begun.notify_one();
            go_on.notified().await;
            once.get().is_none()
        });
        let making = async {
            begun.notified().await;
            go_on.notify_one();
            once.get_or_make(|| async { Ok::<_, &str>(7) }).await
        };
        let (missing, made) = tokio::join!(doing, making);
        assert_eq!((missing, made), (Some(true), Ok(7)), "one after the other");
        let again = once.while_missing(|| async { true }).await;
        assert_eq!(again, None, "it is there");
    }

    #[tokio::test]
    async fn whoever_waits_is_told_of_a_later_success() {
        let once = Arc::new(Once::<u32>::default());
        let failed = once.get_or_make(|| async { Err("locked") }).await;
        assert_eq!(failed, Err("locked"));
        let waiting = tokio::spawn({
            let once = Arc::clone(&once);
            async move { once.made().await }
        });
        tokio::task::yield_now().await;
        let made = once.get_or_make(|| async { Ok::<_, &str>(7) }).await;
        assert_eq!(made, Ok(7));
        assert_eq!(waiting.await.unwrap(), 7);
        assert_eq!(once.made().await, 7, "also for those who come later");
    }
}
