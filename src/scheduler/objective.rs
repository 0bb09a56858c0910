//! What replicas have to reach: limits on latencies, from which their number follows.

use crate::engine::SimDuration;
use std::fmt;
use std::str::FromStr;

/// A limit on a mean or a percentile of a latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Which latency.
    pub latency: Latency,
    /// Its mean, or a percentile.
    pub statistic: Statistic,
    /// At most this.
    pub limit: SimDuration,
}

/// A latency of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Latency {
    /// From arrival to the first work.
    Wait,
    /// From arrival to the first token.
    Ttft,
    /// For each output token after the first.
    Tpot,
    /// From arrival to the last token.
    E2e,
}

/// What of a latency's distribution is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Statistic {
    /// The mean.
    Mean,
    /// The median.
    P50,
    /// The 90th percentile.
    P90,
    /// The 95th percentile.
    P95,
    /// The 99th percentile.
    P99,
}

impl Statistic {
    /// The probability of a percentile; `None` for the mean.
    pub fn probability(self) -> Option<f64> {
        match self {
            Self::Mean => None,
            Self::P50 => Some(0.5),
            Self::P90 => Some(0.9),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
        }
    }
}

/// What a goal is about, as scenarios write it: `ttft-p99`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part(pub Latency, pub Statistic);

const LATENCIES: [(&str, Latency); 4] = [
    ("wait", Latency::Wait),
    ("ttft", Latency::Ttft),
    ("tpot", Latency::Tpot),
    ("e2e", Latency::E2e),
];
const STATISTICS: [(&str, Statistic); 5] = [
    ("mean", Statistic::Mean),
    ("p50", Statistic::P50),
    ("p90", Statistic::P90),
    ("p95", Statistic::P95),
    ("p99", Statistic::P99),
];

/// All names of [`Part`]s.
pub const PARTS: &[&str] = &[
    "wait-mean",
    "wait-p50",
    "wait-p90",
    "wait-p95",
    "wait-p99",
    "ttft-mean",
    "ttft-p50",
    "ttft-p90",
    "ttft-p95",
    "ttft-p99",
    "tpot-mean",
    "tpot-p50",
    "tpot-p90",
    "tpot-p95",
    "tpot-p99",
    "e2e-mean",
    "e2e-p50",
    "e2e-p90",
    "e2e-p95",
    "e2e-p99",
];

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let latency = LATENCIES.iter().find(|(_, latency)| *latency == self.0);
        let statistic = STATISTICS.iter().find(|(_, statistic)| *statistic == self.1);
        let name = |found: Option<&str>| found.expect("all have names").to_owned();
        let (latency, statistic) =
            (name(latency.map(|(name, _)| *name)), name(statistic.map(|(name, _)| *name)));
        write!(f, "{latency}-{statistic}")
    }
}

impl FromStr for Part {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (latency, statistic) = text.split_once('-').ok_or(())?;
        let latency = LATENCIES.iter().find(|(name, _)| *name == latency).ok_or(())?;
        let statistic = STATISTICS.iter().find(|(name, _)| *name == statistic).ok_or(())?;
        Ok(Self(latency.1, statistic.1))
    }
}

impl Goal {
    /// What it is about.
    pub fn part(&self) -> Part {
        Part(self.latency, self.statistic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_has_one_name() {
        for name in PARTS {
            let part: Part = name.parse().unwrap();
            assert_eq!(part.to_string(), *name);
        }
        assert_eq!(PARTS.len(), LATENCIES.len() * STATISTICS.len());
        assert!("ttft".parse::<Part>().is_err() && "ttft-p98".parse::<Part>().is_err());
    }
}
