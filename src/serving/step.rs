//! A step of sequences that only decode.

use super::picos::{real, to_picos};
use super::ramp::Ramp;

/// What a step that only decodes takes: in picoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    /// Lines in the context, by the first context that each holds for.
    pub lines: [StepLine; 4],
    /// All but attention, the host's time included unless it works at the same time.
    pub but_attention: f64,
    /// By how much each step is longer than the one before it, on each line.
    pub decodes: u64,
    /// Share of the experts that its tokens pass through, in units of 1 / `WHOLE`.
    pub touched: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct StepLine {
    pub from: u64,
    /// Where it would begin, of all but attention too.
    pub fixed: f64,
    /// Attention to a token of context.
    pub token: f64,
    pub slope: u64,
}

impl Step {
    pub(super) fn line(&self, context: u64) -> (&StepLine, u64) {
        let [first, second, third, fourth] = &self.lines;
        if context < second.from {
            (first, second.from)
        } else if context < third.from {
            (second, third.from)
        } else if context < fourth.from {
            (third, fourth.from)
        } else {
            (fourth, u64::MAX)
        }
    }

    /// Picoseconds of attention alone.
    pub(super) fn attention(&self, context: u64) -> f64 {
        let (line, _) = self.line(context);
        line.fixed - self.but_attention + real(context) * line.token
    }

    pub(super) fn picos(&self, context: u64) -> u64 {
        let (line, _) = self.line(context);
        to_picos(line.fixed + real(context) * line.token)
    }

    pub(super) fn ramp(&self, context: u64) -> Ramp {
        let (line, until) = self.line(context);
        let ramp = Ramp::new(to_picos(line.fixed + real(context) * line.token), line.slope);
        if until == u64::MAX {
            ramp
        } else {
            ramp.limited((until - context).div_ceil(self.decodes))
        }
    }
}
