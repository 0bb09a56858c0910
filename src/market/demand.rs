//! How demand reacts: signals in, shares out. Nothing here simulates or keeps books.

use crate::engine::{SimDuration, SimTime};
use crate::ids::ModelId;
use typed_index_collections::{TiSlice, TiVec};

/// A time at which shares are chosen anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// How many there were before.
    pub number: u64,
    /// When it begins.
    pub at: SimTime,
}

/// What customers saw of a model since the last epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Signal {
    /// Calls that came, whatever became of them.
    pub arrived: u64,
    /// Calls answered.
    pub completed: u64,
    /// Calls turned away.
    pub rejected: u64,
    /// Mean seconds from arrival to answer of those answered, if there were any.
    pub mean_sojourn_s: Option<f64>,
}

/// What an application's customers saw of each model. At the first epoch, nothing.
#[derive(Clone, Copy, Debug)]
pub struct Signals<'a> {
    /// By model.
    pub models: &'a TiSlice<ModelId, Signal>,
}

/// How an application's customers choose among models.
pub trait Demand {
    /// The shares of the models until the next epoch: from 0 to 1, summing to 1.
    fn shares(&mut self, epoch: &Epoch, seen: &Signals<'_>) -> TiVec<ModelId, f64>;

    /// In what time they choose anew; `None` for never.
    fn reconsiders(&self) -> Option<SimDuration> {
        None
    }
}

/// Shares that are given, and never change.
#[derive(Clone, Debug, PartialEq)]
pub struct Given(pub TiVec<ModelId, f64>);

impl Demand for Given {
    fn shares(&mut self, _: &Epoch, _: &Signals<'_>) -> TiVec<ModelId, f64> {
        self.0.clone()
    }
}
