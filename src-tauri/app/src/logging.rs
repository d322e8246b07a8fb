//! The log: to files in the data directory, rotated daily, seven kept; for the command line to stderr too
//! where `RUST_LOG` asks for it. Bodies, tokens and queries never get into it: `clouds` logs none.

use std::{io::IsTerminal, path::Path};

use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::{EnvFilter, Layer, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging for this process. A second call, or a directory that can't be written, changes nothing:
/// a log is never a reason not to work.
pub fn start(logs: &Path, filter: Option<&str>) {
    let files = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("fabrik")
        .filename_suffix("log")
        .max_log_files(7);
    // The appender complains on stderr about a directory that is not there.
    let file = std::fs::create_dir_all(logs)
        .ok()
        .and_then(|()| files.build(logs).ok())
        .map(|appender| {
            fmt::layer()
                .with_ansi(false)
                .with_writer(appender)
                .with_filter(EnvFilter::new(
                    "warn,fabrik=info,fabrik_clouds=info,fabrik_engine=info,fabrik_app=info",
                ))
        });
    let terminal = filter.map(|filter| {
        fmt::layer()
            .with_ansi(std::io::stderr().is_terminal())
            .with_writer(std::io::stderr)
            .with_filter(EnvFilter::new(filter))
    });
    let _ = tracing_subscriber::registry()
        .with(file)
        .with(terminal)
        .try_init();
}
