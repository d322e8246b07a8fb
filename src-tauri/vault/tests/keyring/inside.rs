//! What runs inside a session: the vault against a real keyring, from its first call to its worst day.

use std::time::{Duration, Instant};

use fabrik_domain::{
    Problem,
    ports::Secrets,
    secret::{ExposeSecret, Secret, SecretRef},
};
use fabrik_vault::{KeyringVault, Patience, SERVICE, VaultHint, VaultState};

use crate::session::{Prompts, Stopped, daemon, lock, prompter, shell, signal, unlock, until};

const INSIDE: &str = "v1/0/github/token";

fn token() -> SecretRef {
    SecretRef::Keyring(INSIDE.to_owned())
}

/// A vault that remembers nothing, so that every call reaches the keyring.
fn vault() -> KeyringVault {
    impatient(Duration::from_secs(30))
}

fn impatient(give_up_after: Duration) -> KeyringVault {
    let hint_after = Duration::from_millis(100);
    KeyringVault::with(
        SERVICE,
        Patience {
            hint_after,
            give_up_after,
            remember: Duration::ZERO,
        },
    )
}

async fn read(vault: &KeyringVault) -> Result<Option<String>, Problem> {
    Ok(vault
        .get(&token())
        .await?
        .map(|secret| secret.expose_secret().to_owned()))
}

/// How many entries of ours the keyring holds, as another program sees it.
fn entries() -> usize {
    let found = shell(&format!(
        "secret-tool search --all service {SERVICE} 2>&1 || true"
    ));
    found.matches("attribute.username = ").count()
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn round_trip() {
    let vault = KeyringVault::new();
    let status = vault.status().await;
    assert_eq!(status.backend, "Secret Service, GNOME Keyring");
    assert_eq!(
        (status.state, status.hint, status.problem),
        (VaultState::Unlocked, None, None)
    );

    vault.writable().await.unwrap();
    assert_eq!(entries(), 0, "nothing is left of what was tried");
    assert_eq!(read(&vault).await.unwrap(), None, "nothing yet");
    vault.remove(&token()).await.unwrap();
    vault
        .set(&token(), Secret::from("ghp_one åäö"))
        .await
        .unwrap();
    assert_eq!(read(&vault).await.unwrap().as_deref(), Some("ghp_one åäö"));
    let seen = shell(&format!(
        "secret-tool lookup service {SERVICE} username {INSIDE}"
    ));
    assert_eq!(seen, "ghp_one åäö", "another program sees the same bytes");

    vault.set(&token(), Secret::from("ghp_two")).await.unwrap();
    assert_eq!(
        read(&vault).await.unwrap().as_deref(),
        Some("ghp_two"),
        "no stale read"
    );
    let other = KeyringVault::new();
    assert_eq!(
        read(&other).await.unwrap().as_deref(),
        Some("ghp_two"),
        "another process"
    );
    assert_eq!(entries(), 1, "replaced, not added");

    let kept = vault
        .create_if_absent(&token(), Secret::from("ghp_three"))
        .await
        .unwrap();
    assert_eq!(kept.expose_secret(), "ghp_two", "what is there stays");
    vault.remove(&token()).await.unwrap();
    assert_eq!(read(&vault).await.unwrap(), None, "removed");
    let kept = vault
        .create_if_absent(&token(), Secret::from("ghp_three"))
        .await
        .unwrap();
    assert_eq!(kept.expose_secret(), "ghp_three");
    assert_eq!(
        read(&other).await.unwrap().as_deref(),
        Some("ghp_two"),
        "remembered for a moment"
    );
    assert_eq!(entries(), 1);
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn long_secret() {
    let vault = vault();
    for letter in ["x", "å"] {
        let long = letter.repeat(5_000);
        vault
            .set(&token(), Secret::from(long.as_str()))
            .await
            .unwrap();
        assert_eq!(read(&vault).await.unwrap().as_ref(), Some(&long));
        assert_eq!(entries(), 1 + long.len().div_ceil(2_000));
    }
    let too_long = Secret::from("x".repeat(fabrik_vault::MAX_BYTES + 1));
    let problem = vault.set(&token(), too_long).await.unwrap_err();
    assert_eq!(problem.code(), "secret_too_long");

    vault.set(&token(), Secret::from("short")).await.unwrap();
    assert_eq!(entries(), 1, "the chunks are gone");
    vault
        .set(&token(), Secret::from("x".repeat(5_000)))
        .await
        .unwrap();
    vault.remove(&token()).await.unwrap();
    assert_eq!(entries(), 0, "nothing is left behind");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs inside a session of its own"]
async fn many_at_once() {
    let vault = std::sync::Arc::new(vault());
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let vault = vault.clone();
            tokio::spawn(async move {
                let reference = SecretRef::Keyring(format!("v1/0/customer/{number}/password"));
                let value = format!("value {number}");
                vault
                    .set(&reference, Secret::from(value.as_str()))
                    .await
                    .unwrap();
                let found = vault.get(&reference).await.unwrap().unwrap();
                assert_eq!(found.expose_secret(), value);
                vault.remove(&reference).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(entries(), 0);
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn locked() {
    let vault = vault();
    vault.set(&token(), Secret::from("ghp_kept")).await.unwrap();
    lock();
    let prompts = Prompts::watch();

    let status = vault.status().await;
    assert_eq!(
        (status.state, status.hint),
        (VaultState::Locked, Some(VaultHint::Unlock))
    );
    assert_eq!(status.problem.unwrap().code(), "keyring_locked");

    // The first call asks; without a display the prompt is turned away.
    assert_eq!(read(&vault).await.unwrap_err().code(), "keyring_locked");
    // From here on nobody is asked again …
    for _ in 0..3 {
        assert_eq!(read(&vault).await.unwrap_err().code(), "keyring_locked");
        let set = vault.set(&token(), Secret::from("ghp_new")).await;
        assert_eq!(set.unwrap_err().code(), "keyring_locked");
        let writable = vault.writable().await;
        assert_eq!(writable.unwrap_err().code(), "keyring_locked");
    }
    vault.status().await;
    // … until it is wanted, outright or by what the user does.
    assert_eq!(vault.unlock().await.unwrap_err().code(), "keyring_locked");
    vault.ask_again().await;
    until("the monitor has seen all prompts", || prompts.count() >= 3);
    assert_eq!(prompts.count(), 3, "the first call's, and one for each");

    unlock();
    assert_eq!(
        read(&vault).await.unwrap().as_deref(),
        Some("ghp_kept"),
        "noticed by itself"
    );
    vault.ask_again().await;
    assert_eq!(prompts.count(), 3, "nothing to ask for");
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn dialog() {
    let vault = impatient(Duration::from_secs(2));
    vault.set(&token(), Secret::from("ghp_kept")).await.unwrap();
    lock();
    let prompts = Prompts::watch();

    // Nobody answers the dialog.
    assert_eq!(read(&vault).await.unwrap_err().code(), "keyring_timed_out");
    let shown = prompter().expect("the dialog is on the screen");
    for _ in 0..3 {
        assert_eq!(read(&vault).await.unwrap_err().code(), "keyring_timed_out");
    }
    let status = vault.status().await;
    assert_eq!(
        (status.state, status.hint),
        (VaultState::Locked, Some(VaultHint::Unlock))
    );
    assert_eq!(prompter(), Some(shown), "it is still on the screen");

    // It is closed; from here on nothing waits, and nothing asks.
    signal("KILL", shown);
    while read(&vault).await.unwrap_err().code() != "keyring_locked" {
        tokio::task::yield_now().await;
    }
    assert_eq!(read(&vault).await.unwrap_err().code(), "keyring_locked");
    assert_eq!(prompter(), None, "no second dialog");
    assert_eq!(prompts.count(), 1, "one dialog for all calls");
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn silent() {
    let give_up_after = Duration::from_secs(2);
    let vault = impatient(give_up_after);
    vault.set(&token(), Secret::from("ghp_kept")).await.unwrap();
    let mut slow = vault.slow_calls();
    let stopped = Stopped::new(daemon());

    let start = Instant::now();
    let (outcome, seen) = tokio::join!(read(&vault), async {
        slow.wait_for(|calls| *calls == 1)
            .await
            .map(|_| start.elapsed())
    });
    assert_eq!(outcome.unwrap_err().code(), "keyring_timed_out");
    assert!(
        start.elapsed() >= give_up_after,
        "waited as long as was said"
    );
    assert!(
        seen.unwrap() < give_up_after,
        "the hint came before the end"
    );
    assert_eq!(*vault.slow_calls().borrow(), 0, "nobody waits any more");

    let start = Instant::now();
    assert_eq!(read(&vault).await.unwrap_err().code(), "keyring_timed_out");
    assert!(
        start.elapsed() < give_up_after,
        "no second wait behind a stuck call"
    );
    let status = vault.status().await;
    assert_eq!(
        (status.state, status.hint),
        (VaultState::TimedOut, Some(VaultHint::AnswerDialog))
    );
    // Asked for, the stuck call is left to itself and another one is made; it gets stuck as well.
    assert_eq!(
        vault.unlock().await.unwrap_err().code(),
        "keyring_timed_out"
    );

    drop(stopped);
    vault.unlock().await.unwrap();
    assert_eq!(read(&vault).await.unwrap().as_deref(), Some("ghp_kept"));
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn restarted() {
    let vault = vault();
    vault.set(&token(), Secret::from("ghp_kept")).await.unwrap();
    let before = daemon();
    signal("KILL", before);
    until("the process is gone", || {
        !std::path::Path::new(&format!("/proc/{before}/exe")).exists()
    });
    unlock();
    assert_ne!(daemon(), before, "another process");
    assert_eq!(
        read(&vault).await.unwrap().as_deref(),
        Some("ghp_kept"),
        "over a new connection"
    );
    vault.set(&token(), Secret::from("ghp_new")).await.unwrap();
    assert_eq!(read(&vault).await.unwrap().as_deref(), Some("ghp_new"));
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn never_made() {
    let vault = vault();
    let status = vault.status().await;
    assert_eq!(
        (status.state, status.hint),
        (VaultState::Missing, Some(VaultHint::CreateKeyring))
    );
    assert_eq!(read(&vault).await.unwrap(), None, "there can be no secret");
    let writable = vault.writable().await;
    assert_eq!(writable.unwrap_err().code(), "keyring_missing");
    let set = vault.set(&token(), Secret::from("ghp_new")).await;
    assert_eq!(set.unwrap_err().code(), "keyring_missing");
    // The dialog that would make it can't be shown here.
    assert_eq!(vault.unlock().await.unwrap_err().code(), "keyring_locked");
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn no_service() {
    let vault = vault();
    let status = vault.status().await;
    assert_eq!(
        (status.state, status.hint),
        (VaultState::Missing, Some(VaultHint::InstallService))
    );
    all_missing(&vault).await;
}

#[tokio::test]
#[ignore = "runs inside a session of its own"]
async fn no_bus() {
    let vault = vault();
    let status = vault.status().await;
    assert_eq!(
        (status.state, status.hint),
        (VaultState::Missing, Some(VaultHint::StartSession))
    );
    all_missing(&vault).await;
}

async fn all_missing(vault: &KeyringVault) {
    assert_eq!(read(vault).await.unwrap_err().code(), "keyring_missing");
    let set = vault.set(&token(), Secret::from("ghp_new")).await;
    assert_eq!(set.unwrap_err().code(), "keyring_missing");
    assert_eq!(
        vault.remove(&token()).await.unwrap_err().code(),
        "keyring_missing"
    );
    assert_eq!(vault.unlock().await.unwrap_err().code(), "keyring_missing");
}
