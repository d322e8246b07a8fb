//! The words of states, kinds and verdicts.

use fabrik_app::views::{
    CredentialSource, CredentialState, CustomerRow, EnvVerdict, FindingSubject, SettingSource,
};
use fabrik_domain::{
    blueprint::StepKind,
    customer::{CustomerStatus, InstanceState},
    event::Detail,
    language::Language,
    request::{RequestKind, RequestState},
    resource::{Origin, ResourceKind, ResourceState},
    run::{Action, OnFailure, RunState, StepState, WaitReason},
};

use super::pick;

/// Something with a word in each language.
pub(crate) trait Term: Copy + 'static {
    /// All there are.
    #[cfg(test)]
    const EVERY: &'static [Self];

    /// Its word.
    fn word(self, language: Language) -> &'static str;
}

macro_rules! terms {
    ($($type:ty { $($variant:ident => $sv:literal, $en:literal;)+ })+) => {
        $(impl Term for $type {
            #[cfg(test)]
            const EVERY: &'static [Self] = &[$(Self::$variant),+];

            fn word(self, language: Language) -> &'static str {
                match self { $(Self::$variant => pick(language, $sv, $en)),+ }
            }
        })+

        #[cfg(test)]
        fn for_each_type(check: fn(&str, &str, &str)) {
            $(for term in <$type as Term>::EVERY {
                check(stringify!($type), term.word(Language::Sv), term.word(Language::En));
            })+
        }
    };
}

/// What a customer's row says first. Where nothing came of the newest run, or it took all away, it says how that ended.
pub(crate) fn state_of(row: &CustomerRow, language: Language) -> &'static str {
    match (row.state, &row.last_run) {
        (InstanceState::Stopped, Some(run)) if run.state == RunState::Succeeded => {
            ResourceState::Removed.word(language)
        }
        (InstanceState::Stopped, Some(run)) => run.state.word(language),
        (state, _) => state.word(language),
    }
}

terms! {
    RequestKind {
        Onboarding => "vill bli kund", "wants to become a customer";
        Cancellation => "uppsagd prenumeration", "subscription ended";
    }
    RequestState {
        Open => "öppen", "open";
        Archived => "arkiverad", "archived";
        Approved => "godkänd", "approved";
        Rejected => "avböjd", "rejected";
        Withdrawn => "återtagen", "withdrawn";
        Settled => "avslutad", "settled";
    }
    RunState {
        Queued => "köad", "queued";
        Running => "pågår", "running";
        Waiting => "väntar", "waiting";
        Undoing => "ångras", "being undone";
        Succeeded => "klar", "succeeded";
        Failed => "misslyckades", "failed";
        RolledBack => "ångrad", "rolled back";
        Leftovers => "rester finns kvar", "leftovers remain";
        Cancelled => "avbruten", "cancelled";
        Interrupted => "avbröts oväntat", "interrupted";
    }
    WaitReason {
        NeedsCredential => "en nyckel behövs", "a credential is needed";
        NeedsDecision => "ett beslut behövs", "a decision is needed";
        NotReadyYet => "inte redo än", "not ready yet";
        Quota => "en gräns är nådd", "a limit is reached";
        NeedsVersion => "en annan version av Fabrik behövs", "another version of Fabrik is needed";
    }
    StepState {
        Pending => "inte börjat", "not begun";
        Running => "pågår", "running";
        Deferred => "väntar utanför körningen", "waits outside the run";
        Done => "klart", "done";
        Adopted => "fanns redan", "was there already";
        Skipped => "inget att göra", "nothing to do";
        Failed => "misslyckades", "failed";
        Undoing => "ångras", "being undone";
        Undone => "ångrat", "undone";
        Leftover => "kunde inte tas bort", "could not be removed";
    }
    StepKind {
        SupabaseProject => "Supabase-projekt", "Supabase project";
        RecoveryOff => "Avstängning av återställning", "Turning off recovery";
        ComputeSize => "Instansens storlek", "Instance size";
        PointInTimeRecovery => "Återställning till valfri tidpunkt", "Point-in-time recovery";
        DatabaseUrl => "Databasens adresser", "Database addresses";
        DatabaseSchema => "Databasens schema", "Database schema";
        IsolationCheck => "Prov av isoleringen", "Isolation check";
        AuthSettings => "Inloggningens inställningar", "Sign-in settings";
        AdminUser => "Administratör", "Administrator";
        GithubRepo => "GitHub-repo", "GitHub repository";
        ClientConfig => "Kundens konfiguration", "Customer's configuration";
        VercelProject => "Vercel-projekt", "Vercel project";
        VercelEnvironment => "Vercels variabler", "Vercel variables";
        VercelDeployment => "Driftsättning", "Deployment";
        CustomDomain => "Egen domän", "Custom domain";
        N8nWorkflows => "Arbetsflöden i n8n", "n8n workflows";
        WorkflowBackup => "Kopia av arbetsflödena", "Copy of the workflows";
        SiteCheck => "Kontroll av sajten", "Site check";
        WelcomeEmail => "Välkomstmejl", "Welcome e-mail";
        Finalize => "Avslut", "Finish";
    }
    Action {
        Create => "görs", "create";
        Adopt => "tas över", "adopt";
        Skip => "inget att göra", "nothing to do";
        Conflict => "i vägen", "conflict";
        Blocked => "går inte", "blocked";
    }
    OnFailure {
        Rollback => "ångra", "roll back";
        Keep => "behåll", "keep";
    }
    ResourceKind {
        SupabaseProject => "Supabase-projekt", "Supabase project";
        ComputeSize => "instansens storlek", "instance size";
        PointInTimeRecovery => "återställning till valfri tidpunkt", "point-in-time recovery";
        DatabaseUrl => "databasens adresser i nyckelringen", "database addresses in the keyring";
        DatabaseSchema => "schema", "schema";
        AuthSettings => "inloggningens inställningar", "sign-in settings";
        AuthUser => "användare", "user";
        Repository => "repo", "repository";
        RepositoryFile => "fil i repot", "file in the repository";
        VercelProject => "Vercel-projekt", "Vercel project";
        VercelEnvironment => "Vercels variabler", "Vercel variables";
        VercelDeployment => "driftsättning", "deployment";
        Domain => "domän", "domain";
        Workflows => "arbetsflöden", "workflows";
        WorkflowBackup => "kopia av arbetsflöden", "copy of workflows";
        Mail => "mejl", "e-mail";
    }
    Origin {
        Created => "skapad", "created";
        Adopted => "övertagen", "adopted";
    }
    ResourceState {
        Intended => "kanske skapad", "perhaps made";
        Live => "finns", "live";
        Removed => "borttagen", "removed";
        Leftover => "rest", "leftover";
        LetGo => "lämnad kvar", "let be";
    }
    CustomerStatus {
        Pending => "väntar", "pending";
        Active => "aktiv", "active";
        Inactive => "inaktiv", "inactive";
    }
    InstanceState {
        NeedsYou => "behöver dig", "needs you";
        SettingUp => "sätts upp", "setting up";
        Active => "aktiv", "active";
        Stopped => "inte uppsatt", "not set up";
        New => "ny", "new";
        Paused => "pausad", "paused";
    }
    CredentialState {
        Missing => "saknas", "missing";
        Untested => "inte provad", "not tested";
        Works => "fungerar", "works";
        ExpiresSoon => "går snart ut", "expires soon";
        Rejected => "nekad", "rejected";
        Waits => "väntar", "waits";
        Unreachable => "kunde inte frågas", "could not be reached";
    }
    CredentialSource {
        None => "–", "–";
        Keyring => "nyckelringen", "the keyring";
        Environment => "från miljön", "from the environment";
        Sandbox => "sandlådans", "the sandbox's";
    }
    SettingSource {
        Unset => "inte satt", "not set";
        Default => "förval", "default";
        Stored => "sparad", "stored";
        Environment => "från miljön", "from the environment";
        Sandbox => "sandlådans", "the sandbox's";
    }
    EnvVerdict {
        Credential => "till nyckelringen", "to the keyring";
        Setting => "inställning", "setting";
        DatabaseUrl => "databasadress till nyckelringen", "database URL to the keyring";
        Ignored => "okänd, lämnad", "unknown, left out";
        Empty => "tom, lämnad", "empty, left out";
        Refused => "går inte", "refused";
    }
    FindingSubject {
        DataDirectory => "Datakatalog", "Data directory";
        Database => "Databas", "Database";
        Sandbox => "Sandlåda", "Sandbox";
        Keyring => "Nyckelring", "Keyring";
        Network => "Nätverk", "Network";
        Credential => "Nyckel", "Credential";
        Setting => "Inställning", "Setting";
        Workspace => "Arbetsyta", "Workspace";
    }
    Detail {
        PasswordKept => "lösenord gjort och sparat i valvet", "password made and kept in the vault";
        FileApplied => "fil körd", "file applied";
        TablesVerified => "tabeller kontrollerade", "tables verified";
        AdminProved => "administratören kan logga in", "the administrator can sign in";
        IsolationProved => "isoleringen håller, tabeller", "isolation holds, tables";
        NoNeighbour => "ingen annan kund att prova med", "no other customer to test with";
        NeighbourRefused => "en annan kunds nyckel nekas", "another customer's key is refused";
        ContentThere => "innehållet finns", "the content is there";
        FileCommitted => "fil sparad i repot", "file committed";
        VariableSet => "variabel satt", "variable set";
        LegacyKeyUsed => "äldre sorts nyckel används", "older kind of key used";
        SiteAnswered => "sajten svarar", "the site answers";
        SiteCheckOff => "kontrollen är avstängd", "the check is switched off";
        SharedSiteAsked => "kundens egen adress kan inte frågas än; i stället frågas", "the customer's own address can't be asked yet; asked instead";
        NoBaseDomain => "ingen egen domän är inställd", "no domain of your own is set";
        RecordWanted => "DNS-post som behövs", "DNS record that is needed";
        DomainVerified => "domänen leder dit den ska", "the domain leads to the instance";
        WorkflowMade => "arbetsflöde skapat", "workflow made";
        WorkflowPublished => "arbetsflöde igång", "workflow published";
        MailSent => "mejl lämnat till leverantören", "e-mail handed to the vendor";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_has_a_word_in_both_languages() {
        for_each_type(|kind, sv, en| {
            for word in [sv, en] {
                assert!(!word.trim().is_empty(), "{kind}: {sv:?} {en:?}");
                assert!(!word.contains(['{', '}']), "{kind}: {word}");
            }
        });
    }
}
