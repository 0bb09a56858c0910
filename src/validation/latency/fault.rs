//! Which measured rows make no sense, so that nothing is compared with them.

use super::LatencyRow;

/// Most users of a row: a measurement has some ten thousand.
const MOST_USERS: f64 = 100_000.0;
/// Most tokens of a prompt, or of an output.
const MOST_TOKENS: u32 = 10_000_000;
/// Most accelerators of a replica.
const MOST_ACCELERATORS: f64 = 1024.0;
/// What the engines of the table are called, without what stands in brackets behind it.
const ENGINES: [&str; 4] = ["tensorrt-llm", "vllm", "sglang", "atom"];

/// What is wrong with a row, if anything is.
pub(super) fn fault(row: &LatencyRow) -> Option<String> {
    let counts = [
        ("input_tokens", f64::from(row.input_tokens), f64::from(MOST_TOKENS)),
        ("output_tokens", f64::from(row.output_tokens), f64::from(MOST_TOKENS)),
        ("tensor", f64::from(row.tensor), MOST_ACCELERATORS),
        ("concurrency", row.concurrency.unwrap_or(1.0), MOST_USERS),
        ("accelerators", row.accelerators.unwrap_or(1.0), MOST_ACCELERATORS),
    ];
    let times =
        [("ttft_ms", row.ttft_ms), ("tpot_ms", row.tpot_ms), ("tokens_per_s", row.tokens_per_s)];
    let engine = row.engine.split_whitespace().next().unwrap_or_default();
    let count = counts
        .into_iter()
        .find(|&(_, found, most)| !(1.0..=most).contains(&found) || found.fract() != 0.0);
    let time = times.into_iter().find_map(|(name, time)| {
        let found = time.filter(|&found| !(found > 0.0 && found.is_finite()))?;
        Some((name, found))
    });
    match (count, time) {
        (Some((name, found, most)), _) => {
            Some(format!("`{name}` is {found}: expected a whole number from 1 to {most}"))
        }
        (None, Some((name, found))) => Some(format!("`{name}` is {found}: expected more than 0")),
        _ if !ENGINES.contains(&engine) => {
            Some(format!("unknown engine `{engine}`: expected one of {}", ENGINES.join(", ")))
        }
        _ => None,
    }
}
