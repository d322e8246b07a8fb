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

use crate::registry::Entry;

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
            with: parameters.read(&[])?,
        }))
    },
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct With {
    url: String,
}

struct SiteCheck {
    site: Site,
    with: With,
}

impl SiteCheck {
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
        self.with.url.clone()
    }

    fn timing(&self) -> Timing {
        ENTRY.timing
    }

    fn resource_kind(&self) -> Option<ResourceKind> {
        None
    }

    async fn find(&self, cx: &Context<'_>) -> Result<Found, Failure> {
        if Self::is_off(cx) {
            cx.say(Detail::SiteCheckOff, &self.with.url);
            return Ok(Found::Satisfied);
        }
        // An instance that was handed over before has been checked before; one look is enough.
        let customer = &cx.snapshot.customer;
        let handed_over = customer.status == CustomerStatus::Active
            && customer.production_url.as_deref() == Some(self.with.url.as_str());
        if handed_over && self.site.ask(&self.with.url).await? == Answer::Well {
            cx.say(Detail::SiteAnswered, &self.with.url);
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
        let url = &self.with.url;
        let failed = |cause: Cause| Ok(Readiness::Failed(cause.into()));
        match self.site.ask(url).await? {
            Answer::Well => {
                cx.say(Detail::SiteAnswered, url);
                Ok(Readiness::Ready(Outputs::new()))
            }
            Answer::NotYet(status) => Ok(Readiness::NotYet { status }),
            Answer::Protected => failed(Cause::SiteProtected { url: url.clone() }),
            Answer::Error(status) => failed(Cause::SiteAnswersError {
                url: url.clone(),
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
            with: With {
                url: instance.base.clone(),
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
}
