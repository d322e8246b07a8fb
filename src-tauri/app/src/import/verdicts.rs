//! What became of each row of an import, as a file: a window shows some of a long one, and whoever mends the rest needs
//! them all. Verdicts and reasons are codes, as in every answer; the words are the window's and the command line's.

use fabrik_domain::{Cause, Problem};
use serde_json::Value;

use super::export::harmless;
use crate::{
    App,
    views::{CustomerImport, ImportedRow, SavedFile},
};

/// A row without the customer it was made into: a file may have many.
pub(super) struct Verdict {
    line: u64,
    name: String,
    /// `added`, `will_be_added` or `refused`.
    word: &'static str,
    problems: Vec<Problem>,
}

/// Of every row, in the order in which the import tells them.
pub(super) fn verdicts_of(import: &CustomerImport) -> Vec<Verdict> {
    let good = if import.dry_run {
        "will_be_added"
    } else {
        "added"
    };
    let verdict = |row: &ImportedRow| Verdict {
        line: row.line,
        name: row.name.clone(),
        word: if row.customer.is_some() {
            good
        } else {
            "refused"
        },
        problems: row.problems.clone(),
    };
    import.rows.iter().map(verdict).collect()
}

impl App {
    /// See the table of commands.
    pub async fn import_save(&self) -> Result<SavedFile, Problem> {
        let text = as_csv(&self.importing().verdicts)?;
        self.save("fabrik-import", "csv", &text)
    }
}

/// One line for each reason of each row, and one for a row that has none.
fn as_csv(verdicts: &[Verdict]) -> Result<String, Problem> {
    let internal =
        |error: &dyn std::fmt::Display| Problem::from(Cause::Internal).detail(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["line", "name", "verdict", "reason", "details"])
        .map_err(|error| internal(&error))?;
    for verdict in verdicts {
        let mut reasons: Vec<(String, String)> = verdict.problems.iter().map(reason).collect();
        if reasons.is_empty() {
            reasons.push((String::new(), String::new()));
        }
        for (code, details) in reasons {
            let line = verdict.line.to_string();
            let cells = [
                line,
                harmless(&verdict.name),
                verdict.word.to_owned(),
                code,
                harmless(&details),
            ];
            writer
                .write_record(cells)
                .map_err(|error| internal(&error))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| internal(&error))?;
    String::from_utf8(bytes).map_err(|error| internal(&error))
}

/// A problem's code, and what else it says: `subdomain: akermark, customer: Åkermark`.
fn reason(problem: &Problem) -> (String, String) {
    let fields = match serde_json::to_value(problem) {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let said = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    };
    let details: Vec<_> = fields
        .iter()
        .filter(|(name, _)| *name != "code")
        .map(said)
        .collect();
    (problem.code(), details.join(", "))
}

#[cfg(test)]
mod tests {
    use crate::testing;

    /// More rows than a window is told.
    const ROWS: usize = 700;

    #[tokio::test]
    async fn every_row_of_a_long_import_is_kept_with_its_reasons() {
        let downloads = tempfile::tempdir().unwrap();
        let place = downloads.path().to_str().unwrap().to_owned();
        let (_folder, app) = testing::app_with(&[("XDG_DOWNLOAD_DIR", &place)]).await;
        // Every second one has two faults, one of which a spreadsheet would run.
        let row = |number: usize| match number % 2 {
            0 => format!("Kund {number},a@kund-{number}.se,1\n"),
            _ => format!("Kund {number},,=1+1\n"),
        };
        let rows: Vec<String> = (0..ROWS).map(row).collect();
        let file = format!("name,contact_email,credits\n{}", rows.concat());
        let import = app
            .customers_import("kunder.csv".to_owned(), file, true, None, None)
            .await
            .unwrap();
        assert!(import.rows.len() < ROWS, "a window is told fewer");
        let saved = app.import_save().await.unwrap();
        let text = std::fs::read_to_string(&saved.path).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let refused: Vec<_> = records.iter().filter(|row| &row[2] == "refused").collect();
        assert_eq!(records.len(), ROWS / 2 + refused.len(), "the rest is good");
        assert_eq!(refused.len(), ROWS, "two reasons each");
        assert_eq!(&records[0][1], "Kund 0", "in the order of the file");
        assert_eq!(&records[0][2], "will_be_added");
        let reasons: Vec<&str> = refused[..2].iter().map(|row| &row[3]).collect();
        assert!(reasons.contains(&"field_missing"), "{reasons:?}");
        assert!(reasons.contains(&"field_unreadable"), "{reasons:?}");
        assert!(
            records.iter().flatten().all(|cell| !cell.starts_with('=')),
            "no cell is a formula"
        );
    }

    #[tokio::test]
    async fn a_login_in_the_wrong_field_is_neither_told_nor_kept() {
        let downloads = tempfile::tempdir().unwrap();
        let place = downloads.path().to_str().unwrap().to_owned();
        let (_folder, app) = testing::app_with(&[("XDG_DOWNLOAD_DIR", &place)]).await;
        let login = "postgres://u:hemlig@db.kund.se/x";
        let good = [
            ("name", "Ett"),
            ("contact_email", "a@ett.se"),
            ("subdomain", "ett"),
            ("contact_name", "Anna"),
            ("blueprint", "factory"),
            ("plan", "starter"),
            ("language", "sv"),
            ("credits", "1"),
            ("external_id", "1"),
            ("status", "active"),
            ("production_url", ""),
            ("github_repo_url", ""),
            ("supabase_project_ref", ""),
            ("modules", ""),
        ];
        let heading = good.map(|(field, _)| field).join(",");
        let with = |wrong: usize, text: &str| {
            let cells = good.iter().enumerate();
            let cells = cells.map(|(place, (_, cell))| if place == wrong { text } else { cell });
            cells.collect::<Vec<_>>().join(",")
        };
        let mut rows: Vec<_> = (0..good.len()).map(|wrong| with(wrong, login)).collect();
        let credits = good.iter().position(|(field, _)| *field == "credits");
        // The half of one that is behind a comma; and what is only wrong.
        rows.push(with(credits.unwrap(), "hemlig@db.kund.se/x"));
        rows.push(with(credits.unwrap(), "many"));
        let file = format!("{heading}\n{}\n", rows.join("\n"));
        for dry_run in [true, false] {
            let import = app
                .customers_import("kunder.csv".to_owned(), file.clone(), dry_run, None, None)
                .await
                .unwrap();
            assert_eq!(
                (import.added, import.refused),
                (0, rows.len() as u64),
                "{import:#?}"
            );
            let told = serde_json::to_string(&import).unwrap();
            assert!(!told.contains("hemlig"), "{told}");
            assert!(told.contains("many"), "{told}");
            let saved = app.import_save().await.unwrap();
            let text = std::fs::read_to_string(&saved.path).unwrap();
            assert_eq!(text.matches("field: credits").count(), 3, "{text}");
            assert!(text.contains("value: many"), "{text}");
            assert!(!text.contains("hemlig"), "{text}");
        }
    }
}
