insert into auth.users (id, email, aud, role)
  values ('ca4a1700-0000-4000-8000-000000000001', 'canary@canary.invalid', 'authenticated', 'authenticated');
insert into public.members (user_id, email, name, role)
  values ('ca4a1700-0000-4000-8000-000000000001', 'canary@canary.invalid', 'Canary', 'viewer');
insert into public.notes (id, body) values ('ca4a1700-0000-4000-8000-000000000002', 'Canary');
