//! Ctrl-C and the system's wish that the program ends. Once: runs stop between two calls. Twice: at once, as
//! by a kill; the journal stands for that too.

use tokio_util::sync::CancellationToken;

/// From now on the first signal sets the token and the second ends the program.
pub(crate) fn cancels() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        signal().await;
        cancel.cancel();
        signal().await;
        end();
    });
    token
}

/// Waits for Ctrl-C or, where there is one, SIGTERM.
pub(crate) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler the signal ends the program by itself.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[expect(clippy::disallowed_methods, reason = "asked for twice: as a kill")]
fn end() -> ! {
    std::process::exit(130)
}
