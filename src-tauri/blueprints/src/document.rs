//! A TOML document read value by value: each knows its line, and what is wrong with one hides no other.

use fabrik_domain::finding::{Expected, Finding, Flaw};
use serde_json::{Map, Number, Value};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// A value and its line, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Located<T> {
    pub line: usize,
    pub value: T,
}

/// A table of the document, with its place: empty for the document itself, else `plans[0]`.
#[derive(Clone)]
pub(crate) struct Place<'d, 't> {
    pub table: &'d DeTable<'t>,
    pub path: String,
    pub line: usize,
}

impl Place<'_, '_> {
    /// The path of a field.
    fn path(&self, field: &str) -> String {
        if self.path.is_empty() {
            field.to_owned()
        } else {
            format!("{}.{field}", self.path)
        }
    }
}

/// Reads a document, and collects what is wrong.
pub(crate) struct Reader<'t> {
    file: &'t str,
    /// Where lines begin, in bytes.
    lines: Vec<usize>,
    pub findings: Vec<Finding>,
}

impl<'t> Reader<'t> {
    /// Of a file with this name and text.
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        let begins = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            file,
            lines: std::iter::once(0).chain(begins).collect(),
            findings: Vec::new(),
        }
    }

    /// The document; `None` where it is no TOML, with everything that keeps it from being some.
    pub(crate) fn document(&mut self, text: &'t str) -> Option<Spanned<DeTable<'t>>> {
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let line = error.span().map(|span| self.line(span.start));
            let why = error.message().to_owned();
            self.findings
                .push(Finding::new(self.file, Flaw::TomlBroken { why }).line(line));
        }
        errors.is_empty().then_some(document)
    }

    /// The line of a byte of the text.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.partition_point(|begin| *begin <= at)
    }

    /// Notes a flaw.
    pub(crate) fn flaw(&mut self, line: usize, place: &str, flaw: Flaw) {
        let finding = Finding::new(self.file, flaw).line(line);
        self.findings.push(if place.is_empty() {
            finding
        } else {
            finding.place(place)
        });
    }

    fn invalid(&mut self, value: &Spanned<DeValue<'t>>, place: &str, expected: Expected) {
        let line = self.line(value.span().start);
        self.flaw(line, place, Flaw::FieldInvalid { expected });
    }

    /// Notes fields that are none of these.
    pub(crate) fn only(&mut self, place: &Place<'_, 't>, known: &[&str]) {
        for field in place.table.keys() {
            if !known.contains(&field.get_ref().as_ref()) {
                let flaw = Flaw::FieldUnknown {
                    field: field.get_ref().to_string(),
                    known: known.iter().map(ToString::to_string).collect(),
                };
                let line = self.line(field.span().start);
                self.flaw(line, &place.path, flaw);
            }
        }
    }

    /// A field that must be there.
    pub(crate) fn must<'d>(
        &mut self,
        place: &Place<'d, 't>,
        field: &str,
    ) -> Option<&'d Spanned<DeValue<'t>>> {
        let value = place.table.get(field);
        if value.is_none() {
            let field = field.to_owned();
            self.flaw(place.line, &place.path, Flaw::FieldMissing { field });
        }
        value
    }

    /// A text that must be there.
    pub(crate) fn text(&mut self, place: &Place<'_, 't>, field: &str) -> Option<Located<String>> {
        let value = self.must(place, field)?;
        self.as_text(value, &place.path(field))
    }

    fn as_text(&mut self, value: &Spanned<DeValue<'t>>, path: &str) -> Option<Located<String>> {
        let Some(text) = value.get_ref().as_str() else {
            self.invalid(value, path, Expected::Text);
            return None;
        };
        Some(Located {
            line: self.line(value.span().start),
            value: text.to_owned(),
        })
    }

    /// A list of texts; none where the field is not there.
    pub(crate) fn texts(&mut self, place: &Place<'_, 't>, field: &str) -> Vec<Located<String>> {
        let Some(value) = place.table.get(field) else {
            return Vec::new();
        };
        let path = place.path(field);
        let Some(items) = value.get_ref().as_array() else {
            self.invalid(value, &path, Expected::Texts);
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (index, item) in items.iter().enumerate() {
            texts.extend(self.as_text(item, &format!("{path}[{index}]")));
        }
        texts
    }

    /// A whole number from 1 that must be there.
    pub(crate) fn count(&mut self, place: &Place<'_, 't>, field: &str) -> Option<u32> {
        let value = self.must(place, field)?;
        let number = value.get_ref().as_integer();
        let count = number
            .and_then(|number| u32::from_str_radix(number.as_str(), number.radix()).ok())
            .filter(|count| *count > 0);
        if count.is_none() {
            self.invalid(value, &place.path(field), Expected::Count);
        }
        count
    }

    /// A table.
    pub(crate) fn table<'d>(
        &mut self,
        place: &Place<'d, 't>,
        field: &str,
        expected: Expected,
    ) -> Option<Place<'d, 't>> {
        let value = place.table.get(field)?;
        let path = place.path(field);
        let Some(table) = value.get_ref().as_table() else {
            self.invalid(value, &path, expected);
            return None;
        };
        Some(Place {
            table,
            line: self.line(value.span().start),
            path,
        })
    }

    /// A list of tables; none where the field is not there.
    pub(crate) fn tables<'d>(&mut self, place: &Place<'d, 't>, field: &str) -> Vec<Place<'d, 't>> {
        let Some(value) = place.table.get(field) else {
            return Vec::new();
        };
        let path = place.path(field);
        let Some(items) = value.get_ref().as_array() else {
            self.invalid(value, &path, Expected::Tables);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for (index, item) in items.iter().enumerate() {
            match item.get_ref().as_table() {
                Some(table) => tables.push(Place {
                    table,
                    path: format!("{path}[{index}]"),
                    line: self.line(item.span().start),
                }),
                None => self.invalid(item, &format!("{path}[{index}]"), Expected::Table),
            }
        }
        tables
    }

    /// A table of texts, by name; none where the field is not there.
    pub(crate) fn text_table(
        &mut self,
        place: &Place<'_, 't>,
        field: &str,
    ) -> Vec<(String, Located<String>)> {
        let Some(inner) = self.table(place, field, Expected::TextTable) else {
            return Vec::new();
        };
        let mut texts = Vec::new();
        for (name, value) in inner.table {
            let path = inner.path(name.get_ref());
            if let Some(text) = self.as_text(value, &path) {
                texts.push((name.get_ref().to_string(), text));
            }
        }
        texts
    }

    /// A table as JSON, and the line of each of its values by place: `with.variables[2].value`.
    pub(crate) fn json(
        &self,
        place: &Place<'_, 't>,
        root: &str,
    ) -> (Map<String, Value>, Vec<(String, usize)>) {
        let mut lines = Vec::new();
        let json = self.json_table(place.table, root, &mut lines);
        (json, lines)
    }

    fn json_table(
        &self,
        table: &DeTable<'t>,
        path: &str,
        lines: &mut Vec<(String, usize)>,
    ) -> Map<String, Value> {
        let fields = table.iter().map(|(name, value)| {
            let path = format!("{path}.{}", name.get_ref());
            lines.push((path.clone(), self.line(name.span().start)));
            (
                name.get_ref().to_string(),
                self.json_value(value, &path, lines),
            )
        });
        fields.collect()
    }

    fn json_value(
        &self,
        value: &Spanned<DeValue<'t>>,
        path: &str,
        lines: &mut Vec<(String, usize)>,
    ) -> Value {
        match value.get_ref() {
            DeValue::String(text) => text.as_ref().into(),
            DeValue::Boolean(flag) => (*flag).into(),
            DeValue::Integer(number) => {
                match i64::from_str_radix(number.as_str(), number.radix()) {
                    Ok(number) => number.into(),
                    Err(_) => number.to_string().into(),
                }
            }
            DeValue::Float(number) => {
                let number = number.as_str().parse().ok().and_then(Number::from_f64);
                number.map_or(Value::Null, Value::Number)
            }
            DeValue::Datetime(time) => time.to_string().into(),
            DeValue::Array(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| {
                    let path = format!("{path}[{index}]");
                    lines.push((path.clone(), self.line(item.span().start)));
                    self.json_value(item, &path, lines)
                })
                .collect(),
            DeValue::Table(table) => self.json_table(table, path, lines).into(),
        }
    }
}
