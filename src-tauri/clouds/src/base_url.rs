//! Where an API is: https, or this machine.

use fabrik_domain::{
    Cause, Problem,
    setting::{check_base_url, is_loopback},
};
use url::Url;

/// The root of an API, held to S10: `https`, or a loopback host, and no user info.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// Checks and takes a base URL, with or without a slash at its end; a path in it is kept.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        check_base_url(text)?;
        let insecure = || {
            Problem::from(Cause::BaseUrlInsecure {
                url: text.to_owned(),
            })
        };
        let mut url = Url::parse(text).map_err(|_| insecure())?;
        // Held to the rule once more as the parser understands it: `http://127.0.0.1\@evil` and its kin.
        if url.cannot_be_a_base() || check_base_url(url.as_str()).is_err() {
            return Err(insecure());
        }
        url.set_query(None);
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The URL of a resource: each segment is percent-encoded, so an id can't leave its place.
    /// `["v1", "projects", id]` → `<base>/v1/projects/<id>`.
    pub fn join<'s>(&self, segments: impl IntoIterator<Item = &'s str>) -> Url {
        let mut url = self.0.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty();
            // The parser drops `.` and `..`; as an id they must not become another path.
            path.extend(
                segments
                    .into_iter()
                    .map(|s| if matches!(s, "." | "..") { "%2E" } else { s }),
            );
        }
        url
    }

    /// The URL itself, without a slash at its end unless it is all of the path.
    pub fn as_url(&self) -> &Url {
        &self.0
    }

    /// Whether it is this machine.
    pub fn is_local(&self) -> bool {
        is_local(&self.0)
    }

    /// The host, for messages.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }

    /// Whether a URL is of this API's origin: only there does its token go.
    pub fn covers(&self, url: &Url) -> bool {
        self.0.origin().is_tuple() && self.0.origin() == url.origin()
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

/// Whether a URL leads to this machine.
pub(crate) fn is_local(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use fabrik_tests::Proof;

    use super::*;

    #[test]
    fn segments_stay_in_their_place() {
        let base = BaseUrl::parse("http://127.0.0.1:4000/supabase/").unwrap();
        assert_eq!(base.to_string(), "http://127.0.0.1:4000/supabase");
        for (segment, path) in [
            ("abc", "/supabase/v1/abc"),
            ("a/b?c#d", "/supabase/v1/a%2Fb%3Fc%23d"),
            ("..", "/supabase/v1/%252E"),
        ] {
            assert_eq!(
                base.join(["v1", segment]).path(),
                path,
                "{segment} is one segment"
            );
        }
    }

    #[test]
    fn only_https_and_this_machine_are_taken() {
        let proof = Proof::of(
            "S10",
            "base URLs that are not https, not this machine, or look as if they were",
        );
        for good in [
            "https://api.supabase.com",
            "http://127.0.0.1:1/_projects/abc",
            "http://[::1]:9",
        ] {
            assert!(BaseUrl::parse(good).is_ok(), "{good} may be called");
        }
        let bad = [
            "http://api.supabase.com",
            "HTTP://api.supabase.com",
            "http://api.supabase.com:443",
            "http://0.0.0.0:4000",
            "http://[::]:4000",
            "http://10.0.0.1",
            "http://192.168.1.10:8080",
            "http://128.0.0.1",
            "http://127.0.0.1.evil.se",
            "http://127.0.0.1\\@evil.se",
            "http://127.0.0.1@evil.se",
            "http://127.0.0.1:80@evil.se",
            "http://127.0.0.1%2eevil.se",
            "http://127.1.evil.se",
            "http://localhost.evil.se",
            "http://localhost@evil.se",
            "http://localhostevil.se",
            "http://anything.localhost",
            "http://anything.localhost:4000/x",
            "http://127.0.0.1.localhost",
            "http://evil.se/localhost",
            "http://evil.se#localhost",
            "http://evil.se?127.0.0.1",
            "http://evil.se\\.localhost",
            "http://[::1].evil.se",
            "http://[::ffff:10.0.0.1]",
            "https://user:password@host",
            "https://user@host",
            "https://:@host",
            "https://host\n.evil.se",
            "https://ho st",
            "https://å.se\u{202e}",
            "https://",
            "https:///evil.se",
            "https:evil.se",
            "//evil.se",
            "evil.se",
            "",
            "file:///etc/passwd",
            "ftp://host",
            "ws://127.0.0.1",
            "data:text/plain,x",
            "javascript:alert(1)",
        ];
        for bad in bad {
            assert!(BaseUrl::parse(bad).is_err(), "{bad:?} may not be called");
        }
        assert_eq!(bad.len(), 43);
        proof.held(bad.len());
    }

    #[test]
    fn a_port_is_part_of_the_origin() {
        let base = BaseUrl::parse("http://127.0.0.1:4000/x").unwrap();
        let covers = |url: &str| base.covers(&Url::parse(url).unwrap());
        assert!(covers("http://127.0.0.1:4000/y"));
        assert!(
            !covers("http://127.0.0.1:4001/y"),
            "another port is another server"
        );
        assert!(
            !covers("https://127.0.0.1:4000/y"),
            "another scheme is another origin"
        );
    }
}
