//! Formulas of queueing theory, written out with their sources, in units of the mean service time
//! unless said otherwise. Nothing here simulates.

mod bulk;
mod embedded;
mod erlang;
mod kiefer_wolfowitz;
mod machine_repair;
mod single_server;

pub(super) use bulk::mean_wait as bulk_wait;
pub(super) use embedded::mean_wait as constant_service_wait;
pub(super) use erlang::{erlang_b, erlang_c};
pub(super) use kiefer_wolfowitz::Workloads;
pub(super) use machine_repair::{MachineRepair, machine_repair};
pub(super) use single_server::{pollaczek_khinchine, shared_sojourn};
