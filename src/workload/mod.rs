//! Arrival streams: when calls arrive and how long they are.
//!
//! A [`SourceSpec`] says what a stream is, a [`Source`] brings its calls one by one. Laws of gaps
//! and lengths know their exact moments ([`Distribution::mean_tokens`]), so that what is offered
//! can be stated before anything runs.

mod arrivals;
mod batch;
mod cached;
mod distribution;
mod draws;
mod profile;
mod quantiles;
mod sampler;
mod sessions;
mod source;
mod spec;
mod tokens;
mod trace;
mod users;

pub use arrivals::ArrivalProcess;
pub use batch::BatchSpec;
pub use cached::{CachedPart, CachedPrefix};
pub use sampler::{LengthsSampler, Sampler};
pub use sessions::{SessionMeans, SessionsSpec, Turns};
pub use source::{Ending, Expected, PreparedSource, Source};
pub use spec::{
    Arrivals, CachedColumn, Call, Distribution, Lengths, RateProfile, Renewal, SourceSpec,
    TimestampFormat, TraceColumns, TraceSpec, Turn,
};
pub use trace::{
    BadRow, Replay, RowProblem, ServeGenClient, Trace, TraceError, TraceSummary, scan,
    servegen_clients,
};
pub use users::{MAX_USERS, PAUSE_AFTER_REJECTION, UsersSpec};
