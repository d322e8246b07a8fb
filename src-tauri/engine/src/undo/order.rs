//! The order in which pieces are taken away: the reverse of dependence.

use std::collections::BTreeSet;

use fabrik_domain::id::ResourceId;

use super::Piece;

/// The pieces in the order in which they go. What is covered holds nothing up: it takes no call.
pub(super) fn in_order(mut rest: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let covered: BTreeSet<ResourceId> = rest
        .iter()
        .filter(|piece| {
            rest.iter()
                .any(|other| other.row.key != piece.row.key && piece.is_covered_by(&other.row))
        })
        .map(|piece| piece.row.key)
        .collect();
    let mut ordered = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let free = |even_contradicting: bool| {
            rest.iter().position(|piece| {
                !rest.iter().any(|before| {
                    before.row.key != piece.row.key
                        && !covered.contains(&before.row.key)
                        && if even_contradicting {
                            before.lies_in(&piece.row)
                        } else {
                            before.goes_before(piece)
                        }
                })
            })
        };
        // The blueprints of two runs may say the opposite of each other. What lies in what, the vendors say.
        let next = free(false).or_else(|| free(true)).unwrap_or(0);
        ordered.push(rest.remove(next));
    }
    ordered
}
