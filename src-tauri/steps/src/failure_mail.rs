//! The mail to the owner when a run has failed: what failed, what exists, and what is left over. It is told in
//! codes and in the vendors' own words; the window and the command line have the sentences.

use fabrik_blueprints::template::{Rendered, Values, render_file};
use fabrik_domain::{
    Cause, Problem,
    customer::{Customer, check_email},
    language::Language,
    resource::{Resource, ResourceState},
    run::{Run, StepRecord},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{letter::header, mail::Mail};

/// The parts of the mail in a language: subject, with markup, without.
const fn parts(language: Language) -> [(&'static str, &'static str); 3] {
    match language {
        Language::Sv => [
            (
                "failure.sv.subject",
                include_str!("failure_mail/sv.subject"),
            ),
            ("failure.sv.html", include_str!("failure_mail/sv.html")),
            ("failure.sv.txt", include_str!("failure_mail/sv.txt")),
        ],
        Language::En => [
            (
                "failure.en.subject",
                include_str!("failure_mail/en.subject"),
            ),
            ("failure.en.html", include_str!("failure_mail/en.html")),
            ("failure.en.txt", include_str!("failure_mail/en.txt")),
        ],
    }
}

/// A run that has failed, with what the records have of it.
#[derive(Clone, Copy, Debug)]
pub struct Failed<'a> {
    /// The run, at its end.
    pub run: &'a Run,
    /// Whose.
    pub customer: &'a Customer,
    /// Its steps.
    pub steps: &'a [StepRecord],
    /// Its resources.
    pub resources: &'a [Resource],
}

impl Failed<'_> {
    fn values(&self) -> Values {
        let steps: Vec<_> = self
            .steps
            .iter()
            .filter_map(|step| Some((step, step.error.as_ref()?)))
            .map(|(step, problem)| json!({ "id": step.id, "kind": step.kind.key(), "why": why(problem) }))
            .collect();
        let of = |states: &[ResourceState]| -> Vec<Value> {
            let fits = |resource: &&Resource| states.contains(&resource.state);
            let resources = self
                .resources
                .iter()
                .filter(fits)
                .filter(|one| !one.never_was());
            resources.map(shown).collect()
        };
        let mut values = Values::new();
        values.insert("customer", json!(header(&self.customer.name)));
        values.insert("number", json!(self.run.number));
        values.insert("run", json!(self.run.id.to_string()));
        values.insert("state", json!(self.run.state.key()));
        values.insert("steps", steps.into());
        // What ended the run, where no step says it.
        let why = self.run.error.as_ref().map(why).unwrap_or_default();
        values.insert("why", why.into());
        values.insert("exists", of(&[ResourceState::Live]).into());
        values.insert("perhaps", of(&[ResourceState::Intended]).into());
        values.insert("left", of(&[ResourceState::Leftover]).into());
        values
    }
}

/// The code, whose it is, and the vendor's own words.
fn why(problem: &Problem) -> String {
    let code = problem.code();
    let said = match problem.provider {
        Some(provider) => format!("{code} ({})", provider.title()),
        None => code,
    };
    match &problem.detail {
        Some(detail) => format!("{said}: {detail}"),
        None => said,
    }
}

fn shown(resource: &Resource) -> Value {
    json!({
        "provider": resource.provider.title(), "name": resource.name, "id": resource.id,
        "url": resource.url.as_deref().unwrap_or_default(),
    })
}

/// The mail to the owner about a failed run. It holds no secret, so that it can be kept until it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureMail {
    /// `Name <address>`.
    pub from: String,
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// With markup.
    pub html: String,
    /// Without.
    pub text: String,
}

impl FailureMail {
    /// Tells of a failed run.
    ///
    /// # Errors
    /// `email_invalid`.
    pub fn render(
        failed: Failed<'_>,
        language: Language,
        from: &str,
        owner: &str,
    ) -> Result<Self, Problem> {
        check_email(owner)?;
        let values = failed.values();
        let part = |(path, file): (&str, &str)| match render_file(path, file, &values) {
            Ok(Rendered::Public(text)) => Ok(text),
            // They are ours, and hold no secret.
            Ok(Rendered::Secret(_)) => Err(Problem::from(Cause::Internal)),
            Err(fault) => Err(Problem::from(Cause::Internal).detail(fault.to_string())),
        };
        let [subject, html, text] = parts(language);
        Ok(Self {
            from: header(from),
            to: owner.to_owned(),
            subject: header(&part(subject)?),
            html: part(html)?,
            text: part(text)?,
        })
    }

    /// As it is handed over.
    pub fn mail(&self) -> Mail {
        Mail {
            from: self.from.clone(),
            to: self.to.clone(),
            reply_to: None,
            subject: self.subject.clone(),
            html: self.html.clone().into(),
            text: self.text.clone().into(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use fabrik_domain::{
        blueprint::StepKind,
        id::RunId,
        provider::Provider,
        resource::ResourceKind,
        run::{OnFailure, Outputs, Phase, Purpose, RunState, StepState},
    };

    use super::*;
    use crate::testing::{Scene, customer, now};

    pub(crate) fn run(state: RunState) -> Run {
        Run {
            id: RunId::new(),
            number: 214,
            customer: customer().id,
            purpose: Purpose::Provision,
            state,
            reason: None,
            error: None,
            on_failure: OnFailure::Rollback,
            operator: "anna@desk".to_owned(),
            blueprint: "factory".to_owned(),
            started_at: now(),
            finished_at: Some(now()),
            undo_began_at: None,
        }
    }

    pub(crate) fn failed_step() -> StepRecord {
        let cause = Cause::SchemaRefused {
            file: "schema.sql".to_owned(),
        };
        let problem = Problem::from(cause).by(Provider::Supabase);
        StepRecord {
            id: "schema".to_owned(),
            kind: StepKind::DatabaseSchema,
            state: StepState::Failed,
            phase: Phase::Untouched,
            revision: 1,
            attempts: 1,
            failures: 0,
            not_before: None,
            intended_at: None,
            evidence: None,
            resource: None,
            ruled_out: Vec::new(),
            doubted: Vec::new(),
            outputs: Outputs::new(),
            error: Some(problem.detail("syntax error at <b>tabel</b>")),
            started_at: None,
            finished_at: None,
        }
    }

    pub(crate) fn row(state: ResourceState, name: &str) -> Resource {
        let scene = Scene::new(StepKind::SupabaseProject, "supabase");
        let mut row = scene.row(ResourceKind::SupabaseProject, "abc", name, None);
        row.url = Some("https://supabase.com/dashboard/project/abc".to_owned());
        row.state = state;
        row
    }

    #[test]
    fn it_tells_what_failed_what_exists_and_what_is_left_over() {
        let (run, mut customer) = (run(RunState::Leftovers), customer());
        customer.name = "Åkes <Snickeri>\r\nBcc: x@y.z".to_owned();
        let steps = [failed_step()];
        let resources = [
            row(ResourceState::Leftover, "left"),
            row(ResourceState::Live, "kept"),
            row(ResourceState::Intended, "perhaps"),
            row(ResourceState::Removed, "removed"),
        ];
        let failed = Failed {
            run: &run,
            customer: &customer,
            steps: &steps,
            resources: &resources,
        };
        for language in [Language::Sv, Language::En] {
            let mail = FailureMail::render(failed, language, "F <f@norrform.se>", "o@norrform.se");
            let mail = mail.unwrap();
            assert!(
                mail.subject.contains("214") && !mail.subject.contains('\n'),
                "{}",
                mail.subject
            );
            let (html, text) = (&mail.html, &mail.text);
            for word in [
                "schema_refused (Supabase)",
                "left",
                "kept",
                "perhaps",
                &run.id.to_string(),
            ] {
                assert!(html.contains(word) && text.contains(word), "{word}: {text}");
            }
            assert!(
                !text.contains("removed\n"),
                "what is gone is not listed: {text}"
            );
            assert!(
                !html.contains("<b>") && !html.contains("<Snickeri>"),
                "{html}"
            );
            assert!(text.contains("<b>tabel</b>"), "text is text");
        }
    }

    #[test]
    fn every_end_has_its_words() {
        let (customer, steps) = (customer(), [failed_step()]);
        let mut texts = Vec::new();
        for state in [RunState::Failed, RunState::RolledBack, RunState::Leftovers] {
            let run = run(state);
            let failed = Failed {
                run: &run,
                customer: &customer,
                steps: &steps,
                resources: &[],
            };
            for language in [Language::Sv, Language::En] {
                let mail = FailureMail::render(failed, language, "f@norrform.se", "o@norrform.se");
                texts.push(mail.unwrap().text.replace(&run.id.to_string(), ""));
            }
        }
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 6, "three ends in two languages");
    }

    #[test]
    fn kept_until_it_is_sent_it_has_the_same_bytes() {
        let (run, customer, steps) = (run(RunState::Failed), customer(), [failed_step()]);
        let failed = Failed {
            run: &run,
            customer: &customer,
            steps: &steps,
            resources: &[],
        };
        let mail =
            FailureMail::render(failed, Language::Sv, "f@norrform.se", "o@norrform.se").unwrap();
        let kept = serde_json::to_value(&mail).unwrap();
        assert_eq!(
            serde_json::from_value::<FailureMail>(kept).unwrap(),
            mail,
            "what is fixed comes back as it was"
        );
        let nobody = FailureMail::render(failed, Language::Sv, "f@norrform.se", "nobody");
        assert!(nobody.is_err(), "an address is an address");
    }
}
