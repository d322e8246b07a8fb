create table public.members (
  user_id uuid primary key references auth.users (id) on delete cascade,
  email text not null,
  name text not null default '',
  role text not null
);

create table public.notes (
  id uuid primary key,
  body text not null
);
