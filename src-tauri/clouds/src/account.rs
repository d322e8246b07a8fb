//! A vendor's API as an account may use it: requests get the base URL, the token and the headers it
//! wants, answers come back as types or as a [`Failure`].

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use fabrik_domain::{
    Cause, Problem,
    failure::{Failure, Outcome},
    gate::{Charge, Class},
    id::CustomerId,
    secret::Secret,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use serde::{Serialize, de::DeserializeOwned};
use tower::{service_fn, util::BoxCloneSyncService};
use url::Url;

use crate::{
    BaseUrl, Call, Dialect, Effect, Http, Scheme, Token, classify,
    decode::{Room, decode},
    dialect::Count,
    token::secret_header,
    turn,
};

/// So long a call that only reads waits for its turn by itself. Steps look with several calls at a time: given
/// up for one's turn, all would be asked anew, and spend the others' turns in vain. What changes something is
/// never held back here, since its lease may not outlast the wait.
const SHORT_WAIT: Duration = Duration::from_secs(5);

/// An API of a vendor. Cheap to clone.
#[derive(Clone)]
pub struct Account {
    http: Http,
    dialect: Arc<dyn Dialect>,
    base: BaseUrl,
    token: Option<(Token, Scheme)>,
    /// Whose calls the gates count: a digest of where the token is kept and where it goes; without a token,
    /// where the API is.
    name: Arc<str>,
    headers: HeaderMap,
}

impl Account {
    /// An API that is called without a token of the account: with a key per call, or with none.
    pub fn anonymous(http: Http, dialect: impl Dialect + 'static, base: BaseUrl) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            http,
            dialect: Arc::new(dialect),
            name: Arc::from(base.as_url().as_str()),
            base,
            token: None,
            headers,
        }
    }

    /// An API that is called with the account's token.
    pub fn new(
        http: Http,
        dialect: impl Dialect + 'static,
        base: BaseUrl,
        token: Token,
        scheme: Scheme,
    ) -> Self {
        Self {
            name: token.digest(&base).into(),
            token: Some((token, scheme)),
            ..Self::anonymous(http, dialect, base)
        }
    }

    /// The same for a customer's calls: see [`Http::for_customer`].
    #[must_use]
    pub fn for_customer(&self, customer: CustomerId) -> Self {
        Self {
            http: self.http.for_customer(customer),
            ..self.clone()
        }
    }

    /// What these counts are to the gates, for so many calls.
    pub(crate) fn charges(&self, counts: Vec<Count>, calls: u32) -> Vec<Charge> {
        let charge = |count: Count| Charge {
            class: Class {
                provider: self.dialect.provider(),
                account: self.name.as_ref().to_owned(),
                name: count.class,
            },
            limits: count.limits,
            units: count.units.saturating_mul(calls),
            told: count.told,
        };
        counts.into_iter().map(charge).collect()
    }

    /// With a header for every request that doesn't set its own: an API version, an `Accept`.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    /// Where it is.
    pub fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The transport below, for requests that are no calls of this API.
    pub fn http(&self) -> &Http {
        &self.http
    }

    /// Begins a GET of `<base>/<segments…>`.
    pub fn get<'s>(&self, call: Call, path: impl IntoIterator<Item = &'s str>) -> Draft<'_> {
        self.draft(call, Method::GET, path)
    }

    /// Begins a POST.
    pub fn post<'s>(&self, call: Call, path: impl IntoIterator<Item = &'s str>) -> Draft<'_> {
        self.draft(call, Method::POST, path)
    }

    /// Begins a PATCH.
    pub fn patch<'s>(&self, call: Call, path: impl IntoIterator<Item = &'s str>) -> Draft<'_> {
        self.draft(call, Method::PATCH, path)
    }

    /// Begins a PUT.
    pub fn put<'s>(&self, call: Call, path: impl IntoIterator<Item = &'s str>) -> Draft<'_> {
        self.draft(call, Method::PUT, path)
    }

    /// Begins a DELETE.
    pub fn delete<'s>(&self, call: Call, path: impl IntoIterator<Item = &'s str>) -> Draft<'_> {
        self.draft(call, Method::DELETE, path)
    }

    fn draft<'s>(
        &self,
        call: Call,
        method: Method,
        path: impl IntoIterator<Item = &'s str>,
    ) -> Draft<'_> {
        Draft {
            account: self,
            call,
            method,
            url: self.base.join(path),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            masked: Vec::new(),
            fault: None,
        }
    }

    /// Sends a request of any make: for a vendor's own library, which brings its requests.
    ///
    /// A URI without a host is taken to be below the base URL; one of another origin is refused, since
    /// the token goes with it. A [`Call`] in the extensions says what it is. Statuses other than 2xx come
    /// back as a [`Failure`] that names the vendor.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        self.exchange(request, &[]).await
    }

    /// [`send`](Self::send) as a service. A library that boxes its errors gives the [`Failure`] back by
    /// downcast.
    pub fn service(&self) -> BoxCloneSyncService<Request<Bytes>, Response<Bytes>, Failure> {
        let account = self.clone();
        BoxCloneSyncService::new(service_fn(move |request| {
            let account = account.clone();
            async move { account.send(request).await }
        }))
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        masked: &[Secret],
    ) -> Result<Response<Bytes>, Failure> {
        let answered = self.carry(request, masked).await;
        answered.map_err(|failure| failure.by(self.dialect.provider()))
    }

    async fn carry(
        &self,
        mut request: Request<Bytes>,
        masked: &[Secret],
    ) -> Result<Response<Bytes>, Failure> {
        let call = Call::of(&request);
        let mut masked = masked.to_vec();
        self.place(&mut request)?;
        for (name, value) in &self.headers {
            request
                .headers_mut()
                .entry(name)
                .or_insert_with(|| value.clone());
        }
        if let Some((token, scheme)) = &self.token {
            let token = token.read(&self.base).await?;
            scheme.apply(&token, request.headers_mut())?;
            masked.push(token);
        }
        let charges = self.charges(self.dialect.counts(call, &request), 1);
        let patience = match call.effect {
            Effect::Reads => SHORT_WAIT,
            Effect::Changes => Duration::ZERO,
        };
        // Nothing was sent: whoever called waits, and the turn is kept.
        let turn = self.http.turn(&charges, patience).await;
        let turn = turn.map_err(|until| Failure {
            outcome: Outcome::Throttled(until),
            problem: Cause::Throttled { until }.into(),
        })?;
        let clock = self.http.clock();
        let begun = clock.monotonic();
        let sent = self.http.send(request).await;
        let (ended, now) = (clock.monotonic(), clock.now());
        if self.token.is_some() {
            let (provider, host) = (self.dialect.provider(), self.base.host());
            let status = sent.as_ref().map(Response::status);
            self.http
                .silence()
                .hear(provider, host, (begun, ended), now, status);
        }
        match sent {
            Ok(response) => {
                let status = response.status();
                let dialect = self.dialect.as_ref();
                let meter = turn::meter_of(&charges, &response, dialect, now);
                let result = classify::answered(response, call, dialect, now, &masked);
                turn.end(turn::answered(status, meter, &result));
                result
            }
            Err(error) => {
                turn.end(turn::unanswered(&error));
                Err(classify::unanswered(&error, call, self.base.host()))
            }
        }
    }

    /// Completes a URI without a host, and refuses one of another origin.
    fn place(&self, request: &mut Request<Bytes>) -> Result<(), Failure> {
        if request.uri().authority().is_none() {
            let below = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            let whole = format!("{}{below}", self.base);
            *request.uri_mut() = whole
                .parse::<Uri>()
                .map_err(|_| Problem::from(Cause::LinkRefused))?;
        }
        match Url::parse(&request.uri().to_string()) {
            Ok(url) if self.base.covers(&url) => Ok(()),
            _ => Err(Failure::refused(Cause::LinkRefused)),
        }
    }
}

/// A request in the making.
#[must_use = "a draft does nothing until it is sent"]
pub struct Draft<'a> {
    account: &'a Account,
    call: Call,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    masked: Vec<Secret>,
    fault: Option<Failure>,
}

impl Draft<'_> {
    /// Adds a parameter to the query; repeated for a list.
    pub fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.url.query_pairs_mut().append_pair(name, value.as_ref());
        self
    }

    /// Sets a header that holds no secret.
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        match HeaderValue::from_str(value) {
            Ok(value) => {
                self.headers.insert(name, value);
            }
            Err(_) => self.fault = Some(Failure::refused(Cause::Internal)),
        }
        self
    }

    /// Sets a header that holds a secret, after `prefix`.
    pub fn secret(mut self, name: HeaderName, prefix: &str, secret: &Secret) -> Self {
        if let Err(fault) = secret_header(&mut self.headers, name, prefix, secret) {
            self.fault = Some(fault);
        }
        self.masking(secret)
    }

    /// Takes a secret that the body holds out of the vendor's words, should they repeat it.
    pub fn masking(mut self, secret: &Secret) -> Self {
        self.masked.push(secret.clone());
        self
    }

    /// Sets the body.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => {
                self.body = bytes.into();
                let json = HeaderValue::from_static("application/json");
                self.headers.insert(header::CONTENT_TYPE, json);
            }
            Err(_) => self.fault = Some(Failure::refused(Cause::Internal)),
        }
        self
    }

    /// Sends it, and gives the whole answer.
    pub async fn send(self) -> Result<Response<Bytes>, Failure> {
        let provider = self.account.dialect.provider();
        if let Some(fault) = self.fault {
            return Err(fault.by(provider));
        }
        let mut request = Request::new(self.body);
        *request.method_mut() = self.method;
        *request.uri_mut() = self
            .url
            .as_str()
            .parse()
            .map_err(|_| Problem::from(Cause::Internal))?;
        *request.headers_mut() = self.headers;
        request.extensions_mut().insert(self.call);
        self.account.exchange(request, &self.masked).await
    }

    /// Sends it, and decodes the answer. Fields that the type doesn't have are skipped.
    pub async fn receive<T: DeserializeOwned>(self) -> Result<T, Failure> {
        let (call, provider) = (self.call, self.account.dialect.provider());
        let response = self.send().await?;
        decode(&response, call).map_err(|failure| failure.by(provider))
    }

    /// The same of a page of a list, which may hold no more in all than there is `room` for.
    pub(crate) async fn receive_page<T: DeserializeOwned>(
        self,
        room: &mut Room,
    ) -> Result<T, Failure> {
        let (call, provider) = (self.call, self.account.dialect.provider());
        let response = self.send().await?;
        let page = if room.takes(response.body().len()) {
            decode(&response, call)
        } else {
            let why = "the list is too long";
            Err(classify::unreadable(call, response.headers(), why))
        };
        page.map_err(|failure| failure.by(provider))
    }
}

#[cfg(test)]
mod tests;
