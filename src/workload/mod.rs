//! Arrival streams: when calls arrive and how long they are.
//!
//! A [`SourceSpec`] says what a stream is, a [`Source`] brings its calls one by one. Laws of gaps
//! and lengths know their exact moments ([`Distribution::mean_tokens`]), so that what is offered
//! can be stated before anything runs.

mod arrivals;
mod clients;
mod clock;
mod continuous;
mod distribution;
mod mmpp;
mod modulation;
mod profile;
mod quantiles;
mod renewal;
mod sampler;
mod source;
mod spec;
mod synthetic;
mod tokens;
mod trace;
mod zipf;

pub use arrivals::ArrivalProcess;
pub use sampler::{LengthsSampler, Sampler};
pub use source::{Expected, PreparedSource, Source};
pub use spec::{
    Arrivals, Call, Client, ClientGaps, Distribution, Family, FlashCrowd, Lengths, Mmpp, MmppState,
    Modulation, Process, RateProfile, Renewal, SourceSpec, TimestampFormat, TraceColumns,
    TraceSpec,
};
pub use synthetic::Synthetic;
pub use trace::{BadRow, Replay, RowProblem, Trace, TraceError, TraceSummary, scan};
