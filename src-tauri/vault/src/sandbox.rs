//! The sandbox's own vault.
//!
//! It holds the tokens that the sandbox makes up, so that the sandbox works on a machine without a
//! keyring. They open nothing but the sandbox; they are sealed all the same, because a search of
//! the disk for tokens must find none. What keeps a token of worth out of here is
//! [`refuse_non_loopback`](crate::refuse_non_loopback): whoever composes a workspace on this vault asks
//! it for every base URL first.

use std::{
    fmt, fs,
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use fabrik_domain::{
    Cause, Problem,
    ports::Secrets,
    secret::{ExposeSecret, Secret, SecretRef},
};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::{
    MAX_BYTES, VaultError, entry_name,
    sealed::{KEY, Seal},
};

/// The sandbox's vault: one sealed file per secret in a folder of its own, and the key beside them,
/// readable by the user alone. Several processes may use it at once.
#[derive(Clone)]
pub struct SandboxVault {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    seal: Seal,
}

impl SandboxVault {
    /// Opens the vault in `folder`, which is made where there is none.
    ///
    /// Reads and writes two small files; blocks for that long.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, Problem> {
        let folder = folder.into();
        let unusable = |error: io::Error| {
            Problem::from(Cause::DataDirectoryUnusable {
                path: folder.display().to_string(),
            })
            .detail(error.kind().to_string())
        };
        private_folder(&folder).map_err(unusable)?;
        let key = key(&folder).map_err(unusable)?;
        let seal = Seal::new(&key);
        Ok(Self {
            inner: Arc::new(Inner { folder, seal }),
        })
    }

    /// Does `work` where blocking harms nobody.
    async fn blocking<T: Send + 'static>(
        &self,
        reference: &SecretRef,
        work: impl FnOnce(&Inner, &str) -> Result<T, VaultError> + Send + 'static,
    ) -> Result<T, Problem> {
        let name = entry_name(reference)
            .map_err(|error| error.about(reference))?
            .to_owned();
        let inner = self.inner.clone();
        tokio::task::spawn_blocking(move || work(&inner, &name))
            .await
            .unwrap_or_else(|_| Err(VaultError::Unexpected("the call ended early")))
            .map_err(|error| error.about(reference))
    }
}

impl fmt::Debug for SandboxVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxVault")
            .field("folder", &self.inner.folder)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl Secrets for SandboxVault {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        self.blocking(reference, Inner::read).await
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        self.blocking(reference, move |inner, name| {
            let file = inner.file(name);
            replace(&file, &inner.sealed(name, &secret)?).map_err(|error| files(&error))
        })
        .await
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        self.blocking(reference, |inner, name| {
            match fs::remove_file(inner.file(name)) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(files(&error)),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn create_if_absent(
        &self,
        reference: &SecretRef,
        secret: Secret,
    ) -> Result<Secret, Problem> {
        self.blocking(reference, move |inner, name| {
            let sealed = inner.sealed(name, &secret)?;
            if create(&inner.file(name), &sealed).map_err(|error| files(&error))? {
                return Ok(secret);
            }
            // Removed again between the two: whoever did that may be asked again.
            inner
                .read(name)?
                .ok_or(VaultError::Files(ErrorKind::NotFound))
        })
        .await
    }

    /// Nobody has to unlock a file.
    async fn writable(&self) -> Result<(), Problem> {
        Ok(())
    }
}

impl Inner {
    /// A name may hold what a file system refuses, and says which provider it is about.
    fn file(&self, name: &str) -> PathBuf {
        self.folder
            .join(hex::encode(Sha256::digest(name.as_bytes())))
    }

    fn sealed(&self, name: &str, secret: &Secret) -> Result<Vec<u8>, VaultError> {
        let value = secret.expose_secret().as_bytes();
        if value.len() > MAX_BYTES {
            return Err(VaultError::TooLong);
        }
        self.seal
            .close(name, value)
            .ok_or(VaultError::Unexpected("no randomness"))
    }

    fn read(&self, name: &str) -> Result<Option<Secret>, VaultError> {
        let sealed = match fs::read(self.file(name)) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(files(&error)),
        };
        let value = self
            .seal
            .open(name, &sealed)
            .ok_or(VaultError::Files(ErrorKind::InvalidData))?;
        let text =
            std::str::from_utf8(&value).map_err(|_| VaultError::Files(ErrorKind::InvalidData))?;
        Ok(Some(Secret::from(text)))
    }
}

fn files(error: &io::Error) -> VaultError {
    VaultError::Files(error.kind())
}

/// The folder's key. The first process to come makes it.
fn key(folder: &Path) -> io::Result<Zeroizing<[u8; KEY]>> {
    let file = folder.join("key");
    if !file.try_exists()? {
        let mut fresh = Zeroizing::new([0; KEY]);
        getrandom::fill(fresh.as_mut_slice()).map_err(|_| io::Error::from(ErrorKind::Other))?;
        create(&file, fresh.as_slice())?;
    }
    let kept = Zeroizing::new(fs::read(&file)?);
    let kept = <[u8; KEY]>::try_from(kept.as_slice());
    kept.map(Zeroizing::new)
        .map_err(|_| ErrorKind::InvalidData.into())
}

/// Writes a file that appears whole or not at all, in place of the one that was there.
fn replace(file: &Path, content: &[u8]) -> io::Result<()> {
    let draft = draft(file, content)?;
    fs::rename(&draft, file).inspect_err(|_| discard(&draft))
}

/// Writes a file that appears whole or not at all, and says whether there was none yet.
fn create(file: &Path, content: &[u8]) -> io::Result<bool> {
    let draft = draft(file, content)?;
    // Unlike a rename, a link never takes another file's place.
    let linked = fs::hard_link(&draft, file);
    discard(&draft);
    match linked {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

fn draft(file: &Path, content: &[u8]) -> io::Result<PathBuf> {
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(|_| io::Error::from(ErrorKind::Other))?;
    let draft = file.with_extension(format!("{:016x}", u64::from_le_bytes(random)));
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&draft).and_then(|mut open| {
        open.write_all(content)?;
        open.sync_all()
    });
    written.inspect_err(|_| discard(&draft))?;
    Ok(draft)
}

/// A draft that stays is sealed like the rest, so failing here harms nobody.
fn discard(draft: &Path) {
    if let Err(error) = fs::remove_file(draft) {
        tracing::debug!(kind = %error.kind(), "a draft in the sandbox's vault stays");
    }
}

fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reference(name: &str) -> SecretRef {
        SecretRef::Keyring(name.to_owned())
    }

    fn text(secret: Option<Secret>) -> Option<String> {
        secret.map(|secret| secret.expose_secret().to_owned())
    }

    #[tokio::test]
    async fn secrets_survive_and_lie_on_disk_sealed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault");
        let token = reference("v1/w/github/token");
        let vault = SandboxVault::open(&path).unwrap();
        assert_eq!(text(vault.get(&token).await.unwrap()), None);
        vault
            .set(&token, Secret::from("ghp_canary_1"))
            .await
            .unwrap();
        vault
            .set(&token, Secret::from("ghp_canary_2"))
            .await
            .unwrap();

        let again = SandboxVault::open(&path).unwrap();
        assert_eq!(
            text(again.get(&token).await.unwrap()).as_deref(),
            Some("ghp_canary_2")
        );
        let mut files = 0;
        for file in fs::read_dir(&path).unwrap() {
            let file = file.unwrap();
            let content = fs::read(file.path()).unwrap();
            let readable = content.windows(6).any(|window| window == b"canary");
            assert!(
                !readable,
                "{} holds a readable secret",
                file.path().display()
            );
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            }
            files += 1;
        }
        assert_eq!(files, 2, "the key and one secret, no drafts");

        again.remove(&token).await.unwrap();
        again.remove(&token).await.unwrap();
        assert_eq!(
            text(vault.get(&token).await.unwrap()),
            None,
            "removed for every process"
        );
        assert!(!format!("{vault:?}").contains("canary"));
    }

    #[tokio::test]
    async fn of_many_that_create_at_once_one_wins() {
        let folder = tempfile::tempdir().unwrap();
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                // Each opens the vault, as a process of its own would: the key is raced for too.
                let path = folder.path().to_owned();
                tokio::spawn(async move {
                    let vault = SandboxVault::open(path).unwrap();
                    let mine = Secret::from(format!("password-{number}"));
                    text(Some(
                        vault.create_if_absent(&reference("p"), mine).await.unwrap(),
                    ))
                })
            })
            .collect();
        let mut kept = Vec::new();
        for task in tasks {
            kept.push(task.await.unwrap());
        }
        kept.dedup();
        assert_eq!(
            kept.len(),
            1,
            "everybody must hold the same password: {kept:?}"
        );
    }

    #[tokio::test]
    async fn a_damaged_file_is_told_and_can_be_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let vault = SandboxVault::open(folder.path()).unwrap();
        let token = reference("v1/w/vercel/token");
        vault.set(&token, Secret::from("x")).await.unwrap();
        fs::write(vault.inner.file("v1/w/vercel/token"), b"short").unwrap();
        assert_eq!(
            vault.get(&token).await.unwrap_err().code(),
            "keyring_failed"
        );
        vault.set(&token, Secret::from("y")).await.unwrap();
        assert_eq!(text(vault.get(&token).await.unwrap()).as_deref(), Some("y"));
        let long = Secret::from("x".repeat(MAX_BYTES + 1));
        assert_eq!(
            vault.set(&token, long).await.unwrap_err().code(),
            "secret_too_long"
        );
    }
}
