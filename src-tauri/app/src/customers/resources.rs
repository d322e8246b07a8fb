//! A customer's resources as its page shows them.

use fabrik_domain::resource::{Resource, ResourceState};

/// A resource that several runs met is shown once, as it stands now; the newest first.
pub(super) fn newest_of_each(resources: Vec<Resource>) -> Vec<Resource> {
    let mut shown: Vec<Resource> = Vec::new();
    let there = resources
        .into_iter()
        .filter(|resource| !resource.never_was());
    for resource in there.rev() {
        // What a rollback has left as it was found is the project's, as ever.
        let state = match resource.state {
            ResourceState::LetGo if resource.is_standing_choice() => ResourceState::Live,
            state => state,
        };
        let resource = Resource { state, ..resource };
        let same = |other: &&mut Resource| other.kind == resource.kind && other.id == resource.id;
        match shown.iter_mut().find(same) {
            // A rollback takes back what its run made of it, or found, and leaves what an earlier one has.
            Some(newer) if !is_kept(newer) && is_kept(&resource) => *newer = resource,
            // Made by an earlier run, adopted by a later: it is ours, and that is what is told.
            Some(newer) => newer.origin = resource.origin,
            None => shown.push(resource),
        }
    }
    shown
}

/// Whether it is there, or may be, and is a concern of ours.
fn is_kept(resource: &Resource) -> bool {
    match resource.state {
        ResourceState::Intended | ResourceState::Live | ResourceState::Leftover => true,
        ResourceState::Removed | ResourceState::LetGo => resource.is_standing_choice(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use fabrik_domain::{
        id::{CustomerId, ResourceId, RunId},
        provider::Provider,
        resource::{Origin, ResourceKind},
        run::RunState,
    };
    use fabrik_store::{JournalEntry, Lease};
    use jiff::Timestamp;

    use super::*;
    use crate::{testing, views::FactLabel};

    /// How far back the database can go, as a run has chosen it.
    fn recovery(name: &str, state: ResourceState) -> Resource {
        Resource {
            key: ResourceId::new(),
            customer: CustomerId::new(),
            run: RunId::new(),
            step: "recovery".to_owned(),
            provider: Provider::Supabase,
            kind: ResourceKind::PointInTimeRecovery,
            id: "abcdefghijklmnopqrst".to_owned(),
            name: name.to_owned(),
            url: None,
            content_hash: None,
            origin: Origin::Created,
            state,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn what_stands_is_shown_and_of_what_is_gone_the_newest() {
        use ResourceState::{Intended, Leftover, LetGo, Live, Removed};
        for (states, expected) in [
            ([Live, Live], "later"),
            ([Live, Removed], "earlier"),
            ([Live, LetGo], "earlier"),
            ([Leftover, Removed], "earlier"),
            ([Live, Leftover], "later"),
            ([Live, Intended], "later"),
            ([Removed, Live], "later"),
            ([Removed, Removed], "later"),
        ] {
            let [earlier, later] = states;
            let rows = vec![recovery("earlier", earlier), recovery("later", later)];
            let shown = newest_of_each(rows);
            let names: Vec<_> = shown.iter().map(|row| row.name.as_str()).collect();
            assert_eq!(names, [expected], "{states:?}");
        }
    }

    #[test]
    fn what_an_earlier_run_made_is_told_as_made_whoever_found_it_since() {
        let found = |state| Resource {
            origin: Origin::Adopted,
            ..recovery("found", state)
        };
        for states in [
            [ResourceState::Live, ResourceState::Live],
            [ResourceState::Live, ResourceState::LetGo],
            [ResourceState::LetGo, ResourceState::LetGo],
        ] {
            let mut rows = vec![recovery("made", ResourceState::Live)];
            rows.extend(states.map(found));
            let shown = newest_of_each(rows);
            let origins: Vec<_> = shown.iter().map(|row| row.origin).collect();
            assert_eq!(origins, [Origin::Created], "{states:?}");
        }
    }

    #[test]
    fn what_a_rollback_found_changed_before_it_is_what_stands() {
        let off = Resource {
            origin: Origin::Adopted,
            ..recovery("off", ResourceState::LetGo)
        };
        let shown = newest_of_each(vec![recovery("pitr_7", ResourceState::Live), off]);
        let told: Vec<_> = shown
            .iter()
            .map(|row| (row.name.as_str(), row.state))
            .collect();
        assert_eq!(told, [("off", ResourceState::Live)]);
    }

    #[tokio::test]
    async fn a_card_tells_what_stands_after_a_rollback() {
        let (_folder, app) = testing::app().await;
        let first = testing::run(&app, "me", BTreeMap::new()).await;
        let customer = app.store.run(first.run).await.unwrap().customer;
        let write = async |lease: &Lease, row: Resource, state: RunState| {
            let row = Resource {
                customer,
                run: lease.run,
                ..row
            };
            let entry = JournalEntry {
                resources: vec![row],
                ..JournalEntry::default()
            };
            app.store.journal(lease, entry).await.unwrap();
            testing::put(&app, lease, state).await;
        };
        let kept = recovery("pitr_7", ResourceState::Live);
        write(&first, kept, RunState::Succeeded).await;
        let same = app.store.customer(customer).await.unwrap();
        let second = testing::run_of(&app, "me", same, BTreeMap::new(), Vec::new()).await;
        let taken_back = recovery("pitr_14", ResourceState::Removed);
        write(&second, taken_back, RunState::RolledBack).await;
        let cards = app.customer_get(customer).await.unwrap().cards;
        let mut facts = cards.iter().flat_map(|card| &card.facts);
        let days = facts.find(|fact| fact.label == FactLabel::RecoveryDays);
        assert_eq!(days.map(|fact| fact.value.as_str()), Some("7"));
    }
}
