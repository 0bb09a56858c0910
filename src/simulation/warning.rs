//! What makes a run's numbers answer another question than the one that was asked.

use super::accounts::Trend;
use super::prepared::Prepared;
use crate::ids::{DeploymentId, ModelId};
use crate::planning::Offered;
use crate::planning::Server;
use crate::planning::TooLong;
use serde::{Deserialize, Serialize};
use std::fmt;
use typed_index_collections::TiSlice;

/// Of what a plan asks for, so much may be missing for rounding.
const ROUNDING: f64 = 1e-6;
/// By so much the estimate of what replicas that serve tokens can do may be too low.
const ESTIMATE_ERROR: f64 = 1.2;

/// Something about one model that a reader must know before any number. In order of gravity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Warning {
    /// Calls come to a model that has no replica: all are turned away.
    NoReplica {
        /// The model's name.
        model: String,
        /// Expected calls per second.
        calls_per_s: f64,
    },
    /// No call of an application has room in any replica of a model, however empty it is: all are turned away.
    TooLong {
        /// The model's name.
        model: String,
        /// The application's name.
        application: String,
        /// Tokens of its shortest call.
        tokens: u64,
        /// The most for which a replica has room.
        room: u64,
    },
    /// Before the run: more work is expected than the model's replicas can do.
    Overload {
        /// The model's name.
        model: String,
        /// Expected calls over those that its replicas complete when saturated, above 1.
        load: f64,
    },
    /// During the run: the queue grew all through the measured window, beyond what chance does. Waits
    /// are longer the longer the window is.
    QueueGrows {
        /// The model's name.
        model: String,
        /// By how many requests per second, on average.
        per_s: f64,
    },
    /// The cloud has no room for all replicas that the capacity plan asks for.
    TooSmall {
        /// The model's name.
        model: String,
        /// Expected calls over those that its replicas complete when saturated.
        load: f64,
        /// The load at which the plan would have it.
        planned_load: f64,
    },
    /// Some calls of an application have no room in any replica of a model: they are turned away.
    SometimesTooLong {
        /// The model's name.
        model: String,
        /// The application's name.
        application: String,
        /// Tokens of its longest call.
        tokens: u64,
        /// The most for which a replica has room.
        room: u64,
    },
}

impl Warning {
    /// The model's name.
    pub fn model(&self) -> &str {
        match self {
            Self::NoReplica { model, .. }
            | Self::Overload { model, .. }
            | Self::QueueGrows { model, .. }
            | Self::TooSmall { model, .. }
            | Self::TooLong { model, .. }
            | Self::SometimesTooLong { model, .. } => model,
        }
    }

    /// Whether another says the same of the same model, whatever the numbers are.
    pub fn is_like(&self, other: &Self) -> bool {
        let application = |warning: &Self| match warning {
            Self::TooLong { application, .. } | Self::SometimesTooLong { application, .. } => {
                Some(application.clone())
            }
            _ => None,
        };
        std::mem::discriminant(self) == std::mem::discriminant(other)
            && self.model() == other.model()
            && application(self) == application(other)
    }

    /// How bad it is, beside others that are [like](Self::is_like) it.
    pub fn size(&self) -> f64 {
        match self {
            Self::NoReplica { calls_per_s, .. } => *calls_per_s,
            Self::Overload { load, .. } | Self::TooSmall { load, .. } => *load,
            Self::QueueGrows { per_s, .. } => *per_s,
            Self::TooLong { tokens, .. } | Self::SometimesTooLong { tokens, .. } => *tokens as f64,
        }
    }

    /// Whether calls are not served for it, or not in time.
    pub fn is_grave(&self) -> bool {
        !matches!(self, Self::TooSmall { .. } | Self::SometimesTooLong { .. })
    }

    /// Whether waits of the model depend on how long it is simulated.
    pub fn is_unstable(&self) -> bool {
        matches!(self, Self::Overload { .. } | Self::QueueGrows { .. })
    }
}

impl Prepared<'_> {
    /// What is known before the run, and what the queues of the models show after it (none yet, if
    /// `trends` is empty); the gravest first.
    pub fn warnings(&self, trends: &TiSlice<ModelId, Trend>) -> Vec<Warning> {
        let models = || self.offered.iter().zip(&self.setup.models);
        let each = |warning: fn(&Offered, String) -> Option<Warning>| {
            models().filter_map(move |(offered, model)| warning(offered, model.name.clone()))
        };
        let seconds = self.setup.window.bucket.as_secs_f64();
        let grows = trends.iter().zip(&self.setup.models).filter_map(|(trend, model)| {
            let per_s = trend.growth()? / seconds;
            Some(Warning::QueueGrows { model: model.name.clone(), per_s })
        });
        let overloads = self.offered.keys().filter_map(|model| {
            let warning = overload(&self.offered[model], self.setup.models[model].name.clone());
            let refuted = trends.get(model).is_some_and(|trend| self.is_refuted(model, trend));
            warning.filter(|_| !refuted)
        });
        let too_long = |all: bool| {
            let found = self.too_long.iter().filter(move |one| one.all == all);
            found.map(|one| self.too_long_warning(one))
        };
        let first = each(no_replica).chain(too_long(true)).chain(overloads).chain(grows);
        first.chain(each(too_small)).chain(too_long(false)).collect()
    }

    fn too_long_warning(&self, one: &TooLong) -> Warning {
        let &TooLong { tokens, room, .. } = one;
        let model = self.setup.models[one.model].name.clone();
        let application = self.setup.applications[one.application].name.clone();
        match one.all {
            true => Warning::TooLong { model, application, tokens, room },
            false => Warning::SometimesTooLong { model, application, tokens, room },
        }
    }

    /// Whether a run showed that an overload within the error of its estimate is none: the queue did not
    /// grow. Where service times are given the load is no estimate. Calls for which there is no room are work that is
    /// expected, and not done.
    fn is_refuted(&self, model: ModelId, trend: &Trend) -> bool {
        let estimated = |index: DeploymentId| matches!(self.servers[index], Server::Tokens { .. });
        let mut deployments = self.setup.deployments.iter_enumerated();
        let estimated = deployments.any(|(index, spec)| spec.model == model && estimated(index));
        let load = self.offered[model].open_load();
        let near = estimated && load.is_some_and(|load| load < ESTIMATE_ERROR);
        let turned_away = self.too_long.iter().any(|one| one.model == model);
        trend.is_known() && trend.growth().is_none() && (near || turned_away)
    }
}

fn no_replica(offered: &Offered, model: String) -> Option<Warning> {
    let calls_per_s = offered.demand.expected.calls_per_s;
    (offered.replicas == 0 && calls_per_s > 0.0)
        .then_some(Warning::NoReplica { model, calls_per_s })
}

fn overload(offered: &Offered, model: String) -> Option<Warning> {
    let load = offered.open_load()?;
    (load > 1.0).then_some(Warning::Overload { model, load })
}

fn too_small(offered: &Offered, model: String) -> Option<Warning> {
    let (load, planned) = (offered.load()?, offered.planned?);
    let planned_load = offered.demand.expected.calls_per_s / planned;
    let short = offered.supply < planned * (1.0 - ROUNDING);
    short.then_some(Warning::TooSmall { model, load, planned_load })
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReplica { model, calls_per_s } => write!(
                f,
                "`{model}` has no replica: its {calls_per_s:.3} calls per second are turned away"
            ),
            Self::TooLong { model, application, tokens, room } => write!(
                f,
                "no replica of `{model}` can hold a call of `{application}`: the shortest takes {tokens} tokens, and there is room for {room}; all are turned away"
            ),
            Self::SometimesTooLong { model, application, tokens, room } => write!(
                f,
                "no replica of `{model}` can hold the longest calls of `{application}`: they take up to {tokens} tokens, and there is room for {room}; they are turned away"
            ),
            Self::Overload { model, load } => write!(
                f,
                "`{model}` is overloaded: {load:.2} times the work that its replicas can do is expected"
            ),
            Self::QueueGrows { model, per_s } => write!(
                f,
                "the queue of `{model}` grows by {per_s:.2} requests per second: its waits depend on the horizon"
            ),
            Self::TooSmall { model, load, planned_load } => write!(
                f,
                "the cloud is too small: `{model}` runs at a load of {load:.2} instead of {planned_load:.2}"
            ),
        }
    }
}
