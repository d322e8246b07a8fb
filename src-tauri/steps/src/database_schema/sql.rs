//! The SQL of `database-schema`: what it keeps of itself in the database, and what it reads there.
//!
//! Texts from a blueprint get in as literals alone, apart from the files themselves.

/// Where the applied files are written down, by name and hash.
pub(super) const RECORDS: &str = "fabrik.applied_files";
/// The constraint that a second application of the same file breaks, before it has done anything.
pub(super) const APPLIED_ONCE: &str = "applied_files_pkey";

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

/// Applies a file, once and whole: its record is written first, in the same transaction, so that a repeated
/// or late call fails on it and does nothing.
pub(super) fn apply(name: &str, hash: &str, content: &str) -> String {
    format!(
        "begin;
{ALONE}
create schema if not exists fabrik;
revoke all on schema fabrik from public, anon, authenticated;
create table if not exists {RECORDS} (
  name text constraint {APPLIED_ONCE} primary key,
  sha256 text not null,
  applied_at timestamptz not null default now()
);
insert into {RECORDS} (name, sha256) values ({}, {});
{content}
;
{SECURE}
notify pgrst, 'reload schema';
commit;",
        literal(name),
        literal(hash),
    )
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
    }

    #[test]
    fn a_file_that_ends_in_a_comment_hides_nothing() {
        let sql = apply("schema.sql", "00", "create table t (); -- the end");
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
    }
}
