//! A replica of any kind, as the simulation drives it.

use super::continuous::TokenReplica;
use super::request::{RequestId, Requests};
use super::slots::SlotReplica;
use super::usage::Usage;
use crate::engine::SimTime;

/// What a boundary did, in order. The caller clears it.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Requests whose first work started.
    pub started: Vec<RequestId>,
    /// Requests that ended.
    pub finished: Vec<RequestId>,
}

impl Progress {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.started.clear();
        self.finished.clear();
    }
}

/// A replica. It never has more than one pending event: its next boundary.
#[derive(Clone, Debug)]
pub enum Replica {
    /// Serves tokens in iterations.
    Tokens(TokenReplica),
    /// Serves for given times.
    Slots(SlotReplica),
}

impl Replica {
    /// Whether it can take a request in at `now`: an empty replica could hold the request's KV
    /// cache, and there is a waiting place.
    pub fn takes(&self, now: SimTime, kv_tokens: u64) -> bool {
        match self {
            Self::Tokens(replica) => replica.fits(kv_tokens),
            Self::Slots(replica) => replica.has_place(now),
        }
    }

    /// Takes a request in. Returns the instant of the next boundary if that has changed.
    pub fn enqueue(&mut self, now: SimTime, id: RequestId, requests: &Requests) -> Option<SimTime> {
        match self {
            Self::Tokens(replica) => replica.enqueue(now, id, requests),
            Self::Slots(replica) => replica.enqueue(now, id),
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

    /// Books time and iterations up to `now`.
    pub fn book(&mut self, now: SimTime, usage: &mut Usage) {
        match self {
            Self::Tokens(replica) => replica.book(now, usage),
            Self::Slots(replica) => replica.book(now, usage),
        }
    }

    /// Output tokens produced so far by requests that have not ended.
    pub fn partial_output_tokens(&self, requests: &Requests) -> u64 {
        match self {
            Self::Tokens(replica) => replica.partial_output_tokens(requests),
            Self::Slots(_) => 0,
        }
    }
}
