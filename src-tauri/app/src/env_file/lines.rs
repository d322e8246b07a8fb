//! The lines of an `.env` file, as they stand there: nothing is put in from the environment, and a line that
//! can't be read is told by its number, never by its text, which may be a secret.

use fabrik_domain::secret::{ExposeSecret, Secret};

/// A line that says something.
#[derive(Debug)]
pub(super) enum Line {
    /// A variable and its value.
    Value { name: String, value: Secret },
    /// One that can't be read; its name, where it has one.
    Unreadable { line: u64, name: Option<String> },
}

/// The file's lines. Of a name given twice the last counts, as programs read it, in the place of the first.
pub(super) fn read(content: &Secret) -> Vec<Line> {
    let text = content.expose_secret();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines: Vec<Line> = Vec::new();
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let (line, after) = cut(rest);
        rest = after;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = halves(line) else {
            lines.push(Line::Unreadable {
                line: number,
                name: None,
            });
            continue;
        };
        let unquoted = || Some((without_comment(value).to_owned(), 0, after));
        let read = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => quoted(quote, &value[1..], after),
            _ => unquoted(),
        };
        match read {
            Some((value, more, after)) => {
                number += more;
                rest = after;
                let value = Secret::from(value);
                let before = lines.iter_mut().find_map(|line| match line {
                    Line::Value { name: other, value } if other == name => Some(value),
                    _ => None,
                });
                match before {
                    Some(before) => *before = value,
                    None => lines.push(Line::Value {
                        name: name.to_owned(),
                        value,
                    }),
                }
            }
            None => lines.push(Line::Unreadable {
                line: number,
                name: Some(name.to_owned()),
            }),
        }
    }
    lines
}

/// The first line, and what follows it.
fn cut(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// The name and what stands after `=`; nothing where there is no `=` or no name before it.
fn halves(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let name = name
        .strip_prefix("export")
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .map_or(name, str::trim_start);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!name.is_empty() && name.chars().all(plain)).then(|| (name, value.trim_start()))
}

/// A value without quotes ends where a comment begins: a `#` with a space before it.
fn without_comment(value: &str) -> &str {
    let mut before = ' ';
    for (place, c) in value.char_indices() {
        // The first letter follows `=`: there a `#` belongs to the value.
        if c == '#' && before.is_whitespace() && place > 0 {
            return value[..place].trim_end();
        }
        before = c;
    }
    value.trim_end()
}

/// A value in quotes, which may go on over the lines that follow: the value, how many more lines it took, and
/// what follows them. Nothing where the quote isn't closed, or something else stands behind it.
fn quoted<'a>(quote: char, first: &str, after: &'a str) -> Option<(String, u64, &'a str)> {
    let mut value = String::new();
    let (mut line, mut after, mut more) = (first, after, 0);
    loop {
        if let Some(behind) = to_quote(quote, line, &mut value) {
            let behind = behind.trim();
            let closed = behind.is_empty() || behind.starts_with('#');
            return closed.then_some((value, more, after));
        }
        if after.is_empty() {
            return None;
        }
        value.push('\n');
        (line, after) = cut(after);
        line = line.strip_suffix('\r').unwrap_or(line);
        more += 1;
    }
}

/// Takes a line's text up to the closing quote and returns what stands behind it; nothing where there is none.
fn to_quote<'a>(quote: char, line: &'a str, value: &mut String) -> Option<&'a str> {
    let mut letters = line.char_indices();
    while let Some((place, c)) = letters.next() {
        match c {
            _ if c == quote => return Some(&line[place + quote.len_utf8()..]),
            '\\' if quote == '"' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 'r')) => value.push('\r'),
                Some((_, 't')) => value.push('\t'),
                Some((_, plain @ ('"' | '\\' | '$'))) => value.push(plain),
                // No escape that programs know: both stand for themselves.
                Some((_, other)) => value.extend(['\\', other]),
                None => value.push('\\'),
            },
            _ => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines as pairs; an unreadable one has its number for a value.
    fn pairs(file: &str) -> Vec<(String, String)> {
        read(&Secret::from(file))
            .into_iter()
            .map(|line| match line {
                Line::Value { name, value } => (name, value.expose_secret().to_owned()),
                Line::Unreadable { line, name } => (name.unwrap_or_default(), format!("?{line}")),
            })
            .collect()
    }

    #[test]
    fn values_are_read_as_they_stand() {
        for (line, value) in [
            ("A=1", "1"),
            ("export A=1", "1"),
            ("  A = 1  ", "1"),
            (
                "A=Fabrik <hello@agency.example>",
                "Fabrik <hello@agency.example>",
            ),
            ("A=pa$HOME${PATH}word", "pa$HOME${PATH}word"),
            ("A=\"pa$HOME\"", "pa$HOME"),
            ("A=back\\slash", "back\\slash"),
            ("A=a#b", "a#b"),
            ("A=#b", "#b"),
            ("A=a # a comment", "a"),
            ("A=\"a # b\" # a comment", "a # b"),
            ("A='it \\n stays'", "it \\n stays"),
            ("A=\"two\\nlines \\\" and \\d\"", "two\nlines \" and \\d"),
            ("A=it's", "it's"),
            ("A=", ""),
            ("A=\"\"", ""),
            ("A=\"one\ntwo\"", "one\ntwo"),
            ("A=1\r", "1"),
            ("\u{feff}A=1", "1"),
        ] {
            assert_eq!(
                pairs(line),
                [("A".to_owned(), value.to_owned())],
                "{line:?}"
            );
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told_and_takes_no_other_with_it() {
        let file = "A=1\nsk_live_alone\nB=\"never closed\nC=\"3\"\n2 D=4\n# done\nE='a' b\nF=6\n";
        let found = pairs(file);
        let expected = [
            ("A", "1"),
            ("", "?2"),
            ("B", "?3"),
            ("C", "3"),
            ("", "?5"),
            ("E", "?7"),
            ("F", "6"),
        ];
        assert_eq!(
            found,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn lines_are_counted_through_values_of_several() {
        let found = pairs("KEY=\"a\nb\nc\"\nbroken\n");
        assert_eq!(found[1].1, "?4");
    }

    #[test]
    fn of_a_name_given_twice_the_last_counts() {
        assert_eq!(
            pairs("A=1\nB=2\nA=3\n"),
            [("A", "3"), ("B", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }
}
