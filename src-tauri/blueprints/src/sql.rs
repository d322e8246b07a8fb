//! SQL as words: enough to tell statements apart and to see which names they are about. What is valid is
//! PostgreSQL's to say.

/// A word, name, text or sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'t> {
    /// A keyword or a name without quotes, in lower case.
    Word(String),
    /// A name in quotes.
    Quoted(String),
    /// A text, with its quotes.
    Text(&'t str),
    /// What stands between `$$` and `$$`.
    Body(&'t str),
    /// Anything else, a character at a time.
    Sign(char),
}

/// A token and where it is.
#[derive(Clone, Debug)]
pub(crate) struct Lexeme<'t> {
    pub token: Token<'t>,
    /// From 1.
    pub line: usize,
    /// The byte after it.
    end: usize,
}

impl Lexeme<'_> {
    /// The keyword.
    pub(crate) fn word(&self) -> Option<&str> {
        match &self.token {
            Token::Word(word) => Some(word),
            _ => None,
        }
    }

    /// The name, in quotes or not.
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.token {
            Token::Word(name) | Token::Quoted(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn is(&self, sign: char) -> bool {
        self.token == Token::Sign(sign)
    }
}

/// A statement.
#[derive(Clone, Debug)]
pub(crate) struct Statement<'t> {
    pub tokens: Vec<Lexeme<'t>>,
    /// The byte after it.
    pub end: usize,
}

impl Statement<'_> {
    /// The line of its first word.
    pub(crate) fn line(&self) -> usize {
        self.tokens.first().map_or(1, |first| first.line)
    }
}

/// The statements of a text, without comments. `first_line` is the line that the text begins in.
pub(crate) fn statements(sql: &str, first_line: usize) -> Vec<Statement<'_>> {
    let mut statements = Vec::new();
    let mut tokens: Vec<Lexeme<'_>> = Vec::new();
    let mut parentheses = 0_usize;
    // `begin atomic … end` of a function holds statements of its own.
    let mut atomic = 0_usize;
    for lexeme in tokenize(sql, first_line) {
        match &lexeme.token {
            Token::Sign('(') => parentheses += 1,
            Token::Sign(')') => parentheses = parentheses.saturating_sub(1),
            Token::Word(word) => {
                let after_begin = tokens.last().and_then(Lexeme::word) == Some("begin");
                match word.as_str() {
                    "atomic" if after_begin => atomic += 1,
                    "case" if atomic > 0 => atomic += 1,
                    "end" if atomic > 0 => atomic -= 1,
                    _ => {}
                }
            }
            Token::Sign(';') if parentheses == 0 && atomic == 0 => {
                if !tokens.is_empty() {
                    statements.push(Statement {
                        tokens: std::mem::take(&mut tokens),
                        end: lexeme.end,
                    });
                }
                continue;
            }
            _ => {}
        }
        tokens.push(lexeme);
    }
    if !tokens.is_empty() {
        statements.push(Statement {
            tokens,
            end: sql.len(),
        });
    }
    statements
}

/// The tokens of a text. What does not end, ends with the text.
pub(crate) fn tokenize(sql: &str, first_line: usize) -> Vec<Lexeme<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, first_line);
    while let Some(first) = sql[at..].chars().next() {
        let rest = &sql[at..];
        let (token, length) = if first.is_whitespace() {
            (None, first.len_utf8())
        } else if rest.starts_with("--") {
            (None, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (None, comment(rest))
        } else if first == '\'' {
            let length = quoted(rest, '\'', false);
            (Some(Token::Text(&rest[..length])), length)
        } else if first == '"' {
            let length = quoted(rest, '"', false);
            let inner = rest[1..length].trim_end_matches('"').replace("\"\"", "\"");
            (Some(Token::Quoted(inner)), length)
        } else if let Some((body, length)) = dollar(rest) {
            (Some(Token::Body(body)), length)
        } else if is_name_begin(first) {
            let length = rest.find(|c| !is_name_part(c)).unwrap_or(rest.len());
            let escaped =
                rest[length..].starts_with('\'') && rest[..length].eq_ignore_ascii_case("e");
            if escaped {
                let text = quoted(&rest[length..], '\'', true);
                let length = length + text;
                (Some(Token::Text(&rest[..length])), length)
            } else {
                (Some(Token::Word(rest[..length].to_lowercase())), length)
            }
        } else if first.is_ascii_digit() {
            // A number is nobody's name.
            let length = rest.find(|c: char| !is_name_part(c) && c != '.');
            (None, length.unwrap_or(rest.len()))
        } else {
            (Some(Token::Sign(first)), first.len_utf8())
        };
        if let Some(token) = token {
            let end = at + length;
            found.push(Lexeme { token, line, end });
        }
        line += rest[..length].matches('\n').count();
        at += length;
    }
    found
}

fn is_name_begin(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn is_name_part(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// How long a comment is; one may stand in another.
fn comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// How long a quoted text is, both quotes counted. A quote in it is written twice.
fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if escapes && c == '\\' {
            characters.next();
        } else if c == quote {
            match characters.peek() {
                Some((_, next)) if *next == quote => {
                    characters.next();
                }
                _ => return at + quote.len_utf8(),
            }
        }
    }
    text.len()
}

/// What stands between `$tag$` and `$tag$`, and how long it is with both.
fn dollar(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix('$')?;
    let tag = &inner[..inner.find('$')?];
    let valid = tag.chars().next().is_none_or(is_name_begin)
        && tag.chars().all(|c| is_name_part(c) && c != '$');
    if !valid {
        return None;
    }
    let mark = &text[..tag.len() + 2];
    let body = &text[mark.len()..];
    Some(match body.find(mark) {
        Some(end) => (&body[..end], mark.len() + end + mark.len()),
        None => (body, text.len()),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(sql: &str) -> Vec<Vec<String>> {
        let all = statements(sql, 1);
        let name = |lexeme: &Lexeme<'_>| match &lexeme.token {
            Token::Word(word) => word.clone(),
            Token::Quoted(name) => format!("<{name}>"),
            Token::Text(_) => "''".to_owned(),
            Token::Body(body) => format!("${}$", body.trim()),
            Token::Sign(sign) => sign.to_string(),
        };
        all.iter()
            .map(|one| one.tokens.iter().map(name).collect())
            .collect()
    }

    #[test]
    fn statements_are_told_apart_whatever_is_in_them() {
        for (sql, expected) in [
            ("select 1; Select 2", vec![vec!["select"], vec!["select"]]),
            ("-- a; b\nselect/* ; /* ; */ ; */a", vec![vec!["select", "a"]]),
            ("select ';''', E'\\';', \"a;\"\"b\"", vec![vec!["select", "''", ",", "''", ",", "<a;\"b>"]]),
            ("do $$ a; b $$; do $x$ $$; $x$", vec![vec!["do", "$a; b$"], vec!["do", "$$$;$"]]),
            ("select $1; ;;", vec![vec!["select", "$"]]),
            (
                "create rule r as on insert to t do (a; b); c",
                vec![
                    vec!["create", "rule", "r", "as", "on", "insert", "to", "t", "do", "(", "a", ";", "b", ")"],
                    vec!["c"],
                ],
            ),
            (
                "create function f() returns int begin atomic select case when a then b end; return c; end; d",
                vec![
                    "create function f ( ) returns int begin atomic select case when a then b end ; return c ; end"
                        .split(' ')
                        .collect(),
                    vec!["d"],
                ],
            ),
        ] {
            assert_eq!(words(sql), expected, "{sql}");
        }
    }

    #[test]
    fn lines_count_through_texts_and_comments() {
        let sql = "/* 1\n2 */ a;\n\n'4\n5' b;\n$$6\n7$$ c";
        let lines: Vec<_> = statements(sql, 1)
            .iter()
            .map(|one| {
                one.tokens
                    .iter()
                    .map(|token| token.line)
                    .collect::<Vec<_>>()
            })
            .collect();
        assert_eq!(lines, [vec![2], vec![4, 5], vec![6, 7]]);
        assert_eq!(statements("a", 9)[0].line(), 9);
    }

    #[test]
    fn what_does_not_end_ends_with_the_text() {
        for sql in ["'", "\"", "$$ a", "/* a", "e'\\", "$a$ $", "--"] {
            assert!(statements(sql, 1).len() <= 1, "{sql}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_much(sql in "[-/*$a'\";\\\\\\nåe( )]{0,40}") {
            let all = statements(&sql, 1);
            let ends: Vec<_> = all.iter().map(|one| one.end).collect();
            prop_assert!(ends.is_sorted() && ends.iter().all(|end| sql.is_char_boundary(*end)));
        }
    }
}
