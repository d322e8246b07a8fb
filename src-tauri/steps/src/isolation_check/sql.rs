//! The SQL of `isolation-check`: what `anon` comes to in a database with a row in every table.
//!
//! Every attempt is made in a block that ends in an error, its own or one that brings its count, so that
//! nothing of it stays and the role is the owner's again. An attempt that fails on a constraint was let in:
//! PostgreSQL asks its policies first.

/// Tables, views and the rest that REST serves from `public`. What extensions bring is theirs.
const RELATIONS: &str = "\
select c.oid, c.relname::text as name, c.relkind in ('r', 'p') as is_table,
    pg_catalog.format('public.%I', c.relname) as place
  from pg_catalog.pg_class c
  where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (
      select 1 from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
        and d.objid = c.oid and d.deptype = 'e')";

/// The canary and what follows it, for the owner of the database in a transaction that is rolled back: one row
/// with what stands open (`breaches`), and what REST serves (`served`).
pub fn trial(canary: &str) -> String {
    format!(
        "{canary}
;
do $fabrik$
declare
  owner constant name := current_user;
  relation record;
  attempt text;
  seen bigint;
  state text;
  words text;
  breaches pg_catalog.jsonb := '[]';
begin
  perform pg_catalog.set_config('request.jwt.claims', '{{\"role\": \"anon\"}}', true);
  -- If this is refused, every refusal below would say nothing: so it ends the trial.
  set local role anon;
  execute pg_catalog.format('set local role %I', owner);
  for relation in {RELATIONS} order by name
  loop
    if relation.is_table then
      execute pg_catalog.format('select pg_catalog.count(*) from (select 1 from %s limit 1) one', relation.place)
        into seen;
      if seen = 0 then
        breaches := breaches || pg_catalog.jsonb_build_object('breach', 'no_canary', 'subject', relation.name);
      end if;
    end if;
    foreach attempt in array array['read', 'insert', 'update', 'delete', 'truncate']
    loop
      continue when attempt <> 'read' and not relation.is_table;
      begin
        set local role anon;
        if attempt = 'read' then
          execute pg_catalog.format('select pg_catalog.count(*) from (select 1 from %s limit 1) one', relation.place)
            into seen;
        else
          execute case attempt
            when 'insert' then pg_catalog.format('insert into %s default values', relation.place)
            when 'update' then (
              select pg_catalog.format('update %s set %I = %I', relation.place, a.attname, a.attname)
              from pg_catalog.pg_attribute a
              where a.attrelid = relation.oid and a.attnum > 0 and not a.attisdropped
                and a.attgenerated = '' and a.attidentity <> 'a'
              order by a.attnum limit 1)
            when 'delete' then pg_catalog.format('delete from %s', relation.place)
            else pg_catalog.format('truncate %s', relation.place)
          end;
          get diagnostics seen = row_count;
        end if;
        raise exception using errcode = 'FB001',
          message = case when attempt in ('insert', 'truncate') then '1' else seen::text end;
      exception when others then
        get stacked diagnostics state = returned_sqlstate, words = message_text;
      end;
      if (state = 'FB001' and words <> '0') or (attempt <> 'read' and state like '23%') then
        breaches := breaches || pg_catalog.jsonb_build_object(
          'breach', case attempt when 'read' then 'readable' else 'writable' end, 'subject', relation.name);
        exit when attempt <> 'read';
      end if;
    end loop;
  end loop;
  for relation in
    select p.oid::pg_catalog.regprocedure::text as name
    from pg_catalog.pg_proc p
    where p.pronamespace = 'public'::pg_catalog.regnamespace
      and p.prorettype not in ('trigger'::pg_catalog.regtype, 'event_trigger'::pg_catalog.regtype)
      and pg_catalog.has_function_privilege('anon', p.oid, 'execute')
      and not exists (
        select 1 from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
          and d.objid = p.oid and d.deptype = 'e')
    order by 1
  loop
    breaches := breaches || pg_catalog.jsonb_build_object('breach', 'callable', 'subject', relation.name);
  end loop;
  perform pg_catalog.set_config('fabrik.breaches', breaches::text, true);
end
$fabrik$;
select pg_catalog.current_setting('fabrik.breaches')::pg_catalog.json as breaches, {}",
        names()
    )
}

/// What is served, without a trial.
pub(super) fn served() -> String {
    format!("select '[]'::pg_catalog.json as breaches, {}", names())
}

fn names() -> String {
    format!(
        "coalesce((select pg_catalog.json_agg(name order by name) from ({RELATIONS}) relations), '[]') as served"
    )
}
