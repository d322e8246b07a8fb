//! Every request that the clients make, held against the vendor's own document: of each call, with what is good answered
//! to it, and refused. The documents lie beside the project, in some checkouts; an operation that none of them has stands in
//! [`UNDESCRIBED`], with the reason.

#[path = "../../support/vendor_document.rs"]
#[allow(dead_code, reason = "the answers are held against it by other tests")]
mod vendor_document;
#[path = "../../support/vendor_request.rs"]
mod vendor_request;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use fabrik_clouds::{Call, Http, Transport};
use http::{HeaderMap, Request, StatusCode};

use self::{
    vendor_document::{VendorDocument, are_there},
    vendor_request::Asked,
};
use super::{
    Hell, Now,
    calls::{CALLS, Vendors},
    client, operations,
};
use crate::world::{SimulatedClock, simulate};

/// A client, the document that it is held against, and what that one's paths begin with at our end.
const DOCUMENTS: [(&str, &str, &str); 9] = [
    ("supabase", "supabase-management", ""),
    ("project", "supabase-auth", "/auth/v1"),
    ("admin", "supabase-auth", "/auth/v1"),
    ("github", "github", ""),
    ("vercel", "vercel", ""),
    ("n8n", "n8n", "/api/v1"),
    ("gitea", "gitea", "/api/v1"),
    ("resend", "resend", ""),
    ("stripe", "stripe", ""),
];

/// Operations that the documents lack: by their names, what the path begins with, and why.
const UNDESCRIBED: [(&str, &str, &str); 7] = [
    (
        "rest-select",
        "/rest/v1/",
        "PostgREST's interface follows from each project's tables",
    ),
    (
        "rest-insert",
        "/rest/v1/",
        "PostgREST's interface follows from each project's tables",
    ),
    (
        "rest-rpc",
        "/rest/v1/",
        "PostgREST's interface follows from each project's functions",
    ),
    (
        "repos/get",
        "/repositories/",
        "where GitHub's own redirects from a former name lead",
    ),
    (
        "orgs/get-membership-for-authenticated-user",
        "/user/memberships/orgs/",
        "in GitHub's document, which is cut to a part",
    ),
    (
        "v1-remove-project-addon",
        "/v1/projects/",
        "in Supabase's document, which is cut to a part",
    ),
    ("site", "/", "a page of a customer's own, of no vendor"),
];

/// With what everything is refused: what is asked for then is asked too.
const REFUSALS: [u16; 5] = [400, 404, 405, 409, 422];

/// The documents, and what was found in them.
struct Held {
    documents: BTreeMap<&'static str, (VendorDocument, &'static str)>,
    requests: usize,
    described: BTreeSet<String>,
    undescribed: BTreeSet<String>,
    wrong: BTreeSet<String>,
}

impl Held {
    fn load() -> Self {
        let documents = DOCUMENTS
            .map(|(client, name, prefix)| (client, (VendorDocument::load(name), prefix)))
            .into();
        Self {
            documents,
            requests: 0,
            described: BTreeSet::new(),
            undescribed: BTreeSet::new(),
            wrong: BTreeSet::new(),
        }
    }

    /// Holds a request of a client against its document.
    fn check(&mut self, client: &str, request: &Request<Bytes>) {
        self.requests += 1;
        let call = request.extensions().get::<Call>();
        let operation = call.map(|call| call.operation).unwrap_or_default();
        let (method, path) = (request.method(), request.uri().path());
        let named = format!("{client} {operation} {method} {path}");
        let found = self.documents.get(client).and_then(|(document, prefix)| {
            let below = path.strip_prefix(*prefix)?;
            Some((document, document.operation(method.as_str(), below)?))
        });
        let Some((document, found)) = found else {
            let known = UNDESCRIBED
                .iter()
                .any(|(of, begins, _)| *of == operation && path.starts_with(*begins));
            if known {
                self.undescribed.insert(operation.to_owned());
            } else {
                self.wrong.insert(format!("{named}: no such operation"));
            }
            return;
        };
        let name = found.said["operationId"].as_str().unwrap_or_default();
        if name != operation {
            self.wrong.insert(format!("{named}: it is called {name}"));
        }
        let asked = Asked {
            query: request.uri().query().unwrap_or_default(),
            headers: request.headers(),
            body: request.body(),
        };
        let faults = document.faults_of_request(&found, asked);
        let faults = faults.iter().map(|fault| format!("{named}: {fault}"));
        self.wrong.extend(faults);
        self.described.insert(operation.to_owned());
    }
}

/// What the calls send, beside the answers to it.
type Sent = Arc<Mutex<Vec<Request<Bytes>>>>;

fn http(hell: &Arc<Hell>, sent: &Sent) -> Http {
    let (hell, sent) = (Arc::clone(hell), Arc::clone(sent));
    let transport = Transport::new(tower::service_fn(move |request: Request<Bytes>| {
        let answer = hell.answer(&request);
        sent.lock().unwrap().push(request);
        async move { Ok(answer) }
    }));
    Http::new(transport, Arc::new(SimulatedClock::new()))
}

#[test]
fn every_request_is_as_the_vendors_documents_say() {
    if !are_there() {
        return;
    }
    let answers = Arc::new(Hell::new());
    let sent = Sent::default();
    let mut held = Held::load();
    for (name, call) in CALLS {
        simulate(async || {
            let vendors = Vendors::over(http(&answers, &sent)).await;
            answers.meets(Now::Good, &vendors, *call).await;
            for status in REFUSALS {
                let status = StatusCode::from_u16(status).unwrap();
                let refused = Now::Kept(status, HeaderMap::new(), Bytes::new());
                answers.meets(refused, &vendors, *call).await;
            }
        });
        for request in std::mem::take(&mut *sent.lock().unwrap()) {
            held.check(client(name), &request);
        }
    }
    #[expect(clippy::print_stderr, reason = "what the figure covers")]
    {
        eprintln!(
            "{} requests of {} operations held against the vendors' documents; {} operations have none",
            held.requests,
            held.described.len(),
            held.undescribed.len(),
        );
    }
    let wrong = &held.wrong;
    assert!(wrong.is_empty(), "{} violations: {wrong:#?}", wrong.len());
    let unseen: Vec<_> = operations()
        .into_iter()
        .filter(|name| !held.described.contains(name) && !held.undescribed.contains(name))
        .collect();
    assert!(unseen.is_empty(), "never asked for: {unseen:?}");
    let stale: Vec<_> = UNDESCRIBED
        .iter()
        .filter(|(name, ..)| !held.undescribed.contains(*name))
        .collect();
    assert!(stale.is_empty(), "not asked for, or described: {stale:?}");
}
