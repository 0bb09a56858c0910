//! What a replica does with its requests: iteration time, batching, KV cache, exact skipping.

mod affine;
mod curve;
mod footprint;
pub mod kernels;
mod picos;
mod profile;
mod ramp;
mod replica;
mod request;
mod roofline;
mod saturation;
mod sharing;
mod slots;
mod spec;
mod step;
mod table;
mod timing;
mod tokens;
mod usage;

pub use affine::AffineSpec;
pub use profile::{MeanTokens, TokenProfile};
pub use ramp::Ramp;
pub use replica::{Progress, Replica};
pub use request::{Decoder, Request, RequestTicket, Requests, SessionPrefix, SharedPrefix};
pub use roofline::{Iteration, Roofline};
pub use sharing::Sharing;
pub use slots::SlotReplica;
pub use spec::{
    Batching, BatchingPolicy, GivenReplica, KvAdmission, Performance, Preemption, Role,
    RooflineSpec, ServiceDiscipline, SlotServing, TokenServing,
};
pub use table::{Table, TableSpec};
pub use timing::Timing;
pub use tokens::TokenReplica;
pub use usage::{Activity, Usage};
