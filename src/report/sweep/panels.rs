//! Panels side by side, each with the same lines or points.

use crate::report::chart::Drawing;
use crate::report::chart::legend::{Legend, Sample, marker};
use crate::report::chart::lines::{Places, Point, draw_lines, y_axis};
use crate::report::chart::palette::{COLOURS, MUTED, colour};
use crate::report::chart::panel::{
    HEADING, MARGIN, Panel, WIDTH, X_LABELS, Y_LABELS, heading, x_name,
};
use crate::report::chart::picture::{Picture, Text};
use crate::report::numbers;

const COLUMNS: usize = 2;
const COLUMN_GAP: f64 = 28.0;
const TITLE_HEIGHT: f64 = 26.0;
const PLOT_HEIGHT: f64 = 170.0;
const X_NAME: f64 = 18.0;
const ROW_GAP: f64 = 12.0;
const TICKS: usize = 4;

/// One panel.
pub(super) struct Cell {
    pub(super) title: String,
    pub(super) unit: String,
    pub(super) places: Places,
    /// A line for each name of [`Panels::lines`].
    pub(super) lines: Vec<Vec<Point>>,
    pub(super) x_name: String,
}

/// A picture of panels.
pub(super) struct Panels {
    pub(super) title: String,
    pub(super) subtitle: String,
    /// What the lines are of.
    pub(super) lines: Vec<String>,
    pub(super) cells: Vec<Cell>,
    /// Whether a line leads from point to point.
    pub(super) connected: bool,
    pub(super) caption: &'static str,
}

impl Panels {
    pub(super) fn draw(self) -> Drawing {
        let shown = self.lines.len().min(COLOURS.len());
        let sample = |index: usize| match self.connected {
            true => Sample::Line(colour(index), index),
            false => Sample::Marker(colour(index), index),
        };
        let several = self.lines.len() > 1;
        let named = self.lines[..shown].iter().enumerate().filter(|_| several);
        let legend = Legend::new(
            named.map(|(index, name)| (sample(index), name.clone())),
            f64::from(WIDTH) - 2.0 * MARGIN,
        );
        let top = HEADING + legend.height + 6.0;
        let row = TITLE_HEIGHT + PLOT_HEIGHT + X_LABELS + X_NAME + ROW_GAP;
        let rows = self.cells.len().div_ceil(COLUMNS).max(1);
        let mut picture = Picture::new(WIDTH, top + row * rows as f64 + 8.0);
        let more = match self.lines.len() {
            many if many > shown => format!(" The first {shown} of {many} variants."),
            _ => String::new(),
        };
        heading(&mut picture, &self.title, &format!("{}{more}", self.subtitle));
        legend.draw(&mut picture, (MARGIN, HEADING));
        let width = f64::from(WIDTH) - 2.0 * MARGIN;
        let column = (width - COLUMN_GAP * (COLUMNS - 1) as f64) / COLUMNS as f64;
        for (index, cell) in self.cells.iter().enumerate() {
            let left = MARGIN + (index % COLUMNS) as f64 * (column + COLUMN_GAP);
            let corner = (left, top + (index / COLUMNS) as f64 * row);
            self.panel(&mut picture, cell, corner, column, shown);
        }
        Drawing { alt: self.title.clone(), caption: self.caption, picture }
    }

    fn panel(
        &self,
        picture: &mut Picture,
        cell: &Cell,
        corner: (f64, f64),
        width: f64,
        shown: usize,
    ) {
        let unit = numbers::label_unit(&cell.unit);
        let title = if self.connected && !unit.is_empty() {
            format!("{}, {unit}", cell.title)
        } else {
            cell.title.clone()
        };
        let title = Text { bold: true, ..Text::new((corner.0, corner.1 + 10.0), &title, 12.0) };
        picture.text(title.fitted(width));
        let plot = width - Y_LABELS;
        let lines = &cell.lines[..shown];
        let panel = Panel {
            corner: (corner.0 + Y_LABELS, corner.1 + TITLE_HEIGHT),
            width: plot,
            height: PLOT_HEIGHT,
            x: cell.places.axis(plot),
            y: y_axis(lines, TICKS),
        };
        panel.grid(picture);
        match self.connected {
            true => draw_lines(picture, &panel, lines, cell.places.are_numbers),
            false => {
                for (index, line) in lines.iter().enumerate() {
                    for point in line {
                        marker(picture, index, panel.point(point.x, point.mean), colour(index));
                    }
                }
            }
        }
        panel.frame(picture);
        if lines.iter().all(Vec::is_empty) {
            panel.nothing(picture, "no point has it");
        }
        if !cell.x_name.is_empty() {
            let span = (panel.corner.0, panel.corner.0 + plot);
            let name =
                Text { colour: MUTED, ..Text::new((0.0, 0.0), &cell.x_name, 12.0) }.fitted(plot);
            x_name(picture, span, panel.bottom() + X_LABELS + X_NAME / 2.0, &name.text);
        }
    }
}
