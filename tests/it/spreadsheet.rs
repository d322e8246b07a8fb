//! What a spreadsheet makes of an export (S7).

use std::{fs, process::Command};

use fabrik_tests::Proof;
use serde_json::json;

use crate::world::TestApp;

/// What would be a formula, in every field that holds any text.
fn dangerous() -> Vec<String> {
    let naughty: Vec<String> = serde_json::from_str(include_str!("../naughty.json")).unwrap();
    let operators = ["=", "+", "-", "@", "＝"];
    let made = operators.iter().flat_map(|operator| {
        ["", " ", "a;", "a; ", "a;\"", "\"", "'", "\"\""]
            .iter()
            .map(move |before| format!("{before}{operator}1+1 A"))
    });
    naughty.into_iter().chain(made).collect()
}

#[tokio::test]
async fn a_spreadsheet_finds_no_formula_in_an_export() {
    let proof = Proof::of(
        "S7",
        "cells of an export, opened by Gnumeric as it opens any CSV",
    );
    let app = TestApp::new().await;
    let rows: Vec<_> = dangerous()
        .into_iter()
        .enumerate()
        .map(|(number, text)| {
            json!({
                "name": format!("Kund {number}"), "subdomain": format!("kund-{number}"),
                "contact_email": "anna@kund.example", "blueprint": "factory", "plan": "starter",
                "contact_name": text, "external_id": format!("{text} {number}"),
            })
        })
        .chain(dangerous().into_iter().enumerate().map(|(number, text)| {
            json!({
                "name": format!("{text} {number}x"), "subdomain": format!("namn-{number}"),
                "contact_email": "anna@kund.example", "blueprint": "factory", "plan": "starter",
            })
        }))
        .collect();
    let list = app.file("kunder.json", json!({ "customers": rows }).to_string());
    // Those that deceive are refused; the others are added.
    let added = app
        .run(&["customers", "import", &list, "--json"])
        .await
        .json();
    let count = added["added"].as_u64().unwrap();
    assert!(count > 150, "{count} are there");
    let exported = app.run(&["customers", "export"]).await.exits(0).stdout;
    for (what, csv) in [
        ("as it is", exported.clone()),
        // As a spreadsheet takes the same file where decimals are written with a comma: cells end at semicolons.
        ("by semicolons", exported.chars().map(swapped).collect()),
    ] {
        let (found, cells) = formulas(&app, &csv);
        assert!(found == 0 && cells > 150, "{what}: {found} of {cells}");
        proof.held(cells);
    }
    // And one that is not made harmless is found: the look is a look.
    let (found, _) = formulas(&app, "name,x\n=1+1,a\n");
    assert_eq!(found, 1, "a formula is seen");
}

/// A semicolon for a comma, and the other way round.
fn swapped(c: char) -> char {
    match c {
        ';' => ',',
        ',' => ';',
        other => other,
    }
}

/// How many cells with a formula a spreadsheet sees, of how many cells.
fn formulas(app: &TestApp, csv: &str) -> (usize, usize) {
    let from = app.file("export.csv", csv);
    let to = format!("{from}.gnumeric");
    let ran = Command::new("ssconvert")
        .args(["--import-encoding=UTF-8", &from, &to])
        .output()
        .unwrap_or_else(|error| panic!("ssconvert: {error}; `scripts/setup` installs it"));
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    // The format is XML, packed by gzip.
    let unpacked = Command::new("gzip").args(["-dc", &to]).output().unwrap();
    let sheet = String::from_utf8(unpacked.stdout).unwrap();
    let _ = fs::remove_file(&to);
    let cells: Vec<_> = sheet.split("<gnm:Cell ").skip(1).collect();
    let formula = |cell: &&&str| {
        let typed = cell.split('>').next().unwrap_or_default();
        let content = cell.split('>').nth(1).unwrap_or_default();
        // A cell with a value says of which type it is; one with a formula does not.
        !typed.contains("ValueType=") && content.starts_with('=')
    };
    (cells.iter().filter(formula).count(), cells.len())
}
