//! The SQL of `isolation-check`. Each script is for the owner of the database, in a transaction that is rolled
//! back, and begins with the canary, so that no table is empty.
//!
//! No error is caught in here: the embedded `PostgreSQL` of the sandbox can't do that. What may be refused is
//! therefore told apart first, and then tried in scripts that may fail ([`attempts`]).

use fabrik_blueprints::DOORS;

use super::trial::Attempt;

/// Tables, views and the rest that REST serves from `public`. What extensions bring is theirs.
const RELATIONS: &str = "\
select c.oid, c.relname::text as name, c.relkind in ('r', 'p') as is_table, c.relrowsecurity as secured,
    pg_catalog.format('public.%I', c.relname) as place
  from pg_catalog.pg_class c
  where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (
      select 1 from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objid = c.oid and d.deptype = 'e')";

/// One row: what stands open by itself (`breaches`: a table that the canary left empty, one that may be emptied,
/// a function that may be called, what a policy or a view opens), what `anon` has a right to try (`attempts`), and what REST serves (`served`).
///
/// Nobody need try what `PostgreSQL` refuses for sure: what there is no right to, and a write that no policy
/// speaks of.
pub(super) fn survey(canary: &str) -> String {
    format!(
        "{canary}
;
do $fabrik$
declare
  relation record;
  filled boolean;
  breaches pg_catalog.jsonb := '[]';
begin
  for relation in {RELATIONS} order by name
  loop
    continue when not relation.is_table;
    execute pg_catalog.format('select exists (select 1 from %s)', relation.place) into filled;
    if not filled then
      breaches := breaches || pg_catalog.jsonb_build_object('breach', 'no_canary', 'subject', relation.name);
    end if;
  end loop;
  perform pg_catalog.set_config('fabrik.breaches', breaches::text, true);
end
$fabrik$;
with relations as ({RELATIONS}), functions as (
  select p.oid::pg_catalog.regprocedure::text as name
  from pg_catalog.pg_proc p
  where p.pronamespace = 'public'::pg_catalog.regnamespace
    and p.prorettype not in ('trigger'::pg_catalog.regtype, 'event_trigger'::pg_catalog.regtype)
    and pg_catalog.has_function_privilege('anon', p.oid, 'execute')
    and not exists (
      select 1 from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        and d.objid = p.oid and d.deptype = 'e')
), open as (
  select name as subject, 'writable' as breach from relations
    where is_table and pg_catalog.has_table_privilege('anon', oid, 'truncate')
  union all
  select name, 'callable' from functions
  union all
  select subject, breach from ({DOORS}) doors
), spoken_of as (
  select p.polrelid as oid, p.polcmd as verb from pg_catalog.pg_policy p, unnest(p.polroles) as role
    where p.polpermissive
      and case role when 0 then true else pg_catalog.pg_has_role('anon', role, 'usage') end
), writable as (
  select r.*, verb from relations r, unnest(array['a', 'w', 'd']) as verb
    where pg_catalog.pg_relation_is_updatable(r.oid, true)
          & case verb when 'w' then 4 when 'a' then 8 else 16 end <> 0
      and (not r.secured or exists (
        select 1 from spoken_of s where s.oid = r.oid and s.verb::text in ('*', verb)))
), columns as (
  select a.attrelid as oid, a.attname as name, a.attnum as number from pg_catalog.pg_attribute a
    where a.attnum > 0 and not a.attisdropped
), attempts as (
  select 1 as turn, name as subject, pg_catalog.format('perform 1 from %s limit 1', place) as sql
    from relations where pg_catalog.has_any_column_privilege('anon', oid, 'select')
  union all
  select 2, w.name, (
      select pg_catalog.format('update %s set %I = %I', w.place, c.name, c.name)
      from columns c
      where c.oid = w.oid and pg_catalog.has_column_privilege('anon', w.oid, c.number, 'update')
        and pg_catalog.has_column_privilege('anon', w.oid, c.number, 'select')
      order by c.number limit 1)
    from writable w where w.verb = 'w'
  union all
  -- Without a look at the row: what can't be read may be open to that.
  select 3, w.name, (
      select pg_catalog.format('update %s set %I = default', w.place, c.name)
      from columns c
      where c.oid = w.oid and pg_catalog.has_column_privilege('anon', w.oid, c.number, 'update')
      order by c.number limit 1)
    from writable w where w.verb = 'w'
  union all
  select 4, name, pg_catalog.format('delete from %s', place)
    from writable where verb = 'd' and pg_catalog.has_table_privilege('anon', oid, 'delete')
  union all
  select 5, name, pg_catalog.format('insert into %s default values', place)
    from writable where verb = 'a' and pg_catalog.has_any_column_privilege('anon', oid, 'insert')
)
select
  pg_catalog.current_setting('fabrik.breaches')::pg_catalog.jsonb || coalesce((
    select pg_catalog.jsonb_agg(pg_catalog.to_jsonb(open) order by breach, subject) from open), '[]') as breaches,
  coalesce((
    select pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
      'subject', subject, 'writes', turn > 1, 'sql', sql) order by turn, subject)
    from attempts where sql is not null), '[]') as attempts,
  {}",
        served_names()
    )
}

/// Does these as `anon`, the canary's rows in their tables, and gives the numbers (from 0) of those that came to
/// a row (`came`). Fails as a whole where one is refused.
pub(super) fn attempts(canary: &str, attempts: &[Attempt]) -> String {
    let tried: Vec<_> = attempts
        .iter()
        .enumerate()
        .map(|(number, Attempt { sql, .. })| {
            format!(
                "  {sql};\n  get diagnostics seen = row_count;\n  \
                 if seen > 0 then came := came || '{number}'; end if;\n"
            )
        })
        .collect();
    let tried = tried.concat();
    let tag = free_tag(&tried);
    format!(
        "{canary}
;
do {tag}
declare
  seen bigint;
  came pg_catalog.jsonb := '[]';
begin
  perform pg_catalog.set_config('request.jwt.claims', '{{\"role\": \"anon\"}}', true);
  set local role anon;
{tried}  perform pg_catalog.set_config('fabrik.came', came::text, true);
end
{tag};
select pg_catalog.current_setting('fabrik.came')::pg_catalog.jsonb as came"
    )
}

/// What is served, without a trial.
pub(super) fn served() -> String {
    format!("select {}", served_names())
}

fn served_names() -> String {
    format!(
        "coalesce((select pg_catalog.json_agg(name order by name) from ({RELATIONS}) served), '[]') as served"
    )
}

/// A dollar quote that does not end in the text: a table may be called anything.
fn free_tag(text: &str) -> String {
    let tags = (0_u32..).map(|number| format!("$fabrik{number}$"));
    let mut free = tags.skip_while(|tag| text.contains(tag));
    free.next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tables_name_does_not_end_the_code_around_it() {
        let odd = Attempt {
            subject: "$fabrik0$".to_owned(),
            writes: true,
            sql: "delete from public.\"$fabrik0$\"".to_owned(),
        };
        let script = attempts("select 1", &[odd]);
        assert_eq!(script.matches("$fabrik1$").count(), 2, "{script}");
    }
}
