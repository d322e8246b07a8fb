-- `extensions`, where a project finds `pgcrypto` and `uuid-ossp` installed. The embedded server ships
-- neither, so the functions that schemas call are made of what PostgreSQL has built in, and both
-- are entered as extensions: `create extension if not exists pgcrypto` succeeds as it does there.
-- Not here: `crypt`, `gen_salt` and the pgp functions.

create schema extensions;
grant usage on schema extensions to postgres, anon, authenticated, service_role, dashboard_user;

create function extensions.digest(data bytea, type text) returns bytea
language sql immutable strict parallel safe as $$
  select case lower(type)
    when 'md5' then decode(md5(data), 'hex')
    when 'sha224' then sha224(data)
    when 'sha256' then sha256(data)
    when 'sha384' then sha384(data)
    when 'sha512' then sha512(data)
  end
$$;

create function extensions.digest(data text, type text) returns bytea
language sql immutable strict parallel safe as $$
  select extensions.digest(convert_to(data, 'UTF8'), type)
$$;

-- RFC 2104, byte by byte: there is no exclusive or of whole `bytea` values.
create function extensions.hmac(data bytea, key bytea, type text) returns bytea
language plpgsql immutable strict parallel safe as $$
declare
  block constant integer := case when lower(type) in ('sha384', 'sha512') then 128 else 64 end;
  padded bytea := case when length(key) > block then extensions.digest(key, type) else key end;
  inner_pad bytea := decode(repeat('36', block), 'hex');
  outer_pad bytea := decode(repeat('5c', block), 'hex');
begin
  for i in 0 .. length(padded) - 1 loop
    inner_pad := set_byte(inner_pad, i, get_byte(padded, i) # 54);
    outer_pad := set_byte(outer_pad, i, get_byte(padded, i) # 92);
  end loop;
  return extensions.digest(outer_pad || extensions.digest(inner_pad || data, type), type);
end
$$;

create function extensions.hmac(data text, key text, type text) returns bytea
language sql immutable strict parallel safe as $$
  select extensions.hmac(convert_to(data, 'UTF8'), convert_to(key, 'UTF8'), type)
$$;

-- A version 4 UUID holds 122 random bits: a hash over four of them gives 32 full bytes.
create function extensions.gen_random_bytes(count integer) returns bytea
language plpgsql volatile strict parallel safe as $$
declare
  bytes bytea := '';
begin
  if count < 1 or count > 1024 then
    raise exception 'Length not in range' using errcode = '22023';
  end if;
  while length(bytes) < count loop
    bytes := bytes || sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
      || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  end loop;
  return substring(bytes from 1 for count);
end
$$;

create function extensions.gen_random_uuid() returns uuid
language sql volatile strict parallel safe as 'select pg_catalog.gen_random_uuid()';

create function extensions.uuid_generate_v4() returns uuid
language sql volatile strict parallel safe as 'select pg_catalog.gen_random_uuid()';

create function extensions.uuid_nil() returns uuid
language sql immutable strict parallel safe
as $$select '00000000-0000-0000-0000-000000000000'::uuid$$;

insert into pg_catalog.pg_extension
  (oid, extname, extowner, extnamespace, extrelocatable, extversion, extconfig, extcondition)
select id, name, 'supabase_admin'::regrole, 'extensions'::regnamespace, true, version, null, null
from (values (15900::oid, 'pgcrypto', '1.3'), (15901::oid, 'uuid-ossp', '1.1'))
  as known (id, name, version);

alter extension pgcrypto add function extensions.digest(bytea, text);
alter extension pgcrypto add function extensions.digest(text, text);
alter extension pgcrypto add function extensions.hmac(bytea, bytea, text);
alter extension pgcrypto add function extensions.hmac(text, text, text);
alter extension pgcrypto add function extensions.gen_random_bytes(integer);
alter extension pgcrypto add function extensions.gen_random_uuid();
alter extension "uuid-ossp" add function extensions.uuid_generate_v4();
alter extension "uuid-ossp" add function extensions.uuid_nil();
