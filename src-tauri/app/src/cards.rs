//! The vendors' cards on a customer's screen: what there is of each, from the records alone.

use fabrik_domain::{
    blueprint::Blueprint,
    provider::Provider,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{Output, StepRecord},
};

use crate::{
    customer_rows::{mark, recorded, trouble},
    views::{CustomerRow, Fact, FactLabel, InstanceCard},
};

/// A card per vendor of the blueprint; of those alone of whom there is something, where the blueprint is not known.
pub(crate) fn of(
    row: &CustomerRow,
    blueprint: Option<&Blueprint>,
    resources: &[Resource],
    steps: &[StepRecord],
) -> Vec<InstanceCard> {
    let providers = blueprint.map_or_else(
        || {
            Provider::ALL
                .into_iter()
                .filter(|p| {
                    resources.iter().any(|r| r.provider == *p)
                        || recorded(*p, &row.customer).is_some()
                })
                .collect()
        },
        Blueprint::providers,
    );
    let run = row.last_run.as_ref();
    providers
        .into_iter()
        .map(|provider| {
            let mine: Vec<&Resource> = resources
                .iter()
                .filter(|r| r.provider == provider && r.state == ResourceState::Live)
                .collect();
            let main = main_kinds(provider)
                .iter()
                .find_map(|kind| mine.iter().find(|r| r.kind == *kind));
            let own_steps = || {
                steps
                    .iter()
                    .filter(|step| step.kind.provider() == Some(provider))
            };
            // What a step told of something that is gone is gone with it.
            let standing_steps = || own_steps().filter(|_| !mine.is_empty());
            InstanceCard {
                provider,
                state: mark(provider, &row.customer, run, steps, resources),
                name: main
                    .map(|resource| resource.name.clone())
                    .or_else(|| recorded_name(provider, row)),
                url: main.and_then(|resource| resource.url.clone()),
                copy: copied(provider, row, main.copied(), standing_steps()),
                facts: facts(provider, &mine, main.copied(), standing_steps()),
                problem: own_steps().find_map(|step| trouble(run, step).cloned()),
            }
        })
        .collect()
}

/// The kind of a vendor's main resource; where there is none of it, of what stands in its place: on a Vercel project
/// that all customers share, this one's domain.
const fn main_kinds(provider: Provider) -> &'static [ResourceKind] {
    match provider {
        Provider::Supabase => &[ResourceKind::SupabaseProject],
        Provider::GitHub => &[ResourceKind::Repository],
        Provider::Vercel => &[ResourceKind::VercelProject, ResourceKind::Domain],
        Provider::Resend => &[ResourceKind::Mail],
        Provider::N8n => &[ResourceKind::Workflows],
        Provider::Gitea => &[ResourceKind::WorkflowBackup],
        Provider::Stripe => &[],
    }
}

/// What is worth copying.
fn copied<'s>(
    provider: Provider,
    row: &CustomerRow,
    main: Option<&Resource>,
    mut steps: impl Iterator<Item = &'s StepRecord>,
) -> Option<String> {
    match provider {
        Provider::Supabase => main
            .map(|resource| resource.id.clone())
            .or_else(|| row.customer.supabase_project_ref.clone()),
        Provider::Vercel => row.customer.production_url.clone(),
        Provider::N8n => steps.find_map(|step| match step.outputs.get("webhook_url") {
            Some(Output::Public(url)) if !url.is_empty() => Some(url.clone()),
            _ => None,
        }),
        _ => main
            .map(|resource| resource.name.clone())
            .or_else(|| recorded_name(provider, row)),
    }
}

/// What a repository of the details is called: its address ends in `owner/name`.
fn recorded_name(provider: Provider, row: &CustomerRow) -> Option<String> {
    let url = recorded(provider, &row.customer)?;
    let (owner, name) = url.trim_end_matches('/').rsplit_once('/')?;
    let owner = owner.rsplit('/').next().filter(|owner| !owner.is_empty())?;
    (provider == Provider::GitHub).then(|| format!("{owner}/{name}"))
}

fn facts<'s>(
    provider: Provider,
    mine: &[&Resource],
    main: Option<&Resource>,
    steps: impl Iterator<Item = &'s StepRecord>,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    for step in steps {
        for (name, output) in &step.outputs {
            let (Some(label), Output::Public(value)) = (label(provider, name), output) else {
                continue;
            };
            // A commit is known by its first seven characters.
            let value: String = match label {
                FactLabel::Commit => value.chars().take(7).collect(),
                _ => value.clone(),
            };
            if !value.is_empty() {
                facts.push(Fact { label, value });
            }
        }
    }
    if let Some(workflows) = main.filter(|main| main.kind == ResourceKind::Workflows) {
        let count = workflows.name.split(", ").count();
        facts.push(Fact {
            label: FactLabel::Workflows,
            value: count.to_string(),
        });
    }
    let newest = |kind, label| {
        let resource = mine.iter().find(|resource| resource.kind == kind)?;
        Some(Fact {
            label,
            value: resource.name.clone(),
        })
    };
    facts.extend(newest(ResourceKind::AuthUser, FactLabel::Administrator));
    let recovery = newest(ResourceKind::PointInTimeRecovery, FactLabel::RecoveryDays);
    facts.extend(recovery.and_then(|fact| {
        // As the vendor calls it: `pitr_7`. Turned off, it has none.
        let value = fact.value.strip_prefix("pitr_")?.to_owned();
        Some(Fact { value, ..fact })
    }));
    let deployment = mine
        .iter()
        .find(|resource| resource.kind == ResourceKind::VercelDeployment);
    facts.extend(deployment.map(|resource| Fact {
        label: FactLabel::Deployment,
        // Its name is the project's.
        value: resource.at.to_string(),
    }));
    facts.extend(newest(ResourceKind::Domain, FactLabel::Domain));
    if let Some(resource) = main {
        facts.push(Fact {
            label: FactLabel::CreatedAt,
            value: resource.at.to_string(),
        });
        let origin = match resource.origin {
            Origin::Created => "created",
            Origin::Adopted => "adopted",
        };
        facts.push(Fact {
            label: FactLabel::Origin,
            value: origin.to_owned(),
        });
    }
    facts
}

/// The outputs of a vendor's steps that people want to know.
fn label(provider: Provider, output: &str) -> Option<FactLabel> {
    Some(match (provider, output) {
        (Provider::Supabase, "region") => FactLabel::Region,
        (Provider::Supabase, "tables") => FactLabel::Tables,
        (Provider::GitHub, "default_branch") => FactLabel::Branch,
        (Provider::GitHub, "commit") => FactLabel::Commit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use fabrik_domain::{
        blueprint::StepKind,
        customer::{Customer, InstanceState, NewCustomer},
        id::{ResourceId, RunId},
    };
    use jiff::Timestamp;

    use super::*;
    use crate::views::MarkState;

    fn row() -> CustomerRow {
        let customer = Customer::made(
            NewCustomer::default(),
            "lyran".into(),
            Timestamp::UNIX_EPOCH,
        );
        CustomerRow {
            customer,
            state: InstanceState::Active,
            stack: Vec::new(),
            last_run: None,
            monthly_price: None,
            expected_seconds: 0.0,
            progress: None,
        }
    }

    fn live(row: &CustomerRow, provider: Provider, kind: ResourceKind, name: &str) -> Resource {
        Resource {
            key: ResourceId::new(),
            customer: row.customer.id,
            run: RunId::new(),
            step: "step".to_owned(),
            provider,
            kind,
            id: name.to_owned(),
            name: name.to_owned(),
            url: None,
            content_hash: None,
            origin: Origin::Created,
            state: ResourceState::Live,
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn told(card: &InstanceCard, label: FactLabel) -> Option<&str> {
        let fact = card.facts.iter().find(|fact| fact.label == label)?;
        Some(&fact.value)
    }

    #[test]
    fn on_a_shared_project_the_card_is_the_domains() {
        let row = row();
        let resources = [
            live(
                &row,
                Provider::Vercel,
                ResourceKind::Domain,
                "lyran.orkester.example",
            ),
            live(
                &row,
                Provider::Vercel,
                ResourceKind::VercelEnvironment,
                "DATABASE_URL_LYRAN",
            ),
        ];
        let [card] = &of(&row, None, &resources, &[])[..] else {
            panic!("one vendor")
        };
        assert_eq!(card.name.as_deref(), Some("lyran.orkester.example"));
        assert_eq!(told(card, FactLabel::Domain), card.name.as_deref());
    }

    #[test]
    fn what_was_entered_is_there_and_named_and_copied() {
        let mut row = row();
        row.customer.github_repo_url = Some("https://github.com/norrform/lyran/".to_owned());
        row.customer.supabase_project_ref = Some("abcdefghijklmnopqrst".to_owned());
        let cards = of(&row, None, &[], &[]);
        let told: Vec<_> = cards
            .iter()
            .map(|card| {
                (
                    card.provider,
                    card.state,
                    card.name.as_deref(),
                    card.copy.as_deref(),
                )
            })
            .collect();
        let (repository, project) = (
            Some("norrform/lyran"),
            row.customer.supabase_project_ref.as_deref(),
        );
        assert_eq!(
            told,
            [
                (Provider::Supabase, MarkState::Live, None, project),
                (Provider::GitHub, MarkState::Live, repository, repository),
            ]
        );
    }

    #[test]
    fn workflows_are_counted_and_their_webhook_is_what_is_copied() {
        let row = row();
        let workflows = live(
            &row,
            Provider::N8n,
            ResourceKind::Workflows,
            "leads, report",
        );
        let mut step = StepRecord::new("workflows".to_owned(), StepKind::N8nWorkflows, 1);
        let webhook = "https://n8n.example/webhook/leads-lyran";
        let output = ("webhook_url".to_owned(), Output::Public(webhook.to_owned()));
        step.outputs.extend([output]);
        let [card] = &of(&row, None, &[workflows], &[step])[..] else {
            panic!("one vendor")
        };
        assert_eq!(told(card, FactLabel::Workflows), Some("2"));
        assert_eq!(card.copy.as_deref(), Some(webhook));
    }

    #[test]
    fn of_what_was_taken_back_nothing_is_told() {
        let row = row();
        let mut repository = live(&row, Provider::GitHub, ResourceKind::Repository, "lyran");
        let mut step = StepRecord::new("repo".to_owned(), StepKind::GithubRepo, 1);
        let branch = Output::Public("main".to_owned());
        step.outputs.extend([("default_branch".to_owned(), branch)]);
        for (state, expected) in [
            (ResourceState::Live, Some("main")),
            (ResourceState::Removed, None),
        ] {
            repository.state = state;
            let cards = of(&row, None, &[repository.clone()], &[step.clone()]);
            assert_eq!(told(&cards[0], FactLabel::Branch), expected, "{state:?}");
        }
    }

    #[test]
    fn of_a_deployment_its_time_is_told() {
        let row = row();
        let kinds = [ResourceKind::VercelDeployment, ResourceKind::VercelProject];
        let mut resources = kinds.map(|kind| live(&row, Provider::Vercel, kind, "lyran"));
        resources[0].at = Timestamp::from_second(60).unwrap();
        let [card] = &of(&row, None, &resources, &[])[..] else {
            panic!("one vendor")
        };
        let at = told(card, FactLabel::Deployment);
        assert_eq!(
            at,
            Some("1970-01-01T00:01:00Z"),
            "its name is the project's"
        );
    }

    #[test]
    fn how_far_a_database_can_go_back_is_a_number_of_days() {
        let row = row();
        let resources = [
            live(
                &row,
                Provider::Supabase,
                ResourceKind::SupabaseProject,
                "client-lyran-prod",
            ),
            live(
                &row,
                Provider::Supabase,
                ResourceKind::PointInTimeRecovery,
                "pitr_7",
            ),
        ];
        let [card] = &of(&row, None, &resources, &[])[..] else {
            panic!("one vendor")
        };
        assert_eq!(told(card, FactLabel::RecoveryDays), Some("7"));
    }
}
