//! The vendors' cards on a customer's screen: what there is of each, from the records alone.

use fabrik_domain::{
    blueprint::Blueprint,
    provider::Provider,
    resource::{Origin, Resource, ResourceKind, ResourceState},
    run::{Output, StepRecord},
};

use crate::{
    customer_rows::mark,
    views::{CustomerRow, Fact, FactLabel, InstanceCard},
};

/// A card per vendor of the blueprint; of those with resources alone, where the blueprint is not known.
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
                .filter(|p| resources.iter().any(|r| r.provider == *p))
                .collect()
        },
        Blueprint::providers,
    );
    providers
        .into_iter()
        .map(|provider| {
            let mine: Vec<&Resource> = resources
                .iter()
                .filter(|r| r.provider == provider && r.state == ResourceState::Live)
                .collect();
            let main = main_kind(provider).and_then(|kind| mine.iter().find(|r| r.kind == kind));
            let own_steps = || {
                steps
                    .iter()
                    .filter(|step| step.kind.provider() == Some(provider))
            };
            InstanceCard {
                provider,
                state: mark(provider, row.last_run.as_ref(), steps, resources),
                name: main.map(|resource| resource.name.clone()),
                url: main.and_then(|resource| resource.url.clone()),
                copy: copied(provider, row, main.copied()),
                facts: facts(provider, &mine, main.copied(), own_steps()),
                problem: own_steps().find_map(|step| step.error.clone()),
            }
        })
        .collect()
}

const fn main_kind(provider: Provider) -> Option<ResourceKind> {
    match provider {
        Provider::Supabase => Some(ResourceKind::SupabaseProject),
        Provider::GitHub => Some(ResourceKind::Repository),
        Provider::Vercel => Some(ResourceKind::VercelProject),
        Provider::Resend => Some(ResourceKind::Mail),
        Provider::N8n => Some(ResourceKind::Workflows),
        Provider::Gitea => Some(ResourceKind::WorkflowBackup),
        Provider::Stripe => None,
    }
}

/// What is worth copying.
fn copied(provider: Provider, row: &CustomerRow, main: Option<&Resource>) -> Option<String> {
    match provider {
        Provider::Supabase => main
            .map(|resource| resource.id.clone())
            .or_else(|| row.customer.supabase_project_ref.clone()),
        Provider::Vercel => row.customer.production_url.clone(),
        _ => main.map(|resource| resource.name.clone()),
    }
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
    let newest = |kind, label| {
        let resource = mine.iter().find(|resource| resource.kind == kind)?;
        Some(Fact {
            label,
            value: resource.name.clone(),
        })
    };
    facts.extend(newest(ResourceKind::AuthUser, FactLabel::Administrator));
    facts.extend(newest(
        ResourceKind::VercelDeployment,
        FactLabel::Deployment,
    ));
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
