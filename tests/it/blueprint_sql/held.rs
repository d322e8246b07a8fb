//! What a guard has looked at stays as it is until whoever writes has ended.

use fabrik_postgres::Login;

use super::{Instance, user};

/// What the test's own trigger says where the row is held.
const HELD: &str = "HELD0";

/// Blueprint, the table of what is looked at, that row, the table that is written, its column, and the writing.
fn looked_at(id: &str) -> [[String; 6]; 3] {
    [
        [
            "factory",
            "contacts",
            "insert into contacts (id, kind, name) values ('$id', 'company', 'Firman')",
            "contacts",
            "company_id",
            "insert into contacts (name, company_id) values ('Eva', '$id')",
        ],
        [
            "agency",
            "tasks",
            "insert into projects (name, billing) values ('Eget', 'none');
             insert into tasks (id, project_id, title) select '$id', id, 'Ring' from projects",
            "tasks",
            "parent_id",
            "insert into tasks (project_id, parent_id, title) select id, '$id', 'Del' from projects",
        ],
        [
            "agency",
            "invoices",
            "insert into clients (name) values ('Åkes');
             insert into invoices (id, client_id) select '$id', id from clients",
            "invoice_lines",
            "invoice_id",
            "insert into invoice_lines (invoice_id, description, unit_price) values ('$id', 'Bok', 1)",
        ],
    ]
    .map(|one| one.map(|text| text.replace("$id", id)))
}

/// The database here has one connection. That no other one could change the row is seen on the row itself, by a trigger
/// after the guard's and before the foreign key, whose lock is weaker.
#[tokio::test]
async fn nobody_changes_what_a_guard_has_looked_at() {
    for [blueprint, there, row, table, column, write] in looked_at(&user(10)) {
        let instance = Instance::new(&blueprint).await;
        instance.owner(&row).await;
        let look = format!(
            "create function public.look() returns trigger language plpgsql as $$
             begin
               if exists (select from public.{there} t
                 where t.id = new.{column} and t.xmax = pg_current_xact_id()::xid) then
                 raise exception 'it is held' using errcode = '{HELD}';
               end if;
               return new;
             end $$;
             create trigger zz_look before insert on public.{table}
               for each row execute function public.look()"
        );
        instance.owner(&look).await;
        let written = instance.count(&Login::Owner, &write).await;
        assert_eq!(written, Err(HELD.to_owned()), "{blueprint}: {write}");
    }
}
