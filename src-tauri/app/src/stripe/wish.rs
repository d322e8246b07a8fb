//! What a subscription wishes for: who pays for it, and the plan that one of its prices stands for.

use std::collections::BTreeMap;

use fabrik_clouds::stripe::{Payer, Price, Subscription};
use fabrik_domain::{Cause, Problem, customer::check_subdomain, language::Language, request::Wish};

use super::{
    in_the_way,
    plans::{Chosen, written},
    reader::{Reader, patiently},
};

impl Reader<'_> {
    /// What who pays wishes for, as far as can be told, what stands in the way of it, and why who pays can't be read;
    /// `before` is what was known of it.
    pub(super) async fn wish(
        &self,
        subscription: &Subscription,
        before: Option<&Wish>,
    ) -> Result<(Wish, Option<Problem>, Option<Problem>), Problem> {
        let payer = patiently!(self, self.stripe.payer(&subscription.customer));
        let (payer, unread) = match payer {
            Ok(payer) => (payer.unwrap_or_default(), None),
            Err(failure) => (Payer::default(), Some(in_the_way(failure)?)),
        };
        let prices = self.prices(subscription).await?;
        let mut written_down = payer.metadata.clone();
        written_down.extend(subscription.metadata.clone());
        let mut wish = self.named(&payer, &written_down).await?;
        // Who can't be read just now is who it was.
        if let Some(before) = before
            && wish.contact_email.is_empty()
            && !before.contact_email.is_empty()
        {
            wish = Wish {
                blueprint: String::new(),
                plan: String::new(),
                modules: Vec::new(),
                ..before.clone()
            };
        }
        let of_prices = || Some(self.plans.first_of(&prices)?.1);
        let chosen = written(&subscription.metadata).or_else(of_prices);
        let problem = match chosen {
            Some(chosen) => self.choose(&mut wish, chosen, &written_down),
            None => {
                let mut ids: Vec<_> = prices.iter().map(|price| &*price.id).collect();
                if ids.is_empty() {
                    ids.push("–");
                }
                let price = ids.join(", ");
                Some(Problem::from(Cause::PriceUnknown { price }))
            }
        };
        // What is missing because it couldn't be read is there once it can.
        let fault = || {
            let fault = wish.check().into_iter().next()?;
            Some(unread.clone().unwrap_or(fault))
        };
        let problem = problem.or_else(fault);
        Ok((wish, problem, unread))
    }

    /// The prices as they stand now: their metadata may have been mended since somebody subscribed to them.
    async fn prices(&self, subscription: &Subscription) -> Result<Vec<Price>, Problem> {
        let mut prices = Vec::with_capacity(subscription.prices.len());
        for before in &subscription.prices {
            let now = match patiently!(self, self.stripe.price(&before.id)) {
                Ok(now) => now,
                Err(failure) => in_the_way(failure).map(|_| None)?,
            };
            prices.push(now.unwrap_or_else(|| before.clone()));
        }
        Ok(prices)
    }

    /// Who it is.
    async fn named(
        &self,
        payer: &Payer,
        written: &BTreeMap<String, String>,
    ) -> Result<Wish, Problem> {
        let word = |name: &str| {
            let word = written.get(name)?.trim();
            (!word.is_empty()).then(|| word.to_owned())
        };
        let contact_email = word("email").or(payer.email.clone()).unwrap_or_default();
        let name = word("name")
            .or_else(|| payer.name.clone())
            .unwrap_or_else(|| contact_email.clone());
        let wished = word("subdomain").map(|subdomain| subdomain.to_lowercase());
        let subdomain = match wished {
            Some(subdomain) if check_subdomain(&subdomain).is_ok() => subdomain,
            _ => self.app.subdomain_suggest(name.clone()).await?,
        };
        let locale = word("language");
        let mut locales = locale.iter().chain(&payer.preferred_locales);
        Ok(Wish {
            subdomain,
            contact_name: word("contact_name"),
            language: locales
                .find_map(|tag| Language::from_tag(tag))
                .unwrap_or_default(),
            contact_email,
            name,
            ..Wish::default()
        }
        .trimmed())
    }

    /// Puts blueprint, plan and modules into a wish, and says what is wrong with them.
    fn choose(
        &self,
        wish: &mut Wish,
        chosen: Chosen,
        written: &BTreeMap<String, String>,
    ) -> Option<Problem> {
        let blueprint = self.app.blueprints.get(&chosen.blueprint).ok();
        wish.modules = match written.get("modules") {
            Some(modules) => modules
                .split(',')
                .map(|module| module.trim().to_owned())
                .filter(|module| !module.is_empty())
                .collect(),
            None => blueprint.map_or_else(Vec::new, |blueprint| blueprint.modules),
        };
        let faults =
            self.app
                .blueprint_faults(&chosen.blueprint, Some(&chosen.plan), &wish.modules);
        wish.blueprint = chosen.blueprint;
        wish.plan = chosen.plan;
        faults.into_iter().next()
    }
}
