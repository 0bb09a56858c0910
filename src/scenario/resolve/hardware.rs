//! Accelerators and architectures: a name of the catalogue, or a definition in place.

use super::{Checker, plausible};
use crate::catalog::{
    self, Accelerator, Architecture, Attention, Efficiency, Experts, Fp8Scales, KernelClass,
    PeakFlops,
};
use crate::scenario::path::Path;
use crate::scenario::schema::{self, NameOr};
use crate::units::{Bytes, BytesPerSecond, Fraction, Watts};

pub(super) fn accelerator(
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
    overlay(path, definition, &mut chip, check);
    Some(chip)
}

/// The base of a definition that is of another chip, whose peaks are not the base's: it has a name of its
/// own, or gives one of the peaks. Whatever else it does not give is still the base's.
pub(super) fn another_chip(given: &NameOr<schema::Accelerator>) -> Option<&str> {
    let NameOr::Inline(definition) = given else { return None };
    let base = definition.base.as_deref()?;
    let renamed = definition.name.as_deref().is_some_and(|name| name != base);
    (renamed || definition.peak.is_some()).then_some(base)
}

/// The chip of the catalogue whose assumed idle power is used, and that power.
pub(super) fn assumed_idle_power(given: &NameOr<schema::Accelerator>) -> Option<(String, Watts)> {
    let name = match given {
        NameOr::Name(name) => name,
        NameOr::Inline(definition) if definition.idle_power.is_some() => return None,
        NameOr::Inline(definition) => definition.base.as_ref()?,
    };
    let idle = catalog::accelerator(name)?.idle_power?;
    catalog::idle_power_is_assumed(name).then(|| (name.clone(), idle))
}

/// Writes the figures that are given over those of the base.
fn overlay(path: &Path, given: &schema::Accelerator, chip: &mut Accelerator, check: &mut Checker) {
    let peak = given.peak.clone().unwrap_or_default();
    for (key, figure, slot) in [
        ("bf16", peak.bf16, &mut chip.peak.bf16),
        ("fp8", peak.fp8, &mut chip.peak.fp8),
        ("fp4", peak.fp4, &mut chip.peak.fp4),
    ] {
        if let Some(figure) = figure {
            plausible::check(&path.key("peak").key(key), figure, check);
            *slot = Some(figure);
        }
    }
    if let Some(hbm) = given.hbm {
        plausible::check(&path.key("hbm"), hbm, check);
        chip.hbm = hbm;
    }
    if let Some(bandwidth) = given.hbm_bandwidth {
        plausible::check(&path.key("hbm-bandwidth"), bandwidth, check);
        chip.hbm_bandwidth = bandwidth;
    }
    if let Some(bandwidth) = given.link_bandwidth {
        plausible::check(&path.key("link-bandwidth"), bandwidth, check);
        chip.link_bandwidth = Some(bandwidth);
    }
    chip.per_node = given.per_node.or(chip.per_node);
    power(path, given, chip, check);
    chip.kernels = given.kernels.unwrap_or(chip.kernels);
    if let Some(efficiency) = &given.efficiency {
        overlay_efficiency(&path.key("efficiency"), efficiency, &mut chip.efficiency, check);
    }
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
) {
    for (key, figure, slot) in [
        ("products", given.products, &mut factors.products),
        ("attention", given.attention, &mut factors.attention),
        ("experts", given.experts, &mut factors.experts),
        ("memory", given.memory, &mut factors.memory),
        ("link", given.link, &mut factors.link),
    ] {
        if let Some(Fraction(figure)) = figure {
            if check.positive(&path.key(key), figure, 1.0) {
                check.range(&path.key(key), figure, plausible::LEAST_EFFICIENCY..=1.0, "");
            }
            *slot = figure;
        }
    }
}

fn known_accelerator(path: &Path, name: &str, check: &mut Checker) -> Option<Accelerator> {
    let found = catalog::accelerator(name);
    if found.is_none() {
        check.unknown("accelerator", path, name, &catalog::accelerator_names(), false);
    }
    found
}

pub(super) fn architecture(
    path: &Path,
    given: &NameOr<schema::Architecture>,
    check: &mut Checker,
) -> Option<Architecture> {
    let definition = match given {
        NameOr::Name(name) => return known_architecture(path, name, check),
        NameOr::Inline(definition) => definition,
    };
    let base = match &definition.base {
        Some(base) => Some(known_architecture(&path.key("base"), base, check)?),
        None => None,
    };
    let name = name(path, &definition.name, base.as_ref().map(|base| &base.name), check)?;
    let base = base.as_ref();
    let mut count = |key: &str, given: Option<u32>, base: Option<u32>| {
        let count = required(path, key, given.or(base), check)?;
        check.range(&path.key(key), count, 1..=1_000_000, "").then_some(count)
    };
    let layers = count("layers", definition.layers, base.map(|base| base.layers));
    let hidden = count("hidden", definition.hidden, base.map(|base| base.hidden));
    let heads = count("heads", definition.heads, base.map(|base| base.heads));
    let kv_heads = count("kv-heads", definition.kv_heads, base.map(|base| base.kv_heads));
    let head_dim = count("head-dim", definition.head_dim, base.map(|base| base.head_dim));
    let parameters = definition.parameters.or(base.map(|base| base.parameters));
    let parameters = required(path, "parameters", parameters, check)
        .filter(|&parameters| check.range(&path.key("parameters"), parameters, 1.0..=1e15, ""));
    let experts = match &definition.experts {
        Some(given) => Some(experts(&path.key("experts"), given, layers?, check)?),
        None => base.and_then(|base| base.experts),
    };
    let resolved = Architecture {
        name,
        parameters: parameters?,
        layers: layers?,
        hidden: hidden?,
        heads: heads?,
        kv_heads: kv_heads?,
        head_dim: head_dim?,
        vocabulary: definition.vocabulary.or(base.map(|base| base.vocabulary)).unwrap_or(0),
        tied_embeddings: definition
            .tied_embeddings
            .or(base.map(|base| base.tied_embeddings))
            .unwrap_or(false),
        experts,
        attention: base.and_then(|base| base.attention),
        fp8_scales: definition
            .fp8_scales
            .or(base.map(|base| base.fp8_scales))
            .unwrap_or(Fp8Scales::Tensor),
        parallel_attention: definition
            .parallel_attention
            .or(base.map(|base| base.parallel_attention))
            .unwrap_or(false),
    };
    let resolved = match &definition.attention {
        Some(given) => attention(&path.key("attention"), given, resolved, check)?,
        None => resolved,
    };
    parts_fit(path, &resolved, check).then_some(resolved)
}

fn experts(
    path: &Path,
    given: &schema::Experts,
    layers: u32,
    check: &mut Checker,
) -> Option<Experts> {
    let with_experts = given.layers.unwrap_or(layers);
    let sound = check.range(&path.key("count"), given.count, 2..=1_000_000, "")
        && check.range(&path.key("active"), given.active, 1..=given.count, "")
        && check.range(&path.key("layers"), with_experts, 1..=layers, "")
        && check.positive(&path.key("parameters"), given.parameters, 1e15);
    sound.then_some(Experts {
        count: given.count,
        active: given.active,
        layers: with_experts,
        parameters: given.parameters,
    })
}

/// Writes what is given over what the heads say.
fn attention(
    path: &Path,
    given: &schema::Attention,
    architecture: Architecture,
    check: &mut Checker,
) -> Option<Architecture> {
    let heads = Architecture { attention: None, ..architecture.clone() }.attention();
    let attention = Attention {
        kv_elements: given.kv_elements,
        prefill_flops: given.prefill_flops.unwrap_or(heads.prefill_flops),
        decode_flops: given.decode_flops.unwrap_or(heads.decode_flops),
    };
    let sound = check.range(&path.key("kv-elements"), attention.kv_elements, 1.0..=1e12, "")
        & check.positive(&path.key("prefill-flops"), attention.prefill_flops, 1e15)
        & check.positive(&path.key("decode-flops"), attention.decode_flops, 1e15);
    sound.then_some(Architecture { attention: Some(attention), ..architecture })
}

/// Requires embeddings and experts to be parts of the whole.
fn parts_fit(path: &Path, architecture: &Architecture, check: &mut Checker) -> bool {
    let fits = architecture.shared_parameters() > 0.0;
    if !fits {
        let message = format!(
            "embeddings ({:.3e}) and experts ({:.3e}) have no fewer parameters than the whole ({:.3e})",
            architecture.embedding_parameters(),
            architecture.expert_parameters(),
            architecture.parameters
        );
        check.refuse(path, message);
    }
    fits
}

fn known_architecture(path: &Path, name: &str, check: &mut Checker) -> Option<Architecture> {
    let found = catalog::architecture(name);
    if found.is_none() {
        check.unknown("architecture", path, name, &catalog::architecture_names(), false);
    }
    found
}

/// The name given, or else the base's.
pub(super) fn name(
    path: &Path,
    given: &Option<String>,
    base: Option<&String>,
    check: &mut Checker,
) -> Option<String> {
    if let Some(given) = given {
        check.name(&path.key("name"), given);
    }
    let name = given.as_ref().or(base).cloned();
    if name.is_none() {
        check.refuse_key(path, "missing field `name`: a definition without `base` needs one");
    }
    name
}

fn required<T>(path: &Path, key: &str, value: Option<T>, check: &mut Checker) -> Option<T> {
    if value.is_none() {
        let message = format!("missing field `{key}`: a definition without `base` needs it");
        check.refuse_key(path, message);
    }
    value
}
