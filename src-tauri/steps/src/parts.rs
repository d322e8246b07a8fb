//! What a row says of the parts of what it stands for: several workflows, several files. In the records they are one
//! line, such as `leads=Xb3… report=Kq9…`.

use std::{collections::BTreeMap, fmt};

/// By the part's key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts(BTreeMap<String, String>);

impl Parts {
    /// As a row has them.
    pub(crate) fn read(text: &str) -> Self {
        let pairs = text.split_whitespace().filter_map(|word| {
            let (key, value) = word.split_once('=')?;
            Some((key.to_owned(), value.to_owned()))
        });
        Self(pairs.collect())
    }

    /// A key that a line can hold.
    pub(crate) fn key(name: &str) -> String {
        let plain = |c: char| {
            if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        };
        name.chars().map(plain).collect()
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    pub(crate) fn set(&mut self, key: &str, value: &str) {
        self.0.insert(Self::key(key), value.to_owned());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What these don't say and those do.
    pub(crate) fn complete(&mut self, others: &Self) {
        for (key, value) in others.iter() {
            self.0
                .entry(key.to_owned())
                .or_insert_with(|| value.to_owned());
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self.0.iter();
        pairs.map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (key, value)) in self.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            write!(f, "{space}{key}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_read_as_they_were_written() {
        let mut parts = Parts::default();
        parts.set("ny kund", "Xb3");
        parts.set("leads", "Kq9");
        assert_eq!(parts.to_string(), "leads=Kq9 ny-kund=Xb3");
        assert_eq!(Parts::read(&parts.to_string()), parts);
        assert!(Parts::read("").is_empty());
    }
}
