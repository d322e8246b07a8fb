//! What the SQL leaves in the database: guards, indexes, and the same again at a second run.

use fabrik_blueprints::built_in;
use serde_json::Value;

use super::{Instance, names};

#[tokio::test]
async fn every_table_is_guarded_and_promised() {
    for name in built_in() {
        let instance = Instance::new(name).await;
        let tables = instance
            .owner(
                "select c.relname as table, c.relrowsecurity as guarded,
                   (select count(*) from pg_policy p where p.polrelid = c.oid) as policies,
                   obj_description(c.oid) is not null as described
                 from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                 order by 1",
            )
            .await;
        for table in &tables {
            assert_eq!(
                table["guarded"], true,
                "{name}: row-level security of {table}"
            );
            assert!(
                table["policies"].as_i64().unwrap() > 0,
                "{name}: policies of {table}"
            );
            assert_eq!(table["described"], true, "{name}: comment of {table}");
        }
        let mut promised = instance.with("tables");
        promised.sort();
        assert_eq!(
            names(&tables, "table"),
            promised,
            "{name}: what the step looks for is all there is"
        );

        let forbidden = instance.with("forbidden_columns");
        let columns = instance
            .owner(
                "select column_name from information_schema.columns where table_schema = 'public'",
            )
            .await;
        for column in names(&columns, "column_name") {
            assert!(!forbidden.contains(&column), "{name}: {column}");
        }
        let in_auth = instance
            .owner("select tgname from pg_trigger where not tgisinternal and tgrelid = 'auth.users'::regclass")
            .await;
        assert_eq!(in_auth, [] as [Value; 0], "{name} makes nothing in auth");
    }
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    for name in built_in() {
        let bare = Instance::new(name)
            .await
            .owner(
                "select c.conrelid::regclass::text || ' ' || c.conname as key from pg_constraint c
                 where c.contype = 'f' and c.connamespace = 'public'::regnamespace and not exists (
                   select from pg_index i where i.indrelid = c.conrelid and i.indpred is null
                     and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] = c.conkey)",
            )
            .await;
        assert_eq!(bare, [] as [Value; 0], "{name}");
    }
}

#[tokio::test]
async fn functions_that_run_as_the_owner_have_a_fixed_path_and_are_not_public() {
    for name in built_in() {
        let loose = Instance::new(name)
            .await
            .owner(
                "select p.oid::regprocedure::text as function from pg_proc p
                 where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
                   and (p.proconfig is null or p.proconfig[1] not like 'search_path=%'
                     or has_function_privilege('anon', p.oid, 'execute'))",
            )
            .await;
        assert_eq!(loose, [] as [Value; 0], "{name}");
    }
}

#[tokio::test]
async fn applying_again_changes_nothing() {
    // Who may do what as a sorted list: a right given again moves to the end of PostgreSQL's own.
    const STATE: &str = "select jsonb_build_object(
        'policies', (select jsonb_agg(to_jsonb(p) order by p.tablename, p.policyname) from pg_policies p),
        'rights', (select jsonb_agg(format('%s %s %s', c.relname, a.grantee::regrole, a.privilege_type)
            order by c.relname, a.grantee, a.privilege_type)
          from pg_class c, aclexplode(c.relacl) a where c.relnamespace = 'public'::regnamespace),
        'calls', (select jsonb_agg(format('%s %s', p.proname, a.grantee::regrole)
            order by p.proname, a.grantee)
          from pg_proc p, aclexplode(p.proacl) a where p.pronamespace = 'private'::regnamespace),
        'functions', (select jsonb_agg(md5(p.prosrc) order by p.proname) from pg_proc p
          where p.pronamespace = 'private'::regnamespace),
        'triggers', (select count(*) from pg_trigger),
        'indexes', (select count(*) from pg_index),
        'log', (select count(*) from audit_log)) as state";
    for name in built_in() {
        let instance = Instance::with_canary(name).await;
        let before = instance.owner(STATE).await;
        instance.apply().await;
        let after = instance.owner(STATE).await;
        for (part, was) in before[0]["state"].as_object().unwrap() {
            assert!(!was.is_null(), "{name}: {part} is looked at");
            assert_eq!(&after[0]["state"][part], was, "{name}: {part}");
        }
    }
}
