//! Making the set: the credentials first, since the workflows' nodes name them by their ids.

use fabrik_clouds::{n8n::NewCredential, refused_with};
use fabrik_domain::{
    Cause,
    event::Detail,
    failure::{Failure, Outcome},
};
use fabrik_engine::step::Context;

use super::{Credential, N8nWorkflows, seen::Seen, source::Source};

impl N8nWorkflows {
    /// Makes what is not there, and anew what was made of something else, one by one. What came of it is in `seen`,
    /// however far it came.
    pub(super) async fn make(&self, cx: &Context<'_>, seen: &mut Seen) -> Result<(), Failure> {
        let before = seen.credentials.clone();
        let anew = seen.begins_anew(Source::Credentials, false);
        for credential in &self.credentials {
            let there = before.get(&credential.name);
            if there.is_none() || anew {
                let id = self.make_credential(cx, credential, there, seen).await?;
                seen.credentials.insert(credential.name.clone(), id);
            }
        }
        seen.made_of(Source::Credentials, self.hash(cx, Source::Credentials));
        // The nodes name them by their ids.
        let same_ids = (before.iter()).all(|(name, id)| seen.credentials.get(name) == Some(id));
        let anew = seen.begins_anew(Source::Values, !same_ids);
        for (part, file) in &self.files {
            let there = seen.workflows.get(part);
            if anew || there.is_none() {
                let new = self.wanted(cx, part, file, seen)?;
                let mut made = match there {
                    Some(there) => self.n8n.replace_workflow(&there.id, &new).await?,
                    None => self.n8n.create_workflow(&new).await?,
                };
                // What runs of it may be the one before.
                made.active = false;
                cx.say(Detail::WorkflowMade, &made.name);
                seen.workflows.insert(part.clone(), made);
            }
            let Some(workflow) = seen.workflows.get_mut(part) else {
                continue;
            };
            if !workflow.active {
                let published = self.n8n.publish(&workflow.id).await;
                published.map_err(|failure| not_published(failure, &workflow.name))?;
                workflow.active = true;
                cx.say(Detail::WorkflowPublished, &workflow.name);
            }
        }
        seen.made_of(Source::Values, self.hash(cx, Source::Values));
        Ok(())
    }

    /// Makes one, or another in the place of the one that is there, and gives its id.
    async fn make_credential(
        &self,
        cx: &Context<'_>,
        credential: &Credential,
        there: Option<&String>,
        seen: &Seen,
    ) -> Result<String, Failure> {
        let own = Self::own_id(cx, &credential.name);
        let new = NewCredential {
            id: &own,
            name: &Self::full_name(cx, &credential.name, "credential"),
            kind: &credential.kind,
            data: &credential.data,
        };
        let sent = match there {
            Some(there) => self.n8n.replace_credential(there, new).await,
            None => self.n8n.create_credential(new).await,
        };
        match &sent {
            Ok(id) => {
                let the_same = *id == own || there == Some(id);
                self.heard.made(&credential.name, id, the_same);
            }
            Err(failure) if failure.outcome == Outcome::Unknown && seen.lists_no_credentials => {
                self.heard.loses(&credential.name);
            }
            Err(_) => {}
        }
        sent
    }
}

/// What n8n says of a workflow that it won't run: a webhook's path that is taken, a node that is not set up.
fn not_published(mut failure: Failure, name: &str) -> Failure {
    if matches!(refused_with(&failure), Some(400 | 409 | 422)) {
        let workflow = name.to_owned();
        *failure.problem.cause = Cause::WorkflowNotPublished { workflow };
    }
    failure
}
