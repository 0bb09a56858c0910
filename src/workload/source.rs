//! Where an application's calls come from: one stream of calls, whatever is behind it.

use super::trace::{Replay, Trace, TraceError};
use super::{Arrivals, Call, Lengths, Process, SourceSpec, Synthetic};
use crate::engine::{Purpose, SimDuration, Streams};
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
    /// What random processes bring in a simulation of `horizon`; without lengths, calls have no
    /// tokens.
    pub fn of(arrivals: &Arrivals, lengths: Option<&Lengths>, horizon: SimDuration) -> Self {
        let tokens = |laws: &Lengths| (laws.input.mean_tokens(), laws.output.mean_tokens());
        let usual = lengths.map_or((0.0, 0.0), tokens);
        let (mean_input, mean_output) = match &arrivals.process {
            Process::Renewal(_) | Process::Mmpp(_) => usual,
            Process::Clients(clients) => clients.iter().fold((0.0, 0.0), |sum, client| {
                let (input, output) = client.lengths.as_ref().map_or(usual, tokens);
                (sum.0 + client.share * input, sum.1 + client.share * output)
            }),
        };
        Self { calls_per_s: arrivals.mean_rate(horizon), mean_input, mean_output }
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

    /// What the source brings in a simulation of `horizon`. Scans the trace, if there is one.
    ///
    /// # Errors
    /// When the trace cannot be replayed.
    pub fn expected(&self, horizon: SimDuration) -> Result<Expected, TraceError> {
        Ok(self.prepare()?.expected(horizon))
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
    /// What the source brings in a simulation of `horizon`.
    pub fn expected(&self, horizon: SimDuration) -> Expected {
        match self {
            Self::Synthetic { arrivals, lengths } => {
                Expected::of(arrivals, lengths.as_ref(), horizon)
            }
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
            Self::Synthetic { arrivals, lengths } => Source::Synthetic(Box::new(Synthetic::new(
                arrivals,
                lengths.as_ref(),
                application,
                streams,
            ))),
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
