//! Architectures: a name of the catalogue, or a definition in place.

use crate::catalog::{self, Architecture, Attention, Experts, Fp8Scales};
use crate::scenario::path::Path;
use crate::scenario::schema::{self, NameOr};
use crate::scenario::section::Checker;
use crate::scenario::section::definition::name;

pub(in crate::scenario) fn resolve(
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

fn required<T>(path: &Path, key: &str, value: Option<T>, check: &mut Checker) -> Option<T> {
    if value.is_none() {
        let message = format!("missing field `{key}`: a definition without `base` needs it");
        check.refuse_key(path, message);
    }
    value
}
