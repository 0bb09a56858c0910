//! `coopsim schema`: what may stand in a scenario file, or in a sweep.

use super::arguments::{SchemaArguments, SchemaFormat, SchemaKind};
use super::failure::Failure;
use super::output;
use crate::scenario;

/// Prints it.
pub(super) fn schema(arguments: &SchemaArguments) -> Result<(), Failure> {
    output::print(&match arguments.format {
        SchemaFormat::Json => match arguments.of {
            SchemaKind::Scenario => scenario::json_schema(),
            SchemaKind::Sweep => scenario::sweep_schema(),
        },
        SchemaFormat::Markdown => scenario::reference(),
    })
}
