//! What is drawn of a sweep: a few metrics of the whole cloud, read from its tables.

use crate::report::cell::text_of;
use crate::scenario::Sweep;
use std::collections::BTreeMap;
use std::io::Read;

/// Metrics that are drawn first, in the order of their pictures.
const HEADLINES: [&str; 4] =
    ["margin.operating_usd", "revenue.total_usd", "latency.ttft_s.p99", "utilisation.busy"];
/// If no more metrics are kept, all are drawn.
const SHOWN: usize = 8;
/// More points are not told apart in a picture: every so many are left out.
const POINTS_MAX: u64 = 20_000;

/// A mean and the half-width of its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value {
    pub(super) mean: f64,
    pub(super) ci95: Option<f64>,
}

/// A metric in all variants at all points that are drawn.
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) unit: String,
    /// By variant, then by point, in the order of [`Found::points`].
    pub(super) values: Vec<Vec<Option<Value>>>,
}

impl Metric {
    /// Whether it is not the same everywhere.
    pub(super) fn varies(&self) -> bool {
        let mut means = self.values.iter().flatten().flatten().map(|value| value.mean);
        means.next().is_some_and(|first| means.any(|mean| mean != first))
    }
}

/// What is drawn of a sweep.
pub(super) struct Found {
    /// Numbers of the points that are drawn.
    pub(super) points: Vec<u64>,
    /// The values of the parameters at each of them.
    pub(super) settings: Vec<Vec<String>>,
    pub(super) variants: Vec<String>,
    pub(super) metrics: Vec<Metric>,
    /// Points that failed, and those of which something has to be known.
    pub(super) failed: u64,
    pub(super) warned: u64,
    /// Whether there is no number at all: no metric that is kept is of anything that is kept.
    pub(super) is_empty: bool,
    /// The first message of each.
    pub(super) first_failure: String,
    pub(super) first_warning: String,
}

impl Found {
    /// Reads the tables `points.csv` and `sweep.csv`.
    ///
    /// # Errors
    /// A table is not as this program writes it: which line.
    pub(super) fn read(
        sweep: &Sweep,
        points: impl Read,
        summary: impl Read,
    ) -> Result<Self, String> {
        let stride = sweep.points().div_ceil(POINTS_MAX).max(1);
        let drawn: Vec<u64> = (0..sweep.points()).step_by(stride as usize).collect();
        let names = metrics(sweep);
        let none = vec![vec![None; drawn.len()]; sweep.variants.len()];
        let metrics = names.iter().map(|name| Metric {
            name: name.clone(),
            unit: String::new(),
            values: none.clone(),
        });
        let mut found = Self {
            settings: drawn.iter().map(|&point| sweep.values(point)).collect(),
            points: drawn,
            variants: sweep.variants.clone(),
            metrics: metrics.collect(),
            failed: 0,
            warned: 0,
            is_empty: true,
            first_failure: String::new(),
            first_warning: String::new(),
        };
        found.read_points(points, sweep.parameters.len())?;
        found.read_summary(summary, sweep.parameters.len(), stride)?;
        Ok(found)
    }

    fn read_points(&mut self, table: impl Read, parameters: usize) -> Result<(), String> {
        for row in csv::Reader::from_reader(table).into_records() {
            let row = row.map_err(|error| error.to_string())?;
            let (result, message) = (row.get(1 + parameters), row.get(2 + parameters));
            let (Some(result), Some(message)) = (result, message) else {
                return Err("points.csv has rows of another sweep".to_owned());
            };
            let (count, first) = match result {
                "failed" => (&mut self.failed, &mut self.first_failure),
                "warned" => (&mut self.warned, &mut self.first_warning),
                _ => continue,
            };
            if *count == 0 {
                text_of(message).clone_into(first);
            }
            *count += 1;
        }
        Ok(())
    }

    fn read_summary(
        &mut self,
        table: impl Read,
        parameters: usize,
        stride: u64,
    ) -> Result<(), String> {
        let variants: BTreeMap<String, usize> = self.variants.iter().cloned().zip(0..).collect();
        let metrics: BTreeMap<String, usize> =
            self.metrics.iter().map(|metric| metric.name.clone()).zip(0..).collect();
        let mut reader = csv::Reader::from_reader(table);
        let mut row = csv::StringRecord::new();
        while reader.read_record(&mut row).map_err(|error| error.to_string())? {
            self.is_empty = false;
            let line = row.position().map_or(0, csv::Position::line);
            let wrong = || format!("sweep.csv, line {line}: it is not of this sweep");
            let field = |index: usize| row.get(1 + parameters + index).ok_or_else(wrong);
            if field(1)? != "all" {
                continue;
            }
            let Some(&metric) = metrics.get(field(3)?) else { continue };
            let point: u64 = row.get(0).and_then(|point| point.parse().ok()).ok_or_else(wrong)?;
            if !point.is_multiple_of(stride) {
                continue;
            }
            let variant = *variants.get(text_of(field(0)?)).ok_or_else(wrong)?;
            let mean = field(5)?.parse().map_err(|_| wrong())?;
            let value = Value { mean, ci95: field(6)?.parse().ok() };
            let metric = &mut self.metrics[metric];
            field(4)?.clone_into(&mut metric.unit);
            let values = &mut metric.values[variant];
            *values.get_mut((point / stride) as usize).ok_or_else(wrong)? = Some(value);
        }
        Ok(())
    }

    /// Metrics that have a value anywhere.
    pub(super) fn shown(&self) -> impl Iterator<Item = &Metric> {
        let is_known = |metric: &&Metric| metric.values.iter().flatten().any(Option::is_some);
        self.metrics.iter().filter(is_known)
    }
}

/// The metrics that are drawn, by name.
fn metrics(sweep: &Sweep) -> Vec<String> {
    let kept: Vec<&str> = sweep.metrics.iter().map(|id| id.definition().name).collect();
    let is_shown = |name: &&str| kept.len() <= SHOWN || HEADLINES.contains(name);
    let mut shown: Vec<_> = kept.iter().copied().filter(is_shown).collect();
    if shown.is_empty() {
        shown = kept[..SHOWN].to_vec();
    }
    let order = |name: &&str| HEADLINES.iter().position(|headline| headline == name);
    shown.sort_by_key(|name| order(name).unwrap_or(HEADLINES.len()));
    shown.into_iter().map(str::to_owned).collect()
}
