//! What is in the traces that a scenario replays; each is read once, however many variants use it.

use crate::workload::{BadRow, Trace, TraceError, TraceSpec};
use std::sync::Arc;

/// A trace, or what is wrong with it.
type Scanned = Result<Arc<Trace>, Vec<String>>;

/// The traces read so far; a clone knows them too.
#[derive(Clone, Debug, Default)]
pub(crate) struct Traces {
    scanned: Vec<(TraceSpec, Scanned)>,
}

impl Traces {
    /// The recording that `spec` replays; it may have been opened with other scales and another offset.
    ///
    /// # Errors
    /// Everything that is wrong with it, row by row.
    pub(crate) fn scan(&mut self, spec: &TraceSpec) -> Result<&Trace, &[String]> {
        let known = self.scanned.iter().position(|(scanned, _)| same_content(scanned, spec));
        let index = known.unwrap_or_else(|| {
            self.scanned.push((
                spec.clone(),
                Trace::open(spec).map(Arc::new).map_err(|error| problems(&error)),
            ));
            self.scanned.len() - 1
        });
        self.scanned[index].1.as_deref().map_err(Vec::as_slice)
    }
}

/// Whether two replays read the same rows.
fn same_content(a: &TraceSpec, b: &TraceSpec) -> bool {
    (&a.file, &a.columns, &a.models, a.bad_rows_allowed)
        == (&b.file, &b.columns, &b.models, b.bad_rows_allowed)
}

/// What is wrong with a trace, each in one line.
pub(crate) fn problems(error: &TraceError) -> Vec<String> {
    match error {
        TraceError::BadRows { file, rows, count, allowed } => {
            let place = |row: &BadRow| format!("{row} ({}:{})", file.display(), row.line);
            let more = count - rows.len() as u64;
            let rest = (more > 0).then(|| format!("trace: {more} more rows are bad"));
            let allowed = format!("trace: {count} bad rows, where `bad-rows-allowed` is {allowed}");
            rows.iter().map(place).chain(rest).chain([allowed]).collect()
        }
        _ => {
            let text = error.to_string();
            let line = text.lines().next().unwrap_or_default();
            vec![line.trim_start_matches("error: ").to_owned()]
        }
    }
}
