//! What is wrong with a name, a subdomain or a row of a file, what stands open in a database, and which DNS records are
//! wanted, in both languages.

use fabrik_domain::{
    Cause,
    language::Language,
    problem::{Breach, DnsRecord, Exposure, NameFault, SubdomainFault},
};

use super::Text;

/// What stands open in a customer's database.
pub(super) fn isolation(language: Language, findings: &[Exposure]) -> Text {
    let text = Text::new;
    let finding = |finding: &Exposure| {
        let subject = &finding.subject;
        match (language, finding.breach) {
            (Language::Sv, Breach::NoCanary) => format!("{subject} saknar rad i canary.sql"),
            (Language::Sv, Breach::Readable) => format!("{subject} kan läsas av alla"),
            (Language::Sv, Breach::Writable) => format!("{subject} kan ändras av alla"),
            (Language::Sv, Breach::Callable) => format!("{subject} kan anropas av alla"),
            (Language::Sv, Breach::Served) => {
                format!("{subject} lämnas ut med den publika nyckeln")
            }
            (Language::Sv, Breach::ForeignKey) => format!("{subject} godtar en annan kunds nyckel"),
            (Language::En, Breach::NoCanary) => format!("{subject} has no row in canary.sql"),
            (Language::En, Breach::Readable) => format!("anybody can read {subject}"),
            (Language::En, Breach::Writable) => format!("anybody can change {subject}"),
            (Language::En, Breach::Callable) => format!("anybody can call {subject}"),
            (Language::En, Breach::Served) => format!("{subject} is served to the public key"),
            (Language::En, Breach::ForeignKey) => {
                format!("{subject} accepts another customer's key")
            }
        }
    };
    let all: Vec<_> = findings.iter().map(finding).collect();
    let all = all.join("; ");
    match language {
        Language::Sv => text(
            format!("databasen är inte tät: {all}"),
            "Rätta mallens policyer (eller canary.sql) och återuppta.",
        ),
        Language::En => text(
            format!("the database is not isolated: {all}"),
            "Fix the blueprint's policies (or canary.sql), then resume.",
        ),
    }
}

/// The DNS records that a domain waits for.
pub(super) fn records(language: Language, domain: &str, records: &[DnsRecord]) -> Text {
    let text = Text::new;
    let all: Vec<_> = records
        .iter()
        .map(|record| format!("{} {} {}", record.name, record.kind, record.value))
        .collect();
    let all = all.join("; ");
    match (language, all.is_empty()) {
        (Language::Sv, false) => text(
            format!("{domain} väntar på DNS: {all}"),
            "Lägg in posterna hos den som sköter domänen. Kontrollera dem igen med: fabrik domains check",
        ),
        (Language::Sv, true) => text(
            format!("{domain} väntar på att DNS ska slå igenom"),
            "Kontrollera den igen med: fabrik domains check",
        ),
        (Language::En, false) => text(
            format!("{domain} is waiting for DNS: {all}"),
            "Add these records where the domain is managed. Check again with: fabrik domains check",
        ),
        (Language::En, true) => text(
            format!("{domain} is waiting for its DNS to spread"),
            "Check again with: fabrik domains check",
        ),
    }
}

/// Why a name is refused: the customer's own, or its contact's.
pub(super) fn name(language: Language, fault: NameFault, of_contact: bool) -> Text {
    let text = Text::new;
    let name = match (language, of_contact) {
        (Language::Sv, false) => "namnet",
        (Language::Sv, true) => "kontaktens namn",
        (Language::En, false) => "the name",
        (Language::En, true) => "the contact's name",
    };
    match language {
        Language::Sv => match fault {
            NameFault::Empty => text(format!("{name} är tomt"), "Ange kundens namn."),
            NameFault::TooLong => text(format!("{name} är längre än 120 tecken"), "Korta det."),
            NameFault::Deceptive => text(
                format!(
                    "{name} har osynliga tecken, tecken som byter läsriktning eller förlorade bokstäver"
                ),
                "Skriv det på nytt i stället för att klistra in det.",
            ),
            NameFault::NoLetters => text(
                format!("{name} har ingen bokstav a–z eller siffra att göra ett kortnamn av"),
                "Lägg till en stavning med latinska bokstäver.",
            ),
            NameFault::Login => text(
                format!("{name} är en adress med lösenord"),
                "En databasadress hör hemma i fältet database_url: därifrån läggs den i nyckelringen.",
            ),
        },
        Language::En => match fault {
            NameFault::Empty => text(format!("{name} is empty"), "Give the customer's name."),
            NameFault::TooLong => text(
                format!("{name} is longer than 120 characters"),
                "Shorten it.",
            ),
            NameFault::Deceptive => text(
                format!(
                    "{name} has invisible or direction-changing characters, or letters that were lost"
                ),
                "Type it instead of pasting it.",
            ),
            NameFault::NoLetters => text(
                format!("{name} has no letter a–z or digit to make a short name of"),
                "Add a spelling in Latin letters.",
            ),
            NameFault::Login => text(
                format!("{name} is an address with a password"),
                "A database's address belongs in the field database_url: from there it goes to the keyring.",
            ),
        },
    }
}

/// Why a subdomain is refused.
pub(super) fn subdomain(language: Language, subdomain: &str, fault: SubdomainFault) -> Text {
    let text = Text::new;
    match language {
        Language::Sv => match fault {
            SubdomainFault::Empty => text(
                "subdomänen är tom".into(),
                "Ange en, till exempel akermark.",
            ),
            SubdomainFault::TooLong => text(
                format!("subdomänen {subdomain} är längre än 63 tecken"),
                "Korta den.",
            ),
            SubdomainFault::Characters => text(
                format!("subdomänen {subdomain:?} får bara ha a–z, 0–9 och bindestreck"),
                "Skriv å ä som a, ö som o, utan versaler, punkter och mellanrum.",
            ),
            SubdomainFault::Hyphen => text(
                format!("subdomänen {subdomain} börjar eller slutar med bindestreck"),
                "Ta bort bindestrecket.",
            ),
            SubdomainFault::Punycode => text(
                format!("subdomänen {subdomain} har två bindestreck på tredje plats"),
                "Sådana namn är avsatta för internationaliserade domäner: välj ett annat.",
            ),
            SubdomainFault::Reserved => text(
                format!("subdomänen {subdomain} är reserverad för byråns egna adresser"),
                "Välj en annan.",
            ),
        },
        Language::En => match fault {
            SubdomainFault::Empty => text(
                "the subdomain is empty".into(),
                "Give one, such as akermark.",
            ),
            SubdomainFault::TooLong => text(
                format!("the subdomain {subdomain} is longer than 63 characters"),
                "Shorten it.",
            ),
            SubdomainFault::Characters => text(
                format!("the subdomain {subdomain:?} may have only a–z, 0–9 and hyphens"),
                "Write å ä as a, ö as o, and no capitals, dots or spaces.",
            ),
            SubdomainFault::Hyphen => text(
                format!("the subdomain {subdomain} begins or ends with a hyphen"),
                "Remove the hyphen.",
            ),
            SubdomainFault::Punycode => text(
                format!("the subdomain {subdomain} has hyphens as its third and fourth characters"),
                "Such names are reserved for internationalised domains: choose another.",
            ),
            SubdomainFault::Reserved => text(
                format!("the subdomain {subdomain} is reserved for the agency's own hosts"),
                "Choose another.",
            ),
        },
    }
}

/// What is wrong with a row of a file, among the others or in itself.
pub(super) fn row(language: Language, cause: &Cause) -> Option<Text> {
    let text = Text::new;
    Some(match (language, cause) {
        (Language::Sv, Cause::RowRepeated { line }) => text(
            format!("rad {line} gäller samma person"),
            "Låt en av raderna vara kvar.",
        ),
        (Language::En, Cause::RowRepeated { line }) => text(
            format!("line {line} is about the same person"),
            "Keep one of the rows.",
        ),
        (
            Language::Sv,
            Cause::CellsSurplus {
                line,
                cells,
                columns,
            },
        ) => text(
            format!("rad {line} har {cells} celler under {columns} rubriker"),
            "Sätt citattecken om en cell som har ett skiljetecken i sig: \"1,5\".",
        ),
        (
            Language::En,
            Cause::CellsSurplus {
                line,
                cells,
                columns,
            },
        ) => text(
            format!("line {line} has {cells} cells under {columns} headings"),
            "Put quotation marks around a cell that has a separator in it: \"1,5\".",
        ),
        (Language::Sv, Cause::QuoteUnclosed { file, line }) => text(
            format!("ett citattecken på rad {line} i {file} avslutas inte"),
            "Avsluta det på den raden eller ta bort det, och importera filen igen.",
        ),
        (Language::En, Cause::QuoteUnclosed { file, line }) => text(
            format!("a quotation mark on line {line} of {file} is not closed"),
            "Close it on that line or remove it, and import the file again.",
        ),
        _ => return None,
    })
}
