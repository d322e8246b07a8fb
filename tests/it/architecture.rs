//! Who may depend on whom, and how large a file may grow.
//!
//! Cargo keeps a crate from using what it does not name; this keeps it from naming what it may not.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use fabrik_tests::checkout;
use toml::Table;

/// Our crates, and those of ours that each may use.
///
/// `tests` and `tests/simulation` drive the whole product and may use all of it.
const EDGES: &[(&str, &[&str])] = &[
    ("fabrik-desktop", &["app"]),
    // `domain` for its codes: the command line's texts match on them.
    ("fabrik-cli", &["app", "sandbox", "postgres", "domain"]),
    (
        "fabrik-app",
        &[
            "steps",
            "engine",
            "blueprints",
            "clouds",
            "vault",
            "store",
            "domain",
        ],
    ),
    (
        "fabrik-steps",
        &["engine", "clouds", "blueprints", "domain"],
    ),
    ("fabrik-engine", &["store", "domain"]),
    ("fabrik-sandbox", &["postgres", "domain"]),
    ("fabrik-blueprints", &["domain"]),
    ("fabrik-store", &["domain"]),
    ("fabrik-vault", &["domain"]),
    ("fabrik-clouds", &["domain"]),
    ("fabrik-postgres", &[]),
    ("fabrik-domain", &[]),
];

/// Crates of others that only some of ours may use, outside tests. A `*` ends a beginning.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("tauri*", &["fabrik-desktop"], "the window is a thin shell"),
    ("reqwest*", &["fabrik-clouds"], "only clouds does HTTP"),
    ("octocrab", &["fabrik-clouds"], "only clouds does HTTP"),
    (
        "hyper*",
        &["fabrik-clouds", "fabrik-sandbox"],
        "only clouds does HTTP, and the sandbox answers it",
    ),
    ("ureq", &[], "only clouds does HTTP"),
    ("isahc", &[], "only clouds does HTTP"),
    ("curl*", &[], "only clouds does HTTP"),
    ("surf", &[], "only clouds does HTTP"),
    ("attohttpc", &[], "only clouds does HTTP"),
    ("minreq", &[], "only clouds does HTTP"),
    ("h2", &[], "only clouds does HTTP"),
    ("h3*", &[], "only clouds does HTTP"),
    ("*tungstenite", &[], "only clouds does HTTP"),
    ("tauri-plugin-http", &[], "only clouds does HTTP"),
    ("tauri-plugin-upload", &[], "only clouds does HTTP"),
    ("tauri-plugin-websocket", &[], "only clouds does HTTP"),
    // The one exception among crates: it is Tauri's, and takes nothing but what is signed with the key of the app.
    (
        "tauri-plugin-updater",
        &["fabrik-desktop"],
        "only clouds does HTTP, but for the window's updates",
    ),
    // The sandbox keeps the state of its clouds, which is none of our records.
    (
        "rusqlite",
        &["fabrik-store", "fabrik-sandbox"],
        "only store has SQL about our records",
    ),
    // `postgres` is the customers' database, in the sandbox.
    (
        "tokio-postgres",
        &["fabrik-store", "fabrik-postgres"],
        "only store has SQL about our records",
    ),
    (
        "pglite-oxide",
        &["fabrik-postgres"],
        "no embedded database is linked into the desktop app",
    ),
    (
        "keyring*",
        &["fabrik-vault"],
        "only vault touches the keyring",
    ),
    (
        "*keyring-store",
        &["fabrik-vault"],
        "only vault touches the keyring",
    ),
    ("zbus*", &["fabrik-vault"], "only vault touches the keyring"),
    (
        "axum*",
        &["fabrik-sandbox", "fabrik-cli"],
        "only the sandbox serves HTTP, and `fabrik serve` in development",
    ),
    (
        "clap*",
        &["fabrik-cli"],
        "only the command line has arguments",
    ),
    (
        "rpassword",
        &["fabrik-cli"],
        "only the command line asks for secrets on a terminal",
    ),
];

/// Who speaks to a server past `clouds`, in a line of its own making, and why.
const BY_HAND: &[(&str, &str)] = &[(
    "src-tauri/app/src/sandbox_process.rs",
    "the connection itself is what is wanted: it holds the sandbox",
)];

/// Lines of code a file may have; its tests come on top.
const ROOM: usize = 400;

/// Files that may outgrow their room, and why.
const LARGE: &[(&str, &str)] = &[
    (
        "src-tauri/domain/src/problem.rs",
        "the list of every code, which both catalogues match on",
    ),
    (
        "src-tauri/domain/src/finding.rs",
        "the list of every finding, which both catalogues match on",
    ),
    (
        "src-tauri/cli/src/words/en.rs",
        "the catalogue: an arm for every code",
    ),
    (
        "src-tauri/cli/src/words/sv.rs",
        "the catalogue: an arm for every code",
    ),
    (
        "src-tauri/store/src/postgres/store.rs",
        "one line or two for each method of the trait",
    ),
    (
        "src-tauri/store/src/sqlite/store.rs",
        "one line or two for each method of the trait",
    ),
    ("ui/src/backend/bindings.ts", "made from the Rust types"),
];

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The workspace's packages, by name.
fn packages() -> BTreeMap<String, Table> {
    let manifest: Table = read(&checkout().join("Cargo.toml"))
        .parse()
        .expect("Cargo.toml");
    let members = manifest["workspace"]["members"]
        .as_array()
        .expect("members");
    members
        .iter()
        .map(|member| {
            let folder = checkout().join(member.as_str().expect("a path"));
            let manifest: Table = read(&folder.join("Cargo.toml"))
                .parse()
                .expect("a manifest");
            let name = manifest["package"]["name"]
                .as_str()
                .expect("a name")
                .to_owned();
            (name, manifest)
        })
        .collect()
}

/// What a package depends on, on any system: outside tests, or in tests alone.
fn dependencies(manifest: &Table, tests: bool) -> BTreeSet<String> {
    let sections: &[&str] = if tests {
        &["dev-dependencies"]
    } else {
        &["dependencies", "build-dependencies"]
    };
    let targets = manifest.get("target").and_then(|target| target.as_table());
    let places = targets
        .into_iter()
        .flat_map(|target| target.values())
        .filter_map(|t| t.as_table());
    places
        .chain([manifest])
        .flat_map(|place| {
            sections
                .iter()
                .filter_map(|section| place.get(*section)?.as_table())
        })
        .flat_map(Table::iter)
        // A dependency may go by another name here than in the registry.
        .map(|(name, how)| {
            how.get("package")
                .and_then(|p| p.as_str())
                .unwrap_or(name)
                .to_owned()
        })
        .collect()
}

#[test]
fn our_crates_use_each_other_as_drawn() {
    let mut wrong = Vec::new();
    for (name, manifest) in packages() {
        if ["fabrik-tests", "fabrik-simulation"].contains(&name.as_str()) {
            continue;
        }
        let Some((_, allowed)) = EDGES.iter().find(|(crate_name, _)| *crate_name == name) else {
            wrong.push(format!("{name} is not in the drawing"));
            continue;
        };
        for tests in [false, true] {
            for used in dependencies(&manifest, tests) {
                // What is tried of a promise is told by its test, wherever that is.
                let told = tests && used == "fabrik-tests";
                let forbidden = |other| !told && !allowed.contains(&other);
                if used.strip_prefix("fabrik-").is_some_and(forbidden) {
                    wrong.push(format!("{name} → {used}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "not as drawn above: {wrong:#?}");
}

#[test]
fn reserved_crates_stay_where_they_belong() {
    let matches =
        |pattern: &str, name: &str| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
            (Some(end), _) => name.ends_with(end),
            (_, Some(start)) => name.starts_with(start),
            _ => name == pattern,
        };
    let mut wrong = Vec::new();
    for (name, manifest) in packages() {
        for used in dependencies(&manifest, false) {
            for (pattern, users, why) in RESERVED {
                if matches(pattern, &used) && !users.contains(&name.as_str()) {
                    wrong.push(format!("{name} → {used}: {why}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nobody_else_speaks_to_a_server_by_hand() {
    let root = checkout();
    let serving = ["src-tauri/clouds/", "src-tauri/sandbox/", "tests/"];
    let mut speaking = Vec::new();
    for file in rust_files() {
        let name = name_of(&file, &root);
        let tests = name.contains("/tests/") || name.contains("/testing/");
        if tests || serving.iter().any(|folder| name.starts_with(folder)) {
            continue;
        }
        let code = without_tests(&read(&file));
        if code.contains("TcpStream") || code.contains("UdpSocket") || code.contains("HTTP/1.") {
            speaking.push(name);
        }
    }
    let expected: Vec<_> = BY_HAND.iter().map(|(file, _)| (*file).to_owned()).collect();
    assert_eq!(speaking, expected, "only clouds does HTTP");
}

#[test]
fn only_the_backend_folder_of_the_ui_knows_tauri() {
    let ui = checkout().join("ui/src");
    let files = files(&ui, &["ts", "tsx"]);
    assert!(!files.is_empty(), "the UI is in {}", ui.display());
    let wrong: Vec<_> = files
        .iter()
        .filter(|file| !file.starts_with(ui.join("backend")))
        .filter(|file| read(file).contains("@tauri-apps/"))
        .collect();
    assert!(
        wrong.is_empty(),
        "import @tauri-apps outside ui/src/backend: {wrong:#?}"
    );
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    let wrong: Vec<_> = rust_files()
        .into_iter()
        .filter(|file| !read(file).starts_with("//! "))
        .collect();
    assert!(wrong.is_empty(), "must open with `//! `: {wrong:#?}");
}

#[test]
fn the_proofs_that_are_listed_are_those_of_the_tests() {
    let text = read(&checkout().join("tests/promises.json"));
    let promises: Vec<serde_json::Value> = serde_json::from_str(&text).expect("the promises");
    let mut listed = Vec::new();
    for promise in &promises {
        let number = promise["number"].as_str().expect("a number");
        let proofs = promise["proofs"].as_array().expect("its proofs");
        assert!(!proofs.is_empty(), "{number} has proofs");
        for proof in proofs {
            let what = proof["what"].as_str().expect("what is tried");
            let least = proof["least"].as_u64().unwrap_or_default();
            assert!(least > 0, "{number}, {what}: the least that is tried");
            // Others are told by the UI's tests and the audit: see scripts/promises.test.mjs.
            if proof.get("by").is_none() {
                listed.push((number.to_owned(), what.to_owned()));
            }
        }
    }
    let others = |file: &PathBuf| !file.ends_with("it/architecture.rs");
    let mut told: Vec<_> = rust_files()
        .into_iter()
        .filter(others)
        .flat_map(|file| proofs_in(&read(&file), &file))
        .collect();
    listed.sort();
    told.sort();
    let unlisted: Vec<_> = told.iter().filter(|one| !listed.contains(one)).collect();
    assert!(unlisted.is_empty(), "told, and not listed: {unlisted:#?}");
    let untold: Vec<_> = listed.iter().filter(|one| !told.contains(one)).collect();
    assert!(untold.is_empty(), "listed, and told by none: {untold:#?}");
    assert_eq!(told, listed, "each once");
}

/// The proofs that a file begins: the promise's number, and what is tried.
fn proofs_in(text: &str, file: &Path) -> Vec<(String, String)> {
    let begun = text.match_indices("Proof::of(");
    let proofs = begun.map(|(place, call)| {
        let rest = &text[place + call.len()..];
        let proof = proof_of(&text[..place], rest);
        proof.unwrap_or_else(|| {
            let begins: String = rest.chars().take(80).collect();
            panic!(
                "{}: what a proof tries stands in it as it is: {begins}",
                file.display()
            )
        })
    });
    proofs.collect()
}

/// Reads a call's two arguments: texts as they are, the second perhaps by the name that it was given just before.
fn proof_of(before: &str, rest: &str) -> Option<(String, String)> {
    let (number, rest) = text_at(rest)?;
    let rest = rest.trim_start().strip_prefix(',')?.trim_start();
    if let Some((what, _)) = text_at(rest) {
        return Some((number, what));
    }
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let given = format!("let {} = ", &rest[..end]);
    let (what, _) = text_at(before.rsplit_once(given.as_str())?.1)?;
    Some((number, what))
}

/// The text literal that stands here, and what follows. None has a backslash in it.
fn text_at(rest: &str) -> Option<(String, &str)> {
    let (text, rest) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    (!text.contains('\\')).then(|| (text.to_owned(), rest))
}

#[test]
fn a_proof_is_read_as_it_stands() {
    let file = Path::new("here.rs");
    let read = |text: &str| proofs_in(text, file);
    let one = [("P1".to_owned(), "killed, then on".to_owned())];
    assert_eq!(read("let p = Proof::of(\"P1\", \"killed, then on\");"), one);
    assert_eq!(
        read("Proof::of(\n    \"P1\",\n    \"killed, then on\",\n)"),
        one
    );
    let named =
        "let what = \"killed, then on\";\nlet proof = Proof::of(\"P1\", what).from_seeds(3);";
    assert_eq!(read(named), one);
    assert_eq!(proof_of("", " \"P1\", format!(\"{what}\"))"), None);
}

#[test]
fn no_file_outgrows_its_room() {
    let root = checkout();
    let mut wrong = Vec::new();
    let ui = files(&root.join("ui/src"), &["ts", "tsx", "css"]);
    let scripts = files(&root.join("scripts"), &["mjs", "sh", ""]);
    assert!(ui.len() > 50 && scripts.len() > 10, "they are there");
    for file in rust_files().into_iter().chain(ui).chain(scripts) {
        let name = name_of(&file, &root);
        // Files that hold tests alone: a suite is as long as what it covers.
        if name.contains("tests/") || name.ends_with("/tests.rs") {
            continue;
        }
        let text = read(&file);
        let is_rust = file.extension().is_some_and(|end| end == "rs");
        let lines = if is_rust {
            without_tests(&text).lines().count()
        } else {
            text.lines().count()
        };
        match LARGE.iter().find(|(large, _)| *large == name) {
            None if lines > ROOM => {
                wrong.push(format!("{name} has {lines} lines; {ROOM} is the room"));
            }
            Some(_) if lines <= ROOM => {
                wrong.push(format!("{name} fits by now: take it off the list"));
            }
            _ => {}
        }
    }
    for (large, _) in LARGE {
        if !root.join(large).is_file() {
            wrong.push(format!("{large} is on the list, and gone"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Files that name the step which CONTRIBUTING shows, and are no part of what a step takes, and why.
const ASKING: [(&str, &str); 2] = [
    (
        "src-tauri/steps/src/vercel_project.rs",
        "which of the project's domains the run has added",
    ),
    (
        "src-tauri/steps/src/vercel_deployment.rs",
        "which of the project's domains the run has added",
    ),
];

#[test]
fn a_step_takes_the_files_that_are_shown() {
    let root = checkout();
    let text = read(&root.join("CONTRIBUTING.md"));
    let (_, shown) = text.split_once("$ git diff --stat\n").expect("it is shown");
    let (shown, _) = shown.split_once("```").expect("it has an end");
    let shown: BTreeSet<_> = shown
        .lines()
        .filter_map(|line| line.split_once('|'))
        .map(|(file, _)| file.trim().to_owned())
        .collect();
    let gone = shown.iter().filter(|file| !root.join(file).is_file());
    let gone: Vec<_> = gone.collect();
    assert!(gone.is_empty(), "shown, and not there: {gone:#?}");
    let names_it = |text: &str| {
        let mut kinds = text.match_indices("CustomDomain");
        text.contains("custom-domain")
            || text.contains("custom_domain")
            // Vercel has a word that begins so.
            || kinds.any(|(at, kind)| !text[at + kind.len()..].starts_with('s'))
    };
    let others = files(&root.join("ui/src"), &["ts", "tsx"])
        .into_iter()
        .chain(files(&root.join("docs"), &["md"]))
        .chain([root.join("src-tauri/blueprints/factory/blueprint.toml")]);
    let named: BTreeSet<_> = rust_files()
        .into_iter()
        .chain(others)
        .map(|file| (name_of(&file, &root), without_tests(&read(&file))))
        .filter(|(name, code)| !name.contains("tests/") && names_it(code))
        .map(|(name, _)| name)
        .collect();
    let known =
        |name: &String| shown.contains(name) || ASKING.iter().any(|(asking, _)| asking == name);
    let untold: Vec<_> = named.iter().filter(|name| !known(name)).collect();
    assert!(untold.is_empty(), "a step takes these too: {untold:#?}");
}

/// A file's path below the checkout, with `/`.
fn name_of(file: &Path, root: &Path) -> String {
    let name = file.strip_prefix(root).expect("inside");
    name.to_string_lossy().replace('\\', "/")
}

/// A Rust file without what only tests compile: each item at its left edge after `#[cfg(test)]`, to its end.
fn without_tests(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line != "#[cfg(test)]" {
            code.push_str(line);
            code.push('\n');
            continue;
        }
        // What has attributes of several lines has them indented; `rustfmt` ends an item at the edge where it began.
        let first = lines.find(|line| !line.starts_with(['#', ' ', ')']));
        if first.is_some_and(|first| !first.ends_with([';', '}'])) {
            let _end = lines.find(|line| matches!(*line, "}" | "};"));
        }
    }
    code
}

#[test]
fn code_after_the_tests_of_a_file_counts_too() {
    let text = "mod a;\n#[cfg(test)]\nmod testing;\nuse b;\n#[cfg(test)]\n#[path = \"x.rs\"]\nmod x;\n\
                #[cfg(test)]\nmod tests {\n    fn one() {\n    }\n}\nfn two() {}\n";
    assert_eq!(without_tests(text), "mod a;\nuse b;\nfn two() {}\n");
}

/// Our Rust files.
fn rust_files() -> Vec<PathBuf> {
    let root = checkout();
    let files: Vec<_> = ["src-tauri", "tests"]
        .iter()
        .flat_map(|folder| files(&root.join(folder), &["rs"]))
        .collect();
    assert!(
        files.len() > 50,
        "found {} files only: is this the checkout?",
        files.len()
    );
    files
}

/// The files below a folder that end so, sorted; an empty end is none.
fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for entry in entries {
            let path = entry.expect("an entry").path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if path.is_dir() {
                if !matches!(name.as_str(), "target" | "node_modules" | "gen") {
                    folders.push(path);
                }
            } else if endings
                .contains(&path.extension().and_then(OsStr::to_str).unwrap_or_default())
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
