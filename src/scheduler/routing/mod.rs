//! Which replica a call goes to.

mod least;
mod least_loaded;
mod load_index;
mod openings;
mod power_of_two;
mod prefix_affinity;
mod round_robin;

use crate::engine::Stream;
pub use load_index::LoadIndex;

/// What is counted as a replica's load. Running work counts like waiting work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Requests assigned and not ended.
    Requests,
    /// Prompt and output tokens of requests assigned and not ended.
    Tokens,
}

/// A model's replicas, as a routing policy sees them.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Load of each replica, and which of them are candidates: the ready ones, or all when none is
    /// ready.
    pub loads: &'a LoadIndex,
    /// The candidate that served the last turn of the call's conversation.
    pub home: Option<usize>,
}

/// Chooses a replica for a call.
pub trait RoutingPolicy {
    /// What the policy wants counted.
    fn load(&self) -> Load;

    /// The chosen candidate's position. Where nothing else decides between several, one of them is
    /// drawn from `stream`, each as likely as the others: a place in a list decides nothing.
    fn route(&mut self, view: View<'_>, stream: &mut Stream) -> usize;
}

/// Which replica a call goes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Routing {
    /// One after another.
    RoundRobin,
    /// The fewest requests, running included.
    LeastRequests,
    /// The fewest outstanding tokens, running included.
    #[default]
    LeastTokens,
    /// The better of two drawn at random, by outstanding tokens.
    PowerOfTwo,
    /// Where the conversation's last turn ran, unless that replica is far busier than another; else
    /// the fewest outstanding tokens.
    PrefixAffinity(Patience),
}

/// How busy a replica may be for calls to stay with what it has cached: its outstanding tokens are at
/// most the larger of both bounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Patience {
    /// Outstanding tokens up to which no replica is too busy: a few long requests. Otherwise a second
    /// turn would always leave a replica with a single request for one with none.
    pub tokens: u64,
    /// Multiple of the least load of any replica, at least 1.
    pub factor: f64,
}

impl Default for Patience {
    /// Cache-aware routers of serving engines switch at ratios of 1.1 to 2.
    fn default() -> Self {
        Self { tokens: 32_768, factor: 2.0 }
    }
}

/// The policy of that name.
pub fn policy(name: Routing) -> Box<dyn RoutingPolicy> {
    match name {
        Routing::RoundRobin => Box::new(round_robin::RoundRobin::default()),
        Routing::LeastRequests => Box::new(least_loaded::LeastLoaded(Load::Requests)),
        Routing::LeastTokens => Box::new(least_loaded::LeastLoaded(Load::Tokens)),
        Routing::PowerOfTwo => Box::new(power_of_two::PowerOfTwo),
        Routing::PrefixAffinity(patience) => Box::new(prefix_affinity::PrefixAffinity(patience)),
    }
}
