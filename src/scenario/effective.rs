//! The figures of accelerators that a scenario uses, each with where it comes from.

use super::schema::{self, NameOr};
use crate::catalog::{self, Accelerator};
use crate::units::{Fraction, duration_text};
use std::fmt::{self, Display};

/// The only figure of which the catalogue may hold an assumption.
const IDLE_POWER: &str = "idle-power";

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

/// A figure of an accelerator.
#[derive(Clone, Debug, PartialEq)]
pub struct EffectiveFigure {
    /// Its name, as in a scenario: `peak.fp8`, `efficiency.prefill`.
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
            Some(base)
                if figure == IDLE_POWER
                    && value.is_some()
                    && catalog::idle_power_is_assumed(base) =>
            {
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
        ]);
        figures.extend(self.efficiency(chip));
        figures
    }

    fn efficiency(&self, chip: &Accelerator) -> Vec<EffectiveFigure> {
        let (factors, given) =
            (&chip.efficiency, self.given.efficiency.clone().unwrap_or_default());
        let fraction = |figure, given: &Option<Fraction>, value: f64| {
            self.figure(figure, given, Some(value.to_string()))
        };
        let time = |figure, given: &Option<_>, value| {
            self.figure(figure, given, Some(duration_text(value)))
        };
        vec![
            fraction("efficiency.prefill", &given.prefill, factors.prefill),
            fraction("efficiency.decode", &given.decode, factors.decode),
            fraction("efficiency.experts", &given.experts, factors.experts),
            fraction("efficiency.fp4", &given.fp4, factors.fp4),
            fraction("efficiency.attention", &given.attention, factors.attention),
            fraction("efficiency.memory", &given.memory, factors.memory),
            fraction("efficiency.link", &given.link, factors.link),
            fraction("efficiency.usable-memory", &given.usable_memory, factors.usable_memory),
            time(
                "efficiency.allreduce-latency",
                &given.allreduce_latency,
                factors.allreduce_latency,
            ),
            time("efficiency.overhead", &given.overhead, factors.overhead),
            time(
                "efficiency.overhead-per-layer",
                &given.overhead_per_layer,
                factors.overhead_per_layer,
            ),
            time(
                "efficiency.overhead-per-sequence",
                &given.overhead_per_sequence,
                factors.overhead_per_sequence,
            ),
        ]
    }
}

fn text<T: Display>(figure: &Option<T>) -> Option<String> {
    figure.as_ref().map(T::to_string)
}

impl fmt::Display for EffectiveAccelerator {
    /// A heading and a line for each figure, at most 80 columns but for long names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, cluster, figures } = self;
        writeln!(f, "{:<34} {:>16}  from", format!("{name} in {cluster}"), "value")?;
        for EffectiveFigure { figure, value, origin } in figures {
            let value = value.as_deref().unwrap_or("not known");
            let origin = match origin {
                Origin::Scenario => "the scenario".to_owned(),
                Origin::Catalogue(entry) => format!("the catalogue: {entry}"),
                Origin::Assumed(entry) => format!("assumed, catalogue: {entry}"),
                Origin::Nobody if value == "not known" => "-".to_owned(),
                Origin::Nobody => "no loss, unless given".to_owned(),
            };
            writeln!(f, "  {figure:<32} {value:>16}  {origin}")?;
        }
        Ok(())
    }
}
