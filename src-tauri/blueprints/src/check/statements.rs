//! Statements that have no place in a blueprint's SQL: those that end the transaction it is applied in or
//! take another role, and those that reach out of the customer's own schemas (S11). What is put together
//! at run time can't be seen here; it is seen on a database.

use super::detours::takes_a_detour;
use crate::sql::{Lexeme, Statement, Token, statements};

/// Schemas that are Supabase's, PostgreSQL's or Fabrik's own.
pub(crate) const PROTECTED: &[&str] = &[
    "auth",
    "storage",
    "extensions",
    "vault",
    "realtime",
    "graphql",
    "graphql_public",
    "pgbouncer",
    "pgsodium",
    "cron",
    "net",
    "supabase_functions",
    "supabase_migrations",
    "fabrik",
    "pg_catalog",
    "information_schema",
];

/// Things that are the whole cluster's, or lead out of it.
const CLUSTER: &[&str] = &[
    "role",
    "user",
    "group",
    "database",
    "tablespace",
    "server",
    "subscription",
];

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It makes the customer's schema.
    Schema,
    /// Its rows are rolled back: it may write wherever its owner may.
    Canary,
}

/// The statements of a file that have no place there: the line, and the first words.
pub(crate) fn forbidden(sql: &str, purpose: Purpose) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for statement in statements(sql, 1) {
        let tokens = &statement.tokens;
        if leaves_transaction(tokens) || reaches_out(tokens, purpose) {
            found.push((statement.line(), beginning(tokens)));
        }
        if tokens.first().and_then(Lexeme::word) == Some("do") {
            found.extend(in_block(&statement, purpose));
        }
    }
    found
}

/// Inside a `do` block: a statement begins after `;` and after the words that open one.
fn in_block(block: &Statement<'_>, purpose: Purpose) -> Vec<(usize, String)> {
    let body = block.tokens.iter().find_map(|lexeme| match lexeme.token {
        Token::Body(body) => Some((body, lexeme.line)),
        _ => None,
    });
    let Some((body, line)) = body else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for statement in statements(body, line) {
        let openers = ["begin", "then", "else", "loop", "declare"];
        let begins = statement
            .tokens
            .iter()
            .enumerate()
            .filter(|(_, lexeme)| lexeme.word().is_some_and(|word| openers.contains(&word)))
            .map(|(index, _)| index + 1);
        for begin in std::iter::once(0).chain(begins) {
            let tokens = &statement.tokens[begin..];
            if reaches_out(tokens, purpose) {
                found.push((tokens[0].line, beginning(tokens)));
                break;
            }
        }
    }
    found
}

/// The first six words, for people; `auth.users` is one.
fn beginning(tokens: &[Lexeme<'_>]) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut joined = false;
    for lexeme in tokens {
        let text = match &lexeme.token {
            Token::Word(name) | Token::Quoted(name) => name.as_str(),
            Token::Sign('.') => ".",
            Token::Sign('\\') => "\\",
            _ => break,
        };
        let full = words.len() == 6;
        match words.last_mut() {
            Some(last) if joined || text == "." => last.push_str(text),
            _ if full => break,
            _ => words.push(text.to_owned()),
        }
        joined = matches!(lexeme.token, Token::Sign(_));
    }
    words.join(" ")
}

fn leaves_transaction(tokens: &[Lexeme<'_>]) -> bool {
    let word = |at: usize| tokens.get(at).and_then(Lexeme::word).unwrap_or_default();
    match word(0) {
        "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release"
        | "discard" => true,
        "prepare" => word(1) == "transaction",
        "set" => matches!(
            (word(1), word(2)),
            ("role" | "transaction", _)
                | (
                    "session",
                    "authorization" | "role" | "characteristics" | "session"
                )
                | ("local", "role" | "session")
        ),
        "reset" => matches!(word(1), "role" | "session" | "all"),
        // A command of psql, which nobody reads here.
        _ => tokens.first().is_some_and(|first| first.is('\\')),
    }
}

fn reaches_out(tokens: &[Lexeme<'_>], purpose: Purpose) -> bool {
    let word = |at: usize| tokens.get(at).and_then(Lexeme::word).unwrap_or_default();
    match (word(0), word(1), word(2)) {
        ("create" | "alter" | "drop", what, _) if CLUSTER.contains(&what) => return true,
        ("create" | "alter" | "drop", "event", "trigger")
        | ("create" | "alter" | "drop", "foreign", "data")
        | ("alter", "system", _)
        | ("drop" | "reassign", "owned", _) => return true,
        // Without a thing that it is a right on, it makes somebody a member of a role.
        ("grant" | "revoke", ..) if !tokens.iter().any(|t| t.word() == Some("on")) => return true,
        _ => {}
    }
    takes_a_detour(tokens, purpose) || touches_protected(tokens, purpose)
}

/// Whether what a statement is about is somebody else's.
pub(super) fn touches_protected(tokens: &[Lexeme<'_>], purpose: Purpose) -> bool {
    targets(tokens)
        .iter()
        .any(|target| target.is_protected(purpose))
}

/// What is done to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// It is made, changed or removed.
    Define,
    /// A policy is made for it.
    Policy,
    /// Its rows are written.
    Write,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    act: Act,
    schema: String,
    name: String,
}

impl Target {
    fn is_protected(&self, purpose: Purpose) -> bool {
        if !PROTECTED.contains(&self.schema.as_str()) {
            return false;
        }
        match (self.act, self.schema.as_str(), self.name.as_str()) {
            // Buckets, and who may read what is in them, are the blueprint's to say.
            (Act::Policy, "storage", "objects" | "buckets")
            | (Act::Write, "storage", "buckets") => false,
            (Act::Write, ..) => purpose == Purpose::Schema,
            _ => true,
        }
    }
}

/// What a statement is about, where it says the schema.
fn targets(tokens: &[Lexeme<'_>]) -> Vec<Target> {
    let mut cursor = Cursor { tokens, at: 0 };
    let head = cursor.take().unwrap_or_default().to_owned();
    match head.as_str() {
        "create" => {
            cursor.skip(&[
                "or",
                "replace",
                "temp",
                "temporary",
                "local",
                "global",
                "unlogged",
                "unique",
                "materialized",
                "recursive",
                "constraint",
                "foreign",
                "trusted",
                "procedural",
            ]);
            defined(&mut cursor, true)
        }
        "alter" | "drop" => {
            cursor.skip(&["materialized", "foreign", "constraint", "procedural"]);
            defined(&mut cursor, false)
        }
        "comment" => {
            cursor.skip(&["on", "materialized", "foreign", "constraint"]);
            defined(&mut cursor, false)
        }
        "insert" | "merge" => {
            cursor.skip(&["into"]);
            cursor.named(Act::Write)
        }
        "update" => {
            cursor.skip(&["only"]);
            cursor.named(Act::Write)
        }
        "delete" => {
            cursor.skip(&["from", "only"]);
            cursor.named(Act::Write)
        }
        "truncate" => {
            cursor.skip(&["table", "only"]);
            cursor.named(Act::Write)
        }
        "copy" => cursor.named(Act::Write),
        "grant" | "revoke" => {
            cursor.seek("on");
            if cursor.peek() == Some("all") {
                cursor.seek("schema");
                return cursor.schemas();
            }
            match cursor.peek() {
                Some("schema") => {
                    cursor.take();
                    cursor.schemas()
                }
                Some(
                    "table" | "sequence" | "function" | "procedure" | "routine" | "type" | "domain",
                ) => {
                    cursor.take();
                    cursor.named(Act::Define)
                }
                _ => cursor.named(Act::Define),
            }
        }
        _ => Vec::new(),
    }
}

/// After `create`, `alter`, `drop` or `comment on`: the kind of thing, then its name.
fn defined(cursor: &mut Cursor<'_, '_>, create: bool) -> Vec<Target> {
    const NOISE: &[&str] = &["if", "not", "exists", "concurrently", "only"];
    match cursor.take() {
        Some("policy") => {
            cursor.seek("on");
            cursor.named(Act::Policy)
        }
        Some("trigger" | "rule") => {
            cursor.seek("on");
            cursor.skip(NOISE);
            cursor.named(Act::Define)
        }
        Some("index") if create => {
            cursor.seek("on");
            cursor.skip(NOISE);
            cursor.named(Act::Define)
        }
        Some("schema") => {
            cursor.skip(NOISE);
            cursor.schemas()
        }
        // `alter default privileges … in schema a, b …`
        Some("default") => {
            cursor.seek("schema");
            cursor.schemas()
        }
        Some("extension" | "publication" | "language" | "cast") | None => Vec::new(),
        Some(_) => {
            cursor.skip(NOISE);
            cursor.named(Act::Define)
        }
    }
}

struct Cursor<'s, 't> {
    tokens: &'s [Lexeme<'t>],
    at: usize,
}

impl<'s> Cursor<'s, '_> {
    fn peek(&self) -> Option<&'s str> {
        self.tokens.get(self.at)?.word()
    }

    fn take(&mut self) -> Option<&'s str> {
        let word = self.peek();
        self.at += 1;
        word
    }

    fn skip(&mut self, words: &[&str]) {
        while self.peek().is_some_and(|word| words.contains(&word)) {
            self.at += 1;
        }
    }

    /// Goes past the next such word.
    fn seek(&mut self, word: &str) {
        while self.at < self.tokens.len() && self.peek() != Some(word) {
            self.at += 1;
        }
        self.at += 1;
    }

    fn name(&mut self) -> Option<&'s str> {
        let name = self.tokens.get(self.at)?.name();
        self.at += 1;
        name
    }

    fn eat(&mut self, sign: char) -> bool {
        let eaten = self.tokens.get(self.at).is_some_and(|token| token.is(sign));
        self.at += usize::from(eaten);
        eaten
    }

    /// `schema.name`, several with commas between.
    fn named(&mut self, act: Act) -> Vec<Target> {
        let mut targets = Vec::new();
        while let Some(first) = self.name() {
            if self.eat('.') {
                targets.push(Target {
                    act,
                    schema: first.to_owned(),
                    name: self.name().unwrap_or_default().to_owned(),
                });
            }
            if !self.eat(',') {
                break;
            }
        }
        targets
    }

    /// Names of schemas, with commas between.
    fn schemas(&mut self) -> Vec<Target> {
        let mut targets = Vec::new();
        while let Some(schema) = self.name() {
            targets.push(Target {
                act: Act::Define,
                schema: schema.to_owned(),
                name: String::new(),
            });
            if !self.eat(',') {
                break;
            }
        }
        targets
    }
}

#[cfg(test)]
mod tests {
    use fabrik_tests::Proof;

    use super::*;

    #[test]
    fn what_ends_the_transaction_or_reaches_out_is_found() {
        let proof = Proof::of("S11", "statements that leave the customer's own schemas");
        for (sql, said) in [
            ("commit", "commit"),
            ("begin; select 1", "begin"),
            ("END", "end"),
            ("rollback to savepoint a", "rollback to savepoint a"),
            ("set role service_role", "set role service_role"),
            (
                "set session authorization postgres",
                "set session authorization postgres",
            ),
            ("set local role anon", "set local role anon"),
            ("reset role", "reset role"),
            ("\\connect other", "\\connect other"),
            ("create role intruder", "create role intruder"),
            (
                "alter user postgres with password 'x'",
                "alter user postgres with password",
            ),
            ("create database other", "create database other"),
            (
                "create server s foreign data wrapper w",
                "create server s foreign data wrapper",
            ),
            ("create event trigger t on x", "create event trigger t on x"),
            ("alter system set a = b", "alter system set a"),
            ("grant service_role to anon", "grant service_role to anon"),
            ("create table auth.mine (a int)", "create table auth.mine"),
            (
                "create table if not exists \"auth\".mine ()",
                "create table if not exists auth.mine",
            ),
            (
                "create or replace trigger t after insert on auth.users execute function f()",
                "create or replace trigger t after",
            ),
            (
                "create index on auth.users (email)",
                "create index on auth.users",
            ),
            (
                "create unique index concurrently i on only auth.users (a)",
                "create unique index concurrently i on",
            ),
            (
                "create policy p on auth.users using (true)",
                "create policy p on auth.users using",
            ),
            (
                "create view storage.v as select 1",
                "create view storage.v as select",
            ),
            (
                "create function auth.f() returns int",
                "create function auth.f",
            ),
            (
                "alter table auth.users add a int",
                "alter table auth.users add a int",
            ),
            (
                "alter function auth.uid() owner to postgres",
                "alter function auth.uid",
            ),
            ("drop table public.a, auth.users", "drop table public.a"),
            ("drop schema auth cascade", "drop schema auth cascade"),
            (
                "comment on table auth.users is 'x'",
                "comment on table auth.users is",
            ),
            (
                "grant all on auth.users to anon",
                "grant all on auth.users to anon",
            ),
            (
                "grant all on all tables in schema public, auth to anon",
                "grant all on all tables in",
            ),
            (
                "revoke usage on schema storage from anon",
                "revoke usage on schema storage from",
            ),
            (
                "alter default privileges in schema auth grant all on tables to anon",
                "alter default privileges in schema auth",
            ),
            (
                "insert into auth.users (id) values (1)",
                "insert into auth.users",
            ),
            (
                "update auth.users set email = 'x'",
                "update auth.users set email",
            ),
            (
                "delete from only storage.objects",
                "delete from only storage.objects",
            ),
            ("truncate public.a, auth.users", "truncate public.a"),
            (
                "with x as (insert into auth.users (id) values (1) returning id) select id from x",
                "with x as",
            ),
            (
                "explain analyze delete from auth.users",
                "explain analyze delete from auth.users",
            ),
            (
                "create table public.x as with d as (delete from auth.users returning *) select * from d",
                "create table public.x as with d",
            ),
            (
                "create table function as with d as (delete from auth.users returning *) select 1",
                "create table function as with d",
            ),
            (
                "create rule r as on insert to t do instead update auth.users set email = 'x'",
                "create rule r as on insert",
            ),
            (
                "copy (with d as (delete from auth.users returning *) select * from d) to stdout",
                "copy",
            ),
            (
                "insert into t with d as (delete from auth.users returning *) select * from d",
                "insert into t with d as",
            ),
            (
                "prepare p as update auth.users set email = 'x'",
                "prepare p as update auth.users set",
            ),
            (
                "select a as b into auth.mine",
                "select a as b into auth.mine",
            ),
            (
                "with x as (select 1) select * into table \"auth\".mine from x",
                "with x as",
            ),
            (
                "create or replace trusted language pltclu",
                "create or replace trusted language pltclu",
            ),
            ("set search_path = auth, public", "set search_path"),
            (
                "set local search_path to 'auth'",
                "set local search_path to",
            ),
            ("set schema 'auth'", "set schema"),
            (
                "select set_config('role', 'service_role', true)",
                "select set_config",
            ),
            (
                "select pg_catalog.set_config('search_path', 'auth', false)",
                "select pg_catalog.set_config",
            ),
            ("select set_config(a, b, true) from t", "select set_config"),
            (
                "alter table public.t set schema auth",
                "alter table public.t set schema auth",
            ),
            ("create extension dblink", "create extension dblink"),
            ("create extension pg_net", "create extension pg_net"),
            (
                "create extension if not exists \"postgres_fdw\" with schema extensions",
                "create extension if not exists postgres_fdw",
            ),
            (
                "import foreign schema public from server s into x",
                "import foreign schema public from server",
            ),
            ("load 'x'", "load"),
            ("create language plpython3u", "create language plpython3u"),
            (
                "insert into U&\"\\0061uth\".users values (1)",
                "insert into u",
            ),
            (
                "security label on role anon is 'x'",
                "security label on role anon is",
            ),
            (
                "do $$ begin if a then create role x; end if; end $$",
                "create role x",
            ),
            (
                "do $$ declare a int; begin insert into auth.users values (1); end $$",
                "insert into auth.users values",
            ),
        ] {
            let found = forbidden(sql, Purpose::Schema);
            assert_eq!(found.len(), 1, "{sql}: {found:?}");
            assert_eq!(found[0].1, said, "{sql}");
            proof.held(1);
        }
    }

    #[test]
    fn what_a_schema_needs_is_let_through() {
        for sql in [
            "create table t (id uuid references auth.users (id) on delete cascade, role text)",
            "alter table t drop role, add user_id uuid",
            "create policy p on t using ((select auth.uid()) = id)",
            "create policy p on storage.objects for select using (bucket_id = 'a')",
            "drop policy if exists p on storage.objects",
            "insert into storage.buckets (id, name) values ('a', 'a') on conflict do nothing",
            "create function private.f() returns uuid language sql as $$ select auth.uid() $$",
            "create extension if not exists pgcrypto with schema extensions",
            "grant select on t to authenticated",
            "grant execute on function private.f() to authenticated",
            "revoke all on all functions in schema public from anon",
            "alter default privileges in schema public revoke all on tables from anon",
            "alter default privileges revoke execute on functions from public",
            "set local statement_timeout = 0",
            "do $$ begin create table t (); end $$",
            "create view v as select u.id from auth.users u",
            "update t set a = u.a from auth.users u",
            "comment on column t.role is 'auth.users'",
            "notify pgrst, 'reload schema'",
            "alter publication supabase_realtime add table t",
            "with x as (select id from auth.users) insert into t (id) select id from x",
            "set search_path = public, extensions_of_mine",
            "select pg_catalog.set_config('search_path', '', false)",
            "select pg_catalog.set_config('app.tenant', 'a', true)",
            "alter table t set schema private",
            "select id into t from auth.users",
            "create table t as with u as (select id from auth.users) select id from u",
            "create trigger t after insert or update on t for each row execute function f()",
            "create policy p on t for update using ((select auth.uid()) = id)",
            "create procedure p() begin atomic insert into t values (1); end",
            "insert into t (id) select id from auth.users on conflict do update set id = t.id",
            "create function f() returns int language sql as $$ select 1 $$",
        ] {
            assert_eq!(forbidden(sql, Purpose::Schema), [], "{sql}");
        }
    }

    #[test]
    fn a_canary_may_write_and_not_define() {
        let canary = |sql| forbidden(sql, Purpose::Canary);
        assert_eq!(canary("insert into auth.users (id) values (1)"), []);
        assert_eq!(canary("create table auth.t ()").len(), 1);
        assert_eq!(canary("a;\n\ncommit"), [(3, "commit".to_owned())]);
    }
}
