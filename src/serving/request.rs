//! Requests in flight.

use crate::engine::{SimDuration, SimTime};
use crate::ids::RequestId;
use crate::scheduler::line::Waiting;
use std::num::NonZeroU32;
use typed_index_collections::{TiVec, ti_vec};

/// What is known of a request: complete, and immutable, once it has ended.
// In this order: what every boundary asks for is in the first of two cache lines. Of many requests in flight, each
// is in no cache when its turn comes.
#[repr(C, align(64))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// When it arrived.
    pub arrived: SimTime,
    /// Start of its first prefill work, or of service.
    pub started: Option<SimTime>,
    /// When its first token was produced.
    pub first_token: Option<SimTime>,
    /// Prompt tokens.
    pub input: u32,
    /// Output tokens.
    pub output: u32,
    /// Output tokens produced when it was last preempted, joined a batch, or was handed over.
    pub produced: u32,
    /// Prompt tokens whose KV was found when it was first admitted: what it is billed for as cached.
    pub reused: u32,
    /// Tokens of its prompt whose KV was found when it was last admitted.
    pub found: u32,
    /// Whatever the caller needs to find its books again.
    pub tag: u32,
    /// The conversation that it continues, if any.
    pub turn: Option<SessionPrefix>,
    /// Time that it takes in a `service-time` deployment.
    pub service: SimDuration,
    /// What it has in common with the prompts of others.
    pub shared: SharedPrefix,
    /// Who waits for its end, by a number of the caller's own.
    pub caller: Option<u32>,
    /// Leading prompt tokens whose KV is found wherever there is a prefix cache, fewer than `input`.
    pub cached: u32,
    /// Prompt tokens whose KV is moved to the replica that decodes it, which has the others.
    pub moved: u32,
    /// The replica that it was sent to first, by the caller's number of it.
    pub routed_to: u32,
    /// The replica that is to decode it, while its KV is still where its prompt was processed.
    pub decoder: Option<Decoder>,
}

/// A replica that decodes what another one has processed, by the caller's number of it.
// The number and one, so that an absent one takes no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoder(NonZeroU32);

impl Decoder {
    /// The replica of that number, less than 2³² − 1.
    pub fn new(number: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(number))
    }

    /// Its number.
    pub fn number(self) -> u32 {
        self.0.get() - 1
    }
}

impl Request {
    /// A request that has just arrived.
    pub fn new(arrived: SimTime, input: u32, output: u32, service: SimDuration, tag: u32) -> Self {
        Self {
            arrived,
            started: None,
            first_token: None,
            input,
            output,
            cached: 0,
            shared: SharedPrefix::default(),
            turn: None,
            caller: None,
            produced: 0,
            reused: 0,
            found: 0,
            moved: 0,
            routed_to: 0,
            decoder: None,
            service,
            tag,
        }
    }

    /// Tokens to process before it can decode: what it has produced counts when its KV was dropped.
    pub fn prompt(&self) -> u32 {
        self.input + self.produced
    }

    /// Tokens that its next one attends to.
    pub fn context(&self) -> u64 {
        u64::from(self.input) + u64::from(self.produced)
    }

    /// As a line sees it.
    pub fn waiting(&self, id: RequestId) -> Waiting {
        let &Self { arrived, input, output, tag, .. } = self;
        Waiting { id, arrived, input, output, tag }
    }

    /// KV-cache tokens that it holds when complete, and under `reserve` from admission on.
    pub fn kv_tokens(&self) -> u64 {
        u64::from(self.input) + u64::from(self.output)
    }
}

/// A text with which the prompts of several requests begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharedPrefix {
    /// Which, by a number of the caller's own: of the same text, the shorter prefix is the beginning of
    /// the longer.
    pub text: u32,
    /// Its tokens, fewer than the prompt's; 0 if it has none.
    pub tokens: u32,
}

/// What a turn of a conversation has in common with the turn before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPrefix {
    /// Which conversation: no two that are alive have the same number.
    pub session: u64,
    /// Leading prompt tokens that were the prompt and output of the turn before.
    pub history: u32,
}

/// Requests that are given room together: 128 KiB.
const SLAB: usize = 1024;

/// All requests in flight. Places are reused, so memory grows with requests in flight, never with
/// requests simulated.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    /// Places in groups that stay where they are: a list that grows is there twice while it is copied.
    slabs: Vec<Box<[Request; SLAB]>>,
    /// How many requests have had each place and ended.
    generations: TiVec<RequestId, u32>,
    free: Vec<RequestId>,
}

/// A request, for whoever may come when it has ended: no two ever have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequestTicket {
    id: RequestId,
    generation: u32,
}

impl Requests {
    /// Keeps a request.
    #[inline(always)]
    pub fn insert(&mut self, request: Request) -> RequestId {
        let id = self.free.pop().unwrap_or_else(|| self.new_place());
        self[id] = request;
        id
    }

    #[cold]
    fn new_place(&mut self) -> RequestId {
        if self.generations.len() == self.slabs.len() * SLAB {
            let vacant = Request::new(SimTime::ZERO, 0, 0, SimDuration::ZERO, 0);
            let slab = vec![vacant; SLAB].into_boxed_slice();
            self.slabs.push(slab.try_into().expect("it is as long as that"));
        }
        self.generations.push_and_get_key(0)
    }

    /// Takes a request out; its id may be given to another.
    #[inline]
    pub fn remove(&mut self, id: RequestId) -> Request {
        self.generations[id] = self.generations[id].wrapping_add(1);
        self.free.push(id);
        self[id]
    }

    /// A ticket for a request in flight, which is worth nothing when it has ended.
    pub fn ticket(&self, id: RequestId) -> RequestTicket {
        RequestTicket { id, generation: self.generations[id] }
    }

    /// The request of a ticket, if it has not ended.
    pub fn claim(&self, ticket: RequestTicket) -> Option<RequestId> {
        (self.generations[ticket.id] == ticket.generation).then_some(ticket.id)
    }

    /// All requests in flight, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = &Request> {
        let mut in_use: TiVec<RequestId, bool> = ti_vec![true; self.generations.len()];
        self.free.iter().for_each(|&id| in_use[id] = false);
        let places = self.slabs.iter().flat_map(|slab| slab.iter());
        places.zip(in_use).filter_map(|(request, used)| used.then_some(request))
    }

    /// How many are in flight.
    pub fn len(&self) -> usize {
        self.generations.len() - self.free.len()
    }

    /// Whether none is in flight.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl std::ops::Index<RequestId> for Requests {
    type Output = Request;

    fn index(&self, id: RequestId) -> &Request {
        &self.slabs[id.index() / SLAB][id.index() % SLAB]
    }
}

impl std::ops::IndexMut<RequestId> for Requests {
    fn index_mut(&mut self, id: RequestId) -> &mut Request {
        &mut self.slabs[id.index() / SLAB][id.index() % SLAB]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_two_cache_lines() {
        assert_eq!(size_of::<Request>(), 128);
    }

    /// More than one slab holds, and some ended.
    #[test]
    fn requests_stay_who_they_are() {
        let mut requests = Requests::default();
        let request = |tag| Request::new(SimTime::ZERO, 1, 1, SimDuration::ZERO, tag);
        let ids: Vec<_> = (0..3000).map(|tag| requests.insert(request(tag))).collect();
        for &id in ids.iter().step_by(3) {
            requests.remove(id);
        }
        let left: Vec<u32> = requests.iter().map(|request| request.tag).collect();
        assert_eq!((left.len(), requests.len()), (2000, 2000));
        assert!(left.iter().all(|tag| tag % 3 != 0));
        assert!((0..1000).all(|tag| ids.contains(&requests.insert(request(tag)))));
        assert_eq!(requests.iter().count(), 3000);
    }

    #[test]
    fn a_ticket_is_worth_nothing_when_its_request_has_ended() {
        let mut requests = Requests::default();
        let request = Request::new(SimTime::ZERO, 1, 1, SimDuration::ZERO, 0);
        let first = requests.insert(request);
        let ticket = requests.ticket(first);
        assert_eq!(requests.claim(ticket), Some(first));
        requests.remove(first);
        let second = requests.insert(request);
        assert_eq!((second, requests.claim(ticket)), (first, None));
        assert_eq!(requests.claim(requests.ticket(second)), Some(second));
    }
}
