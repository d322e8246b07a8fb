//! What a customer's fields may hold: they become names at vendors, host names and text on pages (S6).

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Customer, CustomerPatch, NewCustomer};
use crate::problem::{Cause, NameFault, Problem, SubdomainFault};

/// Labels that a customer may not have: they are, or look like, the agency's own hosts.
pub const RESERVED_SUBDOMAINS: [&str; 24] = [
    "admin",
    "api",
    "app",
    "assets",
    "auth",
    "blog",
    "cdn",
    "dashboard",
    "dev",
    "docs",
    "email",
    "ftp",
    "help",
    "localhost",
    "login",
    "mail",
    "ns1",
    "ns2",
    "smtp",
    "staging",
    "static",
    "status",
    "support",
    "www",
];

impl NewCustomer {
    /// Holds the fields that need no other records against the rules of this file.
    /// Plan, blueprint and uniqueness are checked where these are known.
    /// Every fault is named, not only the first.
    pub fn check(&self) -> Vec<Problem> {
        [
            check_name(&self.name).err(),
            check_subdomain(&self.subdomain).err(),
            check_email(&self.contact_email).err(),
            check_contact_name(self.contact_name.as_deref()).err(),
            check_external_id(self.external_id.as_deref()).err(),
            check_link("production_url", self.production_url.as_deref()).err(),
            check_link("github_repo_url", self.github_repo_url.as_deref()).err(),
            check_project_ref(self.supabase_project_ref.as_deref()).err(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Customer {
    /// Whether what somebody typed, to confirm what can't be taken back, is this customer: its subdomain or its name,
    /// to the letter.
    pub fn is_typed(&self, text: &str) -> bool {
        let text = text.trim();
        text == self.subdomain || text == self.name.trim()
    }
}

impl CustomerPatch {
    /// As [`NewCustomer::check`], for the fields that are changed.
    pub fn check(&self) -> Vec<Problem> {
        fn inner(field: Option<&Option<String>>) -> Option<&str> {
            field.and_then(Option::as_deref)
        }
        [
            self.name.as_deref().and_then(|name| check_name(name).err()),
            self.subdomain
                .as_deref()
                .and_then(|label| check_subdomain(label).err()),
            self.contact_email
                .as_deref()
                .and_then(|email| check_email(email).err()),
            check_contact_name(inner(self.contact_name.as_ref())).err(),
            check_external_id(inner(self.external_id.as_ref())).err(),
            check_link("production_url", inner(self.production_url.as_ref())).err(),
            check_link("github_repo_url", inner(self.github_repo_url.as_ref())).err(),
            check_project_ref(inner(self.supabase_project_ref.as_ref())).err(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// A name people can read: 1–120 characters, none of them a control, bidirectional or zero-width one.
pub fn check_name(name: &str) -> Result<(), Problem> {
    let fault = if name.trim().is_empty() {
        NameFault::Empty
    } else if name.chars().count() > 120 {
        NameFault::TooLong
    } else if name.chars().any(is_deceptive) {
        NameFault::Deceptive
    } else if holds_login(name) {
        NameFault::Login
    } else if slug_of(name).is_empty() {
        NameFault::NoLetters
    } else {
        return Ok(());
    };
    Err(Cause::NameInvalid { fault, field: None }.into())
}

/// The name of whom a mail greets: as a customer's, but in any script, or none.
pub fn check_contact_name(name: Option<&str>) -> Result<(), Problem> {
    let fault = match name {
        Some(name) if name.chars().count() > 120 => NameFault::TooLong,
        Some(name) if deceives(name) => NameFault::Deceptive,
        Some(name) if holds_login(name) => NameFault::Login,
        _ => return Ok(()),
    };
    let field = Some("contact_name".to_owned());
    Err(Cause::NameInvalid { fault, field }.into())
}

/// Whether a name in any script holds what is not seen, or changes how the rest reads.
fn deceives(name: &str) -> bool {
    let chars: Vec<char> = name.chars().collect();
    let mut places = 0..chars.len();
    places.any(|at| {
        let before = at.checked_sub(1).and_then(|before| chars.get(before));
        let (c, after) = (chars[at], chars.get(at + 1));
        is_deceptive(c) && !is_part_of_writing(before.copied(), c, after.copied())
    })
}

/// What joins letters and parts them in the scripts from Arabic to Sinhala, as Persian does within a word; what joins
/// emoji; and what asks for a sign in colour.
fn is_part_of_writing(before: Option<char>, c: char, after: Option<char>) -> bool {
    let is_letter = |c: char| matches!(c, '\u{0620}'..='\u{0dff}');
    let is_emoji = |c: char| matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}');
    let between = |is: &dyn Fn(char) -> bool| before.is_some_and(is) && after.is_some_and(is);
    match c {
        '\u{200c}' => between(&is_letter),
        '\u{200d}' => {
            let joined = before == Some('\u{fe0f}') || before.is_some_and(is_emoji);
            between(&is_letter) || (joined && after.is_some_and(is_emoji))
        }
        '\u{fe0f}' => before.is_some_and(is_emoji),
        _ => false,
    }
}

/// An id of an older system: it becomes a part of names at the vendors, and of a path.
fn check_external_id(id: Option<&str>) -> Result<(), Problem> {
    match id {
        Some(id) if id.chars().count() > 120 || id.chars().any(is_deceptive) || holds_login(id) => {
            Err(Cause::FieldUnreadable {
                field: "external_id".to_owned(),
                // What can't be seen is not shown, nor a login.
                value: "…".to_owned(),
                expected: "AC-1, 1042, cm4q2x…".to_owned(),
            }
            .into())
        }
        _ => Ok(()),
    }
}

/// Whether a text is or has an address with a password, `scheme://user:password@host`, as of a database. It is kept in no
/// field that is shown: such a one lies in the keyring. A password may hold what should have been escaped.
fn holds_login(text: &str) -> bool {
    let login = text
        .split_once("://")
        .and_then(|(_, rest)| rest.rsplit_once('@'));
    login.is_some_and(|(login, _)| login.contains(':'))
}

/// What a field holds, as a refusal may tell it: nothing of an address that may have a login, or the half of one.
pub fn without_login(text: &str) -> String {
    let address = text.split_once("://");
    let is_kept_back = address.is_some_and(|(_, rest)| rest.contains(':'));
    if is_kept_back { "…" } else { text }.to_owned()
}

/// Control characters, those that change how their neighbours read, all that Unicode calls ignorable (they are drawn as
/// nothing), and the mark of what was lost when a text was read in the wrong encoding.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | char::REPLACEMENT_CHARACTER | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A DNS label: 1–63 lower-case letters, digits and hyphens, no hyphen first or last, not reserved.
/// Labels with `--` in the third place are left to internationalised names.
pub fn check_subdomain(label: &str) -> Result<(), Problem> {
    let fault = if label.is_empty() {
        SubdomainFault::Empty
    } else if label.len() > 63 {
        SubdomainFault::TooLong
    } else if !label
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    {
        SubdomainFault::Characters
    } else if label.starts_with('-') || label.ends_with('-') {
        SubdomainFault::Hyphen
    } else if label.get(2..4) == Some("--") {
        SubdomainFault::Punycode
    } else if RESERVED_SUBDOMAINS.contains(&label) {
        SubdomainFault::Reserved
    } else {
        return Ok(());
    };
    Err(Cause::SubdomainInvalid {
        subdomain: without_login(label),
        fault,
    }
    .into())
}

/// An address that can be written to: local part, `@`, a domain with a dot.
pub fn check_email(email: &str) -> Result<(), Problem> {
    let valid = email
        .parse::<email_address::EmailAddress>()
        .is_ok_and(|address| address.domain().contains('.') && address.as_str() == email)
        && !email.chars().any(|c| c.is_whitespace() || is_deceptive(c));
    if valid {
        Ok(())
    } else {
        Err(Cause::EmailInvalid {
            email: without_login(email),
        }
        .into())
    }
}

/// A link is `https`, or `http` on this machine (an instance in the sandbox), without user info.
pub fn check_link(field: &str, link: Option<&str>) -> Result<(), Problem> {
    let Some(link) = link else { return Ok(()) };
    let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|origin| {
            link.strip_prefix(origin)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
    let host = link
        .strip_prefix("https://")
        .or_else(|| link.strip_prefix("http://"));
    let authority = host
        .and_then(|rest| rest.split(['/', '?', '#']).next())
        .unwrap_or_default();
    let valid = (link.starts_with("https://") || loopback)
        && !authority.is_empty()
        && !authority.contains('@')
        && link.chars().all(|c| c.is_ascii_graphic());
    if valid {
        Ok(())
    } else {
        Err(Cause::LinkInvalid {
            field: field.to_owned(),
            link: without_secrets(link),
        }
        .into())
    }
}

/// A link as it may be shown: without user info and query, where passwords are.
fn without_secrets(link: &str) -> String {
    let plain = link.split(['?', '#']).next().unwrap_or_default();
    match (plain.split_once("://"), plain.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        (None, Some((_, rest))) => rest.to_owned(),
        _ => plain.to_owned(),
    }
}

/// A Supabase project ref: 20 lower-case letters.
pub fn check_project_ref(project: Option<&str>) -> Result<(), Problem> {
    match project {
        Some(text) if text.len() != 20 || !text.bytes().all(|b| b.is_ascii_lowercase()) => {
            Err(Cause::ProjectRefInvalid {
                project: without_login(text),
            }
            .into())
        }
        _ => Ok(()),
    }
}

/// The slug of a name: its letters and digits in lower case, accents taken off (`Åberg` → `aberg`),
/// everything between them one hyphen, at most 40 characters. Empty where nothing is left.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
    {
        let piece = match c {
            'ø' => "o",
            'æ' => "ae",
            'œ' => "oe",
            'ß' => "ss",
            'đ' | 'ð' => "d",
            'ł' => "l",
            'þ' => "th",
            'a'..='z' | '0'..='9' => {
                slug.push(c);
                continue;
            }
            '\'' | '’' => continue,
            _ if slug.is_empty() || slug.ends_with('-') => continue,
            _ => "-",
        };
        slug.push_str(piece);
    }
    slug.truncate(40);
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use fabrik_tests::Proof;
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slugs_keep_the_letters_people_know() {
        for (name, slug) in [
            ("Åkermark Juristbyrå", "akermark-juristbyra"),
            (
                "  Lindqvist & Rosén -- Revision ",
                "lindqvist-rosen-revision",
            ),
            ("L'Été 2026", "lete-2026"),
            ("Smørrebrød", "smorrebrod"),
            ("東京", ""),
        ] {
            assert_eq!(slug_of(name), slug, "slug of {name}");
        }
    }

    #[test]
    fn subdomains_are_dns_labels() {
        for good in ["akermark", "a", "a-1", "0"] {
            assert!(check_subdomain(good).is_ok(), "{good} is a label");
        }
        let long = "a".repeat(64);
        for bad in [
            "",
            "-a",
            "a-",
            "Åke",
            "A",
            "a.b",
            "a_b",
            "www",
            "xn--a",
            long.as_str(),
        ] {
            assert!(
                check_subdomain(bad).is_err(),
                "{bad:?} is no label of a customer"
            );
        }
    }

    #[test]
    fn addresses_and_links_are_held_to_their_rules() {
        assert!(check_email("anna@akermark.se").is_ok());
        for bad in [
            "anna",
            "anna@",
            "@a.se",
            "anna@local",
            "a b@c.se",
            "Anna <a@b.se>",
            "a@b.se\r\nBcc: x@y.z",
        ] {
            assert!(check_email(bad).is_err(), "{bad:?} is no address");
        }
        assert!(check_link("f", Some("https://akermark.norrform.se/x")).is_ok());
        assert!(check_link("f", Some("http://127.0.0.1:4000/x")).is_ok());
        for bad in [
            "javascript:alert(1)",
            "http://a.se",
            "https://a@b.se",
            "https://",
            "http://127.0.0.1.evil.se",
        ] {
            assert!(
                check_link("f", Some(bad)).is_err(),
                "{bad:?} is no link to open"
            );
        }
    }

    #[test]
    fn what_was_read_in_the_wrong_encoding_is_no_name() {
        assert!(check_name("\u{fffd}kermark").is_err(), "a letter was lost");
    }

    #[test]
    fn a_contacts_name_may_be_written_as_its_script_is() {
        for good in [
            "علی\u{200c}رضا",
            "ක්\u{200d}රිෂ්ණා",
            "Anna ❤\u{fe0f}",
            "Anna ❤\u{fe0f}\u{200d}🔥",
            "Anna 👩\u{200d}💻",
        ] {
            assert_eq!(check_contact_name(Some(good)), Ok(()), "{good:?}");
        }
        for bad in [
            "An\u{200c}na",
            "An\u{200d}na",
            "Anna\u{fe0f}",
            "علی\u{200c}",
            "\u{200c}علی",
            "علی\u{200c}\u{200c}رضا",
            "علی\u{202e}رضا",
            "👩\u{200d}",
        ] {
            let refused = check_contact_name(Some(bad)).unwrap_err();
            let expected = Cause::NameInvalid {
                fault: NameFault::Deceptive,
                field: Some("contact_name".to_owned()),
            };
            assert_eq!(*refused.cause, expected, "{bad:?}");
        }
        let own = check_name("An\u{200c}na").unwrap_err();
        assert!(matches!(*own.cause, Cause::NameInvalid { field: None, .. }));
    }

    #[test]
    fn a_refused_link_is_told_without_its_password() {
        for link in [
            "postgres://postgres:hunter2@db.example/postgres",
            "postgres://postgres:hun/ter2@db.example/postgres",
            "postgres:hunter2@db.example",
            "http://a.example/?token=hunter2",
        ] {
            let refused = check_link("production_url", Some(link));
            assert!(refused.is_err(), "{link} is no link");
            let told = format!("{refused:?}");
            assert!(
                !told.contains("ter2") && told.contains("example"),
                "{link}: {told}"
            );
        }
    }

    #[test]
    fn an_address_with_its_password_is_in_no_field_and_is_not_told() {
        let field = |name: &str| Some(name.to_owned());
        for login in [
            "postgres://u:hunter2@db.example/x",
            "mysql://u:hun/ter2@db.example",
            "Åkermark https://u:hunter2@akermark.se",
            "redis://:hunter2@db.example",
        ] {
            let own = check_name(login).unwrap_err();
            let fault = NameFault::Login;
            assert_eq!(*own.cause, Cause::NameInvalid { fault, field: None });
            let new = NewCustomer {
                name: login.to_owned(),
                subdomain: login.to_owned(),
                contact_email: login.to_owned(),
                contact_name: field(login),
                external_id: field(login),
                production_url: field(login),
                github_repo_url: field(login),
                supabase_project_ref: field(login),
                ..NewCustomer::default()
            };
            let patch = CustomerPatch {
                name: field(login),
                subdomain: field(login),
                contact_email: field(login),
                contact_name: Some(field(login)),
                external_id: Some(field(login)),
                production_url: Some(field(login)),
                github_repo_url: Some(field(login)),
                supabase_project_ref: Some(field(login)),
                ..CustomerPatch::default()
            };
            for faults in [new.check(), patch.check()] {
                assert_eq!(faults.len(), 8, "{login}: {faults:?}");
                assert!(!format!("{faults:?}").contains("ter2"), "{faults:?}");
            }
        }
        for good in [
            "Kök & Bad: @kokobad",
            "https://akermark.se",
            "https://medium.example/@bo",
        ] {
            assert_eq!(check_name(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn a_customer_is_typed_by_its_subdomain_or_its_name_to_the_letter() {
        let new = NewCustomer {
            name: "Åkermark Juristbyrå".to_owned(),
            subdomain: "akermark".to_owned(),
            ..NewCustomer::default()
        };
        let customer = Customer::made(new, "akermark-juristbyra".to_owned(), Timestamp::UNIX_EPOCH);
        for typed in [
            "akermark",
            " akermark\n",
            "Åkermark Juristbyrå",
            " Åkermark Juristbyrå ",
        ] {
            assert!(customer.is_typed(typed), "{typed:?}");
        }
        for typed in [
            "",
            " ",
            "AKERMARK",
            "Åkermark",
            "åkermark juristbyrå",
            "akermark-juristbyra",
            "akermark Åkermark Juristbyrå",
        ] {
            assert!(!customer.is_typed(typed), "{typed:?}");
        }
    }

    const NAUGHTY: &str = include_str!("../../../../tests/naughty.json");

    #[test]
    fn what_deceives_is_in_no_field_and_what_is_only_odd_is_let_in() {
        let proof = Proof::of(
            "S6",
            "naughty strings as names, ids, addresses and links of a customer",
        );
        let naughty: Vec<String> = serde_json::from_str(NAUGHTY).unwrap();
        let ok = NewCustomer {
            name: "Åkermark".to_owned(),
            subdomain: "akermark".to_owned(),
            contact_email: "anna@akermark.se".to_owned(),
            ..NewCustomer::default()
        };
        assert_eq!(ok.check(), []);
        for text in &naughty {
            let deceives = text.chars().any(is_deceptive);
            let with = |set: &dyn Fn(&mut NewCustomer)| {
                let mut new = ok.clone();
                set(&mut new);
                new.check()
            };
            for faults in [
                with(&|new| new.name.clone_from(text)),
                with(&|new| new.external_id = Some(text.clone())),
                with(&|new| new.contact_email = format!("{text}@akermark.se")),
                with(&|new| new.production_url = Some(format!("https://akermark.se/{text}"))),
                with(&|new| new.subdomain.clone_from(text)),
            ] {
                assert!(!deceives || faults.len() == 1, "{text:?}: {faults:?}");
            }
            let patch = CustomerPatch {
                contact_name: Some(Some(text.clone())),
                external_id: Some(Some(text.clone())),
                ..CustomerPatch::default()
            };
            let long = text.chars().count() > 120;
            let expected =
                usize::from(long || super::deceives(text)) + usize::from(long || deceives);
            assert_eq!(patch.check().len(), expected, "{text:?}");
            proof.held(1);
        }
        assert!(
            check_name("Åkermark & Söner <AB>").is_ok(),
            "odd is not false"
        );
    }

    proptest! {
        #[test]
        fn any_accepted_name_gives_a_valid_slug(name in "\\PC{1,60}") {
            if check_name(&name).is_ok() {
                let slug = slug_of(&name);
                prop_assert!(!slug.is_empty() && slug.len() <= 40);
                prop_assert!(slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
                prop_assert!(!slug.starts_with('-') && !slug.ends_with('-'));
            }
        }
    }
}
