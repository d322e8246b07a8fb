//! What the agency's accounts at the vendors don't allow, in both languages: credentials, what they can see, and
//! servers of the agency's own that don't answer as they should.

use fabrik_app::VERCEL_APP_PAGE;
use fabrik_domain::{Cause, Problem, language::Language, provider::Provider};

use super::{Text, listed, variable, vendor};

/// What such a problem says, and what to do next; `None` for problems of other kinds.
pub(super) fn text(language: Language, problem: &Problem) -> Option<Text> {
    match language {
        Language::Sv => swedish(problem),
        Language::En => english(problem),
    }
}

/// The option by which the owner says that what has the name is the customer's. A table is called with its schema, and is
/// nobody's to adopt.
fn adoption(problem: &Problem, name: &str) -> Option<&'static str> {
    match problem.provider? {
        Provider::GitHub => Some("--github-repo-url URL"),
        Provider::Supabase if !name.contains('.') => Some("--supabase-project-ref REF"),
        _ => None,
    }
}

fn swedish(problem: &Problem) -> Option<Text> {
    let say = Text::new;
    let who = vendor(problem, "leverantören");
    Some(match problem.cause.as_ref() {
        Cause::CredentialMissing => say(
            format!("nyckeln för {who} saknas"),
            &format!("Lägg in den med: fabrik credentials set {}", key(problem)),
        ),
        Cause::FieldMissing { .. } if problem.provider.is_some() => say(
            format!("ingen nyckel för {who} angavs: inmatningen var tom"),
            &format!(
                "Klistra in den när det frågas, eller led in den från en fil: fabrik credentials set {} < FIL",
                key(problem)
            ),
        ),
        Cause::CredentialRejected => say(
            format!("{who} avvisar nyckeln"),
            &format!(
                "Skapa en ny och lägg in den med: fabrik credentials set {} (är {} satt går den före)",
                key(problem),
                variable(problem)
            ),
        ),
        Cause::CredentialScopeMissing { scopes } => say(
            match listed(scopes, "och") {
                _ if scopes.is_empty() => format!("nyckeln för {who} får inte göra det här"),
                scopes => {
                    format!("nyckeln för {who} får inte göra allt som behövs: {scopes} saknas")
                }
            },
            "Ge den behörigheterna, eller skapa en ny.",
        ),
        Cause::CredentialUnrestricted => say(
            format!("nyckeln för {who} får göra allt i kontot, och Fabrik tar bara en begränsad"),
            "Skapa en begränsad nyckel (rk_) som får läsa Events, Checkout Sessions, Subscriptions, Prices och Customers, och lägg in den i stället.",
        ),
        Cause::RegionNotOffered { region, offered } => say(
            format!("{who} erbjuder inte organisationen regionen {region}"),
            &format!("Sätt supabase.region till {}.", listed(offered, "eller")),
        ),
        Cause::OrganizationNotVisible {
            organization,
            visible,
        } => say(
            format!("organisationen {organization} syns inte med den nyckel som finns"),
            &if visible.is_empty() {
                "Den ser ingen: skapa en nyckel hos en medlem av organisationen.".to_owned()
            } else {
                format!(
                    "Den ser {}: sätt supabase.organization till en av dem.",
                    listed(visible, "och")
                )
            },
        ),
        Cause::ProjectLimitReached { limit } => say(
            format!("organisationens plan tillåter {limit} aktiva projekt, och de är förbrukade"),
            "Pausa eller ta bort ett projekt, eller byt till en betald plan.",
        ),
        Cause::ProjectOfAnother {
            reference,
            customer,
        } => say(
            format!("projektet {reference} hör till {customer}"),
            "Ta bort det från den av dem som det inte hör till: fabrik customers edit --help",
        ),
        Cause::ProjectPaused { name } => say(
            format!("projektet {name} är pausat hos {who}"),
            "Väck det i instrumentpanelen (Restore project) och försök igen när det är igång.",
        ),
        Cause::RecoveryStands {
            name,
            recovery,
            size,
        } => say(
            format!(
                "projektet {name} hos {who} har återställning till valfri tidpunkt ({recovery}), och planens instans ({size}) är för liten för den"
            ),
            "Körningen stänger inte av den. Stäng av den där (Project Settings, Add-ons) och försök igen, eller välj en plan med instansen small eller större.",
        ),
        Cause::TemplateNotTemplate { template } => say(
            format!("repot {template} är inte markerat som mall"),
            "Kryssa i \"Template repository\" i dess inställningar på GitHub.",
        ),
        Cause::TemplateNotVisible { template } => say(
            format!("mallrepot {template} syns inte med den nyckel som finns"),
            "Kontrollera github.template, och att nyckelns användare får läsa det.",
        ),
        Cause::OwnerNotVisible { owner } => say(
            format!("ägaren {owner} syns inte med den nyckel som finns"),
            "Kontrollera github.owner, och att nyckelns konto är medlem där med åtkomst.",
        ),
        Cause::TeamNotVisible { team } => say(
            format!("teamet {team} syns inte med den nyckel som finns"),
            "Kontrollera vercel.team.",
        ),
        Cause::NameTaken { name } => say(
            format!("{name} finns redan hos {who} och är inte vårt"),
            &format!(
                "Byt namn på det eller ta bort det där, eller lägg till kunden på nytt med ett annat namn och en annan subdomän.{}",
                adoption(problem, name).map_or_else(String::new, |option| format!(
                    " Är det kundens eget: fabrik customers edit KUND {option}"
                ))
            ),
        ),
        Cause::VercelAppMissing { owner } => say(
            format!("Vercels GitHub-app är inte installerad för {owner}, eller syns inte"),
            &format!(
                "Installera den: {VERCEL_APP_PAGE} (finns den där saknar användaren bakom Vercel-nyckeln GitHub som inloggning: Vercel → Settings → Authentication)"
            ),
        ),
        Cause::VercelAppLimited { repository } => say(
            format!("Vercels GitHub-app ser inte {repository}"),
            &format!("Låt den se alla repon: {VERCEL_APP_PAGE}"),
        ),
        Cause::VercelHobby { team, owner } => say(
            format!(
                "{} har abonnemanget Hobby, som inte driftsätter privata repon hos en organisation ({owner})",
                team.as_ref().map_or_else(
                    || "det personliga Vercel-kontot bakom nyckeln".to_owned(),
                    |team| format!("Vercel-teamet {team}")
                )
            ),
            "Uppgradera till Pro hos Vercel (Hobby är bara för personligt, icke-kommersiellt bruk) och driftsätt något där på nytt (Redeploy): abonnemanget läses av den senaste driftsättningen. Eller låt en person äga repona (github.owner).",
        ),
        Cause::LinkedElsewhere { name } => say(
            format!("projektet {name} hos {who} är kopplat till ett annat repo än kundens"),
            "Ett repo som tagits bort och skapats på nytt är ett annat. Ta bort projektet där, eller koppla det till kundens repo (Settings, Git), och försök igen.",
        ),
        Cause::RepositoryPublic { repository } => say(
            format!("repot {repository} hos {who} är publikt, och det som ska dit är hemligt"),
            "Gör det privat i dess inställningar där.",
        ),
        Cause::SenderUnverified { sender } => say(
            format!("{who} skickar inte från {sender}: domänen är inte verifierad"),
            "Verifiera domänen där, eller ändra email.from.",
        ),
        Cause::AnswerUnreadable { operation } => {
            let setting = address(problem)?;
            say(
                format!("{who} svarade på {operation} med något som inte går att läsa"),
                &format!(
                    "Kontrollera att {setting} är adressen till {who}. Är den det, försök igen, eller med en nyare version."
                ),
            )
        }
        _ => return None,
    })
}

fn english(problem: &Problem) -> Option<Text> {
    let say = Text::new;
    let who = vendor(problem, "the vendor");
    Some(match problem.cause.as_ref() {
        Cause::CredentialMissing => say(
            format!("there is no credential for {who}"),
            &format!("Set it with: fabrik credentials set {}", key(problem)),
        ),
        Cause::FieldMissing { .. } if problem.provider.is_some() => say(
            format!("no credential for {who} was given: the input was empty"),
            &format!(
                "Paste it at the prompt, or pipe it in from a file: fabrik credentials set {} < FILE",
                key(problem)
            ),
        ),
        Cause::CredentialRejected => say(
            format!("{who} rejects the credential"),
            &format!(
                "Make a new one and set it with: fabrik credentials set {} (if {} is set, that is used instead)",
                key(problem),
                variable(problem)
            ),
        ),
        Cause::CredentialScopeMissing { scopes } => say(
            match listed(scopes, "and") {
                _ if scopes.is_empty() => {
                    format!("the credential for {who} isn't allowed to do this")
                }
                scopes => {
                    format!(
                        "the credential for {who} may not do everything that is needed: {scopes} missing"
                    )
                }
            },
            "Give the credential these permissions, or make a new one.",
        ),
        Cause::CredentialUnrestricted => say(
            format!(
                "the credential for {who} may do anything in the account, and Fabrik takes only a restricted one"
            ),
            "Make a restricted key (rk_) that may read Events, Checkout Sessions, Subscriptions, Prices and Customers, and enter it instead.",
        ),
        Cause::RegionNotOffered { region, offered } => say(
            format!("{who} does not offer the region {region} to this organization"),
            &format!("Set supabase.region to one of {}.", listed(offered, "or")),
        ),
        Cause::OrganizationNotVisible {
            organization,
            visible,
        } => say(
            format!("the credential can't see the organization {organization}"),
            &if visible.is_empty() {
                "It sees none: make one as a member of the organization.".to_owned()
            } else {
                format!(
                    "It sees {}: set supabase.organization to one of them.",
                    listed(visible, "and")
                )
            },
        ),
        Cause::ProjectLimitReached { limit } => say(
            format!("the organization's plan allows {limit} active projects, and they are used up"),
            "Pause or delete a project, or change to a paid plan.",
        ),
        Cause::ProjectOfAnother {
            reference,
            customer,
        } => say(
            format!("the project {reference} belongs to {customer}"),
            "Remove it from the customer that it doesn't belong to: fabrik customers edit --help",
        ),
        Cause::ProjectPaused { name } => say(
            format!("the project {name} is paused at {who}"),
            "Wake it in the dashboard (Restore project), and try again once it is up.",
        ),
        Cause::RecoveryStands {
            name,
            recovery,
            size,
        } => say(
            format!(
                "the project {name} at {who} has recovery to a point in time ({recovery}), and the plan's instance ({size}) is too small for it"
            ),
            "The run doesn't turn it off. Turn it off there (Project Settings, Add-ons) and try again, or choose a plan with a small instance or larger.",
        ),
        Cause::TemplateNotTemplate { template } => say(
            format!("the repository {template} is not marked as a template"),
            "Tick \"Template repository\" in its settings on GitHub.",
        ),
        Cause::TemplateNotVisible { template } => say(
            format!("the credential can't see the template {template}"),
            "Check github.template, and that the credential's user may read it.",
        ),
        Cause::OwnerNotVisible { owner } => say(
            format!("the credential can't see the owner {owner}"),
            "Check github.owner, and that the credential's account is a member there with access.",
        ),
        Cause::TeamNotVisible { team } => say(
            format!("the credential can't see the team {team}"),
            "Check vercel.team.",
        ),
        Cause::NameTaken { name } => say(
            format!("{name} already exists at {who}, and isn't ours"),
            &format!(
                "Rename or remove it there, or add the customer again under another name and subdomain.{}",
                adoption(problem, name).map_or_else(String::new, |option| format!(
                    " If it is the customer's own: fabrik customers edit CUSTOMER {option}"
                ))
            ),
        ),
        Cause::VercelAppMissing { owner } => say(
            format!("Vercel's GitHub app is not installed for {owner}, or not seen"),
            &format!(
                "Install it: {VERCEL_APP_PAGE} (if it is there, the user of the Vercel token has no GitHub login connection: Vercel → Settings → Authentication)"
            ),
        ),
        Cause::VercelAppLimited { repository } => say(
            format!("Vercel's GitHub app does not see {repository}"),
            &format!("Let it see all repositories: {VERCEL_APP_PAGE}"),
        ),
        Cause::VercelHobby { team, owner } => say(
            format!(
                "{} is on the Hobby plan, which doesn't deploy private repositories of an organization ({owner})",
                team.as_ref().map_or_else(
                    || "the personal Vercel account of the credential".to_owned(),
                    |team| format!("the Vercel team {team}")
                )
            ),
            "Upgrade to Pro at Vercel (Hobby is for personal, non-commercial use alone) and deploy something there again (Redeploy): the plan is read from the latest deployment. Or let a person own the repositories (github.owner).",
        ),
        Cause::LinkedElsewhere { name } => say(
            format!(
                "the project {name} at {who} is linked to a repository other than the customer's"
            ),
            "A repository that was deleted and created again is not the same one. Delete the project there, or connect it to the customer's repository (Settings, Git), and try again.",
        ),
        Cause::RepositoryPublic { repository } => say(
            format!("the repository {repository} at {who} is public, and what goes there is not"),
            "Make it private in its settings there.",
        ),
        Cause::SenderUnverified { sender } => say(
            format!("{who} does not send mail from {sender}: its domain is not verified"),
            "Verify the domain there, or change email.from.",
        ),
        Cause::AnswerUnreadable { operation } => {
            let setting = address(problem)?;
            say(
                format!("{who} answered {operation} with something that can't be read"),
                &format!(
                    "Check that {setting} is the address of {who}. If it is, try again, or use a newer version."
                ),
            )
        }
        _ => return None,
    })
}

/// The setting with the vendor's address, where the agency runs it itself: something else may answer there.
fn address(problem: &Problem) -> Option<&'static str> {
    match problem.provider? {
        Provider::N8n => Some("n8n.url"),
        Provider::Gitea => Some("gitea.url"),
        _ => None,
    }
}

fn key(problem: &Problem) -> &'static str {
    problem.provider.map_or("…", |provider| provider.key())
}
