//! A connection that does nothing but listen: the server says on it when something changed, so that nobody has to
//! ask twice a second.
//!
//! A pooler in transaction mode takes the wish to listen and forgets it. So it is tried first, on a channel that
//! nobody else uses: where the trial stays unheard, whoever follows asks as before, and it is tried again much later.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt as _, stream};
use tokio::sync::{mpsc, watch};
use tokio_postgres::AsyncMessage;
use uuid::Uuid;

use super::{address::Address, changes::CHANNEL, connections::Connections, fault::Fault};
use crate::Heard;

/// How long a trial may take, there and back.
const TRIAL: Duration = Duration::from_secs(2);

/// The first pause before another connection is tried, doubled each time, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The pause after a trial that stayed unheard: the way may be deaf, or the server was slow that once.
const DEAF_PAUSE: Duration = Duration::from_mins(10);

/// Listens, again after each loss, until the runtime ends.
pub(super) async fn listen(connections: Arc<Connections>, told: watch::Sender<Heard>) {
    let mut pause = FIRST_PAUSE;
    loop {
        match listen_once(&connections, &told).await {
            Ok(true) => pause = FIRST_PAUSE,
            Ok(false) => {
                tracing::info!("the central database tells nothing by itself: it is asked");
                tokio::time::sleep(DEAF_PAUSE).await;
                continue;
            }
            Err(fault) => tracing::debug!(%fault, "can't listen to the central database"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Listens until the connection is lost. False where nothing is heard on it at all.
async fn listen_once(
    connections: &Arc<Connections>,
    told: &watch::Sender<Heard>,
) -> Result<bool, Fault> {
    let open = |address: Address| async move { address.connect().await };
    let (client, mut connection) = connections.login().open(open).await?;
    let (says, mut said) = mpsc::unbounded_channel();
    // Ends when the client is dropped, or the server goes.
    tokio::spawn(async move {
        let mut messages = stream::poll_fn(move |cx| connection.poll_message(cx));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(note) = message
                && says.send(note.channel().to_owned()).is_err()
            {
                return;
            }
        }
    });
    let trial = format!("fabrik_trial_{}", Uuid::new_v4().simple());
    client.batch_execute(&format!("LISTEN {trial}")).await?;
    // By another connection: a pooler hands one that is speaking whatever its session hears.
    let session = connections.get().await?;
    let tell = "SELECT pg_notify($1, '')";
    session.execute(tell, &[&trial]).await?;
    drop(session);
    let heard = async {
        while let Some(channel) = said.recv().await {
            if channel == trial {
                return true;
            }
        }
        false
    };
    match tokio::time::timeout(TRIAL, heard).await {
        Ok(true) => {}
        Ok(false) => return Err(Fault::Silent(TRIAL.as_secs())),
        Err(_) => return Ok(false),
    }
    let listen = format!("LISTEN {CHANNEL}; UNLISTEN {trial}");
    client.batch_execute(&listen).await?;
    let tell = |listening| {
        told.send_modify(|heard| {
            heard.listening = listening;
            heard.times += 1;
        });
    };
    // What was told before this moment was not heard.
    connections.known().set_listening(true);
    tell(true);
    while let Some(channel) = said.recv().await {
        if channel == CHANNEL {
            connections.known().forget();
            tell(true);
        }
    }
    connections.known().set_listening(false);
    tell(false);
    Ok(true)
}
