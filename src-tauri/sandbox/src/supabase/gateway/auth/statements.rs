//! What Auth asks of a project's database, and in which SQL. Named, so that a simulation's model can
//! answer without reading it.

macro_rules! users {
    () => {
        "select to_jsonb(u) as row, (
           select coalesce(jsonb_agg(to_jsonb(i) order by i.created_at), '[]')
           from identities i where i.user_id = u.id
         ) as identities
         from users u where "
    };
}

macro_rules! add_link {
    ($column:literal, $kind:literal) => {
        concat!(
            "with sent as (update users set ",
            $column,
            " = $4::timestamptz where id = $1::uuid)
             insert into one_time_tokens
               (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
             values (gen_random_uuid(), $1::uuid, '",
            $kind,
            "', $2, $3, $4::timestamptz at time zone 'utc', $4::timestamptz at time zone 'utc')
             on conflict (user_id, token_type) do update
               set token_hash = excluded.token_hash, created_at = excluded.created_at"
        )
    };
}

/// A statement in the schema `auth`; its parameters are told beside each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::supabase) enum Statement {
    /// Users with their identities: all of them, newest first.
    Users,
    /// The user of an id: `$1`.
    UserById,
    /// The user of an address: `$1`.
    UserByEmail,
    /// Makes a user and its e-mail identity: `$1` id, `$2` role, `$3` address, `$4` hash, `$5`
    /// whether confirmed, `$6` whether invited, `$7` now, `$8` and `$9` metadata (the application's,
    /// the user's), `$10` banned until, `$11` the identity.
    AddUser,
    /// An administrator's change: `$1` id, `$2` address, `$3` hash, `$4` role, `$5` whether to
    /// confirm, `$6` now, `$7` and `$8` metadata, `$9` whether to ban or not, `$10` until when.
    ChangeUser,
    /// The user's own change: `$1` id, `$2` hash, `$3` metadata, `$4` now.
    ChangeOwn,
    /// The address has proved itself: `$1` id, `$2` now.
    ConfirmUser,
    /// Nobody signs in as the user, and its address is free again: `$1` id, `$2` now.
    RetireUser,
    /// `$1` id.
    RemoveUser,
    /// Lets a user in: `$1` the session's id, `$2` the user's, `$3` now.
    OpenSession,
    /// Whether there is a session: `$1` its id, `$2` the user's.
    FindSession,
    /// `$1` the session's id.
    CloseSession,
    /// A token to renew a session with: `$1` its hash, `$2` the user's id, `$3` now, `$4` the session's.
    AddRefreshToken,
    /// Uses one up: `$1` its hash, `$2` now.
    UseRefreshToken,
    /// A link that confirms an address: `$1` the user's id, `$2` the hash, `$3` the address, `$4` now.
    AddConfirmation,
    /// A link that signs in: as [`AddConfirmation`](Self::AddConfirmation).
    AddRecovery,
    /// Uses a link up: `$1` its hash, `$2` the kinds that will do, `$3` now, `$4` seconds it lasts.
    UseLink,
}

impl Statement {
    pub(in crate::supabase) fn sql(self) -> &'static str {
        match self {
            Self::Users => concat!(users!(), "true order by u.created_at desc, u.id"),
            Self::UserById => concat!(users!(), "u.id = $1::uuid"),
            Self::UserByEmail => concat!(users!(), "u.email = $1 and not u.is_sso_user"),
            Self::AddUser => ADD_USER,
            Self::ChangeUser => CHANGE_USER,
            Self::ChangeOwn => {
                "update users set
                   encrypted_password = coalesce($2, encrypted_password),
                   raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || coalesce($3::jsonb, '{}'),
                   updated_at = $4::timestamptz
                 where id = $1::uuid"
            }
            Self::ConfirmUser => {
                "update users set
                   email_confirmed_at = coalesce(email_confirmed_at, $2::timestamptz),
                   raw_user_meta_data = coalesce(raw_user_meta_data, '{}')
                     || '{\"email_verified\": true}'
                 where id = $1::uuid"
            }
            Self::RetireUser => {
                "update users set email = 'deleted-' || id, encrypted_password = '',
                   deleted_at = $2::timestamptz
                 where id = $1::uuid"
            }
            Self::RemoveUser => "delete from users where id = $1::uuid",
            Self::OpenSession => {
                "with entered as (
                   update users set last_sign_in_at = $3::timestamptz, updated_at = $3::timestamptz
                   where id = $2::uuid
                 )
                 insert into sessions (id, user_id, created_at, updated_at, aal)
                 values ($1::uuid, $2::uuid, $3::timestamptz, $3::timestamptz, 'aal1')"
            }
            Self::FindSession => {
                "select 1 from sessions where id = $1::uuid and user_id = $2::uuid"
            }
            Self::CloseSession => "delete from sessions where id = $1::uuid",
            Self::AddRefreshToken => {
                "insert into refresh_tokens
                   (token, user_id, revoked, created_at, updated_at, session_id)
                 values ($1, $2, false, $3::timestamptz, $3::timestamptz, $4::uuid)"
            }
            Self::UseRefreshToken => {
                "update refresh_tokens set revoked = true, updated_at = $2::timestamptz
                 where token = $1 and not revoked
                 returning user_id, session_id"
            }
            Self::AddConfirmation => add_link!("confirmation_sent_at", "confirmation_token"),
            Self::AddRecovery => add_link!("recovery_sent_at", "recovery_token"),
            Self::UseLink => {
                "delete from one_time_tokens
                 where token_hash = $1 and token_type = any ($2::text[])
                 returning user_id, created_at > ($3::timestamptz at time zone 'utc')
                   - make_interval(secs => $4::double precision) as in_time"
            }
        }
    }
}

const ADD_USER: &str = "
    with made as (
      insert into users (instance_id, id, aud, role, email, encrypted_password,
        email_confirmed_at, invited_at, raw_app_meta_data, raw_user_meta_data, banned_until,
        created_at, updated_at)
      values ('00000000-0000-0000-0000-000000000000', $1::uuid, 'authenticated', $2, $3, $4,
        case when $5::boolean then $7::timestamptz end,
        case when $6::boolean then $7::timestamptz end,
        $8::jsonb, $9::jsonb, $10::timestamptz, $7::timestamptz, $7::timestamptz)
      returning id
    )
    insert into identities (provider_id, user_id, identity_data, provider, last_sign_in_at,
      created_at, updated_at)
    select id::text, id, $11::jsonb, 'email', $7::timestamptz, $7::timestamptz, $7::timestamptz
    from made";

/// `null` leaves as it is; a key of metadata set to null goes.
const CHANGE_USER: &str = "
    update users set
      email = coalesce($2, email),
      encrypted_password = coalesce($3, encrypted_password),
      role = coalesce($4, role),
      email_confirmed_at = case when $5::boolean
        then coalesce(email_confirmed_at, $6::timestamptz) else email_confirmed_at end,
      raw_app_meta_data = jsonb_strip_nulls(coalesce(raw_app_meta_data, '{}')
        || coalesce($7::jsonb, '{}')),
      raw_user_meta_data = jsonb_strip_nulls(coalesce(raw_user_meta_data, '{}')
        || coalesce($8::jsonb, '{}')),
      banned_until = case when $9::boolean then $10::timestamptz else banned_until end,
      updated_at = $6::timestamptz
    where id = $1::uuid";
