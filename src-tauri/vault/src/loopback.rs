//! Where the sandbox's made-up tokens may go: to this machine, and nowhere else.

use fabrik_domain::{Cause, Problem};

/// Refuses to let the sandbox's tokens go to any host but this machine.
///
/// `url` is a base URL, or a template of one with `{ref}`. It is parsed as the HTTP client parses it,
/// so that both see the same host. User info is refused: nobody needs it here, and it hides hosts.
pub fn refuse_non_loopback(url: &str) -> Result<(), Problem> {
    let refused = |host: &str| {
        Problem::from(Cause::SandboxTokenRefused {
            host: host.to_owned(),
        })
    };
    let parsed = url::Url::parse(&url.replace("{ref}", "ref")).map_err(|_| refused(""))?;
    let here = match parsed.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let plain = parsed.username().is_empty() && parsed.password().is_none();
    if here && plain && matches!(parsed.scheme(), "http" | "https") {
        Ok(())
    } else {
        Err(refused(parsed.host_str().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_tokens_go_to_this_machine_alone() {
        let here = [
            "http://127.0.0.1:4000/github",
            "http://localhost:1",
            "http://[::1]:80/",
            "http://127.0.0.1:4000/projects/{ref}",
        ];
        for url in here {
            assert!(refuse_non_loopback(url).is_ok(), "{url} is this machine");
        }
        let elsewhere = [
            "https://api.github.com",
            "https://{ref}.supabase.co",
            "http://127.0.0.1@evil.example/",
            "http://evil.example\\@127.0.0.1/",
            "http://user:pass@127.0.0.1/",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "http://{ref}.localhost:4000",
            "http://evil.example/#127.0.0.1",
            "http://0.0.0.0:80/",
            "http://[::ffff:93.184.216.34]/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "127.0.0.1:80",
            "",
        ];
        for url in elsewhere {
            let problem = refuse_non_loopback(url).unwrap_err();
            assert_eq!(problem.code(), "sandbox_token_refused", "{url}");
            assert!(
                !format!("{problem:?}").contains("pass@"),
                "user info must not be shown"
            );
        }
    }
}
