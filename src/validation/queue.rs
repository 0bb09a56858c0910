//! Queues as scenarios: validation takes the way that users' files take.

use crate::scenario::{self, Overrides, Scenario};

/// A queue, with Poisson arrivals unless it is closed. Times are in units of the mean service or batch time, one second.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    /// Unique: the names of random streams contain it.
    pub name: String,
    /// What its servers do.
    pub system: System,
    /// Arrivals per second; of a closed queue, as many as if nobody waited.
    pub rate: f64,
}

/// What the servers of a queue do.
#[derive(Clone, Copy, Debug)]
pub(super) enum System {
    /// `servers` serve one call each, first come, first served.
    Waiting {
        /// How many.
        servers: u32,
        /// Of service time.
        law: Law,
    },
    /// Likewise, but a call that finds all servers busy is lost.
    Loss {
        /// How many.
        servers: u32,
        /// Of service time.
        law: Law,
    },
    /// `servers` serve a fixed number of callers, who think between calls. Both times are exponential.
    Closed {
        /// How many servers.
        servers: u32,
        /// How many callers.
        callers: u32,
    },
    /// One server, shared equally by all calls.
    Sharing {
        /// Of service time.
        law: Law,
    },
    /// One server takes up to `size` calls at once, for a second.
    Batches {
        /// Calls in a batch, at most.
        size: u32,
    },
}

/// A law of service time with a mean of one second.
#[derive(Clone, Copy, Debug)]
pub(super) enum Law {
    /// Always one second.
    Constant,
    /// Exponential.
    Exponential,
    /// Gamma, more variable than exponential.
    Gamma,
    /// Lognormal, as variable as exponential, with a heavier tail.
    Lognormal,
}

impl Law {
    /// All of them.
    pub(super) const ALL: [Self; 4] =
        [Self::Constant, Self::Exponential, Self::Gamma, Self::Lognormal];

    /// As in Kendall's notation, between the slashes.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Constant => "D",
            Self::Exponential => "M",
            Self::Gamma => "gamma",
            Self::Lognormal => "lognormal",
        }
    }

    /// Variance over the squared mean.
    pub(super) fn squared_cv(self) -> f64 {
        match self {
            Self::Constant => 0.0,
            Self::Exponential | Self::Lognormal => 1.0,
            Self::Gamma => 2.25,
        }
    }

    fn yaml(self) -> &'static str {
        match self {
            Self::Constant => "{constant: 1s}",
            Self::Exponential => "{exponential: {mean: 1s}}",
            Self::Gamma => "{gamma: {mean: 1s, cv: 1.5}}",
            Self::Lognormal => "{lognormal: {mean: 1s, cv: 1}}",
        }
    }
}

impl System {
    /// In Kendall's notation.
    pub(super) fn kendall(self) -> String {
        match self {
            Self::Waiting { servers, law } => format!("M/{}/{servers}", law.symbol()),
            Self::Loss { servers, law } => format!("M/{}/{servers}/{servers}", law.symbol()),
            Self::Closed { servers, callers } => format!("M/M/{servers}//{callers}"),
            Self::Sharing { law } => format!("M/{}/1-PS", law.symbol()),
            Self::Batches { size } => format!("M/D^{size}/1"),
        }
    }

    /// Calls served in a second when there are always enough.
    pub(super) fn capacity(self) -> f64 {
        f64::from(match self {
            Self::Waiting { servers, .. }
            | Self::Loss { servers, .. }
            | Self::Closed { servers, .. } => servers,
            Self::Sharing { .. } => 1,
            Self::Batches { size } => size,
        })
    }

    /// Variance of a service time over its squared mean.
    pub(super) fn squared_cv(self) -> f64 {
        match self {
            Self::Waiting { law, .. } | Self::Loss { law, .. } | Self::Sharing { law } => {
                law.squared_cv()
            }
            Self::Closed { .. } => Law::Exponential.squared_cv(),
            Self::Batches { .. } => 0.0,
        }
    }

    /// The keys of the model's deployment.
    fn deployment(self) -> String {
        let service = |law: Law, slots: u32, further: &str| {
            let law = law.yaml();
            format!(
                "performance: {{service-time: {{distribution: {law}, slots: {slots}{further}}}}}"
            )
        };
        match self {
            Self::Waiting { servers, law } => service(law, servers, ""),
            Self::Loss { servers, law } => service(law, servers, ", queue: 0"),
            Self::Closed { servers, .. } => service(Law::Exponential, servers, ""),
            Self::Sharing { law } => service(law, 1, ", discipline: processor-sharing"),
            Self::Batches { size } => {
                format!(
                    "engine: {{name: clock, iteration: 1s}}\n        batching: static\n        \
                     max-batch: {size}\n        token-budget: {size}"
                )
            }
        }
    }
}

impl Queue {
    /// `system` at a utilisation.
    pub(super) fn new(system: System, utilisation: f64) -> Self {
        let name = format!("{}, load {utilisation}", system.kendall());
        Self { name, system, rate: utilisation * system.capacity() }
    }

    /// The queue as a scenario, measured from `warmup` to `horizon` seconds.
    ///
    /// # Panics
    /// When it is not a valid scenario, which would be a fault of this program.
    pub(super) fn scenario(&self, warmup: f64, horizon: f64) -> Scenario {
        let loaded =
            scenario::load_text(&self.name, self.yaml(warmup, horizon), &Overrides::default());
        loaded.unwrap_or_else(|error| panic!("validation writes valid scenarios: {error}"))
    }

    /// The mean time from the end of a call to the next in a closed queue.
    pub(super) fn think(&self, callers: u32) -> f64 {
        f64::from(callers) / self.rate - 1.0
    }

    /// The application's source of calls.
    fn source(&self) -> String {
        match self.system {
            System::Closed { callers, .. } => {
                let think = self.think(callers);
                format!("users: {{count: {callers}, think: {{exponential: {{mean: {think}s}}}}}}")
            }
            _ => format!("arrivals: {{poisson: {{rate: {}/s}}}}", self.rate),
        }
    }

    /// Where calls have tokens, they have one of each: an iteration of a batch takes the
    /// engine one second, and on this accelerator nothing else takes any time.
    fn yaml(&self, warmup: f64, horizon: f64) -> String {
        let Self { name, system, .. } = self;
        let (deployment, source) = (system.deployment(), self.source());
        let (architecture, lengths) = match system {
            System::Batches { .. } => (
                "\n    architecture: {name: tiny, parameters: 4, layers: 1, hidden: 1, heads: 1, \
                 kv-heads: 1, head-dim: 1}",
                "\n    lengths: {input: {constant: 1}, output: {constant: 1}}",
            ),
            _ => ("", ""),
        };
        format!(
            "\
name: '{name}'
replications: 1
window: {{warmup: {warmup}s, horizon: {horizon}s, bucket: {horizon}s}}
cloud:
  regions:
    - name: anywhere
      clusters:
        - name: servers
          accelerator:
            name: server
            peak: {{bf16: 1e3PFLOP/s}}
            hbm: 10GB
            hbm-bandwidth: 1e6TB/s
          nodes: 1
          accelerators-per-node: 1
tenants: [{{name: theory, terms: {{rental: {{price: 1 USD/h}}}}}}]
models:
  - name: '{name}'
    tenant: theory{architecture}
    deployments:
      - cluster: servers
        replicas: 1
        {deployment}
applications:
  - name: '{name}'
    {source}{lengths}
scheduler: {{capacity: fixed}}
"
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::validation::case::cases;

    #[test]
    fn every_queue_is_a_valid_scenario() {
        for case in cases() {
            assert_eq!(case.queue.scenario(0.0, 1.0).name, case.queue.name);
        }
    }
}
