//! Asking a customer's instance whether it answers: a plain GET, with no token and no API behind it.

use bytes::Bytes;
use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
};
use http::{HeaderMap, Request, StatusCode, header};
use std::time::Duration;

use crate::{Call, Http, TransportError};

/// How an instance answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is there.
    Well,
    /// Not yet: no connection, nothing deployed under the host, an error that may pass.
    NotYet(String),
    /// It hides behind Vercel's deployment protection.
    Protected,
    /// It answers with an error.
    Error(u16),
}

/// Asks instances. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    http: Http,
}

impl Site {
    /// Over this transport.
    pub fn new(http: Http) -> Self {
        Self { http }
    }

    /// Asks once. `link_invalid` where `url` is none.
    pub async fn ask(&self, url: &str) -> Result<Answer, Failure> {
        let invalid = || {
            Problem::from(Cause::LinkInvalid {
                field: "url".to_owned(),
                link: url.to_owned(),
            })
        };
        fabrik_domain::customer::check_link("url", Some(url))?;
        let request = Request::get(url)
            .header(header::ACCEPT, "*/*")
            .extension(Call::reads("site").within(Duration::from_secs(15)))
            .body(Bytes::new())
            .map_err(|_| invalid())?;
        match self.http.send(request).await {
            Ok(answer) => Ok(read(answer.status(), answer.headers(), answer.body())),
            // Whatever the page is, it is there.
            Err(TransportError::TooLarge) => Ok(Answer::Well),
            Err(TransportError::RedirectRefused) => Err(Failure {
                outcome: Outcome::Refused,
                problem: Cause::SiteUnreachable {
                    url: url.to_owned(),
                }
                .into(),
            }),
            Err(error) => Ok(Answer::NotYet(error.to_string())),
        }
    }
}

/// Vercel's protection answers 401 with its own page and cookie, or sends to its sign-in, where the
/// transport has followed it.
fn read(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Answer {
    let cookie = headers.get_all(header::SET_COOKIE).iter().any(|value| {
        value
            .to_str()
            .is_ok_and(|v| v.starts_with("_vercel_sso") || v.starts_with("_vercel_jwt"))
    });
    let page = String::from_utf8_lossy(&body[..body.len().min(64 * 1024)]);
    let protection = cookie
        || page.contains("vercel.com/sso-api")
        || page.contains("_vercel_sso")
        || page.contains("Vercel Authentication")
        || (page.contains("Authentication Required") && page.contains("vercel"));
    match status.as_u16() {
        401 | 403 if protection => Answer::Protected,
        // Vercel's own page for a host without a deployment, as right after the alias is made.
        404 if headers.contains_key("x-vercel-error") => Answer::NotYet("404".to_owned()),
        200..=399 if cookie => Answer::Protected,
        200..=399 => Answer::Well,
        code @ (408 | 425 | 429 | 500..) => Answer::NotYet(code.to_string()),
        code => Answer::Error(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()))
            .collect()
    }

    fn answer(status: u16, pairs: &[(&'static str, &str)], body: &'static str) -> Answer {
        read(
            StatusCode::from_u16(status).unwrap(),
            &headers(pairs),
            &Bytes::from_static(body.as_bytes()),
        )
    }

    #[test]
    fn protection_is_told_from_an_error() {
        let sso = [("set-cookie", "_vercel_sso_nonce=abc; Path=/")];
        assert_eq!(answer(401, &sso, ""), Answer::Protected);
        assert_eq!(
            answer(401, &[], "<title>Vercel Authentication</title>"),
            Answer::Protected
        );
        assert_eq!(
            answer(401, &[], "the app's own sign-in"),
            Answer::Error(401)
        );
    }

    #[test]
    fn what_may_pass_is_waited_on() {
        assert_eq!(answer(200, &[], "hej"), Answer::Well);
        assert_eq!(answer(503, &[], ""), Answer::NotYet("503".to_owned()));
        let gone = [("x-vercel-error", "DEPLOYMENT_NOT_FOUND")];
        assert_eq!(answer(404, &gone, ""), Answer::NotYet("404".to_owned()));
        assert_eq!(answer(404, &[], "no such page"), Answer::Error(404));
    }
}
