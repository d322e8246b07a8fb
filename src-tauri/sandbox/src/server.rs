//! Starting and stopping a sandbox.

use std::{
    fs::{self, File, TryLockError},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::extract::Request;
use fabrik_domain::{ports::Clock, secret::ExposeSecret};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};
use tower::util::MapRequestLayer;

use crate::{
    connection::{Connection, CuttableListener},
    control,
    documents::Documents,
    environment,
    error::SandboxError,
    fault::Rule,
    figure::Latencies,
    options::Options,
    platform::{Core, Start},
    seal::{Seal, random},
    vendors::{self, Vendors},
    wall_clock::WallClock,
};

/// Says where the sandbox of a data directory answers: `{"control", "pid"}`, and no secret.
pub const ENDPOINT_FILE: &str = "endpoint.json";

/// How often it is written down how much of the limits is used, while that changes. A write with every call
/// would double what a read costs; a kill forgets what was counted since.
const KEPT_EVERY: Duration = Duration::from_secs(1);

/// A sandbox that serves.
pub struct Sandbox {
    core: Core,
    data: PathBuf,
    ready: Value,
    server: JoinHandle<std::io::Result<()>>,
    unused: Option<Duration>,
    /// Held for as long as this serves its data directory.
    _lock: File,
}

/// Starts a sandbox and returns once it answers. Prints nothing.
pub async fn serve(options: Options) -> Result<Sandbox, SandboxError> {
    let data = options.data.clone();
    let lock = lock(&data)?;
    let seal = Seal::open(&data.join("sandbox.key"))?;
    let clock: Arc<dyn Clock> = Arc::new(WallClock::new());
    let documents = Documents::open(&data.join("sandbox.db"), seal, clock.clone())?;
    let listener = listen(&options, &documents).await?;
    let address = listener
        .local_addr()
        .map_err(SandboxError::io("reading the port"))?;
    documents.put("setup", "port", &address.port())?;
    let seed = seed(&options, &documents)?;
    let core = Core::new(Start {
        clock,
        seed,
        chance: seed,
        documents,
        data: Some(data.clone()),
        base: format!("http://{address}"),
        latencies: Latencies::load(&options.latency)?,
        limits: true,
    });
    core.restore_windows();
    keep_windows(&core);
    let vendors = Vendors::open(&core)?;
    if let Some(path) = &options.faults {
        core.faults().set(read_faults(path)?)?;
    }
    let router = control::routes().merge(vendors::routes());
    let router = router.layer(MapRequestLayer::new(move |mut request: Request| {
        vendors.accompany(request.extensions_mut());
        request
    }));
    let service = router.into_make_service_with_connect_info::<Connection>();
    let stopping = core.stopping().clone();
    let server = axum::serve(CuttableListener(listener), service)
        .with_graceful_shutdown(async move { stopping.cancelled().await });
    let server = tokio::spawn(server.into_future());
    let control = format!("{}/_sandbox", core.base_url());
    write_endpoint(&data, &control, options.until_unused)?;
    let ready = json!({
        "ready": true,
        "control": control,
        "environment": environment::of(&core),
    });
    Ok(Sandbox {
        core,
        data,
        ready,
        server,
        unused: options.until_unused,
        _lock: lock,
    })
}

impl Sandbox {
    /// `{"ready": true, "control": …, "environment": {…}}`, for standard output. It holds the
    /// made-up tokens.
    pub fn ready(&self) -> &Value {
        &self.ready
    }

    /// The control endpoint's URL.
    pub fn control(&self) -> String {
        format!("{}/_sandbox", self.core.base_url())
    }

    /// Serves until `stop` comes, the last client has left (where so asked), or the server fails;
    /// then waits for changes under way and closes.
    pub async fn run(mut self, stop: impl Future<Output = ()>) -> Result<(), SandboxError> {
        let holds = self.core.holds().clone();
        let unused = async {
            match self.unused {
                Some(linger) => holds.unused_for(linger).await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            () = stop => None,
            () = unused => None,
            () = self.core.stopping().cancelled() => None,
            ended = &mut self.server => Some(ended),
        };
        self.core.stopping().cancel();
        self.core.tasks().close();
        self.core.tasks().wait().await;
        warn_unkept(self.core.keep_windows());
        // A client that holds a connection open does not keep a stopped sandbox alive.
        self.server.abort();
        let _ = fs::remove_file(self.data.join(ENDPOINT_FILE));
        match ended {
            Some(Ok(Err(source))) => Err(SandboxError::Io {
                what: "serving".to_owned(),
                source,
            }),
            _ => Ok(()),
        }
    }
}

/// Writes down how much of the limits is used until the sandbox stops.
fn keep_windows(core: &Core) {
    let core = core.clone();
    core.tasks().clone().spawn(async move {
        let stopping = core.stopping().clone();
        while !stopping.is_cancelled() {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = core.sleep(KEPT_EVERY) => {}
            }
            warn_unkept(core.keep_windows());
        }
    });
}

/// A vendor that forgets what was called is no reason to stop.
fn warn_unkept(kept: Result<(), SandboxError>) {
    if let Err(error) = kept {
        tracing::warn!(%error, "how much of the limits is used can't be written down");
    }
}

fn lock(data: &Path) -> Result<File, SandboxError> {
    fs::create_dir_all(data).map_err(SandboxError::io(format!("making {}", data.display())))?;
    let path = data.join("sandbox.lock");
    let file =
        File::create(&path).map_err(SandboxError::io(format!("making {}", path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(SandboxError::InUse(data.to_owned())),
        Err(TryLockError::Error(source)) => Err(SandboxError::Io {
            what: format!("locking {}", path.display()),
            source,
        }),
    }
}

/// The port asked for; or last time's, because customers' records hold URLs with it; or any.
async fn listen(options: &Options, documents: &Documents) -> Result<TcpListener, SandboxError> {
    let bind = |port| TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    if options.port == 0
        && let Some(last) = documents.get::<u16>("setup", "port")?
        && let Ok(listener) = bind(last).await
    {
        return Ok(listener);
    }
    let what = format!("listening on 127.0.0.1:{}", options.port);
    bind(options.port).await.map_err(SandboxError::io(what))
}

/// The seed is sealed on disk: the made-up tokens follow from it.
fn seed(options: &Options, documents: &Documents) -> Result<u64, SandboxError> {
    let kept = documents.get::<String>("setup", "seed")?;
    if let (None, Some(sealed)) = (options.seed, &kept) {
        let seed = documents.unseal(sealed)?;
        return seed
            .expose_secret()
            .parse()
            .map_err(|_| SandboxError::Sealed);
    }
    let seed = if let Some(seed) = options.seed {
        seed
    } else {
        let mut bytes = [0; 8];
        random(&mut bytes)?;
        u64::from_le_bytes(bytes)
    };
    documents.put("setup", "seed", &documents.seal(&seed.to_string().into())?)?;
    Ok(seed)
}

fn read_faults(path: &Path) -> Result<Vec<Rule>, SandboxError> {
    let text = fs::read_to_string(path).map_err(SandboxError::unreadable(path))?;
    serde_json::from_str(&text)
        .map_err(|error| SandboxError::Invalid(format!("{}: {error}", path.display())))
}

/// Whether the sandbox that serves `data` ends by itself, a while after its last client has left.
pub fn ends_unused(data: &Path) -> bool {
    let told = fs::read_to_string(data.join(ENDPOINT_FILE)).unwrap_or_default();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap_or_default();
    told["until_unused"].is_u64()
}

/// Written beside and moved into place: a reader sees a whole file or none.
fn write_endpoint(
    data: &Path,
    control: &str,
    until_unused: Option<Duration>,
) -> Result<(), SandboxError> {
    let mut endpoint = json!({ "control": control, "pid": std::process::id() });
    if let Some(linger) = until_unused {
        endpoint["until_unused"] = json!(linger.as_secs());
    }
    let draft = data.join("endpoint.json.new");
    fs::write(&draft, endpoint.to_string())
        .and_then(|()| fs::rename(&draft, data.join(ENDPOINT_FILE)))
        .map_err(SandboxError::io("writing endpoint.json"))
}
