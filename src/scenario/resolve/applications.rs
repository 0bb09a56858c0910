//! Applications: arrivals, lengths, traces, objectives.

use super::{Checker, arrivals, choice, laws, models, modulation};
use crate::engine::SimDuration;
use crate::market::Choice;
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Application, Scenario, TimeUnit, TraceFormat};
use crate::scenario::traces::Traces;
use crate::scenario::work;
use crate::simulation::{ApplicationSpec, Slo, Window};
use crate::workload::{Arrivals, Modulation, SourceSpec, TimestampFormat, TraceColumns, TraceSpec};

/// Who calls.
pub(super) struct Demand {
    pub applications: Vec<ApplicationSpec>,
    /// Calls that one replication is expected to see.
    pub requests: f64,
}

pub(super) fn resolve(
    scenario: &Scenario,
    window: &Window,
    traces: &mut Traces,
    check: &mut Checker,
) -> Demand {
    let at = Path::default().key("applications");
    let given = &scenario.applications;
    let names = given.iter().enumerate();
    check.names(
        "application",
        &at,
        names.map(|(index, one)| (at.index(index).key("name"), &*one.name)),
    );
    let model_names = scenario.models.iter().map(|model| &*model.name).collect::<Vec<_>>();
    let market = Path::default().key("market").key("choice");
    let usual = scenario
        .market
        .choice
        .as_ref()
        .map(|choice| choice::resolve(&market, choice, &model_names, check));
    let mut demand = Demand { applications: Vec::new(), requests: 0.0 };
    for (index, application) in given.iter().enumerate() {
        let at = at.index(index);
        let own = at.key("choice");
        let choice = match &application.choice {
            Some(choice) => choice::resolve(&own, choice, &model_names, check),
            None => match &usual {
                Some(usual) => usual.clone(),
                None => only_choice(&at, application, model_names.len(), check),
            },
        };
        let called = choice.as_ref().map(|choice| choice::called(choice, model_names.len()));
        let called = called.unwrap_or_else(|| vec![false; model_names.len()]);
        deployed(application, scenario, &called, check);
        let reader = Reader {
            at: &at,
            scenario,
            horizon: window.horizon,
            model_names: &model_names,
            called: &called,
        };
        let source = reader.source(application, traces, check);
        let slo = application.slo.as_ref().map(|given| slo(&at.key("slo"), given, check));
        if let (Some(source), Some(choice)) = (source, choice) {
            demand.requests += work::calls(&source, traces, window.horizon);
            let name = application.name.clone();
            demand.applications.push(ApplicationSpec { name, source, choice, slo });
        }
    }
    demand
}

/// The choice of an application when nobody says: there is only one model, or its trace says.
fn only_choice(
    at: &Path,
    application: &Application,
    models: usize,
    check: &mut Checker,
) -> Option<Choice> {
    let named_by_trace = matches!(
        &application.trace,
        Some(schema::Trace { format: TraceFormat::Columns { model: Some(_), .. }, .. })
    );
    if models > 1 && !named_by_trace {
        let message = "missing field `choice`: with several models, give `market.choice` or the application's own `choice`";
        check.refuse_key(at, message);
        return None;
    }
    (models > 0).then(|| Choice::Fixed(vec![1.0 / models as f64; models]))
}

/// Requires what is called to be deployed.
fn deployed(application: &Application, scenario: &Scenario, called: &[bool], check: &mut Checker) {
    for (index, model) in scenario.models.iter().enumerate() {
        if called[index] && model.deployments.is_empty() {
            let at = Path::default().key("models").index(index);
            let (name, caller) = (&model.name, &application.name);
            check.refuse_key(
                &at,
                format!("`{name}` has no `deployments`, but application `{caller}` calls it"),
            );
        }
    }
}

/// Reads where an application's calls come from.
struct Reader<'a> {
    at: &'a Path,
    scenario: &'a Scenario,
    horizon: SimDuration,
    model_names: &'a [&'a str],
    called: &'a [bool],
}

impl Reader<'_> {
    fn source(
        &self,
        given: &Application,
        traces: &mut Traces,
        check: &mut Checker,
    ) -> Option<SourceSpec> {
        let Some(trace) = &given.trace else { return self.synthetic(given, check) };
        for (key, present) in [
            ("arrivals", given.arrivals.is_some()),
            ("modulation", given.modulation.is_some()),
            ("lengths", given.lengths.is_some()),
        ] {
            if present {
                let message = format!("`{key}` does not go with `trace`: the recording says");
                check.refuse_key(&self.at.key(key), message);
            }
        }
        self.trace(trace, traces, check)
    }

    fn synthetic(&self, given: &Application, check: &mut Checker) -> Option<SourceSpec> {
        let lengths = given.lengths.as_ref();
        let lengths = lengths.map(|given| laws::lengths(&self.at.key("lengths"), given, check));
        let each_its_own = matches!(
            &given.arrivals,
            Some(schema::Arrivals::ClientTable(clients))
                if clients.iter().all(|client| client.lengths.is_some())
        );
        match (&lengths, each_its_own) {
            (None, false) => self.may_lack_lengths(check)?,
            (Some(_), true) => {
                let message = "`lengths` has no effect: each client has its own";
                check.refuse_key(&self.at.key("lengths"), message);
            }
            (Some(_), false) | (None, true) => {}
        }
        let modulation = match &given.modulation {
            Some(given) => {
                modulation::resolve(&self.at.key("modulation"), given, self.horizon, check)
            }
            None => Some(Modulation::default()),
        };
        let Some(arrivals) = &given.arrivals else {
            check
                .refuse_key(self.at, "missing field `arrivals`: or `trace`, to replay a recording");
            return None;
        };
        let at = self.at.key("arrivals");
        let (rate, process) = arrivals::resolve(&at, arrivals, self.horizon, check)?;
        let arrivals = Arrivals { rate, process, modulation: modulation? };
        Some(SourceSpec::Synthetic { arrivals, lengths })
    }

    /// Calls have lengths, unless no model that is called serves tokens.
    fn may_lack_lengths(&self, check: &mut Checker) -> Option<()> {
        let mut models = self.scenario.models.iter().zip(self.called);
        if let Some((model, _)) =
            models.find(|(model, called)| **called && models::serves_tokens(model))
        {
            let message = format!("missing field `lengths`: `{}` serves tokens", model.name);
            check.refuse_key(self.at, message);
            return None;
        }
        Some(())
    }

    fn trace(
        &self,
        given: &schema::Trace,
        traces: &mut Traces,
        check: &mut Checker,
    ) -> Option<SourceSpec> {
        let at = self.at.key("trace");
        let sound = check.positive(&at.key("rate-scale"), given.rate_scale, 10_000.0)
            & check.range(&at.key("time-scale"), given.time_scale, 1e-6..=1e6, "");
        let spec = TraceSpec {
            file: given.file.clone().into(),
            columns: columns(&given.format),
            models: self.model_names.iter().map(|&name| name.to_owned()).collect(),
            rate_scale: given.rate_scale,
            time_scale: given.time_scale,
            offset: given.offset,
            bad_rows_allowed: given.bad_rows_allowed,
        };
        if !sound {
            return None;
        }
        match traces.scan(&spec) {
            Ok(summary) => {
                if summary.bad_rows > 0 {
                    let (bad, file) = (summary.bad_rows, &given.file);
                    check.note(format!("{bad} bad rows of {file} are skipped."));
                }
            }
            Err(problems) => {
                for problem in problems {
                    check.refuse(&at.key("file"), problem.clone());
                }
                return None;
            }
        }
        Some(SourceSpec::Trace(spec))
    }
}

fn columns(format: &TraceFormat) -> TraceColumns {
    match format {
        TraceFormat::Azure => TraceColumns {
            timestamp: "TIMESTAMP".to_owned(),
            format: TimestampFormat::DateTime,
            input: "ContextTokens".to_owned(),
            output: "GeneratedTokens".to_owned(),
            model: None,
        },
        TraceFormat::Columns { timestamp, unit, input, output, model } => TraceColumns {
            timestamp: timestamp.clone(),
            format: match unit {
                TimeUnit::Datetime => TimestampFormat::DateTime,
                TimeUnit::S => TimestampFormat::Seconds,
                TimeUnit::Ms => TimestampFormat::Milliseconds,
                TimeUnit::Us => TimestampFormat::Microseconds,
                TimeUnit::Ns => TimestampFormat::Nanoseconds,
            },
            input: input.clone(),
            output: output.clone(),
            model: model.clone(),
        },
    }
}

fn slo(path: &Path, given: &schema::Slo, check: &mut Checker) -> Slo {
    for (key, limit) in [("ttft", given.ttft), ("tpot", given.tpot), ("e2e", given.e2e)] {
        if limit == Some(SimDuration::ZERO) {
            check.refuse(&path.key(key), "an objective of 0s cannot be met");
        }
    }
    Slo { ttft: given.ttft, tpot: given.tpot, e2e: given.e2e }
}
