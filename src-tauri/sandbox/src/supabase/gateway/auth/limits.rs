//! What Auth counts of a project: mails an hour, and requests in five minutes, which is how its settings say them.
//! The vendor counts requests by address; here all come from one.

use std::time::Duration;

use super::{Answer, Auth, AuthError};
use crate::limit::Limit;

/// What the settings of requests are for.
const WINDOW: Duration = Duration::from_mins(5);

impl Auth {
    /// A mail that is to be sent.
    pub(super) fn count_mail(&self) -> Answer<()> {
        let hour = Duration::from_hours(1);
        if self.has_room("mails", self.settings.mails_an_hour(), hour) {
            return Ok(());
        }
        let words = "email rate limit exceeded";
        Err(AuthError::new(429, "over_email_send_rate_limit", words))
    }

    /// A request of those that this setting limits.
    pub(super) fn count_request(&self, setting: &'static str) -> Answer<()> {
        let most = u32::try_from(self.settings.number(setting)).unwrap_or_default();
        if self.has_room(setting, most, WINDOW) {
            return Ok(());
        }
        let words = "Request rate limit reached";
        Err(AuthError::new(429, "over_request_rate_limit", words))
    }

    fn has_room(&self, what: &str, most: u32, window: Duration) -> bool {
        let core = &self.cloud.core;
        let bucket = format!("auth {what} {}", self.project.reference);
        let limit = Limit::new(bucket, most, window);
        core.limiter().count(vec![limit], core.now()).is_ok()
    }
}
