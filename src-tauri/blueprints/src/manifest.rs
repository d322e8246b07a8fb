//! `blueprint.toml` as it is written, with the lines.

use std::collections::BTreeMap;

use fabrik_domain::{
    blueprint::{Bilingual, MonthlyPrice, SalesPlan, StepKind},
    finding::{Expected, Finding, Flaw},
};

use crate::document::{Located, Place, Reader};

/// The name of the file.
pub(crate) const MANIFEST: &str = "blueprint.toml";

#[derive(Debug, Default)]
pub(crate) struct Manifest {
    pub version: u32,
    pub title: Bilingual,
    pub description: Bilingual,
    pub plans: Vec<Located<SalesPlan>>,
    pub modules: Vec<Located<String>>,
    pub parameters: BTreeMap<String, Located<String>>,
    pub settings: Vec<Located<String>>,
    pub steps: Vec<Step>,
}

#[derive(Debug)]
pub(crate) struct Step {
    pub line: usize,
    pub id: String,
    /// `None` where there is no such kind.
    pub kind: Option<StepKind>,
    /// Steps that must be complete before, besides those whose outputs are used.
    pub after: Vec<Located<String>>,
    pub with: serde_json::Map<String, serde_json::Value>,
    /// The lines of what is in `with`, by place: `with.variables[2].value`.
    pub lines: BTreeMap<String, usize>,
}

impl Step {
    /// The line of a place in `with`; where that has none, of the closest that has.
    pub(crate) fn line_of(&self, place: &str) -> usize {
        let mut place = place;
        loop {
            if let Some(line) = self.lines.get(place) {
                return *line;
            }
            match place.rfind(['.', '[']) {
                Some(end) => place = &place[..end],
                None => return self.line,
            }
        }
    }

    /// A finding at a place in `with`, or about the step.
    pub(crate) fn finding(&self, place: &str, flaw: Flaw) -> Finding {
        let finding = Finding::new(MANIFEST, flaw)
            .line(self.line_of(place))
            .step(self.id.clone());
        if place.is_empty() {
            finding
        } else {
            finding.place(place)
        }
    }
}

/// Reads it, with all that is wrong. `None` where it is no TOML.
pub(crate) fn read(text: &str) -> (Option<Manifest>, Vec<Finding>) {
    let mut reader = Reader::new(MANIFEST, text);
    let manifest = reader.document(text).map(|document| {
        let root = Place {
            table: document.get_ref(),
            path: String::new(),
            line: 1,
        };
        manifest(&mut reader, &root)
    });
    (manifest, reader.findings)
}

fn manifest<'t>(reader: &mut Reader<'t>, root: &Place<'_, 't>) -> Manifest {
    reader.only(
        root,
        &[
            "version",
            "title",
            "description",
            "plans",
            "modules",
            "parameters",
            "settings",
            "steps",
        ],
    );
    let version = reader.count(root, "version").unwrap_or(1);
    let title = bilingual(reader, root, "title");
    let description = bilingual(reader, root, "description");
    for list in ["plans", "steps"] {
        reader.must(root, list);
    }
    let mut plans = Vec::new();
    for place in reader.tables(root, "plans") {
        plans.extend(plan(reader, &place));
    }
    let mut steps = Vec::new();
    for place in reader.tables(root, "steps") {
        steps.extend(step(reader, &place));
    }
    Manifest {
        version,
        title,
        description,
        plans,
        modules: reader.texts(root, "modules"),
        parameters: reader.text_table(root, "parameters").into_iter().collect(),
        settings: reader.texts(root, "settings"),
        steps,
    }
}

/// A text in both languages, neither empty.
fn bilingual<'t>(reader: &mut Reader<'t>, place: &Place<'_, 't>, field: &str) -> Bilingual {
    if reader.must(place, field).is_none() {
        return Bilingual::default();
    }
    let Some(inner) = reader.table(place, field, Expected::Bilingual) else {
        return Bilingual::default();
    };
    reader.only(&inner, &["sv", "en"]);
    let mut text = |language: &str| {
        let text = reader.text(&inner, language).unwrap_or_default();
        if text.value.trim().is_empty() && text.line > 0 {
            let path = format!("{}.{language}", inner.path);
            reader.flaw(text.line, &path, Flaw::FieldEmpty);
        }
        text.value
    };
    Bilingual {
        sv: text("sv"),
        en: text("en"),
    }
}

fn plan<'t>(reader: &mut Reader<'t>, place: &Place<'_, 't>) -> Option<Located<SalesPlan>> {
    reader.only(place, &["name", "title", "monthly_price", "parameters"]);
    let title = bilingual(reader, place, "title");
    let monthly_price = reader
        .table(place, "monthly_price", Expected::Table)
        .and_then(|price| monthly_price(reader, &price));
    let parameters = reader.text_table(place, "parameters");
    let name = reader.text(place, "name")?;
    Some(Located {
        line: place.line,
        value: SalesPlan {
            name: name.value,
            title,
            monthly_price,
            parameters: parameters
                .into_iter()
                .map(|(name, text)| (name, text.value))
                .collect(),
        },
    })
}

fn monthly_price<'t>(reader: &mut Reader<'t>, place: &Place<'_, 't>) -> Option<MonthlyPrice> {
    reader.only(place, &["amount", "currency", "as_of"]);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let mut field = |name: &str, expected: Expected, fits: &dyn Fn(&str) -> bool| {
        let text = reader.text(place, name)?;
        if !fits(&text.value) {
            let path = format!("{}.{name}", place.path);
            reader.flaw(text.line, &path, Flaw::FieldInvalid { expected });
        }
        Some(text.value)
    };
    let amount = field("amount", Expected::Amount, &|text| {
        text.split_once('.').map_or_else(
            || digits(text),
            |(whole, part)| digits(whole) && digits(part),
        )
    });
    let currency = field("currency", Expected::Currency, &|text| {
        text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
    });
    let as_of = field("as_of", Expected::Day, &is_day);
    Some(MonthlyPrice {
        amount: amount?,
        currency: currency?,
        as_of: as_of?,
    })
}

fn is_day(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let number = |at: usize, length: usize| -> Option<u32> {
        let part: &&str = parts.get(at)?;
        (part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse().ok())?
    };
    parts.len() == 3
        && number(0, 4).is_some()
        && number(1, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(2, 2).is_some_and(|day| (1..=31).contains(&day))
}

fn step<'t>(reader: &mut Reader<'t>, place: &Place<'_, 't>) -> Option<Step> {
    reader.only(place, &["id", "kind", "after", "with"]);
    let id = reader.text(place, "id");
    let kind = reader.text(place, "kind").and_then(|written| {
        let kind = StepKind::ALL
            .into_iter()
            .find(|kind| kind.key() == written.value);
        if kind.is_none() {
            let flaw = Flaw::KindUnknown {
                kind: written.value,
                known: StepKind::ALL
                    .iter()
                    .map(|kind| kind.key().to_owned())
                    .collect(),
            };
            reader.flaw(written.line, &format!("{}.kind", place.path), flaw);
        }
        kind
    });
    let after = reader.texts(place, "after");
    let (with, lines) = reader
        .table(place, "with", Expected::Table)
        .map(|with| reader.json(&with, "with"))
        .unwrap_or_default();
    let id = id?;
    Some(Step {
        line: id.line,
        id: id.value,
        kind,
        after,
        with,
        lines: lines.into_iter().collect(),
    })
}
