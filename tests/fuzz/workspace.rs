//! A workspace in a folder of its own, whose vendors are nowhere.

use std::sync::{Arc, OnceLock};

use fabrik_app::{App, Environment, Options, commands::dispatch};
use fabrik_domain::{customer::NewCustomer, provider::Provider};
use serde_json::Value;
use tokio::runtime::Runtime;

struct Workspace {
    runtime: Runtime,
    app: Arc<App>,
    orchestra: String,
}

fn workspace() -> &'static Workspace {
    static WORKSPACE: OnceLock<Workspace> = OnceLock::new();
    WORKSPACE.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap().keep();
        let nowhere = Provider::ALL.map(|provider| {
            let name = format!("FABRIK_{}_URL", provider.key().to_ascii_uppercase());
            (name, "http://127.0.0.1:9".to_owned())
        });
        let downloads = folder.to_string_lossy().into_owned();
        let downloads = ("XDG_DOWNLOAD_DIR".to_owned(), downloads);
        let app = runtime.block_on(App::open(Options {
            environment: Environment::of(nowhere.into_iter().chain([downloads]), true),
            data_dir: Some(folder.join("data")),
            workspace: Some("fuzz".to_owned()),
            browser: None,
        }));
        let app = app.unwrap();
        let orchestra = runtime.block_on(app.customer_add(NewCustomer {
            name: "Orkestern".to_owned(),
            subdomain: "orkestern".to_owned(),
            contact_email: "anna@orkestern.example".to_owned(),
            blueprint: "orchestra".to_owned(),
            plan: "small".to_owned(),
            supabase_project_ref: Some("abcdefghijklmnopqrst".to_owned()),
            ..NewCustomer::default()
        }));
        Workspace {
            runtime,
            app: Arc::new(app),
            orchestra: orchestra.unwrap().id.to_string(),
        }
    })
}

/// The id of a customer whose members may be imported.
#[allow(dead_code, reason = "not every target imports members")]
pub(crate) fn orchestra() -> &'static str {
    &workspace().orchestra
}

/// Gives a command. An answer and a problem are alike.
pub(crate) fn give(command: &str, arguments: Value) {
    let Workspace { runtime, app, .. } = workspace();
    drop(runtime.block_on(dispatch(app, command, arguments)));
}
