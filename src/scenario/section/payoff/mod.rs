//! Strategies and worlds: what may be done, and what may come.

mod resolve;
pub(in crate::scenario) mod schema;

pub(in crate::scenario) use resolve::{check, without_effect};
