//! Whether there is a display to open a window on. Without one Tauri panics; somebody who started the app in a
//! terminal is told in plain words instead.

use std::{io::Write, process::ExitCode};

use fabrik_app::{Environment, Language};

/// Refused before anything was made, as the command line says it.
const REFUSED: u8 = 3;

/// Looks for the display; where there is none, says so and how the program ends.
#[cfg(target_os = "linux")]
pub(crate) fn look(environment: &Environment) -> Result<(), ExitCode> {
    gtk::init().map_err(|_| refuse(environment))
}

/// Elsewhere whoever is logged in has one.
#[cfg(not(target_os = "linux"))]
pub(crate) fn look(_: &Environment) -> Result<(), ExitCode> {
    Ok(())
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
}
