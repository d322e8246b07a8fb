//! Swedish.

use fabrik_domain::{finding::Flaw, language::Language};

use super::{expected, part};
use crate::words::{Text, listed};

/// What is wrong, and what to do about it.
pub(super) fn flaw(flaw: &Flaw) -> Text {
    let text = Text::new;
    let names = |names: &[String]| listed(names, "och");
    match flaw {
        Flaw::ManifestMissing => text(
            "blueprint.toml saknas".into(),
            "Börja med en kopia: fabrik blueprints new NAMN --from factory.",
        ),
        Flaw::FileUnreadable { why } => text(
            format!("går inte att läsa: {why}"),
            "En mall har texter i UTF-8 på högst 1 MiB, och inga länkar.",
        ),
        Flaw::FileMissing { missing } => text(
            format!("{missing} finns inte i mappen"),
            "Lägg till filen, eller nämn en annan.",
        ),
        Flaw::SecretWritten => text(
            "det här ser ut som en nyckel: den skulle följa med till varje kund".into(),
            "Ta bort den och byt ut den hos leverantören; hemligheter kommer från ett stegs resultat.",
        ),
        Flaw::TomlBroken { why } => text(
            format!("det här är ingen TOML: {why}"),
            "Rätta raden; sedan läses resten av filen.",
        ),
        Flaw::FieldUnknown { field, known } => text(
            format!("fältet {field} finns inte"),
            &format!("Här finns {}.", names(known)),
        ),
        Flaw::FieldMissing { field } => text(format!("fältet {field} saknas"), "Lägg till det."),
        Flaw::FieldInvalid { expected: wanted } => text(
            "värdet passar inte".into(),
            &format!("Det ska vara {}.", expected(Language::Sv, *wanted)),
        ),
        Flaw::FieldEmpty => text("det här är tomt".into(), "Fyll i det, eller utelämna det."),
        Flaw::NameTwice { name } => text(
            format!("{name} finns två gånger"),
            "Ge den ena ett annat namn.",
        ),
        Flaw::PlanParameterUnknown { parameter } => text(
            format!("mallen har ingen parameter {parameter}"),
            "Ge den ett förval under [parameters]; sedan kan en plan ändra den.",
        ),
        Flaw::SettingUnknown { setting } => text(
            format!("inställningen {setting} finns inte"),
            "fabrik settings get visar alla.",
        ),
        Flaw::KindUnknown { kind, known } => text(
            format!("stegsorten {kind} finns inte"),
            &format!("De som finns är {}.", names(known)),
        ),
        Flaw::ParameterUnknown {
            kind,
            parameter,
            known,
        } => text(
            format!("ett steg av sorten {kind} har ingen parameter {parameter}"),
            &format!("Det har {}.", names(known)),
        ),
        Flaw::ParameterMissing { kind, parameter } => text(
            format!("ett steg av sorten {kind} behöver parametern {parameter}"),
            "Lägg till den under [steps.with].",
        ),
        Flaw::ParameterEmpty => text(
            "det här är tomt för en kund som inte har mer än den måste".into(),
            "Ge ett förval, eller nämn inställningen som det kommer från under settings.",
        ),
        Flaw::StepUnknown { unknown } => text(
            format!("steget {unknown} finns inte"),
            "Skriv id:t för ett steg i den här mallen.",
        ),
        Flaw::Cycle { steps } => text(
            format!("stegen {} väntar på varandra", names(steps)),
            "Ta bort en av hänvisningarna eller ett after.",
        ),
        Flaw::IsolationMissing => text(
            "inget prövar att ingen utifrån ser vad som finns i databasen".into(),
            "Lägg till steget isolation-check efter det, som i mallen factory; en körning går utan.",
        ),
        Flaw::WorkflowBroken { why } => text(
            format!("inget arbetsflöde: {why}"),
            "Exportera det från n8n på nytt: det har ett namn, noder och kopplingar.",
        ),
        Flaw::TimeZoneUnknown { name } => text(
            format!("{name} är ingen tidszon"),
            "Ange en som Europe/Stockholm: n8n skulle köra arbetsflödets scheman utan slut.",
        ),
        Flaw::TemplateBroken { why } => text(
            format!("det här går inte att fylla i: {why}"),
            "Ett namn står mellan {{ och }}, ett villkor mellan {% och %}.",
        ),
        Flaw::NameUnknown { name } => text(
            format!("{name} är inget namn som har ett värde"),
            "Det finns customer.…, parameters.…, settings.…, mark och stegens resultat.",
        ),
        Flaw::OutputUnknown { name, kind, known } => text(
            format!("{name}: ett steg av sorten {kind} lämnar inte det vidare"),
            &if known.is_empty() {
                "Det lämnar inget vidare: skriv after i stället.".to_owned()
            } else {
                format!("Det lämnar vidare {}.", names(known))
            },
        ),
        Flaw::ValueMissing { name } => text(
            format!("steget ger mejlet inget värde {name}"),
            "Lägg till det under [steps.with.values].",
        ),
        Flaw::NotRendered {
            plan,
            language,
            why,
        } => text(
            format!(
                "går inte att fylla i för en kund med planen {plan} och språket {language}: {why}"
            ),
            "Tänk på kunder utan moduler, utan kontaktnamn och utan valfria inställningar.",
        ),
        Flaw::SecretExposed { name } => text(
            format!("{name} är hemligt och skulle synas här"),
            "Hemligheter hör hemma i Vercels variabler som ingen webbläsare får, i mejltexter och nycklar.",
        ),
        Flaw::StatementForbidden { statement } => text(
            format!("”{statement}” har ingen plats i en mall"),
            "En fil körs i ett stycke, av databasens ägare, och bara i kundens egna scheman.",
        ),
        Flaw::TenancyWord { name } => text(
            format!("{name} skiljer kunder åt, och kunden är ensam i sin databas"),
            "Ta bort det, eller döp det efter vad det är.",
        ),
        Flaw::SqlRefused { again, state, why } => {
            if *again {
                text(
                    format!("PostgreSQL avvisar filen andra gången: {why} ({state})"),
                    "Skriv det så att det kan köras igen: if not exists, or replace, on conflict.",
                )
            } else {
                text(
                    format!("PostgreSQL avvisar filen: {why} ({state})"),
                    "Rätta SQL:en; det som kommer efter har inte provats.",
                )
            }
        }
        Flaw::SqlEndless { seconds } => text(
            format!("SQL:en är inte klar efter {seconds} s: den kanske aldrig tar slut"),
            "Ta bort det som väntar eller aldrig tar slut; det som kommer efter har inte provats.",
        ),
        Flaw::SqlBroke { why } => text(
            format!("kontrollens databas går sönder av filen: {why}"),
            "Den kan inte fånga fel: skriv det som står i ett block med exception så att inget fel uppstår (if not exists, if). Det som kommer efter har inte provats.",
        ),
        Flaw::NotRepeatable { part: differs } => text(
            format!(
                "körd en andra gång ändrar den {}",
                part(Language::Sv, *differs)
            ),
            "Skriv den så att den kan köras igen utan att ändra något.",
        ),
        Flaw::TableMissing { table } => text(
            format!("SQL:en skapar ingen tabell {table}"),
            "Rätta namnet, eller ta bort det ur with.tables.",
        ),
        Flaw::TableUnlisted { table } => text(
            format!("tabellen {table} finns inte i with.tables"),
            "Lägg till den där: en körning letar efter de tabeller som står i listan.",
        ),
        Flaw::RowSecurityMissing { table } => text(
            format!("tabellen {table} saknar radbehörighet (RLS)"),
            &format!("Lägg till: alter table public.{table} enable row level security."),
        ),
        Flaw::PolicyMissing { table } => text(
            format!("tabellen {table} har ingen policy: ingen kan läsa den"),
            "Lägg till en; om ingen ska läsa den, skriv det: using (false).",
        ),
        Flaw::ServerShutOut { table } => text(
            format!("den hemliga nyckeln har ingen rätt till tabellen {table}"),
            &format!(
                "Lägg till: grant select, insert, update, delete on public.{table} to service_role."
            ),
        ),
        Flaw::ViewPastPolicies { view } => text(
            format!("vyn {view} visar rader förbi sina tabellers policyer"),
            "Skapa den med (security_invoker = true), eller ta bort rätten att läsa den.",
        ),
        Flaw::NameForbidden { name } => {
            text(format!("steget förbjuder {name}"), "Ta bort det ur SQL:en.")
        }
        Flaw::CanaryMissing { table } => text(
            format!("canary.sql lägger ingen rad i {table}: en tom tabell bevisar inget"),
            "Lägg till en insert.",
        ),
        Flaw::OpenToAll { table } => text(
            format!("den som inte har loggat in kan läsa eller ändra {table}"),
            "Ta rätten från anon, eller låt policyn fråga vem som har loggat in: (select auth.uid()) is not null.",
        ),
        Flaw::FunctionOpen { function } => text(
            format!("den som inte har loggat in kan anropa {function}"),
            "Lägg den i schemat private, eller: revoke execute … from public, anon.",
        ),
        Flaw::SearchPathLoose { function } => text(
            format!("{function} körs som sin ägare, med namn som anroparen kan styra om"),
            "Lägg till: set search_path = '', och skriv varje namn med sitt schema.",
        ),
        Flaw::OutsideTouched { what } => text(
            format!("{what} skapas eller ändras"),
            "auth, roller och andra databaser är inte mallens: bara dess egna scheman är det.",
        ),
    }
}
