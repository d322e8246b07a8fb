//! What is wrong on this machine, in both languages: its database, its keyring, its sandbox, its folders.

use fabrik_domain::{Cause, language::Language, problem::UpdateFault};

use super::{Text, audit, central, source};

/// What such a problem says, and what to do next; `None` for problems of other kinds.
pub(super) fn text(language: Language, cause: &Cause) -> Option<Text> {
    let (message, hint) = match language {
        Language::Sv => swedish(cause)
            .or_else(|| central::swedish(cause))
            .or_else(|| source::swedish(cause))
            .or_else(|| audit::swedish(cause))?,
        Language::En => english(cause)
            .or_else(|| central::english(cause))
            .or_else(|| source::english(cause))
            .or_else(|| audit::english(cause))?,
    };
    Some(Text { message, hint })
}

fn swedish(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::DatabaseBusy => say(
            "databasen används av en annan process".into(),
            "Stäng andra program som har den öppen och försök igen.",
        ),
        Cause::DatabaseReadOnly => say(
            "databasen går inte att skriva".into(),
            "Kontrollera datakatalogens rättigheter.",
        ),
        Cause::DatabaseUnreadable => say(
            "databasen får inte läsas".into(),
            "Kontrollera vem som äger databasfilen och datakatalogen, och deras rättigheter.",
        ),
        Cause::DatabaseNewer { found, known } => say(
            format!("databasen är av en nyare version ({found}, den här känner {known})"),
            "Uppdatera Fabrik.",
        ),
        Cause::DatabaseDamaged => say(
            "databasen är skadad".into(),
            "Stäng Fabriks fönster och gå tillbaka till en kopia: fabrik copies list, sedan fabrik copies restore DAG. Den skadade filen läggs åt sidan.",
        ),
        Cause::DiskFull => say(
            "disken är full".into(),
            "Frigör plats och försök igen; inget anropas utan att det först har skrivits upp.",
        ),
        Cause::DatabaseFailed => say(
            "databasen svarade med ett fel".into(),
            "Databasens svar förklarar varför.",
        ),
        Cause::KeyringMissing {
            service: Some(service),
            ..
        } => say(
            format!("{service} finns, men har ingen standardnyckelring"),
            "Gör en, till exempel i Lösenord och nycklar (Seahorse). Nycklar kan ges med FABRIK_SECRET_…, men lösenord som görs under en körning ska ligga där.",
        ),
        Cause::KeyringMissing {
            service: None,
            variable: Some(variable),
        } => say(
            format!(
                "det finns ingen sessionsbuss att nå en nyckelring genom ({variable} saknas eller leder ingenstans)"
            ),
            "Logga in på skrivbordet, eller starta Fabrik med dbus-run-session. Nycklar kan ges med FABRIK_SECRET_…, men lösenord som görs under en körning ska ligga i en nyckelring.",
        ),
        Cause::KeyringMissing {
            service: None,
            variable: None,
        } => say(
            "det finns ingen nyckelring på datorn".into(),
            "Installera och starta en (Debian: apt install gnome-keyring). Nycklar kan ges med FABRIK_SECRET_…, men lösenord som görs under en körning ska ligga där.",
        ),
        Cause::KeyringLocked => say(
            "nyckelringen är låst".into(),
            "Lås upp den (logga in på skrivbordet, eller: gnome-keyring-daemon --unlock) och försök igen.",
        ),
        Cause::KeyringTimedOut => say(
            "nyckelringen svarade inte på 30 s".into(),
            "Leta efter dess dialog och besvara den, och försök igen.",
        ),
        Cause::KeyringFailed => say(
            "nyckelringen svarade med ett fel".into(),
            "Starta om den och försök igen.",
        ),
        Cause::SecretMissing {
            reference,
            variable: Some(variable),
        } => say(
            format!("databasens adress finns inte i den här datorns nyckelring ({reference})"),
            &format!(
                "Skriv {variable}=ADRESS i en fil, och kör: fabrik credentials import FIL. Den dator som gjorde databasen har adressen i sin nyckelring, under det namnet. Har ingen den: ge databasen ett nytt lösenord hos Supabase, och ta adressen därifrån."
            ),
        ),
        Cause::SecretMissing { reference, .. } => say(
            format!("hemligheten {reference} är borta"),
            "Lägg in den på nytt; en körning gör en ny där det går.",
        ),
        Cause::SecretTooLong => say(
            "hemligheten är för lång för nyckelringen".into(),
            "Är det rätt text?",
        ),
        Cause::SandboxKeepsNoSecrets => say(
            "sandlådan tar inte emot riktiga nycklar och lösenord".into(),
            "Använd en egen arbetsyta för riktiga konton: --workspace produktion",
        ),
        Cause::SandboxTokenRefused { host } => say(
            format!("sandlådans påhittade nycklar skickas inte till {host}"),
            "Använd en egen arbetsyta för riktiga konton: --workspace produktion",
        ),
        Cause::SandboxFailed => say(
            "sandlådan går inte att starta".into(),
            "Dess logg är logs/sandbox.log i datakatalogen.",
        ),
        Cause::SandboxRefused { why } => say(
            format!("sandlådan går inte att starta så: {why}"),
            "Vad som kan anges: fabrik sandbox serve --help",
        ),
        Cause::DataDirectoryUnusable { path } => say(
            format!("datakatalogen {path} går inte att använda"),
            "Kontrollera dess rättigheter, eller välj en annan med --data-dir.",
        ),
        Cause::FileUnwritable { file } => say(
            format!("{file} går inte att skriva"),
            "Kontrollera mappens rättigheter och om disken har plats.",
        ),
        Cause::NothingOpens { what } => say(
            format!("inget på den här datorn öppnar {what}"),
            "Öppna det för hand.",
        ),
        Cause::ProgramMissing { program } => say(
            format!("programmet {program} ligger inte bredvid appen"),
            "Installera om Fabrik.",
        ),
        Cause::BlueprintUnchecked { blueprint } => say(
            format!("mallen {blueprint} kunde inte kontrolleras"),
            "Försök igen; detaljerna förklarar varför.",
        ),
        Cause::UpdateFailed { fault } => match fault {
            UpdateFault::Unreachable => say(
                "det går inte att se om det finns en ny version".into(),
                "Kontrollera nätverket och försök igen.",
            ),
            UpdateFault::Unreadable => say(
                "beskedet om en ny version går inte att läsa".into(),
                "Försök igen senare, eller installera den nya versionen för hand.",
            ),
            UpdateFault::Untrusted => say(
                "den nya versionen är inte rätt signerad, och installerades inte".into(),
                "Installera den inte för hand heller; hör med den som ger ut Fabrik.",
            ),
            UpdateFault::NotInstalled => say(
                "den nya versionen kunde inte installeras".into(),
                "Versionen du har är kvar. Försök igen, eller installera den nya för hand.",
            ),
        },
        _ => None,
    }
}

fn english(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::DatabaseBusy => say(
            "the database is in use by another process".into(),
            "Close other programs that have it open, then try again.",
        ),
        Cause::DatabaseReadOnly => say(
            "the database can't be written".into(),
            "Check the permissions of the data directory.",
        ),
        Cause::DatabaseUnreadable => say(
            "the database may not be read".into(),
            "Check who owns the database file and the data directory, and their permissions.",
        ),
        Cause::DatabaseNewer { found, known } => say(
            format!("the database is of a newer version ({found}; this Fabrik knows {known})"),
            "Update Fabrik.",
        ),
        Cause::DatabaseDamaged => say(
            "the database is damaged".into(),
            "Close Fabrik's windows and go back to a copy: fabrik copies list, then fabrik copies restore DAY. The damaged file is set aside.",
        ),
        Cause::DiskFull => say(
            "the disk is full".into(),
            "Free some space and try again; no vendor is called before that has been written down.",
        ),
        Cause::DatabaseFailed => say(
            "the database failed".into(),
            "The database's own words say why.",
        ),
        Cause::KeyringMissing {
            service: Some(service),
            ..
        } => say(
            format!("{service} is running, but has no default keyring"),
            "Create one, for example in Passwords and Keys (Seahorse). Tokens may be given as FABRIK_SECRET_…, but passwords that a run makes have to be kept there.",
        ),
        Cause::KeyringMissing {
            service: None,
            variable: Some(variable),
        } => say(
            format!(
                "there is no session bus to reach a keyring through ({variable} is not set, or leads nowhere)"
            ),
            "Log in to the desktop, or start Fabrik with dbus-run-session. Tokens may be given as FABRIK_SECRET_…, but passwords that a run makes have to be kept in a keyring.",
        ),
        Cause::KeyringMissing {
            service: None,
            variable: None,
        } => say(
            "there is no keyring on this machine".into(),
            "Install and start one (Debian: apt install gnome-keyring). Tokens may be given as FABRIK_SECRET_…, but passwords that a run makes have to be kept there.",
        ),
        Cause::KeyringLocked => say(
            "the keyring is locked".into(),
            "Unlock it (log in to the desktop, or: gnome-keyring-daemon --unlock), then try again.",
        ),
        Cause::KeyringTimedOut => say(
            "the keyring did not answer in 30 s".into(),
            "Look for its dialog and answer it, then try again.",
        ),
        Cause::KeyringFailed => say("the keyring failed".into(), "Restart it, then try again."),
        Cause::SecretMissing {
            reference,
            variable: Some(variable),
        } => say(
            format!("the database's address is not in this computer's keyring ({reference})"),
            &format!(
                "Write {variable}=ADDRESS in a file, and run: fabrik credentials import FILE. The computer that made the database has the address in its keyring, under that name. If nobody has it, set a new password for the database at Supabase, and take the address from there."
            ),
        ),
        Cause::SecretMissing { reference, .. } => say(
            format!("the secret {reference} is gone"),
            "Set it again; a run makes a new one where it can.",
        ),
        Cause::SecretTooLong => say(
            "the secret is too long for the keyring".into(),
            "Is it the right text?",
        ),
        Cause::SandboxKeepsNoSecrets => say(
            "the sandbox takes no real credentials or passwords".into(),
            "Use a workspace of your own for real accounts: --workspace production",
        ),
        Cause::SandboxTokenRefused { host } => say(
            format!("the sandbox's made-up credentials are not sent to {host}"),
            "Use a workspace of your own for real accounts: --workspace production",
        ),
        Cause::SandboxFailed => say(
            "the sandbox can't be started".into(),
            "Its log is logs/sandbox.log in the data directory.",
        ),
        Cause::SandboxRefused { why } => say(
            format!("the sandbox can't be started like that: {why}"),
            "See what can be given: fabrik sandbox serve --help",
        ),
        Cause::DataDirectoryUnusable { path } => say(
            format!("the data directory {path} can't be used"),
            "Check its permissions, or choose another with --data-dir.",
        ),
        Cause::FileUnwritable { file } => say(
            format!("{file} can't be written"),
            "Check the folder's permissions, and whether the disk has space left.",
        ),
        Cause::NothingOpens { what } => say(
            format!("nothing on this machine opens {what}"),
            "Open it by hand.",
        ),
        Cause::ProgramMissing { program } => say(
            format!("the program {program} is not next to the app"),
            "Reinstall Fabrik.",
        ),
        Cause::BlueprintUnchecked { blueprint } => say(
            format!("the blueprint {blueprint} could not be checked"),
            "Try again; the details say why.",
        ),
        Cause::UpdateFailed { fault } => match fault {
            UpdateFault::Unreachable => say(
                "it can't be seen whether there is a new version".into(),
                "Check the network, then try again.",
            ),
            UpdateFault::Unreadable => say(
                "the notice of a new version can't be read".into(),
                "Try again later, or install the new version by hand.",
            ),
            UpdateFault::Untrusted => say(
                "the new version is not signed correctly, and was not installed".into(),
                "Don't install it by hand either; ask whoever releases Fabrik.",
            ),
            UpdateFault::NotInstalled => say(
                "the new version could not be installed".into(),
                "The version you have is untouched. Try again, or install the new one by hand.",
            ),
        },
        _ => None,
    }
}
