//! What `coopsim check` says of a sweep.

use super::MANY_POINTS;
use super::parts::counted;
use crate::cli::memory;
use crate::estimate::{amount, duration};
use crate::scenario::{Point, Sweep};
use crate::simulation::{Memory, Prepared};
use crate::units;

/// Points of which the work is looked at.
const LOOKED_AT: u64 = 32;
/// Calls a second that a thread simulates, about: what `estimate` takes too.
const CALLS_PER_S: f64 = 2e6;
/// Seconds that a point takes beside simulating.
const PER_POINT_S: f64 = 5e-4;

/// The sweep, resolved, and as comments how many points and runs it is, and about how much time and memory.
pub(in crate::cli) fn document(sweep: &Sweep) -> String {
    let points = sweep.points();
    let stride = points.div_ceil(LOOKED_AT).max(1);
    let (mut calls, mut looked_at, mut failed) = (0.0, 0_u64, Vec::new());
    let mut memory_bytes = 0.0_f64;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for point in (0..points).step_by(stride as usize) {
        looked_at += 1;
        match sweep.at(point) {
            Ok(Point { variants, requests, .. }) => {
                calls += requests;
                let first = variants.first().map(|variant| variant.setup.in_order_of_names());
                let prepared = first.as_ref().and_then(|setup| Prepared::new(setup).ok());
                if let Some(prepared) = prepared {
                    let needed = Memory::of_all(&[prepared.memory()], sweep.replications, threads);
                    memory_bytes = memory_bytes.max(needed);
                }
            }
            Err(problem) => failed.push((point, problem)),
        }
    }
    let mut comments = format!(
        "{} points, {} variants, {} replications: {} runs\n",
        counted(points),
        sweep.variants.len(),
        sweep.replications,
        counted(points * sweep.variants.len() as u64 * u64::from(sweep.replications)),
    );
    for (path, levels) in sweep.parameters.iter().zip(&sweep.levels) {
        let values = match levels.len() {
            0 => "values between its ends".to_owned(),
            1..=8 => levels.join(", "),
            many => format!("{many} values, {} … {}", levels[0], levels[many - 1]),
        };
        comments += &format!("  {path}: {values}\n");
    }
    let all = calls / looked_at as f64 * points as f64;
    let seconds = (all / CALLS_PER_S + points as f64 * PER_POINT_S) / threads as f64;
    comments += &format!(
        "about {} requests, {} on {threads} threads, {} of memory (from {looked_at} points)\n",
        amount(all),
        duration(seconds),
        units::amount_of_bytes(memory_bytes),
    );
    if points > MANY_POINTS {
        comments += "Warning: these are many points: `sweep` asks for --yes\n";
    }
    if memory::available().is_some_and(|available| memory_bytes > available as f64) {
        comments += "Warning: that is more memory than there is\n";
    }
    if let Some((point, problem)) = failed.first() {
        comments +=
            &format!("{} of them cannot be simulated; point {point}:\n{problem}\n", failed.len());
    }
    for note in &sweep.notes {
        comments += &format!("Note: {note}\n");
    }
    let comments = comments.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    format!("{}\n\n{}", sweep.resolved.trim_end(), comments.collect::<String>())
}
