//! Production models, from ServeGen's tables.

use crate::engine::SimDuration;
use crate::scenario::path::Path;
use crate::scenario::schema::{
    ServeGen, ServeGenLengths, ServeGenRates, ServeGenTable, ServeGenWindows,
};
use crate::scenario::section::Checker;
use crate::scenario::traces::problems;
use crate::units::PerSecond;
use crate::workload::{
    Arrivals, Client, ClientGaps, ClientWindows, Distribution, Family, GapWindow, Lengths,
    Modulation, Process, RateProfile, Renewal, ServeGenClient, ServeGenWindow, TraceError,
    servegen_clients, servegen_hours, servegen_lengths, servegen_rates, servegen_windows,
};
use std::collections::BTreeMap;

/// Coefficients of variation that gaps can have. The tables have a few above.
const CV: (f64, f64) = (0.01, 100.0);
/// Length of a step of the table of rates.
const STEP: SimDuration = SimDuration::from_secs(600);
const HOUR: SimDuration = SimDuration::from_secs(3_600);

/// The clients at `at`, and their rate together.
pub(in crate::scenario) fn clients(
    at: &Path,
    given: &ServeGen,
    check: &mut Checker,
) -> Option<(PerSecond, Process)> {
    let sound = check.positive(&at.key("rate-scale"), given.rate_scale, 1e6);
    let length_cv = match given.length_cv {
        Some(cv) => check.range(&at.key("length-cv"), cv, CV.0..=CV.1, "").then_some(Some(cv))?,
        None => None,
    };
    let found = servegen_clients(given.file.path(), &given.model);
    let mut found = read(&at.key("file"), found, check)?;
    let windows = match &given.windows {
        Some(windows) => hours_of(&at.key("windows"), windows, &given.model, &found, check)?,
        None => BTreeMap::new(),
    };
    if !sound {
        return None;
    }
    let means = usual_means(&found);
    if length_cv.is_some() && means.is_none() {
        let message = format!(
            "the file does not have mean lengths of `{}`: give `lengths` instead",
            given.model
        );
        check.refuse_key(&at.key("length-cv"), message);
        return None;
    }
    if given.windows.as_ref().is_some_and(|windows| windows.only) {
        found.retain(|client| windows.contains_key(&client.name));
    }
    note_cut(&given.model, &found, &windows, check);
    let callers: Vec<_> = found
        .iter()
        .map(|client| match (windows.get(&client.name), &given.windows) {
            (Some(hours), Some(given)) => by_the_hour(hours, given.starts_at),
            _ => {
                let family = if client.weibull { Family::Weibull } else { Family::Gamma };
                (client.rate, ClientGaps::Given(gaps(family, client.cv)))
            }
        })
        .collect();
    let total = callers.iter().map(|(rate, _)| rate).sum::<f64>();
    let clients = found.iter().zip(callers).map(|(client, (rate, gaps))| Client {
        name: client.name.clone(),
        share: rate / total,
        gaps,
        lengths: length_cv.zip(means).map(|(cv, usual)| own_lengths(client, usual, cv)),
    });
    let process = Process::Clients(clients.collect());
    let rate = PerSecond(total * given.rate_scale);
    let arrivals = Arrivals { rate, process, modulation: Modulation::default() };
    if let Err(problem) = arrivals.validate() {
        check.refuse(&at.key("file"), problem);
        return None;
    }
    Some((arrivals.rate, arrivals.process))
}

/// A table, or what is wrong with it, said of its file at `at`.
fn read<T>(at: &Path, found: Result<T, TraceError>, check: &mut Checker) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(error) => {
            for problem in problems(&error) {
                check.refuse_file(at, problem);
            }
            None
        }
    }
}

/// The law of the gaps, within the coefficients of variation that gaps can have.
fn gaps(family: Family, cv: f64) -> Renewal {
    family.renewal(cv.clamp(CV.0, CV.1))
}

/// Says whose bursts are cut.
fn note_cut(
    model: &str,
    clients: &[ServeGenClient],
    windows: &BTreeMap<String, Vec<Option<ServeGenWindow>>>,
    check: &mut Checker,
) {
    let cut = clients.iter().filter(|client| match windows.get(&client.name) {
        Some(hours) => hours.iter().flatten().any(|hour| hour.cv > CV.1),
        None => client.cv > CV.1,
    });
    let cut = cut.count();
    if cut > 0 {
        let most = CV.1;
        check.note(format!("The bursts of {cut} clients of {model} are cut to a cv of {most}."));
    }
}

/// What clients of `model` do hour by hour, all for as many hours.
fn hours_of(
    at: &Path,
    given: &ServeGenWindows,
    model: &str,
    clients: &[ServeGenClient],
    check: &mut Checker,
) -> Option<BTreeMap<String, Vec<Option<ServeGenWindow>>>> {
    let at = at.key("file");
    let rows = read(&at, servegen_windows(given.file.path(), model), check)?;
    let count = rows.iter().map(|row| row.hour + 1).max().unwrap_or(0);
    let mut hours = BTreeMap::new();
    for row in rows {
        if !clients.iter().any(|client| client.name == row.client) {
            let message = format!("client `{}` of `{model}` is not among its clients", row.client);
            check.refuse(&at, message);
            return None;
        }
        let hour = row.hour;
        let own = hours.entry(row.client.clone()).or_insert_with(|| vec![None; count]);
        own[hour] = Some(row);
    }
    // Of whom it only says that they never call, the table of clients knows more.
    hours.retain(|_, own: &mut Vec<Option<ServeGenWindow>>| {
        own.iter().flatten().any(|hour| hour.rate > 0.0)
    });
    Some(hours)
}

/// The mean rate of a client, and what it does hour by hour.
fn by_the_hour(hours: &[Option<ServeGenWindow>], starts_at: SimDuration) -> (f64, ClientGaps) {
    let mean = hours.iter().flatten().map(|hour| hour.rate).sum::<f64>() / hours.len() as f64;
    let window = |hour: &Option<ServeGenWindow>| match hour {
        Some(hour) => GapWindow { factor: hour.rate / mean, gaps: gaps(hour.family, hour.cv) },
        None => GapWindow { factor: 0.0, gaps: Renewal::Poisson },
    };
    let windows = ClientWindows {
        windows: hours.iter().map(window).collect(),
        step: HOUR,
        offset: starts_at,
    };
    (mean, ClientGaps::Windows(windows))
}

/// How the rate of a model varied, over its mean.
pub(in crate::scenario) fn rates(
    at: &Path,
    given: &ServeGenRates,
    check: &mut Checker,
) -> Option<RateProfile> {
    let at = at.key("file");
    let rates = read(&at, servegen_rates(given.file.path(), &given.model), check)?;
    let factors = over_mean(&at, &given.model, &rates, check)?;
    let profile = RateProfile { factors, step: STEP, offset: given.starts_at };
    if let Err(problem) = profile.validate() {
        check.refuse(&at, problem);
        return None;
    }
    Some(profile)
}

/// The factors of the hours of a day, over their mean.
pub(in crate::scenario) fn hours(
    at: &Path,
    given: &ServeGenTable,
    check: &mut Checker,
) -> Option<Vec<f64>> {
    let at = at.key("file");
    let factors = read(&at, servegen_hours(given.file.path(), &given.model), check)?;
    over_mean(&at, &given.model, &factors, check)
}

fn over_mean(at: &Path, model: &str, rates: &[f64], check: &mut Checker) -> Option<Vec<f64>> {
    let mean = rates.iter().sum::<f64>() / rates.len() as f64;
    if mean <= 0.0 {
        check.refuse(at, format!("nobody ever calls model `{model}`"));
        return None;
    }
    Some(rates.iter().map(|rate| rate / mean).collect())
}

/// A law of tokens.
pub(in crate::scenario) fn lengths(
    at: &Path,
    given: &ServeGenLengths,
    check: &mut Checker,
) -> Option<Distribution> {
    let found = servegen_lengths(given.file.path(), &given.model, &given.field);
    read(&at.key("file"), found, check)
}

/// Mean prompt and output tokens over the calls of those clients whose lengths were recorded.
fn usual_means(clients: &[ServeGenClient]) -> Option<(f64, f64)> {
    let mut sums = (0.0, 0.0, 0.0);
    for client in clients {
        if let (Some(input), Some(output)) = (client.mean_input, client.mean_output) {
            sums.0 += client.rate;
            sums.1 += client.rate * input;
            sums.2 += client.rate * output;
        }
    }
    (sums.0 > 0.0).then(|| (sums.1 / sums.0, sums.2 / sums.0))
}

fn own_lengths(client: &ServeGenClient, usual: (f64, f64), cv: f64) -> Lengths {
    let law = |mean: Option<f64>, usual: f64| {
        // A mean of 0 is a length that was not recorded.
        let mean = mean.filter(|&mean| mean > 0.0).unwrap_or(usual);
        Distribution::Lognormal { mean, cv }
    };
    Lengths {
        input: law(client.mean_input, usual.0),
        output: law(client.mean_output, usual.1),
        cached: None,
    }
}
