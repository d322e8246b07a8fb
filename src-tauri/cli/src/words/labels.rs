//! Headings, labels and fixed sentences. Those with an argument are formatted around it by whoever says them.

use fabrik_domain::language::Language;

use super::pick;

macro_rules! labels {
    ($($name:ident => $sv:literal, $en:literal;)+) => {
        /// A fixed text.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Label {
            $(#[doc = $en] $name,)+
        }

        impl Label {
            /// The text.
            pub(crate) const fn get(self, language: Language) -> &'static str {
                match self { $(Self::$name => pick(language, $sv, $en)),+ }
            }

            #[cfg(test)]
            const EVERY: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

labels! {
    Error => "fel", "error";
    Details => "Närmare", "Details";
    Says => "säger", "says";
    RequestId => "Anropets id", "Request id";
    // --- Help ---
    Usage => "Användning", "Usage";
    Commands => "Kommandon", "Commands";
    CommandName => "KOMMANDO", "COMMAND";
    Arguments => "Argument", "Arguments";
    Options => "Flaggor", "Options";
    OptionsTag => "[FLAGGOR]", "[OPTIONS]";
    Everywhere => "Överallt", "Everywhere";
    Choices => "möjliga", "possible values";
    Default => "förval", "default";
    HelpAbout => "Visar hjälpen för ett kommando", "Print the help of a command";
    // --- The central database ---
    DatabasePassword => "Lösenord till databasen (tomt om den inte har något)", "The database's password (empty where it has none)";
    PasswordLeftOut => "utelämna lösenordet i adressen: det frågas efter", "leave the password out of the address: it is asked for";
    ValueMissing => "ett värde; ett tomt tar bort inställningen", "a value; an empty one clears the setting";
    SecretLeftOut => "utelämnat här: det frågas efter", "left out here: it is asked for";
    DatabaseFromNextStart => "Gäller från nästa start: starta om de fönster av Fabrik som är öppna.", "Takes effect at the next start: restart the windows of Fabrik that are open.";
    ServerKeepsRecords => "Uppgifterna på servern finns kvar. Andra datorer som använder den fortsätter där, och det de ändrar syns inte här. Skapa, ändra och ta bort instanser från bara en av de två: båda kan annars göra det för samma kund.", "The records on the server stay. Other computers that use it carry on there, and what they change is not seen here. Provision and remove instances from only one of the two: otherwise both could do it for the same customer.";
    ServerUsedBy => "Har ändrat uppgifterna på servern den senaste veckan", "Changed the records on the server within the last week";
    // --- The audit log ---
    AuditCovered => "Poster som är vad de var", "Entries that are as they were";
    AuditSince => "Poster sedan dess, som inget täcker än", "Entries since, not covered yet";
    AuditFrom => "från", "from";
    AuditAwaited => "Ingen körning har slutat än: då förankras loggen för första gången", "No run has ended yet: the log is anchored for the first time when one does";
    AuditRestored => "Återställd från en kopia, med post", "Restored from a copy, by entry";
    AuditOfOthers => "Andra datorers förankringar, som bara de kan pröva", "Anchors of other computers, which only they can check";
    // --- The agency's own table ---
    NoSource => "Ingen egen kundtabell är ansluten.", "No customer table of your own is connected.";
    ReadFrom => "Kunder läses från", "Customers are read from";
    WrittenTo => "Resultat skrivs till", "Results are written to";
    ResultUntold => "resultatet står inte i den egna kundtabellen ännu", "the result is not in your own customer table yet";
    DecisionUntold => "beslutet står inte i den egna kundtabellen ännu", "the decision is not in your own customer table yet";
    WriteResult => "När hindret är borta", "Once nothing is in the way";
    ResultsWaiting => "Resultat som återstår att skriva", "Results still to be written";
    Column => "Kolumn", "Column";
    Type => "Typ", "Type";
    RowsThere => "Rader i tabellen", "Rows in the table";
    RowsAdded => "Tillagda kunder", "Customers added";
    RowsAsked => "Till inkorgen", "To the inbox";
    RowsChanged => "Ändrade", "Changed";
    RowsUnchanged => "Oförändrade", "Unchanged";
    RowsSkipped => "Inga kunder, enligt sin status", "Not customers, by their status";
    RowsRefused => "Avvisade", "Refused";
    RowsAbsent => "Kunder som inte finns i tabellen", "Customers that are not in the table";
    ResultsWritten => "Skrivna resultat", "Results written";
    WouldAsk => "skulle till inkorgen", "would go to the inbox";
    NoCustomer => "ingen kund, enligt sin status", "not a customer, by its status";
    // --- Customers ---
    Name => "Namn", "Name";
    Subdomain => "Subdomän", "Subdomain";
    State => "Läge", "State";
    Status => "Status", "Status";
    Plan => "Plan", "Plan";
    Blueprint => "Mall", "Blueprint";
    Email => "E-post", "E-mail";
    Contact => "Kontakt", "Contact";
    Language => "Språk", "Language";
    Credits => "Krediter", "Credits";
    Modules => "Moduler", "Modules";
    ExternalId => "Externt id", "External id";
    Id => "Id", "Id";
    Slug => "Kortnamn", "Slug";
    Address => "Adress", "Address";
    Repository => "Repo", "Repository";
    Project => "Supabase-projekt", "Supabase project";
    DatabaseUrl => "Databasens adress", "Database URL";
    CreatedAt => "Tillagd", "Added";
    UpdatedAt => "Ändrad", "Changed";
    NoCustomers => "Inga kunder.", "No customers.";
    Of => "av", "of";
    Added => "tillagd", "added";
    AddedMany => "tillagda", "added";
    Changed => "ändrad", "changed";
    Removed => "borttagen", "removed";
    RowComesBack => "Raden finns kvar. Står den där när tabellen gås igenom nästa gång blir den en ny kund: ta bort den där också.", "The row stays. If it is still there when the table is next read, it becomes a new customer: remove it there too.";
    ConfirmRemoval => "Skriv subdomänen för att ta bort kunden", "Type the subdomain to remove the customer";
    Line => "Rad", "Line";
    Result => "Utfall", "Result";
    WouldBeAdded => "skulle läggas till", "would be added";
    Refused => "går inte", "refused";
    ThereAlready => "finns redan", "already there";
    ThereOtherwise => "finns redan, ändras inte; skiljer sig i", "already there, left as it is; differs in";
    ColumnsIgnored => "Kolumner som inte används", "Columns that are not used";
    BlueprintAssumed => "Rader utan mall får", "Rows without a blueprint get";
    RefusedListed => "Filen är lång: bara rader som avvisas visas.", "The file is long: only rows that are refused are shown.";
    DryRun => "Provkörning: inget sparades.", "Dry run: nothing was saved.";
    // --- Plans and runs ---
    Step => "Steg", "Step";
    Action => "Åtgärd", "Action";
    Usually => "brukar ta", "usually";
    CanRun => "Kan köras", "Can run";
    CanNotRun => "Kan inte köras; inget har gjorts", "Can't run; nothing was made";
    AMonth => "per månad hos leverantörerna, per", "a month at the vendors, as of";
    UntilNow => "Hittills", "Until now";
    Missing => "I vägen", "In the way";
    Run => "Körning", "Run";
    Customer => "Kund", "Customer";
    Steps => "Steg", "Steps";
    Started => "Började", "Started";
    Took => "Tog", "Took";
    Operator => "Av", "By";
    Attempts => "Försök", "Attempts";
    NoRuns => "Inga körningar.", "No runs.";
    Resources => "Det här finns", "What exists";
    NoResources => "Inget har gjorts hos någon leverantör.", "Nothing was made at any vendor.";
    AllRemoved => "Allt som gjordes är borttaget.", "All that was made has been removed.";
    Log => "Logg", "Log";
    ReadyIn => "klar på", "ready in";
    FailedAt => "misslyckades vid", "failed at";
    Waits => "väntar", "waits";
    Cancelled => "avbruten mellan två anrop; det som finns är kvar", "cancelled between two calls; what exists is kept";
    Interrupted => "avbröts oväntat", "was interrupted";
    Elsewhere => "pågår i en annan process", "is under way in another process";
    RolledBack => "misslyckades och ångrades", "failed and was rolled back";
    CancelledAndRolledBack => "avbröts på begäran, eller ångrades medan den stod still", "was cancelled, or taken back while it stood still";
    Replaced => "misslyckades och ersattes; tas bort med instansen", "failed and was replaced; removed with the instance";
    LeftoversRemain => "ångrades, men rester finns kvar", "was rolled back, but leftovers remain";
    CancelledWithLeftovers => "avbröts på begäran, eller ångrades medan den stod still, men rester finns kvar", "was cancelled, or taken back while it stood still, but leftovers remain";
    LeftoversGone => "lämnade rester; inga finns kvar att hantera", "left something over; nothing is left to handle";
    LeftoversGoneShort => "inga rester kvar att hantera", "no leftovers to handle";
    RemovalLeftovers => "togs inte bort helt; rester finns kvar", "was not removed entirely; leftovers remain";
    NotBegun => "började inte", "did not start";
    SameAgain => "Kör samma kommando igen.", "Run the same command again.";
    GoOn => "Gå vidare med", "Go on with";
    AnswerWith => "Svara med", "Answer with";
    OrWith => "eller med", "or with";
    OrIfNoneIs => "eller, om inget är kundens", "or, if none is the customer's";
    // --- Going back ---
    TakenAway => "Tas bort, i denna ordning", "Removed, in this order";
    WithIt => "med", "with";
    Stays => "Blir kvar", "Stays";
    StaysAdopted => "fanns redan", "was there already";
    StaysSent => "ett skickat mejl kan inte tas tillbaka", "a mail that has been sent can't be taken back";
    StaysInPlace => "blir kvar i projektet som den hör till", "stays in the project that it belongs to";
    StaysShared => "delas av flera kunder", "is shared by several customers";
    NothingToRemove => "det finns inget att ta bort", "there is nothing to remove";
    SetUpWith => "Sätt upp en instans med", "Set up an instance with";
    RemoveCustomerWith => "Ta bort själva kunden med", "Remove the customer itself with";
    ConfirmBy => "Bekräfta med", "Confirm with";
    InstanceRemoved => "instansen är borttagen", "the instance was removed";
    RollBack => "Ta tillbaka det med", "Roll it back with";
    RetryRollBack => "Försök igen med", "Try again with";
    CancelDone => "Körningen är avbruten", "The run was cancelled";
    NoDomainWaits => "Ingen domän väntar på DNS.", "No domain is waiting for DNS.";
    DomainVerified => "verifierad", "verified";
    NothingPending => "Ingen kund väntar på att sättas upp.", "No customer is pending.";
    NothingInterrupted => "Ingen körning har avbrutits oväntat.", "No run was interrupted.";
    Stopping => "Stannar efter anropet som pågår. Ctrl-C igen avslutar genast.", "Stopping after the call under way. Press Ctrl-C again to end at once.";
    CancelAsked => "Avbrytandet är begärt; körningen stannar mellan två anrop.", "Cancellation was requested; the run stops between two calls.";
    Provision => "Sätt upp dessa kunder på riktigt?", "Set these customers up for real?";
    YesLetters => "jJyY", "yYjJ";
    YesOrNo => "[j/N]", "[y/N]";
    Declined => "Inget skapades.", "Nothing was made.";
    NoVariables => "Filen har inga variabler.", "The file has no variables.";
    OtherHolds => "ett annat värde går före det som sparas", "another value overrides the saved one";
    // --- Requests ---
    NoRequests => "Inga förfrågningar.", "No requests.";
    Asks => "Gäller", "About";
    DecidedBy => "Avgjord av", "Decided by";
    DecidedAt => "Avgjord", "Decided";
    Reason => "Skäl", "Reason";
    ArchivedBy => "Arkiverad av", "Archived by";
    ArchivedAt => "Arkiverad", "Archived";
    RequestRejected => "förfrågan avböjd", "request rejected";
    RequestArchived => "förfrågan arkiverad", "request archived";
    RequestRestored => "förfrågan öppnad igen", "request opened again";
    RequestSettled => "klart", "settled";
    PauseOrRemove => "Pausa eller ta bort: fabrik requests settle --pause, eller fabrik deprovision", "Pause or remove: fabrik requests settle --pause, or fabrik deprovision";
    RemovalGoesOn => "Borttagningen pågår, och avslutar det här när den har lyckats: körning", "The removal is under way, and settles this once it has succeeded: run";
    BesideThePlan => "Kundens plan är en annan prenumeration: instansen berörs inte. Klart med: fabrik requests settle", "The customer's plan is another subscription: the instance is not touched. Settle it with: fabrik requests settle";
    AddOnEnded => "avslutat tillägg", "add-on ended";
    StripeRead => "Stripe läst: händelser", "Stripe read: events";
    StripeReadUntil => "Allt är läst till", "Everything is read until";
    StripeAdded => "nya i inkorgen", "new in the inbox";
    StripeWithdrawn => "återtagna", "withdrawn";
    StripeMissed => "Inget hade lästs längre än Stripe berättar om, så alla prenumerationer lästes i stället. Senast läst", "Nothing had been read for longer than Stripe keeps its events, so all subscriptions were read instead. Last read";
    // --- Mails ---
    From => "Från", "From";
    To => "Till", "To";
    ReplyTo => "Svar till", "Reply to";
    Subject => "Ämne", "Subject";
    SendAgain => "Skicka välkomstmejlet igen? De tidigare inloggningslänkarna slutar gälla.", "Send the welcome mail again? Earlier sign-in links stop working.";
    NothingSent => "Inget skickades.", "Nothing was sent.";
    // --- Credentials and settings ---
    Provider => "Leverantör", "Provider";
    Source => "Varifrån", "From";
    Ending => "Slutar på", "Ends in";
    Account => "Konto", "Account";
    Checked => "Provad", "Tested";
    Keyring => "Nyckelring", "Keyring";
    Usable => "kan användas", "usable";
    TokenFor => "Nyckel för", "Credential for";
    TokenPage => "Gör en ny på", "Create one at";
    TokenRemoved => "nyckeln borttagen", "credential removed";
    Variable => "Variabel", "Variable";
    Value => "Värde", "Value";
    Goes => "Blir", "Becomes";
    Key => "Inställning", "Setting";
    // --- Blueprints and doctor ---
    Version => "Version", "Version";
    Title => "Titel", "Title";
    Providers => "Leverantörer", "Providers";
    Needs => "Behöver", "Needs";
    Price => "Pris", "Price";
    BlueprintMade => "ny mall i", "new blueprint in";
    TryingSql => "Provar SQL:en i en databas …", "Trying the SQL on a database …";
    NothingFound => "inga fel hittades", "no problems were found";
    NotNeeded => "behövs inte här", "not needed here";
    OfTheKeyring => "på grund av nyckelringen", "because of the keyring";
    Day => "Dag", "Day";
    Size => "Storlek", "Size";
    NoCopies => "Det finns inga kopior.", "There are no copies.";
    CopyRestored => "Databasen är den från", "The database is now that of";
    SetAside => "Den som fanns ligger kvar i", "The one before is kept in";
    CopiesOffered => "Kopior att gå tillbaka till", "Copies to go back to";
    AllWell => "Allt är bra.", "All is well.";
    NotAllWell => "Något behöver dig.", "Something needs you.";
    OverrulesKeyring => "miljövariabeln går före nyckeln i nyckelringen", "the variable goes before the credential in the keyring";
    OverrulesStored => "går före en sparad", "goes before a stored one";
    OnlyWaits => "Inget är fel, men en leverantör ber Fabrik att vänta.", "Nothing is wrong, but a vendor asks Fabrik to wait.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_has_a_text_in_both_languages() {
        for label in Label::EVERY {
            for language in [Language::Sv, Language::En] {
                let text = label.get(language);
                assert!(
                    !text.trim().is_empty() && !text.contains(['{', '}']),
                    "{label:?}: {text:?}"
                );
            }
        }
    }
}
