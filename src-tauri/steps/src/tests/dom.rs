//! HTML as a browser builds it, for tests: elements, texts and comments, each in its place.

use std::{
    borrow::Cow,
    cell::RefCell,
    rc::{Rc, Weak},
};

use html5ever::{
    Attribute, ExpandedName, ParseOpts, QualName, parse_document,
    tendril::{StrTendril, TendrilSink},
    tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeBuilderOpts, TreeSink},
};

/// A part of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Element {
        name: String,
        attributes: Vec<(String, String)>,
        children: Vec<Node>,
    },
    Text(String),
    Comment(String),
    Doctype(String),
}

/// The document's parts. Mail programs run no scripts.
pub(super) fn read(html: &str) -> Vec<Node> {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    let sink = Sink {
        document: Growing::of(Kind::Root),
    };
    parse_document(sink, options).one(html)
}

/// A part while the tree is built.
struct Growing {
    kind: Kind,
    parent: RefCell<Weak<Growing>>,
    children: RefCell<Vec<Rc<Growing>>>,
}

enum Kind {
    Root,
    Element {
        name: QualName,
        attributes: RefCell<Vec<Attribute>>,
        /// Of a `template`: what it holds.
        contents: Option<Rc<Growing>>,
    },
    Text(RefCell<String>),
    Comment(String),
    Doctype(String),
}

impl Growing {
    fn of(kind: Kind) -> Rc<Self> {
        Rc::new(Self {
            kind,
            parent: RefCell::default(),
            children: RefCell::default(),
        })
    }

    fn parent(&self) -> Option<Rc<Self>> {
        self.parent.borrow().upgrade()
    }

    fn nodes(&self) -> Vec<Node> {
        let children = self.children.borrow();
        children.iter().filter_map(|child| child.node()).collect()
    }

    fn node(&self) -> Option<Node> {
        Some(match &self.kind {
            Kind::Root => return None,
            Kind::Element {
                name,
                attributes,
                contents,
            } => {
                let attributes = attributes.borrow();
                let attributes = attributes.iter();
                let mut children = self.nodes();
                children.extend(contents.iter().flat_map(|contents| contents.nodes()));
                Node::Element {
                    name: name.local.to_string(),
                    attributes: attributes
                        .map(|one| (one.name.local.to_string(), one.value.to_string()))
                        .collect(),
                    children,
                }
            }
            Kind::Text(text) => Node::Text(text.borrow().clone()),
            Kind::Comment(text) => Node::Comment(text.clone()),
            Kind::Doctype(name) => Node::Doctype(name.clone()),
        })
    }
}

fn detach(node: &Rc<Growing>) {
    if let Some(parent) = node.parent() {
        let mut children = parent.children.borrow_mut();
        children.retain(|child| !Rc::ptr_eq(child, node));
    }
    *node.parent.borrow_mut() = Weak::new();
}

/// Puts a child before the one at this place. A text beside a text is one with it.
fn put(parent: &Rc<Growing>, place: usize, child: NodeOrText<Rc<Growing>>) {
    let mut children = parent.children.borrow_mut();
    let child = match child {
        NodeOrText::AppendNode(node) => node,
        NodeOrText::AppendText(text) => {
            let before = place.checked_sub(1).and_then(|before| children.get(before));
            if let Some(Kind::Text(there)) = before.map(|node| &node.kind) {
                there.borrow_mut().push_str(&text);
                return;
            }
            Growing::of(Kind::Text(RefCell::new(text.to_string())))
        }
    };
    *child.parent.borrow_mut() = Rc::downgrade(parent);
    children.insert(place, child);
}

struct Sink {
    document: Rc<Growing>,
}

impl TreeSink for Sink {
    type Handle = Rc<Growing>;
    type Output = Vec<Node>;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Vec<Node> {
        self.document.nodes()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Rc<Growing> {
        Rc::clone(&self.document)
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<Growing>) -> ExpandedName<'a> {
        match &target.kind {
            Kind::Element { name, .. } => name.expanded(),
            _ => panic!("only elements have names"),
        }
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> Rc<Growing> {
        Growing::of(Kind::Element {
            name,
            attributes: RefCell::new(attributes),
            contents: flags.template.then(|| Growing::of(Kind::Root)),
        })
    }

    fn create_comment(&self, text: StrTendril) -> Rc<Growing> {
        Growing::of(Kind::Comment(text.to_string()))
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> Rc<Growing> {
        Growing::of(Kind::Comment(format!("{target} {data}")))
    }

    fn append(&self, parent: &Rc<Growing>, child: NodeOrText<Rc<Growing>>) {
        let place = parent.children.borrow().len();
        put(parent, place, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Rc<Growing>,
        before: &Rc<Growing>,
        child: NodeOrText<Rc<Growing>>,
    ) {
        if element.parent().is_some() {
            self.append_before_sibling(element, child);
        } else {
            self.append(before, child);
        }
    }

    fn append_doctype_to_document(&self, name: StrTendril, _: StrTendril, _: StrTendril) {
        let doctype = Growing::of(Kind::Doctype(name.to_string()));
        self.append(&self.document, NodeOrText::AppendNode(doctype));
    }

    fn get_template_contents(&self, target: &Rc<Growing>) -> Rc<Growing> {
        match &target.kind {
            Kind::Element {
                contents: Some(contents),
                ..
            } => Rc::clone(contents),
            _ => panic!("only templates have contents"),
        }
    }

    fn same_node(&self, one: &Rc<Growing>, other: &Rc<Growing>) -> bool {
        Rc::ptr_eq(one, other)
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Rc<Growing>, child: NodeOrText<Rc<Growing>>) {
        if let NodeOrText::AppendNode(node) = &child {
            detach(node);
        }
        let parent = sibling.parent().expect("a sibling has a parent");
        let place = {
            let children = parent.children.borrow();
            let mut children = children.iter();
            children.position(|child| Rc::ptr_eq(child, sibling))
        };
        put(&parent, place.expect("it is its child"), child);
    }

    fn add_attrs_if_missing(&self, target: &Rc<Growing>, more: Vec<Attribute>) {
        let Kind::Element { attributes, .. } = &target.kind else {
            panic!("only elements have attributes")
        };
        let mut attributes = attributes.borrow_mut();
        for one in more {
            if attributes.iter().all(|there| there.name != one.name) {
                attributes.push(one);
            }
        }
    }

    fn remove_from_parent(&self, target: &Rc<Growing>) {
        detach(target);
    }

    fn reparent_children(&self, node: &Rc<Growing>, parent: &Rc<Growing>) {
        for child in node.children.take() {
            self.append(parent, NodeOrText::AppendNode(child));
        }
    }
}

/// As `name(children)`, texts in quotes.
fn shown(nodes: &[Node]) -> String {
    let parts = nodes.iter().map(|node| match node {
        Node::Element { name, children, .. } => format!("{name}({})", shown(children)),
        Node::Text(text) => format!("'{text}'"),
        Node::Comment(text) => format!("!{text}"),
        Node::Doctype(name) => format!("!{name}"),
    });
    parts.collect::<Vec<_>>().join(" ")
}

#[test]
fn it_is_built_as_browsers_do() {
    for (body, built) in [
        ("<b>&lt;i&gt;</b>", "b('<i>')"),
        // What looks like a tag where there is text alone is none.
        (
            "<textarea><b>&lt;</textarea><style><b></style>",
            "textarea('<b><') style('<b>')",
        ),
        // An end that is missing, or in the wrong place.
        ("<p>a<p>b", "p('a') p('b')"),
        ("<b>1<p>2</b>3</p>", "b('1') p(b('2') '3')"),
        // What has no place in a table stands before it.
        (
            "a<table>b<tr><td>c</table>",
            "'ab' table(tbody(tr(td('c'))))",
        ),
        ("<template><b>a</b></template>", "template(b('a'))"),
        ("<!-- <b> -->", "! <b> "),
    ] {
        let html = format!("<!doctype html><title>t</title><body>{body}");
        let whole = format!("!html html(head(title('t')) body({built}))");
        assert_eq!(shown(&read(&html)), whole, "{body}");
    }
    let twice = read("<!doctype html><html lang=a lang=b>");
    let [_, Node::Element { attributes, .. }] = &twice[..] else {
        panic!("a document type and an element")
    };
    assert_eq!(attributes[..], [("lang".to_owned(), "a".to_owned())]);
}
