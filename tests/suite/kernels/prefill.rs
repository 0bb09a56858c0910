//! Attention of prompts, with ordinary heads.

use super::errors::{Judged, judge as judge_row, law as law_of};
use super::rows::{Measured, Row, bytes, grouped, read};
use super::search::{Constant, any, fit as fit_law, share};
use coopsim::catalog::{
    Fitted, Format, KernelClass, KernelTable, KernelTables, Library, PrefillLaw,
};
use coopsim::serving::kernels::{
    PrefillShape, PrefillWork, prefill_attention_tiled, prefill_costs,
};
use rayon::prelude::*;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Line {
    #[serde(deserialize_with = "super::rows::cache")]
    kv_dtype: Format,
    batch: u32,
    heads: u32,
    kv_heads: u32,
    context: u32,
}

/// Prompts of the table, all as long.
pub struct Prompts {
    /// Of the law: that of the cache, unless attention is computed otherwise.
    of: Format,
    shape: PrefillShape,
    work: PrefillWork,
    /// Of 128 queries of a head.
    tiles: f64,
}

/// Width of a head in the table.
const HEAD: f64 = 128.0;

/// The table.
pub fn rows() -> Option<Vec<Row<Prompts>>> {
    let lines: Vec<(Measured, Line)> = read("attention_prefill.csv")?;
    let mut seen = BTreeSet::new();
    Some(lines.into_iter().map(|line| row(line, &mut seen)).collect())
}

fn row((measured, line): (Measured, Line), seen: &mut BTreeSet<String>) -> Row<Prompts> {
    let identity = format!("{},{},{},{}", line.batch, line.heads, line.kv_heads, line.context);
    let again = !seen.insert(format!(
        "{} {:?} {:?} {identity}",
        measured.system.accelerator, measured.framework, line.kv_dtype
    ));
    // TensorRT-LLM's fp8 has two rows a shape, without a column that says why. On L40S they differ by up to twice: by
    // its rate the first is computed in fp8, and the second as in 16 bits, which it equals within 3 %.
    let ada = measured.system.class == KernelClass::Ada && measured.framework == Library::Trtllm;
    let of = if ada && again { Format::Bf16 } else { line.kv_dtype };
    let [sequences, heads, kv_heads, length] =
        [line.batch, line.heads, line.kv_heads, line.context].map(f64::from);
    let prompts = Prompts {
        of,
        shape: PrefillShape {
            heads,
            kv_heads,
            width: HEAD,
            pair: 4.0 * HEAD * heads,
            cache: bytes(line.kv_dtype),
        },
        work: work(sequences, length),
        tiles: sequences * (length / 128.0).ceil(),
    };
    let mut row = Row::new(measured, prompts, &identity);
    row.left_out = (measured.framework == Library::Vllm && line.context == 1)
        .then_some("the kernel of decoding sequences");
    row
}

/// So many prompts of a length, from their beginning.
pub fn work(sequences: f64, length: f64) -> PrefillWork {
    let tokens = sequences * length;
    PrefillWork { tokens, pairs: tokens * (length + 1.0) / 2.0, cached: 0.0, sequences }
}

fn predict(law: &PrefillLaw, row: &Row<Prompts>) -> f64 {
    let Prompts { shape, work, tiles, .. } = &row.shape;
    prefill_attention_tiled(&prefill_costs(law, &row.system.chip, shape), work, *tiles)
}

/// The constants.
pub fn fit(rows: &[Row<Prompts>]) -> Vec<Fitted<Format, PrefillLaw>> {
    let groups = grouped(rows, |row| (row.system.class, row.shape.of, row.library));
    let fitted = |((class, of, library), rows): ((KernelClass, _, _), Vec<&Row<Prompts>>)| {
        let mut free: Vec<Constant<PrefillLaw>> = vec![
            any(|law| &mut law.floor),
            any(|law| &mut law.tile),
            any(|law| &mut law.chain),
            share(|law| &mut law.peak),
            share(|law| law.queries.as_mut().expect("it moves queries")),
            share(|law| law.keys.as_mut().expect("it moves keys")),
        ];
        // Only where the memory is slow is it seen that a part comes from the second-level cache.
        let slow = class == KernelClass::Ada;
        if slow {
            free.push(share(|law| &mut law.cached));
        }
        let start = |chain| PrefillLaw {
            floor: 10.0,
            tile: 0.02,
            chain,
            peak: 0.6,
            queries: Some(0.7),
            keys: Some(0.5),
            cached: if slow { 0.4 } else { 1.0 },
        };
        let law = fit_law(&rows, predict, &free, &[15.0, 50.0].map(start)).law;
        Fitted { class, library, of, host: None, doubt: None, law }
    };
    groups.into_par_iter().map(fitted).collect()
}

/// Errors of all rows.
pub fn judge(rows: &[Row<Prompts>], tables: &KernelTables) -> Vec<Judged> {
    let judged = |row: &Row<Prompts>| {
        let law = law_of(&tables.prefill, row, &row.shape.of);
        judge_row(KernelTable::Prefill, row, predict(&law.law, row))
    };
    rows.iter().filter_map(judged).collect()
}
