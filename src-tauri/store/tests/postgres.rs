//! The suite on PostgreSQL, by a connection of one's own and through a pooler in transaction mode; and what is the
//! server's own matter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    missing_docs,
    unreachable_pub,
    reason = "a test that can't go on should fail where it stands; its name says what it is"
)]
#![cfg(unix)]

mod identifiers;
#[path = "postgres/leases.rs"]
mod leases;
#[path = "postgres/listening.rs"]
mod listening;
#[path = "postgres/moves.rs"]
mod moves;
#[path = "postgres/opening.rs"]
mod opening;
#[path = "postgres/refusals.rs"]
mod refusals;
#[allow(dead_code, reason = "the whole product's tests use the rest")]
mod server;
#[path = "postgres/source.rs"]
mod source;
mod suite;
#[path = "postgres/writing.rs"]
mod writing;

use std::{sync::Arc, time::Duration};

use fabrik_domain::{Problem, ports::Clock};
use fabrik_store::{Address, PostgresStore, Store};
use fabrik_tests::Proof;

use crate::{
    server::Database,
    suite::{Backend, clock::Still},
};

/// A database of its own, whose time stands still.
struct Central {
    database: Database,
    address: Address,
    is_pooled: bool,
    clock: Arc<Still>,
}

impl Central {
    fn direct() -> Self {
        let database = Database::new();
        Self::at(database.direct(), database, false)
    }

    fn pooled() -> Self {
        let database = Database::new();
        Self::at(database.pooled(), database, true)
    }

    fn at(address: Address, database: Database, is_pooled: bool) -> Self {
        let clock = Still::at_noon();
        drop(PostgresStore::open(address.clone(), Arc::clone(&clock) as _).unwrap());
        let central = Self {
            database,
            address,
            is_pooled,
            clock,
        };
        central.set_clock();
        central
    }

    fn set_clock(&self) {
        let now = self.clock.now().as_microsecond();
        self.database.run(&format!(
            "CREATE OR REPLACE FUNCTION fabrik.central_time() RETURNS bigint
             LANGUAGE sql VOLATILE AS 'SELECT {now}::bigint'"
        ));
    }

    fn try_open(&self) -> Result<PostgresStore, Problem> {
        PostgresStore::open(self.address.clone(), Arc::clone(&self.clock) as _)
    }
}

impl Backend for Central {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.try_open().unwrap())
    }

    fn pass(&self, time: Duration) {
        self.clock.pass(time);
        self.set_clock();
    }

    fn proof_of_names(&self) -> Proof {
        if self.is_pooled {
            Proof::of(
                "S6",
                "naughty strings as names, contacts and ids in PostgreSQL, through a pooler",
            )
        } else {
            Proof::of(
                "S6",
                "naughty strings as names, contacts and ids in PostgreSQL",
            )
        }
    }
}

mod direct {
    crate::suite::whole! { crate::Central::direct() }
}

mod pooled {
    crate::suite::whole! { crate::Central::pooled() }
}
