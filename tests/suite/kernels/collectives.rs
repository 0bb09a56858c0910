//! Exchanges among the accelerators of a node: NVIDIA's, and engines' own sums in a captured graph and without one.

use super::errors::{Judged, judge as judge_row, law as law_of};
use super::rows::{Measured, Row, grouped, median, read};
use super::search::{Constant, any, at_most, fit as fit_law, share};
use coopsim::catalog::{
    Collective, CollectiveLaw, Fitted, HostTimes, KernelClass, KernelTable, KernelTables, Library,
    OwnAllReduceLaw,
};
use coopsim::serving::kernels::{all_reduce, all_to_all, library_all_reduce};
use rayon::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    operation: String,
    ranks: u32,
    elements: u64,
}

/// An exchange of the table.
pub struct Exchange {
    of: Collective,
    /// Launched by the host, without a graph.
    eager: bool,
    ranks: f64,
    /// Megabytes of what all have together.
    size: f64,
}

/// The table.
pub fn rows() -> Option<Vec<Row<Exchange>>> {
    Some(read::<Line>("collectives.csv")?.into_iter().map(row).collect())
}

fn row((measured, line): (Measured, Line)) -> Row<Exchange> {
    let of = match line.operation.split(' ').next() {
        Some("all_reduce") => Collective::AllReduce,
        Some("all_gather") => Collective::AllGather,
        Some("reduce_scatter") => Collective::ReduceScatter,
        Some("alltoall") => Collective::AllToAll,
        _ => panic!("operation {}", line.operation),
    };
    let exchange = Exchange {
        of,
        eager: line.operation.ends_with("eager"),
        ranks: line.ranks.into(),
        size: line.elements as f64 * 2.0 / 1e6,
    };
    let identity = format!("{},{},{}", line.operation, line.ranks, line.elements);
    let mut row = Row::new(measured, exchange, &identity);
    let odd = measured.system.accelerator == "GB200-NVL72"
        && measured.framework == Library::Vllm
        && line.ranks == 2;
    row.left_out = odd.then_some(
        "almost three times what SGLang and NCCL take there, and twice what four ranks do",
    );
    row
}

fn library(law: &CollectiveLaw, row: &Row<Exchange>) -> f64 {
    let Exchange { of, ranks, size, .. } = row.shape;
    match of {
        Collective::AllReduce => library_all_reduce(law, &row.system.chip, ranks, size),
        _ => all_to_all(law, &row.system.chip, ranks, size),
    }
}

/// The constants of NVIDIA's.
pub fn fit(rows: &[Row<Exchange>]) -> Vec<Fitted<Collective, CollectiveLaw>> {
    let groups = grouped(rows, |row| (row.system.class, row.shape.of, row.library));
    let nccl = groups.into_par_iter().filter(|((_, _, library), _)| *library == Library::Nccl);
    let fitted = |((class, of, library_of), rows): ((KernelClass, _, _), Vec<&Row<Exchange>>)| {
        let free: [Constant<CollectiveLaw>; 7] = [
            any(|law| &mut law.floor),
            any(|law| &mut law.rank),
            any(|law| &mut law.staging),
            any(|law| &mut law.half),
            share(|law| &mut law.links[0]),
            share(|law| &mut law.links[1]),
            share(|law| &mut law.links[2]),
        ];
        // Over PCIe, ranks share the paths of the host.
        let links = if class == KernelClass::Ada { [0.7, 0.2, 0.05] } else { [0.7; 3] };
        let start = |half| CollectiveLaw { floor: 5.0, rank: 1.0, staging: 10.0, half, links };
        let law = fit_law(&rows, library, &free, &[0.1, 1.0, 10.0].map(start)).law;
        Fitted { class, library: library_of, of, host: None, doubt: None, law }
    };
    nccl.map(fitted).collect()
}

/// The constants of engines' own, with the sizes up to which they are used: settings of the software, found among powers of two.
pub fn fit_own(
    rows: &[Row<Exchange>],
    nccl: &[Fitted<Collective, CollectiveLaw>],
) -> Vec<Fitted<Collective, OwnAllReduceLaw>> {
    let groups = grouped(rows, |row| (row.system.class, row.library, row.shape.eager));
    let own = groups
        .into_par_iter()
        .filter(|((_, library, eager), _)| *library != Library::Nccl && !eager);
    let fitted = |((class, library, _), rows): ((_, _, _), Vec<&Row<Exchange>>)| {
        let above =
            law_of(nccl, &Row { library: Library::Nccl, ..bare(rows[0]) }, &Collective::AllReduce)
                .law;
        let law = own_law(&rows, &above);
        Fitted { class, library, of: Collective::AllReduce, host: None, doubt: None, law }
    };
    own.map(fitted).collect()
}

/// A row's place without its shape.
fn bare<S>(row: &Row<S>) -> Row<()> {
    Row {
        system: row.system,
        library: row.library,
        shape: (),
        micros: 0.0,
        held_out: false,
        order: 0,
        left_out: None,
    }
}

fn own(law: &OwnAllReduceLaw, above: &CollectiveLaw, row: &Row<Exchange>) -> f64 {
    all_reduce(law, above, &row.system.chip, row.shape.ranks, row.shape.size)
}

fn own_law(rows: &[&Row<Exchange>], above: &CollectiveLaw) -> OwnAllReduceLaw {
    /// Times that constants and sizes are fitted in turn, at most.
    const ROUNDS: usize = 4;
    let free: [Constant<OwnAllReduceLaw>; 6] = [
        any(|law| &mut law.floor),
        any(|law| &mut law.rank),
        any(|law| &mut law.staging),
        any(|law| &mut law.half),
        share(|law| &mut law.link),
        // With eight ranks the switch sums up, so that the links do as if they were faster.
        at_most(2.0, |law| &mut law.doubling),
    ];
    let start = |(half, doubling)| OwnAllReduceLaw {
        floor: 4.0,
        rank: 0.2,
        staging: 5.0,
        half,
        link: 0.6,
        doubling,
        upto: [16.0, 2.0, 0.5],
    };
    let predict = |law: &OwnAllReduceLaw, row: &Row<Exchange>| own(law, above, row);
    let mut starts: Vec<_> = [(0.1, 1.1), (0.1, 0.4), (1.0, 1.1), (1.0, 0.4)].map(start).into();
    let mut law = fit_law(rows, predict, &free, &starts).law;
    for _ in 0..ROUNDS {
        let upto = [0, 1, 2].map(|place| best_size(rows, &law, above, place));
        if upto == law.upto {
            break;
        }
        starts.push(law);
        starts.iter_mut().for_each(|start| start.upto = upto);
        law = fit_law(rows, predict, &free, &starts).law;
        starts.pop();
    }
    law
}

/// The size up to which the engine's own is best taken for 2, 4 or 8 ranks, megabytes: the largest of those that are equally near.
fn best_size(
    rows: &[&Row<Exchange>],
    law: &OwnAllReduceLaw,
    above: &CollectiveLaw,
    place: usize,
) -> f64 {
    let ranks = [2.0, 4.0, 8.0][place];
    let fitted: Vec<_> = rows
        .iter()
        .filter(|row| row.shape.ranks == ranks && !row.held_out && row.left_out.is_none())
        .collect();
    let off = |size: f64| {
        let mut law = *law;
        law.upto[place] = size;
        let each =
            fitted.iter().map(|row| (own(&law, above, row) / row.micros).ln().abs().min(1.0));
        each.sum::<f64>()
    };
    let sizes = (4..=20).map(|power| 2_f64.powi(power) * 1.024e-3);
    let near = sizes.map(|size| (off(size), size));
    near.reduce(|best, next| if next.0 <= best.0 { next } else { best }).expect("a size").1
}

/// What hosts took where an engine's own sum was launched without a graph, and the share of the memory's bandwidth at which it was
/// copied into the buffer that all ranks see.
pub fn hosts(rows: &[Row<Exchange>], tables: &KernelTables) -> Vec<HostTimes> {
    let groups = grouped(rows, |row| (row.system.accelerator, row.library, row.shape.eager));
    let eager = groups.into_iter().filter(|((_, _, eager), _)| *eager);
    eager
        .map(|((accelerator, library, _), rows)| host(accelerator, library, &rows, tables))
        .collect()
}

fn host(
    accelerator: &str,
    library: Library,
    rows: &[&Row<Exchange>],
    tables: &KernelTables,
) -> HostTimes {
    let fitted = |row: &&&Row<Exchange>| !row.held_out && row.left_out.is_none();
    let bound = |row: &&&Row<Exchange>| captured(tables, row) < 0.5 * row.micros;
    let of = |ranks: f64| {
        let own: Vec<_> = rows
            .iter()
            .filter(fitted)
            .filter(bound)
            .filter(|row| row.shape.ranks == ranks)
            .collect();
        (!own.is_empty()).then(|| median(own.iter().map(|row| row.micros).collect()))
    };
    let times = [2.0, 4.0, 8.0].map(of);
    let some = times.iter().flatten().next().copied().expect("the host bounds some");
    let micros: Vec<_> = times.iter().map(|time| time.unwrap_or(some)).collect();
    let start = |copy| HostTimes {
        accelerator: String::from(accelerator),
        library,
        table: KernelTable::Collectives,
        micros: micros.clone(),
        copy: Some(copy),
    };
    let predict = |&copy: &f64, row: &Row<Exchange>| launched(&start(copy), tables, row);
    let copy = fit_law(rows, predict, &[share(|copy| copy)], &[0.85]).law;
    start(copy)
}

fn captured(tables: &KernelTables, row: &Row<Exchange>) -> f64 {
    let above = law_of(
        &tables.collectives,
        &Row { library: Library::Nccl, ..bare(row) },
        &Collective::AllReduce,
    );
    own(&law_of(&tables.own_all_reduce, row, &Collective::AllReduce).law, &above.law, row)
}

fn launched(host: &HostTimes, tables: &KernelTables, row: &Row<Exchange>) -> f64 {
    let place =
        [2.0, 4.0, 8.0].iter().position(|&ranks| row.shape.ranks <= ranks).expect("up to eight");
    let copied = 2.0 * row.shape.size / (row.system.chip.memory * host.copy.expect("it is copied"));
    host.micros[place].max(captured(tables, row) + copied)
}

/// Errors of all rows.
pub fn judge(rows: &[Row<Exchange>], tables: &KernelTables) -> Vec<Judged> {
    let judged = |row: &Row<Exchange>| {
        let micros = if row.library == Library::Nccl {
            library(&law_of(&tables.collectives, row, &row.shape.of).law, row)
        } else if row.shape.eager {
            let own = |host: &&HostTimes| {
                host.table == KernelTable::Collectives
                    && host.accelerator == row.system.accelerator
                    && host.library == row.library
            };
            launched(tables.hosts.iter().find(own).expect("its host was timed"), tables, row)
        } else {
            captured(tables, row)
        };
        judge_row(KernelTable::Collectives, row, micros)
    };
    rows.iter().filter_map(judged).collect()
}
