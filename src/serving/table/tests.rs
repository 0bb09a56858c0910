//! Points are met, lines lie between them, and runs agree with their iterations.

use super::*;
use proptest::prelude::*;

fn millis(millis: u64) -> SimDuration {
    SimDuration::from_nanos(millis * 1_000_000)
}

fn spec(prefill: &[(u32, u64)], decode: &[(u32, u32, u64)]) -> TableSpec {
    let mut rows = BTreeMap::<u32, BTreeMap<u32, SimDuration>>::new();
    for &(batch, context, time) in decode {
        rows.entry(batch).or_default().insert(context, millis(time));
    }
    TableSpec {
        prefill: prefill.iter().map(|&(tokens, time)| (tokens, millis(time))).collect(),
        decode: rows,
        by_context: true,
        extrapolate: false,
        replica: GivenReplica::default(),
    }
}

fn table() -> Table {
    Table::new(&spec(
        &[(100, 10), (300, 50), (400, 60)],
        &[(1, 100, 20), (1, 500, 24), (4, 100, 26), (4, 300, 28), (4, 500, 40)],
    ))
}

fn prefill(tokens: u64) -> u64 {
    let work = Iteration { prefill_tokens: tokens, ..Iteration::default() };
    table().iteration(&work) / 1_000_000
}

fn decode(decodes: u64, context: u64) -> u64 {
    let work = Iteration { decodes, context: decodes * context, ..Iteration::default() };
    table().iteration(&work) / 1_000_000
}

#[test]
fn prefills_are_interpolated() {
    assert_eq!(
        [1, 100, 200, 300, 350, 400].map(prefill),
        [10, 10, 30, 50, 55, 60].map(|ms| ms * 1000)
    );
    assert_eq!(prefill(600), 80_000, "the last line goes on");
}

#[test]
fn decodes_are_interpolated_by_batch_and_context() {
    assert_eq!([50, 100, 300, 500].map(|c| decode(1, c)), [20_000, 20_000, 22_000, 24_000]);
    assert_eq!([100, 200, 300, 400].map(|c| decode(4, c)), [26_000, 27_000, 28_000, 34_000]);
    assert_eq!(decode(2, 100), 22_000);
    assert_eq!(decode(3, 400), (23_000 + 2 * 34_000) / 3);
}

#[test]
fn a_mixed_iteration_takes_the_sum() {
    let work = Iteration { prefill_tokens: 200, decodes: 2, context: 200, ..Iteration::default() };
    assert_eq!(table().iteration(&work), (30_000 + 22_000) * 1_000_000);
}

#[test]
fn the_longest_context_is_that_of_every_batch() {
    let mut spec = spec(&[(1, 1)], &[(1, 100, 1), (1, 900, 2), (8, 100, 1), (8, 500, 2)]);
    assert_eq!(spec.longest_context(), Some(500));
    assert_eq!(Table::new(&spec).contexts, [100, 500]);
    spec.extrapolate = true;
    assert_eq!(spec.longest_context(), None);
    assert_eq!(Table::new(&spec).contexts, [100, 500, 900]);
}

#[test]
fn lines_of_a_guess_do_not_fall_with_the_context() {
    // The large batch was slow from the start: beyond it the lines would cross.
    let table = Table::new(&spec(&[(1, 1)], &[(1, 1, 1), (1, 99, 90), (2, 1, 80), (2, 99, 90)]));
    let ramp = table.ramp(9, 9);
    assert!(ramp.iteration(50) >= ramp.iteration(0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Runs, each as long as the table's lines allow, take what their iterations take one by one,
    /// and never get shorter.
    #[test]
    fn runs_agree_with_iterations(decodes in 1..7_u64, first in 1..700_u64, odd in 0..6_u64) {
        let table = table();
        let mut context = decodes * first + odd % decodes;
        let mut earlier = 0;
        for _ in 0..5 {
            let ramp = table.ramp(decodes, context);
            for i in 0..ramp.length().min(400) {
                let work =
                    Iteration { decodes, context: context + i * decodes, ..Iteration::default() };
                let alone = u128::from(table.iteration(&work));
                prop_assert_eq!(ramp.iteration(i), alone, "iteration {} at {}", i, context);
                prop_assert!(alone >= earlier);
                earlier = alone;
            }
            context += decodes * ramp.length().min(400);
        }
    }
}

/// Beyond the largest batch a falling line is guessed to come to nothing; a run that starts there and
/// rises must not take a picosecond more than its iterations.
#[test]
fn a_guess_of_nothing_is_a_picosecond_in_runs_and_iterations_alike() {
    let points = [(1, 100, 10), (1, 200, 10), (2, 100, 5), (2, 200, 9)];
    let guess = TableSpec { extrapolate: true, ..spec(&[(1, 1)], &points) };
    let table = Table::new(&guess);
    let ramp = table.ramp(4, 400);
    for i in 0..ramp.length().min(100) {
        let work = Iteration { decodes: 4, context: 400 + 4 * i, ..Iteration::default() };
        assert_eq!(ramp.iteration(i), u128::from(table.iteration(&work)), "iteration {i}");
    }
}
