//! What runs make on their way (S3): the database's password, sessions, links. A page that shows the runs, as they come
//! off and as they fail, has none of it in its memory.

use std::collections::BTreeMap;

use fabrik_tests::{Proof, in_full};
use serde_json::json;

use super::{
    agency::{customer_row, within},
    guard::invoke,
    page::{Page, button, link, words},
};
use crate::{
    canary::{made_on_the_way, memory},
    recorder::Recorder,
    world::Cloud,
};

/// The one that comes off, and its subdomain.
const KEPT: (&str, &str) = ("Sjöboden", "sjoboden");
/// The one that fails, and is taken back.
const UNDONE: (&str, &str) = ("Tallbacken", "tallbacken");

/// Runs both in this window, looks at them, and searches the memory of its web view for what was made.
pub(super) async fn what_runs_make(page: &Page, cloud: &Cloud, recorder: &Recorder) {
    let proof = Proof::of(
        "S3",
        "MiB × secrets that runs made, searched in a window that showed one come off and one fail",
    );
    cloud.steer("latency", &json!({ "base": "none" })).await;
    provision(page, UNDONE, cloud, "Ångrad").await;
    provision(page, KEPT, cloud, "Klar").await;
    page.press(&link("Öppna kunden")).await;
    page.see(&button("Gå till produktion")).await;

    let made = made(recorder);
    let kinds: BTreeMap<_, _> = made.iter().cloned().collect();
    for name in [
        "the database's password",
        "the administrator's password",
        "a session",
        "a link",
    ] {
        assert!(
            kinds.contains_key(name),
            "{name} was made: {:?}",
            kinds.keys()
        );
    }
    // Each search goes through all of the memory: of each kind one, where there is little time.
    let mut secrets: Vec<_> = if in_full() {
        made.into_iter().map(|(_, secret)| secret).collect()
    } else {
        kinds.into_values().collect()
    };
    secrets.sort();
    secrets.dedup();
    let shown = memory::search(&[KEPT.1.to_owned()]);
    assert!(
        !shown.found.is_empty(),
        "what the page shows is found there"
    );
    let searched = memory::search(&secrets);
    assert_eq!(searched.found, [""; 0], "secrets in the web view");
    let mebibytes = usize::try_from(searched.bytes / 1024 / 1024).unwrap();
    proof.held(mebibytes * secrets.len());
}

/// The secrets that went over the wire, each with what it is.
pub(super) fn made(recorder: &Recorder) -> Vec<(String, String)> {
    let exchanges = recorder.exchanges();
    exchanges.iter().flat_map(made_on_the_way).collect()
}

/// A customer from nothing to its run's end, which says this in its header.
async fn provision(page: &Page, (name, subdomain): (&str, &str), cloud: &Cloud, end: &str) {
    let wish = json!({
        "name": name, "subdomain": subdomain, "contact_email": format!("info@{subdomain}.example"),
        "blueprint": "factory", "plan": "starter", "language": "sv",
    });
    let faults = if (name, subdomain) == UNDONE {
        json!([{ "provider": "vercel", "method": "POST", "path": "/v*/deployments", "do": "status:400" }])
    } else {
        json!([])
    };
    cloud.faults(faults).await;
    let add = json!({ "name": "customer_add", "arguments": { "new": wish } });
    let added = invoke(page, "call", &add).await;
    assert_eq!(added["answer"]["subdomain"], subdomain, "{added}");
    page.press(&link("Kunder")).await;
    let begin = button(&format!("Provisionera {name}"));
    page.press(&within(&customer_row(name), &begin)).await;
    page.see(&within("//header", &words(end))).await;
}
