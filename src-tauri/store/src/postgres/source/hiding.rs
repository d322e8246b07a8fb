//! Row security: a database that keeps rows from whoever reads them says nothing of it, and a table that is hidden looks
//! like an empty one. So it is asked; for a view the rights of its owner count, unless it says otherwise.

use fabrik_domain::{Cause, Problem, mapping::Relation};

use super::columns::qualified;
use crate::postgres::{column::get, connections::Session, fault::Fault};

/// What is done with rows, as `pg_policy` writes it.
#[derive(Clone, Copy)]
pub(super) enum Act {
    Read,
    Write,
}

/// The table, of those that are read, whose rows may be kept back, one without any policy for its reader first. A policy that lets
/// everything through keeps nothing.
const HIDING: &str = "
    WITH RECURSIVE asker AS (SELECT oid FROM pg_roles WHERE rolname = current_user),
    behind (oid, reader) AS (
        SELECT format('%I.%I', $1::text, $2::text)::regclass::oid, (SELECT oid FROM asker)
        UNION
        SELECT d.refobjid,
            CASE WHEN EXISTS (SELECT FROM pg_options_to_table(v.reloptions)
                              WHERE option_name = 'security_invoker' AND option_value::boolean)
                THEN (SELECT oid FROM asker) ELSE v.relowner END
        FROM behind
        JOIN pg_class AS v ON v.oid = behind.oid AND v.relkind = 'v'
        JOIN pg_rewrite AS w ON w.ev_class = v.oid
        JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
            AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
    ),
    guarded AS (
        SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, r.oid AS reader, r.rolname::text AS role
        FROM behind
        JOIN pg_class AS c ON c.oid = behind.oid
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_roles AS r ON r.oid = behind.reader
        WHERE c.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
            AND (c.relforcerowsecurity OR NOT pg_has_role(r.oid, c.relowner, 'USAGE'))
    ),
    policies AS (
        SELECT g.oid, g.reader, p.polpermissive AS lets,
            coalesce(pg_get_expr(p.polqual, p.polrelid) = 'true', TRUE) AS is_open
        FROM guarded AS g JOIN pg_policy AS p ON p.polrelid = g.oid
        WHERE p.polcmd::text IN ($3::text, '*') AND EXISTS (
            SELECT FROM unnest(p.polroles) AS who
            WHERE CASE WHEN who = 0 THEN TRUE ELSE pg_has_role(g.reader, who, 'USAGE') END)
    )
    SELECT g.schema, g.name, g.role, EXISTS (
        SELECT FROM policies AS p WHERE p.oid = g.oid AND p.reader = g.reader AND p.lets) AS has_policy
    FROM guarded AS g
    WHERE NOT EXISTS (
            SELECT FROM policies AS p WHERE p.oid = g.oid AND p.reader = g.reader AND p.lets AND p.is_open)
        OR EXISTS (
            SELECT FROM policies AS p WHERE p.oid = g.oid AND p.reader = g.reader AND NOT p.lets AND NOT p.is_open)
    ORDER BY has_policy, g.schema, g.name
    LIMIT 1";

/// A table whose rows may be kept back.
struct Guarded {
    /// It, or the one behind a view.
    table: String,
    /// From whom.
    user: String,
    /// Whether a policy says which rows are shown.
    has_policy: bool,
}

impl Guarded {
    fn hidden(self) -> Problem {
        let Self { table, user, .. } = self;
        Cause::SourceRowsHidden { table, user }.into()
    }
}

/// That rows of a table may be kept back.
async fn guarded(session: &Session, table: &Relation, act: Act) -> Result<Option<Guarded>, Fault> {
    let command = match act {
        Act::Read => "r",
        Act::Write => "w",
    };
    let command = command.to_owned();
    let found = session
        .row(HIDING, &[&table.schema, &table.name, &command])
        .await?;
    let Some(row) = found else {
        return Ok(None);
    };
    let table = Relation {
        schema: get(&row, "schema")?,
        name: get(&row, "name")?,
    };
    Ok(Some(Guarded {
        table: table.to_string(),
        user: get(&row, "role")?,
        has_policy: get(&row, "has_policy")?,
    }))
}

/// That a table's rows are hidden: all of them are, or all that there are for a policy that may be meant.
pub(super) async fn hidden(
    session: &Session,
    table: &Relation,
    act: Act,
) -> Result<Option<Problem>, Fault> {
    let Some(guarded) = guarded(session, table, act).await? else {
        return Ok(None);
    };
    let sql = format!("SELECT TRUE AS seen FROM {} LIMIT 1", qualified(table));
    let shows = guarded.has_policy && session.row(&sql, &[]).await?.is_some();
    Ok((!shows).then(|| guarded.hidden()))
}

/// That a table shows what a policy lets through, which may be some of its rows.
pub(super) async fn kept_back(
    session: &Session,
    table: &Relation,
) -> Result<Option<Problem>, Fault> {
    let guarded = guarded(session, table, Act::Read).await?;
    Ok(guarded.map(|Guarded { table, user, .. }| Cause::SourceRowsKeptBack { table, user }.into()))
}

/// Why a row that isn't met may be there all the same.
pub(super) async fn may_be_hidden(
    session: &Session,
    table: &Relation,
) -> Result<Option<Problem>, Fault> {
    for act in [Act::Read, Act::Write] {
        if let Some(guarded) = guarded(session, table, act).await? {
            return Ok(Some(guarded.hidden()));
        }
    }
    Ok(None)
}
