//! Reading a file of customers: CSV with a heading, a JSON list, an older `customer-config.json`.

use std::{borrow::Cow, collections::BTreeMap, io::Cursor};

use fabrik_domain::{Cause, Problem};
use serde_json::Value;

use super::{
    export::as_it_was,
    fields::{distance, field, words},
    json,
    quotes::Forgotten,
};

/// A row of the file: its place, and its fields by their name here.
pub(crate) struct Row {
    pub(super) line: u64,
    pub(super) fields: BTreeMap<&'static str, String>,
    pub(super) modules: Vec<String>,
    /// Fields that hold something else than a text or a number.
    pub(super) faults: Vec<Problem>,
    /// It is no customer yet: somebody asks to become one.
    pub(crate) asks: bool,
}

impl Row {
    /// An empty one.
    pub(super) fn at(line: u64) -> Self {
        Self {
            line,
            fields: BTreeMap::new(),
            modules: Vec::new(),
            faults: Vec::new(),
            asks: false,
        }
    }

    /// What it says of a field.
    pub(super) fn says(&self, field: &str) -> Option<&String> {
        self.fields.get(field).filter(|text| !text.is_empty())
    }

    /// Takes what a place in the file says of a field, where none before it has said anything.
    pub(super) fn take(&mut self, field: &'static str, text: String) {
        let said = self.fields.entry(field).or_default();
        if said.is_empty() {
            *said = text;
        }
    }

    /// Has this blueprint where it names none, and this plan where it names none either: of another blueprint it may be
    /// none.
    pub(super) fn or_usual(&mut self, blueprint: Option<&str>, plan: Option<&str>) {
        if let Some(blueprint) = blueprint {
            if self.says("blueprint").is_some_and(|own| own != blueprint) {
                return;
            }
            self.fields.insert("blueprint", blueprint.to_owned());
        }
        if let Some(plan) = plan
            && self.says("plan").is_none()
        {
            self.fields.insert("plan", plan.to_owned());
        }
    }
}

/// The rows of a file. CSV may be separated by commas, semicolons or tabs, as spreadsheets save it.
pub(super) fn read(file_name: &str, content: &str) -> Result<Vec<Row>, Problem> {
    let content = &plain_text(content);
    if is_no_text(content) {
        let file = file_name.to_owned();
        return Err(Cause::NoCustomersInFile { file }.into());
    }
    let file = || file_name.to_owned();
    let unreadable = |why: String| Problem::from(Cause::FileUnreadable { file: file(), why });
    if content.trim_start().starts_with(['[', '{']) {
        let value: Value =
            serde_json::from_str(content).map_err(|error| unreadable(error.to_string()))?;
        return json::rows(value).ok_or_else(|| Cause::NoCustomersInFile { file: file() }.into());
    }
    let (mut reader, forgotten) = csv_reader(file_name, content)?;
    let headings = reader
        .headers()
        .map_err(|error| unreadable(error.to_string()))?
        .clone();
    let columns: Vec<_> = headings.iter().map(field).collect();
    if !columns.contains(&Some("name")) {
        let column = "name".to_owned();
        return Err(Cause::ColumnMissing {
            file: file(),
            column,
        }
        .into());
    }
    // `slug` may stand beside `subdomain`, and `company` before `name`.
    let mut nearest: Vec<_> = (0..columns.len()).collect();
    nearest.sort_by_key(|place| distance(&headings[*place]));
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let mut row = Row::at(line);
        row.faults.extend(forgotten.fault(&record, columns.len()));
        for place in &nearest {
            let (Some(field), Some(text)) = (columns[*place], record.get(*place)) else {
                continue;
            };
            let text = as_it_was(text);
            match field {
                "modules" if row.modules.is_empty() => row.modules = words(&text),
                "modules" => {}
                field => row.take(field, text),
            }
        }
        rows.push(row);
    }
    Ok(rows)
}

/// A text without the mark of its byte order, its lines ended alike: by the reader's count a line that ends as on Windows
/// would be the one before.
pub(crate) fn plain_text(content: &str) -> String {
    content.trim_start_matches('\u{feff}').replace("\r\n", "\n")
}

/// Whether it is a spreadsheet's own file, or a picture: their beginning has bytes that no text has. A row further down
/// that has one has come to harm, and is judged as a row.
pub(crate) fn is_no_text(content: &str) -> bool {
    heading(content).contains('\0')
}

/// The first line that says something.
fn heading(content: &str) -> &str {
    let mut lines = content.lines();
    lines
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
}

/// CSV as it is read, without the marks that were taken out of it.
pub(crate) type CsvReader<'a> = csv::Reader<Cursor<Cow<'a, [u8]>>>;

/// Reads CSV with a heading, as spreadsheets save it: separated by commas, semicolons or tabs. A quotation mark that was
/// forgotten to be closed spoils its row and no other; `quote_unclosed` where that is the heading.
pub(crate) fn csv_reader<'a>(
    file: &str,
    content: &'a str,
) -> Result<(CsvReader<'a>, Forgotten), Problem> {
    let heading = heading(content);
    let delimiter = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|delimiter| heading.bytes().filter(|byte| byte == delimiter).count())
        .unwrap_or(b',');
    let (text, forgotten) = Forgotten::taken_out(file, content, delimiter)?;
    let reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(Cursor::new(text));
    Ok((reader, forgotten))
}

/// What is wrong with a row that says something beyond the last heading: what it says before may stand under the wrong
/// one. Nothing of it is told, it may be the half of a login.
pub(super) fn surplus(record: &csv::StringRecord, columns: usize) -> Option<Problem> {
    let says = |place: &usize| record.get(*place).is_some_and(|cell| !cell.is_empty());
    let last = (columns..record.len()).rev().find(says)?;
    let cause = Cause::CellsSurplus {
        line: record.position().map_or(0, csv::Position::line),
        cells: last as u64 + 1,
        columns: columns as u64,
    };
    Some(cause.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_older_systems_are_read() {
        let csv = "\u{feff}Namn;Subdomän;E-post;Plan;Moduler\nÅkermark;akermark;anna@akermark.se;starter;crm, email\n";
        let json = r#"{"customers":{"akermark":{"companyName":"Åkermark","admin":{"adminEmail":"anna@akermark.se"},"plan":"starter","modules":{"crm":true,"email":{"enabled":true},"social":false}}}}"#;
        let list = r#"[{"id":"clx1","name":"Åkermark","subdomain":"akermark","email":"anna@akermark.se","modules":["crm","email"]}]"#;
        let written_large = list.replace(r#"["crm","email"]"#, r#"{"CRM":true," Email":1}"#);
        for (name, text) in [
            ("a.csv", csv),
            ("customer-config.json", json),
            ("b.json", list),
            ("c.json", &written_large),
        ] {
            let rows = read(name, text).unwrap();
            assert_eq!(rows.len(), 1, "{name} has one customer");
            assert_eq!(rows[0].fields["name"], "Åkermark", "{name}");
            assert_eq!(rows[0].fields["subdomain"], "akermark", "{name}");
            assert_eq!(
                rows[0].fields["contact_email"], "anna@akermark.se",
                "{name}"
            );
            assert_eq!(rows[0].modules, ["crm", "email"], "{name}");
        }
    }

    #[test]
    fn of_two_columns_for_one_field_its_own_counts_where_it_says_something() {
        for (heading, cells) in [
            ("slug;subdomain;company;name", "berg-ab;berg;Bergs;Berg"),
            ("slug;subdomän;kund;namn", "berg-ab;berg;17;Berg"),
            ("company;name;subdomain;slug", ";Berg;berg;berg-ab"),
            ("name;company;slug;subdomain", ";Berg;berg;"),
        ] {
            let rows = read("a.csv", &format!("{heading}\n{cells}\n")).unwrap();
            let says = |field| rows[0].says(field).map(String::as_str);
            assert_eq!(
                (says("name"), says("subdomain")),
                (Some("Berg"), Some("berg")),
                "{heading}"
            );
        }
        let modules = read("a.csv", "name;modules;features\nBerg;crm;\n").unwrap();
        assert_eq!(modules[0].modules, ["crm"]);
        let list = r#"[{"name":"","company":"Berg","slug":"berg","subdomain":" "}]"#;
        let rows = read("b.json", list).unwrap();
        assert_eq!(rows[0].fields["name"], "Berg");
        assert_eq!(rows[0].fields["subdomain"], "berg");
    }

    #[test]
    fn a_forgotten_quotation_mark_spoils_its_row_and_no_other() {
        // Each row's name, and the line of the mark that it is refused for.
        for (text, told) in [
            (
                "name;notes\nEtt;\"ring\nTvå;x\nTre;y\n",
                &[("Ett", Some(2_u64)), ("Två", None), ("Tre", None)][..],
            ),
            ("name\nEtt\n\"", &[("Ett", None), ("", Some(3))]),
            (
                "name;notes\nEtt;\"ring\nTvå;\"x\"\nTre;y\n",
                &[("Ett", Some(2)), ("Två", None), ("Tre", None)],
            ),
            (
                "name;notes;more\nEtt;\"ring\n\nTvå;\"\";z\n\"Tre;\"\"\"\"y\n",
                &[("Ett", Some(2)), ("Två", None), ("Tre", Some(5))],
            ),
            // Texts of several lines.
            (
                "name;notes\n\"Ett \"\"AB\"\"\";\"två\nrader\" \nTvå;5\" skärm\n",
                &[("Ett \"AB\"", None), ("Två", None)],
            ),
            (
                "name,notes,email\nEtt,\"ring, men\nefter tre, inte\n\nfyra, säger hon\",a\nTvå,\"x\ny\",b",
                &[("Ett", None), ("Två", None)],
            ),
            (
                "name,notes\nEtt,\"Hej, du\nRing, snart\"\nTvå,x\n",
                &[("Ett", None), ("Två", None)],
            ),
            (
                "name,email,address\nEtt,a,\"Box 1\n123 45 Solna, Stockholm, Sverige\"\nTvå,b,x\n",
                &[("Ett", None), ("Två", None)],
            ),
            (
                "name;notes\n\"Bygg\" & Co;x\nTvå;\"\"\n\"Tre\";\"y\"",
                &[("Bygg & Co", None), ("Två", None), ("Tre", None)],
            ),
        ] {
            let rows = read("a.csv", text).unwrap();
            let fault = |row: &Row| {
                let told: Vec<_> = row.faults.iter().map(|fault| &*fault.cause).collect();
                match told.as_slice() {
                    [] => None,
                    [Cause::QuoteUnclosed { line, .. }] => Some(*line),
                    _ => panic!("{text:?}: {told:?}"),
                }
            };
            let rows: Vec<_> = rows
                .iter()
                .map(|row| (row.fields["name"].as_str(), fault(row)))
                .collect();
            assert_eq!(rows, told, "{text:?}");
        }
        let heading = "name;\"notes\nEtt;x\n";
        let refused = read("a.csv", heading).map(|rows| rows.len()).unwrap_err();
        assert_eq!(refused.code(), "quote_unclosed", "what are its cells?");
    }

    #[test]
    fn a_text_of_several_lines_is_kept_as_it_is() {
        let text = "name,email,contact_name\nEtt,a@ett.se,\"Anna,\nBo, \"\"Cia\"\", Dan\nEva\"\n";
        let rows = read("a.csv", text).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(
            rows[0].fields["contact_name"],
            "Anna,\nBo, \"Cia\", Dan\nEva"
        );
    }

    #[test]
    fn a_row_with_more_cells_than_headings_is_refused_by_its_line() {
        let text = "name,subdomain,email,credits\nSiffra,siffra,s@x.example,1,200\n\
                    Tom,tom,t@x.example,1,,\nKort,kort\nHel,hel,h@x.example,\"1,200\"\n";
        let rows = read("a.csv", text).unwrap();
        let surplus = Cause::CellsSurplus {
            line: 2,
            cells: 5,
            columns: 4,
        };
        let faults: Vec<_> = rows.iter().map(|row| row.faults.clone()).collect();
        let expected = [vec![Problem::from(surplus)], vec![], vec![], vec![]];
        assert_eq!(faults, expected);
    }

    #[test]
    fn a_byte_that_no_text_has_spoils_its_row_and_no_other() {
        let text = "name,email\nEtt,a@ett.se\nTv\0å,a@tva.se\nTre,a@tre.se\n";
        assert_eq!(read("a.csv", text).unwrap().len(), 3);
        for text in ["n\0a\0m\0e\0\nEtt\n", "\n\nname\0\nEtt\n"] {
            let refused = read("a.csv", text).map(|rows| rows.len()).unwrap_err();
            assert_eq!(refused.code(), "no_customers_in_file", "{text:?}");
        }
    }

    #[test]
    fn a_row_is_of_its_line_however_lines_end() {
        for end in ["\n", "\r\n"] {
            let text = ["name;plan", "Ett", "\"Två\nrader\"", "Tre;pro"].join(end);
            let rows = read("a.csv", &text).unwrap();
            let lines: Vec<_> = rows.iter().map(|row| row.line).collect();
            assert_eq!(lines, [2, 3, 5], "{end:?}");
            let below_a_gap = read("a.csv", &format!("{end}{end}{text}")).unwrap();
            let lines: Vec<_> = below_a_gap.iter().map(|row| row.line).collect();
            assert_eq!(lines, [4, 5, 7], "{end:?}");
            assert_eq!(below_a_gap[2].says("plan").unwrap(), "pro", "{end:?}");
        }
    }

    #[test]
    fn an_exports_own_id_is_no_other_systems() {
        let export = r#"{"customers":[{"id":"01936c5e-0000-7000-8000-000000000001","external_id":"AC-1",
            "name":"Åkermark","slug":"akermark","subdomain":"akermark","contact_email":"anna@akermark.se",
            "created_at":"2026-11-21T10:00:00Z"},
            {"id":"01936c5e-0000-7000-8000-000000000002","name":"Bo","slug":"bo","subdomain":"bo",
            "contact_email":"bo@bo.se","created_at":"2026-11-21T10:00:00Z"}]}"#;
        let rows = read("export.json", export).unwrap();
        assert_eq!(rows[0].fields["external_id"], "AC-1");
        assert!(!rows[1].fields.contains_key("external_id"), "it has none");
        let other = r#"[{"id":"clx1","name":"Bo","slug":"bo"}]"#;
        assert_eq!(
            read("b.json", other).unwrap()[0].fields["external_id"],
            "clx1"
        );
    }

    #[test]
    fn a_database_within_a_config_is_no_address() {
        let config = r#"{"customerName":"Bo","adminEmail":"bo@bo.se","subdomain":"bo",
            "database":{"url":"postgres://u:hunter2@db/x"},"stripe":{"id":"cus_1"}}"#;
        let row = &read("customer-config.json", config).unwrap()[0];
        assert_eq!(row.fields["database_url"], "postgres://u:hunter2@db/x");
        assert!(
            !row.fields.contains_key("production_url"),
            "{:?}",
            row.fields.keys()
        );
        assert!(!row.fields.contains_key("external_id"), "a payment's id");
    }

    #[test]
    fn what_a_field_cannot_hold_is_a_fault() {
        let list = r#"[{"name":"Bo","credits":true,"status":["active"],"plan":{"tierless":1},
            "language":null,"modules":[7,{"name":"crm"},{"name":"social","enabled":false}],
            "contact":{"email":"bo@bo.se"},"database_url":["postgres://u:hunter2@db/x"]}]"#;
        let row = &read("b.json", list).unwrap()[0];
        let faults = format!("{:?}", row.faults);
        for field in ["credits", "status", "plan", "modules", "database_url"] {
            assert!(faults.contains(&format!("{field:?}")), "{field}: {faults}");
        }
        assert_eq!(row.faults.len(), 5, "{faults}");
        assert!(!faults.contains("hunter2"), "{faults}");
        assert_eq!(row.modules, ["crm"]);
        assert_eq!(row.fields["contact_email"], "bo@bo.se");
    }

    #[test]
    fn a_switch_of_a_module_is_read_or_is_a_fault() {
        for (modules, on, faults) in [
            (
                r#"{"crm":1,"email":"true","social":0,"forms":"False"}"#,
                &["crm", "email"][..],
                0,
            ),
            (
                r#"{"crm":{"enabled":"TRUE"},"email":{"enabled":0},"social":null}"#,
                &["crm"],
                0,
            ),
            (
                r#"[{"name":"crm","enabled":1},{"name":"email","enabled":"false"},{"name":"social"}]"#,
                &["crm", "social"],
                0,
            ),
            (
                r#"{"crm":"hunter2","email":2,"social":{},"forms":true}"#,
                &["forms"],
                3,
            ),
            (r#"[{"name":"crm","enabled":"yes"},"email"]"#, &["email"], 1),
        ] {
            let rows = read(
                "b.json",
                &format!(r#"[{{"name":"Bo","modules":{modules}}}]"#),
            )
            .unwrap();
            let told = format!("{:?}", rows[0].faults);
            assert_eq!(rows[0].modules, on, "{modules}");
            assert_eq!(rows[0].faults.len(), faults, "{modules}: {told}");
            assert!(!told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn what_is_no_list_of_customers_is_refused() {
        for text in [
            "",
            "PK\u{3}\u{4}\0name",
            "a,b\n1,2\n",
            "{\"version\": 1}",
            "[1, 2",
            "{}",
        ] {
            assert!(read("x", text).is_err(), "{text:?} is refused");
        }
    }
}
