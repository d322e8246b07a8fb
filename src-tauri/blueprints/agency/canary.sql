-- A row in every table, so that an empty answer proves a shut door and not an empty room. For the owner
-- of the database, inside a transaction that is rolled back. Runs on a fresh and on a used database.

insert into auth.users (id, email, aud, role)
  values ('ca4a1700-0000-4000-8000-000000000001', 'canary@canary.invalid', 'authenticated', 'authenticated');

insert into public.company (name) values ('Canary') on conflict (singleton) do nothing;

insert into public.clients (id, name) values ('ca4a1700-0000-4000-8000-000000000002', 'Canary');

insert into public.users (user_id, email, name, role, client_id)
  values ('ca4a1700-0000-4000-8000-000000000001', 'canary@canary.invalid', 'Canary', 'client',
    'ca4a1700-0000-4000-8000-000000000002');

insert into public.projects (id, client_id, name)
  values ('ca4a1700-0000-4000-8000-000000000003', 'ca4a1700-0000-4000-8000-000000000002', 'Canary');

insert into public.project_members (project_id, user_id)
  values ('ca4a1700-0000-4000-8000-000000000003', 'ca4a1700-0000-4000-8000-000000000001');

insert into public.tasks (id, project_id, title)
  values ('ca4a1700-0000-4000-8000-000000000004', 'ca4a1700-0000-4000-8000-000000000003', 'Canary');

insert into public.comments (project_id, task_id, body)
  values ('ca4a1700-0000-4000-8000-000000000003', 'ca4a1700-0000-4000-8000-000000000004', 'Canary');

insert into public.files (path, name, project_id)
  values ('canary/canary.txt', 'canary.txt', 'ca4a1700-0000-4000-8000-000000000003');

insert into public.invoices (id, client_id)
  values ('ca4a1700-0000-4000-8000-000000000005', 'ca4a1700-0000-4000-8000-000000000002');

insert into public.invoice_lines (invoice_id, description, unit_price)
  values ('ca4a1700-0000-4000-8000-000000000005', 'Canary', 1);

insert into public.time_entries (project_id, minutes)
  values ('ca4a1700-0000-4000-8000-000000000003', 1);

-- The rows above have already left theirs.
insert into public.audit_log (action, table_name, row_key) values ('insert', 'canary', 'canary');
