//! The log as a file: one JSON document, an entry on each line.

use fabrik_domain::id::WorkspaceId;
use fabrik_store::{AuditAnchor, AuditRow};
use serde_json::json;

/// A file that is being written.
pub(super) struct Writing {
    text: String,
    first: bool,
}

impl Writing {
    pub(super) fn begin(workspace: WorkspaceId) -> Self {
        let workspace = json!(workspace);
        Self {
            text: format!("{{\"format\":1,\"workspace\":{workspace},\"entries\":["),
            first: true,
        }
    }

    fn line(&mut self, value: &serde_json::Value) {
        let comma = if std::mem::take(&mut self.first) {
            "\n"
        } else {
            ",\n"
        };
        self.text.push_str(comma);
        self.text.push_str(&value.to_string());
    }

    pub(super) fn entry(&mut self, row: &AuditRow) {
        self.line(&json!({
            "number": row.number,
            "at": row.instant(),
            "operator": row.operator,
            "action": row.action,
            "customer": row.customer,
            "run": row.run,
            // Letter by letter, as it is anchored.
            "facts": row.facts,
        }));
    }

    pub(super) fn end(mut self, anchors: &[AuditAnchor]) -> String {
        self.text.push_str("\n],\"anchors\":[");
        self.first = true;
        for anchor in anchors {
            self.line(&json!({
                "key": anchor.key,
                "number": anchor.number,
                "at": anchor.instant(),
                "mac": anchor.mac,
            }));
        }
        self.text.push_str("\n]}\n");
        self.text
    }
}
