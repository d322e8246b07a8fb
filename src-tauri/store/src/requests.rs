//! What is asked of the inbox, and how its requests are decided.

use std::collections::BTreeSet;

use fabrik_domain::{
    Cause, Problem,
    customer::{CustomerPatch, CustomerStatus, NewCustomer},
    id::{CustomerId, RequestId},
    mapping::SourceField,
    request::{Decided, Ending, OnboardingRequest, RequestKind, RequestOrigin, RequestState, Wish},
    run::OnFailure,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::{
    NewAudit,
    moving::Row,
    value::{Unreadable, micros, to_json, to_json_option, to_word},
};

/// Who is not known to have ended, and has not begun a provisioning for so long, never will.
const HELD: SignedDuration = SignedDuration::from_mins(10);

/// Which requests are asked for; the undecided before the decided, of each the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
#[serde(default)]
#[ts(optional_fields)]
pub struct RequestQuery {
    /// Only those in one of these states; empty is all.
    pub states: Vec<RequestState>,
    /// At most so many; 0 is all.
    #[ts(type = "number")]
    pub limit: u64,
    /// After so many.
    #[ts(type = "number")]
    pub offset: u64,
}

/// The undecided first: they wait for somebody, however old they are, and a list that is cut off loses none to the decided.
pub(crate) const ORDER: &str = "state NOT IN ('open', 'archived'), created_at DESC, id DESC";

/// The owner's yes to a request.
#[derive(Clone, Debug)]
pub struct Approval {
    /// To which.
    pub id: RequestId,
    /// What the customer gets, which may be something else than was asked for.
    pub wish: Wish,
    /// The customer, of which the fields were checked.
    pub customer: NewCustomer,
    /// Its slug.
    pub slug: String,
    /// The policy of its provisioning.
    pub on_failure: OnFailure,
    /// The process that is about to begin the provisioning.
    pub by: String,
}

/// Any other word of the owner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What becomes of the request.
    pub state: RequestState,
    /// Why it is rejected.
    pub reason: Option<String>,
    /// What becomes of the instance of an ended subscription.
    pub ending: Option<Ending>,
}

/// A request with something still to be done that needs nobody's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueRequest {
    /// Approved, with its provisioning to be begun, or to be approved at once.
    pub request: OnboardingRequest,
    /// The process that is about to begin its provisioning.
    pub held_by: Option<String>,
}

/// There is no such request.
pub(crate) fn unknown(id: RequestId) -> Problem {
    Cause::RequestUnknown {
        request: id.to_string(),
    }
    .into()
}

/// Who held a request's beginning before this time, and has not begun it, never will.
pub(crate) fn held_until(now: Timestamp) -> Timestamp {
    now.saturating_sub(HELD).unwrap_or(now)
}

/// Changes what a request wishes for, which was found to be undecided, what its row says of that, and what still stands in
/// its way.
pub(crate) fn edit(
    request: &mut OnboardingRequest,
    wish: Wish,
    now_said: BTreeSet<SourceField>,
    problem: Option<Problem>,
    now: Timestamp,
) {
    if let RequestOrigin::Source { said, .. } = &mut request.origin {
        *said = now_said;
    }
    request.wish = wish;
    request.problem = problem;
    // Who changes it is asked from then on.
    request.at_once = false;
    request.updated_at = now;
}

/// What Stripe says by now of one that something stands in the way of, in the place of what it said before. Whether that
/// changes it. What was decided, or changed since it was read, stays; so does what was put right by hand: nothing is left
/// in its way.
pub(crate) fn reread(
    there: &mut OnboardingRequest,
    asked: &OnboardingRequest,
    now: Timestamp,
) -> bool {
    let as_it_was_read = there.id == asked.id && there.updated_at == asked.updated_at;
    if !as_it_was_read || !there.state.is_undecided() || there.problem.is_none() {
        return false;
    }
    let before = there.clone();
    there.wish = asked.wish.clone();
    there.origin = asked.origin.clone();
    there.problem.clone_from(&asked.problem);
    // Whose an end is may be known only by now.
    there.customer = asked.customer.or(there.customer);
    // Who put it away is asked from then on.
    there.at_once = asked.at_once && there.state == RequestState::Open;
    if *there == before {
        return false;
    }
    there.updated_at = now;
    true
}

/// Approves a request, which was found to be open. Its customer is written.
pub(crate) fn approve(
    request: &mut OnboardingRequest,
    approval: &Approval,
    customer: CustomerId,
    operator: &str,
    now: Timestamp,
) {
    request.wish = approval.wish.clone();
    request.state = RequestState::Approved;
    request.decided = Some(decided(operator, now));
    request.customer = Some(customer);
    request.begins = Some(approval.on_failure);
    request.at_once = false;
    request.problem = None;
    request.updated_at = now;
}

/// Refuses a verdict on what is decided, or put away. What is put away is withdrawn all the same: nobody has decided, and
/// nobody need. Whether anything is to be done: what is put away already stays as it is.
pub(crate) fn is_to_decide(
    request: &OnboardingRequest,
    verdict: &Verdict,
) -> Result<bool, Problem> {
    let archives = verdict.state == RequestState::Archived;
    if archives && request.state == RequestState::Archived {
        return Ok(false);
    }
    if verdict.state == RequestState::Withdrawn {
        request.assert_undecided()?;
    } else {
        request.assert_open()?;
    }
    Ok(true)
}

/// Decides a request, which was found to be decidable.
pub(crate) fn decide(
    request: &mut OnboardingRequest,
    verdict: Verdict,
    operator: &str,
    now: Timestamp,
) {
    request.state = verdict.state;
    request.decided = Some(Decided {
        reason: verdict.reason,
        ending: verdict.ending,
        ..decided(operator, now)
    });
    request.at_once = false;
    request.updated_at = now;
}

/// Opens again what was put away. Whether it was: what is open stays as it is, what is decided is refused.
pub(crate) fn restore(request: &mut OnboardingRequest, now: Timestamp) -> Result<bool, Problem> {
    request.assert_undecided()?;
    if request.state == RequestState::Open {
        return Ok(false);
    }
    request.state = RequestState::Open;
    request.decided = None;
    request.updated_at = now;
    Ok(true)
}

/// One whose row had left the agency's own table, and asks again: open as before, with what it wishes for now. Whether it
/// is such a one.
pub(crate) fn reopen(
    there: &mut OnboardingRequest,
    asked: &OnboardingRequest,
    now: Timestamp,
) -> bool {
    let withdrawn = there.state == RequestState::Withdrawn;
    let of_table = matches!(there.origin, RequestOrigin::Source { .. });
    if !(withdrawn && of_table) {
        return false;
    }
    there.state = RequestState::Open;
    there.decided = None;
    there.wish = asked.wish.clone();
    there.origin = asked.origin.clone();
    there.problem.clone_from(&asked.problem);
    there.updated_at = now;
    true
}

/// What a decision changes of the customer itself, and of which.
pub(crate) fn change_of_customer(
    request: &OnboardingRequest,
    verdict: &Verdict,
) -> Option<(CustomerId, CustomerPatch)> {
    let customer = request.customer?;
    (verdict.ending == Some(Ending::Paused)).then(|| {
        let patch = CustomerPatch {
            status: Some(CustomerStatus::Inactive),
            ..CustomerPatch::default()
        };
        (customer, patch)
    })
}

/// A decision's entry in the audit log, which is about the customer too.
pub(crate) fn audit_of(request: &OnboardingRequest, audit: &NewAudit) -> NewAudit {
    NewAudit {
        customer: request.customer,
        ..audit.clone()
    }
}

/// A run of its customer is written: its provisioning is begun. Whether that changes it.
pub(crate) fn run_begun(request: &mut OnboardingRequest) -> bool {
    let begins = request.begins.take().is_some();
    if begins {
        request.problem = None;
    }
    begins
}

/// The instance of its customer is removed: the end of its subscription is seen to, and not before, since a removal may
/// be cancelled, or leave something. Whether that changes it.
pub(crate) fn instance_removed(
    request: &mut OnboardingRequest,
    operator: &str,
    now: Timestamp,
) -> bool {
    let ends = request.kind == RequestKind::Cancellation && request.state.is_undecided();
    if ends {
        let verdict = Verdict {
            state: RequestState::Settled,
            reason: None,
            ending: Some(Ending::Removed),
        };
        decide(request, verdict, operator, now);
    }
    ends
}

fn decided(operator: &str, now: Timestamp) -> Decided {
    Decided {
        at: now,
        by: operator.to_owned(),
        reason: None,
        ending: None,
        told_at: None,
    }
}

/// Those that stand in the agency's own table, were decided here, and of which the table was not told. What is decided is
/// written as JSON, where no text can hold a quote that is not escaped.
pub(crate) const UNTOLD: &str = "state IN ('approved', 'rejected') AND origin_key LIKE 'source/%'
    AND decided NOT LIKE '%\"told_at\":%'";

/// A request's row, by the names of its columns, alike in every database.
pub(crate) fn row(request: &OnboardingRequest, held_by: Option<&str>) -> Result<Row, Unreadable> {
    let Wish {
        name,
        subdomain,
        contact_email,
        contact_name,
        blueprint,
        plan,
        language,
        modules,
        message,
    } = &request.wish;
    let columns = [
        ("id", json!(request.id.to_string())),
        ("kind", json!(to_word(&request.kind)?)),
        ("state", json!(request.state.key())),
        ("name", json!(name)),
        ("subdomain", json!(subdomain)),
        ("contact_email", json!(contact_email)),
        ("contact_name", json!(contact_name)),
        ("blueprint", json!(blueprint)),
        ("plan", json!(plan)),
        ("language", json!(to_word(language)?)),
        ("modules", json!(to_json(modules)?)),
        ("message", json!(message)),
        ("origin", json!(to_json(&request.origin)?)),
        ("origin_key", json!(request.origin.key(request.kind))),
        ("problem", json!(to_json_option(request.problem.as_ref())?)),
        ("decided", json!(to_json_option(request.decided.as_ref())?)),
        (
            "customer_id",
            json!(request.customer.map(|id| id.to_string())),
        ),
        ("at_once", json!(i64::from(request.at_once))),
        (
            "begins",
            json!(request.begins.as_ref().map(to_word).transpose()?),
        ),
        ("held_by", json!(held_by)),
        ("created_at", json!(micros(request.created_at))),
        ("updated_at", json!(micros(request.updated_at))),
    ];
    let named = columns.map(|(name, value)| (name.to_owned(), value));
    Ok(named.into_iter().collect())
}

/// The statement that writes a row in place of the one with its id; `table` is the table's full name and `values`
/// what stands for its row.
pub(crate) fn upsert(table: &str, row: &Row, values: &str) -> String {
    let columns: Vec<_> = row.keys().map(String::as_str).collect();
    let set: Vec<_> = columns
        .iter()
        .filter(|column| !["id", "created_at"].contains(column))
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    let (columns, set) = (columns.join(", "), set.join(", "));
    format!("INSERT INTO {table} ({columns}) {values} ON CONFLICT (id) DO UPDATE SET {set}")
}
