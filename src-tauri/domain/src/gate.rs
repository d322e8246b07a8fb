//! Gates: how much a vendor allows, and whose turn it is. The port, its words, and what of it survives a
//! restart. The gates themselves are `clouds`', which sees every call.
//!
//! A gate never sleeps. A call that may not go out is told when its turn comes; whoever made it waits by its
//! own means (the engine writes the wait into its journal) and comes back. Until then no slot is held.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{id::CustomerId, problem::Problem, provider::Provider};

/// What is counted together: calls of one kind, by one account of a vendor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class {
    /// The vendor.
    pub provider: Provider,
    /// Whose calls: a digest of where the token is kept, never of the token itself. The same account under
    /// two references is two accounts here. An API without an account is its address.
    pub account: String,
    /// Which calls, in the vendor's own terms: `core`, `team`, `v1-get-project abcdefghijklmnopqrst`.
    pub name: String,
}

/// How much a vendor's documents allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// At most so many.
    pub most: u32,
    /// In any such span of time, wherever it begins. Zero means at the same time.
    pub window: Duration,
}

impl Limit {
    /// At most `most` in any window of `window`.
    pub const fn new(most: u32, window: Duration) -> Self {
        Self { most, window }
    }

    /// At most `most` at the same time.
    pub const fn at_once(most: u32) -> Self {
        Self::new(most, Duration::ZERO)
    }
}

/// What a call counts in one class. A call may count in several: it goes out when all of them let it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The class.
    pub class: Class,
    /// The class's limits. Those that the vendor's headers speak of come first; none where only the headers
    /// know.
    pub limits: &'static [Limit],
    /// How much it counts; of a demand, how much all its calls count.
    pub units: u32,
    /// Whether the vendor's headers speak of this class.
    pub told: bool,
}

/// Adds what more calls count to what is asked for, class by class.
pub fn add_demand(demand: &mut Vec<Charge>, more: impl IntoIterator<Item = Charge>) {
    for charge in more {
        match demand.iter_mut().find(|one| one.class == charge.class) {
            Some(one) => one.units = one.units.saturating_add(charge.units),
            None => demand.push(charge),
        }
    }
}

/// How many runs an hour the documented limits allow, where so many count `demand` together, and whose limit
/// is the tightest. `None` where no document tells.
pub fn runs_an_hour(demand: &[Charge], runs: u32) -> Option<(Provider, u32)> {
    const HOUR: u128 = 3_600_000;
    let allowed = demand.iter().filter(|charge| charge.units > 0);
    allowed
        .flat_map(|charge| {
            let lasting = charge.limits.iter().filter(|limit| !limit.window.is_zero());
            lasting.map(|limit| {
                let an_hour = u128::from(limit.most) * HOUR / limit.window.as_millis().max(1);
                let runs = an_hour * u128::from(runs) / u128::from(charge.units);
                (
                    charge.class.provider,
                    u32::try_from(runs).unwrap_or(u32::MAX),
                )
            })
        })
        .min_by_key(|(_, runs)| *runs)
}

/// A call that was let through, until [`Gate::leave`].
#[derive(Debug, PartialEq, Eq)]
pub struct Pass(pub u64);

/// What a vendor's headers say of the class they speak of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// How many calls it allows in a window; `None` where it doesn't say.
    pub limit: Option<u32>,
    /// How many are left of this window.
    pub remaining: u32,
    /// Until the next.
    pub resets_in: Duration,
}

/// How a call ended, as far as counting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The vendor has not seen it: it counts nowhere.
    NotSent,
    /// It went out, and no answer tells more.
    Lost,
    /// It was answered.
    Answered(Option<Meter>),
    /// The vendor refused it for being one too many, and takes no other until then.
    TooMany(Option<Meter>, Timestamp),
}

/// What a vendor's limits allow no earlier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBefore {
    /// Whose limit it is.
    pub provider: Provider,
    /// Not before then.
    pub until: Timestamp,
}

/// Lets calls through, as many as the vendors allow and by turns of the customers they are for.
///
/// Calls for no customer (a plan, a trial of a token) count as one customer's.
pub trait Gate: Send + Sync {
    /// Asks for a call to go out now. Else it says not before when: then the turn that was kept comes, and the
    /// call is let through if it asks again. A turn that is not taken soon lapses.
    fn enter(&self, who: Option<CustomerId>, charges: &[Charge]) -> Result<Pass, Timestamp>;

    /// Says that a call has ended. Every pass comes back, whatever became of its call.
    fn leave(&self, pass: Pass, ending: Ending);

    /// When the last of these calls could go out, behind all that wait by now, and whose limit is the last to
    /// let it: what a bulk run's plan says. `None` where nothing is asked for.
    fn earliest_end(&self, demand: &[Charge]) -> Option<NotBefore>;

    /// Sets aside what a customer's run will use of windows over [`LONG`], so that a bulk run begins no more
    /// than it can finish. `Err` says when to ask again. A second call for the same customer takes the
    /// place of the first. What is not used in a window's time is free again.
    fn reserve(&self, who: CustomerId, demand: &[Charge]) -> Result<(), NotBefore>;

    /// Frees what was set aside for a customer and not used.
    fn release(&self, who: CustomerId);
}

/// The longest between two tries of what a vendor goes on refusing for being one too many.
pub const RETRIED_WITHIN: Duration = Duration::from_secs(90);

/// Windows longer than this are kept, so that a restart doesn't spend them twice.
pub const LONG: Duration = Duration::from_mins(2);

/// Calls that went out, in one piece of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    /// None of them was later.
    pub until: Timestamp,
    /// What they count.
    pub units: u32,
}

/// What one process has used of a long window: a row of the table `call_windows`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What is counted.
    pub class: Class,
    /// The process, by a name no other has: each writes its own row, and reads those of all.
    pub writer: String,
    /// What it used, in order of time; at most 61 pieces.
    pub used: Vec<Used>,
    /// The vendor takes no call until then.
    pub closed_until: Option<Timestamp>,
    /// From then on the row says nothing, and may be dropped.
    pub ends: Timestamp,
}

/// Keeps long windows.
#[async_trait]
pub trait Windows: Send + Sync {
    /// The windows of all processes that have not ended.
    async fn load(&self) -> Result<Vec<Window>, Problem>;

    /// Keeps a window in place of the same writer's of the same class. Returns at once: it may be written a
    /// second later, with what else there is to write, and only the last of several need be.
    fn save(&self, window: Window);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: &[Limit] = &[Limit::new(80, Duration::from_mins(1)), Limit::at_once(1)];
    const HOUR: &[Limit] = &[
        Limit::new(900, Duration::from_mins(1)),
        Limit::new(500, Duration::from_hours(1)),
    ];

    fn charge(provider: Provider, name: &str, limits: &'static [Limit], units: u32) -> Charge {
        Charge {
            class: Class {
                provider,
                account: String::new(),
                name: name.to_owned(),
            },
            limits,
            units,
            told: false,
        }
    }

    #[test]
    fn what_is_asked_for_adds_up_class_by_class() {
        let mut demand = vec![charge(Provider::GitHub, "a", HOUR, 2)];
        let more = [
            charge(Provider::GitHub, "a", HOUR, 3),
            charge(Provider::Resend, "a", MINUTE, 1),
        ];
        add_demand(&mut demand, more);
        let units: Vec<_> = demand.iter().map(|one| one.units).collect();
        assert_eq!(units, [5, 1], "the same class once, another vendor's apart");
    }

    #[test]
    fn the_tightest_limit_says_how_many_an_hour() {
        let demand = [
            charge(Provider::Resend, "mails", MINUTE, 10),
            charge(Provider::GitHub, "content", HOUR, 20),
            charge(Provider::Vercel, "unknown", &[], 1000),
        ];
        assert_eq!(
            runs_an_hour(&demand, 10),
            Some((Provider::GitHub, 250)),
            "two calls each, of five hundred"
        );
        assert_eq!(runs_an_hour(&demand[2..], 10), None, "no document tells");
    }
}
