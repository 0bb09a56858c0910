//! The policies of a run, as values: whoever has one of their own puts it in the place of the scenario's.

use super::prepared::Prepared;
use crate::ids::ApplicationId;
use crate::market::{Demand, Given};
use crate::scheduler::control::{self, Controller};
use crate::scheduler::filter::{self, Filter};
use crate::scheduler::line::{self, Queue};
use crate::scheduler::placement::{self, PlacementPolicy};

/// What decides in one replication.
pub struct Policies<'a> {
    /// Which replicas start and stop.
    pub controller: Box<dyn Controller + 'a>,
    /// Where they are placed.
    pub placement: Box<dyn PlacementPolicy + 'a>,
    /// Where they must not be placed.
    pub filters: Vec<Box<dyn Filter + 'a>>,
    /// In what order calls are served that wait at a replica: a line for each.
    pub line: Box<dyn Fn() -> Queue + 'a>,
    /// How the customers of each application choose.
    pub demand: Box<dyn Fn(ApplicationId) -> Box<dyn Demand + 'a> + 'a>,
}

impl<'a> Policies<'a> {
    /// Those that the scenario names.
    pub fn of(prepared: &'a Prepared<'_>) -> Self {
        let planned = prepared.plan.replicas.iter().map(|placed| (placed.deployment, placed.node));
        let names = &prepared.setup.scheduler;
        Self {
            controller: control::controller(names.autoscaling, planned),
            placement: placement::policy(names.placement),
            filters: filter::usual(),
            line: Box::new(|| line::line(names.queue_discipline)),
            demand: Box::new(|application| Box::new(Given(prepared.shares[application].clone()))),
        }
    }
}
