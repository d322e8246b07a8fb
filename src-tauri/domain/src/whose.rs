//! Whose trouble a problem is.

use crate::problem::Cause;

impl Cause {
    /// Says something of this machine's keyring, whichever vendor's secret was asked for.
    pub const fn is_of_keyring(&self) -> bool {
        matches!(
            self,
            Self::KeyringMissing
                | Self::KeyringLocked
                | Self::KeyringTimedOut
                | Self::KeyringFailed
        )
    }
}
