//! What only the owner can tell: where several could be ours, the one that is left of them is not ours by that. The
//! others may have been renamed, or removed by somebody who knew which was whose.

use fabrik_domain::run::StepRecord;

use crate::step::Found;

impl Found {
    /// What was seen, with the doubts of the step's record: one that was asked about is asked about until there is an
    /// answer, and what is asked about now is noted.
    pub(crate) fn doubted_by(self, record: &mut StepRecord) -> Self {
        match self {
            Self::Ours(one) | Self::Alone(one) if record.doubted.contains(&one.id) => {
                Self::Ambiguous(vec![one])
            }
            Self::Ambiguous(candidates) => {
                record.doubt(&candidates);
                Self::Ambiguous(candidates)
            }
            other => other,
        }
    }
}
