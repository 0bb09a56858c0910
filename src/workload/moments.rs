//! Second moments of calls' lengths: who stays longest is met most often.

use super::Lengths;

/// Means of products of two lengths, in tokens squared.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SecondMoments {
    /// Of the prompt with itself.
    pub input: f64,
    /// Of the prompt with the output.
    pub product: f64,
    /// Of the output with itself.
    pub output: f64,
}

impl SecondMoments {
    /// Of lengths that are always these.
    pub fn constant(input: f64, output: f64) -> Self {
        Self { input: input * input, product: input * output, output: output * output }
    }

    /// Of lengths that are drawn independently of one another: that they are rounded to whole tokens is left out.
    pub(super) fn of(lengths: &Lengths) -> Self {
        let [input, output] = [&lengths.input, &lengths.output].map(|law| law.mean_tokens());
        let mut moments = Self::constant(input, output);
        moments.input += lengths.input.variance();
        moments.output += lengths.output.variance();
        moments
    }

    /// Adds a call.
    pub(super) fn add(&mut self, input: u32, output: u32) {
        let call = Self::constant(f64::from(input), f64::from(output));
        *self = self.with(1.0, &call);
    }

    /// These and a part of others.
    pub fn with(&self, part: f64, other: &Self) -> Self {
        Self {
            input: self.input + part * other.input,
            product: self.product + part * other.product,
            output: self.output + part * other.output,
        }
    }

    /// The same laws, with prompts and outputs so many times as long.
    pub fn scaled(&self, input: f64, output: f64) -> Self {
        let by = Self::constant(input, output);
        Self {
            input: self.input * by.input,
            product: self.product * by.product,
            output: self.output * by.output,
        }
    }

    /// Of sums over so many calls, their means.
    pub(super) fn over(&self, calls: f64) -> Self {
        Self {
            input: self.input / calls,
            product: self.product / calls,
            output: self.output / calls,
        }
    }
}
