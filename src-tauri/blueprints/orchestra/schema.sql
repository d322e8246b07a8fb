-- An orchestra's database: its members and what they play, its projects with rehearsals and concerts, and who
-- was asked to play in them. The orchestra is alone in it, so no row says whose it is.
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

-- --- The orchestra ---------------------------------------------------------------------------------

create table if not exists public.orchestra (
  id uuid primary key default gen_random_uuid(),
  -- One row: a second one would have the same value here.
  singleton boolean not null default true unique check (singleton),
  name text not null default '' check (char_length(name) <= 200),
  short_name text check (char_length(short_name) <= 30),
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
  answer_days smallint not null default 7 check (answer_days between 1 and 90),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.orchestra is 'The orchestra itself. Always one row.';
comment on column public.orchestra.country is 'ISO 3166-1 alpha-2.';
comment on column public.orchestra.currency is 'ISO 4217.';
comment on column public.orchestra.answer_days is 'How long a musician has to answer a request that says nothing else.';

insert into public.orchestra default values on conflict (singleton) do nothing;

-- --- Instruments -----------------------------------------------------------------------------------

create table if not exists public.instruments (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[a-z][a-z0-9_]{0,29}$'),
  name_sv text not null check (char_length(btrim(name_sv)) between 1 and 100),
  name_en text not null check (char_length(btrim(name_en)) between 1 and 100),
  family text not null check (family in ('woodwind', 'brass', 'percussion', 'keyboard', 'strings', 'voice', 'other')),
  position smallint not null default 1000,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.instruments is 'What can be played, in the order of the score.';
comment on column public.instruments.code is 'What imports call it by.';
create index if not exists instruments_position_idx on public.instruments (position, code);

insert into public.instruments (code, name_sv, name_en, family, position) values
  ('piccolo', 'Piccola', 'Piccolo', 'woodwind', 10),
  ('flute', 'Flöjt', 'Flute', 'woodwind', 20),
  ('oboe', 'Oboe', 'Oboe', 'woodwind', 30),
  ('english_horn', 'Engelskt horn', 'English horn', 'woodwind', 40),
  ('clarinet', 'Klarinett', 'Clarinet', 'woodwind', 50),
  ('bass_clarinet', 'Basklarinett', 'Bass clarinet', 'woodwind', 60),
  ('saxophone', 'Saxofon', 'Saxophone', 'woodwind', 70),
  ('bassoon', 'Fagott', 'Bassoon', 'woodwind', 80),
  ('contrabassoon', 'Kontrafagott', 'Contrabassoon', 'woodwind', 90),
  ('horn', 'Valthorn', 'Horn', 'brass', 100),
  ('trumpet', 'Trumpet', 'Trumpet', 'brass', 110),
  ('trombone', 'Trombon', 'Trombone', 'brass', 120),
  ('bass_trombone', 'Bastrombon', 'Bass trombone', 'brass', 130),
  ('tuba', 'Tuba', 'Tuba', 'brass', 140),
  ('timpani', 'Pukor', 'Timpani', 'percussion', 150),
  ('percussion', 'Slagverk', 'Percussion', 'percussion', 160),
  ('harp', 'Harpa', 'Harp', 'strings', 170),
  ('piano', 'Piano', 'Piano', 'keyboard', 180),
  ('celesta', 'Celesta', 'Celesta', 'keyboard', 190),
  ('organ', 'Orgel', 'Organ', 'keyboard', 200),
  ('violin', 'Violin', 'Violin', 'strings', 210),
  ('viola', 'Viola', 'Viola', 'strings', 220),
  ('cello', 'Cello', 'Cello', 'strings', 230),
  ('double_bass', 'Kontrabas', 'Double bass', 'strings', 240),
  ('voice', 'Sång', 'Voice', 'voice', 250)
on conflict (code) do nothing;

-- --- Members ---------------------------------------------------------------------------------------

-- Whoever has no account yet is a member all the same: an import brings people, and they are invited later.
-- The first one is added when the instance is made, by the project's secret key:
--   POST /rest/v1/members {"user_id": …, "email": …, "name": …, "role": "admin"}
-- for a user that Auth has just created. There is no trigger on auth.users that would do it.
create table if not exists public.members (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique references auth.users (id) on delete set null,
  name text not null default '' check (char_length(name) <= 200),
  email text check (email like '%_@_%' and char_length(email) <= 320),
  phone text check (char_length(phone) <= 50),
  role text not null default 'musician' check (role in ('admin', 'planner', 'musician')),
  standing text not null default 'regular'
    check (standing in ('regular', 'substitute', 'trial', 'student', 'resting', 'former')),
  language text not null default 'sv' check (language in ('sv', 'en')),
  active boolean not null default true,
  joined_on date,
  left_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The words as they are: no language is right for names.
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig, name || ' ' || coalesce(email, ''))
  ) stored,
  check (left_on >= joined_on)
);
comment on table public.members is 'Everybody in the orchestra. All of them see this much of each other.';
comment on column public.members.user_id is 'The account in Auth; null for who has none.';
comment on column public.members.role is
  'admin: everything. planner: members, projects and requests. musician: its own, and what is announced.';
comment on column public.members.active is 'A member who is not sees its own row and nothing else.';
create unique index if not exists members_email_key on public.members (lower(email));
create index if not exists members_name_idx on public.members (lower(name) text_pattern_ops);
create index if not exists members_standing_idx on public.members (standing) where active;
create index if not exists members_search_idx on public.members using gin (search);

create table if not exists public.member_details (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null unique references public.members (id) on delete cascade,
  street text check (char_length(street) <= 200),
  postal_code text check (char_length(postal_code) <= 20),
  city text check (char_length(city) <= 100),
  country text check (country ~ '^[A-Z]{2}$'),
  born_on date,
  emergency_contact text check (char_length(emergency_contact) <= 300),
  diet text check (char_length(diet) <= 300),
  notes text not null default '' check (char_length(notes) <= 20000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.member_details is 'What of a member is nobody''s business but its own and the planners''.';

create table if not exists public.member_instruments (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null references public.members (id) on delete cascade,
  instrument_id uuid not null references public.instruments (id) on delete restrict,
  main boolean not null default false,
  chair text check (char_length(chair) <= 50),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (member_id, instrument_id)
);
comment on table public.member_instruments is 'Who plays what.';
comment on column public.member_instruments.chair is 'Where: concertmaster, principal, second violin …';
create index if not exists member_instruments_instrument_id_idx on public.member_instruments (instrument_id);
create unique index if not exists member_instruments_main_key
  on public.member_instruments (member_id) where main;

-- What row-level security can't say, as it sees a row before or after a change and never both. It holds
-- for signed-in users; the project's own server and its owner are past it.
create or replace function private.guard_members() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := (select auth.uid());
  caller_role text;
  -- What a member changes of itself.
  own constant text[] := array['name', 'phone', 'language', 'updated_at', 'created_at', 'search'];
begin
  if caller is null then
    return coalesce(new, old);
  end if;
  -- One change at a time: two administrators who step down at once would each see the other.
  perform pg_advisory_xact_lock(hashtext('public.members'));
  select m.role into caller_role from public.members m where m.user_id = caller and m.active;

  if tg_op = 'UPDATE' and caller_role = 'musician' and to_jsonb(new) - own <> to_jsonb(old) - own then
    raise exception 'only name, phone and language can be changed' using errcode = '42501';
  end if;
  -- Accounts and what they may do are the administrators' to give.
  if caller_role is distinct from 'admin' and (
    (tg_op = 'INSERT' and (new.user_id is not null or new.role <> 'musician'))
    or (tg_op = 'UPDATE' and (new.user_id, new.role, new.active)
      is distinct from (old.user_id, old.role, old.active))
    or (tg_op = 'DELETE' and old.user_id is not null)
  ) then
    raise exception 'only an administrator can change what a member may do' using errcode = '42501';
  end if;
  -- Somebody must be left who can let others in.
  if tg_op <> 'INSERT' and old.active and old.role = 'admin' and old.user_id is not null
    and (tg_op = 'DELETE' or not new.active or new.role <> 'admin' or new.user_id is null)
    and not exists (
      select from public.members m
      where m.active and m.role = 'admin' and m.user_id is not null and m.id <> old.id
    ) then
    raise exception 'the last administrator can not be removed' using errcode = '23514';
  end if;
  return coalesce(new, old);
end
$$;
comment on function private.guard_members() is 'Who may change what of whom, and that an administrator is left.';

create or replace trigger guard before insert or update or delete on public.members
  for each row execute function private.guard_members();

-- --- Groups ----------------------------------------------------------------------------------------

create table if not exists public.groups (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(btrim(name)) between 1 and 200),
  kind text not null default 'section' check (kind in ('section', 'ensemble', 'committee', 'other')),
  description text not null default '' check (char_length(description) <= 5000),
  leader_id uuid references public.members (id) on delete set null,
  position smallint not null default 1000,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.groups is 'Sections, smaller ensembles, the board.';
create unique index if not exists groups_name_key on public.groups (lower(name));
create index if not exists groups_leader_id_idx on public.groups (leader_id);

create table if not exists public.group_members (
  id uuid primary key default gen_random_uuid(),
  group_id uuid not null references public.groups (id) on delete cascade,
  member_id uuid not null references public.members (id) on delete cascade,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (group_id, member_id)
);
comment on table public.group_members is 'Who is in which group.';
create index if not exists group_members_member_id_idx on public.group_members (member_id);

-- --- Projects --------------------------------------------------------------------------------------

create table if not exists public.projects (
  id uuid primary key default gen_random_uuid(),
  title text not null check (char_length(btrim(title)) between 1 and 200),
  kind text not null default 'concert' check (kind in ('concert', 'tour', 'recording', 'course', 'other')),
  status text not null default 'draft' check (status in ('draft', 'announced', 'done', 'cancelled')),
  programme text not null default '' check (char_length(programme) <= 20000),
  conductor text check (char_length(conductor) <= 200),
  soloists text check (char_length(soloists) <= 1000),
  notes text not null default '' check (char_length(notes) <= 20000),
  starts_on date,
  ends_on date,
  answer_by timestamptz,
  created_by uuid references public.members (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  search tsvector not null generated always as (
    to_tsvector('simple'::regconfig,
      title || ' ' || programme || ' ' || coalesce(conductor, '') || ' ' || coalesce(soloists, ''))
  ) stored,
  check (ends_on >= starts_on)
);
comment on table public.projects is 'A concert with its rehearsals, a tour, a recording.';
comment on column public.projects.status is 'draft: the planners see it. From announced on all members do.';
comment on column public.projects.answer_by is 'Until when its requests are to be answered, where these say nothing else.';
create index if not exists projects_created_by_idx on public.projects (created_by);
create index if not exists projects_status_idx on public.projects (status, starts_on);
create index if not exists projects_search_idx on public.projects using gin (search);

create table if not exists public.project_events (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  kind text not null default 'rehearsal'
    check (kind in ('rehearsal', 'sectional', 'dress_rehearsal', 'concert', 'travel', 'other')),
  title text not null default '' check (char_length(title) <= 200),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  place text check (char_length(place) <= 300),
  -- Who is called, where not all are.
  group_id uuid references public.groups (id) on delete set null,
  notes text not null default '' check (char_length(notes) <= 5000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (ends_at > starts_at)
);
comment on table public.project_events is 'Rehearsals and concerts: when and where.';
comment on column public.project_events.group_id is 'The group that is called; null for everybody.';
create index if not exists project_events_project_id_idx on public.project_events (project_id, starts_at);
create index if not exists project_events_group_id_idx on public.project_events (group_id);
create index if not exists project_events_starts_at_idx on public.project_events (starts_at);

create table if not exists public.project_needs (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  instrument_id uuid not null references public.instruments (id) on delete restrict,
  players smallint not null default 1 check (players between 1 and 200),
  notes text not null default '' check (char_length(notes) <= 1000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (project_id, instrument_id)
);
comment on table public.project_needs is 'How many of each instrument a project takes.';
create index if not exists project_needs_instrument_id_idx on public.project_needs (instrument_id);

-- --- Requests --------------------------------------------------------------------------------------

create table if not exists public.requests (
  id uuid primary key default gen_random_uuid(),
  project_id uuid not null references public.projects (id) on delete cascade,
  member_id uuid not null references public.members (id) on delete restrict,
  instrument_id uuid references public.instruments (id) on delete restrict,
  chair text check (char_length(chair) <= 50),
  status text not null default 'draft'
    check (status in ('draft', 'sent', 'accepted', 'declined', 'withdrawn', 'expired')),
  message text not null default '' check (char_length(message) <= 5000),
  reply text check (char_length(reply) <= 2000),
  fee numeric(12, 2) check (fee >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  sent_at timestamptz,
  answer_by timestamptz,
  answered_at timestamptz,
  created_by uuid references public.members (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (fee is null or currency is not null),
  check (status = 'draft' or sent_at is not null),
  check (status not in ('accepted', 'declined') or answered_at is not null)
);
comment on table public.requests is 'Who was asked to play in a project, and the answer.';
comment on column public.requests.sent_at is 'Follows status, as answered_at does.';
-- Nobody is asked twice for the same chair, unless the first request has come to nothing.
create unique index if not exists requests_open_key
  on public.requests (project_id, member_id, coalesce(instrument_id, '00000000-0000-0000-0000-000000000000'))
  where status in ('draft', 'sent', 'accepted');
create index if not exists requests_project_id_idx on public.requests (project_id, status);
create index if not exists requests_member_id_idx on public.requests (member_id, status);
create index if not exists requests_instrument_id_idx on public.requests (instrument_id);
create index if not exists requests_created_by_idx on public.requests (created_by);
create index if not exists requests_unanswered_idx on public.requests (answer_by) where status = 'sent';

create or replace function private.guard_requests() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := (select auth.uid());
  caller_role text;
  -- What a musician gives as an answer.
  answer constant text[] := array['status', 'reply', 'answered_at', 'updated_at', 'created_at'];
begin
  if tg_op = 'UPDATE' and caller is not null then
    select m.role into caller_role from public.members m where m.user_id = caller and m.active;
    if caller_role = 'musician' then
      if to_jsonb(new) - answer <> to_jsonb(old) - answer then
        raise exception 'a request is answered, and else stays as it is' using errcode = '42501';
      end if;
      if old.status not in ('sent', 'accepted', 'declined') or new.status not in ('sent', 'accepted', 'declined') then
        raise exception 'a request does not go from % to %', old.status, new.status using errcode = '42501';
      end if;
      if old.answer_by < now() and new.status <> old.status then
        raise exception 'the time to answer is over' using errcode = '23514';
      end if;
    end if;
  end if;
  if new.status = 'sent' and (tg_op = 'INSERT' or old.status = 'draft') then
    new.sent_at := coalesce(new.sent_at, now());
    new.answer_by := coalesce(new.answer_by,
      (select p.answer_by from public.projects p where p.id = new.project_id),
      new.sent_at + (select o.answer_days from public.orchestra o) * interval '1 day');
  end if;
  if new.status in ('accepted', 'declined') and (tg_op = 'INSERT' or old.status <> new.status) then
    new.sent_at := coalesce(new.sent_at, now());
    new.answered_at := now();
  elsif new.status in ('draft', 'sent') then
    new.answered_at := null;
  elsif tg_op = 'UPDATE' then
    new.answered_at := old.answered_at;
  end if;
  return new;
end
$$;
comment on function private.guard_requests() is
  'Writes down when a request was sent and answered, and keeps what is not the musician''s to change.';

create or replace trigger guard before insert or update on public.requests
  for each row execute function private.guard_requests();

-- Who made the row is a member, and the caller a user.
create or replace function private.sign() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    -- The project's own server has no user, and may say for whom it writes.
    if (select auth.uid()) is not null then
      new.created_by := (select m.id from public.members m where m.user_id = (select auth.uid()));
    end if;
  elsif new.created_by is not null
    or exists (select from public.members m where m.id = old.created_by) then
    -- It becomes null when the member is removed, and nothing else changes it.
    new.created_by := old.created_by;
  end if;
  return new;
end
$$;
comment on function private.sign() is 'Writes down who made the row, whatever the caller says.';

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
  row_key constant text := coalesce(becomes, was) ->> 'id';
  untold constant text[] := tg_argv[0];
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
  'Adds a change to the audit log. Its argument are the columns whose content is not told.';

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
  foreach name in array array['orchestra', 'instruments', 'members', 'member_details', 'member_instruments',
    'groups', 'group_members', 'projects', 'project_events', 'project_needs', 'requests'] loop
    execute format('create or replace trigger touch before update on public.%I
      for each row execute function private.touch()', name);
    execute format('create or replace trigger audit after insert or update or delete on public.%I
      for each row execute function private.audit(%L)', name,
      -- What is nobody's business, and what is written of people in words of one's own.
      case name
        when 'member_details' then '{street,postal_code,city,country,born_on,emergency_contact,diet,notes}'
        when 'projects' then '{notes}'
        when 'project_events' then '{notes}'
        when 'project_needs' then '{notes}'
        when 'requests' then '{message,reply}'
        else '{}'
      end);
  end loop;

  foreach name in array array['projects', 'requests'] loop
    execute format('create or replace trigger sign before insert or update on public.%I
      for each row execute function private.sign()', name);
  end loop;

  foreach name in array array['orchestra', 'instruments', 'members', 'member_details', 'member_instruments',
    'groups', 'group_members', 'projects', 'project_events', 'project_needs', 'requests', 'audit_log'] loop
    execute format('alter table public.%I enable row level security', name);
  end loop;
end
$$;
