//! The way to the tests' own server by TCP, which can be cut, at once or in the middle of an answer, and mended.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    task::{JoinHandle, JoinSet},
};

use crate::server::{Database, socket};

/// The way. While it is cut nobody answers at its port.
pub(crate) struct Way {
    pub(crate) port: u16,
    carrying: Option<JoinHandle<()>>,
    answers: Arc<Answers>,
}

/// What the server has answered since the way was mended.
#[derive(Default)]
struct Answers {
    bytes: AtomicUsize,
    /// How many there is room for.
    room: usize,
}

impl Way {
    pub(crate) async fn to_server() -> Self {
        let mut way = Self {
            port: 0,
            carrying: None,
            answers: Arc::default(),
        };
        way.mend().await;
        way
    }

    /// The address of a database by this way, as the server's owner.
    pub(crate) fn url(&self, database: &Database) -> String {
        let (port, name) = (self.port, &database.name);
        format!("postgres://postgres@127.0.0.1:{port}/{name}")
    }

    pub(crate) async fn mend(&mut self) {
        self.mend_for(usize::MAX).await;
    }

    /// Mends it for so many bytes of answers: in the middle of those that go beyond it is cut again.
    pub(crate) async fn mend_for(&mut self, room: usize) {
        self.cut().await;
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        self.port = listener.local_addr().unwrap().port();
        let answers = Arc::new(Answers {
            bytes: AtomicUsize::new(0),
            room,
        });
        self.answers = Arc::clone(&answers);
        self.carrying = Some(tokio::spawn(async move {
            // What it carries ends with it.
            let mut carried = JoinSet::new();
            loop {
                tokio::select! {
                    come = listener.accept() => {
                        let (here, _) = come.unwrap();
                        let there = UnixStream::connect(socket()).await.unwrap();
                        let answers = Arc::clone(&answers);
                        carried.spawn(async move { carry(here, there, &answers).await });
                    }
                    Some(is_full) = carried.join_next() => {
                        if is_full.unwrap() {
                            return;
                        }
                    }
                }
            }
        }));
    }

    pub(crate) async fn cut(&mut self) {
        if let Some(carrying) = self.carrying.take() {
            carrying.abort();
            let _ = carrying.await;
        }
    }

    /// How many bytes the server has answered since it was mended.
    pub(crate) fn answered(&self) -> usize {
        self.answers.bytes.load(Ordering::Relaxed)
    }
}

/// Carries one connection until either side ends it, or there is room for no more. Whether that is so.
async fn carry(here: TcpStream, there: UnixStream, answers: &Answers) -> bool {
    let (mut from_client, mut to_client) = here.into_split();
    let (mut from_server, mut to_server) = there.into_split();
    let asks = async {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        false
    };
    let tells = async {
        let mut bytes = vec![0; 1 << 14];
        while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
            let before = answers.bytes.fetch_add(length, Ordering::Relaxed);
            let fit = answers.room.saturating_sub(before).min(length);
            if to_client.write_all(&bytes[..fit]).await.is_err() {
                return false;
            }
            if fit < length {
                return true;
            }
        }
        false
    };
    tokio::select! {
        is_full = asks => is_full,
        is_full = tells => is_full,
    }
}
