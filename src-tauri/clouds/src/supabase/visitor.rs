//! A project's REST as somebody meets it who has a key from its page: what the isolation check tries.

use fabrik_domain::{
    failure::{Failure, Outcome},
    secret::{ExposeSecret, Secret},
};
use http::{HeaderName, header};
use serde_json::{Map, Value};

use super::{ProjectApi, admin::API_KEY};
use crate::{Call, Draft, refused_as, refused_with};

/// How far somebody came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Turned away, or told that there is no such thing. With the API's code.
    Refused(String),
    /// Let in, and shown nothing.
    Nothing,
    /// Shown rows, or let in to write or to run. A write that fails on a constraint was let in: PostgreSQL
    /// asks its policies first.
    Inside(String),
}

impl Reach {
    /// Whether somebody came to data, or past a right.
    pub fn is_inside(&self) -> bool {
        matches!(self, Self::Inside(_))
    }
}

/// Somebody with a key.
pub struct Visitor<'a> {
    api: &'a ProjectApi,
    key: &'a Secret,
}

/// With what somebody is turned away, by the gateway, by REST or by the database.
const TURNED_AWAY: &[u16] = &[400, 401, 403, 404, 405, 406, 409];

impl ProjectApi {
    /// With this key and no sign-in: the project's own publishable key, or one of another project.
    pub fn visitor<'a>(&'a self, key: &'a Secret) -> Visitor<'a> {
        Visitor { api: self, key }
    }
}

impl Visitor<'_> {
    /// Reads a table or view: `GET /rest/v1/<table>`.
    pub async fn read(&self, table: &str) -> Result<Reach, Failure> {
        const CALL: Call = Call::reads("rest-select").tries(TURNED_AWAY);
        let draft = self.api.account.get(CALL, ["rest", "v1", table]);
        let draft = draft.query("select", "*").query("limit", "1");
        let rows: Result<Vec<Value>, _> = self.keyed(draft).receive().await;
        reach(rows.map(|rows| match rows.len() {
            0 => Reach::Nothing,
            _ => Reach::Inside("rows".to_owned()),
        }))
    }

    /// Adds a row to a table: `POST /rest/v1/<table>`. A row that is let in stays.
    pub async fn write(&self, table: &str, row: &Map<String, Value>) -> Result<Reach, Failure> {
        const CALL: Call = Call::changes("rest-insert").tries(TURNED_AWAY);
        let draft = self.api.account.post(CALL, ["rest", "v1", table]);
        let draft = draft.header(HeaderName::from_static("prefer"), "return=minimal");
        let answer = self.keyed(draft.json(row)).send().await;
        reach(answer.map(|_| Reach::Inside("written".to_owned())))
    }

    /// Calls a function: `POST /rest/v1/rpc/<function>`.
    pub async fn call(
        &self,
        function: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Reach, Failure> {
        const CALL: Call = Call::changes("rest-rpc").tries(TURNED_AWAY);
        let draft = self.api.account.post(CALL, ["rest", "v1", "rpc", function]);
        let answer = self.keyed(draft.json(arguments)).send().await;
        reach(answer.map(|_| Reach::Inside("called".to_owned())))
    }

    /// The older keys are JWTs, and go as a bearer too.
    fn keyed<'d>(&self, draft: Draft<'d>) -> Draft<'d> {
        let draft = draft.secret(API_KEY, "", self.key);
        if self.key.expose_secret().starts_with("ey") {
            draft.secret(header::AUTHORIZATION, "Bearer ", self.key)
        } else {
            draft
        }
    }
}

/// PostgreSQL's code for a right that is missing.
const NO_RIGHT: &str = "42501";

fn reach(answer: Result<Reach, Failure>) -> Result<Reach, Failure> {
    let failure = match answer {
        Ok(reach) => return Ok(reach),
        Err(failure) => failure,
    };
    let code = failure.problem.detail.clone().unwrap_or_default();
    let code = code.split(": ").next().unwrap_or_default().to_owned();
    match (failure.outcome, refused_with(&failure)) {
        (Outcome::Unauthorized, _) | (_, Some(404..=406)) => Ok(Reach::Refused(code)),
        // PostgREST's own codes: it did not come to the database.
        (Outcome::Refused, Some(_))
            if refused_as(&failure, NO_RIGHT) || code.starts_with("PGRST") =>
        {
            Ok(Reach::Refused(code))
        }
        (Outcome::Refused, Some(_)) => Ok(Reach::Inside(code)),
        _ => Err(failure),
    }
}
