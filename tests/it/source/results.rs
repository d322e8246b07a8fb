//! What a run came to, written back: in which row, and whole or not at all. Each system goes round by its own blueprint.

mod kept;
mod places;
mod round;
mod waiting;
