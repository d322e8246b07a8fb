//! octocrab's way down to our transport, and its errors on the way up.

use bytes::Bytes;
use fabrik_domain::{Cause, Problem, failure::Failure, provider::Provider};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use serde::de::DeserializeOwned;
use tower::{ServiceExt, service_fn};

use crate::{Account, Call};

/// Which version of the API a request is written for.
pub(super) const API_VERSION_HEADER: &str = "x-github-api-version";

/// octocrab with nothing of its own below: no connector, no retry, no redirect, no timeout, no token.
/// Must be called inside a runtime.
pub(super) fn octocrab(account: &Account) -> Octocrab {
    let below = account.service();
    let service = service_fn(move |request: Request<OctoBody>| {
        let below = below.clone();
        async move {
            let (mut parts, body) = request.into_parts();
            // The version is ours to pin, not the library's: with its next release the answers' shape
            // would change under us.
            parts.headers.remove(API_VERSION_HEADER);
            let body = body
                .collect()
                .await
                .map_err(|_| Failure::refused(Cause::Internal))?;
            let answer = below
                .oneshot(Request::from_parts(parts, body.to_bytes()))
                .await?;
            Ok::<_, Failure>(answer.map(Full::new))
        }
    });
    let built = OctocrabBuilder::new_empty()
        .with_service(service)
        .with_auth(AuthState::None)
        .build();
    match built {
        Ok(octocrab) => octocrab,
        Err(never) => match never {},
    }
}

/// The [`Failure`] that our transport gave octocrab, taken out of its box. What else octocrab may say is
/// about building the request.
pub(super) fn failure(error: octocrab::Error, call: Call) -> Failure {
    let problem = match error {
        octocrab::Error::Service { source, .. } => match source.downcast::<Failure>() {
            Ok(failure) => return *failure,
            Err(other) => Problem::from(Cause::Internal).detail(other.to_string()),
        },
        // Its words may hold a part of the request, so they stay out.
        _ => Problem::from(Cause::Internal).detail(call.operation),
    };
    problem.by(Provider::GitHub).into()
}

/// Decodes an answer; fields that the type doesn't have are skipped.
pub(super) fn decode<T: DeserializeOwned>(
    answer: &Response<Bytes>,
    call: Call,
) -> Result<T, Failure> {
    crate::decode::decode(answer, call).map_err(|failure| failure.by(Provider::GitHub))
}
