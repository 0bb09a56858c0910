//! What a sweep found: tables with a row for each number, charts by the shape of the sweep, a page.

mod findings;
mod folder;
mod found;
mod heat;
mod page;
mod panels;
mod pictures;
mod rows;

pub(crate) use folder::{
    SweepFolder, SweepWritten, held_sweep, is_sweep_folder, prepare_sweep_target, redraw_sweep,
    write_sweep,
};
pub(crate) use rows::PointText;
