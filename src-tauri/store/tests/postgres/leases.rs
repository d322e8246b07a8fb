//! Leases go by the server's clock, whatever a machine's own says.

use std::time::Duration;

use fabrik_domain::{Cause, ports::Clock};
use fabrik_store::{Gone, PostgresStore, Store};

use crate::{
    Central,
    suite::{
        Backend,
        clock::Still,
        samples::{LEASE, add, begin},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn leases_go_by_the_servers_clock_and_are_told_in_this_machines() {
    let central = Central::direct();
    // Eight minutes ahead of this desktop's.
    let ahead = Duration::from_mins(8);
    let now = central.clock.now() + jiff::SignedDuration::try_from(ahead).unwrap();
    central.database.run(&format!(
        "CREATE OR REPLACE FUNCTION fabrik.central_time() RETURNS bigint
         LANGUAGE sql VOLATILE AS 'SELECT {}::bigint'",
        now.as_microsecond()
    ));
    let store = central.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (run, lease) = begin(&*store, &customer, "one").await;
    let left = lease.expires.duration_since(central.clock.now());
    assert_eq!(left.unsigned_abs(), LEASE, "as this machine counts");
    assert_eq!(store.lease(run.id).await.unwrap(), Some(lease));

    // Another desktop, whose clock is right, sees the same lease.
    let other = Still::at_noon();
    other.pass(ahead);
    let other = PostgresStore::open(central.address.clone(), other).unwrap();
    let seen = other.lease(run.id).await.unwrap().unwrap();
    assert_eq!(seen.expires.duration_since(now).unsigned_abs(), LEASE);
    let taken = other.take_run(run.id, "two", LEASE, Gone::default()).await;
    assert_eq!(*taken.unwrap_err().cause, Cause::RunOwned { run: run.id });
}
