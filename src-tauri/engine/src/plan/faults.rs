//! What stands in a plan's way: whose fault it is, and each thing told once.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    Cause, Problem,
    run::{Action, PlannedStep},
};

/// What the steps know to fail before anything is made.
#[derive(Default)]
pub(super) struct Faults<'a> {
    /// Each once.
    pub(super) all: Vec<Problem>,
    /// Those of a step, by the blueprint's name of it.
    pub(super) by_step: BTreeMap<&'a str, Vec<Problem>>,
    /// The steps that keep something in the vault.
    pub(super) keeping: BTreeSet<&'a str>,
}

/// Whether it is made once nothing is in the way any more.
pub(super) const fn is_to_make(action: Action) -> bool {
    match action {
        Action::Create | Action::Conflict | Action::Blocked => true,
        Action::Adopt | Action::Skip => false,
    }
}

/// Says of a step what it knows to fail. What only has to be waited for refuses nothing.
pub(super) fn blame(step: &mut PlannedStep, found: &[Problem]) {
    let hides = found.iter().find(|problem| hides_account(problem));
    let cause = match step.action {
        // It is told already who is in the way.
        Action::Conflict => None,
        // What a vendor says of what it doesn't show is a consequence.
        Action::Blocked => hides,
        Action::Create | Action::Adopt | Action::Skip => {
            let refuses = |problem: &&Problem| !matches!(*problem.cause, Cause::Throttled { .. });
            hides.or_else(|| found.iter().find(refuses))
        }
    };
    if let Some(cause) = cause {
        step.action = Action::Blocked;
        step.because = Some(cause.clone());
    }
}

/// One with the keyring is of no vendor, whichever's token was in it.
pub(super) fn of_anyone(mut problem: Problem) -> Problem {
    if problem.cause.is_of_keyring() {
        problem.provider = None;
    }
    problem
}

/// Adds what isn't told yet. The same trouble met by two steps is told once, whatever its request id.
pub(super) fn tell(told: &mut Vec<Problem>, problem: Problem) {
    let problem = of_anyone(problem);
    let same = |other: &Problem| other.cause == problem.cause && other.provider == problem.provider;
    if !told.iter().any(same) {
        told.push(problem);
    }
}

/// An account that a vendor doesn't show, or that nobody has named: whatever else is asked of it is refused.
fn hides_account(problem: &Problem) -> bool {
    matches!(
        *problem.cause,
        Cause::TeamNotVisible { .. }
            | Cause::OwnerNotVisible { .. }
            | Cause::OrganizationNotVisible { .. }
            | Cause::SettingMissing { .. }
    )
}

/// An owner who isn't seen has no app that is seen either.
pub(super) fn without_consequences(told: &mut Vec<Problem>, steps: &mut [PlannedStep]) {
    let unseen: Vec<Problem> = told
        .iter()
        .filter(|problem| matches!(*problem.cause, Cause::OwnerNotVisible { .. }))
        .cloned()
        .collect();
    told.retain(|problem| why_no_app(problem, &unseen).is_none());
    for because in steps.iter_mut().filter_map(|step| step.because.as_mut()) {
        if let Some(why) = why_no_app(because, &unseen) {
            *because = why.clone();
        }
    }
}

/// Of an app that isn't seen, the one of these that says that its owner isn't.
fn why_no_app<'a>(problem: &Problem, unseen: &'a [Problem]) -> Option<&'a Problem> {
    let Cause::VercelAppMissing { owner: of } = problem.cause.as_ref() else {
        return None;
    };
    unseen.iter().find(
        |unseen| matches!(unseen.cause.as_ref(), Cause::OwnerNotVisible { owner } if owner == of),
    )
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{blueprint::StepKind, provider::Provider};

    use super::*;

    fn told(problems: impl IntoIterator<Item = Problem>) -> Vec<String> {
        let mut told = Vec::new();
        for problem in problems {
            tell(&mut told, problem);
        }
        without_consequences(&mut told, &mut []);
        told.iter().map(Problem::code).collect()
    }

    #[test]
    fn one_keyring_is_told_once_and_each_vendors_refusal_for_itself() {
        let no_keyring = Cause::KeyringMissing {
            service: None,
            variable: None,
        };
        for (cause, times) in [(no_keyring, 1), (Cause::CredentialRejected, 2)] {
            let of = |provider| Problem::from(cause.clone()).by(provider);
            let told = told([Provider::Supabase, Provider::GitHub].map(of));
            assert_eq!(told.len(), times, "{told:?}");
        }
    }

    #[test]
    fn the_app_of_an_owner_who_is_not_seen_is_not_told() {
        let unseen = |owner: &str| {
            let owner = owner.to_owned();
            Problem::from(Cause::OwnerNotVisible { owner }).by(Provider::GitHub)
        };
        let no_app = |owner: &str| {
            let owner = owner.to_owned();
            Problem::from(Cause::VercelAppMissing { owner }).by(Provider::Vercel)
        };
        let same = told([unseen("acme"), no_app("acme")]);
        assert_eq!(same, ["owner_not_visible"]);
        let other = told([unseen("acme"), no_app("norrform")]);
        assert_eq!(other, ["owner_not_visible", "vercel_app_missing"]);
    }

    fn planned(action: Action, because: Option<Problem>) -> PlannedStep {
        PlannedStep {
            id: "site".to_owned(),
            kind: StepKind::VercelProject,
            provider: Some(Provider::Vercel),
            action,
            name: None,
            because,
            expected_seconds: 1.0,
        }
    }

    #[test]
    fn the_step_that_knows_to_fail_is_the_blocked_one() {
        let fault = Problem::from(Cause::CredentialRejected);
        let hides = Problem::from(Cause::OwnerNotVisible {
            owner: "acme".to_owned(),
        });
        for action in [Action::Create, Action::Adopt, Action::Skip] {
            let mut step = planned(action, None);
            blame(&mut step, &[]);
            assert_eq!((step.action, &step.because), (action, &None));
            let until = jiff::Timestamp::UNIX_EPOCH;
            blame(&mut step, &[Cause::Throttled { until }.into()]);
            assert_eq!(step.action, action, "a limit is waited for");
            blame(&mut step, &[fault.clone(), hides.clone()]);
            assert_eq!(step.action, Action::Blocked, "{action:?}");
            assert_eq!(step.because, Some(hides.clone()), "what explains the other");
        }
        let taken = Problem::from(Cause::NameTaken {
            name: "akermark".to_owned(),
        });
        let mut step = planned(Action::Conflict, Some(taken.clone()));
        blame(&mut step, &[fault]);
        assert_eq!((step.action, step.because), (Action::Conflict, Some(taken)));
    }

    #[test]
    fn the_step_whose_app_is_not_seen_names_the_owner_who_is_not() {
        let owner = || "acme".to_owned();
        let unseen = Problem::from(Cause::OwnerNotVisible { owner: owner() });
        let no_app = Problem::from(Cause::VercelAppMissing { owner: owner() });
        let mut steps = [planned(Action::Blocked, Some(no_app.clone()))];
        let mut told = vec![unseen.clone(), no_app];
        without_consequences(&mut told, &mut steps);
        assert_eq!(told, std::slice::from_ref(&unseen));
        assert_eq!(steps[0].because, Some(unseen));
    }
}
