//! What stands open to who has not signed in by what the policies and views say, whether or not a row is there that
//! meets their conditions.

/// Rows of `subject` and `breach` (`readable`, `writable`): the tables and views of `public` that `anon` comes to.
///
/// `anon` comes to a table by a right (on the table or a column) and a permissive policy that applies to it, unless the
/// policy's expression depends on who signed in: it calls a function that reads the token's claims (`auth.uid()`, or one
/// of the blueprint's that does, however deep), or asks for what `anon` may not see. A restrictive policy that does shuts
/// the table too. To the rows behind a view `anon` comes by a right on the view alone, unless it is the caller's view or
/// depends on who signed in itself.
///
/// What is run on the canary's one row can't tell this: a condition that it does not meet looks like a shut door.
/// Every name is qualified: what ran before may have left any `search_path`.
pub const DOORS: &str = r#"
with recursive functions as (
  -- `mention` is a pattern of a call; comments are taken off, since they may speak of anything.
  select p.oid,
    case n.nspname when 'auth' then '(^|\W)"?auth"?\s*\.\s*"?' else '(^|\W)' end
      || pg_catalog.regexp_replace(p.proname::text, '(\W)', '\\\1', 'g') || '"?\s*\(' as mention,
    pg_catalog.regexp_replace(
      pg_catalog.regexp_replace(p.prosrc, '/\*.*?\*/', '', 'g'), '--[^\n]*', '', 'g')
      || coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), '') as body
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where n.nspname not in ('pg_catalog', 'information_schema')
    and not exists (
      select 1 from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid and d.deptype = 'e')
), personal as (
  -- What the answer of which depends on who signed in.
  select f.oid, f.mention from functions f where f.body ~ 'request\.jwt'
  union
  select f.oid, f.mention from personal p join functions f on f.body ~* p.mention
), policies as (
  select p.oid, p.polrelid, p.polpermissive as permissive, verb,
    pg_catalog.pg_get_expr(p.polqual, p.polrelid) as sees,
    pg_catalog.pg_get_expr(coalesce(p.polwithcheck, p.polqual), p.polrelid) as takes
  from pg_catalog.pg_policy p, pg_catalog.unnest(array['r', 'a', 'w', 'd']) as verb
  where p.polcmd::text in ('*', verb)
    and exists (
      select 1 from pg_catalog.unnest(p.polroles) as role
      where case role when 0 then true else pg_catalog.pg_has_role('anon', role, 'usage') end)
), expressions as (
  -- One that is not there lets nothing through. `asks`: who signed in, as far as its functions tell.
  select p.*, text,
    coalesce(text = 'false', p.permissive)
      or text ~ '(request\.jwt|\mCURRENT_USER\M|\mCURRENT_ROLE\M)'
      or exists (
        select 1 from pg_catalog.pg_depend d join personal f on f.oid = d.refobjid
        where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = p.oid
          and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass and text ~* f.mention) as asks
  from policies p, pg_catalog.unnest(
    case p.verb when 'a' then array[p.takes] when 'w' then array[p.sees, p.takes] else array[p.sees] end) as text
), hidden as (
  -- What `anon` may not see.
  select c.oid, '(^|\W)' || pg_catalog.regexp_replace(c.relname::text, '(\W)', '\\\1', 'g') || '($|\W)' as mention
  from pg_catalog.pg_class c
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and (not pg_catalog.has_any_column_privilege('anon', c.oid, 'select')
      or c.relrowsecurity and not exists (
        select 1 from expressions e
        where e.polrelid = c.oid and e.verb = 'r' and e.permissive and e.asks is not true))
), asking as (
  -- Whether a policy, for a verb, depends on who signed in.
  select e.oid, e.polrelid, e.permissive, e.verb,
    pg_catalog.bool_or(coalesce(e.asks, false) or exists (
      select 1 from pg_catalog.pg_depend d join hidden h on h.oid = d.refobjid
      where d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass and d.objid = e.oid
        and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid <> e.polrelid
        and e.text ~ h.mention)) as asks
  from expressions e
  group by e.oid, e.polrelid, e.permissive, e.verb
), reached as (
  select c.oid, c.relname::text as name, c.relkind::text as kind, c.relrowsecurity as secured, verb,
    coalesce((
      select o.option_value::boolean from pg_catalog.pg_options_to_table(c.reloptions) o
      where o.option_name = 'security_invoker'), false) as is_callers,
    exists (
      select 1 from pg_catalog.pg_options_to_table(c.reloptions) o where o.option_name = 'check_option') as checked
  from pg_catalog.pg_class c, pg_catalog.unnest(array['r', 'a', 'w', 'd']) as verb
  where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and not exists (
      select 1 from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.objid = c.oid and d.deptype = 'e')
    and case verb
      when 'r' then pg_catalog.has_any_column_privilege('anon', c.oid, 'select')
      when 'a' then pg_catalog.has_any_column_privilege('anon', c.oid, 'insert')
      when 'w' then pg_catalog.has_any_column_privilege('anon', c.oid, 'update')
      else pg_catalog.has_table_privilege('anon', c.oid, 'delete') end
    -- What a trigger makes of a view's rows is the trigger's matter, and tried.
    and (verb = 'r' or pg_catalog.pg_relation_is_updatable(c.oid, false)
      & case verb when 'w' then 4 when 'a' then 8 else 16 end <> 0)
)
select distinct r.name as subject, case r.verb when 'r' then 'readable' else 'writable' end as breach
from reached r
where case
  when r.kind in ('r', 'p') and r.secured then
    exists (
      select 1 from asking a
      where a.polrelid = r.oid and a.verb = r.verb and a.permissive and not a.asks)
    and not exists (
      select 1 from asking a
      where a.polrelid = r.oid and a.verb = r.verb and not a.permissive and a.asks)
  when r.kind = 'v' then
    not r.is_callers
    -- Whoever adds to a view need not see what he adds, unless it says so.
    and (r.verb = 'a' and not r.checked
      or pg_catalog.pg_get_viewdef(r.oid) !~ '(request\.jwt|\mCURRENT_USER\M|\mCURRENT_ROLE\M)'
      and not exists (
        select 1 from pg_catalog.pg_rewrite w
        join pg_catalog.pg_depend d on d.objid = w.oid
          and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
          and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
        join personal f on f.oid = d.refobjid
        where w.ev_class = r.oid))
  else true end"#;
