//! Attention of decoding sequences, with ordinary heads.

use super::errors::{Judged, judge as judge_row};
use super::rows::{Measured, Row, bytes, grouped, read};
use super::search::{Constant, any, fit as fit_law, share};
use coopsim::catalog::{
    DecodeKernel, DecodeLaw, Fitted, Format, HeadGroups, KernelClass, KernelTable, KernelTables,
    Library,
};
use coopsim::serving::kernels::{DecodeShape, Line as Part, decode_attention_at};
use rayon::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    #[serde(deserialize_with = "super::rows::cache")]
    kv_dtype: Format,
    batch: u32,
    heads: u32,
    kv_heads: u32,
    context: u32,
}

/// Sequences of the table, all as long.
pub struct Decoding {
    of: DecodeKernel,
    shape: DecodeShape,
    /// Tokens of all.
    context: f64,
}

/// Width of a head in the table.
const HEAD: f64 = 128.0;
/// Tokens of a sequence up to which kernels of the tables are done in one pass.
const ONE_PASS: f64 = 128.0;

/// The table.
pub fn rows() -> Option<Vec<Row<Decoding>>> {
    Some(read::<Line>("attention_decode.csv")?.into_iter().map(row).collect())
}

fn row((measured, line): (Measured, Line)) -> Row<Decoding> {
    let group = line.heads / line.kv_heads;
    let heads = match group {
        1 => HeadGroups::Single,
        2..32 => HeadGroups::Grouped,
        _ => HeadGroups::Wide,
    };
    let trtllm = measured.framework == Library::Trtllm;
    // TensorRT-LLM's table of the A100 says 16 bits, but of grouped heads it reads at up to 3.5 TB/s where there are 2.04:
    // it is taken that it held 8.
    let half = trtllm && measured.system.class == KernelClass::Ampere && group > 1;
    let width = if half { 1.0 } else { bytes(line.kv_dtype) };
    let [sequences, kv_heads, context] = [line.batch, line.kv_heads, line.context].map(f64::from);
    let shape = DecodeShape { sequences, kv_heads, kv_bytes: 2.0 * HEAD * kv_heads * width };
    let of = DecodeKernel { cache: line.kv_dtype, heads };
    let decoding = Decoding { of, shape, context: sequences * context };
    let identity = format!("{},{},{},{}", line.batch, line.heads, line.kv_heads, line.context);
    let mut row = Row::new(measured, decoding, &identity);
    row.left_out = (trtllm && group >= 64)
        .then_some("6 to 30 times slower: a kernel that reads the cache once for each query head, as no served model has");
    row
}

fn predict(law: &DecodeLaw, row: &Row<Decoding>) -> f64 {
    let Decoding { shape, context, .. } = &row.shape;
    let chip = &row.system.chip;
    let size = shape.kv_bytes * context / 1e6;
    // The benchmark repeats one call: what fits the second-level cache is read from there.
    let bandwidth = if size <= chip.cache { law.warm } else { chip.memory * law.memory };
    let lines = decode_attention_at(law, chip, shape, bandwidth);
    // Up to there nothing but the least time of the first pass: the second is not launched.
    if *context > ONE_PASS * shape.sequences { at(&lines, *context) } else { lines[0].at_zero }
}

/// The value of the line that holds at a context.
pub fn at(lines: &[Part], context: f64) -> f64 {
    let line =
        lines.iter().rev().find(|line| line.from <= context).expect("the first begins at nothing");
    line.at_zero + line.slope * context
}

/// The constants: of grouped heads, and of others where those are too far off.
pub fn fit(rows: &[Row<Decoding>]) -> Vec<Fitted<DecodeKernel, DecodeLaw>> {
    let groups = grouped(rows, |row| (row.system.class, row.shape.of.cache, row.library));
    let of_group = |((class, cache, library), rows): ((_, _, _), Vec<&Row<Decoding>>)| {
        let of = |heads| {
            rows.iter().copied().filter(|row| row.shape.of.heads == heads).collect::<Vec<_>>()
        };
        let grouped = of(HeadGroups::Grouped);
        // vLLM launches a kernel more on the A100.
        let extra = class == KernelClass::Ampere && library == Library::Vllm;
        let usual = fitted(&grouped, extra);
        let others = [HeadGroups::Single, HeadGroups::Wide].map(|heads| (heads, of(heads)));
        let own = others
            .into_iter()
            .filter(|(_, rows)| !near(&usual, rows))
            .map(|(heads, rows)| (heads, fitted(&rows, false)));
        let laws = std::iter::once((HeadGroups::Grouped, usual)).chain(own);
        let named = |(heads, law)| {
            let of = DecodeKernel { cache, heads };
            Fitted { class, library, of, host: None, doubt: None, law }
        };
        laws.map(named).collect::<Vec<_>>()
    };
    let mut laws: Vec<_> = groups.into_par_iter().flat_map_iter(of_group).collect();
    laws.sort_by_key(|law| (law.class, law.of, law.library));
    laws
}

fn fitted(rows: &[&Row<Decoding>], extra: bool) -> DecodeLaw {
    let mut free: Vec<Constant<DecodeLaw>> = vec![
        any(|law| &mut law.floor),
        any(|law| &mut law.task),
        any(|law| &mut law.scan),
        any(|law| &mut law.parts),
        any(|law| &mut law.chain),
        share(|law| &mut law.memory),
        any(|law| &mut law.warm),
    ];
    if extra {
        free.push(any(|law| &mut law.extra));
    }
    let memory = rows.iter().map(|row| row.system.chip.memory).sum::<f64>() / rows.len() as f64;
    let start = |(faster, chain)| DecodeLaw {
        floor: 8.0,
        task: 0.03,
        scan: 10.0,
        parts: 5.0,
        chain,
        memory: 0.85,
        warm: faster * memory,
        extra: if extra { 4.0 } else { 0.0 },
    };
    fit_law(rows, predict, &free, &[(3.0, 0.3), (3.0, 10.0), (1.2, 0.3), (1.2, 10.0)].map(start))
        .law
}

/// Whether constants of grouped heads do for others, on each chip.
fn near(law: &DecodeLaw, rows: &[&Row<Decoding>]) -> bool {
    let fitted = rows.iter().filter(|row| !row.held_out && row.left_out.is_none());
    let judged =
        fitted.filter_map(|row| judge_row(KernelTable::Decode, row, predict(law, row))).collect();
    super::errors::summary(judged).iter().all(|errors| super::within(&errors.fitted))
}

/// Errors of all rows.
pub fn judge(rows: &[Row<Decoding>], tables: &KernelTables) -> Vec<Judged> {
    let find = |row: &Row<Decoding>, heads| {
        let of = DecodeKernel { heads, ..row.shape.of };
        let own = |law: &&Fitted<DecodeKernel, DecodeLaw>| {
            law.class == row.system.class && law.library == row.library && law.of == of
        };
        tables.decode.iter().find(own)
    };
    let judged = |row: &Row<Decoding>| {
        let law = find(row, row.shape.of.heads)
            .or_else(|| find(row, HeadGroups::Grouped))
            .expect("there are constants");
        judge_row(KernelTable::Decode, row, predict(&law.law, row))
    };
    rows.iter().filter_map(judged).collect()
}
