//! What a sweep found: tables with a row for each number, charts by the shape of the sweep, a page.

mod folder;
mod rows;

pub(crate) use folder::{SweepFolder, prepare_sweep_target, write_sweep};
pub(crate) use rows::PointText;
