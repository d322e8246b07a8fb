//! A step's `with` as it is once rendered: what is secret is known, and what it says is not kept.

use fabrik_domain::{
    blueprint::{Need, Parameter, Shape, StepKind},
    finding::{Expected, Flaw},
};
use serde_json::Value;

/// A rendered value.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// Anybody may read it.
    Public(Value),
    /// A secret was part of it: this name, as it is written.
    Secret(String),
    /// It can't be rendered, which is told already.
    Broken,
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
}

/// Where the names of a browser's variables begin, in the frameworks that there are: what they hold is in
/// every visitor's hands.
const IN_BROWSER: &[&str] = &[
    "NEXT_PUBLIC_",
    "NUXT_PUBLIC_",
    "PUBLIC_",
    "VITE_",
    "REACT_APP_",
    "GATSBY_",
    "EXPO_PUBLIC_",
    "VUE_APP_",
];

/// A flaw at a place.
pub(super) type Told = (String, Flaw);

impl Node {
    /// A table's or an object's field.
    pub(super) fn field(&self, name: &str) -> Option<Node> {
        match self {
            Self::Table(fields) => fields
                .iter()
                .find(|(field, _)| field == name)
                .map(|(_, node)| node.clone()),
            Self::Public(Value::Object(fields)) => fields.get(name).cloned().map(Self::Public),
            _ => None,
        }
    }

    /// The text.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Public(value) => value.as_str(),
            _ => None,
        }
    }

    /// The elements, where it is a list.
    pub(super) fn items(&self) -> Option<Vec<Node>> {
        match self {
            Self::List(items) => Some(items.clone()),
            Self::Public(Value::Array(items)) => {
                Some(items.iter().cloned().map(Self::Public).collect())
            }
            _ => None,
        }
    }

    /// The texts of a list of texts.
    pub(super) fn texts(&self) -> Vec<String> {
        let items = self.items().unwrap_or_default();
        items
            .iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect()
    }

    /// The fields, where it is a table.
    pub(super) fn fields(&self) -> Option<Vec<(String, Node)>> {
        match self {
            Self::Table(fields) => Some(fields.clone()),
            Self::Public(Value::Object(fields)) => Some(
                fields
                    .iter()
                    .map(|(name, value)| (name.clone(), Self::Public(value.clone())))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// The secrets in it, with their places.
    pub(super) fn secrets(&self, place: &str, found: &mut Vec<Told>) {
        match self {
            Self::Secret(name) => {
                let name = name.clone();
                found.push((place.to_owned(), Flaw::SecretExposed { name }));
            }
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.secrets(&format!("{place}[{index}]"), found);
                }
            }
            Self::Table(fields) => {
                for (name, item) in fields {
                    item.secrets(&format!("{place}.{name}"), found);
                }
            }
            Self::Public(_) | Self::Broken => {}
        }
    }
}

/// Holds a step's parameters against what its kind takes. Their own names are looked at elsewhere.
pub(super) fn fit(kind: StepKind, with: &Node) -> Vec<Told> {
    let mut told = Vec::new();
    for parameter in kind.parameters() {
        if let Some(node) = with.field(parameter.name) {
            let place = format!("with.{}", parameter.name);
            fits(kind, &node, *parameter, &place, &mut told);
        }
    }
    // What no parameter of the kind is goes nowhere, and must not be a secret either.
    for (name, node) in with.fields().unwrap_or_default() {
        if !kind.parameters().iter().any(|known| known.name == name) {
            node.secrets(&format!("with.{name}"), &mut told);
        }
    }
    told
}

fn fits(kind: StepKind, node: &Node, parameter: Parameter, place: &str, told: &mut Vec<Told>) {
    if matches!(node, Node::Broken) {
        return;
    }
    if !parameter.secret && !matches!(parameter.shape, Shape::List(_)) {
        let before = told.len();
        node.secrets(place, told);
        if told.len() > before {
            return;
        }
    }
    let expected = match parameter.shape {
        Shape::Text => is_text(node, parameter.need, place, told).then_some(Expected::Text),
        Shape::Language => {
            let fits = matches!(node.text(), Some("sv" | "en"));
            (!fits).then_some(Expected::Language)
        }
        Shape::Number => (!is_number(node)).then_some(Expected::Count),
        Shape::Flag => {
            let fits = matches!(node, Node::Public(Value::Bool(_)));
            (!fits).then_some(Expected::Flag)
        }
        Shape::Texts => match node.items() {
            None => Some(Expected::Texts),
            Some(items) => {
                if items.is_empty() && parameter.need == Need::Filled {
                    told.push((place.to_owned(), Flaw::FieldEmpty));
                }
                each(&items, place, told, |item| match item {
                    Node::Broken => None,
                    other => other.text().is_none().then_some(Expected::Text),
                });
                None
            }
        },
        Shape::Targets => match node.items() {
            None => Some(Expected::Targets),
            Some(items) => {
                each(&items, place, told, |item| {
                    let fits =
                        matches!(item.text(), Some("production" | "preview" | "development"));
                    (!fits).then_some(Expected::Targets)
                });
                None
            }
        },
        Shape::Table => node.fields().is_none().then_some(Expected::Table),
        Shape::List(fields) => match node.items() {
            None => Some(Expected::Tables),
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    row(kind, item, fields, &format!("{place}[{index}]"), told);
                }
                None
            }
        },
    };
    if let Some(expected) = expected {
        told.push((place.to_owned(), Flaw::FieldInvalid { expected }));
    }
}

fn each(
    items: &[Node],
    place: &str,
    told: &mut Vec<Told>,
    judge: impl Fn(&Node) -> Option<Expected>,
) {
    for (index, item) in items.iter().enumerate() {
        if let Some(expected) = judge(item) {
            told.push((format!("{place}[{index}]"), Flaw::FieldInvalid { expected }));
        }
    }
}

/// Whether it is something else than a text. One that must not be empty and is, is told.
fn is_text(node: &Node, need: Need, place: &str, told: &mut Vec<Told>) -> bool {
    match node {
        Node::Public(Value::String(text)) => {
            if need == Need::Filled && text.trim().is_empty() {
                told.push((place.to_owned(), Flaw::ParameterEmpty));
            }
            false
        }
        Node::Secret(_) => false,
        _ => true,
    }
}

fn is_number(node: &Node) -> bool {
    let number = match node {
        Node::Public(Value::Number(number)) => number.as_i64(),
        Node::Public(Value::String(text)) => text.trim().parse().ok(),
        _ => None,
    };
    number.is_some_and(|number| number > 0)
}

/// An element of a list of tables.
fn row(kind: StepKind, item: &Node, known: &[Parameter], place: &str, told: &mut Vec<Told>) {
    let Some(fields) = item.fields() else {
        let expected = Expected::Table;
        told.push((place.to_owned(), Flaw::FieldInvalid { expected }));
        return;
    };
    for (name, _) in &fields {
        if !known.iter().any(|parameter| parameter.name == name) {
            let flaw = Flaw::ParameterUnknown {
                kind,
                parameter: name.clone(),
                known: known.iter().map(|p| p.name.to_owned()).collect(),
            };
            told.push((format!("{place}.{name}"), flaw));
        }
    }
    for parameter in known {
        match item.field(parameter.name) {
            Some(node) => {
                let place = format!("{place}.{}", parameter.name);
                fits(kind, &node, *parameter, &place, told);
            }
            None if parameter.need != Need::Optional => {
                let parameter = parameter.name.to_owned();
                told.push((place.to_owned(), Flaw::ParameterMissing { kind, parameter }));
            }
            None => {}
        }
    }
}

/// What is to be said of Vercel's variables beyond their shape: their names, and secrets that a browser
/// would be given.
pub(super) fn variables(with: &Node) -> Vec<Told> {
    let mut told = Vec::new();
    let mut seen = Vec::new();
    let variables = with.field("variables").and_then(|list| list.items());
    for (index, variable) in variables.into_iter().flatten().enumerate() {
        let key = variable.field("key");
        let Some(key) = key.as_ref().and_then(Node::text) else {
            continue;
        };
        let place = format!("with.variables[{index}]");
        let valid = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !valid {
            let expected = Expected::Variable;
            told.push((format!("{place}.key"), Flaw::FieldInvalid { expected }));
        }
        if seen.contains(&key.to_owned()) {
            let name = key.to_owned();
            told.push((format!("{place}.key"), Flaw::NameTwice { name }));
        }
        seen.push(key.to_owned());
        if let Some(Node::Secret(name)) = variable.field("value")
            && IN_BROWSER.iter().any(|begin| key.starts_with(begin))
        {
            told.push((format!("{place}.value"), Flaw::SecretExposed { name }));
        }
    }
    told
}
