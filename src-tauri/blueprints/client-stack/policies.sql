-- Who may do what. Applied after schema.sql, once, in one transaction. Every statement may be run again.
-- Everything is of the caller's own organization: of another one nobody sees anything.
--
--          organizations, users   companies, contacts, deals,    activities, posts,   sends, usage,  notifications  subscriptions,
--                                 campaigns, sequences,          content queue        analytics                     platform, audit
--                                 templates, social accounts
-- nobody   –                      –                              –                    –              –              –
-- viewer   reads, own name        reads                          reads                reads          own            –
-- member   reads, own name        adds, changes                  all                  reads          own            –
-- admin    changes, users: all    all                            all                  reads          own            reads
--
-- Inside a policy a function is called as `(select f())`: once for the query instead of once a row.

-- --- What the caller is ----------------------------------------------------------------------------

-- As the owner of the database, as private.organization_id is.
create or replace function private.user_role() returns text
language sql stable security definer set search_path = '' as $$
  select u.role from public.users u where u.user_id = (select auth.uid()) and u.active
$$;
comment on function private.user_role() is 'The caller''s role; null for who is no active user.';

create or replace function private.can_write() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.user_role() in ('admin', 'member'), false)
$$;
comment on function private.can_write() is 'Whether the caller may work.';

create or replace function private.is_admin() returns boolean
language sql stable set search_path = '' as $$
  select coalesce(private.user_role() = 'admin', false)
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
  private.organization_id(), private.user_role(), private.can_write(), private.is_admin()
  to authenticated, service_role;

grant select, update on public.organizations to authenticated;
grant select, insert, update, delete on
  public.users, public.contacts, public.companies, public.deals, public.activities,
  public.email_campaigns, public.email_templates, public.email_sequences, public.social_posts,
  public.social_accounts, public.content_queue, public.content_templates
  to authenticated;
grant select, insert, delete on public.email_unsubscribes to authenticated;
-- Of a notification nothing but that it was read changes.
grant select, update (read_at), delete on public.notifications to authenticated;
-- Servers alone write these.
grant select on
  public.email_sends, public.client_usage_metrics, public.subscription_history,
  public.analytics_snapshots, public.platform_metrics, public.audit_log
  to authenticated;
-- The project's own server is past the policies, and not past these.
grant select, insert, update, delete on
  public.organizations, public.users, public.contacts, public.companies, public.deals, public.activities,
  public.email_campaigns, public.email_templates, public.email_sequences, public.email_sends,
  public.email_unsubscribes, public.social_posts, public.social_accounts, public.content_queue,
  public.content_templates, public.client_usage_metrics, public.subscription_history,
  public.analytics_snapshots, public.platform_metrics, public.notifications
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
    where p.schemaname = 'public' and p.tablename in ('organizations', 'users', 'contacts', 'companies',
      'deals', 'activities', 'email_campaigns', 'email_templates', 'email_sequences', 'email_sends',
      'email_unsubscribes', 'social_posts', 'social_accounts', 'content_queue', 'content_templates',
      'client_usage_metrics', 'subscription_history', 'analytics_snapshots', 'platform_metrics',
      'notifications', 'audit_log')
  loop
    execute format('drop policy %I on public.%I', policy.policyname, policy.tablename);
  end loop;
end
$$;

create policy "users read their own" on public.organizations for select to authenticated
  using (id = (select private.organization_id()));
create policy "admins change their own" on public.organizations for update to authenticated
  using (id = (select private.organization_id()) and (select private.is_admin()))
  with check (id = (select private.organization_id()) and (select private.is_admin()));

-- One's own row can be read by who is not active too: an application can then say so.
create policy "colleagues and oneself read" on public.users for select to authenticated
  using (user_id = (select auth.uid()) or organization_id = (select private.organization_id()));
create policy "admins add" on public.users for insert to authenticated
  with check (organization_id = (select private.organization_id()) and (select private.is_admin()));
-- Which columns is in private.guard_users.
create policy "admins and oneself change" on public.users for update to authenticated
  using (organization_id = (select private.organization_id())
    and ((select private.is_admin()) or user_id = (select auth.uid())))
  with check (organization_id = (select private.organization_id())
    and ((select private.is_admin()) or user_id = (select auth.uid())));
create policy "admins remove" on public.users for delete to authenticated
  using (organization_id = (select private.organization_id()) and (select private.is_admin()));

-- Tables of one kind have the same policies, made in one place so that they stay the same.
do $$
declare
  own constant text := 'organization_id = (select private.organization_id())';
  write constant text := own || ' and (select private.can_write())';
  admin constant text := own || ' and (select private.is_admin())';
  name text;
begin
  foreach name in array array['contacts', 'companies', 'deals', 'activities', 'email_campaigns',
    'email_templates', 'email_sequences', 'email_sends', 'email_unsubscribes', 'social_posts',
    'social_accounts', 'content_queue', 'content_templates', 'client_usage_metrics',
    'analytics_snapshots'] loop
    execute format('create policy "users read" on public.%I for select to authenticated using (%s)', name, own);
  end loop;

  foreach name in array array['contacts', 'companies', 'deals', 'activities', 'email_campaigns',
    'email_templates', 'email_sequences', 'email_unsubscribes', 'social_posts', 'social_accounts',
    'content_queue', 'content_templates'] loop
    execute format('create policy "workers add" on public.%I for insert to authenticated with check (%s)',
      name, write);
  end loop;

  foreach name in array array['contacts', 'companies', 'deals', 'activities', 'email_campaigns',
    'email_templates', 'email_sequences', 'social_posts', 'social_accounts', 'content_queue',
    'content_templates'] loop
    execute format('create policy "workers change" on public.%I for update to authenticated
      using (%s) with check (%s)', name, write, write);
  end loop;

  foreach name in array array['activities', 'social_posts', 'content_queue'] loop
    execute format('create policy "workers remove" on public.%I for delete to authenticated using (%s)',
      name, write);
  end loop;

  -- Who has unsubscribed is written to again when an admin says so, and no earlier.
  foreach name in array array['contacts', 'companies', 'deals', 'email_campaigns', 'email_templates',
    'email_sequences', 'email_unsubscribes', 'social_accounts', 'content_templates'] loop
    execute format('create policy "admins remove" on public.%I for delete to authenticated using (%s)',
      name, admin);
  end loop;

  foreach name in array array['subscription_history', 'audit_log'] loop
    execute format('create policy "admins read" on public.%I for select to authenticated using (%s)',
      name, admin);
  end loop;
end
$$;

create policy "admins read" on public.platform_metrics for select to authenticated
  using ((select private.is_admin()));

create policy "oneself reads" on public.notifications for select to authenticated
  using (user_id = (select auth.uid()) and organization_id = (select private.organization_id()));
create policy "oneself marks" on public.notifications for update to authenticated
  using (user_id = (select auth.uid()) and organization_id = (select private.organization_id()))
  with check (user_id = (select auth.uid()) and organization_id = (select private.organization_id()));
create policy "oneself removes" on public.notifications for delete to authenticated
  using (user_id = (select auth.uid()) and organization_id = (select private.organization_id()));
