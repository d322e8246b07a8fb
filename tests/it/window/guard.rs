//! What a page that went wrong could not do: the policy, the list of commands, the guard of the address, links.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use fabrik_tests::{Proof, checkout};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Mutex, watch},
    time::timeout,
};

use super::{
    desktop::Desktop,
    links,
    page::{Page, button, words},
};
use crate::world::{Cloud, Latency};

/// How long the stranger may take to hear the test itself.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
#[ignore = "runs in a session of its own"]
async fn nothing_else() {
    let commands = Proof::of(
        "S4",
        "commands that are not declared, called from a real window",
    );
    let shut = Proof::of(
        "S5",
        "ways in and out of a real window: scripts, connections, frames, navigation, files",
    );
    let elsewhere = Proof::of(
        "S9",
        "links in the records that lead elsewhere, asked for in a real window: no browser is started",
    );
    let cloud = Cloud::start(&Latency::None).await;
    let desktop = Arc::new(Desktop::at(&cloud));
    let own = Arc::clone(&desktop);
    desktop
        .window("guard", |page| async move {
            page.press(&button("Hoppa över guiden")).await;
            page.see(&words("Inga kunder än")).await;
            let stranger = Stranger::listen().await;
            let loaded = nothing_is_loaded(&page, &stranger).await;
            commands.held(nothing_is_called(&page).await);
            let stayed = the_window_stays(&page, &stranger).await;
            let framed = no_frame_gets_out(&page, &stranger).await;
            stranger.has_heard_nothing(&page).await;
            shut.held(loaded + stayed + framed);
            elsewhere.held(links::none_leads_elsewhere(&page, &own).await);
        })
        .await;
}

/// A server that the page has no business with.
struct Stranger {
    address: SocketAddr,
    url: String,
    heard: Arc<watch::Sender<String>>,
    /// What the test itself has said to it.
    said: Mutex<String>,
}

impl Stranger {
    async fn listen() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::<watch::Sender<String>>::default();
        let ears = Arc::clone(&heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let ears = Arc::clone(&ears);
                tokio::spawn(async move {
                    let mut bytes = [0; 256];
                    // WebKit connects to where a link that is clicked leads, before it asks whether it may
                    // follow it; a connection without a request is none.
                    while let Ok(count @ 1..) = stream.read(&mut bytes).await {
                        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
                        ears.send_modify(|heard| heard.push_str(&text));
                    }
                });
            }
        });
        Self {
            address,
            url: format!("http://{address}"),
            heard,
            said: Mutex::default(),
        }
    }

    /// The page has had its answer to a call that it made after what it tried, so that was decided; and the stranger
    /// hears the test, so it would have heard the page.
    async fn has_heard_nothing(&self, page: &Page) {
        let overview = json!({ "name": "overview", "arguments": {} });
        let answered = invoke(page, "call", &overview).await;
        assert_eq!(answered["answer"]["workspace"], "test", "{answered}");
        let mut said = self.said.lock().await;
        let word = format!("the test, for the {}th time;", said.matches(';').count());
        said.push_str(&word);
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(word.as_bytes()).await.unwrap();
        let mut ears = self.heard.subscribe();
        let heard = timeout(PATIENCE, ears.wait_for(|heard| heard.contains(&word)))
            .await
            .expect("the stranger hears")
            .expect("it is there")
            .clone();
        assert_eq!(heard, *said, "the page got out");
    }
}

/// The policy lets nothing in, and nothing out but calls to Rust.
async fn nothing_is_loaded(page: &Page, stranger: &Stranger) -> usize {
    let url = &stranger.url;
    let script = format!(
        "const directives = [];
         document.addEventListener('securitypolicyviolation', (event) => directives.push(event.effectiveDirective));
         const fetched = await fetch('{url}/fetch').then(() => 'done', () => 'refused');
         // WebKit calls it sent, as it does where the network fails: the stranger tells.
         navigator.sendBeacon?.('{url}/beacon', 'x');
         const load = (kind) => new Promise((done) => {{
           const element = document.createElement(kind);
           element.onload = () => done('done');
           element.onerror = () => done('refused');
           element.src = `{url}/${{kind}}`;
           document.head.append(element);
         }});
         const loaded = [await load('script'), await load('img')];
         const inline = document.createElement('script');
         inline.textContent = 'window.injected = true';
         document.head.append(inline);
         const style = document.createElement('style');
         style.textContent = ':root {{ --stray: 1 }}';
         document.head.append(style);
         const styled = getComputedStyle(document.documentElement).getPropertyValue('--stray') || 'refused';
         let evaluated;
         try {{ evaluated = (0, eval)('\"done\"'); }} catch {{ evaluated = 'refused'; }}
         return {{ fetched, loaded, inline: window.injected ?? 'refused', styled, evaluated, directives,
                   frozen: Object.isFrozen(Object.prototype) }};"
    );
    let tried = page.run_async(&script).await;
    assert_eq!(tried["frozen"], true, "no prototype is changed: {tried}");
    for way in ["fetched", "inline", "styled", "evaluated"] {
        assert_eq!(tried[way], "refused", "{way}: {tried}");
    }
    assert_eq!(tried["loaded"], json!(["refused", "refused"]), "{tried}");
    // It is the policy that refused, not a server that isn't there.
    let directives = tried["directives"].as_array().unwrap();
    for directive in ["connect-src", "script-src-elem", "img-src"] {
        assert!(
            directives.iter().any(|refused| refused == directive),
            "{directive}: {tried}"
        );
    }
    // Fetched, sent, loaded twice, inline, styled, evaluated, changed.
    8
}

/// One command is open to the page, and it knows one table.
async fn nothing_is_called(page: &Page) -> usize {
    // The way to Rust is open: the refusals below are of no broken line.
    let overview = invoke(
        page,
        "call",
        &json!({ "name": "overview", "arguments": {} }),
    )
    .await;
    assert_eq!(overview["answer"]["workspace"], "test", "{overview}");
    let undeclared = [
        "undeclared",
        "plugin:app|version",
        "plugin:event|emit",
        "plugin:path|resolve_directory",
        "plugin:webview|create_webview_window",
        "plugin:window|close",
        "plugin:fs|read_file",
        "plugin:shell|execute",
        "plugin:window-state|restore_state",
        "plugin:menu|new",
        "plugin:tray|new",
        "plugin:updater|check",
        "plugin:updater|download_and_install",
    ];
    for command in undeclared {
        let refused = invoke(page, command, &json!({})).await;
        let text = refused["error"]
            .as_str()
            .unwrap_or_else(|| panic!("{command}: {refused}"));
        // Past the list of commands one that nobody has written would be "not found".
        assert!(text.contains("not allowed"), "{command}: {text}");
    }
    let secret = json!({ "name": "secret_get", "arguments": { "provider": "supabase" } });
    let unknown = invoke(page, "call", &secret).await;
    assert_eq!(unknown["error"]["code"], "internal", "{unknown}");
    undeclared.len() + 1
}

pub(super) async fn invoke(page: &Page, command: &str, arguments: &Value) -> Value {
    page.run_async(&format!(
        "return await window.__TAURI_INTERNALS__.invoke('{command}', {arguments})
           .then((answer) => ({{ answer }}), (error) => ({{ error }}));"
    ))
    .await
}

/// The window shows the app, whatever the page asks for.
async fn the_window_stays(page: &Page, stranger: &Stranger) -> usize {
    let url = &stranger.url;
    let before = page.address().await;
    let ways = [
        format!("location.href = '{url}/location'"),
        format!("window.open('{url}/window')"),
        format!(
            "document.body.append(Object.assign(document.createElement('iframe'), {{ src: '{url}/frame' }}))"
        ),
        format!("Object.assign(document.createElement('a'), {{ href: '{url}/link' }}).click()"),
        format!("try {{ new WebSocket('ws://{}/socket') }} catch {{}}", stranger.address),
        format!("try {{ new EventSource('{url}/events') }} catch {{}}"),
        format!("try {{ new Worker('{url}/worker') }} catch {{}}"),
        format!(
            "document.head.append(Object.assign(document.createElement('link'), {{ rel: 'stylesheet', href: '{url}/style' }}))"
        ),
        format!(
            "document.body.append(Object.assign(document.createElement('object'), {{ data: '{url}/object' }}))"
        ),
        format!(
            "const form = Object.assign(document.createElement('form'), {{ action: '{url}/form', method: 'post' }});
             document.body.append(form);
             form.submit()"
        ),
        "location.href = 'data:text/html,elsewhere'".to_owned(),
        "location.href = 'file:///etc/hostname'".to_owned(),
    ];
    for way in &ways {
        page.run(way).await;
        stranger.has_heard_nothing(page).await;
        assert_eq!(page.address().await, before, "{way}");
        assert_eq!(page.windows().await, 1, "{way}");
    }
    page.see(&words("Inga kunder än")).await;
    ways.len()
}

/// A frame that the page fills itself is under its policy too.
async fn no_frame_gets_out(page: &Page, stranger: &Stranger) -> usize {
    let url = &stranger.url;
    let before = page.address().await;
    let ways = [
        "frame.srcdoc = inside",
        "frame.src = URL.createObjectURL(new Blob([inside], { type: 'text/html' }))",
    ];
    for way in ways {
        // Long enough for what a frame that were let in would ask for.
        let script = format!(
            "const inside = `<img src=\"{url}/img\"><iframe src=\"{url}/frame\"></iframe>
               <script>parent.postMessage('it ran', '*'); fetch('{url}/fetch')</script>`;
             const heard = [];
             const listen = (event) => heard.push(event.data);
             window.addEventListener('message', listen);
             const frame = document.createElement('iframe');
             {way};
             document.body.append(frame);
             await new Promise((done) => setTimeout(done, 500));
             window.removeEventListener('message', listen);
             frame.remove();
             return heard.filter((one) => one === 'it ran').length;"
        );
        assert_eq!(page.run_async(&script).await, 0, "{way}: its script ran");
        stranger.has_heard_nothing(page).await;
        assert_eq!(page.address().await, before, "{way}");
    }
    ways.len()
}

/// What the configuration says, and what no feature of the build turns on.
#[test]
fn nothing_is_let_in_by_default_and_a_release_has_no_developer_tools() {
    let proof = Proof::of(
        "S5",
        "the policy and the build: nothing by default, prototypes frozen, no developer tools",
    );
    let read = |name: &str| fs::read_to_string(checkout().join(name)).unwrap();
    let (config, manifest) = (read("tauri.conf.json"), read("Cargo.toml"));
    let document: Value = serde_json::from_str(&config).unwrap();
    let security = &document["app"]["security"];
    // To the letter, and nothing beside: what is added is a way in or out that the real window was not asked about.
    let policy = json!({
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' data:",
        "connect-src": "ipc: http://ipc.localhost",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    });
    let wanted = json!({ "csp": policy, "freezePrototype": true, "capabilities": ["main"] });
    assert_eq!(*security, wanted);
    // Without the feature `tauri/devtools` a release has none.
    for text in [&config, &manifest] {
        assert!(!text.contains("devtools"), "{text}");
    }
    proof.held(policy.as_object().unwrap().len() + 2);
}
