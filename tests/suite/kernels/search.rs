//! A pattern search in the logarithms of constants, without any randomness.

use super::rows::Row;

/// A constant of a law that the search may change.
pub struct Constant<L> {
    of: fn(&mut L) -> &mut f64,
    most: f64,
}

impl<L> Copy for Constant<L> {}
impl<L> Clone for Constant<L> {
    fn clone(&self) -> Self {
        *self
    }
}

/// Any positive number.
pub fn any<L>(of: fn(&mut L) -> &mut f64) -> Constant<L> {
    at_most(1e4, of)
}

/// A share of a bandwidth or a peak: no more than there is.
pub fn share<L>(of: fn(&mut L) -> &mut f64) -> Constant<L> {
    at_most(1.0, of)
}

/// A positive number with a bound of its own.
pub fn at_most<L>(most: f64, of: fn(&mut L) -> &mut f64) -> Constant<L> {
    Constant { of, most }
}

/// Least value of a constant: a microsecond in a million.
const LEAST: f64 = 1e-6;
/// Of each constant.
const FIRST_STEP: f64 = 0.4;
/// The search ends when all steps are below.
const LAST_STEP: f64 = 0.003;
/// Where starts are compared.
const COARSE_STEP: f64 = 0.05;
/// The step from which the best of them goes on.
const SECOND_STEP: f64 = 0.15;
/// Sweeps over all constants, at most.
const SWEEPS: usize = 100;
/// What a step has to gain.
const GAIN: f64 = 1e-7;
/// Rows that constants are fitted to, at most: the first by the hash of their shapes. Few constants need no more.
const SAMPLE: usize = 2000;
/// Rows on which starts are compared.
const COARSE_SAMPLE: usize = 300;

/// The mean over rows of a robust measure of a = |ln(law/measured)|: quadratic below 5 %, then linear, and
/// with a part that holds the tenth that is worst.
fn loss<S, L>(rows: &[&Row<S>], law: &L, predict: &impl Fn(&L, &Row<S>) -> f64) -> f64 {
    let of = |row: &&Row<S>| {
        let off = (predict(law, row) / row.micros).ln().abs();
        let off = if off.is_finite() { off } else { 9.0 };
        let near = if off < 0.05 { off * off / 0.1 + 0.025 } else { off };
        near + 0.3 * (off * off).min(1.0)
    };
    rows.iter().map(of).sum::<f64>() / rows.len() as f64
}

/// The rows that constants are fitted to.
fn sample<'a, S>(rows: &[&'a Row<S>]) -> Vec<&'a Row<S>> {
    let mut fitted: Vec<_> =
        rows.iter().copied().filter(|row| !row.held_out && row.left_out.is_none()).collect();
    fitted.sort_by_key(|row| row.order);
    fitted.truncate(SAMPLE);
    fitted
}

/// A law and how far it is from the rows it was fitted to.
#[derive(Clone, Copy)]
pub struct Found<L> {
    pub law: L,
    pub loss: f64,
}

/// Fits the `free` constants of a law to the rows that are neither held nor left out, from the best of the starts.
pub fn fit<S, L: Copy>(
    rows: &[&Row<S>],
    predict: impl Fn(&L, &Row<S>) -> f64,
    free: &[Constant<L>],
    starts: &[L],
) -> Found<L> {
    let sample = sample(rows);
    assert!(!sample.is_empty(), "no rows to fit to");
    let few = &sample[..sample.len().min(COARSE_SAMPLE)];
    let coarse =
        |start: &L| search(&|law| loss(few, law, &predict), *start, free, FIRST_STEP, COARSE_STEP);
    let best = starts
        .iter()
        .map(coarse)
        .reduce(|best, next| if next.loss < best.loss { next } else { best });
    let best = best.expect("a start");
    search(&|law| loss(&sample, law, &predict), best.law, free, SECOND_STEP, LAST_STEP)
}

/// Fits as [`fit`] does, then sets those of the `optional` constants to nothing, one after the other, whose absence costs less than
/// 1.5 % of the loss.
pub fn fit_sparsely<S, L: Copy>(
    rows: &[&Row<S>],
    predict: impl Fn(&L, &Row<S>) -> f64,
    needed: &[Constant<L>],
    optional: &[Constant<L>],
    starts: &[L],
) -> Found<L> {
    const WORTH: f64 = 1.015;
    let mut kept = vec![true; optional.len()];
    let free = |kept: &[bool]| {
        let kept =
            optional.iter().zip(kept).filter_map(|(constant, &kept)| kept.then_some(*constant));
        needed.iter().copied().chain(kept).collect::<Vec<_>>()
    };
    let mut best = fit(rows, &predict, &free(&kept), starts);
    for (place, constant) in optional.iter().enumerate() {
        kept[place] = false;
        let mut start = best.law;
        *(constant.of)(&mut start) = 0.0;
        let found = fit_from(rows, &predict, &free(&kept), start);
        if found.loss < best.loss * WORTH {
            best = found;
        } else {
            kept[place] = true;
        }
    }
    best
}

fn fit_from<S, L: Copy>(
    rows: &[&Row<S>],
    predict: impl Fn(&L, &Row<S>) -> f64,
    free: &[Constant<L>],
    start: L,
) -> Found<L> {
    let sample = sample(rows);
    search(&|law| loss(&sample, law, &predict), start, free, SECOND_STEP, LAST_STEP)
}

/// Coordinate by coordinate a constant is multiplied by 1 + h or divided by it; h grows by half, up to 1, where that
/// helps and shrinks to 0.6 h where it does not, until each is below `last`. After a sweep one step further along its change.
fn search<L: Copy>(
    loss: &impl Fn(&L) -> f64,
    start: L,
    free: &[Constant<L>],
    first: f64,
    last: f64,
) -> Found<L> {
    let mut best = Found { law: start, loss: loss(&start) };
    let mut steps = vec![first; free.len()];
    for _ in 0..SWEEPS {
        if steps.iter().all(|&step| step < last) {
            break;
        }
        let before = best.law;
        for (constant, step) in free.iter().zip(&mut steps) {
            let helped = [1.0 + *step, 1.0 / (1.0 + *step)].into_iter().any(|factor| {
                let mut law = best.law;
                scale(constant, &mut law, factor);
                let next = Found { law, loss: loss(&law) };
                let better = next.loss < best.loss - GAIN;
                if better {
                    best = next;
                }
                better
            });
            *step = if helped { (*step * 1.5).min(1.0) } else { *step * 0.6 };
        }
        let mut law = best.law;
        for constant in free {
            let (now, then) = (*(constant.of)(&mut law), *(constant.of)(&mut before.clone()));
            scale(constant, &mut law, now / then);
        }
        let further = Found { law, loss: loss(&law) };
        if further.loss < best.loss - GAIN {
            best = further;
        }
    }
    best
}

fn scale<L>(constant: &Constant<L>, law: &mut L, factor: f64) {
    let value = (constant.of)(law);
    *value = (*value * factor).clamp(LEAST, constant.most);
}
