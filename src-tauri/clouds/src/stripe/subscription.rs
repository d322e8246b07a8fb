//! Subscriptions as they stand now, who pays for them, and the checkouts that began them.

use std::collections::BTreeMap;

use fabrik_domain::failure::Failure;
use jiff::Timestamp;
use serde::Deserialize;

use super::{
    Stripe,
    body::{ListBody, id_of, id_of_option, is_missing, list_or_null, time, time_option},
};
use crate::Call;

/// Where a subscription stands, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Paid for, on trial, or late with paying.
    Runs,
    /// Has ended.
    Ended,
    /// Neither: its first payment is still awaited, or it is at rest.
    Between,
}

/// Stripe allows no subscription more items.
const MOST_ITEMS: usize = 20;

/// The price of one of a subscription's items.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Price {
    /// Its id.
    pub id: String,
    /// What the owner has written to it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// A name of the owner's for it.
    #[serde(default)]
    pub lookup_key: Option<String>,
}

/// A subscription, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// When it was begun.
    pub created: Timestamp,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// Where it stands.
    pub standing: Standing,
    /// The id of who pays.
    pub customer: String,
    /// What the owner's checkout has written to it.
    pub metadata: BTreeMap<String, String>,
    /// What is paid, item by item: a plan, and what was added to it.
    pub prices: Vec<Price>,
}

/// A page of subscriptions, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionPage {
    /// The subscriptions.
    pub subscriptions: Vec<Subscription>,
    /// The ids of those that can't be read as they are listed.
    pub unread: Vec<String>,
    /// The id of the last of all, from which to read on.
    pub last: Option<String>,
    /// There are older ones.
    pub has_more: bool,
}

/// Who pays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Payer {
    /// The name, of a person or a company.
    #[serde(default)]
    pub name: Option<String>,
    /// The address.
    #[serde(default)]
    pub email: Option<String>,
    /// Languages, as `sv` or `sv-SE`, the dearest first.
    #[serde(default, deserialize_with = "list_or_null")]
    pub preferred_locales: Vec<String>,
    /// What the owner has written to it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct SubscriptionBody {
    id: String,
    #[serde(deserialize_with = "time")]
    created: Timestamp,
    #[serde(default, deserialize_with = "time_option")]
    ended_at: Option<Timestamp>,
    status: String,
    #[serde(deserialize_with = "id_of")]
    customer: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    items: ListBody<ItemBody>,
}

/// A subscription in a list. One that can't be read hides none of the others.
#[derive(Deserialize)]
#[serde(untagged)]
enum ListedBody {
    Read(SubscriptionBody),
    Unread { id: String },
}

impl ListedBody {
    fn id(&self) -> &str {
        match self {
            Self::Read(SubscriptionBody { id, .. }) | Self::Unread { id } => id,
        }
    }
}

#[derive(Deserialize)]
struct ItemBody {
    price: Price,
}

#[derive(Deserialize)]
struct SessionBody {
    #[serde(default, deserialize_with = "id_of_option")]
    subscription: Option<String>,
}

impl From<SubscriptionBody> for Subscription {
    fn from(body: SubscriptionBody) -> Self {
        let items = body.items.data.into_iter();
        Self {
            id: body.id,
            created: body.created,
            ended: body.ended_at,
            standing: match body.status.as_str() {
                "active" | "trialing" | "past_due" => Standing::Runs,
                "canceled" => Standing::Ended,
                _ => Standing::Between,
            },
            customer: body.customer,
            metadata: body.metadata,
            prices: items.take(MOST_ITEMS).map(|item| item.price).collect(),
        }
    }
}

impl Stripe {
    async fn object<T: serde::de::DeserializeOwned>(
        &self,
        call: Call,
        path: &[&str],
    ) -> Result<Option<T>, Failure> {
        let draft = self.read(call, path.iter().copied()).await?;
        match draft.receive::<T>().await {
            Ok(object) => Ok(Some(object)),
            Err(failure) if is_missing(&failure) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// A subscription as it stands now. `GetSubscriptionsSubscriptionExposedId`.
    pub async fn subscription(&self, id: &str) -> Result<Option<Subscription>, Failure> {
        let call = Call::reads("GetSubscriptionsSubscriptionExposedId");
        let call = call.needs(&["Subscriptions: read"]);
        let path = ["subscriptions", id];
        let body = self.object::<SubscriptionBody>(call, &path).await?;
        Ok(body.map(Subscription::from))
    }

    /// All subscriptions, those that have ended too, a page from after one. `GetSubscriptions`.
    pub async fn subscriptions(&self, after: Option<&str>) -> Result<SubscriptionPage, Failure> {
        let call = Call::reads("GetSubscriptions").needs(&["Subscriptions: read"]);
        let draft = self.read(call, ["subscriptions"]).await?;
        let mut draft = draft.query("status", "all").query("limit", "100");
        if let Some(after) = after {
            draft = draft.query("starting_after", after);
        }
        let list = draft.receive::<ListBody<ListedBody>>().await?;
        let mut page = SubscriptionPage {
            subscriptions: Vec::new(),
            unread: Vec::new(),
            last: list.data.last().map(|listed| listed.id().to_owned()),
            has_more: list.has_more,
        };
        for listed in list.data {
            match listed {
                ListedBody::Read(body) => page.subscriptions.push(body.into()),
                ListedBody::Unread { id } => page.unread.push(id),
            }
        }
        Ok(page)
    }

    /// The subscription that a checkout has begun; none where it sold something else.
    /// `GetCheckoutSessionsSession`.
    pub async fn subscription_of_checkout(&self, session: &str) -> Result<Option<String>, Failure> {
        let call = Call::reads("GetCheckoutSessionsSession").needs(&["Checkout Sessions: read"]);
        let path = ["checkout", "sessions", session];
        let body = self.object::<SessionBody>(call, &path).await?;
        Ok(body.and_then(|session| session.subscription))
    }

    /// Who pays; none where they were deleted meanwhile. `GetCustomersCustomer`.
    pub async fn payer(&self, customer: &str) -> Result<Option<Payer>, Failure> {
        let call = Call::reads("GetCustomersCustomer").needs(&["Customers: read"]);
        self.object::<Payer>(call, &["customers", customer]).await
    }

    /// A price as it stands now. `GetPricesPrice`.
    pub async fn price(&self, id: &str) -> Result<Option<Price>, Failure> {
        let call = Call::reads("GetPricesPrice").needs(&["Prices: read"]);
        self.object::<Price>(call, &["prices", id]).await
    }
}
