//! How texts are searched and sorted, worked out when a record is written: so every database answers
//! alike, whatever collations it has.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Lower case, accents taken off, ligatures spelt out: `Åkermark` and `AKERMARK` both give `akermark`.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut folded = String::with_capacity(text.len());
    // A decomposition can bring capitals forth (`ℝ`), so case is folded on both sides of it.
    for c in text
        .chars()
        .flat_map(char::to_lowercase)
        .nfkd()
        .flat_map(char::to_lowercase)
    {
        match c {
            'ø' => folded.push('o'),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ß' => folded.push_str("ss"),
            'đ' | 'ð' => folded.push('d'),
            'ł' => folded.push('l'),
            'þ' => folded.push_str("th"),
            'ı' => folded.push('i'),
            c if is_combining_mark(c) => {}
            c => folded.push(c),
        }
    }
    folded
}

/// What a search looks in. The fields stand on lines of their own, so that no word spans two of them.
pub(crate) fn search_text(fields: &[Option<&str>]) -> String {
    fields
        .iter()
        .flatten()
        .map(|field| fold(field))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The words of a search, folded as [`search_text`] is.
pub(crate) fn search_words(search: &str) -> Vec<String> {
    fold(search).split_whitespace().map(str::to_owned).collect()
}

/// A key that sorts names, byte by byte, as a Swedish directory does: digits, a to z, then å ä ö; case
/// and other accents only break ties; punctuation counts as one space.
/// Letters of the neighbouring languages stand where CLDR's Swedish collation puts them.
pub(crate) fn name_key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() * 2 + 1);
    for c in name.nfc().flat_map(char::to_lowercase) {
        match c {
            // The three characters after `z` in ASCII.
            'å' => key.push('{'),
            'ä' | 'æ' | 'ę' => key.push('|'),
            'ö' | 'ø' | 'ő' | 'œ' => key.push('}'),
            'ü' | 'ű' => key.push('y'),
            'a'..='z' | '0'..='9' => key.push(c),
            _ => {
                for letter in fold(c.encode_utf8(&mut [0; 4])).chars() {
                    if letter.is_alphanumeric() {
                        key.push(letter);
                    } else if !key.is_empty() && !key.ends_with(' ') {
                        key.push(' ');
                    }
                }
            }
        }
    }
    if key.ends_with(' ') {
        key.pop();
    }
    // Below every character of a key, so that a name stands before the longer ones that begin with it.
    key.push('\u{1}');
    key.push_str(name);
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_takes_case_and_accents_off() {
        for (text, folded) in [
            ("Åkermark JURISTBYRÅ", "akermark juristbyra"),
            ("Café Zoë", "cafe zoe"),
            ("Cafe\u{301}", "cafe"),
            ("Straße Ærø", "strasse aero"),
            ("İstanbul ıI", "istanbul ii"),
        ] {
            assert_eq!(fold(text), folded, "{text:?} folded");
        }
    }

    #[test]
    fn names_stand_as_in_a_swedish_directory() {
        let sorted = [
            "1:a hjälpen",
            "2 bröder",
            "Andersson",
            "André",
            "Andre AB",
            "Berg",
            "berg",
            "Berg & Co",
            "Berga",
            "Myller",
            "Müller",
            "Zackrisson",
            "Åberg",
            "Åström",
            "Ärlig",
            "Ödman",
            "Ørsted",
        ];
        let mut names = sorted;
        names.reverse();
        names.sort_by_key(|name| name_key(name));
        assert_eq!(names, sorted, "å ä ö come after z");
        assert!(
            name_key("Berg") < name_key("Berg AB"),
            "the shorter name first"
        );
        assert!(
            name_key("\"Berg\"") < name_key("Berga"),
            "punctuation is of no weight"
        );
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn a_name_is_found_by_any_part_of_it_in_any_case(name in "[A-ZÅÄÖÉa-zåäöé ]{1,30}", from in 0_usize..30, length in 1_usize..10) {
            let part: String = name.chars().skip(from).take(length).collect();
            let text = search_text(&[Some(&name), Some("other")]);
            for word in search_words(&part.to_uppercase()) {
                prop_assert!(text.contains(&word));
            }
        }

        #[test]
        fn different_names_have_different_keys(one in "\\PC{1,20}", other in "\\PC{1,20}") {
            prop_assert_eq!(one == other, name_key(&one) == name_key(&other));
        }
    }
}
