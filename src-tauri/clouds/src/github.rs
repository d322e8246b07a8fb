//! GitHub, by octocrab on our own transport.
//!
//! octocrab builds the requests and carries them; its retry, redirect and timeout layers, its connector
//! and its token are left out, since the [`Account`] below does all that once for every vendor.

mod contents;
mod dialect;
mod identity;
mod model;
mod removal;
mod repository;
#[cfg(test)]
mod tests;
mod transport;

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use fabrik_domain::{
    failure::Failure,
    gate::{Charge, add_demand},
    id::CustomerId,
};
use http::{HeaderName, Method, Request, Response};
use http_body_util::BodyExt;
use octocrab::Octocrab;
use serde::{Serialize, de::DeserializeOwned};

use crate::{Account, BaseUrl, Call, Http, Scheme, Token};

pub use contents::{FileAt, Written};
pub use model::{Branch, Owner, Repository};
pub use repository::NewRepository;

/// The version of the API that the types here were written for.
const API_VERSION: &str = "2022-11-28";

/// What a classic token needs: repositories, their deletion in an undo, and files of GitHub Actions.
pub const SCOPES: [&str; 3] = ["repo", "delete_repo", "workflow"];

/// GitHub's API as an account may use it. Cheap to clone.
#[derive(Clone)]
pub struct GitHub {
    account: Account,
    // octocrab spawns a task when it is built, so it is built by the first call, inside the runtime.
    crab: Arc<OnceLock<Octocrab>>,
}

impl GitHub {
    /// The API at `base`, with the token that is there at each call.
    pub fn new(http: Http, base: BaseUrl, token: Token) -> Self {
        let account = Account::new(http, dialect::GitHubDialect, base, token, Scheme::Bearer)
            .with_header(http::header::ACCEPT, "application/vnd.github+json")
            .with_header(
                HeaderName::from_static(transport::API_VERSION_HEADER),
                API_VERSION,
            );
        Self {
            account,
            crab: Arc::default(),
        }
    }

    /// The same for a customer's calls: the gates deal turns by customer.
    #[must_use]
    pub fn for_customer(&self, customer: CustomerId) -> Self {
        Self {
            account: self.account.for_customer(customer),
            crab: Arc::default(),
        }
    }

    /// What so many calls count that only read, and so many that make something: for the gates' forecast.
    pub fn demand(&self, reading: u32, making: u32) -> Vec<Charge> {
        let mut demand = self.account.charges(dialect::counted(false), reading);
        let making = self.account.charges(dialect::counted(true), making);
        add_demand(&mut demand, making);
        demand
    }

    fn crab(&self) -> &Octocrab {
        self.crab.get_or_init(|| transport::octocrab(&self.account))
    }

    /// Sends a call and gives the whole answer. Segments of the path are encoded each by itself.
    async fn send<'s>(
        &self,
        call: Call,
        method: Method,
        path: impl IntoIterator<Item = &'s str>,
        query: &[(&str, &str)],
        body: Option<&(impl Serialize + Sync)>,
    ) -> Result<Response<Bytes>, Failure> {
        let mut url = self.account.base().join(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .extension(call);
        let crab = self.crab();
        let request = crab
            .build_request(request, body)
            .map_err(|error| transport::failure(error, call))?;
        let response = crab
            .execute(request)
            .await
            .map_err(|error| transport::failure(error, call))?;
        let (parts, body) = response.into_parts();
        let body = body
            .collect()
            .await
            .map_err(|error| transport::failure(error, call))?;
        Ok(Response::from_parts(parts, body.to_bytes()))
    }

    async fn get<'s, T: DeserializeOwned>(
        &self,
        call: Call,
        path: impl IntoIterator<Item = &'s str>,
        query: &[(&str, &str)],
    ) -> Result<T, Failure> {
        let answer = self
            .send(call, Method::GET, path, query, None::<&()>)
            .await?;
        transport::decode(&answer, call)
    }
}
