//! Laws of tokens, of durations and of plain numbers.

use super::draw::{Draw, tagged};
use serde_json::{Map, Value, json};

/// What the values of a law are.
#[derive(Clone, Copy)]
pub enum Kind {
    Tokens,
    Seconds,
    Number,
}

impl Kind {
    fn value(self, number: f64) -> Value {
        match self {
            Self::Seconds => format!("{number}s").into(),
            Self::Tokens | Self::Number => number.into(),
        }
    }
}

/// A law whose mean is about between `low` and `high`.
pub fn law(draw: &mut Draw, kind: Kind, low: f64, high: f64) -> Value {
    if draw.chance(0.08) {
        let part = |draw: &mut Draw| json!({"weight": draw.scaled(0.1, 10.0), "law": simple(draw, kind, low, high)});
        let parts: Vec<_> = (0..draw.whole(1, 3)).map(|_| part(draw)).collect();
        return tagged("mixture", parts);
    }
    simple(draw, kind, low, high)
}

fn simple(draw: &mut Draw, kind: Kind, low: f64, high: f64) -> Value {
    let mean = draw.scaled(low, high);
    match draw.whole(0, 8) {
        0 => tagged("constant", kind.value(mean)),
        1 => tagged("uniform", json!({"min": kind.value(low), "max": kind.value(mean.max(low))})),
        2 => tagged("exponential", tail(draw, kind, mean, None)),
        3 => {
            let cv = draw.scaled(0.05, 4.0);
            tagged("gamma", tail(draw, kind, mean, Some(cv)))
        }
        4 => {
            let cv = draw.scaled(0.05, 4.0);
            tagged("lognormal", tail(draw, kind, mean, Some(cv)))
        }
        5 => {
            let cv = draw.scaled(0.1, 4.0);
            tagged("weibull", tail(draw, kind, mean, Some(cv)))
        }
        6 => {
            let cv = draw.scaled(1.05, 4.0);
            tagged("pareto", tail(draw, kind, mean, Some(cv)))
        }
        7 if matches!(kind, Kind::Tokens) => {
            json!({"zipf": {"exponent": draw.scaled(0.1, 3.0), "max": draw.scaled_whole(low.max(1.0), high)}})
        }
        _ => {
            let middle = draw.scaled(0.1, 0.9);
            let points = [(0.0, low), (middle, mean), (1.0, mean.max(high))];
            let points = points.map(|(p, value)| json!([p, kind.value(value)]));
            tagged("quantiles", points.to_vec())
        }
    }
}

/// A law with a tail, most of them cut off above.
fn tail(draw: &mut Draw, kind: Kind, mean: f64, cv: Option<f64>) -> Value {
    let mut law = Map::new();
    law.insert("mean".into(), kind.value(mean));
    if let Some(cv) = cv {
        law.insert("cv".into(), cv.into());
    }
    let factor = draw.scaled(2.0, 20.0);
    draw.maybe(0.8, &mut law, "max", |_| kind.value(mean * factor));
    draw.maybe(0.15, &mut law, "min", |draw| kind.value(mean * draw.scaled(0.01, 0.3)));
    Value::Object(law)
}

/// Lengths of calls, at most some thousand tokens in the mean.
pub fn lengths(draw: &mut Draw, with_cached: bool) -> Value {
    let mut lengths = Map::new();
    lengths.insert("input".into(), law(draw, Kind::Tokens, 1.0, 4000.0));
    lengths.insert("output".into(), law(draw, Kind::Tokens, 1.0, 1000.0));
    if with_cached && draw.chance(0.3) {
        let hit_rate = draw.one(&[0.0, 0.3, 0.7, 1.0]);
        let part = if draw.chance(0.5) {
            ("fraction", tagged("uniform", json!({"min": 0.1, "max": draw.scaled(0.1, 1.0)})))
        } else {
            ("tokens", law(draw, Kind::Tokens, 1.0, 3000.0))
        };
        let mut cached = Map::from_iter([(part.0.to_owned(), part.1)]);
        cached.insert("hit-rate".into(), hit_rate.into());
        draw.maybe(0.5, &mut cached, "prefix", |draw| draw.one(&["own", "shared"]).into());
        lengths.insert("cached".into(), Value::Object(cached));
    }
    Value::Object(lengths)
}
