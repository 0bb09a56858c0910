//! What a validation found, for a terminal, a spreadsheet, a program, and as pictures.

mod csv;
mod folder;
mod json;
mod latency;
mod page;
mod parity;
mod plots;
mod table;

pub(crate) use csv::validation_csv;
pub(crate) use folder::prepare_validation_target;
pub use folder::write_validation;
pub(crate) use json::validation_json;
pub(crate) use table::validation_table;
