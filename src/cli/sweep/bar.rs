//! How far a sweep is: a bar where somebody watches, a line now and then elsewhere.

use crate::cli::output;
use crate::experiment::SweepProgress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How often the bar is drawn, so that its clock does not stand still.
const TICK: Duration = Duration::from_millis(500);
/// How often a line is printed where nobody sees a bar.
const LINE: Duration = Duration::from_secs(30);

pub(super) struct Bar {
    bar: ProgressBar,
    name: String,
    /// Where no bar is drawn: when it began, and when the last line was printed.
    lines: Option<Mutex<(Instant, Instant)>>,
}

impl Bar {
    pub(super) fn new(name: &str, total: u64, quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let watched = !quiet && terminal;
        let target = if watched {
            ProgressDrawTarget::stderr_with_hz(5)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target).with_message(name.to_owned());
        let style = ProgressStyle::with_template(
            "{msg} [{bar:24}] {human_pos} of {human_len} points, {per_sec}, {eta} left",
        );
        let bar = bar.with_style(style.expect("the template is well formed"));
        if watched {
            bar.enable_steady_tick(TICK);
        }
        let now = Instant::now();
        let lines = (!quiet && !terminal).then(|| Mutex::new((now, now)));
        Self { bar, name: name.to_owned(), lines }
    }

    /// Moves the bar. Called from any thread.
    pub(super) fn update(&self, progress: SweepProgress) {
        match &self.lines {
            None => self.bar.set_position(progress.done),
            // Whoever comes while another looks at the clock has nothing to add.
            Some(lines) => {
                if let Ok(mut lines) = lines.try_lock() {
                    self.line(&mut lines, progress);
                }
            }
        }
    }

    fn line(&self, (began, last): &mut (Instant, Instant), progress: SweepProgress) {
        let now = Instant::now();
        if now - *last < LINE {
            return;
        }
        *last = now;
        let SweepProgress { done, total } = progress;
        let rate = done as f64 / (now - *began).as_secs_f64();
        let left = (total - done) as f64 / rate;
        let name = &self.name;
        output::complain(&format!(
            "{name}: {done} of {total} points, {rate:.1}/s, {left:.0} s left"
        ));
    }

    /// Says something above the bar.
    pub(super) fn tell(&self, message: &str) {
        self.bar.suspend(|| output::complain(&output::legible(message)));
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
