//! Applications: arrivals, lengths, objectives.

use super::{arrivals, modulation, sources, trace};
use crate::engine::SimDuration;
use crate::ids::ApplicationId;
use crate::market::Choice;
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Application, Scenario, ServeGen, TraceFormat};
use crate::scenario::section::{Checker, laws, market, models};
use crate::scenario::traces::Traces;
use crate::setup::{ApplicationSpec, Slo, Window};
use crate::workload::{Arrivals, Lengths, Modulation, SourceSpec};
use typed_index_collections::{TiVec, ti_vec};

pub(in crate::scenario) fn resolve(
    scenario: &Scenario,
    window: &Window,
    traces: &mut Traces,
    check: &mut Checker,
) -> TiVec<ApplicationId, ApplicationSpec> {
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
        .map(|choice| market::resolve(&market, choice, &model_names, check));
    let mut applications = TiVec::new();
    for (index, application) in given.iter().enumerate() {
        let at = at.index(index);
        let own = at.key("choice");
        let choice = match &application.choice {
            Some(choice) => market::resolve(&own, choice, &model_names, check),
            None => match &usual {
                Some(usual) => usual.clone(),
                None => only_choice(&at, application, model_names.len(), check),
            },
        };
        let called = choice.as_ref().map(|choice| market::called(choice, model_names.len()));
        let called = called.unwrap_or_else(|| vec![false; model_names.len()]);
        deployed(application, scenario, &called, check);
        let reader =
            Reader { at: &at, scenario, window, model_names: &model_names, called: &called };
        let source = reader.source(application, traces, check);
        let slo = application.slo.as_ref().map(|given| slo(&at.key("slo"), given, check));
        if let (Some(source), Some(choice)) = (source, choice) {
            let name = application.name.clone();
            applications.push(ApplicationSpec { name, source, choice, slo });
        }
    }
    applications
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
    (models > 0).then(|| Choice::Fixed(ti_vec![1.0 / models as f64; models]))
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
    window: &'a Window,
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
        sources::one_source(self.at, given, check)?;
        if self.window.ends_with_calls && given.trace.is_none() && given.all_at_once.is_none() {
            let name = &given.name;
            let message = format!(
                "the calls of `{name}` never end, and `window.horizon: end-of-calls` waits for that: give a `trace` or `all-at-once`"
            );
            check.refuse_key(self.at, message);
            return None;
        }
        if let Some(trace) = &given.trace {
            let (at, horizon) = (self.at.key("trace"), self.window.horizon());
            return trace::resolve(&at, trace, self.model_names, horizon, traces, check);
        }
        let lengths = self.lengths(given, check)?;
        if let Some(users) = &given.users {
            return Some(sources::users(&self.at.key("users"), users, lengths, check));
        }
        if let Some(batch) = &given.all_at_once {
            return Some(sources::batch(&self.at.key("all-at-once"), batch, lengths, check));
        }
        let arrivals = given.arrivals.as_ref().expect("it has a source, and this is the last");
        let arrivals = self.arrivals(given, arrivals, check)?;
        match &given.sessions {
            None => Some(SourceSpec::Synthetic { arrivals, lengths }),
            Some(sessions) => sources::sessions(self.at, sessions, arrivals, lengths, check),
        }
    }

    /// The laws of lengths: none where they are not needed, and `None` where that is wrong.
    fn lengths(&self, given: &Application, check: &mut Checker) -> Option<Option<Lengths>> {
        let lengths = given.lengths.as_ref();
        let lengths = lengths.map(|given| laws::lengths(&self.at.key("lengths"), given, check));
        let each_its_own = match &given.arrivals {
            Some(schema::Arrivals::ClientTable(clients)) => {
                clients.iter().all(|client| client.lengths.is_some())
            }
            Some(schema::Arrivals::Servegen(given)) => given.length_cv.is_some(),
            _ => false,
        };
        if given.sessions.is_some() {
            self.no_lengths_of_clients(given, check)?;
        }
        match (&lengths, each_its_own) {
            (None, false) => self.may_lack_lengths(check)?,
            (Some(_), true) => {
                let message = "`lengths` has no effect: each client has its own";
                check.refuse_key(&self.at.key("lengths"), message);
            }
            (Some(_), false) | (None, true) => {}
        }
        Some(lengths)
    }

    /// Conversations grow by the application's lengths: clients have none of their own.
    fn no_lengths_of_clients(&self, given: &Application, check: &mut Checker) -> Option<()> {
        let at = self.at.key("arrivals");
        let stray = match &given.arrivals {
            Some(schema::Arrivals::ClientTable(clients)) => {
                let own = clients.iter().position(|client| client.lengths.is_some());
                own.map(|index| at.key("client-table").index(index).key("lengths"))
            }
            Some(schema::Arrivals::Servegen(ServeGen { length_cv: Some(_), .. })) => {
                Some(at.key("servegen").key("length-cv"))
            }
            _ => None,
        };
        let Some(stray) = stray else { return Some(()) };
        let message = "clients have no lengths of their own with `sessions`: conversations grow by the application's `lengths`";
        check.refuse_key(&stray, message);
        None
    }

    fn arrivals(
        &self,
        given: &Application,
        arrivals: &schema::Arrivals,
        check: &mut Checker,
    ) -> Option<Arrivals> {
        let modulation = match &given.modulation {
            Some(given) => {
                modulation::resolve(&self.at.key("modulation"), given, self.window.horizon(), check)
            }
            None => Some(Modulation::default()),
        };
        let at = self.at.key("arrivals");
        let (rate, process) =
            arrivals::resolve(&at, arrivals, self.window.end().since(self.window.start), check)?;
        Some(Arrivals { rate, process, modulation: modulation? })
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
}

fn slo(path: &Path, given: &schema::Slo, check: &mut Checker) -> Slo {
    for (key, limit) in [("ttft", given.ttft), ("tpot", given.tpot), ("e2e", given.e2e)] {
        if limit == Some(SimDuration::ZERO) {
            check.refuse(&path.key(key), "an objective of 0s cannot be met");
        }
    }
    Slo { ttft: given.ttft, tpot: given.tpot, e2e: given.e2e }
}
