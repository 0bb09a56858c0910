//! Tables in ServeGen's forms, with random figures.

use super::draw::{Draw, entries, tagged};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

fn file(folder: &Path, name: &str, text: &str) -> String {
    fs::write(folder.join(name), text).expect("the folder is writable");
    name.to_owned()
}

/// Clients that call at `rate` together; and whether they have lengths of their own.
pub fn arrivals(draw: &mut Draw, rate: f64, folder: &Path) -> (Value, bool) {
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
    let own_lengths = draw.chance(0.5);
    if own_lengths {
        given.insert("length-cv".into(), draw.scaled(0.1, 2.0).into());
    }
    draw.maybe(0.3, &mut given, "rate-scale", |draw| draw.scaled(0.5, 2.0).into());
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
