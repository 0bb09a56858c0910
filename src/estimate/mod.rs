//! How much work a scenario is, and what it comes to once laws are truncated and models are placed.

mod plan;

pub use plan::{ModelEstimate, NoPlan, PlanEstimate};

use crate::ids::{ApplicationId, DeploymentId};
use crate::scenario::traces::Traces;
use crate::scenario::{EffectiveAccelerator, EffectiveEngine, Scenario, Variant, work};
use crate::setup::{DeploymentSpec, ServingSpec, Setup};
use crate::simulation::Memory;
use crate::units;
use crate::workload::{Expected, Process, SourceSpec};
use std::fmt;
use typed_index_collections::TiSlice;

/// Requests that one core simulates in a second, roughly: as measured on a 2-core machine.
const REQUESTS_PER_CPU_SECOND: f64 = 1.5e6;

/// What `coopsim check` says of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// In the scenario's order.
    pub variants: Vec<VariantEstimate>,
    /// Of each variant.
    pub replications: u32,
    /// Of how many strategies in how many worlds the variants are the product, if they are.
    pub product: Option<(usize, usize)>,
}

impl Estimate {
    /// About how many bytes of memory all of it takes on so many threads.
    pub fn memory_bytes(&self, threads: usize) -> f64 {
        let variants: Vec<_> = self.variants.iter().map(|one| one.memory).collect();
        Memory::of_all(&variants, self.replications, threads)
    }
}

/// What is expected of one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct VariantEstimate {
    /// The variant's name.
    pub name: String,
    /// Requests in all replications.
    pub requests: f64,
    /// Events in all replications, roughly.
    pub events: f64,
    /// Seconds on one core for all replications, roughly.
    pub cpu_seconds: f64,
    /// Bytes of memory, roughly; none where replicas have no room, which running it will say.
    pub memory: Memory,
    /// In the scenario's order.
    pub applications: Vec<ApplicationEstimate>,
    /// In the scenario's order.
    pub deployments: Vec<DeploymentEstimate>,
    /// In the scenario's order of clusters.
    pub accelerators: Vec<EffectiveAccelerator>,
    /// What serves.
    pub engines: Vec<EffectiveEngine>,
    /// How many replicas there are of what, or why they cannot be planned.
    pub plan: Result<PlanEstimate, NoPlan>,
}

/// What an application brings.
#[derive(Clone, Debug, PartialEq)]
pub struct ApplicationEstimate {
    /// Its name.
    pub name: String,
    /// Mean calls per second while it calls.
    pub calls_per_s: f64,
    /// Mean prompt tokens, after truncation.
    pub mean_input: f64,
    /// Mean output tokens, after truncation.
    pub mean_output: f64,
    /// Mean prompt tokens that are cached wherever a call goes; part of `mean_input`.
    pub mean_cached: f64,
    /// Who calls, if it has many clients.
    pub clients: Option<ClientsEstimate>,
}

/// How an application's calls are spread over its clients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClientsEstimate {
    /// How many there are.
    pub count: usize,
    /// The largest client's part of the calls.
    pub largest_share: f64,
    /// How many of the largest it takes to bring half of the calls.
    pub half: usize,
}

/// What a replica of a deployment holds.
#[derive(Clone, Debug, PartialEq)]
pub struct DeploymentEstimate {
    /// The model's name.
    pub model: String,
    /// The cluster's name.
    pub cluster: String,
    /// Accelerators of a replica.
    pub accelerators: u32,
    /// Tokens in the KV cache of a replica; `None` if it does not serve tokens.
    pub kv_tokens: Option<u64>,
}

/// What there is to do. Reads the traces once more.
pub fn estimate(scenario: &Scenario) -> Estimate {
    let mut traces = Traces::default();
    let replications = f64::from(scenario.replications);
    let variants = scenario.variants.iter();
    Estimate {
        variants: variants.map(|one| variant(one, replications, &mut traces)).collect(),
        replications: scenario.replications,
        product: scenario.product.as_ref().map(|it| (it.strategies.len(), it.worlds.len())),
    }
}

fn variant(variant: &Variant, replications: f64, traces: &mut Traces) -> VariantEstimate {
    let Setup { models, clusters, applications, deployments, .. } = &variant.setup;
    let setup = &variant.setup;
    let (plan, memory) = match plan::plan(setup) {
        Ok((plan, memory)) => (Ok(plan), memory),
        Err(problem) => (Err(problem), Memory::default()),
    };
    let calls = applications.keys().map(|index| work::calls(setup, index, traces));
    let requests = calls.sum::<f64>() * replications;
    let deployment = |one: &DeploymentSpec| DeploymentEstimate {
        model: models[one.model].name.clone(),
        cluster: clusters[one.cluster].name.clone(),
        accelerators: one.accelerators,
        kv_tokens: match &one.serving {
            ServingSpec::Tokens(serving) => serving.performance.kv_capacity_tokens(),
            ServingSpec::ServiceTime { .. } => None,
        },
    };
    VariantEstimate {
        name: variant.name.clone(),
        requests,
        events: requests * events_per_request(deployments),
        cpu_seconds: requests / REQUESTS_PER_CPU_SECOND,
        memory,
        applications: applications.keys().map(|index| application(setup, index, traces)).collect(),
        deployments: deployments.iter().map(deployment).collect(),
        accelerators: variant.accelerators.clone(),
        engines: variant.engines.clone(),
        plan,
    }
}

/// An arrival and an end; to serve tokens also the ends of about two iterations with a prompt.
fn events_per_request(deployments: &TiSlice<DeploymentId, DeploymentSpec>) -> f64 {
    let tokens = |one: &DeploymentSpec| matches!(one.serving, ServingSpec::Tokens(_));
    if deployments.iter().any(tokens) { 4.0 } else { 2.0 }
}

fn application(setup: &Setup, index: ApplicationId, traces: &mut Traces) -> ApplicationEstimate {
    let Expected { calls_per_s, mean_input, mean_output, mean_cached, .. } =
        work::expected(setup, index, traces);
    let name = setup.applications[index].name.clone();
    let clients = clients(&setup.applications[index].source);
    ApplicationEstimate { name, calls_per_s, mean_input, mean_output, mean_cached, clients }
}

fn clients(source: &SourceSpec) -> Option<ClientsEstimate> {
    let SourceSpec::Synthetic { arrivals, .. } = source else { return None };
    let Process::Clients(clients) = &arrivals.process else { return None };
    let mut shares: Vec<f64> = clients.iter().map(|client| client.share).collect();
    shares.sort_by(|a, b| b.total_cmp(a));
    let sums = shares.iter().scan(0.0, |sum, share| {
        *sum += share;
        Some(*sum)
    });
    Some(ClientsEstimate {
        count: clients.len(),
        largest_share: shares[0],
        half: 1 + sums.take_while(|&sum| sum < 0.5).count(),
    })
}

impl fmt::Display for Estimate {
    /// At most 80 columns, but for long names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((strategies, worlds)) = self.product {
            let (cases, replications) = (strategies * worlds, self.replications);
            writeln!(
                f,
                "strategies × worlds: {strategies} × {worlds} = {cases} cases of {replications} replications, {} runs",
                cases as u64 * u64::from(replications)
            )?;
        }
        writeln!(
            f,
            "{:<28} {:>12} {:>12} {:>20}",
            "variant", "requests", "events", "time on one core"
        )?;
        for one in &self.variants {
            let (requests, events) = (amount(one.requests), amount(one.events));
            let time = duration(one.cpu_seconds);
            writeln!(f, "{:<28} {requests:>12} {events:>12} {time:>20}", one.name)?;
        }
        let one_thread = self.memory_bytes(1);
        let further = units::amount_of_bytes(self.memory_bytes(2) - one_thread);
        let one_thread = units::amount_of_bytes(one_thread);
        writeln!(
            f,
            "memory: about {one_thread} on one thread, {further} more for each further one"
        )?;
        let same = |a: &VariantEstimate, b: &VariantEstimate| {
            (&a.applications, &a.deployments, &a.accelerators, &a.engines)
                == (&b.applications, &b.deployments, &b.accelerators, &b.engines)
        };
        let same_plan = |a: &VariantEstimate, b: &VariantEstimate| a.plan == b.plan;
        let alike = self.variants.windows(2).all(|pair| same(&pair[0], &pair[1]));
        for (index, one) in self.variants.iter().enumerate() {
            // Most variants differ in shares only: what is the same is said once.
            if self.variants[..index].iter().any(|earlier| same(earlier, one)) {
                continue;
            }
            if !alike {
                writeln!(f, "\n{}", one.name)?;
            }
            details(f, one)?;
        }
        let one_plan = self.variants.windows(2).all(|pair| same_plan(&pair[0], &pair[1]));
        for one in &self.variants[..if one_plan { 1 } else { self.variants.len() }] {
            if !one_plan {
                writeln!(f, "\n{}", one.name)?;
            }
            match &one.plan {
                Ok(plan) => plan.fmt(f)?,
                Err(problem) => writeln!(f, "Error: {}", problem.reason)?,
            }
        }
        Ok(())
    }
}

fn details(f: &mut fmt::Formatter<'_>, one: &VariantEstimate) -> fmt::Result {
    writeln!(
        f,
        "\n{:<28} {:>12} {:>14} {:>14}",
        "application", "calls/s", "mean input", "mean output"
    )?;
    for call in &one.applications {
        let ApplicationEstimate {
            name,
            calls_per_s,
            mean_input,
            mean_output,
            mean_cached,
            clients,
        } = call;
        write!(f, "{name:<28} {calls_per_s:>12.2} {mean_input:>14.1} {mean_output:>14.1}")?;
        if *mean_cached > 0.0 {
            write!(f, "  ({mean_cached:.1} of the input cached)")?;
        }
        writeln!(f)?;
        if let Some(ClientsEstimate { count, largest_share, half }) = clients {
            let percent = largest_share * 100.0;
            writeln!(
                f,
                "  {count} clients: the largest brings {percent:.1} % of the calls, the {half} largest half"
            )?;
        }
    }
    writeln!(f, "\n{:<28} {:<16} {:>12} {:>16}", "model", "cluster", "accelerators", "KV tokens")?;
    for replica in &one.deployments {
        let DeploymentEstimate { model, cluster, accelerators, kv_tokens } = replica;
        let tokens = kv_tokens.map_or("-".to_owned(), |tokens| amount(tokens as f64));
        writeln!(f, "{model:<28} {cluster:<16} {accelerators:>12} {tokens:>16}")?;
    }
    let mut shown: Vec<&EffectiveAccelerator> = Vec::new();
    for chip in &one.accelerators {
        let same = |other: &&EffectiveAccelerator| {
            (&other.name, &other.figures) == (&chip.name, &chip.figures)
        };
        match shown.iter().copied().find(same) {
            Some(other) => {
                let (name, cluster, other) = (&chip.name, &chip.cluster, &other.cluster);
                writeln!(f, "\n{name} in {cluster}: as in {other}")?;
            }
            None => {
                write!(f, "\n{chip}")?;
                shown.push(chip);
            }
        }
    }
    one.engines.iter().try_for_each(|engine| write!(f, "\n{engine}"))
}

/// Three digits and a suffix.
pub(crate) fn amount(value: f64) -> String {
    let (scaled, suffix) = match value {
        value if value < 1e4 => (value, ""),
        value if value < 1e6 => (value / 1e3, " k"),
        value if value < 1e9 => (value / 1e6, " M"),
        value => (value / 1e9, " G"),
    };
    if suffix.is_empty() { format!("{scaled:.0}") } else { format!("{scaled:.1}{suffix}") }
}

pub(crate) fn duration(seconds: f64) -> String {
    match seconds {
        seconds if seconds < 1.0 => "below 1 s".to_owned(),
        seconds if seconds < 120.0 => format!("about {seconds:.0} s"),
        seconds if seconds < 7200.0 => format!("about {:.0} min", seconds / 60.0),
        seconds => format!("about {:.1} h", seconds / 3600.0),
    }
}
