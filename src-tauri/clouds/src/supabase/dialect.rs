//! How Supabase says no: the platform in one way, a project's Auth and REST in others.

use bytes::Bytes;
use fabrik_domain::{failure::Failure, provider::Provider};
use http::HeaderMap;
use serde::Deserialize;

use crate::{
    Dialect, Reset, Words,
    status::{refused_with, says},
};

/// The Management API: `{"message"}`, once seen as `{"error":{"name","message"}}`.
#[derive(Clone, Copy, Debug)]
pub(super) struct ManagementDialect;

impl Dialect for ManagementDialect {
    fn provider(&self) -> Provider {
        Provider::Supabase
    }

    fn words(&self, _: &HeaderMap, body: &Bytes) -> Words {
        #[derive(Deserialize)]
        struct Body {
            message: Option<String>,
            error: Option<Inner>,
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Inner {
            Object {
                name: Option<String>,
                message: Option<String>,
            },
            Text(String),
        }
        let Ok(body) = serde_json::from_slice::<Body>(body) else {
            return Words::default();
        };
        match body.error {
            Some(Inner::Object { name, message }) => Words {
                code: name,
                message: message.or(body.message),
            },
            Some(Inner::Text(text)) => Words {
                code: None,
                message: body.message.or(Some(text)),
            },
            None => Words {
                code: None,
                message: body.message,
            },
        }
    }

    fn reset(&self) -> Reset {
        Reset::FromNow("x-ratelimit-reset")
    }
}

/// A project's Auth (`{"code": 400, "error_code", "msg"}`, newer `{"code": "…", "message"}`, OAuth's
/// `{"error", "error_description"}`) and REST (`{"code": "42501", "message"}`).
#[derive(Clone, Copy, Debug)]
pub(super) struct ProjectDialect;

impl Dialect for ProjectDialect {
    fn provider(&self) -> Provider {
        Provider::Supabase
    }

    fn words(&self, headers: &HeaderMap, body: &Bytes) -> Words {
        #[derive(Deserialize)]
        struct Body {
            error_code: Option<String>,
            code: Option<serde_json::Value>,
            error: Option<String>,
            msg: Option<String>,
            message: Option<String>,
            error_description: Option<String>,
        }
        let header = headers
            .get("x-sb-error-code")
            .and_then(|code| code.to_str().ok());
        let header = header.map(str::to_owned);
        let Ok(body) = serde_json::from_slice::<Body>(body) else {
            return Words {
                code: header,
                message: None,
            };
        };
        // The older form's `code` is the status again, as a number.
        let code = body
            .code
            .as_ref()
            .and_then(|code| code.as_str())
            .map(str::to_owned);
        Words {
            code: header.or(body.error_code).or(code).or(body.error),
            message: body.msg.or(body.message).or(body.error_description),
        }
    }

    fn reset(&self) -> Reset {
        Reset::Unknown
    }
}

/// The platform's word for a project that was deleted: 400, not 404.
pub(super) fn is_removed(failure: &Failure) -> bool {
    refused_with(failure) == Some(400) && says(failure, "Resource has been removed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(dialect: &dyn Dialect, body: &str) -> (Option<String>, Option<String>) {
        let words = dialect.words(&HeaderMap::new(), &Bytes::from(body.to_owned()));
        (words.code, words.message)
    }

    fn some(code: &str, message: &str) -> (Option<String>, Option<String>) {
        let text = |t: &str| (!t.is_empty()).then(|| t.to_owned());
        (text(code), text(message))
    }

    #[test]
    fn the_platform_has_two_forms() {
        let d = ManagementDialect;
        assert_eq!(
            words(&d, r#"{"message":"no","errorEventId":"x"}"#),
            some("", "no")
        );
        assert_eq!(
            words(&d, r#"{"error":{"name":"E","message":"no"}}"#),
            some("E", "no")
        );
        assert_eq!(words(&d, r#"{"error":"no"}"#), some("", "no"));
        assert_eq!(words(&d, "<html>"), some("", ""));
    }

    #[test]
    fn a_project_has_four() {
        let d = ProjectDialect;
        for (body, expected) in [
            (
                r#"{"code":403,"error_code":"bad_jwt","msg":"no"}"#,
                some("bad_jwt", "no"),
            ),
            (
                r#"{"code":"bad_jwt","message":"no"}"#,
                some("bad_jwt", "no"),
            ),
            (
                r#"{"error":"invalid_grant","error_description":"no"}"#,
                some("invalid_grant", "no"),
            ),
            (
                r#"{"code":"42501","message":"no","hint":null}"#,
                some("42501", "no"),
            ),
            (r#"{"code":500}"#, some("", "")),
        ] {
            assert_eq!(words(&d, body), expected, "{body}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("x-sb-error-code", "bad_jwt".parse().unwrap());
        assert_eq!(
            d.words(&headers, &Bytes::new()).code.as_deref(),
            Some("bad_jwt")
        );
    }
}
