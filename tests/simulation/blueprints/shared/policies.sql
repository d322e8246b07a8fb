alter table public.members enable row level security;
alter table public.notes enable row level security;
revoke all on all tables in schema public from anon;
create policy "members are read" on public.members for select to authenticated using (true);
create policy "notes are read" on public.notes for select to authenticated using (true);
