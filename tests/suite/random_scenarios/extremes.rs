//! Valid scenarios with numbers that no cloud has: refused with a message, or run to their end, but never a
//! panic and never numbers out of range.

use super::draw::Draw;
use super::{checks, compose};
use coopsim::experiment::{self, ExperimentError, Options};
use coopsim::scenario::{self, Overrides, Scenario};
use serde_json::Value;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// What takes longer is long, not wrong: it is interrupted.
const ENOUGH: Duration = Duration::from_secs(5);
/// Tokens of all calls, at most: what is more is not run.
const TOKENS: f64 = 3e7;
const NUMBERS: [&str; 14] = [
    "0",
    "1",
    "-1",
    "0.5",
    "1e-300",
    "5e-324",
    "1e300",
    "1e-9",
    "1e7",
    "1e9",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
];

/// A case of the random scenarios with one to three of its numbers changed; what went wrong, if anything did.
pub fn case(seed: u64) -> Result<(), String> {
    let folder = tempfile::TempDir::new().map_err(|error| error.to_string())?;
    let mut scenario = compose::scenario(seed, folder.path());
    let mut numbers = Vec::new();
    pointers(&scenario, String::new(), &mut numbers);
    let draw = &mut Draw::new(!seed);
    for _ in 0..draw.whole(1, 3) {
        let pointer = draw.one(&numbers);
        let place = scenario.pointer_mut(&pointer).expect("it was found there");
        *place = extreme(draw, place);
    }
    let file = folder.path().join("x.yaml");
    let text = serde_json::to_string_pretty(&scenario).expect("it is JSON");
    fs::write(&file, text).map_err(|error| error.to_string())?;
    match scenario::load(&file, &Overrides::default()) {
        Ok(scenario) => run(&scenario),
        Err(refused) => {
            let message = refused.to_string();
            let located = message.contains("-->") || message.contains(".csv");
            if located { Ok(()) } else { Err(format!("refused without a place: {message}")) }
        }
    }
}

fn run(scenario: &Scenario) -> Result<(), String> {
    let estimate = coopsim::estimate::estimate(scenario);
    let tokens = estimate.variants.iter().map(|variant| {
        let of_one = variant.applications.iter().map(|one| one.mean_input + one.mean_output);
        variant.requests * of_one.fold(1.0, f64::max)
    });
    if tokens.sum::<f64>() > TOKENS {
        return Ok(());
    }
    let stop = AtomicBool::new(false);
    let done = AtomicBool::new(false);
    let outcome = thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..ENOUGH.as_millis() / 20 {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                thread::sleep(Duration::from_millis(20));
            }
            stop.store(true, Ordering::Relaxed);
        });
        let options = Options {
            threads: Some(1),
            differences: scenario.variants.len() > 1,
            memory: Some(1 << 30),
        };
        let outcome = experiment::run(scenario, &options, &|_| (), &stop);
        done.store(true, Ordering::Relaxed);
        outcome
    });
    match outcome {
        Ok(results) => checks::check(&results),
        Err(ExperimentError::Cancelled | ExperimentError::Memory { .. }) => Ok(()),
        // Whether an objective can be met is known once it was tried.
        Err(error) if error.to_string().contains("cannot meet") => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Where numbers are, plain or with a unit.
fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(value, format!("{at}/{key}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, format!("{at}/{index}"), found);
            }
        }
        Value::Number(_) => found.push(at),
        Value::String(text) if unit(text).is_some() => found.push(at),
        Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// The unit of a quantity.
fn unit(text: &str) -> Option<&str> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    (end > 0).then(|| &text[end..])
}

/// Another number with the same unit.
fn extreme(draw: &mut Draw, value: &Value) -> Value {
    let number = draw.one(&NUMBERS);
    match value.as_str().and_then(unit) {
        Some(unit) => format!("{number}{unit}").into(),
        None => serde_json::from_str(number).expect("it is a number"),
    }
}
