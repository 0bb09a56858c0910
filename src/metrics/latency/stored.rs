//! Histograms as they are stored: the classes with something in them, each as its distance from the one
//! before.

use super::{CLASSES, LatencyHistogram};
use crate::metrics::wide;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
struct Stored {
    /// Nanoseconds, like the maximum and the sum.
    min: u64,
    max: u64,
    #[serde(with = "wide")]
    sum: u128,
    /// How far each class is from the one before, the first from zero, and how many durations it has.
    classes: Vec<(u32, u64)>,
}

impl Serialize for LatencyHistogram {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut before = 0;
        let used = self.classes().filter(|&(_, count)| count > 0).map(|(class, count)| {
            let step = class - before;
            before = class;
            (step as u32, count)
        });
        let &Self { min, max, sum, .. } = self;
        Stored { min, max, sum, classes: used.collect() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LatencyHistogram {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Stored::deserialize(deserializer)?.histogram().map_err(D::Error::custom)
    }
}

impl Stored {
    /// What was stored; a file may say anything.
    fn histogram(self) -> Result<LatencyHistogram, &'static str> {
        let mut histogram = LatencyHistogram::default();
        let mut class = 0;
        for (step, count) in self.classes {
            class += step as usize;
            if class >= CLASSES {
                return Err("a class of durations that cannot be");
            }
            let all = histogram.count.checked_add(count);
            histogram.count = all.ok_or("more durations than can be counted")?;
            histogram.add(class, count);
        }
        if histogram.count > 0 && self.min > self.max {
            return Err("a shortest duration that is longer than the longest");
        }
        let Self { min, max, sum, .. } = self;
        Ok(LatencyHistogram { min, max, sum, ..histogram })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::SimDuration;
    use proptest::prelude::*;

    fn text(histogram: &LatencyHistogram) -> String {
        serde_json::to_string(histogram).expect("numbers")
    }

    fn read(text: &str) -> Result<LatencyHistogram, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    proptest! {
        /// To the last bit, also when more is added to it.
        #[test]
        fn what_is_read_back_is_what_was_stored(nanos: Vec<u64>, more in 0..=u64::MAX) {
            let mut histogram = LatencyHistogram::default();
            nanos.iter().for_each(|&each| histogram.record(SimDuration::from_nanos(each)));
            let mut back = read(&text(&histogram)).expect("what was stored");
            prop_assert_eq!(text(&back), text(&histogram));
            histogram.record(SimDuration::from_nanos(more));
            back.record(SimDuration::from_nanos(more));
            prop_assert_eq!(back.count(), histogram.count());
            prop_assert_eq!(back.mean(), histogram.mean());
            prop_assert_eq!(back.max(), histogram.max());
            for hundredth in 0..=100 {
                let probability = f64::from(hundredth) / 100.0;
                prop_assert_eq!(back.quantile(probability), histogram.quantile(probability));
            }
        }
    }

    #[test]
    fn only_classes_in_use_take_room() {
        let mut histogram = LatencyHistogram::default();
        assert_eq!(
            text(&histogram),
            r#"{"min":18446744073709551615,"max":0,"sum":[0,0],"classes":[]}"#
        );
        for nanos in [7_000, 9_000, 9_000] {
            histogram.record(SimDuration::from_nanos(nanos));
        }
        assert_eq!(
            text(&histogram),
            r#"{"min":7000,"max":9000,"sum":[0,25000],"classes":[[7,1],[2,2]]}"#
        );
    }

    #[test]
    fn what_no_histogram_says_is_refused() {
        for (text, why) in [
            (r#"{"min":7,"max":9,"sum":[0,9],"classes":[[50000,1]]}"#, "cannot be"),
            (
                r#"{"min":7,"max":9,"sum":[0,9],"classes":[[7,18446744073709551615],[1,1]]}"#,
                "be counted",
            ),
            (r#"{"min":9,"max":7,"sum":[0,9],"classes":[[7,1]]}"#, "longer than"),
        ] {
            let told = read(text).expect_err(text);
            assert!(told.contains(why), "{told}");
        }
    }
}
