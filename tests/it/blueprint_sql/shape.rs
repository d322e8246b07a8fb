//! What `blueprints check` doesn't ask of a blueprint, and we of ours: words for every table, and an index
//! for every foreign key. The rest of their shape is what the check finds nothing wrong with.

use fabrik_blueprints::built_in;
use serde_json::Value;

use super::Instance;

#[tokio::test]
async fn every_table_and_helper_is_described() {
    for name in built_in() {
        let silent = Instance::new(name)
            .await
            .owner(
                "select c.oid::regclass::text as thing from pg_class c
                 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                   and obj_description(c.oid) is null
                 union all
                 select p.oid::regprocedure::text from pg_proc p
                 where p.pronamespace = 'private'::regnamespace and obj_description(p.oid) is null",
            )
            .await;
        assert_eq!(silent, [] as [Value; 0], "{name}");
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
