//! Where the world reaches a workflow.

use fabrik_clouds::BaseUrl;
use serde_json::Value;

/// The addresses of a workflow's webhooks, forms and chats, in the order of its nodes. One whose path is computed is
/// known to n8n alone.
pub(super) fn of(base: &BaseUrl, workflow: &Value) -> Vec<String> {
    let nodes = workflow["nodes"].as_array().into_iter().flatten();
    let live = nodes.filter(|node| node["disabled"] != Value::Bool(true));
    let mut addresses = Vec::new();
    for address in live.filter_map(|node| address(base, node)) {
        // One that is opened and one that is posted to may be the same.
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

fn address(base: &BaseUrl, node: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (path, id) = (text(&node["parameters"]["path"]), text(&node["webhookId"]));
    let (_, kind) = node["type"].as_str()?.rsplit_once('.')?;
    let path = match kind {
        _ if path.starts_with('=') => return None,
        "webhook" | "formTrigger" if path.is_empty() => id,
        // With a part that the caller fills in, n8n puts the id before it.
        "webhook" if path.contains(':') => format!("{id}/{path}"),
        "webhook" | "formTrigger" => path,
        "chatTrigger" => format!("{id}/chat"),
        _ => return None,
    };
    let root = if kind == "formTrigger" {
        "form"
    } else {
        "webhook"
    };
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    let url = base.join([root].into_iter().chain(segments));
    Some(url.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_kind_has_its_address() {
        let base = BaseUrl::parse("https://n8n.norrform.se/x").unwrap();
        let node = |kind: &str, path: &str| json!({"type": kind, "webhookId": "id1", "parameters": {"path": path}});
        let workflow = json!({ "nodes": [
            node("n8n-nodes-base.webhook", "leads/åker"),
            node("n8n-nodes-base.webhook", "order/:id"),
            node("n8n-nodes-base.webhook", "={{ $env.PATH }}"),
            node("n8n-nodes-base.formTrigger", ""),
            node("@n8n/n8n-nodes-langchain.chatTrigger", ""),
            node("n8n-nodes-base.set", "no"),
            json!({ "type": "n8n-nodes-base.webhook", "parameters": {"path": "leads/åker", "httpMethod": "POST"} }),
            { "type": "n8n-nodes-base.webhook", "disabled": true, "parameters": {"path": "off"} },
        ]});
        assert_eq!(
            of(&base, &workflow),
            [
                "https://n8n.norrform.se/x/webhook/leads/%C3%A5ker",
                "https://n8n.norrform.se/x/webhook/id1/order/:id",
                "https://n8n.norrform.se/x/form/id1",
                "https://n8n.norrform.se/x/webhook/id1/chat",
            ]
        );
    }
}
