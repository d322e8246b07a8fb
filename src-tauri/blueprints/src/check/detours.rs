//! Statements that reach out of the customer's own schemas without naming what they touch at their head (S11): inside
//! another statement, by the search path, by moving a thing elsewhere, or by an extension that leads to other databases.

use super::statements::{PROTECTED, Purpose, touches_protected};
use crate::sql::{Lexeme, Token};

/// Extensions that lead to other databases or servers, or to the server's files and programs.
pub(crate) const LEADING_OUT: &[&str] = &[
    "adminpack",
    "dblink",
    "file_fdw",
    "http",
    "mysql_fdw",
    "oracle_fdw",
    "pg_net",
    "plperlu",
    "plpython3u",
    "pltclu",
    "postgres_fdw",
    "wrappers",
];

/// What a call may not set, whoever makes it: whose rights hold, and where names without a schema lead.
const KEPT: &[&str] = &["role", "session_authorization", "search_path"];

/// Whether a statement does so.
pub(super) fn takes_a_detour(tokens: &[Lexeme<'_>], purpose: Purpose) -> bool {
    let word = |at: usize| tokens.get(at).and_then(Lexeme::word).unwrap_or_default();
    let within = || (1..tokens.len()).any(|at| is_written_at(tokens, at, purpose));
    let detour = match word(0) {
        // What was prepared is seen here, where it was.
        "with" | "explain" | "prepare" => within() || makes_a_table(tokens),
        "select" => makes_a_table(tokens),
        "set" => names_protected(after(tokens, &["search_path", "schema"])),
        "alter" if names_protected(after_set_schema(tokens)) => true,
        "create" | "alter" if word(1) == "extension" => tokens
            .iter()
            .filter_map(Lexeme::name)
            .any(|name| LEADING_OUT.contains(&name)),
        "create" => makes_a_language(tokens) || (!makes_a_routine(tokens) && within()),
        "copy" | "insert" => within(),
        "import" | "load" | "security" => true,
        _ => false,
    };
    detour || sets_what_is_kept(tokens) || hides_a_name(tokens)
}

/// `select … into auth.mine from …`.
fn makes_a_table(tokens: &[Lexeme<'_>]) -> bool {
    const NOISE: &[&str] = &["table", "temp", "temporary", "unlogged"];
    let into = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| tokens[before].word());
        tokens[at].word() == Some("into") && !matches!(before, Some("insert" | "merge"))
    };
    (0..tokens.len()).filter(|at| into(*at)).any(|at| {
        let mut target = tokens[at + 1..]
            .iter()
            .skip_while(|token| token.word().is_some_and(|word| NOISE.contains(&word)));
        let schema = target.next().and_then(Lexeme::name);
        let is_path = target.next().is_some_and(|token| token.is('.'));
        is_path && schema.is_some_and(|schema| PROTECTED.contains(&schema))
    })
}

fn makes_a_language(tokens: &[Lexeme<'_>]) -> bool {
    const NOISE: &[&str] = &["or", "replace", "trusted", "procedural"];
    let mut words = tokens[1..].iter().map(Lexeme::word);
    let what = words.find(|word| word.is_none_or(|word| !NOISE.contains(&word)));
    what == Some(Some("language"))
}

/// What a routine does is seen when it is called.
fn makes_a_routine(tokens: &[Lexeme<'_>]) -> bool {
    let words = tokens[1..].iter().map(Lexeme::word);
    let mut words = words.skip_while(|word| matches!(*word, Some("or" | "replace")));
    matches!(words.next(), Some(Some("function" | "procedure")))
}

/// A writing that begins in the middle of another statement.
fn is_written_at(tokens: &[Lexeme<'_>], at: usize, purpose: Purpose) -> bool {
    let begins = matches!(
        tokens[at].word(),
        Some("insert" | "update" | "delete" | "merge" | "truncate")
    );
    begins && touches_protected(&tokens[at..], purpose)
}

/// What follows one of these words at the head of a statement.
fn after<'s, 't>(tokens: &'s [Lexeme<'t>], words: &[&str]) -> &'s [Lexeme<'t>] {
    let head = tokens.iter().take(3);
    let found = head
        .into_iter()
        .position(|token| token.word().is_some_and(|word| words.contains(&word)));
    found.map_or(&[], |at| &tokens[at + 1..])
}

/// What follows `set schema` in it.
fn after_set_schema<'s, 't>(tokens: &'s [Lexeme<'t>]) -> &'s [Lexeme<'t>] {
    let found = tokens
        .windows(2)
        .position(|pair| pair[0].word() == Some("set") && pair[1].word() == Some("schema"));
    found.map_or(&[], |at| &tokens[at + 2..])
}

/// Whether a protected schema is among names, in quotes of either kind or in none.
fn names_protected(tokens: &[Lexeme<'_>]) -> bool {
    tokens.iter().any(|token| match &token.token {
        Token::Text(text) => {
            let names = text.split(['\'', '"', ',', ' ']);
            names.into_iter().any(|name| PROTECTED.contains(&name))
        }
        _ => token.name().is_some_and(|name| PROTECTED.contains(&name)),
    })
}

/// `set_config('role', …)`, `set_config('search_path', 'auth', …)`.
fn sets_what_is_kept(tokens: &[Lexeme<'_>]) -> bool {
    tokens.windows(3).enumerate().any(|(at, three)| {
        let called = three[0].word() == Some("set_config") && three[1].is('(');
        let Token::Text(setting) = &three[2].token else {
            // What is set is put together at run time.
            return called;
        };
        let setting = setting.trim_matches('\'').to_lowercase();
        match setting.as_str() {
            "search_path" => called && names_protected(&tokens[at + 3..]),
            other => called && KEPT.contains(&other),
        }
    })
}

/// `U&"\0061uth"` is a name that only PostgreSQL can read.
fn hides_a_name(tokens: &[Lexeme<'_>]) -> bool {
    tokens.windows(3).any(|three| {
        three[0].word() == Some("u")
            && three[1].is('&')
            && matches!(three[2].token, Token::Quoted(_) | Token::Text(_))
    })
}
