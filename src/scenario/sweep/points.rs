//! The points of a sweep: which value each parameter has at each of them.

use super::schema::Design;
use super::values::Levels;
use crate::scenario::tree::Node;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Points of a sequence of which more are not known.
pub(super) const MAX_SOBOL: u64 = 1 << 16;

/// The points of a design, before any are left out. Each depends on nothing but the design, the seed and its number:
/// which point is computed where cannot be seen in it.
#[derive(Clone, Debug)]
pub(super) struct Points {
    levels: Vec<Levels>,
    /// Parameters that take their values together, by index.
    axes: Vec<Vec<usize>>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The values of each parameter, and how many each axis has.
    Grid {
        values: Vec<Vec<Node>>,
        lengths: Vec<u64>,
    },
    Random {
        points: u64,
        seed: u64,
    },
    /// For each axis which of the equal parts of its range each point is in.
    LatinHypercube {
        points: u64,
        seed: u64,
        parts: Vec<Vec<u32>>,
    },
    Sobol {
        points: u64,
        seed: u32,
    },
}

impl Points {
    /// The points of `design` on parameters with these `levels`. In a grid all must be known.
    pub(super) fn new(
        design: Design,
        levels: Vec<Levels>,
        axes: Vec<Vec<usize>>,
        seed: u64,
    ) -> Self {
        let design_points = match design {
            Design::Grid => None,
            Design::Random(points) | Design::LatinHypercube(points) | Design::Sobol(points) => {
                Some(points)
            }
        };
        let levels = match design_points {
            None => levels,
            Some(points) => levels.into_iter().map(|each| each.for_points(points)).collect(),
        };
        let kind = match design {
            Design::Grid => {
                let values: Vec<_> = levels.iter().map(Levels::all).collect();
                let lengths = axes.iter().map(|axis| values[axis[0]].len() as u64).collect();
                Kind::Grid { values, lengths }
            }
            Design::Random(points) => Kind::Random { points, seed },
            Design::LatinHypercube(points) => {
                let parts = (0..axes.len()).map(|axis| shuffled(points, seed, axis)).collect();
                Kind::LatinHypercube { points, seed, parts }
            }
            // Scrambled by the seed, so that another one gives other points.
            Design::Sobol(points) => Kind::Sobol { points, seed: (seed ^ (seed >> 32)) as u32 },
        };
        Self { levels, axes, kind }
    }

    /// How many there are; `None` if more than can be counted.
    pub(super) fn count(&self) -> Option<u64> {
        match &self.kind {
            Kind::Grid { lengths, .. } => {
                lengths.iter().try_fold(1_u64, |product, length| product.checked_mul(*length))
            }
            Kind::Random { points, .. }
            | Kind::LatinHypercube { points, .. }
            | Kind::Sobol { points, .. } => Some(*points),
        }
    }

    /// The value of each parameter at a point, in the order of the parameters.
    pub(super) fn at(&self, point: u64) -> Vec<Node> {
        let mut values = vec![None; self.levels.len()];
        if let Kind::Grid { values: all, lengths } = &self.kind {
            let mut left = point;
            for (axis, length) in self.axes.iter().zip(lengths).rev() {
                let level = (left % length) as usize;
                left /= length;
                axis.iter().for_each(|&member| values[member] = Some(all[member][level].clone()));
            }
        } else {
            for (axis, share) in self.axes.iter().zip(self.shares(point)) {
                let of = |&member: &usize| values[member] = Some(self.levels[member].at(share));
                axis.iter().for_each(of);
            }
        }
        values.into_iter().map(|value| value.expect("each parameter is on an axis")).collect()
    }

    /// Where a point is on each axis, from 0 to below 1.
    fn shares(&self, point: u64) -> Vec<f64> {
        let axes = 0..self.axes.len();
        match &self.kind {
            Kind::Grid { .. } => Vec::new(),
            Kind::Random { seed, .. } => {
                let mut random = of_point(*seed, point);
                axes.map(|_| random.random()).collect()
            }
            Kind::LatinHypercube { points, seed, parts } => {
                let mut random = of_point(*seed, point);
                let share = |axis: usize| {
                    let part = f64::from(parts[axis][point as usize]);
                    (part + random.random::<f64>()) / *points as f64
                };
                axes.map(share).collect()
            }
            Kind::Sobol { seed, .. } => axes
                .map(|axis| f64::from(sobol_burley::sample(point as u32, axis as u32, *seed)))
                .collect(),
        }
    }
}

/// The random numbers of a point: a stream of its own.
fn of_point(seed: u64, point: u64) -> impl Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(point);
    random
}

/// Numbers from 0 to below `points` in an order of their own for each axis.
fn shuffled(points: u64, seed: u64, axis: usize) -> Vec<u32> {
    let mut parts: Vec<u32> = (0..points as u32).collect();
    // Points have the streams from 0 on.
    parts.shuffle(&mut of_point(seed, u64::MAX - axis as u64));
    parts
}

#[cfg(test)]
mod tests {
    use super::super::quantity::{Quantity, shown};
    use super::*;
    use crate::scenario::source::Place;

    fn listed(values: &[&str]) -> Levels {
        let node = |text: &&str| Quantity::parse(text).expect("a number").node(Place::default());
        Levels::Listed(values.iter().map(node).collect())
    }

    fn unit() -> Levels {
        let [from, to] = ["0x", "1x"].map(|text| Quantity::parse(text).expect("a number"));
        Levels::Spaced {
            from,
            to,
            log: false,
            whole: false,
            points: None,
            steps: 1,
            place: Place::default(),
        }
    }

    fn values(points: &Points, point: u64) -> Vec<String> {
        points.at(point).iter().map(shown).collect()
    }

    #[test]
    fn a_grid_is_the_product_with_zipped_parameters_as_one() {
        let levels =
            vec![listed(&["1a", "2a"]), listed(&["1b", "2b", "3b"]), listed(&["5c", "6c"])];
        let points = Points::new(Design::Grid, levels, vec![vec![0, 2], vec![1]], 1);
        assert_eq!(points.count(), Some(6));
        let all: Vec<_> = (0..6).map(|point| values(&points, point).join(" ")).collect();
        assert_eq!(all, ["1a 1b 5c", "1a 2b 5c", "1a 3b 5c", "2a 1b 6c", "2a 2b 6c", "2a 3b 6c"]);
    }

    /// Places on an axis of `points` equal parts.
    fn parts(points: &Points, count: u64, parameter: usize) -> Vec<u64> {
        let share = |point| {
            let text = &values(points, point)[parameter];
            text.trim_end_matches('x').parse::<f64>().expect("a number")
        };
        let mut parts: Vec<_> =
            (0..count).map(|point| (share(point) * count as f64) as u64).collect();
        parts.sort_unstable();
        parts
    }

    #[test]
    fn each_part_of_each_axis_has_one_point_of_a_latin_hypercube_and_of_a_sobol_sequence() {
        for design in [Design::LatinHypercube(64), Design::Sobol(64)] {
            let axes = vec![vec![0], vec![1], vec![2]];
            let points = Points::new(design, vec![unit(), unit(), unit()], axes, 7);
            for parameter in 0..3 {
                let expected: Vec<_> = (0..64).collect();
                assert_eq!(parts(&points, 64, parameter), expected, "{design:?} {parameter}");
            }
        }
    }

    #[test]
    fn random_points_are_even_and_those_of_another_seed_others() {
        let axes = || vec![vec![0], vec![1]];
        let points = |seed| Points::new(Design::Random(4000), vec![unit(), unit()], axes(), seed);
        let share = |text: &String| text.trim_end_matches('x').parse::<f64>().expect("a number");
        let all: Vec<_> = (0..4000).map(|point| values(&points(3), point)).collect();
        for parameter in 0..2 {
            let mean = all.iter().map(|each| share(&each[parameter])).sum::<f64>() / 4000.0;
            // Six standard errors of a uniform mean.
            assert!((mean - 0.5).abs() < 6.0 * (1.0_f64 / 12.0 / 4000.0).sqrt(), "{mean}");
        }
        assert_ne!(values(&points(3), 0), values(&points(4), 0));
        assert_ne!(all[0][0], all[0][1]);
    }

    #[test]
    fn listed_values_have_equal_parts_and_whole_numbers_too() {
        let whole = Levels::Spaced {
            from: Quantity::parse("1").expect("a number"),
            to: Quantity::parse("4").expect("a number"),
            log: false,
            whole: true,
            points: None,
            steps: 1,
            place: Place::default(),
        };
        let axes = vec![vec![0], vec![1]];
        let points =
            Points::new(Design::Sobol(64), vec![whole, listed(&["1", "2", "3", "4"])], axes, 1);
        for parameter in 0..2 {
            for number in 1..=4 {
                let is_it = |point: &u64| values(&points, *point)[parameter] == number.to_string();
                assert_eq!((0..64).filter(is_it).count(), 16, "{parameter} {number}");
            }
        }
    }
}
