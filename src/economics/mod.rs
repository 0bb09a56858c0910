//! Prices, the ledger and energy.

mod spec;

pub use spec::{TenantSpec, Terms, TokenPrice};
