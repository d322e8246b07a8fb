//! Rows that ask to become customers: each is a request of the inbox, which follows what its row says by now.

use std::collections::BTreeSet;

use fabrik_domain::{
    Problem,
    customer::NewCustomer,
    mapping::SourceField,
    request::{OnboardingRequest, Wish},
};

use super::{Taking, is_of};
use crate::source::differences::{followed_wish, said_of};

impl Taking<'_> {
    /// Takes a row that asks to the inbox, or brings what it says by now to its undecided request there. What is wrong with it is
    /// told there too, where it is mended.
    pub(super) async fn ask(
        &mut self,
        key: String,
        before: Option<OnboardingRequest>,
        new: NewCustomer,
        given: &BTreeSet<SourceField>,
        problems: &[Problem],
    ) -> Result<(), Problem> {
        let row = Wish::of(new).trimmed();
        // A language first: what stands in its place looks sound, and only this says that nobody chose it.
        let of_language = |one: &&Problem| is_of(one, SourceField::Language);
        let told = problems.iter().find(of_language).or(problems.first());
        let told = told.cloned();
        let read = |field: &&SourceField| !problems.iter().any(|one| is_of(one, **field));
        let held: BTreeSet<_> = given.iter().filter(read).copied().collect();
        let said = |blueprint: &str| {
            let mut blueprints = self.blueprints.iter();
            said_of(&row, &held, blueprints.find(|one| one.name == blueprint))
        };
        let Some(before) = before else {
            let said = said(&row.blueprint);
            let wish = self.asking.usable(row, &self.blueprints).await?;
            let asked = self.asking.ask(key, wish, said, told).await?;
            self.writing.report.asked += u64::from(asked);
            return Ok(());
        };
        // As it is by now: it may have been changed in the inbox since the table was begun to be gone through.
        let request = self.app.store.request(before.id).await?;
        let (wish, said, problem) = if request.problem.is_some() {
            // Nobody has mended it here: it is as its row is.
            let said = said(&row.blueprint);
            let wish = self.asking.usable(row, &self.blueprints).await?;
            (wish, said, told)
        } else {
            let said = said(&request.wish.blueprint);
            (followed_wish(&request.wish, &row, &said), said, None)
        };
        if self.asking.follow(&request, wish, said, problem).await? {
            self.writing.report.changed += 1;
        } else {
            self.writing.report.unchanged += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{Cause, language::Language, request::RequestState, run::OnFailure};
    use fabrik_store::SourceRow;

    use super::*;
    use crate::{
        App,
        source::following::tests::{connected, only},
        testing,
        views::SourceReport,
    };

    /// A row that asks; what else it says beside its id.
    fn asking_row(row: &[(SourceField, &str)]) -> SourceRow {
        let known = [
            (SourceField::ExternalId, "7"),
            (SourceField::Name, "My Agency"),
            (SourceField::Status, "pending"),
        ];
        let row = known.iter().chain(row);
        row.map(|(field, text)| (*field, (*text).to_owned()))
            .collect()
    }

    /// Goes through a table with this one row, which asks.
    async fn goes_through(app: &App, row: &[(SourceField, &str)]) -> SourceReport {
        let kept = connected(app).await;
        let origin = kept.origin().unwrap();
        let mut taking = Taking::new(app, &kept.mapping, origin).await.unwrap();
        taking.take(asking_row(row)).await.unwrap();
        taking.end(false).await.unwrap()
    }

    #[tokio::test]
    async fn a_wish_that_is_at_fault_goes_to_the_inbox_where_it_is_mended() {
        let (_folder, app) = testing::app().await;
        let at_fault = [
            (SourceField::ContactEmail, "anna"),
            (SourceField::Subdomain, "My Agency"),
            (SourceField::Plan, "platinum"),
            (SourceField::Modules, "crm, teleport"),
        ];
        let report = goes_through(&app, &at_fault).await;
        assert_eq!((report.asked, report.refused), (1, 0), "{report:#?}");
        let asked = only(&app).await;
        assert_eq!(asked.wish.subdomain, "my-agency", "as a name makes one");
        assert_eq!(asked.wish.contact_email, "anna", "as it was typed");
        assert_eq!(asked.wish.plan, "");
        assert_eq!(asked.wish.modules, ["crm"]);
        assert!(asked.problem.is_some(), "it says what is wrong");
        let refused = goes_through(&app, &[(SourceField::Name, "--")]).await;
        assert_eq!(refused.refused, 1, "without a name it is nobody's");
        assert_eq!(only(&app).await, asked, "which takes nothing away");

        let again = goes_through(&app, &at_fault).await;
        assert_eq!((again.asked, again.unchanged), (0, 1), "{again:#?}");
        let wish = Wish {
            contact_email: "anna@agency.example".to_owned(),
            plan: "professional".to_owned(),
            modules: vec!["crm".to_owned()],
            ..asked.wish
        };
        let mended = app.request_edit(asked.id, wish.clone()).await.unwrap();
        assert_eq!(mended.problem, None);
        goes_through(&app, &at_fault).await;
        let still = only(&app).await;
        assert_eq!((&still.wish, still.problem), (&wish, None), "it stays so");

        // What the table said amiss is the inbox's ever after.
        let wish = Wish {
            contact_email: "eva@agency.example".to_owned(),
            plan: "starter".to_owned(),
            modules: vec!["crm".to_owned(), "email".to_owned()],
            ..wish
        };
        app.request_edit(asked.id, wish.clone()).await.unwrap();
        goes_through(&app, &at_fault).await;
        assert_eq!(only(&app).await.wish, wish);
    }

    #[tokio::test]
    async fn what_a_table_leaves_empty_is_chosen_in_the_inbox() {
        let (_folder, app) = testing::app().await;
        let row = [
            (SourceField::ContactEmail, "anna@agency.example"),
            (SourceField::Modules, "crm, teleport"),
        ];
        goes_through(&app, &row).await;
        let asked = only(&app).await;
        assert_ne!(asked.wish.plan, "", "it was filled in");
        assert_eq!(asked.wish.modules, ["crm"]);
        let mut wish = asked.wish;
        for (plan, module, contact, language) in [
            ("enterprise", "email", "Anna", Language::Sv),
            ("professional", "social", "Eva", Language::En),
        ] {
            wish = Wish {
                plan: plan.to_owned(),
                modules: vec![module.to_owned()],
                contact_name: Some(contact.to_owned()),
                language,
                ..wish
            };
            app.request_edit(asked.id, wish.clone()).await.unwrap();
        }
        goes_through(&app, &row).await;
        assert_eq!(only(&app).await.wish, wish);

        // What it says by now is its own again.
        let said = [row[0], (SourceField::Plan, "starter")];
        goes_through(&app, &said).await;
        let now = only(&app).await.wish;
        assert_eq!(now.plan, "starter");
        let refused = app.request_edit(asked.id, wish).await.unwrap_err();
        assert!(is_followed(&refused, "plan"), "{refused:?}");
        // And the inbox's where it says that no more.
        goes_through(&app, &[row[0]]).await;
        let plan = "enterprise".to_owned();
        let chosen = Wish { plan, ..now };
        app.request_edit(asked.id, chosen).await.unwrap();
    }

    #[tokio::test]
    async fn a_language_that_cannot_be_read_is_chosen_in_the_inbox() {
        let (_folder, app) = testing::app().await;
        let row = |language| {
            [
                (SourceField::ContactEmail, "anna@agency.example"),
                (SourceField::Credits, "1.250"),
                (SourceField::Language, language),
            ]
        };
        let report = goes_through(&app, &row("svneska")).await;
        assert_eq!((report.asked, report.refused), (1, 0), "{report:#?}");
        let asked = only(&app).await;
        assert!(asked.unread_language().is_some(), "{:?}", asked.problem);
        let refused = app.approve(asked.id, None, OnFailure::Keep).await;
        assert_eq!(refused.unwrap_err().code(), "field_unreadable");
        for language in [Language::En, Language::Sv] {
            let wish = Wish {
                language,
                ..asked.wish.clone()
            };
            app.request_edit(asked.id, wish.clone()).await.unwrap();
            goes_through(&app, &row("svneska")).await;
            let still = only(&app).await;
            assert_eq!((still.wish, still.problem), (wish, None), "it stays so");
        }

        // What the row says at last is its own.
        goes_through(&app, &row("English")).await;
        let approved = app.approve(asked.id, None, OnFailure::Keep).await;
        assert_eq!(approved.unwrap().1.language, Language::En);
    }

    #[tokio::test]
    async fn what_is_changed_here_while_a_table_is_read_stays() {
        let (_folder, app) = testing::app().await;
        let row = |email| {
            [
                (SourceField::ContactEmail, email),
                (SourceField::Subdomain, "agency"),
            ]
        };
        goes_through(&app, &row("anna@old.example")).await;
        let kept = connected(&app).await;
        let origin = kept.origin().unwrap();
        let mut taking = Taking::new(&app, &kept.mapping, origin).await.unwrap();
        let asked = only(&app).await;
        let own = Wish {
            subdomain: "agency-2".to_owned(),
            ..asked.wish
        };
        app.request_edit(asked.id, own).await.unwrap();
        let row = asking_row(&row("anna@new.example"));
        taking.take(row).await.unwrap();
        taking.end(false).await.unwrap();
        let now = only(&app).await.wish;
        assert_eq!(now.contact_email, "anna@new.example");
        assert_eq!(now.subdomain, "agency-2");
    }

    #[tokio::test]
    async fn what_the_table_says_of_who_asks_is_changed_there_and_arrives() {
        let (_folder, app) = testing::app().await;
        let said = |email: &'static str, plan: &'static str| {
            [
                (SourceField::ContactEmail, email),
                (SourceField::Plan, plan),
                (SourceField::Subdomain, "agency"),
            ]
        };
        goes_through(&app, &said("anna@old.example", "starter")).await;
        let asked = only(&app).await;
        assert_eq!(asked.problem, None);
        for (field, wish) in [
            (
                "contact_email",
                Wish {
                    contact_email: "anna@here.example".to_owned(),
                    ..asked.wish.clone()
                },
            ),
            (
                "plan",
                Wish {
                    plan: "enterprise".to_owned(),
                    ..asked.wish.clone()
                },
            ),
        ] {
            let refused = app.request_edit(asked.id, wish).await.unwrap_err();
            assert_eq!(refused.code(), "source_followed", "{field}");
            assert!(is_followed(&refused, field), "{refused:?}");
        }
        let own = Wish {
            subdomain: "agency-2".to_owned(),
            contact_name: Some("Anna".to_owned()),
            ..asked.wish
        };
        app.request_edit(asked.id, own).await.unwrap();

        let report = goes_through(&app, &said("anna@new.example", "professional")).await;
        assert_eq!((report.changed, report.asked), (1, 0), "{report:#?}");
        let now = only(&app).await.wish;
        assert_eq!(now.contact_email, "anna@new.example");
        assert_eq!(now.plan, "professional");
        assert_eq!(now.subdomain, "agency-2", "the inbox's own stays");
        assert_eq!(now.contact_name.as_deref(), Some("Anna"));
        // What the table says amiss takes nothing away.
        let report = goes_through(&app, &said("anna", "platinum")).await;
        assert_eq!(report.unchanged, 1, "{report:#?}");
        assert_eq!(only(&app).await.wish, now);
    }

    #[tokio::test]
    async fn who_was_put_away_follows_its_row_and_stays_away() {
        let (_folder, app) = testing::app().await;
        let row = |email| [(SourceField::ContactEmail, email)];
        goes_through(&app, &row("anna@old.example")).await;
        let asked = only(&app).await;
        let archived = app.request_archive(asked.id).await.unwrap();
        let report = goes_through(&app, &row("anna@new.example")).await;
        assert_eq!((report.changed, report.asked), (1, 0), "{report:#?}");
        let now = only(&app).await;
        assert_eq!(now.wish.contact_email, "anna@new.example");
        assert_eq!(
            (now.state, &now.decided),
            (RequestState::Archived, &archived.decided)
        );
        let refused = app.request_edit(asked.id, now.wish.clone()).await;
        assert_eq!(refused.unwrap_err().code(), "request_decided");
        let restored = app.request_restore(asked.id).await.unwrap();
        assert_eq!(
            (restored.state, restored.wish),
            (RequestState::Open, now.wish)
        );
    }

    fn is_followed(problem: &Problem, named: &str) -> bool {
        matches!(&*problem.cause, Cause::SourceFollowed { field, .. } if field == named)
    }
}
