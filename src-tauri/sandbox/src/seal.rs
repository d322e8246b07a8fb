//! Secret material at rest: sealed with a key that lies beside the records, readable by the owner
//! alone. A copy of the records (a bug report, a backup) gives no secret away.

use std::{fs, io::Write, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use chacha20poly1305::{
    ChaCha20Poly1305, Key, Nonce,
    aead::{Aead, KeyInit},
};
use fabrik_domain::secret::{ExposeSecret, Secret};

use crate::error::SandboxError;

const PREFIX: &str = "sealed:v1:";
/// A simulation writes nothing to any disk: there the text says no more than that it is a secret.
const UNSEALED: &str = "simulated:v1:";
const KEY_LENGTH: usize = 32;
const NONCE_LENGTH: usize = 12;

/// Seals and opens secret fields of documents.
pub(crate) struct Seal {
    /// `None` in a simulation.
    cipher: Option<ChaCha20Poly1305>,
}

impl Seal {
    /// Reads the key file, or makes it where there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, SandboxError> {
        let key = match fs::read(path) {
            Ok(key) if key.len() == KEY_LENGTH => key,
            Ok(_) => return Err(SandboxError::Sealed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => make_key(path)?,
            Err(error) => {
                return Err(SandboxError::io(format!("reading {}", path.display()))(
                    error,
                ));
            }
        };
        let key = Key::try_from(key.as_slice()).map_err(|_| SandboxError::Sealed)?;
        Ok(Self {
            cipher: Some(ChaCha20Poly1305::new(&key)),
        })
    }

    /// For documents in memory: encoded, not sealed, and always in the same way.
    pub(crate) fn simulated() -> Self {
        Self { cipher: None }
    }

    /// The secret as a text that may be written into a document.
    pub(crate) fn seal(&self, secret: &Secret) -> Result<String, SandboxError> {
        let Some(cipher) = &self.cipher else {
            let encoded = STANDARD_NO_PAD.encode(secret.expose_secret());
            return Ok(format!("{UNSEALED}{encoded}"));
        };
        let mut nonce = [0; NONCE_LENGTH];
        random(&mut nonce)?;
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), secret.expose_secret().as_bytes())
            .map_err(|_| SandboxError::Sealed)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("{PREFIX}{}", STANDARD_NO_PAD.encode(bytes)))
    }

    /// The secret of a text that [`seal`](Self::seal) made.
    pub(crate) fn unseal(&self, sealed: &str) -> Result<Secret, SandboxError> {
        let decoded = |prefix| {
            sealed
                .strip_prefix(prefix)
                .and_then(|text| STANDARD_NO_PAD.decode(text).ok())
                .ok_or(SandboxError::Sealed)
        };
        let plain = match &self.cipher {
            None => decoded(UNSEALED)?,
            Some(cipher) => {
                let bytes = decoded(PREFIX)?;
                let (nonce, sealed) = bytes
                    .split_at_checked(NONCE_LENGTH)
                    .ok_or(SandboxError::Sealed)?;
                let nonce = Nonce::try_from(nonce).map_err(|_| SandboxError::Sealed)?;
                cipher
                    .decrypt(&nonce, sealed)
                    .map_err(|_| SandboxError::Sealed)?
            }
        };
        let text = String::from_utf8(plain).map_err(|_| SandboxError::Sealed)?;
        Ok(Secret::from(text))
    }
}

/// Fills `bytes` from the operating system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), SandboxError> {
    getrandom::fill(bytes).map_err(|error| SandboxError::Io {
        what: "drawing random bytes".to_owned(),
        source: std::io::Error::other(error),
    })
}

fn make_key(path: &Path) -> Result<Vec<u8>, SandboxError> {
    let mut key = vec![0; KEY_LENGTH];
    random(&mut key)?;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .and_then(|mut file| file.write_all(&key).and_then(|()| file.sync_all()))
        .map_err(SandboxError::io(format!("writing {}", path.display())))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_is_unreadable_without_its_key_and_opens_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let seal = Seal::open(&folder.path().join("a.key")).unwrap();
        let sealed = seal.seal(&Secret::from("sb_secret_canary")).unwrap();
        assert!(
            !sealed.contains("canary"),
            "the secret itself must not be in the text"
        );
        let again = Seal::open(&folder.path().join("a.key")).unwrap();
        assert_eq!(
            again.unseal(&sealed).unwrap().expose_secret(),
            "sb_secret_canary"
        );
        let other = Seal::open(&folder.path().join("b.key")).unwrap();
        assert!(
            other.unseal(&sealed).is_err(),
            "another key must not open it"
        );
    }
}
