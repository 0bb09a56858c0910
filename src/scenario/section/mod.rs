//! The sections of a scenario file. What may be written in one, what must hold for it to make sense
//! and what it has when it does not say stand together, in `schema`, `resolve` and `defaults` of its
//! module, or all in one file where they are short.

mod applications;
mod checker;
mod cloud;
mod defaults;
mod definition;
mod file_name;
mod laws;
mod market;
mod models;
mod payoff;
mod plausible;
mod scheduler;
pub(super) mod schema;
mod servegen;
mod tenants;
mod whole;
mod window;
mod word_or_map;

pub(super) use applications::one;
pub(super) use checker::Checker;
pub(super) use defaults::fill;
pub(super) use payoff::{check as check_payoff, without_effect};
pub(super) use whole::{Resolved, resolve};
