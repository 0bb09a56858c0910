//! `validate.json`: all rows, and the accuracy of each table by accelerator.

use crate::validation::{Accuracy, Validation, accuracy};
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
}

/// The rows as indented JSON, with a trailing newline.
pub(crate) fn validation_json(validation: &Validation) -> String {
    let document = Document {
        schema: SCHEMA,
        passed: validation.passed(),
        validation,
        accuracy: accuracy(&validation.published),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("plain rows");
    text.push('\n');
    text
}
