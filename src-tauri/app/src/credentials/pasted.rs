//! A token as somebody enters it: cleaned, refused where it could do too much, and what is shown of it.

use fabrik_domain::{
    Problem,
    provider::Provider,
    secret::{ExposeSecret, Secret},
};

/// A token as it is pasted: without the spaces, quotes and line ends around it. `None` where nothing is left.
pub(crate) fn clean(token: &Secret) -> Option<Secret> {
    let text = token
        .expose_secret()
        .trim()
        .trim_matches(['"', '\''])
        .trim();
    (!text.is_empty()).then(|| Secret::from(text))
}

/// The last four characters of a token that is long enough for them to tell nothing.
pub(crate) fn last_four(token: &Secret) -> Option<String> {
    let text = token.expose_secret();
    let count = text.chars().count();
    (count >= 12).then(|| text.chars().skip(count - 4).collect())
}

/// A key that may do anything in the account is not even kept: only what may be read is needed. Nor is what is no key of
/// the vendor's.
pub(crate) fn refuse_unfit(provider: Provider, token: &Secret) -> Result<(), Problem> {
    match provider {
        Provider::Stripe => fabrik_clouds::stripe::check_key(token),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_token_loses_what_is_around_it() {
        let cleaned = clean(&Secret::from("  \"sbp_0123456789\"\r\n")).unwrap();
        assert_eq!(cleaned.expose_secret(), "sbp_0123456789");
        assert!(clean(&Secret::from(" \n")).is_none());
    }

    #[test]
    fn short_tokens_show_nothing() {
        assert_eq!(last_four(&Secret::from("abcdefghijk")), None);
        assert_eq!(
            last_four(&Secret::from("abcdefghijkl")).as_deref(),
            Some("ijkl")
        );
    }
}
