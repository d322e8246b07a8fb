//! What differs between a customer, or who asks to become one, and what is said of it elsewhere, as far as the connected
//! table is followed.

use std::collections::BTreeSet;

use fabrik_domain::{
    Cause, Problem,
    blueprint::Blueprint,
    customer::{Customer, CustomerPatch, NewCustomer, check_contact_name, check_email, check_name},
    mapping::{Mapping, SourceField},
    request::{OnboardingRequest, RequestOrigin, Wish},
};

use crate::App;

impl App {
    /// Refuses to change here what the connected table says of a customer: it would be taken over from there again.
    pub(crate) async fn assert_not_followed(
        &self,
        customer: &Customer,
        patch: &CustomerPatch,
    ) -> Result<(), Problem> {
        let Some(kept) = self.kept_source().await? else {
            return Ok(());
        };
        if customer.source != Some(kept.origin()?) {
            return Ok(());
        }
        refuse_first(&kept.mapping, followed(customer, patch))
    }

    /// The same for what somebody asks for in the table. What its row says amiss, or not at all, is the inbox's to say, and
    /// what another blueprint doesn't know. Gives what the row says beside what is wished for here.
    pub(crate) async fn said_beside(
        &self,
        request: &OnboardingRequest,
        wish: &Wish,
    ) -> Result<BTreeSet<SourceField>, Problem> {
        let RequestOrigin::Source { said, .. } = &request.origin else {
            return Ok(BTreeSet::new());
        };
        let asked = request.wish.clone().trimmed();
        let changed: BTreeSet<_> = followed_of_wish(&asked, wish).collect();
        if let Some(kept) = self.kept_source().await?
            && request.origin.row_of(&kept.origin()?).is_some()
        {
            let blueprint = self.blueprint(&wish.blueprint).ok();
            let is_the_rows = |field: &SourceField| {
                said.contains(field) && is_sound(&asked, *field, blueprint.as_ref())
            };
            let of_row = changed.iter().copied().filter(is_the_rows);
            refuse_first(&kept.mapping, of_row)?;
        }
        Ok(said - &changed)
    }
}

/// Refuses the first of these fields that a table tells.
fn refuse_first(
    mapping: &Mapping,
    mut fields: impl Iterator<Item = SourceField>,
) -> Result<(), Problem> {
    match fields.find(|field| mapping.columns.contains_key(field)) {
        None => Ok(()),
        Some(field) => Err(Cause::SourceFollowed {
            table: mapping.table.to_string(),
            field: field.key().to_owned(),
        }
        .into()),
    }
}

/// The fields that a patch changes, of those that are followed.
fn followed(customer: &Customer, patch: &CustomerPatch) -> impl Iterator<Item = SourceField> {
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

/// The fields in which two wishes differ, of those that are followed. Nobody wishes for credits.
fn followed_of_wish(one: &Wish, other: &Wish) -> impl Iterator<Item = SourceField> {
    let differs = [
        (SourceField::Name, one.name != other.name),
        (
            SourceField::ContactEmail,
            one.contact_email != other.contact_email,
        ),
        (
            SourceField::ContactName,
            one.contact_name != other.contact_name,
        ),
        (SourceField::Plan, one.plan != other.plan),
        (SourceField::Language, one.language != other.language),
        (SourceField::Modules, one.modules != other.modules),
    ];
    differs
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
}

/// Whether what a wish says of a field that is followed can be used with this blueprint: it is neither empty nor at fault.
fn is_sound(wish: &Wish, field: SourceField, blueprint: Option<&Blueprint>) -> bool {
    let knows_all = |blueprint: &Blueprint| {
        let mut modules = wish.modules.iter();
        modules.all(|module| blueprint.modules.contains(module))
    };
    match field {
        SourceField::Name => check_name(&wish.name).is_ok(),
        SourceField::ContactEmail => check_email(&wish.contact_email).is_ok(),
        SourceField::ContactName => {
            wish.contact_name.is_some() && check_contact_name(wish.contact_name.as_deref()).is_ok()
        }
        SourceField::Plan => blueprint.is_some_and(|one| one.plan(&wish.plan).is_some()),
        SourceField::Modules => !wish.modules.is_empty() && blueprint.is_some_and(knows_all),
        _ => true,
    }
}

/// What a row that asks says, as far as it is followed and can be used with this blueprint, of what it holds and what could
/// be read of that.
pub(super) fn said_of(
    row: &Wish,
    held: &BTreeSet<SourceField>,
    blueprint: Option<&Blueprint>,
) -> BTreeSet<SourceField> {
    let is_said = |field: &SourceField| field.is_followed() && is_sound(row, *field, blueprint);
    held.iter().copied().filter(is_said).collect()
}

/// A wish with what its row says by now; the rest stays.
pub(super) fn followed_wish(wish: &Wish, row: &Wish, said: &BTreeSet<SourceField>) -> Wish {
    let mut now = wish.clone();
    for field in followed_of_wish(wish, row).filter(|field| said.contains(field)) {
        match field {
            SourceField::Name => now.name.clone_from(&row.name),
            SourceField::ContactEmail => now.contact_email.clone_from(&row.contact_email),
            SourceField::ContactName => now.contact_name.clone_from(&row.contact_name),
            SourceField::Plan => now.plan.clone_from(&row.plan),
            SourceField::Language => now.language = row.language,
            SourceField::Modules => now.modules.clone_from(&row.modules),
            _ => {}
        }
    }
    now
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
