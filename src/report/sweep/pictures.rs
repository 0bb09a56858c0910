//! Pictures by the shape of a sweep: along one parameter lines with bands, over two a heat map, over three or more small
//! multiples of lines, and of points that are no grid a cloud over each parameter.

use super::found::{Found, Metric, Value};
use super::heat;
use super::panels::{Cell, Panels};
use crate::report::chart::lines::{Places, Point};
use crate::report::chart::{Chart, Drawing, number};
use crate::report::slug::slug;
use crate::scenario::Sweep;

/// Panels of small multiples.
const PANELS_MAX: usize = 12;
/// Places on an axis: more labels than this are numbers only.
const LINES: &str =
    "Means over replications; a band or a whisker is the 95 % interval. Numbers: sweep.csv.";
const CLOUD: &str = "A point each: the mean over replications at that point, over the value of one parameter, whatever \
    the others are. Numbers: sweep.csv.";

/// All pictures of a sweep, in their order.
pub(super) fn charts(sweep: &Sweep, found: &Found) -> Vec<Chart> {
    let metrics: Vec<&Metric> = found.shown().filter(|metric| metric.varies()).collect();
    let drawings: Vec<(String, Drawing)> = match shape(sweep, found) {
        Shape::Nothing => Vec::new(),
        _ if metrics.is_empty() => Vec::new(),
        Shape::Line(axis) => {
            vec![("along".to_owned(), along(sweep, found, &metrics, &axis))]
        }
        Shape::Map(rows, columns) => {
            let draw = |metric: &&Metric| {
                (metric.name.clone(), heat::draw(sweep, found, metric, [&rows, &columns]))
            };
            metrics.iter().map(draw).collect()
        }
        Shape::Multiples(axis) => {
            let draw =
                |metric: &&Metric| (metric.name.clone(), multiples(sweep, found, metric, &axis));
            metrics.iter().map(draw).collect()
        }
        Shape::Cloud => {
            let draw = |metric: &&Metric| (metric.name.clone(), cloud(sweep, found, metric));
            metrics.iter().map(draw).collect()
        }
    };
    let count = drawings.len();
    let chart = |(index, (name, drawing)): (usize, (String, Drawing))| Chart {
        file: format!("{}-{}", number(index, count), slug(&name)),
        drawing,
    };
    drawings.into_iter().enumerate().map(chart).collect()
}

/// Parameters that take their values together, of which the first names them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SweptAxis {
    pub(super) members: Vec<usize>,
}

impl SweptAxis {
    pub(super) fn name(&self, sweep: &Sweep) -> String {
        let names = sweep.short_names();
        let names: Vec<_> = self.members.iter().map(|&member| &*names[member]).collect();
        names.join(", ")
    }

    /// What stands below each of its values.
    pub(super) fn labels(&self, sweep: &Sweep) -> Vec<String> {
        sweep.levels[self.members[0]].clone()
    }

    pub(super) fn places(&self, sweep: &Sweep) -> Places {
        let labels = self.labels(sweep);
        let numbers = Sweep::numbers(labels.iter().map(String::as_str));
        Places::new(&labels, numbers.as_ref().map(|(numbers, _)| &**numbers))
    }

    /// Which of its values a point has.
    pub(super) fn level(&self, sweep: &Sweep, setting: &[String]) -> Option<usize> {
        let member = self.members[0];
        sweep.levels[member].iter().position(|level| *level == setting[member])
    }
}

enum Shape {
    /// A single point.
    Nothing,
    Line(SweptAxis),
    /// Rows and columns.
    Map(SweptAxis, SweptAxis),
    /// Lines along the longest.
    Multiples(SweptAxis),
    Cloud,
}

fn shape(sweep: &Sweep, found: &Found) -> Shape {
    let swept = sweep.axes.iter().map(|members| SweptAxis { members: members.clone() });
    let varies = |axis: &SweptAxis| {
        let member = axis.members[0];
        let first = found.settings.first().map(|setting| &setting[member]);
        found.settings.iter().any(|setting| Some(&setting[member]) != first)
    };
    let swept: Vec<SweptAxis> = swept.filter(varies).collect();
    if !sweep.is_grid {
        return if swept.is_empty() { Shape::Nothing } else { Shape::Cloud };
    }
    let long =
        |axis: &&SweptAxis| (axis.places(sweep).are_numbers, sweep.levels[axis.members[0]].len());
    match &*swept {
        [] => Shape::Nothing,
        [axis] => Shape::Line(axis.clone()),
        [rows, columns] => Shape::Map(rows.clone(), columns.clone()),
        more => match more.iter().max_by_key(long) {
            Some(axis) if others(sweep, found, axis).len() <= PANELS_MAX => {
                Shape::Multiples(axis.clone())
            }
            _ => Shape::Cloud,
        },
    }
}

/// All metrics along one axis, a panel each, a line for each variant.
fn along(sweep: &Sweep, found: &Found, metrics: &[&Metric], axis: &SweptAxis) -> Drawing {
    let places = axis.places(sweep);
    let panel = |metric: &&Metric| Cell {
        title: metric.name.clone(),
        unit: metric.unit.clone(),
        places: places.clone(),
        lines: metric
            .values
            .iter()
            .map(|values| line(sweep, found, axis, &places, values, |_| true))
            .collect(),
        x_name: axis.name(sweep),
    };
    let panels = Panels {
        title: format!("Along {}", axis.name(sweep)),
        subtitle: "Mean over replications, with the 95 % interval.".to_owned(),
        lines: found.variants.clone(),
        cells: metrics.iter().map(panel).collect(),
        connected: true,
        caption: LINES,
    };
    panels.draw()
}

/// The points of one line.
fn line(
    sweep: &Sweep,
    found: &Found,
    axis: &SweptAxis,
    places: &Places,
    values: &[Option<Value>],
    is_on: impl Fn(&[String]) -> bool,
) -> Vec<Point> {
    let point = |(setting, value): (&Vec<String>, &Option<Value>)| {
        let Value { mean, ci95 } = (*value)?;
        let level = axis.level(sweep, setting)?;
        is_on(setting).then(|| Point { x: places.positions[level], mean, ci95 })
    };
    found.settings.iter().zip(values).filter_map(point).collect()
}

/// The settings of all parameters but those of an axis, each once.
fn others(sweep: &Sweep, found: &Found, axis: &SweptAxis) -> Vec<Vec<(usize, String)>> {
    let varies =
        |member: &usize| found.settings.iter().any(|it| it[*member] != found.settings[0][*member]);
    let members: Vec<usize> = (0..sweep.parameters.len())
        .filter(|member| !axis.members.contains(member))
        .filter(varies)
        .collect();
    let mut all = Vec::new();
    for setting in &found.settings {
        let other: Vec<_> =
            members.iter().map(|&member| (member, setting[member].clone())).collect();
        if !all.contains(&other) {
            all.push(other);
        }
        if all.len() > PANELS_MAX {
            break;
        }
    }
    all
}

/// One metric along the longest axis, a panel for each setting of the others.
fn multiples(sweep: &Sweep, found: &Found, metric: &Metric, axis: &SweptAxis) -> Drawing {
    let (places, names) = (axis.places(sweep), sweep.short_names());
    let panel = |other: &Vec<(usize, String)>| {
        let is_on =
            |setting: &[String]| other.iter().all(|(member, value)| setting[*member] == *value);
        let named: Vec<_> =
            other.iter().map(|(member, value)| format!("{} = {value}", names[*member])).collect();
        Cell {
            title: named.join(", "),
            unit: metric.unit.clone(),
            places: places.clone(),
            lines: metric
                .values
                .iter()
                .map(|values| line(sweep, found, axis, &places, values, is_on))
                .collect(),
            x_name: axis.name(sweep),
        }
    };
    let panels = Panels {
        title: format!("{} along {}", metric.name, axis.name(sweep)),
        subtitle: "Mean over replications, with the 95 % interval.".to_owned(),
        lines: found.variants.clone(),
        cells: others(sweep, found, axis).iter().map(panel).collect(),
        connected: true,
        caption: LINES,
    };
    panels.draw()
}

/// One metric over each parameter.
fn cloud(sweep: &Sweep, found: &Found, metric: &Metric) -> Drawing {
    let all = found.points.len() as u64 == sweep.points();
    let subtitle = match all {
        true => format!("{} points.", found.points.len()),
        false => format!("{} of {} points.", found.points.len(), sweep.points()),
    };
    let names = sweep.short_names();
    let panel = |parameter: usize| {
        let texts = || found.settings.iter().map(|setting| &*setting[parameter]);
        let numbers = Sweep::numbers(texts());
        let mut title = names[parameter].clone();
        let (positions, places) = match numbers {
            Some((numbers, unit)) => {
                if !unit.is_empty() {
                    title += &format!(", {unit}");
                }
                let places = Places::new(&ends(&numbers), Some(&extremes(&numbers)));
                (numbers, places)
            }
            None => {
                let mut words: Vec<String> = texts().map(str::to_owned).collect();
                words.sort();
                words.dedup();
                let place =
                    |text: &str| words.iter().position(|word| word == text).unwrap_or(0) as f64;
                (texts().map(place).collect(), Places::new(&words, None))
            }
        };
        let points = |values: &Vec<Option<Value>>| {
            let point = |(&x, value): (&f64, &Option<Value>)| {
                value.map(|it| Point { x, mean: it.mean, ci95: None })
            };
            positions.iter().zip(values).filter_map(point).collect()
        };
        let lines = metric.values.iter().map(points).collect();
        Cell { title, unit: metric.unit.clone(), places, lines, x_name: String::new() }
    };
    let panels = Panels {
        title: format!("{} over each parameter", metric.name),
        subtitle,
        lines: found.variants.clone(),
        cells: (0..sweep.parameters.len().min(PANELS_MAX)).map(panel).collect(),
        connected: false,
        caption: CLOUD,
    };
    panels.draw()
}

fn extremes(numbers: &[f64]) -> [f64; 3] {
    let least = numbers.iter().copied().fold(f64::INFINITY, f64::min);
    let most = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let middle = if least > 0.0 && most > 20.0 * least {
        (least * most).sqrt()
    } else {
        (least + most) / 2.0
    };
    [least, middle, most]
}

/// Three digits of each, which have room at the end of an axis.
fn ends(numbers: &[f64]) -> Vec<String> {
    let label = |number: f64| {
        let short = format!("{number:.2e}").parse::<f64>().unwrap_or(number);
        short.to_string()
    };
    extremes(numbers).map(label).to_vec()
}
