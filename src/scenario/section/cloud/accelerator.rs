//! Accelerators: a name of the catalogue, or a definition in place.

use super::resolve::PER_NODE_MAX;
use crate::catalog::{self, Accelerator, Efficiency, KernelClass, PeakFlops};
use crate::scenario::path::Path;
use crate::scenario::schema::{self, NameOr};
use crate::scenario::section::definition::name;
use crate::scenario::section::{Checker, plausible};
use crate::units::{Bytes, BytesPerSecond, Fraction, Watts};

pub(in crate::scenario) fn resolve(
    path: &Path,
    given: &NameOr<schema::Accelerator>,
    check: &mut Checker,
) -> Option<Accelerator> {
    let definition = match given {
        NameOr::Name(name) => return known_accelerator(path, name, check),
        NameOr::Inline(definition) => definition,
    };
    let base = match &definition.base {
        Some(base) => Some(known_accelerator(&path.key("base"), base, check)?),
        None => None,
    };
    let name = name(path, &definition.name, base.as_ref().map(|base| &base.name), check)?;
    let blank = Accelerator {
        kernels: KernelClass::Ideal,
        name: String::new(),
        peak: PeakFlops::default(),
        hbm: Bytes(0.0),
        hbm_bandwidth: BytesPerSecond(0.0),
        link_bandwidth: None,
        per_node: None,
        idle_power: None,
        peak_power: None,
        efficiency: Efficiency::default(),
    };
    let mut chip = Accelerator { name, ..base.unwrap_or(blank) };
    if another_chip(given).is_some() {
        chip.peak = PeakFlops::default();
    }
    overlay(path, definition, &mut chip, check).then_some(chip)
}

/// The base of a definition that is of another chip, whose peaks are not the base's: it has a name of its
/// own, or gives one of the peaks. Whatever else it does not give is still the base's.
pub(in crate::scenario) fn another_chip(given: &NameOr<schema::Accelerator>) -> Option<&str> {
    let NameOr::Inline(definition) = given else { return None };
    let base = definition.base.as_deref()?;
    let renamed = definition.name.as_deref().is_some_and(|name| name != base);
    (renamed || definition.peak.is_some()).then_some(base)
}

/// The chip of the catalogue whose assumed idle power is used, and that power.
pub(in crate::scenario) fn assumed_idle_power(
    given: &NameOr<schema::Accelerator>,
) -> Option<(String, Watts)> {
    let name = match given {
        NameOr::Name(name) => name,
        NameOr::Inline(definition) if definition.idle_power.is_some() => return None,
        NameOr::Inline(definition) => definition.base.as_ref()?,
    };
    let idle = catalog::accelerator(name)?.idle_power?;
    catalog::idle_power_is_assumed(name).then(|| (name.clone(), idle))
}

/// Writes the figures that are given over those of the base; whether they make sense.
fn overlay(
    path: &Path,
    given: &schema::Accelerator,
    chip: &mut Accelerator,
    check: &mut Checker,
) -> bool {
    let peak = given.peak.clone().unwrap_or_default();
    let mut sound = true;
    for (key, figure, slot) in [
        ("bf16", peak.bf16, &mut chip.peak.bf16),
        ("fp8", peak.fp8, &mut chip.peak.fp8),
        ("fp4", peak.fp4, &mut chip.peak.fp4),
    ] {
        if let Some(figure) = figure {
            sound &= plausible::check(&path.key("peak").key(key), figure, check);
            *slot = Some(figure);
        }
    }
    if let Some(hbm) = given.hbm {
        sound &= plausible::check(&path.key("hbm"), hbm, check);
        chip.hbm = hbm;
    }
    if let Some(bandwidth) = given.hbm_bandwidth {
        sound &= plausible::check(&path.key("hbm-bandwidth"), bandwidth, check);
        chip.hbm_bandwidth = bandwidth;
    }
    if let Some(bandwidth) = given.link_bandwidth {
        sound &= plausible::check(&path.key("link-bandwidth"), bandwidth, check);
        chip.link_bandwidth = Some(bandwidth);
    }
    if let Some(per_node) = given.per_node {
        sound &= check.range(&path.key("per-node"), per_node, 1..=PER_NODE_MAX, "");
        chip.per_node = Some(per_node);
    }
    power(path, given, chip, check);
    chip.kernels = given.kernels.unwrap_or(chip.kernels);
    if let Some(efficiency) = &given.efficiency {
        sound &=
            overlay_efficiency(&path.key("efficiency"), efficiency, &mut chip.efficiency, check);
    }
    sound
}

fn power(path: &Path, given: &schema::Accelerator, chip: &mut Accelerator, check: &mut Checker) {
    plausible::check_given(&path.key("idle-power"), given.idle_power, check);
    plausible::check_given(&path.key("peak-power"), given.peak_power, check);
    chip.idle_power = given.idle_power.or(chip.idle_power);
    chip.peak_power = given.peak_power.or(chip.peak_power);
    let (Some(Watts(idle)), Some(Watts(peak))) = (chip.idle_power, chip.peak_power) else { return };
    if idle > peak {
        let key = if given.idle_power.is_some() { "idle-power" } else { "peak-power" };
        let message = format!("the idle power, {idle}W, is above the peak power, {peak}W");
        check.refuse(&path.key(key), message);
    }
}

fn overlay_efficiency(
    path: &Path,
    given: &schema::Efficiency,
    factors: &mut Efficiency,
    check: &mut Checker,
) -> bool {
    let mut sound = true;
    for (key, figure, slot) in [
        ("products", given.products, &mut factors.products),
        ("attention", given.attention, &mut factors.attention),
        ("experts", given.experts, &mut factors.experts),
        ("memory", given.memory, &mut factors.memory),
        ("link", given.link, &mut factors.link),
    ] {
        if let Some(Fraction(figure)) = figure {
            sound &= check.range(&path.key(key), figure, plausible::LEAST_EFFICIENCY..=1.0, "");
            *slot = figure;
        }
    }
    sound
}

fn known_accelerator(path: &Path, name: &str, check: &mut Checker) -> Option<Accelerator> {
    let found = catalog::accelerator(name);
    if found.is_none() {
        check.unknown("accelerator", path, name, &catalog::accelerator_names(), false);
    }
    found
}
