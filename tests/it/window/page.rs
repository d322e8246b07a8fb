//! The page in the window, as its reader uses it: what is to be read, pressed, typed.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use fantoccini::{
    Client, Locator,
    elements::Element,
    error::{CmdError, ErrorStatus},
};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// How long anything on the page may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often the page is looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(25);

/// What can be scrolled sideways: its element and its widths.
const SIDEWAYS: &str = "return [...document.querySelectorAll('*')]
    .filter((one) => one.scrollWidth > one.clientWidth && ['auto', 'scroll'].includes(getComputedStyle(one).overflowX))
    .map((one) => [one.outerHTML.slice(0, 200), one.scrollWidth, one.clientWidth])";

/// Where pictures of the window are kept, to be looked at.
pub(crate) fn screenshots() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots")
}

/// The page in the window.
#[derive(Clone)]
pub(crate) struct Page(Client);

/// A button of this name: the words on it, without its key.
pub(crate) fn button(name: &str) -> String {
    format!(
        "//button[@aria-label='{name}' or text()[normalize-space()='{name}'] or *[normalize-space()='{name}']]"
    )
}

/// A link with these words.
pub(crate) fn link(name: &str) -> String {
    format!("//a[descendant-or-self::*/text()[normalize-space()='{name}']]")
}

/// The control with this label.
pub(crate) fn field(label: &str) -> String {
    format!("//*[@id=//label[normalize-space()='{label}']/@for]")
}

/// Anything that says just this.
pub(crate) fn words(words: &str) -> String {
    format!("//*[text()[normalize-space()='{words}']]")
}

/// The choice of this name in the list that is open.
pub(crate) fn choice(name: &str) -> String {
    format!("//*[@role='option'][normalize-space()='{name}']")
}

impl Page {
    pub(crate) fn new(client: Client) -> Self {
        Self(client)
    }

    /// Waits until something is on the page and shown.
    pub(crate) async fn see(&self, xpath: &str) -> Element {
        self.retry(xpath, async |element| Ok(Some(element))).await
    }

    /// Waits until something is there, and presses it.
    pub(crate) async fn press(&self, xpath: &str) {
        self.retry(xpath, async |element| {
            if !element.is_enabled().await? {
                return Ok(None);
            }
            element.click().await.map(Some)
        })
        .await;
    }

    /// Waits until something is there, and presses it where that ends the app: the answer may never come.
    pub(crate) async fn press_last(&self, xpath: &str) {
        self.retry(xpath, async |element| {
            if !element.is_enabled().await? {
                return Ok(None);
            }
            match element.click().await {
                Err(error) if passes(&error) => Err(error),
                _ => Ok(Some(())),
            }
        })
        .await;
    }

    /// Presses something, where it is there and can be pressed now.
    pub(crate) async fn press_if_there(&self, xpath: &str) {
        let found = self.first_shown(xpath).await;
        let pressed = match found {
            Ok(Some(element)) => element.click().await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = pressed {
            assert!(passes(&error), "{xpath}: {error}");
        }
        sleep(GLANCE).await;
    }

    /// Waits until a field is there, and types into it.
    pub(crate) async fn write(&self, xpath: &str, text: &str) {
        self.see(xpath).await.send_keys(text).await.unwrap();
    }

    /// Runs a script's body in the page.
    pub(crate) async fn run(&self, script: &str) -> Value {
        self.0.execute(script, Vec::new()).await.unwrap()
    }

    /// Runs an asynchronous script's body in the page, and gives what it returns.
    pub(crate) async fn run_async(&self, script: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1];
             (async () => {{ {script} }})().then(done, (error) => done({{ failed: String(error) }}));"
        );
        self.0.execute_async(&script, Vec::new()).await.unwrap()
    }

    /// Waits until what a script's body returns is as wanted.
    pub(crate) async fn until(
        &self,
        what: &str,
        script: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Value {
        let begun = Instant::now();
        loop {
            let value = self.run(script).await;
            if wanted(&value) {
                return value;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "waited {PATIENCE:?} for {what}; it is {value}"
            );
            sleep(GLANCE).await;
        }
    }

    /// Closes the window, and with it the app.
    pub(crate) async fn close(self) {
        self.0.close().await.unwrap();
    }

    /// Where the window is.
    pub(crate) async fn address(&self) -> String {
        self.0.current_url().await.unwrap().to_string()
    }

    /// How many windows there are.
    pub(crate) async fn windows(&self) -> usize {
        self.0.windows().await.unwrap().len()
    }

    /// Everything that the page holds: markup, what stands in fields, what it has stored.
    pub(crate) async fn everything(&self) -> String {
        self.run(
            "const fields = [...document.querySelectorAll('input, textarea')].map((field) => field.value);
             return JSON.stringify([document.documentElement.outerHTML, fields, {...localStorage}, {...sessionStorage}]);",
        )
        .await
        .to_string()
    }

    /// Takes a picture of the window, as `NAME.png`, and sees to it that nothing sticks out of it.
    pub(crate) async fn picture(&self, name: &str) {
        // What is on the screen is the frame before: two of them must come, after the fonts and the ends
        // of what moves, except for what turns for as long as it is there.
        self.run_async(
            "await document.fonts.ready;
             const moves = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations < Infinity);
             await Promise.allSettled(moves.map((one) => one.finished));
             await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));",
        )
        .await;
        let image = self.0.screenshot().await.unwrap();
        std::fs::write(screenshots().join(format!("{name}.png")), image).unwrap();
        let sideways = self.run(SIDEWAYS).await;
        assert_eq!(
            sideways,
            Value::Array(Vec::new()),
            "{name}: it scrolls sideways"
        );
    }

    /// Leaves what there is to see for whoever looks into a failed test.
    pub(crate) async fn show_failure(&self, name: &str) {
        let text = self
            .0
            .execute(
                "return location.href + '\\n' + document.body.innerText",
                Vec::new(),
            )
            .await;
        eprintln_page(&text);
        if let Ok(image) = self.0.screenshot().await {
            let _ = std::fs::write(screenshots().join(format!("{name}-failed.png")), image);
        }
    }

    async fn first_shown(&self, xpath: &str) -> Result<Option<Element>, CmdError> {
        for element in self.0.find_all(Locator::XPath(xpath)).await? {
            if element.is_displayed().await? {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }

    /// Finds, and tries until it comes off: what React draws anew between the two is found again.
    async fn retry<T>(
        &self,
        xpath: &str,
        attempt: impl AsyncFn(Element) -> Result<Option<T>, CmdError>,
    ) -> T {
        let begun = Instant::now();
        loop {
            let done = match self.first_shown(xpath).await {
                Ok(Some(element)) => attempt(element).await,
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            let last = match done {
                Ok(Some(done)) => return done,
                Ok(None) => "not yet".to_owned(),
                Err(error) if passes(&error) => error.to_string(),
                Err(error) => panic!("{xpath}: {error}"),
            };
            assert!(
                begun.elapsed() < PATIENCE,
                "waited {PATIENCE:?} for {xpath}: {last}"
            );
            sleep(GLANCE).await;
        }
    }
}

/// It may be otherwise in a moment.
fn passes(error: &CmdError) -> bool {
    matches!(error, CmdError::Standard(error) if matches!(
        error.error,
        ErrorStatus::NoSuchElement
            | ErrorStatus::StaleElementReference
            | ErrorStatus::ElementNotInteractable
            | ErrorStatus::ElementClickIntercepted
    ))
}

#[expect(clippy::print_stderr, reason = "for whoever looks into a failed test")]
fn eprintln_page(text: &Result<Value, CmdError>) {
    match text {
        Ok(text) => eprintln!("the window showed: {}", text.as_str().unwrap_or_default()),
        Err(error) => eprintln!("the window does not answer: {error}"),
    }
}
