//! Tidy tables: one observation a row.

use super::cell::{cell, text_of};
use super::sound;
use crate::experiment::{Bucket, Metrics, Results, Series, VariantResults};

const SUMMARY_HEAD: [&str; 8] = ["variant", "scope", "name", "metric", "unit", "mean", "ci95", "n"];
const SERIES_HEAD: [&str; 9] =
    ["variant", "start_s", "end_s", "scope", "name", "metric", "unit", "mean", "ci95"];

/// Every estimate, a row each: variant, scope (`all`, `model`, `tenant`, `cluster`,
/// `application`), name of the scoped entity (empty for `all`), metric, unit, mean, half-width of
/// the 95 % interval (empty for one replication), replications.
pub fn summary_csv(results: &Results) -> String {
    let mut out = Rows::new(SUMMARY_HEAD);
    for variant in &results.variants {
        let mut write = |scope, name: &str, metrics: &Metrics| {
            for (metric, estimate) in metrics {
                out.row([
                    variant.name.as_str(),
                    scope,
                    name,
                    metric,
                    &estimate.unit,
                    &estimate.mean.to_string(),
                    &optional(estimate.ci95),
                    &estimate.n.to_string(),
                ]);
            }
        };
        write("all", "", &variant.metrics);
        for (scope, by_name) in scopes(variant) {
            for (name, metrics) in by_name {
                write(scope, name, metrics);
            }
        }
    }
    out.finish()
}

/// A variant's breakdowns with the names of their scopes.
pub(super) fn scopes(
    variant: &VariantResults,
) -> [(&'static str, &indexmap::IndexMap<String, Metrics>); 4] {
    [
        ("model", &variant.by_model),
        ("tenant", &variant.by_tenant),
        ("cluster", &variant.by_cluster),
        ("application", &variant.by_application),
    ]
}

/// Every bucket of every series, a row each: variant, start and end in seconds from the start of
/// the simulation, scope, name, metric, unit, mean, half-width of the 95 % interval.
///
/// Numbers are the shortest that read back as the same value.
pub fn timeseries_csv(results: &Results) -> String {
    let mut out = Rows::new(SERIES_HEAD);
    for variant in &results.variants {
        for series in &variant.series {
            for bucket in &series.buckets {
                out.row([
                    variant.name.as_str(),
                    &bucket.start_s.to_string(),
                    &bucket.end_s.to_string(),
                    &series.scope,
                    &series.name,
                    &series.metric,
                    &series.unit,
                    &bucket.mean.to_string(),
                    &optional(bucket.ci95),
                ]);
            }
        }
    }
    out.finish()
}

/// Puts the series of a `timeseries.csv` back where they came from.
///
/// # Errors
/// Says which line is not what [`timeseries_csv`] writes, or has a number that no run gives.
pub(super) fn read_timeseries(text: &str, results: &mut Results) -> Result<(), String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    if reader.headers().map_err(|error| error.to_string())? != SERIES_HEAD[..] {
        return Err(format!("its first line is not {}", SERIES_HEAD.join(",")));
    }
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, csv::Position::line);
        read_row(&record, results).map_err(|reason| format!("line {line}: {reason}"))?;
    }
    Ok(())
}

fn read_row(record: &csv::StringRecord, results: &mut Results) -> Result<(), String> {
    let number = |index: usize| {
        let number = record[index].parse::<f64>().ok().filter(|number| number.is_finite());
        number
            .ok_or_else(|| format!("{} is {:?}, not a number", SERIES_HEAD[index], &record[index]))
    };
    let bucket = Bucket {
        start_s: number(1)?,
        end_s: number(2)?,
        mean: number(7)?,
        ci95: if record[8].is_empty() { None } else { Some(number(8)?) },
    };
    let variant = results
        .variants
        .iter_mut()
        .find(|variant| variant.name == text_of(&record[0]))
        .ok_or_else(|| format!("variant {:?} is not in summary.json", &record[0]))?;
    // The rows of a series are adjacent, so that only the last one can continue.
    let continues = variant.series.last().is_some_and(|series| {
        [&series.scope, &series.name, &series.metric, &series.unit].into_iter().eq(record
            .iter()
            .map(text_of)
            .skip(3)
            .take(4))
    });
    if !continues {
        variant.series.push(Series {
            scope: text_of(&record[3]).to_owned(),
            name: text_of(&record[4]).to_owned(),
            metric: text_of(&record[5]).to_owned(),
            unit: text_of(&record[6]).to_owned(),
            buckets: Vec::new(),
        });
    }
    let buckets = &mut variant.series.last_mut().expect("pushed above").buckets;
    sound::check_bucket(&bucket, buckets.last())?;
    buckets.push(bucket);
    Ok(())
}

pub(super) fn optional(number: Option<f64>) -> String {
    number.map_or_else(String::new, |number| number.to_string())
}

/// A CSV document in memory.
pub(super) struct Rows(csv::Writer<Vec<u8>>);

impl Rows {
    pub(super) fn new<const N: usize>(head: [&str; N]) -> Self {
        let mut rows = Self(csv::Writer::from_writer(Vec::new()));
        rows.row(head);
        rows
    }

    /// Writes a row; what a spreadsheet would take for a formula gets an apostrophe before it.
    pub(super) fn row<const N: usize>(&mut self, fields: [&str; N]) {
        self.0
            .write_record(fields.map(|field| cell(field).into_owned()))
            .expect("writing to memory, rows of equal length");
    }

    pub(super) fn finish(self) -> String {
        let bytes = self.0.into_inner().expect("writing to memory");
        String::from_utf8(bytes).expect("made of strings")
    }
}
