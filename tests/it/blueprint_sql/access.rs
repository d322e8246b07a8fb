//! What is shut to everybody who is nobody here, whatever the blueprint.

use fabrik_blueprints::built_in;

use super::{Instance, REFUSED, anonymous, names, signed_in};

#[tokio::test]
async fn nobody_reads_or_writes_without_signing_in() {
    for name in built_in() {
        let instance = Instance::with_canary(name).await;
        // One who has a token and is no member is nobody as well.
        let stranger = signed_in(99);
        for table in instance.with("tables") {
            let select = format!("select 1 from public.{table}");
            let seen = instance.owner(&select).await.len();
            assert!(seen > 0, "{name}: the canary has a row in {table}");
            for (who, login) in [("anon", anonymous()), ("a stranger", stranger.clone())] {
                let read = instance.count(&login, &select).await;
                let shut = read == Ok(0) || read == Err(REFUSED.to_owned());
                assert!(shut, "{name}: {who} reads {table}: {read:?}");
                for write in [
                    format!("delete from public.{table}"),
                    format!("insert into public.{table} default values"),
                ] {
                    let written = instance.count(&login, &write).await;
                    let shut = written == Ok(0) || written == Err(REFUSED.to_owned());
                    assert!(shut, "{name}: {who}: {write}: {written:?}");
                }
                let truncated = instance
                    .count(&login, &format!("truncate public.{table}"))
                    .await;
                assert_eq!(
                    truncated,
                    Err(REFUSED.to_owned()),
                    "{name}: {who} truncates {table}"
                );
            }
            assert_eq!(
                instance.owner(&select).await.len(),
                seen,
                "{name}: {table} is as it was"
            );
        }
        let functions = instance
            .owner(
                "select p.proname as function from pg_proc p
                 where p.pronamespace = 'private'::regnamespace and p.pronargs = 0
                   and p.prorettype <> 'trigger'::regtype",
            )
            .await;
        assert!(!functions.is_empty(), "{name} has helpers");
        for function in names(&functions, "function") {
            let call = format!("select private.{function}()");
            let called = instance.count(&anonymous(), &call).await;
            assert_eq!(called, Err(REFUSED.to_owned()), "{name}: anon: {call}");
        }
    }
}

#[tokio::test]
async fn what_is_made_later_is_shut_to_anon_too() {
    for name in built_in() {
        let instance = Instance::new(name).await;
        let make = "create table public.later (n int); insert into public.later values (1)";
        instance.owner(make).await;
        let read = instance
            .count(&anonymous(), "select n from public.later")
            .await;
        assert_eq!(read, Err(REFUSED.to_owned()), "{name}");
    }
}
