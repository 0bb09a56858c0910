//! Serving engines: a name of the catalogue, or a definition in place.

use crate::catalog::{self, Engine, Library};
use crate::engine::SimDuration;
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Deployment, NameOr, usual};
use crate::scenario::section::definition::name;
use crate::scenario::section::models::batching::{MAX_BATCH, MAX_BUDGET};
use crate::scenario::section::{Checker, plausible};
use crate::units::Fraction;

/// Longest time of the host for anything.
const MOST: SimDuration = SimDuration::from_secs(3600);
/// Most small kernels of a layer.
const MOST_KERNELS: f64 = 1e4;

/// What serves a deployment at `at`.
pub(in crate::scenario) fn of_deployment(
    at: &Path,
    given: &Deployment,
    check: &mut Checker,
) -> Option<Engine> {
    match &given.engine {
        Some(given) => engine(&at.key("engine"), given, check),
        None => catalog::engine(usual::ENGINE),
    }
}

fn engine(path: &Path, given: &NameOr<schema::Engine>, check: &mut Checker) -> Option<Engine> {
    let definition = match given {
        NameOr::Name(name) => return known(path, name, check),
        NameOr::Inline(definition) => definition,
    };
    let base = match &definition.base {
        Some(base) => Some(known(&path.key("base"), base, check)?),
        None => None,
    };
    let name = name(path, &definition.name, base.as_ref().map(|base| &base.name), check)?;
    let mut engine = Engine { name, ..base.unwrap_or_else(Engine::ideal) };
    overlay(path, definition, &mut engine, check).then_some(engine)
}

fn known(path: &Path, name: &str, check: &mut Checker) -> Option<Engine> {
    let found = catalog::engine(name);
    if found.is_none() {
        check.unknown("engine", path, name, &catalog::engine_names(), false);
    }
    found
}

/// Writes the figures that are given over those of the base; whether they make sense.
fn overlay(path: &Path, given: &schema::Engine, engine: &mut Engine, check: &mut Checker) -> bool {
    let mut sound = true;
    for (key, figure, slot) in [
        ("iteration", given.iteration, &mut engine.iteration),
        ("per-sequence", given.per_sequence, &mut engine.per_sequence),
        ("per-layer", given.per_layer, &mut engine.per_layer),
        ("per-request", given.per_request, &mut engine.per_request),
        ("all-reduce", given.all_reduce, &mut engine.all_reduce),
        ("small-kernel", given.small_kernel, &mut engine.small_kernel),
        ("context-chain", given.context_chain, &mut engine.context_chain),
    ] {
        if let Some(figure) = figure {
            if figure > MOST {
                check.refuse(&path.key(key), "a time of the host of more than 1h is not plausible");
                sound = false;
            }
            *slot = figure;
        }
    }
    if let Some(kernels) = given.small_kernels {
        sound &= check.range(&path.key("small-kernels"), kernels, 0.0..=MOST_KERNELS, "");
        engine.small_kernels = kernels;
    }
    for (key, figure, slot) in [
        ("memory", given.memory, &mut engine.memory),
        ("attention-memory", given.attention_memory, &mut engine.attention_memory),
        ("beam-reads", given.beam_reads, &mut engine.beam_reads),
    ] {
        if let Some(Fraction(part)) = figure {
            sound &= check.range(&path.key(key), part, plausible::LEAST_EFFICIENCY..=1.0, "");
            *slot = part;
        }
    }
    sound &= limits(path, given, engine, check);
    if let Some(library) = given.library {
        sound &= has_engine(&path.key("library"), library, check);
        engine.library = library;
    }
    engine.asynchronous = given.asynchronous.unwrap_or(engine.asynchronous);
    engine.window_cache = given.window_cache.unwrap_or(engine.window_cache);
    engine.batching = given.batching.unwrap_or(engine.batching);
    sound
}

/// Sequences and tokens in an iteration: of a base as far as what is given leaves it room.
fn limits(path: &Path, given: &schema::Engine, engine: &mut Engine, check: &mut Checker) -> bool {
    let mut sound = true;
    for (key, figure, most) in [
        ("max-batch", given.max_batch, MAX_BATCH),
        ("token-budget", given.token_budget, MAX_BUDGET),
    ] {
        if let Some(figure) = figure {
            sound &= check.range(&path.key(key), figure, 1..=most, "");
        }
    }
    let (batch, budget) = usual::limits(engine, given.max_batch, given.token_budget);
    (engine.max_batch, engine.token_budget) = (batch, budget);
    if sound && batch > budget {
        check.refuse(&path.key("max-batch"), usual::more_sequences_than_tokens(batch, budget));
        sound = false;
    }
    sound
}

/// Requires a library to have all kernels of an engine.
fn has_engine(path: &Path, library: Library, check: &mut Checker) -> bool {
    let has = library != Library::Nccl;
    if !has {
        check.refuse(
            path,
            "`nccl` has sums over ranks alone: expected `trtllm`, `vllm` or `sglang`",
        );
    }
    has
}
