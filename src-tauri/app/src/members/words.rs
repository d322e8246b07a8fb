//! The words that orchestras' own lists have: headings of columns, roles and standings.

use crate::{import::plain, views::MemberField};

/// The columns of `members` that a file may fill, each with the headings it goes by (without case, spaces, `_` and `-`).
pub(super) const COLUMNS: [(MemberField, &[&str]); 8] = [
    (
        MemberField::Name,
        &["name", "namn", "fullname", "member", "medlem", "musiker"],
    ),
    (
        MemberField::Email,
        &[
            "email",
            "epost",
            "epostadress",
            "mail",
            "mejl",
            "emailaddress",
        ],
    ),
    (
        MemberField::Phone,
        &[
            "phone",
            "telefon",
            "telefonnummer",
            "mobil",
            "mobilnummer",
            "mobile",
            "phonenumber",
        ],
    ),
    (MemberField::Role, &["role", "roll"]),
    (
        MemberField::Standing,
        &["standing", "status", "anställning", "ställning"],
    ),
    (
        MemberField::Language,
        &["language", "språk", "sprak", "lang", "locale"],
    ),
    (
        MemberField::JoinedOn,
        &[
            "joinedon",
            "joined",
            "started",
            "membersince",
            "började",
            "medlemsedan",
            "inträde",
        ],
    ),
    (
        MemberField::LeftOn,
        &["lefton", "left", "ended", "slutade", "utträde"],
    ),
];

/// Headings of a name in two columns.
const FIRST_NAME: &[&str] = &["firstname", "givenname", "förnamn", "fornamn"];
const LAST_NAME: &[&str] = &["lastname", "surname", "familyname", "efternamn"];
/// Headings of what a member plays; several in a cell are parted by a comma, a semicolon, a slash or a bar.
const INSTRUMENTS: &[&str] = &["instrument", "instruments", "plays", "spelar"];

/// The words of a role, by what the database calls it.
pub(super) const ROLES: &[(&str, &[&str])] = &[
    ("musician", &["musician", "musiker", "member", "medlem"]),
    ("planner", &["planner", "planerare", "producent"]),
    ("admin", &["admin", "administrator", "administratör"]),
];

/// The words of a standing, by what the database calls it.
pub(super) const STANDINGS: &[(&str, &[&str])] = &[
    ("regular", &["regular", "ordinarie", "fast"]),
    ("substitute", &["substitute", "vikarie", "extra"]),
    ("trial", &["trial", "provtid", "provår"]),
    ("student", &["student", "elev", "praktikant"]),
    ("resting", &["resting", "vilande", "tjänstledig"]),
    ("former", &["former", "tidigare", "slutat"]),
];

/// What a column of the file is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Field(MemberField),
    FirstName,
    LastName,
    Instruments,
}

/// What a column with this heading is; `None` where it says nothing of a member.
pub(super) fn column(heading: &str) -> Option<Column> {
    let heading = plain(heading);
    let is = |names: &[&str]| names.contains(&heading.as_str());
    let field = COLUMNS.iter().find(|(_, names)| is(names));
    field
        .map(|(column, _)| Column::Field(*column))
        .or_else(|| is(FIRST_NAME).then_some(Column::FirstName))
        .or_else(|| is(LAST_NAME).then_some(Column::LastName))
        .or_else(|| is(INSTRUMENTS).then_some(Column::Instruments))
}
