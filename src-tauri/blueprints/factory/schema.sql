-- A customer's database: who works there, and what they work with. The customer is alone in it, so no
-- row says whose it is.
--
-- Applied once, in one transaction, by the owner of the database. Every statement may be run again.
-- Who may do what is in policies.sql; until that has run, row-level security below keeps all rows shut.
-- `auth` is referred to (users, uid()) and nothing is made in it.

-- --- Functions behind the tables -------------------------------------------------------------------

-- Not among the schemas that the API serves: nothing in it can be called from outside.
create schema if not exists private;
comment on schema private is 'Functions of triggers and policies. Not served by the API.';

create or replace function private.touch() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.created_at := old.created_at;
  new.updated_at := now();
  return new;
end
$$;
comment on function private.touch() is 'Keeps created_at, and sets updated_at at each change.';

create or replace function private.sign() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    -- The project's own server has no user, and may say for whom it writes.
    new.created_by := coalesce((select auth.uid()), new.created_by);
  elsif new.created_by is not null
    or exists (select from public.members m where m.user_id = old.created_by) then
    -- It becomes null when the member is removed, and nothing else changes it.
    new.created_by := old.created_by;
  end if;
  return new;
end
$$;
comment on function private.sign() is 'Writes down who made the row, whatever the caller says.';

-- --- The organization ------------------------------------------------------------------------------

create table if not exists public.organization (
  id uuid primary key default gen_random_uuid(),
  -- One row: a second one would have the same value here.
  singleton boolean not null default true unique check (singleton),
  name text not null default '' check (char_length(name) <= 200),
  registration_number text check (char_length(registration_number) <= 50),
  email text check (email like '%_@_%' and char_length(email) <= 320),
  phone text check (char_length(phone) <= 50),
  website text check (website ~ '^https?://' and char_length(website) <= 2000),
  street text check (char_length(street) <= 200),
  postal_code text check (char_length(postal_code) <= 20),
  city text check (char_length(city) <= 100),
  country text not null default 'SE' check (country ~ '^[A-Z]{2}$'),
  currency text not null default 'SEK' check (currency ~ '^[A-Z]{3}$'),
  language text not null default 'sv' check (language in ('sv', 'en')),
  time_zone text not null default 'Europe/Stockholm' check (char_length(time_zone) between 1 and 100),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.organization is 'The customer itself. Always one row.';
comment on column public.organization.country is 'ISO 3166-1 alpha-2.';
comment on column public.organization.currency is 'ISO 4217.';

insert into public.organization default values on conflict (singleton) do nothing;

-- --- Members ---------------------------------------------------------------------------------------

-- The first one is added when the instance is made, by the project's secret key:
--   POST /rest/v1/members {"user_id": …, "email": …, "name": …, "role": "admin"}
-- for a user that Auth has just created. There is no trigger on auth.users that would do it.
create table if not exists public.members (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text not null check (email like '%_@_%' and char_length(email) <= 320),
  name text not null default '' check (char_length(name) <= 200),
  role text not null default 'viewer' check (role in ('owner', 'admin', 'member', 'viewer')),
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.members is 'Who may sign in, and as what. One row for each user of Auth.';
comment on column public.members.role is
  'owner: everything. admin: everything but the owners. member: works. viewer: reads.';
comment on column public.members.active is 'A member who is not sees and does nothing.';
create unique index if not exists members_email_key on public.members (lower(email));
create index if not exists members_role_idx on public.members (role) where active;

-- What row-level security can't say, as it sees a row before or after a change and never both. It holds
-- for signed-in users; the project's own server and its owner are past it.
create or replace function private.guard_members() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := (select auth.uid());
  caller_role text;
  owners bigint;
begin
  if caller is null then
    return coalesce(new, old);
  end if;
  -- One change at a time: two owners who step down at once would each see the other.
  perform pg_advisory_xact_lock(hashtext('public.members'));
  select m.role into caller_role from public.members m where m.user_id = caller and m.active;
  select count(*) into owners from public.members m where m.role = 'owner' and m.active;

  if tg_op = 'UPDATE' and caller_role is distinct from 'owner' and caller_role is distinct from 'admin'
    and (new.user_id, new.email, new.role, new.active)
      is distinct from (old.user_id, old.email, old.role, old.active) then
    raise exception 'only the name can be changed' using errcode = '42501';
  end if;
  -- Until there is an owner, an admin may name the first.
  if caller_role is distinct from 'owner' and (
    (tg_op <> 'DELETE' and new.role = 'owner'
      and (tg_op = 'INSERT' or old.role <> 'owner') and owners > 0)
    or (tg_op <> 'INSERT' and old.role = 'owner')
  ) then
    raise exception 'only an owner can name or change an owner' using errcode = '42501';
  end if;
  if tg_op = 'UPDATE' and new.user_id <> old.user_id then
    raise exception 'a member stays the same user' using errcode = '42501';
  end if;
  -- Somebody must be left who can let others in.
  if tg_op <> 'INSERT' and old.active and old.role in ('owner', 'admin')
    and (tg_op = 'DELETE' or not new.active or new.role not in ('owner', 'admin'))
    and not exists (
      select from public.members m
      where m.active and m.role in ('owner', 'admin') and m.user_id <> old.user_id
    ) then
    raise exception 'the last administrator can not be removed' using errcode = '23514';
  end if;
  return coalesce(new, old);
end
$$;
comment on function private.guard_members() is 'Who may change whose role, and that an administrator is left.';

create or replace trigger guard before insert or update or delete on public.members
  for each row execute function private.guard_members();

-- --- Settings --------------------------------------------------------------------------------------

create table if not exists public.settings (
  key text primary key check (key ~ '^[a-z][a-z0-9_.]{0,99}$'),
  value jsonb not null,
  description text check (char_length(description) <= 500),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.settings is
  'Settings of the instance, by key. Every member reads them: no place for secrets.';

-- --- Contacts --------------------------------------------------------------------------------------

create table if not exists public.contacts (
  id uuid primary key default gen_random_uuid(),
  kind text not null default 'person' check (kind in ('person', 'company')),
  name text not null check (char_length(btrim(name)) between 1 and 200),
  company_id uuid references public.contacts (id) on delete set null,
  email text check (email like '%_@_%' and char_length(email) <= 320),
  phone text check (char_length(phone) <= 50),
  street text check (char_length(street) <= 200),
  postal_code text check (char_length(postal_code) <= 20),
  city text check (char_length(city) <= 100),
  country text check (country ~ '^[A-Z]{2}$'),
  notes text not null default '' check (char_length(notes) <= 20000),
  tags text[] not null default '{}' check (cardinality(tags) <= 50),
  responsible_id uuid references public.members (user_id) on delete set null,
  archived_at timestamptz,
  created_by uuid references public.members (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The words as they are: no language is right for names.
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig,
      name || ' ' || coalesce(email, '') || ' ' || coalesce(city, '') || ' ' || notes)
  ) stored,
  check (company_id <> id),
  check (kind = 'person' or company_id is null)
);
comment on table public.contacts is 'People and companies that the organization deals with.';
comment on column public.contacts.company_id is 'Where the person works. A company works nowhere.';
comment on column public.contacts.archived_at is 'Since when it is left out of lists; null where it is not.';
create index if not exists contacts_company_id_idx on public.contacts (company_id);
create index if not exists contacts_responsible_id_idx on public.contacts (responsible_id);
create index if not exists contacts_created_by_idx on public.contacts (created_by);
create index if not exists contacts_name_idx on public.contacts (lower(name) text_pattern_ops)
  where archived_at is null;
create index if not exists contacts_email_idx on public.contacts (lower(email));
create index if not exists contacts_tags_idx on public.contacts using gin (tags);
create index if not exists contacts_search_idx on public.contacts using gin (search);

-- What a constraint can't say, as it is about two rows.
create or replace function private.guard_contacts() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  workplace text;
begin
  -- Held whatever it is, so that it can't become a person meanwhile. One that is not there is the foreign key's to refuse.
  if new.company_id is not null then
    select c.kind into workplace from public.contacts c where c.id = new.company_id for share;
    if workplace <> 'company' then
      raise exception 'a person works at a company' using errcode = '23514';
    end if;
  end if;
  if tg_op = 'UPDATE' and new.kind <> 'company' and old.kind = 'company'
    and exists (select from public.contacts c where c.company_id = old.id) then
    raise exception 'people work at it: it stays a company' using errcode = '23514';
  end if;
  return new;
end
$$;
comment on function private.guard_contacts() is 'Whoever people work at is a company.';

create or replace trigger guard before insert or update on public.contacts
  for each row execute function private.guard_contacts();

-- --- Projects and tasks ----------------------------------------------------------------------------

create table if not exists public.projects (
  id uuid primary key default gen_random_uuid(),
  -- A contact with projects is archived, not deleted.
  contact_id uuid references public.contacts (id) on delete restrict,
  name text not null check (char_length(btrim(name)) between 1 and 200),
  description text not null default '' check (char_length(description) <= 20000),
  status text not null default 'planned'
    check (status in ('planned', 'active', 'paused', 'done', 'cancelled')),
  starts_on date,
  ends_on date,
  budget numeric(14, 2) check (budget >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  lead_id uuid references public.members (user_id) on delete set null,
  created_by uuid references public.members (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig, name || ' ' || description)
  ) stored,
  check (ends_on >= starts_on),
  check (budget is null or currency is not null)
);
comment on table public.projects is 'Work for a contact, or of one''s own.';
create index if not exists projects_contact_id_idx on public.projects (contact_id);
create index if not exists projects_lead_id_idx on public.projects (lead_id);
create index if not exists projects_created_by_idx on public.projects (created_by);
create index if not exists projects_status_idx on public.projects (status, ends_on);
create index if not exists projects_search_idx on public.projects using gin (search);

create table if not exists public.tasks (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  title text not null check (char_length(btrim(title)) between 1 and 300),
  description text not null default '' check (char_length(description) <= 20000),
  status text not null default 'todo' check (status in ('todo', 'doing', 'blocked', 'done')),
  priority smallint not null default 2 check (priority between 1 and 4),
  position double precision not null default 0,
  due_on date,
  done_at timestamptz,
  assignee_id uuid references public.members (user_id) on delete set null,
  created_by uuid references public.members (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((status = 'done') = (done_at is not null))
);
comment on table public.tasks is 'What is to be done in a project.';
comment on column public.tasks.priority is '1 urgent, 2 normal, 3 low, 4 some day.';
comment on column public.tasks.position is 'Order within a status. Between two neighbours there is room.';
comment on column public.tasks.done_at is 'Follows status.';
create index if not exists tasks_project_id_idx on public.tasks (project_id, status, position);
create index if not exists tasks_assignee_id_idx on public.tasks (assignee_id, due_on);
create index if not exists tasks_created_by_idx on public.tasks (created_by);
create index if not exists tasks_due_on_idx on public.tasks (due_on) where status <> 'done';

create or replace function private.finish_task() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.status <> 'done' then
    new.done_at := null;
  elsif tg_op = 'UPDATE' and old.status = 'done' then
    new.done_at := old.done_at;
  else
    new.done_at := now();
  end if;
  return new;
end
$$;
comment on function private.finish_task() is 'Writes down when a task was done.';

create or replace trigger finish before insert or update on public.tasks
  for each row execute function private.finish_task();

create table if not exists public.comments (
  id uuid primary key default gen_random_uuid(),
  task_id uuid not null references public.tasks (id) on delete cascade,
  body text not null check (char_length(btrim(body)) between 1 and 10000),
  created_by uuid references public.members (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.comments is 'What was said about a task.';
create index if not exists comments_task_id_idx on public.comments (task_id, created_at);
create index if not exists comments_created_by_idx on public.comments (created_by);

-- --- Files -----------------------------------------------------------------------------------------

create table if not exists public.files (
  id uuid primary key default gen_random_uuid(),
  bucket text not null default 'files' check (char_length(bucket) between 1 and 100),
  path text not null check (char_length(path) between 1 and 1000),
  name text not null check (char_length(btrim(name)) between 1 and 255),
  media_type text not null default 'application/octet-stream' check (media_type ~ '^[^/[:space:]]+/[^/[:space:]]+$'),
  bytes bigint not null default 0 check (bytes >= 0),
  contact_id uuid references public.contacts (id) on delete set null,
  project_id uuid references public.projects (id) on delete set null,
  task_id uuid references public.tasks (id) on delete set null,
  created_by uuid references public.members (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (bucket, path)
);
comment on table public.files is
  'Files in the project''s Storage: where each is, and what it belongs to. The row is made first; who sees it may read the content.';
create index if not exists files_contact_id_idx on public.files (contact_id);
create index if not exists files_project_id_idx on public.files (project_id);
create index if not exists files_task_id_idx on public.files (task_id);
create index if not exists files_created_by_idx on public.files (created_by);
create index if not exists files_name_idx on public.files (lower(name) text_pattern_ops);

-- Without its row nobody would read the content or remove it, until somebody made another row of that path and had it.
create or replace function private.guard_files() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' and (new.bucket, new.path) = (old.bucket, old.path) then
    return new;
  end if;
  if tg_op <> 'INSERT' and exists (
    select from storage.objects o where o.bucket_id = old.bucket and o.name = old.path
  ) then
    raise exception 'the content of % is still in Storage: remove it there first', old.path
      using errcode = '23503';
  end if;
  -- The project's own server has no user, and may make the row of what it has put there.
  if tg_op <> 'DELETE' and (select auth.uid()) is not null and exists (
    select from storage.objects o where o.bucket_id = new.bucket and o.name = new.path
  ) then
    raise exception 'something is in Storage at % already', new.path using errcode = '23505';
  end if;
  return coalesce(new, old);
end
$$;
comment on function private.guard_files() is
  'A row stays, and says where, for as long as its content is in Storage; and none is made of what somebody left there.';

create or replace trigger guard before insert or update or delete on public.files
  for each row execute function private.guard_files();

-- Where their content is. Not public: who reads it is in policies.sql.
insert into storage.buckets (id, name, public) values ('files', 'files', false)
  on conflict (id) do nothing;

-- --- Audit log -------------------------------------------------------------------------------------

create table if not exists public.audit_log (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  at timestamptz not null default now(),
  -- No foreign key: the log outlives those in it.
  actor_id uuid,
  action text not null check (action in ('insert', 'update', 'delete')),
  table_name text not null,
  row_key text not null,
  before jsonb,
  after jsonb
);
comment on table public.audit_log is
  'Every change of a row, by whom. Rows are added and never changed; what they held is blanked by private.forget.';
comment on column public.audit_log.actor_id is 'The user; null for the project''s own server.';
comment on column public.audit_log.before is 'Of an update the columns that changed, of a deletion all.';
comment on column public.audit_log.after is 'Of an update the columns that changed, of an insertion all.';
create index if not exists audit_log_row_idx on public.audit_log (table_name, row_key, number);
create index if not exists audit_log_actor_id_idx on public.audit_log (actor_id, number);
create index if not exists audit_log_at_idx on public.audit_log (at);

create or replace function private.told(columns jsonb, untold text[]) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_object_agg(c.key, case when c.key = any (untold) then '"…"' else c.value end)
  from jsonb_each(columns) c
$$;
comment on function private.told(jsonb, text[]) is
  'A row''s columns for the audit log. Of those that it doesn''t tell it has the names.';

create or replace function private.audit() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - 'search' end;
  becomes jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - 'search' end;
  row_key constant text := coalesce(becomes, was) ->> tg_argv[0];
  untold constant text[] := tg_argv[1];
begin
  if tg_op = 'UPDATE' then
    select jsonb_object_agg(b.key, b.value), jsonb_object_agg(b.key, was -> b.key)
      into becomes, was
      from jsonb_each(becomes) b
      where b.key <> 'updated_at' and b.value is distinct from was -> b.key;
    if becomes is null then
      return null;
    end if;
  end if;
  insert into public.audit_log (actor_id, action, table_name, row_key, before, after)
    values ((select auth.uid()), lower(tg_op), tg_table_name, row_key,
      private.told(was, untold), private.told(becomes, untold));
  return null;
end
$$;
comment on function private.audit() is
  'Adds a change to the audit log. Its arguments are the key''s column, and the columns whose content is not told.';

create or replace function private.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
declare
  held constant text[] := array['before', 'after'];
begin
  if tg_op = 'UPDATE' then
    if new.before is null and new.after is null and to_jsonb(new) - held = to_jsonb(old) - held then
      return new;
    end if;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = '42501';
end
$$;
comment on function private.refuse_change() is
  'Keeps rows as they are, for the owner too: what they held may be blanked, and nothing else of them changed.';

create or replace trigger append_only before update or delete on public.audit_log
  for each row execute function private.refuse_change();
create or replace trigger append_only_whole before truncate on public.audit_log
  for each statement execute function private.refuse_change();

create or replace function private.forget(key text) returns bigint
language sql security definer set search_path = '' as $$
  with forgotten as (
    update public.audit_log l set before = null, after = null
    where l.row_key = key and num_nonnulls(l.before, l.after) > 0
    returning 1
  )
  select count(*) from forgotten
$$;
comment on function private.forget(text) is
  'For the database''s owner, when somebody asks to be forgotten: of the row of this key the log keeps when it was changed and by whom, and what it held no more. Gives how many lines that were.';

-- --- What all tables have --------------------------------------------------------------------------

do $$
declare
  name text;
begin
  foreach name in array array['organization', 'members', 'settings', 'contacts', 'projects', 'tasks',
    'comments', 'files'] loop
    execute format('create or replace trigger touch before update on public.%I
      for each row execute function private.touch()', name);
    execute format('create or replace trigger audit after insert or update or delete on public.%I
      for each row execute function private.audit(%L, %L)', name,
      case name when 'members' then 'user_id' when 'settings' then 'key' else 'id' end,
      -- What is written of people in words of one's own.
      case name
        when 'contacts' then '{notes}'
        when 'projects' then '{description}'
        when 'tasks' then '{description}'
        when 'comments' then '{body}'
        else '{}'
      end);
  end loop;

  foreach name in array array['contacts', 'projects', 'tasks', 'comments', 'files'] loop
    execute format('create or replace trigger sign before insert or update on public.%I
      for each row execute function private.sign()', name);
  end loop;

  foreach name in array array['organization', 'members', 'settings', 'contacts', 'projects', 'tasks',
    'comments', 'files', 'audit_log'] loop
    execute format('alter table public.%I enable row level security', name);
  end loop;
end
$$;
