//! Input that went wrong on its way, from a seed: the same each time; and what fuzzing has found. For tests of whatever
//! reads what others wrote.

use std::io;

use serde_json::{Value, json};

/// An input that fuzzing has found, or somebody thought of.
#[derive(Debug)]
pub struct Kept {
    /// The file's name in the corpus.
    pub file: String,
    /// The first line: what the rest is for, by its name.
    pub line: String,
    /// What is read.
    pub rest: Vec<u8>,
}

/// What is kept for a target in tests/fuzz, in the order of the files' names.
pub fn kept(target: &str) -> io::Result<Vec<Kept>> {
    let corpus = crate::checkout().join("tests/fuzz/corpus");
    let mut all = Vec::new();
    for entry in corpus.join(target).read_dir()? {
        let entry = entry?;
        let bytes = std::fs::read(entry.path())?;
        let (line, rest) = first_line(&bytes);
        all.push(Kept {
            file: entry.file_name().to_string_lossy().into_owned(),
            line: line.to_owned(),
            rest: rest.to_vec(),
        });
    }
    all.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(all)
}

/// The first line, empty where it is no text, and what follows on it.
pub fn first_line(input: &[u8]) -> (&str, &[u8]) {
    let (line, rest) = match input.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&input[..end], &input[end + 1..]),
        None => (input, &input[input.len()..]),
    };
    (std::str::from_utf8(line).unwrap_or_default(), rest)
}

/// Chance that repeats: a step of splitmix64 for each throw.
#[derive(Debug)]
pub struct Dice(u64);

impl Dice {
    /// The dice of a seed.
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// 0 up to `sides`.
    pub fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.number() % sides.max(1) as u64).unwrap_or_default()
    }

    /// One of these.
    pub fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// The paths of all values within one, its own first.
pub fn places(value: &Value) -> Vec<String> {
    let mut places = vec![String::new()];
    let mut seen = 0;
    while seen < places.len() {
        let place = places[seen].clone();
        seen += 1;
        match value.pointer(&place) {
            Some(Value::Array(items)) => {
                places.extend((0..items.len()).map(|index| format!("{place}/{index}")));
            }
            Some(Value::Object(fields)) => {
                let escaped = |name: &String| name.replace('~', "~0").replace('/', "~1");
                places.extend(
                    fields
                        .keys()
                        .map(|name| format!("{place}/{}", escaped(name))),
                );
            }
            _ => {}
        }
    }
    places
}

/// The same with something else in one place.
pub fn with(good: &Value, place: &str, other: Value) -> Value {
    let mut spoiled = good.clone();
    if let Some(one) = spoiled.pointer_mut(place) {
        *one = other;
    }
    spoiled
}

/// Something of another type in one place.
pub fn another_type(good: &Value, dice: &mut Dice) -> Value {
    let place = dice.one_of(&places(good));
    let other = dice.one_of(&[
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e308),
        json!(""),
        json!("\u{0}"),
        json!("2026-13-45T99:99:99Z"),
        json!("å\u{202e}\u{200b}%2F..//?#{{ x }}"),
        json!("http://[::1"),
        json!("x".repeat(10_000)),
        json!([]),
        json!([null]),
        json!({}),
        json!({ "": { "a": [] } }),
    ]);
    with(good, &place, other)
}

/// One field less.
pub fn field_gone(good: &Value, dice: &mut Dice) -> Value {
    let mut spoiled = good.clone();
    if let Some(Value::Object(fields)) = spoiled.pointer_mut(&dice.one_of(&places(good))) {
        let names: Vec<_> = fields.keys().cloned().collect();
        if !names.is_empty() {
            fields.remove(&dice.one_of(&names));
        }
    }
    spoiled
}

/// Cut off, changed in some bytes, in another encoding, with a line twice or gone, or with something hostile put in.
pub fn text(good: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut spoiled = good.to_vec();
    let place = dice.below(good.len() + 1);
    match dice.below(9) {
        0 => spoiled.truncate(place),
        1 => {
            for _ in 0..=dice.below(8) {
                let place = dice.below(good.len());
                if let Some(byte) = spoiled.get_mut(place) {
                    *byte = u8::try_from(dice.below(256)).unwrap_or_default();
                }
            }
        }
        2 => drop(spoiled.splice(place..place, [0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80])),
        3 => {
            let text = String::from_utf8_lossy(good).into_owned();
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            spoiled = units.flat_map(u16::to_le_bytes).collect();
        }
        4 => {
            let text = String::from_utf8_lossy(good).into_owned();
            spoiled = text
                .chars()
                .map(|c| u8::try_from(c).unwrap_or(b'?'))
                .collect();
        }
        5 => {
            let mut lines: Vec<_> = good.split_inclusive(|byte| *byte == b'\n').collect();
            let line = dice.below(lines.len());
            if let Some(twice) = lines.get(line).copied() {
                lines.insert(line, twice);
            }
            spoiled = lines.concat();
        }
        6 => {
            let mut lines: Vec<_> = good.split_inclusive(|byte| *byte == b'\n').collect();
            if !lines.is_empty() {
                lines.remove(dice.below(lines.len()));
            }
            spoiled = lines.concat();
        }
        7 => {
            let deep = dice.one_of(&[
                "[",
                "{\"a\":",
                "(",
                "{{",
                "{% if x %}",
                "\"",
                "/*",
                "$$",
                "'",
            ]);
            let deep = deep.repeat(dice.one_of(&[1, 2, 300, 20_000]));
            drop(spoiled.splice(place..place, deep.bytes()));
        }
        _ => {
            let hostile = dice.one_of(&[
                "\0",
                "\u{202e}",
                "\u{feff}",
                "\r",
                "\r\n\r\n",
                ";",
                ",",
                "\t",
                "=",
                "{{ slug }}",
                "<script>",
                "99999999999999999999999",
                "-",
                "../../../etc/passwd",
                "\u{85}",
                "𝕏",
            ]);
            drop(spoiled.splice(place..place, hostile.bytes()));
        }
    }
    spoiled
}
