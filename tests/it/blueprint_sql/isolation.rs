//! The isolation check's SQL: what it finds where something stands open, and that nothing of it stays.

use fabrik_blueprints::built_in;
use fabrik_postgres::{Error, Login};
use fabrik_steps::{Inside, TrialDatabase, inside};
use fabrik_tests::Proof;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Instance;

impl TrialDatabase for Instance {
    type Error = Error;

    async fn row<T: DeserializeOwned + Send>(&self, sql: &str) -> Result<T, Error> {
        let script = format!("begin;\n{sql}\n;\nrollback;");
        let answer = self.database.script(&Login::Owner, &script).await?;
        let row = answer.first().expect("one row").clone();
        Ok(serde_json::from_value(row).expect("of this shape"))
    }

    fn state(error: &Error) -> Option<&str> {
        error.sql().map(|error| error.state.as_str())
    }
}

impl Instance {
    fn canary(&self) -> &str {
        &self.blueprint.files["canary.sql"]
    }

    /// The same with this blueprint's tables, where it has others than those that [`LEAKS`] speaks of.
    fn of_own(&self, text: &str) -> String {
        let own: &[(&str, &str)] = match self.blueprint.name.as_str() {
            "client-stack" => &[
                ("tasks", "activities"),
                ("title", "subject"),
                ("comments", "social_posts"),
                ("projects", "deals"),
                ("files", "contacts"),
            ],
            "orchestra" => &[
                ("tasks", "groups"),
                ("title", "name"),
                ("comments", "requests"),
                ("body", "message"),
                ("projects", "project_events"),
                ("files", "members"),
            ],
            _ => &[],
        };
        own.iter().fold(text.to_owned(), |text, (theirs, ours)| {
            text.replace(theirs, ours)
        })
    }

    /// What the check finds with this done to the database before, as `breach subject`.
    async fn found_with(&self, leak: &str) -> Vec<String> {
        let sql = format!("{leak};\n{}", self.canary());
        let Inside { breaches, .. } = inside(self, &sql)
            .await
            .unwrap_or_else(|error| panic!("{leak}: {error}"));
        let named = breaches.into_iter().map(|found| {
            let breach = serde_json::to_value(found.breach).unwrap();
            format!("{} {}", breach.as_str().unwrap(), found.subject)
        });
        named.collect()
    }

    /// Rows of all tables, and all objects of `public`.
    async fn footprint(&self) -> Vec<Value> {
        let tables = self.with("tables");
        let tables = tables.iter().map(|table| format!("public.{table}"));
        let counts: Vec<_> = tables
            .chain(["auth.users".to_owned()])
            .map(|table| format!("select '{table}' as thing, count(*) from {table}"))
            .collect();
        let objects = "select relname || relacl::text, 0 from pg_class
                         where relnamespace = 'public'::regnamespace
                       union all select proname, 0 from pg_proc where pronamespace = 'public'::regnamespace
                       union all select policyname, 0 from pg_policies order by 1";
        self.owner(&format!(
            "{} union all {objects}",
            counts.join(" union all ")
        ))
        .await
    }
}

#[tokio::test]
async fn the_built_in_ones_are_shut_and_as_they_were() {
    let proof = Proof::of(
        "S12",
        "tables of each built-in blueprint, a canary in each: anon reads and writes none",
    );
    for name in built_in() {
        let instance = Instance::new(name).await;
        let before = instance.footprint().await;
        for turn in ["once", "twice"] {
            let Inside { breaches, served } = inside(&instance, instance.canary()).await.unwrap();
            assert_eq!(breaches, [], "{name}, {turn}");
            let mut tables = instance.with("tables");
            tables.sort();
            assert_eq!(served, tables, "{name}: each of them is looked at");
            proof.held(served.len());
        }
        assert_eq!(instance.footprint().await, before, "{name}");
        let role = instance.owner("select current_user::text as role").await;
        assert_eq!(role, [json!({"role": "postgres"})], "{name}");
    }
}

/// What is done to a database, and what must be found.
const LEAKS: [(&str, &[&str]); 26] = [
    // A policy that lets everybody read.
    (
        "grant select on public.tasks to anon;
         create policy leak on public.tasks for select to anon using (true)",
        &["readable tasks"],
    ),
    // The same for all roles, and one column alone.
    (
        "grant select (title) on public.tasks to anon;
         create policy leak on public.tasks for select using (true)",
        &["readable tasks"],
    ),
    // Rights without a policy that speaks of `anon` open nothing.
    (
        "grant select, insert, update, delete on public.tasks to anon",
        &[],
    ),
    // Nor does a policy that asks for what `anon` may not see, beside one that is open.
    (
        "grant select on public.tasks, public.projects to anon;
         create policy shut on public.tasks for select using (exists (select 1 from public.files));
         create policy leak on public.projects for select using (true)",
        &["readable projects"],
    ),
    // A view goes past the policies, unless it is the caller's.
    (
        "create view public.every_task as select * from public.tasks;
         grant select on public.every_task to anon",
        &["readable every_task"],
    ),
    (
        "create view public.every_task with (security_invoker) as select * from public.tasks;
         grant select on public.every_task to anon",
        &[],
    ),
    (
        "create view public.every_comment as select * from public.comments;
         grant delete on public.every_comment to anon",
        &["writable every_comment"],
    ),
    (
        "create materialized view public.counted as select count(*) from public.tasks;
         grant select on public.counted to anon",
        &["readable counted"],
    ),
    // A table that the canary doesn't know.
    (
        "create table public.\"$fabrik0$ 'later\" (n int)",
        &["no_canary $fabrik0$ 'later"],
    ),
    // A function that runs as its owner.
    (
        "create function public.every_task() returns bigint language sql security definer
           set search_path = '' as 'select count(*) from public.tasks';
         grant execute on function public.every_task() to anon",
        &["callable every_task()"],
    ),
    // One that is the owner's alone.
    (
        "create function public.every_task() returns bigint language sql as 'select 1::bigint';
         revoke execute on function public.every_task() from public, anon",
        &[],
    ),
    // Writes, each alone.
    (
        "grant insert on public.comments to anon;
         create policy leak on public.comments for insert to anon with check (true)",
        &["writable comments"],
    ),
    (
        "grant insert on public.comments to anon;
         create policy shut on public.comments for insert to anon with check ((select auth.uid()) is not null)",
        &[],
    ),
    (
        "grant update (body) on public.comments to anon;
         create policy leak on public.comments for update to anon using (true)",
        &["writable comments"],
    ),
    (
        "alter table public.comments disable row level security;
         grant delete on public.comments to anon",
        &["writable comments"],
    ),
    ("grant truncate on public.comments to anon", &["writable comments"]),
    // A condition that the canary's row does not meet: others may.
    (
        "grant insert on public.tasks to anon;
         create policy form on public.tasks for insert to anon with check (length(title) between 1 and 200)",
        &["writable tasks"],
    ),
    (
        "grant select on public.tasks to anon;
         create policy part on public.tasks for select to anon using (title like 'Public%')",
        &["readable tasks"],
    ),
    (
        "grant delete on public.tasks to anon;
         create policy part on public.tasks for delete to anon using (title like 'X%')",
        &["writable tasks"],
    ),
    // Where another part of the policy asks who signed in.
    (
        "grant insert on public.tasks to anon;
         create policy part on public.tasks using ((select auth.uid()) is not null) with check (length(title) > 1)",
        &["writable tasks"],
    ),
    // A function that speaks of who signed in, in a comment alone.
    (
        "create function private.shown(text) returns boolean language plpgsql as
           'begin -- auth.uid()
              return $1 like ''Public%''; end';
         grant select on public.tasks to anon;
         create policy part on public.tasks for select using (private.shown(title))",
        &["readable tasks"],
    ),
    (
        "create view public.some_tasks as select * from public.tasks where title like 'Public%';
         grant select on public.some_tasks to anon",
        &["readable some_tasks"],
    ),
    // Who signed in is asked: by a function's function, by a view, or by a policy beside it; or nobody is let in.
    (
        "create function private.who() returns uuid language sql as 'select auth.uid()';
         create function private.is_known() returns boolean language plpgsql as
           'begin return private.who() is not null; end';
         grant select on public.tasks to anon;
         create policy shut on public.tasks for select using (title like 'Public%' and (select private.is_known()))",
        &[],
    ),
    (
        "create view public.own_tasks as select * from public.tasks where auth.uid() is not null;
         grant select on public.own_tasks to anon",
        &[],
    ),
    (
        "grant select on public.tasks to anon;
         create policy part on public.tasks for select using (title like 'Public%');
         create policy known on public.tasks as restrictive for select using ((select auth.uid()) is not null)",
        &[],
    ),
    (
        "grant select, insert, update, delete on public.tasks to anon;
         create policy shut on public.tasks using (false)",
        &[],
    ),
];

#[tokio::test]
async fn whatever_stands_open_is_found_and_nothing_else() {
    let proof = Proof::of(
        "S12",
        "doors that were opened in a database, each found by the isolation check",
    );
    let harmless = Proof::of("S12", "what opens nothing, and is not called a door");
    for name in built_in() {
        let instance = Instance::new(name).await;
        let before = instance.footprint().await;
        for (leak, expected) in LEAKS {
            let leak = instance.of_own(leak);
            let expected: Vec<_> = expected.iter().map(|one| instance.of_own(one)).collect();
            assert_eq!(instance.found_with(&leak).await, expected, "{name}: {leak}");
            proof.held(expected.len());
            harmless.held(usize::from(expected.is_empty()));
        }
        assert_eq!(instance.footprint().await, before, "{name}: nothing stays");
    }
}

#[tokio::test]
async fn everything_at_once_is_found_too() {
    let instance = Instance::new("factory").await;
    let mut found = instance
        .found_with(
            "alter table public.tasks disable row level security;
             alter table public.comments disable row level security;
             grant all on public.tasks, public.comments to anon",
        )
        .await;
    found.sort();
    let expected = [
        "readable comments",
        "readable tasks",
        "writable comments",
        "writable tasks",
    ];
    assert_eq!(found, expected, "each of them once");
}

#[tokio::test]
async fn a_canary_that_does_not_fit_is_an_error() {
    let instance = Instance::new("factory").await;
    let sql = "insert into public.tasks (title) values (null)";
    let error = inside(&instance, sql).await.unwrap_err();
    assert_eq!(Instance::state(&error), Some("23502"), "{error}");
}
