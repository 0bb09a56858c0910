//! Values of metrics.

use crate::metrics::MetricId;
use serde::{Deserialize, Serialize};

/// A value for each metric, in the order of [`MetricId::ALL`]; `None` where it is undefined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Option<f64>>")]
pub struct Values(Vec<Option<f64>>);

impl Values {
    pub(super) fn empty() -> Self {
        Self(vec![None; MetricId::ALL.len()])
    }

    pub(super) fn set(&mut self, id: MetricId, value: f64) {
        self.0[id as usize] = value.is_finite().then_some(value);
    }

    pub(super) fn set_known(&mut self, id: MetricId, value: Option<f64>) {
        if let Some(value) = value {
            self.set(id, value);
        }
    }

    /// A metric's value.
    pub fn get(&self, id: MetricId) -> Option<f64> {
        self.0[id as usize]
    }
}

impl TryFrom<Vec<Option<f64>>> for Values {
    type Error = String;

    fn try_from(values: Vec<Option<f64>>) -> Result<Self, String> {
        let (found, known) = (values.len(), MetricId::ALL.len());
        if found == known { Ok(Self(values)) } else { Err(format!("{found} metrics of {known}")) }
    }
}
