//! What a scenario says that does nothing: notes, since somebody who wrote it expects something of it.
//!
//! What can never be right is refused elsewhere; here is what may be right with other values, or in another
//! variant. A note is shown when it holds in all variants.

use super::prefixes;
use crate::engine::SimDuration;
use crate::ids::ModelId;
use crate::scenario::schema::{self, Batching, Deployment, Performance, Scenario};
use crate::scheduler::{Autoscaling, Routing, Start};
use crate::setup::{ApplicationSpec, ServingSpec, Setup};
use crate::workload::{SessionsSpec, SourceSpec, Turns};

/// A note for everything in `scenario`, which became `setup`, that does nothing.
pub(in crate::scenario) fn notes(scenario: &Scenario, setup: &Setup) -> Vec<String> {
    let mut notes = Vec::new();
    caches(setup, &mut notes);
    supply(scenario, setup, &mut notes);
    loading(scenario, setup, &mut notes);
    choices(scenario, &mut notes);
    for (given, application) in scenario.applications.iter().zip(&setup.applications) {
        source(given, application, setup.window.horizon(), &mut notes);
        objective(given, application, setup, &mut notes);
    }
    notes
}

/// Caches in which nobody leaves anything, and routing to what is not there.
fn caches(setup: &Setup, notes: &mut Vec<String>) {
    let mut kept = false;
    for deployment in &setup.deployments {
        let ServingSpec::Tokens(serving) = &deployment.serving else { continue };
        if !serving.prefix_cache {
            continue;
        }
        let sources = callers(setup, deployment.model).map(|application| &application.source);
        let (mut talked, mut declared) = (false, false);
        for source in sources {
            talked |=
                matches!(source, SourceSpec::Sessions(spec) if spec.turns != Turns::Constant(1));
            declared |= prefixes::declared(source).is_some();
        }
        kept |= talked;
        if !talked && !declared {
            let model = &setup.models[deployment.model].name;
            let cluster = &setup.clusters[deployment.cluster].name;
            notes.push(format!(
                "`prefix-cache` of `{model}` in `{cluster}` does nothing: nobody who calls it has conversations or declares a prefix."
            ));
        }
    }
    if matches!(setup.scheduler.routing, Routing::PrefixAffinity(_)) && !kept {
        notes.push(
            "`routing: prefix-affinity` finds nothing at home: no deployment with `prefix-cache: true` serves conversations."
                .to_owned(),
        );
    }
}

/// The applications that call a model, as far as is known before a trace is read.
fn callers(setup: &Setup, model: ModelId) -> impl Iterator<Item = &ApplicationSpec> {
    let calls = move |application: &&ApplicationSpec| {
        names_models(&application.source)
            || application.choice.shares(setup.models.len())[model] > 0.0
    };
    setup.applications.iter().filter(calls)
}

fn names_models(source: &SourceSpec) -> bool {
    matches!(source, SourceSpec::Trace(trace) if trace.columns.model.is_some())
}

/// What is on offer, and nobody or nothing looks at it.
fn supply(scenario: &Scenario, setup: &Setup, notes: &mut Vec<String>) {
    for (index, model) in scenario.models.iter().enumerate() {
        let name = &model.name;
        let pools: Vec<_> = model.deployments.iter().flat_map(pools).collect();
        let roofline = |pool: &&Deployment| matches!(pool.performance, Performance::Roofline);
        if model.architecture.is_some() && !pools.is_empty() && !pools.iter().any(roofline) {
            notes.push(format!(
                "`architecture` of `{name}` does nothing: none of its deployments is a `roofline`."
            ));
        }
        pools.iter().filter(|pool| has_idle_size(pool, model)).for_each(|pool| {
            let cluster = &pool.cluster;
            notes.push(format!(
                "`kv-per-token` of `{name}` in `{cluster}` does nothing: no keys and values are moved."
            ));
        });
        let tenant = scenario.tenants.iter().find(|tenant| tenant.name == model.tenant);
        let rents = tenant.is_some_and(|tenant| tenant.terms.earns_from_tokens().is_none());
        let mut callers = callers(setup, ModelId::new(index)).peekable();
        if model.price.is_some() && rents {
            let tenant = &model.tenant;
            notes.push(format!(
                "`price` of `{name}` does nothing: `{tenant}` rents, and keeps what its tokens earn."
            ));
        } else if model.price.as_ref().is_some_and(discounts)
            && !callers.any(|application| may_be_cached(setup, ModelId::new(index), application))
        {
            notes.push(format!(
                "`cached-input` of `{name}` does nothing: nothing of its prompts is cached."
            ));
        }
        if !model.deployments.is_empty()
            && self::callers(setup, ModelId::new(index)).next().is_none()
        {
            notes.push(format!("Model `{name}` is deployed, and nobody calls it."));
        }
    }
    for tenant in &scenario.tenants {
        if !scenario.models.iter().any(|model| model.tenant == tenant.name) {
            notes.push(format!("Tenant `{}` has no model.", tenant.name));
        }
    }
    for (index, cluster) in setup.clusters.iter_enumerated() {
        if !setup.deployments.iter().any(|deployment| deployment.cluster == index) {
            notes.push(format!("Cluster `{}` has no deployment.", cluster.name));
        }
    }
}

/// How fast replicas load, where all have their weights from the start.
fn loading(scenario: &Scenario, setup: &Setup, notes: &mut Vec<String>) {
    let all_at_start = setup.scheduler.autoscaling == Autoscaling::Fixed;
    if setup.scheduler.start == Start::Cold || !all_at_start {
        return;
    }
    for cluster in scenario.cloud.regions.iter().flat_map(|region| &region.clusters) {
        let usual = cluster.load_bandwidth == schema::default_load_bandwidth();
        let keys = [
            ("load-bandwidth", !usual),
            ("provisioning", cluster.provisioning > SimDuration::ZERO),
        ];
        for (key, _) in keys.iter().filter(|(_, given)| *given) {
            let name = &cluster.name;
            notes.push(format!("`{key}` of `{name}` does nothing: replicas are warm from the start (`scheduler.start`)."));
        }
    }
}

/// A deployment, and the one that decodes for it.
fn pools(deployment: &Deployment) -> Vec<&Deployment> {
    match &deployment.batching {
        Some(Batching::Disaggregated(split)) => vec![deployment, &split.decode],
        _ => vec![deployment],
    }
}

/// Whether the size of a token's keys and values is given, and nothing moves them.
fn has_idle_size(pool: &Deployment, model: &schema::Model) -> bool {
    let memory = match &pool.performance {
        Performance::Affine(affine) => affine.memory(),
        Performance::Profile(profile) => profile.memory(),
        Performance::Roofline | Performance::ServiceTime(_) => return false,
    };
    let swaps = pool.preemption == Some(schema::Preemption::Swap);
    let hands_over = model.deployments.iter().any(|deployment| {
        let pools = pools(deployment);
        pools.len() > 1 && pools.iter().any(|one| std::ptr::eq(*one, pool))
    });
    memory.kv_per_token.is_some() && !swaps && !hands_over
}

/// Whether prompt tokens that are cached have a price of their own.
fn discounts(price: &schema::Price) -> bool {
    price.cached_input.is_some_and(|cached| cached != price.input)
}

fn may_be_cached(setup: &Setup, model: ModelId, application: &ApplicationSpec) -> bool {
    let caches = setup.deployments.iter().any(|deployment| {
        let tokens = matches!(&deployment.serving, ServingSpec::Tokens(it) if it.prefix_cache);
        tokens && deployment.model == model
    });
    let sessions = matches!(application.source, SourceSpec::Sessions(_));
    caches && (sessions || prefixes::declared(&application.source).is_some())
}

/// Choices that nobody asks.
fn choices(scenario: &Scenario, notes: &mut Vec<String>) {
    let named = |application: &schema::Application| {
        let format = application.trace.as_ref().map(|trace| &trace.format);
        matches!(format, Some(schema::TraceFormat::Columns { model: Some(_), .. }))
    };
    for application in &scenario.applications {
        if application.choice.is_some() && named(application) {
            let name = &application.name;
            notes.push(format!("`choice` of `{name}` does nothing: its trace names the models."));
        }
    }
    let own = |one: &schema::Application| one.choice.is_some() || named(one);
    if scenario.market.choice.is_some() && scenario.applications.iter().all(own) {
        notes.push(
            "`market.choice` does nothing: every application has its own, or a trace that names the models."
                .to_owned(),
        );
    }
}

/// Parts of a source that come too late, or never into play.
fn source(
    given: &schema::Application,
    application: &ApplicationSpec,
    horizon: SimDuration,
    notes: &mut Vec<String>,
) {
    let name = &application.name;
    let crowds = given.modulation.iter().flat_map(|modulation| &modulation.flash_crowds);
    for (number, crowd) in crowds.enumerate() {
        if crowd.start >= horizon {
            notes.push(format!(
                "`flash-crowds[{number}]` of `{name}` does nothing: it starts beyond the horizon."
            ));
        } else if crowd.factor == 1.0 {
            notes.push(format!(
                "`flash-crowds[{number}]` of `{name}` does nothing: its factor is 1."
            ));
        }
    }
    let arrivals = match &application.source {
        SourceSpec::Synthetic { arrivals, .. } => Some(arrivals),
        SourceSpec::Sessions(spec) => {
            sessions(name, spec, notes);
            Some(&spec.arrivals)
        }
        SourceSpec::Batch(batch) if batch.at >= horizon => {
            notes
                .push(format!("Nothing of `{name}` arrives: `all-at-once` is beyond the horizon."));
            None
        }
        SourceSpec::Batch(_) | SourceSpec::Users(_) | SourceSpec::Trace(_) => None,
    };
    if arrivals.is_some_and(|arrivals| arrivals.rate.0 == 0.0) {
        notes.push(format!("Nothing of `{name}` arrives: its rate is 0."));
    }
}

fn sessions(name: &str, spec: &SessionsSpec, notes: &mut Vec<String>) {
    let most_turns = match &spec.turns {
        Turns::Constant(1) => {
            notes.push(format!(
                "`think` of `{name}` does nothing: its conversations have one turn."
            ));
            Some(1.0)
        }
        Turns::Constant(turns) => Some(f64::from(*turns)),
        Turns::Geometric { .. } => None,
        Turns::Drawn(law) => law.largest().map(f64::ceil),
    };
    let (Some(most), Some(turns)) = (spec.max_context, most_turns) else { return };
    let (input, output) = (spec.lengths.input.largest(), spec.lengths.output.largest());
    let Some((input, output)) = input.zip(output) else { return };
    let longest = f64::from(spec.system_prompt) + turns * (input.ceil() + output.ceil());
    if longest <= f64::from(most) {
        notes.push(format!(
            "`max-context` of `{name}` does nothing: no conversation has more than {longest} tokens."
        ));
    }
}

/// Objectives of tokens, where there are none.
fn objective(
    given: &schema::Application,
    application: &ApplicationSpec,
    setup: &Setup,
    notes: &mut Vec<String>,
) {
    let Some(slo) = &given.slo else { return };
    if names_models(&application.source) {
        return;
    }
    let shares = application.choice.shares(setup.models.len());
    let tokens = setup.deployments.iter().any(|deployment| {
        let called = shares.get(deployment.model).is_some_and(|&share| share > 0.0);
        called && matches!(deployment.serving, ServingSpec::Tokens(_))
    });
    if tokens {
        return;
    }
    for (key, limit) in [("ttft", slo.ttft), ("tpot", slo.tpot)] {
        if limit.is_some() {
            let name = &application.name;
            notes.push(format!(
                "`slo.{key}` of `{name}` does nothing: what it calls has a `service-time`, and no tokens."
            ));
        }
    }
}
