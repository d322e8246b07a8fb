//! Customers of whom a blueprint would make things of one name. `client-stack` calls them by the slug of the id of an older
//! system, and two ids may give one slug (`A/7` and `A-7`), or an id what another customer's name gives: said here, before
//! anything is made. Who already shares one is not touched; a plan refuses the second.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Problem,
    blueprint::Blueprint,
    customer::{BaseName, Customer, CustomerPatch, NewCustomer, slug_of},
    id::CustomerId,
};
use fabrik_store::CustomerQuery;
use serde_json::Value;

use crate::App;

/// The base names of the customers whose blueprint goes by ids.
pub(crate) struct BaseNames {
    /// The blueprints that do so. Their names are held against each other: one may be another's copy.
    blueprints: BTreeSet<String>,
    held: BTreeMap<String, Holder>,
}

struct Holder {
    base_name: BaseName,
    /// The customer's name.
    customer: String,
}

impl BaseNames {
    /// Nobody yet.
    fn by(blueprints: &[Blueprint]) -> Self {
        let by_ids = blueprints.iter().filter(|one| goes_by_ids(one));
        Self {
            blueprints: by_ids.map(|one| one.name.clone()).collect(),
            held: BTreeMap::new(),
        }
    }

    /// Remembers a customer that is there.
    pub(crate) fn hold(&mut self, customer: &Customer) {
        if self.blueprints.contains(&customer.blueprint) {
            let base_name = BaseName::of(customer.external_id.as_deref(), &customer.slug);
            self.keep(base_name, &customer.name);
        }
    }

    /// That somebody else has its base name; else remembers this one.
    pub(crate) fn meet(&mut self, new: &NewCustomer) -> Option<Problem> {
        if !self.blueprints.contains(&new.blueprint) {
            return None;
        }
        let base_name = BaseName::of(new.external_id.as_deref(), &slug_of(&new.name));
        let problem = self.refusal(&base_name);
        if problem.is_none() {
            self.keep(base_name, &new.name);
        }
        problem
    }

    /// The first who has it.
    fn keep(&mut self, base_name: BaseName, customer: &str) {
        let customer = customer.to_owned();
        let name = base_name.name.clone();
        let holder = Holder {
            base_name,
            customer,
        };
        self.held.entry(name).or_insert(holder);
    }

    fn refusal(&self, base_name: &BaseName) -> Option<Problem> {
        let holder = self.held.get(&base_name.name)?;
        let cause = base_name.refused_by(&holder.base_name, &holder.customer)?;
        Some(cause.into())
    }
}

/// Whether it makes something whose name has the id of an older system in it.
fn goes_by_ids(blueprint: &Blueprint) -> bool {
    let steps = blueprint.steps.iter();
    steps
        .flat_map(|step| ["name", "folder"].map(|key| step.with.get(key)))
        .flatten()
        .filter_map(Value::as_str)
        .any(|template| template.contains("external_id"))
}

impl App {
    /// To hold base names under these blueprints: nobody's yet. Tells the records which of them go by ids: whoever comes in
    /// between is refused by the records themselves.
    pub(crate) fn base_names(&self, blueprints: &[Blueprint]) -> BaseNames {
        let named = BaseNames::by(blueprints);
        self.store
            .set_named_by_external_id(named.blueprints.clone());
        named
    }

    /// The same with those of all customers in them, but of one.
    pub(crate) async fn base_names_held(
        &self,
        blueprints: &[Blueprint],
        except: Option<CustomerId>,
    ) -> Result<BaseNames, Problem> {
        let mut named = self.base_names(blueprints);
        for blueprint in named.blueprints.clone() {
            let query = CustomerQuery {
                blueprint: Some(blueprint),
                ..CustomerQuery::default()
            };
            let there = self.store.customers(query).await?.rows;
            for customer in there.iter().filter(|one| Some(one.id) != except) {
                named.hold(customer);
            }
        }
        Ok(named)
    }

    /// That another customer has the base name of a new one.
    pub(crate) async fn alike_of_new(&self, new: &NewCustomer) -> Result<Option<Problem>, Problem> {
        if !self.goes_by_ids(&new.blueprint) {
            return Ok(None);
        }
        let mut named = self.base_names_held(&self.all_blueprints(), None).await?;
        Ok(named.meet(new))
    }

    /// The same of what is to be changed.
    pub(crate) async fn alike_of_edit(
        &self,
        before: &Customer,
        patch: &CustomerPatch,
    ) -> Result<Option<Problem>, Problem> {
        let id = patch.external_id.as_ref().unwrap_or(&before.external_id);
        let blueprint = patch.blueprint.as_ref().unwrap_or(&before.blueprint);
        let is_same = *id == before.external_id && *blueprint == before.blueprint;
        if is_same || !self.goes_by_ids(blueprint) {
            return Ok(None);
        }
        let blueprints = self.all_blueprints();
        let named = self.base_names_held(&blueprints, Some(before.id)).await?;
        let base_name = BaseName::of(id.as_deref(), &before.slug);
        Ok(named.refusal(&base_name))
    }

    fn goes_by_ids(&self, blueprint: &str) -> bool {
        let blueprint = self.blueprints.get(blueprint);
        blueprint.is_ok_and(|blueprint| goes_by_ids(&blueprint))
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::Cause;
    use serde_json::json;

    use super::*;
    use crate::testing;

    fn client(name: &str, id: Option<&str>) -> NewCustomer {
        NewCustomer {
            name: name.to_owned(),
            subdomain: format!("kund-{}", slug_of(name)),
            blueprint: "client-stack".to_owned(),
            external_id: id.map(str::to_owned),
            ..testing::new_customer()
        }
    }

    fn codes(problems: &[Problem]) -> Vec<String> {
        problems.iter().map(Problem::code).collect()
    }

    const LONG: &str = "an-id-of-more-than-forty-characters-in-all";

    #[tokio::test]
    async fn two_ids_that_give_one_name_are_not_both_let_in() {
        let (_folder, app) = testing::app().await;
        let (one, other) = (format!("{LONG}-1"), format!("{LONG}-2"));
        for new in [client("Ett", Some("A/7")), client("Lång", Some(&one))] {
            app.customer_add(new).await.unwrap();
        }
        for (new, code) in [
            (client("Två", Some("A-7")), "external_id_alike"),
            (client("Två", Some("ett-")), ""),
            (client("A 7", None), "slug_taken"),
            (client("Tre", Some(&other)), "external_id_alike"),
            (client("Fyra", Some("A/7")), "external_id_taken"),
        ] {
            let told = codes(&app.faults_of_new(&new).await.unwrap());
            // An id to the letter is the store's to refuse.
            let mut expected = vec![code];
            expected.retain(|code| !["", "external_id_taken"].contains(code));
            assert_eq!(told, expected, "{new:?}");
            let done = app.customer_add(new.clone()).await;
            let refused = done.err().map(|problem| problem.code());
            assert_eq!(refused.unwrap_or_default(), code, "{new:?}");
        }
        let shop = NewCustomer {
            blueprint: "factory".to_owned(),
            ..client("Fem", Some("a 7"))
        };
        let shop = app.customer_add(shop).await;
        let shop = shop.expect("its blueprint calls nothing by an id");
        let patch = CustomerPatch {
            blueprint: Some("client-stack".to_owned()),
            ..CustomerPatch::default()
        };
        let refused = app.customer_edit(shop.id, patch).await.unwrap_err();
        let alike = Cause::ExternalIdAlike {
            external_id: "a 7".to_owned(),
            slug: "a-7".to_owned(),
            customer: "Ett".to_owned(),
        };
        assert_eq!(*refused.cause, alike);
    }

    #[tokio::test]
    async fn an_edit_is_held_against_the_others_alone() {
        let (_folder, app) = testing::app().await;
        let one = client("Ett", Some("A/7"));
        let one = app.customer_add(one).await.unwrap();
        let two = app.customer_add(client("Två", None)).await.unwrap();
        let edit = async |customer: &Customer, id: &str| {
            let patch = CustomerPatch {
                external_id: Some(Some(id.to_owned())),
                ..CustomerPatch::default()
            };
            let told = app.faults_of_edit(customer.id, &patch).await.unwrap();
            let done = app.customer_edit(customer.id, patch).await;
            assert_eq!(
                done.err(),
                told.first().cloned(),
                "all at once, or the first"
            );
            codes(&told)
        };
        assert_eq!(edit(&two, "a.7").await, ["external_id_alike"]);
        assert!(edit(&one, "a.7").await.is_empty(), "its own");
        assert!(edit(&two, "A/8").await.is_empty());
    }

    #[tokio::test]
    async fn of_rows_that_give_one_name_the_first_is_imported() {
        let (_folder, app) = testing::app().await;
        app.customer_add(client("Ett", Some("A/7"))).await.unwrap();
        let row = |name: &str, id: &str| {
            json!({ "name": name, "contact_email": "a@ett.example", "external_id": id,
                "blueprint": "client-stack", "plan": "starter" })
        };
        let rows = json!([
            row("Två", "a 7"),
            row("Tre", "B/8"),
            row("Fyra", "b-8"),
            row("Fem", "B/9"),
        ]);
        let import = app
            .customers_import("kunder.json".into(), rows.to_string(), true, None, None)
            .await
            .unwrap();
        let refused = import.rows.iter().filter(|row| !row.problems.is_empty());
        let refused: Vec<_> = refused
            .map(|row| (row.name.as_str(), codes(&row.problems)))
            .collect();
        let alike = || vec!["external_id_alike".to_owned()];
        assert_eq!(refused, [("Två", alike()), ("Fyra", alike())]);
        assert_eq!(import.added, 2);
    }
}
