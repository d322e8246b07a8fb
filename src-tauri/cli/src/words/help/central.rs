//! The help of `fabrik central` in Swedish.

/// As in the file above.
pub(super) const SWEDISH: &[(&str, &str)] = &[
    ("central", "Byråns egen kundtabell"),
    (
        "central look",
        "Tabellerna i en databas, och vad som går att läsa ur en av dem",
    ),
    ("central look/url", "Databasens adress, utan lösenord"),
    ("central look/preset", "Systemet som den hör till"),
    (
        "central look/table",
        "Tabellen eller vyn som kunderna läses från",
    ),
    (
        "central connect",
        "Ansluter en tabell, eller ändrar hur den läses",
    ),
    (
        "central connect/url",
        "Databasens adress, utan lösenord; annars den som är ansluten",
    ),
    ("central connect/preset", "Systemet som den hör till"),
    (
        "central connect/table",
        "Tabellen eller vyn som kunderna läses från",
    ),
    (
        "central connect/columns",
        "Vad en kolumn innehåller, till exempel `name=company`; en tom kolumn utelämnar fältet",
    ),
    (
        "central connect/statuses",
        "Vad ett ord i statuskolumnen betyder: pending, active, inactive, request eller none",
    ),
    (
        "central connect/write_to",
        "Tabellen som resultat skrivs till; en tom skriver inga",
    ),
    (
        "central connect/result_key",
        "Kolumnen i den tabellen som har kundens id, som ett resultat hittar sin rad med",
    ),
    (
        "central connect/results",
        "Kolumnen som ett resultat går till, till exempel `error=last_error`; en tom kolumn utelämnar det",
    ),
    (
        "central connect/result_words",
        "Tabellens ord för hur det gick, till exempel `succeeded=live`; ett tomt ord låter statusen vara",
    ),
    ("central connect/blueprint", "Kundernas mall"),
    (
        "central connect/plan",
        "Planen för dem som inte anger någon",
    ),
    (
        "central connect/dry_run",
        "Visar tio rader som kunder, och allt som är fel",
    ),
    ("central show", "Vad som är anslutet, och vad det har gett"),
    (
        "central refresh",
        "Hämtar kunder nu, och skriver de resultat som återstår",
    ),
    (
        "central password",
        "Lägger serverns lösenord i den här datorns nyckelring",
    ),
    (
        "central disconnect",
        "Kopplar från tabellen; kunder som kom från den stannar",
    ),
];
