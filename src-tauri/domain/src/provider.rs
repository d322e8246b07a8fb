//! The vendors whose APIs Fabrik calls.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Supabase: database, sign-in, keys.
    Supabase,
    /// GitHub: the repository.
    GitHub,
    /// Vercel: the deployment.
    Vercel,
    /// n8n: workflows.
    N8n,
    /// Gitea: backups of workflows.
    Gitea,
    /// Resend: e-mail.
    Resend,
    /// Stripe: subscriptions.
    Stripe,
}

impl Provider {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Supabase,
        Self::GitHub,
        Self::Vercel,
        Self::N8n,
        Self::Resend,
        Self::Gitea,
        Self::Stripe,
    ];

    /// The name in settings, in the keyring and on the command line: `supabase`, `github` …
    pub const fn key(self) -> &'static str {
        match self {
            Self::Supabase => "supabase",
            Self::GitHub => "github",
            Self::Vercel => "vercel",
            Self::N8n => "n8n",
            Self::Gitea => "gitea",
            Self::Resend => "resend",
            Self::Stripe => "stripe",
        }
    }

    /// The vendor's own spelling, for people: `Supabase`, `GitHub`, `n8n` …
    pub const fn title(self) -> &'static str {
        match self {
            Self::Supabase => "Supabase",
            Self::GitHub => "GitHub",
            Self::Vercel => "Vercel",
            Self::N8n => "n8n",
            Self::Gitea => "Gitea",
            Self::Resend => "Resend",
            Self::Stripe => "Stripe",
        }
    }

    /// The provider with this [`key`](Self::key), in any case.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|provider| provider.key().eq_ignore_ascii_case(key))
    }
}

impl std::fmt::Display for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title())
    }
}
