//! The app where no display answers: in a terminal without a desktop, over a network, in a container.

use std::process::{Command, Output};

use crate::world::desktop_program;

/// Nobody's.
const WRONG: &str = ":4711";

fn start(language: &str, display: Option<&str>) -> Output {
    let empty = tempfile::tempdir().unwrap();
    let mut app = Command::new(desktop_program());
    app.env("FABRIK_LANG", language)
        .env("FABRIK_DATA_DIR", empty.path().join("data"))
        // A desktop's display is also found without a variable, by its socket there.
        .env("XDG_RUNTIME_DIR", empty.path())
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DISPLAY")
        .env_remove("GDK_BACKEND");
    if let Some(display) = display {
        app.env("DISPLAY", display);
    }
    let ended = app.output().unwrap();
    assert!(
        !empty.path().join("data").exists(),
        "nothing is made where nothing can be shown"
    );
    ended
}

#[test]
fn the_app_says_what_is_wrong_and_what_to_do() {
    let cases = [
        ("sv", None, "det finns ingen skärm här"),
        (
            "sv",
            Some(WRONG),
            "ingen skärm svarar där variablerna pekar (DISPLAY=:4711)",
        ),
        ("en", None, "there is no display here"),
        (
            "en",
            Some(WRONG),
            "no display answers where the variables point (DISPLAY=:4711)",
        ),
    ];
    for (language, display, wrong) in cases {
        let ended = start(language, display);
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(
            ended.status.code(),
            Some(3),
            "{language} {display:?}: {said}"
        );
        assert!(said.contains(wrong), "{said}");
        assert!(said.contains("fabrik --help"), "the next step: {said}");
        assert!(
            !said.contains("panicked") && !said.contains(".rs:"),
            "in plain words: {said}"
        );
    }
}
