//! The SQL of `database-schema`: what it keeps of itself in the database, and what it reads there.
//!
//! Texts from a blueprint get in as literals alone, apart from the files themselves.

use std::collections::BTreeMap;

use fabrik_blueprints::{COUNTED_OUTSIDE, FOOTPRINT, ROWS_OUTSIDE};

/// Where the applied files are written down, by name and hash.
pub(super) const RECORDS: &str = "fabrik.applied_files";
/// The constraint that a second application of the same file breaks, before it has done anything.
pub(super) const APPLIED_ONCE: &str = "applied_files_pkey";
/// The SQLSTATE of a file that touched what is not the blueprint's; the message is what, as a JSON list of texts.
pub(super) const OUTSIDE: &str = "FAB01";

/// Whether a file may have been refused for what another session did, so that nothing is applied and another try may go
/// through: rows that it writes were written since it began, each waited for the other, or what was looked at bears the
/// name of something that was renamed or dropped, which `PostgreSQL` gives as it is by then.
pub(super) fn may_be_anothers(state: &str) -> bool {
    matches!(state, "40001" | "40P01" | OUTSIDE)
}

/// Turns row-level security on for every table in `public` that lacks it. Tables of extensions are theirs.
const SECURE: &str = "\
do $fabrik$
declare
  unsecured pg_catalog.regclass;
begin
  for unsecured in
    select c.oid from pg_catalog.pg_class c
    where c.relnamespace = 'public'::pg_catalog.regnamespace
      and c.relkind in ('r', 'p') and not c.relrowsecurity
      and not exists (
        select 1 from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
          and d.objid = c.oid and d.deptype = 'e')
  loop
    execute pg_catalog.format('alter table %s enable row level security', unsecured);
  end loop;
end
$fabrik$;";

/// Lets one application in at a time: two that collide before either has written its record would fail on
/// whatever they both make. In a block, since its answer is no row of anybody's.
const ALONE: &str = "\
do $fabrik$ begin perform pg_catalog.pg_advisory_xact_lock(4702394921427289928); end $fabrik$;";

/// Looks at what is not the blueprint's (`seen`), and does something with that. The file may have left any `search_path`
/// and any temporary tables, so the catalogue is put before both; and any time zone, by which a row reads as another.
fn outside(then: &str) -> String {
    let counted = array(&COUNTED_OUTSIDE.map(str::to_owned));
    format!(
        "do $fabrik$
declare
  path text := pg_catalog.current_setting('search_path');
  zone text := pg_catalog.current_setting('TimeZone');
  seen pg_catalog.jsonb;
  place text;
  counted text;
  touched pg_catalog.jsonb;
begin
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform set_config('TimeZone', 'UTC', true);
  select coalesce(jsonb_agg(jsonb_build_array(what, facts)), '[]') into seen from ({FOOTPRINT}) outside;
  foreach place in array {counted} loop
    continue when to_regclass(place) is null;
    execute format($rows$select {ROWS_OUTSIDE} from %s held$rows$, place) into counted;
    seen := seen || jsonb_build_array(jsonb_build_array('rows of ' || place, counted));
  end loop;
{then}
  perform set_config('TimeZone', zone, true);
  perform pg_catalog.set_config('search_path', path, true);
end
$fabrik$;"
    )
}

/// Keeps it for [`unless_touched`].
fn before() -> String {
    outside("  perform set_config('fabrik.outside', seen::text, true);")
}

/// Lets nothing be applied where it is another than [`before`]; as few are named as a message has room for.
fn unless_touched() -> String {
    outside(&format!(
        "  with earlier as (
    select pair ->> 0 as what, pair ->> 1 as facts
    from jsonb_array_elements(current_setting('fabrik.outside')::jsonb) as pair
  ), later as (
    select pair ->> 0 as what, pair ->> 1 as facts from jsonb_array_elements(seen) as pair
  ), changed as (
    (select * from earlier except select * from later) union (select * from later except select * from earlier)
  )
  select jsonb_agg(what order by what) into touched
    from (select distinct left(what, 80) as what from changed order by what limit 5) few;
  if touched is not null then
    raise exception using errcode = '{OUTSIDE}', message = touched::text;
  end if;"
    ))
}

/// Applies a file, once and whole: its record is written first, in the same transaction, so that a repeated
/// or late call fails on it and does nothing. What is not the blueprint's is looked at before and after the file. Both
/// looks see the database as it was when the transaction began, and what the transaction did since: whoever signs up
/// meanwhile, and what Supabase's own services change, is in neither. See [`may_be_anothers`] for the rest. A `profile` is
/// written with the file.
pub(super) fn apply(name: &str, hash: &str, content: &str, profile: Option<&str>) -> String {
    let profile = profile.unwrap_or_default();
    format!(
        "begin isolation level repeatable read;
{ALONE}
create schema if not exists fabrik;
revoke all on schema fabrik from public, anon, authenticated;
create table if not exists {RECORDS} (
  name text constraint {APPLIED_ONCE} primary key,
  sha256 text not null,
  applied_at timestamptz not null default now()
);
insert into {RECORDS} (name, sha256) values ({}, {});
{before}
{content}
;
{profile}
{unless_touched}
{SECURE}
notify pgrst, 'reload schema';
commit;",
        literal(name),
        literal(hash),
        before = before(),
        unless_touched = unless_touched(),
    )
}

/// Has the rows of a table of `public` say this by column; an empty text says nothing.
pub(super) fn profile(table: &str, columns: &BTreeMap<String, String>) -> Option<String> {
    let said = columns.iter().filter(|(_, text)| !text.is_empty());
    let said: Vec<_> = said
        .map(|(column, text)| format!("{} = {}", identifier(column), literal(text)))
        .collect();
    let table = identifier(table);
    (!said.is_empty()).then(|| format!("update public.{table} set {};", said.join(", ")))
}

/// Turns row-level security on where it lacks, and nothing else.
pub(super) fn secure() -> String {
    format!("begin;\n{ALONE}\n{SECURE}\ncommit;")
}

/// One row: whether there are records, the tables of `public` with their security, and which of the
/// forbidden names are there.
pub(super) fn survey(forbidden_tables: &[String], forbidden_columns: &[String]) -> String {
    let (tables, columns) = (array(forbidden_tables), array(forbidden_columns));
    format!(
        "with relations as (
  select c.oid, c.relname::text as name, c.relkind in ('r', 'p') as is_table, c.relrowsecurity as secured
  from pg_catalog.pg_class c
  where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (
      select 1 from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objid = c.oid and d.deptype = 'e')
), forbidden as (
  select name from relations where name = any({tables})
  union all
  select r.name || '.' || a.attname from relations r
  join pg_catalog.pg_attribute a on a.attrelid = r.oid
  where a.attnum > 0 and not a.attisdropped and a.attname::text = any({columns})
)
select
  pg_catalog.to_regclass('{RECORDS}') is not null as has_records,
  coalesce((select pg_catalog.json_agg(name order by name)
    from relations where is_table), '[]') as tables,
  coalesce((select pg_catalog.json_agg(name order by name)
    from relations where is_table and not secured), '[]') as unsecured,
  coalesce((select pg_catalog.json_agg(name order by name) from forbidden), '[]') as forbidden"
    )
}

/// Writes one more record, once.
pub(crate) fn record(name: &str, hash: &str) -> String {
    let (name, hash) = (literal(name), literal(hash));
    format!("insert into {RECORDS} (name, sha256) values ({name}, {hash})")
}

/// The files that were applied.
pub(super) fn records() -> String {
    format!("select name, sha256 from {RECORDS}")
}

fn array(texts: &[String]) -> String {
    let items: Vec<_> = texts.iter().map(|text| literal(text)).collect();
    format!("array[{}]::text[]", items.join(", "))
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

/// A text as a literal. NUL can't be in one, and no name has it.
fn literal(text: &str) -> String {
    let text = text.replace('\0', "").replace('\'', "''");
    // What a backslash means between plain quotes is the server's setting.
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\"))
    } else {
        format!("'{text}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_inside_their_quotes() {
        assert_eq!(literal("a'); drop table x; --"), "'a''); drop table x; --'");
        assert_eq!(literal("a\\"), "E'a\\\\'");
        assert_eq!(literal("a\\' or 1=1"), "E'a\\\\'' or 1=1'");
        assert_eq!(array(&[]), "array[]::text[]");
        assert_eq!(array(&["a".into(), "b".into()]), "array['a', 'b']::text[]");
        assert_eq!(identifier("a\" = 1; --"), "\"a\"\" = 1; --\"");
        let said = [("name", "O'Hara"), ("phone", ""), ("language", "en")];
        let said = said.map(|(column, text)| (column.to_owned(), text.to_owned()));
        assert_eq!(
            profile("t", &said.into()).as_deref(),
            Some("update public.\"t\" set \"language\" = 'en', \"name\" = 'O''Hara';"),
        );
        assert_eq!(profile("t", &BTreeMap::new()), None, "nothing to say");
    }

    #[test]
    fn a_file_that_ends_in_a_comment_hides_nothing() {
        let file = "create table t (); -- the end";
        let profile = profile("t", &[("name".into(), "Å; commit;".into())].into());
        let sql = apply("schema.sql", "00", file, profile.as_deref());
        assert!(
            sql.contains("-- the end\n;\n"),
            "what follows stands on a line of its own"
        );
        let at = |words: &str| sql.find(words).unwrap();
        assert!(
            at("advisory_xact_lock") < at("create schema")
                && at("insert into") < at("create table t"),
            "alone, then the guard, then the file"
        );
        assert!(
            at("perform set_config('fabrik.outside'") < at("create table t")
                && at("-- the end") < at("raise exception"),
            "looked at before and after"
        );
        let said = at("update public.\"t\" set \"name\" = 'Å; commit;';");
        assert!(
            at("-- the end") < said && said < at("raise exception"),
            "with the file"
        );
    }
}
