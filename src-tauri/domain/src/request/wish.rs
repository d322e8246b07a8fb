//! What somebody asks for who wants to become a customer.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    customer::{NewCustomer, check_contact_name, check_email, check_name, check_subdomain},
    language::Language,
    problem::{Cause, Problem},
};

/// What somebody asks for; what is not known yet is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Wish {
    /// The customer's name.
    pub name: String,
    /// The subdomain wished for.
    pub subdomain: String,
    /// The administrator's address.
    pub contact_email: String,
    /// The administrator's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub contact_name: Option<String>,
    /// The blueprint.
    pub blueprint: String,
    /// A plan of it.
    pub plan: String,
    /// The language of the mail to the customer.
    #[serde(default)]
    pub language: Language,
    /// Modules of the blueprint.
    #[serde(default)]
    pub modules: Vec<String>,
    /// What the sender wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub message: Option<String>,
}

/// The longest message, in characters.
const MESSAGE: usize = 4000;

impl Wish {
    /// Without the space around each field; what is empty and may be left out is.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        for text in [
            &mut self.name,
            &mut self.subdomain,
            &mut self.contact_email,
            &mut self.blueprint,
            &mut self.plan,
        ] {
            *text = text.trim().to_owned();
        }
        for text in [&mut self.contact_name, &mut self.message] {
            *text = text
                .take()
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty());
        }
        self
    }

    /// Holds what was entered against the rules of a customer's fields. Blueprint and plan may be missing until the
    /// request is approved. Every fault is named.
    pub fn check(&self) -> Vec<Problem> {
        let given = |text: &str| !text.is_empty();
        let mut faults: Vec<_> = [
            check_name(&self.name).err(),
            given(&self.subdomain)
                .then(|| check_subdomain(&self.subdomain).err())
                .flatten(),
            check_email(&self.contact_email).err(),
            check_contact_name(self.contact_name.as_deref()).err(),
        ]
        .into_iter()
        .flatten()
        .collect();
        let long = |message: &String| message.chars().count() > MESSAGE;
        if self.message.as_ref().is_some_and(long) {
            faults.push(
                Cause::FieldUnreadable {
                    field: "message".to_owned(),
                    value: "…".to_owned(),
                    expected: format!("≤ {MESSAGE}"),
                }
                .into(),
            );
        }
        faults
    }

    /// What still must be said before it can be approved.
    pub fn missing(&self) -> Option<Problem> {
        [
            ("subdomain", &self.subdomain),
            ("blueprint", &self.blueprint),
            ("plan", &self.plan),
        ]
        .into_iter()
        .find(|(_, text)| text.is_empty())
        .map(|(field, _)| {
            Cause::FieldMissing {
                field: field.to_owned(),
            }
            .into()
        })
    }

    /// What somebody asks for who is described as a customer.
    pub fn of(new: NewCustomer) -> Self {
        Self {
            name: new.name,
            subdomain: new.subdomain,
            contact_email: new.contact_email,
            contact_name: new.contact_name,
            blueprint: new.blueprint,
            plan: new.plan,
            language: new.language,
            modules: new.modules,
            message: None,
        }
    }

    /// The customer that is asked for.
    pub fn customer(&self) -> NewCustomer {
        NewCustomer {
            name: self.name.clone(),
            subdomain: self.subdomain.clone(),
            contact_email: self.contact_email.clone(),
            contact_name: self.contact_name.clone(),
            blueprint: self.blueprint.clone(),
            plan: self.plan.clone(),
            language: self.language,
            modules: self.modules.clone(),
            ..NewCustomer::default()
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::request) fn wish() -> Wish {
        Wish {
            name: " Åkermark ".to_owned(),
            subdomain: "akermark".to_owned(),
            contact_email: "anna@akermark.se".to_owned(),
            contact_name: Some("  ".to_owned()),
            ..Wish::default()
        }
    }

    #[test]
    fn what_is_not_said_yet_is_no_fault_until_it_is_approved() {
        let mut wish = wish().trimmed();
        assert_eq!(
            (wish.name.as_str(), &wish.contact_name),
            ("Åkermark", &None)
        );
        assert_eq!(wish.check(), [], "blueprint and plan may come later");
        assert_eq!(wish.missing().unwrap().code(), "field_missing");
        wish.blueprint = "factory".to_owned();
        wish.plan = "starter".to_owned();
        assert_eq!(wish.missing(), None);
        wish.subdomain = "Not a label".to_owned();
        wish.message = Some("x".repeat(MESSAGE + 1));
        let faults: Vec<_> = wish.check().iter().map(Problem::code).collect();
        assert_eq!(faults, ["subdomain_invalid", "field_unreadable"]);
    }
}
