//! Links that let a user in once.

use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::{
    super::{
        super::{hash, sent::SentSecret},
        asked::Asked,
    },
    Answer, Auth, AuthError, Statement,
    answer::{body, ok},
    user::{User, email},
};
use crate::{environment::MAIL_DOMAIN, platform::Core};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Purpose {
    Signup,
    Invite,
    MagicLink,
    Recovery,
    /// Any of the others, in a verification by address and code.
    Email,
}

impl Purpose {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Signup => "signup",
            Self::Invite => "invite",
            Self::MagicLink => "magiclink",
            Self::Recovery => "recovery",
            Self::Email => "email",
        }
    }

    /// The kinds of `auth.one_time_tokens` that prove it.
    pub(super) fn kinds(self) -> &'static str {
        match self {
            Self::Signup | Self::Invite => "{confirmation_token}",
            Self::MagicLink | Self::Recovery => "{recovery_token}",
            Self::Email => "{confirmation_token,recovery_token}",
        }
    }
}

/// A link's token: the code that is typed, and the hash that stands in the link.
pub(super) struct LinkToken {
    pub(super) code: String,
    pub(super) hashed: String,
}

impl LinkToken {
    /// A new one for an address.
    fn draw(core: &Core, email: &str) -> Answer<Self> {
        let mut bytes = [0; 8];
        core.draw(&mut bytes)?;
        let six_digits = format!("{:06}", u64::from_le_bytes(bytes) % 1_000_000);
        Ok(Self {
            hashed: hashed(email, &six_digits),
            code: six_digits,
        })
    }
}

/// What stands in the link for an address and a code.
pub(super) fn hashed(email: &str, code: &str) -> String {
    hash::sha224(&format!("{email}{code}"))
}

/// What is kept of it: the vendor keeps the link's own hash, which would let in whoever reads the
/// sandbox's files.
pub(super) fn kept(hashed: &str) -> String {
    hash::sha256(hashed)
}

/// The body of `adminGenerateLink`.
#[derive(Deserialize)]
struct Parameters {
    r#type: String,
    email: String,
    password: Option<SentSecret>,
    data: Option<Map<String, Value>>,
    redirect_to: Option<String>,
}

/// `POST /admin/generate_link` (`adminGenerateLink`), without the changes of an address.
pub(super) async fn generate(asked: Asked, bytes: Bytes) -> Answer<Response> {
    let auth = Auth::admin(&asked, true).await?;
    let wish: Parameters = body(&bytes)?;
    let unknown = || AuthError::invalid("Invalid email action link type requested");
    let purpose = match wish.r#type.as_str() {
        "signup" => Purpose::Signup,
        "invite" => Purpose::Invite,
        "magiclink" => Purpose::MagicLink,
        "recovery" => Purpose::Recovery,
        _ => return Err(unknown()),
    };
    let address = email(&wish.email)?;
    let known = auth.user_by_email(&address).await?;
    let (user, purpose) = match (purpose, known) {
        (Purpose::Signup | Purpose::Invite, Some(user)) if user.is_confirmed() => {
            return Err(AuthError::email_exists());
        }
        (Purpose::Recovery, None) => return Err(AuthError::user_not_found()),
        (purpose, Some(user)) => (user, purpose),
        (purpose, None) => {
            let mut new = auth.new_user(address.clone())?;
            new.user_metadata = wish.data.unwrap_or_default();
            new.invited = purpose == Purpose::Invite;
            if purpose == Purpose::Signup {
                let words = "Signup requires a valid password";
                let password = wish.password.ok_or_else(|| AuthError::invalid(words))?;
                new.password = Some(password.0);
            }
            // A magic link to nobody signs up.
            let purpose = if purpose == Purpose::MagicLink {
                Purpose::Signup
            } else {
                purpose
            };
            (auth.add(new).await?, purpose)
        }
    };
    let token = auth.issue_token(&user, purpose).await?;
    let redirect = auth.redirect(wish.redirect_to.as_deref());
    let mut answer = auth.user(user.id()).await?.to_json();
    answer["action_link"] = auth.action_link(&token.hashed, purpose, &redirect).into();
    answer["email_otp"] = token.code.into();
    answer["hashed_token"] = token.hashed.into();
    answer["verification_type"] = purpose.name().into();
    answer["redirect_to"] = redirect.into();
    Ok(ok(&answer))
}

/// `POST /invite` (`invite`). No mail leaves the sandbox; without an SMTP server of the project's
/// own, only the team's addresses are taken, as there.
pub(super) async fn invite(asked: Asked, bytes: Bytes) -> Answer<Response> {
    #[derive(Deserialize)]
    struct Invitation {
        email: String,
        data: Option<Map<String, Value>>,
    }
    let auth = Auth::admin(&asked, true).await?;
    let wish: Invitation = body(&bytes)?;
    let address = email(&wish.email)?;
    let known = auth.user_by_email(&address).await?;
    if known.as_ref().is_some_and(User::is_confirmed) {
        return Err(AuthError::email_exists());
    }
    let team = address.ends_with(&format!("@{MAIL_DOMAIN}"));
    if !team && auth.settings.text("smtp_host").is_empty() {
        let words = format!("Email address \"{address}\" cannot be used as it is not authorized");
        return Err(AuthError::new(400, "email_address_not_authorized", words));
    }
    // Before anything is made: what is refused leaves nobody behind.
    auth.count_mail()?;
    let user = if let Some(user) = known {
        user
    } else {
        let mut new = auth.new_user(address)?;
        new.user_metadata = wish.data.unwrap_or_default();
        new.invited = true;
        auth.add(new).await?
    };
    auth.issue_token(&user, Purpose::Invite).await?;
    Ok(ok(&auth.user(user.id()).await?.to_json()))
}

impl Auth {
    /// A new token for a link, in place of one that the user had for the like.
    async fn issue_token(&self, user: &User, purpose: Purpose) -> Answer<LinkToken> {
        let token = LinkToken::draw(&self.cloud.core, user.email())?;
        let statement = match purpose {
            Purpose::Signup | Purpose::Invite => Statement::AddConfirmation,
            _ => Statement::AddRecovery,
        };
        let (hash, now) = (kept(&token.hashed), self.now());
        let parameters = [user.id(), &hash, user.email(), &now].map(Some);
        self.run(statement, &parameters).await?;
        Ok(token)
    }

    fn action_link(&self, hashed: &str, purpose: Purpose, redirect: &str) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", hashed)
            .append_pair("type", purpose.name())
            .append_pair("redirect_to", redirect)
            .finish();
        format!("{}/verify?{query}", self.url())
    }

    /// Where a link leads in the end: where it was asked to, if the settings allow it, else to the
    /// site.
    pub(super) fn redirect(&self, asked: Option<&str>) -> String {
        let site = self.settings.text("site_url");
        let asked = asked.filter(|asked| {
            let host = |url: &str| {
                Url::parse(url)
                    .ok()
                    .map(|url| (url.host_str().map(str::to_owned), url.port()))
            };
            let listed = self
                .settings
                .text("uri_allow_list")
                .split(',')
                .map(str::trim);
            let allowed = |pattern: &str| {
                !pattern.is_empty() && matches(pattern.as_bytes(), asked.as_bytes())
            };
            host(asked).is_some() && (host(asked) == host(site) || listed.into_iter().any(allowed))
        });
        asked.unwrap_or(site).to_owned()
    }
}

/// `*` stands for any characters but `.` and `/`, `**` for any at all, `?` for one.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        [b'*', rest @ ..] => {
            let end = text
                .iter()
                .position(|byte| matches!(byte, b'.' | b'/'))
                .unwrap_or(text.len());
            (0..=end).any(|skip| matches(rest, &text[skip..]))
        }
        [b'?', rest @ ..] if !text.is_empty() => matches(rest, &text[1..]),
        [byte, rest @ ..] => text.first() == Some(byte) && matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_redirects_match_as_documented() {
        let matches = |pattern: &str, text: &str| matches(pattern.as_bytes(), text.as_bytes());
        assert!(matches(
            "http://127.0.0.1:3000/**",
            "http://127.0.0.1:3000/_sites/a/login"
        ));
        assert!(matches(
            "https://*.example.com/",
            "https://shop.example.com/"
        ));
        assert!(
            !matches("https://*.example.com/", "https://a.b.example.com/"),
            "one label"
        );
        assert!(
            !matches("https://a.com/*", "https://a.com/b/c"),
            "one segment"
        );
        assert!(!matches("https://a.com", "https://a.com.evil.example"));
    }
}
