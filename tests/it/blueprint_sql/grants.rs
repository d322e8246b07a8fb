//! Who has which right, whatever the project gave from the start: Supabase's older projects give all on what is
//! made in `public` to everybody, its newer ones nothing, and a blueprint is the same in either.

use fabrik_blueprints::built_in;
use fabrik_steps::{Inside, inside};

use super::{Instance, names, server};

/// Every right of somebody else than the owner, on what is there and on what is made later.
const RIGHTS: &str = "\
with things as (
  select format('schema %s', n.nspname) as thing, n.nspacl as acl from pg_namespace n
    where n.nspname in ('public', 'private')
  union all
  select c.oid::regclass::text, c.relacl from pg_class c
    where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
  union all
  select format('%s.%s', a.attrelid::regclass, a.attname), a.attacl
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace
  union all
  select p.oid::regprocedure::text, coalesce(p.proacl, acldefault('f', p.proowner)) from pg_proc p
    where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  union all
  select format('later %s %s', d.defaclnamespace::regnamespace, d.defaclobjtype), d.defaclacl
    from pg_default_acl d where d.defaclrole = 'postgres'::regrole
)
select format('%s: %s for %s', t.thing, x.privilege_type, x.grantee::regrole) as given
  from things t, aclexplode(t.acl) x
  where x.grantee <> 'postgres'::regrole
  order by 1";

impl Instance {
    async fn rights(&self) -> Vec<String> {
        names(&self.owner(RIGHTS).await, "given")
    }
}

#[tokio::test]
async fn projects_of_both_kinds_end_with_the_same_rights() {
    for name in built_in() {
        let [(_, newer), (_, older)] = Instance::in_each(name).await;
        let rights = newer.rights().await;
        let later: Vec<_> = rights
            .iter()
            .filter(|one| one.starts_with("later"))
            .collect();
        assert_eq!(later, [] as [&String; 0], "{name}: nobody has what comes");
        let log = "audit_log: SELECT for service_role".to_owned();
        assert!(rights.contains(&log), "{name}: {rights:?}");
        assert_eq!(older.rights().await, rights, "{name}");
        for instance in [newer, older] {
            instance.apply().await;
            assert_eq!(instance.rights().await, rights, "{name}: applied again");
        }
    }
}

#[tokio::test]
async fn the_secret_key_reaches_every_table_and_writes_all_but_the_log() {
    for name in built_in() {
        for (project, instance) in Instance::in_each(name).await {
            instance.fill().await;
            for table in instance.with("tables") {
                let select = format!("select 1 from public.{table}");
                let there = instance.owner(&select).await.len();
                let seen = instance.count(&server(), &select).await;
                assert_eq!(seen, Ok(there), "{name}, {project}: {table}");
                for right in ["insert", "update", "delete"] {
                    let asked = format!(
                        "select 1 where has_table_privilege('service_role', 'public.{table}', '{right}')"
                    );
                    let has = !instance.owner(&asked).await.is_empty();
                    let may = table != "audit_log";
                    assert_eq!(has, may, "{name}, {project}: {right} on {table}");
                }
            }
        }
    }
}

#[tokio::test]
async fn the_isolation_check_finds_nothing_open_in_either() {
    for name in built_in() {
        for (project, instance) in Instance::in_each(name).await {
            let canary = &instance.blueprint.files["canary.sql"];
            let Inside { breaches, served } = inside(&instance, canary).await.unwrap();
            assert_eq!(breaches, [], "{name}, {project}");
            let tables = instance.with("tables").len();
            assert_eq!(served.len(), tables, "{name}, {project}");
        }
    }
}
