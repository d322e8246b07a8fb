//! The fields of a customer in a file: the names they go by in the systems that Fabrik replaces, and the words
//! that stand in them.

use fabrik_domain::{
    Cause, Problem,
    customer::{CustomerStatus, without_login},
    language::Language,
};

/// The fields, each with the names it goes by in the systems that Fabrik replaces (without case, spaces,
/// `_` and `-`), its own first, and the one that may mean something else last.
pub(super) const FIELDS: &[(&str, &[&str])] = &[
    (
        "name",
        &[
            "name",
            "namn",
            "customername",
            "clientname",
            "companyname",
            "company",
            "agencyname",
            "organizationname",
            "kund",
        ],
    ),
    ("subdomain", &["subdomain", "subdoman", "subdomän", "slug"]),
    (
        "contact_email",
        &[
            "contactemail",
            "email",
            "epost",
            "adminemail",
            "owneremail",
            "kontaktepost",
        ],
    ),
    (
        "contact_name",
        &[
            "contactname",
            "contact",
            "kontakt",
            "adminname",
            "ownername",
        ],
    ),
    ("blueprint", &["blueprint", "mall"]),
    (
        "plan",
        &[
            "plan",
            "tier",
            "subscription",
            "subscriptionplan",
            "subscriptiontier",
            "planname",
        ],
    ),
    (
        "language",
        &["language", "sprak", "språk", "locale", "lang"],
    ),
    (
        "credits",
        &["credits", "creditsbalance", "krediter", "creditbalance"],
    ),
    (
        "external_id",
        &[
            "externalid",
            "id",
            "customerid",
            "clientid",
            "organizationid",
            "kundid",
            "kundnr",
            "kundnummer",
        ],
    ),
    ("status", &["status"]),
    (
        "production_url",
        &["productionurl", "vercelurl", "url", "siteurl"],
    ),
    (
        "github_repo_url",
        &["githubrepourl", "githuburl", "repositoryurl", "repourl"],
    ),
    (
        "supabase_project_ref",
        &[
            "supabaseprojectref",
            "supabaseref",
            "projectref",
            "supabaseprojectid",
        ],
    ),
    ("database_url", &["databaseurl", "dburl"]),
    (
        "modules",
        &["modules", "moduler", "enabledmodules", "features"],
    ),
];

/// Names that say nothing by themselves: within an object they count with its own name before them, so that a
/// database's `url` is no customer's address, and a payment's `id` no customer's.
const BARE: &[&str] = &[
    "name", "namn", "id", "url", "email", "epost", "status", "contact", "kontakt", "slug",
    "company", "kund", "mall",
];

/// Objects that stand for the customer: what is in them is the customer's own.
const TRANSPARENT: &[&str] = &[
    "",
    "customer",
    "client",
    "tenant",
    "organization",
    "agency",
    "company",
    "kund",
];

/// The field that goes by this name.
pub(crate) fn field(heading: &str) -> Option<&'static str> {
    known(&plain(heading))
}

/// How far a heading is from its field's own name: of two columns for one field the nearer one counts.
pub(super) fn distance(heading: &str) -> usize {
    let heading = plain(heading);
    let found = FIELDS
        .iter()
        .find_map(|(_, names)| names.iter().position(|name| *name == heading));
    found.unwrap_or(usize::MAX)
}

/// The field that goes by this name in the object called `parent`.
pub(super) fn field_in(parent: &str, key: &str) -> Option<&'static str> {
    let (parent, key) = (plain(parent), plain(key));
    let alone = TRANSPARENT.contains(&parent.as_str()) || !BARE.contains(&key.as_str());
    known(&format!("{parent}{key}")).or_else(|| known(&key).filter(|_| alone))
}

fn known(plain: &str) -> Option<&'static str> {
    FIELDS
        .iter()
        .find(|(_, names)| names.contains(&plain))
        .map(|(field, _)| *field)
}

/// A name without case, spaces, `_` and `-`.
pub(crate) fn plain(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}

/// The words of a list that is written as one text.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split([',', ';', '|', ' '])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// What a field holds can't be read. It is told, but for what may be the address of a database with its login: a comma that
/// is not quoted moves it here, or the half of it that is behind the comma.
pub(crate) fn unreadable(field: &str, value: &str, expected: &str) -> Problem {
    let value = if value.contains('@') {
        "…".to_owned()
    } else {
        without_login(value)
    };
    Cause::FieldUnreadable {
        field: field.to_owned(),
        value,
        expected: expected.to_owned(),
    }
    .into()
}

/// Reads a status.
pub(super) fn status(word: &str) -> Result<CustomerStatus, Problem> {
    Ok(match word.to_lowercase().as_str() {
        "active" | "aktiv" | "live" => CustomerStatus::Active,
        "inactive" | "inaktiv" | "paused" | "pausad" | "suspended" | "cancelled" | "canceled" => {
            CustomerStatus::Inactive
        }
        "pending" | "väntar" | "new" | "ny" => CustomerStatus::Pending,
        _ => {
            return Err(unreadable("status", word, "pending, active, inactive"));
        }
    })
}

/// Reads a language.
pub(crate) fn language(word: &str) -> Result<Language, Problem> {
    match word.to_lowercase().as_str() {
        "svenska" | "swedish" => Ok(Language::Sv),
        "engelska" | "english" => Ok(Language::En),
        tag => Language::from_tag(tag).ok_or_else(|| unreadable("language", word, "sv, en")),
    }
}

/// Reads a number of credits; its thousands may be set apart by spaces. A point or a comma would mean one
/// thing in one country and another in the next.
pub(super) fn credits(text: &str) -> Result<i64, Problem> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .parse()
        .map_err(|_| unreadable("credits", text, "1250, 1 250"))
}

#[cfg(test)]
mod tests {
    use fabrik_domain::customer::NewCustomer;
    use ts_rs::{Config, TS};

    use super::*;

    /// The window's catalogues have a name for each of those.
    #[test]
    fn every_field_is_one_of_a_new_customer() {
        let declared = NewCustomer::decl(&Config::new());
        for (field, _) in FIELDS {
            let is_there = [":", "?:"]
                .iter()
                .any(|end| declared.contains(&format!("\n{field}{end}")));
            assert!(is_there, "{field} is none of {declared}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_other_value() {
        for good in ["Active", "inaktiv", "PENDING", "ny"] {
            assert!(status(good).is_ok(), "{good} is a status");
        }
        for bad in ["churned", "trial", "aktiv?"] {
            assert!(status(bad).is_err(), "{bad} is none");
        }
        for (text, read) in [
            ("1250", 1250),
            ("1 250", 1250),
            ("1\u{a0}250", 1250),
            ("-5", -5),
        ] {
            assert_eq!(credits(text).ok(), Some(read), "{text}");
        }
        for bad in ["1.250", "1,250", "1.5", "many", "12kr"] {
            assert!(credits(bad).is_err(), "{bad} is no number of credits");
        }
        assert_eq!(language("sv-SE").ok(), Some(Language::Sv));
        assert_eq!(language("Engelska").ok(), Some(Language::En));
        for bad in ["de", "?"] {
            assert!(language(bad).is_err(), "{bad} is no language here");
        }
    }

    #[test]
    fn a_name_within_an_object_counts_with_the_objects_own() {
        for (parent, key, found) in [
            ("", "url", Some("production_url")),
            ("database", "url", Some("database_url")),
            ("stripe", "id", None),
            ("vercel", "name", None),
            ("vercel", "url", Some("production_url")),
            ("admin", "adminEmail", Some("contact_email")),
            ("admin", "email", Some("contact_email")),
            ("owner", "name", Some("contact_name")),
            ("customer", "email", Some("contact_email")),
            ("customer", "id", Some("external_id")),
            ("settings", "language", Some("language")),
            ("supabase", "projectRef", Some("supabase_project_ref")),
            ("supabase", "url", None),
        ] {
            assert_eq!(field_in(parent, key), found, "{parent}.{key}");
        }
    }
}
