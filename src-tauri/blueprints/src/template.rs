//! Templates: `{{ supabase.url }}` in a step's parameters, and in mails.
//!
//! The language is Jinja's, without includes, macros and global functions, so that what a text refers
//! to can be read off it. An unknown name is an error, not an empty text.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use fabrik_domain::{Cause, Problem, customer::slug_of, secret::Secret};
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

pub use crate::values::Values;
use crate::values::View;

/// A text that is no template, or that can't be rendered.
///
/// Never holds a value that a secret was part of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The text itself is wrong.
    #[error("line {line}: {why}")]
    Syntax {
        /// From 1.
        line: usize,
        /// In the template language's words.
        why: String,
    },
    /// Names that have no value.
    #[error("no value for {}", .names.join(", "))]
    Unknown {
        /// As they stand in the text.
        names: Vec<String>,
    },
    /// A value doesn't fit what is done with it.
    #[error("line {line}: {why}")]
    Failed {
        /// From 1.
        line: usize,
        /// In the template language's words.
        why: String,
    },
}

impl Fault {
    /// As the blueprint's fault. `place` is a file, or a step: `blueprint.toml, step site`.
    pub fn in_blueprint(&self, blueprint: &str, place: &str) -> Problem {
        Cause::BlueprintInvalid {
            blueprint: blueprint.to_owned(),
            why: format!("{place}: {self}"),
        }
        .into()
    }
}

/// What is done where a step's output is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It is an error.
    Run,
    /// It is an empty text: a plan looks at steps before those they need have run.
    Plan,
}

/// A rendered text.
#[derive(Debug)]
pub enum Rendered<T = String> {
    /// Anybody may read it.
    Public(T),
    /// A secret was looked at on the way.
    Secret(Secret),
}

/// What a text refers to: root and first field, such as `("supabase", "url")`. The field is empty where
/// the root is used as a whole (`mark`) or by a computed name.
pub fn references(text: &str) -> Result<BTreeSet<(String, String)>, Fault> {
    let pair = |name: &String| {
        let mut parts = name.splitn(3, '.').map(str::to_owned);
        (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        )
    };
    Ok(names(text)?.iter().map(pair).collect())
}

/// What a text refers to, with all its fields: `settings.supabase.organization`.
pub fn names(text: &str) -> Result<BTreeSet<String>, Fault> {
    if is_plain(text) {
        return Ok(BTreeSet::new());
    }
    let template = ENVIRONMENT
        .template_from_str(text)
        .map_err(|error| syntax(&error))?;
    Ok(template.undeclared_variables(true).into_iter().collect())
}

/// Renders a parameter: nothing is escaped.
pub fn render(text: &str, values: &Values, mode: Mode) -> Result<Rendered, Fault> {
    render_named("parameter", text, values, mode)
}

/// Renders a file of a blueprint: values are escaped for HTML in one whose name ends in `.html`, and
/// nowhere else.
pub fn render_file(path: &str, text: &str, values: &Values) -> Result<Rendered, Fault> {
    render_named(path, text, values, Mode::Run)
}

/// As [`render`], but a text that is a single expression keeps its value's type: `{{ customer.modules }}`
/// gives a list.
pub fn render_value(
    text: &str,
    values: &Values,
    mode: Mode,
) -> Result<Rendered<serde_json::Value>, Fault> {
    let alone = text
        .trim()
        .strip_prefix("{{")
        .and_then(|rest| rest.strip_suffix("}}"));
    let expression = alone.and_then(|inner| ENVIRONMENT.compile_expression(inner).ok());
    if let Some(expression) = expression {
        let (root, touched) = context(values, mode);
        let value = expression
            .eval(root)
            .map_err(|error| failed(&error, text, values, touched.load(Ordering::Relaxed)))?;
        // A secret, an unknown name and a text are the business of `render`.
        let plain = !touched.load(Ordering::Relaxed) && !value.is_undefined();
        if plain && value.as_str().is_none() {
            return match serde_json::to_value(&value) {
                Ok(json) => Ok(Rendered::Public(json)),
                Err(error) => Err(Fault::Failed {
                    line: 1,
                    why: error.to_string(),
                }),
            };
        }
    }
    Ok(match render(text, values, mode)? {
        Rendered::Public(text) => Rendered::Public(text.into()),
        Rendered::Secret(secret) => Rendered::Secret(secret),
    })
}

fn render_named(name: &str, text: &str, values: &Values, mode: Mode) -> Result<Rendered, Fault> {
    let template = ENVIRONMENT
        .template_from_named_str(name, text)
        .map_err(|error| syntax(&error))?;
    let (root, touched) = context(values, mode);
    let rendered = template.render(root);
    let touched = touched.load(Ordering::Relaxed);
    let text = rendered.map_err(|error| failed(&error, text, values, touched))?;
    Ok(if touched {
        Rendered::Secret(text.into())
    } else {
        Rendered::Public(text)
    })
}

/// The values, and whether a secret among them has been looked at. Looking is noticed when it happens,
/// so no way of naming an output can get round it.
fn context(values: &Values, mode: Mode) -> (Value, Arc<AtomicBool>) {
    let touched = Arc::new(AtomicBool::new(false));
    let view = View::root(values, Arc::clone(&touched), mode == Mode::Plan);
    (Value::from_object(view), touched)
}

/// The language. It holds no template: each is read where it is used.
static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // They are no names of ours, and `debug` would print every value.
    for name in ["debug", "dict", "namespace", "range"] {
        environment.remove_global(name);
    }
    // What every vendor takes as a name.
    environment.add_filter("slug", |text: String| slug_of(&text));
    environment
});

/// Whether a text has nothing of the language in it, as most parameters haven't.
fn is_plain(text: &str) -> bool {
    !["{{", "{%", "{#"].iter().any(|begin| text.contains(begin))
}

fn line(error: &minijinja::Error) -> usize {
    error.line().unwrap_or(1)
}

fn words(error: &minijinja::Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}

fn syntax(error: &minijinja::Error) -> Fault {
    Fault::Syntax {
        line: line(error),
        why: words(error),
    }
}

fn failed(error: &minijinja::Error, text: &str, values: &Values, touched: bool) -> Fault {
    if error.kind() == ErrorKind::UndefinedError {
        let names: Vec<_> = names(text)
            .unwrap_or_default()
            .into_iter()
            .filter(|name| !values.contains(name))
            .collect();
        if !names.is_empty() {
            return Fault::Unknown { names };
        }
    }
    // The words may quote the value.
    let why = if touched {
        error.kind().to_string()
    } else {
        words(error)
    };
    Fault::Failed {
        line: line(error),
        why,
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::secret::ExposeSecret;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values() -> Values {
        let mut values = Values::new();
        values.insert(
            "customer",
            json!({"name": "Åkes <Snickeri>", "modules": ["crm", "email"]}),
        );
        values.insert("mark", json!("fabrik:w:c"));
        values.insert_output("supabase", "url", "https://abc.supabase.co");
        values.insert_secret_output("supabase", "secret_key", Secret::from("sb_secret_x"));
        values
    }

    fn public(text: &str, mode: Mode) -> String {
        match render(text, &values(), mode).unwrap() {
            Rendered::Public(text) => text,
            Rendered::Secret(_) => panic!("{text} touches no secret"),
        }
    }

    #[test]
    fn references_name_root_and_field() {
        let found = references(
            "{{ supabase.url }}/{{ settings.supabase.region or parameters.region }} {{ mark }} \
             {% for module in customer.modules %}{{ module }}{% endfor %}",
        )
        .unwrap();
        let expected = [
            ("customer", "modules"),
            ("mark", ""),
            ("parameters", "region"),
            ("settings", "supabase"),
            ("supabase", "url"),
        ];
        assert_eq!(
            found,
            expected.map(|(a, b)| (a.to_owned(), b.to_owned())).into()
        );
        assert_eq!(references("no template").unwrap(), BTreeSet::new());
    }

    #[test]
    fn a_text_without_a_secret_is_public_and_not_escaped() {
        assert_eq!(
            public("{{ customer.name }} {{ supabase.url }}", Mode::Run),
            "Åkes <Snickeri> https://abc.supabase.co"
        );
    }

    #[test]
    fn a_slug_is_a_name_that_every_vendor_takes_or_nothing() {
        for (id, slug) in [
            ("4711", "4711"),
            ("AC 1", "ac-1"),
            ("Å/7", "a-7"),
            ("//", "none"),
        ] {
            let text = format!("{{{{ '{id}' | slug or 'none' }}}}");
            assert_eq!(public(&text, Mode::Run), slug, "{id}");
        }
    }

    #[test]
    fn a_secret_taints_however_it_is_reached() {
        for text in [
            "{{ supabase.secret_key }}",
            "Bearer {{ supabase['secret' ~ '_key'] }}",
            "{{ supabase | attr('secret_key') | upper }}",
            "{{ supabase.secret_key | slug }}",
            "{% set s = supabase %}{{ s.secret_key | length }}",
            "{% if supabase.secret_key %}yes{% endif %}",
        ] {
            match render(text, &values(), Mode::Run) {
                Ok(Rendered::Secret(_)) => {}
                other => panic!("{text} gave {other:?}"),
            }
        }
        let Ok(Rendered::Secret(whole)) = render("{{ supabase.secret_key }}", &values(), Mode::Run)
        else {
            panic!("a secret stays one")
        };
        assert_eq!(whole.expose_secret(), "sb_secret_x");
    }

    #[test]
    fn a_step_as_a_whole_does_not_print_its_outputs() {
        for text in [
            "{{ supabase }}",
            "{{ supabase | list }}",
            "{{ supabase | items }}",
        ] {
            let printed = format!("{:?}", render(text, &values(), Mode::Run));
            assert!(!printed.contains("sb_secret_x"), "{text} gave {printed}");
        }
    }

    #[test]
    fn an_error_holds_no_secret() {
        for text in [
            "{{ supabase.secret_key | int }}",
            "{{ supabase.secret_key.a.b }}",
            "{{ supabase.secret_key + 1 }}",
        ] {
            let fault = render(text, &values(), Mode::Run).unwrap_err();
            assert!(
                !format!("{fault} {fault:?}").contains("sb_secret_x"),
                "{text}: {fault}"
            );
        }
    }

    #[test]
    fn unknown_names_are_named() {
        let fault = render(
            "{{ supabase.uri }}{{ customer.name }}",
            &values(),
            Mode::Run,
        )
        .unwrap_err();
        assert_eq!(
            fault,
            Fault::Unknown {
                names: vec!["supabase.uri".to_owned()]
            }
        );
        let fault = render("{{ nobody }}", &values(), Mode::Run).unwrap_err();
        assert_eq!(
            fault,
            Fault::Unknown {
                names: vec!["nobody".to_owned()]
            }
        );
    }

    #[test]
    fn a_plan_renders_unknown_outputs_empty() {
        assert_eq!(
            public("[{{ repo.full_name }}{{ supabase.later }}]", Mode::Plan),
            "[]"
        );
        assert!(
            render("{{ customer.nmae }}", &values(), Mode::Plan).is_err(),
            "what a plan knows must be spelled right"
        );
    }

    #[test]
    fn a_broken_template_names_its_line() {
        let fault = render("first\n{{ oh no }}", &values(), Mode::Run).unwrap_err();
        assert!(matches!(fault, Fault::Syntax { line: 2, .. }), "{fault:?}");
        assert!(matches!(references("{% if %}"), Err(Fault::Syntax { .. })));
        assert!(
            render("{{ debug() }}", &values(), Mode::Run).is_err(),
            "no function shows every value"
        );
    }

    #[test]
    fn a_single_expression_keeps_its_type() {
        let typed = |text: &str| match render_value(text, &values(), Mode::Run).unwrap() {
            Rendered::Public(value) => value,
            Rendered::Secret(_) => panic!("{text} touches no secret"),
        };
        assert_eq!(typed("{{ customer.modules }}"), json!(["crm", "email"]));
        assert_eq!(typed("{{ 'crm' in customer.modules }}"), json!(true));
        assert_eq!(
            typed("{{ supabase.url }}"),
            json!("https://abc.supabase.co")
        );
        assert_eq!(
            typed("{{ mark }}-{{ mark }}"),
            json!("fabrik:w:c-fabrik:w:c")
        );
        let secret = render_value("{{ [supabase.secret_key] }}", &values(), Mode::Run).unwrap();
        assert!(
            matches!(secret, Rendered::Secret(_)),
            "a list with a secret in it is secret"
        );
        assert!(render_value("{{ nobody }}", &values(), Mode::Run).is_err());
    }

    #[test]
    fn only_html_files_are_escaped() {
        let file = |path: &str| match render_file(path, "{{ customer.name }}", &values()).unwrap() {
            Rendered::Public(text) => text,
            Rendered::Secret(_) => panic!("{path} touches no secret"),
        };
        assert_eq!(file("email/welcome.sv.html"), "Åkes &lt;Snickeri&gt;");
        assert_eq!(file("email/welcome.sv.txt"), "Åkes <Snickeri>");
    }

    proptest! {
        #[test]
        fn a_value_is_never_read_as_a_template(name in ".*") {
            let mut values = Values::new();
            values.insert("name", json!(name));
            match render("{{ name }}", &values, Mode::Run).unwrap() {
                Rendered::Public(text) => prop_assert_eq!(text, name),
                Rendered::Secret(_) => prop_assert!(false, "no secret there"),
            }
        }

        #[test]
        fn no_text_makes_rendering_panic(text in ".*", open in "[{][{%#]", close in "[}%#][}]") {
            let text = format!("{open}{text}{close}");
            let _ = references(&text);
            let _ = render(&text, &values(), Mode::Run);
            let _ = render_value(&text, &values(), Mode::Plan);
        }
    }
}
