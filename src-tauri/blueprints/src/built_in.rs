//! The blueprints that are built into the program.

use fabrik_domain::{Cause, Problem, blueprint::Blueprint};
use include_dir::{Dir, include_dir};

use crate::{
    folder::Files,
    loader::{invalid, load},
};

static BUILT_IN: [(&str, Dir<'_>); 1] = [("factory", include_dir!("$CARGO_MANIFEST_DIR/factory"))];

/// Their names.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// The built-in blueprint of this name; else `blueprint_unknown`.
pub fn load_built_in(name: &str) -> Result<Blueprint, Problem> {
    let (name, dir) = BUILT_IN
        .iter()
        .find(|(known, _)| *known == name)
        .ok_or_else(|| Cause::BlueprintUnknown {
            blueprint: name.to_owned(),
            known: built_in().map(str::to_owned).collect(),
        })?;
    let mut files = Files::new();
    collect(dir, &mut files).map_err(|why| invalid(name, why))?;
    load(name, files)
}

fn collect(dir: &Dir<'_>, files: &mut Files) -> Result<(), String> {
    for file in dir.files() {
        // On Windows the compiler writes its own separators.
        let path = file.path().to_string_lossy().replace('\\', "/");
        let text = file
            .contents_utf8()
            .ok_or_else(|| format!("{path}: not UTF-8"))?;
        files.insert(path, text.to_owned());
    }
    dir.dirs().try_for_each(|dir| collect(dir, files))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fabrik_domain::{blueprint::StepKind, language::Language, secret::Secret};

    use super::*;
    use crate::template::{Rendered, Values, render_file};

    const HOSTILE: &str = "<script>alert('1')</script>\"&\r\nBcc: x@y.z{{ link }}";

    fn factory() -> Blueprint {
        load_built_in("factory").unwrap()
    }

    fn mail(name: &str, part: &str, language: Language, support: &str) -> String {
        let mut values = Values::new();
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
        match render_file(&path, &factory().files[&path], &values).unwrap() {
            Rendered::Public(text) => text,
            Rendered::Secret(_) => panic!("{path} was given no secret"),
        }
    }

    #[test]
    fn the_factory_is_what_was_agreed() {
        let factory = factory();
        let kinds: BTreeSet<_> = factory.steps.iter().map(|step| step.kind).collect();
        assert_eq!(kinds, StepKind::ALL.into(), "every kind of step is in it");
        let needs: Vec<_> = factory
            .steps
            .iter()
            .map(|step| {
                format!("{} <- {}", step.id, step.needs.join(" "))
                    .trim_end()
                    .to_owned()
            })
            .collect();
        assert_eq!(
            needs,
            [
                "supabase <-",
                "schema <- supabase",
                "auth <- supabase site",
                "admin <- supabase schema auth site",
                "repo <-",
                "config <- repo",
                "site <- repo config",
                "env <- supabase site",
                "deploy <- repo site env",
                "check <- schema deploy",
                "welcome <- admin deploy check",
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

    #[test]
    fn only_these_names_are_built_in() {
        assert_eq!(built_in().collect::<Vec<_>>(), ["factory"]);
        assert_eq!(
            load_built_in("facotry").unwrap_err().code(),
            "blueprint_unknown"
        );
    }

    #[test]
    fn mails_in_both_languages_with_a_hostile_name() {
        for language in [Language::Sv, Language::En] {
            for part in ["subject", "html", "txt"] {
                let name = format!("welcome.{}.{part}", language.code());
                insta::assert_snapshot!(name, mail(HOSTILE, part, language, "hjalp@byran.se"));
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
            let plain = tags(&mail("Anna", "html", language, "hjalp@byran.se"));
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
                let html = mail(payload, "html", language, "hjalp@byran.se");
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
        for language in [Language::Sv, Language::En] {
            for part in ["html", "txt"] {
                let text = mail("", part, language, "");
                for gap in ["Hej !", "Hi ,", "mailto:\"", "\n\n\n"] {
                    assert!(!text.contains(gap), "{part}: {gap:?} in {text}");
                }
            }
        }
    }
}
