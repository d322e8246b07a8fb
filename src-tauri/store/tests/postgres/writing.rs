//! What is written: in few questions, once, and in the way of no reader.

use std::{
    io::{Read, Write},
    os::unix::net::UnixStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use fabrik_store::{Address, Inserted, PostgresStore, Store};

use crate::{
    Central,
    server::{self, Database},
    suite::{
        Backend,
        clock::Still,
        samples::{add, audit, named},
    },
};

/// Stands before the server, and counts how often something comes for it: who waits for each answer comes for each.
fn counted() -> (u16, Arc<AtomicUsize>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let came = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&came);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            client.set_nodelay(true).unwrap();
            let mut server = UnixStream::connect(server::socket()).unwrap();
            let mut answers = server.try_clone().unwrap();
            let mut answered = client.try_clone().unwrap();
            std::thread::spawn(move || std::io::copy(&mut answers, &mut answered));
            let counted = Arc::clone(&counted);
            std::thread::spawn(move || {
                let mut bytes = vec![0; 1 << 20];
                while let Ok(length @ 1..) = client.read(&mut bytes) {
                    counted.fetch_add(1, Ordering::Relaxed);
                    if server.write_all(&bytes[..length]).is_err() {
                        break;
                    }
                }
                drop(server.shutdown(std::net::Shutdown::Both));
            });
        }
    });
    (port, came)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_imported_again_is_not_asked_about_row_by_row() {
    const ROWS: usize = 1000;
    let database = Database::new();
    let (port, came) = counted();
    let place = format!("127.0.0.1:{port}/{}", database.name);
    let address = Address::parse(&format!("postgres://postgres@{place}?sslmode=disable")).unwrap();
    let store = PostgresStore::open(address, Still::at_noon()).unwrap();
    let rows: Vec<_> = (0..ROWS)
        .map(|number| {
            let name = format!("kund-{number}");
            (named(&name, &name), name)
        })
        .collect();
    let import = async || {
        let done = store.import_customers(rows.clone(), false, audit("x"), Arc::default());
        let verdicts = done.await.unwrap();
        let added = verdicts.iter();
        let added = added.filter(|verdict| matches!(verdict, Inserted::Added(_)));
        added.count()
    };
    assert_eq!(import().await, ROWS);
    let before = came.load(Ordering::Relaxed);
    assert_eq!(import().await, 0, "all are there");
    let times = came.load(Ordering::Relaxed) - before;
    assert!(times < ROWS / 2, "{times} times");
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_goes_on_while_another_writes() {
    let central = Central::direct();
    let store = central.open();
    let customer = add(&*store, "Åberg", "aberg").await;
    let (client, connection) = {
        let config = central.database.config();
        tokio_postgres::connect(&config, tokio_postgres::NoTls)
            .await
            .unwrap()
    };
    tokio::spawn(connection);
    client
        .batch_execute("BEGIN; UPDATE fabrik.customers SET name = 'Uncommitted'")
        .await
        .unwrap();
    assert_eq!(store.customer(customer.id).await.unwrap(), customer);
}

/// The server ends every connection again and again, in the middle of whatever is written: each writing is there
/// once, no more and no less.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_while_connections_break_is_written_once() {
    const WRITERS: usize = 4;
    /// At least.
    const WRITINGS: usize = 50;
    const CUTS: usize = 4;
    let central = Central::direct();
    let store = central.open();
    let database = Database {
        name: central.database.name.clone(),
    };
    let cuts = Arc::new(AtomicUsize::new(0));
    let (stop, mut stopped) = tokio::sync::oneshot::channel();
    let breaker = tokio::task::spawn_blocking({
        let cuts = Arc::clone(&cuts);
        move || {
            while stopped.try_recv().is_err() {
                database.cut();
                cuts.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let writers = (0..WRITERS).map(|writer| {
        let (store, cuts) = (Arc::clone(&store), Arc::clone(&cuts));
        async move {
            let mut written = 0;
            // A busy machine may end few in the time of those writings.
            while written < WRITINGS || cuts.load(Ordering::SeqCst) < CUTS {
                let action = format!("{writer}.{written}");
                store.audit(audit(&action)).await.unwrap();
                written += 1;
            }
            written
        }
    });
    let written = futures::future::join_all(writers).await;
    let written: usize = written.into_iter().sum();
    stop.send(()).unwrap();
    breaker.await.unwrap();
    let mut kept: Vec<_> = store
        .audit_log(None, 0)
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.entry.action)
        .collect();
    let all = kept.len();
    kept.sort_unstable();
    kept.dedup();
    assert_eq!((all, kept.len()), (written, written));
}
