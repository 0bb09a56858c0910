//! Arrival streams: when calls arrive and how long they are.
//!
//! A [`SourceSpec`] says what a stream is, a [`Source`] brings its calls one by one. Laws of gaps
//! and lengths know their exact moments ([`Distribution::mean_tokens`]), so that what is offered
//! can be stated before anything runs.

mod arrivals;
mod distribution;
mod profile;
mod quantiles;
mod sampler;
mod source;
mod spec;
mod tokens;
mod trace;

pub use arrivals::ArrivalProcess;
pub use sampler::{LengthsSampler, Sampler};
pub use source::{Expected, PreparedSource, Source, Synthetic};
pub use spec::{
    Arrivals, Call, Distribution, Lengths, RateProfile, Renewal, SourceSpec, TimestampFormat,
    TraceColumns, TraceSpec,
};
pub use trace::{BadRow, Replay, RowProblem, Trace, TraceError, TraceSummary, scan};
