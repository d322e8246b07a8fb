//! The sandbox as a process of its own: found where one runs on this data directory already, else started;
//! held for as long as this process lives; left to end by itself afterwards, so that killing the app does
//! not kill the cloud.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use fabrik_domain::{Cause, Problem};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use crate::environment::Environment;

/// The file in which a running sandbox says where it answers.
const ENDPOINT: &str = "endpoint.json";

/// How long a sandbox may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A log of so many bytes is set aside.
const FULL: u64 = 1024 * 1024;

/// A running sandbox that this process holds.
pub(crate) struct SandboxProcess {
    environment: Environment,
    /// Open for as long as this process uses the sandbox; the system closes it when the process ends.
    _hold: TcpStream,
}

impl SandboxProcess {
    /// Joins the sandbox on `state`, or starts one with the command line `program`; its log goes to `log`. It gets
    /// this process's variables without the tokens in `environment`.
    ///
    /// # Errors
    /// `sandbox_failed`, with what is known of why.
    pub(crate) async fn join(
        program: &Path,
        state: &Path,
        log: &Path,
        latency: &str,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        let joined = Self::join_or_start(program, state, log, latency, environment);
        tokio::time::timeout(PATIENCE, joined)
            .await
            .map_err(|_| failed("no answer in time"))?
    }

    /// The variables that point a workspace at it, made-up tokens among them.
    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    async fn join_or_start(
        program: &Path,
        state: &Path,
        log: &Path,
        latency: &str,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        loop {
            if let Some(control) = endpoint(state)
                && let Ok(joined) = Self::hold(control).await
            {
                return Ok(joined);
            }
            // Another process may start one at the same moment: one of both gets the lock, and the other
            // finds its endpoint in the next round.
            start(program, state, log, latency, environment).await?;
        }
    }

    async fn hold(control: String) -> Result<Self, Problem> {
        let hold = request(&control, "hold").await?;
        let mut stream = request(&control, "environment").await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.map_err(failed)?;
        let text = String::from_utf8(answer).map_err(failed)?;
        let (head, body) = text
            .split_once("\r\n\r\n")
            .ok_or_else(|| failed("no body"))?;
        if !head.starts_with("HTTP/1.1 200") && !head.starts_with("HTTP/1.0 200") {
            return Err(failed(head.lines().next().unwrap_or_default()));
        }
        let variables: std::collections::BTreeMap<String, String> =
            serde_json::from_str(body).map_err(failed)?;
        Ok(Self {
            environment: Environment::of(variables, true),
            _hold: hold,
        })
    }
}

fn endpoint(state: &Path) -> Option<String> {
    told(state)?["control"].as_str().map(ToOwned::to_owned)
}

/// How many seconds after its last client has left the sandbox on `state` ends; none where it goes on until stopped.
pub(crate) fn ends_after(state: &Path) -> Option<u64> {
    told(state)?["until_unused"].as_u64()
}

fn told(state: &Path) -> Option<Value> {
    let text = fs::read_to_string(state.join(ENDPOINT)).ok()?;
    serde_json::from_str(&text).ok()
}

/// A GET by hand: the connection itself is what is wanted of the hold, and HTTP clients are `clouds`' alone.
async fn request(control: &str, path: &str) -> Result<TcpStream, Problem> {
    let (host, base) = control
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(|| failed("its endpoint is no URL"))?;
    let mut stream = TcpStream::connect(host).await.map_err(failed)?;
    let request = format!("GET /{base}/{path} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.map_err(failed)?;
    Ok(stream)
}

async fn start(
    program: &Path,
    state: &Path,
    log: &Path,
    latency: &str,
    environment: &Environment,
) -> Result<(), Problem> {
    let log = log_at(log).map_err(failed)?;
    // It outlives this process, and has tokens of its own.
    let mut command = environment.command(program);
    command
        .args([
            "sandbox",
            "serve",
            "--until-unused",
            "--latency",
            latency,
            "--data",
        ])
        .arg(state)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log);
    // Out of this process's group: Ctrl-C in the terminal is for the command line, not for the cloud.
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command
        .spawn()
        .map_err(|error| failed(format!("{}: {error}", program.display())))?;
    let stdout = child.stdout.take().ok_or_else(|| failed("no output"))?;
    let mut lines = BufReader::new(stdout).lines();
    // Its one line says that it is ready; its end without one, that another holds the directory or that it
    // failed, which the next round tells apart.
    let ready = lines.next_line().await.map_err(failed)?;
    if ready.is_none() {
        let status = child.wait().await.map_err(failed)?;
        if endpoint(state).is_none() {
            return Err(failed(format!("it ended with {status}; see its log")));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

/// The log of one sandbox after another. Where those before have filled it, theirs is set aside, in the place of what
/// was aside before.
fn log_at(path: &Path) -> io::Result<File> {
    let full = fs::metadata(path).is_ok_and(|log| log.len() >= FULL);
    if full {
        // What can't be set aside is a log too long, and no reason not to start.
        let _ = fs::rename(path, path.with_extension("old.log"));
    }
    File::options().create(true).append(true).open(path)
}

fn failed(why: impl ToString) -> Problem {
    Problem::from(Cause::SandboxFailed).detail(why.to_string())
}

/// The command line's program beside the one that runs now: itself, or the sidecar of the desktop app.
pub fn command_line_program() -> Result<PathBuf, Problem> {
    let current = std::env::current_exe().map_err(failed)?;
    let name = if cfg!(windows) {
        "fabrik.exe"
    } else {
        "fabrik"
    };
    // Tests run from a folder below the one the programs are in.
    let folders = current.ancestors().skip(1).take(2);
    for folder in folders {
        let candidate = folder.join(name);
        if candidate.is_file() {
            return Ok(candidate);
        }
    }
    Err(failed(format!(
        "no program {name} beside {}",
        current.display()
    )))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_full_log_is_set_aside_in_the_place_of_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sandbox.log");
        let lines = |text: &str| log_at(&path).unwrap().write_all(text.as_bytes()).unwrap();
        lines("one\n");
        lines("two\n");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\ntwo\n");
        let full = "x".repeat(1024 * 1024);
        for turn in ["first", "second"] {
            lines(&full);
            lines(turn);
            assert_eq!(fs::read_to_string(&path).unwrap(), turn);
        }
        let aside = fs::read_to_string(folder.path().join("sandbox.old.log")).unwrap();
        assert_eq!(aside, format!("first{full}"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
