//! The help of `fabrik copies` in Swedish.

/// As in the file above.
pub(super) const SWEDISH: &[(&str, &str)] = &[
    ("copies", "De dagliga kopiorna av den centrala databasen"),
    ("copies list", "Listar dem, den nyaste först"),
    (
        "copies restore",
        "Går tillbaka till en dags kopia; det som finns nu läggs åt sidan",
    ),
    ("copies restore/day", "Kopians dag, till exempel 2026-11-22"),
];
