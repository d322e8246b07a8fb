//! The help of commands and arguments in Swedish. In English it stands where the argument is declared.

mod copies;
mod customers;
mod inbox;
mod source;

/// A command by its path (`customers list`), an argument behind a slash by its id (`customers list/search`).
/// What holds everywhere has no path before the slash.
const SWEDISH: &[(&str, &str)] = &[
    ("", "Ger varje kund en egen, isolerad stack"),
    (
        "/workspace",
        "Arbetsytan; annars `FABRIK_WORKSPACE`, annars den senast använda, annars `sandbox`",
    ),
    (
        "/data_dir",
        "Datakatalogen; annars `FABRIK_DATA_DIR`, annars systemets egen plats",
    ),
    (
        "/json",
        "Ett JSON-dokument på stdout, förlopp som JSON-rader på stderr",
    ),
    (
        "/lang",
        "Språket; annars `FABRIK_LANG`, annars systemets språk",
    ),
    ("/quiet", "Inget förlopp"),
    ("/help", "Visar den här hjälpen"),
    ("/version", "Visar versionen"),
    // --- Plans and runs ---
    ("plan", "Vad som skulle göras för en kund; gör inget"),
    ("plan/customer", "Kunden, efter id eller subdomän"),
    ("provision", "Ger kunder deras stackar"),
    ("provision/customers", "Kunderna, efter id eller subdomän"),
    ("provision/pending", "Alla kunder som väntar"),
    (
        "provision/on_failure",
        "Vad som görs när ett steg misslyckas för gott: ångra det körningen gjort, eller behålla det; annars ångras körningen",
    ),
    ("provision/yes", "Frågar inget"),
    ("deprovision", "Tar bort en kunds instans"),
    ("deprovision/customer", "Kunden, efter id eller subdomän"),
    (
        "deprovision/confirm",
        "Kundens subdomän, utskriven; utan den visas bara planen",
    ),
    ("domains", "Kundernas egna domäner"),
    (
        "domains check",
        "Kontrollerar igen domäner som väntar på DNS",
    ),
    (
        "domains check/customer",
        "Bara denna kunds, efter id eller subdomän",
    ),
    ("welcome", "En kunds välkomstmejl"),
    (
        "welcome preview",
        "Visar det som det skulle skickas nu, med det hemliga maskerat; skickar inget",
    ),
    (
        "welcome preview/customer",
        "Kunden, efter id eller subdomän",
    ),
    (
        "welcome resend",
        "Skickar det en gång till, med en ny inloggningslänk; de tidigare länkarna slutar gälla",
    ),
    ("welcome resend/customer", "Kunden, efter id eller subdomän"),
    ("welcome resend/yes", "Frågar inget"),
    (
        "runs",
        "Körningar: vad som gjordes när, och att gå vidare med det som stannade",
    ),
    ("runs list", "Körningarna, de nyaste först"),
    (
        "runs list/customer",
        "Bara denna kunds, efter id eller subdomän",
    ),
    ("runs list/limit", "Högst så många; 0 är alla"),
    ("runs show", "En körning, med dess steg och vad den gjorde"),
    ("runs show/run", "Körningen, efter id eller nummer"),
    ("runs show/log", "Dess logg också"),
    (
        "runs resume",
        "Går vidare med en körning som stannade; där ingen nämns med alla avbrutna",
    ),
    ("runs resume/run", "Körningen, efter id eller nummer"),
    (
        "runs rollback",
        "Ångrar det som gjorts av en körning som inte lyckats, och det som blev kvar",
    ),
    ("runs rollback/run", "Körningen, efter id eller nummer"),
    (
        "runs decide",
        "Säger vilken resurs som är kundens när en körning frågar, och går vidare med den",
    ),
    ("runs decide/run", "Körningen, efter id eller nummer"),
    ("runs decide/step", "Steget som frågar"),
    ("runs decide/adopt", "Id:t för den som är kundens"),
    ("runs decide/new", "Ingen av dem är det: gör en ny"),
    (
        "runs cancel",
        "Stoppar en körning mellan två anrop, och följer sedan vad den ska göra när något misslyckas; en borttagning stannar där den är",
    ),
    ("runs cancel/run", "Körningen, efter id eller nummer"),
    (
        "runs cancel/keep",
        "Behåller det som den har skapat, vad den än ska göra när något misslyckas: den kan återupptas",
    ),
    (
        "runs let-go",
        "Låter det som blev kvar vara: det är ordnat för hand, eller får finnas",
    ),
    ("runs let-go/run", "Körningen, efter id eller nummer"),
    (
        "runs let-go/resource",
        "Det som blev kvar, efter id eller namn",
    ),
    (
        "runs watch",
        "Följer en körning tills den är slut, i vilken process den än är",
    ),
    ("runs watch/run", "Körningen, efter id eller nummer"),
    // --- Credentials and settings ---
    ("credentials", "Byråns nycklar hos leverantörerna"),
    (
        "credentials status",
        "Varje leverantörs nyckel: om den finns, varifrån den kommer, vad som senast sågs av den",
    ),
    (
        "credentials set",
        "Lägger en leverantörs nyckel i nyckelringen och provar den; den läses från standard in eller en fråga",
    ),
    ("credentials set/provider", "Leverantören"),
    (
        "credentials test",
        "Provar en leverantörs nyckel, eller alla som finns",
    ),
    ("credentials test/provider", "Leverantören"),
    (
        "credentials remove",
        "Tar bort en leverantörs nyckel ur nyckelringen",
    ),
    ("credentials remove/provider", "Leverantören"),
    (
        "credentials import",
        "Läser en `.env`-fil: nycklar går till nyckelringen, resten till inställningar",
    ),
    ("credentials import/file", "Filen; `-` är standard in"),
    ("credentials import/dry_run", "Visar vad som skulle göras"),
    ("settings", "Arbetsytans inställningar"),
    ("settings get", "Vad som gäller, och varifrån det kommer"),
    (
        "settings get/key",
        "Bara en inställning, till exempel `supabase.organization`, eller `database`",
    ),
    (
        "settings set",
        "Sparar en inställning; ett tomt värde tar bort den",
    ),
    (
        "settings set/key",
        "Inställningen, till exempel `supabase.organization`, eller `database`",
    ),
    (
        "settings set/value",
        "Dess värde. En hemlighet, som `smtp.password`, har inget här: den frågas efter, eller läses från standard in",
    ),
    (
        "settings set/bring",
        "Tar med alla uppgifter till den nya databasen",
    ),
    // --- The audit log ---
    ("audit", "Vem som gjorde vad, och om det ändrats sedan dess"),
    ("audit verify", "Jämför loggen med det som nyckelringen vet"),
    (
        "audit export",
        "Skriver hela loggen som JSON, med det som `scripts/verify-audit.mjs` prövar den med",
    ),
    // --- Blueprints and the machine ---
    ("blueprints", "Vad kunder kan få"),
    ("blueprints list", "De som finns"),
    ("blueprints show", "En, med dess planer och steg"),
    ("blueprints show/name", "Dess namn"),
    (
        "blueprints check",
        "Allt som är fel i en, med dess SQL provad i en egen databas",
    ),
    (
        "blueprints check/name",
        "Dess namn, eller sökvägen till en katalog",
    ),
    ("blueprints new", "En ny i arbetsytan, en kopia att ändra i"),
    (
        "blueprints new/name",
        "Dess namn: små bokstäver, siffror och bindestreck",
    ),
    ("blueprints new/from", "Den som kopieras"),
    (
        "doctor",
        "Kontrollerar datakatalog, databas, nyckelring, nätverk och nycklar",
    ),
    ("sandbox", "Varje leverantörs moln, på den här datorn"),
    (
        "sandbox serve",
        "Svarar för alla leverantörer på en port på den här datorn tills den stoppas",
    ),
    (
        "sandbox serve/port",
        "Porten; 0 tar den från förra gången om den är ledig",
    ),
    (
        "sandbox serve/latency",
        "`none`, `realistic`, eller en TOML-fil med sekunder",
    ),
    ("sandbox serve/faults", "En JSON-fil med regler för fel"),
    (
        "sandbox serve/data",
        "Var dess resurser och nycklar sparas; annars `sandbox` i datakatalogen",
    ),
    (
        "sandbox serve/seed",
        "Vad nycklar, id:n och tider följer av; annars katalogens eget",
    ),
    (
        "sandbox serve/until_unused",
        "Slutar en stund efter att den sista klienten gått",
    ),
    (
        "completions",
        "Ett skript som fyller i kommandon i ett skal",
    ),
    ("completions/shell", "Skalet"),
    (
        "serve",
        "Fönstrets gränssnitt för en webbläsare på den här datorn",
    ),
    ("serve/ui", "Det byggda gränssnittet"),
    (
        "serve/port",
        "Porten på den här datorn; 0 är vilken som helst",
    ),
];

/// What stands for a value in the help; those that read alike in both languages stay.
const VALUES: &[(&str, &str)] = &[
    ("BLUEPRINT", "MALL"),
    ("CHOICE", "VAL"),
    ("COLUMN", "KOLUMN"),
    ("CREDITS", "KREDITER"),
    ("CUSTOMER", "KUND"),
    ("CUSTOMERS", "KUNDER"),
    ("DATA", "KATALOG"),
    ("DAY", "DAG"),
    ("DIR", "KATALOG"),
    ("EMAIL", "E-POST"),
    ("EXTERNAL_ID", "EXTERNT_ID"),
    ("FIELD=COLUMN", "FÄLT=KOLUMN"),
    ("FILE", "FIL"),
    ("FORMAT", "FORMAT"),
    ("ID", "ID"),
    ("KEY", "INSTÄLLNING"),
    ("LANG", "SPRÅK"),
    ("LANGUAGE", "SPRÅK"),
    ("LIMIT", "ANTAL"),
    ("MESSAGE", "MEDDELANDE"),
    ("MODULE", "MODUL"),
    ("N", "N"),
    ("NAME", "NAMN"),
    ("OFFSET", "ANTAL"),
    ("ON_FAILURE", "VAL"),
    ("PLAN", "PLAN"),
    ("PORT", "PORT"),
    ("PRESET", "SYSTEM"),
    ("PROVIDER", "LEVERANTÖR"),
    ("REASON", "SKÄL"),
    ("REF", "REF"),
    ("REQUEST", "FÖRFRÅGAN"),
    ("RESOURCE", "RESURS"),
    ("RESULT=WORD", "RESULTAT=ORD"),
    ("RUN", "KÖRNING"),
    ("SEARCH", "ORD"),
    ("SHELL", "SKAL"),
    ("STATE", "LÄGE"),
    ("STATUS", "STATUS"),
    ("STEP", "STEG"),
    ("SUBDOMAIN", "SUBDOMÄN"),
    ("TABLE", "TABELL"),
    ("URL", "URL"),
    ("VALUE", "VÄRDE"),
    ("WORD=STATUS", "ORD=STATUS"),
];

fn all() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    SWEDISH
        .iter()
        .chain(customers::SWEDISH)
        .chain(copies::SWEDISH)
        .chain(inbox::SWEDISH)
        .chain(source::SWEDISH)
}

/// The Swedish help of a command, or of one of its arguments.
pub(crate) fn help(path: &str, argument: Option<&str>) -> Option<&'static str> {
    let find = |wanted: &str| {
        let (_, text) = all().find(|(key, _)| *key == wanted)?;
        Some(*text)
    };
    match argument {
        None => find(path),
        Some(argument) => {
            find(&format!("{path}/{argument}")).or_else(|| find(&format!("/{argument}")))
        }
    }
}

/// The Swedish word for what stands for a value; nothing where there is none.
pub(crate) fn value_name(name: &str) -> &'static str {
    VALUES
        .iter()
        .find(|(english, _)| *english == name)
        .map_or("", |(_, swedish)| *swedish)
}

/// What there are words for.
#[cfg(test)]
pub(crate) fn help_keys() -> impl Iterator<Item = &'static str> {
    all().map(|(key, _)| *key)
}
