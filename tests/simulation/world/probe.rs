//! The points of a run at which it can be stopped: before and after each request and each change of the
//! vault, and after each write of the journal.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Poll,
};

use async_trait::async_trait;
use fabrik_domain::{
    Problem,
    ports::Secrets,
    secret::{Secret, SecretRef},
};
use fabrik_vault::MemoryVault;

/// Counts the points, and kills at one.
#[derive(Default)]
pub(crate) struct Probe {
    passed: AtomicUsize,
    kill_at: AtomicUsize,
    killed: AtomicBool,
}

impl Probe {
    pub(super) fn pass(&self) {
        let point = self.passed.fetch_add(1, Ordering::Relaxed) + 1;
        if point == self.kill_at.load(Ordering::Relaxed) {
            self.killed.store(true, Ordering::Relaxed);
        }
    }

    /// As a point that can be waited at: killed there, nothing after it is done; and who sleeps there wakes
    /// there.
    pub(super) async fn stop(&self) {
        self.pass();
        tokio::task::yield_now().await;
    }

    fn passed(&self) -> usize {
        self.passed.load(Ordering::Relaxed)
    }

    /// Points are counted from here.
    pub(super) fn restart(&self) {
        self.passed.store(0, Ordering::Relaxed);
    }

    /// Runs a future to its end. Calls `at` with each point at which a kill leaves something else than at the one
    /// before: of those that were passed without a pause between them, the last.
    pub(super) async fn through<F: Future>(
        &self,
        future: F,
        mut at: impl FnMut(usize),
    ) -> F::Output {
        self.restart();
        let mut last = 0;
        let mut future = pin!(future);
        std::future::poll_fn(|cx| {
            let poll = future.as_mut().poll(cx);
            let passed = self.passed();
            if poll.is_pending() && passed > last {
                last = passed;
                at(passed);
            }
            poll
        })
        .await
    }

    /// Polls a future until it ends, or has passed the point; there it stands, and may be polled on.
    pub(crate) async fn reaches<F: Future>(
        &self,
        point: usize,
        mut future: Pin<&mut F>,
    ) -> Option<F::Output> {
        self.restart();
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.passed() >= point => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }

    /// Polls a future until it ends, or until the point; there it is dropped where it stands.
    pub(super) async fn until<F: Future>(&self, point: usize, future: F) -> Option<F::Output> {
        self.restart();
        self.killed.store(false, Ordering::Relaxed);
        self.kill_at.store(point, Ordering::Relaxed);
        let mut future = pin!(future);
        let output = std::future::poll_fn(|cx| {
            if self.killed.load(Ordering::Relaxed) {
                return Poll::Ready(None);
            }
            match future.as_mut().poll(cx) {
                Poll::Ready(output) => Poll::Ready(Some(output)),
                Poll::Pending if self.killed.load(Ordering::Relaxed) => Poll::Ready(None),
                Poll::Pending => Poll::Pending,
            }
        })
        .await;
        self.kill_at.store(0, Ordering::Relaxed);
        self.killed.store(false, Ordering::Relaxed);
        output
    }
}

/// The vault, whose changes take a moment.
pub(super) struct ProbedVault {
    pub(super) below: Arc<MemoryVault>,
    pub(super) probe: Arc<Probe>,
}

#[async_trait]
impl Secrets for ProbedVault {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        self.below.get(reference).await
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        self.probe.stop().await;
        self.below.set(reference, secret).await
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        self.probe.stop().await;
        self.below.remove(reference).await
    }

    async fn create_if_absent(
        &self,
        reference: &SecretRef,
        secret: Secret,
    ) -> Result<Secret, Problem> {
        self.probe.stop().await;
        self.below.create_if_absent(reference, secret).await
    }

    async fn writable(&self) -> Result<(), Problem> {
        self.below.writable().await
    }
}
