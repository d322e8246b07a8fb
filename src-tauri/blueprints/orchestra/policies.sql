-- Who may do what. Applied after schema.sql, once, in one transaction. Every statement may be run again.
--
--           orchestra  members             member_details  groups, instruments,  projects, events,  requests     audit_log
--                                                          who plays what        needs
-- nobody    –          –                   –               –                     –                  –            –
-- musician  reads      reads, changes own  own             reads                 reads announced    answers own  –
-- planner   reads      all but accounts    all             all                   all                all          –
-- admin     changes    all                 all             all                   all                all          reads
--
-- Inside a policy a function is called as `(select f())`: once for the query instead of once a row.

-- --- What the caller is ----------------------------------------------------------------------------

-- As the owner of the database, which row-level security lets through: a policy on `members` that read
-- `members` as the caller would ask itself without end.
create or replace function private.member_id() returns uuid
language sql stable security definer set search_path = '' as $$
  select m.id from public.members m where m.user_id = (select auth.uid()) and m.active
$$;
comment on function private.member_id() is 'The caller among the members; null for who is no active one.';

create or replace function private.member_role() returns text
language sql stable security definer set search_path = '' as $$
  select m.role from public.members m where m.user_id = (select auth.uid()) and m.active
$$;
comment on function private.member_role() is 'The caller''s role; null for who is no active member.';

create or replace function private.is_member() returns boolean
language sql stable set search_path = '' as $$
  select private.member_role() is not null
$$;
comment on function private.is_member() is 'Whether the caller is one of the orchestra.';

create or replace function private.is_planner() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.member_role() in ('admin', 'planner'), false)
$$;
comment on function private.is_planner() is 'Whether the caller plans.';

create or replace function private.is_admin() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.member_role() = 'admin', false)
$$;
comment on function private.is_admin() is 'Whether the caller may administer.';

create or replace function private.seen_projects() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select p.id from public.projects p
  where case private.member_role()
    when 'admin' then true
    when 'planner' then true
    when 'musician' then p.status <> 'draft'
    else false
  end
$$;
comment on function private.seen_projects() is 'The projects that the caller sees.';

-- --- Rights ----------------------------------------------------------------------------------------

-- An older project gives all rights on what is made in `public` to everybody, signed in or not, and to the
-- project's own server; a newer one gives none to any of them. From here on both are alike: nobody has more
-- than is granted, now or on what is made later.
revoke all on all tables in schema public from anon, authenticated, service_role;
revoke all on all sequences in schema public from anon, authenticated, service_role;
revoke all on all functions in schema public from public, anon, authenticated, service_role;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
alter default privileges revoke execute on functions from public;
grant usage on schema public to authenticated, service_role;

revoke all on schema private from public, anon;
revoke all on all functions in schema private from public, anon, authenticated;
grant usage on schema private to authenticated, service_role;
grant execute on function
  private.member_id(), private.member_role(), private.is_member(), private.is_planner(),
  private.is_admin(), private.seen_projects()
  to authenticated, service_role;

grant select, update on public.orchestra to authenticated;
grant select, insert, update, delete on
  public.instruments, public.members, public.member_details, public.member_instruments, public.groups,
  public.group_members, public.projects, public.project_events, public.project_needs, public.requests
  to authenticated;
grant select on public.audit_log to authenticated;
-- The project's own server is past the policies, and not past these.
grant select, insert, update, delete on
  public.orchestra, public.instruments, public.members, public.member_details, public.member_instruments,
  public.groups, public.group_members, public.projects, public.project_events, public.project_needs,
  public.requests
  to service_role;
-- Triggers alone add to it.
grant select on public.audit_log to service_role;

-- --- Policies --------------------------------------------------------------------------------------

-- Rebuilt from nothing, so that none is left from an earlier version.
do $$
declare
  policy record;
begin
  for policy in
    select p.policyname, p.tablename from pg_policies p
    where p.schemaname = 'public' and p.tablename in ('orchestra', 'instruments', 'members',
      'member_details', 'member_instruments', 'groups', 'group_members', 'projects', 'project_events',
      'project_needs', 'requests', 'audit_log')
  loop
    execute format('drop policy %I on public.%I', policy.policyname, policy.tablename);
  end loop;
end
$$;

create policy "members read" on public.orchestra for select to authenticated
  using ((select private.is_member()));
create policy "admins change" on public.orchestra for update to authenticated
  using ((select private.is_admin())) with check ((select private.is_admin()));

-- One's own row can be read by who is not active too: an application can then say so.
create policy "members and oneself read" on public.members for select to authenticated
  using (user_id = (select auth.uid()) or (select private.is_member()));
create policy "planners add" on public.members for insert to authenticated
  with check ((select private.is_planner()));
-- Which columns is in private.guard_members.
create policy "planners and oneself change" on public.members for update to authenticated
  using ((select private.is_planner()) or id = (select private.member_id()))
  with check ((select private.is_planner()) or id = (select private.member_id()));
create policy "planners remove" on public.members for delete to authenticated
  using ((select private.is_planner()));

create policy "planners and oneself read" on public.member_details for select to authenticated
  using ((select private.is_planner()) or member_id = (select private.member_id()));
create policy "planners and oneself add" on public.member_details for insert to authenticated
  with check ((select private.is_planner()) or member_id = (select private.member_id()));
create policy "planners and oneself change" on public.member_details for update to authenticated
  using ((select private.is_planner()) or member_id = (select private.member_id()))
  with check ((select private.is_planner()) or member_id = (select private.member_id()));
create policy "planners remove" on public.member_details for delete to authenticated
  using ((select private.is_planner()));

create policy "members read" on public.instruments for select to authenticated
  using ((select private.is_member()));
create policy "planners do the rest" on public.instruments for all to authenticated
  using ((select private.is_planner())) with check ((select private.is_planner()));

create policy "members read" on public.member_instruments for select to authenticated
  using ((select private.is_member()));
create policy "planners do the rest" on public.member_instruments for all to authenticated
  using ((select private.is_planner())) with check ((select private.is_planner()));

create policy "members read" on public.groups for select to authenticated
  using ((select private.is_member()));
create policy "planners do the rest" on public.groups for all to authenticated
  using ((select private.is_planner())) with check ((select private.is_planner()));

create policy "members read" on public.group_members for select to authenticated
  using ((select private.is_member()));
create policy "planners do the rest" on public.group_members for all to authenticated
  using ((select private.is_planner())) with check ((select private.is_planner()));

-- A row that is just being added is in no list yet: who adds it must see it all the same.
create policy "members read what is announced" on public.projects for select to authenticated
  using ((select private.is_planner()) or id in (select private.seen_projects()));
create policy "planners do the rest" on public.projects for all to authenticated
  using ((select private.is_planner())) with check ((select private.is_planner()));

create policy "members read what is announced" on public.project_events for select to authenticated
  using (project_id in (select private.seen_projects()));
create policy "planners do the rest" on public.project_events for all to authenticated
  using ((select private.is_planner())) with check ((select private.is_planner()));

create policy "members read what is announced" on public.project_needs for select to authenticated
  using (project_id in (select private.seen_projects()));
create policy "planners do the rest" on public.project_needs for all to authenticated
  using ((select private.is_planner())) with check ((select private.is_planner()));

create policy "who was asked reads" on public.requests for select to authenticated
  using (member_id = (select private.member_id()) and status <> 'draft');
-- Which columns is in private.guard_requests.
create policy "who was asked answers" on public.requests for update to authenticated
  using (member_id = (select private.member_id()) and status <> 'draft')
  with check (member_id = (select private.member_id()) and status <> 'draft');
create policy "planners do all" on public.requests for all to authenticated
  using ((select private.is_planner())) with check ((select private.is_planner()));

create policy "admins read" on public.audit_log for select to authenticated
  using ((select private.is_admin()));
