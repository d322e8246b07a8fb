//! The files of workflows: whether they are any, have a value for each name that they want, and run in a time zone.

use std::collections::BTreeMap;

use fabrik_domain::{
    finding::{Finding, Flaw},
    language::Language,
};
use jiff::tz::TimeZoneDatabase;
use serde_json::Value;

use super::{Renderer, Sample, Step, node::Node};
use crate::{template::names, workflow};

/// The zone that n8n itself is set to.
const OF_N8N: &str = "DEFAULT";

impl Renderer<'_> {
    /// Reads workflows, and holds what they want against the values that their step gives them.
    pub(super) fn workflows(&mut self, step: &Step, with: &Node, sample: &Sample<'_>) {
        // What is told of them differs by plan alone.
        if sample.bare || sample.language != Language::Sv {
            return;
        }
        let given = with.field("values").and_then(|values| values.fields());
        let known: BTreeMap<_, _> = given.into_iter().flatten().collect();
        // What a setting or another step will give is not known yet.
        let values = known.iter().filter(|(name, _)| is_of_blueprint(step, name));
        let values: BTreeMap<_, _> = values
            .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
            .collect();
        let files = with.field("workflows").map(|node| node.texts());
        for (at, path) in files.into_iter().flatten().enumerate() {
            if !self.file_there(step, &format!("with.workflows[{at}]"), &path) {
                continue;
            }
            let text = &self.files[&path];
            let at = |line: usize, flaw| Finding::new(&path, flaw).line(line);
            match workflow::read(text) {
                Ok(workflow) => {
                    for name in workflow::names(&workflow) {
                        if !known.contains_key(&name) {
                            let flaw = Flaw::ValueMissing { name: name.clone() };
                            self.tell(at(1, flaw).place(name));
                        }
                    }
                    if let Some(name) = unknown_zone(&workflow, &values) {
                        // The settings come last; a node may have a zone of its own.
                        let before = text.rsplit_once("\"timezone\"").map_or("", |split| split.0);
                        let line = before.matches('\n').count() + 1;
                        self.tell(at(line, Flaw::TimeZoneUnknown { name }));
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

/// Whether the blueprint alone says what a value is.
fn is_of_blueprint(step: &Step, value: &str) -> bool {
    let text = step.with.get("values").map(|values| &values[value]);
    let names = text
        .and_then(Value::as_str)
        .and_then(|text| names(text).ok());
    names.is_some_and(|names| names.iter().all(|name| name.starts_with("parameters.")))
}

/// The workflow's time zone, where there is none of that name.
fn unknown_zone(workflow: &Value, values: &BTreeMap<String, String>) -> Option<String> {
    let zone = &workflow["settings"]["timezone"];
    let mut alone = serde_json::json!({ "settings": { "timezone": zone.as_str()? } });
    workflow::fill(&mut alone, values).ok()?;
    let zone = alone["settings"]["timezone"].as_str()?;
    // Those that are built in, of which each is one: of the machine's own some may be missing, and others no zones.
    let found = TimeZoneDatabase::bundled().get(zone);
    let known = zone == OF_N8N || found.is_ok_and(|zone| !zone.is_unknown());
    (!known).then(|| zone.to_owned())
}
