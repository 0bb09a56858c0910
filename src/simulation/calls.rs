//! An application's calls as they come, and the models they choose.

use super::prepared::Prepared;
use crate::engine::{Purpose, SimTime, Stream, Streams};
use crate::market::Chooser;
use crate::workload::{Call, Source, SourceSpec, TraceError};

/// One application's stream of calls, one call ahead.
pub(super) struct Calls {
    source: Source,
    next: Option<Call>,
    chooser: Chooser,
    stream: Stream,
    /// Models that a trace names, by their place in the trace's specification.
    named: Vec<usize>,
}

impl Calls {
    pub fn new(
        prepared: &Prepared<'_>,
        application: usize,
        streams: &Streams,
    ) -> Result<Self, TraceError> {
        let spec = &prepared.setup.applications[application];
        let mut source = prepared.sources[application].start(&spec.name, streams)?;
        let next = source.next_call()?;
        let names: &[String] = match &spec.source {
            SourceSpec::Trace(trace) => &trace.models,
            SourceSpec::Synthetic { .. } => &[],
        };
        let index_of = |name: &String| {
            let position = prepared.setup.models.iter().position(|model| model.name == *name);
            position.expect("validated: a trace names models of the scenario")
        };
        Ok(Self {
            source,
            next,
            chooser: Chooser::new(&prepared.shares[application]),
            stream: streams.stream(Purpose::Choice, &spec.name),
            named: names.iter().map(index_of).collect(),
        })
    }

    /// When the next call arrives, if one does.
    pub fn next_at(&self) -> Option<SimTime> {
        self.next.as_ref().map(|call| call.at)
    }

    /// Takes the next call, with the model it goes to.
    ///
    /// # Panics
    /// When no call is left.
    pub fn take(&mut self) -> Result<(Call, usize), TraceError> {
        let call = self.next.take().expect("an arrival was scheduled");
        self.next = self.source.next_call()?;
        let chosen = self.chooser.choose(&mut self.stream);
        let model = call.model.map_or(chosen, |name| self.named[name]);
        Ok((call, model))
    }
}
