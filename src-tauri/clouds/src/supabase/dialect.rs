//! How Supabase counts and says no: the platform in one way, a project's Auth and REST in others.

use std::time::Duration;

use bytes::Bytes;
use fabrik_domain::{failure::Failure, gate::Limit, provider::Provider};
use http::{HeaderMap, Method, Request};
use serde::Deserialize;

use crate::{
    Call, Count, Dialect, Reset, Words,
    status::{refused_with, says},
};

/// A user's calls of one operation, for one project or organization.
const LIMITS: &[Limit] = &[Limit::new(120, Duration::from_mins(1))];

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

    fn counts(&self, call: Call, request: &Request<Bytes>) -> Vec<Count> {
        vec![counted(call.operation, &whom(request))]
    }
}

/// Calls of an operation, for a project, an organization or (`user`) the token's user.
pub(super) fn counted(operation: &str, whom: &str) -> Count {
    Count {
        class: format!("{operation} {whom}"),
        limits: LIMITS,
        units: 1,
        told: true,
    }
}

/// What a call counts against: the project or organization of its path, or of a new project's body; else the
/// user.
fn whom(request: &Request<Bytes>) -> String {
    #[derive(Deserialize)]
    struct Body {
        organization_slug: String,
    }
    let mut path = request.uri().path().split('/');
    let owner = path.find(|part| matches!(*part, "projects" | "organizations"));
    let whom = match (owner, path.next()) {
        (Some("projects"), None) if request.method() == Method::POST => {
            let body = serde_json::from_slice(request.body());
            body.ok().map(|body: Body| body.organization_slug)
        }
        (Some(_), Some(id)) if id != "available-regions" => Some(id.to_owned()),
        _ => None,
    };
    whom.unwrap_or_else(|| "user".to_owned())
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

    /// A project's own limits are its own and not documented in numbers: only its word is taken.
    fn counts(&self, _: Call, _: &Request<Bytes>) -> Vec<Count> {
        vec![Count {
            class: "project".to_owned(),
            limits: &[],
            units: 1,
            told: false,
        }]
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
    fn calls_count_against_whom_they_are_for() {
        let counted = |method: Method, path: &str, body: &'static str| {
            let request = Request::builder()
                .method(method)
                .uri(format!("http://127.0.0.1:1/supabase{path}"))
                .body(Bytes::from_static(body.as_bytes()))
                .unwrap();
            ManagementDialect.counts(Call::reads("x"), &request)[0]
                .class
                .clone()
        };
        let get = |path: &str| counted(Method::GET, path, "");
        assert_eq!(get("/v1/projects/abc/api-keys?reveal=true"), "x abc");
        assert_eq!(get("/v1/organizations/norrform/projects"), "x norrform");
        assert_eq!(get("/v1/organizations"), "x user");
        assert_eq!(get("/v1/projects/available-regions"), "x user");
        let create = counted(
            Method::POST,
            "/v1/projects",
            r#"{"name":"n","organization_slug":"norrform","db_pass":"hunter2"}"#,
        );
        assert_eq!(create, "x norrform");
        assert_eq!(counted(Method::POST, "/v1/projects", "{"), "x user");
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
