//! `validate.json`: all rows, the accuracy of each table by accelerator, and that of latencies by group.

use crate::validation::{Accuracy, LatencyAccuracy, Validation, accuracy, latency_accuracy};
use serde::Serialize;

/// The format that this program writes.
const SCHEMA: &str = "coopsim-validate-1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    passed: bool,
    #[serde(flatten)]
    validation: &'a Validation,
    accuracy: Vec<Accuracy>,
    latency_accuracy: Vec<LatencyAccuracy>,
}

/// The rows as indented JSON, with a trailing newline.
pub(crate) fn validation_json(validation: &Validation) -> String {
    let document = Document {
        schema: SCHEMA,
        passed: validation.passed(),
        validation,
        accuracy: accuracy(&validation.published),
        latency_accuracy: latency_accuracy(&validation.latency.rows),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("plain rows");
    text.push('\n');
    text
}
