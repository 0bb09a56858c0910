//! Architectures: a name of the catalogue, or a definition in place.

use super::rescaled;
use crate::catalog::{self, Architecture, Attention, Experts, FourBit, Fp8Scales};
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
    let experts = match &definition.experts {
        Some(given) => Some(experts(&path.key("experts"), given, layers?, check)?),
        None => None,
    };
    let shape = Architecture {
        name,
        parameters: 0.0,
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
        attention: None,
        fp8_scales: definition
            .fp8_scales
            .or(base.map(|base| base.fp8_scales))
            .unwrap_or(Fp8Scales::Tensor),
        four_bit: definition.four_bit.or(base.map(|base| base.four_bit)).unwrap_or(FourBit::Mxfp4),
        parallel_attention: definition
            .parallel_attention
            .or(base.map(|base| base.parallel_attention))
            .unwrap_or(false),
    };
    if !heads_fit(path, definition, &shape, check) {
        return None;
    }
    let resolved = with_totals(path, definition, base, shape, check)?;
    parts_fit(path, definition, &resolved, check).then_some(resolved)
}

/// Adds what is given of the whole, or what becomes of the base's.
fn with_totals(
    path: &Path,
    given: &schema::Architecture,
    base: Option<&Architecture>,
    mut shape: Architecture,
    check: &mut Checker,
) -> Option<Architecture> {
    shape.experts = shape.experts.or_else(|| rescaled::experts(base?, &shape));
    let follows = base.and_then(|base| rescaled::attention(base, &shape));
    shape.attention = match &given.attention {
        Some(given) => Some(attention(&path.key("attention"), given, follows, &shape, check)?),
        None => follows,
    };
    let follows = base.map(|base| rescaled::parameters(base, &shape));
    let parameters = required(path, "parameters", given.parameters.or(follows), check)?;
    let sound = check.range(&path.key("parameters"), parameters, 1.0..=1e15, "");
    sound.then_some(Architecture { parameters, ..shape })
}

/// Requires each head of keys and values to serve as many query heads as the others.
fn heads_fit(
    path: &Path,
    given: &schema::Architecture,
    shape: &Architecture,
    check: &mut Checker,
) -> bool {
    let &Architecture { heads, kv_heads, .. } = shape;
    let fits = heads.is_multiple_of(kv_heads);
    if !fits {
        let (key, other) = match given.kv_heads {
            Some(_) => ("kv-heads", given.heads.is_none().then_some("heads")),
            None => ("heads", Some("kv-heads")),
        };
        let mut message =
            format!("{heads} heads cannot share {kv_heads} of keys and values evenly");
        if let (Some(other), Some(base)) = (other, &given.base) {
            message += &format!(": give `{other}`, too, if it is not that of `{base}`");
        }
        check.refuse(&path.key(key), message);
    }
    fits
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

/// What is given of attention; the rest is as the heads say, and its kind the base's, whose attention `follows`.
fn attention(
    path: &Path,
    given: &schema::Attention,
    follows: Option<Attention>,
    shape: &Architecture,
    check: &mut Checker,
) -> Option<Attention> {
    let heads = shape.attention();
    let attention = Attention {
        kv_elements: given.kv_elements,
        prefill_flops: given.prefill_flops.unwrap_or(heads.prefill_flops),
        latent: given.latent.unwrap_or(follows.is_some_and(|base| base.latent)),
    };
    let sound = check.range(&path.key("kv-elements"), attention.kv_elements, 1.0..=1e12, "")
        & check.positive(&path.key("prefill-flops"), attention.prefill_flops, 1e15);
    sound.then_some(attention)
}

/// Requires embeddings, attention and experts to be parts of the whole.
fn parts_fit(
    path: &Path,
    given: &schema::Architecture,
    architecture: &Architecture,
    check: &mut Checker,
) -> bool {
    let attention = f64::from(architecture.layers) * architecture.attention_parameters();
    let fits =
        architecture.shared_parameters() > 0.0 && architecture.shared_parameters() >= attention;
    if !fits {
        let message = format!(
            "embeddings ({:.3e}), attention ({attention:.3e}) and experts ({:.3e}) have no fewer parameters than the \
             whole ({:.3e})",
            architecture.embedding_parameters(),
            architecture.expert_parameters(),
            architecture.parameters
        );
        let at = if given.parameters.is_some() { path.key("parameters") } else { path.clone() };
        check.refuse(&at, message);
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
