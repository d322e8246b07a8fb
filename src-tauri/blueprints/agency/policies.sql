-- Who may do what. Applied after schema.sql, once, in one transaction. Every statement may be run again.
--
--                  company  clients  users            projects, members  tasks         comments, files
-- nobody           –        –        –                –                  –             –
-- client           reads    its own  its own and team shared             shared: reads not internal: adds, own: all
-- employee         reads    of own   reads, itself    its own: reads     its own: all  of own: adds, own: all
-- project_manager  reads    changes  reads, itself    all                all           all
-- admin            changes  all      all              all                all           all
--
--                  invoices, lines     time_entries  audit_log
-- nobody           –                   –             –
-- client           its own, when sent  –             –
-- employee         –                   its own: all  –
-- project_manager  all                 all           –
-- admin            all                 all           reads
--
-- An employee's own projects are those it leads or is a member of. Inside a policy a function is called as
-- `(select f())`: once for the query instead of once a row.

-- --- What the caller is ----------------------------------------------------------------------------

-- As the owner of the database, which row-level security lets through: a policy on `users` that read
-- `users` as the caller would ask itself without end.
create or replace function private.user_role() returns text
language sql stable security definer set search_path = '' as $$
  select u.role from public.users u where u.user_id = (select auth.uid()) and u.active
$$;
comment on function private.user_role() is 'The caller''s role; null for who is no active user.';

create or replace function private.is_user() returns boolean
language sql stable set search_path = '' as $$
  select private.user_role() is not null
$$;
comment on function private.is_user() is 'Whether the caller is anybody here.';

create or replace function private.is_staff() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.user_role() in ('admin', 'project_manager', 'employee'), false)
$$;
comment on function private.is_staff() is 'Whether the caller works here.';

create or replace function private.is_manager() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.user_role() in ('admin', 'project_manager'), false)
$$;
comment on function private.is_manager() is 'Whether the caller manages all projects.';

create or replace function private.is_admin() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.user_role() = 'admin', false)
$$;
comment on function private.is_admin() is 'Whether the caller may administer.';

create or replace function private.own_client() returns uuid
language sql stable security definer set search_path = '' as $$
  select u.client_id from public.users u where u.user_id = (select auth.uid()) and u.active
$$;
comment on function private.own_client() is 'Whose user the caller is; null for staff.';

create or replace function private.own_projects() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select p.id from public.projects p
  where case (select private.user_role())
    when 'admin' then true
    when 'project_manager' then true
    when 'employee' then p.lead_id = (select auth.uid()) or p.id in (
      select m.project_id from public.project_members m where m.user_id = (select auth.uid()))
    when 'client' then p.shared and p.client_id = (select private.own_client())
    else false
  end
$$;
comment on function private.own_projects() is 'The projects that the caller sees.';

create or replace function private.own_clients() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select k.id from public.clients k
  where case (select private.user_role())
    when 'admin' then true
    when 'project_manager' then true
    when 'employee' then k.id in (
      select p.client_id from public.projects p where p.id in (select private.own_projects()))
    when 'client' then k.id = (select private.own_client())
    else false
  end
$$;
comment on function private.own_clients() is 'The clients that the caller sees.';

create or replace function private.own_team() returns setof uuid
language sql stable security definer set search_path = '' as $$
  select u.user_id from public.users u
  where u.client_id = (select private.own_client())
    or u.user_id in (
      select m.user_id from public.project_members m
      where m.project_id in (select private.own_projects()))
    or u.user_id in (
      select p.lead_id from public.projects p where p.id in (select private.own_projects()))
$$;
comment on function private.own_team() is 'Whom a client''s user meets: its colleagues, and who works on its projects.';

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
  private.user_role(), private.is_user(), private.is_staff(), private.is_manager(), private.is_admin(),
  private.own_client(), private.own_projects(), private.own_clients(), private.own_team()
  to authenticated, service_role;

grant select, update on public.company to authenticated;
grant select, insert, update, delete on
  public.clients, public.users, public.projects, public.project_members, public.tasks, public.comments,
  public.files, public.invoice_lines, public.time_entries
  to authenticated;
-- Number, parties and sums are the triggers' to write.
grant select, delete,
  insert (id, client_id, project_id, credits_id, status, issued_on, due_on, currency, reference, note),
  update (client_id, project_id, credits_id, status, issued_on, due_on, paid_on, currency, reference, note)
  on public.invoices to authenticated;
grant select on public.audit_log to authenticated;
-- The project's own server is past the policies, and not past these.
grant select, insert, update, delete on
  public.company, public.clients, public.users, public.projects, public.project_members, public.tasks,
  public.comments, public.files, public.invoices, public.invoice_lines, public.time_entries
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
    where p.schemaname = 'public' and p.tablename in ('company', 'clients', 'users', 'projects',
      'project_members', 'tasks', 'comments', 'files', 'invoices', 'invoice_lines', 'time_entries',
      'audit_log')
  loop
    execute format('drop policy %I on public.%I', policy.policyname, policy.tablename);
  end loop;
end
$$;

create policy "users read" on public.company for select to authenticated
  using ((select private.is_user()));
create policy "admins change" on public.company for update to authenticated
  using ((select private.is_admin())) with check ((select private.is_admin()));

create policy "who works for them and they themselves read" on public.clients for select to authenticated
  using ((select private.is_manager()) or id in (select private.own_clients()));
create policy "managers add" on public.clients for insert to authenticated
  with check ((select private.is_manager()));
create policy "managers change" on public.clients for update to authenticated
  using ((select private.is_manager())) with check ((select private.is_manager()));
create policy "admins remove" on public.clients for delete to authenticated
  using ((select private.is_admin()));

-- One's own row can be read by who is not active too: an application can then say so.
create policy "staff, the team and oneself read" on public.users for select to authenticated
  using (user_id = (select auth.uid()) or (select private.is_staff())
    or user_id in (select private.own_team()));
create policy "admins add" on public.users for insert to authenticated
  with check ((select private.is_admin()));
-- Which columns is in private.guard_users.
create policy "admins and oneself change" on public.users for update to authenticated
  using ((select private.is_admin()) or (user_id = (select auth.uid()) and (select private.is_user())))
  with check ((select private.is_admin()) or (user_id = (select auth.uid()) and (select private.is_user())));
create policy "admins remove" on public.users for delete to authenticated
  using ((select private.is_admin()));

-- A row that is just being added is in no list yet: who adds it must see it all the same.
create policy "who sees the project reads" on public.projects for select to authenticated
  using ((select private.is_manager()) or id in (select private.own_projects()));
create policy "managers add" on public.projects for insert to authenticated
  with check ((select private.is_manager()));
create policy "managers change" on public.projects for update to authenticated
  using ((select private.is_manager())) with check ((select private.is_manager()));
create policy "managers remove" on public.projects for delete to authenticated
  using ((select private.is_manager()));

create policy "who sees the project reads" on public.project_members for select to authenticated
  using (project_id in (select private.own_projects()));
create policy "managers add" on public.project_members for insert to authenticated
  with check ((select private.is_manager()));
create policy "managers change" on public.project_members for update to authenticated
  using ((select private.is_manager())) with check ((select private.is_manager()));
create policy "managers remove" on public.project_members for delete to authenticated
  using ((select private.is_manager()));

create policy "who sees the project reads, clients what is shared" on public.tasks for select to authenticated
  using (project_id in (select private.own_projects()) and (shared or (select private.is_staff())));
create policy "staff adds" on public.tasks for insert to authenticated
  with check (project_id in (select private.own_projects()) and (select private.is_staff()));
create policy "staff changes" on public.tasks for update to authenticated
  using (project_id in (select private.own_projects()) and (select private.is_staff()))
  with check (project_id in (select private.own_projects()) and (select private.is_staff()));
create policy "staff removes" on public.tasks for delete to authenticated
  using (project_id in (select private.own_projects()) and (select private.is_staff()));

-- A task is looked up as the caller: the policies on tasks say whether it is seen.
create policy "who sees the subject reads, clients what is not internal" on public.comments
  for select to authenticated
  using ((project_id in (select private.own_projects()) or client_id in (select private.own_clients()))
    and ((select private.is_staff())
      or (not internal and (task_id is null or task_id in (select t.id from public.tasks t)))));
create policy "who sees the subject adds, clients what is not internal" on public.comments
  for insert to authenticated
  with check ((project_id in (select private.own_projects()) or client_id in (select private.own_clients()))
    and ((select private.is_staff())
      or (not internal and (task_id is null or task_id in (select t.id from public.tasks t)))));
create policy "authors change" on public.comments for update to authenticated
  using (created_by = (select auth.uid()) and (select private.is_user()))
  with check (created_by = (select auth.uid())
    and (project_id in (select private.own_projects()) or client_id in (select private.own_clients()))
    and ((select private.is_staff())
      or (not internal and (task_id is null or task_id in (select t.id from public.tasks t)))));
create policy "authors and managers remove" on public.comments for delete to authenticated
  using ((select private.is_manager()) or (created_by = (select auth.uid()) and (select private.is_user())));

create policy "who sees the subject reads, clients what is not internal" on public.files
  for select to authenticated
  using ((project_id in (select private.own_projects()) or client_id in (select private.own_clients()))
    and ((select private.is_staff())
      or (not internal and (task_id is null or task_id in (select t.id from public.tasks t)))));
create policy "who sees the subject adds, clients what is not internal" on public.files
  for insert to authenticated
  with check ((project_id in (select private.own_projects()) or client_id in (select private.own_clients()))
    and ((select private.is_staff())
      or (not internal and (task_id is null or task_id in (select t.id from public.tasks t)))));
create policy "authors and managers change" on public.files for update to authenticated
  using ((select private.is_manager()) or (created_by = (select auth.uid()) and (select private.is_user())))
  with check ((project_id in (select private.own_projects()) or client_id in (select private.own_clients()))
    and ((select private.is_manager()) or created_by = (select auth.uid()))
    and ((select private.is_staff())
      or (not internal and (task_id is null or task_id in (select t.id from public.tasks t)))));
create policy "authors and managers remove" on public.files for delete to authenticated
  using ((select private.is_manager()) or (created_by = (select auth.uid()) and (select private.is_user())));

create policy "managers read, clients what was sent to them" on public.invoices for select to authenticated
  using ((select private.is_manager())
    or (client_id = (select private.own_client()) and status <> 'draft'));
create policy "managers add" on public.invoices for insert to authenticated
  with check ((select private.is_manager()));
-- What of one that was sent is in private.guard_invoices.
create policy "managers change" on public.invoices for update to authenticated
  using ((select private.is_manager())) with check ((select private.is_manager()));
create policy "managers remove drafts" on public.invoices for delete to authenticated
  using ((select private.is_manager()) and status = 'draft');

-- The invoice is looked up as the caller.
create policy "who sees the invoice reads" on public.invoice_lines for select to authenticated
  using ((select private.is_manager()) or invoice_id in (select i.id from public.invoices i));
create policy "managers add" on public.invoice_lines for insert to authenticated
  with check ((select private.is_manager()));
create policy "managers change" on public.invoice_lines for update to authenticated
  using ((select private.is_manager())) with check ((select private.is_manager()));
create policy "managers remove" on public.invoice_lines for delete to authenticated
  using ((select private.is_manager()));

create policy "managers and oneself read" on public.time_entries for select to authenticated
  using ((select private.is_manager()) or (user_id = (select auth.uid()) and (select private.is_staff())));
create policy "managers and oneself add" on public.time_entries for insert to authenticated
  with check ((select private.is_manager())
    or (user_id = (select auth.uid()) and (select private.is_staff())
      and project_id in (select private.own_projects())));
create policy "managers and oneself change" on public.time_entries for update to authenticated
  using ((select private.is_manager()) or (user_id = (select auth.uid()) and (select private.is_staff())))
  with check ((select private.is_manager())
    or (user_id = (select auth.uid()) and (select private.is_staff())
      and project_id in (select private.own_projects())));
create policy "managers and oneself remove" on public.time_entries for delete to authenticated
  using ((select private.is_manager()) or (user_id = (select auth.uid()) and (select private.is_staff())));

create policy "admins read" on public.audit_log for select to authenticated
  using ((select private.is_admin()));

-- --- The content of files --------------------------------------------------------------------------

-- Storage is not ours: of its policies, those of our bucket alone. The row is looked up as the caller, so
-- who sees it sees the content. That it stays for as long as its content does is in private.guard_files.
drop policy if exists "files: who sees the row reads" on storage.objects;
create policy "files: who sees the row reads" on storage.objects for select to authenticated
  using (bucket_id = 'files' and exists (
    select from public.files f where f.bucket = bucket_id and f.path = objects.name));
drop policy if exists "files: authors add" on storage.objects;
create policy "files: authors add" on storage.objects for insert to authenticated
  with check (bucket_id = 'files' and exists (
    select from public.files f
    where f.bucket = bucket_id and f.path = objects.name and f.created_by = (select auth.uid())));
drop policy if exists "files: authors and managers remove" on storage.objects;
create policy "files: authors and managers remove" on storage.objects for delete to authenticated
  using (bucket_id = 'files' and exists (
    select from public.files f
    where f.bucket = bucket_id and f.path = objects.name
      and ((select private.is_manager()) or f.created_by = (select auth.uid()))));
-- An upload over what is there (`upsert`) changes it, and so does a move, to another row of one's own.
drop policy if exists "files: authors replace" on storage.objects;
create policy "files: authors replace" on storage.objects for update to authenticated
  using (bucket_id = 'files' and exists (
    select from public.files f
    where f.bucket = bucket_id and f.path = objects.name and f.created_by = (select auth.uid())))
  with check (bucket_id = 'files' and exists (
    select from public.files f
    where f.bucket = bucket_id and f.path = objects.name and f.created_by = (select auth.uid())));
-- What the project's own server left without a row is removed by those who see every row.
drop policy if exists "files: admins see what has no row" on storage.objects;
create policy "files: admins see what has no row" on storage.objects for select to authenticated
  using (bucket_id = 'files' and (select private.is_admin()) and not exists (
    select from public.files f where f.bucket = bucket_id and f.path = objects.name));
drop policy if exists "files: admins remove what has no row" on storage.objects;
create policy "files: admins remove what has no row" on storage.objects for delete to authenticated
  using (bucket_id = 'files' and (select private.is_admin()) and not exists (
    select from public.files f where f.bucket = bucket_id and f.path = objects.name));
