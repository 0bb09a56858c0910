//! Power and energy of accelerators.

use crate::catalog::Accelerator;

const JOULES_PER_KWH: f64 = 3.6e6;
const NANOS_PER_SECOND: f64 = 1e9;

/// How far prefill takes power from idle to peak. Measured: Llama-2-70B on A100 peaks at
/// 0.99–1.00 of TDP for prompts of 2,048 tokens and more (Splitwise performance model).
const PREFILL_LOAD: f64 = 1.0;
/// How far decode takes it. Measured: 137–300 W on H200 (TDP 700 W) while decoding
/// (arXiv:2605.11999); the middle, 218.5 W, is (218.5 − 112) / (700 − 112) of the way from the
/// catalogue's idle power.
const DECODE_LOAD: f64 = 0.181;

/// What a cluster's accelerators did, in accelerator-nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AcceleratorTime {
    /// In service, whatever they did.
    pub in_service: f64,
    /// In iterations with prefill work, or serving for a given time.
    pub prefill: f64,
    /// In iterations that only decode.
    pub decode: f64,
}

/// Energy at the meter in joules: power between idle and peak by activity, times PUE. `None` when
/// the accelerator's power is not known.
pub fn joules(accelerator: &Accelerator, pue: f64, time: &AcceleratorTime) -> Option<f64> {
    let (idle, peak) = (accelerator.idle_power?.0, accelerator.peak_power?.0);
    let loaded = PREFILL_LOAD * time.prefill + DECODE_LOAD * time.decode;
    let watt_nanos = idle * time.in_service + (peak - idle) * loaded;
    Some(watt_nanos / NANOS_PER_SECOND * pue)
}

/// Whether the accelerator's power is known, and with it the energy of a cluster of them.
pub fn is_known(accelerator: &Accelerator) -> bool {
    accelerator.idle_power.is_some() && accelerator.peak_power.is_some()
}

/// Joules as kilowatt-hours.
pub fn kilowatt_hours(joules: f64) -> f64 {
    joules / JOULES_PER_KWH
}
