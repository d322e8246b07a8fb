//! A vendor's document.

use serde_json::Value;

use super::{
    vendor_document::{Operation, VendorDocument},
    vendor_request::Asked,
};
use crate::recorder::Exchange;

/// A vendor's document.
pub(crate) struct Document {
    vendor: VendorDocument,
    /// What its paths begin with at our end.
    prefix: &'static str,
}

impl Document {
    /// Reads the document; its paths begin below `prefix`.
    pub(crate) fn load(name: &str, prefix: &'static str) -> Self {
        Self {
            vendor: VendorDocument::load(name),
            prefix,
        }
    }

    /// What is wrong with a call, each with where it stands; and the operation's name.
    ///
    /// `undocumented` says whether a status that the document lacks is known, with its reason.
    pub(crate) fn check(
        &self,
        call: &Exchange,
        undocumented: impl Fn(&str, u16) -> bool,
    ) -> (String, Vec<String>) {
        let said = format!("{} {} {}", call.api, call.method, call.path);
        let Some(operation) = self.operation(call) else {
            return (said.clone(), vec![format!("{said}: no such operation")]);
        };
        let name = format!("{} {} {}", call.api, call.method, operation.template);
        let asked = Asked {
            query: &call.query,
            headers: &call.headers,
            body: &call.body,
        };
        let mut wrong = self.vendor.faults_of_request(&operation, asked);
        wrong.extend(self.answer(&operation, call, |status| undocumented(&name, status)));
        let wrong = wrong
            .into_iter()
            .map(|fault| format!("{name} → {}: {fault}", call.status))
            .collect();
        (name, wrong)
    }

    fn operation(&self, call: &Exchange) -> Option<Operation<'_>> {
        let path = call.path.strip_prefix(self.prefix)?;
        self.vendor.operation(&call.method, path)
    }

    fn answer(
        &self,
        operation: &Operation<'_>,
        call: &Exchange,
        known: impl Fn(u16) -> bool,
    ) -> Vec<String> {
        let answers = &operation.said["responses"];
        let declared = match &answers[call.status.to_string()] {
            Value::Null if known(call.status) => return Vec::new(),
            Value::Null if answers["default"].is_null() => {
                return vec![format!(
                    "this status is not in the document: {}",
                    text(&call.answer)
                )];
            }
            Value::Null => &answers["default"],
            declared => declared,
        };
        let Some(schema) = self.vendor.schema(declared) else {
            return Vec::new();
        };
        match serde_json::from_slice(&call.answer) {
            Ok(body) => self
                .vendor
                .faults(schema, &body)
                .into_iter()
                .map(|fault| format!("answer {fault}"))
                .collect(),
            Err(error) => vec![format!(
                "the answer is no JSON: {error}: {}",
                text(&call.answer)
            )],
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(200).collect()
}
