//! What the tests of this crate share: a server on this machine, ports, and a vendor that is none.

#[path = "../../../tests/support/real_clock.rs"]
mod real_clock;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::Router;
use bytes::Bytes;
use fabrik_domain::{
    Problem,
    ports::{Clock, Secrets},
    provider::Provider,
    secret::{ExposeSecret, Secret, SecretRef},
};
use http::{HeaderMap, Request, Response};
use tower::{service_fn, util::BoxCloneSyncService};

use self::real_clock::RealClock;
use crate::{Account, BaseUrl, Dialect, Http, Reset, Scheme, Token, Words};

/// The token that tests use, long enough to be searched for.
pub(crate) const TOKEN: &str = "canary-token-5f1c9a";

/// Secrets in memory.
#[derive(Default)]
pub(crate) struct MemorySecrets(Mutex<BTreeMap<SecretRef, String>>);

#[async_trait]
impl Secrets for MemorySecrets {
    async fn get(&self, reference: &SecretRef) -> Result<Option<Secret>, Problem> {
        Ok(self
            .0
            .lock()
            .unwrap()
            .get(reference)
            .cloned()
            .map(Secret::from))
    }

    async fn set(&self, reference: &SecretRef, secret: Secret) -> Result<(), Problem> {
        let text = secret.expose_secret().to_owned();
        self.0.lock().unwrap().insert(reference.clone(), text);
        Ok(())
    }

    async fn remove(&self, reference: &SecretRef) -> Result<(), Problem> {
        self.0.lock().unwrap().remove(reference);
        Ok(())
    }
}

pub(crate) fn clock() -> Arc<dyn Clock> {
    Arc::new(RealClock::start())
}

/// Calls over the real transport.
pub(crate) fn http() -> Http {
    Http::over_network(clock()).unwrap()
}

/// Calls that get the same answer, whatever they ask.
pub(crate) fn answering(status: u16, body: impl Into<Bytes>) -> Http {
    let body = body.into();
    let transport = service_fn(move |_: Request<Bytes>| {
        let response = Response::builder()
            .status(status)
            .body(body.clone())
            .unwrap();
        async { Ok(response) }
    });
    Http::new(BoxCloneSyncService::new(transport), clock())
}

/// Serves `router` on a free port of this machine until the test ends.
pub(crate) async fn serve(router: Router) -> BaseUrl {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    BaseUrl::parse(&format!("http://{address}")).unwrap()
}

/// Where [`token`] is.
pub(crate) fn reference() -> SecretRef {
    SecretRef::Keyring("v1/test/token".to_owned())
}

/// Secrets that hold [`TOKEN`].
pub(crate) async fn secrets() -> Arc<MemorySecrets> {
    let secrets = Arc::new(MemorySecrets::default());
    secrets
        .set(&reference(), Secret::from(TOKEN))
        .await
        .unwrap();
    secrets
}

/// The token in [`secrets`].
pub(crate) async fn token() -> Token {
    Token::new(secrets().await, reference())
}

/// An account of a vendor that is none, with [`TOKEN`] as a bearer.
pub(crate) async fn account(http: Http, base: BaseUrl) -> Account {
    Account::new(http, PlainDialect, base, token().await, Scheme::Bearer)
}

/// A vendor that says no in plain text, and counts in seconds from now.
pub(crate) struct PlainDialect;

impl Dialect for PlainDialect {
    fn provider(&self) -> Provider {
        Provider::Supabase
    }

    fn words(&self, _: &HeaderMap, body: &Bytes) -> Words {
        let text = String::from_utf8_lossy(body).into_owned();
        Words {
            code: None,
            message: Some(text),
        }
    }

    fn reset(&self) -> Reset {
        Reset::FromNow("x-ratelimit-reset")
    }
}
