//! Stand-ins for layers that are still on other branches; deleted when those are merged.

/// Stands in for `crate::scenario`.
pub(super) mod scenario {
    use std::fmt;
    use std::path::Path;

    pub struct Scenario {
        pub name: String,
        pub resolved: String,
        pub notes: Vec<String>,
        pub variants: Vec<String>,
    }

    pub struct Overrides {
        pub set: Vec<String>,
        pub seed: Option<u64>,
        pub replications: Option<u32>,
        pub variant: Option<String>,
    }

    pub enum LoadError {
        Io(String),
        Invalid(String),
    }

    impl fmt::Display for LoadError {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::Io(message) | Self::Invalid(message) => f.write_str(message),
            }
        }
    }

    pub fn load(path: &Path, overrides: &Overrides) -> Result<Scenario, LoadError> {
        let file = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| LoadError::Io(format!("error: cannot read {file}: {error}")))?;
        let tree: serde_yaml::Value = serde_yaml::from_str(&text)
            .map_err(|error| LoadError::Invalid(format!("error: {error}\n  --> {file}")))?;
        if let Some(set) = overrides.set.iter().find(|set| !set.contains("nodes=")) {
            return Err(LoadError::Invalid(format!("error: unknown path\n  --> --set {set}")));
        }
        let name = tree["name"].as_str().ok_or_else(|| {
            LoadError::Invalid(format!("error: missing field `name`\n  --> {file}"))
        })?;
        let variants = tree["variants"].as_sequence().cloned().unwrap_or_default();
        let variants: Vec<String> = variants
            .iter()
            .filter_map(|variant| variant["name"].as_str().map(str::to_owned))
            .filter(|name| overrides.variant.as_ref().is_none_or(|only| only == name))
            .collect();
        let variants = if variants.is_empty() { vec![name.to_owned()] } else { variants };
        let seed = overrides.seed.unwrap_or(1);
        let replications = overrides.replications.unwrap_or(5);
        let resolved = format!("{text}# seed {seed}, replications {replications}\n");
        Ok(Scenario { name: name.to_owned(), resolved, notes: Vec::new(), variants })
    }

    pub fn estimate(scenario: &Scenario) -> impl fmt::Display {
        format!("estimate of {}", scenario.name)
    }
}

/// Stands in for `crate::experiment`.
pub(super) mod experiment {
    use super::scenario::Scenario;
    pub use crate::experiment::Results;
    use indexmap::IndexMap;
    use std::sync::atomic::AtomicBool;

    pub struct Options {
        pub threads: Option<usize>,
        pub differences: bool,
    }

    #[derive(Clone, Copy)]
    pub struct Progress {
        pub done: u64,
        pub total: u64,
    }

    pub fn run(
        scenario: &Scenario,
        options: &Options,
        progress: &(dyn Fn(Progress) + Sync),
        cancelled: &AtomicBool,
    ) -> Result<Results, String> {
        progress(Progress { done: 1, total: 1 });
        let long = scenario.resolved.contains("replications 100000");
        while long && !cancelled.load(std::sync::atomic::Ordering::Relaxed) {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        if long {
            return Err(format!(
                "cancelled {options:?}",
                options = (options.threads, options.differences)
            ));
        }
        let variants = scenario.variants.iter().map(|name| crate::experiment::VariantResults {
            name: name.clone(),
            metrics: IndexMap::from([(
                "requests.completed".to_owned(),
                crate::experiment::Estimate {
                    mean: 1.0,
                    ci95: None,
                    n: 1,
                    unit: "requests".to_owned(),
                },
            )]),
            by_model: IndexMap::new(),
            by_tenant: IndexMap::new(),
            by_cluster: IndexMap::new(),
            by_application: IndexMap::new(),
            distributions: IndexMap::new(),
            series: Vec::new(),
        });
        Ok(Results {
            schema: "coopsim-summary-1".to_owned(),
            scenario: scenario.name.clone(),
            description: String::new(),
            scenario_sha256: String::new(),
            seed: 1,
            replications: 1,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            measured_s: 1.0,
            variants: variants.collect(),
            differences: Vec::new(),
            not_modelled: Vec::new(),
            notes: Vec::new(),
        })
    }
}
