//! How short and how long the calls of a source can be, as far as laws have ends.

use super::tokens::whole_tokens;
use super::{Distribution, Lengths, PreparedSource, Process, SourceSpec};

/// Prompt and output tokens of one call.
pub type Tokens = (u32, u32);

/// The shortest and the longest call of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// No call has a shorter prompt or a shorter output.
    pub least: Tokens,
    /// No call has a longer prompt or a longer output; `None` where that has no end, or is not known.
    pub most: Option<Tokens>,
}

impl Extent {
    fn of(lengths: &Lengths) -> Self {
        let least = |law: &Distribution| whole_tokens(law.smallest());
        let most = |law: &Distribution| law.largest().map(whole_tokens);
        Self {
            least: (least(&lengths.input), least(&lengths.output)),
            most: most(&lengths.input).zip(most(&lengths.output)),
        }
    }

    /// What holds calls of this source and of another.
    fn with(self, other: Self) -> Self {
        let pairs = self.most.zip(other.most);
        Self {
            least: (self.least.0.min(other.least.0), self.least.1.min(other.least.1)),
            most: pairs.map(|(one, other)| (one.0.max(other.0), one.1.max(other.1))),
        }
    }
}

impl PreparedSource {
    /// How short and how long calls can be; `None` where they have no tokens.
    pub fn extent(&self) -> Option<Extent> {
        match self {
            Self::Drawn(spec) => spec.extent(),
            Self::Trace(trace) => {
                let summary = trace.summary();
                // Which rows are whose is not known, where they name models.
                let named = trace.named_models().next().is_some();
                let most = (!named).then_some(summary.longest);
                Some(Extent { least: summary.shortest, most })
            }
        }
    }
}

impl SourceSpec {
    fn extent(&self) -> Option<Extent> {
        let of = |lengths: &Option<Lengths>| lengths.as_ref().map(Extent::of);
        match self {
            Self::Synthetic { arrivals, lengths } => match &arrivals.process {
                Process::Clients(clients) => {
                    let own = clients.iter().map(|client| client.lengths.as_ref());
                    let each = own.filter_map(|own| own.or(lengths.as_ref()).map(Extent::of));
                    each.reduce(Extent::with)
                }
                Process::Renewal(_) | Process::Mmpp(_) => of(lengths),
            },
            Self::Users(spec) => of(&spec.lengths),
            Self::Batch(spec) => of(&spec.lengths),
            // A later turn's prompt holds all earlier ones.
            Self::Sessions(spec) => {
                let (input, output) = Extent::of(&spec.lengths).least;
                let least = (input.saturating_add(spec.system_prompt), output);
                Some(Extent { least, most: None })
            }
            Self::Trace(_) => None,
        }
    }
}

impl Distribution {
    /// The smallest value of a law, or what none of its values is below.
    pub fn smallest(&self) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Uniform { min, .. } | Self::Truncated { min, .. } => *min,
            Self::Zipf { .. } => 1.0,
            Self::Quantiles(points) => points.first().map_or(0.0, |(_, value)| *value),
            Self::Mixture(laws) => {
                laws.iter().map(|(_, law)| law.smallest()).reduce(f64::min).unwrap_or(0.0)
            }
            Self::Pareto { .. }
            | Self::Exponential { .. }
            | Self::Gamma { .. }
            | Self::Lognormal { .. }
            | Self::Weibull { .. } => 0.0,
        }
    }

    /// The largest value of a law, if it has one.
    pub fn largest(&self) -> Option<f64> {
        match self {
            Self::Constant(value) => Some(*value),
            Self::Uniform { max, .. } => Some(*max),
            Self::Zipf { max, .. } => Some(f64::from(*max)),
            Self::Quantiles(points) => points.last().map(|(_, value)| *value),
            Self::Truncated { max, .. } => Some(*max).filter(|max| max.is_finite()),
            Self::Mixture(laws) => laws
                .iter()
                .map(|(_, law)| law.largest())
                .try_fold(0.0, |most: f64, value| value.map(|value| most.max(value))),
            Self::Exponential { .. }
            | Self::Gamma { .. }
            | Self::Lognormal { .. }
            | Self::Weibull { .. }
            | Self::Pareto { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uniform(min: f64, max: f64) -> Distribution {
        Distribution::Uniform { min, max }
    }

    #[test]
    fn laws_end_where_they_say() {
        let tail = Distribution::Exponential { mean: 5.0 };
        let cut = Distribution::Truncated { law: Box::new(tail.clone()), min: 2.0, max: 9.0 };
        let all = Distribution::Mixture(vec![(1.0, cut.clone()), (1.0, uniform(1.0, 4.0))]);
        let endless = Distribution::Mixture(vec![(1.0, cut.clone()), (1.0, tail.clone())]);
        let ends = [&tail, &cut, &all, &endless].map(|law| (law.smallest(), law.largest()));
        assert_eq!(ends, [(0.0, None), (2.0, Some(9.0)), (1.0, Some(9.0)), (0.0, None)]);
    }

    #[test]
    fn calls_are_as_long_as_their_laws() {
        let lengths = |input| Lengths { input, output: Distribution::Constant(7.0), cached: None };
        let short = Extent::of(&lengths(uniform(0.0, 10.4)));
        assert_eq!(short, Extent { least: (1, 7), most: Some((10, 7)) });
        let endless = Extent::of(&lengths(Distribution::Exponential { mean: 5.0 }));
        assert_eq!(short.with(endless), Extent { least: (1, 7), most: None });
    }
}
