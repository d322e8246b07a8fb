//! Swedish.

use fabrik_domain::{Cause, Problem, language::Language};

use super::{Text, faults, listed, vendor};

/// What a problem says, and what to do next.
#[expect(
    clippy::too_many_lines,
    reason = "one arm per code: the catalogue is read as a list"
)]
pub(super) fn problem(problem: &Problem) -> Text {
    let who = vendor(problem, "leverantören");
    let text = |message: String, hint: &str| Text {
        message,
        hint: hint.to_owned(),
    };
    match problem.cause.as_ref() {
        Cause::NameInvalid { fault } => faults::name(Language::Sv, *fault),
        Cause::SlugTaken { slug, customer } => text(
            format!("namnet ger kortnamnet {slug}, som {customer} har"),
            "Välj ett namn som skiljer sig i mer än accenter och mellanrum.",
        ),
        Cause::SubdomainInvalid { subdomain, fault } => {
            faults::subdomain(Language::Sv, subdomain, *fault)
        }
        Cause::SubdomainTaken {
            subdomain,
            customer,
        } => text(
            format!("subdomänen {subdomain} tillhör {customer}"),
            "Välj en annan.",
        ),
        Cause::ExternalIdTaken {
            external_id,
            customer,
        } => text(
            format!("det externa id:t {external_id} tillhör {customer}"),
            "Är det samma kund? Ange annars ett annat id.",
        ),
        Cause::EmailInvalid { email } => text(
            format!("{email:?} är ingen e-postadress"),
            "Skriv den som anna@exempel.se.",
        ),
        Cause::LinkInvalid { field, link } => text(
            format!("{field}: {link:?} är ingen https-länk"),
            "Börja den med https://.",
        ),
        Cause::ProjectRefInvalid { project } => text(
            format!("{project:?} är ingen projektreferens hos Supabase"),
            "Den är de 20 små bokstäverna i projektets adress.",
        ),
        Cause::PlanUnknown { plan, known } => text(
            format!("planen {plan:?} finns inte"),
            &format!("Välj {}.", listed(known, "eller")),
        ),
        Cause::ModuleUnknown { module, known } => text(
            format!("modulen {module:?} finns inte"),
            &format!("Välj bland {}.", listed(known, "och")),
        ),
        Cause::BlueprintUnknown { blueprint, known } => text(
            format!("mallen {blueprint:?} finns inte"),
            &format!("Välj {}.", listed(known, "eller")),
        ),
        Cause::BlueprintInvalid { blueprint, why } => text(
            format!("mallen {blueprint} kan inte användas: {why}"),
            "Rätta den fil som nämns.",
        ),
        Cause::CustomerUnknown { customer } => text(
            format!("kunden {customer:?} finns inte"),
            "Ange en subdomän eller ett id; fabrik customers list visar dem.",
        ),
        Cause::ConfirmationMismatch { expected } => text(
            "bekräftelsen stämmer inte".into(),
            &format!("Skriv subdomänen exakt: {expected}."),
        ),
        Cause::CustomerHasInstance { customer } => text(
            format!("{customer} har en instans som skulle bli utan ägare"),
            "Ta bort instansen först.",
        ),
        Cause::FileUnreadable { file, why } => text(
            format!("{file} går inte att läsa: {why}"),
            "Kontrollera sökvägen och formatet.",
        ),
        Cause::FieldMissing { field } => text(format!("fältet {field} saknas"), "Fyll i det."),
        Cause::CredentialMissing => text(
            format!("nyckel till {who} saknas"),
            &format!("Lägg in den med: fabrik credentials set {}", key(problem)),
        ),
        Cause::CredentialRejected => text(
            format!("{who} avvisar nyckeln"),
            &format!(
                "Skapa en ny och lägg in den med: fabrik credentials set {}",
                key(problem)
            ),
        ),
        Cause::CredentialScopeMissing { scopes } => text(
            format!(
                "nyckeln till {who} får inte göra allt som behövs: {} saknas",
                listed(scopes, "och")
            ),
            "Ge nyckeln behörigheterna, eller skapa en ny.",
        ),
        Cause::SettingMissing { setting } => text(
            format!("inställningen {setting} saknas"),
            &format!("Ange den med: fabrik settings set {setting} …"),
        ),
        Cause::SettingUnknown { setting } => text(
            format!("inställningen {setting:?} finns inte"),
            "fabrik settings get visar alla.",
        ),
        Cause::SettingInvalid { setting, expected } => text(
            format!("{setting} kan inte vara så"),
            &format!("Det ska vara: {expected}."),
        ),
        Cause::BaseUrlInsecure { url } => text(
            format!("{url} får inte anropas: en nyckel skulle färdas öppet"),
            "Använd https, eller en adress på den här datorn.",
        ),
        Cause::ProviderUnknown { name } => text(
            format!("leverantören {name:?} finns inte här"),
            "Välj supabase, github, vercel eller resend.",
        ),
        Cause::LinkRefused => text(
            "länken leder inte till en sida som Fabrik öppnar".into(),
            "Bara https-sidor hos kundens egen instans och leverantörer öppnas.",
        ),
        Cause::WorkspaceInvalid { workspace } => text(
            format!("{workspace:?} är inget namn på en arbetsyta"),
            "Använd 1–40 små bokstäver, siffror och bindestreck.",
        ),
        Cause::RegionNotOffered { region, offered } => text(
            format!("{who} erbjuder inte organisationen regionen {region}"),
            &format!("Sätt supabase.region till {}.", listed(offered, "eller")),
        ),
        Cause::OrganizationNotVisible {
            organization,
            visible,
        } => text(
            format!("nyckeln ser inte organisationen {organization}"),
            &if visible.is_empty() {
                "Den ser ingen: skapa en nyckel hos en medlem av organisationen.".to_owned()
            } else {
                format!(
                    "Den ser {}: sätt supabase.organization till en av dem.",
                    listed(visible, "och")
                )
            },
        ),
        Cause::ProjectLimitReached { limit } => text(
            format!("organisationens plan tillåter {limit} aktiva projekt, och de är förbrukade"),
            "Pausa eller ta bort ett projekt, eller byt till en betald plan.",
        ),
        Cause::TemplateNotTemplate { template } => text(
            format!("repot {template} är inte markerat som mall"),
            "Kryssa i \"Template repository\" i dess inställningar på GitHub.",
        ),
        Cause::TemplateNotVisible { template } => text(
            format!("nyckeln ser inte mallrepot {template}"),
            "Kontrollera github.template, och att nyckelns användare får läsa det.",
        ),
        Cause::OwnerNotVisible { owner } => text(
            format!("nyckeln ser inte ägaren {owner}"),
            "Kontrollera github.owner.",
        ),
        Cause::TeamNotVisible { team } => text(
            format!("nyckeln ser inte teamet {team}"),
            "Kontrollera vercel.team.",
        ),
        Cause::NameTaken { name } => text(
            format!("{name} finns redan hos {who} och är inte vårt"),
            "Byt namn på det eller ta bort det där, eller välj en annan subdomän eller ett annat namn.",
        ),
        Cause::VercelAppMissing { owner } => text(
            format!("Vercels GitHub-app är inte installerad för {owner}"),
            "Installera den: https://github.com/apps/vercel/installations/select_target",
        ),
        Cause::VercelAppLimited { repository } => text(
            format!("Vercels GitHub-app ser inte {repository}"),
            "Låt den se alla repon: https://github.com/apps/vercel/installations/select_target",
        ),
        Cause::SenderUnverified { sender } => text(
            format!("{who} skickar inte från {sender}: domänen är inte verifierad"),
            "Verifiera domänen där, eller ändra email.from.",
        ),
        Cause::ProjectFailed { status } => text(
            format!("{who} gav upp projektet ({status})"),
            "Titta på det i instrumentpanelen; ta bort det där och återuppta.",
        ),
        Cause::SchemaRefused { file } => text(
            format!("databasen avvisar {file}"),
            "Rätta mallens SQL; inget i filen har körts.",
        ),
        Cause::SchemaDiffers { file } => text(
            format!("{file} har körts tidigare med annat innehåll"),
            "Ändringar av ett schema i drift är migreringar: inget har körts.",
        ),
        Cause::TableMissing { tables } => text(
            format!("tabeller saknas efter schemat: {}", listed(tables, "och")),
            "Jämför mallens lista över tabeller med dess SQL.",
        ),
        Cause::RowSecurityMissing { tables } => text(
            format!("tabeller utan radsäkerhet: {}", listed(tables, "och")),
            "Återuppta körningen; kommer det tillbaka, rätta mallens SQL.",
        ),
        Cause::Forbidden { names } => text(
            format!(
                "schemat har det som mallen förbjuder: {}",
                listed(names, "och")
            ),
            "Ta bort det ur mallens SQL.",
        ),
        Cause::AdminProofFailed { email } => text(
            format!("administratören {email} kan inte logga in, eller inte läsa sin egen rad"),
            "Kontrollera policyerna för mallens användartabell.",
        ),
        Cause::DeploymentFailed { state } => text(
            format!("driftsättningen slutade som {state}"),
            "Läs byggloggen hos Vercel, rätta och återuppta.",
        ),
        Cause::SiteUnreachable { url } => text(
            format!("{url} svarar inte"),
            "Titta på driftsättningen och återuppta sedan.",
        ),
        Cause::SiteAnswersError { url, status } => text(
            format!("{url} svarar med {status}"),
            "Titta på driftsättningens logg och återuppta sedan.",
        ),
        Cause::SiteProtected { url } => text(
            format!("{url} döljs av Vercels skydd av driftsättningar"),
            "Stäng av det för produktion i projektets inställningar och återuppta.",
        ),
        Cause::MailAlreadySent => text(
            "ett mejl med annan text har redan skickats för kunden".into(),
            "Det skickas inte två gånger; titta på det hos Resend.",
        ),
        Cause::Unreachable { host } => text(
            format!("ingen förbindelse med {host}"),
            "Kontrollera nätet och återuppta sedan.",
        ),
        Cause::TimedOut { operation } => text(
            format!("{who} svarade inte i tid ({operation})"),
            "Återuppta: Fabrik letar först.",
        ),
        Cause::AnswerLost { operation } => text(
            format!("svaret från {who} gick förlorat ({operation})"),
            "Återuppta: Fabrik letar först.",
        ),
        Cause::Refused { operation, status } => text(
            format!("{who} vägrar {operation} ({status})"),
            "Dess egna ord säger varför.",
        ),
        Cause::Throttled { until } => text(
            format!("{who} ber om väntan till {until}"),
            "Fabrik väntar och fortsätter av sig självt.",
        ),
        Cause::QuotaExceeded { quota } => text(
            format!("en gräns hos {who} är nådd: {quota}"),
            "Vänta ut den eller höj den där, och återuppta sedan.",
        ),
        Cause::VendorFailed { operation, status } => text(
            format!("{who} felar vid {operation} ({status})"),
            "Försök senare: återuppta körningen.",
        ),
        Cause::AnswerUnreadable { operation } => text(
            format!("{who} svarade på {operation} med något som inte går att läsa"),
            "Försök igen; en nyare version kan känna svaret.",
        ),
        Cause::RunUnknown { run } => text(
            format!("körningen {run:?} finns inte"),
            "fabrik runs list visar dem.",
        ),
        Cause::RunActive { run } => text(
            "kunden har en körning som inte är slut".into(),
            &format!("Återuppta eller avbryt den: fabrik runs resume {run}"),
        ),
        Cause::RunOwned { .. } => text(
            "en annan process har körningen".into(),
            "Följ den där, eller med: fabrik runs watch",
        ),
        Cause::RunEnded { .. } => text(
            "körningen är slut".into(),
            "Starta en ny med: fabrik provision",
        ),
        Cause::Ambiguous { name, candidates } => text(
            format!("flera kan vara {name}: {}", listed(candidates, "och")),
            "Ta bort den som inte ska vara kvar hos leverantören och återuppta.",
        ),
        Cause::NotReadyYet { name, ceiling } => text(
            format!("{name} är inte klart efter {ceiling} s"),
            "Inget är förlorat: återuppta senare.",
        ),
        Cause::StepChanged { step } => text(
            format!("steget {step} har ändrats sedan körningen började"),
            "Avsluta körningen med den version som började den.",
        ),
        Cause::LeaseLost => text(
            "en annan process har tagit över körningen".into(),
            "Den fortsätter där; den här har slutat.",
        ),
        Cause::DatabaseBusy => text(
            "databasen hålls av en annan process".into(),
            "Stäng andra program som har den öppen och försök igen.",
        ),
        Cause::DatabaseReadOnly => text(
            "databasen går inte att skriva".into(),
            "Kontrollera datakatalogens rättigheter.",
        ),
        Cause::DatabaseNewer { found, known } => text(
            format!("databasen är av en nyare version ({found}, den här känner {known})"),
            "Uppdatera Fabrik.",
        ),
        Cause::DatabaseDamaged => text(
            "databasen är skadad".into(),
            "Lägg filen åt sidan och återställ en kopia.",
        ),
        Cause::DiskFull => text("disken är full".into(), "Frigör plats; inget har anropats."),
        Cause::DatabaseFailed => text("databasen felade".into(), "Dess egna ord säger varför."),
        Cause::KeyringMissing => text(
            "det finns ingen nyckelring på datorn".into(),
            "Installera och starta en (Debian: apt install gnome-keyring), eller använd FABRIK_SECRET_… för det här kommandot.",
        ),
        Cause::KeyringLocked => text(
            "nyckelringen är låst".into(),
            "Lås upp den (logga in på skrivbordet, eller: gnome-keyring-daemon --unlock) och försök igen.",
        ),
        Cause::KeyringTimedOut => text(
            "nyckelringen svarade inte på 30 s".into(),
            "Leta efter dess dialog och besvara den, och försök igen.",
        ),
        Cause::KeyringFailed => text(
            "nyckelringen felade".into(),
            "Starta om den och försök igen.",
        ),
        Cause::SecretMissing { reference } => text(
            format!("hemligheten {reference} är borta"),
            "Lägg in den på nytt; en körning gör en ny där det går.",
        ),
        Cause::SecretTooLong => text(
            "hemligheten är för lång för nyckelringen".into(),
            "Är det rätt text?",
        ),
        Cause::SandboxTokenRefused { host } => text(
            format!("sandlådans påhittade nycklar skickas inte till {host}"),
            "Använd en egen arbetsyta för riktiga konton: --workspace produktion",
        ),
        Cause::SandboxFailed => text(
            "sandlådan går inte att starta".into(),
            "Dess logg är logs/sandbox.log i datakatalogen.",
        ),
        Cause::DataDirectoryUnusable { path } => text(
            format!("datakatalogen {path} går inte att använda"),
            "Kontrollera dess rättigheter, eller välj en annan med --data-dir.",
        ),
        Cause::Internal => text(
            "det här är ett fel i Fabrik självt".into(),
            "Rapportera det gärna med loggen ur datakatalogen.",
        ),
    }
}

fn key(problem: &Problem) -> &'static str {
    problem
        .provider
        .map_or("LEVERANTÖR", |provider| provider.key())
}
