//! Swedish.

use fabrik_domain::{Cause, Problem, language::Language};

use super::{Text, accounts, faults, listed, local, machine, mails, requests, undo, vendor};

/// What a problem says, and what to do next.
#[expect(
    clippy::too_many_lines,
    reason = "one arm per code: the catalogue is read as a list"
)]
pub(super) fn problem(problem: &Problem) -> Text {
    let who = vendor(problem, "leverantören");
    let text = Text::new;
    let elsewhere = undo::text(Language::Sv, &problem.cause)
        .or_else(|| accounts::text(Language::Sv, problem))
        .or_else(|| mails::text(Language::Sv, &problem.cause))
        .or_else(|| requests::text(Language::Sv, problem))
        .or_else(|| machine::text(Language::Sv, &problem.cause))
        .or_else(|| faults::row(Language::Sv, &problem.cause));
    if let Some(text) = elsewhere {
        return text;
    }
    match problem.cause.as_ref() {
        Cause::NameInvalid { fault, field } => faults::name(Language::Sv, *fault, field.is_some()),
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
        Cause::SubdomainInUse { subdomain } => text(
            format!("det som finns för kunden heter efter subdomänen {subdomain}"),
            "Den kan ändras när ingen körning pågår och inget är kvar av instansen: fabrik deprovision, och för rester fabrik runs rollback eller let-go.",
        ),
        Cause::SubdomainChanged { before, subdomain } => text(
            format!(
                "körningen namnger det den skapar efter subdomänen {before}, men kundens är {subdomain} nu"
            ),
            "Starta en ny, som använder den nya subdomänen: fabrik provision",
        ),
        Cause::ExternalIdTaken {
            external_id,
            customer,
        } => text(
            format!("det externa id:t {external_id} tillhör {customer}"),
            "Är det samma kund? Ange annars ett annat id.",
        ),
        Cause::ExternalIdAlike {
            external_id,
            slug,
            customer,
        } => text(
            format!("det externa id:t {external_id} ger kortnamnet {slug}, som {customer} har"),
            "Ange ett id som skiljer sig i mer än skiftläge och skiljetecken, inom de första 40 tecknen.",
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
        Cause::ModuleUnknown { module, known } if known.is_empty() => text(
            format!("modulen {module:?} finns inte"),
            "Den här mallen har inga moduler.",
        ),
        Cause::ModuleUnknown { module, known } => text(
            format!("modulen {module:?} finns inte"),
            &format!("Välj bland {}.", listed(known, "och")),
        ),
        Cause::BlueprintUnknown { blueprint, known } => text(
            format!("mallen {blueprint:?} finns inte"),
            &format!("Välj {}.", listed(known, "eller")),
        ),
        Cause::BlueprintInvalid { blueprint, .. } => text(
            format!("mallen {blueprint} går inte att använda"),
            &format!(
                "Rätta det som är fel. Allt som är fel med den säger: fabrik blueprints check {blueprint}"
            ),
        ),
        Cause::BlueprintNameInvalid { blueprint } => text(
            format!("{blueprint:?} kan inte vara namnet på en mall"),
            "Använd 1–40 små bokstäver, siffror och bindestreck, med en bokstav först.",
        ),
        Cause::BlueprintExists { blueprint } => text(
            format!("mallen {blueprint} finns redan"),
            "Välj ett annat namn: inget skrivs över.",
        ),
        Cause::BlueprintChanged { blueprint } => text(
            format!("mallen {blueprint} har ändrats av någon annan"),
            "Inget sparades. Öppna den på nytt och gör ändringen där.",
        ),
        Cause::BlueprintVersionGone { blueprint } => text(
            format!("den versionen av mallen {blueprint} finns inte kvar som den var"),
            "Välj en annan av dem som finns kvar.",
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
        Cause::ColumnMissing { file, column } => text(
            format!("{file} har ingen kolumn {column:?}"),
            "Ge filen en första rad med rubriker.",
        ),
        Cause::NoCustomersInFile { file } => text(
            format!("{file} har inga kunder"),
            "Den ska vara en lista på kunder: CSV, JSON eller en äldre customer-config.json.",
        ),
        Cause::FieldUnreadable {
            field,
            value,
            expected,
        } => text(
            format!("fältet {field} kan inte vara {value:?}"),
            &format!("Det kan vara: {expected}."),
        ),
        Cause::FieldMissing { field } => text(format!("fältet {field} saknas"), "Fyll i det."),
        Cause::MembersUnsupported { blueprint } => text(
            format!("mallen {blueprint} har inga medlemmar"),
            "Medlemmar importeras till kunder vars mall har tabellen members, som orchestra.",
        ),
        Cause::LineUnreadable { line } => text(
            format!("rad {line} går inte att läsa"),
            "Skriv den som NAMN=värde, och avsluta det som står inom citattecken.",
        ),
        Cause::VariableContradicted { other } => text(
            format!("{other} i samma fil säger något annat om samma sak, och gäller"),
            "Låt det rätta av de två värdena vara kvar, och importera filen igen.",
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
            format!("{setting} har ett ogiltigt värde"),
            &format!("Det ska vara: {expected}."),
        ),
        Cause::BaseUrlInsecure { url } => text(
            format!("{url} får inte anropas: en nyckel skulle skickas okrypterad"),
            "Använd https, eller en adress på den här datorn.",
        ),
        Cause::ProviderUnknown { name } => text(
            format!("leverantören {name:?} finns inte här"),
            &format!("Välj {}.", super::providers("eller")),
        ),
        Cause::LinkRefused => text(
            "länken leder inte till en sida som Fabrik öppnar".into(),
            "Bara https-sidor hos kundens egen instans och leverantörer öppnas.",
        ),
        Cause::WorkspaceInvalid { workspace } => text(
            format!("{workspace:?} är inget namn på en arbetsyta"),
            "Använd 1–40 små bokstäver, siffror och bindestreck.",
        ),
        Cause::ProjectFailed { status } => text(
            format!("{who} gav upp projektet ({status})"),
            "Titta på det i instrumentpanelen; ta bort det där om det finns kvar. Återuppta sedan körningen, eller starta en ny om den är ångrad.",
        ),
        Cause::SchemaRefused { file } => text(
            format!("databasen avvisar {file}"),
            "Rätta mallens SQL; inget i filen har körts.",
        ),
        Cause::OutsideTouched { file, what } => text(
            format!(
                "{file} sträcker sig utanför kundens egna scheman: {}",
                listed(what, "och")
            ),
            "Inget i filen har körts. Ta bort det ur mallens SQL, och återuppta körningen eller starta en ny.",
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
        Cause::IsolationBroken { findings } => faults::isolation(Language::Sv, findings),
        Cause::DeploymentFailed { state } => text(
            format!("driftsättningen slutade som {state}"),
            "Läs byggloggen hos Vercel, rätta och återuppta körningen, eller starta en ny om den är ångrad.",
        ),
        Cause::DomainPending { domain, records } => faults::records(Language::Sv, domain, records),
        Cause::WorkflowNotPublished { workflow } => text(
            format!("n8n vill inte köra {workflow}"),
            "Rätta arbetsflödet i mallen eller i n8n, eller frigör webhookens sökväg, och återuppta sedan.",
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
        Cause::Unreachable { host } => text(
            format!("ingen förbindelse med {host}"),
            "Kontrollera nätet och försök igen; en körning som stannade fortsätter med: fabrik runs resume",
        ),
        Cause::VendorSilent { host, at } => text(
            format!("{who} svarade inte som det ska {} ({host})", local(*at)),
            "Kontrollera nätet, och leverantörens egen sida om sin drift.",
        ),
        Cause::TimedOut { operation, reads } => text(
            format!("{who} svarade inte i tid ({operation})"),
            unanswered(*reads),
        ),
        Cause::AnswerLost { operation, reads } => text(
            format!("svaret från {who} gick förlorat ({operation})"),
            unanswered(*reads),
        ),
        Cause::Refused { operation, status } => text(
            format!("{who} vägrar {operation} ({status})"),
            "Leverantörens svar förklarar varför.",
        ),
        Cause::Throttled { until } => text(
            format!("{who} ber Fabrik vänta till {}", local(*until)),
            "Fabrik väntar och fortsätter av sig självt.",
        ),
        Cause::QuotaExceeded { quota } => text(
            format!("en gräns hos {who} är nådd: {quota}"),
            "Vänta ut den eller höj den där, och försök igen; en körning fortsätter med: fabrik runs resume",
        ),
        Cause::VendorFailed { operation, status } => text(
            format!("{who} svarade med fel på {operation} ({status})"),
            "Försök igen senare; en körning som stannade fortsätter med: fabrik runs resume",
        ),
        Cause::AnswerUnreadable { operation } => text(
            format!("{who} svarade på {operation} med något som inte går att läsa"),
            "Försök igen; en nyare version kan känna svaret.",
        ),
        Cause::RunUnknown { run } => text(
            format!("körningen {run:?} finns inte"),
            "fabrik runs list visar dem.",
        ),
        Cause::RunEnded { .. } => text(
            "körningen är slut".into(),
            "Avbröts den, återupptas den med: fabrik runs resume; annars börjar en ny med: fabrik provision",
        ),
        Cause::NotReadyYet { name, ceiling } => text(
            format!("{name} är inte klart efter {ceiling} s"),
            "Inget är förlorat: återuppta senare.",
        ),
        Cause::StepChanged { step } => text(
            format!("steget {step} har ändrats sedan körningen började"),
            "Slutför den med versionen som startade den, eller avbryt den med fabrik runs cancel --keep och provisionera igen.",
        ),
        Cause::LeaseLost => text(
            "en annan process har tagit över körningen".into(),
            "Den fortsätter där; den här har slutat.",
        ),
        // Said above.
        Cause::Ambiguous { .. }
        | Cause::NothingToDecide { .. }
        | Cause::CandidateUnknown { .. }
        | Cause::DeadlinePassed { .. }
        | Cause::OutcomeUnknown { .. }
        | Cause::RunActive { .. }
        | Cause::RunOwned { .. }
        | Cause::RunUndoing { .. }
        | Cause::RunSucceeded { .. }
        | Cause::RunSuperseded { .. }
        | Cause::NotLeftOver { .. }
        | Cause::NothingToRollBack { .. }
        | Cause::NothingToRemove { .. }
        | Cause::RequestUnknown { .. }
        | Cause::RequestDecided { .. }
        | Cause::RequestOfAnotherKind
        | Cause::PriceUnknown { .. }
        | Cause::SubscriptionUnknown { .. }
        | Cause::MailAlreadySent
        | Cause::MailUnderWay
        | Cause::NoWelcomeMail { .. }
        | Cause::InstanceMissing { .. }
        | Cause::NotOurs { .. }
        | Cause::ChangedSince { .. }
        | Cause::WasThereBefore { .. }
        | Cause::HoldsData { .. }
        | Cause::CannotSee { .. }
        | Cause::LiesInLeftover { .. }
        | Cause::UndoTookTooLong { .. }
        | Cause::UsedByLaterRun { .. }
        | Cause::DatabaseBusy
        | Cause::CredentialMissing
        | Cause::CredentialRejected
        | Cause::CredentialScopeMissing { .. }
        | Cause::CredentialUnrestricted
        | Cause::RegionNotOffered { .. }
        | Cause::OrganizationNotVisible { .. }
        | Cause::ProjectLimitReached { .. }
        | Cause::ProjectOfAnother { .. }
        | Cause::ProjectPaused { .. }
        | Cause::RecoveryStands { .. }
        | Cause::TemplateNotTemplate { .. }
        | Cause::TemplateNotVisible { .. }
        | Cause::OwnerNotVisible { .. }
        | Cause::TeamNotVisible { .. }
        | Cause::NameTaken { .. }
        | Cause::VercelAppMissing { .. }
        | Cause::VercelAppLimited { .. }
        | Cause::VercelHobby { .. }
        | Cause::LinkedElsewhere { .. }
        | Cause::RepositoryPublic { .. }
        | Cause::SenderUnverified { .. }
        | Cause::DatabaseReadOnly
        | Cause::DatabaseUnreadable
        | Cause::DatabaseNewer { .. }
        | Cause::DatabaseDamaged
        | Cause::DatabaseUrlInvalid
        | Cause::DatabaseUnreachable { .. }
        | Cause::DatabaseCertificate { .. }
        | Cause::DatabaseLoginRefused { .. }
        | Cause::DatabaseUnknown { .. }
        | Cause::DatabaseRightsMissing { .. }
        | Cause::DatabaseServerReadOnly { .. }
        | Cause::DatabaseNotEmpty { .. }
        | Cause::DatabaseMoveUnlike { .. }
        | Cause::DatabaseOnlyThere { .. }
        | Cause::DatabaseLeft
        | Cause::AuditAltered { .. }
        | Cause::AuditCut { .. }
        | Cause::AuditUnanchored
        | Cause::ImportStopped
        | Cause::DatabaseUrlKept
        | Cause::SourceAbsent
        | Cause::SourceLoginRefused { .. }
        | Cause::SourceRightsMissing { .. }
        | Cause::SourceReadOnly { .. }
        | Cause::SourceTableMissing { .. }
        | Cause::SourceRowsHidden { .. }
        | Cause::SourceRowsKeptBack { .. }
        | Cause::SourceColumnMissing { .. }
        | Cause::SourceColumnUnfit { .. }
        | Cause::SourceColumnLocked { .. }
        | Cause::SourceFieldUnmapped { .. }
        | Cause::SourceResultsNowhere { .. }
        | Cause::SourceKeyRepeated { .. }
        | Cause::SourceKeyAstray { .. }
        | Cause::SourceRowMissing { .. }
        | Cause::SourceIdTaken { .. }
        | Cause::SourceFollowed { .. }
        | Cause::SourceWordRefused { .. }
        | Cause::SourceRefused { .. }
        | Cause::RowRepeated { .. }
        | Cause::CellsSurplus { .. }
        | Cause::QuoteUnclosed { .. }
        | Cause::DiskFull
        | Cause::DatabaseFailed
        | Cause::KeyringMissing { .. }
        | Cause::KeyringLocked
        | Cause::KeyringTimedOut
        | Cause::KeyringFailed
        | Cause::SecretMissing { .. }
        | Cause::SecretTooLong
        | Cause::SandboxKeepsNoSecrets
        | Cause::SandboxTokenRefused { .. }
        | Cause::SandboxFailed
        | Cause::SandboxRefused { .. }
        | Cause::DataDirectoryUnusable { .. }
        | Cause::FileUnwritable { .. }
        | Cause::NothingOpens { .. }
        | Cause::ProgramMissing { .. }
        | Cause::BlueprintUnchecked { .. }
        | Cause::UpdateFailed { .. }
        | Cause::Internal => text(
            "det här är ett fel i Fabrik självt".into(),
            "Rapportera det gärna med loggen ur datakatalogen.",
        ),
    }
}

/// What next where no answer came.
const fn unanswered(reads: bool) -> &'static str {
    if reads {
        "Det var bara en fråga, och inget ändrades. Försök igen; en körning frågar igen: fabrik runs resume"
    } else {
        "Försök igen; en körning tar först reda på vad som hände: fabrik runs resume"
    }
}
