//! From a folder's files to a blueprint that can run.

use std::path::Path;

use fabrik_domain::{
    Cause, Problem,
    blueprint::{Blueprint, StepSpec},
};

use crate::{
    folder::{self, Files},
    manifest::{self, MANIFEST, Manifest},
    validate,
};

/// Reads a blueprint from a folder, whose name is its name. `blueprint_invalid` says what is wrong and
/// in which file.
pub fn load_folder(path: &Path) -> Result<Blueprint, Problem> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let files = folder::read(path).map_err(|why| invalid(name, why))?;
    load(name, files)
}

/// Reads a blueprint from its files.
pub(crate) fn load(name: &str, mut files: Files) -> Result<Blueprint, Problem> {
    let hash = folder::hash(&files);
    let text = files
        .remove(MANIFEST)
        .ok_or_else(|| invalid(name, format!("{MANIFEST}: there is none")))?;
    let manifest = manifest::parse(&text).map_err(|why| invalid(name, why))?;
    assemble(name, manifest, files, hash).map_err(|why| invalid(name, why))
}

fn assemble(
    name: &str,
    manifest: Manifest,
    files: Files,
    hash: String,
) -> Result<Blueprint, String> {
    let needs = validate::check(&manifest, &files)?;
    let steps = manifest
        .steps
        .into_iter()
        .zip(needs)
        .map(|(step, needs)| StepSpec {
            id: step.id,
            kind: step.kind,
            with: step.with,
            needs,
        })
        .collect();
    Ok(Blueprint {
        name: name.to_owned(),
        version: manifest.version,
        title: manifest.title,
        description: manifest.description,
        plans: manifest.plans,
        modules: manifest.modules,
        parameters: manifest.parameters,
        steps,
        settings: manifest.settings,
        files,
        hash,
    })
}

pub(crate) fn invalid(blueprint: &str, why: String) -> Problem {
    Cause::BlueprintInvalid {
        blueprint: blueprint.to_owned(),
        why,
    }
    .into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BASE: &str = r#"
version = 1
title = { sv = "Prov", en = "Test" }
description = { sv = "Ett prov", en = "A test" }
modules = ["crm"]
settings = ["github.owner"]
parameters = { region = "eu-north-1" }

[[plans]]
name = "small"
title = { sv = "Liten", en = "Small" }
monthly_price = { amount = "25.00", currency = "USD", as_of = "2026-11-21" }
parameters = { region = "eu-west-1" }

[[steps]]
id = "supabase"
kind = "supabase-project"
with = { name = "{{ customer.slug }}", region = "{{ parameters.region }}" }

[[steps]]
id = "schema"
kind = "database-schema"
with = { project = "{{ supabase.ref }}", files = ["schema.sql"], tables = ["t"] }

[[steps]]
id = "repo"
kind = "github-repo"
with = { owner = "{{ settings.github.owner }}", name = "{{ customer.slug }}", notes = ["{{ mark }}"] }

[[steps]]
id = "check"
kind = "site-check"
after = ["schema"]
with = { url = "{{ repo.url }}" }

[[steps]]
id = "welcome"
kind = "welcome-email"
with = { template = "email/hi", values = { name = "{{ customer.name }}", url = "{{ repo.url }}" } }
"#;

    fn files(manifest: &str) -> Files {
        let mut files = Files::new();
        files.insert(MANIFEST.to_owned(), manifest.to_owned());
        for path in ["schema.sql", "canary.sql"] {
            files.insert(path.to_owned(), "select 1".to_owned());
        }
        for language in ["sv", "en"] {
            for part in ["subject", "html", "txt"] {
                files.insert(
                    format!("email/hi.{language}.{part}"),
                    "{{ name }} {{ url }}".to_owned(),
                );
            }
        }
        files
    }

    fn why(files: Files) -> String {
        match *load("test", files).unwrap_err().cause {
            Cause::BlueprintInvalid { blueprint, why } => {
                assert_eq!(blueprint, "test");
                why
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn needs_are_references_and_after() {
        let blueprint = load("test", files(BASE)).unwrap();
        let needs: Vec<_> = blueprint
            .steps
            .iter()
            .map(|step| (step.id.as_str(), step.needs.join(" ")))
            .collect();
        assert_eq!(
            needs,
            [
                ("supabase", String::new()),
                ("schema", "supabase".to_owned()),
                ("repo", String::new()),
                ("check", "schema repo".to_owned()),
                ("welcome", "repo".to_owned()),
            ]
        );
        assert!(
            !blueprint.files.contains_key(MANIFEST),
            "the manifest is in the other fields"
        );
        assert_eq!(blueprint.hash.len(), 64);
    }

    /// What is replaced in the manifest, with what, and how the message begins.
    const FAULTS: &[(&str, &str, &str)] = &[
        (
            "\"site-check\"",
            "\"site-chekc\"",
            "blueprint.toml, line 32: unknown variant `site-chekc`",
        ),
        ("version = 1", "version = ", "blueprint.toml, line 2: "),
        (
            "version = 1",
            "version = 1\ncolour = 2",
            "blueprint.toml, line 3: unknown field `colour`",
        ),
        (
            "id = \"check\"",
            "id = \"repo\"",
            "blueprint.toml: step repo: is there twice",
        ),
        (
            "id = \"check\"",
            "id = \"customer\"",
            "blueprint.toml: step customer: the id must be",
        ),
        (
            "id = \"check\"",
            "id = \"the-check\"",
            "blueprint.toml: step the-check: the id must be",
        ),
        (
            "[[plans]]",
            "[[plans]]\nname = \"small\"\ntitle = { sv = \"a\", en = \"b\" }\n\n[[plans]]",
            "blueprint.toml: plan small: is there twice",
        ),
        (
            "{ region = \"eu-west-1\" }",
            "{ regoin = \"x\" }",
            "blueprint.toml: plan small: the blueprint has no parameter regoin",
        ),
        (
            "\"25.00\"",
            "\"25 USD\"",
            "blueprint.toml: plan small: 25 USD is no amount",
        ),
        (
            "\"2026-11-21\"",
            "\"today\"",
            "blueprint.toml: plan small: today is no day",
        ),
        (
            "[\"github.owner\"]",
            "[\"github.ownr\"]",
            "blueprint.toml: settings: there is no setting github.ownr",
        ),
        (
            "\"{{ repo.url }}\" }\n\n[[steps]]\nid = \"welcome\"",
            "\"{{ site.url }}\" }\n\n[[steps]]\nid = \"welcome\"",
            "blueprint.toml, step check: with.url: {{ site.url }}: there is no step site",
        ),
        (
            "{{ supabase.ref }}",
            "{{ supabase.reference }}",
            "blueprint.toml, step schema: with.project: {{ supabase.reference }}: supabase-project hands on ref, url",
        ),
        (
            "{{ supabase.ref }}",
            "{{ supabase['ref'] }}",
            "blueprint.toml, step schema: with.project: {{ supabase }}: supabase-project hands on",
        ),
        (
            "{{ supabase.ref }}",
            "{{ supabase.ref",
            "blueprint.toml, step schema: with.project: line 1: syntax error",
        ),
        (
            "{{ customer.slug }}\", notes",
            "{{ customer.slgu }}\", notes",
            "blueprint.toml, step repo: with.name: {{ customer.slgu }}: there is no such name",
        ),
        (
            "{{ mark }}",
            "{{ mark.id }}",
            "blueprint.toml, step repo: with.notes[0]: {{ mark.id }}: there is no such name",
        ),
        (
            "{{ parameters.region }}",
            "{{ parameters.size }}",
            "blueprint.toml, step supabase: with.region: {{ parameters.size }}: there is no such name",
        ),
        (
            "{{ settings.github.owner }}",
            "{{ settings.github }}",
            "blueprint.toml, step repo: with.owner: {{ settings.github }}: there is no such name",
        ),
        (
            "after = [\"schema\"]",
            "after = [\"shcema\"]",
            "blueprint.toml, step check: after: there is no step shcema",
        ),
        (
            "after = [\"schema\"]",
            "after = [\"check\"]",
            "blueprint.toml: steps need each other in a circle: check",
        ),
        (
            "id = \"repo\"\n",
            "id = \"repo\"\nafter = [\"check\"]\n",
            "blueprint.toml: steps need each other in a circle: check, repo, welcome",
        ),
        (
            "[\"schema.sql\"]",
            "[\"schema.sql\", \"more.sql\"]",
            "blueprint.toml, step schema: more.sql is not in the folder",
        ),
        (
            "\"email/hi\"",
            "\"email/ho\"",
            "blueprint.toml, step welcome: email/ho.sv.subject is not in the folder",
        ),
        (
            "{ name = \"{{ customer.name }}\", url",
            "{ url",
            "blueprint.toml, step welcome: email/hi.sv.subject: with.values has no name",
        ),
    ];

    #[test]
    fn what_is_wrong_is_told_with_file_and_place() {
        for (from, to, expected) in FAULTS {
            assert!(BASE.contains(from), "{from} is in the manifest");
            let why = why(files(&BASE.replacen(from, to, 1)));
            assert!(
                why.starts_with(expected),
                "{to} gave: {why}\nexpected: {expected}"
            );
            assert_eq!(why.lines().count(), 1, "one line: {why}");
        }
    }

    #[test]
    fn missing_files_are_named() {
        for (path, expected) in [
            (MANIFEST, "blueprint.toml: there is none"),
            (
                "canary.sql",
                "blueprint.toml, step schema: canary.sql is not in the folder",
            ),
            (
                "email/hi.en.txt",
                "blueprint.toml, step welcome: email/hi.en.txt is not in the folder",
            ),
        ] {
            let mut files = files(BASE);
            files.remove(path);
            assert_eq!(why(files), expected);
        }
    }

    #[test]
    fn a_folder_on_disk_gives_the_same_as_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("test");
        std::fs::create_dir_all(root.join("email")).unwrap();
        for (path, text) in files(BASE) {
            std::fs::write(root.join(path), text).unwrap();
        }
        assert_eq!(
            load_folder(&root).unwrap(),
            load("test", files(BASE)).unwrap()
        );
    }

    proptest! {
        #[test]
        fn every_byte_counts_in_the_hash(at in 0..BASE.len(), extra in "[a-z]") {
            let mut changed = files(BASE);
            changed.insert("notes.txt".to_owned(), extra.clone() + &BASE[at..]);
            let mut other = files(BASE);
            other.insert("notes.txt".to_owned(), BASE[at..].to_owned());
            let hash = |files| load("test", files).map(|blueprint| blueprint.hash);
            prop_assert_ne!(hash(changed.clone()).unwrap(), hash(other).unwrap());
            prop_assert_eq!(hash(changed.clone()).unwrap(), hash(changed).unwrap());
        }
    }
}
