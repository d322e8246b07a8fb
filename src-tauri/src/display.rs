//! What there is to show a window with. Without a display Tauri panics; somebody who started the app in a terminal is
//! told in plain words instead. Without a graphics card the page is painted without one, and it is told to be sparing
//! with memory.

#[cfg(target_os = "linux")]
use std::{ffi::OsStr, path::Path};
use std::{
    io::Write,
    process::{Command, ExitCode},
};

use fabrik_app::{Environment, Language};

/// Refused before anything was made, as the command line says it.
const REFUSED: u8 = 3;

/// Paints the page with the processor, and composes it so: a card is emulated for neither. Source: WebKit's list of
/// environment variables; there is no setting for the first, and wry's window begins before one for the other.
#[cfg(target_os = "linux")]
const WITHOUT_CARD: [(&str, &str); 2] = [
    ("WEBKIT_SKIA_ENABLE_CPU_RENDERING", "1"),
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
];

/// How many bytes of memory the page's scripts are to take the machine for having, which says when they are rid of what
/// nobody uses any more. With 16 GB and more they let it grow to four times of what is used, and further while much is
/// thrown away, as it is where a list is scrolled. Source: `JavaScriptCore`'s list of options (`OptionsList.h`), each of
/// which is a variable; one that a version doesn't have is passed over.
#[cfg(target_os = "linux")]
const MEMORY_OF_SCRIPTS: (&str, &str) = ("JSC_forceRAMSize", "67108864");

/// Looks for the display; where there is none, says so and how the program ends.
///
/// To be called before there is any other thread: on Linux it settles the environment that the page starts with.
#[cfg(target_os = "linux")]
pub(crate) fn look(environment: &Environment) -> Result<(), ExitCode> {
    for (name, value) in variables(Path::new("/dev")) {
        // Whoever has said how is heard. It fails where memory is out: then the page starts as it would have.
        let _ = gtk::glib::setenv(name, value, false);
    }
    gtk::init().map_err(|_| refuse(environment))
}

/// Elsewhere whoever is logged in has one.
#[cfg(not(target_os = "linux"))]
pub(crate) fn look(_: &Environment) -> Result<(), ExitCode> {
    Ok(())
}

/// What the page starts with.
#[cfg(target_os = "linux")]
fn variables(devices: &Path) -> Vec<(&'static str, &'static str)> {
    let mut variables = vec![MEMORY_OF_SCRIPTS];
    // A card that is emulated paints later, and takes a hundred and fifty megabytes more.
    if !has_graphics_card(devices) {
        variables.extend(WITHOUT_CARD);
    }
    variables
}

/// Keeps from another program what is said to this page alone: the system's browser may be made of WebKit too, and has
/// other pages to show.
#[cfg(target_os = "linux")]
pub(crate) fn keep_from(program: &mut Command) {
    for (name, _) in WITHOUT_CARD.iter().chain([&MEMORY_OF_SCRIPTS]) {
        program.env_remove(name);
    }
}

/// Elsewhere nothing is said.
#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_from(_: &mut Command) {}

/// Whether the kernel shows one: its own drivers', or that of NVIDIA's, which may have no node among those.
#[cfg(target_os = "linux")]
fn has_graphics_card(devices: &Path) -> bool {
    let is_card = |name: &OsStr| name.as_encoded_bytes().starts_with(b"renderD");
    let cards = std::fs::read_dir(devices.join("dri"));
    cards.is_ok_and(|all| all.flatten().any(|one| is_card(&one.file_name())))
        || devices.join("nvidiactl").exists()
}

#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "only Linux can be without")
)]
fn refuse(environment: &Environment) -> ExitCode {
    // Where stderr can't be written either, nobody is left to tell.
    let _ = writeln!(std::io::stderr(), "fabrik-desktop: {}", words(environment));
    ExitCode::from(REFUSED)
}

/// What is wrong and what to do, with what the variables say.
fn words(environment: &Environment) -> String {
    let named: Vec<String> = ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .filter_map(|name| Some(format!("{name}={}", environment.get(name)?)))
        .collect();
    let named = named.join(", ");
    match (environment.language(), named.is_empty()) {
        (Language::Sv, true) => "fönstret kan inte öppnas: det finns ingen skärm här (varken DISPLAY eller \
             WAYLAND_DISPLAY är satt).\n\
             Starta appen från skrivbordet. Utan skrivbord gör kommandot fabrik samma sak: fabrik --help"
            .to_owned(),
        (Language::Sv, false) => format!(
            "fönstret kan inte öppnas: ingen skärm svarar där variablerna pekar ({named}).\n\
             Starta appen från skrivbordet, eller rätta variabeln. Utan skrivbord gör kommandot fabrik samma sak: \
             fabrik --help"
        ),
        (Language::En, true) => "the window can't be opened: there is no display here (neither DISPLAY nor \
             WAYLAND_DISPLAY is set).\n\
             Start the app from the desktop. Without a desktop the command fabrik does the same: fabrik --help"
            .to_owned(),
        (Language::En, false) => format!(
            "the window can't be opened: no display answers where the variables point ({named}).\n\
             Start the app from the desktop, or mend the variable. Without a desktop the command fabrik does the same: \
             fabrik --help"
        ),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn said(variables: &[(&str, &str)]) -> String {
        let owned = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        words(&Environment::of(owned, false))
    }

    #[test]
    fn who_has_no_display_hears_which_variable_it_is() {
        let wrong = said(&[("FABRIK_LANG", "sv"), ("DISPLAY", ":77")]);
        assert!(
            wrong.contains("DISPLAY=:77") && wrong.contains("fönstret"),
            "{wrong}"
        );
        let none = said(&[("FABRIK_LANG", "en")]);
        assert!(none.contains("neither DISPLAY nor"), "{none}");
        for text in [wrong, none] {
            assert!(text.contains("fabrik --help"), "the next step: {text}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_graphics_card_is_known_by_its_driver() {
        let devices = tempfile::tempdir().unwrap();
        assert!(!has_graphics_card(devices.path()));
        let folder = devices.path().join("dri");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("card0"), "").unwrap();
        assert!(
            !has_graphics_card(devices.path()),
            "a screen without a card has one too"
        );
        std::fs::write(folder.join("renderD128"), "").unwrap();
        assert!(has_graphics_card(devices.path()));

        let devices = tempfile::tempdir().unwrap();
        std::fs::write(devices.path().join("nvidiactl"), "").unwrap();
        assert!(has_graphics_card(devices.path()));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_page_is_sparing_with_memory_and_paints_with_what_there_is() {
        let devices = tempfile::tempdir().unwrap();
        assert_eq!(
            variables(devices.path()),
            [MEMORY_OF_SCRIPTS, WITHOUT_CARD[0], WITHOUT_CARD[1]]
        );
        std::fs::write(devices.path().join("nvidiactl"), "").unwrap();
        assert_eq!(variables(devices.path()), [MEMORY_OF_SCRIPTS]);
    }
}
