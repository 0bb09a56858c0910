//! Sentences for the head of the page: how far what is needed moves along a parameter, and where what pays.

use crate::experiment::{Estimate, Results, VariantResults};
use crate::report::findings::{join, quoted, unbroken};
use crate::report::numbers;

/// What pays is told by the first of these that results have: public name, what it is called, and its unit.
const MONEY: [(&str, &str, &str); 3] = [
    ("margin.per_held_hour_usd", "the margin per held accelerator-hour", " USD/h"),
    ("margin.operating_usd", "the operating margin", " USD"),
    ("revenue.total_usd", "revenue", " USD"),
];
const NEED: &str = "accelerators.held";
/// Values that are named one by one.
const NAMED: usize = 4;

/// For each curve: what is needed from its first value to its last, and where what pays.
pub(in crate::report) fn told(results: &Results) -> Vec<String> {
    let Some((axis, _)) = results.along() else { return Vec::new() };
    let curves = results.curves();
    curves
        .iter()
        .flat_map(|(name, variants)| {
            let curve = Curve { name, axis: &axis.name, levels: &axis.values, variants };
            [curve.need(), curve.pays(), curve.whole()].into_iter().flatten()
        })
        .collect()
}

struct Curve<'a> {
    name: &'a str,
    axis: &'a str,
    levels: &'a [String],
    variants: &'a [VariantResults],
}

impl Curve<'_> {
    /// “At 40/s: ”, or nothing where there is one curve.
    fn start(&self) -> String {
        if self.name.is_empty() { String::new() } else { format!("{}: ", quoted(self.name)) }
    }

    /// What is called something, at the start of a sentence.
    fn begin(&self, called: &str) -> String {
        match self.name.is_empty() {
            true => called[..1].to_uppercase() + &called[1..],
            false => self.start() + called,
        }
    }

    /// A value as it stands in a sentence.
    fn at(&self, level: usize) -> String {
        format!("{} = {}", self.axis, self.levels[level])
    }

    fn points(&self, metric: &str) -> Vec<(usize, &Estimate)> {
        let points = self.variants.iter().enumerate();
        points.filter_map(|(level, one)| Some((level, one.metrics.get(metric)?))).collect()
    }

    /// How many accelerators are held, where most and where least.
    fn need(&self) -> Option<String> {
        let points = self.points(NEED);
        let (least, fewest) = extreme(&points, |a, b| a < b)?;
        let (most, largest) = extreme(&points, |a, b| a > b)?;
        let [few, many] = [fewest, largest].map(|one| unbroken(&numbers::estimate(one)));
        let start = self.start();
        if fewest.mean == largest.mean {
            return Some(format!("{start}{few} accelerators are held all along."));
        }
        let times = if fewest.mean > 0.0 { largest.mean / fewest.mean } else { return None };
        Some(format!(
            "{start}{few} accelerators are held at {}, and {many} at {}: {times:.2} times as many.",
            self.at(least),
            self.at(most)
        ))
    }

    /// Where the most is earned and where the least; and, if it is a margin, up to where it pays.
    fn pays(&self) -> Option<String> {
        let (points, called, unit) = MONEY.iter().find_map(|(metric, called, unit)| {
            let points = self.points(metric);
            (points.len() > 1).then_some((points, called, unit))
        })?;
        let (best, highest) = extreme(&points, |a, b| a > b)?;
        let (worst, lowest) = extreme(&points, |a, b| a < b)?;
        let start = self.begin(called);
        let told =
            |estimate: &Estimate| format!("{}{unit}", unbroken(&numbers::estimate(estimate)));
        // Of what is less than its interval it cannot be said where it is most.
        let noise = highest.ci95.unwrap_or(0.0) + lowest.ci95.unwrap_or(0.0);
        if highest.mean - lowest.mean <= noise {
            return Some(format!("{start} is about the same all along: {}.", told(highest)));
        }
        let extremes = format!(
            "{start} is highest {} ({}), and lowest {} ({})",
            self.places(best, &points),
            told(highest),
            self.places(worst, &points),
            told(lowest)
        );
        Some(format!("{extremes}{}.", self.sign(&points)))
    }

    /// A value, or all that are not told from it.
    fn places(&self, of: usize, points: &[(usize, &Estimate)]) -> String {
        let half = |one: &Estimate| one.ci95.unwrap_or(0.0);
        let its = points.iter().find(|(level, _)| *level == of).expect("it is one of them").1;
        let is_near = |one: &Estimate| (one.mean - its.mean).abs() <= half(one) + half(its);
        let near: Vec<usize> =
            points.iter().filter(|(_, one)| is_near(one)).map(|(level, _)| *level).collect();
        match near.len() {
            1 => format!("at {}", self.at(of)),
            _ => format!("{}, where intervals do not tell them apart", self.range(&near)),
        }
    }

    /// What the whole cloud earns, where each accelerator that is held pays somewhere and the cloud as a whole nowhere:
    /// what nobody holds costs, too.
    fn whole(&self) -> Option<String> {
        let pays = self
            .points("margin.per_held_hour_usd")
            .iter()
            .any(|(_, one)| one.mean > one.ci95.unwrap_or(0.0));
        let whole = self.points("margin.operating_usd");
        let loses = |one: &Estimate| one.mean < -one.ci95.unwrap_or(0.0);
        if !pays || whole.is_empty() || !whole.iter().all(|(_, one)| loses(one)) {
            return None;
        }
        let (_, best) = extreme(&whole, |a, b| a > b)?;
        let best = unbroken(&numbers::estimate(best));
        Some(format!(
            "{}the cloud as a whole, with accelerators that nobody holds, loses at each value: its operating margin is {best} USD at most.",
            self.start()
        ))
    }

    /// Where more is earned than it costs, if that is not so everywhere, or what holds everywhere.
    fn sign(&self, points: &[(usize, &Estimate)]) -> String {
        let half = |one: &Estimate| one.ci95.unwrap_or(0.0);
        let above = |one: &Estimate| one.mean > half(one);
        let below = |one: &Estimate| one.mean < -half(one);
        let of = |is: &dyn Fn(&Estimate) -> bool| -> Vec<usize> {
            points.iter().filter(|(_, one)| is(one)).map(|(level, _)| *level).collect()
        };
        let (pays, loses) = (of(&above), of(&below));
        if loses.is_empty() && pays.len() == points.len() {
            return "; it is above zero all along".to_owned();
        }
        if pays.is_empty() {
            return "; nowhere it is above zero for sure".to_owned();
        }
        let mut parts = vec![format!("it is above zero {}", self.range(&pays))];
        if !loses.is_empty() {
            parts.push(format!("below {}", self.range(&loses)));
        }
        let open = points.len() - pays.len() - loses.len();
        if open > 0 {
            parts.push(format!("and not told from zero at {open} between"));
        }
        format!("; {}", parts.join(", "))
    }

    /// “up to 8”, “from 12 on”, or the values themselves.
    fn range(&self, levels: &[usize]) -> String {
        let (first, last) = (levels[0], levels[levels.len() - 1]);
        let whole = levels.len() == last - first + 1;
        if whole && first == 0 {
            return format!("up to {}", self.at(last));
        }
        if whole && last + 1 == self.levels.len() {
            return format!("from {} on", self.at(first));
        }
        if whole {
            return format!("from {} to {}", self.at(first), self.levels[last]);
        }
        let names: Vec<String> =
            levels.iter().take(NAMED).map(|&level| self.levels[level].clone()).collect();
        let more = if levels.len() > NAMED { " and others" } else { "" };
        format!("at {} = {}{more}", self.axis, join(&names, "and"))
    }
}

/// The first point of which `better` holds against all others.
fn extreme<'a>(
    points: &[(usize, &'a Estimate)],
    better: impl Fn(f64, f64) -> bool,
) -> Option<(usize, &'a Estimate)> {
    points
        .iter()
        .copied()
        .reduce(|best, one| if better(one.1.mean, best.1.mean) { one } else { best })
}
