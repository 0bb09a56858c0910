//! Ctrl-C and requests to terminate: finish the file in hand, then stop.

use super::failure::Failure;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether somebody asked to stop.
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// From here on, a request to stop sets a flag instead of ending the program on the spot.
    pub fn watch() -> Result<Self, Failure> {
        let flag = Arc::new(AtomicBool::new(false));
        let handler = Arc::clone(&flag);
        ctrlc::set_handler(move || handler.store(true, Ordering::Relaxed)).map_err(|error| {
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
