//! Ctrl-C and the system's wish that the program ends. Once: runs stop between two calls. Twice: at once, as
//! by a kill; the journal stands for that too.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind};
use tokio_util::sync::CancellationToken;

/// From now on the first signal sets the token and the second ends the program.
pub(crate) fn cancels() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        cancel.cancel();
        signals.next().await;
        end();
    });
    token
}

/// Waits for Ctrl-C or, where there is one, SIGTERM.
pub(crate) async fn signal() {
    Signals::listen().next().await;
}

/// Heard from the moment they are listened for: one that comes while nobody waits is not lost.
#[cfg(unix)]
struct Signals {
    interrupt: Option<Signal>,
    terminate: Option<Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        let listen = |kind| tokio::signal::unix::signal(kind).ok();
        Self {
            interrupt: listen(SignalKind::interrupt()),
            terminate: listen(SignalKind::terminate()),
        }
    }

    async fn next(&mut self) {
        tokio::select! {
            () = heard(self.interrupt.as_mut()) => {}
            () = heard(self.terminate.as_mut()) => {}
        }
    }
}

/// Without a handler the signal ends the program by itself.
#[cfg(unix)]
async fn heard(signal: Option<&mut Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        // Without a handler the signal ends the program by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "asked for twice: as a kill")]
fn end() -> ! {
    std::process::exit(130)
}
