//! What was worked out once need not be worked out again, as long as few enough other things come between.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// Answers by their questions: the latest few. Clones share them. What it gives depends on nothing but the question, so
/// that neither threads nor what was asked before can be seen in any result.
pub(crate) struct Memo<Q, A>(Arc<Mutex<VecDeque<(Q, A)>>>);

impl<Q: PartialEq + Clone, A: Clone> Memo<Q, A> {
    /// Answers that are kept: looking through them takes far less time than one that is worked out.
    const KEPT: usize = 64;

    /// The answer to a question: the one that is known, or what `find` works out.
    ///
    /// # Errors
    /// Those of `find`, which are not kept.
    pub(crate) fn get<E>(&self, question: &Q, find: impl FnOnce() -> Result<A, E>) -> Result<A, E> {
        if let Some(answer) = self.known(question) {
            return Ok(answer);
        }
        // Nobody waits meanwhile: another thread with the same question finds the same answer.
        let answer = find()?;
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.truncate(Self::KEPT - 1);
        kept.push_front((question.clone(), answer.clone()));
        Ok(answer)
    }

    fn known(&self, question: &Q) -> Option<A> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == question).map(|(_, answer)| answer.clone())
    }
}

impl<Q, A> Default for Memo<Q, A> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<Q, A> Clone for Memo<Q, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Q, A> fmt::Debug for Memo<Q, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn what_is_known_is_not_worked_out_again_until_too_much_came_between() {
        let memo = Memo::<u32, u32>::default();
        let asks = |question| {
            let mut asked = false;
            let Ok(answer) = memo.clone().get(&question, || {
                asked = true;
                Ok::<_, Infallible>(question * 10)
            });
            assert_eq!(answer, question * 10);
            asked
        };
        assert!(asks(1));
        assert!(!asks(1));
        assert!((2..=64).all(&asks));
        assert!(!asks(1));
        assert!(asks(65));
        assert!(asks(1));
    }

    #[test]
    fn what_went_wrong_is_asked_again() {
        let memo = Memo::<u32, u32>::default();
        assert_eq!(memo.get(&1, || Err("broken")), Err("broken"));
        assert_eq!(memo.get(&1, || Ok::<_, Infallible>(7)), Ok(7));
    }
}
