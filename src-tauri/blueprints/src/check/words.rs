//! Words that give something away: names that tell tenants apart in a database that has but one, and
//! tokens that were written into a file.

use std::collections::BTreeMap;

use crate::sql::{Lexeme, Token, tokenize};

/// What a table or column is called that tells tenants apart, as a part of its name.
const TENANCY: &[&str] = &[
    "tenant",
    "tenants",
    "tenancy",
    "multitenant",
    "agency",
    "agencies",
];

/// Whether a table's or a column's name tells tenants apart.
pub(crate) fn is_of_tenancy(name: &str) -> bool {
    let lower = name.to_lowercase();
    // `tenantId` is two words; `TENANT_ID` has the stroke already.
    let mut spaced = String::new();
    let mut before = '_';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push('_');
        }
        spaced.extend(c.to_lowercase());
        before = c;
    }
    spaced
        .split(|c: char| !c.is_alphanumeric())
        .chain([lower.as_str(), lower.strip_suffix("id").unwrap_or_default()])
        .any(|word| TENANCY.contains(&word))
}

/// Such names in a file, each with the first line that it stands in. Comments and texts don't count,
/// the bodies of functions do.
pub(super) fn tenancy(sql: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    collect(&tokenize(sql, 1), &mut found);
    found
}

fn collect(tokens: &[Lexeme<'_>], found: &mut BTreeMap<String, usize>) {
    for lexeme in tokens {
        match &lexeme.token {
            Token::Body(body) => collect(&tokenize(body, lexeme.line), found),
            _ => {
                if let Some(name) = lexeme.name().filter(|name| is_of_tenancy(name)) {
                    found.entry(name.to_owned()).or_insert(lexeme.line);
                }
            }
        }
    }
}

/// How the vendors' tokens begin, and how long they are at least.
const TOKENS: &[(&str, usize)] = &[
    ("sb_secret_", 20),
    ("sbp_", 24),
    ("ghp_", 24),
    ("gho_", 24),
    ("ghs_", 24),
    ("github_pat_", 30),
    ("sk_live_", 20),
    ("rk_live_", 20),
    ("sk_test_", 20),
    ("whsec_", 20),
    ("re_", 24),
    // A JSON Web Token, such as Supabase's older keys.
    ("eyJhbGciOi", 40),
];

/// The lines of a file that hold what looks like a token.
pub(super) fn secrets(text: &str) -> Vec<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let is_token = |word: &str| {
        let looks = |begin: &str, length: usize| {
            word.starts_with(begin)
                && word.len() >= length
                && word
                    .bytes()
                    .any(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        };
        TOKENS.iter().any(|(begin, length)| looks(begin, *length))
    };
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| {
            line.contains("-----BEGIN ") || line.split(|c| !is_part(c)).any(is_token)
        })
        .map(|(index, _)| index + 1)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tenancy_are_known_by_their_parts() {
        for name in [
            "agency_id",
            "agencies",
            "user_agencies",
            "tenant",
            "tenant_id",
            "current_tenant",
            "tenantId",
            "agencyid",
            "TENANT_ID",
        ] {
            assert!(is_of_tenancy(name), "{name}");
        }
        for name in [
            "client_id",
            "organization_id",
            "urgency",
            "lieutenant",
            "agent_id",
            "users",
        ] {
            assert!(!is_of_tenancy(name), "{name}");
        }
    }

    #[test]
    fn they_are_looked_for_in_code_alone() {
        let sql = "-- agency_id\ncreate table t (a text check (a <> 'tenant'));\n\
                   create function f() returns int language sql as $$\n select tenant_id from t $$;\n\
                   create index on t (\"agencyId\", tenant_id)";
        let found: Vec<_> = tenancy(sql).into_iter().collect();
        assert_eq!(
            found,
            [("agencyId".to_owned(), 5), ("tenant_id".to_owned(), 4)]
        );
    }

    #[test]
    fn tokens_are_known_by_how_they_begin() {
        let text = "key = \"sb_secret_0a1B2c3D4e5F6g7H8i9J\"\nNEXT_PUBLIC_SB=sb_secret_key\n\
                    {{ supabase.secret_key }}\nx ghp_0123456789abcdefghijABCDEFGHIJ012345\nre_enable_the_row_level_security_of_all";
        assert_eq!(secrets(text), [1, 4]);
    }
}
