//! The table `changes`.

use futures::try_join;

use super::{
    column::{get, to_word, word},
    connections::Session,
    fault::Fault,
};
use crate::{Change, Topic};

/// How many are read at once.
const PAGE: i64 = 1000;

/// The channel on which a change is told to those who listen.
pub(super) const CHANNEL: &str = "fabrik_changes";

/// Numbers are given under this lock, and committed before the next are: so whoever has seen one has seen all
/// below it.
const LOCK: i64 = 0x6661_6272_696b_0001;

/// Writes what changed, at the end of a transaction.
pub(super) async fn tell(session: &Session, changed: &[(Topic, String)]) -> Result<(), Fault> {
    if changed.is_empty() {
        return Ok(());
    }
    let topics = changed.iter().map(|(topic, _)| to_word(topic));
    let topics = topics.collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<_> = changed.iter().map(|(_, id)| id.clone()).collect();
    let wait = session.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]);
    let values: [&(dyn super::column::Value + Sync); 2] = [&topics, &ids];
    let put = session.execute(
        "INSERT INTO fabrik.changes (topic, id)
         SELECT topic, id FROM unnest($1, $2) WITH ORDINALITY AS told (topic, id, place) ORDER BY place
         ON CONFLICT (topic, id) DO UPDATE
            SET number = nextval(pg_get_serial_sequence('fabrik.changes', 'number'))",
        &values,
    );
    let told = session.execute("SELECT pg_notify($1, '')", &[&CHANNEL]);
    try_join!(wait, put, told)?;
    Ok(())
}

/// The oldest after a number.
pub(super) async fn since(session: &Session, number: i64) -> Result<Vec<Change>, Fault> {
    let sql = "SELECT number, topic, id FROM fabrik.changes
               WHERE number > $1 ORDER BY number LIMIT $2";
    let rows = session.rows(sql, &[&number, &PAGE]).await?;
    rows.iter()
        .map(|row| {
            Ok(Change {
                number: get(row, "number")?,
                topic: word(row, "topic")?,
                id: get(row, "id")?,
            })
        })
        .collect()
}

/// The newest's number; 0 where there is none.
pub(super) async fn last(session: &Session) -> Result<i64, Fault> {
    session
        .one("SELECT coalesce(max(number), 0) FROM fabrik.changes", &[])
        .await
}
