//! Ctrl-C and requests to terminate.
//!
//! Before anything is written the program ends on the spot. Once it works on a folder, the first time whoever works
//! finds out and stops in good order; the second time the program ends at once.

use super::failure::{Failure, INTERRUPTED};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a request to stop meets.
#[derive(Default)]
struct State {
    /// Whether somebody asked to stop.
    asked: AtomicBool,
    /// Whether something is under way that should stop in good order.
    patient: AtomicBool,
}

/// Whether somebody asked to stop.
pub(super) struct Interrupt(Arc<State>);

impl Interrupt {
    /// From here on, a request to stop ends the program with a word and the status that says so, instead of by the
    /// signal.
    pub(super) fn at_once() -> Result<Self, Failure> {
        let state = Arc::new(State::default());
        let handler = Arc::clone(&state);
        let stop = move || {
            let again = handler.asked.swap(true, Ordering::SeqCst);
            if again {
                std::process::exit(i32::from(INTERRUPTED));
            }
            if !handler.patient.load(Ordering::SeqCst) {
                Failure::Interrupted.report();
                std::process::exit(i32::from(INTERRUPTED));
            }
        };
        ctrlc::set_handler(stop).map_err(|error| {
            Failure::running(format_args!("cannot watch for interruptions: {error}"))
        })?;
        Ok(Self(state))
    }

    /// From here on, the first request to stop sets a flag, for whoever works to find.
    pub(super) fn in_good_order(&self) {
        self.0.patient.store(true, Ordering::SeqCst);
    }

    /// The flag, for whoever works for long.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.0.asked
    }

    /// Fails if somebody asked to stop.
    pub(super) fn check(&self) -> Result<(), Failure> {
        if self.0.asked.load(Ordering::SeqCst) { Err(Failure::Interrupted) } else { Ok(()) }
    }
}
