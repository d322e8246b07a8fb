//! A server that lets nobody in, can't be trusted, or takes no changes: each is told as what it is.

use std::io::{Read, Write};

use fabrik_domain::Cause;
use fabrik_store::{Address, PostgresStore, Store};

use crate::{
    Central,
    server::{self, Database},
    suite::{
        Backend,
        clock::Still,
        samples::{add, audit},
    },
};

/// What `address` is refused with.
fn refusal(address: Address) -> Cause {
    let opened = PostgresStore::open(address, Still::at_noon());
    *opened.err().expect("it is refused").cause
}

#[test]
fn what_is_wrong_with_the_server_is_told_apart() {
    let database = Database::new();
    let server = database.with_password("anna", "").server();
    let user = "anna".to_owned();
    let role = "CREATE ROLE anna LOGIN PASSWORD 'right'";
    database.run(role);
    assert_eq!(
        refusal(database.with_password("anna", "wrong")),
        Cause::DatabaseLoginRefused {
            server: server.clone(),
            user: user.clone()
        }
    );
    let right = || database.with_password("anna", "right");
    assert_eq!(
        refusal(right()),
        Cause::DatabaseRightsMissing { user },
        "she may make no schema"
    );
    database.run("CREATE SCHEMA fabrik AUTHORIZATION anna");
    drop(PostgresStore::open(right(), Still::at_noon()).expect("it is hers"));

    let elsewhere = Address::parse(&format!("postgres://anna:right@{server}/nowhere")).unwrap();
    assert_eq!(
        refusal(elsewhere),
        Cause::DatabaseUnknown {
            server: server.clone()
        }
    );
    // Nobody listens on port 1.
    assert_eq!(
        refusal(Address::parse("postgres://anna@127.0.0.1:1/central").unwrap()),
        Cause::DatabaseUnreachable {
            server: "127.0.0.1:1".to_owned()
        }
    );
    // Somebody who says no to TLS, and somebody who says yes and goes, which tells nothing of a certificate.
    for answer in [b"N", b"S"] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let server = listener.local_addr().unwrap().to_string();
        let says = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 8]).unwrap();
            stream.write_all(answer).unwrap();
        });
        let encrypted = format!("postgres://anna@{server}/central?sslmode=require");
        let refused = refusal(Address::parse(&encrypted).unwrap());
        let expected = match answer {
            b"N" => Cause::DatabaseCertificate { server },
            _ => Cause::DatabaseUnreachable { server },
        };
        assert_eq!(refused, expected);
        says.join().unwrap();
    }
}

/// The server's certificate is made for `localhost` alone, by an authority of the test's own.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_checked_down_to_the_servers_name() {
    let database = Database::new();
    database.run("CREATE ROLE berit LOGIN SUPERUSER PASSWORD 'right'");
    let address = |host: &str, authority: &str| {
        let url = database.encrypted("berit", "right", host, authority);
        Address::parse(&url).unwrap()
    };
    let trusted = address("localhost", "authority.pem");
    assert!(trusted.is_encrypted(), "{trusted}");
    let store = PostgresStore::open(trusted, Still::at_noon()).expect("it can be trusted");
    let customer = add(&store, "Åberg", "aberg").await;
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);
    database.run(
        "DO $$ BEGIN
             ASSERT (SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE datname = current_database() AND application_name = 'fabrik'),
                 'a connection in the clear';
         END $$",
    );
    for (host, authority, why) in [
        ("127.0.0.1", "authority.pem", "another name"),
        ("localhost", "other.pem", "another authority"),
    ] {
        let address = address(host, authority);
        let server = address.server();
        let refused = tokio::task::block_in_place(|| refusal(address));
        assert_eq!(refused, Cause::DatabaseCertificate { server }, "{why}");
    }
    // No authority is named: the system's own know nothing of it.
    let url = database.encrypted("berit", "right", "localhost", "");
    let unnamed = Address::parse(url.split("&sslrootcert").next().unwrap()).unwrap();
    let server = unnamed.server();
    let refused = tokio::task::block_in_place(|| refusal(unnamed));
    assert_eq!(refused, Cause::DatabaseCertificate { server });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_no_changes_is_read_and_says_so() {
    let central = Central::direct();
    let customer = add(&*central.open(), "Åberg", "aberg").await;
    let shut = format!(
        "ALTER DATABASE {} SET default_transaction_read_only = on",
        central.database.name
    );
    central.database.run(&shut);
    let store = central.open();
    assert_eq!(
        store.customer(customer.id).await.unwrap(),
        customer,
        "what is known is read"
    );
    for refused in [store.audit(audit("x")).await, store.writable().await] {
        let problem = refused.expect_err("nothing can be written");
        assert!(
            matches!(*problem.cause, Cause::DatabaseServerReadOnly { .. }),
            "{problem}"
        );
    }
    let open = shut.replace("= on", "= off");
    server::admin("postgres", &open);
    store.writable().await.expect("it takes changes again");
    store.audit(audit("x")).await.unwrap();
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);

    // One of an older version can't be brought up to date.
    central
        .database
        .run("UPDATE fabrik.meta SET value = '4' WHERE key = 'version'");
    server::admin("postgres", &shut);
    let problem = central.try_open().err().expect("it is not up to date");
    assert!(
        matches!(*problem.cause, Cause::DatabaseServerReadOnly { .. }),
        "{problem}"
    );
    server::admin("postgres", &open);
}
