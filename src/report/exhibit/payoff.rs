//! What strategies pay in worlds, as a heat map with regrets in the cells.

use super::Exhibit;
use crate::experiment::{Payoff, Results};
use crate::report::chart::Drawing;
use crate::report::chart::palette::{AXIS, Colour, INK, MUTED, WHITE};
use crate::report::chart::panel::{HEADING, MARGIN, WIDTH, heading};
use crate::report::chart::picture::{Anchor, Picture, Text};
use crate::report::numbers;
use crate::report::payoff::{Standing, percent, standing, title};

const CAPTION: &str = "What each strategy pays in each world, mean over replications: the darker, the \
    more. Below it, its regret: what it gives up against the best strategy of the same world. A frame \
    marks the best where intervals show that no other is as good.";
const NAMES: f64 = 170.0;
const ROW: f64 = 54.0;
/// The head of a payoff: its title, worlds, and their probabilities.
const HEAD: f64 = 66.0;
const GAP: f64 = 18.0;
/// More strategies or worlds than this are not read in a picture.
const SHOWN_MAX: usize = 12;
/// The darkest cell; the lightest is white.
const DARK: Colour = (0x56, 0xB4, 0xE9);

/// A grid for each payoff: a row for each strategy, a column for each world.
pub(super) struct Payoffs;

impl Exhibit for Payoffs {
    fn name(&self) -> &'static str {
        "payoff"
    }

    fn is_in(&self, results: &Results) -> bool {
        !results.payoffs.is_empty()
    }

    fn draw(&self, results: &Results) -> Drawing {
        let rows = |payoff: &Payoff| payoff.strategies.len().min(SHOWN_MAX);
        let height = |payoff: &Payoff| HEAD + ROW * rows(payoff) as f64 + GAP;
        let total: f64 = results.payoffs.iter().map(height).sum();
        let mut picture = Picture::new(WIDTH, HEADING + total + 8.0);
        let subtitle = "Mean over replications, and regret against the best in the same world";
        heading(
            &mut picture,
            "Payoff of strategies in worlds",
            &format!("{subtitle}.{}", remark(results)),
        );
        let mut top = HEADING;
        for payoff in &results.payoffs {
            grid(&mut picture, payoff, top);
            top += height(payoff);
        }
        let alt = "Heat map of what each strategy pays in each world, with regrets".to_owned();
        Drawing { alt, caption: CAPTION, picture }
    }
}

fn remark(results: &Results) -> String {
    let most = |of: &dyn Fn(&Payoff) -> usize| results.payoffs.iter().map(of).max().unwrap_or(0);
    let (strategies, worlds) = (most(&|it| it.strategies.len()), most(&|it| it.worlds.len()));
    if strategies.max(worlds) > SHOWN_MAX {
        format!(" The first {SHOWN_MAX} of {strategies} strategies and {worlds} worlds.")
    } else {
        String::new()
    }
}

fn grid(picture: &mut Picture, payoff: &Payoff, top: f64) {
    let worlds = payoff.worlds.len().min(SHOWN_MAX);
    let column = (f64::from(WIDTH) - 2.0 * MARGIN - NAMES) / worlds.max(1) as f64;
    let unit = numbers::label_unit(&payoff.unit);
    let name = format!("{}, {unit}", title(payoff));
    let title = Text { bold: true, ..Text::new((MARGIN, top + 12.0), &name, 13.0) };
    picture.text(title.fitted(f64::from(WIDTH) - 2.0 * MARGIN));
    let middle = |world: usize| MARGIN + NAMES + column * (world as f64 + 0.5);
    let centred = |at, text: &str, em, colour| {
        Text { anchor: Anchor::Middle, colour, ..Text::new(at, text, em) }.fitted(column - 8.0)
    };
    for (world, odds) in payoff.worlds.iter().take(worlds).enumerate() {
        picture.text(centred((middle(world), top + 36.0), &odds.name, 12.0, INK));
        let percent = percent(odds.probability);
        picture.text(centred((middle(world), top + 54.0), &percent, 11.0, MUTED));
    }
    let shade = shades(payoff);
    for (index, strategy) in payoff.strategies.iter().take(SHOWN_MAX).enumerate() {
        let upper = top + HEAD + ROW * index as f64;
        let name = Text::new((MARGIN, upper + ROW / 2.0), &strategy.name, 12.0);
        picture.text(name.fitted(NAMES - 10.0));
        for (world, cell) in strategy.cells.iter().take(worlds).enumerate() {
            let from = (middle(world) - column / 2.0 + 2.0, upper + 2.0);
            let to = (middle(world) + column / 2.0 - 2.0, upper + ROW - 2.0);
            picture.rect(from, to, shade(cell.mean.value));
            let mean = numbers::value(cell.mean.value, &payoff.unit);
            picture.text(centred((middle(world), upper + 19.0), &mean, 12.0, INK));
            let told = match standing(payoff, index, world) {
                Standing::Best => "best".to_owned(),
                Standing::Open => "may be best".to_owned(),
                Standing::Behind => {
                    format!("−{}", numbers::value(cell.regret.value, &payoff.unit))
                }
            };
            picture.text(centred((middle(world), upper + 37.0), &told, 11.0, INK));
            if standing(payoff, index, world) == Standing::Best {
                let corners = [from, (to.0, from.1), to, (from.0, to.1), from];
                picture.line(corners.to_vec(), INK, 2.0);
            } else {
                let corners = [from, (to.0, from.1), to, (from.0, to.1), from];
                picture.line(corners.to_vec(), AXIS, 0.5);
            }
        }
    }
}

/// The colour of a payoff among all of a grid.
fn shades(payoff: &Payoff) -> impl Fn(f64) -> Colour {
    let values = payoff.strategies.iter().flat_map(|strategy| &strategy.cells);
    let values: Vec<f64> = values.map(|cell| cell.mean.value).filter(|v| v.is_finite()).collect();
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    move |value| {
        let part = ((value - least) / (most - least)).clamp(0.0, 1.0);
        let part = if part.is_finite() { part } else { 0.0 };
        let mix = |light: u8, dark: u8| {
            // Between two bytes.
            (f64::from(light) + part * (f64::from(dark) - f64::from(light))).round() as u8
        };
        (mix(WHITE.0, DARK.0), mix(WHITE.1, DARK.1), mix(WHITE.2, DARK.2))
    }
}
