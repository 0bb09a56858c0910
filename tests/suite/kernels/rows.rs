//! Rows of the tables of measured kernels: <https://github.com/ai-dynamo/aiconfigurator>, commit 095f58a, thinned.

use coopsim::catalog::{self, Format, KernelClass, Kernels, Library, PeakFlops};
use coopsim::serving::kernels::Chip;
use csv::StringRecord;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use std::sync::LazyLock;

/// A chip of the tables.
pub struct System {
    name: &'static str,
    /// What the catalogue calls it.
    pub accelerator: &'static str,
    pub class: KernelClass,
    pub chip: Chip,
    peak: PeakFlops,
}

impl System {
    /// TFLOP/s with operands of a format.
    pub fn peak(&self, format: Format) -> f64 {
        let peak = match format {
            Format::Bf16 => self.peak.bf16,
            Format::Fp8 | Format::Fp8Block => self.peak.fp8,
            Format::Nvfp4 => self.peak.fp4,
        };
        peak.expect("a chip with kernels of the format has a peak").0 / 1e12
    }
}

static SYSTEMS: LazyLock<Vec<System>> = LazyLock::new(|| {
    let names = [
        ("a100_sxm", "A100-SXM-80"),
        ("b200_sxm", "B200-SXM"),
        ("gb200", "GB200-NVL72"),
        ("h100_sxm", "H100-SXM"),
        ("h200_sxm", "H200-SXM"),
        ("l40s", "L40S"),
    ];
    names.map(|(name, accelerator)| system(name, accelerator)).into()
});

fn system(name: &'static str, accelerator: &'static str) -> System {
    let entry = catalog::accelerator(accelerator).expect("a chip of the catalogue");
    let class = entry.kernels;
    let chip = Chip {
        memory: entry.hbm_bandwidth.0 / 1e12,
        link: entry.link_bandwidth.expect("it has links").0 / 1e12,
        peak16: entry.peak.bf16.expect("it has a peak").0 / 1e12,
        cache: Kernels { class, library: Library::Nccl }.second_level_cache(),
    };
    System { name, accelerator, class, chip, peak: entry.peak }
}

/// The columns that all tables have.
#[derive(Clone, Copy, Deserialize)]
pub struct Measured {
    #[serde(deserialize_with = "chip")]
    pub system: &'static System,
    #[serde(deserialize_with = "library")]
    pub framework: Library,
    time_us: f64,
}

/// A column that names the chip.
fn chip<'de, D: Deserializer<'de>>(from: D) -> Result<&'static System, D::Error> {
    let name = String::deserialize(from)?;
    SYSTEMS
        .iter()
        .find(|system| system.name == name)
        .ok_or_else(|| D::Error::custom(format!("chip {name}")))
}

/// A column that names whose kernel it is.
fn library<'de, D: Deserializer<'de>>(from: D) -> Result<Library, D::Error> {
    match &*String::deserialize(from)? {
        "trtllm" => Ok(Library::Trtllm),
        "vllm" => Ok(Library::Vllm),
        "sglang" => Ok(Library::Sglang),
        "NCCL" => Ok(Library::Nccl),
        other => Err(D::Error::custom(format!("framework {other}"))),
    }
}

/// A column that names the format of a cache.
pub fn cache<'de, D: Deserializer<'de>>(from: D) -> Result<Format, D::Error> {
    match &*String::deserialize(from)? {
        "bfloat16" => Ok(Format::Bf16),
        "fp8" => Ok(Format::Fp8),
        other => Err(D::Error::custom(format!("kv_dtype {other}"))),
    }
}

/// Bytes of a number in the cache.
pub fn bytes(cache: Format) -> f64 {
    if cache == Format::Bf16 { 2.0 } else { 1.0 }
}

/// A measured kernel.
pub struct Row<S> {
    pub system: &'static System,
    pub library: Library,
    pub shape: S,
    /// What it took.
    pub micros: f64,
    /// Whether its shape, on whatever chip, has no part in any fit: a third, drawn by hash.
    pub held_out: bool,
    /// By which rows are drawn into the sample that a fit sees.
    pub order: u64,
    /// Why neither a fit nor a judgement counts it.
    pub left_out: Option<&'static str>,
}

impl<S> Row<S> {
    /// A row, with the words that identify its shape.
    pub fn new(measured: Measured, shape: S, identity: &str) -> Self {
        let Measured { system, framework: library, time_us: micros } = measured;
        let order = fnv_1a(&format!("{identity} {}", system.name));
        let held_out = fnv_1a(identity).is_multiple_of(3);
        Self { system, library, shape, micros, held_out, order, left_out: None }
    }
}

/// The 64-bit FNV-1a hash.
pub fn fnv_1a(text: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The rows of a table, if it is there: what all tables have, and the columns of its own.
pub fn read<T: DeserializeOwned>(name: &str) -> Option<Vec<(Measured, T)>> {
    let file = crate::data::file(&format!("kernels/{name}"))?;
    let mut reader = csv::Reader::from_path(file).expect("it opens");
    let headers = reader.headers().expect("it has columns").clone();
    let line = |row: csv::Result<StringRecord>| {
        let row = row?;
        Ok((row.deserialize(Some(&headers))?, row.deserialize(Some(&headers))?))
    };
    let wrong = |error: csv::Error| panic!("{name}: {error}");
    Some(reader.records().map(|row| line(row).unwrap_or_else(wrong)).collect())
}

/// The middle of some times.
pub fn median(mut times: Vec<f64>) -> f64 {
    assert!(!times.is_empty(), "nothing to take the middle of");
    times.sort_by(f64::total_cmp);
    let half = times.len() / 2;
    if times.len() % 2 == 1 { times[half] } else { (times[half - 1] + times[half]) / 2.0 }
}

/// Rows of one group, with what its constants depend on.
pub type Group<'a, K, S> = (K, Vec<&'a Row<S>>);

/// Rows by what their law's constants depend on, in order.
pub fn grouped<S, K: Ord>(rows: &[Row<S>], key: impl Fn(&Row<S>) -> K) -> Vec<Group<'_, K, S>> {
    let mut groups = std::collections::BTreeMap::<K, Vec<&Row<S>>>::new();
    for row in rows {
        groups.entry(key(row)).or_default().push(row);
    }
    groups.into_iter().collect()
}
