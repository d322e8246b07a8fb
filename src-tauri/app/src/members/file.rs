//! Reading a file of members: CSV with a heading, in the words that orchestras' own lists have.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use fabrik_domain::{
    Cause, Problem, customer::check_email, language::Language, problem::NameFault,
};
use jiff::civil::Date;

use super::{
    database::Instrument,
    words::{Column, ROLES, STANDINGS, column},
};
use crate::{
    import::{as_it_was, csv_reader, is_no_text, language, plain, plain_text, unreadable},
    views::MemberField,
};

/// A file of members.
#[derive(Debug)]
pub(super) struct Sheet {
    /// Its rows, in its order.
    pub(super) rows: Vec<Row>,
    /// Headings of columns that say nothing of a member: nothing of them is read.
    pub(super) ignored: Vec<String>,
}

/// A row of it.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    /// What the file says, by column. What it leaves out is not there.
    pub(super) fields: BTreeMap<MemberField, String>,
    /// As they are written, and later by their codes; the first is the main one.
    pub(super) instruments: Vec<String>,
    /// Every fault that can be told without the instance.
    pub(super) problems: Vec<Problem>,
}

/// Reads a file. Without a column that names the members it is none.
pub(super) fn read(file_name: &str, content: &str) -> Result<Sheet, Problem> {
    let content = &plain_text(content);
    let file = || file_name.to_owned();
    let unreadable = |why: String| Problem::from(Cause::FileUnreadable { file: file(), why });
    let of_reader = |error: csv::Error| unreadable(error.to_string());
    let unnamed = || Cause::ColumnMissing {
        file: file(),
        column: "name".to_owned(),
    };
    if is_no_text(content) {
        // Nor has it a heading.
        return Err(unnamed().into());
    }
    let (mut reader, forgotten) = csv_reader(file_name, content)?;
    let headings = reader.headers().map_err(of_reader)?.clone();
    let columns: Vec<_> = headings.iter().map(column).collect();
    let named = [
        Column::Field(MemberField::Name),
        Column::FirstName,
        Column::LastName,
    ];
    if !columns
        .iter()
        .flatten()
        .any(|column| named.contains(column))
    {
        return Err(unnamed().into());
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(of_reader)?;
        let line = record.position().map_or(0, csv::Position::line);
        let cells = columns.iter().zip(&record);
        let cells = cells.filter_map(|(column, text)| Some(((*column)?, as_it_was(text))));
        let mut row = Row::of(line, cells);
        row.problems.extend(forgotten.fault(&record, columns.len()));
        rows.push(row);
    }
    repeated(&mut rows);
    let ignored = headings.iter().zip(&columns);
    let ignored = ignored.filter(|(heading, column)| column.is_none() && !heading.is_empty());
    Ok(Sheet {
        ignored: ignored.map(|(heading, _)| heading.to_owned()).collect(),
        rows,
    })
}

impl Row {
    fn of(line: u64, cells: impl Iterator<Item = (Column, String)>) -> Self {
        let mut row = Self {
            line,
            fields: BTreeMap::new(),
            instruments: Vec::new(),
            problems: Vec::new(),
        };
        let (mut first, mut last) = (String::new(), String::new());
        for (column, text) in cells {
            // A line break or a tab within a cell is but a space.
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            match column {
                Column::Field(_) | Column::Instruments if text.is_empty() => {}
                Column::Field(field) => {
                    row.fields.entry(field).or_insert(text);
                }
                Column::FirstName => first = text,
                Column::LastName => last = text,
                Column::Instruments => row.plays(&text),
            }
        }
        let name = format!("{first} {last}").trim().to_owned();
        if !name.is_empty() {
            row.fields.entry(MemberField::Name).or_insert(name);
        }
        row.check();
        row
    }

    fn plays(&mut self, text: &str) {
        let words = text.split([',', ';', '/', '|']).map(str::trim);
        for word in words.filter(|word| !word.is_empty()) {
            if !self.instruments.iter().any(|known| known == word) {
                self.instruments.push(word.to_owned());
            }
        }
    }

    /// The field's value, where the file has one.
    pub(super) fn get(&self, field: MemberField) -> Option<&str> {
        self.fields.get(&field).map(String::as_str)
    }

    /// Tells every fault, and writes what has several words as the database does.
    fn check(&mut self) {
        let Self {
            fields, problems, ..
        } = self;
        if !fields.contains_key(&MemberField::Name) {
            let field = MemberField::Name.key().to_owned();
            problems.push(Cause::FieldMissing { field }.into());
        }
        for (field, most) in [
            (MemberField::Name, 200),
            (MemberField::Email, 320),
            (MemberField::Phone, 50),
        ] {
            if let Some(text) = fields.get(&field)
                && text.chars().count() > most
            {
                let begin: String = text.chars().take(40).collect();
                problems.push(unreadable(
                    field.key(),
                    &format!("{begin}…"),
                    &format!("≤ {most}"),
                ));
            }
        }
        // What can't be seen is not shown.
        if fields
            .get(&MemberField::Name)
            .is_some_and(|name| name.contains('\0'))
        {
            let (fault, field) = (NameFault::Deceptive, None);
            problems.push(Cause::NameInvalid { fault, field }.into());
        }
        if fields
            .get(&MemberField::Phone)
            .is_some_and(|phone| phone.contains('\0'))
        {
            problems.push(unreadable(
                MemberField::Phone.key(),
                "…",
                "+46 70 123 45 67",
            ));
        }
        problems.extend(
            fields
                .get(&MemberField::Email)
                .and_then(|email| check_email(email).err()),
        );
        let mut read = |field: MemberField, reader: &dyn Fn(&str) -> Result<String, Problem>| {
            let Entry::Occupied(mut entry) = fields.entry(field) else {
                return;
            };
            match reader(entry.get()) {
                Ok(value) => drop(entry.insert(value)),
                Err(problem) => problems.push(problem),
            }
        };
        for (field, words) in [
            (MemberField::Role, ROLES),
            (MemberField::Standing, STANDINGS),
        ] {
            read(field, &|word| known_word(field, word, words));
        }
        read(MemberField::Language, &|word| {
            Ok(language(word)?.code().to_owned())
        });
        for field in [MemberField::JoinedOn, MemberField::LeftOn] {
            read(field, &|day| Ok(date(field, day)?.to_string()));
        }
        // As texts, days follow each other as they do.
        if let (Some(joined), Some(left)) = (
            fields.get(&MemberField::JoinedOn),
            fields.get(&MemberField::LeftOn),
        ) && problems.is_empty()
            && left < joined
        {
            problems.push(unreadable(
                MemberField::LeftOn.key(),
                left,
                &format!("≥ {joined}"),
            ));
        }
    }

    /// What a new member is where the file doesn't say.
    pub(super) fn fill_in(&mut self, language: Language) {
        for (field, usual) in [
            (MemberField::Role, "musician"),
            (MemberField::Standing, "regular"),
            (MemberField::Language, language.code()),
        ] {
            self.fields.entry(field).or_insert_with(|| usual.to_owned());
        }
    }

    /// Finds what the member plays among the instance's instruments, by code or name.
    pub(super) fn tune(&mut self, known: &[Instrument]) {
        for word in &mut self.instruments {
            match known.iter().find(|instrument| instrument.goes_by(word)) {
                Some(instrument) => instrument.code.clone_into(word),
                None => {
                    let codes: Vec<_> = known.iter().map(|one| one.code.as_str()).collect();
                    let problem =
                        unreadable(MemberField::Instruments.key(), word, &codes.join(", "));
                    self.problems.push(problem);
                }
            }
        }
        let mut seen = BTreeSet::new();
        self.instruments.retain(|code| seen.insert(code.clone()));
    }
}

fn known_word(
    field: MemberField,
    word: &str,
    words: &[(&str, &[&str])],
) -> Result<String, Problem> {
    let wanted = plain(word);
    let found = words
        .iter()
        .find(|(_, names)| names.contains(&wanted.as_str()));
    match found {
        Some((key, _)) => Ok((*key).to_owned()),
        None => {
            let keys: Vec<_> = words.iter().map(|(key, _)| *key).collect();
            Err(unreadable(field.key(), word, &keys.join(", ")))
        }
    }
}

/// A day as everybody reads it alike: in `3/4/2020` April may be the third or the fourth.
fn date(field: MemberField, text: &str) -> Result<Date, Problem> {
    text.parse()
        .map_err(|_| unreadable(field.key(), text, "2020-08-31"))
}

/// Tells the rows about somebody whom a row before them is about.
fn repeated(rows: &mut [Row]) {
    let mut people = People::default();
    for row in rows.iter_mut().filter(|row| row.problems.is_empty()) {
        let name = row
            .get(MemberField::Name)
            .unwrap_or_default()
            .to_lowercase();
        let email = row.get(MemberField::Email).map(str::to_lowercase);
        if let Some(line) = people.meet(name, email, row.line) {
            row.problems.push(Cause::RowRepeated { line }.into());
        }
    }
}

/// Whom a file is about so far, with their lines. The same address is the same person; so is the same name where one of
/// the two has no address.
#[derive(Default)]
struct People {
    addresses: BTreeMap<String, u64>,
    names: BTreeMap<String, u64>,
    names_alone: BTreeMap<String, u64>,
}

impl People {
    /// The line of who has been met before; else remembers this one.
    fn meet(&mut self, name: String, email: Option<String>, line: u64) -> Option<u64> {
        let known = match &email {
            Some(email) => self
                .addresses
                .get(email)
                .or_else(|| self.names_alone.get(&name)),
            None => self.names.get(&name),
        };
        if let Some(line) = known {
            return Some(*line);
        }
        match email {
            Some(email) => drop(self.addresses.insert(email, line)),
            None => drop(self.names_alone.insert(name.clone(), line)),
        }
        self.names.entry(name).or_insert(line);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instrument(code: &str, sv: &str, en: &str) -> Instrument {
        Instrument {
            code: code.to_owned(),
            name_sv: sv.to_owned(),
            name_en: en.to_owned(),
        }
    }

    fn codes(row: &Row) -> Vec<String> {
        row.problems.iter().map(Problem::code).collect()
    }

    #[test]
    fn a_swedish_list_is_read_in_its_own_words() {
        let text = "\u{feff}Förnamn;Efternamn;E-post;Mobil;Roll;Status;Språk;Medlem sedan;Instrument;Lösenord\r\n\
                    Anna;Åker;Anna@Lyran.example;'+46 70 123;Planerare;Ordinarie;svenska;2019-09-01;Violin, Viola;hunter2\r\n";
        let sheet = read("medlemmar.csv", text).unwrap();
        let row = &sheet.rows[0];
        assert_eq!(codes(row), [""; 0], "{row:?}");
        let fields: Vec<_> = row
            .fields
            .iter()
            .map(|(k, v)| (k.key(), v.as_str()))
            .collect();
        assert_eq!(
            fields,
            [
                ("name", "Anna Åker"),
                ("email", "Anna@Lyran.example"),
                ("phone", "+46 70 123"),
                ("role", "planner"),
                ("standing", "regular"),
                ("language", "sv"),
                ("joined_on", "2019-09-01"),
            ]
        );
        assert_eq!(row.instruments, ["Violin", "Viola"]);
        assert_eq!(row.line, 2, "as an editor counts");
        assert_eq!(sheet.ignored, ["Lösenord"]);
        assert!(!format!("{sheet:?}").contains("hunter2"), "it is not read");
    }

    #[test]
    fn every_fault_of_a_row_is_told_and_the_others_go_on() {
        let text = "name,email,role,standing,language,joined_on,left_on\n\
                    ,nobody,boss,gone,de,3/4/2020,\n\
                    Bo,,,,,2020-01-02,2020-01-01\n\
                    Cia,cia@x.example,Musiker,vikarie,en,,\n";
        let rows = read("m.csv", text).unwrap().rows;
        let [bad, backwards, good] = &rows[..] else {
            panic!("three rows: {rows:?}")
        };
        assert_eq!(
            codes(bad),
            [
                "field_missing",
                "email_invalid",
                "field_unreadable",
                "field_unreadable",
                "field_unreadable",
                "field_unreadable"
            ]
        );
        assert_eq!(codes(backwards), ["field_unreadable"]);
        assert_eq!(codes(good), [""; 0]);
        assert_eq!(good.get(MemberField::Standing), Some("substitute"));
    }

    #[test]
    fn who_stands_in_a_file_twice_is_taken_once() {
        let text = "name,email\nAnna,a@x.example\nAnna B,A@X.example\nBo,\nBo,bo@x.example\nAnna,other@x.example\nBo,\n";
        let rows = read("m.csv", text).unwrap().rows;
        let told: Vec<_> = rows
            .iter()
            .map(|row| row.problems.first().map(|one| (*one.cause).clone()))
            .collect();
        let repeats = |line| Some(Cause::RowRepeated { line });
        // Two people of one name who both have addresses are two people.
        assert_eq!(told, [None, repeats(2), None, repeats(4), None, repeats(4)]);
    }

    #[test]
    fn instruments_are_found_by_code_or_name() {
        let known = [
            instrument("violin", "Violin", "Violin"),
            instrument("double_bass", "Kontrabas", "Double bass"),
        ];
        let text = "name,instrument\nAnna,Kontrabas / violin / double bass\nBo,Nyckelharpa\n";
        let mut rows = read("m.csv", text).unwrap().rows;
        for row in &mut rows {
            row.tune(&known);
        }
        assert_eq!(rows[0].instruments, ["double_bass", "violin"]);
        assert_eq!(codes(&rows[0]), [""; 0]);
        assert_eq!(codes(&rows[1]), ["field_unreadable"], "{:?}", rows[1]);
    }

    #[test]
    fn what_is_no_list_of_members_is_refused() {
        for text in ["", "a,b\n1,2\n", "PK\u{3}\u{4}\0name\n", "{\"name\": 1}"] {
            let refused = read("x", text).unwrap_err();
            assert_eq!(refused.code(), "column_missing", "{text:?}");
        }
    }

    #[test]
    fn a_forgotten_quotation_mark_hides_no_members() {
        let text = "namn;anteckning\nAnna;\"ringer\nBo;\nCajsa;\n";
        let rows = read("a.csv", text).unwrap().rows;
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.get(MemberField::Name), codes(row)))
            .collect();
        let unclosed = vec!["quote_unclosed".to_owned()];
        let expected = [
            (Some("Anna"), unclosed),
            (Some("Bo"), vec![]),
            (Some("Cajsa"), vec![]),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn what_has_spoiled_one_row_refuses_no_other() {
        let text =
            "name,email,phone\nAnna,a@x.example,1,200\nB\0o,,\nCia,,4\u{0}6\nDan,d@x.example,1,,\n";
        let rows = read("m.csv", text).unwrap().rows;
        let codes: Vec<_> = rows.iter().map(codes).collect();
        let expected: [&[&str]; 4] = [
            &["cells_surplus"],
            &["name_invalid"],
            &["field_unreadable"],
            &[],
        ];
        assert_eq!(codes, expected);
    }
}
