//! How the administrator comes in the first time: by a link that sets a password, or with the password that the user
//! was made with. A mail is handed both, one of them empty, so that the same letter serves for either.

use std::collections::BTreeMap;

use fabrik_domain::{
    Problem,
    blueprint::StepKind,
    failure::Failure,
    run::{Output, Outputs, Snapshot},
    secret::SecretRef,
};
use fabrik_engine::step::Context;
use serde::Deserialize;

use crate::{kept, parameters::Parameters};

/// The output that stands for the sign-in link. Nothing is kept under it: see [`crate::sign_in`].
pub(crate) const LINK: &str = "link";

/// The output that stands for the temporary password, which is kept until the run ends.
pub(crate) const PASSWORD: &str = "password";

/// The two outputs, by their names.
pub(crate) type Handed = [(String, Output); 2];

/// What a step hands on. A password that no run keeps any more can't be told: a link takes its place.
pub(super) async fn outputs(
    cx: &Context<'_>,
    by_password: bool,
    user: &str,
) -> Result<Handed, Failure> {
    if by_password {
        for place in kept::admin_passwords(cx, user) {
            if cx.secrets.get(&place).await?.is_some() {
                return Ok(handed(true, place));
            }
        }
    }
    let purpose = format!("{}/{LINK}", cx.step.id);
    let link = SecretRef::run(cx.mark.workspace, cx.mark.customer, cx.run, &purpose);
    Ok(handed(false, link))
}

/// The secret of this place as the one, and nothing as the other.
pub(crate) fn handed(by_password: bool, place: SecretRef) -> Handed {
    let (given, left_out) = if by_password {
        (PASSWORD, LINK)
    } else {
        (LINK, PASSWORD)
    };
    [
        (given.to_owned(), Output::Secret(place)),
        (left_out.to_owned(), Output::Public(String::new())),
    ]
}

/// The outputs of a run for a mail after it. The password is kept no more then, and may be another: a link takes its
/// place.
pub(crate) fn after_the_run(
    snapshot: &Snapshot,
    outputs: &BTreeMap<String, Outputs>,
) -> BTreeMap<String, Outputs> {
    let mut outputs = outputs.clone();
    let steps = snapshot.blueprint.steps.iter();
    for step in steps.filter(|step| step.kind == StepKind::AdminUser) {
        if let Some(known) = outputs.get_mut(&step.id)
            && let Some(Output::Secret(place)) = known.get(PASSWORD).cloned()
        {
            // Where the password was, the link is looked up.
            known.extend(handed(false, place));
        }
    }
    outputs
}

/// What a blueprint has chosen.
#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    temporary_password: bool,
}

/// Whether a step with these parameters hands on a password.
pub(crate) fn is_by_password(parameters: &Parameters) -> Result<bool, Problem> {
    let Choice { temporary_password } = parameters.read(&["/secret_key"])?;
    Ok(temporary_password)
}
