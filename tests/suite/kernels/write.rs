//! `kernels.yaml` as a text that people read: a line for each law, four digits.

use coopsim::catalog::KernelTables;
use serde_json::{Map, Value};

const HEADER: &str = "\
# Constants of the laws of kernel times, fitted to measured kernels. Times are in microseconds, sizes in megabytes (10^6 bytes).
# src/catalog/kernels/laws.rs says what each constant means; with b sequences, K tokens of context, S bytes, B a bandwidth, F a peak:
#   products        floor + (memory^3 + chain^3 + flops^3)^(1/3) + rows * m/1024 + quantise           serving/kernels/product.rs
#   decode          max(floor + task * b * heads, scan + parts * min(1, S/L2) + max(chain * K/b/1024, S/(B * memory)))  attention.rs
#   prefill         floor + ((chain * length/1024)^3 + (flops/(F * peak) + traffic + tile * tiles)^3)^(1/3)             attention.rs
#   collectives     floor + rank * (ranks - 2) + staging * S/(S + half) + sent/(N * links)                              collective.rs
#   experts         floor + weights of touched experts/(B * memory) + flops/(F * peak) + activations/(B * rows) + ...      experts.rs
#   latent-decode   floor + sequence * b + start + K * (chain^c + flops^c + read^c)^(1/c)                                   latent.rs
#   latent-prefill  floor + head * prompts * heads + token * tokens + traffic + ((chain * length)^c + flops^c)^(1/c)     attention.rs
# Errors are percent of measured times above 5 us, of the shapes fitted and of the third held out.
# Written by `COOPSIM_WRITE_KERNELS=1 cargo test --test suite kernels::`; tests/suite/kernels has the search and says
# which rows it leaves out and why. Do not edit: a test fits again and compares.
";

/// The file.
pub fn text(tables: &KernelTables) -> String {
    let Value::Object(sections) = serde_json::to_value(tables).expect("it is plain data") else {
        unreachable!("a struct is a map")
    };
    let mut text = String::from(HEADER);
    for (name, section) in sections {
        text += &format!("{name}:\n");
        for entry in section.as_array().expect("each section is a list") {
            text += &format!("  - {}\n", flow(entry));
        }
    }
    text
}

/// A value on one line.
fn flow(value: &Value) -> String {
    match value {
        Value::Object(map) => format!("{{{}}}", pairs(map)),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", "))
        }
        Value::Number(number) if number.is_f64() => {
            digits(number.as_f64().expect("it is one")).to_string()
        }
        Value::String(text) if plain(text) => text.clone(),
        other => other.to_string(),
    }
}

fn pairs(map: &Map<String, Value>) -> String {
    map.iter().map(|(key, value)| format!("{key}: {}", flow(value))).collect::<Vec<_>>().join(", ")
}

/// Four significant digits.
fn digits(number: f64) -> f64 {
    format!("{number:.3e}").parse().expect("a number as it was written")
}

/// Whether YAML takes a text for what it is without quotes.
fn plain(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter))
}
