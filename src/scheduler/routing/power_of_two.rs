//! The better of two drawn at random, by outstanding tokens.
//!
//! M. Mitzenmacher, *The power of two choices in randomized load balancing*, 2001.

use super::{Load, RoutingPolicy, View};
use crate::engine::Stream;
use rand::RngExt;

pub(super) struct PowerOfTwo;

impl RoutingPolicy for PowerOfTwo {
    fn load(&self) -> Load {
        Load::Tokens
    }

    fn route(&mut self, view: View<'_>, stream: &mut Stream) -> usize {
        let one = stream.random_range(0..view.candidates);
        let other = stream.random_range(0..view.candidates);
        if view.loads.get(other) < view.loads.get(one) { other } else { one }
    }
}
