//! What the catalogue keeps of measured latencies: a sample of the rows, and how far all of them are from their
//! simulations. `COOPSIM_WRITE_LATENCY=1 cargo test --test suite latency::` writes both anew.

use super::{COMPARED, rows};
use coopsim::validation::{known_errors, sample_of};
use serde::Serialize;
use std::path::Path;
use std::{env, fs};

const SAMPLE: &str = "\
# Measured latencies against concurrency, transcribed: a fair sample of the rows of serving/latency.csv that are clean and do not
# contradict each other, for `coopsim validate` where that table is not at hand. Of each source, chip, model, degree and band of
# users (1-4, 5-32, more) it has the row whose hash of what was run is least (src/validation/latency/sample.rs). Sources:
#   nim, trtllm-static  NVIDIA's course on sizing of inference deployments
#   silicon             aiconfigurator 095f58a, silicon_sample.csv, Apache-2.0
#   inferencex          snapshots of InferenceX, Apache-2.0
# Times are in milliseconds. Written by `COOPSIM_WRITE_LATENCY=1 cargo test --test suite latency::`; a test compares.
";

const ERRORS: &str = "\
# How far simulated times of a token (TPOT) are from measured ones: absolute relative errors in per cent, their median and 90th
# percentile, and the median with its sign, of all rows of serving/latency.csv that `coopsim validate` compares: clean ones that
# do not contradict each other, fitted or left out. Sources as in latency.csv.
# Written by `COOPSIM_WRITE_LATENCY=1 cargo test --test suite latency::`; a test compares.
";

/// Fails unless a file of the catalogue has `rows`, or writes it where that is asked for.
fn assert_table(file: &str, header: &str, rows: &[impl Serialize]) {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.serialize(row).expect("plain data");
    }
    let table = String::from_utf8(writer.into_inner().expect("memory")).expect("text");
    let expected = format!("{header}{table}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog").join(file);
    if env::var_os("COOPSIM_WRITE_LATENCY").is_some() {
        fs::write(&path, expected).expect("the catalogue is writable");
    } else {
        let found = fs::read_to_string(&path).expect("it is there");
        assert!(found == expected, "{file} is out of date");
    }
}

#[test]
fn the_sample_is_drawn_from_all_rows() {
    let Some(rows) = rows() else { return };
    let sample = sample_of(&rows);
    assert!((200..=300).contains(&sample.len()), "{} rows", sample.len());
    assert_table("latency.csv", SAMPLE, &sample);
}

#[test]
fn errors_are_those_of_all_rows() {
    let Some(rows) = &*COMPARED else { return };
    assert_table("latency-errors.csv", ERRORS, &known_errors(rows));
}
