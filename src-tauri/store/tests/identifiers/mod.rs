//! An agency's tables and columns may be called anything that PostgreSQL takes for a name (S11): each is one name in every
//! statement, and what can be no name is refused. The server itself quotes what is made here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use fabrik_domain::mapping::{Mapping, Relation, ResultField, ResultMapping, SourceField};
use fabrik_store::{Source, Written};
use fabrik_tests::Proof;

use crate::server::Database;

/// The most bytes that a name has on the server; what is longer it cuts.
const LONGEST: usize = 63;

/// Strings that have broken programs, each once.
fn naughty() -> BTreeSet<String> {
    let all: Vec<String> =
        serde_json::from_str(include_str!("../../../../tests/naughty.json")).unwrap();
    let names = all.into_iter().filter(|name| {
        // No text on the server has a NUL, and no name is empty; schemas of this beginning are its own.
        !name.is_empty() && !name.contains('\0') && !name.starts_with("pg_")
    });
    names.collect()
}

/// The second column's name.
fn other(name: &str) -> String {
    format!("\"{name}")
}

/// A schema, a table in it and two columns, all called so, with one row.
fn make(sql: &mut String, name: &str) {
    write!(
        sql,
        "DO $made$ DECLARE wanted text := $naughty${name}$naughty$; BEGIN
             EXECUTE format('CREATE SCHEMA %I', wanted);
             EXECUTE format('CREATE TABLE %I.%I (%I text PRIMARY KEY, %I text)', wanted, wanted, wanted, '\"' || wanted);
             EXECUTE format('INSERT INTO %I.%I VALUES (''k'', ''before'')', wanted, wanted);
         END $made$;"
    )
    .unwrap();
}

fn mapping(name: &str) -> (Mapping, ResultMapping) {
    let table = Relation {
        schema: name.to_owned(),
        name: name.to_owned(),
    };
    let results = ResultMapping {
        table: table.clone(),
        key: name.to_owned(),
        columns: BTreeMap::from([(ResultField::Error, other(name))]),
        succeeded: None,
        failed: None,
        removed: None,
        approved: None,
        rejected: None,
    };
    let mapping = Mapping {
        table,
        columns: BTreeMap::from([
            (SourceField::ExternalId, name.to_owned()),
            (SourceField::Name, other(name)),
        ]),
        statuses: BTreeMap::new(),
        blueprint: None,
        plan: None,
        results: None,
    };
    (mapping, results)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_one_name_in_every_statement() {
    let proof = Proof::of(
        "S11",
        "naughty strings as names of a schema, a table and its columns, on PostgreSQL: read and written",
    );
    let database = Database::new();
    let (names, too_long): (Vec<_>, Vec<_>) = naughty()
        .into_iter()
        .partition(|name| other(name).len() <= LONGEST);
    let mut sql = "CREATE TABLE canary (id int); INSERT INTO canary VALUES (1);".to_owned();
    for name in &names {
        make(&mut sql, name);
    }
    database.run(&sql);

    let source = Source::at(database.direct());
    let tables = source.tables().await.unwrap();
    assert_eq!(tables.len(), names.len() + 1, "each, and the canary");
    for name in &names {
        let (mapping, results) = mapping(name);
        assert!(tables.contains(&mapping.table), "{name:?} is found");
        let columns = source.columns(&mapping.table).await.unwrap();
        let columns: Vec<_> = columns.into_iter().map(|column| column.name).collect();
        assert_eq!(columns, [name.clone(), other(name)], "{name:?}");
        let before = source.fingerprint(&mapping).await.unwrap();
        let values = BTreeMap::from([(ResultField::Error, Some("after".to_owned()))]);
        let write = source.begin_write(&results, "k", &values).await.unwrap();
        let write = write.expect("it has a row");
        let mark = write.mark().clone();
        assert_eq!(write.commit().await, Ok(()), "{name:?}");
        let written = source.written(&results, "k", &mark).await;
        assert_eq!(written, Ok(Written::Yes), "{name:?}");
        let after = source.fingerprint(&mapping).await.unwrap();
        assert_ne!(after, before, "{name:?}: another content");
        let row = BTreeMap::from([
            (SourceField::ExternalId, "k".to_owned()),
            (SourceField::Name, "after".to_owned()),
        ]);
        let rows = source.rows(&mapping, None).await;
        assert_eq!(rows, Ok(vec![row]), "{name:?}");
        proof.held(1);
    }
    for name in &too_long {
        let rows = source.rows(&mapping(name).0, None).await;
        assert!(rows.is_err(), "{name:?} can be no name");
        proof.held(1);
    }
    let whole = "DO $$ BEGIN ASSERT (SELECT count(*) FROM canary) = 1; END $$";
    database.run(whole);
}
