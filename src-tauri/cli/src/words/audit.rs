//! What is wrong with the audit log, in both languages.

use fabrik_domain::Cause;

/// In Swedish; `None` for problems of other kinds.
pub(super) fn swedish(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::AuditAltered { after, through } => say(
            format!(
                "loggen har ändrats: posterna efter {after} till och med {through} är inte vad de var"
            ),
            "Lägg undan en kopia av databasen. En äldre säkerhetskopia visar vad som stod där.",
        ),
        Cause::AuditCut { through } => say(
            format!("loggen har kortats av: den gick till minst post {through}"),
            "Är databasen en återställd kopia är det väntat; annars har poster tagits bort ur den.",
        ),
        Cause::AuditUnanchored => say(
            "den här datorn har inget att jämföra loggen med".into(),
            "Loggen förankras när en körning slutar och nyckelringen är öppen.",
        ),
        _ => None,
    }
}

/// In English; `None` for problems of other kinds.
pub(super) fn english(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::AuditAltered { after, through } => say(
            format!(
                "the log was changed: the entries after {after} through {through} are not what they were"
            ),
            "Put a copy of the database aside. An older backup shows what stood there.",
        ),
        Cause::AuditCut { through } => say(
            format!("the log was cut: it went to entry {through} at least"),
            "Where the database is a restored copy that is to be expected; else entries were taken out of it.",
        ),
        Cause::AuditUnanchored => say(
            "this computer has nothing to hold the log against".into(),
            "The log is anchored when a run ends while the keyring is open.",
        ),
        _ => None,
    }
}
