//! Arrival streams: when calls arrive and how long they are.

mod spec;

pub use spec::{
    Arrivals, Call, Distribution, Lengths, RateProfile, Renewal, SourceSpec, TimestampFormat,
    TraceColumns, TraceSpec,
};
