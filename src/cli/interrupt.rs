//! Ctrl-C and requests to terminate: the first time, whoever works finds out and stops in good order; the second
//! time the program ends at once.

use super::failure::{Failure, INTERRUPTED};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody asked to stop.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From here on, a request to stop sets a flag instead of ending the program on the spot, unless it is the
    /// second.
    pub fn watch() -> Result<Self, Failure> {
        let flag = Arc::new(AtomicBool::new(false));
        let handler = Arc::clone(&flag);
        let stop = move || {
            if handler.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(INTERRUPTED));
            }
        };
        ctrlc::set_handler(stop).map_err(|error| {
            Failure::running(format_args!("cannot watch for interruptions: {error}"))
        })?;
        Ok(Self(flag))
    }

    /// The flag, for whoever works for long.
    pub fn flag(&self) -> &AtomicBool {
        &self.0
    }

    /// Fails if somebody asked to stop.
    pub fn check(&self) -> Result<(), Failure> {
        if self.0.load(Ordering::Relaxed) { Err(Failure::Interrupted) } else { Ok(()) }
    }
}
