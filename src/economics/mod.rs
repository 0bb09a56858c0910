//! Meters, contracts and the journal: who owes whom what for which use; and energy.
//!
//! [`Billing`](billing::Billing) reads a [`Metered`], asks the [contracts](contract) what it comes to, and posts
//! that to the [journal]. An account of the cloud has a [`Label`], which knows the metric that reports
//! it: a [`Statement`](statement::Statement) needs to know of no kind of contract.

pub mod billing;
pub mod contract;
pub mod energy;
pub mod journal;
mod label;
pub mod ledger;
mod meter;
mod money;
mod spec;
pub mod statement;

pub use contract::Terms;
pub use label::{Label, Subject};
pub use meter::Metered;
pub use money::MicroUsd;
pub use spec::{TenantSpec, TokenPrice};
