//! The composed model: state, one event enum, one handler per event, audits.

mod setup;

pub use setup::{ApplicationSpec, DeploymentSpec, ModelSpec, ServingSpec, Setup, Slo, Window};
