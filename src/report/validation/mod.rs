//! What a validation found, for a terminal, a spreadsheet, a program, and as pictures.

mod csv;
mod folder;
mod json;
mod table;

pub use csv::validation_csv;
pub use folder::{prepare_validation_target, write_validation};
pub use json::validation_json;
pub use table::validation_table;
