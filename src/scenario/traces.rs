//! What is in the traces that a scenario replays; each is read once, however many variants use it.

use crate::workload::{TraceSpec, TraceSummary, scan};

/// The traces read so far.
#[derive(Default)]
pub(super) struct Traces {
    scanned: Vec<(TraceSpec, Result<TraceSummary, Vec<String>>)>,
}

impl Traces {
    /// What is in a trace.
    ///
    /// # Errors
    /// Everything that is wrong with it, row by row.
    pub fn scan(&mut self, spec: &TraceSpec) -> Result<&TraceSummary, &[String]> {
        let known = self.scanned.iter().position(|(scanned, _)| same_content(scanned, spec));
        let index = known.unwrap_or_else(|| {
            self.scanned.push((spec.clone(), scan(spec).map_err(|error| problems(&error))));
            self.scanned.len() - 1
        });
        self.scanned[index].1.as_ref().map_err(Vec::as_slice)
    }
}

/// Whether two replays read the same rows.
fn same_content(a: &TraceSpec, b: &TraceSpec) -> bool {
    (&a.file, &a.columns, &a.models, a.bad_rows_allowed)
        == (&b.file, &b.columns, &b.models, b.bad_rows_allowed)
}
