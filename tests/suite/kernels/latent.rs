//! Latent attention, of decoding sequences and of prompts.

use super::cache::from_memory;
use super::decode::at;
use super::errors::{Judged, judge as judge_row, law as law_of};
use super::prefill::work;
use super::rows::{Measured, Row, bytes, grouped, read};
use super::search::{Constant, Found, any, at_most, fit_sparsely, share};
use coopsim::catalog::{
    Fitted, Format, KernelClass, KernelTable, KernelTables, LatentDecodeLaw, LatentPrefillLaw,
    Library,
};
use coopsim::serving::kernels::{
    LATENT_CACHED, LATENT_MOVED, PrefillShape, latent_decode_at, latent_prefill_costs_at,
    prefill_attention,
};
use rayon::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    #[serde(deserialize_with = "super::rows::cache")]
    kv_dtype: Format,
    batch: u32,
    heads: u32,
    context: u32,
}

/// Sequences or prompts of a table, all as long.
pub struct Latent {
    cache: Format,
    sequences: f64,
    heads: f64,
    length: f64,
}

/// A law, and microseconds of the host that launched its kernel; none where that was in a graph.
type Launched<L> = (L, f64);

/// FLOPs of a (query, key) pair of a head: keys of 192 and values of 128.
const PAIR: f64 = 640.0;
/// vLLM's tables were measured without a graph.
const EAGER: Library = Library::Vllm;
const HOST_HIDES: &str =
    "launched from the host without a graph, behind which its small times are not seen";
const CONTRADICTED: &str =
    "five times slower than with a cache of 16 bits, which TensorRT-LLM's is not";

/// Both tables: decoding, prompts.
pub fn rows() -> Option<[Vec<Row<Latent>>; 2]> {
    let table = |name| Some(named(read::<Line>(name)?.into_iter().map(row).collect()));
    let [decode, mut prefill] = [table("mla_decode.csv")?, table("mla_prefill.csv")?];
    for row in &mut prefill {
        let shape = &row.shape;
        if row.library == EAGER
            && shape.cache == Format::Fp8
            && (16.0..=64.0).contains(&shape.length)
        {
            row.left_out = Some("slower than prompts of 256: another kernel");
        }
    }
    Some([decode, prefill])
}

fn row((measured, line): (Measured, Line)) -> Row<Latent> {
    // The older kernels of Ampere and Ada keep 16 bits whatever the column says: times are equal.
    let older = matches!(measured.system.class, KernelClass::Ampere | KernelClass::Ada);
    let cache = if older { Format::Bf16 } else { line.kv_dtype };
    let [sequences, heads, length] = [line.batch, line.heads, line.context].map(f64::from);
    let identity = format!("{},{},{}", line.batch, line.heads, line.context);
    Row::new(measured, Latent { cache, sequences, heads, length }, &identity)
}

/// Leaves out what takes much longer than a row with at least as many sequences that are at least as long.
fn named(mut rows: Vec<Row<Latent>>) -> Vec<Row<Latent>> {
    let mut odd = Vec::new();
    let place = |row: &Row<Latent>| {
        (row.system.accelerator, row.library, row.shape.cache, row.shape.heads as u32)
    };
    let mut order: Vec<_> = (0..rows.len()).collect();
    order.sort_by_key(|&index| place(&rows[index]));
    for group in order.chunk_by(|&one, &other| place(&rows[one]) == place(&rows[other])) {
        let more = if rows[group[0]].library == EAGER { 2.0 } else { 1.3 };
        let contradicts = |one: &Row<Latent>, other: &Row<Latent>| {
            other.shape.sequences >= one.shape.sequences
                && other.shape.length >= one.shape.length
                && one.micros > more * other.micros
        };
        let named =
            |&&one: &&usize| group.iter().any(|&other| contradicts(&rows[one], &rows[other]));
        odd.extend(group.iter().filter(named).copied());
    }
    for index in odd {
        rows[index].left_out = Some("a larger one is much faster");
    }
    rows
}

fn decode(&(law, host): &Launched<LatentDecodeLaw>, row: &Row<Latent>) -> f64 {
    let Latent { cache, sequences, heads, length } = row.shape;
    let chip = &row.system.chip;
    let memory = chip.memory * law.memory;
    let lines = |bandwidth| latent_decode_at(&law, chip, sequences, heads, bytes(cache), bandwidth);
    let [cold, warm] = [memory, memory * (1.0 + law.warm)].map(lines);
    let context = sequences * length;
    let token = LATENT_CACHED * bytes(cache) / 1e6;
    let read = from_memory(context * token, row.system) / token;
    (at(&warm, context) + (cold[0].slope - warm[0].slope) * read).max(host)
}

fn prefill(&(law, host): &Launched<LatentPrefillLaw>, row: &Row<Latent>) -> f64 {
    let Latent { sequences, heads, length, .. } = row.shape;
    let chip = &row.system.chip;
    let size = sequences * length * heads * LATENT_MOVED / 1e6;
    let cold = from_memory(size, row.system);
    let bandwidth = chip.memory * law.memory * size / (cold + (size - cold) / (1.0 + law.warm));
    let shape =
        PrefillShape { heads, kv_heads: heads, width: 128.0, pair: PAIR * heads, cache: 2.0 };
    let costs = latent_prefill_costs_at(&law, chip, &shape, bandwidth);
    prefill_attention(&costs, &work(sequences, length)).max(host)
}

/// The second-level cache is at most so many times faster than the memory, and one more.
const WARMEST: f64 = 30.0;

/// The constants of decoding sequences.
pub fn fit_decode(rows: &[Row<Latent>]) -> Vec<Fitted<Format, LatentDecodeLaw>> {
    let needed: [Constant<Launched<LatentDecodeLaw>>; 3] =
        [any(|law| &mut law.0.floor), share(|law| &mut law.0.memory), share(|law| &mut law.0.peak)];
    let optional: [Constant<Launched<LatentDecodeLaw>>; 5] = [
        any(|law| &mut law.0.start),
        any(|law| &mut law.0.sequence),
        any(|law| &mut law.0.queries),
        at_most(WARMEST, |law| &mut law.0.warm),
        any(|law| &mut law.0.chain),
    ];
    let mut starts = Vec::new();
    for corner in [1.0, 2.0, 4.0] {
        for least_heads in [1.0, 16.0, 64.0] {
            for short in [256.0, 1024.0] {
                starts.push(LatentDecodeLaw {
                    floor: 10.0,
                    start: 3.0,
                    short,
                    sequence: 0.02,
                    queries: 2.0,
                    chain: 0.002,
                    memory: 0.8,
                    peak: 0.6,
                    warm: 1.0,
                    corner,
                    least_heads,
                });
            }
        }
    }
    fit(rows, decode, &needed, &optional, &starts)
}

/// The constants of prompts.
pub fn fit_prefill(rows: &[Row<Latent>]) -> Vec<Fitted<Format, LatentPrefillLaw>> {
    let needed: [Constant<Launched<LatentPrefillLaw>>; 4] = [
        any(|law| &mut law.0.floor),
        share(|law| &mut law.0.memory),
        any(|law| &mut law.0.chain),
        share(|law| &mut law.0.peak),
    ];
    let optional: [Constant<Launched<LatentPrefillLaw>>; 3] = [
        any(|law| &mut law.0.token),
        any(|law| &mut law.0.head),
        at_most(WARMEST, |law| &mut law.0.warm),
    ];
    let mut starts = Vec::new();
    for corner in [1.0, 2.0, 4.0] {
        for tile in [0.0, 128.0, 256.0] {
            starts.push(LatentPrefillLaw {
                floor: 10.0,
                head: 0.005,
                token: 0.002,
                memory: 0.5,
                warm: 1.0,
                chain: 0.02,
                peak: 0.6,
                tile,
                corner,
            });
        }
    }
    fit(rows, prefill, &needed, &optional, &starts)
}

fn fit<L: Copy + Send + Sync>(
    rows: &[Row<Latent>],
    predict: impl Fn(&Launched<L>, &Row<Latent>) -> f64 + Sync,
    needed: &[Constant<Launched<L>>],
    optional: &[Constant<Launched<L>>],
    starts: &[L],
) -> Vec<Fitted<Format, L>> {
    let groups = grouped(rows, |row| (row.system.class, row.shape.cache, row.library));
    let fitted =
        |((class, of, library), rows): ((KernelClass, Format, Library), Vec<&Row<Latent>>)| {
            let eager = library == EAGER;
            let starts: Vec<_> =
                starts.iter().map(|&law| (law, if eager { 150.0 } else { 0.0 })).collect();
            let mut needed = needed.to_vec();
            if eager {
                needed.push(any(|law: &mut Launched<L>| &mut law.1));
            }
            let Found { law: (law, host), .. } =
                fit_sparsely(&rows, &predict, &needed, optional, &starts);
            let slow = (class, of, library) == (KernelClass::Hopper, Format::Fp8, Library::Sglang);
            let doubt = if eager { Some(HOST_HIDES) } else { slow.then_some(CONTRADICTED) };
            Fitted {
                class,
                library,
                of,
                host: eager.then_some(host),
                doubt: doubt.map(String::from),
                law,
            }
        };
    groups.into_par_iter().map(fitted).collect()
}

/// Errors of all rows.
pub fn judge([decoding, prompts]: &[Vec<Row<Latent>>; 2], tables: &KernelTables) -> Vec<Judged> {
    let decoding = decoding.iter().filter_map(|row| {
        let law = law_of(&tables.latent_decode, row, &row.shape.cache);
        judge_row(KernelTable::LatentDecode, row, decode(&(law.law, law.host.unwrap_or(0.0)), row))
    });
    let prompts = prompts.iter().filter_map(|row| {
        let law = law_of(&tables.latent_prefill, row, &row.shape.cache);
        judge_row(
            KernelTable::LatentPrefill,
            row,
            prefill(&(law.law, law.host.unwrap_or(0.0)), row),
        )
    });
    decoding.chain(prompts).collect()
}
