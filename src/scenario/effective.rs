//! The figures of accelerators and engines that a scenario uses, each with where it comes from.

use super::schema::{self, NameOr};
use crate::catalog::{self, Accelerator, Engine};
use crate::engine::SimDuration;
use crate::serving::Performance;
use crate::setup::{ServingSpec, Setup};
use crate::units::{Fraction, duration_text};
use serde::Serialize;
use std::fmt::{self, Display};

/// The figures of which the catalogue may hold an assumption.
const IDLE_POWER: &str = "idle-power";
const KERNELS: &str = "kernels";

/// An accelerator as it is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveAccelerator {
    /// Its name.
    pub name: String,
    /// The cluster that has it.
    pub cluster: String,
    /// All its figures.
    pub figures: Vec<EffectiveFigure>,
}

/// A figure of an accelerator or an engine.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveFigure {
    /// Its name, as in a scenario: `peak.fp8`, `efficiency.memory`.
    pub figure: &'static str,
    /// With its unit; `None` if it is not known.
    pub value: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a figure comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The scenario gives it.
    Scenario,
    /// It is that of this entry of the catalogue.
    Catalogue(String),
    /// This entry of the catalogue assumes it, since nobody publishes it.
    Assumed(String),
    /// Nobody gives it: the kernels lose nothing, or the figure is not known.
    Nobody,
}

impl EffectiveAccelerator {
    /// The figures of `chip`, which the scenario defines as `given` for the cluster called `cluster`.
    pub(super) fn new(
        cluster: &str,
        given: &NameOr<schema::Accelerator>,
        chip: &Accelerator,
    ) -> Self {
        let name = chip.name.clone();
        let figures = Figures::new(given).of(chip);
        Self { name, cluster: cluster.to_owned(), figures }
    }
}

/// What the scenario gives, and what the rest is taken from.
struct Figures {
    given: schema::Accelerator,
    base: Option<String>,
}

impl Figures {
    fn new(given: &NameOr<schema::Accelerator>) -> Self {
        match given {
            NameOr::Name(name) => {
                Self { given: schema::Accelerator::default(), base: Some(name.clone()) }
            }
            NameOr::Inline(definition) => {
                let base = definition.base.clone();
                Self { given: (**definition).clone(), base }
            }
        }
    }

    fn figure<T>(
        &self,
        figure: &'static str,
        given: &Option<T>,
        value: Option<String>,
    ) -> EffectiveFigure {
        let origin = match &self.base {
            _ if given.is_some() => Origin::Scenario,
            Some(base) if value.is_some() && is_assumed(base, figure) => {
                Origin::Assumed(base.clone())
            }
            Some(base) if value.is_some() => Origin::Catalogue(base.clone()),
            _ => Origin::Nobody,
        };
        EffectiveFigure { figure, value, origin }
    }

    fn of(&self, chip: &Accelerator) -> Vec<EffectiveFigure> {
        let given = &self.given;
        let peak = given.peak.clone().unwrap_or_default();
        let mut figures = vec![
            self.figure("peak.bf16", &peak.bf16, text(&chip.peak.bf16)),
            self.figure("peak.fp8", &peak.fp8, text(&chip.peak.fp8)),
            self.figure("peak.fp4", &peak.fp4, text(&chip.peak.fp4)),
        ];
        let known = |number: f64, text: String| (number > 0.0).then_some(text);
        let (hbm, bandwidth) = (chip.hbm, chip.hbm_bandwidth);
        figures.extend([
            self.figure("hbm", &given.hbm, known(hbm.0, hbm.to_string())),
            self.figure(
                "hbm-bandwidth",
                &given.hbm_bandwidth,
                known(bandwidth.0, bandwidth.to_string()),
            ),
            self.figure("link-bandwidth", &given.link_bandwidth, text(&chip.link_bandwidth)),
            self.figure(IDLE_POWER, &given.idle_power, text(&chip.idle_power)),
            self.figure("peak-power", &given.peak_power, text(&chip.peak_power)),
            self.figure(KERNELS, &given.kernels, Some(word(&chip.kernels))),
        ]);
        figures.extend(self.efficiency(chip));
        figures
    }

    fn efficiency(&self, chip: &Accelerator) -> Vec<EffectiveFigure> {
        let (factors, given) =
            (&chip.efficiency, self.given.efficiency.clone().unwrap_or_default());
        let factor = |figure, given: &Option<Fraction>, value: f64| {
            // What the catalogue does not say is 1: no loss.
            let said = given.is_some() || value != 1.0;
            let figure = self.figure(figure, given, Some(value.to_string()));
            if said { figure } else { EffectiveFigure { origin: Origin::Nobody, ..figure } }
        };
        vec![
            factor("efficiency.products", &given.products, factors.products),
            factor("efficiency.attention", &given.attention, factors.attention),
            factor("efficiency.experts", &given.experts, factors.experts),
            factor("efficiency.memory", &given.memory, factors.memory),
            factor("efficiency.link", &given.link, factors.link),
        ]
    }
}

/// Whether the catalogue assumes a figure of a chip.
fn is_assumed(chip: &str, figure: &str) -> bool {
    match figure {
        IDLE_POWER => catalog::idle_power_is_assumed(chip),
        KERNELS => catalog::kernels_are_assumed(chip),
        _ => false,
    }
}

/// An engine as it is simulated.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveEngine {
    /// Its name.
    pub name: String,
    /// What it serves: models, and in brackets the deployment where one model has several engines; none said if it
    /// serves all that serve tokens.
    pub models: Vec<String>,
    /// All its figures.
    pub figures: Vec<EffectiveFigure>,
}

impl EffectiveEngine {
    /// The engines of a scenario's deployments, which `setup` has in the same order.
    pub(super) fn all(scenario: &schema::Scenario, setup: &Setup) -> Vec<Self> {
        let mut found: Vec<(Self, Vec<Served<'_>>)> = Vec::new();
        for (served, spec) in served(scenario).zip(&setup.deployments) {
            let ServingSpec::Tokens(serving) = &spec.serving else { continue };
            let Performance::Roofline(roofline) = &serving.performance else { continue };
            let name = roofline.engine.name.clone();
            let figures = engine_figures(served.given.engine.as_ref(), &roofline.engine);
            let same =
                |one: &&mut (Self, Vec<_>)| (&one.0.name, &one.0.figures) == (&name, &figures);
            match found.iter_mut().find(same) {
                Some((_, all)) => all.push(served),
                None => found.push((Self { name, models: Vec::new(), figures }, vec![served])),
            }
        }
        if let [(only, _)] = &found[..] {
            return vec![only.clone()];
        }
        let several = |model: &str| {
            let with =
                |(_, all): &&(Self, Vec<Served<'_>>)| all.iter().any(|one| one.model == model);
            found.iter().filter(with).count() > 1
        };
        let named = found.iter().map(|(engine, all)| {
            let mut models: Vec<_> = all.iter().map(|one| one.name(several(one.model))).collect();
            models.dedup();
            Self { models, ..engine.clone() }
        });
        named.collect()
    }
}

/// A deployment, and what it serves.
struct Served<'a> {
    model: &'a str,
    given: &'a schema::Deployment,
    /// Its number among the model's.
    number: usize,
    decodes: bool,
}

impl Served<'_> {
    /// The model, where that says which deployment it is, else with which of them.
    fn name(&self, ambiguous: bool) -> String {
        let Self { model, number, decodes, .. } = self;
        match (ambiguous, decodes) {
            (false, _) => (*model).to_owned(),
            (true, false) => format!("{model} (deployments[{number}])"),
            (true, true) => format!("{model} (decode of deployments[{number}])"),
        }
    }
}

/// All deployments, in the order of the file, each before the one that decodes for it.
fn served(scenario: &schema::Scenario) -> impl Iterator<Item = Served<'_>> {
    scenario.models.iter().flat_map(|model| {
        model.deployments.iter().enumerate().flat_map(move |(number, deployment)| {
            let pools = deployment.pools().zip([false, true]);
            pools.map(move |(given, decodes)| Served { model: &model.name, given, number, decodes })
        })
    })
}

/// All figures of `engine`, which the scenario defines as `given`.
fn engine_figures(given: Option<&NameOr<schema::Engine>>, engine: &Engine) -> Vec<EffectiveFigure> {
    let (given, base) = match given {
        None => (schema::Engine::default(), Some(schema::usual::ENGINE.to_owned())),
        Some(NameOr::Name(name)) => (schema::Engine::default(), Some(name.clone())),
        Some(NameOr::Inline(definition)) => ((**definition).clone(), definition.base.clone()),
    };
    let figure = |figure, given: bool, value: String| {
        let origin = match &base {
            _ if given => Origin::Scenario,
            Some(base) => Origin::Catalogue(base.clone()),
            None => Origin::Nobody,
        };
        EffectiveFigure { figure, value: Some(value), origin }
    };
    let time = |name, given: &Option<SimDuration>, value| {
        figure(name, given.is_some(), duration_text(value))
    };
    vec![
        figure("library", given.library.is_some(), word(&engine.library)),
        time("iteration", &given.iteration, engine.iteration),
        time("per-sequence", &given.per_sequence, engine.per_sequence),
        time("per-layer", &given.per_layer, engine.per_layer),
        time("per-request", &given.per_request, engine.per_request),
        time("all-reduce", &given.all_reduce, engine.all_reduce),
        figure("small-kernels", given.small_kernels.is_some(), engine.small_kernels.to_string()),
        time("small-kernel", &given.small_kernel, engine.small_kernel),
        figure(
            "attention-memory",
            given.attention_memory.is_some(),
            engine.attention_memory.to_string(),
        ),
        time("context-chain", &given.context_chain, engine.context_chain),
        figure("beam-reads", given.beam_reads.is_some(), engine.beam_reads.to_string()),
        figure("asynchronous", given.asynchronous.is_some(), engine.asynchronous.to_string()),
        figure("memory", given.memory.is_some(), engine.memory.to_string()),
        figure("window-cache", given.window_cache.is_some(), word(&engine.window_cache)),
        figure("batching", given.batching.is_some(), word(&engine.batching)),
        figure("max-batch", given.max_batch.is_some(), engine.max_batch.to_string()),
        figure("token-budget", given.token_budget.is_some(), engine.token_budget.to_string()),
    ]
}

fn text<T: Display>(figure: &Option<T>) -> Option<String> {
    figure.as_ref().map(T::to_string)
}

/// A choice, as a scenario writes it.
fn word(choice: &impl Serialize) -> String {
    match serde_json::to_value(choice) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("choices are words"),
    }
}

/// A line for each figure, at most 80 columns but for long names.
fn write_figures(
    f: &mut fmt::Formatter<'_>,
    figures: &[EffectiveFigure],
    unless_given: &str,
) -> fmt::Result {
    for EffectiveFigure { figure, value, origin } in figures {
        let value = value.as_deref().unwrap_or("not known");
        let origin = match origin {
            Origin::Scenario => "the scenario".to_owned(),
            Origin::Catalogue(entry) => format!("the catalogue: {entry}"),
            Origin::Assumed(entry) => format!("assumed, catalogue: {entry}"),
            Origin::Nobody if value == "not known" => "-".to_owned(),
            Origin::Nobody => unless_given.to_owned(),
        };
        writeln!(f, "  {figure:<32} {value:>16}  {origin}")?;
    }
    Ok(())
}

impl fmt::Display for EffectiveEngine {
    /// A heading, a line for each figure, and what it serves where there are several.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, models, figures } = self;
        writeln!(f, "{:<34} {:>16}  from", format!("engine {name}"), "value")?;
        write_figures(f, figures, "ideal, unless given")?;
        if models.is_empty() { Ok(()) } else { writeln!(f, "  serves {}", models.join(", ")) }
    }
}

impl fmt::Display for EffectiveAccelerator {
    /// A heading, and a line for each figure.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, cluster, figures } = self;
        writeln!(f, "{:<34} {:>16}  from", format!("{name} in {cluster}"), "value")?;
        write_figures(f, figures, "no loss, unless given")
    }
}
