//! JSON Web Tokens signed with a project's own secret (HS256).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::platform::Core;

/// What is wrong with a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not three parts of base64 and JSON.
    Malformed,
    /// Signed with another secret, or not with HS256.
    Signature,
    /// Past its `exp`.
    Expired,
}

/// A project's signer. Its secret follows from the sandbox's seed, which is sealed on disk.
pub(super) struct Signer(Hmac<Sha256>);

impl Signer {
    pub(super) fn of(core: &Core, project: &str) -> Self {
        let secret = core
            .seeded(&format!("supabase/{project}/jwt"))
            .alphanumeric(64);
        // HMAC takes keys of any length, so there is always one.
        Self(Hmac::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| Hmac::new(&[0; 64].into())))
    }

    /// A token with these claims.
    pub(super) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let [header, claims] =
            [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let text = format!("{header}.{claims}");
        let mac = self.0.clone().chain_update(&text).finalize().into_bytes();
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// The claims of a token that is ours and not past its time.
    pub(super) fn verify(&self, token: &str, now: Timestamp) -> Result<Value, Fault> {
        let mut parts = token.rsplitn(2, '.');
        let (Some(signature), Some(text)) = (parts.next(), parts.next()) else {
            return Err(Fault::Malformed);
        };
        let (header, claims) = text.split_once('.').ok_or(Fault::Malformed)?;
        let [header, claims] = [header, claims].map(|part| {
            let bytes = URL_SAFE_NO_PAD.decode(part).ok();
            bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        });
        let (Some(header), Some(claims)) = (header, claims) else {
            return Err(Fault::Malformed);
        };
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| Fault::Malformed)?;
        let ours = self
            .0
            .clone()
            .chain_update(text)
            .verify_slice(&signature)
            .is_ok();
        if header["alg"] != "HS256" || !ours {
            return Err(Fault::Signature);
        }
        match claims["exp"].as_i64() {
            Some(end) if end <= now.as_second() => Err(Fault::Expired),
            _ => Ok(claims),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_accepted_by_its_own_signer_until_it_ends() {
        let signer = |secret: &[u8]| Signer(Hmac::new_from_slice(secret).unwrap());
        let (ours, other) = (signer(b"ours"), signer(b"other"));
        let claims = json!({ "role": "anon", "exp": 1000 });
        let token = ours.sign(&claims);
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(ours.verify(&token, at(999)), Ok(claims.clone()));
        assert_eq!(ours.verify(&token, at(1000)), Err(Fault::Expired));
        assert_eq!(other.verify(&token, at(0)), Err(Fault::Signature));
        assert_eq!(ours.verify("sb_secret_abc", at(0)), Err(Fault::Malformed));
        let mut parts: Vec<&str> = token.split('.').collect();
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        parts[0] = &none;
        assert_eq!(
            ours.verify(&parts.join("."), at(0)),
            Err(Fault::Signature),
            "no `alg: none`"
        );
    }
}
