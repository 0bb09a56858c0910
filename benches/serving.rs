//! The serving path: a request through routing, batching, books and ledger, from a scenario file.

mod common {
    pub(crate) mod cpu;
    pub(crate) mod scenarios;
}

use common::cpu::{criterion, measure};
use common::scenarios::{requests, run, scenario};
use coopsim::simulation::Prepared;

fn main() {
    let mut criterion = criterion();
    let scenario = scenario("benches/scenarios/serving.yaml", &[]);
    for variant in &scenario.variants {
        let prepared = Prepared::new(&variant.setup).expect("the replicas have room");
        let requests = requests(&prepared);
        measure(&mut criterion, "serving", &variant.name, requests, || run(&prepared));
    }
    criterion.final_summary();
}
