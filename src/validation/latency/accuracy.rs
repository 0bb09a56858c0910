//! How far from measured latencies, in a few numbers: by who measured them, what served, on what, how, and for how many.

use super::{Latency, Pair};
use crate::catalog::{LatencyError, ModelClass, UserBand};
use crate::validation::accuracy::{distinct, quantile};
use serde::Serialize;

/// What of a row is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Quantity {
    /// Time of each token after the first.
    #[serde(rename = "tpot")]
    Tpot,
    /// Time to the first token.
    #[serde(rename = "ttft")]
    Ttft,
    /// Output tokens per second.
    #[serde(rename = "tokens_per_s")]
    TokensPerS,
}

impl Quantity {
    /// All.
    pub const ALL: [Self; 3] = [Self::Tpot, Self::Ttft, Self::TokensPerS];

    /// A row's values, where it has them.
    pub fn of(self, row: &Latency) -> Option<Pair> {
        match self {
            Self::Tpot => row.tpot,
            Self::Ttft => row.ttft,
            Self::TokensPerS => row.tokens_per_s,
        }
    }

    /// What a reader calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Tpot => "Time of a token (TPOT)",
            Self::Ttft => "Time to the first token (TTFT)",
            Self::TokensPerS => "Tokens per second",
        }
    }

    /// Of the values.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Tpot | Self::Ttft => "s",
            Self::TokensPerS => "tokens/s",
        }
    }
}

/// Relative errors of some rows: 0.1 is 10 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// How many rows.
    pub rows: usize,
    /// Median of the absolute errors.
    pub median: f64,
    /// Their 90th percentile.
    pub p90: f64,
    /// Median of the errors with their sign: above zero the simulated value is too high.
    pub bias: f64,
}

impl Spread {
    /// Of the rows that have the quantity; `None` if there is none.
    pub fn of<'a>(quantity: Quantity, rows: impl IntoIterator<Item = &'a Latency>) -> Option<Self> {
        let pairs = rows.into_iter().filter_map(|row| quantity.of(row));
        let signed: Vec<f64> = pairs.map(|pair| pair.error()).collect();
        let sizes: Vec<f64> = signed.iter().map(|error| error.abs()).collect();
        Some(Self {
            rows: signed.len(),
            median: quantile(&sizes, 0.5)?,
            p90: quantile(&sizes, 0.9)?,
            bias: quantile(&signed, 0.5)?,
        })
    }
}

/// Errors of a group of measured rows in one quantity.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LatencyAccuracy {
    /// Of what.
    pub quantity: Quantity,
    /// What tells the groups apart: `all`, `source`, `engine`, `chip`, `model` or `users`.
    pub by: &'static str,
    /// Which group; empty for all.
    pub group: String,
    /// Of the rows that engines may have been fitted to.
    pub fitted: Option<Spread>,
    /// Of the rows that every fit left out.
    pub left_out: Option<Spread>,
}

/// The errors of all rows, by quantity and group; groups of names in the order of their first rows.
pub fn latency_accuracy(rows: &[Latency]) -> Vec<LatencyAccuracy> {
    let groupings = groupings(rows);
    let of_quantity = |quantity| groupings.iter().filter_map(move |each| each.errors(quantity));
    Quantity::ALL.into_iter().flat_map(of_quantity).collect()
}

/// What rows are told apart by.
type Name = fn(&Latency) -> &str;

/// Rows that have something in common.
struct Grouping<'a> {
    by: &'static str,
    group: String,
    rows: Vec<&'a Latency>,
}

impl Grouping<'_> {
    /// `None` where no row has the quantity.
    fn errors(&self, quantity: Quantity) -> Option<LatencyAccuracy> {
        let part = |held_out| {
            let rows = self.rows.iter().copied().filter(|row| row.held_out == held_out);
            Spread::of(quantity, rows)
        };
        let (fitted, left_out) = (part(false), part(true));
        (fitted.is_some() || left_out.is_some()).then(|| LatencyAccuracy {
            quantity,
            by: self.by,
            group: self.group.clone(),
            fitted,
            left_out,
        })
    }
}

fn groupings(rows: &[Latency]) -> Vec<Grouping<'_>> {
    let mut found = vec![Grouping { by: "all", group: String::new(), rows: rows.iter().collect() }];
    let mut add = |by, group: String, keep: &dyn Fn(&Latency) -> bool| {
        found.push(Grouping { by, group, rows: rows.iter().filter(|row| keep(row)).collect() });
    };
    let names: [(&str, Name); 3] = [
        ("source", |row| &row.source),
        ("engine", |row| &row.engine),
        ("chip", |row| &row.accelerator),
    ];
    for (by, name) in names {
        for group in distinct(rows.iter().map(name)) {
            add(by, group.to_owned(), &|row| name(row) == group);
        }
    }
    for class in ModelClass::ALL {
        add("model", class.models().to_owned(), &|row| row.class == class);
    }
    for users in UserBand::ALL {
        add("users", users.label().to_owned(), &|row| row.users == users);
    }
    found
}

/// What the catalogue keeps of the errors: times of a token by chip, class of model and band of users, in the order of
/// the chips' first rows.
pub fn known_errors(rows: &[Latency]) -> Vec<LatencyError> {
    let percent = |part: f64| (1e3 * part).round() / 10.0;
    let mut found = Vec::new();
    for chip in distinct(rows.iter().map(|row| row.accelerator.as_str())) {
        for class in ModelClass::ALL {
            for users in UserBand::ALL {
                let keep = |row: &&Latency| {
                    row.accelerator == chip && row.class == class && row.users == users
                };
                let spread = Spread::of(Quantity::Tpot, rows.iter().filter(keep));
                found.extend(spread.map(|Spread { rows, median, p90, bias }| LatencyError {
                    accelerator: chip.to_owned(),
                    class,
                    users,
                    rows: rows as u32,
                    median: percent(median),
                    p90: percent(p90),
                    bias: percent(bias),
                }));
            }
        }
    }
    found
}
