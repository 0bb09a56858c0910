//! What the shipped sweep says of itself, from its results.

use crate::desk::Desk;
use crate::section::{assert_comment, wrapped};
use std::collections::BTreeMap;
use std::path::Path;

const FILE: &str = "scenarios/sweeps/rate-and-terms.yaml";
/// Of the window that is measured.
const HOURS: f64 = 20.0 / 60.0;

/// Means of the whole cloud by point, variant and metric.
struct Found {
    /// The rate and the terms of each point.
    points: Vec<(String, String)>,
    means: BTreeMap<(usize, String, String), f64>,
}

impl Found {
    fn of(&self, point: usize, variant: &str, metric: &str) -> f64 {
        self.means[&(point, variant.to_owned(), metric.to_owned())]
    }

    /// What an hour of concentration brings the cloud more than a split, in USD to the nearest ten.
    fn gain(&self, point: usize) -> f64 {
        let margin = |variant| self.of(point, variant, "margin.operating_usd") / HOURS;
        ((margin("one-winner") - margin("split")) / 10.0).round() * 10.0
    }
}

fn found() -> Found {
    let desk = Desk::new();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let file = file.to_str().expect("text");
    super::done(&desk, &["sweep", file, "--replications", "1", "--no-charts", "--out", "o"]);
    let table = super::read(&desk, "o/sweep.csv");
    let mut found = Found { points: Vec::new(), means: BTreeMap::new() };
    for row in csv::Reader::from_reader(table.as_bytes()).into_records() {
        let row = row.expect("a table");
        let point: usize = row[0].parse().expect("a number");
        if point == found.points.len() {
            found.points.push((row[1].to_owned(), row[2].to_owned()));
        }
        if &row[4] == "all" {
            let mean = row[8].parse().expect("a number");
            found.means.insert((point, row[3].to_owned(), row[6].to_owned()), mean);
        }
    }
    found
}

fn usd(number: f64) -> String {
    format!("{} USD", number.abs())
}

#[test]
fn findings_are_those_of_its_results() {
    let found = found();
    let mut lines = String::new();
    for point in (0..found.points.len()).step_by(2) {
        let held = |variant| found.of(point, variant, "accelerators.held");
        let [rental, marketplace] = [point, point + 1].map(|point| found.gain(point));
        assert!(found.points[point].1.contains("rental"), "{:?}", found.points);
        assert!(rental < 0.0 && marketplace < rental, "{rental} {marketplace}");
        lines += &format!(
            "\n- at {}, one winner holds {} accelerators and eight vendors {}: concentration costs the \
             cloud about {} an hour where Aurora rents, {} where it gives a part of its sales.",
            found.points[point].0,
            held("one-winner"),
            held("split"),
            usd(rental),
            usd(marketplace)
        );
    }
    let text = format!(
        "Concentration pays the cloud at no point of these: what vendors do not hold, they do not rent.{lines}"
    );
    assert_comment(FILE, "sweep", &wrapped(&text));
}
