//! SQL in pieces: words, texts, bodies and signs, told apart as `PostgreSQL` does, and a reader that
//! walks over them.

/// A piece of SQL.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token<'sql> {
    /// A word in lower case, or a name in quotes as it is.
    Word(String),
    Text(String),
    /// What stands between dollars.
    Body(&'sql str),
    Sign(char),
}

pub(super) struct Statement<'sql> {
    pub(super) sql: &'sql str,
    pub(super) tokens: Vec<Token<'sql>>,
}

pub(super) fn statements(sql: &str) -> impl Iterator<Item = Statement<'_>> {
    let mut rest = sql;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut tokens = Vec::new();
        let mut left = rest;
        loop {
            let before = left;
            match token(&mut left) {
                Some(Token::Sign(';')) | None => {
                    let sql = &rest[..rest.len() - before.len()];
                    rest = left;
                    return Some(Statement {
                        sql: sql.trim(),
                        tokens,
                    });
                }
                Some(token) => tokens.push(token),
            }
        }
    })
}

/// Takes the next token; none at the end.
fn token<'sql>(left: &mut &'sql str) -> Option<Token<'sql>> {
    loop {
        *left = left.trim_start();
        if let Some(comment) = left.strip_prefix("--") {
            *left = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(comment) = left.strip_prefix("/*") {
            *left = comment.split_once("*/").map_or("", |(_, rest)| rest);
        } else {
            break;
        }
    }
    let first = left.chars().next()?;
    match first {
        '\'' => Some(Token::Text(quoted(left, '\'', false))),
        '"' => Some(Token::Word(quoted(left, '"', false))),
        'e' | 'E' if left[1..].starts_with('\'') => {
            *left = &left[1..];
            Some(Token::Text(quoted(left, '\'', true)))
        }
        '$' => Some(body(left)),
        _ if first.is_alphanumeric() || first == '_' => {
            let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
            let end = left.find(|c| !in_word(c)).unwrap_or(left.len());
            let (word, rest) = left.split_at(end);
            *left = rest;
            Some(Token::Word(word.to_lowercase()))
        }
        sign => {
            *left = &left[sign.len_utf8()..];
            Some(Token::Sign(sign))
        }
    }
}

/// Takes a text or name with its quotes; a doubled quote stands for one.
fn quoted(left: &mut &str, quote: char, escapes: bool) -> String {
    let mut text = String::new();
    let mut characters = left.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == quote {
            if characters.peek().is_none_or(|(_, next)| *next != quote) {
                *left = &left[at + quote.len_utf8()..];
                return text;
            }
            characters.next();
        } else if escapes && character == '\\' {
            text.extend(characters.next().map(|(_, escaped)| escaped));
            continue;
        }
        text.push(character);
    }
    *left = "";
    text
}

/// Takes a text between dollars (`$$ … $$`, `$tag$ … $tag$`), or a parameter.
fn body<'sql>(left: &mut &'sql str) -> Token<'sql> {
    let whole: &'sql str = left;
    let tag = whole[1..].find('$').map(|end| &whole[..end + 2]);
    let tag = tag.filter(|tag| {
        let name = &tag[1..tag.len() - 1];
        name.chars().all(|c| c.is_alphanumeric() || c == '_')
    });
    let inner = tag.and_then(|tag| {
        let inner = &whole[tag.len()..];
        Some((&inner[..inner.find(tag)?], tag))
    });
    let Some((inner, tag)) = inner else {
        *left = &whole[1..];
        return Token::Sign('$');
    };
    *left = &whole[inner.len() + 2 * tag.len()..];
    Token::Body(inner)
}

/// Walks over a statement's tokens.
pub(super) struct Reader<'sql> {
    pub(super) tokens: &'sql [Token<'sql>],
}

impl<'sql> Reader<'sql> {
    /// Takes these words, if they come next.
    pub(super) fn takes(&mut self, words: &str) -> bool {
        let count = words.split(' ').count();
        let next = self.tokens.get(..count);
        let found = next.is_some_and(|next| {
            let mut pairs = next.iter().zip(words.split(' '));
            pairs.all(|(token, word)| matches!(token, Token::Word(it) if it == word))
        });
        if found {
            self.tokens = &self.tokens[count..];
        }
        found
    }

    pub(super) fn sign(&mut self, sign: char) -> bool {
        let found = self.tokens.first() == Some(&Token::Sign(sign));
        if found {
            self.tokens = &self.tokens[1..];
        }
        found
    }

    pub(super) fn word(&mut self) -> Option<&'sql str> {
        let Some((Token::Word(word), rest)) = self.tokens.split_first() else {
            return None;
        };
        self.tokens = rest;
        Some(word)
    }

    /// A table's name, as `schema.table`.
    pub(super) fn table(&mut self) -> Option<String> {
        let first = self.word()?;
        if self.sign('.') {
            return Some(format!("{first}.{}", self.word()?));
        }
        Some(format!("public.{first}"))
    }

    /// The parts between brackets that come next, apart by commas.
    pub(super) fn list(&mut self) -> Option<Vec<&'sql [Token<'sql>]>> {
        if !self.sign('(') {
            return None;
        }
        let (mut parts, mut depth, mut begin) = (Vec::new(), 0_usize, 0);
        for (at, token) in self.tokens.iter().enumerate() {
            match token {
                Token::Sign('(' | '[') => depth += 1,
                Token::Sign(')') if depth == 0 => {
                    parts.push(&self.tokens[begin..at]);
                    self.tokens = &self.tokens[at + 1..];
                    return Some(parts);
                }
                Token::Sign(')' | ']') => depth -= 1,
                Token::Sign(',') if depth == 0 => {
                    parts.push(&self.tokens[begin..at]);
                    begin = at + 1;
                }
                _ => {}
            }
        }
        None
    }

    pub(super) fn has(&self, words: &str) -> bool {
        let mut from = Reader {
            tokens: self.tokens,
        };
        while !from.tokens.is_empty() {
            if from.takes(words) {
                return true;
            }
            from.tokens = &from.tokens[1..];
        }
        false
    }
}

/// The texts in `sql` before the first such sign.
pub(super) fn texts_until(sql: &str, end: char) -> Vec<String> {
    let mut left = sql;
    let tokens = std::iter::from_fn(|| token(&mut left));
    let texts = tokens
        .take_while(|token| *token != Token::Sign(end))
        .filter_map(|token| match token {
            Token::Text(text) => Some(text),
            _ => None,
        });
    texts.collect()
}
