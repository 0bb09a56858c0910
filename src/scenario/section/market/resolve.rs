//! How applications choose models.

use crate::ids::ModelId;
use crate::market::Choice;
use crate::scenario::legible::computed;
use crate::scenario::path::Path;
use crate::scenario::schema;
use crate::scenario::section::Checker;
use crate::units::Fraction;
use typed_index_collections::{TiVec, ti_vec};

/// How far from 1 shares may sum: what decimal fractions lose in binary.
const SUM_TOLERANCE: f64 = 1e-9;

/// The choice at `path` among models with these names; `None` if it makes no sense.
pub(in crate::scenario) fn resolve(
    path: &Path,
    choice: &schema::Choice,
    models: &[&str],
    check: &mut Checker,
) -> Option<Choice> {
    match choice {
        schema::Choice::Fixed(given) => {
            let at = path.key("fixed");
            let mut shares: TiVec<ModelId, f64> = ti_vec![0.0; models.len()];
            let mut sound = true;
            for (name, &Fraction(share)) in given {
                let at = at.key(name);
                match models.iter().position(|model| model == name) {
                    Some(model) => shares[ModelId::new(model)] = share,
                    None => {
                        check.unknown("model", &at, name, models, true);
                        sound = false;
                    }
                }
                sound &= check.range(&at, share, 0.0..=1.0, "");
            }
            let sum = given.values().map(|share| share.0).sum::<f64>();
            if sound && (sum - 1.0).abs() > SUM_TOLERANCE {
                let sum = computed(sum);
                check.refuse(&at, format!("the shares sum to {sum}, expected 1"));
                sound = false;
            }
            sound.then_some(Choice::Fixed(shares))
        }
        &schema::Choice::Equal(takers) => {
            let most = u32::try_from(models.len()).unwrap_or(u32::MAX);
            let sound = check.range(&path.key("equal"), takers, 1..=most.max(1), "");
            let takers = takers as usize;
            let share = |model| if model < takers { 1.0 / takers as f64 } else { 0.0 };
            sound.then(|| Choice::Fixed((0..models.len()).map(share).collect()))
        }
        schema::Choice::Concentration { hhi: Fraction(hhi), models: named } => {
            let at = path.key("concentration");
            let candidates = candidates(&at.key("models"), named.as_deref(), models, check)?;
            let least = 1.0 / candidates.len() as f64;
            if !(least..=1.0).contains(hhi) {
                let (count, least) = (candidates.len(), computed(least));
                let message = format!(
                    "found {hhi}, expected {least} (1/{count}, equal shares of {count} models) to 1 (one takes all)"
                );
                check.refuse(&at.key("hhi"), message);
                return None;
            }
            Some(Choice::Concentration { models: candidates, hhi: *hhi })
        }
    }
}

fn candidates(
    path: &Path,
    named: Option<&[String]>,
    models: &[&str],
    check: &mut Checker,
) -> Option<Vec<ModelId>> {
    let Some(named) = named else {
        return (!models.is_empty()).then(|| (0..models.len()).map(ModelId::new).collect());
    };
    if named.is_empty() {
        check.refuse(path, "at least one model is needed");
        return None;
    }
    let mut found = Vec::new();
    let mut sound = true;
    for (index, name) in named.iter().enumerate() {
        let at = path.index(index);
        match check.lookup("model", &at, name, models).map(ModelId::new) {
            Some(model) if found.contains(&model) => {
                check.refuse(&at, format!("`{name}` is named twice"));
                sound = false;
            }
            Some(model) => found.push(model),
            None => sound = false,
        }
    }
    sound.then_some(found)
}

/// Whether a share of the demand goes to each of `models` models.
pub(in crate::scenario) fn called(choice: &Choice, models: usize) -> Vec<bool> {
    match choice {
        Choice::Fixed(shares) => shares.iter().map(|&share| share > 0.0).collect(),
        Choice::Concentration { models: candidates, hhi } => {
            let takers = if *hhi == 1.0 { 1 } else { candidates.len() };
            (0..models).map(|model| candidates[..takers].contains(&ModelId::new(model))).collect()
        }
    }
}
