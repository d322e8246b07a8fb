//! Vercel's REST API at `/vercel`: a person and a team, projects with environment variables, git
//! links and domains, and deployments that build for a while.

mod account;
mod deployment;
mod deployments;
mod dns;
mod domains;
mod environment;
mod integrations;
mod project;
mod projects;
mod scope;

use std::time::Duration;

use axum::{
    Json, Router,
    http::{HeaderMap, Method, StatusCode},
    response::{IntoResponse, Response},
};
use fabrik_domain::provider::Provider;
use serde_json::json;

use crate::{
    answer::Refusal,
    figure::Figure,
    limit::{Limit, Standing, say},
    platform::Core,
    routes::{Dialect, Incoming, Routes},
    token::bearer,
};

pub(crate) use account::VercelAccount;
pub(crate) use deployment::{Deployment, by_label, latest_ready};
pub(crate) use deployments::pushed;
pub(crate) use dns::{Records, put as put_records, site_at};
pub(crate) use project::{by_name, put_foreign, rename, seed};

const DIALECT: Dialect = Dialect {
    token: Some(bearer),
    limits,
    limit_headers,
    throttled,
    ..Dialect::plain(Provider::Vercel, vendor_error)
};

/// Where deployments are begun.
const DEPLOYMENTS: &str = "/v13/deployments";

pub(crate) fn routes() -> Router {
    Routes::new(DIALECT)
        .get("/v2/user", Figure::Read, account::user)
        .get("/v2/teams", Figure::Read, account::teams)
        .get("/v2/teams/{team}", Figure::Read, account::team)
        .get(
            "/v1/integrations/search-repo",
            Figure::Read,
            integrations::search_repo,
        )
        .get(
            "/v1/integrations/git-namespaces",
            Figure::Read,
            integrations::git_namespaces,
        )
        .post("/v11/projects", Figure::VercelProject, projects::create)
        .get("/v10/projects", Figure::Read, projects::list)
        .get("/v9/projects/{project}", Figure::Read, projects::get)
        .patch(
            "/v9/projects/{project}",
            Figure::VercelProject,
            projects::update,
        )
        .delete(
            "/v9/projects/{project}",
            Figure::VercelProject,
            projects::delete,
        )
        .get(
            "/v10/projects/{project}/env",
            Figure::Read,
            environment::list,
        )
        .post(
            "/v10/projects/{project}/env",
            Figure::VercelEnvironment,
            environment::create,
        )
        .get(
            "/v1/projects/{project}/env/{id}",
            Figure::Read,
            environment::get,
        )
        .patch(
            "/v9/projects/{project}/env/{id}",
            Figure::VercelEnvironment,
            environment::edit,
        )
        .delete(
            "/v9/projects/{project}/env/{id}",
            Figure::VercelEnvironment,
            environment::remove,
        )
        .get(
            "/v9/projects/{project}/domains",
            Figure::Read,
            domains::list,
        )
        .get(
            "/v9/projects/{project}/domains/{domain}",
            Figure::Read,
            domains::get,
        )
        .post(
            "/v10/projects/{project}/domains",
            Figure::VercelDomain,
            domains::add,
        )
        .post(
            "/v9/projects/{project}/domains/{domain}/verify",
            Figure::VercelDomain,
            domains::verify,
        )
        .delete(
            "/v9/projects/{project}/domains/{domain}",
            Figure::VercelDomain,
            domains::remove,
        )
        .get("/v6/domains/{domain}/config", Figure::Read, dns::config)
        .post(DEPLOYMENTS, Figure::VercelDeployment, deployments::create)
        .get("/v13/deployments/{*id}", Figure::Read, deployments::get)
        .delete(
            "/v13/deployments/{*id}",
            Figure::VercelDeployment,
            deployments::delete,
        )
        .patch(
            "/v12/deployments/{id}/cancel",
            Figure::VercelDeployment,
            deployments::cancel,
        )
        .get("/v7/deployments", Figure::Read, deployments::list)
        .get("/v6/deployments", Figure::Read, deployments::list)
        .get(
            "/v3/deployments/{id}/events",
            Figure::Read,
            deployments::events,
        )
        .get(
            "/v2/deployments/{id}/aliases",
            Figure::Read,
            deployments::aliases,
        )
        .finish("/vercel")
}

fn vendor_error(status: StatusCode, message: &str) -> Response {
    let code = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::TOO_MANY_REQUESTS => "rate_limited",
        status if status.is_server_error() => "internal_server_error",
        _ => "bad_request",
    };
    // A token that is none is answered 403 with a mark of its own.
    if status == StatusCode::UNAUTHORIZED {
        let body =
            json!({ "error": { "code": code, "message": "Not authorized", "invalidToken": true } });
        return (StatusCode::FORBIDDEN, Json(body)).into_response();
    }
    (
        status,
        Json(json!({ "error": { "code": code, "message": message } })),
    )
        .into_response()
}

fn refused(status: StatusCode, code: &str, message: &str) -> Refusal {
    (
        status,
        Json(json!({ "error": { "code": code, "message": message } })),
    )
        .into_response()
        .into()
}

fn not_found(what: &str) -> Refusal {
    refused(
        StatusCode::NOT_FOUND,
        "not_found",
        &format!("{what} not found."),
    )
}

fn bad_request(message: &str) -> Refusal {
    refused(StatusCode::BAD_REQUEST, "bad_request", message)
}

/// The vendor counts per endpoint and doesn't say how far; this is generous for one agency and
/// still stops a loop that never pauses. Deployments have a limit a day, which is documented.
fn limits(call: &Incoming<'_>) -> Vec<Limit> {
    let bucket = format!("vercel {} {}", call.method, call.pattern);
    let mut limits = vec![Limit::new(bucket, 500, Duration::from_mins(1))];
    if call.pattern == DEPLOYMENTS && *call.method == Method::POST {
        limits.push(a_day(call.core));
    }
    limits
}

/// The bucket of a day's deployments.
const DAY: &str = "vercel deployments a day";

/// A deployment, by a call or a push, of those that the plan allows in a day.
fn a_day(core: &Core) -> Limit {
    let account: VercelAccount = core.account().unwrap_or_default();
    Limit::new(DAY, account.deployments_a_day(), Duration::from_hours(24))
}

fn limit_headers(standings: &[Standing], headers: &mut HeaderMap) {
    if let Some(standing) = standings.first() {
        let said = [
            ("x-ratelimit-limit", standing.max()),
            ("x-ratelimit-remaining", standing.remaining()),
            ("x-ratelimit-reset", standing.reset_second()),
        ];
        say(headers, said);
    }
}

/// Over the day's deployments of the plan that costs nothing, Vercel asks for money (vercel/vercel#17426).
fn throttled(standing: &Standing) -> Response {
    if standing.limit.bucket == DAY && standing.limit.max == account::HOBBY_DAY {
        return paid_for(standing);
    }
    let limit = json!({
        "remaining": 0, "reset": standing.reset.as_second(),
        "resetMs": standing.reset.as_millisecond(), "total": standing.limit.max,
    });
    let error = json!({
        "code": "rate_limited", "message": "The rate limit was exceeded.", "limit": limit,
    });
    let mut answer = (
        StatusCode::TOO_MANY_REQUESTS,
        Json(json!({ "error": error })),
    )
        .into_response();
    limit_headers(std::slice::from_ref(standing), answer.headers_mut());
    answer
}

fn paid_for(standing: &Standing) -> Response {
    let code = "api-deployments-free-per-day";
    let total = standing.limit.max;
    let message = format!(
        "Resource is limited - try again in 24 hours (more than {total}, code: \"{code}\")."
    );
    // In milliseconds, unlike that of other limits.
    let reset = standing.reset.as_millisecond();
    let limit = json!({ "total": total, "remaining": 0, "reset": reset });
    let error = json!({ "code": code, "message": message, "limit": limit });
    (
        StatusCode::PAYMENT_REQUIRED,
        Json(json!({ "error": error })),
    )
        .into_response()
}
