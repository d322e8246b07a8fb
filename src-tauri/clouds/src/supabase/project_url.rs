//! Where a project's own APIs are: the setting `supabase.project.url`, with `{ref}` in it.

use fabrik_domain::{Problem, setting};

use crate::BaseUrl;

const PLACE: &str = "{ref}";

/// The template of projects' own URLs: `https://{ref}.supabase.co`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectUrl {
    before: String,
    after: String,
}

impl ProjectUrl {
    /// Takes a template: `https` or loopback, with `{ref}` in it.
    pub fn parse(template: &str) -> Result<Self, Problem> {
        setting::find("supabase.project.url")?.check(template)?;
        let template = template.trim_end_matches('/');
        let (before, after) = template.split_once(PLACE).unwrap_or((template, ""));
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    /// The URL of a project, without a slash at its end.
    pub fn of(&self, reference: &str) -> String {
        [&self.before, reference, &self.after].concat()
    }

    /// The base URL of a project.
    pub fn base(&self, reference: &str) -> Result<BaseUrl, Problem> {
        fabrik_domain::customer::check_project_ref(Some(reference))?;
        BaseUrl::parse(&self.of(reference))
    }

    /// The ref in a project's URL, or `None` where the URL is none of this template's.
    pub fn reference<'u>(&self, url: &'u str) -> Option<&'u str> {
        let url = url.trim_end_matches('/');
        let reference = url.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        fabrik_domain::customer::check_project_ref(Some(reference))
            .is_ok()
            .then_some(reference)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REF: &str = "abcdefghijklmnopqrst";

    #[test]
    fn a_ref_goes_in_and_comes_out() {
        for template in [
            "https://{ref}.supabase.co",
            "http://127.0.0.1:4000/_projects/{ref}/",
        ] {
            let url = ProjectUrl::parse(template).unwrap();
            assert_eq!(url.reference(&url.of(REF)), Some(REF), "{template}");
            assert_eq!(url.base(REF).unwrap().to_string(), url.of(REF));
        }
        let url = ProjectUrl::parse("https://{ref}.supabase.co").unwrap();
        assert_eq!(url.reference("https://evil.se/.supabase.co"), None);
        assert!(
            url.base("evil.se/abcdefghijkl").is_err(),
            "only a ref takes the ref's place"
        );
        assert!(
            ProjectUrl::parse("http://{ref}.supabase.co").is_err(),
            "no token goes there"
        );
    }
}
