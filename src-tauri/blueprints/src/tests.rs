//! What is found in a blueprint: each flaw alone, all of them together, and none where there is none.

use std::collections::BTreeMap;

use fabrik_domain::{Cause, finding::Finding};
use proptest::prelude::*;

use crate::{
    check::examine,
    folder::Files,
    load_folder,
    loader::{inspect, load},
    manifest::MANIFEST,
};

const BASE: &str = r#"version = 1
title = { sv = "Prov", en = "Test" }
description = { sv = "Ett prov", en = "A test" }
modules = ["crm"]
settings = ["supabase.organization", "github.owner", "github.template", "email.from"]
parameters = { region = "eu-north-1", branch = "main" }

[[plans]]
name = "small"
title = { sv = "Liten", en = "Small" }
monthly_price = { amount = "25.00", currency = "USD", as_of = "2026-11-21" }
parameters = { region = "eu-west-1" }

[[steps]]
id = "supabase"
kind = "supabase-project"
[steps.with]
name = "{{ customer.slug }}"
organization = "{{ settings.supabase.organization }}"
region = "{{ parameters.region }}"

[[steps]]
id = "schema"
kind = "database-schema"
with = { project = "{{ supabase.ref }}", files = ["schema.sql"], tables = ["t"] }

[[steps]]
id = "repo"
kind = "github-repo"
[steps.with]
owner = "{{ settings.github.owner }}"
name = "{{ customer.slug }}"
template = "{{ settings.github.template }}"
description = "{{ mark }}"

[[steps]]
id = "env"
kind = "vercel-environment"
[steps.with]
project = "p"
variables = [
    { key = "URL", value = "{{ supabase.url }}", targets = ["production"] },
    { key = "KEY", value = "{{ supabase.secret_key }}", secret = true },
]

[[steps]]
id = "check"
kind = "site-check"
after = ["schema"]
with = { url = "{{ repo.url }}" }

[[steps]]
id = "welcome"
kind = "welcome-email"
after = ["env"]
[steps.with]
from = "{{ settings.email.from }}"
to = "{{ customer.contact_email }}"
template = "email/hi"
language = "{{ customer.language }}"
values = { name = "{{ customer.name }}", url = "{{ repo.url }}", key = "{{ supabase.secret_key }}" }

[[steps]]
id = "isolation"
kind = "isolation-check"
after = ["schema"]
with = { project = "{{supabase.ref}}", project_url = "{{supabase.url}}", publishable_key = "{{supabase.publishable_key}}" }
"#;

fn files(manifest: &str) -> Files {
    let mut files = Files::new();
    files.insert(MANIFEST.to_owned(), manifest.to_owned());
    files.insert(
        "schema.sql".to_owned(),
        "create table t (id int)".to_owned(),
    );
    files.insert(
        "canary.sql".to_owned(),
        "insert into t values (1)".to_owned(),
    );
    for language in ["sv", "en"] {
        for part in ["subject", "html", "txt"] {
            let key = if part == "subject" { "" } else { "\n{{ key }}" };
            let text = format!("{{{{ name }}}} {{{{ url }}}}{key}");
            files.insert(format!("email/hi.{language}.{part}"), text);
        }
    }
    files
}

/// `file:line step place code`, without what is not known.
fn short(finding: &Finding) -> String {
    let line = finding
        .line
        .map(|line| format!(":{line}"))
        .unwrap_or_default();
    let step = finding.step.as_deref().unwrap_or("-");
    let place = finding.place.as_deref().unwrap_or("-");
    format!("{}{line} {step} {place} {}", finding.file, finding.code())
}

fn found(files: &Files) -> Vec<String> {
    let mut found: Vec<_> = examine(files).findings.iter().map(short).collect();
    found.sort();
    found
}

/// n8n 2 runs what has a schedule and such a zone again and again without a pause.
#[test]
fn a_workflow_whose_time_zone_is_none_is_told() {
    let good = crate::built_in::files("client-stack").unwrap();
    assert_eq!(found(&good), [] as [&str; 0]);
    let with = |path: &str, from: &str, to: &str| {
        let mut files = good.clone();
        let text = files[path].replace(from, to);
        assert_ne!(text, files[path], "{path} has {from}");
        files.insert(path.to_owned(), text);
        found(&files)
    };
    let parameter = |zone| with("blueprint.toml", "\"Europe/Stockholm\"", zone);
    let wrong = [
        "workflows/leads.json:432 - - time_zone_unknown",
        "workflows/unsubscribe.json:248 - - time_zone_unknown",
        "workflows/weekly-report.json:429 - - time_zone_unknown",
    ];
    assert_eq!(parameter("\"Stockholm\""), wrong);
    for good in ["\"America/New_York\"", "\"UTC\"", "\"DEFAULT\""] {
        assert_eq!(parameter(good), [] as [&str; 0]);
    }
    let written = |zone| with("workflows/leads.json", "\"<% time_zone %>\"", zone);
    for none in ["\"sv\"", "\"localtime\"", "\"Etc/Unknown\""] {
        assert_eq!(written(none), wrong[..1]);
    }
    assert_eq!(written("\"Asia/Tokyo\""), [] as [&str; 0]);
    // What the agency sets is not known here.
    let setting = "\"{{ settings['domains.instances'] }}\"";
    let of_setting = with("blueprint.toml", "\"{{ parameters.time_zone }}\"", setting);
    let told = of_setting
        .iter()
        .any(|one| one.ends_with("time_zone_unknown"));
    assert!(!told, "{of_setting:?}");
}

#[test]
fn a_good_blueprint_has_no_findings_and_an_order() {
    let files = files(BASE);
    assert_eq!(found(&files), [] as [&str; 0]);
    let blueprint = load("test", files).unwrap();
    let needs: BTreeMap<_, _> = blueprint
        .steps
        .iter()
        .map(|step| (step.id.as_str(), step.needs.join(" ")))
        .collect();
    let expected = [
        ("check", "schema repo"),
        ("env", "supabase"),
        ("isolation", "supabase schema"),
        ("repo", ""),
        ("schema", "supabase"),
        ("supabase", ""),
        ("welcome", "supabase repo env"),
    ];
    assert_eq!(
        needs,
        expected.map(|(id, needs)| (id, needs.to_owned())).into()
    );
    assert!(
        !blueprint.files.contains_key(MANIFEST),
        "the manifest is in the other fields"
    );
    assert_eq!(blueprint.hash.len(), 64);
}

/// What is replaced in the manifest, with what, and all that is found then.
const FLAWS: &[(&str, &str, &[&str])] = &[
    // The manifest.
    (
        "version = 1",
        "version = ",
        &["blueprint.toml:1 - - toml_broken"],
    ),
    (
        "version = 1",
        "version = 0",
        &["blueprint.toml:1 - version field_invalid"],
    ),
    ("version = 1", "", &["blueprint.toml:1 - - field_missing"]),
    (
        "version = 1\n",
        "version = 1\ncolour = 2\n",
        &["blueprint.toml:2 - - field_unknown"],
    ),
    (
        "{ sv = \"Prov\", en",
        "{ sv = \" \", en",
        &["blueprint.toml:2 - title.sv field_empty"],
    ),
    (
        "{ sv = \"Prov\", en",
        "{ de = \"x\", en",
        &[
            "blueprint.toml:2 - title field_missing",
            "blueprint.toml:2 - title field_unknown",
        ],
    ),
    (
        "title = { sv = \"Liten\", en = \"Small\" }",
        "title = \"Small\"",
        &["blueprint.toml:10 - plans[0].title field_invalid"],
    ),
    (
        "[\"crm\"]",
        "[\"crm\", \"crm\"]",
        &["blueprint.toml:4 - modules name_twice"],
    ),
    (
        "[\"crm\"]",
        "[1]",
        &["blueprint.toml:4 - modules[0] field_invalid"],
    ),
    (
        "\"github.owner\", ",
        "\"github.ownr\", \"github.owner\", ",
        &["blueprint.toml:5 - settings setting_unknown"],
    ),
    (
        "branch = \"main\" }",
        "the-branch = \"main\" }",
        &["blueprint.toml:6 - parameters.the-branch field_invalid"],
    ),
    (
        "branch = \"main\" }",
        "branch = 7 }",
        &["blueprint.toml:6 - parameters.branch field_invalid"],
    ),
    (
        "[[plans]]\n",
        "[[plans]]\nname = \"small\"\ntitle = { sv = \"a\", en = \"b\" }\n\n[[plans]]\n",
        &["blueprint.toml:12 - plans name_twice"],
    ),
    (
        "{ region = \"eu-west-1\" }",
        "{ regoin = \"x\" }",
        &["blueprint.toml:8 - plans.small.parameters plan_parameter_unknown"],
    ),
    (
        "\"25.00\"",
        "\"25 USD\"",
        &["blueprint.toml:11 - plans[0].monthly_price.amount field_invalid"],
    ),
    (
        "\"USD\"",
        "\"usd\"",
        &["blueprint.toml:11 - plans[0].monthly_price.currency field_invalid"],
    ),
    (
        "\"2026-11-21\"",
        "\"2026-13-21\"",
        &["blueprint.toml:11 - plans[0].monthly_price.as_of field_invalid"],
    ),
    // Steps.
    (
        "\"site-check\"",
        "\"site-chekc\"",
        &["blueprint.toml:48 - steps[4].kind kind_unknown"],
    ),
    // A link and a password are a mail's alone.
    (
        "[[steps]]\nid = \"env\"\nkind = \"vercel-environment\"\n[steps.with]\nproject = \"p\"\nvariables = [\n",
        "[[steps]]\nid = \"admin\"\nkind = \"admin-user\"\nwith = { project_url = \"u\", publishable_key = \"k\", secret_key = \"{{ supabase.secret_key }}\", email = \"e\", role = \"r\", table = \"t\" }\n\n[[steps]]\nid = \"env\"\nkind = \"vercel-environment\"\n[steps.with]\nproject = \"p\"\nvariables = [\n    { key = \"LINK\", value = \"{{ admin.link }}\", secret = true },\n",
        &["blueprint.toml:47 env with.variables[0].value secret_exposed"],
    ),
    (
        "[[steps]]\nid = \"env\"\nkind = \"vercel-environment\"\n[steps.with]\nproject = \"p\"\nvariables = [\n",
        "[[steps]]\nid = \"admin\"\nkind = \"admin-user\"\nwith = { project_url = \"u\", publishable_key = \"k\", secret_key = \"{{ supabase.secret_key }}\", email = \"e\", role = \"r\", table = \"t\", temporary_password = true }\n\n[[steps]]\nid = \"env\"\nkind = \"vercel-environment\"\n[steps.with]\nproject = \"p\"\nvariables = [\n    { key = \"PASSWORD\", value = \"{{ admin.password }}\", secret = true },\n",
        &["blueprint.toml:47 env with.variables[0].value secret_exposed"],
    ),
    (
        "[[steps]]\nid = \"check\"",
        "[[steps]]\nid = \"config\"\nkind = \"client-config\"\nwith = { repository = \"{{ repo.full_name }}\", branch = \"main\", path = \"c.json\", content = {} }\n\n[[steps]]\nid = \"check\"",
        &["blueprint.toml:49 config with.repository parameter_missing"],
    ),
    (
        "id = \"check\"",
        "id = \"repo\"",
        &["blueprint.toml:47 - steps name_twice"],
    ),
    (
        "id = \"check\"",
        "id = \"customer\"",
        &["blueprint.toml:47 customer id field_invalid"],
    ),
    (
        "id = \"check\"",
        "id = \"the-check\"",
        &["blueprint.toml:47 the-check id field_invalid"],
    ),
    (
        "after = [\"schema\"]",
        "after = [\"shcema\"]",
        &["blueprint.toml:49 check after step_unknown"],
    ),
    (
        "after = [\"schema\"]",
        "after = [\"check\"]",
        &["blueprint.toml:47 - - cycle"],
    ),
    (
        "id = \"repo\"\n",
        "id = \"repo\"\nafter = [\"check\"]\n",
        &["blueprint.toml:28 - - cycle"],
    ),
    (
        "with = { url =",
        "with = { uri =",
        &[
            "blueprint.toml:47 check - parameter_missing",
            "blueprint.toml:50 check - parameter_unknown",
        ],
    ),
    (
        "\"p\"\n",
        "\"\"\n",
        &["blueprint.toml:40 env with.project parameter_empty"],
    ),
    (
        "\"p\"\n",
        "7\n",
        &["blueprint.toml:40 env with.project field_invalid"],
    ),
    (
        "\"p\"\n",
        "\"{{ settings.vercel.team }}\"\n",
        &["blueprint.toml:40 env with.project parameter_empty"],
    ),
    (
        "\"p\"\n",
        "\"{{ customer.modules }}\"\n",
        &["blueprint.toml:40 env with.project field_invalid"],
    ),
    (
        "[\"schema.sql\"]",
        "[]",
        &["blueprint.toml:25 schema with.files field_empty"],
    ),
    (
        "[\"schema.sql\"]",
        "\"schema.sql\"",
        &["blueprint.toml:25 schema with.files field_invalid"],
    ),
    (
        "[\"schema.sql\"]",
        "[\"schema.sql\", \"more.sql\"]",
        &["blueprint.toml:25 schema with.files[1] file_missing"],
    ),
    (
        "targets = [\"production\"]",
        "targets = [\"prod\"]",
        &["blueprint.toml:42 env with.variables[0].targets[0] field_invalid"],
    ),
    (
        "targets = [\"production\"]",
        "target = \"x\"",
        &["blueprint.toml:42 env with.variables[0].target parameter_unknown"],
    ),
    (
        "secret = true }",
        "secret = \"yes\" }",
        &["blueprint.toml:43 env with.variables[1].secret field_invalid"],
    ),
    (
        "key = \"URL\"",
        "key = \"KEY\"",
        &["blueprint.toml:43 env with.variables[1].key name_twice"],
    ),
    (
        "key = \"URL\"",
        "key = \"A URL\"",
        &["blueprint.toml:42 env with.variables[0].key field_invalid"],
    ),
    (
        "{ key = \"URL\", ",
        "{ ",
        &["blueprint.toml:42 env with.variables[0] parameter_missing"],
    ),
    // Templates.
    (
        "{{ supabase.ref }}",
        "{{ site.ref }}",
        &["blueprint.toml:25 schema with.project step_unknown"],
    ),
    (
        "{{ supabase.ref }}",
        "{{ supabase.reference }}",
        &["blueprint.toml:25 schema with.project output_unknown"],
    ),
    (
        "{{ supabase.ref }}",
        "{{ supabase['ref'] }}",
        &["blueprint.toml:25 schema with.project output_unknown"],
    ),
    (
        "{{ supabase.ref }}",
        "{{ supabase.ref",
        &["blueprint.toml:25 schema with.project template_broken"],
    ),
    (
        "\"{{ mark }}\"",
        "\"\"\"a\nb\n{{ mark.id }}\n{{ oh no }}\"\"\"",
        &["blueprint.toml:37 repo with.description template_broken"],
    ),
    (
        "{{ mark }}",
        "{{ mark.id }} {{ customer.nmae }}",
        &[
            "blueprint.toml:34 repo with.description name_unknown",
            "blueprint.toml:34 repo with.description name_unknown",
        ],
    ),
    (
        "{{ parameters.region }}",
        "{{ parameters.size }}",
        &["blueprint.toml:20 supabase with.region name_unknown"],
    ),
    (
        "{{ settings.github.owner }}",
        "{{ settings.github }}",
        &["blueprint.toml:31 repo with.owner name_unknown"],
    ),
    (
        "{{ mark }}",
        "{{ parameters.branch | int }}",
        &["blueprint.toml:34 repo with.description not_rendered"],
    ),
    // Only for a customer without modules, and in one language.
    (
        "{{ mark }}",
        "{{ 'x' if customer.modules or customer.language == 'en' else 'x' | int }}",
        &["blueprint.toml:34 repo with.description not_rendered"],
    ),
    // Secrets.
    (
        "{{ mark }}",
        "{{ supabase.secret_key }}",
        &["blueprint.toml:34 repo with.description secret_exposed"],
    ),
    (
        "{{ mark }}",
        "{% set k = supabase %}",
        &["blueprint.toml:34 repo with.description output_unknown"],
    ),
    (
        "key = \"KEY\"",
        "key = \"NEXT_PUBLIC_KEY\"",
        &["blueprint.toml:43 env with.variables[1].value secret_exposed"],
    ),
    (
        "key = \"URL\"",
        "key = \"{{ supabase.secret_key }}\"",
        &["blueprint.toml:42 env with.variables[0].key secret_exposed"],
    ),
    (
        "url = \"{{ repo.url }}\", key",
        "url = \"{{ supabase.secret_key }}\", key",
        &[
            "email/hi.en.subject:1 - - secret_exposed",
            "email/hi.sv.subject:1 - - secret_exposed",
        ],
    ),
    (
        "\"p\"\n",
        "\"sb_secret_0a1B2c3D4e5F6g7H8i9J\"\n",
        &["blueprint.toml:40 - - secret_written"],
    ),
    // Mails.
    (
        "\"{{ customer.language }}\"",
        "\"de\"",
        &["blueprint.toml:60 welcome with.language field_invalid"],
    ),
    (
        "{ name = \"{{ customer.name }}\", url",
        "{ url",
        &[
            "email/hi.en.html:1 - name value_missing",
            "email/hi.en.subject:1 - name value_missing",
            "email/hi.en.txt:1 - name value_missing",
            "email/hi.sv.html:1 - name value_missing",
            "email/hi.sv.subject:1 - name value_missing",
            "email/hi.sv.txt:1 - name value_missing",
        ],
    ),
];

#[test]
fn each_flaw_is_told_with_its_place_and_no_other() {
    let mut wrong = Vec::new();
    for (from, to, expected) in FLAWS {
        assert!(BASE.contains(from), "{from} is in the manifest");
        let found = found(&files(&BASE.replacen(from, to, 1)));
        if found != *expected {
            wrong.push(format!("{from} → {to}\n  {found:?}\n  {expected:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "found and expected:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn everything_is_told_at_once() {
    let manifest = BASE
        .replace("\"site-check\"", "\"site-chekc\"")
        .replace("{{ supabase.ref }}", "{{ supabase.reference }}")
        .replace("after = [\"env\"]", "after = [\"evn\"]")
        .replace("\"25.00\"", "\"x\"")
        .replace("project = \"p\"", "project = \"p\"\ncolour = \"red\"");
    let mut files = files(&manifest);
    files.remove("email/hi.sv.html");
    files.remove("canary.sql");
    files.insert("email/hi.en.txt".to_owned(), "a\n{{ oh no }}".to_owned());
    files.insert(
        "schema.sql".to_owned(),
        "create table t (\n  agency_id int);\ncommit;\ncreate role x".to_owned(),
    );
    assert_eq!(
        found(&files),
        [
            "blueprint.toml:11 - plans[0].monthly_price.amount field_invalid",
            "blueprint.toml:23 schema - file_missing",
            "blueprint.toml:25 schema with.project output_unknown",
            "blueprint.toml:41 env - parameter_unknown",
            "blueprint.toml:49 - steps[4].kind kind_unknown",
            "blueprint.toml:56 welcome after step_unknown",
            "blueprint.toml:60 welcome with.template file_missing",
            "blueprint.toml:65 isolation with.canary file_missing",
            "email/hi.en.txt:2 - - template_broken",
            "schema.sql:2 - - tenancy_word",
            "schema.sql:3 - - statement_forbidden",
            "schema.sql:4 - - statement_forbidden",
        ]
    );
}

#[test]
fn a_database_that_nothing_proves_to_be_shut_is_told_and_runs() {
    let (without, _) = BASE.split_once("[[steps]]\nid = \"isolation\"").unwrap();
    let files = files(without);
    assert_eq!(
        found(&files),
        ["blueprint.toml:23 schema - isolation_missing"]
    );
    assert!(load("test", files).is_ok(), "it runs, for who wants it so");
}

#[test]
fn without_a_manifest_the_other_files_are_looked_at_all_the_same() {
    let mut files = files(BASE);
    files.remove(MANIFEST);
    files.insert("more.sql".to_owned(), "create table tenants ()".to_owned());
    let expected = [
        "blueprint.toml - - manifest_missing",
        "more.sql:1 - - tenancy_word",
    ];
    assert_eq!(found(&files), expected);
    assert!(inspect(files).trial.is_none(), "no step applies it");
}

#[test]
fn what_can_not_run_is_not_loaded_and_the_rest_is() {
    let why = |files| match *load("test", files).unwrap_err().cause {
        Cause::BlueprintInvalid { blueprint, why } => {
            assert_eq!(blueprint, "test");
            why
        }
        other => panic!("{other:?}"),
    };
    let broken = BASE.replace("{{ supabase.ref }}", "{{ supabase.reference }}");
    assert_eq!(
        why(files(&broken)),
        "blueprint.toml, line 25, step schema, with.project: {{ supabase.reference }}: supabase-project \
         hands on ref, url, publishable_key, secret_key, dashboard_url, region"
    );
    let mut leaving = files(BASE);
    leaving.insert("schema.sql".to_owned(), "commit".to_owned());
    assert_eq!(
        why(leaving),
        "schema.sql, line 1: commit: not in a blueprint"
    );
    let mut tenants = files(BASE);
    tenants.insert(
        "schema.sql".to_owned(),
        "create table tenants ()".to_owned(),
    );
    assert!(
        load("test", tenants).is_ok(),
        "it runs, for who wants it so"
    );
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
    assert_eq!(crate::check(&root), []);
    std::fs::write(root.join("x.bin"), [0xff]).unwrap();
    let found: Vec<_> = crate::check(&root).iter().map(short).collect();
    assert_eq!(found, ["x.bin - - file_unreadable"]);
    assert!(
        load_folder(&root).is_err(),
        "a run would not have it either"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

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

    #[test]
    fn no_manifest_makes_it_panic(at in 0..BASE.len(), cut in 0..40usize, extra in "[{}\\[\\]\"'= a\\n.]{0,3}") {
        let end = (at + cut).min(BASE.len());
        let manifest = format!("{}{extra}{}", &BASE[..at], &BASE[end..]);
        let _ = examine(&files(&manifest));
    }
}
