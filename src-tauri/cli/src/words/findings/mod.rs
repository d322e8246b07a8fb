//! What is wrong with a blueprint, in both languages: what, and what to do about it.

mod en;
mod sv;

use fabrik_domain::{
    finding::{Expected, Flaw, Part},
    language::Language,
};

use super::{Text, pick};

/// A flaw's text.
pub(crate) fn flaw(language: Language, flaw: &Flaw) -> Text {
    match language {
        Language::Sv => sv::flaw(flaw),
        Language::En => en::flaw(flaw),
    }
}

/// How many there are.
pub(crate) fn findings(language: Language, count: usize) -> String {
    match (language, count) {
        (Language::Sv, 1) => "1 fel".to_owned(),
        (Language::Sv, _) => format!("{count} fel"),
        (Language::En, 1) => "1 finding".to_owned(),
        (Language::En, _) => format!("{count} findings"),
    }
}

/// What to do with a new blueprint.
pub(crate) fn check_next(language: Language, name: &str) -> String {
    let words = pick(
        language,
        "Ändra i den, och se efter vad som är fel med",
        "Change it, and see what is wrong with",
    );
    format!("{words}: fabrik blueprints check {name}")
}

const fn expected(language: Language, expected: Expected) -> &'static str {
    match expected {
        Expected::Text => pick(language, "en text", "a text"),
        Expected::Count => pick(language, "ett heltal från 1", "a whole number from 1"),
        Expected::Flag => pick(language, "true eller false", "true or false"),
        Expected::List => pick(language, "en lista", "a list"),
        Expected::Texts => pick(language, "en lista med texter", "a list of texts"),
        Expected::Table => pick(language, "en tabell", "a table"),
        Expected::TextTable => pick(language, "en tabell med texter", "a table of texts"),
        Expected::Tables => pick(language, "en lista med tabeller", "a list of tables"),
        Expected::Bilingual => pick(
            language,
            "en text i sv och en i en",
            "a text in sv and one in en",
        ),
        Expected::Word => pick(
            language,
            "ett ord av a–z, 0–9 och _ som inte redan betyder något i mallar",
            "a word of a–z, 0–9 and _ that means nothing in templates yet",
        ),
        Expected::Amount => pick(language, "ett belopp som 25.00", "an amount such as 25.00"),
        Expected::Currency => pick(language, "en valuta som USD", "a currency such as USD"),
        Expected::Day => pick(
            language,
            "en dag som 2026-11-21",
            "a day such as 2026-11-21",
        ),
        Expected::Language => pick(language, "sv eller en", "sv or en"),
        Expected::Targets => pick(
            language,
            "production, preview eller development",
            "production, preview or development",
        ),
        Expected::Variable => pick(
            language,
            "ett namn av bokstäver, siffror och _",
            "a name of letters, digits and _",
        ),
    }
}

const fn part(language: Language, part: Part) -> &'static str {
    match part {
        Part::Tables => pick(language, "tabeller eller kolumner", "tables or columns"),
        Part::Constraints => pick(language, "nycklar eller villkor", "keys or constraints"),
        Part::Indexes => pick(language, "index", "indexes"),
        Part::Triggers => pick(language, "triggrar", "triggers"),
        Part::Functions => pick(language, "funktioner", "functions"),
        Part::Policies => pick(language, "policyer", "policies"),
        Part::Rights => pick(language, "rättigheter", "rights"),
        Part::Rows => pick(language, "rader", "rows"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// One flaw of each code.
    fn samples() -> Vec<Flaw> {
        let samples: Vec<Flaw> = serde_json::from_str(include_str!("samples.json")).unwrap();
        let known: BTreeSet<_> = include_str!("en.rs")
            .split("Flaw::")
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap())
            .map(str::to_lowercase)
            .collect();
        let code = |flaw: &Flaw| serde_json::to_value(flaw).unwrap()["code"].clone();
        let present = samples
            .iter()
            .map(|flaw| code(flaw).as_str().unwrap().replace('_', ""))
            .collect();
        assert_eq!(known, present, "samples.json has every code");
        samples
    }

    #[test]
    fn every_flaw_says_what_and_what_next_in_both_languages() {
        for sample in samples() {
            let texts = [Language::Sv, Language::En].map(|language| flaw(language, &sample));
            for Text { message, hint } in &texts {
                assert!(!message.trim().is_empty(), "{sample:?}");
                assert!(
                    hint.ends_with('.'),
                    "{sample:?}: a hint is a sentence: {hint}"
                );
                assert!(!message.ends_with('.'), "{sample:?}: {message}");
            }
            assert_ne!(
                texts[0].message, texts[1].message,
                "{sample:?} is translated"
            );
            assert_ne!(texts[0].hint, texts[1].hint, "{sample:?} is translated");
        }
    }

    #[test]
    fn what_is_expected_and_what_differs_have_words() {
        for one in Expected::ALL {
            let words = [Language::Sv, Language::En].map(|language| expected(language, one));
            assert!(words.iter().all(|word| !word.is_empty()), "{one:?}");
        }
        for one in Part::ALL {
            assert!(!part(Language::Sv, one).is_empty(), "{one:?}");
        }
        assert_eq!(findings(Language::En, 1), "1 finding");
        assert_eq!(findings(Language::Sv, 2), "2 fel");
    }
}
