//! Recordings to replay.

use crate::engine::SimDuration;
use crate::scenario::path::Path;
use crate::scenario::schema::{self, TimeUnit, TraceFormat};
use crate::scenario::section::Checker;
use crate::scenario::traces::Traces;
use crate::workload::{CachedColumn, Prefix, SourceSpec, TimestampFormat, TraceColumns, TraceSpec};

/// Tokens of a block in Mooncake's traces.
const MOONCAKE_BLOCK: u32 = 512;
/// A probability that no call is left of a recording, above which it is said.
const NOTED: f64 = 0.01;

/// The recording given at `at`, which may name the models `model_names` and is replayed up to the
/// horizon.
pub(in crate::scenario) fn resolve(
    at: &Path,
    given: &schema::Trace,
    model_names: &[&str],
    horizon: SimDuration,
    traces: &mut Traces,
    check: &mut Checker,
) -> Option<SourceSpec> {
    let sound = check.positive(&at.key("rate-scale"), given.rate_scale, 10_000.0)
        & check.range(&at.key("time-scale"), given.time_scale, 1e-6..=1e6, "");
    let spec = TraceSpec {
        file: given.file.path().to_owned(),
        columns: columns(&given.format, given.prefix.unwrap_or_default()),
        models: model_names.iter().map(|&name| name.to_owned()).collect(),
        rate_scale: given.rate_scale,
        time_scale: given.time_scale,
        offset: given.offset,
        bad_rows_allowed: given.bad_rows_allowed,
    };
    if given.prefix.is_some() && spec.columns.cached.is_none() {
        let message = "`prefix` says whose cached tokens are, but no column counts any";
        check.refuse_key(&at.key("prefix"), message);
    }
    if !sound {
        return None;
    }
    match traces.scan(&spec) {
        Ok(trace) => {
            let (summary, file) = (trace.summary(), &given.file);
            if summary.bad_rows > 0 {
                let bad = summary.bad_rows;
                check.note(format!("{bad} bad rows of {file} are skipped."));
            }
            let arriving = trace.rows_before(horizon, &spec).unwrap_or(summary.rows);
            if arriving < summary.rows {
                let (late, all) = (summary.rows - arriving, summary.rows);
                check.note(format!(
                    "{late} of the {all} rows of {file} lie beyond the horizon and are not measured."
                ));
            }
            if let Some(note) = thinned_away(arriving, given) {
                check.note(note);
            }
        }
        Err(problems) => {
            for problem in problems {
                check.refuse_file(&at.key("file"), problem.clone());
            }
            return None;
        }
    }
    Some(SourceSpec::Trace(spec))
}

/// How often thinning leaves none of so many rows, if that is to be expected.
fn thinned_away(rows: u64, given: &schema::Trace) -> Option<String> {
    let &schema::Trace { rate_scale, ref file, .. } = given;
    // Each row stays with this probability, whatever becomes of the others.
    let none = if rate_scale < 1.0 { (rows as f64 * (-rate_scale).ln_1p()).exp() } else { 0.0 };
    (rows > 0 && none >= NOTED).then(|| {
        let (percent, left) = (none * 100.0, rate_scale * rows as f64);
        format!(
            "`rate-scale: {rate_scale}` leaves none of the {rows} rows of {file} in {percent:.0} % of replications: {left:.2} rows on average."
        )
    })
}

fn columns(format: &TraceFormat, prefix: Prefix) -> TraceColumns {
    match format {
        TraceFormat::Azure => TraceColumns {
            timestamp: "TIMESTAMP".to_owned(),
            format: TimestampFormat::DateTime,
            input: "ContextTokens".to_owned(),
            output: "GeneratedTokens".to_owned(),
            model: None,
            cached: None,
        },
        TraceFormat::Mooncake => TraceColumns {
            timestamp: "t_ms".to_owned(),
            format: TimestampFormat::Milliseconds,
            input: "input_len".to_owned(),
            output: "output_len".to_owned(),
            model: None,
            cached: Some(CachedColumn {
                column: "prefix_hit_blocks".to_owned(),
                block: MOONCAKE_BLOCK,
                prefix,
            }),
        },
        TraceFormat::Columns { timestamp, unit, input, output, model, cached } => TraceColumns {
            timestamp: timestamp.clone(),
            format: match unit {
                TimeUnit::Datetime => TimestampFormat::DateTime,
                TimeUnit::S => TimestampFormat::Seconds,
                TimeUnit::Ms => TimestampFormat::Milliseconds,
                TimeUnit::Us => TimestampFormat::Microseconds,
                TimeUnit::Ns => TimestampFormat::Nanoseconds,
            },
            input: input.clone(),
            output: output.clone(),
            model: model.clone(),
            cached: cached.clone().map(|column| CachedColumn { column, block: 1, prefix }),
        },
    }
}
