//! What is plotted of a validation: published throughput by table, and measured latencies by quantity.

use crate::validation::{Latency, Published, Quantity, Validation};

/// Measured values of one unit beside simulated ones.
pub(super) struct Plot<'a> {
    /// What a reader calls them.
    pub(super) title: &'a str,
    /// Of both values.
    pub(super) unit: &'static str,
    /// In the order of their rows.
    pub(super) points: Vec<Point<'a>>,
}

/// A row in a plot.
#[derive(Clone, Copy)]
pub(super) struct Point<'a> {
    pub(super) chip: &'a str,
    pub(super) measured: f64,
    pub(super) simulated: f64,
    /// Whether fits left it out.
    pub(super) held_out: bool,
}

impl Point<'_> {
    /// Whether a log axis has a place for both values.
    pub(super) fn is_positive(&self) -> bool {
        let good = |value: f64| value > 0.0 && value.is_finite();
        good(self.measured) && good(self.simulated)
    }

    /// Whether they differ by at most this part of the measured value.
    pub(super) fn is_within(&self, part: f64) -> bool {
        (self.simulated / self.measured - 1.0).abs() <= part
    }
}

/// A plot per table and unit in the order of their first rows, then one per quantity of latencies.
pub(super) fn plots(validation: &Validation) -> Vec<Plot<'_>> {
    let latencies = &validation.latency.rows;
    let of_latency = Quantity::ALL.into_iter().map(|quantity| of_quantity(quantity, latencies));
    let tables = of_tables(&validation.published).into_iter();
    tables.chain(of_latency).filter(|plot| !plot.points.is_empty()).collect()
}

fn of_tables(rows: &[Published]) -> Vec<Plot<'_>> {
    let mut plots: Vec<Plot<'_>> = Vec::new();
    for row in rows {
        let point = Point {
            chip: &row.accelerator,
            measured: row.published,
            simulated: row.simulated,
            held_out: row.held_out,
        };
        match plots.iter_mut().find(|plot| (plot.title, plot.unit) == (&*row.table, row.unit)) {
            Some(plot) => plot.points.push(point),
            None => plots.push(Plot { title: &row.table, unit: row.unit, points: vec![point] }),
        }
    }
    plots
}

fn of_quantity(quantity: Quantity, rows: &[Latency]) -> Plot<'_> {
    let point = |row: &'_ Latency| quantity.of(row).map(|pair| (pair.measured, pair.simulated));
    let points = rows.iter().filter_map(|row| {
        let (measured, simulated) = point(row)?;
        Some(Point { chip: &row.accelerator, measured, simulated, held_out: row.held_out })
    });
    Plot { title: quantity.label(), unit: quantity.unit(), points: points.collect() }
}
