//! The clients of production models, from ServeGen's table.

use super::Checker;
use crate::scenario::path::Path;
use crate::scenario::schema::ServeGen;
use crate::scenario::traces::problems;
use crate::units::PerSecond;
use crate::workload::{
    Client, ClientGaps, Distribution, Family, Lengths, Process, ServeGenClient, servegen_clients,
};

/// Coefficients of variation that gaps can have. The table has a few above.
const CV: (f64, f64) = (0.01, 100.0);

/// The clients at `at`, and their rate together.
pub(super) fn resolve(
    at: &Path,
    given: &ServeGen,
    check: &mut Checker,
) -> Option<(PerSecond, Process)> {
    let sound = check.positive(&at.key("rate-scale"), given.rate_scale, 1e6);
    let length_cv = match given.length_cv {
        Some(cv) => check.range(&at.key("length-cv"), cv, CV.0..=CV.1, "").then_some(Some(cv))?,
        None => None,
    };
    let found = match servegen_clients(given.file.as_ref(), &given.model) {
        Ok(found) => found,
        Err(error) => {
            for problem in problems(&error) {
                check.refuse(&at.key("file"), problem);
            }
            return None;
        }
    };
    if !sound {
        return None;
    }
    let cut = found.iter().filter(|client| client.cv > CV.1).count();
    if cut > 0 {
        let (model, most) = (&given.model, CV.1);
        check.note(format!("The bursts of {cut} clients of {model} are cut to a cv of {most}."));
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
    let total = found.iter().map(|client| client.rate).sum::<f64>();
    let clients = found.iter().map(|client| {
        let cv = client.cv.clamp(CV.0, CV.1);
        let family = if client.weibull { Family::Weibull } else { Family::Gamma };
        Client {
            name: client.name.clone(),
            share: client.rate / total,
            gaps: ClientGaps::Given(family.renewal(cv)),
            lengths: length_cv.zip(means).map(|(cv, usual)| lengths(client, usual, cv)),
        }
    });
    Some((PerSecond(total * given.rate_scale), Process::Clients(clients.collect())))
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

fn lengths(client: &ServeGenClient, usual: (f64, f64), cv: f64) -> Lengths {
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
