//! `coopsim schema`: what may stand in a scenario file.

use super::arguments::{SchemaArguments, SchemaFormat};
use super::failure::Failure;
use super::output;
use crate::scenario;

/// Prints it.
pub(super) fn schema(arguments: &SchemaArguments) -> Result<(), Failure> {
    output::print(&match arguments.format {
        SchemaFormat::Json => scenario::json_schema(),
        SchemaFormat::Markdown => scenario::reference(),
    })
}
