//! The base of the names of a customer's resources where its blueprint goes by the ids of an older system: two ids may
//! give the same, and whose a resource is would not be known.

use super::slug_of;
use crate::Cause;

/// A base name, and what it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseName {
    /// The name.
    pub name: String,
    /// The id that it is made of; none where it is the slug.
    id: Option<String>,
}

impl BaseName {
    /// By the id, where that gives a name; else by the slug.
    pub fn of(external_id: Option<&str>, slug: &str) -> Self {
        if let Some(id) = external_id {
            let name = slug_of(id);
            if !name.is_empty() {
                let id = Some(id.to_owned());
                return Self { name, id };
            }
        }
        let name = slug.to_owned();
        Self { name, id: None }
    }

    /// Why it can't be, where a customer of that name has `theirs`. The same id, or the same slug, is refused as
    /// that.
    pub fn refused_by(&self, theirs: &Self, customer: &str) -> Option<Cause> {
        if theirs.name != self.name || theirs.id == self.id {
            return None;
        }
        let (slug, customer) = (self.name.clone(), customer.to_owned());
        Some(match &self.id {
            Some(id) => Cause::ExternalIdAlike {
                external_id: id.clone(),
                slug,
                customer,
            },
            None => Cause::SlugTaken { slug, customer },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_gives_no_name_leaves_the_slug() {
        for (id, name) in [(Some("A/7"), "a-7"), (Some("//"), "ett"), (None, "ett")] {
            assert_eq!(BaseName::of(id, "ett").name, name, "{id:?}");
        }
    }

    #[test]
    fn alike_are_those_of_one_name_by_another_way() {
        let by = |id: Option<&str>| BaseName::of(id, "a-7");
        let code = |wanted: Option<&str>, theirs: Option<&str>| {
            let cause = by(wanted).refused_by(&by(theirs), "Ett");
            cause.map(|cause| crate::Problem::from(cause).code())
        };
        let alike = Some("external_id_alike".to_owned());
        assert_eq!(code(Some("A-7"), Some("A/7")), alike);
        assert_eq!(code(Some("A-7"), None), alike);
        assert_eq!(code(None, Some("A/7")), Some("slug_taken".to_owned()));
        assert_eq!(code(Some("A/8"), Some("A/7")), None, "another name");
        assert_eq!(code(Some("A/7"), Some("A/7")), None, "the same id");
        assert_eq!(code(None, None), None, "the same slug");
    }
}
