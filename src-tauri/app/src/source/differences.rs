//! What differs between a customer and what is said of it elsewhere, as far as the connected table is followed.

use std::collections::BTreeSet;

use fabrik_domain::{
    customer::{Customer, CustomerPatch, NewCustomer},
    mapping::SourceField,
};

/// The fields that a patch changes, of those that are followed.
pub(super) fn followed(
    customer: &Customer,
    patch: &CustomerPatch,
) -> impl Iterator<Item = SourceField> {
    fn other<T: PartialEq>(new: Option<&T>, known: &T) -> bool {
        new.is_some_and(|new| new != known)
    }
    let changed = [
        (
            SourceField::Name,
            other(patch.name.as_ref(), &customer.name),
        ),
        (
            SourceField::ContactEmail,
            other(patch.contact_email.as_ref(), &customer.contact_email),
        ),
        (
            SourceField::ContactName,
            other(patch.contact_name.as_ref(), &customer.contact_name),
        ),
        (
            SourceField::Plan,
            other(patch.plan.as_ref(), &customer.plan),
        ),
        (
            SourceField::Language,
            other(patch.language.as_ref(), &customer.language),
        ),
        (
            SourceField::Credits,
            other(patch.credits.as_ref(), &customer.credits),
        ),
        (
            SourceField::Modules,
            other(patch.modules.as_ref(), &customer.modules),
        ),
    ];
    changed
        .into_iter()
        .filter_map(|(field, changed)| changed.then_some(field))
}

/// What a row says otherwise of a customer, as far as it is followed. What it leaves empty stays.
pub(super) fn difference(
    customer: &Customer,
    new: NewCustomer,
    given: &BTreeSet<SourceField>,
) -> CustomerPatch {
    fn other<T: PartialEq>(follows: bool, new: T, known: &T) -> Option<T> {
        (follows && new != *known).then_some(new)
    }
    let follows = |field: SourceField| field.is_followed() && given.contains(&field);
    CustomerPatch {
        name: other(follows(SourceField::Name), new.name, &customer.name),
        contact_email: other(
            follows(SourceField::ContactEmail),
            new.contact_email,
            &customer.contact_email,
        ),
        contact_name: other(
            follows(SourceField::ContactName),
            new.contact_name,
            &customer.contact_name,
        ),
        plan: other(follows(SourceField::Plan), new.plan, &customer.plan),
        language: other(
            follows(SourceField::Language),
            new.language,
            &customer.language,
        ),
        credits: other(
            follows(SourceField::Credits),
            new.credits,
            &customer.credits,
        ),
        modules: other(
            follows(SourceField::Modules),
            new.modules,
            &customer.modules,
        ),
        ..CustomerPatch::default()
    }
}
