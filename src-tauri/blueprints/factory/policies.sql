-- Who may do what. Applied after schema.sql, once, in one transaction. Every statement may be run again.
--
--            organization  members           settings  contacts, projects  tasks   comments, files  audit_log
-- nobody     –             –                 –         –                   –       –                –
-- viewer     reads         reads, own name   reads     reads               reads   reads            –
-- member     reads         reads, own name   reads     adds, changes       all     adds, own: all   –
-- admin      changes       all but owners    all       all                 all     all              reads
-- owner      changes       all               all       all                 all     all              reads
--
-- Inside a policy a function is called as `(select f())`: once for the query instead of once a row.

-- --- What the caller is ----------------------------------------------------------------------------

-- As the owner of the database, which row-level security lets through: a policy on `members` that read
-- `members` as the caller would ask itself without end.
create or replace function private.member_role() returns text
language sql stable security definer set search_path = '' as $$
  select m.role from public.members m where m.user_id = (select auth.uid()) and m.active
$$;
comment on function private.member_role() is 'The caller''s role; null for who is no active member.';

create or replace function private.is_member() returns boolean
language sql stable set search_path = '' as $$
  select private.member_role() is not null
$$;
comment on function private.is_member() is 'Whether the caller may read.';

create or replace function private.can_write() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.member_role() in ('owner', 'admin', 'member'), false)
$$;
comment on function private.can_write() is 'Whether the caller may work.';

create or replace function private.is_admin() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.member_role() in ('owner', 'admin'), false)
$$;
comment on function private.is_admin() is 'Whether the caller may administer.';

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
  private.member_role(), private.is_member(), private.can_write(), private.is_admin()
  to authenticated, service_role;

grant select, update on public.organization to authenticated;
grant select, insert, update, delete on
  public.members, public.settings, public.contacts, public.projects, public.tasks, public.comments,
  public.files
  to authenticated;
grant select on public.audit_log to authenticated;
-- The project's own server is past the policies, and not past these.
grant select, insert, update, delete on
  public.organization, public.members, public.settings, public.contacts, public.projects, public.tasks,
  public.comments, public.files
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
    where p.schemaname = 'public' and p.tablename in ('organization', 'members', 'settings', 'contacts',
      'projects', 'tasks', 'comments', 'files', 'audit_log')
  loop
    execute format('drop policy %I on public.%I', policy.policyname, policy.tablename);
  end loop;
end
$$;

create policy "members read" on public.organization for select to authenticated
  using ((select private.is_member()));
create policy "admins change" on public.organization for update to authenticated
  using ((select private.is_admin())) with check ((select private.is_admin()));

-- One's own row can be read by who is not active too: an application can then say so.
create policy "members and oneself read" on public.members for select to authenticated
  using (user_id = (select auth.uid()) or (select private.is_member()));
create policy "admins add" on public.members for insert to authenticated
  with check ((select private.is_admin()));
-- Which columns, and whose role, is in private.guard_members.
create policy "admins and oneself change" on public.members for update to authenticated
  using ((select private.is_admin()) or (user_id = (select auth.uid()) and (select private.is_member())))
  with check ((select private.is_admin()) or (user_id = (select auth.uid()) and (select private.is_member())));
create policy "admins remove" on public.members for delete to authenticated
  using ((select private.is_admin()));

create policy "members read" on public.settings for select to authenticated
  using ((select private.is_member()));
create policy "admins add" on public.settings for insert to authenticated
  with check ((select private.is_admin()));
create policy "admins change" on public.settings for update to authenticated
  using ((select private.is_admin())) with check ((select private.is_admin()));
create policy "admins remove" on public.settings for delete to authenticated
  using ((select private.is_admin()));

create policy "members read" on public.contacts for select to authenticated
  using ((select private.is_member()));
create policy "workers add" on public.contacts for insert to authenticated
  with check ((select private.can_write()));
create policy "workers change" on public.contacts for update to authenticated
  using ((select private.can_write())) with check ((select private.can_write()));
create policy "admins remove" on public.contacts for delete to authenticated
  using ((select private.is_admin()));

create policy "members read" on public.projects for select to authenticated
  using ((select private.is_member()));
create policy "workers add" on public.projects for insert to authenticated
  with check ((select private.can_write()));
create policy "workers change" on public.projects for update to authenticated
  using ((select private.can_write())) with check ((select private.can_write()));
create policy "admins remove" on public.projects for delete to authenticated
  using ((select private.is_admin()));

create policy "members read" on public.tasks for select to authenticated
  using ((select private.is_member()));
create policy "workers add" on public.tasks for insert to authenticated
  with check ((select private.can_write()));
create policy "workers change" on public.tasks for update to authenticated
  using ((select private.can_write())) with check ((select private.can_write()));
create policy "workers remove" on public.tasks for delete to authenticated
  using ((select private.can_write()));

create policy "members read" on public.comments for select to authenticated
  using ((select private.is_member()));
create policy "workers add" on public.comments for insert to authenticated
  with check ((select private.can_write()));
create policy "authors change" on public.comments for update to authenticated
  using (created_by = (select auth.uid()) and (select private.can_write()))
  with check (created_by = (select auth.uid()) and (select private.can_write()));
create policy "authors and admins remove" on public.comments for delete to authenticated
  using ((select private.is_admin()) or (created_by = (select auth.uid()) and (select private.can_write())));

create policy "members read" on public.files for select to authenticated
  using ((select private.is_member()));
create policy "workers add" on public.files for insert to authenticated
  with check ((select private.can_write()));
create policy "authors and admins change" on public.files for update to authenticated
  using ((select private.is_admin()) or (created_by = (select auth.uid()) and (select private.can_write())))
  with check ((select private.is_admin()) or (created_by = (select auth.uid()) and (select private.can_write())));
create policy "authors and admins remove" on public.files for delete to authenticated
  using ((select private.is_admin()) or (created_by = (select auth.uid()) and (select private.can_write())));

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
  with check (bucket_id = 'files' and (select private.can_write()) and exists (
    select from public.files f
    where f.bucket = bucket_id and f.path = objects.name and f.created_by = (select auth.uid())));
drop policy if exists "files: authors and admins remove" on storage.objects;
create policy "files: authors and admins remove" on storage.objects for delete to authenticated
  using (bucket_id = 'files' and exists (
    select from public.files f
    where f.bucket = bucket_id and f.path = objects.name
      and ((select private.is_admin())
        or (f.created_by = (select auth.uid()) and (select private.can_write())))));
-- An upload over what is there (`upsert`) changes it, and so does a move, to another row of one's own.
drop policy if exists "files: authors replace" on storage.objects;
create policy "files: authors replace" on storage.objects for update to authenticated
  using (bucket_id = 'files' and (select private.can_write()) and exists (
    select from public.files f
    where f.bucket = bucket_id and f.path = objects.name and f.created_by = (select auth.uid())))
  with check (bucket_id = 'files' and (select private.can_write()) and exists (
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
