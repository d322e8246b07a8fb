-- A row in every table, so that an empty answer proves a shut door and not an empty room. For the owner
-- of the database, inside a transaction that is rolled back. Runs on a fresh and on a used database.

insert into auth.users (id, email, aud, role)
  values ('ca4a1700-0000-4000-8000-000000000001', 'canary@canary.invalid', 'authenticated', 'authenticated');

insert into public.organization (name) values ('Canary') on conflict (singleton) do nothing;

insert into public.members (user_id, email, name, role)
  values ('ca4a1700-0000-4000-8000-000000000001', 'canary@canary.invalid', 'Canary', 'viewer');

insert into public.settings (key, value) values ('canary', '"canary"');

insert into public.contacts (id, kind, name)
  values ('ca4a1700-0000-4000-8000-000000000002', 'company', 'Canary');

insert into public.projects (id, contact_id, name)
  values ('ca4a1700-0000-4000-8000-000000000003', 'ca4a1700-0000-4000-8000-000000000002', 'Canary');

insert into public.tasks (id, project_id, title)
  values ('ca4a1700-0000-4000-8000-000000000004', 'ca4a1700-0000-4000-8000-000000000003', 'Canary');

insert into public.comments (task_id, body)
  values ('ca4a1700-0000-4000-8000-000000000004', 'Canary');

insert into public.files (path, name, project_id)
  values ('canary/canary.txt', 'canary.txt', 'ca4a1700-0000-4000-8000-000000000003');

-- The rows above have already left theirs.
insert into public.audit_log (action, table_name, row_key) values ('insert', 'canary', 'canary');
