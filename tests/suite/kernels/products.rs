//! Products of matrices.

use super::errors::{Judged, judge as judge_row, law as law_of};
use super::rows::{Measured, Row, System, grouped, median, read};
use super::search::{Constant, any, at_most, fit as fit_law, share};
use coopsim::catalog::{
    Fitted, Format, HostTimes, KernelClass, KernelTable, KernelTables, Library, ProductLaw,
};
use coopsim::serving::kernels::{Operands, product};
use rayon::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    dtype: String,
    m: u32,
    n: u32,
    k: u32,
}

/// A product of the table.
pub struct Product {
    format: Format,
    m: f64,
    n: f64,
    k: f64,
}

/// Where a table was measured with launches from the host, tokens up to which it took the shorter way.
const FEW: f64 = 16.0;

/// The table. Products in formats that a simulation has none of are not read: weights of 4 or 8 bits with activations
/// of 16, and SmoothQuant.
pub fn rows() -> Option<Vec<Row<Product>>> {
    Some(read::<Line>("gemm.csv")?.into_iter().filter_map(row).collect())
}

fn row((measured, line): (Measured, Line)) -> Option<Row<Product>> {
    let format = match &*line.dtype {
        "bfloat16" => Format::Bf16,
        "fp8" => Format::Fp8,
        "fp8_block" => Format::Fp8Block,
        "nvfp4" => Format::Nvfp4,
        _ => return None,
    };
    let shape = Product { format, m: line.m.into(), n: line.n.into(), k: line.k.into() };
    let identity = format!("{},{},{}", line.m, line.n, line.k);
    let mut row = Row::new(measured, shape, &identity);
    row.left_out = left_out(&row);
    Some(row)
}

fn left_out(row: &Row<Product>) -> Option<&'static str> {
    let Product { format, m, n, k } = row.shape;
    let Operands { weights, activations, .. } = operands(row.system, format);
    let bytes = n * k * weights + m * k * activations + m * n * 2.0;
    let first = match format {
        Format::Fp8 => 1.0,
        Format::Fp8Block => 2.0,
        _ => 0.0,
    };
    if bytes / 1e6 / row.system.chip.memory >= row.micros {
        Some("faster than the memory could deliver: it came from the second-level cache, on L40S")
    } else if row.library == Library::Vllm
        && row.system.class == KernelClass::Blackwell
        && m <= first
    {
        Some(
            "the first calls of nearly each shape take 12 us more than twice the tokens, or the host was warming up",
        )
    } else {
        None
    }
}

fn operands(system: &System, format: Format) -> Operands {
    let width = match format {
        Format::Bf16 => 2.0,
        Format::Fp8 | Format::Fp8Block => 1.0,
        Format::Nvfp4 => 0.5625,
    };
    Operands { weights: width, activations: width, peak: system.peak(format) }
}

fn predict(law: &ProductLaw, row: &Row<Product>) -> f64 {
    let Product { format, m, n, k } = row.shape;
    product(law, &row.system.chip, &operands(row.system, format), m, n, k)
}

/// vLLM's products of fp8 in blocks were launched from the host, which bounds them.
fn eager(library: Library, format: Format) -> bool {
    library == Library::Vllm && format == Format::Fp8Block
}

/// The host's times of those: the middle of what small products take.
pub fn hosts(rows: &[Row<Product>]) -> Vec<HostTimes> {
    let eager =
        |row: &&Row<Product>| eager(row.library, row.shape.format) && row.left_out.is_none();
    let small = |row: &&Row<Product>| row.shape.n * row.shape.k < 3e7 && row.shape.m < 1024.0;
    let eager: Vec<_> = rows.iter().filter(eager).filter(small).collect();
    let mut accelerators: Vec<_> = eager.iter().map(|row| row.system.accelerator).collect();
    accelerators.sort_unstable();
    accelerators.dedup();
    let times = |accelerator: &str, few: bool| {
        let own = eager
            .iter()
            .filter(|row| row.system.accelerator == accelerator && (row.shape.m <= FEW) == few);
        median(own.map(|row| row.micros).collect())
    };
    let host = |accelerator: &'static str| HostTimes {
        accelerator: String::from(accelerator),
        library: Library::Vllm,
        table: KernelTable::Products,
        micros: [true, false].map(|few| times(accelerator, few)).into(),
        copy: None,
    };
    accelerators.into_iter().map(host).collect()
}

fn host(hosts: &[HostTimes], row: &Row<Product>) -> f64 {
    if !eager(row.library, row.shape.format) {
        return 0.0;
    }
    let own = |host: &&HostTimes| {
        host.table == KernelTable::Products && host.accelerator == row.system.accelerator
    };
    hosts.iter().find(own).expect("its host was timed").micros[usize::from(row.shape.m > FEW)]
}

/// The constants. Where the host hides small times, floor, chain and share of the memory are TensorRT-LLM's.
pub fn fit(rows: &[Row<Product>], hosts: &[HostTimes]) -> Vec<Fitted<Format, ProductLaw>> {
    let groups = grouped(rows, |row| (row.system.class, row.shape.format, row.library));
    let (late, first): (Vec<_>, Vec<_>) =
        groups.into_iter().partition(|((_, format, library), _)| eager(*library, *format));
    let free = |format: Format| {
        let mut free: Vec<Constant<ProductLaw>> = vec![
            any(|law| &mut law.floor),
            any(|law| &mut law.chain),
            share(|law| &mut law.memory),
            share(|law| &mut law.peak),
            any(|law| &mut law.rows),
        ];
        if format != Format::Bf16 {
            free.push(quantise());
        }
        free
    };
    let mut laws: Vec<_> = first
        .into_par_iter()
        .map(|((class, of, library), rows)| {
            let quantise = (of != Format::Bf16).then_some(0.5);
            let start = |memory| ProductLaw {
                floor: 5.0,
                chain: 0.5,
                memory,
                peak: 0.7,
                rows: 0.3,
                quantise,
            };
            let law = fit_law(&rows, predict, &free(of), &[0.5, 0.8].map(start)).law;
            Fitted { class, library, of, host: None, doubt: None, law }
        })
        .collect();
    for ((class, of, library), rows) in late {
        let kernel = |law: &&Fitted<Format, ProductLaw>| law.class == class && law.of == of;
        let other = laws.iter().find(kernel).expect("TensorRT-LLM's is fitted").law;
        let free =
            [share(|law: &mut ProductLaw| &mut law.peak), any(|law| &mut law.rows), quantise()];
        let start = |share| ProductLaw { quantise: Some(share), ..other };
        let bounded =
            |law: &ProductLaw, row: &Row<Product>| predict(law, row).max(host(hosts, row));
        let law = fit_law(&rows, bounded, &free, &[0.3, 1.0].map(start)).law;
        laws.push(Fitted { class, library, of, host: None, doubt: None, law });
    }
    laws.sort_by_key(|law| (law.class, law.of, law.library));
    laws
}

/// Activations were just written: what quantises them finds them in the second-level cache, several times
/// faster than the memory.
fn quantise() -> Constant<ProductLaw> {
    at_most(4.0, |law| law.quantise.as_mut().expect("a format that is quantised to"))
}

/// Errors of all rows.
pub fn judge(rows: &[Row<Product>], tables: &KernelTables) -> Vec<Judged> {
    let judged = |row: &Row<Product>| {
        let law = &law_of(&tables.products, row, &row.shape.format).law;
        judge_row(KernelTable::Products, row, predict(law, row).max(host(&tables.hosts, row)))
    };
    rows.iter().filter_map(judged).collect()
}
