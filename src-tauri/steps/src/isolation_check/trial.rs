//! Trying, in a database with a row in every table, what `anon` comes to there.

use std::future::Future;

use fabrik_domain::problem::{Breach, Exposure};
use serde::{Deserialize, de::DeserializeOwned};

use super::sql;

/// A database to try things in. Nothing that is tried stays.
pub trait TrialDatabase {
    /// What goes wrong, with the database or in it.
    type Error;

    /// Runs SQL as the owner of the database in a transaction that is rolled back, and gives the row of the
    /// last statement that has any.
    fn row<T: DeserializeOwned + Send>(
        &self,
        sql: &str,
    ) -> impl Future<Output = Result<T, Self::Error>> + Send;

    /// The SQLSTATE, where the SQL was refused.
    fn state(error: &Self::Error) -> Option<&str>;
}

/// What the database says of itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Inside {
    /// What stands open.
    pub breaches: Vec<Exposure>,
    /// The tables and views that REST serves.
    pub served: Vec<String>,
}

/// Something that `anon` has a right to try.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Attempt {
    /// On which table or view.
    pub subject: String,
    /// Whether it would change something.
    pub writes: bool,
    /// How, as a statement of PL/pgSQL.
    pub sql: String,
}

#[derive(Deserialize)]
struct Survey {
    breaches: Vec<Exposure>,
    attempts: Vec<Attempt>,
    served: Vec<String>,
}

#[derive(Deserialize)]
struct Came {
    came: Vec<usize>,
}

/// What stands open to `anon` with the canary's rows in it.
///
/// # Errors
/// Those of the database, an error in the canary among them.
pub async fn inside<D: TrialDatabase + Sync>(
    database: &D,
    canary: &str,
) -> Result<Inside, D::Error> {
    let survey: Survey = database.row(&sql::survey(canary)).await?;
    let mut breaches = survey.breaches;
    // All at once where nothing is refused, which is rare but for tables without a policy for `anon`; else by
    // halves, until each is alone that is. One that comes to rows may hide another from the rest of its
    // batch, never from the result: that is a breach by then.
    let mut batches = vec![survey.attempts];
    while let Some(batch) = batches.pop() {
        if batch.is_empty() {
            continue;
        }
        let error = match database.row(&sql::attempts(canary, &batch)).await {
            Ok(Came { came }) => {
                let came = came.into_iter().filter_map(|number| batch.get(number));
                breaches.extend(came.map(Attempt::breach));
                continue;
            }
            Err(error) => error,
        };
        match (D::state(&error).filter(is_verdict), batch.as_slice()) {
            (None, _) => return Err(error),
            // The policies are asked before the constraints: it was let in.
            (Some(state), [alone]) => {
                if alone.writes && state.starts_with("23") {
                    breaches.push(alone.breach());
                }
            }
            (Some(_), _) => {
                let (first, second) = batch.split_at(batch.len() / 2);
                batches.extend([second.to_vec(), first.to_vec()]);
            }
        }
    }
    // A table may stand open in more than one way.
    let mut named = Vec::new();
    for breach in breaches {
        if !named.contains(&breach) {
            named.push(breach);
        }
    }
    Ok(Inside {
        breaches: named,
        served: survey.served,
    })
}

impl Attempt {
    fn breach(&self) -> Exposure {
        Exposure {
            breach: if self.writes {
                Breach::Writable
            } else {
                Breach::Readable
            },
            subject: self.subject.clone(),
        }
    }
}

/// Whether an error is the answer to what was tried, and not the server's trouble: its connections, its
/// resources, a shutdown, a lock, an error of its own.
fn is_verdict(state: &&str) -> bool {
    let troubles = ["08", "25", "40", "53", "57", "58", "XX", "55P03"];
    troubles.iter().all(|trouble| !state.starts_with(trouble))
}
