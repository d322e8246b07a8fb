//! The documentation for who writes a blueprint names all that there is, and nothing else.

use std::collections::BTreeSet;

use fabrik_domain::blueprint::{Need, Parameter, Shape, StepKind};

use crate::{built_in, load_built_in, values::CUSTOMER_FIELDS};

const TEXT: &str = include_str!("../../../docs/blueprints.md");

/// The text below a heading, up to the next of its rank or a higher one.
fn section(heading: &str) -> &'static str {
    let begin = TEXT
        .find(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("there is a heading {heading}"));
    let rest = &TEXT[begin + heading.len() + 2..];
    let rank = heading.chars().take_while(|c| *c == '#').count();
    let ends = (2..=rank).filter_map(|rank| rest.find(&format!("\n{} ", "#".repeat(rank))));
    &rest[..ends.min().unwrap_or(rest.len())]
}

/// A row of a table: its first cell's name, whether that is bold, and the other cell.
struct Row {
    name: &'static str,
    bold: bool,
    text: &'static str,
}

/// The rows of the table in a section whose first heading is this; none where there is no such table.
fn table(section: &'static str, heading: &str) -> Vec<Row> {
    let mut lines = section.lines();
    let begin = format!("| {heading} |");
    if !lines.any(|line| line.starts_with(&begin)) {
        return Vec::new();
    }
    lines
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.trim_matches('|').splitn(2, '|').map(str::trim);
            let first = cells.next().unwrap_or_default();
            Row {
                name: first.trim_matches(['*', '`']),
                bold: first.starts_with("**"),
                text: cells.next().unwrap_or_default(),
            }
        })
        .collect()
}

fn parameters(kind: StepKind, rows: &[Row], declared: &[Parameter]) {
    let names: Vec<_> = rows.iter().map(|row| row.name).collect();
    let expected: Vec<_> = declared.iter().map(|parameter| parameter.name).collect();
    assert_eq!(names, expected, "the parameters of {kind}");
    for (row, parameter) in rows.iter().zip(declared) {
        let name = parameter.name;
        assert_eq!(
            row.bold,
            parameter.need == Need::Filled,
            "{kind}: {name} in bold"
        );
        let secret = row.text.ends_with("Secret");
        assert_eq!(secret, parameter.secret, "{kind}: {name}: {}", row.text);
        assert!(!row.text.is_empty(), "{kind}: {name} is explained");
    }
}

#[test]
fn every_kind_of_step_is_there_with_its_parameters_and_outputs() {
    let kinds = section("## Kinds of steps");
    let headings: Vec<_> = kinds
        .lines()
        .filter_map(|line| line.strip_prefix("### "))
        .map(|heading| heading.trim_matches('`'))
        .collect();
    assert_eq!(headings, StepKind::ALL.map(StepKind::key));
    for kind in StepKind::ALL {
        let section = section(&format!("### `{kind}`"));
        parameters(kind, &table(section, "parameter"), kind.parameters());
        for parameter in kind.parameters() {
            if let Shape::List(fields) = parameter.shape {
                let heading = format!("field of `{}`", parameter.name);
                parameters(kind, &table(section, &heading), fields);
            }
        }
        let outputs = table(section, "output");
        let names: Vec<_> = outputs.iter().map(|row| row.name).collect();
        assert_eq!(names, kind.outputs(), "the outputs of {kind}");
        for output in outputs {
            let secret = output.text.ends_with("; secret");
            let expected = kind.secret_outputs().contains(&output.name);
            assert_eq!(secret, expected, "{kind}: {}: {}", output.name, output.text);
        }
    }
}

#[test]
fn every_variable_of_a_built_in_blueprint_is_there() {
    let rows = table(section("## What your app reads"), "variable");
    for name in built_in() {
        let told: BTreeSet<_> = rows
            .iter()
            .filter(|row| {
                let (_, given_by) = row.text.rsplit_once('|').expect("three cells");
                given_by.split(',').any(|one| one.trim() == name)
            })
            .map(|row| row.name.to_owned())
            .collect();
        let blueprint = load_built_in(name).unwrap();
        let given: BTreeSet<_> = blueprint
            .steps
            .iter()
            .filter(|step| step.kind == StepKind::VercelEnvironment)
            .flat_map(|step| step.with["variables"].as_array().unwrap())
            .map(|variable| {
                let key = variable["key"].as_str().unwrap();
                match key.split_once("{{") {
                    Some((begin, _)) => format!("{begin}<SUBDOMAIN>"),
                    None => key.to_owned(),
                }
            })
            .collect();
        assert!(!given.is_empty(), "{name} gives variables");
        assert_eq!(told, given, "the variables of {name}");
    }
}

#[test]
fn every_name_of_a_customer_is_there() {
    let rows = table(section("## Templates"), "name");
    let row = rows.iter().find(|row| row.name == "customer.…");
    let named: BTreeSet<_> = row.unwrap().text.split('`').skip(1).step_by(2).collect();
    assert_eq!(named, CUSTOMER_FIELDS.into());
}

#[test]
fn every_field_of_the_manifest_is_there() {
    let text = section("## blueprint.toml");
    for field in [
        "`version`",
        "`title`",
        "`description`",
        "`[[plans]]`",
        "`modules`",
        "`[parameters]`",
        "`settings`",
        "`[[steps]]`",
        "`id`",
        "`kind`",
        "`after`",
        "`with`",
        "`name`",
        "`monthly_price`",
        "`parameters`",
    ] {
        assert!(text.contains(field), "{field}");
    }
}

#[test]
fn every_flaw_is_there() {
    let source = include_str!("../../domain/src/finding.rs");
    let (_, variants) = source.split_once("pub enum Flaw {").unwrap();
    let (variants, _) = variants.split_once("\n}\n").unwrap();
    let snake = |name: &str| {
        let mut snake = String::new();
        for c in name.chars() {
            if c.is_uppercase() && !snake.is_empty() {
                snake.push('_');
            }
            snake.extend(c.to_lowercase());
        }
        snake
    };
    let there: BTreeSet<_> = variants
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_uppercase()))
        .map(|line| snake(line.trim_end_matches([' ', '{', ','])))
        .collect();
    assert!(there.len() > 30, "the codes are read: {there:?}");
    let rows = table(section("## What the check finds"), "code");
    let told: BTreeSet<_> = rows
        .iter()
        .flat_map(|row| row.name.split("`, `").map(str::to_owned))
        .collect();
    assert_eq!(told, there);
}
