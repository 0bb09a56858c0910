//! `coopsim report`: draws an output folder's charts and HTML again.

use super::arguments::ReportArguments;
use super::failure::Failure;
use super::interrupt::Interrupt;
use crate::report;

/// Redraws the folder.
pub(super) fn redraw(arguments: &ReportArguments) -> Result<(), Failure> {
    let folder = &arguments.folder;
    let interrupt = Interrupt::at_once()?;
    interrupt.in_good_order();
    // It may be absent only because a run was killed.
    report::recover(folder);
    if !folder.is_dir() {
        return Err(Failure::usage(format_args!("{} is not a folder", folder.display())));
    }
    report::redraw(folder).map_err(|error| Failure::folder(&error))?;
    interrupt.check()
}
