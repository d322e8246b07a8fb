//! What is wrong with a central database on a server, in both languages: the message, and what to do next.

use fabrik_domain::Cause;

pub(super) fn swedish(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::DatabaseUrlInvalid => say(
            "adressen till databasen går inte att använda".into(),
            "Den ska se ut så här: postgres://användare@server/databas",
        ),
        Cause::DatabaseUnreachable { server } => say(
            format!("databasservern {server} svarar inte"),
            "Kontrollera nätet och att servern är i gång, och försök igen. Inget har gått förlorat.",
        ),
        Cause::DatabaseCertificate { server } => say(
            format!("certifikatet från databasservern {server} går inte att lita på"),
            "Har servern en egen utfärdare: lägg till ?sslrootcert=FIL med utfärdarens certifikat i adressen.",
        ),
        Cause::DatabaseLoginRefused { server, user } => say(
            format!("databasservern {server} släpper inte in {user}"),
            "Ange lösenordet på nytt: fabrik settings set database ADRESS",
        ),
        Cause::DatabaseUnknown { server } => say(
            format!("databasservern {server} har ingen databas med det namnet"),
            "Skapa den (createdb), eller rätta namnet i adressen.",
        ),
        Cause::DatabaseRightsMissing { user } => say(
            format!("{user} saknar rättigheter i databasen"),
            &format!(
                "Låt databasens ägare köra: CREATE SCHEMA fabrik AUTHORIZATION {user}. Finns schemat redan: anslut som dess ägare, eller låt ägaren köra GRANT USAGE ON SCHEMA fabrik TO {user} och GRANT ALL på dess tabeller och sekvenser."
            ),
        ),
        Cause::DatabaseServerReadOnly { server } => say(
            format!("databasservern {server} tar inte emot ändringar"),
            "Den är en kopia av en annan server, eller stängd för ändringar. Ange adressen till huvudservern.",
        ),
        Cause::DatabaseNotEmpty { place } => say(
            format!("det finns redan uppgifter i {place}"),
            "Flytta till en tom databas, eller anslut till den som den är: fabrik settings set database ADRESS",
        ),
        Cause::DatabaseMoveUnlike { table } => say(
            format!("det som kom fram i tabellen {table} är inte det som skickades"),
            "Inget har ändrats. Försök igen när inget annat program använder databasen.",
        ),
        Cause::DatabaseOnlyThere { place } => say(
            format!("uppgifterna finns bara på {place}"),
            "De flyttades dit. När servern svarar igen hämtar du dem med fabrik settings set database local. Har den fått en annan adress: fabrik settings set database ADRESS",
        ),
        Cause::DatabaseLeft => say(
            "uppgifterna finns på ett annat ställe nu".into(),
            "Starta Fabrik igen. Bröts en flytt till en server: ange dess adress på nytt (fabrik settings set database ADRESS).",
        ),
        _ => None,
    }
}

pub(super) fn english(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::DatabaseUrlInvalid => say(
            "the database's address can't be used".into(),
            "It looks like this: postgres://user@server/database",
        ),
        Cause::DatabaseUnreachable { server } => say(
            format!("the database server {server} doesn't answer"),
            "Check the network and that the server is running, then try again. Nothing is lost.",
        ),
        Cause::DatabaseCertificate { server } => say(
            format!("the certificate of the database server {server} can't be trusted"),
            "If the server has a certificate authority of its own, add ?sslrootcert=FILE with its certificate to the address.",
        ),
        Cause::DatabaseLoginRefused { server, user } => say(
            format!("the database server {server} doesn't let {user} in"),
            "Give the password again: fabrik settings set database ADDRESS",
        ),
        Cause::DatabaseUnknown { server } => say(
            format!("the database server {server} has no database with that name"),
            "Create it (createdb), or correct the name in the address.",
        ),
        Cause::DatabaseRightsMissing { user } => say(
            format!("{user} lacks rights in the database"),
            &format!(
                "Have the database's owner run: CREATE SCHEMA fabrik AUTHORIZATION {user}. If the schema is there already, connect as its owner, or have the owner run GRANT USAGE ON SCHEMA fabrik TO {user} and GRANT ALL on its tables and sequences."
            ),
        ),
        Cause::DatabaseServerReadOnly { server } => say(
            format!("the database server {server} accepts no changes"),
            "It is a copy of another server, or closed to changes. Give the main server's address.",
        ),
        Cause::DatabaseNotEmpty { place } => say(
            format!("there are already records in {place}"),
            "Move to an empty database, or join it as it is: fabrik settings set database ADDRESS",
        ),
        Cause::DatabaseMoveUnlike { table } => say(
            format!("what arrived in the table {table} is not what was sent"),
            "Nothing has changed. Try again while no other program uses the database.",
        ),
        Cause::DatabaseOnlyThere { place } => say(
            format!("the records are only on {place}"),
            "They were moved there. Once the server answers again, fabrik settings set database local fetches them. If its address has changed: fabrik settings set database ADDRESS",
        ),
        Cause::DatabaseLeft => say(
            "the records are in another place now".into(),
            "Start Fabrik again. If a move to a server was broken off, give its address again (fabrik settings set database ADDRESS).",
        ),
        _ => None,
    }
}
