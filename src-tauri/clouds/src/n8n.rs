//! n8n: workflows, and the credentials that they use, on a server of the agency's own.
//!
//! A server's version is its owner's matter. What differs between those in use (1.x, 2.x before and after
//! "publish" got its name) is known here and nowhere else.

mod credential;
mod identity;
#[cfg(test)]
mod tests;
mod workflow;

use fabrik_domain::{Cause, Problem, failure::Failure, id::CustomerId, provider::Provider};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Account, BaseUrl, Call, Http, Scheme, Token,
    decode::Room,
    own_server::{OwnServer, api},
};

pub use credential::{ListedCredential, NewCredential};
pub use identity::{NEEDED, NEEDED_FOR_CREDENTIALS, missing_scopes};
pub use workflow::{ListedWorkflow, NewWorkflow, Workflow};

/// The header that a key goes in.
const KEY: &str = "x-n8n-api-key";

/// n8n's public API as an account may use it. Cheap to clone.
#[derive(Clone)]
pub struct N8n {
    account: Account,
    /// To read whose it is.
    token: Token,
}

/// A page of a list.
#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    #[serde(default, rename = "nextCursor")]
    next_cursor: Option<String>,
}

/// An entry of a list: what is kept of it.
trait Listed: DeserializeOwned {
    fn name(&self) -> &str;

    /// In bytes.
    fn size(&self) -> usize;
}

/// More pages than these are a list that has no end.
const MOST_PAGES: usize = 100;

impl N8n {
    /// The server at `base` (without `/api/v1`), with the key that is there at each call.
    pub fn new(http: Http, base: BaseUrl, token: Token) -> Self {
        let scheme = Scheme::Header(KEY);
        let account = Account::new(http, OwnServer(Provider::N8n), base, token.clone(), scheme);
        Self { account, token }
    }

    /// The same for a customer's calls: the gates deal turns by customer.
    #[must_use]
    pub fn for_customer(&self, customer: CustomerId) -> Self {
        Self {
            account: self.account.for_customer(customer),
            token: self.token.clone(),
        }
    }

    /// Where the server is: webhooks and people's pages are below it too.
    pub fn base(&self) -> &BaseUrl {
        self.account.base()
    }

    /// All that a list holds of names with this text in them, page by page. The rest is dropped at once: a server may
    /// give all that it has, whole.
    async fn list<T: Listed>(
        &self,
        call: Call,
        path: &str,
        query: &[(&str, &str)],
        named: &str,
    ) -> Result<Vec<T>, Failure> {
        let (mut all, mut room) = (Vec::new(), Room::for_list());
        let mut cursor: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut draft = self.account.get(call, api([path])).query("limit", "100");
            for (name, value) in query {
                draft = draft.query(name, value);
            }
            if let Some(cursor) = &cursor {
                draft = draft.query("cursor", cursor);
            }
            let mut page: Page<T> = draft.receive().await?;
            page.data.retain(|entry| entry.name().contains(named));
            if !page.data.iter().all(|entry| room.takes(entry.size())) {
                return Err(unreadable(call, "the list is too long"));
            }
            all.extend(page.data);
            match page.next_cursor.filter(|next| !next.is_empty()) {
                None => return Ok(all),
                next if next == cursor => break,
                next => cursor = next,
            }
        }
        // What is not on the pages that were read would be made a second time.
        Err(unreadable(call, "the list has no end"))
    }
}

fn unreadable(call: Call, why: &str) -> Failure {
    let operation = call.operation.to_owned();
    let problem = Problem::from(Cause::AnswerUnreadable { operation }).by(Provider::N8n);
    problem.detail(why).into()
}
