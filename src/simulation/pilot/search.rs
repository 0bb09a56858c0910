//! The smallest number that is enough.

/// Most doublings of the distance to the first guess: the largest number tried is 64 guesses.
const FARTHEST: u32 = 64;

/// So many further replicas are tried one by one, then ever more at once.
const SINGLY: u32 = 8;

/// The largest number that is tried.
pub(super) fn most(guess: u32) -> u32 {
    guess.max(1).saturating_mul(FARTHEST)
}

/// By how much a number is raised that was not enough after all, the `tries`-th time: a limit that chance alone
/// meets, and that no number meets twice, must not be looked for one by one.
pub(super) fn raise(tries: u32) -> u32 {
    1_u32.checked_shl(tries.saturating_sub(SINGLY)).unwrap_or(u32::MAX)
}

/// The smallest number from 1 for which `enough` holds, given that it holds for all larger ones: steps
/// away from `guess` get longer and longer until they have passed it, then the gap is bisected. `None`
/// if it does not hold for 64 times the guess.
///
/// # Errors
/// That of `enough`.
pub(super) fn fewest<E>(
    guess: u32,
    mut enough: impl FnMut(u32) -> Result<bool, E>,
) -> Result<Option<u32>, E> {
    let most = most(guess);
    let mut step = (guess / 8).max(1);
    // Of `low` it is known that it is not enough (0 never is), of `high` that it is.
    let (mut low, mut high);
    if enough(guess.max(1))? {
        (low, high) = (0, guess.max(1));
        while high > 1 {
            let next = high.saturating_sub(step).max(1);
            if !enough(next)? {
                low = next;
                break;
            }
            high = next;
            step = step.saturating_mul(2);
        }
    } else {
        low = guess.max(1);
        loop {
            if low >= most {
                return Ok(None);
            }
            high = low.saturating_add(step).min(most);
            if enough(high)? {
                break;
            }
            low = high;
            step = step.saturating_mul(2);
        }
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if enough(middle)? { high = middle } else { low = middle }
    }
    Ok(Some(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raises_one_by_one_and_then_ever_faster() {
        assert_eq!([1, 2, 8, 9, 10, 12, 40].map(raise), [1, 1, 1, 2, 4, 16, u32::MAX]);
    }

    #[test]
    fn finds_the_least_from_any_guess() {
        for guess in [0, 1, 2, 7, 100] {
            for least in [1, 2, 3, 8, 79, 100, 101] {
                let mut asked = 0;
                let found = fewest(guess, |n| {
                    asked += 1;
                    assert!(n > 0);
                    Ok::<_, ()>(n >= least)
                });
                let reachable = least <= 64 * guess.max(1);
                assert_eq!(found, Ok(reachable.then_some(least)), "from {guess}");
                assert!(asked <= 18, "{asked} questions from {guess} to {least}");
            }
        }
    }

    #[test]
    fn near_guesses_take_few_questions() {
        let mut asked = 0;
        let found = fewest(80, |n| {
            asked += 1;
            Ok::<_, ()>(n >= 76)
        });
        assert_eq!((found, asked), (Ok(Some(76)), 5));
    }
}
