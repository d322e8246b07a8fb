//! What was read a moment ago: the lists and counts that screens ask for again and again, for a minute, and
//! never past a change.
//!
//! An answer is given again only while somebody makes sure to hear of what other desktops do: by listening, or by
//! looking every half second. Every change, ours or another's, drops them all; so does a server that is gone.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How old an answer may be.
const AGE: Duration = Duration::from_mins(1);

/// For how long a look at the changes makes sure of what is known.
const LOOK: Duration = Duration::from_secs(2);

/// How many answers are kept at once.
const ANSWERS: usize = 64;

/// The answers that are known.
#[derive(Default)]
pub(super) struct Known(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// How often all was dropped: an answer that was asked for before the last time is not kept.
    drops: u64,
    listening: bool,
    looked: Option<Instant>,
    answers: HashMap<String, (Instant, Box<dyn Any + Send>)>,
}

impl Kept {
    fn is_followed(&self) -> bool {
        self.listening || self.looked.is_some_and(|at| at.elapsed() < LOOK)
    }

    fn forget(&mut self) {
        self.drops += 1;
        self.answers.clear();
    }
}

impl Known {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something changed, or nobody can tell any more whether something did.
    pub(super) fn forget(&self) {
        self.kept().forget();
    }

    /// Whether changes are told, from now on.
    pub(super) fn set_listening(&self, listening: bool) {
        let mut kept = self.kept();
        kept.listening = listening;
        kept.forget();
    }

    /// Somebody has just asked for the changes, and knows them all.
    pub(super) fn looked(&self) {
        let mut kept = self.kept();
        // What happened since the last look may have been asked for by nobody.
        if !kept.is_followed() {
            kept.forget();
        }
        kept.looked = Some(Instant::now());
    }

    /// What is to be handed to [`keep`](Self::keep), taken before a question is asked.
    pub(super) fn moment(&self) -> u64 {
        self.kept().drops
    }

    /// The answer to a question, where it is known.
    pub(super) fn answer<T: Clone + 'static>(&self, question: &str) -> Option<T> {
        let kept = self.kept();
        let (at, answer) = kept.answers.get(question).filter(|_| kept.is_followed())?;
        answer
            .downcast_ref::<T>()
            .filter(|_| at.elapsed() < AGE)
            .cloned()
    }

    /// Keeps an answer, unless something changed since its question was asked.
    pub(super) fn keep<T: Send + 'static>(&self, question: String, moment: u64, answer: T) {
        let mut kept = self.kept();
        if kept.drops != moment || !kept.is_followed() {
            return;
        }
        if kept.answers.len() >= ANSWERS {
            kept.answers.clear();
        }
        let answer: Box<dyn Any + Send> = Box::new(answer);
        kept.answers.insert(question, (Instant::now(), answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(known: &Known, moment: u64) -> Option<u32> {
        known.keep("how many".to_owned(), moment, 7_u32);
        known.answer("how many")
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_given_again_for_a_minute() {
        let known = Known::default();
        known.set_listening(true);
        assert_eq!(asked(&known, known.moment()), Some(7));
        let second = Duration::from_secs(1);
        tokio::time::advance(AGE.saturating_sub(second)).await;
        assert_eq!(known.answer("how many"), Some(7_u32), "not yet a minute");
        assert_eq!(known.answer::<u32>("who"), None, "another question");
        tokio::time::advance(second).await;
        assert_eq!(known.answer::<u32>("how many"), None, "a minute old");
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_drops_what_is_known_and_what_is_on_its_way() {
        let known = Known::default();
        known.set_listening(true);
        let moment = known.moment();
        assert_eq!(asked(&known, moment), Some(7));
        known.forget();
        assert_eq!(known.answer::<u32>("how many"), None, "it changed");
        assert_eq!(asked(&known, moment), None, "asked before the change");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_known_while_nobody_follows_the_changes() {
        let known = Known::default();
        assert_eq!(asked(&known, known.moment()), None, "nobody looks");
        known.looked();
        assert_eq!(asked(&known, known.moment()), Some(7), "somebody does");
        tokio::time::advance(LOOK).await;
        assert_eq!(known.answer::<u32>("how many"), None, "and has stopped");
        known.looked();
        assert_eq!(
            known.answer::<u32>("how many"),
            None,
            "it may have changed meanwhile"
        );
        known.set_listening(true);
        assert_eq!(asked(&known, known.moment()), Some(7));
        known.set_listening(false);
        assert_eq!(known.answer::<u32>("how many"), None, "the line is cut");
    }
}
