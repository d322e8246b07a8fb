//! What is wrong with an import, or with an agency's own table of customers, in both languages: the message, and what
//! to do next.

use fabrik_domain::Cause;

pub(super) fn swedish(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::ImportStopped => say(
            "importen avbröts".into(),
            "Inget av den är kvar. Kör den igen när som helst.",
        ),
        Cause::DatabaseUrlKept => say(
            "kunden har en databas som Fabrik har skapat, och dess adress behålls".into(),
            "Utelämna raden: adressen i nyckelringen är den som används.",
        ),
        Cause::SourceLoginRefused { server, user } => say(
            format!("kundtabellens server {server} släpper inte in {user}"),
            "Ange lösenordet på nytt: fabrik source password. Är tabellen inte ansluten än, kör kommandot igen.",
        ),
        Cause::SourceRightsMissing { user } => say(
            format!("{user} saknar rättigheter i kundtabellens databas"),
            "Låt databasens ägare köra GRANT SELECT på tabellen, och GRANT UPDATE på kolumnerna som resultat skrivs till. Tabellens schema behöver GRANT USAGE.",
        ),
        Cause::SourceReadOnly { server } => say(
            format!("kundtabellens server {server} tar inte emot ändringar"),
            "Den är en kopia av en annan server, eller stängd för ändringar. Öppna den, eller anslut tabellen på huvudservern: fabrik source connect. Resultatet skrivs då, och tabellen läses så länge som vanligt.",
        ),
        Cause::SourceAbsent => say(
            "ingen egen kundtabell är ansluten".into(),
            "Se vad som finns: fabrik source look ADRESS",
        ),
        Cause::SourceTableMissing { table } => say(
            format!("tabellen {table} finns inte, eller får inte läsas"),
            "Se vilka som finns med fabrik source look, eller ge användaren rätt att läsa den: GRANT SELECT.",
        ),
        Cause::SourceRowsHidden { table, user } => say(
            format!("radsäkerhet döljer raderna i {table} för {user}"),
            &format!(
                "Låt tabellens ägare ge rollen en policy: CREATE POLICY fabrik ON {table} TO {user} USING (true). Eller, som superanvändare: ALTER ROLE {user} BYPASSRLS. Ingen kund och ingen förfrågan har ändrats."
            ),
        ),
        Cause::SourceRowsKeptBack { table, user } => say(
            format!("radsäkerhet kan dölja rader i {table} för {user}"),
            &format!(
                "En rad som inte syns räknas inte som borttagen, och ingen förfrågan dras tillbaka för att dess rad är borta. Visa alla: CREATE POLICY fabrik ON {table} TO {user} USING (true). Eller, som superanvändare: ALTER ROLE {user} BYPASSRLS."
            ),
        ),
        Cause::SourceColumnMissing {
            table,
            column,
            field,
        } => say(
            format!("{table} har ingen kolumn {column} för {field}"),
            "Ange en annan kolumn: --map FÄLT=KOLUMN, eller --result för en som skrivs.",
        ),
        Cause::SourceColumnUnfit {
            column,
            field,
            found,
        } => say(
            format!("kolumnen {column} är av typen {found} och kan inte vara {field}"),
            "Välj en kolumn av en typ som passar, eller utelämna fältet.",
        ),
        Cause::SourceColumnLocked { table, column } => say(
            format!("kolumnen {column} i {table} går inte att skriva"),
            "Ge användaren rätt att skriva den (GRANT UPDATE), eller skriv till tabellen bakom vyn: --write-to TABELL.",
        ),
        Cause::SourceFieldUnmapped { field } => say(
            format!("ingen kolumn är angiven för {field}"),
            "Varje kund måste ha det: --map FÄLT=KOLUMN.",
        ),
        Cause::SourceResultsNowhere { table } => say(
            format!("inget av ett resultat skulle skrivas till {table}"),
            "Ange en kolumn som får skrivas: --result FÄLT=KOLUMN, och för en status dess ord: --word succeeded=ORD. Får inget skrivas där: ge användaren rätt till det (GRANT UPDATE), eller skriv inga resultat: --write-to ''",
        ),
        Cause::SourceKeyRepeated { column, value } => say(
            format!("flera rader har {column} = {value}"),
            "Välj en kolumn där varje kund har ett eget värde.",
        ),
        Cause::SourceKeyAstray {
            table,
            column,
            value,
        } => say(
            format!(
                "{column} i {table} är inte kundens id: {value} leder till en annan kunds rad, eller ingen"
            ),
            "Ange kolumnen som har kundens id där: --result-key KOLUMN.",
        ),
        Cause::SourceRowMissing {
            table,
            column,
            value,
        } => say(
            format!("{table} har ingen rad med {column} = {value}"),
            "Resultatet skrivs när raden finns. Är det en annan kolumn: --result-key KOLUMN. Är raden borta för gott: fabrik customers edit KUND --external-id ''",
        ),
        Cause::SourceIdTaken { id, customer } => say(
            format!("id {id} har {customer}, som inte kommer från tabellen"),
            "Är det samma kund? Ge båda samma e-postadress eller subdomän. Annars ändrar du kundens externa id: fabrik customers edit KUND --external-id ID",
        ),
        Cause::SourceFollowed { table, field } => say(
            format!("{field} hämtas från {table}"),
            "Ändra det där: inom en minut är det här. Eller utelämna fältet när du ansluter tabellen: --map FÄLT=",
        ),
        Cause::SourceWordRefused {
            column,
            word,
            outcome,
        } => say(
            format!("kolumnen {column} kan inte vara {word}"),
            &format!("Ange tabellens eget ord för läget: --word {outcome}=ORD."),
        ),
        Cause::SourceRefused { table } => say(
            format!("{table} tar inte emot resultatet av en körning"),
            "Databasens svar förklarar varför. Det skrivs när hindret är borta.",
        ),
        _ => None,
    }
}

pub(super) fn english(cause: &Cause) -> Option<(String, String)> {
    let say = |message: String, hint: &str| Some((message, hint.to_owned()));
    match cause {
        Cause::ImportStopped => say(
            "the import was stopped".into(),
            "None of it was kept. Run it again at any time.",
        ),
        Cause::DatabaseUrlKept => say(
            "the customer has a database that Fabrik made, whose address is kept".into(),
            "Leave the line out: the address in the keyring is the one in use.",
        ),
        Cause::SourceLoginRefused { server, user } => say(
            format!("the customer table's server {server} doesn't let {user} in"),
            "Give the password again: fabrik source password. If the table isn't connected yet, run the command again.",
        ),
        Cause::SourceRightsMissing { user } => say(
            format!("{user} lacks rights in the customer table's database"),
            "Have its owner run GRANT SELECT on the table, and GRANT UPDATE on the columns that results are written to. The table's schema needs GRANT USAGE.",
        ),
        Cause::SourceReadOnly { server } => say(
            format!("the customer table's server {server} takes no changes"),
            "It is a copy of another server, or closed to changes. Open it, or connect the table on the main server: fabrik source connect. The result is written then, and the table is read as usual meanwhile.",
        ),
        Cause::SourceAbsent => say(
            "no customer table of your own is connected".into(),
            "See what there is: fabrik source look ADDRESS",
        ),
        Cause::SourceTableMissing { table } => say(
            format!("there is no table {table}, or it may not be read"),
            "See which there are with fabrik source look, or give the user the right to read it: GRANT SELECT.",
        ),
        Cause::SourceRowsHidden { table, user } => say(
            format!("row security hides the rows of {table} from {user}"),
            &format!(
                "Have the table's owner give the role a policy: CREATE POLICY fabrik ON {table} TO {user} USING (true). Or, as a superuser: ALTER ROLE {user} BYPASSRLS. No customer and no request has changed."
            ),
        ),
        Cause::SourceRowsKeptBack { table, user } => say(
            format!("row security may hide rows of {table} from {user}"),
            &format!(
                "A row that isn't seen is not taken for removed, and no request is withdrawn for want of its row. Show all: CREATE POLICY fabrik ON {table} TO {user} USING (true). Or, as a superuser: ALTER ROLE {user} BYPASSRLS."
            ),
        ),
        Cause::SourceColumnMissing {
            table,
            column,
            field,
        } => say(
            format!("{table} has no column {column} for {field}"),
            "Name another column: --map FIELD=COLUMN, or --result for one that is written.",
        ),
        Cause::SourceColumnUnfit {
            column,
            field,
            found,
        } => say(
            format!("the column {column} is of the type {found} and can't be {field}"),
            "Choose a column of a type that fits, or leave the field out.",
        ),
        Cause::SourceColumnLocked { table, column } => say(
            format!("the column {column} of {table} can't be written"),
            "Give the user the right to write it (GRANT UPDATE), or write to the table behind the view: --write-to TABLE.",
        ),
        Cause::SourceFieldUnmapped { field } => say(
            format!("no column is given for {field}"),
            "Every customer must have it: --map FIELD=COLUMN.",
        ),
        Cause::SourceResultsNowhere { table } => say(
            format!("no part of a result would be written to {table}"),
            "Name a column that may be written: --result FIELD=COLUMN, and for a status its word: --word succeeded=WORD. If nothing there may be written, give the user the right to (GRANT UPDATE), or write no results: --write-to ''",
        ),
        Cause::SourceKeyRepeated { column, value } => say(
            format!("several rows have {column} = {value}"),
            "Choose a column in which every customer has a value of its own.",
        ),
        Cause::SourceKeyAstray {
            table,
            column,
            value,
        } => say(
            format!(
                "{column} of {table} is not the customer's id: {value} leads to another customer's row, or to none"
            ),
            "Name the column that holds the customer's id there: --result-key COLUMN.",
        ),
        Cause::SourceRowMissing {
            table,
            column,
            value,
        } => say(
            format!("{table} has no row with {column} = {value}"),
            "The result is written once there is one. If it is another column: --result-key COLUMN. If the row is gone for good: fabrik customers edit CUSTOMER --external-id ''",
        ),
        Cause::SourceIdTaken { id, customer } => say(
            format!("the id {id} belongs to {customer}, who doesn't come from the table"),
            "Is it the same customer? Give both the same e-mail address or subdomain. Otherwise change the customer's external id: fabrik customers edit CUSTOMER --external-id ID",
        ),
        Cause::SourceFollowed { table, field } => say(
            format!("{field} comes from {table}"),
            "Change it there: it is here within a minute. Or leave the field out when you connect the table: --map FIELD=",
        ),
        Cause::SourceWordRefused {
            column,
            word,
            outcome,
        } => say(
            format!("the column {column} can't be {word}"),
            &format!("Give the table's own word for it: --word {outcome}=WORD."),
        ),
        Cause::SourceRefused { table } => say(
            format!("{table} doesn't accept the result of a run"),
            "The database's own words say why. It is written once nothing is in the way.",
        ),
        _ => None,
    }
}
