//! What the records have of a project's variables. Every row bears the project's id, so what a later run has added to
//! those of an earlier one stands in rows that are not its own to take away.

use std::{collections::BTreeSet, fmt};

use fabrik_clouds::vercel::Listed;
use fabrik_domain::resource::{Origin, Resource, ResourceKind, ResourceState};
use fabrik_engine::step::Context;

/// How much later than the records know, in milliseconds, a writing whose answer was lost may be carried out: after the same
/// was written once more, or after the run has begun to go back. Where there was one, a change of a secret within this is
/// taken for ours; what can be read is compared instead, where it is known what was written.
const LATE: i64 = 60_000;

/// How long before its last call, in milliseconds, a writing may have begun. What is older was there before.
const LONG: i64 = 3_600_000;

/// In the place of a hash: not all was written.
const HALF: &str = "half";

/// What the records have of a writing: what was written, and when by Vercel's clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) hash: String,
    pub(super) at: i64,
    /// What became of one of its calls was not known: it may have come true after that.
    pub(super) open: bool,
}

impl Stamp {
    pub(super) fn of(text: &str) -> Self {
        let (hash, at) = text.split_once('@').unwrap_or((text, ""));
        let (at, open) = match at.strip_suffix('+') {
            Some(at) => (at, true),
            None => (at, false),
        };
        Self {
            hash: hash.to_owned(),
            at: at.parse().unwrap_or_default(),
            open,
        }
    }

    /// The same, of a writing that broke off: nothing there is to be taken for what was wanted.
    pub(super) fn half(self) -> Self {
        Self {
            hash: HALF.to_owned(),
            ..self
        }
    }

    /// Until when a secret that has changed was changed by us.
    pub(super) fn ours_until(&self) -> i64 {
        let late = if self.open { LATE } else { 0 };
        self.at.saturating_add(late)
    }

    /// Whether the variable is as this writing left it.
    fn left(&self, listed: &Listed) -> bool {
        let since = self.at.saturating_sub(LONG);
        self.at > 0 && (since..=self.ours_until()).contains(&listed.changed_at)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let open = if self.open { "+" } else { "" };
        write!(f, "{}@{}{open}", self.hash, self.at)
    }
}

/// The step's rows of one project that stand for something there, the oldest first.
pub(super) struct Records<'c> {
    rows: Vec<&'c Resource>,
    /// A later attempt has no id: what it wrote, if anything, nobody knows.
    in_doubt: bool,
}

impl<'c> Records<'c> {
    pub(super) fn of(cx: &Context<'c>, project: &str) -> Self {
        let of_step =
            |row: &&Resource| row.kind == ResourceKind::VercelEnvironment && row.step == cx.step.id;
        let is_there = |row: &&Resource| match row.state {
            ResourceState::Live | ResourceState::Leftover => true,
            // A run that was rolled back left its own in what it had found; the rest the owner has let go of.
            ResourceState::LetGo => row.origin == Origin::Adopted,
            ResourceState::Intended | ResourceState::Removed => false,
        };
        let all = || cx.all.iter().filter(of_step);
        let rows = all().filter(|row| row.id == project).filter(is_there);
        let last = all().rfind(|row| row.id == project || row.id.is_empty());
        Self {
            rows: rows.collect(),
            in_doubt: last.is_some_and(|row| row.id.is_empty()),
        }
    }

    /// The row of the last writing, if it has written all of this.
    pub(super) fn last_wrote(&self, hash: &str) -> Option<&'c Resource> {
        let last = self.rows.last().copied().filter(|_| !self.in_doubt)?;
        let wrote = Stamp::of(last.content_hash.as_deref()?).hash;
        (wrote == hash).then_some(last)
    }

    /// The names of all that was written.
    pub(super) fn names(&self) -> BTreeSet<&'c str> {
        self.rows.iter().copied().flat_map(names).collect()
    }

    /// Whether it is one of these: whoever has changed it since, where the instance stands.
    pub(super) fn have(&self, listed: &Listed) -> bool {
        let live = |row: &&&Resource| row.state == ResourceState::Live;
        let mut live = self.rows.iter().filter(live).copied().flat_map(names);
        live.any(|name| name == listed.key) || self.wrote_last(listed)
    }

    /// Whether it is one of these, and as we left it.
    pub(super) fn wrote_last(&self, listed: &Listed) -> bool {
        let naming = |row: &&&Resource| names(row).any(|name| name == listed.key);
        self.rows.iter().filter(naming).any(|row| {
            let stamp = row.content_hash.as_deref().map(Stamp::of);
            stamp.is_some_and(|stamp| stamp.left(listed))
        })
    }
}

/// Those of the variables that a row stands for.
fn names(row: &Resource) -> impl Iterator<Item = &str> {
    row.name.split(", ").filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_as_it_was_written_and_an_older_record_has_no_time() {
        for open in [false, true] {
            let stamp = Stamp {
                hash: "ab".to_owned(),
                at: 17,
                open,
            };
            assert_eq!(Stamp::of(&stamp.to_string()), stamp);
        }
        assert_eq!(
            Stamp::of("ab").at,
            0,
            "then nothing counts as untouched by its time"
        );
    }

    #[test]
    fn what_is_older_than_a_writing_or_changed_after_it_is_not_as_it_left_it() {
        let listed = |changed_at| Listed {
            id: None,
            key: "A".to_owned(),
            targets: vec![],
            kind: "sensitive".to_owned(),
            plain: None,
            changed_at,
        };
        let at = 10 * LONG;
        for (stamp, changed_at, left) in [
            (format!("ab@{at}"), at, true),
            (format!("ab@{at}"), at - LONG, true),
            (format!("ab@{at}"), at - LONG - 1, false),
            (format!("ab@{at}"), at + 1, false),
            (format!("ab@{at}+"), at + LATE, true),
            (format!("ab@{at}+"), at + LATE + 1, false),
            ("ab".to_owned(), 0, false),
        ] {
            let told = Stamp::of(&stamp).left(&listed(changed_at));
            assert_eq!(told, left, "{stamp} {changed_at}");
        }
    }
}
