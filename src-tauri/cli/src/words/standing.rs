//! How a resource stands, in the form that its kind's word asks for: `repo (skapat)`, `fil (skapad)`.

use fabrik_domain::{
    language::Language,
    resource::{Origin, ResourceKind, ResourceState},
};

use super::Term;

/// What a kind's word in Swedish asks of a participle beside it.
enum Form {
    Common,
    Neuter,
    Plural,
}

/// How a resource of this kind stands; where it is live, how it came to be the customer's.
pub(crate) fn standing(
    language: Language,
    kind: ResourceKind,
    origin: Origin,
    state: ResourceState,
) -> &'static str {
    let word = match state {
        ResourceState::Live => origin.word(language),
        state => state.word(language),
    };
    match (language, form(kind)) {
        (Language::En, _) | (Language::Sv, Form::Common) => word,
        (Language::Sv, Form::Neuter) => match word {
            "skapad" => "skapat",
            "övertagen" => "övertaget",
            "kanske skapad" => "kanske skapat",
            "borttagen" => "borttaget",
            "lämnad kvar" => "lämnat kvar",
            word => word,
        },
        (Language::Sv, Form::Plural) => match word {
            "skapad" => "skapade",
            "övertagen" => "övertagna",
            "kanske skapad" => "kanske skapade",
            "borttagen" => "borttagna",
            "lämnad kvar" => "lämnade kvar",
            word => word,
        },
    }
}

const fn form(kind: ResourceKind) -> Form {
    match kind {
        ResourceKind::SupabaseProject
        | ResourceKind::DatabaseSchema
        | ResourceKind::Repository
        | ResourceKind::VercelProject
        | ResourceKind::Mail => Form::Neuter,
        ResourceKind::DatabaseUrl
        | ResourceKind::AuthSettings
        | ResourceKind::VercelEnvironment
        | ResourceKind::Workflows => Form::Plural,
        ResourceKind::ComputeSize
        | ResourceKind::PointInTimeRecovery
        | ResourceKind::AuthUser
        | ResourceKind::RepositoryFile
        | ResourceKind::VercelDeployment
        | ResourceKind::Domain
        | ResourceKind::WorkflowBackup => Form::Common,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_participle_agrees_with_its_kind() {
        let of = |language, kind, state| standing(language, kind, Origin::Created, state);
        for (kind, live, intended) in [
            (ResourceKind::Repository, "skapat", "kanske skapat"),
            (ResourceKind::Domain, "skapad", "kanske skapad"),
            (ResourceKind::Workflows, "skapade", "kanske skapade"),
        ] {
            assert_eq!(of(Language::Sv, kind, ResourceState::Live), live);
            assert_eq!(of(Language::Sv, kind, ResourceState::Intended), intended);
            assert_eq!(of(Language::En, kind, ResourceState::Live), "created");
        }
    }

    #[test]
    fn every_participle_has_the_form_for_its_kind() {
        let origins = Origin::EVERY.iter().map(|one| (*one, ResourceState::Live));
        let states = ResourceState::EVERY.iter();
        let states = states.map(|one| (Origin::Created, *one));
        for (origin, state) in origins.chain(states) {
            let of = |kind| standing(Language::Sv, kind, origin, state);
            let common = of(ResourceKind::Domain);
            let inflected = !["finns", "rest"].contains(&common);
            for kind in [ResourceKind::Repository, ResourceKind::Workflows] {
                assert_eq!(of(kind) != common, inflected, "{common}: {}", of(kind));
            }
        }
    }
}
