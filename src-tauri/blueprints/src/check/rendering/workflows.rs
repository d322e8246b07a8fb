//! The files of workflows: whether they are any, and have a value for each name that they want.

use std::collections::BTreeSet;

use fabrik_domain::finding::{Finding, Flaw};

use super::{Renderer, Step, node::Node};
use crate::workflow;

impl Renderer<'_> {
    /// Reads workflows, and holds what they want against the values that their step gives them.
    pub(super) fn workflows(&mut self, step: &Step, with: &Node) {
        let given = with.field("values").and_then(|values| values.fields());
        let known: BTreeSet<_> = given.into_iter().flatten().map(|(name, _)| name).collect();
        let files = with.field("workflows").map(|node| node.texts());
        for (at, path) in files.into_iter().flatten().enumerate() {
            if !self.file_there(step, &format!("with.workflows[{at}]"), &path) {
                continue;
            }
            let at = |line: usize, flaw| Finding::new(&path, flaw).line(line);
            match workflow::read(&self.files[&path]) {
                Ok(workflow) => {
                    for name in workflow::names(&workflow) {
                        if !known.contains(&name) {
                            let flaw = Flaw::ValueMissing { name: name.clone() };
                            self.tell(at(1, flaw).place(name));
                        }
                    }
                }
                Err(workflow::Fault::Broken { line, why }) => {
                    self.tell(at(line, Flaw::WorkflowBroken { why }));
                }
                Err(fault) => {
                    let why = fault.to_string();
                    self.tell(at(1, Flaw::WorkflowBroken { why }));
                }
            }
        }
    }
}
