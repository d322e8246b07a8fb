//! What holds after every trial.

use std::collections::{BTreeMap, BTreeSet};

use fabrik_domain::{
    customer::Customer,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{Run, RunState},
};

use super::{Trial, World};

/// What costs something, and is there once for a customer.
fn costly(kind: ResourceKind) -> Option<&'static str> {
    Some(match kind {
        ResourceKind::SupabaseProject => "supabase project",
        ResourceKind::Repository => "github repository",
        ResourceKind::VercelProject => "vercel project",
        ResourceKind::Domain => "vercel domain",
        _ => return None,
    })
}

/// The workflows that a row stands for, and the credentials made for them: kind and id.
pub(super) fn workflows(row: &Resource) -> Vec<(String, String)> {
    let parts = row
        .content_hash
        .as_deref()
        .filter(|_| row.kind == ResourceKind::Workflows);
    let parts = parts.into_iter().flat_map(str::split_whitespace);
    parts
        .filter_map(|part| part.split_once('='))
        // Whose key made it all stands there too, and of what.
        .filter(|(key, _)| *key != "user.key" && !key.starts_with("hash."))
        .map(|(key, id)| {
            let is_credential = key.starts_with("credential.");
            let kind = if is_credential {
                "n8n credential"
            } else {
                "n8n workflow"
            };
            (kind.to_owned(), id.to_owned())
        })
        .collect()
}

impl World {
    /// The ids in a customer's records that are said to be there, of what costs something.
    pub(crate) async fn told(&self, customer: &Customer) -> BTreeSet<(String, String)> {
        let there = self.census();
        let rows = self.rows(customer).await;
        rows.into_iter()
            .filter(|row| matches!(row.state, ResourceState::Live | ResourceState::Leftover))
            .flat_map(|row| match (costly(row.kind), row.state) {
                (Some(kind), _) => vec![(kind.to_owned(), row.id)],
                // One line for several: it is left over until the last of them is gone.
                (None, ResourceState::Leftover) => {
                    let mut parts = workflows(&row);
                    parts.retain(|part| there.contains(part));
                    parts
                }
                (None, _) => workflows(&row),
            })
            .collect()
    }

    /// How many mails went to a customer.
    pub(crate) fn welcomes(&self, customer: &Customer) -> usize {
        let mails = self.mails();
        let to_customer = mails
            .iter()
            .filter(|mail| mail.to_string().contains(&customer.contact_email));
        to_customer.count()
    }
}

impl Trial {
    /// As [`World::told`], of the trial's customer.
    pub(crate) async fn told(&self) -> BTreeSet<(String, String)> {
        self.world.told(&self.customer).await
    }

    /// Whatever came is in the records, if only as what was about to be asked for.
    pub(crate) async fn assert_intended(&self, when: &str) {
        let rows = self.world.rows(&self.customer).await;
        let named = |kind: &str, id: &str| {
            let mut rows = rows.iter();
            rows.any(|row| match costly(row.kind) {
                Some(of) => of == kind && (row.id == id || row.state == ResourceState::Intended),
                // The workflows and their credentials share a row.
                None => row.kind == ResourceKind::Workflows && kind.starts_with("n8n "),
            })
        };
        let now = self.world.census();
        for (kind, id) in now.difference(&self.before.census) {
            assert!(
                named(kind, id),
                "{when}: {kind} {id} was not written down: {rows:#?}"
            );
        }
        self.before.assert_untouched(&self.world, when);
    }

    /// The records are the cloud: what came is what they say, nothing that was there is gone, and nothing foreign
    /// is touched.
    pub(crate) async fn assert_told(&self, when: &str) {
        let rows = self.assert_wholes_told(when).await;
        self.assert_parts_in_rows(&rows, when);
    }

    /// The same of all but what lies within projects and repositories. Gives the customer's rows.
    async fn assert_wholes_told(&self, when: &str) -> Vec<Resource> {
        let now = self.world.census();
        let gone: Vec<_> = self.before.census.difference(&now).collect();
        assert!(gone.is_empty(), "{when}: resources are gone: {gone:?}");
        let came: BTreeSet<_> = now.difference(&self.before.census).cloned().collect();
        let told = self.told().await;
        let told: BTreeSet<_> = told.difference(&self.before.census).cloned().collect();
        assert_eq!(came, told, "{when}: the cloud is what the records say");
        let rows = self.world.rows(&self.customer).await;
        assert!(
            rows.iter().all(|row| row.state != ResourceState::Intended),
            "{when}: nothing stays unknown: {rows:#?}"
        );
        self.before.assert_untouched(&self.world, when);
        self.assert_mailed_once(when);
        rows
    }

    /// What is there beside `others`, each of it in the records: kind and id.
    pub(crate) async fn assert_left_told(
        &self,
        others: &BTreeSet<(String, String)>,
        when: &str,
    ) -> BTreeSet<(String, String)> {
        let left: BTreeSet<_> = self.world.census().difference(others).cloned().collect();
        let told = self.told().await;
        let untold: Vec<_> = left.difference(&told).collect();
        assert!(untold.is_empty(), "{when}: left without a word: {untold:?}");
        left
    }

    /// A run that succeeded made one of each, and no more; so it is with what lies within.
    pub(crate) async fn assert_whole(&self, run: &Run, when: &str) {
        let left = self.left(run).await;
        assert_eq!(
            run.state,
            RunState::Succeeded,
            "{when}: {:?}, {left:#?}, after {:#?}",
            run.error,
            self.world.refusals()
        );
        let rows = self.assert_wholes_told(when).await;
        let unlike = self.unlike_whole(&rows);
        assert!(
            unlike.is_empty(),
            "{when}: the parts are what the records say: {unlike:#?} by {rows:#?}"
        );
        let mut kinds = BTreeMap::<_, BTreeSet<_>>::new();
        for row in rows.iter().filter(|row| row.state == ResourceState::Live) {
            let single = costly(row.kind).or((row.kind == ResourceKind::Mail).then_some("mail"));
            if let Some(kind) = single {
                kinds.entry(kind).or_default().insert(row.id.clone());
            }
        }
        for (kind, ids) in kinds {
            assert_eq!(ids.len(), 1, "{when}: one {kind}, not {ids:?}");
        }
        assert_eq!(self.welcomes(), 1, "{when}: one welcome");
        self.before.assert_as_planned(&self.world, &rows, when);
        let addresses = self.addresses(&rows);
        let kept: BTreeSet<_> = self.world.vault.names().into_iter().collect();
        assert!(
            addresses.is_subset(&kept),
            "{when}: {addresses:?} in {kept:?}"
        );
        self.assert_forgotten(&addresses, when);
    }

    /// What the vault keeps for the customer beyond its runs: the addresses of a database that is there.
    fn addresses(&self, rows: &[Resource]) -> BTreeSet<String> {
        let (workspace, customer) = (self.world.store.workspace(), self.customer.id);
        let live = rows.iter().filter(|row| {
            row.kind == ResourceKind::DatabaseUrl && row.state == ResourceState::Live
        });
        live.flat_map(|row| {
            ["pooled-url", "direct-url"].map(|way| {
                format!(
                    "v1/{workspace}/customer/{customer}/database/{}/{way}",
                    row.id
                )
            })
        })
        .collect()
    }

    /// A run that was undone left nothing of its own but what costs nothing and can't go or is met by visitors: a
    /// mail, a deployment in a project that stays. What it had changed is as it was.
    pub(crate) async fn assert_gone(&self, run: &Run, when: &str) {
        let left = self.left(run).await;
        assert_eq!(run.state, RunState::RolledBack, "{when}: {left:#?}");
        assert_eq!(
            self.world.census(),
            self.before.census,
            "{when}: the cloud is as it was"
        );
        let rows = self.world.rows(&self.customer).await;
        let left: Vec<_> = rows
            .iter()
            .filter(|row| {
                row.run == run.id
                    && row.origin == Origin::Created
                    && row.state != ResourceState::Removed
                    && !matches!(
                        row.kind,
                        ResourceKind::Mail | ResourceKind::VercelDeployment
                    )
            })
            .collect();
        assert!(left.is_empty(), "{when}: {left:#?}");
        self.before.assert_untouched(&self.world, when);
        self.before.assert_restored(&self.world, run, when).await;
        self.assert_parts_restored(&rows, when);
        self.assert_mailed_once(when);
        self.assert_forgotten(&self.before.kept, when);
    }

    /// The customer's whole instance is gone, and nothing else.
    pub(crate) async fn assert_removed(&self, run: &Run, when: &str) {
        let left = self.left(run).await;
        assert_eq!(run.state, RunState::Succeeded, "{when}: {left:#?}");
        assert_eq!(
            self.world.census(),
            self.before.foreign(),
            "{when}: only what is others' is left"
        );
        let (names, customer) = (self.world.vault.names(), self.customer.id.to_string());
        let address = names
            .iter()
            .find(|name| name.contains(&customer) && name.contains("/database/"));
        assert_eq!(
            address, None,
            "{when}: no address of a database that is gone"
        );
        let rows = self.world.rows(&self.customer).await;
        self.assert_parts_removed(&rows, when);
        self.before.assert_untouched(&self.world, when);
    }

    /// Nothing of the customer's is there, without a removal.
    pub(crate) async fn assert_nothing_left(&self, when: &str) {
        let now = self.world.census();
        assert_eq!(now, self.before.foreign(), "{when}: only what is others'");
        let rows = self.world.rows(&self.customer).await;
        self.assert_parts_removed(&rows, when);
        self.before.assert_untouched(&self.world, when);
    }

    /// Why steps of a run are not as they should be, for messages.
    async fn left(&self, run: &Run) -> Vec<String> {
        let steps = self.world.store.steps(run.id).await.unwrap();
        let errors = steps
            .iter()
            .filter_map(|step| Some((&step.id, step.error.as_ref()?)));
        errors
            .map(|(step, problem)| format!("{step}: {problem:?}"))
            .collect()
    }

    pub(crate) fn welcomes(&self) -> usize {
        self.world.welcomes(&self.customer)
    }

    fn assert_mailed_once(&self, when: &str) {
        assert!(self.welcomes() <= 1, "{when}: at most one welcome");
    }

    /// The vault keeps nothing of runs that have ended, but for `those` of an earlier one that may be resumed.
    fn assert_forgotten(&self, those: &BTreeSet<String>, when: &str) {
        let customer = self.customer.id.to_string();
        let mut names = self.world.vault.names();
        names.retain(|name| name.contains(&customer) && !those.contains(name));
        assert!(names.is_empty(), "{when}: still in the vault: {names:?}");
    }
}
