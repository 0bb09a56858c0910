//! The constants of the laws of kernels (`src/catalog/kernels.yaml`): the program that fits them to measured kernels, and
//! what tests that they are its output and near what was measured.
//!
//! Two thirds of the shapes are fitted, a third is held out by a hash of the shape, on all chips and for all
//! libraries. What no simulation has and the tables do (caches that a repeated call leaves in the second-level cache,
//! hosts that launch kernel by kernel) is predicted here; the laws are those that the simulation calls.
//!
//! DeepEP's exchanges (`expert_alltoall.csv`) have no law yet: the simulation uses NVIDIA's.

mod cache;
mod collectives;
mod decode;
mod errors;
mod experts;
mod latent;
mod prefill;
mod products;
mod routing;
mod rows;
mod search;
mod worked;
mod write;

use coopsim::catalog::{
    ErrorSpread, KernelErrors, KernelTable, KernelTables, Library, kernel_tables,
};
use std::path::Path;
use std::sync::LazyLock;

/// Percent: the most that half of the rows, and nine of ten, are off.
const TARGET: (f64, f64) = (10.0, 30.0);

/// Where the target is not reached: median and p90, percent, of rows fitted and held out, at most.
const EXCEPTIONS: [Exception; 5] = [
    // 93 and 45 rows. The host's times of launches without a graph scatter from 20 to 40 us, and 8 ranks take twice as long at a
    // quarter and half a megabyte as at more.
    exception(KernelTable::Collectives, "B200-SXM", Library::Vllm, (2.4, 23.5), (4.4, 34.9)),
    // 31 and 13 rows; those of two ranks contradict NCCL and SGLang, those of four have a floor a quarter below that of B200,
    // with whose constants they are judged.
    exception(KernelTable::Collectives, "GB200-NVL72", Library::Vllm, (6.4, 30.6), (1.6, 31.3)),
    // 50 and 19 rows. Over PCIe 8 ranks take up to 1.8 times longer at 32 to 130 kilobytes and at 2 to 17 megabytes than sizes
    // above and below would say: steps of the library's protocols.
    exception(KernelTable::Collectives, "L40S", Library::Trtllm, (3.6, 42.2), (2.2, 34.3)),
    // 93 and 45 rows: the host's times scatter from 42 to 100 us, and four ranks take 1.4 times what NCCL's own table has.
    exception(KernelTable::Collectives, "L40S", Library::Vllm, (8.7, 32.1), (21.4, 34.3)),
    // Two sets of times, as if the kernel had been tuned for some widths of experts only.
    exception(KernelTable::Experts, "A100-SXM-80", Library::Vllm, (13.6, 38.4), (12.5, 39.8)),
];

struct Exception {
    of: (KernelTable, &'static str, Library),
    fitted: (f64, f64),
    held_out: (f64, f64),
}

const fn exception(
    table: KernelTable,
    accelerator: &'static str,
    library: Library,
    fitted: (f64, f64),
    held_out: (f64, f64),
) -> Exception {
    Exception { of: (table, accelerator, library), fitted, held_out }
}

fn within(spread: &ErrorSpread) -> bool {
    spread.rows == 0 || (spread.median <= TARGET.0 && spread.p90 <= TARGET.1)
}

/// Read once.
static TABLES: LazyLock<Option<Tables>> = LazyLock::new(Tables::read);

/// All tables.
struct Tables {
    products: Vec<rows::Row<products::Product>>,
    decode: Vec<rows::Row<decode::Decoding>>,
    prefill: Vec<rows::Row<prefill::Prompts>>,
    collectives: Vec<rows::Row<collectives::Exchange>>,
    experts: Vec<rows::Row<experts::Layer>>,
    latent: [Vec<rows::Row<latent::Latent>>; 2],
}

impl Tables {
    fn read() -> Option<Self> {
        Some(Self {
            products: products::rows()?,
            decode: decode::rows()?,
            prefill: prefill::rows()?,
            collectives: collectives::rows()?,
            experts: experts::rows()?,
            latent: latent::rows()?,
        })
    }

    /// The constants that the search finds, and their errors.
    fn fit(&self) -> KernelTables {
        let mut tables = kernel_tables().clone();
        tables.errors.clear();
        tables.hosts = products::hosts(&self.products);
        tables.products = products::fit(&self.products, &tables.hosts);
        tables.decode = decode::fit(&self.decode);
        tables.prefill = prefill::fit(&self.prefill);
        tables.collectives = collectives::fit(&self.collectives);
        tables.own_all_reduce = collectives::fit_own(&self.collectives, &tables.collectives);
        let hosts = collectives::hosts(&self.collectives, &tables);
        tables.hosts.extend(hosts);
        tables.experts = experts::fit(&self.experts);
        tables.latent_decode = latent::fit_decode(&self.latent[0]);
        tables.latent_prefill = latent::fit_prefill(&self.latent[1]);
        // Errors are those of the constants as they are written, with four digits.
        let mut tables: KernelTables =
            serde_yaml::from_str(&write::text(&tables)).expect("it reads what it wrote");
        tables.errors = self.errors(&tables);
        tables
    }

    fn errors(&self, tables: &KernelTables) -> Vec<KernelErrors> {
        let mut rows = products::judge(&self.products, tables);
        rows.extend(decode::judge(&self.decode, tables));
        rows.extend(prefill::judge(&self.prefill, tables));
        rows.extend(collectives::judge(&self.collectives, tables));
        rows.extend(experts::judge(&self.experts, tables));
        rows.extend(latent::judge(&self.latent, tables));
        errors::summary(rows)
    }
}

/// The search has no randomness, so that fitting again yields the same constants to the last digit.
#[test]
fn constants_are_what_the_fit_to_measured_kernels_yields() {
    let Some(tables) = &*TABLES else { return };
    let text = write::text(&tables.fit());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog/kernels.yaml");
    if std::env::var_os("COOPSIM_WRITE_KERNELS").is_some() {
        std::fs::write(file, text).expect("it is writable");
        return;
    }
    let committed = std::fs::read_to_string(file).expect("it is there");
    let differ =
        committed.lines().zip(text.lines()).filter(|(committed, fitted)| committed != fitted);
    let first: Vec<_> =
        differ.take(5).map(|(committed, fitted)| format!("- {committed}\n+ {fitted}")).collect();
    assert!(
        committed == text,
        "kernels.yaml is not what the fit yields; see tests/suite/kernels/write.rs\n{}",
        first.join("\n")
    );
}

/// Issue 18: median error at most 10 % and p90 at most 30 % per table, chip and framework, over times above 5 µs.
#[test]
fn laws_are_near_what_was_measured() {
    let Some(tables) = &*TABLES else { return };
    let errors = tables.errors(kernel_tables());
    for errors in &errors {
        let of = (errors.table, &*errors.accelerator, errors.library);
        let known = EXCEPTIONS.iter().find(|exception| exception.of == of);
        let (fitted, held_out) =
            known.map_or((TARGET, TARGET), |exception| (exception.fitted, exception.held_out));
        for (spread, (median, p90)) in [(errors.fitted, fitted), (errors.held_out, held_out)] {
            assert!(spread.median <= median && spread.p90 <= p90, "{errors:?}");
        }
    }
    assert_eq!(errors, kernel_tables().errors, "the catalogue states other errors");
}
