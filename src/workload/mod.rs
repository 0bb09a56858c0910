//! Arrival streams: when calls arrive and how long they are.
//!
//! A [`SourceSpec`] says what a stream is, a [`Source`] brings its calls one by one. Laws of gaps
//! and lengths know their exact moments ([`Distribution::mean_tokens`]), so that what is offered
//! can be stated before anything runs.

mod agenda;
mod arrivals;
mod batch;
mod cached;
mod clients;
mod clock;
mod continuous;
mod distribution;
mod draws;
mod extent;
mod mmpp;
mod modulated_rate;
mod modulation;
mod moments;
mod profile;
mod quantiles;
mod renewal;
mod sampler;
mod sessions;
mod source;
mod spec;
mod synthetic;
mod tokens;
mod trace;
mod users;
mod windows;
mod zipf;

pub use arrivals::{ArrivalProcess, Burst};
pub use batch::BatchSpec;
pub use cached::{CachedPart, CachedPrefix};
pub use extent::{Extent, Tokens};
pub use moments::SecondMoments;
pub use sampler::{LengthsSampler, Sampler};
pub use sessions::{SessionMeans, SessionsSpec, Turns};
pub use source::{Ending, Expected, PreparedSource, Source};
pub use spec::{
    Arrivals, CachedColumn, Call, Client, ClientGaps, ClientWindows, Distribution, Family,
    FlashCrowd, GapWindow, Lengths, Mmpp, MmppState, Modulation, Prefix, Process, RateProfile,
    Renewal, SourceSpec, TimestampFormat, TraceColumns, TraceSpec, Turn,
};
pub use synthetic::Synthetic;
pub use trace::{
    BadRow, Replay, RowProblem, ServeGenClient, ServeGenWindow, Trace, TraceError, TraceSummary,
    scan, servegen_clients, servegen_hours, servegen_lengths, servegen_rates, servegen_windows,
};
pub use users::{MAX_USERS, PAUSE_AFTER_REJECTION, UsersSpec};
