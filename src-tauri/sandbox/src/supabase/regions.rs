//! Where projects can be.

use axum::{
    Extension,
    extract::Query,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Cloud, SupabaseAccount,
    answer::{Answer, Refusal, ok},
    organizations::visible,
};

/// Code, name, smart group.
const REGIONS: [(&str, &str, &str); 18] = [
    ("us-west-1", "West US (North California)", "americas"),
    ("us-west-2", "West US (Oregon)", "americas"),
    ("us-east-1", "East US (North Virginia)", "americas"),
    ("us-east-2", "East US (Ohio)", "americas"),
    ("ca-central-1", "Canada (Central)", "americas"),
    ("sa-east-1", "South America (São Paulo)", "americas"),
    ("eu-west-1", "West EU (Ireland)", "emea"),
    ("eu-west-2", "West Europe (London)", "emea"),
    ("eu-west-3", "West EU (Paris)", "emea"),
    ("eu-central-1", "Central EU (Frankfurt)", "emea"),
    ("eu-central-2", "Central Europe (Zurich)", "emea"),
    ("eu-north-1", "North EU (Stockholm)", "emea"),
    ("ap-south-1", "South Asia (Mumbai)", "apac"),
    ("ap-southeast-1", "Southeast Asia (Singapore)", "apac"),
    ("ap-southeast-2", "Oceania (Sydney)", "apac"),
    ("ap-northeast-1", "Northeast Asia (Tokyo)", "apac"),
    ("ap-northeast-2", "Northeast Asia (Seoul)", "apac"),
    ("ap-east-1", "East Asia (Hong Kong)", "apac"),
];

const GROUPS: [(&str, &str); 3] = [
    ("americas", "Americas"),
    ("emea", "Europe, Middle East & Africa"),
    ("apac", "Asia-Pacific"),
];

/// What a creation says of where to be.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub(super) enum Selection {
    /// One region.
    Specific {
        /// Its code.
        code: String,
    },
    /// Any region of a group.
    SmartGroup {
        /// The group's code.
        code: String,
    },
}

/// The region that a selection comes to.
pub(super) fn choose(selection: &Selection, account: &SupabaseAccount) -> Answer<&'static str> {
    let full = |code: &str| account.regions_full.iter().any(|full| full == code);
    match selection {
        Selection::Specific { code } => {
            let known = REGIONS.iter().find(|(known, ..)| known == code);
            let (code, ..) = known.ok_or_else(|| {
                Refusal::bad_request(format!(
                    "region_selection.code: Invalid enum value, received '{code}'"
                ))
            })?;
            if full(code) {
                return Err(Refusal::bad_request(format!(
                    "Region {code} is currently at capacity. Please choose another region."
                )));
            }
            Ok(code)
        }
        Selection::SmartGroup { code } => {
            let open = REGIONS
                .iter()
                .find(|(region, _, group)| group == code && !full(region));
            open.map(|(region, ..)| *region).ok_or_else(|| {
                Refusal::bad_request(format!("region_selection.code: no region in '{code}'"))
            })
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    organization_slug: Option<String>,
    continent: Option<String>,
}

/// `GET /v1/projects/available-regions` (`v1-get-available-regions`).
pub(super) async fn available(
    Extension(cloud): Extension<Cloud>,
    Query(asked): Query<Asked>,
) -> Answer<Response> {
    let slug = asked
        .organization_slug
        .ok_or_else(|| Refusal::bad_request("organization_slug: Required"))?;
    let account: SupabaseAccount = cloud.core.account()?;
    visible(&account, &slug)?;
    let group = match asked.continent.as_deref() {
        Some("NA" | "SA") => GROUPS[0],
        Some("AS" | "OC") => GROUPS[2],
        _ => GROUPS[1],
    };
    let smart =
        |(code, name): (&str, &str)| json!({ "name": name, "code": code, "type": "smartGroup" });
    let specific = |(code, name, _): &(&str, &str, &str)| {
        let mut region =
            json!({ "name": name, "code": code, "type": "specific", "provider": "AWS" });
        if account.regions_full.iter().any(|full| full == code) {
            region["status"] = "capacity".into();
        }
        region
    };
    let recommended = REGIONS
        .iter()
        .filter(|(_, _, of)| *of == group.0)
        .map(specific);
    Ok(ok(&json!({
        "recommendations": { "smartGroup": smart(group), "specific": recommended.collect::<Value>() },
        "all": {
            "smartGroup": GROUPS.into_iter().map(smart).collect::<Value>(),
            "specific": REGIONS.iter().map(specific).collect::<Value>(),
        },
    }))
    .into_response())
}
