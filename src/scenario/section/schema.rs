//! The scenario file, field by field, before it is validated: the types of all sections.
//!
//! These types fix what may be written where; what the values must be for a simulation to make
//! sense is checked by `resolve` of each section. Keys are in kebab case, an enum is one word or a
//! map with one entry, and unknown keys are errors.

pub(in crate::scenario) use super::applications::arrivals::schema::*;
pub(in crate::scenario) use super::applications::modulation::schema::*;
pub(in crate::scenario) use super::applications::schema::*;
pub(in crate::scenario) use super::applications::sources::schema::*;
pub(in crate::scenario) use super::applications::trace::schema::*;
pub(in crate::scenario) use super::cloud::schema::*;
pub(in crate::scenario) use super::file_name::FileName;
pub(in crate::scenario) use super::laws::schema::*;
pub(in crate::scenario) use super::market::schema::*;
pub(in crate::scenario) use super::models::batching::schema::*;
pub(in crate::scenario) use super::models::engine::schema::*;
pub(in crate::scenario) use super::models::performance::schema::*;
pub(in crate::scenario) use super::models::schema::*;
pub(in crate::scenario) use super::models::usual;
pub(in crate::scenario) use super::payoff::schema::*;
pub(in crate::scenario) use super::scheduler::capacity::Capacity;
pub(in crate::scenario) use super::scheduler::routing::RoutingName;
pub(in crate::scenario) use super::scheduler::schema::*;
pub(in crate::scenario) use super::servegen::schema::*;
pub(in crate::scenario) use super::tenants::Tenant;
pub(in crate::scenario) use super::whole::cases::*;
pub(in crate::scenario) use super::whole::schema::*;
pub(in crate::scenario) use super::window::horizon::Horizon;
pub(in crate::scenario) use super::window::schema::*;
pub(in crate::scenario) use super::word_or_map::NameOr;
