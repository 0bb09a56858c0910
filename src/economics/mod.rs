//! Prices, the ledger and energy.

pub mod billing;
pub mod energy;
pub mod ledger;
mod money;
mod spec;

pub use money::MicroUsd;
pub use spec::{TenantSpec, Terms, TokenPrice};
