-- A project-management agency's database: who works there, for whom, on what, for how long, at what price.
-- The agency is alone in it, so no row says whose it is.
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
    or exists (select from public.users u where u.user_id = old.created_by) then
    -- It becomes null when the user is removed, and nothing else changes it.
    new.created_by := old.created_by;
  end if;
  return new;
end
$$;
comment on function private.sign() is 'Writes down who made the row, whatever the caller says.';

-- --- The company -----------------------------------------------------------------------------------

create table if not exists public.company (
  id uuid primary key default gen_random_uuid(),
  -- One row: a second one would have the same value here.
  singleton boolean not null default true unique check (singleton),
  name text not null default '' check (char_length(name) <= 200),
  registration_number text check (char_length(registration_number) <= 50),
  vat_number text check (char_length(vat_number) <= 50),
  email text check (email like '%_@_%' and char_length(email) <= 320),
  phone text check (char_length(phone) <= 50),
  website text check (website ~ '^https?://' and char_length(website) <= 2000),
  street text check (char_length(street) <= 200),
  postal_code text check (char_length(postal_code) <= 20),
  city text check (char_length(city) <= 100),
  country text not null default 'SE' check (country ~ '^[A-Z]{2}$'),
  bankgiro text check (char_length(bankgiro) <= 20),
  iban text check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$'),
  bic text check (bic ~ '^[A-Z0-9]{8}([A-Z0-9]{3})?$'),
  currency text not null default 'SEK' check (currency ~ '^[A-Z]{3}$'),
  payment_days smallint not null default 30 check (payment_days between 0 and 365),
  vat_rate numeric(5, 2) not null default 25 check (vat_rate between 0 and 100),
  first_invoice_number bigint not null default 1 check (first_invoice_number > 0),
  language text not null default 'sv' check (language in ('sv', 'en')),
  time_zone text not null default 'Europe/Stockholm' check (char_length(time_zone) between 1 and 100),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.company is 'The company itself, as it stands on invoices. Always one row.';
comment on column public.company.country is 'ISO 3166-1 alpha-2.';
comment on column public.company.currency is 'ISO 4217.';
comment on column public.company.vat_rate is 'Per cent, for lines that say nothing else.';
comment on column public.company.first_invoice_number is 'Where the series begins: one after the last of an older system.';

insert into public.company default values on conflict (singleton) do nothing;

create or replace function private.today() returns date
language sql stable security definer set search_path = '' as $$
  select (now() at time zone coalesce((select c.time_zone from public.company c), 'UTC'))::date
$$;
comment on function private.today() is 'The day where the company is.';

-- --- Clients ---------------------------------------------------------------------------------------

create table if not exists public.clients (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(btrim(name)) between 1 and 200),
  status text not null default 'active' check (status in ('lead', 'active', 'former')),
  registration_number text check (char_length(registration_number) <= 50),
  vat_number text check (char_length(vat_number) <= 50),
  contact_name text check (char_length(contact_name) <= 200),
  email text check (email like '%_@_%' and char_length(email) <= 320),
  phone text check (char_length(phone) <= 50),
  website text check (website ~ '^https?://' and char_length(website) <= 2000),
  invoice_email text check (invoice_email like '%_@_%' and char_length(invoice_email) <= 320),
  invoice_reference text check (char_length(invoice_reference) <= 200),
  street text check (char_length(street) <= 200),
  postal_code text check (char_length(postal_code) <= 20),
  city text check (char_length(city) <= 100),
  country text check (country ~ '^[A-Z]{2}$'),
  language text not null default 'sv' check (language in ('sv', 'en')),
  currency text check (currency ~ '^[A-Z]{3}$'),
  payment_days smallint check (payment_days between 0 and 365),
  hourly_rate numeric(12, 2) check (hourly_rate >= 0),
  archived_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The words as they are: no language is right for names.
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig,
      name || ' ' || coalesce(contact_name, '') || ' ' || coalesce(email, '') || ' ' || coalesce(city, ''))
  ) stored
);
comment on table public.clients is
  'For whom work is done. A client''s own users read its row: what is not for them is an internal comment.';
comment on column public.clients.currency is 'Where it is not the company''s.';
comment on column public.clients.payment_days is 'Where they are not the company''s.';
comment on column public.clients.hourly_rate is 'Without VAT, for projects that have none of their own.';
comment on column public.clients.archived_at is 'Since when it is left out of lists; null where it is not.';
create index if not exists clients_name_idx on public.clients (lower(name) text_pattern_ops)
  where archived_at is null;
create index if not exists clients_status_idx on public.clients (status, name);
create index if not exists clients_search_idx on public.clients using gin (search);

-- --- Users -----------------------------------------------------------------------------------------

-- The first one is added when the instance is made, by the project's secret key:
--   POST /rest/v1/users {"user_id": …, "email": …, "name": …, "role": "admin"}
-- for a user that Auth has just created. There is no trigger on auth.users that would do it.
create table if not exists public.users (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text not null check (email like '%_@_%' and char_length(email) <= 320),
  name text not null default '' check (char_length(name) <= 200),
  title text check (char_length(title) <= 200),
  phone text check (char_length(phone) <= 50),
  role text not null default 'employee' check (role in ('admin', 'project_manager', 'employee', 'client')),
  -- A client with users is archived, not deleted.
  client_id uuid references public.clients (id) on delete restrict,
  language text not null default 'sv' check (language in ('sv', 'en')),
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check ((role = 'client') = (client_id is not null))
);
comment on table public.users is 'Who may sign in, and as what. One row for each user of Auth.';
comment on column public.users.role is
  'admin: everything. project_manager: all work, clients and invoices. employee: its own projects. client: what is shared with it.';
comment on column public.users.client_id is 'Whose user it is, for the role client alone.';
comment on column public.users.active is 'A user who is not sees its own row and nothing else.';
create unique index if not exists users_email_key on public.users (lower(email));
create index if not exists users_client_id_idx on public.users (client_id);
create index if not exists users_role_idx on public.users (role) where active;

-- What row-level security can't say, as it sees a row before or after a change and never both. It holds
-- for signed-in users; the project's own server and its owner are past it.
create or replace function private.guard_users() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := (select auth.uid());
begin
  if caller is null then
    return coalesce(new, old);
  end if;
  -- One change at a time: two administrators who step down at once would each see the other.
  perform pg_advisory_xact_lock(hashtext('public.users'));

  if tg_op = 'UPDATE' and new.user_id <> old.user_id then
    raise exception 'a user stays the same user' using errcode = '42501';
  end if;
  if tg_op = 'UPDATE'
    and (new.email, new.role, new.client_id, new.active)
      is distinct from (old.email, old.role, old.client_id, old.active)
    and not exists (
      select from public.users u where u.user_id = caller and u.active and u.role = 'admin'
    ) then
    raise exception 'only an administrator can change what a user may do' using errcode = '42501';
  end if;
  -- Somebody must be left who can let others in.
  if tg_op <> 'INSERT' and old.active and old.role = 'admin'
    and (tg_op = 'DELETE' or not new.active or new.role <> 'admin')
    and not exists (
      select from public.users u where u.active and u.role = 'admin' and u.user_id <> old.user_id
    ) then
    raise exception 'the last administrator can not be removed' using errcode = '23514';
  end if;
  return coalesce(new, old);
end
$$;
comment on function private.guard_users() is 'Who may change whose role, and that an administrator is left.';

create or replace trigger guard before insert or update or delete on public.users
  for each row execute function private.guard_users();

-- --- Projects --------------------------------------------------------------------------------------

create table if not exists public.projects (
  id uuid primary key default gen_random_uuid(),
  -- A client with projects is archived, not deleted. Without one it is work of one's own.
  client_id uuid references public.clients (id) on delete restrict,
  code text check (code ~ '^[A-Z0-9][A-Z0-9-]{0,19}$'),
  name text not null check (char_length(btrim(name)) between 1 and 200),
  description text not null default '' check (char_length(description) <= 20000),
  status text not null default 'planned'
    check (status in ('planned', 'active', 'paused', 'done', 'cancelled')),
  shared boolean not null default false,
  billing text not null default 'hourly' check (billing in ('hourly', 'fixed', 'none')),
  hourly_rate numeric(12, 2) check (hourly_rate >= 0),
  price numeric(14, 2) check (price >= 0),
  budget_minutes integer check (budget_minutes >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  starts_on date,
  ends_on date,
  lead_id uuid references public.users (user_id) on delete set null,
  archived_at timestamptz,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig, coalesce(code, '') || ' ' || name || ' ' || description)
  ) stored,
  check (ends_on >= starts_on),
  check (client_id is not null or not shared),
  check (client_id is not null or billing = 'none'),
  check (billing <> 'fixed' or price is not null)
);
comment on table public.projects is 'Work for a client, or of one''s own.';
comment on column public.projects.code is 'Short name for lists and invoices, such as AKE-7.';
comment on column public.projects.shared is 'Whether the client''s own users see it.';
comment on column public.projects.billing is 'hourly: by time entries. fixed: the price. none: not invoiced.';
comment on column public.projects.hourly_rate is 'Without VAT, where it is not the client''s.';
comment on column public.projects.price is 'Without VAT, of a project at a fixed price.';
create unique index if not exists projects_code_key on public.projects (code);
create index if not exists projects_client_id_idx on public.projects (client_id, status);
create index if not exists projects_lead_id_idx on public.projects (lead_id);
create index if not exists projects_created_by_idx on public.projects (created_by);
create index if not exists projects_status_idx on public.projects (status, ends_on) where archived_at is null;
create index if not exists projects_search_idx on public.projects using gin (search);

create table if not exists public.project_members (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  user_id uuid not null references public.users (user_id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, user_id)
);
comment on table public.project_members is
  'Who works on a project. An employee sees the projects that it leads or is a member of.';
create index if not exists project_members_user_id_idx on public.project_members (user_id);

-- --- Tasks -----------------------------------------------------------------------------------------

create table if not exists public.tasks (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  parent_id uuid,
  title text not null check (char_length(btrim(title)) between 1 and 300),
  description text not null default '' check (char_length(description) <= 20000),
  status text not null default 'todo' check (status in ('todo', 'doing', 'review', 'blocked', 'done')),
  priority smallint not null default 2 check (priority between 1 and 4),
  position double precision not null default 0,
  shared boolean not null default false,
  starts_on date,
  due_on date,
  estimate_minutes integer check (estimate_minutes > 0),
  done_at timestamptz,
  assignee_id uuid references public.users (user_id) on delete set null,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig, title || ' ' || description)
  ) stored,
  -- What belongs to a task says its project too, and these keys keep both in step.
  unique (id, project_id),
  foreign key (parent_id, project_id) references public.tasks (id, project_id)
    on update cascade on delete cascade,
  check (parent_id <> id),
  check (due_on >= starts_on),
  check ((status = 'done') = (done_at is not null))
);
comment on table public.tasks is 'What is to be done in a project.';
comment on column public.tasks.parent_id is 'The task that this is a part of. A part has no parts of its own.';
comment on column public.tasks.priority is '1 urgent, 2 normal, 3 low, 4 some day.';
comment on column public.tasks.position is 'Order within a status. Between two neighbours there is room.';
comment on column public.tasks.shared is 'Whether the client''s users see it, in a project that is shared.';
comment on column public.tasks.done_at is 'Follows status.';
create index if not exists tasks_project_id_idx on public.tasks (project_id, status, position);
create index if not exists tasks_parent_id_idx on public.tasks (parent_id, project_id);
create index if not exists tasks_assignee_id_idx on public.tasks (assignee_id, due_on);
create index if not exists tasks_created_by_idx on public.tasks (created_by);
create index if not exists tasks_due_on_idx on public.tasks (due_on) where status <> 'done';
create index if not exists tasks_search_idx on public.tasks using gin (search);

create or replace function private.guard_tasks() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.parent_id is not null then
    -- Held, so that it can't become a part meanwhile.
    perform from public.tasks t where t.id = new.parent_id for share;
    if exists (select from public.tasks t where t.id = new.parent_id and t.parent_id is not null)
      or exists (select from public.tasks t where t.parent_id = new.id) then
      raise exception 'a part of a task has no parts of its own' using errcode = '23514';
    end if;
  end if;
  return new;
end
$$;
comment on function private.guard_tasks() is 'Keeps tasks at two levels.';

create or replace trigger guard before insert or update of parent_id on public.tasks
  for each row execute function private.guard_tasks();

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

-- --- Comments and files ----------------------------------------------------------------------------

create table if not exists public.comments (
  id uuid primary key default gen_random_uuid(),
  client_id uuid references public.clients (id) on delete cascade,
  project_id uuid references public.projects (id) on delete cascade,
  task_id uuid,
  internal boolean not null default true,
  body text not null check (char_length(btrim(body)) between 1 and 10000),
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (task_id, project_id) references public.tasks (id, project_id)
    on update cascade on delete cascade,
  check (num_nonnulls(client_id, project_id) = 1),
  check (task_id is null or project_id is not null)
);
comment on table public.comments is 'What was said about a client, a project, or a task of one.';
comment on column public.comments.internal is 'Whether it is kept from the client''s users.';
create index if not exists comments_client_id_idx on public.comments (client_id, created_at);
create index if not exists comments_project_id_idx on public.comments (project_id, created_at);
create index if not exists comments_task_id_idx on public.comments (task_id, project_id, created_at);
create index if not exists comments_created_by_idx on public.comments (created_by);

create table if not exists public.files (
  id uuid primary key default gen_random_uuid(),
  bucket text not null default 'files' check (char_length(bucket) between 1 and 100),
  path text not null check (char_length(path) between 1 and 1000),
  name text not null check (char_length(btrim(name)) between 1 and 255),
  media_type text not null default 'application/octet-stream' check (media_type ~ '^[^/[:space:]]+/[^/[:space:]]+$'),
  bytes bigint not null default 0 check (bytes >= 0),
  -- While the file lies in Storage, its row must say where.
  client_id uuid references public.clients (id) on delete restrict,
  project_id uuid references public.projects (id) on delete restrict,
  task_id uuid,
  internal boolean not null default true,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (bucket, path),
  foreign key (task_id, project_id) references public.tasks (id, project_id)
    on update cascade on delete set null (task_id),
  check (num_nonnulls(client_id, project_id) = 1),
  check (task_id is null or project_id is not null)
);
comment on table public.files is
  'Files in the project''s Storage: where each is, and what it belongs to. The row is made first; who sees it may read the content.';
comment on column public.files.internal is 'Whether it is kept from the client''s users.';
create index if not exists files_client_id_idx on public.files (client_id);
create index if not exists files_project_id_idx on public.files (project_id);
create index if not exists files_task_id_idx on public.files (task_id, project_id);
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

-- --- Invoices --------------------------------------------------------------------------------------

create table if not exists public.invoices (
  id uuid primary key default gen_random_uuid(),
  number bigint unique check (number > 0),
  client_id uuid not null references public.clients (id) on delete restrict,
  project_id uuid references public.projects (id) on delete restrict,
  credits_id uuid references public.invoices (id) on delete restrict,
  status text not null default 'draft' check (status in ('draft', 'sent', 'paid', 'credited')),
  issued_on date,
  due_on date,
  paid_on date,
  currency text not null default 'SEK' check (currency ~ '^[A-Z]{3}$'),
  reference text check (char_length(reference) <= 200),
  note text not null default '' check (char_length(note) <= 5000),
  seller jsonb,
  buyer jsonb,
  net numeric(14, 2) not null default 0,
  vat numeric(14, 2) not null default 0,
  total numeric(14, 2) not null generated always as (net + vat) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (credits_id <> id),
  check (due_on >= issued_on),
  check (status = 'draft'
    or (number is not null and issued_on is not null and due_on is not null
      and seller is not null and buyer is not null)),
  check (status <> 'paid' or paid_on is not null)
);
comment on table public.invoices is 'Invoices. One that was sent keeps its content for good; a mistake is credited.';
comment on column public.invoices.number is 'Given when it is sent, in one series without gaps.';
comment on column public.invoices.credits_id is 'The invoice that this one takes back, with negative quantities.';
comment on column public.invoices.seller is 'The company as it was when the invoice was sent.';
comment on column public.invoices.buyer is 'The client as it was when the invoice was sent.';
comment on column public.invoices.net is 'The sum of the lines. So is vat.';
create index if not exists invoices_client_id_idx on public.invoices (client_id, issued_on);
create index if not exists invoices_project_id_idx on public.invoices (project_id);
create index if not exists invoices_credits_id_idx on public.invoices (credits_id);
create index if not exists invoices_unpaid_idx on public.invoices (due_on) where status = 'sent';
create index if not exists invoices_drafts_idx on public.invoices (created_at) where status = 'draft';

create table if not exists public.invoice_lines (
  id uuid primary key default gen_random_uuid(),
  invoice_id uuid not null references public.invoices (id) on delete cascade,
  position integer not null default 0,
  description text not null check (char_length(btrim(description)) between 1 and 500),
  quantity numeric(12, 2) not null default 1,
  unit text not null default 'h' check (char_length(unit) between 1 and 20),
  unit_price numeric(12, 2) not null,
  vat_rate numeric(5, 2) not null default 25 check (vat_rate between 0 and 100),
  net numeric(14, 2) not null generated always as (round(quantity * unit_price, 2)) stored,
  vat numeric(14, 2) not null
    generated always as (round(round(quantity * unit_price, 2) * vat_rate / 100, 2)) stored,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.invoice_lines is 'What an invoice is for. Changed while the invoice is a draft.';
comment on column public.invoice_lines.unit_price is 'Without VAT.';
comment on column public.invoice_lines.vat_rate is 'Per cent.';
create index if not exists invoice_lines_invoice_id_idx on public.invoice_lines (invoice_id, position);

create or replace function private.guard_invoices() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  signed_in constant boolean := (select auth.uid()) is not null;
  -- What may still change on an invoice that was sent; the total has no value before a row is written.
  loose constant text[] := array['status', 'paid_on', 'updated_at', 'created_at', 'total'];
begin
  -- An import of older invoices, by the owner of the database, brings them as they are.
  if signed_in then
    if tg_op = 'DELETE' then
      if old.status <> 'draft' then
        raise exception 'an invoice that was sent is credited, not removed' using errcode = '42501';
      end if;
    elsif tg_op = 'INSERT' then
      if new.status <> 'draft' then
        raise exception 'an invoice begins as a draft' using errcode = '23514';
      end if;
    elsif (old.status, new.status) not in (('draft', 'draft'), ('draft', 'sent'), ('sent', 'sent'),
        ('sent', 'paid'), ('sent', 'credited'), ('paid', 'paid'), ('paid', 'sent'), ('paid', 'credited'),
        ('credited', 'credited')) then
      raise exception 'an invoice does not go from % to %', old.status, new.status using errcode = '23514';
    elsif old.status <> 'draft' and to_jsonb(new) - loose is distinct from to_jsonb(old) - loose then
      raise exception 'an invoice that was sent stays as it is' using errcode = '42501';
    end if;
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;

  if tg_op = 'UPDATE' and old.status = 'draft' and new.status = 'sent' then
    if not exists (select from public.invoice_lines l where l.invoice_id = new.id) then
      raise exception 'an invoice has a line before it is sent' using errcode = '23514';
    end if;
    -- One at a time: the series has no gaps and no number twice.
    perform pg_advisory_xact_lock(hashtext('public.invoices'));
    new.number := coalesce(new.number, greatest(
      (select max(i.number) + 1 from public.invoices i),
      (select c.first_invoice_number from public.company c)));
    new.issued_on := coalesce(new.issued_on, private.today());
    new.due_on := coalesce(new.due_on, new.issued_on + (
      select coalesce(k.payment_days, c.payment_days)
      from public.clients k, public.company c where k.id = new.client_id));
    new.seller := (
      select to_jsonb(c) - array['id', 'singleton', 'first_invoice_number', 'created_at', 'updated_at']
      from public.company c);
    new.buyer := (
      select jsonb_build_object('name', k.name, 'registration_number', k.registration_number,
        'vat_number', k.vat_number, 'contact_name', k.contact_name, 'street', k.street,
        'postal_code', k.postal_code, 'city', k.city, 'country', k.country,
        'email', coalesce(k.invoice_email, k.email))
      from public.clients k where k.id = new.client_id);
  end if;
  if new.status = 'paid' then
    new.paid_on := coalesce(new.paid_on, private.today());
  elsif new.status = 'sent' then
    new.paid_on := null;
  end if;
  return new;
end
$$;
comment on function private.guard_invoices() is
  'Gives an invoice its number, its dates and its parties when it is sent, and keeps it so.';

create or replace trigger guard before insert or update or delete on public.invoices
  for each row execute function private.guard_invoices();

create or replace function private.guard_invoice_lines() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  standing text;
begin
  if tg_op = 'UPDATE' and new.invoice_id <> old.invoice_id then
    raise exception 'a line stays on its invoice' using errcode = '42501';
  end if;
  -- One at a time: the invoice can't be sent meanwhile, and a sum that began before another line was there would miss it.
  select i.status into standing from public.invoices i
    where i.id = coalesce(new.invoice_id, old.invoice_id) for update;
  if (select auth.uid()) is not null and standing <> 'draft' then
    raise exception 'an invoice that was sent stays as it is' using errcode = '42501';
  end if;
  return coalesce(new, old);
end
$$;
comment on function private.guard_invoice_lines() is 'Keeps the lines of an invoice that was sent.';

create or replace trigger guard before insert or update or delete on public.invoice_lines
  for each row execute function private.guard_invoice_lines();

create or replace function private.total_invoice() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  invoice constant uuid := coalesce(new.invoice_id, old.invoice_id);
begin
  -- The guard holds the invoice: no other line is summed meanwhile.
  update public.invoices i
    set net = l.net, vat = l.vat
    from (
      select coalesce(sum(n.net), 0) as net, coalesce(sum(n.vat), 0) as vat
      from public.invoice_lines n where n.invoice_id = invoice
    ) l
    where i.id = invoice and (i.net, i.vat) is distinct from (l.net, l.vat);
  return null;
end
$$;
comment on function private.total_invoice() is 'Keeps an invoice''s sums those of its lines.';

create or replace trigger total after insert or update or delete on public.invoice_lines
  for each row execute function private.total_invoice();

-- --- Time ------------------------------------------------------------------------------------------

create table if not exists public.time_entries (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete restrict,
  task_id uuid,
  user_id uuid references public.users (user_id) on delete set null,
  person text not null default '' check (char_length(person) <= 320),
  spent_on date not null default current_date,
  minutes integer not null check (minutes between 1 and 1440),
  description text not null default '' check (char_length(description) <= 2000),
  billable boolean not null default true,
  hourly_rate numeric(12, 2) check (hourly_rate >= 0),
  invoice_line_id uuid references public.invoice_lines (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (task_id, project_id) references public.tasks (id, project_id)
    on update cascade on delete set null (task_id)
);
comment on table public.time_entries is 'Who worked how long on what.';
comment on column public.time_entries.person is 'The user''s name, which stays when the user is removed.';
comment on column public.time_entries.hourly_rate is 'Without VAT; the project''s or the client''s when the entry was made.';
comment on column public.time_entries.invoice_line_id is 'The line that it is invoiced on; null until it is.';
create index if not exists time_entries_project_id_idx on public.time_entries (project_id, spent_on);
create index if not exists time_entries_task_id_idx on public.time_entries (task_id, project_id);
create index if not exists time_entries_user_id_idx on public.time_entries (user_id, spent_on);
create index if not exists time_entries_invoice_line_id_idx on public.time_entries (invoice_line_id);
create index if not exists time_entries_to_invoice_idx on public.time_entries (project_id, spent_on)
  where billable and invoice_line_id is null;

create or replace function private.guard_time_entries() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := (select auth.uid());
  -- What the removal of a user or a task changes, on an entry that is invoiced too.
  loose constant text[] := array['user_id', 'task_id', 'updated_at', 'created_at'];
begin
  if caller is not null and tg_op <> 'INSERT' and exists (
    select from public.invoice_lines l join public.invoices i on i.id = l.invoice_id
    where l.id = old.invoice_line_id and i.status <> 'draft'
  ) and (tg_op = 'DELETE' or to_jsonb(new) - loose is distinct from to_jsonb(old) - loose) then
    raise exception 'time that was invoiced stays as it is' using errcode = '42501';
  end if;
  if tg_op = 'DELETE' then
    return old;
  end if;

  -- Prices are the managers' to set.
  if caller is not null and not private.is_manager() then
    new.hourly_rate := case when tg_op = 'UPDATE' then old.hourly_rate end;
    new.invoice_line_id := case when tg_op = 'UPDATE' then old.invoice_line_id end;
  end if;
  if tg_op = 'INSERT' then
    new.user_id := coalesce(new.user_id, caller);
    new.hourly_rate := coalesce(new.hourly_rate, (
      select coalesce(p.hourly_rate, k.hourly_rate)
      from public.projects p left join public.clients k on k.id = p.client_id
      where p.id = new.project_id));
  end if;
  if new.user_id is not null and (tg_op = 'INSERT' or new.user_id is distinct from old.user_id) then
    new.person := coalesce(
      (select coalesce(nullif(u.name, ''), u.email) from public.users u where u.user_id = new.user_id), '');
  elsif tg_op = 'UPDATE' then
    new.person := old.person;
  end if;
  return new;
end
$$;
comment on function private.guard_time_entries() is
  'Writes down who it was and at what price, and keeps what was invoiced.';

create or replace trigger guard before insert or update or delete on public.time_entries
  for each row execute function private.guard_time_entries();

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
  foreach name in array array['company', 'clients', 'users', 'projects', 'project_members', 'tasks',
    'comments', 'files', 'invoices', 'invoice_lines', 'time_entries'] loop
    execute format('create or replace trigger touch before update on public.%I
      for each row execute function private.touch()', name);
    execute format('create or replace trigger audit after insert or update or delete on public.%I
      for each row execute function private.audit(%L, %L)', name,
      case name when 'users' then 'user_id' else 'id' end,
      -- What is written of people in words of one's own, and who is named in a row that is another's: who
      -- is forgotten by the key of their own row would stay there.
      case name
        when 'projects' then '{description}'
        when 'tasks' then '{description}'
        when 'comments' then '{body}'
        when 'invoices' then '{reference,note,buyer}'
        when 'invoice_lines' then '{description}'
        when 'time_entries' then '{person,description}'
        else '{}'
      end);
  end loop;

  foreach name in array array['projects', 'tasks', 'comments', 'files'] loop
    execute format('create or replace trigger sign before insert or update on public.%I
      for each row execute function private.sign()', name);
  end loop;

  foreach name in array array['company', 'clients', 'users', 'projects', 'project_members', 'tasks',
    'comments', 'files', 'invoices', 'invoice_lines', 'time_entries', 'audit_log'] loop
    execute format('alter table public.%I enable row level security', name);
  end loop;
end
$$;
