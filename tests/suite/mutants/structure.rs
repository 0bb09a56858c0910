//! Damage to what a file means: keys and values in wrong places and of wrong kinds.

use super::text::ABSURD;
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value, json};

/// Steps from the root: keys and indices, as JSON pointers have them.
type Pointer = String;

/// Damages a tree in one way.
pub fn damage(tree: &mut Value, random: &mut ChaCha8Rng) {
    let places = pointers(tree);
    let Some(at) = places.choose(random) else { return };
    let elsewhere = places.choose(random).expect("there are some");
    match random.random_range(0..8) {
        0 => drop(take(tree, at)),
        1 => rename(tree, at, random),
        2 => {
            if let Some(value) = take(tree, at) {
                put(tree, elsewhere, value);
            }
        }
        3 => {
            let copy = tree.pointer(at).cloned().expect("it is there");
            put(tree, elsewhere, copy);
        }
        4 => swap(tree, at, elsewhere),
        5 => set(tree, at, |_| of_another_kind(random)),
        6 => set(tree, at, |value| wrapped(value, random)),
        _ => set(tree, at, |_| absurd(random)),
    }
}

/// Every place but the root.
fn pointers(tree: &Value) -> Vec<Pointer> {
    let mut found = Vec::new();
    collect(tree, "", &mut found);
    found
}

fn collect(node: &Value, at: &str, found: &mut Vec<Pointer>) {
    let children: Vec<(String, &Value)> = match node {
        Value::Object(map) => map.iter().map(|(key, value)| (escaped(key), value)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    for (step, child) in children {
        let pointer = format!("{at}/{step}");
        collect(child, &pointer, found);
        found.push(pointer);
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

/// The place above, and the last step.
fn above(at: &str) -> (&str, &str) {
    at.rsplit_once('/').expect("pointers have a step")
}

fn set(tree: &mut Value, at: &str, change: impl FnOnce(Value) -> Value) {
    if let Some(value) = tree.pointer_mut(at) {
        *value = change(value.take());
    }
}

fn take(tree: &mut Value, at: &str) -> Option<Value> {
    let (parent, step) = above(at);
    match tree.pointer_mut(parent)? {
        Value::Object(map) => map.shift_remove(&unescaped(step)),
        Value::Array(list) => {
            let index = step.parse().ok()?;
            (index < list.len()).then(|| list.remove(index))
        }
        _ => None,
    }
}

/// Puts a value into a map as its `name`, at the end of a list, or in the place of a scalar.
fn put(tree: &mut Value, at: &str, value: Value) {
    match tree.pointer_mut(at) {
        Some(Value::Object(map)) => drop(map.insert("name".to_owned(), value)),
        Some(Value::Array(list)) => list.push(value),
        Some(scalar) => *scalar = value,
        None => {}
    }
}

fn rename(tree: &mut Value, at: &str, random: &mut ChaCha8Rng) {
    let (parent, step) = above(at);
    let names =
        ["", "nmae", "name", "base", "<<", "\u{202e}", "0", "null", "rate", "poisson", "set"];
    let name = match random.random_range(0..3) {
        0 => unescaped(step) + "s",
        1 => unescaped(step).to_uppercase(),
        _ => (*names.choose(random).expect("there are some")).to_owned(),
    };
    if let (Some(value), Some(Value::Object(map))) = (take(tree, at), tree.pointer_mut(parent)) {
        map.insert(name, value);
    }
}

fn swap(tree: &mut Value, one: &str, other: &str) {
    let below = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    // A part cannot change places with its whole.
    if below(one, other) || below(other, one) {
        return;
    }
    let first = tree.pointer(one).cloned().expect("it is there");
    let second = tree.pointer(other).cloned().expect("it is there");
    set(tree, one, |_| second);
    set(tree, other, |_| first);
}

fn of_another_kind(random: &mut ChaCha8Rng) -> Value {
    let values = [
        Value::Null,
        json!(true),
        json!(false),
        json!([]),
        json!({}),
        json!(""),
        json!("x"),
        json!(7),
        json!([1, 2, 3]),
        json!({"poisson": {"rate": "1/s"}}),
        json!({"": null}),
        json!([[[]]]),
    ];
    values.choose(random).expect("there are some").clone()
}

/// A list of one, a map of one, twice the same, the elements of a map as a list.
fn wrapped(value: Value, random: &mut ChaCha8Rng) -> Value {
    match random.random_range(0..4) {
        0 => json!([value]),
        1 => Value::Object(Map::from_iter([("constant".to_owned(), value)])),
        2 => json!([value.clone(), value]),
        _ => match value {
            Value::Object(map) => map.into_iter().map(|(_, value)| value).collect(),
            Value::Array(list) => {
                let named = |(index, value): (usize, Value)| (index.to_string(), value);
                Value::Object(list.into_iter().enumerate().map(named).collect())
            }
            scalar => json!(scalar.to_string()),
        },
    }
}

/// A number or a text that says an absurd one, with the unit of something.
fn absurd(random: &mut ChaCha8Rng) -> Value {
    let number = *ABSURD.choose(random).expect("there are some");
    let units = ["", "s", "/s", "GB", "USD/h", "USD/Mtok", "W", "TFLOP/s"];
    let unit = units.choose(random).expect("there are some");
    match number.parse::<f64>() {
        Ok(number) if unit.is_empty() && number.is_finite() => json!(number),
        _ => json!(format!("{number}{unit}")),
    }
}
