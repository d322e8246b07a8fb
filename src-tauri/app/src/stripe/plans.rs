//! Which plan a price stands for.

use std::collections::BTreeMap;

use fabrik_clouds::stripe::Price;

/// A plan of a blueprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub(super) blueprint: String,
    pub(super) plan: String,
}

/// What the setting `stripe.prices` says: `price_1=factory/starter, price_2=agency/professional`.
#[derive(Debug, Default)]
pub(super) struct Plans(BTreeMap<String, Chosen>);

impl Plans {
    /// The setting was checked when it was set.
    pub(super) fn parse(setting: &str) -> Self {
        let entries = fabrik_domain::setting::prices(setting);
        Self(
            entries
                .map(|(price, blueprint, plan)| {
                    let chosen = Chosen {
                        blueprint: blueprint.to_owned(),
                        plan: plan.to_owned(),
                    };
                    (price.to_owned(), chosen)
                })
                .collect(),
        )
    }

    /// The plan for a price by its id or the owner's name for it.
    pub(super) fn of(&self, id: &str, name: Option<&str>) -> Option<Chosen> {
        let found = self.0.get(id).or_else(|| self.0.get(name?));
        found.cloned()
    }

    /// The first of these prices that stands for a plan, and which: what was added to a plan stands for none.
    pub(super) fn first_of<'p>(&self, prices: &'p [Price]) -> Option<(&'p Price, Chosen)> {
        prices.iter().find_map(|price| {
            let chosen = written(&price.metadata)
                .or_else(|| self.of(&price.id, price.lookup_key.as_deref()))?;
            Some((price, chosen))
        })
    }
}

/// What the metadata of a price or a subscription say.
pub(super) fn written(metadata: &BTreeMap<String, String>) -> Option<Chosen> {
    let word = |name: &str| {
        let word = metadata.get(name)?.trim();
        (!word.is_empty()).then(|| word.to_owned())
    };
    Some(Chosen {
        blueprint: word("blueprint")?,
        plan: word("plan")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_known_by_its_id_or_name() {
        let plans = Plans::parse("price_1=factory/starter, medium = agency/professional");
        let starter = plans.of("price_1", None).unwrap();
        assert_eq!(
            (&*starter.blueprint, &*starter.plan),
            ("factory", "starter")
        );
        let medium = plans.of("price_2", Some("medium")).unwrap();
        assert_eq!(medium.blueprint, "agency");
        assert_eq!(plans.of("price_3", None), None);
        let price = |id: &str, name: Option<&str>| Price {
            id: id.to_owned(),
            metadata: BTreeMap::new(),
            lookup_key: name.map(str::to_owned),
        };
        let support = || price("price_support", Some("support"));
        let prices = [support(), price("price_2", Some("medium"))];
        let (plan, chosen) = plans.first_of(&prices).unwrap();
        assert_eq!((&*plan.id, chosen), ("price_2", medium));
        assert_eq!(plans.first_of(&[support()]), None, "it stands for none");
        let half = BTreeMap::from([("plan".to_owned(), "starter".to_owned())]);
        assert_eq!(written(&half), None);
    }
}
