//! A file's text, whatever program wrote it: UTF-8, UTF-16 where it says so, else as Windows programs in this
//! part of the world write it. A spreadsheet's "CSV" is of the last kind. The window reads by the same rule, in
//! `readText.ts`.

/// What 0x80–0x9F stand for in Windows-1252; the rest is as in Unicode. Five of them stand for nothing, and are
/// read as the control characters that they would be there.
const WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text of a file, of whatever bytes: what is no text is marked (U+FFFD).
pub fn text_of(bytes: Vec<u8>) -> String {
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        _ => String::from_utf8(bytes).unwrap_or_else(|error| damaged(error.as_bytes())),
    }
}

/// What is no whole UTF-8. Where it says that it is UTF-8, or has as many letters of it as spoiled places, these are marked
/// (U+FFFD), and refused where a name is read: read as Windows' it would be another name without a fault.
fn damaged(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let others = || text.chars().filter(|letter| !letter.is_ascii());
    let spoiled = others().filter(|letter| *letter == char::REPLACEMENT_CHARACTER);
    let spoiled = spoiled.count();
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) || others().count() >= 2 * spoiled {
        text.into_owned()
    } else {
        bytes.iter().map(|byte| letter(*byte)).collect()
    }
}

fn letter(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS[usize::from(byte - 0x80)],
        other => char::from(other),
    }
}

/// What is no text is marked (U+FFFD), and refused where a name is read.
fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (pairs, _) = bytes.as_chunks();
    let units = pairs.iter().map(|pair| unit(*pair));
    char::decode_utf16(units)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_read_whoever_wrote_it() {
        let text = "Åkermark – 5 €";
        let windows = b"\xc5kermark \x96 5 \x80".to_vec();
        let units: Vec<u16> = std::iter::once(0xfeff).chain(text.encode_utf16()).collect();
        let little = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
        for bytes in [text.as_bytes().to_vec(), windows, little, big] {
            assert_eq!(text_of(bytes.clone()), text, "{bytes:x?}");
        }
    }

    #[test]
    fn one_spoiled_byte_makes_no_other_name_of_the_others() {
        let (mark, spoiled) = (b"\xef\xbb\xbf", b"name\nBj\xc3\xb6rk\n\xc5kermark\n");
        let whole = [&spoiled[..], "Älv".as_bytes()].concat();
        let marked = [&mark[..], spoiled].concat();
        for (bytes, text) in [
            (whole, "name\nBjörk\n\u{fffd}kermark\nÄlv"),
            (marked, "\u{feff}name\nBjörk\n\u{fffd}kermark\n"),
            // As many of each: two bytes that make a letter of UTF-8 are seldom two letters of Windows'.
            (b"\xc5k \xc3\xb6".to_vec(), "\u{fffd}k ö"),
            (b"\xc5k \xc3\xb6 \xc4".to_vec(), "Åk Ã¶ Ä"),
        ] {
            assert_eq!(text_of(bytes), text);
        }
        assert!(fabrik_domain::customer::check_name("\u{fffd}kermark").is_err());
    }
}
