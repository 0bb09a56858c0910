//! Counter-based random streams: one per purpose and entity.
//!
//! ChaCha8 takes a 256-bit key and a 64-bit stream number. The key is derived from the seed and
//! the replication, the stream number from what the numbers are for and whose they are. Adding an
//! entity therefore never moves another's draws, and variants of a scenario that share a name
//! share its random numbers.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// One consumer's random numbers.
pub type Stream = ChaCha8Rng;

/// What a stream's numbers are used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Gaps between arrivals.
    Arrivals,
    /// Changes of state of arrival processes that have states.
    Bursts,
    /// What is drawn once for each client of an application.
    Clients,
    /// Input and output lengths of calls.
    Lengths,
    /// Which model a call goes to.
    Choice,
    /// Durations drawn by `service-time` deployments.
    Service,
    /// Sampling and ties of routing policies.
    Routing,
    /// Likewise, among replicas that decode what others prefilled.
    Handover,
    /// Shifts and thinning of superposed trace copies.
    Trace,
    /// Think times, and how many turns a conversation has.
    Think,
    /// Cached prefixes of prompts.
    Cached,
}

impl Purpose {
    /// Part of every stream's identity: changing a name changes results.
    fn name(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::Bursts => "bursts",
            Self::Clients => "clients",
            Self::Lengths => "lengths",
            Self::Choice => "choice",
            Self::Service => "service",
            Self::Routing => "routing",
            Self::Handover => "handover",
            Self::Trace => "trace",
            Self::Think => "think",
            Self::Cached => "cached",
        }
    }
}

/// The random streams of one replication.
#[derive(Clone, Debug)]
pub struct Streams {
    key: [u8; 32],
}

impl Streams {
    /// The streams of replication number `replication` (from 0) under `seed`.
    pub fn new(seed: u64, replication: u32) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"coopsim stream key");
        hasher.update(seed.to_le_bytes());
        hasher.update(replication.to_le_bytes());
        Self { key: hasher.finalize().into() }
    }

    /// The stream of `entity` (a stable name, not a position) for `purpose`.
    pub fn stream(&self, purpose: Purpose, entity: &str) -> Stream {
        self.numbered(number(purpose, entity))
    }

    /// The stream of one of an entity's members, which have no names: its users, for example.
    pub fn member(&self, purpose: Purpose, entity: &str, index: u64) -> Stream {
        // No name has a control character in it, so that no entity is called like a member.
        self.stream(purpose, &format!("{entity}\0{index}"))
    }

    /// The streams of an entity's members where there are too many of them to look each one up: its
    /// conversations, for example.
    pub fn members(&self, purpose: Purpose, entity: &str) -> Members {
        let first = number(purpose, &format!("{entity}\0"));
        Members { streams: self.clone(), first }
    }

    #[inline]
    fn numbered(&self, number: u64) -> Stream {
        let mut stream = ChaCha8Rng::from_seed(self.key);
        stream.set_stream(number);
        stream
    }
}

/// The number of a stream, from what it is for and whose it is.
fn number(purpose: Purpose, entity: &str) -> u64 {
    let mut hasher = Sha256::new();
    hasher.update(purpose.name().as_bytes());
    hasher.update([0]);
    hasher.update(entity.as_bytes());
    let digest: [u8; 32] = hasher.finalize().into();
    u64::from_le_bytes(digest[..8].try_into().expect("eight bytes"))
}

/// Streams with consecutive numbers: ChaCha's are as unlike as any others.
#[derive(Clone, Debug)]
pub struct Members {
    streams: Streams,
    first: u64,
}

impl Members {
    /// The stream of the member with this index.
    pub fn stream(&self, index: u64) -> Stream {
        self.streams.numbered(self.first.wrapping_add(index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;
    use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};

    #[test]
    fn streams_differ_by_seed_replication_purpose_and_entity() {
        let first = |seed, replication, purpose, entity| {
            Streams::new(seed, replication).stream(purpose, entity).next_u64()
        };
        let base = first(1, 0, Purpose::Arrivals, "chat");
        assert_eq!(base, first(1, 0, Purpose::Arrivals, "chat"));
        assert_ne!(base, first(2, 0, Purpose::Arrivals, "chat"));
        assert_ne!(base, first(1, 1, Purpose::Arrivals, "chat"));
        assert_ne!(base, first(1, 0, Purpose::Lengths, "chat"));
        assert_ne!(base, first(1, 0, Purpose::Arrivals, "code"));
    }

    /// Value stability: these hashes change only when a library or a stream's identity does, and
    /// then every result changes with them.
    #[test]
    fn golden_hash_of_each_stream() {
        let hash = |purpose| {
            let mut stream = Streams::new(7, 3).stream(purpose, "entity");
            let mut hasher = Sha256::new();
            for _ in 0..1000 {
                hasher.update(stream.next_u64().to_le_bytes());
                let exponential: f64 = Exp1.sample(&mut stream);
                let normal: f64 = StandardNormal.sample(&mut stream);
                let gamma: f64 = Gamma::new(0.7, 2.0).unwrap().sample(&mut stream);
                for value in [exponential, normal, gamma] {
                    hasher.update(value.to_bits().to_le_bytes());
                }
            }
            let digest: [u8; 32] = hasher.finalize().into();
            format!("{:016x}", u64::from_be_bytes(digest[..8].try_into().unwrap()))
        };
        let golden = [
            Purpose::Arrivals,
            Purpose::Bursts,
            Purpose::Clients,
            Purpose::Lengths,
            Purpose::Choice,
            Purpose::Service,
            Purpose::Routing,
            Purpose::Handover,
            Purpose::Trace,
            Purpose::Think,
            Purpose::Cached,
        ]
        .map(|purpose| format!("{purpose:?} {}", hash(purpose)))
        .join("\n");
        insta::assert_snapshot!(golden, @r"
        Arrivals 4392f448b86c768b
        Bursts 402cca44b4fcc568
        Clients ef917cc7cb70d104
        Lengths 860140b10510db0a
        Choice 030994aca3947855
        Service 9be126717b5babdf
        Routing 816d49ee1ab64ef3
        Handover ffad6490044daaf2
        Trace 7b35859fd36860f6
        Think 645c11effb81b5cf
        Cached 60123a341e2ace8b
        ");
    }
}
