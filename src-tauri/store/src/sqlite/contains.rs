//! Whether a text holds a part, for searches that read every text: SQLite's own ways, `GLOB` and `instr`, go from character to
//! character.

use memchr::memmem::Finder;
use rusqlite::{Connection, Result, functions::FunctionFlags, types::FromSqlError};

/// `contains(text, part)`; a part is compared byte by byte.
pub(super) const CONTAINS: &str = "contains";

/// Teaches a connection the function. No stored definition calls it: another process need not know it.
pub(super) fn teach(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function(CONTAINS, 2, flags, |context| {
        // Prepared once for a statement's parameter, not for each row.
        let finder = context.get_or_create_aux(1, |part| {
            let part = part.as_bytes()?;
            Ok::<_, FromSqlError>(Finder::new(part).into_owned())
        })?;
        Ok(finder.find(context.get_raw(0).as_bytes()?).is_some())
    })
}
