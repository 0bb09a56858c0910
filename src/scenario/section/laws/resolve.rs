//! Laws of lengths and service times.

use crate::engine::SimDuration;
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Component, Law, ServeGenLengths};
use crate::scenario::section::applications::sources;
use crate::scenario::section::{Checker, servegen};
use crate::units::Fraction;
use crate::workload::{Distribution, Lengths};

/// Longer prompts and outputs than any model takes.
const MAX_TOKENS: f64 = 1e7;
/// Points of a quantile table.
const MAX_POINTS: usize = 1_000;
/// Laws of a mixture.
const MAX_COMPONENTS: usize = 100;

/// Laws of input and output lengths.
pub(in crate::scenario) fn lengths(
    path: &Path,
    given: &schema::Lengths,
    check: &mut Checker,
) -> Lengths {
    let input = tokens(&path.key("input"), &given.input, check);
    let output = tokens(&path.key("output"), &given.output, check);
    let cached = given.cached.as_ref();
    let cached = cached.map(|given| sources::cached(&path.key("cached"), given, check));
    Lengths { input, output, cached }
}

/// A law of tokens.
pub(in crate::scenario) fn tokens(
    path: &Path,
    law: &Law<f64>,
    check: &mut Checker,
) -> Distribution {
    Reader { number: |&tokens: &f64| tokens, max: MAX_TOKENS, whole: true }.law(path, law, check)
}

/// A law of durations, in seconds.
pub(in crate::scenario) fn seconds(
    path: &Path,
    law: &Law<SimDuration>,
    check: &mut Checker,
) -> Distribution {
    // Durations are limited where they are read.
    let number = |duration: &SimDuration| duration.as_secs_f64();
    Reader { number, max: f64::MAX, whole: false }.law(path, law, check)
}

/// A law of plain numbers up to `max`; `None` if something is wrong with it.
pub(in crate::scenario) fn numbers(
    path: &Path,
    law: &Law<f64>,
    max: f64,
    check: &mut Checker,
) -> Option<Distribution> {
    let law = Reader { number: |&number: &f64| number, max, whole: false }.law(path, law, check);
    law.validate().is_ok().then_some(law)
}

/// A law of parts of a whole; `None` if something is wrong with it.
pub(in crate::scenario) fn fractions(
    path: &Path,
    law: &Law<Fraction>,
    check: &mut Checker,
) -> Option<Distribution> {
    let number = |fraction: &Fraction| fraction.0;
    let law = Reader { number, max: 1.0, whole: false }.law(path, law, check);
    law.validate().is_ok().then_some(law)
}

/// Reads laws of values of one kind.
struct Reader<F> {
    /// The value as a number.
    number: F,
    /// The largest value, for means and limits.
    max: f64,
    /// Whether laws of whole numbers make sense.
    whole: bool,
}

impl<F> Reader<F> {
    fn law<T>(&self, path: &Path, law: &Law<T>, check: &mut Checker) -> Distribution
    where
        F: Fn(&T) -> f64,
    {
        match law {
            Law::Constant(value) => {
                Distribution::Constant(self.positive(&path.key("constant"), value, check))
            }
            Law::Uniform { min, max } => self.uniform(&path.key("uniform"), min, max, check),
            Law::Exponential { mean, min, max } => {
                let at = path.key("exponential");
                let mean = self.positive(&at.key("mean"), mean, check);
                self.limited(&at, Distribution::Exponential { mean }, min, max, check)
            }
            Law::Gamma { mean, cv, min, max } => {
                let (at, cv) = (path.key("gamma"), *cv);
                let mean = self.positive(&at.key("mean"), mean, check);
                variation(&at, cv, check);
                self.limited(&at, Distribution::Gamma { mean, cv }, min, max, check)
            }
            Law::Lognormal { mean, cv, min, max } => {
                let (at, cv) = (path.key("lognormal"), *cv);
                let mean = self.positive(&at.key("mean"), mean, check);
                variation(&at, cv, check);
                self.limited(&at, Distribution::Lognormal { mean, cv }, min, max, check)
            }
            Law::Weibull { mean, cv, min, max } => {
                let (at, cv) = (path.key("weibull"), *cv);
                let mean = self.positive(&at.key("mean"), mean, check);
                variation(&at, cv, check);
                self.limited(&at, Distribution::Weibull { mean, cv }, min, max, check)
            }
            Law::Pareto { mean, cv, min, max } => {
                let (at, cv) = (path.key("pareto"), *cv);
                let mean = self.positive(&at.key("mean"), mean, check);
                check.range(&at.key("cv"), cv, 1.01..=100.0, "");
                self.limited(&at, Distribution::Pareto { mean, cv }, min, max, check)
            }
            Law::Zipf { exponent, max } => self.zipf(path, *exponent, *max, check),
            Law::Quantiles(points) => {
                let number = |(p, value): &(Fraction, T)| (p.0, (self.number)(value));
                let points = points.iter().map(number).collect::<Vec<_>>();
                quantiles(&path.key("quantiles"), &points, self.max, check);
                Distribution::Quantiles(points)
            }
            Law::Servegen(given) => self.servegen(&path.key("servegen"), given, check),
            Law::Mixture(components) => self.mixture(&path.key("mixture"), components, check),
        }
    }

    fn positive<T>(&self, path: &Path, value: &T, check: &mut Checker) -> f64
    where
        F: Fn(&T) -> f64,
    {
        let value = (self.number)(value);
        check.positive(path, value, self.max);
        value
    }

    fn uniform<T>(&self, at: &Path, min: &T, max: &T, check: &mut Checker) -> Distribution
    where
        F: Fn(&T) -> f64,
    {
        let (min, max) = ((self.number)(min), self.positive(&at.key("max"), max, check));
        if min > max {
            let message = format!("the smallest value, {min}, is above the largest, {max}");
            check.refuse(&at.key("min"), message);
        } else if min < 0.0 {
            check.refuse(&at.key("min"), format!("found {min}, expected 0 or more"));
        } else {
            self.some_whole(at, Some(min), Some(max), check);
        }
        Distribution::Uniform { min, max }
    }

    /// A law with a tail, cut off where the file says.
    fn limited<T>(
        &self,
        at: &Path,
        law: Distribution,
        min: &Option<T>,
        max: &Option<T>,
        check: &mut Checker,
    ) -> Distribution
    where
        F: Fn(&T) -> f64,
    {
        if min.is_none() && max.is_none() {
            return law;
        }
        let limit = |value: &Option<T>| value.as_ref().map(|value| (self.number)(value));
        let (min, max) = (limit(min), limit(max));
        let (low, high) = (min.unwrap_or(0.0), max.unwrap_or(f64::INFINITY));
        // What is wrong with the law itself is known by now.
        let sound = law.validate().is_ok();
        let mean = law.mean();
        let law = Distribution::Truncated { law: Box::new(law), min: low, max: high };
        if low < 0.0 {
            check.refuse(&at.key("min"), format!("found {low}, expected 0 or more"));
        } else if low >= high {
            let message = format!("the smallest value, {low}, is not below the largest, {high}");
            check.refuse(&at.key("min"), message);
        } else if sound && law.validate().is_err() {
            let (key, limits) = match (min, max) {
                (Some(min), Some(max)) => ("min", format!("limits {min} and {max} cut")),
                (Some(min), None) => ("min", format!("limit {min} cuts")),
                (None, _) => ("max", format!("limit {high} cuts")),
            };
            let message = format!("the {limits} off more than 99 % of the law with mean {mean}");
            check.refuse(&at.key(key), message);
        } else {
            self.some_whole(at, min, max, check);
        }
        law
    }

    /// Requires a law of whole numbers to have one within its limits: what is drawn is rounded, and would be beyond
    /// them.
    fn some_whole(&self, at: &Path, min: Option<f64>, max: Option<f64>, check: &mut Checker) {
        let (least, most) = (min.unwrap_or(0.0).ceil().max(1.0), max.unwrap_or(f64::INFINITY));
        if self.whole && least > most.floor() {
            let (key, message) = match min {
                Some(min) if most >= 1.0 => {
                    ("min", format!("no whole number of tokens lies between {min} and {most}"))
                }
                _ => ("max", format!("found {most}, and a call has 1 token or more")),
            };
            check.refuse(&at.key(key), message);
        }
    }

    fn zipf(&self, path: &Path, exponent: f64, max: u32, check: &mut Checker) -> Distribution {
        let at = path.key("zipf");
        if !self.whole {
            check.refuse_key(&at, "`zipf` is a law of tokens: its values are whole numbers");
        }
        check.range(&at.key("exponent"), exponent, 0.0..=10.0, "");
        check.range(&at.key("max"), max, 1..=MAX_TOKENS as u32, "");
        Distribution::Zipf { exponent, max }
    }

    fn servegen(&self, at: &Path, given: &ServeGenLengths, check: &mut Checker) -> Distribution {
        if !self.whole {
            check.refuse_key(at, "`servegen` is a law of tokens: its values are whole numbers");
        }
        // What is put in its place is never drawn from.
        servegen::lengths(at, given, check).unwrap_or(Distribution::Constant(1.0))
    }

    fn mixture<T>(&self, at: &Path, given: &[Component<T>], check: &mut Checker) -> Distribution
    where
        F: Fn(&T) -> f64,
    {
        if !(1..=MAX_COMPONENTS).contains(&given.len()) {
            let message = format!("found {} laws, expected 1 to {MAX_COMPONENTS}", given.len());
            check.refuse(at, message);
        }
        let mut laws = Vec::new();
        for (index, Component { weight, law }) in given.iter().enumerate() {
            let at = at.index(index);
            check.positive(&at.key("weight"), *weight, 1e9);
            if let Law::Mixture(_) = law {
                check.refuse_key(
                    &at.key("law").key("mixture"),
                    "a mixture is not part of a mixture: list its laws in the outer one",
                );
                continue;
            }
            laws.push((*weight, self.law(&at.key("law"), law, check)));
        }
        Distribution::Mixture(laws)
    }
}

/// Requires a coefficient of variation that the samplers can do.
fn variation(path: &Path, cv: f64, check: &mut Checker) {
    if cv == 0.0 {
        check.refuse(&path.key("cv"), "a law that does not vary: use `constant`");
    } else {
        check.range(&path.key("cv"), cv, 0.01..=100.0, "");
    }
}

fn quantiles(path: &Path, points: &[(f64, f64)], max: f64, check: &mut Checker) {
    if !(2..=MAX_POINTS).contains(&points.len()) {
        let message = format!("found {} points, expected 2 to {MAX_POINTS}", points.len());
        return check.refuse(path, message);
    }
    for (index, pair) in points.windows(2).enumerate() {
        let at = path.index(index + 1);
        let ((p, low), (next, high)) = (pair[0], pair[1]);
        if next <= p {
            check.refuse(
                &at.index(0),
                format!("probabilities must increase: {next} comes after {p}"),
            );
        }
        if high < low {
            check.refuse(
                &at.index(1),
                format!("values must not decrease: {high} comes after {low}"),
            );
        }
    }
    let ((first, low), (last, high)) = (points[0], points[points.len() - 1]);
    if first != 0.0 {
        check.refuse(
            &path.index(0).index(0),
            format!("the first probability must be 0, not {first}"),
        );
    }
    if last != 1.0 {
        let at = path.index(points.len() - 1).index(0);
        check.refuse(&at, format!("the last probability must be 1, not {last}"));
    }
    if low < 0.0 {
        check.refuse(&path.index(0).index(1), format!("found {low}, expected 0 or more"));
    }
    check.positive(&path.index(points.len() - 1).index(1), high, max);
}
