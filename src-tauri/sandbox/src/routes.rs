//! A vendor's operations, and what is said of each: how long it takes and whether it changes
//! something.

use axum::{
    Router,
    extract::Request,
    handler::Handler,
    http::{HeaderMap, Method, StatusCode, Uri},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use bytes::Bytes;
use fabrik_domain::provider::Provider;

use crate::{
    figure::Figure,
    limit::{Limit, Standing},
    pipeline::{Operation, carry_out},
    platform::Core,
    token::Token,
};

/// What a vendor's answers look like where the operation itself has no say.
#[derive(Clone, Copy)]
pub(crate) struct Dialect {
    /// The vendor, in the log and in fault rules.
    pub(crate) provider: Provider,
    /// An error of this status in the vendor's shape. Asked for 401 (no such token), 404 (no such
    /// operation), 405, 413, 500, and for whatever a fault rule says.
    pub(crate) error: fn(StatusCode, &str) -> Response,
    /// The answer to a request that the vendor turns away before it looks at the token, such as one
    /// without `User-Agent`.
    pub(crate) guard: fn(&HeaderMap) -> Option<Response>,
    /// The vendor's token in a request; `None` where these operations take no vendor's token (a
    /// project's own APIs, which look at keys by themselves).
    pub(crate) token: Option<fn(&HeaderMap) -> Option<&str>>,
    /// The answer to a call that the token may not make, whatever it is about.
    pub(crate) permit: fn(&Token, &Incoming<'_>) -> Option<Response>,
    /// How many calls may be under way at once.
    pub(crate) at_once: Option<u32>,
    /// What a call counts against.
    pub(crate) limits: fn(&Incoming<'_>) -> Vec<Limit>,
    /// How the answer says how the limits stand.
    pub(crate) limit_headers: fn(&[Standing], &mut HeaderMap),
    /// The answer to a call over a limit, headers included.
    pub(crate) throttled: fn(&Standing) -> Response,
    /// What the vendor says about the token on every answer, such as `x-oauth-scopes`.
    pub(crate) caller_headers: fn(&Token, &mut HeaderMap),
}

impl Dialect {
    /// No token, no limits, no headers.
    pub(crate) const fn plain(provider: Provider, error: fn(StatusCode, &str) -> Response) -> Self {
        Self {
            provider,
            error,
            guard: |_| None,
            token: None,
            permit: |_, _| None,
            at_once: None,
            limits: |_| Vec::new(),
            limit_headers: |_, _| (),
            throttled: |_| StatusCode::TOO_MANY_REQUESTS.into_response(),
            caller_headers: |_, _| (),
        }
    }
}

/// A call, as limits are told of it.
pub(crate) struct Incoming<'a> {
    /// For what the account is like: its plan tells how much it may call.
    pub(crate) core: &'a Core,
    /// The method.
    pub(crate) method: &'a Method,
    /// The pattern, such as `/v1/projects/{ref}`.
    pub(crate) pattern: &'static str,
    /// Path and query below the vendor's base.
    pub(crate) uri: &'a Uri,
    /// The headers.
    pub(crate) headers: &'a HeaderMap,
    /// The body.
    pub(crate) body: &'a Bytes,
}

/// Builds a vendor's router.
pub(crate) struct Routes {
    dialect: Dialect,
    router: Router,
}

impl Routes {
    /// No operations yet.
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            router: Router::new(),
        }
    }

    /// A `GET`.
    pub(crate) fn get<H: Handler<T, ()>, T: 'static>(
        self,
        pattern: &'static str,
        figure: Figure,
        handler: H,
    ) -> Self {
        self.route(MethodFilter::GET, pattern, figure, false, handler)
    }

    /// A `POST` that changes something.
    pub(crate) fn post<H: Handler<T, ()>, T: 'static>(
        self,
        pattern: &'static str,
        figure: Figure,
        handler: H,
    ) -> Self {
        self.route(MethodFilter::POST, pattern, figure, true, handler)
    }

    /// A `POST` that only reads, such as the read-only SQL call.
    pub(crate) fn reading_post<H: Handler<T, ()>, T: 'static>(
        self,
        pattern: &'static str,
        figure: Figure,
        handler: H,
    ) -> Self {
        self.route(MethodFilter::POST, pattern, figure, false, handler)
    }

    /// A `PUT`.
    pub(crate) fn put<H: Handler<T, ()>, T: 'static>(
        self,
        pattern: &'static str,
        figure: Figure,
        handler: H,
    ) -> Self {
        self.route(MethodFilter::PUT, pattern, figure, true, handler)
    }

    /// A `PATCH`.
    pub(crate) fn patch<H: Handler<T, ()>, T: 'static>(
        self,
        pattern: &'static str,
        figure: Figure,
        handler: H,
    ) -> Self {
        self.route(MethodFilter::PATCH, pattern, figure, true, handler)
    }

    /// A `DELETE`.
    pub(crate) fn delete<H: Handler<T, ()>, T: 'static>(
        self,
        pattern: &'static str,
        figure: Figure,
        handler: H,
    ) -> Self {
        self.route(MethodFilter::DELETE, pattern, figure, true, handler)
    }

    /// The router, below `base` (`/github`; it may hold parameters, which handlers get too).
    pub(crate) fn finish(self, base: &'static str) -> Router {
        let operation = self.operation("unknown", Figure::Read, false);
        let dialect = self.dialect;
        let unknown =
            move |_: Request| async move { (dialect.error)(StatusCode::NOT_FOUND, "Not Found") };
        let unknown = Handler::<_, ()>::layer(
            unknown,
            middleware::from_fn_with_state(operation, carry_out),
        );
        let inner = self.router.method_not_allowed_fallback(move || async move {
            (dialect.error)(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
        });
        Router::new().nest(base, inner.fallback(unknown))
    }

    fn route<H: Handler<T, ()>, T: 'static>(
        mut self,
        method: MethodFilter,
        pattern: &'static str,
        figure: Figure,
        mutating: bool,
        handler: H,
    ) -> Self {
        let operation = self.operation(pattern, figure, mutating);
        let layer = middleware::from_fn_with_state(operation, carry_out);
        self.router = self.router.route(pattern, on(method, handler).layer(layer));
        self
    }

    fn operation(&self, pattern: &'static str, figure: Figure, mutating: bool) -> Operation {
        Operation {
            dialect: self.dialect,
            pattern,
            figure,
            mutating,
        }
    }
}
