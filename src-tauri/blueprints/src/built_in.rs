//! The blueprints that are built into the program.

use std::sync::OnceLock;

use fabrik_domain::{Cause, Problem, blueprint::Blueprint};
use include_dir::{Dir, include_dir};

use crate::{folder::Files, loader::load};

static BUILT_IN: [BuiltIn; 4] = [
    BuiltIn::new("agency", include_dir!("$CARGO_MANIFEST_DIR/agency")),
    BuiltIn::new(
        "client-stack",
        include_dir!("$CARGO_MANIFEST_DIR/client-stack"),
    ),
    BuiltIn::new("factory", include_dir!("$CARGO_MANIFEST_DIR/factory")),
    BuiltIn::new("orchestra", include_dir!("$CARGO_MANIFEST_DIR/orchestra")),
];

struct BuiltIn {
    name: &'static str,
    dir: Dir<'static>,
    /// They don't change while the program runs: reading one once is enough.
    loaded: OnceLock<Result<Blueprint, Problem>>,
}

impl BuiltIn {
    const fn new(name: &'static str, dir: Dir<'static>) -> Self {
        Self {
            name,
            dir,
            loaded: OnceLock::new(),
        }
    }

    fn files(&self) -> Files {
        let mut files = Files::new();
        collect(&self.dir, &mut files);
        files
    }
}

/// Their names, sorted.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|one| one.name)
}

/// The built-in blueprint of this name; else `blueprint_unknown`.
pub fn load_built_in(name: &str) -> Result<Blueprint, Problem> {
    let Some(one) = BUILT_IN.iter().find(|one| one.name == name) else {
        return Err(Cause::BlueprintUnknown {
            blueprint: name.to_owned(),
            known: built_in().map(str::to_owned).collect(),
        }
        .into());
    };
    one.loaded.get_or_init(|| load(name, one.files())).clone()
}

/// The files of a built-in blueprint, the manifest among them.
pub(crate) fn files(name: &str) -> Option<Files> {
    Some(BUILT_IN.iter().find(|one| one.name == name)?.files())
}

fn collect(dir: &Dir<'_>, files: &mut Files) {
    for file in dir.files() {
        // On Windows the compiler writes its own separators.
        let path = file.path().to_string_lossy().replace('\\', "/");
        let text = String::from_utf8_lossy(file.contents()).into_owned();
        files.insert(path, text);
    }
    dir.dirs().for_each(|dir| collect(dir, files));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_domain::{
        blueprint::{StepKind, StepSpec},
        language::Language,
        provider::Provider,
        secret::Secret,
    };
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::loader::inspect;
    use crate::template::{Mode, Rendered, Values, render, render_file};

    const HOSTILE: &str = "<script>alert('1')</script>\"&\r\nBcc: x@y.z{{ link }}";

    fn factory() -> Blueprint {
        load_built_in("factory").unwrap()
    }

    fn mail(blueprint: &str, name: &str, part: &str, language: Language, support: &str) -> String {
        let mut values = Values::new();
        // The client stack's mail says what its modules are for.
        values.insert("crm", true.into());
        values.insert("marketing", true.into());
        for (key, value) in [
            ("company", name),
            ("name", name),
            ("email", "anna@akermark.se"),
            ("url", "https://akermark.vercel.app"),
            (
                "link",
                "https://abc.supabase.co/auth/v1/verify?token=t&type=recovery",
            ),
            ("hours", "24"),
            ("support", support),
        ] {
            values.insert(key, value.into());
        }
        let path = format!("email/welcome.{}.{part}", language.code());
        let files = load_built_in(blueprint).unwrap().files;
        match render_file(&path, &files[&path], &values).unwrap() {
            Rendered::Public(text) => text,
            Rendered::Secret(_) => panic!("{path} was given no secret"),
        }
    }

    /// Adds every text in it, however deep.
    fn add_texts(value: &Json, texts: &mut Vec<String>) {
        match value {
            Json::String(text) => texts.push(text.clone()),
            Json::Array(items) => {
                for item in items {
                    add_texts(item, texts);
                }
            }
            Json::Object(fields) => {
                for field in fields.values() {
                    add_texts(field, texts);
                }
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }

    /// A text that names the domain, in a plan for the customer `dalgren`.
    fn below(base: &str, text: &str) -> String {
        let customer = json!({ "subdomain": "dalgren" });
        let settings = BTreeMap::from([("domain.base".to_owned(), base.to_owned())]);
        let values = Values::known(BTreeMap::new(), customer, &settings, "");
        match render(text, &values, Mode::Plan).unwrap() {
            Rendered::Public(said) => said,
            Rendered::Secret(_) => panic!("{text}: a domain is no secret"),
        }
    }

    #[test]
    fn no_domain_is_half_a_name() {
        for name in built_in() {
            let mut texts = Vec::new();
            for step in load_built_in(name).unwrap().steps {
                add_texts(&Json::Object(step.with), &mut texts);
            }
            texts.retain(|text| text.contains("settings.domain.base"));
            assert!(!texts.is_empty(), "{name}: the domain is named");
            for text in texts {
                assert_eq!(below("", &text), "", "{name}: {text}");
                let said = below("norrform.se", &text);
                let host = said.trim_start_matches("https://").trim_end_matches("/**");
                assert_eq!(host, "dalgren.norrform.se", "{name}: {text}");
            }
        }
    }

    #[test]
    fn the_factory_is_what_was_agreed() {
        let factory = factory();
        assert_eq!(
            order(&factory),
            [
                "supabase <-",
                "size <- supabase",
                "schema <- supabase size",
                "auth <- supabase size site",
                "admin <- supabase schema auth site",
                "isolation <- supabase schema admin",
                "repo <-",
                "config <- repo",
                "site <- repo config",
                "env <- supabase site",
                "deploy <- repo site env",
                "domain <- site deploy",
                "check <- schema deploy",
                "welcome <- admin isolation deploy domain check",
                "finalize <- supabase repo deploy welcome",
            ]
        );
        let plans: Vec<_> = factory
            .plans
            .iter()
            .map(|plan| plan.name.as_str())
            .collect();
        assert_eq!(plans, ["starter", "professional", "enterprise"]);
        assert_eq!(
            factory.modules,
            ["crm", "email", "social", "content", "accommodation"]
        );
        assert!(
            factory
                .plans
                .iter()
                .all(|plan| plan.monthly_price.is_some())
        );
    }

    /// The steps, and what each needs.
    fn order(blueprint: &Blueprint) -> Vec<String> {
        let line = |step: &StepSpec| {
            let line = format!("{} <- {}", step.id, step.needs.join(" "));
            line.trim_end().to_owned()
        };
        blueprint.steps.iter().map(line).collect()
    }

    #[test]
    fn the_agency_is_what_was_agreed() {
        let agency = load_built_in("agency").unwrap();
        assert_eq!(
            order(&agency),
            [
                "supabase <-",
                "size <- supabase",
                "schema <- supabase size",
                "auth <- supabase size site",
                "admin <- supabase schema auth site",
                "isolation <- supabase schema admin",
                "site <-",
                "env <- supabase site",
                "deploy <- site env",
                "domain <- site deploy",
                "check <- schema deploy",
                "welcome <- admin isolation deploy domain check",
                "finalize <- supabase deploy welcome",
            ]
        );
        let with = |id: &str| with(&agency, id);
        assert_eq!(with("supabase")["name"], "tlp-{{ customer.slug }}");
        assert_eq!(with("admin")["role"], "admin");
        assert_eq!(
            with("site")["repository"],
            "{{ settings.github.repository }}"
        );
        let variables = with("env")["variables"].as_array().unwrap().clone();
        let keys: Vec<_> = variables
            .iter()
            .map(|one| one["key"].as_str().unwrap())
            .collect();
        assert_eq!(
            keys,
            [
                "NEXT_PUBLIC_SUPABASE_URL",
                "NEXT_PUBLIC_SUPABASE_ANON_KEY",
                "AGENCY_NAME",
                "AGENCY_SUPABASE_PROJECT_ID"
            ],
            "exactly these"
        );
        assert!(
            agency
                .steps
                .iter()
                .all(|step| step.kind.provider() != Some(Provider::GitHub)),
            "the repository is shared: no step touches it"
        );
        assert!(agency.settings.contains(&"github.repository".to_owned()));
    }

    fn with(blueprint: &Blueprint, id: &str) -> serde_json::Map<String, serde_json::Value> {
        let step = blueprint.steps.iter().find(|step| step.id == id);
        step.unwrap().with.clone()
    }

    /// A pattern of names, for the client `akermark` whom an older system has called this.
    fn for_client(pattern: &str, external_id: &str) -> String {
        let mut values = Values::new();
        let client = serde_json::json!({ "slug": "akermark", "external_id": external_id });
        values.insert("customer", client);
        match render(pattern, &values, Mode::Run).unwrap() {
            Rendered::Public(name) => name,
            Rendered::Secret(_) => panic!("{pattern} touches no secret"),
        }
    }

    #[test]
    fn the_client_stack_is_what_was_agreed() {
        let stack = load_built_in("client-stack").unwrap();
        assert_eq!(
            order(&stack),
            [
                "supabase <-",
                "recovery_off <- supabase",
                "size <- supabase recovery_off",
                "recovery <- supabase size",
                "schema <- supabase size",
                "auth <- supabase size site",
                "admin <- supabase schema auth site",
                "isolation <- supabase schema admin",
                "repo <-",
                "config <- repo",
                "flows <- supabase schema",
                "backup <- flows",
                "site <- repo config",
                "env <- supabase flows site",
                "deploy <- repo site env",
                "domain <- site deploy",
                "check <- schema deploy",
                "welcome <- recovery admin isolation backup deploy domain check",
                "finalize <- supabase repo deploy welcome",
            ]
        );
        for (step, field, name) in [
            ("supabase", "name", "client-ac-1-prod"),
            ("repo", "name", "client-ac-1"),
            ("site", "name", "client-ac-1"),
            ("deploy", "name", "client-ac-1"),
            ("backup", "folder", "ac-1"),
        ] {
            let with = with(&stack, step);
            let pattern = with[field].as_str().unwrap();
            assert_eq!(for_client(pattern, "ÅC 1"), name, "{step}");
            let own = name.replace("ac-1", "akermark");
            for nothing in ["", "//"] {
                assert_eq!(for_client(pattern, nothing), own, "{step}: {nothing:?}");
            }
        }
        let tables = with(&stack, "schema")["tables"].as_array().unwrap().len();
        assert_eq!(tables, 21);
        let recovery = |plan: &str| {
            let plan = stack.plan(plan).unwrap();
            plan.parameters.get("recovery_days").cloned()
        };
        assert_eq!(
            ["starter", "professional", "enterprise"].map(recovery),
            [None, None, Some("7".to_owned())],
            "recovery is a matter of the plan"
        );
        let modules = with(&stack, "config")["content"]["modules"].clone();
        let mut named: Vec<_> = modules.as_object().unwrap().keys().cloned().collect();
        named.sort();
        let mut known = stack.modules.clone();
        known.sort();
        assert_eq!(
            named, known,
            "each module has its line in the configuration"
        );
    }

    #[test]
    fn the_orchestra_is_what_was_agreed() {
        let orchestra = load_built_in("orchestra").unwrap();
        assert_eq!(
            order(&orchestra),
            [
                "supabase <-",
                "size <- supabase",
                "database <- supabase",
                "schema <- supabase size",
                "auth <- supabase size",
                "admin <- supabase schema auth",
                "isolation <- supabase schema admin",
                "env <- supabase database isolation",
                "deploy <- env",
                "domain <- deploy",
                "check <- deploy domain",
                "welcome <- admin isolation domain check",
                "finalize <- supabase database domain welcome",
            ]
        );
        let plans: Vec<_> = orchestra.plans.iter().map(|plan| &plan.name).collect();
        assert_eq!(plans, ["small", "medium", "enterprise"]);
        for shared in ["env", "deploy", "domain"] {
            assert_eq!(
                with(&orchestra, shared)["project"],
                "{{ settings.vercel.project }}",
                "{shared}"
            );
        }
        let kinds: Vec<_> = orchestra.steps.iter().map(|step| step.kind).collect();
        assert!(
            !kinds.contains(&StepKind::VercelProject) && !kinds.contains(&StepKind::GithubRepo),
            "what is shared is a setting: no step makes it"
        );
        for variable in with(&orchestra, "env")["variables"].as_array().unwrap() {
            let key = variable["key"].as_str().unwrap();
            let addresses = ["DATABASE_URL_", "DIRECT_URL_"];
            let holds_password = addresses.iter().any(|begin| key.starts_with(begin));
            assert_eq!(variable["secret"] == true, holds_password, "{key}");
            assert_eq!(
                variable["targets"],
                serde_json::json!(["production", "preview"]),
                "{key}: what developers have can't be kept from being read"
            );
        }
    }

    #[test]
    fn nothing_is_wrong_with_those_that_are_built_in() {
        for name in built_in() {
            let findings = inspect(files(name).unwrap()).findings;
            assert_eq!(findings, [], "{name}");
        }
    }

    #[test]
    fn only_these_names_are_built_in() {
        assert_eq!(
            built_in().collect::<Vec<_>>(),
            ["agency", "client-stack", "factory", "orchestra"]
        );
        assert_eq!(
            load_built_in("facotry").unwrap_err().code(),
            "blueprint_unknown"
        );
    }

    #[test]
    fn mails_in_both_languages_with_a_hostile_name() {
        for blueprint in built_in() {
            for language in [Language::Sv, Language::En] {
                for part in ["subject", "html", "txt"] {
                    let name = match blueprint {
                        "factory" => format!("welcome.{}.{part}", language.code()),
                        other => format!("{other}.welcome.{}.{part}", language.code()),
                    };
                    let mail = mail(blueprint, HOSTILE, part, language, "hjalp@byran.se");
                    insta::assert_snapshot!(name, mail);
                }
            }
        }
    }

    #[test]
    fn no_value_changes_what_the_mail_is_made_of() {
        let tags = |html: &str| {
            html.split('<')
                .skip(1)
                .map(|tag| tag.split([' ', '>']).next().unwrap_or_default().to_owned())
                .collect::<Vec<_>>()
        };
        for language in [Language::Sv, Language::En] {
            let plain = tags(&mail("factory", "Anna", "html", language, "hjalp@byran.se"));
            for payload in [
                HOSTILE,
                "</p><img src=x onerror=alert(1)>",
                "\"><svg/onload=alert(1)>",
                "' onmouseover='alert(1)",
                "<!--",
                "]]><x>",
                "{{ 7 * 7 }}{% raw %}",
                "&lt;b&gt;",
                "\u{202e}<b>",
            ] {
                let html = mail("factory", payload, "html", language, "hjalp@byran.se");
                assert_eq!(tags(&html), plain, "{payload:?}");
                assert!(
                    !html.contains("' onmouseover='"),
                    "{payload:?} stays a text"
                );
            }
        }
    }

    #[test]
    fn a_mail_with_a_secret_link_is_secret() {
        let mut values = Values::new();
        for key in ["company", "name", "email", "url", "hours", "support"] {
            values.insert(key, "x".into());
        }
        values.insert_secret("link", Secret::from("https://a.se/?t=canary"));
        let files = factory().files;
        for part in ["html", "txt"] {
            let path = format!("email/welcome.sv.{part}");
            let mail = render_file(&path, &files[&path], &values).unwrap();
            assert!(matches!(mail, Rendered::Secret(_)), "{path}");
            assert!(
                !format!("{mail:?}").contains("canary"),
                "{path} prints no secret"
            );
        }
    }

    #[test]
    fn a_mail_without_name_and_support_leaves_no_gap() {
        for blueprint in built_in() {
            for language in [Language::Sv, Language::En] {
                for part in ["html", "txt"] {
                    let text = mail(blueprint, "", part, language, "");
                    for gap in ["Hej !", "Hi ,", "mailto:\"", "\n\n\n"] {
                        assert!(
                            !text.contains(gap),
                            "{blueprint}, {part}: {gap:?} in {text}"
                        );
                    }
                }
            }
        }
    }
}
