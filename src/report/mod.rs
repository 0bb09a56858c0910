//! Charts, tables, HTML, CSV and JSON from results, and from what a validation found. Never touches
//! a simulation.
//!
//! [`table`] is for a terminal; [`write_folder`] writes everything else, whole or not at all;
//! [`redraw`] draws a folder's charts and page again from its numbers. Equal results give equal
//! bytes: nothing here reads a clock, a locale or a font of the machine.

mod attributed;
mod cell;
mod chart;
mod csv;
mod curve;
mod exhibit;
mod findings;
mod folder;
mod html;
mod json;
mod layout;
mod numbers;
mod payoff;
pub mod sample;
mod slug;
mod sound;
mod sweep;
mod table;
mod text;
mod validation;
mod warnings;
mod why;

pub use csv::{summary_csv, timeseries_csv};
pub use folder::{FolderError, check_target, redraw, write_folder};
pub use json::summary_json;
pub use slug::slug;
pub use table::table;
pub use validation::write_validation;
pub use warnings::alarm;

pub(crate) use cell::cell;
pub(crate) use folder::{Extent, held, prepare_target, recover};
pub(crate) use sweep::{
    PointText, SweepFolder, SweepWritten, held_sweep, is_sweep_folder, prepare_sweep_target,
    redraw_sweep, write_sweep,
};
pub(crate) use validation::{
    prepare_validation_target, validation_csv, validation_json, validation_table,
};
