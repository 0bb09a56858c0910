//! An application's calls as they come, and the models they choose.

use crate::engine::{Purpose, SimTime, Stream, Streams};
use crate::ids::{ApplicationId, ModelId};
use crate::market::Chooser;
use crate::simulation::prepared::Prepared;
use crate::workload::{Call, Ending, Source, SourceSpec, TraceError};
use typed_index_collections::TiSlice;

/// One application's stream of calls.
pub(super) struct Calls {
    source: Source,
    chooser: Chooser,
    stream: Stream,
    /// Models that a trace names, by their place in the trace's specification.
    named: Vec<ModelId>,
}

impl Calls {
    pub(super) fn new(
        prepared: &Prepared<'_>,
        application: ApplicationId,
        shares: &TiSlice<ModelId, f64>,
        streams: &Streams,
    ) -> Result<Self, TraceError> {
        let spec = &prepared.setup.applications[application];
        let names: &[String] = match &spec.source {
            SourceSpec::Trace(trace) => &trace.models,
            _ => &[],
        };
        let index_of = |name: &String| {
            let position = prepared.setup.models.position(|model| model.name == *name);
            position.expect("validated: a trace names models of the scenario")
        };
        Ok(Self {
            source: prepared.sources[application].start(
                prepared.setup.window.followed(),
                &spec.name,
                streams,
            )?,
            chooser: Chooser::new(shares),
            stream: streams.stream(Purpose::Choice, &spec.name),
            named: names.iter().map(index_of).collect(),
        })
    }

    /// From now on calls choose by these shares.
    pub(super) fn choose_by(&mut self, shares: &TiSlice<ModelId, f64>) {
        self.chooser = Chooser::new(shares);
    }

    /// When the next call arrives, if one does before any of this application's calls ends.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.source.next_at()
    }

    /// Takes the next call, with the model it goes to: a conversation keeps the model of its first
    /// turn.
    ///
    /// # Panics
    /// When no call is left.
    #[inline]
    pub(super) fn take(&mut self) -> Result<(Call, ModelId), TraceError> {
        let call = self.source.next_call()?.expect("an arrival was scheduled");
        if let Some(model) = call.chosen {
            return Ok((call, ModelId::new(model)));
        }
        let chosen = self.chooser.choose(&mut self.stream);
        let model = call.model.map_or(chosen, |name| self.named[name]);
        if let Some(caller) = call.caller {
            self.source.chose(caller, model.index());
        }
        Ok((call, model))
    }

    /// Tells whoever waits for it that a call ended at `now`. Says whether the next call comes
    /// earlier for it.
    pub(super) fn ended(&mut self, now: SimTime, caller: u32, ending: Ending) -> bool {
        let before = self.source.next_at();
        self.source.ended(now, caller, ending);
        self.source.next_at() != before
    }
}
