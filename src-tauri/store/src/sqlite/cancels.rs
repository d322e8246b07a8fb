//! What is asked of a run's owner in the table `runs`: to cancel it.

use fabrik_domain::{Cause, id::RunId};
use rusqlite::{Connection, OptionalExtension, named_params};

use super::{
    audit, changes,
    fault::Fault,
    runs::{get, unknown},
    writer::Write,
};
use crate::{NewAudit, Topic};

/// Asks the owner of a run to cancel it, and with `keep` to keep what it made.
pub(super) fn request_cancel(
    write: &Write<'_>,
    id: RunId,
    keep: bool,
    audit: NewAudit,
) -> Result<(), Fault> {
    let run = get(write.connection, id)?;
    if !run.state.is_active() {
        return Err(Cause::RunEnded { run: id }.into());
    }
    if keep && run.is_taken_back() {
        return Err(Cause::RunUndoing { run: id }.into());
    }
    write
        .connection
        .prepare_cached(
            "UPDATE runs SET cancel_requested = 1,
                on_failure = CASE WHEN :keep THEN 'keep' ELSE on_failure END
             WHERE id = :id",
        )?
        .execute(named_params! { ":id": id.to_string(), ":keep": keep })?;
    audit::add(
        write,
        &NewAudit {
            customer: audit.customer.or(Some(run.customer)),
            run: audit.run.or(Some(id)),
            ..audit
        },
    )?;
    changes::add(write.connection, Topic::Runs, &id.to_string())
}

/// Whether whoever cancelled a run that has not begun to go back wants what it made kept.
pub(super) fn is_to_be_kept(connection: &Connection, id: RunId) -> Result<bool, Fault> {
    let run = get(connection, id)?;
    Ok(run.is_kept_when_cancelled() && cancel_requested(connection, id)?)
}

/// Whether a cancel was asked for.
pub(super) fn cancel_requested(connection: &Connection, id: RunId) -> Result<bool, Fault> {
    connection
        .prepare_cached("SELECT cancel_requested FROM runs WHERE id = ?1")?
        .query_row([id.to_string()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| unknown(id))
}
