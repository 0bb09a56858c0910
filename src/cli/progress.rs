//! A progress bar, where somebody watches.

use crate::experiment::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::Duration;

/// How often the bar is drawn between two replications, so that its clock does not stand still.
const TICK: Duration = Duration::from_millis(500);

/// A bar on standard error if that is a terminal and the user wants one; else nothing.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar for the scenario `name`, not drawn if `quiet`.
    pub(super) fn new(name: &str, quiet: bool) -> Self {
        let watched = !quiet && std::io::stderr().is_terminal();
        let target =
            if watched { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target).with_message(name.to_owned());
        let style = ProgressStyle::with_template(
            "{msg} [{bar:30}] {percent:>3} % in {elapsed}, {eta} left",
        );
        let bar = bar.with_style(style.expect("the template is well formed"));
        if watched {
            bar.enable_steady_tick(TICK);
        }
        Self(bar)
    }

    /// Moves the bar. Called from any thread.
    pub(super) fn update(&self, progress: Progress) {
        self.0.set_length(progress.total);
        self.0.set_position(progress.done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_nobody_watches_is_not_drawn() {
        let bar = Bar::new("scenario", true);
        bar.update(Progress { done: 3, total: 7 });
        assert!(bar.0.is_hidden());
        assert_eq!((bar.0.position(), bar.0.length()), (3, Some(7)));
    }
}
