//! What makes a fresh cluster a Supabase project's: roles, grants and schemas.

use crate::backend::Connection;
use crate::{Error, wire};

/// The scripts, in the order they run.
const SCRIPTS: [&str; 4] = [
    include_str!("../sql/roles.sql"),
    include_str!("../sql/extensions.sql"),
    include_str!("../sql/auth.sql"),
    include_str!("../sql/storage.sql"),
];

/// Brings the cluster to that state, unless it is in it. All or nothing: a cluster left half-way by
/// a kill is a fresh one.
pub(crate) fn ensure(connection: &mut Connection) -> Result<(), Error> {
    let known = "select 1 from pg_roles where rolname = 'supabase_admin'";
    let answer = connection.round_trip(&wire::script(known))?.result;
    if !answer
        .map_err(|error| Error::Sql(Box::new(error)))?
        .rows
        .is_empty()
    {
        return Ok(());
    }
    // Another superuser renames the cluster's first role, and then hands all it made to it.
    let script = format!(
        "begin; create role fabrik_bootstrap superuser; set local session authorization fabrik_bootstrap; \
         alter role postgres rename to supabase_admin; set local session authorization supabase_admin; \
         {} drop role fabrik_bootstrap; commit; \
         reset session authorization",
        SCRIPTS.concat()
    );
    let reply = connection.round_trip(&wire::script(&script))?;
    if reply.in_transaction {
        connection.round_trip(&wire::script("rollback"))?;
    }
    reply
        .result
        .map(drop)
        .map_err(|error| Error::Sql(Box::new(error)))
}
