//! What a spreadsheet makes of an export, and of the report that an import leaves (S7).

use std::{fs, path::Path, process::Command};

use fabrik_tests::Proof;
use serde_json::json;

use crate::{
    window_commands::{asked, open},
    world::TestApp,
};

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
    let folder = tempfile::tempdir().unwrap();
    proof.held(cells_without_a_formula(folder.path(), &exported));
    // And one that is not made harmless is found: the look is a look.
    let (found, _) = formulas(folder.path(), "name,x\n=1+1,a\n");
    assert_eq!(found, 1, "a formula is seen");
}

/// What came of each row of an import tells names, and what was wrong with the rest, as they stood in a file of somebody
/// else's.
#[tokio::test]
async fn a_spreadsheet_finds_no_formula_in_the_report_of_an_import() {
    let proof = Proof::of(
        "S7",
        "cells of the saved report of an import, opened by Gnumeric as it opens any CSV",
    );
    let folder = tempfile::tempdir().unwrap();
    let app = open(folder.path()).await;
    let fields = [
        "name",
        "contact_email",
        "subdomain",
        "plan",
        "credits",
        "status",
    ];
    let rows = dangerous()
        .into_iter()
        .enumerate()
        .flat_map(|(number, text)| {
            fields.map(|field| {
                let mut row = json!({
                    "name": format!("Kund {number}"), "subdomain": format!("kund-{number}-{field}"),
                    "contact_email": "anna@kund.example", "blueprint": "factory", "plan": "starter",
                });
                row[field] = json!(text);
                row
            })
        });
    let rows: Vec<_> = rows.collect();
    let many = rows.len();
    let file = json!({
        "file_name": "kunder.json", "content": json!({ "customers": rows }).to_string(),
        "dry_run": true, "blueprint": null, "plan": null,
    });
    let import = asked(&app, "customers_import", file).await;
    let refused = import["refused"].as_u64().unwrap();
    assert!(refused > 500, "most are wrong: {refused}");
    let saved = asked(&app, "import_save", json!({})).await;
    let report = fs::read_to_string(saved["path"].as_str().unwrap()).unwrap();
    assert!(report.lines().count() > many, "a line for each row");
    proof.held(cells_without_a_formula(folder.path(), &report));
}

/// How many cells a spreadsheet sees, none of them with a formula: those of the file as it is, and as it takes the same
/// one where decimals are written with a comma, and cells end at semicolons.
fn cells_without_a_formula(folder: &Path, csv: &str) -> usize {
    let by_semicolons: String = csv.chars().map(swapped).collect();
    let mut all = 0;
    for (what, csv) in [("as it is", csv), ("by semicolons", by_semicolons.as_str())] {
        let (found, cells) = formulas(folder, csv);
        assert!(found == 0 && cells > 150, "{what}: {found} of {cells}");
        all += cells;
    }
    all
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
fn formulas(folder: &Path, csv: &str) -> (usize, usize) {
    let (from, to) = (folder.join("a.csv"), folder.join("a.gnumeric"));
    fs::write(&from, csv).unwrap();
    let ran = Command::new("ssconvert")
        .arg("--import-encoding=UTF-8")
        .args([&from, &to])
        .output()
        .unwrap_or_else(|error| panic!("ssconvert: {error}; `scripts/setup` installs it"));
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    // The format is XML, packed by gzip.
    let unpacked = Command::new("gzip").arg("-dc").arg(&to).output().unwrap();
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
