//! What stands in the way of a run, of going on with it and of going back, and what was left over, in both languages.

use fabrik_domain::{Cause, language::Language, resource::Found};

use super::Text;

/// What such a problem says, and what to do next; `None` for problems of other kinds.
pub(super) fn text(language: Language, cause: &Cause) -> Option<Text> {
    let (message, hint) = match language {
        Language::Sv => swedish(cause)?,
        Language::En => english(cause)?,
    };
    Some(Text { message, hint })
}

fn swedish(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::Ambiguous { name, candidates } if candidates.len() == 1 => say(
            format!(
                "en kan vara {name}, men det är inte säkert: {}",
                named(candidates)
            ),
            "Säg om det är kundens: fabrik runs decide KÖRNING STEG --use ID, eller --new om det inte är det. Har \
             körningen gått tillbaka: ta bort det för hand om det är kundens, sedan fabrik runs let-go KÖRNING NAMN.",
        ),
        Cause::Ambiguous { name, candidates } => say(
            format!("flera kan vara {name}: {}", named(candidates)),
            "Säg vilken som är kundens: fabrik runs decide KÖRNING STEG --use ID, eller --new om ingen är det. Har \
             körningen gått tillbaka: ta bort den för hand, sedan fabrik runs let-go KÖRNING NAMN.",
        ),
        Cause::NothingToDecide { step } => say(
            format!("steget {step} frågar inget"),
            "fabrik runs show visar vad körningen väntar på.",
        ),
        Cause::CandidateUnknown { id, candidates } => say(
            format!("{id} är inte en av dem som kan vara kundens"),
            &format!("Välj en av: {}", candidates.join(", ")),
        ),
        Cause::DeadlinePassed { minutes } => say(
            format!("körningen har tagit längre än {minutes} minuter"),
            "Inget är förlorat: återuppta den, eller ändra inställningen run.deadline.",
        ),
        Cause::OutcomeUnknown { run, number, name } => say(
            format!("körning {number} bad om {name}, och det är okänt om det finns"),
            &format!(
                "Låt den ta reda på det: fabrik runs resume {run}, eller fabrik runs rollback {run}"
            ),
        ),
        // Whether a process drives it is not known here.
        Cause::RunActive { run } => say(
            "kunden har en körning som inte är slut".into(),
            &format!(
                "Följ den: fabrik runs watch {run}. Väntar den, eller avbröts den oväntat: fabrik runs resume {run}, eller runs cancel"
            ),
        ),
        Cause::RunOwned { run } => say(
            "en annan process har körningen".into(),
            &format!("Följ den där, eller med: fabrik runs watch {run}"),
        ),
        Cause::RunUndoing { run } => say(
            "körningen ångras redan".into(),
            &format!(
                "Det som den har skapat kan inte behållas längre. Följ den med: fabrik runs watch {run}"
            ),
        ),
        Cause::RunSucceeded { .. } => say(
            "körningen lyckades och ångras inte".into(),
            "Ska kundens instans bort: fabrik deprovision KUND --confirm SUBDOMÄN",
        ),
        Cause::RunSuperseded { number, .. } => say(
            format!(
                "körning {number} har kommit efter den här: bara kundens nyaste körning tas upp igen, och inget som den använder tas tillbaka"
            ),
            "Starta en ny, som går vidare med det som finns: fabrik provision. Ska hela instansen bort: fabrik deprovision",
        ),
        Cause::NothingToRollBack { .. } => say(
            "körningen är redan ångrad".into(),
            "Starta en ny med: fabrik provision",
        ),
        Cause::NotLeftOver { resource, left } => say(
            format!("{resource} är inte en av körningens rester, eller flera heter så"),
            &format!(
                "Resterna är: {}. fabrik runs show visar deras id.",
                left.join(", ")
            ),
        ),
        Cause::NothingToRemove { customer } => say(
            format!("{customer} har ingen instans att ta bort"),
            "fabrik customers show visar vad som finns.",
        ),
        Cause::NotOurs { name } => say(
            format!("{name} bär inte kundens märke och fick vara kvar"),
            "Se efter hos leverantören vems den är. Får den vara kvar: fabrik runs let-go",
        ),
        Cause::ChangedSince { name } => say(
            format!("{name} har ändrats sedan Fabrik skrev det och fick vara kvar"),
            "Återställ det för hand om det ska bort. Får det vara kvar: fabrik runs let-go",
        ),
        Cause::WasThereBefore { name } => say(
            format!("{name} fanns före körningen och fick vara kvar"),
            "Ta bort det för hand om det inte behövs. Får det vara kvar: fabrik runs let-go",
        ),
        Cause::HoldsData { name } => say(
            format!("{name} ligger i en databas som fanns innan och kan ha data"),
            "Ta bort det för hand om inget behövs. Sedan: fabrik runs let-go",
        ),
        Cause::CannotSee { name } => say(
            format!("med den här nyckeln syns inte om {name} är borta"),
            "Ge en nyckel som ser det, och försök igen: fabrik runs rollback",
        ),
        Cause::LiesInLeftover { name } => say(
            format!("det ligger i {name}, som inte gick att ta bort"),
            "Det försvinner med den.",
        ),
        Cause::UndoTookTooLong { name, minutes } => say(
            format!("leverantören släppte inte {name} på {minutes} minuter"),
            "Försök igen senare: fabrik runs rollback",
        ),
        Cause::UsedByLaterRun { name, number } => say(
            format!("{name} används sedan körning {number}"),
            "Den fick vara kvar. Ska hela instansen bort: fabrik deprovision",
        ),
        _ => None,
    }
}

fn english(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::Ambiguous { name, candidates } if candidates.len() == 1 => say(
            format!(
                "one could be {name}, but that is not certain: {}",
                named(candidates)
            ),
            "Say whether it is the customer's: fabrik runs decide RUN STEP --use ID, or --new if it is not. Where the run \
             has gone back: remove it by hand if it is the customer's, then fabrik runs let-go RUN NAME.",
        ),
        Cause::Ambiguous { name, candidates } => say(
            format!("several could be {name}: {}", named(candidates)),
            "Say which is the customer's: fabrik runs decide RUN STEP --use ID, or --new if none is. Where the run has \
             gone back: remove that one by hand, then fabrik runs let-go RUN NAME.",
        ),
        Cause::NothingToDecide { step } => say(
            format!("the step {step} is not asking anything"),
            "fabrik runs show says what the run waits for.",
        ),
        Cause::CandidateUnknown { id, candidates } => say(
            format!("{id} is not one of those that could be the customer's"),
            &format!("Select one of: {}", candidates.join(", ")),
        ),
        Cause::DeadlinePassed { minutes } => say(
            format!("the run has taken longer than {minutes} minutes"),
            "Nothing is lost: resume it, or change the setting run.deadline.",
        ),
        Cause::OutcomeUnknown { run, number, name } => say(
            format!("run {number} asked for {name}, and it is not known whether it is there"),
            &format!("Let it find out: fabrik runs resume {run}, or fabrik runs rollback {run}"),
        ),
        // Whether a process drives it is not known here.
        Cause::RunActive { run } => say(
            "the customer has a run that has not ended".into(),
            &format!(
                "Watch it: fabrik runs watch {run}. If it waits or was interrupted: fabrik runs resume {run}, or runs cancel"
            ),
        ),
        Cause::RunOwned { run } => say(
            "another process has this run".into(),
            &format!("Watch it there, or with: fabrik runs watch {run}"),
        ),
        Cause::RunUndoing { run } => say(
            "the run is already being rolled back".into(),
            &format!("What it made can no longer be kept. Watch it with: fabrik runs watch {run}"),
        ),
        Cause::RunSucceeded { .. } => say(
            "the run succeeded and is not rolled back".into(),
            "To remove the customer's instance: fabrik deprovision CUSTOMER --confirm SUBDOMAIN",
        ),
        Cause::RunSuperseded { number, .. } => say(
            format!(
                "run {number} came after this one: only a customer's newest run can be resumed, and nothing that it uses is removed"
            ),
            "Start a new one, which builds on what is there: fabrik provision. To remove the whole instance: fabrik deprovision",
        ),
        Cause::NothingToRollBack { .. } => say(
            "the run has already been rolled back".into(),
            "Start a new one with: fabrik provision",
        ),
        Cause::NotLeftOver { resource, left } => say(
            format!("{resource} is not one of the run's leftovers, or several have that name"),
            &format!(
                "The leftovers are: {}. fabrik runs show has their ids.",
                left.join(", ")
            ),
        ),
        Cause::NothingToRemove { customer } => say(
            format!("{customer} has no instance to remove"),
            "fabrik customers show shows what there is.",
        ),
        Cause::NotOurs { name } => say(
            format!("{name} does not carry the customer's mark and was left alone"),
            "See at the vendor whose it is. If it may stay: fabrik runs let-go",
        ),
        Cause::ChangedSince { name } => say(
            format!("{name} was changed after Fabrik wrote it and was left alone"),
            "Restore it by hand if the change should go. If it may stay: fabrik runs let-go",
        ),
        Cause::WasThereBefore { name } => say(
            format!("{name} was there before the run and was left alone"),
            "Remove it by hand if it is not needed. If it may stay: fabrik runs let-go",
        ),
        Cause::HoldsData { name } => say(
            format!("{name} is in a database that was there before and may hold data"),
            "Remove it by hand if none of it is needed. Then: fabrik runs let-go",
        ),
        Cause::CannotSee { name } => say(
            format!("this credential can't see whether {name} is gone"),
            "Set a credential that can see it, then try again: fabrik runs rollback",
        ),
        Cause::LiesInLeftover { name } => say(
            format!("it lies in {name}, which could not be removed"),
            "It goes with it, once that is removed.",
        ),
        Cause::UndoTookTooLong { name, minutes } => say(
            format!("the vendor did not release {name} within {minutes} minutes"),
            "Try again later: fabrik runs rollback",
        ),
        Cause::UsedByLaterRun { name, number } => say(
            format!("{name} has been in use since run {number}"),
            "It was left alone. To remove the whole instance: fabrik deprovision",
        ),
        _ => None,
    }
}

/// Name and id of each, with its page.
fn named(candidates: &[Found]) -> String {
    let one = |found: &Found| match &found.url {
        Some(url) => format!("{} ({}, {url})", found.id, found.name),
        None => format!("{} ({})", found.id, found.name),
    };
    candidates.iter().map(one).collect::<Vec<_>>().join("; ")
}
