//! Everything the command line says, in both languages. Whatever has a code is matched exhaustively: a text
//! that is missing does not compile.

mod accounts;
mod audit;
mod central;
mod en;
mod events;
mod faults;
mod findings;
mod help;
mod labels;
mod machine;
mod mails;
mod requests;
mod source;
mod standing;
mod sv;
mod terms;
mod undo;
mod usage;

use fabrik_domain::{Cause, Problem, language::Language, provider::Provider, run::Allowance};
use serde_json::{Map, Value, json};

pub(crate) use events::happening;
pub(crate) use findings::{check_next, findings, flaw};
#[cfg(test)]
pub(crate) use help::help_keys;
pub(crate) use help::{help, value_name};
pub(crate) use labels::Label;
pub(crate) use mails::{failure_mail, last_welcome};
pub(crate) use requests::{asks, of_end};
pub(crate) use standing::standing;
pub(crate) use terms::{Term, state_of};
pub(crate) use usage::usage;

/// What a problem says, and what to do next.
pub(crate) struct Text {
    /// What is wrong, without a full stop.
    pub(crate) message: String,
    /// What to do next: a sentence or a command.
    pub(crate) hint: String,
}

impl Text {
    fn new(message: String, hint: &str) -> Self {
        Self {
            message,
            hint: hint.to_owned(),
        }
    }
}

/// A problem's text.
pub(crate) fn problem(language: Language, problem: &Problem) -> Text {
    match language {
        Language::Sv => sv::problem(problem),
        Language::En => en::problem(problem),
    }
}

/// A problem as lines for people: what, the vendor's or the system's own words, what to do next.
pub(crate) fn problem_lines(language: Language, problem: &Problem) -> Vec<String> {
    let text = self::problem(language, problem);
    let mut lines = vec![text.message];
    if let Some(detail) = details(problem) {
        let vendor = problem.provider.filter(|_| may_be_vendors_words(problem));
        let who = vendor.map_or_else(
            || Label::Details.get(language).to_owned(),
            |provider| format!("{} {}", provider.title(), Label::Says.get(language)),
        );
        lines.push(format!("{who}: {detail}"));
    }
    if let Some(id) = &problem.request_id {
        lines.push(format!("{}: {id}", Label::RequestId.get(language)));
    }
    lines.push(format!("→ {}", text.hint));
    lines
}

/// What is said of it in no language of ours, beside the sentence and not in it: the vendor's or the system's own words, and
/// what the reader of blueprints says, which is English.
fn details(problem: &Problem) -> Option<&str> {
    match problem.cause.as_ref() {
        Cause::BlueprintInvalid { why, .. } => Some(why),
        _ => problem.detail.as_deref(),
    }
}

/// Whether the vendor itself may have said the detail. Where it gave no answer, or none that can be read, the words
/// are the system's or our own.
fn may_be_vendors_words(problem: &Problem) -> bool {
    !problem.cause.is_of_keyring()
        && !matches!(
            *problem.cause,
            Cause::Unreachable { .. }
                | Cause::VendorSilent { .. }
                | Cause::TimedOut { .. }
                | Cause::AnswerLost { .. }
                | Cause::AnswerUnreadable { .. }
                | Cause::CannotSee { .. }
                | Cause::SecretMissing { .. }
                | Cause::BlueprintInvalid { .. }
                | Cause::Internal
        )
}

/// A problem as scripts get it: `code`, `message`, `hint`, then what else is known.
pub(crate) fn error_document(language: Language, problem: &Problem) -> Value {
    let text = self::problem(language, problem);
    let mut document = Map::new();
    document.insert("code".to_owned(), problem.code().into());
    document.insert("message".to_owned(), text.message.into());
    document.insert("hint".to_owned(), text.hint.into());
    if let Some(provider) = problem.provider {
        document.insert("provider".to_owned(), provider.key().into());
    }
    if let Some(id) = &problem.request_id {
        document.insert("request_id".to_owned(), json!(id));
    }
    if let Ok(Value::Object(fields)) = serde_json::to_value(problem) {
        for (name, value) in fields {
            let value = match (name.as_str(), value) {
                // As in every document: a run is an object.
                ("run", Value::String(id)) => json!({ "id": id }),
                (_, value) => value,
            };
            document.entry(name).or_insert(value);
        }
    }
    Value::Object(document)
}

/// The same value with the words put into every problem in it.
pub(crate) fn explained(language: Language, value: Value) -> Value {
    match value {
        Value::Array(items) => items
            .into_iter()
            .map(|item| explained(language, item))
            .collect(),
        Value::Object(fields) => {
            if fields.get("code").is_some_and(Value::is_string)
                && let Ok(problem) = serde_json::from_value(Value::Object(fields.clone()))
            {
                return error_document(language, &problem);
            }
            let fields = fields
                .into_iter()
                .map(|(name, value)| (name, explained(language, value)));
            Value::Object(fields.collect())
        }
        plain => plain,
    }
}

/// `a, b or c`.
fn listed(items: &[String], conjunction: &str) -> String {
    match items {
        [] => "–".to_owned(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} {conjunction} {last}", most.join(", ")),
    }
}

/// The names by which the command line takes vendors: `a, b or c`.
fn providers(conjunction: &str) -> String {
    listed(&Provider::ALL.map(|one| one.key().to_owned()), conjunction)
}

/// A time as the reader's clock shows it.
pub(crate) fn local(at: jiff::Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::system())
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

/// How the vendors' limits let runs go, and when the last is done by the reader's clock.
pub(crate) fn allowance(language: Language, allowance: &Allowance) -> String {
    let (who, an_hour) = (allowance.provider.title(), allowance.per_hour);
    let done = local(allowance.done_at);
    // `2026-11-21 16:40`: seconds would promise too much.
    let done = done.rsplit_once(':').map_or(&*done, |(minute, _)| minute);
    match language {
        Language::Sv => format!("{who}s gränser tillåter {an_hour} i timmen: klart omkring {done}"),
        Language::En => format!("{who}'s limits allow {an_hour} an hour: done about {done}"),
    }
}

/// That what was made answers for as long as the sandbox runs, and what keeps it.
pub(crate) fn sandbox_ends(language: Language, seconds: u64) -> String {
    match language {
        Language::Sv => format!(
            "Sandlådan stängs {seconds} s efter att ingenting längre använder den, och adressen med den. Behåll den: stäng Fabriks fönster och kör fabrik sandbox serve"
        ),
        Language::En => format!(
            "The sandbox ends {seconds} s after nothing uses it any more, and the address with it. To keep it, close Fabrik's window and run: fabrik sandbox serve"
        ),
    }
}

/// Whose call failed.
fn vendor(problem: &Problem, fallback: &'static str) -> &'static str {
    problem
        .provider
        .map_or(fallback, |provider| provider.title())
}

/// The variable that holds the token for one command.
fn variable(problem: &Problem) -> String {
    let key = problem.provider.map_or("…", |provider| provider.key());
    format!("FABRIK_SECRET_{}", key.to_uppercase())
}

/// Seconds as people say them: `47 s`, `2 min 5 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded and not negative; beyond 2^64 seconds the cast saturates"
    )]
    let whole = seconds.max(0.0).round() as u64;
    match (whole / 60, whole % 60) {
        (0, 0) if seconds > 0.0 => "< 1 s".to_owned(),
        (0, rest) => format!("{rest} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, rest) => format!("{minutes} min {rest} s"),
    }
}

/// Picks one of a pair.
const fn pick<'a>(language: Language, sv: &'a str, en: &'a str) -> &'a str {
    match language {
        Language::Sv => sv,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One problem of each code (and each fault) that the English catalogue knows, which is all there are.
    fn samples() -> Vec<Problem> {
        let samples: Vec<Problem> = serde_json::from_str(include_str!("samples.json")).unwrap();
        let known: std::collections::BTreeSet<_> = include_str!("en.rs")
            .split("Cause::")
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap())
            .map(str::to_lowercase)
            .collect();
        let present = samples
            .iter()
            .map(|sample| sample.code().replace('_', ""))
            .collect();
        assert_eq!(known, present, "samples.json has every code");
        samples
    }

    #[test]
    fn a_name_that_is_taken_is_got_round_by_a_customer_of_another_name() {
        let taken = Cause::NameTaken {
            name: "client-lyran".to_owned(),
        };
        // Names are made from what a customer was called when it was added.
        let taken = Problem::from(taken);
        for (language, way) in [
            (
                Language::Sv,
                "på nytt med ett annat namn och en annan subdomän",
            ),
            (Language::En, "again under another name and subdomain"),
        ] {
            let hint = problem(language, &taken).hint;
            assert!(hint.contains(way), "{hint}");
            for (provider, option) in [
                (Provider::GitHub, Some("--github-repo-url")),
                (Provider::Supabase, Some("--supabase-project-ref")),
                // Nobody's word on the customer makes one of these the customer's.
                (Provider::Vercel, None),
            ] {
                let hint = problem(language, &taken.clone().by(provider)).hint;
                assert_eq!(hint.contains("customers edit"), option.is_some(), "{hint}");
                assert!(hint.contains(option.unwrap_or(way)), "{hint}");
            }
        }
    }

    #[test]
    fn a_lost_question_is_not_told_as_a_deed_whose_outcome_is_unknown() {
        let operation = "getDeployment".to_owned();
        let cause = |lost: bool, reads| {
            let operation = operation.clone();
            Problem::from(if lost {
                Cause::AnswerLost { operation, reads }
            } else {
                Cause::TimedOut { operation, reads }
            })
        };
        for lost in [true, false] {
            for (language, asked) in [(Language::Sv, "en fråga"), (Language::En, "only asked")] {
                let hint = |reads| problem(language, &cause(lost, reads)).hint;
                assert!(hint(true).contains(asked), "{}", hint(true));
                assert!(!hint(false).contains(asked), "{}", hint(false));
            }
        }
    }

    /// What it made may stand untouched: a later run that came to nothing has let go of all it had found.
    #[test]
    fn of_an_older_run_it_is_not_said_what_became_of_what_it_made() {
        let (run, number) = (fabrik_domain::id::RunId::new(), 7);
        let refused = Problem::from(Cause::RunSuperseded { run, number });
        for (language, newest, gone) in [
            (Language::Sv, "nyaste", "tagit bort"),
            (Language::En, "newest", "removed or taken over"),
        ] {
            let text = problem(language, &refused);
            assert!(text.message.contains(newest), "{}", text.message);
            assert!(!text.message.contains(gone), "{}", text.message);
        }
    }

    #[test]
    fn every_problem_says_what_and_what_next_in_both_languages() {
        for sample in samples() {
            let texts = [Language::Sv, Language::En].map(|language| problem(language, &sample));
            for Text { message, hint } in &texts {
                assert!(
                    !message.trim().is_empty() && !hint.trim().is_empty(),
                    "{sample}"
                );
                assert!(
                    !message.contains(['{', '}']) && !hint.contains(['{', '}']),
                    "{sample}: {message} {hint}"
                );
                assert!(
                    !message.ends_with('.'),
                    "a message is no sentence of its own: {message}"
                );
            }
            assert_ne!(texts[0].message, texts[1].message, "{sample} is translated");
            let forgotten = problem(Language::En, &Cause::Internal.into()).message;
            assert!(
                *sample.cause == Cause::Internal || texts[1].message != forgotten,
                "{sample} has words of its own"
            );
        }
    }

    #[test]
    fn a_page_instead_of_an_answer_leads_to_the_servers_address() {
        let operation = "x".to_owned();
        let unreadable = Problem::from(Cause::AnswerUnreadable { operation });
        for language in [Language::Sv, Language::En] {
            for (provider, setting) in [
                (Provider::N8n, Some("n8n.url")),
                (Provider::Gitea, Some("gitea.url")),
                (Provider::Vercel, None),
            ] {
                let hint = problem(language, &unreadable.clone().by(provider)).hint;
                let named = setting.is_some_and(|setting| hint.contains(setting));
                assert_eq!(named, setting.is_some(), "{provider}: {hint}");
            }
        }
    }

    #[test]
    fn what_is_wrong_with_a_customer_table_leads_away_from_the_central_database() {
        let server = "db.example.com:5432".to_owned();
        let user = "anna".to_owned();
        for (cause, way) in [
            (
                Cause::SourceLoginRefused {
                    server,
                    user: user.clone(),
                },
                "fabrik source password",
            ),
            (Cause::SourceRightsMissing { user }, "GRANT SELECT"),
        ] {
            let refused = Problem::from(cause);
            for language in [Language::Sv, Language::En] {
                let hint = problem(language, &refused).hint;
                assert!(hint.contains(way), "{hint}");
                assert!(!hint.contains("settings set"), "{hint}");
                assert!(!hint.contains("CREATE SCHEMA"), "{hint}");
            }
        }
    }

    #[test]
    fn a_word_that_is_refused_is_named_by_its_result() {
        let refused = Problem::from(Cause::SourceWordRefused {
            column: "status".to_owned(),
            word: "inactive".to_owned(),
            outcome: "removed".to_owned(),
        });
        for language in [Language::Sv, Language::En] {
            let hint = problem(language, &refused).hint;
            assert!(hint.contains("--word removed="), "{hint}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_blueprint_stands_beside_the_sentence() {
        let why = "blueprint.toml, line 41: there is no step supabas";
        let invalid = Problem::from(Cause::BlueprintInvalid {
            blueprint: "atelier".to_owned(),
            why: why.to_owned(),
        });
        for language in [Language::Sv, Language::En] {
            let Text { message, hint } = problem(language, &invalid);
            assert!(
                !message.contains(why) && message.contains("atelier"),
                "{message}"
            );
            assert!(hint.ends_with("fabrik blueprints check atelier"), "{hint}");
            let details = Label::Details.get(language);
            for told in [invalid.clone(), invalid.clone().by(Provider::Vercel)] {
                let lines = problem_lines(language, &told);
                assert_eq!(lines[1], format!("{details}: {why}"));
            }
            let document = error_document(language, &invalid);
            assert_eq!(document["why"], why, "{document:#}");
        }
    }

    #[test]
    fn an_empty_credential_is_told_as_empty_input() {
        let field = "token".to_owned();
        let empty = Problem::from(Cause::FieldMissing { field }).by(Provider::GitHub);
        for (language, said) in [(Language::Sv, "tom"), (Language::En, "empty")] {
            let message = problem(language, &empty).message;
            assert!(
                message.contains("GitHub") && message.contains(said),
                "{message}"
            );
        }
    }

    #[test]
    fn a_run_that_stands_in_the_way_is_named_where_it_is_to_be_watched() {
        let run = fabrik_domain::id::RunId::new();
        for cause in [
            Cause::RunActive { run },
            Cause::RunOwned { run },
            Cause::RunUndoing { run },
        ] {
            let watch = format!("fabrik runs watch {run}");
            let standing = Problem::from(cause);
            for language in [Language::Sv, Language::En] {
                let hint = problem(language, &standing).hint;
                assert!(hint.contains(&watch), "{hint}");
            }
        }
    }

    #[test]
    fn what_to_do_about_a_vendor_is_true_without_a_run() {
        let host = "api.github.com".to_owned();
        let operation = "x".to_owned();
        for cause in [
            Cause::Unreachable { host },
            Cause::VendorFailed {
                operation,
                status: 500,
            },
        ] {
            let trouble = Problem::from(cause).by(Provider::GitHub);
            for (language, again) in [(Language::Sv, "örsök igen"), (Language::En, "ry again")] {
                let hint = problem(language, &trouble).hint;
                assert!(hint.contains(again), "{hint}");
            }
        }
    }

    #[test]
    fn a_keyring_service_without_a_keyring_is_not_told_to_be_missing() {
        let service = Some("Secret Service".to_owned());
        let keyring =
            |service, variable| Problem::from(Cause::KeyringMissing { service, variable });
        let lacking = keyring(service, None);
        let missing = keyring(None, None);
        let bus = "DBUS_SESSION_BUS_ADDRESS";
        let busless = keyring(None, Some(bus.to_owned()));
        for language in [Language::Sv, Language::En] {
            let (lacking, missing) = (problem(language, &lacking), problem(language, &missing));
            assert!(lacking.message.contains("Secret Service"));
            assert!(!lacking.hint.contains("apt install"), "{}", lacking.hint);
            assert!(missing.hint.contains("apt install"), "{}", missing.hint);
            let busless = problem(language, &busless);
            assert!(busless.message.contains(bus), "{}", busless.message);
            let way = busless.hint.contains("dbus-run-session");
            assert!(
                way && !busless.hint.contains("apt install"),
                "{}",
                busless.hint
            );
        }
    }

    #[test]
    fn a_vendor_says_only_what_it_did_say() {
        let refused = Cause::Refused {
            operation: "x".to_owned(),
            status: 422,
        };
        let host = "api.supabase.com".to_owned();
        for (cause, by_vendor) in [
            (refused, true),
            (Cause::CredentialRejected, true),
            (Cause::KeyringLocked, false),
            (Cause::Unreachable { host }, false),
        ] {
            let problem = Problem::from(cause).by(Provider::Supabase).detail("no");
            for (language, vendors, neutral) in [
                (Language::Sv, "Supabase säger: no", "Närmare: no"),
                (Language::En, "Supabase says: no", "Details: no"),
            ] {
                let said = if by_vendor { vendors } else { neutral };
                assert_eq!(problem_lines(language, &problem)[1], said, "{problem}");
            }
        }
    }

    #[test]
    fn an_unknown_provider_is_answered_with_all_that_there_are() {
        let unknown = Problem::from(Cause::ProviderUnknown {
            name: "aws".to_owned(),
        });
        for language in [Language::Sv, Language::En] {
            let hint = problem(language, &unknown).hint;
            for provider in Provider::ALL {
                assert!(hint.contains(provider.key()), "{provider} in {hint}");
            }
        }
    }

    #[test]
    fn a_step_of_another_version_leaves_the_run_two_ways_on() {
        let changed = Problem::from(Cause::StepChanged {
            step: "site".to_owned(),
        });
        for (language, finish) in [(Language::Sv, "Slutför den"), (Language::En, "Finish it")] {
            let hint = problem(language, &changed).hint;
            // The run waits, and a new one is refused while it does.
            for way in [finish, "fabrik runs cancel --keep"] {
                assert!(hint.contains(way), "{hint}");
            }
        }
    }

    #[test]
    fn a_project_that_failed_is_gone_on_from_whether_or_not_the_run_was_rolled_back() {
        let failed = Problem::from(Cause::ProjectFailed {
            status: "INIT_FAILED".to_owned(),
        });
        for (language, ways) in [
            (
                Language::Sv,
                ["om det finns kvar", "Återuppta", "starta en ny"],
            ),
            (
                Language::En,
                ["if it is still there", "resume", "provision again"],
            ),
        ] {
            let hint = problem(language, &failed).hint;
            for way in ways {
                assert!(hint.contains(way), "{hint}");
            }
        }
    }

    #[test]
    fn a_deployment_that_failed_is_gone_on_from_whether_or_not_the_run_was_rolled_back() {
        let state = "ERROR".to_owned();
        let failed = Problem::from(Cause::DeploymentFailed { state });
        for (language, ways) in [
            (Language::Sv, ["återuppta", "starta en ny"]),
            (Language::En, ["resume", "provision again"]),
        ] {
            let hint = problem(language, &failed).hint;
            for way in ways {
                assert!(hint.contains(way), "{hint}");
            }
        }
    }

    #[test]
    fn a_run_in_a_document_is_an_object_wherever_it_stands() {
        let run = fabrik_domain::id::RunId::new();
        let active = Problem::from(Cause::RunActive { run });
        let own = json!({ "id": run });
        assert_eq!(error_document(Language::En, &active)["run"], own);
        let before = json!({ "missing": [active] });
        let after = explained(Language::En, before);
        assert_eq!(after["missing"][0]["run"], own, "{after:#}");
    }

    #[test]
    fn a_time_is_the_readers_own() {
        let until = "2026-11-21T10:00:00Z".parse().unwrap();
        let throttled = Problem::from(Cause::Throttled { until });
        for language in [Language::Sv, Language::En] {
            let said = problem(language, &throttled).message;
            assert!(said.contains(&local(until)), "{said}");
            assert!(!said.contains("00Z"), "{said}");
        }
    }

    #[test]
    fn limits_are_told_with_an_end() {
        let limits = Allowance {
            provider: Provider::GitHub,
            per_hour: 250,
            done_at: "2026-11-21T16:40:31Z".parse().unwrap(),
        };
        let minute = &local(limits.done_at)[..16];
        assert_eq!(
            allowance(Language::En, &limits),
            format!("GitHub's limits allow 250 an hour: done about {minute}")
        );
        assert_eq!(
            allowance(Language::Sv, &limits),
            format!("GitHubs gränser tillåter 250 i timmen: klart omkring {minute}")
        );
    }

    #[test]
    fn lists_read_as_sentences() {
        let words = |words: &[&str]| words.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(listed(&words(&["a"]), "or"), "a");
        assert_eq!(listed(&words(&["a", "b", "c"]), "eller"), "a, b eller c");
    }

    #[test]
    fn times_read_as_people_say_them() {
        for (given, said) in [
            (0.0, "0 s"),
            (0.2, "< 1 s"),
            (47.4, "47 s"),
            (60.0, "1 min"),
            (125.0, "2 min 5 s"),
        ] {
            assert_eq!(seconds(given), said);
        }
    }

    #[test]
    fn every_problem_in_a_document_is_explained_and_nothing_else_is_touched() {
        let problem = Problem::from(Cause::CredentialMissing)
            .by(Provider::Vercel)
            .detail("no");
        let before = json!({ "steps": [{ "error": problem, "code": 7 }], "facts": { "code": "none of ours" } });
        let after = explained(Language::Sv, before);
        let error = &after["steps"][0]["error"];
        assert_eq!(error["code"], "credential_missing");
        assert_eq!(error["provider"], "vercel");
        assert_eq!(error["detail"], "no");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| text.contains("Vercel"))
        );
        assert!(
            error["hint"]
                .as_str()
                .is_some_and(|text| text.contains("credentials set vercel"))
        );
        assert_eq!(after["steps"][0]["code"], 7);
        assert_eq!(after["facts"], json!({ "code": "none of ours" }));
    }
}
