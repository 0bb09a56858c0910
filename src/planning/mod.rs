//! What is asked of each model, what its replicas can do, and which replicas there are at the start: known before
//! anything is simulated.

mod demand;
mod draft;
mod error;
mod memo;
mod plan;
mod server;
mod too_long;
mod unreachable;

pub use demand::{Demand, Offered};
pub(crate) use demand::{Rates, Shares, link_rate, offered};
pub(crate) use draft::Draft;
pub use error::PlanningError;
pub(crate) use memo::Memo;
pub use plan::{NoRoom, Placed, Plan};
pub(crate) use server::Profiles;
pub use server::Server;
pub(crate) use too_long::TooLong;
pub use unreachable::Unreachable;
