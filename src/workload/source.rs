//! Where an application's calls come from: one stream of calls, whatever is behind it.

use super::sampler::LengthsSampler;
use super::trace::{Replay, Trace, TraceError};
use super::{ArrivalProcess, Arrivals, Call, Lengths, SourceSpec};
use crate::engine::{Purpose, Stream, Streams};
use std::sync::Arc;

/// What a source brings in the long run: for capacity planning, and to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Calls per second; for a trace, while it lasts, and infinite if that is one instant.
    pub calls_per_s: f64,
    /// Mean prompt tokens of a call.
    pub mean_input: f64,
    /// Mean output tokens of a call.
    pub mean_output: f64,
}

impl Expected {
    /// What random processes bring; without lengths, calls have no tokens.
    pub fn of(arrivals: &Arrivals, lengths: Option<&Lengths>) -> Self {
        Self {
            calls_per_s: arrivals.mean_rate(),
            mean_input: lengths.map_or(0.0, |laws| laws.input.mean_tokens()),
            mean_output: lengths.map_or(0.0, |laws| laws.output.mean_tokens()),
        }
    }
}

impl SourceSpec {
    /// Opens and scans the trace, if there is one.
    ///
    /// # Errors
    /// When the trace cannot be replayed.
    pub fn prepare(&self) -> Result<PreparedSource, TraceError> {
        Ok(match self {
            Self::Synthetic { arrivals, lengths } => {
                PreparedSource::Synthetic { arrivals: arrivals.clone(), lengths: lengths.clone() }
            }
            Self::Trace(spec) => PreparedSource::Trace(Arc::new(Trace::open(spec)?)),
        })
    }

    /// What the source brings in the long run. Scans the trace, if there is one.
    ///
    /// # Errors
    /// When the trace cannot be replayed.
    pub fn expected(&self) -> Result<Expected, TraceError> {
        Ok(self.prepare()?.expected())
    }
}

/// A source made ready: a trace is scanned once, however many replications replay it.
#[derive(Clone, Debug)]
pub enum PreparedSource {
    /// Drawn from random processes.
    Synthetic {
        /// When calls arrive.
        arrivals: Arrivals,
        /// How long they are; absent where calls have no tokens.
        lengths: Option<Lengths>,
    },
    /// Replayed from a file.
    Trace(Arc<Trace>),
}

impl PreparedSource {
    /// What the source brings in the long run.
    pub fn expected(&self) -> Expected {
        match self {
            Self::Synthetic { arrivals, lengths } => Expected::of(arrivals, lengths.as_ref()),
            Self::Trace(trace) => Expected {
                calls_per_s: trace.calls_per_s(),
                mean_input: trace.summary().mean_input,
                mean_output: trace.summary().mean_output,
            },
        }
    }

    /// The calls of `application` in the replication that `streams` belong to.
    ///
    /// # Errors
    /// When the trace cannot be read, or changed after it was scanned.
    ///
    /// # Panics
    /// When the laws were not validated.
    pub fn start(&self, application: &str, streams: &Streams) -> Result<Source, TraceError> {
        Ok(match self {
            Self::Synthetic { arrivals, lengths } => Source::Synthetic(Box::new(Synthetic {
                arrivals: ArrivalProcess::new(
                    arrivals,
                    streams.stream(Purpose::Arrivals, application),
                ),
                lengths: lengths.as_ref().map(LengthsSampler::new),
                stream: streams.stream(Purpose::Lengths, application),
            })),
            Self::Trace(trace) => {
                let stream = streams.stream(Purpose::Trace, application);
                Source::Trace(Box::new(Replay::new(trace.clone(), stream)?))
            }
        })
    }
}

/// An application's calls, one by one, in order of time.
#[derive(Debug)]
pub enum Source {
    /// Drawn from random processes.
    Synthetic(Box<Synthetic>),
    /// Replayed from a file.
    Trace(Box<Replay>),
}

impl Source {
    /// The calls of `application` in the replication that `streams` belong to.
    ///
    /// A trace is scanned first: for many replications [prepare](SourceSpec::prepare) it once.
    ///
    /// # Errors
    /// When the trace cannot be replayed.
    ///
    /// # Panics
    /// When the laws in `spec` were not validated.
    pub fn new(
        spec: &SourceSpec,
        application: &str,
        streams: &Streams,
    ) -> Result<Self, TraceError> {
        spec.prepare()?.start(application, streams)
    }

    /// The next call, not before the one before; `None` when there are no more.
    ///
    /// # Errors
    /// When the trace cannot be read, or changed after it was scanned.
    // Not an iterator: an iterator of results would go on after an error.
    pub fn next_call(&mut self) -> Result<Option<Call>, TraceError> {
        match self {
            Self::Synthetic(synthetic) => Ok(synthetic.next_call()),
            Self::Trace(replay) => replay.next_call(),
        }
    }
}

/// Calls drawn from random processes. Gaps and lengths have a stream each, so that changing one
/// law never moves the draws of the other.
#[derive(Clone, Debug)]
pub struct Synthetic {
    arrivals: ArrivalProcess,
    lengths: Option<LengthsSampler>,
    stream: Stream,
}

impl Synthetic {
    /// The next call; `None` when none comes before the end of time.
    pub fn next_call(&mut self) -> Option<Call> {
        let at = self.arrivals.next_arrival()?;
        let (input, output) = match &self.lengths {
            Some(lengths) => lengths.sample(&mut self.stream),
            None => (0, 0),
        };
        Some(Call { at, input, output, model: None })
    }
}
