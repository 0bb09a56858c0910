//! Tables in ServeGen's forms, with random figures.

use super::draw::{Draw, entries, tagged};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

pub fn file(folder: &Path, name: &str, text: &str) -> String {
    fs::write(folder.join(name), text).expect("the folder is writable");
    name.to_owned()
}

/// Clients that call at `rate` together; and whether they have lengths of their own, if they may.
pub fn arrivals(draw: &mut Draw, rate: f64, own: bool, folder: &Path) -> (Value, bool) {
    let count = draw.whole(1, 12);
    let mut text = "model,client,mean_rate_rps,rate_weighted_cv,frac_gamma,frac_weibull,\
                    mean_input_tok,mean_output_tok\n"
        .to_owned();
    for client in 0..count {
        let (rate, cv) = (rate / count as f64 * draw.scaled(0.3, 1.5), draw.scaled(0.2, 4.0));
        let (input, output) = (draw.scaled_whole(1.0, 3000.0), draw.scaled_whole(1.0, 500.0));
        let gamma = draw.one(&[0, 1]);
        let _ = writeln!(text, "m,{client},{rate},{cv},{gamma},{},{input},{output}", 1 - gamma);
    }
    let name = format!("clients-{}.csv", draw.whole(0, 1 << 40));
    let mut given = entries(json!({"file": file(folder, &name, &text), "model": "m"}));
    let own_lengths = own && draw.chance(0.5);
    if own_lengths {
        given.insert("length-cv".into(), draw.scaled(0.1, 2.0).into());
    }
    draw.maybe(0.3, &mut given, "rate-scale", |draw| draw.scaled(0.5, 2.0).into());
    draw.maybe(0.4, &mut given, "windows", |draw| {
        windows(draw, rate / count as f64, count, folder)
    });
    (tagged("servegen", given), own_lengths)
}

/// A recorded rate, in steps of ten minutes or by the hour.
pub fn modulation(draw: &mut Draw, folder: &Path) -> Value {
    let number = draw.whole(0, 1 << 40);
    if draw.chance(0.5) {
        let mut text = "model,t_s,total_rate_rps\n".to_owned();
        for step in 0..draw.whole(1, 300) {
            let _ = writeln!(text, "m,{},{}", step * 600, draw.scaled(0.1, 3.0));
        }
        let file = file(folder, &format!("rates-{number}.csv"), &text);
        let mut given = entries(json!({"file": file, "model": "m"}));
        draw.maybe(0.5, &mut given, "starts-at", |draw| format!("{}min", draw.whole(0, 9)).into());
        return json!({"servegen": given});
    }
    let mut text = "model,hour,mean_rate_rel_to_overall\n".to_owned();
    for hour in 0..24 {
        let _ = writeln!(text, "m,{hour},{}", draw.scaled(0.3, 3.0));
    }
    let file = file(folder, &format!("hours-{number}.csv"), &text);
    json!({"hour-of-day": {"servegen": {"file": file, "model": "m"}}})
}

/// What some of so many clients do hour by hour, in the mean at about this rate.
fn windows(draw: &mut Draw, rate: f64, clients: u64, folder: &Path) -> Value {
    let mut text = "model,client,t_s,rate_rps,cv,family\n".to_owned();
    let hours = draw.whole(1, 5);
    for client in 0..draw.whole(1, clients) {
        // Hours without a row are silent; each client has one at least.
        for hour in 0..hours {
            if hour > 0 && draw.chance(0.2) {
                continue;
            }
            let (rate, cv) = (rate * draw.scaled(0.2, 3.0), draw.scaled(0.2, 4.0));
            let family = draw.one(&["Gamma", "Weibull"]);
            let _ = writeln!(text, "m,{client},{},{rate},{cv},{family}", hour * 3600);
        }
    }
    let name = format!("windows-{}.csv", draw.whole(0, 1 << 40));
    let mut given = entries(json!({"file": file(folder, &name, &text)}));
    draw.maybe(0.5, &mut given, "starts-at", |draw| format!("{}h", draw.whole(0, 9)).into());
    draw.maybe(0.5, &mut given, "only", |draw| draw.chance(0.5).into());
    Value::Object(given)
}

/// Quantiles and a mean that goes with them.
pub fn lengths(draw: &mut Draw, folder: &Path) -> Value {
    const AT: [f64; 10] = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999];
    let mut values = vec![draw.whole(0, 50) as f64];
    for _ in 1..AT.len() {
        let last = *values.last().expect("one at least");
        values.push(last + draw.scaled_whole(1.0, 300.0) as f64);
    }
    // Between two quantiles the line has a corner at half the probability, at this part of the way up.
    let part = draw.scaled(0.1, 0.9);
    let mut mean = values[0] * AT[0] + values[9] * (1.0 - AT[9]);
    for (at, values) in AT.windows(2).zip(values.windows(2)) {
        let between = values[0] + (values[1] - values[0]) * (0.25 + part / 2.0);
        mean += (at[1] - at[0]) * between;
    }
    let values: Vec<_> = values.iter().map(f64::to_string).collect();
    let header = "model,field,mean,p1,p5,p10,p25,p50,p75,p90,p95,p99,p99.9";
    let text = format!("{header}\nm,tokens,{mean},{}\n", values.join(","));
    let name = format!("lengths-{}.csv", draw.whole(0, 1 << 40));
    json!({"servegen": {"file": file(folder, &name, &text), "model": "m", "field": "tokens"}})
}
