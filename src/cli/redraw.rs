//! `coopsim report`: draws an output folder's charts and HTML again.

use super::arguments::ReportArguments;
use super::failure::Failure;
use super::interrupt::Interrupt;
use super::sweep;
use crate::report;
use crate::scenario::SweepOverrides;

/// Redraws the folder.
pub(super) fn redraw(arguments: &ReportArguments) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let interrupt = Interrupt::at_once()?;
    interrupt.in_good_order();
    // It may be absent only because a run was killed.
    report::recover(folder);
    if !folder.is_dir() {
        let folder = folder.display();
        return Err(match arguments.folder.exists() {
            true => Failure::usage(format_args!("{folder} is not a folder")),
            false => Failure::usage(format_args!("there is no folder {folder}")),
        });
    }
    let drawn = match report::is_sweep_folder(folder) {
        true => {
            let sweep = sweep::load(&folder.join("sweep.yaml"), &SweepOverrides::default())?;
            report::redraw_sweep(&sweep, folder)
        }
        false => report::redraw(folder),
    };
    drawn.map_err(|error| Failure::folder(&error))?;
    interrupt.check()
}
