//! Small random decisions, all from one seed.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};

/// Draws everything of one case.
pub struct Draw(ChaCha8Rng);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.random::<f64>() < probability
    }

    /// From `low` to `high`, both included.
    pub fn whole(&mut self, low: u64, high: u64) -> u64 {
        self.0.random_range(low..=high)
    }

    /// From `low` to `high`, as often in each power of ten.
    pub fn scaled(&mut self, low: f64, high: f64) -> f64 {
        let drawn = low * (high / low).powf(self.0.random::<f64>());
        // Few digits: easier to read where a case fails.
        let unit = 10_f64.powf(drawn.log10().floor() - 2.0);
        ((drawn / unit).round() * unit).clamp(low, high)
    }

    /// The same in whole numbers.
    pub fn scaled_whole(&mut self, low: f64, high: f64) -> u64 {
        self.scaled(low, high).round() as u64
    }

    /// One of these.
    pub fn one<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.whole(0, from.len() as u64 - 1) as usize].clone()
    }

    /// A value with a unit.
    pub fn with_unit(&mut self, low: f64, high: f64, unit: &str) -> Value {
        format!("{}{unit}", self.scaled(low, high)).into()
    }

    /// Adds `value` to `map` with this probability.
    pub fn maybe(
        &mut self,
        probability: f64,
        map: &mut Map<String, Value>,
        key: &str,
        value: impl FnOnce(&mut Self) -> Value,
    ) {
        if self.chance(probability) {
            let value = value(self);
            map.insert(key.to_owned(), value);
        }
    }
}

/// A map with one entry: how a choice with a value is written.
pub fn tagged(key: &str, value: impl Into<Value>) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value.into())]))
}

/// The entries of what `json!` made.
pub fn entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no map"),
    }
}
