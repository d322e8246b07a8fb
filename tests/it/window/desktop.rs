//! The desktop app as it is installed: its variables, its data, its browser.

use std::{
    ffi::OsString,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use tokio::time::{Instant, sleep, timeout};

use super::{driver::Driver, page::Page};
use crate::world::{AS_ANYBODY, Cloud, desktop_program, program::program};

/// What the variables of tokens begin with.
const SECRET: &str = "FABRIK_SECRET_";

/// As with a graphics card. The page is drawn without, too, where the machine has none; but then the driver's photographs
/// of it never end.
const COMPOSED: (&str, &str) = ("WEBKIT_DISABLE_COMPOSITING_MODE", "0");

/// How long the app may take to end when its window is closed.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked for meanwhile.
const GLANCE: Duration = Duration::from_millis(10);

/// The app on a data directory of its own, for somebody who reads Swedish.
pub(crate) struct Desktop {
    folder: tempfile::TempDir,
    program: PathBuf,
    variables: Vec<(OsString, OsString)>,
}

impl Desktop {
    /// Just installed: it begins in the sandbox, which it starts itself.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut desktop = Self {
            folder,
            program: desktop_program(),
            variables: Vec::new(),
        };
        desktop.set("FABRIK_LANG", "sv");
        desktop.set("FABRIK_DATA_DIR", desktop.data());
        desktop.set("FABRIK_SANDBOX_LATENCY", "none");
        desktop.set("PATH", desktop.path_with_browser());
        desktop.set(COMPOSED.0, COMPOSED.1);
        desktop
    }

    /// Another build of the app, that of a release, which is not photographed.
    #[allow(dead_code, reason = "for the figures")]
    pub(crate) fn of(mut self, program: PathBuf) -> Self {
        self.program = program;
        self.variables.retain(|(name, _)| name != COMPOSED.0);
        self
    }

    /// In a workspace with accounts of its own, which are at `cloud`. Their tokens it is not told.
    pub(crate) fn at(cloud: &Cloud) -> Self {
        let mut desktop = Self::new();
        desktop.set("FABRIK_WORKSPACE", "test");
        let settings = cloud
            .environment()
            .filter(|(name, _)| !name.starts_with(SECRET));
        for (name, value) in settings {
            desktop.set(name, value);
        }
        desktop
    }

    /// As nearly everybody has it: nobody names its data directory, it lies where the platform has its place for data.
    /// Then there is one window.
    pub(crate) fn on_no_named_data(mut self) -> Self {
        self.variables.retain(|(name, _)| name != "FABRIK_DATA_DIR");
        // Nor whoever runs the tests.
        self.set("FABRIK_DATA_DIR", "");
        self.set("XDG_DATA_HOME", self.data());
        self
    }

    /// Started as somebody who is bound by the rights of files.
    pub(crate) fn bound_by_rights(mut self) -> Self {
        let starter = self.folder.path().join("bin/fabrik-desktop");
        let program = self.program.display();
        let script = format!("#!/bin/bash\nexec bash -c '{AS_ANYBODY}' '{program}' \"$@\"\n");
        fs::write(&starter, script).unwrap();
        fs::set_permissions(&starter, fs::Permissions::from_mode(0o755)).unwrap();
        self.program = starter;
        self
    }

    /// Sets a variable for the app.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.variables.push((name.into(), value.into()));
    }

    /// Puts it into a folder of its own, with the command line beside it, as an installer does: there it can be
    /// replaced. Gives the program.
    pub(crate) fn install(&mut self) -> PathBuf {
        let folder = self.folder.path().join("installed");
        fs::create_dir(&folder).unwrap();
        for name in ["fabrik-desktop", "fabrik"] {
            let built = self.program.with_file_name(name);
            let installed = folder.join(name);
            // A link takes no room; what replaces it leaves what was built alone.
            fs::hard_link(&built, &installed)
                .or_else(|_| fs::copy(&built, &installed).map(|_| ()))
                .unwrap();
        }
        self.program = folder.join("fabrik-desktop");
        self.program.clone()
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The command line on the same data, as another process. What it knows of `cloud`'s tokens it has from its variables.
    pub(crate) fn command_line(&self, cloud: &Cloud) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(program());
        command
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .envs(cloud.environment())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// The addresses that the app has opened in the system's browser, one a line.
    pub(crate) fn opened(&self) -> String {
        fs::read_to_string(self.folder.path().join("opened")).unwrap_or_default()
    }

    /// `PATH` with a browser before all others that only writes down what it is to open.
    fn path_with_browser(&self) -> OsString {
        let programs = self.folder.path().join("bin");
        fs::create_dir(&programs).unwrap();
        let browser = programs.join("xdg-open");
        let opened = self.folder.path().join("opened");
        fs::write(
            &browser,
            format!("#!/bin/sh\necho \"$1\" >>'{}'\n", opened.display()),
        )
        .unwrap();
        fs::set_permissions(&browser, fs::Permissions::from_mode(0o755)).unwrap();
        #[expect(
            clippy::disallowed_methods,
            reason = "the path of this process, to be added to"
        )]
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::join_paths([programs].into_iter().chain(std::env::split_paths(&path))).unwrap()
    }

    /// Opens the window, for a test in which something else than closing it ends the app.
    pub(crate) async fn open(&self, name: &str) -> (Driver, Page) {
        let driver = Driver::start(&self.variables, name).await;
        let page = Page::new(driver.open(&self.program).await);
        (driver, page)
    }

    /// Opens the window, runs `body` with its page, and closes it, also where `body` fails: then with a
    /// picture of it, and what was to be read.
    pub(crate) async fn window<T, F>(&self, name: &str, body: impl FnOnce(Page) -> F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (done, page, driver) = self.visit(name, body).await;
        let apps = self.apps().len();
        page.close().await;
        self.one_fewer_than(apps).await;
        drop(driver);
        done
    }

    /// The same, but the app is killed at the end, as by a power cut: it closes nothing and says nothing.
    pub(crate) async fn window_that_is_killed<T, F>(
        &self,
        name: &str,
        body: impl FnOnce(Page) -> F,
    ) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (done, _page, _driver) = self.visit(name, body).await;
        self.kill();
        done
    }

    async fn visit<T, F>(&self, name: &str, body: impl FnOnce(Page) -> F) -> (T, Page, Driver)
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (driver, page) = self.open(name).await;
        match tokio::spawn(body(page.clone())).await {
            Ok(done) => (done, page, driver),
            Err(failed) => {
                page.show_failure(name).await;
                page.close().await;
                std::panic::resume_unwind(failed.into_panic())
            }
        }
    }

    /// Starts it once more, without a driver, and waits until that one has ended.
    pub(crate) async fn start_again(&self) -> Output {
        let mut again = tokio::process::Command::new(&self.program);
        again
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .kill_on_drop(true);
        timeout(PATIENCE, again.output())
            .await
            .expect("a second one ends by itself")
            .unwrap()
    }

    /// How many apps are at work on this data.
    pub(crate) fn at_work(&self) -> usize {
        self.apps().len()
    }

    /// Waits until the app has ended.
    pub(crate) async fn ended(&self) {
        let apps = self.apps().len();
        self.one_fewer_than(apps).await;
        let left = self.apps();
        assert!(left.is_empty(), "{left:?} live on");
    }

    /// Waits until one of so many apps has ended. The driver ends it after its answer, and not at all where it is ended
    /// itself before that.
    async fn one_fewer_than(&self, apps: usize) {
        let begun = Instant::now();
        while apps > 0 && self.apps().len() >= apps {
            assert!(begun.elapsed() < PATIENCE, "the app outlives its window");
            sleep(GLANCE).await;
        }
    }

    /// `SIGKILL` to the app that is at work on this data directory, and to no other.
    fn kill(&self) {
        let apps = self.apps();
        let [app] = apps.as_slice() else {
            panic!("one app is at work, not {apps:?}");
        };
        let killed = Command::new("kill")
            .arg("-KILL")
            .arg(app.file_name().unwrap())
            .status()
            .unwrap();
        assert!(killed.success(), "{} is killed", app.display());
    }

    /// The apps that are at work on this data directory, by their folders in `/proc`.
    fn apps(&self) -> Vec<PathBuf> {
        let program = fs::canonicalize(&self.program).unwrap();
        // The variable that says where its data lies.
        let data = self.data();
        let (name, _) = self
            .variables
            .iter()
            .find(|(_, value)| *value == data)
            .unwrap();
        let variable = format!("{}={}", name.to_str().unwrap(), data.display());
        let is_ours = |process: &Path| {
            fs::read_link(process.join("exe")).is_ok_and(|exe| exe == program)
                && fs::read(process.join("environ")).is_ok_and(|variables| {
                    let mut variables = variables.split(|byte| *byte == 0);
                    variables.any(|one| one == variable.as_bytes())
                })
        };
        let processes = fs::read_dir("/proc").unwrap();
        let processes = processes.filter_map(|entry| Some(entry.ok()?.path()));
        processes.filter(|process| is_ours(process)).collect()
    }
}
