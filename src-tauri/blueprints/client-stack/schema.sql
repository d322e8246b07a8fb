-- A client's database: whom it sells to, what it writes to them and where it publishes, and what came of it.
-- The client is alone in it, and may be several organizations: a group with its companies, a brand with its
-- shops. What belongs to one of them says so, and the keys below never join rows of two.
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

-- --- Organizations and users -----------------------------------------------------------------------

create table if not exists public.organizations (
  id uuid primary key default gen_random_uuid(),
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
  currency text not null default 'SEK' check (currency ~ '^[A-Z]{3}$'),
  language text not null default 'sv' check (language in ('sv', 'en')),
  time_zone text not null default 'Europe/Stockholm' check (char_length(time_zone) between 1 and 100),
  settings jsonb not null default '{}' check (jsonb_typeof(settings) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.organizations is 'The client itself, and further ones of its own where it has any.';
comment on column public.organizations.country is 'ISO 3166-1 alpha-2.';
comment on column public.organizations.currency is 'ISO 4217.';
comment on column public.organizations.settings is 'All its users read them: no place for secrets.';

-- The first one is there from the start: the administrator is added to it.
insert into public.organizations (name) select '' where not exists (select from public.organizations);

-- The first one is added when the instance is made, by the project's secret key:
--   POST /rest/v1/users {"user_id": …, "email": …, "name": …, "role": "admin"}
-- for a user that Auth has just created. There is no trigger on auth.users that would do it.
create table if not exists public.users (
  user_id uuid primary key references auth.users (id) on delete cascade,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  email text not null check (email like '%_@_%' and char_length(email) <= 320),
  name text not null default '' check (char_length(name) <= 200),
  title text check (char_length(title) <= 200),
  phone text check (char_length(phone) <= 50),
  role text not null default 'viewer' check (role in ('admin', 'member', 'viewer')),
  language text not null default 'sv' check (language in ('sv', 'en')),
  active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, user_id)
);
comment on table public.users is 'Who may sign in, where and as what. One row for each user of Auth.';
comment on column public.users.role is 'admin: everything. member: works. viewer: reads.';
comment on column public.users.active is 'A user who is not sees its own row and nothing else.';
create unique index if not exists users_email_key on public.users (lower(email));
create index if not exists users_role_idx on public.users (organization_id, role) where active;

-- As the owner of the database, which row-level security lets through: a policy on `users` that read `users`
-- as the caller would ask itself without end.
create or replace function private.organization_id() returns uuid
language sql stable security definer set search_path = '' as $$
  select u.organization_id from public.users u where u.user_id = (select auth.uid()) and u.active
$$;
comment on function private.organization_id() is 'The caller''s organization; null for who is no active user.';

create or replace function private.belong() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'UPDATE' then
    if new.organization_id <> old.organization_id then
      raise exception 'a row stays with its organization' using errcode = '42501';
    end if;
  elsif new.organization_id is null then
    new.organization_id := case
      when (select auth.uid()) is not null then private.organization_id()
      -- The project's own server.
      else (select o.id from public.organizations o order by o.created_at, o.id limit 1)
    end;
  end if;
  return new;
end
$$;
comment on function private.belong() is
  'Gives a row that says no organization the caller''s, or a server''s the first, and keeps it there.';

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
    and (new.email, new.role, new.active) is distinct from (old.email, old.role, old.active)
    and not exists (
      select from public.users u where u.user_id = caller and u.active and u.role = 'admin'
    ) then
    raise exception 'only an administrator can change what a user may do' using errcode = '42501';
  end if;
  -- Somebody must be left who can let others in.
  if tg_op <> 'INSERT' and old.active and old.role = 'admin'
    and (tg_op = 'DELETE' or not new.active or new.role <> 'admin')
    and not exists (
      select from public.users u
      where u.organization_id = old.organization_id and u.active and u.role = 'admin'
        and u.user_id <> old.user_id
    ) then
    raise exception 'the last administrator can not be removed' using errcode = '23514';
  end if;
  return coalesce(new, old);
end
$$;
comment on function private.guard_users() is 'Who may change whose role, and that an administrator is left.';

create or replace trigger guard before insert or update or delete on public.users
  for each row execute function private.guard_users();

-- --- Customers and sales ---------------------------------------------------------------------------

create table if not exists public.companies (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (char_length(btrim(name)) between 1 and 200),
  registration_number text check (char_length(registration_number) <= 50),
  email text check (email like '%_@_%' and char_length(email) <= 320),
  phone text check (char_length(phone) <= 50),
  website text check (website ~ '^https?://' and char_length(website) <= 2000),
  industry text check (char_length(industry) <= 100),
  employees integer check (employees >= 0),
  street text check (char_length(street) <= 200),
  postal_code text check (char_length(postal_code) <= 20),
  city text check (char_length(city) <= 100),
  country text check (country ~ '^[A-Z]{2}$'),
  notes text not null default '' check (char_length(notes) <= 20000),
  tags text[] not null default '{}' check (cardinality(tags) <= 50),
  owner_id uuid,
  archived_at timestamptz,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The words as they are: no language is right for names.
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig,
      name || ' ' || coalesce(email, '') || ' ' || coalesce(city, '') || ' ' || notes)
  ) stored,
  -- What refers to a company says its organization too, and these keys keep both in step.
  unique (organization_id, id),
  foreign key (organization_id, owner_id) references public.users (organization_id, user_id)
    on delete set null (owner_id)
);
comment on table public.companies is 'Companies that the organization sells to, or might.';
comment on column public.companies.owner_id is 'Who looks after it.';
comment on column public.companies.archived_at is 'Since when it is left out of lists; null where it is not.';
create index if not exists companies_owner_idx on public.companies (organization_id, owner_id);
create index if not exists companies_created_by_idx on public.companies (created_by);
create index if not exists companies_name_idx
  on public.companies (organization_id, lower(name) text_pattern_ops) where archived_at is null;
create index if not exists companies_tags_idx on public.companies using gin (tags);
create index if not exists companies_search_idx on public.companies using gin (search);

create table if not exists public.contacts (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  company_id uuid,
  name text not null check (char_length(btrim(name)) between 1 and 200),
  title text check (char_length(title) <= 200),
  email text check (email like '%_@_%' and char_length(email) <= 320),
  -- As it is looked for: the API compares with a column.
  email_lower text generated always as (lower(email)) stored,
  phone text check (char_length(phone) <= 50),
  status text not null default 'lead' check (status in ('lead', 'prospect', 'customer', 'former')),
  source text not null default 'manual' check (char_length(source) between 1 and 50),
  language text not null default 'sv' check (language in ('sv', 'en')),
  street text check (char_length(street) <= 200),
  postal_code text check (char_length(postal_code) <= 20),
  city text check (char_length(city) <= 100),
  country text check (country ~ '^[A-Z]{2}$'),
  notes text not null default '' check (char_length(notes) <= 20000),
  tags text[] not null default '{}' check (cardinality(tags) <= 50),
  fields jsonb not null default '{}' check (jsonb_typeof(fields) = 'object'),
  consented_at timestamptz,
  owner_id uuid,
  archived_at timestamptz,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig,
      name || ' ' || coalesce(email, '') || ' ' || coalesce(city, '') || ' ' || notes)
  ) stored,
  unique (organization_id, id),
  foreign key (organization_id, company_id) references public.companies (organization_id, id)
    on delete set null (company_id),
  foreign key (organization_id, owner_id) references public.users (organization_id, user_id)
    on delete set null (owner_id)
);
comment on table public.contacts is 'People: who asked, who buys, who bought.';
comment on column public.contacts.source is 'Where the contact came from: manual, website, import …';
comment on column public.contacts.fields is 'Further fields of the organization''s own.';
comment on column public.contacts.consented_at is 'Since when it may be written to; null where it never said yes.';
create index if not exists contacts_company_idx on public.contacts (organization_id, company_id);
create index if not exists contacts_owner_idx on public.contacts (organization_id, owner_id);
create index if not exists contacts_created_by_idx on public.contacts (created_by);
create index if not exists contacts_name_idx
  on public.contacts (organization_id, lower(name) text_pattern_ops) where archived_at is null;
create index if not exists contacts_email_idx on public.contacts (organization_id, email_lower);
create index if not exists contacts_status_idx on public.contacts (organization_id, status, created_at);
create index if not exists contacts_tags_idx on public.contacts using gin (tags);
create index if not exists contacts_search_idx on public.contacts using gin (search);

create table if not exists public.deals (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  company_id uuid,
  contact_id uuid,
  name text not null check (char_length(btrim(name)) between 1 and 200),
  stage text not null default 'new'
    check (stage in ('new', 'qualified', 'proposal', 'negotiation', 'won', 'lost')),
  amount numeric(14, 2) check (amount >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  probability smallint check (probability between 0 and 100),
  expected_on date,
  closed_at timestamptz,
  lost_because text check (char_length(lost_because) <= 500),
  position double precision not null default 0,
  owner_id uuid,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  check (amount is null or currency is not null),
  check ((stage in ('won', 'lost')) = (closed_at is not null)),
  -- A company or a contact with deals is archived, not deleted.
  foreign key (organization_id, company_id) references public.companies (organization_id, id)
    on delete restrict,
  foreign key (organization_id, contact_id) references public.contacts (organization_id, id)
    on delete restrict,
  foreign key (organization_id, owner_id) references public.users (organization_id, user_id)
    on delete set null (owner_id)
);
comment on table public.deals is 'Sales, from the first word to won or lost.';
comment on column public.deals.amount is 'Without VAT.';
comment on column public.deals.probability is 'Per cent.';
comment on column public.deals.closed_at is 'Follows stage.';
comment on column public.deals.position is 'Order within a stage. Between two neighbours there is room.';
create index if not exists deals_company_idx on public.deals (organization_id, company_id);
create index if not exists deals_contact_idx on public.deals (organization_id, contact_id);
create index if not exists deals_owner_idx on public.deals (organization_id, owner_id);
create index if not exists deals_created_by_idx on public.deals (created_by);
create index if not exists deals_stage_idx on public.deals (organization_id, stage, position);

create or replace function private.close_deal() returns trigger
language plpgsql set search_path = '' as $$
begin
  if new.stage not in ('won', 'lost') then
    new.closed_at := null;
  elsif tg_op = 'UPDATE' and old.stage in ('won', 'lost') then
    new.closed_at := old.closed_at;
  else
    new.closed_at := coalesce(new.closed_at, now());
  end if;
  return new;
end
$$;
comment on function private.close_deal() is 'Writes down when a deal was won or lost.';

create or replace trigger close before insert or update on public.deals
  for each row execute function private.close_deal();

create table if not exists public.activities (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  kind text not null default 'note' check (kind in ('note', 'call', 'meeting', 'email', 'form', 'task')),
  subject text not null check (char_length(btrim(subject)) between 1 and 300),
  body text not null default '' check (char_length(body) <= 20000),
  company_id uuid,
  contact_id uuid,
  deal_id uuid,
  happened_at timestamptz not null default now(),
  due_at timestamptz,
  done_at timestamptz,
  owner_id uuid,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (organization_id, company_id) references public.companies (organization_id, id)
    on delete set null (company_id),
  foreign key (organization_id, contact_id) references public.contacts (organization_id, id)
    on delete set null (contact_id),
  foreign key (organization_id, deal_id) references public.deals (organization_id, id)
    on delete set null (deal_id),
  foreign key (organization_id, owner_id) references public.users (organization_id, user_id)
    on delete set null (owner_id)
);
comment on table public.activities is 'What was said and done with a company, a contact or a deal, and what is to be.';
comment on column public.activities.due_at is 'Of what is still to be done.';
create index if not exists activities_company_idx on public.activities (organization_id, company_id, happened_at);
create index if not exists activities_contact_idx on public.activities (organization_id, contact_id, happened_at);
create index if not exists activities_deal_idx on public.activities (organization_id, deal_id, happened_at);
create index if not exists activities_owner_idx on public.activities (organization_id, owner_id);
create index if not exists activities_created_by_idx on public.activities (created_by);
create index if not exists activities_due_idx on public.activities (organization_id, due_at)
  where due_at is not null and done_at is null;

-- --- E-mail ----------------------------------------------------------------------------------------

create table if not exists public.email_templates (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (char_length(btrim(name)) between 1 and 200),
  language text not null default 'sv' check (language in ('sv', 'en')),
  subject text not null default '' check (char_length(subject) <= 300),
  html text not null default '' check (char_length(html) <= 500000),
  plain text not null default '' check (char_length(plain) <= 200000),
  variables text[] not null default '{}' check (cardinality(variables) <= 100),
  archived_at timestamptz,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (organization_id, name, language)
);
comment on table public.email_templates is 'Mails as they are written once, with names for what differs.';
comment on column public.email_templates.variables is 'The names that the texts have values for.';
create index if not exists email_templates_created_by_idx on public.email_templates (created_by);

create table if not exists public.email_campaigns (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  template_id uuid,
  name text not null check (char_length(btrim(name)) between 1 and 200),
  subject text not null default '' check (char_length(subject) <= 300),
  from_name text check (char_length(from_name) <= 200),
  from_email text check (from_email like '%_@_%' and char_length(from_email) <= 320),
  audience jsonb not null default '{}' check (jsonb_typeof(audience) = 'object'),
  status text not null default 'draft'
    check (status in ('draft', 'scheduled', 'sending', 'sent', 'cancelled')),
  scheduled_for timestamptz,
  sent_at timestamptz,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  check (status <> 'scheduled' or scheduled_for is not null),
  check (status <> 'sent' or sent_at is not null),
  -- A template that was used is archived, not deleted.
  foreign key (organization_id, template_id) references public.email_templates (organization_id, id)
    on delete restrict
);
comment on table public.email_campaigns is 'One mail to many, at one time.';
comment on column public.email_campaigns.audience is 'Who gets it: a filter over contacts, such as {"tags": ["nyhetsbrev"]}.';
create index if not exists email_campaigns_template_idx on public.email_campaigns (organization_id, template_id);
create index if not exists email_campaigns_created_by_idx on public.email_campaigns (created_by);
create index if not exists email_campaigns_due_idx on public.email_campaigns (scheduled_for)
  where status = 'scheduled';

create table if not exists public.email_sequences (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (char_length(btrim(name)) between 1 and 200),
  begins_with text not null default 'manual'
    check (begins_with in ('manual', 'lead', 'customer', 'deal_won', 'form')),
  steps jsonb not null default '[]' check (jsonb_typeof(steps) = 'array' and jsonb_array_length(steps) <= 50),
  active boolean not null default false,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id)
);
comment on table public.email_sequences is 'Mails that follow each other, for each contact from a day of its own.';
comment on column public.email_sequences.steps is
  'In their order: [{"template_id": "…", "after_hours": 24}]. The first counts from the beginning.';
create index if not exists email_sequences_created_by_idx on public.email_sequences (created_by);

create table if not exists public.email_unsubscribes (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  -- As it is looked for.
  email text not null check (email like '%_@_%' and char_length(email) <= 320 and email = lower(email)),
  reason text not null default 'link' check (reason in ('link', 'manual', 'bounce', 'complaint')),
  note text check (char_length(note) <= 1000),
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, email)
);
comment on table public.email_unsubscribes is 'Who is not written to, whatever a campaign says.';
create index if not exists email_unsubscribes_created_by_idx on public.email_unsubscribes (created_by);

create table if not exists public.email_sends (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  campaign_id uuid,
  sequence_id uuid,
  sequence_step smallint check (sequence_step >= 0),
  contact_id uuid,
  email text not null check (email like '%_@_%' and char_length(email) <= 320),
  subject text not null default '' check (char_length(subject) <= 300),
  status text not null default 'queued'
    check (status in ('queued', 'sent', 'delivered', 'bounced', 'complained', 'failed', 'suppressed')),
  provider_id text check (char_length(provider_id) <= 200),
  error text check (char_length(error) <= 1000),
  sent_at timestamptz,
  opened_at timestamptz,
  clicked_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (campaign_id is null or sequence_id is null),
  check ((sequence_id is null) = (sequence_step is null)),
  foreign key (organization_id, campaign_id) references public.email_campaigns (organization_id, id)
    on delete restrict,
  foreign key (organization_id, sequence_id) references public.email_sequences (organization_id, id)
    on delete restrict,
  foreign key (organization_id, contact_id) references public.contacts (organization_id, id)
    on delete set null (contact_id)
);
comment on table public.email_sends is 'Each mail to each contact, and what became of it. The project''s own server writes it.';
comment on column public.email_sends.provider_id is 'The mail service''s id.';
comment on column public.email_sends.status is
  'A worker writes sent before it sends, and sends what then says so. suppressed: the address has unsubscribed, so it is never sent.';
create index if not exists email_sends_campaign_idx on public.email_sends (organization_id, campaign_id, status);
create index if not exists email_sends_sequence_idx on public.email_sends (organization_id, sequence_id);
create index if not exists email_sends_contact_idx on public.email_sends (organization_id, contact_id, created_at);
create index if not exists email_sends_queue_idx on public.email_sends (created_at) where status = 'queued';
-- Nobody gets the same mail twice, however often a worker begins again.
create unique index if not exists email_sends_once_of_campaign
  on public.email_sends (campaign_id, lower(email)) where campaign_id is not null;
create unique index if not exists email_sends_once_of_sequence
  on public.email_sends (sequence_id, sequence_step, lower(email)) where sequence_id is not null;
create unique index if not exists email_sends_provider_id_key on public.email_sends (provider_id);

create or replace function private.suppress_send() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- What has gone out stays as it was.
  if new.status in ('queued', 'sent')
    and (tg_op = 'INSERT' or old.status in ('queued', 'failed', 'suppressed'))
    and exists (
      select from public.email_unsubscribes u
      where u.organization_id = new.organization_id and u.email = lower(new.email)
    ) then
    new.status := 'suppressed';
  end if;
  return new;
end
$$;
comment on function private.suppress_send() is 'Keeps a mail from whoever has unsubscribed.';

create or replace trigger suppress before insert or update on public.email_sends
  for each row execute function private.suppress_send();

create or replace function private.suppress_queued() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.email_sends s set status = 'suppressed'
    where s.organization_id = new.organization_id and lower(s.email) = new.email and s.status = 'queued';
  return null;
end
$$;
comment on function private.suppress_queued() is 'Takes the mails out of the queue that who unsubscribes was to get.';

create or replace trigger suppress after insert on public.email_unsubscribes
  for each row execute function private.suppress_queued();

-- --- Social media and content ----------------------------------------------------------------------

create table if not exists public.social_accounts (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  platform text not null
    check (platform in ('facebook', 'instagram', 'linkedin', 'x', 'tiktok', 'youtube', 'threads', 'other')),
  handle text not null check (char_length(btrim(handle)) between 1 and 200),
  external_id text check (char_length(external_id) <= 200),
  url text check (url ~ '^https?://' and char_length(url) <= 2000),
  status text not null default 'connected' check (status in ('connected', 'expired', 'disconnected')),
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (organization_id, platform, handle)
);
comment on table public.social_accounts is
  'Where the organization publishes. Tokens are with whoever posts, such as n8n: none of them is here.';
create index if not exists social_accounts_created_by_idx on public.social_accounts (created_by);

create table if not exists public.content_templates (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null check (char_length(btrim(name)) between 1 and 200),
  kind text not null default 'social' check (kind in ('social', 'article', 'newsletter', 'page')),
  language text not null default 'sv' check (language in ('sv', 'en')),
  body text not null default '' check (char_length(body) <= 200000),
  instructions text not null default '' check (char_length(instructions) <= 20000),
  variables text[] not null default '{}' check (cardinality(variables) <= 100),
  archived_at timestamptz,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id)
);
comment on table public.content_templates is 'How a kind of content is written.';
comment on column public.content_templates.instructions is 'For who writes by it, human or not.';
create index if not exists content_templates_created_by_idx on public.content_templates (created_by);

create table if not exists public.content_queue (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  template_id uuid,
  kind text not null default 'social' check (kind in ('social', 'article', 'newsletter', 'page')),
  title text not null check (char_length(btrim(title)) between 1 and 300),
  body text not null default '' check (char_length(body) <= 200000),
  media jsonb not null default '[]' check (jsonb_typeof(media) = 'array'),
  tags text[] not null default '{}' check (cardinality(tags) <= 50),
  status text not null default 'idea'
    check (status in ('idea', 'draft', 'review', 'approved', 'published', 'rejected')),
  publish_at timestamptz,
  published_at timestamptz,
  assignee_id uuid,
  approved_by uuid,
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  foreign key (organization_id, template_id) references public.content_templates (organization_id, id)
    on delete set null (template_id),
  foreign key (organization_id, assignee_id) references public.users (organization_id, user_id)
    on delete set null (assignee_id),
  foreign key (organization_id, approved_by) references public.users (organization_id, user_id)
    on delete set null (approved_by)
);
comment on table public.content_queue is 'What is to be published, from the idea on.';
comment on column public.content_queue.media is 'Pictures and films: [{"path": "…", "alt": "…"}].';
create index if not exists content_queue_template_idx on public.content_queue (organization_id, template_id);
create index if not exists content_queue_assignee_idx on public.content_queue (organization_id, assignee_id);
create index if not exists content_queue_approved_by_idx on public.content_queue (organization_id, approved_by);
create index if not exists content_queue_created_by_idx on public.content_queue (created_by);
create index if not exists content_queue_status_idx on public.content_queue (organization_id, status, publish_at);

create table if not exists public.social_posts (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  account_id uuid not null,
  content_id uuid,
  body text not null check (char_length(btrim(body)) between 1 and 70000),
  media jsonb not null default '[]' check (jsonb_typeof(media) = 'array'),
  status text not null default 'draft'
    check (status in ('draft', 'scheduled', 'publishing', 'published', 'failed')),
  scheduled_for timestamptz,
  published_at timestamptz,
  external_id text check (char_length(external_id) <= 200),
  url text check (url ~ '^https?://' and char_length(url) <= 2000),
  error text check (char_length(error) <= 1000),
  likes integer not null default 0 check (likes >= 0),
  comments integer not null default 0 check (comments >= 0),
  shares integer not null default 0 check (shares >= 0),
  views integer not null default 0 check (views >= 0),
  created_by uuid references public.users (user_id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (status <> 'scheduled' or scheduled_for is not null),
  -- An account with posts is disconnected, not deleted.
  foreign key (organization_id, account_id) references public.social_accounts (organization_id, id)
    on delete restrict,
  foreign key (organization_id, content_id) references public.content_queue (organization_id, id)
    on delete set null (content_id)
);
comment on table public.social_posts is 'What is published in one account, when, and how it was met.';
create index if not exists social_posts_account_idx on public.social_posts (organization_id, account_id, scheduled_for);
create index if not exists social_posts_content_idx on public.social_posts (organization_id, content_id);
create index if not exists social_posts_created_by_idx on public.social_posts (created_by);
create index if not exists social_posts_due_idx on public.social_posts (scheduled_for) where status = 'scheduled';

-- --- Figures ---------------------------------------------------------------------------------------
-- The project's own server writes them.

create table if not exists public.client_usage_metrics (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  metric text not null check (metric ~ '^[a-z][a-z0-9_.]{0,99}$'),
  period_on date not null,
  value numeric(18, 4) not null check (value >= 0),
  unit text not null default '' check (char_length(unit) <= 20),
  allowance numeric(18, 4) check (allowance >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, metric, period_on)
);
comment on table public.client_usage_metrics is 'What an organization has used in a month, against what its plan allows.';
comment on column public.client_usage_metrics.period_on is 'The first day of the period.';
comment on column public.client_usage_metrics.allowance is 'By the plan; null where there is no limit.';

create table if not exists public.subscription_history (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  plan text not null check (char_length(plan) between 1 and 50),
  status text not null check (status in ('trial', 'active', 'past_due', 'paused', 'cancelled')),
  modules text[] not null default '{}' check (cardinality(modules) <= 50),
  amount numeric(12, 2) check (amount >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  begins_on date not null default current_date,
  ends_on date,
  external_id text check (char_length(external_id) <= 200),
  note text check (char_length(note) <= 1000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (ends_on >= begins_on),
  check (amount is null or currency is not null)
);
comment on table public.subscription_history is 'Which plan an organization had, from when to when.';
comment on column public.subscription_history.external_id is 'The payment service''s id of the subscription.';
create index if not exists subscription_history_organization_idx
  on public.subscription_history (organization_id, begins_on);

create table if not exists public.analytics_snapshots (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  source text not null check (source ~ '^[a-z][a-z0-9_.]{0,49}$'),
  taken_on date not null default current_date,
  figures jsonb not null check (jsonb_typeof(figures) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, source, taken_on)
);
comment on table public.analytics_snapshots is 'Figures as they were on a day: visits, sales, followers.';
comment on column public.analytics_snapshots.source is 'Whose they are: weekly, web, search, instagram …';

-- Of the instance as a whole, and so of no organization.
create table if not exists public.platform_metrics (
  id uuid primary key default gen_random_uuid(),
  metric text not null check (metric ~ '^[a-z][a-z0-9_.]{0,99}$'),
  measured_at timestamptz not null default now(),
  value numeric(18, 4) not null,
  unit text not null default '' check (char_length(unit) <= 20),
  labels jsonb not null default '{}' check (jsonb_typeof(labels) = 'object'),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.platform_metrics is 'How the instance itself is: response times, jobs, storage. It is of no organization.';
create index if not exists platform_metrics_metric_idx on public.platform_metrics (metric, measured_at);

-- --- Notifications ---------------------------------------------------------------------------------

create table if not exists public.notifications (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null,
  kind text not null default 'info' check (kind in ('info', 'lead', 'task', 'report', 'warning')),
  title text not null check (char_length(btrim(title)) between 1 and 300),
  body text not null default '' check (char_length(body) <= 10000),
  link text check (link ~ '^(https?://|/)' and char_length(link) <= 2000),
  read_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (organization_id, user_id) references public.users (organization_id, user_id)
    on delete cascade
);
comment on table public.notifications is 'What a user is told. The project''s own server writes them, the user marks them as read.';
create index if not exists notifications_user_idx on public.notifications (organization_id, user_id, created_at);
create index if not exists notifications_unread_idx on public.notifications (user_id) where read_at is null;

-- --- Audit log -------------------------------------------------------------------------------------

create table if not exists public.audit_log (
  id uuid primary key default gen_random_uuid(),
  number bigint generated always as identity unique,
  created_at timestamptz not null default now(),
  -- No foreign keys: the log outlives those in it.
  organization_id uuid,
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
create index if not exists audit_log_organization_idx on public.audit_log (organization_id, number);
create index if not exists audit_log_actor_id_idx on public.audit_log (actor_id, number);

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
  computed constant text[] := array['search', 'email_lower'];
  was jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - computed end;
  becomes jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - computed end;
  whole constant jsonb := coalesce(becomes, was);
  untold constant text[] := tg_argv[1];
  organization constant uuid := case
    when tg_table_name = 'organizations' then whole ->> 'id' else whole ->> 'organization_id' end;
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
  insert into public.audit_log (organization_id, actor_id, action, table_name, row_key, before, after)
    values (organization, (select auth.uid()), lower(tg_op), tg_table_name, whole ->> tg_argv[0],
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
  foreach name in array array['organizations', 'users', 'contacts', 'companies', 'deals', 'activities',
    'email_campaigns', 'email_templates', 'email_sequences', 'email_sends', 'email_unsubscribes',
    'social_posts', 'social_accounts', 'content_queue', 'content_templates', 'client_usage_metrics',
    'subscription_history', 'analytics_snapshots', 'platform_metrics', 'notifications'] loop
    execute format('create or replace trigger touch before update on public.%I
      for each row execute function private.touch()', name);
  end loop;

  -- What people change. Figures and single mails are many, and say themselves when they came.
  foreach name in array array['organizations', 'users', 'contacts', 'companies', 'deals', 'activities',
    'email_campaigns', 'email_templates', 'email_sequences', 'email_unsubscribes', 'social_posts',
    'social_accounts', 'content_queue', 'content_templates', 'subscription_history'] loop
    execute format('create or replace trigger audit after insert or update or delete on public.%I
      for each row execute function private.audit(%L, %L)', name,
      case name when 'users' then 'user_id' else 'id' end,
      -- What is written of people in words of one's own.
      case name
        when 'contacts' then '{notes,fields}'
        when 'companies' then '{notes}'
        when 'deals' then '{lost_because}'
        when 'activities' then '{subject,body}'
        when 'email_unsubscribes' then '{email,note}'
        when 'subscription_history' then '{note}'
        else '{}'
      end);
  end loop;

  foreach name in array array['contacts', 'companies', 'deals', 'activities', 'email_campaigns',
    'email_templates', 'email_sequences', 'email_unsubscribes', 'social_posts', 'social_accounts',
    'content_queue', 'content_templates'] loop
    execute format('create or replace trigger sign before insert or update on public.%I
      for each row execute function private.sign()', name);
  end loop;

  -- By its name the first before an insertion: the others may look at the organization.
  foreach name in array array['users', 'contacts', 'companies', 'deals', 'activities', 'email_campaigns',
    'email_templates', 'email_sequences', 'email_sends', 'email_unsubscribes', 'social_posts',
    'social_accounts', 'content_queue', 'content_templates', 'client_usage_metrics',
    'subscription_history', 'analytics_snapshots', 'notifications'] loop
    execute format('create or replace trigger belong before insert or update on public.%I
      for each row execute function private.belong()', name);
  end loop;

  foreach name in array array['organizations', 'users', 'contacts', 'companies', 'deals', 'activities',
    'email_campaigns', 'email_templates', 'email_sequences', 'email_sends', 'email_unsubscribes',
    'social_posts', 'social_accounts', 'content_queue', 'content_templates', 'client_usage_metrics',
    'subscription_history', 'analytics_snapshots', 'platform_metrics', 'notifications', 'audit_log'] loop
    execute format('alter table public.%I enable row level security', name);
  end loop;
end
$$;
