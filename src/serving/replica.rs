//! A replica of any kind, as the simulation drives it.

use super::request::{Request, Requests};
use super::slots::SlotReplica;
use super::tokens::TokenReplica;
use super::usage::Usage;
use crate::engine::SimTime;
use crate::ids::RequestId;

/// What a boundary did, in order. The caller clears it.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Requests whose first work started.
    pub started: Vec<RequestId>,
    /// Requests that ended.
    pub finished: Vec<RequestId>,
    /// Requests whose prompt is processed and that another replica is to decode.
    pub prefilled: Vec<RequestId>,
    /// Requests with a reserved place whose KV is to be moved here.
    pub pulled: Vec<RequestId>,
}

impl Progress {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.started.clear();
        self.finished.clear();
        self.prefilled.clear();
        self.pulled.clear();
    }
}

/// A replica. It never has more than one pending event: its next boundary.
// Not in boxes: of many replicas, each would be one more place in memory to go to.
#[allow(clippy::large_enum_variant)]
#[derive(Debug)]
pub enum Replica {
    /// Serves tokens in iterations.
    Tokens(TokenReplica),
    /// Serves for given times.
    Slots(SlotReplica),
}

impl Replica {
    /// Whether it can take a request of so many tokens in at `now`: an empty replica could hold its KV
    /// cache, and there is a waiting place.
    pub fn takes(&self, now: SimTime, input: u32, output: u32) -> bool {
        match self {
            Self::Tokens(replica) => replica.fits(input, output),
            Self::Slots(replica) => replica.has_place(now),
        }
    }

    /// Takes a request in. Returns the instant of the next boundary if that has changed.
    pub fn enqueue(&mut self, now: SimTime, id: RequestId, requests: &Requests) -> Option<SimTime> {
        match self {
            Self::Tokens(replica) => replica.enqueue(now, id, requests),
            Self::Slots(replica) => replica.enqueue(now, id, requests),
        }
    }

    /// Acts at the boundary that was scheduled for `now` and returns the instant of the next.
    pub fn boundary(
        &mut self,
        now: SimTime,
        requests: &mut Requests,
        usage: &mut Usage,
        progress: &mut Progress,
    ) -> Option<SimTime> {
        match self {
            Self::Tokens(replica) => replica.boundary(now, requests, usage, progress),
            Self::Slots(replica) => replica.boundary(now, requests, usage, progress),
        }
    }

    /// The KV of a request that has a place here has arrived. Returns the instant of the next boundary
    /// if that has changed.
    ///
    /// # Panics
    /// When the replica serves no tokens.
    pub fn receive(&mut self, now: SimTime, id: RequestId, requests: &Requests) -> Option<SimTime> {
        match self {
            Self::Tokens(replica) => replica.receive(now, id, requests),
            Self::Slots(_) => unreachable!("only replicas that serve tokens pull KV"),
        }
    }

    /// The KV of a request whose prompt was processed here has been moved away. Returns the instant of
    /// the next boundary if that has changed.
    pub fn release(
        &mut self,
        now: SimTime,
        request: &Request,
        usage: &mut Usage,
    ) -> Option<SimTime> {
        match self {
            Self::Tokens(replica) => replica.release(now, request, usage),
            Self::Slots(_) => unreachable!("only replicas that serve tokens hand over"),
        }
    }

    /// Books time and iterations up to `now`.
    pub fn book(&mut self, now: SimTime, usage: &mut Usage) {
        match self {
            Self::Tokens(replica) => replica.book(now, usage),
            Self::Slots(replica) => replica.book(now, usage),
        }
    }

    /// Output tokens produced by requests that decode here, beyond those that they count themselves.
    pub fn tokens_since_joining(&self, requests: &Requests) -> u64 {
        match self {
            Self::Tokens(replica) => replica.tokens_since_joining(requests),
            Self::Slots(_) => 0,
        }
    }
}
