//! The hour that the documentation promises: what stands there is done, line by line, and comes out so.

use std::{fs, path::Path};

use serde_json::json;

use crate::world::TestApp;

const TEXT: &str = include_str!("../../../docs/blueprints.md");

/// The fenced blocks of the section, each with its language.
fn blocks() -> Vec<(&'static str, &'static str)> {
    let (_, section) = TEXT.split_once("\n## In an hour\n").expect("the section");
    let (section, _) = section.split_once("\n## ").expect("the next section");
    let mut parts = section.split("```");
    parts.next();
    let mut blocks = Vec::new();
    while let (Some(block), Some(_)) = (parts.next(), parts.next()) {
        blocks.push(block.split_once('\n').expect("a language"));
    }
    blocks
}

/// Does what a diff says, to the one place where it fits.
fn patch(folder: &Path, diff: &str) {
    let (head, body) = diff.split_once('\n').unwrap();
    let path = folder.join(head.strip_prefix("--- ").expect("the file's name"));
    let side = |drop: char| -> String {
        let kept = body.lines().filter(|line| !line.starts_with(drop));
        let lines: Vec<_> = kept.map(|line| line.get(1..).unwrap_or_default()).collect();
        lines.join("\n") + "\n"
    };
    let text = fs::read_to_string(&path).unwrap();
    let (old, new) = (side('+'), side('-'));
    assert_eq!(text.matches(&old).count(), 1, "{}: {old}", path.display());
    fs::write(&path, text.replace(&old, &new)).unwrap();
}

/// The words of a line, as a shell splits them.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('"').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

/// Runs the lines up to the first that fails; what they say and the exit code. The test's workspace is
/// another, at a sandbox of its own.
async fn run(app: &TestApp, lines: &str) -> (String, i32) {
    let mut said = String::new();
    for line in lines.lines() {
        match words(line).split_first() {
            Some((program, arguments)) if program == "fabrik" => {
                let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
                let ran = app.run(&arguments).await;
                said += &ran.stdout;
                said += &ran.stderr;
                if ran.status != 0 {
                    return (said, ran.status);
                }
            }
            Some((program, place)) if program == "cd" => {
                assert!(
                    place[0].ends_with("/fabrik/sandbox/blueprints/atelier"),
                    "{line}"
                );
            }
            _ => assert_eq!(line, "export FABRIK_WORKSPACE=sandbox"),
        }
    }
    (said, 0)
}

#[tokio::test]
async fn the_documentation_leads_to_a_customer() {
    let app = TestApp::new().await;
    let folder = app.data().join("agency/blueprints/atelier");
    let mut last = (String::new(), 0);
    let mut done = 0;
    for (language, block) in blocks() {
        match language {
            "sh" => {
                assert_eq!(last.1, 0, "{}", last.0);
                last = run(&app, block).await;
            }
            "text" => {
                let expected = if block.contains('✗') { 3 } else { 0 };
                assert_eq!(last.1, expected, "{}", last.0);
                for line in block.lines() {
                    assert!(last.0.contains(line), "{line:?} is not in:\n{}", last.0);
                }
                last = (String::new(), 0);
            }
            "diff" => patch(&folder, block),
            "sql" => {
                let (name, _) = block.split_once('\n').unwrap();
                let name = name.strip_prefix("-- ").expect("the file's name");
                fs::write(folder.join(name), block).unwrap();
            }
            other => panic!("a block in {other}"),
        }
        done += 1;
    }
    assert!(done > 12, "{done} blocks were done");
    assert_eq!(last.1, 0, "{}", last.0);

    let shown = app
        .run(&["customers", "show", "akermark", "--json"])
        .await
        .exits(0)
        .json();
    assert_eq!(shown["status"], "active", "{shown}");
    assert_eq!(shown["blueprint"], "atelier");
    let reference = shown["supabase_project_ref"].as_str().expect("a project");
    let count = "select count(*) as count from public.bookings";
    let rows = app.ask_database(reference, count).await;
    assert_eq!(
        rows,
        json!([{ "count": 0 }]),
        "the customer has bookings, and the canary is gone"
    );
}
