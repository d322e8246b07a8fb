//! The settings of a workspace: their keys, what they may hold, and their variables.

use crate::{Cause, Problem, id::WorkspaceId, secret::SecretRef};

/// What a setting may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// Any one-line text.
    Text,
    /// `https`, or a loopback host.
    BaseUrl,
    /// As [`BaseUrl`](Self::BaseUrl), of a server of the agency's own: see [`Setting::value`].
    Server,
    /// As [`BaseUrl`](Self::BaseUrl), with `{ref}` where a project's ref goes.
    BaseUrlTemplate,
    /// `owner/name`.
    Repository,
    /// An address, or `Name <address>`.
    Sender,
    /// An address.
    Email,
    /// A domain name.
    Domain,
    /// A whole number of minutes, from 1 to a week's.
    Minutes,
    /// A whole number of seconds, from 1 to a day's.
    Seconds,
    /// Prices and the plans they stand for: `price=blueprint/plan`, by commas.
    Prices,
    /// A port of a server.
    Port,
    /// A secret. The keyring has it; what is stored, and what a run begins with, is a reference.
    Secret,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Its key: `supabase.organization`.
    pub key: &'static str,
    /// What it may hold.
    pub kind: SettingKind,
    /// What holds where nothing is set.
    pub default: Option<&'static str>,
    /// It names something that is all customers': never a resource, so no removal touches it.
    pub shared: bool,
}

const fn setting(key: &'static str, kind: SettingKind, default: Option<&'static str>) -> Setting {
    Setting {
        key,
        kind,
        default,
        shared: false,
    }
}

const fn shared(key: &'static str, kind: SettingKind) -> Setting {
    Setting {
        key,
        kind,
        default: None,
        shared: true,
    }
}

/// All settings.
pub const SETTINGS: &[Setting] = &[
    setting(
        "supabase.url",
        SettingKind::BaseUrl,
        Some("https://api.supabase.com"),
    ),
    setting(
        "supabase.project.url",
        SettingKind::BaseUrlTemplate,
        Some("https://{ref}.supabase.co"),
    ),
    setting("supabase.organization", SettingKind::Text, None),
    setting("supabase.region", SettingKind::Text, None),
    setting("supabase.ceiling", SettingKind::Seconds, Some("300")),
    setting(
        "github.url",
        SettingKind::BaseUrl,
        Some("https://api.github.com"),
    ),
    setting("github.owner", SettingKind::Text, None),
    setting("github.template", SettingKind::Repository, None),
    shared("github.repository", SettingKind::Repository),
    setting(
        "vercel.url",
        SettingKind::BaseUrl,
        Some("https://api.vercel.com"),
    ),
    setting("vercel.team", SettingKind::Text, None),
    shared("vercel.project", SettingKind::Text),
    setting(
        "resend.url",
        SettingKind::BaseUrl,
        Some("https://api.resend.com"),
    ),
    setting(
        "stripe.url",
        SettingKind::BaseUrl,
        Some("https://api.stripe.com"),
    ),
    setting("stripe.prices", SettingKind::Prices, None),
    setting(
        "stripe.approve",
        SettingKind::Choice(&["ask", "at_once"]),
        Some("ask"),
    ),
    setting("n8n.url", SettingKind::Server, None),
    setting("gitea.url", SettingKind::Server, None),
    // Where an agency that keeps its workflows at Gitea has them: made where it is missing.
    setting("gitea.owner", SettingKind::Text, Some("ops-hub")),
    setting("email.from", SettingKind::Sender, None),
    setting("email.support", SettingKind::Email, None),
    setting("email.owner", SettingKind::Email, None),
    setting("smtp.host", SettingKind::Text, None),
    setting("smtp.port", SettingKind::Port, Some("587")),
    setting("smtp.user", SettingKind::Text, None),
    setting("smtp.sender", SettingKind::Email, None),
    setting("smtp.password", SettingKind::Secret, None),
    setting("domain.base", SettingKind::Domain, None),
    setting("run.deadline", SettingKind::Minutes, Some("120")),
    setting(
        "site.check",
        SettingKind::Choice(&["on", "off"]),
        Some("on"),
    ),
];

/// The setting with this key.
pub fn find(key: &str) -> Result<&'static Setting, Problem> {
    SETTINGS
        .iter()
        .find(|setting| setting.key == key)
        .ok_or_else(|| {
            Cause::SettingUnknown {
                setting: key.to_owned(),
            }
            .into()
        })
}

impl Setting {
    /// The variable that wins over the stored value: `FABRIK_SUPABASE_ORGANIZATION`. Of a secret it begins with
    /// `FABRIK_SECRET_`, and is kept from programs that are started.
    pub fn variable(&self) -> String {
        let prefix = if self.is_secret() { "SECRET_" } else { "" };
        let key = self.key.to_ascii_uppercase().replace('.', "_");
        format!("FABRIK_{prefix}{key}")
    }

    /// Whether its value is in the keyring alone.
    pub fn is_secret(&self) -> bool {
        self.kind == SettingKind::Secret
    }

    /// Where a secret setting's value is, `stored` being what stands in its place. It may be the variable or this
    /// workspace's own entry, and nothing else: who can write the records must not choose which secret goes out.
    pub fn secret_reference(&self, workspace: WorkspaceId, stored: &str) -> SecretRef {
        let variable = SecretRef::Env(self.variable());
        if stored
            .parse::<SecretRef>()
            .is_ok_and(|given| given == variable)
        {
            variable
        } else {
            SecretRef::setting(workspace, self.key)
        }
    }

    /// What is kept and holds of a value: of a server's address not the root of its API, which n8n and Gitea have at the
    /// same place, and which is put behind it with each call.
    pub fn value<'v>(&self, given: &'v str) -> &'v str {
        match given.trim_end_matches('/').strip_suffix("/api/v1") {
            Some(server) if self.kind == SettingKind::Server => server.trim_end_matches('/'),
            _ => given,
        }
    }

    /// Holds a value against what the setting may hold.
    pub fn check(&self, value: &str) -> Result<(), Problem> {
        let invalid = |expected: &str| -> Result<(), Problem> {
            Err(Cause::SettingInvalid {
                setting: self.key.to_owned(),
                expected: expected.to_owned(),
            }
            .into())
        };
        let one_line = !value.trim().is_empty() && !value.chars().any(char::is_control);
        match self.kind {
            _ if !one_line => invalid("text"),
            SettingKind::Text => Ok(()),
            SettingKind::BaseUrl | SettingKind::Server if !has_port_or_none(value) => {
                invalid("https://…")
            }
            SettingKind::BaseUrl | SettingKind::Server => check_base_url(value),
            SettingKind::BaseUrlTemplate if !value.contains("{ref}") => invalid("https://{ref}.…"),
            SettingKind::BaseUrlTemplate => check_base_url(&value.replace("{ref}", "ref")),
            SettingKind::Repository => match value.split_once('/') {
                Some((owner, name))
                    if !owner.is_empty() && !name.is_empty() && !name.contains('/') =>
                {
                    Ok(())
                }
                _ => invalid("owner/name"),
            },
            SettingKind::Sender => {
                let address = value
                    .split_once('<')
                    .map_or(value, |(_, rest)| rest.trim_end().trim_end_matches('>'));
                crate::customer::check_email(address)
            }
            SettingKind::Email => crate::customer::check_email(value),
            SettingKind::Domain => {
                let labels: Vec<_> = value.split('.').collect();
                let valid = labels.len() > 1
                    && labels.iter().all(|label| {
                        !label.is_empty()
                            && label.len() < 64
                            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                    });
                if valid {
                    Ok(())
                } else {
                    invalid("example.com")
                }
            }
            SettingKind::Minutes => match value.parse() {
                Ok(1_u32..=10_080) => Ok(()),
                _ => invalid("1–10080"),
            },
            SettingKind::Seconds => match value.parse() {
                Ok(1_u32..=86_400) => Ok(()),
                _ => invalid("1–86400"),
            },
            SettingKind::Prices => {
                let entries = value.split(',').filter(|entry| !entry.trim().is_empty());
                if prices(value).count() == entries.count() {
                    Ok(())
                } else {
                    invalid("price_…=blueprint/plan, …")
                }
            }
            SettingKind::Port => match value.parse() {
                Ok(1_u16..) => Ok(()),
                _ => invalid("1–65535"),
            },
            SettingKind::Secret if value.parse::<SecretRef>().is_ok() => Ok(()),
            SettingKind::Secret => invalid("keyring:…"),
            SettingKind::Choice(words) if words.contains(&value) => Ok(()),
            SettingKind::Choice(words) => invalid(&words.join(" | ")),
        }
    }
}

/// The entries of [`SettingKind::Prices`]: price, blueprint, plan.
pub fn prices(value: &str) -> impl Iterator<Item = (&str, &str, &str)> {
    value.split(',').filter_map(|entry| {
        let (price, plan) = entry.split_once('=')?;
        let (blueprint, plan) = plan.split_once('/')?;
        let entry = (price.trim(), blueprint.trim(), plan.trim());
        let all = [entry.0, entry.1, entry.2];
        let valid = all
            .iter()
            .all(|word| !word.is_empty() && !word.contains([' ', '/', '=']));
        valid.then_some(entry)
    })
}

/// A base URL is `https`, or on a loopback host (S10). User info is refused: it would be a secret.
pub fn check_base_url(url: &str) -> Result<(), Problem> {
    let shown = || {
        // Passwords are in the user info and in the query.
        let plain = url.split(['?', '#']).next().unwrap_or_default();
        plain
            .rsplit_once('@')
            .map_or(plain, |(_, host)| host)
            .to_owned()
    };
    let insecure = || -> Problem { Cause::BaseUrlInsecure { url: shown() }.into() };
    let (scheme, rest) = url.split_once("://").ok_or_else(insecure)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains('@') || !url.chars().all(|c| c.is_ascii_graphic())
    {
        return Err(insecure());
    }
    match scheme {
        "https" => Ok(()),
        "http" if is_loopback(authority) => Ok(()),
        _ => Err(insecure()),
    }
}

/// Whether what follows the host is a port, as in no `https://javascript:alert(1)`. Of what is no URL at all
/// [`check_base_url`] tells.
fn has_port_or_none(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else {
        return true;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let after_host = match authority.split_once(']') {
        Some((_, after)) => after.strip_prefix(':'),
        None => authority.split_once(':').map(|(_, port)| port),
    };
    // User info is refused by its own rule.
    authority.contains('@') || after_host.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Whether `host[:port]` is this machine: see [`is_loopback_host`].
pub fn is_loopback(authority: &str) -> bool {
    is_loopback_host(if let Some(v6) = authority.strip_prefix('[') {
        v6.split(']').next().unwrap_or_default()
    } else {
        authority.split(':').next().unwrap_or_default()
    })
}

/// Whether a host, without a port, is this machine: by its address, or as `localhost`, which whoever connects asks no hosts
/// file for. A name below that is none: it leads where the hosts file or DNS says.
pub fn is_loopback_host(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_host_is_a_port() {
        let url = SETTINGS
            .iter()
            .find(|setting| matches!(setting.kind, SettingKind::BaseUrl))
            .unwrap();
        for good in [
            "https://git.byra.se",
            "https://git.byra.se:3000/x",
            "http://[::1]:80",
            "http://[::1]",
        ] {
            assert_eq!(url.check(good), Ok(()), "{good}");
        }
        for bad in [
            "https://javascript:alert(1)",
            "https://host:99999/x",
            "https://[::1]:x",
        ] {
            let refused = url.check(bad).unwrap_err();
            let expected = matches!(&*refused.cause, Cause::SettingInvalid { .. });
            assert!(expected, "{bad}: {refused}");
        }
    }

    #[test]
    fn a_server_is_kept_without_the_root_of_its_api() {
        for (key, given, kept) in [
            (
                "n8n.url",
                "https://n8n.byra.se/api/v1",
                "https://n8n.byra.se",
            ),
            (
                "n8n.url",
                "https://n8n.byra.se/api/v1/",
                "https://n8n.byra.se",
            ),
            (
                "gitea.url",
                "https://byra.se/git//api/v1",
                "https://byra.se/git",
            ),
            ("gitea.url", "https://byra.se/git/", "https://byra.se/git/"),
            (
                "gitea.url",
                "https://byra.se/api/v1/git",
                "https://byra.se/api/v1/git",
            ),
            (
                "supabase.url",
                "https://byra.se/api/v1",
                "https://byra.se/api/v1",
            ),
        ] {
            assert_eq!(find(key).unwrap().value(given), kept, "{key}");
        }
    }

    #[test]
    fn base_urls_are_https_or_loopback() {
        for good in [
            "https://api.github.com",
            "http://127.0.0.1:4000/x",
            "http://localhost:1",
            "http://[::1]:80",
        ] {
            assert!(check_base_url(good).is_ok(), "{good} may carry a token");
        }
        for bad in [
            "http://api.github.com",
            "https://u:p@host",
            "ftp://x",
            "127.0.0.1",
            "http://127.0.0.1.evil.se",
            "http://app.localhost",
            "https://",
        ] {
            assert!(check_base_url(bad).is_err(), "{bad} may not carry a token");
        }
    }

    #[test]
    fn prices_stand_for_plans() {
        let setting = find("stripe.prices").unwrap();
        for good in ["price_1=factory/starter", "a=b/c, d = e/f,", "x=y/z"] {
            assert!(setting.check(good).is_ok(), "{good}");
        }
        for bad in [
            "price_1",
            "price_1=factory",
            "a=b/c d=e/f",
            "=b/c",
            "a=b/c/d",
        ] {
            assert!(setting.check(bad).is_err(), "{bad}");
        }
        let read: Vec<_> = prices("a=b/c, d = e/f,").collect();
        assert_eq!(read, [("a", "b", "c"), ("d", "e", "f")]);
    }

    #[test]
    fn a_secret_is_never_a_value() {
        let setting = find("smtp.password").unwrap();
        assert!(setting.is_secret());
        assert_eq!(setting.variable(), "FABRIK_SECRET_SMTP_PASSWORD");
        assert!(setting.check("hunter2").is_err(), "only a reference is");
        let workspace = WorkspaceId::new();
        let own = SecretRef::setting(workspace, "smtp.password");
        let token = SecretRef::token(workspace, crate::provider::Provider::GitHub);
        let variable = SecretRef::Env(setting.variable());
        for (stored, reference) in [
            (&own, &own),
            (&variable, &variable),
            (&token, &own),
            (&SecretRef::Env("PATH".to_owned()), &own),
        ] {
            let stored = stored.to_string();
            assert!(setting.check(&stored).is_ok());
            assert_eq!(setting.secret_reference(workspace, &stored), *reference);
        }
    }

    #[test]
    fn a_port_is_one() {
        let setting = find("smtp.port").unwrap();
        for (port, good) in [("587", true), ("0", false), ("65536", false), ("", false)] {
            assert_eq!(setting.check(port).is_ok(), good, "{port}");
        }
    }

    #[test]
    fn a_ceiling_is_seconds() {
        let setting = find("supabase.ceiling").unwrap();
        assert_eq!(setting.variable(), "FABRIK_SUPABASE_CEILING");
        for (seconds, good) in [
            ("180", true),
            ("0", false),
            ("86401", false),
            ("5 min", false),
        ] {
            assert_eq!(setting.check(seconds).is_ok(), good, "{seconds}");
        }
    }

    #[test]
    fn defaults_hold_to_their_own_rules() {
        for setting in SETTINGS {
            if let Some(default) = setting.default {
                assert!(setting.check(default).is_ok(), "default of {}", setting.key);
            }
        }
    }
}
