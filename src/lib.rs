//! coopsim: a discrete-event simulator of a multi-tenant accelerator cloud that hosts rival model
//! vendors.
//!
//! It answers with numbers what a neutral cloud's utilisation, queueing and revenue become when
//! one model wins, and when demand is split across many. Layers, lower never naming higher:
//! [`cli`] → [`report`] → [`experiment`], [`validation`] → [`estimate`] → [`scenario`], [`simulation`] →
//! [`planning`] → [`setup`] → the parts ([`scheduler`], [`market`], [`workload`], [`serving`], [`cloud`],
//! [`economics`]) → [`metrics`] and [`catalog`] → [`units`], [`ids`] and [`engine`]; `input` opens files for
//! whoever reads one.

pub mod catalog;
pub mod cli;
pub mod cloud;
pub mod economics;
pub mod engine;
pub mod estimate;
pub mod experiment;
pub mod ids;
mod input;
pub mod journal;
pub mod market;
pub mod metrics;
pub mod planning;
pub mod report;
pub mod scenario;
pub mod scheduler;
pub mod serving;
pub mod setup;
pub mod simulation;
pub mod units;
pub mod validation;
pub mod workload;
