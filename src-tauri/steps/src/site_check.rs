//! `site-check`: the instance answers, before a mail says so.

use std::time::Duration;

use async_trait::async_trait;
use fabrik_clouds::site::{Answer, Site};
use fabrik_domain::{
    Cause,
    blueprint::StepKind,
    customer::CustomerStatus,
    event::Detail,
    failure::Failure,
    resource::{Found as Existing, ResourceKind},
    run::Outputs,
};
use fabrik_engine::step::{Context, Created, Found, Readiness, Step, Timing, Undone};
use serde::Deserialize;
use serde_json::Value;

use crate::{parameters::filled, registry::Entry};

/// The line of the registry.
pub(crate) const ENTRY: Entry = Entry {
    kind: StepKind::SiteCheck,
    revision: 1,
    plans_alone: false,
    timing: Timing {
        usual: Duration::from_secs(2),
        ceiling: Duration::from_mins(5),
        settle: Duration::from_secs(15),
    },
    build: |clouds, parameters| {
        Ok(Box::new(SiteCheck {
            site: clouds.site.clone(),
            domains_lead: !clouds.vercel.is_local(),
            with: parameters.read(&[])?,
        }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    url: String,
    /// The customer's own address, where it leads to the instance: empty until then, `None` where it has no other.
    #[serde(default)]
    own: Option<String>,
    /// What `own` is to be: empty where the agency gives its customers no address, `None` where that is not told.
    #[serde(default)]
    awaited: Option<String>,
}

struct SiteCheck {
    site: Site,
    /// Whether a customer's domain can lead to the instance: one in a sandbox is nowhere else, and whatever answers at
    /// the domain is not it.
    domains_lead: bool,
    with: With,
}

impl SiteCheck {
    /// The customer's own address, where that can be asked.
    fn own(&self) -> Option<&str> {
        let own = self.with.own.as_deref().and_then(filled);
        own.filter(|_| self.domains_lead)
    }

    /// Whether the customer has an address of its own that can't be asked yet.
    fn waits_for_own(&self) -> bool {
        let has_own = match &self.with.awaited {
            Some(awaited) => filled(awaited).is_some(),
            None => self.with.own.is_some(),
        };
        has_own && self.own().is_none()
    }

    /// The address that is asked.
    fn url(&self) -> &str {
        self.own().unwrap_or(&self.with.url)
    }

    fn is_off(cx: &Context<'_>) -> bool {
        cx.snapshot
            .settings
            .get("site.check")
            .is_some_and(|value| value == "off")
    }
}

#[async_trait]
impl Step for SiteCheck {
    fn name(&self) -> String {
        self.url().to_owned()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        None
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        let url = self.url();
        if Self::is_off(cx) {
            cx.say(Detail::SiteCheckOff, url);
            return Ok(Found::Satisfied);
        }
        if self.waits_for_own() {
            cx.say(Detail::SharedSiteAsked, url);
        }
        // An instance that was handed over before has been checked before; one look is enough.
        let customer = &cx.snapshot.customer;
        let handed_over = customer.status == CustomerStatus::Active
            && customer.production_url.as_deref() == Some(url);
        if handed_over && self.site.ask(url).await? == Answer::Well {
            cx.say(Detail::SiteAnswered, url);
            return Ok(Found::Satisfied);
        }
        Ok(Found::Absent {
            evidence: Value::Null,
        })
    }

    /// Nothing is made; the check itself is the wait.
    async fn create(&self, _: &Context<'_>) -> Result<Created, Failure> {
        Ok(Created::Effect)
    }

    async fn await_ready(
        &self,
        cx: &Context<'_>,
        _: Option<&Existing>,
    ) -> Result<Readiness, Failure> {
        if Self::is_off(cx) {
            return Ok(Readiness::Ready(Outputs::new()));
        }
        let url = self.url();
        let failed = |cause: Cause| Ok(Readiness::Failed(cause.into()));
        match self.site.ask(url).await? {
            Answer::Well => {
                cx.say(Detail::SiteAnswered, url);
                Ok(Readiness::Ready(Outputs::new()))
            }
            Answer::NotYet(status) => Ok(Readiness::NotYet { status }),
            Answer::Protected => failed(Cause::SiteProtected {
                url: url.to_owned(),
            }),
            Answer::Error(status) => failed(Cause::SiteAnswersError {
                url: url.to_owned(),
                status,
            }),
        }
    }

    /// It makes nothing.
    async fn undo(&self, _: &Context<'_>, _: &Existing) -> Result<Undone, Failure> {
        Ok(Undone::Stays)
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::event::Happening;
    use serde_json::json;

    use super::*;
    use crate::testing::{Scene, Vendor, site};

    #[tokio::test]
    async fn switched_off_it_asks_nobody_and_says_so() {
        let instance = Vendor::start(|_| (410, json!({}))).await;
        let step = SiteCheck {
            site: site(),
            domains_lead: true,
            with: With {
                url: instance.base.clone(),
                own: None,
                awaited: None,
            },
        };
        let mut scene = Scene::new(StepKind::SiteCheck, "check");
        let answered = step.await_ready(&scene.context(), None).await.unwrap();
        assert!(
            matches!(answered, Readiness::Failed(_)),
            "on, it looks: {answered:?}"
        );
        let asked = instance.asked().len();
        let off = ("site.check".to_owned(), "off".to_owned());
        scene.snapshot.settings.extend([off]);
        let found = step.find(&scene.context()).await.unwrap();
        assert_eq!(found, Found::Satisfied);
        let ready = step.await_ready(&scene.context(), None).await.unwrap();
        assert!(
            matches!(&ready, Readiness::Ready(outputs) if outputs.is_empty()),
            "{ready:?}"
        );
        assert_eq!(instance.asked().len(), asked, "nobody was asked");
        let said = scene.words.lock().unwrap();
        assert!(
            matches!(
                said.last(),
                Some(Happening::Detail {
                    detail: Detail::SiteCheckOff,
                    ..
                })
            ),
            "{said:?}"
        );
    }

    #[tokio::test]
    async fn the_customers_own_address_is_asked_where_it_leads_to_the_instance() {
        let shared = Vendor::start(|_| (200, json!({}))).await;
        let own = Vendor::start(|_| (200, json!({}))).await;
        let (none, there) = (|| Some(String::new()), || Some(own.base.clone()));
        for (address, awaited, domains_lead, expected, said) in [
            // It has no other.
            (None, None, true, &shared, 0),
            (none(), none(), true, &shared, 0),
            (none(), none(), false, &shared, 0),
            (there(), None, true, &own, 0),
            (there(), there(), true, &own, 0),
            // Its records are waited for.
            (none(), None, true, &shared, 1),
            (none(), there(), true, &shared, 1),
            // In a sandbox somebody else's site would answer.
            (there(), None, false, &shared, 1),
            (there(), there(), false, &shared, 1),
        ] {
            let told = format!("{address:?} {awaited:?} {domains_lead}");
            let step = SiteCheck {
                site: site(),
                domains_lead,
                with: With {
                    url: shared.base.clone(),
                    own: address,
                    awaited,
                },
            };
            let before = [&shared, &own].map(|vendor| vendor.asked().len());
            let scene = Scene::new(StepKind::SiteCheck, "check");
            let found = step.find(&scene.context()).await.unwrap();
            assert!(matches!(found, Found::Absent { .. }), "{told}: {found:?}");
            let ready = step.await_ready(&scene.context(), None).await.unwrap();
            assert!(matches!(ready, Readiness::Ready(_)), "{told}: {ready:?}");
            assert_eq!(step.name(), expected.base, "{told}");
            let after = [&shared, &own].map(|vendor| vendor.asked().len());
            let is_own = expected.base == own.base;
            let asked = [
                before[0] + usize::from(!is_own),
                before[1] + usize::from(is_own),
            ];
            assert_eq!(after, asked, "{told}");
            let words = scene.words.lock().unwrap();
            let is_told = |happening: &&Happening| {
                let detail = Detail::SharedSiteAsked;
                matches!(happening, Happening::Detail { detail: said, .. } if *said == detail)
            };
            assert_eq!(words.iter().filter(is_told).count(), said, "{told}");
        }
    }
}
