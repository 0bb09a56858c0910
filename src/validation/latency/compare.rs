//! Measured rows beside their simulations.

use super::{LatencyRow, simulate_latency};
use crate::catalog::{self, ModelClass, UserBand};
use crate::validation::ValidationError;
use rayon::prelude::*;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, Ordering};

/// A measured row of latencies, simulated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Latency {
    /// Who measured it.
    pub source: String,
    /// The engine in the catalogue that it stands for.
    pub engine: String,
    /// The chip, as the catalogue names it.
    pub accelerator: String,
    /// The model, as the source calls it.
    pub model: String,
    /// Its class.
    pub class: ModelClass,
    /// What was run, such as `200/1000 TP4 fp8, 16 users`.
    pub case: String,
    /// How many users there were.
    pub users: UserBand,
    /// Whether every fit left its group out.
    pub held_out: bool,
    /// Seconds of each token after the first.
    pub tpot: Option<Pair>,
    /// Seconds to the first token, where that is known of one token.
    pub ttft: Option<Pair>,
    /// Output tokens per second of the replica.
    pub tokens_per_s: Option<Pair>,
}

/// A measured value, positive, and the simulated one.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// As measured.
    pub measured: f64,
    /// As simulated.
    pub simulated: f64,
}

impl Pair {
    /// Relative error of the simulated value, signed: 0.1 is 10 % too high.
    pub fn error(&self) -> f64 {
        self.simulated / self.measured - 1.0
    }
}

/// The rows in their order, each as its engine of the catalogue serves it; without those that cannot be simulated: their
/// model is not in the catalogue, or does not fit.
///
/// # Errors
/// `cancelled` was set.
pub fn compare_latency(
    rows: &[LatencyRow],
    cancelled: &AtomicBool,
) -> Result<Vec<Latency>, ValidationError> {
    let compare = |row: &LatencyRow| match cancelled.load(Ordering::Relaxed) {
        true => Err(ValidationError::Cancelled),
        false => Ok(compared(row)),
    };
    let found: Result<Vec<Option<Latency>>, _> = rows.par_iter().map(compare).collect();
    Ok(found?.into_iter().flatten().collect())
}

fn compared(row: &LatencyRow) -> Option<Latency> {
    let engine = catalog::engine(row.profile()).expect("an engine of the catalogue");
    let found = simulate_latency(row, &engine)?;
    let pair = |measured: Option<f64>, simulated| {
        measured.filter(|value| *value > 0.0).map(|measured| Pair { measured, simulated })
    };
    let seconds = |milliseconds: Option<f64>| milliseconds.map(|value| value / 1e3);
    let first = row.ttft_ms.filter(|_| row.interval() == Some(1));
    Some(Latency {
        source: row.source.clone(),
        engine: engine.name,
        accelerator: row.accelerator.clone(),
        model: row.model.clone(),
        class: row.class()?,
        case: case(row),
        users: row.band(),
        held_out: row.is_left_out(),
        tpot: pair(seconds(row.tpot_ms), found.tpot),
        ttft: pair(seconds(first), found.ttft),
        tokens_per_s: pair(row.tokens_per_s, found.tokens_per_s),
    })
}

fn case(row: &LatencyRow) -> String {
    let LatencyRow { input_tokens, output_tokens, tensor, precision, .. } = row;
    let users = row.concurrency.unwrap_or(0.0);
    let experts = match row.expert {
        Some(expert) if expert > 1.0 => format!(" EP{expert}"),
        _ => String::new(),
    };
    format!("{input_tokens}/{output_tokens} TP{tensor}{experts} {precision}, {users} users")
}
