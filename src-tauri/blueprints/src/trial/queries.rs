//! What a database is asked after a schema was applied. Every name in them is qualified or the catalogue's.

/// What an older project gives from the start to who comes through the API. The database is a newer one's, which
/// gives nothing to anybody. With this and no more, what would stand open in the one shows, and what the project's
/// own server can't reach in the other.
pub(super) const OLDER_DEFAULTS: &str = "\
alter default privileges in schema public grant all on tables to anon, authenticated;
alter default privileges in schema public grant all on sequences to anon, authenticated;
alter default privileges in schema public grant all on functions to anon, authenticated";

/// Everything outside the customer's own schemas that a schema could reach: rows of `what` (for people) and
/// `facts`. Who may see which object in Storage is the blueprint's to say, and what belongs to an extension
/// came with it. The names are the catalogue's: who runs it where others have been sets the `search_path` to that.
pub const FOOTPRINT: &str = "\
with protected as (
  select n.* from pg_namespace n where n.nspname in ('auth', 'storage', 'extensions', 'vault', 'realtime',
    'graphql', 'graphql_public', 'pgbouncer', 'pgsodium', 'cron', 'net', 'supabase_functions',
    'supabase_migrations', 'fabrik')
), of_extensions as (
  select d.classid, d.objid from pg_depend d where d.deptype = 'e'
)
select format('role %s', r.rolname) as what,
  format('%s %s %s %s %s %s %s %s', r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin,
    r.rolreplication, r.rolbypassrls, r.rolconfig) as facts
  from pg_roles r
union all
select format('membership of %s in %s', m.member::regrole, m.roleid::regrole), m.admin_option::text
  from pg_auth_members m
union all
select format('database %s', d.datname), format('%s %s', d.datdba::regrole, d.datacl) from pg_database d
union all
select format('settings of the database or a role'), format('%s %s %s', s.setdatabase, s.setrole, s.setconfig)
  from pg_db_role_setting s
union all
select format('event trigger %s', e.evtname), e.evtenabled::text from pg_event_trigger e
union all
select format('server %s', s.srvname), s.srvtype from pg_foreign_server s
union all
select format('subscription %s', s.subname), '' from pg_subscription s
union all
select format('extension %s', x.extname), x.extversion from pg_extension x
  where x.extname in ('adminpack', 'dblink', 'file_fdw', 'http', 'mysql_fdw', 'oracle_fdw', 'pg_net', 'plperlu',
    'plpython3u', 'pltclu', 'postgres_fdw', 'wrappers')
union all
select format('foreign data wrapper %s', w.fdwname), format('%s %s', w.fdwowner::regrole, w.fdwacl)
  from pg_foreign_data_wrapper w
  where not exists (
    select from of_extensions e where e.classid = 'pg_foreign_data_wrapper'::regclass and e.objid = w.oid)
union all
select format('schema %s', n.nspname), format('%s %s', n.nspowner::regrole, n.nspacl) from protected n
  where not exists (
    select from of_extensions e where e.classid = 'pg_namespace'::regclass and e.objid = n.oid)
union all
select format('rights on what is made later in %s', n.nspname),
  format('%s %s %s', a.defaclrole::regrole, a.defaclobjtype, a.defaclacl)
  from pg_default_acl a join protected n on n.oid = a.defaclnamespace
  where not exists (
    select from of_extensions e where e.classid = 'pg_namespace'::regclass and e.objid = n.oid)
union all
select format('%s.%s', n.nspname, c.relname), format('%s %s %s %s %s', c.relkind, c.relowner::regrole, c.relacl,
    c.relrowsecurity, (
      select string_agg(format('%s %s %s %s', a.attname, a.atttypid, a.attnotnull, a.attacl), ',' order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped))
  from pg_class c join protected n on n.oid = c.relnamespace
  where not exists (
    select from of_extensions e where e.classid = 'pg_class'::regclass and e.objid = c.oid)
union all
select format('%s.%s(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
  format('%s %s %s', md5(p.prosrc), p.proowner::regrole, p.proacl)
  from pg_proc p join protected n on n.oid = p.pronamespace
  where not exists (
    select from of_extensions e where e.classid = 'pg_proc'::regclass and e.objid = p.oid)
union all
select format('trigger %s on %s.%s', t.tgname, n.nspname, c.relname), pg_get_triggerdef(t.oid)
  from pg_trigger t join pg_class c on c.oid = t.tgrelid join protected n on n.oid = c.relnamespace
  where not t.tgisinternal
union all
select format('policy %s on %s.%s', p.policyname, p.schemaname, p.tablename),
  format('%s %s %s %s %s', p.permissive, p.roles, p.cmd, p.qual, p.with_check)
  from pg_policies p join protected n on n.nspname = p.schemaname
  where (p.schemaname, p.tablename) not in (('storage', 'objects'), ('storage', 'buckets'))";

/// Tables outside, the rows of which are looked at beside the [`FOOTPRINT`], by [`ROWS_OUTSIDE`].
pub const COUNTED_OUTSIDE: [&str; 3] = ["auth.users", "auth.identities", "storage.objects"];

/// How many rows a table has, called `held`, and a sum that is another one where a row says something else. Times are
/// in it as the session's time zone has them.
pub const ROWS_OUTSIDE: &str =
    "count(*) || ':' || coalesce(sum(hashtextextended(to_jsonb(held)::text, 0)), 0)";

/// The [`FOOTPRINT`] of a database that has all of [`COUNTED_OUTSIDE`], with their rows.
pub(super) fn footprint() -> String {
    let counts = COUNTED_OUTSIDE.map(|table| {
        format!("\nunion all\nselect 'rows of {table}', {ROWS_OUTSIDE} from {table} held")
    });
    format!("{FOOTPRINT}{}", counts.concat())
}

/// One row with `survey`: the tables and views of `public`, their columns, and the functions that are open
/// or loose, in all schemas that are not protected.
pub(super) const SURVEY: &str = "\
with relations as (
  select c.* from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (
      select from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
), functions as (
  select p.* from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname not in ('auth', 'storage', 'extensions', 'vault', 'realtime', 'graphql', 'graphql_public',
      'pgbouncer', 'pgsodium', 'cron', 'net', 'supabase_functions', 'supabase_migrations', 'fabrik',
      'information_schema')
    and n.nspname not like 'pg\\_%'
    and not exists (
      select from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
)
select jsonb_build_object(
  'relations', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'name', c.relname,
      'is_table', c.relkind in ('r', 'p', 'f'),
      'secured', c.relrowsecurity,
      'policies', (select count(*) from pg_policy p where p.polrelid = c.oid),
      'past_policies', (c.relkind = 'm'
          or c.relkind = 'v' and not coalesce((
            select o.option_value::boolean from pg_options_to_table(c.reloptions) o
            where o.option_name = 'security_invoker'), false))
        and (has_table_privilege('anon', c.oid, 'select') or has_table_privilege('authenticated', c.oid, 'select')),
      'served', has_any_column_privilege('service_role', c.oid, 'select'),
      'columns', (
        select jsonb_agg(a.attname order by a.attnum) from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
    ) order by c.relname), '[]')
    from relations c),
  'open', (
    select coalesce(jsonb_agg(p.oid::regprocedure::text order by 1), '[]') from functions p
    where has_schema_privilege('anon', p.pronamespace, 'usage') and has_function_privilege('anon', p.oid, 'execute')),
  'loose', (
    select coalesce(jsonb_agg(p.oid::regprocedure::text order by 1), '[]') from functions p
    where p.prosecdef and not exists (
      select from unnest(p.proconfig) setting where setting like 'search_path=%'))
) as survey";

/// One row with `state`: a hash for each part of the customer's own schemas. Who may do what goes as a
/// sorted list: a right that is given again moves to the end of `PostgreSQL`'s own.
pub(super) const STATE: &str = "\
with own as (
  select n.oid, n.nspname, n.nspacl from pg_namespace n
  where n.nspname not in ('auth', 'storage', 'extensions', 'vault', 'realtime', 'graphql', 'graphql_public',
      'pgbouncer', 'pgsodium', 'cron', 'net', 'supabase_functions', 'supabase_migrations', 'fabrik',
      'information_schema')
    and n.nspname not like 'pg\\_%'
), relations as (
  select c.* from pg_class c join own n on n.oid = c.relnamespace
), functions as (
  select p.* from pg_proc p join own n on n.oid = p.pronamespace
), rights as (
  select format('schema %s', n.nspname) as thing, n.nspacl as acl from own n
  union all select format('%s', c.oid::regclass), c.relacl from relations c
  union all select format('%s.%s', a.attrelid::regclass, a.attname), a.attacl
    from pg_attribute a join relations c on c.oid = a.attrelid
  union all select format('%s', p.oid::regprocedure), p.proacl from functions p
  union all select format('later %s %s', a.defaclnamespace::regnamespace, a.defaclobjtype), a.defaclacl
    from pg_default_acl a
)
select jsonb_build_object(
  'tables', (
    select md5(string_agg(format('%s %s %s %s %s %s %s', c.oid::regclass, c.relkind, c.relrowsecurity, a.attname,
      format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)),
      ',' order by c.oid::regclass::text, a.attnum))
    from relations c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relkind in ('r', 'p', 'v', 'm', 'f')),
  'constraints', (
    select md5(string_agg(format('%s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid)),
      ',' order by k.conrelid::regclass::text, k.conname))
    from pg_constraint k join own n on n.oid = k.connamespace),
  'indexes', (
    select md5(string_agg(pg_get_indexdef(c.oid), ',' order by c.oid::regclass::text))
    from relations c where c.relkind in ('i', 'I')),
  'triggers', (
    select md5(string_agg(pg_get_triggerdef(t.oid), ',' order by t.tgrelid::regclass::text, t.tgname))
    from pg_trigger t join relations c on c.oid = t.tgrelid where not t.tgisinternal),
  'functions', (
    select md5(string_agg(format('%s %s %s %s', p.oid::regprocedure, md5(p.prosrc), p.prosecdef, p.proconfig),
      ',' order by p.oid::regprocedure::text))
    from functions p),
  'policies', (
    select md5(string_agg(to_jsonb(p)::text, ',' order by p.schemaname, p.tablename, p.policyname))
    from pg_policies p),
  'rights', (
    select md5(string_agg(format('%s %s %s %s', r.thing, a.grantee, a.privilege_type, a.is_grantable),
      ',' order by r.thing, a.grantee, a.privilege_type, a.is_grantable))
    from rights r, aclexplode(r.acl) a)
) as state";

/// How many rows there are: rows of `relation` and `rows`.
pub(super) fn counts(relations: &[String]) -> String {
    let counts: Vec<_> = relations
        .iter()
        .map(|name| {
            format!(
                "select {} as relation, (select count(*) from public.{}) as rows",
                literal(name),
                identifier(name)
            )
        })
        .collect();
    if counts.is_empty() {
        "select '' as relation, 0 as rows where false".to_owned()
    } else {
        counts.join("\nunion all\n")
    }
}

/// A row, where there is one to be seen.
pub(super) fn look(relation: &str) -> String {
    format!(
        "select 1 as row from public.{} limit 1",
        identifier(relation)
    )
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('\0', "").replace('"', "\"\""))
}

/// `E` before it, so that a backslash means the same whatever the server's settings are.
fn literal(text: &str) -> String {
    let text = text.replace('\0', "").replace('\\', "\\\\");
    format!("E'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_quotes() {
        assert_eq!(
            look("a\"; drop table b; --"),
            "select 1 as row from public.\"a\"\"; drop table b; --\" limit 1"
        );
        assert_eq!(literal("a'\\"), "E'a''\\\\'");
    }

    #[test]
    fn the_same_schemas_are_protected_everywhere() {
        for schema in crate::check::PROTECTED {
            let listed = |query: &str| query.contains(&format!("'{schema}'"));
            assert!(
                listed(SURVEY) || *schema == "pg_catalog",
                "{schema} in the survey"
            );
            assert!(
                listed(STATE) || *schema == "pg_catalog",
                "{schema} in the state"
            );
            let system = matches!(*schema, "pg_catalog" | "information_schema");
            assert!(listed(FOOTPRINT) || system, "{schema} in the footprint");
        }
    }

    #[test]
    fn an_extension_that_may_not_be_asked_for_is_seen_where_it_came_all_the_same() {
        for extension in crate::check::LEADING_OUT {
            let listed = FOOTPRINT.contains(&format!("'{extension}'"));
            assert!(listed, "{extension} in the footprint");
        }
    }
}
