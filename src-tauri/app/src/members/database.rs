//! The members in a customer's database: which columns there are, who is there, and whom to add. Rows of a file go
//! beside the SQL as JSON, never into it; names of columns come from here alone.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_clouds::supabase::Management;
use fabrik_domain::{Cause, Problem, failure::Failure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{file::Row, words::COLUMNS};
use crate::{import::plain, views::MemberField};

/// The tables that are looked at, and the columns without which they are others than these.
const TABLES: [(&str, &[&str]); 3] = [
    ("members", &["id", "name"]),
    ("instruments", &["id", "code", "name_sv", "name_en"]),
    (
        "member_instruments",
        &["member_id", "instrument_id", "main"],
    ),
];

/// An instance's members.
pub(super) struct Database {
    management: Management,
    /// The ref of the Supabase project.
    project: String,
    /// The columns of a file that the table has.
    columns: Vec<MemberField>,
    /// There are instruments to play.
    plays: bool,
}

/// An instrument of the instance's.
#[derive(Debug, Deserialize)]
pub(super) struct Instrument {
    pub(super) code: String,
    pub(super) name_sv: String,
    pub(super) name_en: String,
}

impl Instrument {
    pub(super) fn goes_by(&self, word: &str) -> bool {
        let word = plain(word);
        let names = [&self.code, &self.name_sv, &self.name_en];
        names.iter().any(|name| plain(name) == word)
    }
}

/// A member who is there.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    /// The line of the file that is about them.
    line: u64,
    fields: BTreeMap<MemberField, Option<String>>,
    /// By their codes.
    instruments: Vec<String>,
}

impl Known {
    /// In what the file says something else. What it leaves out is no difference.
    pub(super) fn differs_from(&self, row: &Row) -> Vec<MemberField> {
        let differs = |field: MemberField, wanted: &str| {
            let known = self.fields.get(&field).and_then(Option::as_deref);
            match field {
                MemberField::Email | MemberField::Name => {
                    known.is_none_or(|known| known.to_lowercase() != wanted.to_lowercase())
                }
                _ => known != Some(wanted),
            }
        };
        let columns = row.fields.iter();
        let columns = columns.filter(|(field, _)| self.fields.contains_key(*field));
        let mut found: Vec<_> = columns
            .filter(|(field, wanted)| differs(**field, wanted))
            .map(|(field, _)| *field)
            .collect();
        if !row
            .instruments
            .iter()
            .all(|code| self.instruments.contains(code))
        {
            found.push(MemberField::Instruments);
        }
        found
    }
}

#[derive(Deserialize)]
struct Table {
    name: String,
    columns: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Line {
    line: u64,
}

impl Database {
    /// Looks at a project's tables. One without members is none of ours.
    pub(super) async fn of(management: Management, project: String) -> Result<Self, Failure> {
        let tables: Vec<Table> = management.read(&project, &survey()).await?;
        let has = |name: &str| {
            let wanted = TABLES.iter().find(|(table, _)| *table == name);
            let there = tables.iter().find(|table| table.name == name);
            wanted.zip(there).is_some_and(|((_, columns), table)| {
                columns.iter().all(|column| table.columns.contains(*column))
            })
        };
        let Some(members) = tables
            .iter()
            .find(|table| table.name == "members" && has("members"))
        else {
            let tables = vec!["members".to_owned()];
            return Err(Problem::from(Cause::TableMissing { tables }).into());
        };
        let columns = COLUMNS.iter().map(|(column, _)| *column);
        Ok(Self {
            columns: columns
                .filter(|column| members.columns.contains(column.key()))
                .collect(),
            plays: has("instruments") && has("member_instruments"),
            management,
            project,
        })
    }

    /// What of a file there is no room for.
    pub(super) fn lacks(&self, rows: &[Row]) -> Vec<String> {
        let used: BTreeSet<_> = rows.iter().flat_map(|row| row.fields.keys()).collect();
        let lacking = used
            .into_iter()
            .filter(|field| !self.columns.contains(field));
        let mut lacking: Vec<_> = lacking.map(|field| field.key().to_owned()).collect();
        if !self.plays && rows.iter().any(|row| !row.instruments.is_empty()) {
            lacking.push(MemberField::Instruments.key().to_owned());
        }
        lacking
    }

    /// The instruments of the instance; `None` where it has no room for them.
    pub(super) async fn instruments(&self) -> Result<Option<Vec<Instrument>>, Failure> {
        if !self.plays {
            return Ok(None);
        }
        let sql = "select code, name_sv, name_en from public.instruments order by code";
        self.management.read(&self.project, sql).await.map(Some)
    }

    /// Who of a file is there, by the line.
    pub(super) async fn known(&self, rows: &[&Row]) -> Result<BTreeMap<u64, Known>, Failure> {
        if rows.is_empty() {
            return Ok(BTreeMap::new());
        }
        let asked = rows.iter().map(|row| {
            json!({ "line": row.line, "name": row.get(MemberField::Name),
                    "email": row.get(MemberField::Email), "key": self.key(row) })
        });
        let asked = asked.collect::<Value>().to_string();
        let known: Vec<Known> = self
            .management
            .ask(&self.project, &self.who_is_there(), &[asked.into()])
            .await?;
        Ok(known.into_iter().map(|one| (one.line, one)).collect())
    }

    /// Adds all of them, or none where the database refuses one; gives the lines of those that were added. Who came in
    /// between with the same address, or by the same row, is left as it is.
    pub(super) async fn add(&self, rows: &[&Row]) -> Result<BTreeSet<u64>, Failure> {
        if rows.is_empty() {
            return Ok(BTreeSet::new());
        }
        let new = rows.iter().map(|row| {
            let mut new = json!(row.fields);
            new["line"] = row.line.into();
            new["instruments"] = json!(row.instruments);
            new["key"] = json!(self.key(row));
            new
        });
        let new = new.collect::<Value>().to_string();
        let added: Vec<Line> = self
            .management
            .change(&self.project, &self.addition(), &[new.into()])
            .await?;
        Ok(added.into_iter().map(|Line { line }| line).collect())
    }

    fn key(&self, row: &Row) -> Option<String> {
        key(row, self.columns.contains(&MemberField::Email))
    }

    fn who_is_there(&self) -> String {
        let fields = self
            .columns
            .iter()
            .map(|column| column.key())
            .map(|column| format!("'{column}', m.{column}"));
        let fields = fields.collect::<Vec<_>>().join(", ");
        let instruments = if self.plays {
            "coalesce((select pg_catalog.jsonb_agg(i.code)
    from public.member_instruments p join public.instruments i on i.id = p.instrument_id
    where p.member_id = m.id), '[]')"
        } else {
            "'[]'::jsonb"
        };
        // The same address; or the same name, where one of the two has no address; or who came by such a row and has
        // another name now.
        let (same, order) = if self.columns.contains(&MemberField::Email) {
            (
                "lower(m.email) = lower(g.email)
    or (lower(m.name) = lower(g.name) and (m.email is null or g.email is null))",
                "(lower(m.email) = lower(g.email)) is not true, (lower(m.name) = lower(g.name)) is not true, m.id",
            )
        } else {
            (
                "lower(m.name) = lower(g.name)",
                "(lower(m.name) = lower(g.name)) is not true, m.id",
            )
        };
        format!(
            "select g.line, pg_catalog.jsonb_build_object({fields}) as fields, {instruments} as instruments
from pg_catalog.jsonb_to_recordset($1::jsonb) as g(line int, name text, email text, key text)
cross join lateral (
  select * from public.members m where {same} or m.id::text = ({ID})::text order by {order} limit 1
) m"
        )
    }

    fn addition(&self) -> String {
        let columns: Vec<_> = self.columns.iter().map(|column| column.key()).collect();
        let types = columns.iter().map(|column| {
            let kind = if column.ends_with("_on") {
                "date"
            } else {
                "text"
            };
            format!("{column} {kind}")
        });
        let types = types.collect::<Vec<_>>().join(", ");
        let columns = columns.join(", ");
        let played = if self.plays {
            ",
played as (
  insert into public.member_instruments (member_id, instrument_id, main)
  select g.id, i.id, p.place = 1
  from given g
  join added a on a.id = g.id
  cross join lateral pg_catalog.jsonb_array_elements_text(g.instruments) with ordinality as p(code, place)
  join public.instruments i on i.code = p.code
)"
        } else {
            ""
        };
        // One statement: all of it or nothing.
        format!(
            "with given as materialized (
  select coalesce({ID}, pg_catalog.gen_random_uuid()) as id, g.*
  from pg_catalog.jsonb_to_recordset($1::jsonb) as g(line int, {types}, instruments jsonb, key text)
),
added as (
  insert into public.members (id, {columns})
  select id, {columns} from given
  on conflict do nothing
  returning id
){played}
select g.line from given g join added a on a.id = g.id"
        )
    }
}

/// The id of whom a row with a key adds.
const ID: &str = "pg_catalog.md5(g.key)::uuid";

/// What the id is made of where no address keeps the database from having somebody twice: whoever imports the same row,
/// again or at the same time, gives the same id. No two rows of a file have the same key.
fn key(row: &Row, has_addresses: bool) -> Option<String> {
    let email = row
        .get(MemberField::Email)
        .unwrap_or_default()
        .to_lowercase();
    if has_addresses && !email.is_empty() {
        return None;
    }
    let name = row
        .get(MemberField::Name)
        .unwrap_or_default()
        .to_lowercase();
    // Neither has a line's end in it.
    Some(format!("fabrik-member\n{name}\n{email}"))
}

fn survey() -> String {
    let names = TABLES.map(|(name, _)| format!("'{name}'")).join(", ");
    format!(
        "select c.relname::text as name, pg_catalog.json_agg(a.attname::text) as columns
from pg_catalog.pg_class c
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = 'public'::pg_catalog.regnamespace and c.relkind in ('r', 'p') and c.relname in ({names})
group by c.relname"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::file;

    #[test]
    fn who_has_no_address_to_go_by_goes_by_the_name() {
        let text = "name,email\nAnna,a@x.example\nAnna,b@x.example\nBo,\nCia,\nBO,\n";
        let sheet = file::read("m.csv", text).unwrap();
        let keys = |has_addresses| -> Vec<_> {
            let good = sheet.rows.iter().filter(|row| row.problems.is_empty());
            good.map(|row| key(row, has_addresses)).collect()
        };
        let [one, other, bo, cia] = &keys(true)[..] else {
            panic!("who is there twice is refused")
        };
        assert_eq!((one, other), (&None, &None), "the database sees to those");
        assert!(bo.is_some() && cia.is_some() && bo != cia);
        let all: BTreeSet<_> = keys(false).into_iter().flatten().collect();
        assert_eq!(all.len(), 4, "two people of one name are two: {all:?}");

        let again = file::read("n.csv", "namn\nbo\n").unwrap();
        assert_eq!(key(&again.rows[0], true), *bo, "whatever the file");
    }

    #[test]
    fn what_a_file_leaves_out_is_no_difference() {
        let known = Known {
            line: 2,
            fields: [
                (MemberField::Name, Some("Anna Åker")),
                (MemberField::Email, Some("anna@x.example")),
                (MemberField::Phone, None),
                (MemberField::Role, Some("admin")),
            ]
            .map(|(field, value)| (field, value.map(ToOwned::to_owned)))
            .into(),
            instruments: vec!["viola".to_owned(), "violin".to_owned()],
        };
        for (text, expected) in [
            (
                "name,email,instrument\nanna åker,Anna@X.example,violin\n",
                vec![],
            ),
            (
                "name,email,standing\nAnna Åker,anna@x.example,regular\n",
                vec![],
            ),
            (
                "name,email,phone,role,instrument\nAnna Åker,anna@x.example,1,musician,harp\n",
                vec![
                    MemberField::Phone,
                    MemberField::Role,
                    MemberField::Instruments,
                ],
            ),
        ] {
            let sheet = file::read("m.csv", text).unwrap();
            assert_eq!(known.differs_from(&sheet.rows[0]), expected, "{text}");
        }
    }
}
