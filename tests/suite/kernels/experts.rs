//! Layers of routed experts.

use super::cache::from_memory;
use super::errors::{Judged, judge as judge_row, law as law_of};
use super::routing::{Draw, Load, load};
use super::rows::{Measured, Row, grouped, read};
use super::search::{Constant, any, at_most, fit_sparsely, share};
use coopsim::catalog::{
    ExpertFormat, ExpertKernel, ExpertLaw, Fitted, Format, KernelClass, KernelTable, KernelTables,
    Library,
};
use coopsim::serving::kernels::{ExpertShape, Routing, routed};
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
struct Line {
    kernel: String,
    dtype: String,
    tokens: u32,
    hidden: u32,
    inter: u32,
    topk: u32,
    experts: u32,
    tp: u32,
    ep: u32,
    distribution: String,
}

/// A layer of the table.
pub struct Layer {
    of: ExpertKernel,
    shape: ExpertShape,
    tokens: f64,
    load: Load,
    /// Accelerators that share each expert.
    tensor: u32,
    /// What it is but for those.
    curve: String,
}

/// Where a library has several kernels for a format, those it takes by itself.
const USUAL: [&str; 2] =
    ["fp8moe_flashinfer_trtllm_trtllmfp8expertsmonolithic", "fp8moe_triton_tritonexperts"];
/// vLLM's FP8 with a scale a tensor, on Hopper.
const UNTUNED: &str = "modeloptfp8moe_flashinfer_cutlass_flashinferexperts";

/// The table.
pub fn rows() -> Option<Vec<Row<Layer>>> {
    let lines: Vec<(Measured, Line)> = read("moe.csv")?;
    let draws: BTreeSet<_> = lines.iter().map(draw).collect();
    let loads: BTreeMap<_, _> = draws.into_par_iter().map(|draw| (draw, load(&draw))).collect();
    Some(named(lines.iter().map(|line| row(line, loads[&draw(line)])).collect()))
}

fn draw((measured, line): &(Measured, Line)) -> Draw {
    let [tokens, experts, active, ranks] =
        [line.tokens, line.experts, line.topk, line.ep].map(|count| count as usize);
    Draw {
        tokens,
        experts,
        active,
        ranks,
        even: line.distribution == "balanced",
        old: measured.system.class == KernelClass::Ampere,
        limited: measured.framework == Library::Vllm && line.experts == 256,
    }
}

fn row((measured, line): &(Measured, Line), load: Load) -> Row<Layer> {
    let (format, weight, operands) = match &*line.dtype {
        "bfloat16" => (ExpertFormat::Bf16, 2.0, Format::Bf16),
        "fp8" => (ExpertFormat::Fp8, 1.0, Format::Fp8),
        "fp8_block" => (ExpertFormat::Fp8Block, 1.0, Format::Fp8),
        "nvfp4" => (ExpertFormat::Nvfp4, 0.5625, Format::Nvfp4),
        "w4a16_mxfp4" => (ExpertFormat::Mxfp4, 0.53125, Format::Bf16),
        "int4_wo" => (ExpertFormat::Int4, 0.516, Format::Bf16),
        other => panic!("dtype {other}"),
    };
    let [tokens, hidden, inter, active, experts, tensor, ranks] =
        [line.tokens, line.hidden, line.inter, line.topk, line.experts, line.tp, line.ep]
            .map(f64::from);
    let shape = ExpertShape {
        count: experts / ranks,
        share: active / experts,
        hidden,
        width: inter / tensor,
        active,
        weight,
        peak: measured.system.peak(operands),
        spread: ranks,
    };
    let kernel = line.kernel.strip_prefix("vllm_").unwrap_or(&line.kernel).to_owned();
    let Line { tokens: n, hidden: h, inter: i, topk, experts: e, tp, ep, distribution, .. } = line;
    let identity = format!("{n},{h},{i},{topk},{e},{tp},{ep},{distribution}");
    let curve = format!(
        "{} {:?} {} {} {n},{h},{i},{topk},{e},{ep},{distribution}",
        measured.system.accelerator, measured.framework, kernel, line.dtype
    );
    let layer =
        Layer { of: ExpertKernel { format, kernel }, shape, tokens, load, tensor: line.tp, curve };
    Row::new(*measured, layer, &identity)
}

/// Leaves out what the same layer on more or fewer accelerators contradicts: fewer are much faster, or more are
/// out of proportion faster, which on L40S the second-level cache explains.
fn named(mut rows: Vec<Row<Layer>>) -> Vec<Row<Layer>> {
    let contradicts = |one: &Row<Layer>, other: &Row<Layer>| {
        let [own, others] = [one, other].map(|row| f64::from(row.shape.tensor));
        let fewer = others < own && one.micros > 1.3 * other.micros + 5.0;
        let more = others > own && one.micros > 1.6 * other.micros * others / own;
        fewer || (more && one.system.class != KernelClass::Ada)
    };
    let mut curves = BTreeMap::<&str, Vec<usize>>::new();
    for (place, row) in rows.iter().enumerate() {
        curves.entry(&row.shape.curve).or_default().push(place);
    }
    let odd = |curve: &Vec<usize>| {
        let named =
            |&&one: &&usize| curve.iter().any(|&other| contradicts(&rows[one], &rows[other]));
        curve.iter().filter(named).copied().collect::<Vec<_>>()
    };
    let odd: Vec<_> = curves.values().flat_map(odd).collect();
    for place in odd {
        rows[place].left_out = Some(
            "another degree of the same layer is out of proportion faster: a kernel badly chosen",
        );
    }
    rows
}

fn predict(law: &ExpertLaw, row: &Row<Layer>) -> f64 {
    let Layer { shape, tokens, load, .. } = &row.shape;
    let weights = load.touched * 3.0 * shape.hidden * shape.width * shape.weight / 1e6;
    // The benchmark repeats one layer: what fits the second-level cache is read from there.
    let warm = weights - from_memory(weights, row.system);
    let routing = Routing {
        tokens: *tokens,
        touched: load.touched,
        rows: load.rows,
        spared: warm * law.warm / (1.0 + law.warm),
    };
    routed(law, &row.system.chip, shape, &routing)
}

/// The constants.
pub fn fit(rows: &[Row<Layer>]) -> Vec<Fitted<ExpertKernel, ExpertLaw>> {
    let groups = grouped(rows, |row| (row.system.class, row.shape.of.clone(), row.library));
    let fitted = |((class, of, library), rows): ((_, ExpertKernel, _), Vec<&Row<Layer>>)| {
        let untuned = class == KernelClass::Hopper && of.kernel == UNTUNED;
        let doubt = untuned.then(|| {
            String::from(
                "four times slower than TensorRT-LLM's, and than its own of 16 bits: not tuned",
            )
        });
        Fitted { class, library, of, host: None, doubt, law: fitted(&rows) }
    };
    let mut laws: Vec<_> = groups.into_par_iter().map(fitted).collect();
    let unusual = |of: &ExpertKernel| !USUAL.contains(&&*of.kernel);
    laws.sort_by_key(|law| {
        (law.class, law.of.format, law.library, unusual(&law.of), law.of.kernel.clone())
    });
    laws
}

fn fitted(rows: &[&Row<Layer>]) -> ExpertLaw {
    /// The cache is at most so many times faster than the memory, and one more.
    const WARMEST: f64 = 30.0;
    /// Activations were just written and come from the second-level cache, several times faster than the memory.
    const FASTEST_ROWS: f64 = 5.0;
    let needed: [Constant<ExpertLaw>; 4] = [
        any(|law| &mut law.floor),
        share(|law| &mut law.memory),
        share(|law| &mut law.peak),
        at_most(FASTEST_ROWS, |law| &mut law.rows),
    ];
    let optional: [Constant<ExpertLaw>; 4] = [
        any(|law| &mut law.gather),
        any(|law| &mut law.spread),
        any(|law| &mut law.again),
        at_most(WARMEST, |law| &mut law.warm),
    ];
    let start = |tile, all_rows| ExpertLaw {
        floor: 20.0,
        spread: 5.0,
        memory: 0.8,
        peak: 0.5,
        rows: 0.5,
        warm: 1.0,
        again: 0.2,
        gather: 0.3,
        all_rows,
        tile,
    };
    let starts =
        [1.0, 16.0, 64.0, 128.0].map(|tile| [false, true].map(|all| start(tile, all))).concat();
    fit_sparsely(rows, predict, &needed, &optional, &starts).law
}

/// Errors of all rows.
pub fn judge(rows: &[Row<Layer>], tables: &KernelTables) -> Vec<Judged> {
    let judged = |row: &Row<Layer>| {
        judge_row(
            KernelTable::Experts,
            row,
            predict(&law_of(&tables.experts, row, &row.shape.of).law, row),
        )
    };
    rows.iter().filter_map(judged).collect()
}
