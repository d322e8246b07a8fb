//! What anchors are made of, and how a log is held against them.

use fabrik_domain::{
    Cause, Problem,
    id::WorkspaceId,
    run::RunState,
    secret::{ExposeSecret, Secret, SecretRef},
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{AuditAnchor, AuditRow};

/// How the log was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AuditVerdict {
    /// How many entries there are.
    pub entries: u64,
    /// How many anchors of this computer's key cover them.
    pub anchors: u64,
    /// Anchors of other computers' keys, which only those can check.
    pub of_others: u64,
    /// The last entry that is covered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub covered_through: Option<i64>,
    /// Entries since: whether these were changed can't be told.
    pub since: u64,
    /// When the first of them was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since_at: Option<Timestamp>,
    /// There should be an anchor: a run has ended, or somebody's key has made one or was about to.
    #[serde(skip)]
    pub anchor_due: bool,
    /// Entries that say that somebody went back to a copy: what stood after it is not in the log, and that explains a cut.
    pub restored: Vec<i64>,
    /// What is wrong.
    pub faults: Vec<AuditFault>,
}

/// What is wrong with a log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum AuditFault {
    /// What stands between two anchors is not what stood there.
    Altered {
        /// After this entry, or 0 for the beginning.
        after: i64,
        /// Through this one.
        through: i64,
    },
    /// The keyring knows of an anchor that is not there, or knew of one before the log was anchored anew.
    Cut {
        /// The last entry it covers.
        through: i64,
    },
}

impl AuditFault {
    /// For people.
    pub fn problem(&self) -> Problem {
        match *self {
            Self::Altered { after, through } => Cause::AuditAltered { after, through }.into(),
            Self::Cut { through } => Cause::AuditCut { through }.into(),
        }
    }
}

impl AuditVerdict {
    /// Why it proves nothing, or proves the opposite; none where what is covered is as it was, and where the first anchor
    /// is still to come.
    pub fn problem(&self) -> Option<Problem> {
        match self.faults.first() {
            Some(fault) => Some(fault.problem()),
            None if self.covered_through.is_none() && self.anchor_due => {
                Some(Cause::AuditUnanchored.into())
            }
            None => None,
        }
    }
}

/// The key in this computer's keyring.
pub struct AuditKey {
    name: String,
    mac: Hmac<Sha256>,
}

impl AuditKey {
    /// A new one, of these random bytes, as the keyring keeps it.
    pub fn made_of(random: &[u8; 32]) -> Secret {
        hex::encode(random).into()
    }

    /// Reads what the keyring keeps; `secret_missing` where that is no key.
    pub fn read(secret: &Secret, reference: &SecretRef) -> Result<Self, Problem> {
        let unreadable = || {
            Problem::from(Cause::SecretMissing {
                reference: reference.to_string(),
                variable: None,
            })
        };
        let bytes = hex::decode(secret.expose_secret()).map_err(|_| unreadable())?;
        let mac = Hmac::new_from_slice(&bytes).map_err(|_| unreadable())?;
        Ok(Self {
            name: hex::encode(&Sha256::digest(&bytes)[..8]),
            mac,
        })
    }

    /// By which its anchors are known.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What comes after an anchor, or at the beginning.
    pub fn link(&self, workspace: WorkspaceId, before: Option<&AuditAnchor>) -> AuditLink {
        let mut link = AuditLink {
            key: self.name.clone(),
            mac: self.mac.clone(),
        };
        link.text(&workspace.to_string());
        link.text(before.map_or("", |anchor| &anchor.mac));
        link
    }
}

/// An anchor that is being made.
pub struct AuditLink {
    key: String,
    mac: Hmac<Sha256>,
}

impl AuditLink {
    /// `<bytes>:<text>,` so that no two rows of texts are the same bytes.
    fn text(&mut self, text: &str) {
        self.mac
            .update(format!("{}:{text},", text.len()).as_bytes());
    }

    fn option(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.mac.update(b"-"),
        }
    }

    /// The next entry.
    pub fn add(&mut self, row: &AuditRow) {
        self.text(&row.number.to_string());
        self.text(&instant(row.at));
        self.text(&row.operator);
        self.text(&row.action);
        self.option(row.customer.as_deref());
        self.option(row.run.as_deref());
        self.text(&row.facts);
    }

    /// What it covers ends with this entry.
    pub fn close(mut self, number: i64, at: Timestamp) -> AuditAnchor {
        let at = at.as_microsecond();
        self.text(&number.to_string());
        self.text(&instant(at));
        AuditAnchor {
            key: self.key,
            number,
            at,
            mac: hex::encode(self.mac.finalize().into_bytes()),
        }
    }

    /// Whether it is this anchor's.
    fn is(mut self, anchor: &AuditAnchor) -> bool {
        self.text(&anchor.number.to_string());
        self.text(&instant(anchor.at));
        hex::decode(&anchor.mac).is_ok_and(|mac| self.mac.verify_slice(&mac).is_ok())
    }
}

impl AuditRow {
    /// When, as it is anchored and exported.
    pub fn instant(&self) -> String {
        instant(self.at)
    }

    /// Whether a run ended with it, which is when the log is anchored.
    fn ends_a_run(&self) -> bool {
        let state = self.action.strip_prefix("run.");
        RunState::ENDED.iter().any(|end| state == Some(end.key()))
    }
}

impl AuditAnchor {
    /// When, as it is anchored and exported.
    pub fn instant(&self) -> String {
        instant(self.at)
    }
}

fn instant(micros: i64) -> String {
    Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |at| at.to_string())
}

/// The newest anchor, as the keyring has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnchor {
    /// The last entry that it covers.
    pub number: i64,
    mac: String,
}

impl KeptAnchor {
    /// What the keyring is to have of an anchor.
    pub fn of(anchor: &AuditAnchor) -> Self {
        Self {
            number: anchor.number,
            mac: anchor.mac.clone(),
        }
    }

    /// Whether it is one of these.
    pub fn is_among(&self, anchors: &[AuditAnchor]) -> bool {
        anchors.iter().any(|anchor| Self::of(anchor) == *self)
    }

    /// As the keyring keeps it.
    pub fn to_secret(&self) -> Secret {
        format!("{} {}", self.number, self.mac).into()
    }

    /// Reads what the keyring keeps.
    pub fn read(text: &str) -> Option<Self> {
        let (number, mac) = text.split_once(' ')?;
        Some(Self {
            number: number.parse().ok()?,
            mac: mac.to_owned(),
        })
    }
}

/// Holds entries against anchors, in their order.
pub struct AuditExamination {
    workspace: WorkspaceId,
    key: Option<AuditKey>,
    /// Of this key, in their order, from the one that is next.
    anchors: std::iter::Peekable<std::vec::IntoIter<AuditAnchor>>,
    before: Option<AuditAnchor>,
    link: Option<AuditLink>,
    /// The entry of a going back that has explained no cut yet.
    restored: Option<i64>,
    verdict: AuditVerdict,
}

impl AuditExamination {
    /// The entry that says that the keyring knew of an anchor that was not there: `known` is the last entry it covered.
    pub const CUT: &'static str = "audit.cut";

    /// The entry that says that somebody went back to a copy of the database.
    pub const RESTORED: &'static str = "database.restored";

    /// Of a log with these anchors, by what the keyring has.
    pub fn new(
        workspace: WorkspaceId,
        key: Option<AuditKey>,
        kept: Option<KeptAnchor>,
        anchors: Vec<AuditAnchor>,
    ) -> Self {
        let total = anchors.len();
        let mut own: Vec<_> = anchors
            .into_iter()
            .filter(|anchor| key.as_ref().is_some_and(|key| key.name() == anchor.key))
            .collect();
        own.sort_by_key(|anchor| anchor.number);
        let cut = kept.filter(|kept| !kept.is_among(&own));
        let faults = cut
            .map(|kept| AuditFault::Cut {
                through: kept.number,
            })
            .into_iter()
            .collect();
        let link = key.as_ref().map(|key| key.link(workspace, None));
        Self {
            verdict: AuditVerdict {
                entries: 0,
                anchors: own.len() as u64,
                of_others: (total - own.len()) as u64,
                covered_through: None,
                since: 0,
                since_at: None,
                // The key is made, and kept, before the first anchor.
                anchor_due: key.is_some() || total > 0,
                restored: Vec::new(),
                faults,
            },
            workspace,
            key,
            anchors: own.into_iter().peekable(),
            before: None,
            link,
            restored: None,
        }
    }

    /// The next entry.
    pub fn add(&mut self, row: &AuditRow) {
        self.close_before(Some(row.number));
        self.verdict.entries += 1;
        self.verdict.since += 1;
        if self.verdict.since == 1 {
            self.verdict.since_at = Timestamp::from_microsecond(row.at).ok();
        }
        self.verdict.anchor_due |= row.ends_a_run();
        self.heed(row);
        if let Some(link) = &mut self.link {
            link.add(row);
        }
    }

    /// A log that was cut stays so, though it was anchored anew with what was left. Going back to a copy is a cut of
    /// the owner's own, and told as that.
    fn heed(&mut self, row: &AuditRow) {
        match row.action.as_str() {
            Self::RESTORED => self.restored = Some(row.number),
            Self::CUT => match self.restored.take() {
                Some(number) => self.verdict.restored.push(number),
                None => self.verdict.faults.push(AuditFault::Cut {
                    through: known(row).unwrap_or(row.number),
                }),
            },
            _ => {}
        }
    }

    /// How the log was found.
    pub fn end(mut self) -> AuditVerdict {
        self.close_before(None);
        self.verdict
    }

    /// Judges the anchors that cover nothing from here on.
    fn close_before(&mut self, number: Option<i64>) {
        let past = |anchor: &AuditAnchor| number.is_none_or(|number| anchor.number < number);
        while let Some(anchor) = self.anchors.next_if(|anchor| past(anchor)) {
            let Some(key) = &self.key else { return };
            let link = self
                .link
                .replace(key.link(self.workspace, Some(&anchor)))
                .unwrap_or_else(|| key.link(self.workspace, self.before.as_ref()));
            if !link.is(&anchor) {
                self.verdict.faults.push(AuditFault::Altered {
                    after: self.before.as_ref().map_or(0, |before| before.number),
                    through: anchor.number,
                });
            }
            self.verdict.covered_through = Some(anchor.number);
            self.verdict.since = 0;
            self.verdict.since_at = None;
            self.before = Some(anchor);
        }
    }
}

/// Through which entry the keyring knew of an anchor.
fn known(cut: &AuditRow) -> Option<i64> {
    let facts: serde_json::Value = serde_json::from_str(&cut.facts).ok()?;
    facts["known"].as_i64()
}

#[cfg(test)]
mod tests {
    use fabrik_tests::{Proof, spoiled::Dice};

    use super::*;

    const ROWS: i64 = 40;
    const CHANGES: u64 = 10_000;

    fn key(byte: u8) -> AuditKey {
        let secret = Secret::from(hex::encode([byte; 32]));
        AuditKey::read(&secret, &SecretRef::audit_key(WorkspaceId::new())).unwrap()
    }

    fn row(number: i64) -> AuditRow {
        AuditRow {
            number,
            at: 1_700_000_000_000_000 + number,
            operator: "anna@studio".to_owned(),
            action: "customer.changed".to_owned(),
            customer: (number % 3 > 0).then(|| format!("c{number}")),
            run: (number % 2 > 0).then(|| "r".to_owned()),
            facts: format!("{{\"name\":\"Åkermark {number}\"}}"),
        }
    }

    /// A log with an anchor at every ninth entry, and what the keyring knows.
    struct Log {
        workspace: WorkspaceId,
        rows: Vec<AuditRow>,
        anchors: Vec<AuditAnchor>,
        kept: Option<KeptAnchor>,
    }

    impl Log {
        fn new() -> Self {
            let workspace = WorkspaceId::new();
            let rows: Vec<_> = (1..=ROWS).map(row).collect();
            let (key, mut anchors) = (key(1), Vec::<AuditAnchor>::new());
            let mut link = key.link(workspace, None);
            for row in &rows {
                link.add(row);
                if row.number % 9 == 0 {
                    anchors.push(link.close(row.number, Timestamp::UNIX_EPOCH));
                    link = key.link(workspace, anchors.last());
                }
            }
            Self {
                workspace,
                rows,
                kept: anchors.last().map(KeptAnchor::of),
                anchors,
            }
        }

        fn verdict(&self, key: Option<AuditKey>) -> AuditVerdict {
            let (kept, anchors) = (self.kept.clone(), self.anchors.clone());
            let mut examination = AuditExamination::new(self.workspace, key, kept, anchors);
            self.rows.iter().for_each(|row| examination.add(row));
            examination.end()
        }

        /// What the end of the next run does, when more has been written.
        fn anchor_again(&mut self) {
            let (key, mut end) = (key(1), ROWS + 1);
            self.rows.push(row(end));
            let cut = self.kept.take();
            if let Some(kept) = cut.filter(|kept| !kept.is_among(&self.anchors)) {
                end += 1;
                self.rows.push(AuditRow {
                    action: AuditExamination::CUT.to_owned(),
                    facts: format!("{{\"found\":0,\"known\":{}}}", kept.number),
                    ..row(end)
                });
            }
            let last = self.anchors.last();
            let reached = last.map_or(0, |anchor| anchor.number);
            let mut link = key.link(self.workspace, last);
            let since = self.rows.iter().filter(|row| row.number > reached);
            since.for_each(|row| link.add(row));
            let anchor = link.close(end, Timestamp::UNIX_EPOCH);
            self.kept = Some(KeptAnchor::of(&anchor));
            self.anchors.push(anchor);
        }
    }

    /// Changes what the last anchor covers, in a way and a place of the seed's.
    fn change(log: &mut Log, seed: u64) {
        let mut dice = Dice::of(seed);
        let covered = usize::try_from(log.anchors.last().unwrap().number).unwrap();
        let at = dice.below(covered);
        let other = (at + 1 + dice.below(covered - 1)) % covered;
        match dice.below(9) {
            0 => {
                let row = &mut log.rows[at];
                match dice.below(6) {
                    0 => row.at += 1,
                    1 => row.operator.push('.'),
                    2 => row.action.insert(0, 'x'),
                    3 => row.customer = Some(String::new()),
                    4 => row.run = row.run.is_none().then(String::new),
                    _ => row.facts = row.facts.to_lowercase(),
                }
            }
            1 => {
                log.rows.remove(at);
            }
            2 => log.rows.insert(at, row(log.rows[at].number)),
            3 => log.rows.swap(at, other),
            4 => {
                // Each takes the other's number: only what it says is in another place.
                let (one, two) = (log.rows[at].number, log.rows[other].number);
                log.rows[at].number = two;
                log.rows[other].number = one;
                log.rows.swap(at, other);
            }
            5 => {
                log.rows.truncate(at);
                let last = log.rows.last().map_or(0, |row| row.number);
                log.anchors.retain(|anchor| anchor.number <= last);
            }
            6 => log.rows.truncate(at),
            7 => {
                // With every anchor that would tell it.
                let row = &mut log.rows[at];
                row.operator.push('.');
                let number = row.number;
                log.anchors.retain(|anchor| anchor.number < number);
            }
            _ => {
                let place = dice.below(log.anchors.len());
                log.anchors.remove(place);
            }
        }
    }

    #[test]
    fn every_change_of_what_is_anchored_is_found() {
        let proof = Proof::of(
            "S14",
            "entries before the last anchor changed, removed, added, reordered and cut",
        )
        .from_seeds(CHANGES);
        let whole = Log::new();
        for seed in 0..CHANGES {
            let mut log = Log::new();
            log.workspace = whole.workspace;
            log.anchors.clone_from(&whole.anchors);
            log.kept.clone_from(&whole.kept);
            change(&mut log, seed);
            let verdict = log.verdict(Some(key(1)));
            assert!(verdict.problem().is_some(), "seed {seed}: {verdict:?}");
            log.anchor_again();
            let verdict = log.verdict(Some(key(1)));
            assert!(
                verdict.problem().is_some(),
                "seed {seed}, anchored once more: {verdict:?}"
            );
            proof.held(1);
        }
    }

    #[test]
    fn a_key_of_other_characters_than_digits_is_none() {
        let reference = SecretRef::audit_key(WorkspaceId::new());
        for (text, is_key) in [
            ("0a5F", true),
            ("0a5", false),
            ("+5", false),
            ("0x", false),
            ("å5", false),
        ] {
            let read = AuditKey::read(&Secret::from(text), &reference);
            assert_eq!(read.is_ok(), is_key, "{text}");
        }
    }

    #[test]
    fn what_is_as_it_was_is_told_with_what_nothing_covers_yet() {
        let log = Log::new();
        let verdict = log.verdict(Some(key(1)));
        assert_eq!(verdict.problem(), None, "{verdict:?}");
        let told = (
            verdict.entries,
            verdict.anchors,
            verdict.covered_through,
            verdict.since,
        );
        assert_eq!(told, (40, 4, Some(36), 4));
    }

    #[test]
    fn a_cut_stays_told_where_nobody_went_back_to_a_copy() {
        let cut_to = |number: i64| {
            let mut log = Log::new();
            log.rows.retain(|row| row.number <= number);
            log.anchors.retain(|anchor| anchor.number <= number);
            log
        };
        let mut log = cut_to(20);
        log.anchor_again();
        let verdict = log.verdict(Some(key(1)));
        assert_eq!(verdict.faults, [AuditFault::Cut { through: 36 }]);
        assert_eq!(verdict.since, 0, "all that is left is anchored");

        let mut log = cut_to(20);
        let restored = AuditRow {
            action: AuditExamination::RESTORED.to_owned(),
            ..row(21)
        };
        log.rows.push(restored);
        log.anchor_again();
        let verdict = log.verdict(Some(key(1)));
        assert_eq!(verdict.problem(), None, "{verdict:?}");
        assert_eq!(verdict.restored, [21], "which is told");
    }

    #[test]
    fn a_fault_is_told_with_the_anchors_around_it_and_those_after_still_hold() {
        let mut log = Log::new();
        log.rows[12].operator = "bo@studio".to_owned();
        let verdict = log.verdict(Some(key(1)));
        let between = AuditFault::Altered {
            after: 9,
            through: 18,
        };
        assert_eq!(verdict.faults, [between]);
    }

    #[test]
    fn without_its_key_a_log_proves_nothing_and_is_not_called_changed() {
        let mut log = Log::new();
        log.kept = None;
        for other in [None, Some(key(2))] {
            let verdict = log.verdict(other);
            assert_eq!(verdict.problem(), Some(Cause::AuditUnanchored.into()));
            assert_eq!((verdict.of_others, verdict.faults.len()), (4, 0));
        }
    }

    #[test]
    fn a_log_is_not_missed_an_anchor_before_a_run_has_ended() {
        let mut log = Log::new();
        let of_others = std::mem::take(&mut log.anchors);
        log.kept = None;
        let verdict = log.verdict(None);
        assert_eq!(verdict.problem(), None, "{verdict:?}");
        let first = Timestamp::from_microsecond(log.rows[0].at).unwrap();
        assert_eq!(verdict.since_at, Some(first), "none is covered");
        assert_eq!(verdict.since, log.rows.len() as u64);
        let unanchored = Some(Cause::AuditUnanchored.into());
        // Whoever takes an anchor away, and what says that a run has ended, has not the keyring.
        assert_eq!(log.verdict(Some(key(1))).problem(), unanchored);
        log.kept = Some(KeptAnchor::of(&of_others[3]));
        let cut = log.verdict(Some(key(1))).problem();
        let through = of_others[3].number;
        assert_eq!(cut, Some(Cause::AuditCut { through }.into()));
        log.kept = None;
        for state in [
            "succeeded",
            "failed",
            "rolled_back",
            "leftovers",
            "cancelled",
        ] {
            log.rows[7].action = format!("run.{state}");
            assert_eq!(log.verdict(None).problem(), unanchored, "{state}");
        }
        for state in ["started", "waiting", "interrupted"] {
            log.rows[7].action = format!("run.{state}");
            assert_eq!(log.verdict(None).problem(), None, "{state}");
        }
        log.anchors = of_others;
        assert_eq!(log.verdict(None).problem(), unanchored, "another's key");
    }

    #[test]
    fn what_the_keyring_has_is_read_as_it_was_written() {
        let anchor = &Log::new().anchors[0];
        let kept = KeptAnchor::of(anchor);
        assert_eq!(
            KeptAnchor::read(kept.to_secret().expose_secret()),
            Some(kept)
        );
        for odd in ["", "1", "x y"] {
            assert_eq!(KeptAnchor::read(odd), None, "{odd:?}");
        }
        let reference = SecretRef::audit_key(WorkspaceId::new());
        for odd in ["0", "zz"] {
            assert!(
                AuditKey::read(&Secret::from(odd), &reference).is_err(),
                "{odd:?}"
            );
        }
    }
}
