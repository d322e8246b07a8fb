-- A row in every table, so that an empty answer proves a shut door and not an empty room. For the owner
-- of the database, inside a transaction that is rolled back. Runs on a fresh and on a used database.

insert into auth.users (id, email, aud, role)
  values ('ca4a1700-0000-4000-8000-000000000001', 'canary@canary.invalid', 'authenticated', 'authenticated');

insert into public.orchestra (name) values ('Canary') on conflict (singleton) do nothing;

insert into public.instruments (id, code, name_sv, name_en, family)
  values ('ca4a1700-0000-4000-8000-000000000002', 'canary', 'Kanariefågel', 'Canary', 'other');

insert into public.members (id, user_id, email, name)
  values ('ca4a1700-0000-4000-8000-000000000003', 'ca4a1700-0000-4000-8000-000000000001',
    'canary@canary.invalid', 'Canary');

insert into public.member_details (member_id, notes)
  values ('ca4a1700-0000-4000-8000-000000000003', 'Canary');

insert into public.member_instruments (member_id, instrument_id)
  values ('ca4a1700-0000-4000-8000-000000000003', 'ca4a1700-0000-4000-8000-000000000002');

insert into public.groups (id, name) values ('ca4a1700-0000-4000-8000-000000000004', 'Canary');

insert into public.group_members (group_id, member_id)
  values ('ca4a1700-0000-4000-8000-000000000004', 'ca4a1700-0000-4000-8000-000000000003');

insert into public.projects (id, title, status)
  values ('ca4a1700-0000-4000-8000-000000000005', 'Canary', 'announced');

insert into public.project_events (project_id, starts_at, ends_at)
  values ('ca4a1700-0000-4000-8000-000000000005', now(), now() + interval '2 hours');

insert into public.project_needs (project_id, instrument_id)
  values ('ca4a1700-0000-4000-8000-000000000005', 'ca4a1700-0000-4000-8000-000000000002');

insert into public.requests (project_id, member_id, status)
  values ('ca4a1700-0000-4000-8000-000000000005', 'ca4a1700-0000-4000-8000-000000000003', 'sent');

-- The rows above have already left theirs.
insert into public.audit_log (action, table_name, row_key) values ('insert', 'canary', 'canary');
