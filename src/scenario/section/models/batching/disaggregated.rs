//! Two pools for one model: one processes prompts, the other decodes.

use crate::ids::DeploymentId;
use crate::scenario::path::Path;
use crate::scenario::schema::{Batching, Deployment, Disaggregated};
use crate::scenario::section::models::{Context, Supply};
use crate::scenario::section::{Checker, plausible};
use crate::scheduler::CapacitySplit;
use crate::serving::Role;
use crate::setup::{DeploymentSpec, Handover, LinkSpec, ServingSpec};

/// Resolves a deployment, and the one that it hands over to if there is one.
pub(in crate::scenario) fn resolve(
    context: &Context<'_>,
    at: Path,
    given: &Deployment,
    supply: &mut Supply,
    check: &mut Checker,
) {
    let Some(Batching::Disaggregated(split)) = &given.batching else {
        let deployment = context.resolve(&at, given, Role::Whole, check);
        return supply.push(at, deployment);
    };
    let here = at.key("batching").key("disaggregated");
    if *context.capacity != CapacitySplit::Fixed {
        let message = "`disaggregated` goes with `scheduler.capacity: fixed`: nothing else says how many \
                       replicas each of the two pools has";
        check.refuse_key(&here, message);
    }
    if given.beams.is_some() {
        let message =
            "`beams` goes with decoding, and this pool processes prompts only: give it to `decode`";
        check.refuse_key(&at.key("beams"), message);
    }
    let mut prefill = context.resolve(&at, given, Role::Prefill, check);
    let decode_at = here.key("decode");
    let decode = decode_pool(context, &decode_at, split, check);
    same_cache(&decode_at, prefill.as_ref(), decode.as_ref(), check);
    let decode = decode.map(|decode| with_cache_of(prefill.as_ref(), decode));
    if let Some(prefill) = &mut prefill {
        let decode = DeploymentId::new(supply.deployments.len() + 1);
        prefill.handover = Some(Handover { decode, link: link(&here.key("link"), split, check) });
    }
    supply.push(at, prefill);
    supply.push(decode_at, decode);
}

fn decode_pool(
    context: &Context<'_>,
    at: &Path,
    split: &Disaggregated,
    check: &mut Checker,
) -> Option<DeploymentSpec> {
    if !matches!(split.decode.batching, None | Some(Batching::Continuous)) {
        let message = "a pool that decodes has `batching: continuous`";
        check.refuse(&at.key("batching"), message);
    }
    context.resolve(at, &split.decode, Role::Decode, check)
}

/// What prompts share stands once in each of the two pools, or in neither.
fn with_cache_of(prefill: Option<&DeploymentSpec>, mut decode: DeploymentSpec) -> DeploymentSpec {
    let serving = prefill.map(|prefill| &prefill.serving);
    if let (Some(ServingSpec::Tokens(prefill)), ServingSpec::Tokens(decode)) =
        (serving, &mut decode.serving)
    {
        decode.prefix_cache = prefill.prefix_cache;
    }
    decode
}

fn link(at: &Path, split: &Disaggregated, check: &mut Checker) -> LinkSpec {
    let link = &split.link;
    plausible::check(&at.key("transfer"), link.transfer, check);
    check.range(&at.key("lanes"), link.lanes, 1..=1_000_000, "");
    LinkSpec { transfer: link.transfer, lanes: link.lanes }
}

/// A KV cache can only be moved to where it has the same form.
fn same_cache(
    at: &Path,
    prefill: Option<&DeploymentSpec>,
    decode: Option<&DeploymentSpec>,
    check: &mut Checker,
) {
    let (Some(prefill), Some(decode)) = (prefill, decode) else { return };
    let (ServingSpec::Tokens(prefill), ServingSpec::Tokens(decode)) =
        (&prefill.serving, &decode.serving)
    else {
        let message = "`disaggregated` serves tokens: `performance: service-time` does not";
        return check.refuse_key(&at.key("performance"), message);
    };
    let bytes = [prefill, decode].map(|pool| pool.performance.kv_bytes_per_token());
    if bytes[0] != bytes[1] {
        let message = format!(
            "the KV cache of the two pools differs: {} bytes a token against {}; give both the same \
             `kv-precision`",
            bytes[0], bytes[1]
        );
        check.refuse(at, message);
    }
}
