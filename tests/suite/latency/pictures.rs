//! The pictures of docs/validation.md are those that `coopsim validate` draws of all rows.
//! `COOPSIM_WRITE_LATENCY=1 cargo test --test suite latency::` draws them anew.

use super::COMPARED;
use coopsim::report;
use coopsim::validation::{Latencies, Validation, published};
use std::env;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Pictures in docs, and how the names of those in the folder of a validation end.
const PICTURES: [(&str, &str); 4] = [
    ("parity-throughput.png", "-TensorRT-LLM-v0.17.png"),
    ("parity-tpot.png", "-Time-of-a-token-TPOT.png"),
    ("parity-ttft.png", "-Time-to-the-first-token-TTFT.png"),
    ("parity-tokens.png", "-Tokens-per-second.png"),
];

/// Width, height and colours of a picture.
fn pixels(path: &Path) -> (u32, u32, Vec<u8>) {
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut reader = png::Decoder::new(BufReader::new(file)).read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("it fits in memory")];
    let frame = reader.next_frame(&mut pixels).expect("whole");
    pixels.truncate(frame.buffer_size());
    (frame.width, frame.height, pixels)
}

/// The only picture in `folder` whose name ends so.
fn drawn(folder: &Path, end: &str) -> PathBuf {
    let entries = fs::read_dir(folder).expect("it is there").map(|entry| entry.expect("readable"));
    let ends = |path: &PathBuf| path.to_str().is_some_and(|path| path.ends_with(end));
    let found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(ends).collect();
    assert_eq!(found.len(), 1, "{end}: {found:?}");
    found.into_iter().next().expect("there is one")
}

#[test]
fn the_pictures_of_the_docs_are_drawn_from_all_rows() {
    let Some(rows) = &*COMPARED else { return };
    let validation = Validation {
        version: String::new(),
        seed: 1,
        quick: true,
        false_alarms: 0.0,
        checks: Vec::new(),
        published: published(),
        latency: Latencies { origin: String::new(), not_simulated: 0, rows: rows.clone() },
    };
    let parent = tempfile::tempdir().expect("a temporary folder");
    let folder = parent.path().join("validate");
    report::write_validation(&validation, &folder).expect("absent");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (name, end) in PICTURES {
        let (kept, drawn) = (docs.join(name), drawn(&folder.join("charts"), end));
        if env::var_os("COOPSIM_WRITE_LATENCY").is_some() {
            fs::copy(&drawn, &kept).expect("the docs are writable");
        }
        assert!(pixels(&kept) == pixels(&drawn), "docs/{name} is out of date");
    }
}
