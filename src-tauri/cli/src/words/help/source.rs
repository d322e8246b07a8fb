//! The help of `fabrik source` in Swedish.

/// As in the file above.
pub(super) const SWEDISH: &[(&str, &str)] = &[
    ("source", "Byråns egen kundtabell"),
    (
        "source look",
        "Tabellerna i en databas, och vad som går att läsa ur en av dem",
    ),
    ("source look/url", "Databasens adress, utan lösenord"),
    ("source look/preset", "Systemet som den hör till"),
    (
        "source look/table",
        "Tabellen eller vyn som kunderna läses från",
    ),
    (
        "source connect",
        "Ansluter en tabell, eller ändrar hur den läses",
    ),
    (
        "source connect/url",
        "Databasens adress, utan lösenord; annars den som är ansluten",
    ),
    ("source connect/preset", "Systemet som den hör till"),
    (
        "source connect/table",
        "Tabellen eller vyn som kunderna läses från",
    ),
    (
        "source connect/columns",
        "Vad en kolumn innehåller, till exempel `name=company`; en tom kolumn utelämnar fältet",
    ),
    (
        "source connect/statuses",
        "Vad ett ord i statuskolumnen betyder: pending, active, inactive, request eller none",
    ),
    (
        "source connect/write_to",
        "Tabellen som resultat skrivs till; en tom skriver inga",
    ),
    (
        "source connect/result_key",
        "Kolumnen i den tabellen som har kundens id, som ett resultat hittar sin rad med",
    ),
    (
        "source connect/results",
        "Kolumnen som ett resultat går till, till exempel `error=last_error`; en tom kolumn utelämnar det",
    ),
    (
        "source connect/result_words",
        "Tabellens ord för hur det gick, till exempel `succeeded=live`; ett tomt ord låter statusen vara",
    ),
    ("source connect/blueprint", "Kundernas mall"),
    ("source connect/plan", "Planen för dem som inte anger någon"),
    (
        "source connect/dry_run",
        "Visar tio rader som kunder, och allt som är fel",
    ),
    ("source show", "Vad som är anslutet, och vad det har gett"),
    (
        "source refresh",
        "Hämtar kunder nu, och skriver de resultat som återstår",
    ),
    (
        "source password",
        "Lägger serverns lösenord i den här datorns nyckelring",
    ),
    (
        "source disconnect",
        "Kopplar från tabellen; kunder som kom från den stannar",
    ),
];
