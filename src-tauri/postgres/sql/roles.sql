-- Supabase's roles, with what each may do. Runs as `supabase_admin`, the cluster's superuser.

-- The owner of a project's database. No superuser: row-level security and ownership are as there.
create role postgres login createdb createrole replication bypassrls;

create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;

-- PostgREST signs in as this one, and becomes one of the three above for each request.
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role to postgres with admin option;

create role supabase_auth_admin login noinherit createrole;
create role supabase_storage_admin login noinherit createrole;
create role supabase_read_only_user login bypassrls;
create role dashboard_user nologin createdb createrole replication;

grant pg_read_all_data to supabase_read_only_user;
grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres with admin option;

alter database postgres owner to postgres;
alter schema public owner to postgres;
grant usage on schema public to anon, authenticated, service_role;

-- What `postgres` makes in `public` is open to none of the API's roles until it is granted, as in projects
-- since 30 May 2026. Older ones gave them all rights on it. What the platform itself makes there is theirs still.
alter default privileges for role supabase_admin in schema public
  grant all on tables to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on functions to postgres, anon, authenticated, service_role;
alter default privileges for role supabase_admin in schema public
  grant all on sequences to postgres, anon, authenticated, service_role;
