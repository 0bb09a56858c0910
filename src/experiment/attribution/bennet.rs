//! A change of a sum of products, taken apart.
//!
//! The change of a product is the change of each factor times the midpoint of the other, exactly:
//! q₁p₁ − q₀p₀ = (p₀+p₁)/2 · (q₁−q₀) + (q₀+q₁)/2 · (p₁−p₀) (T. L. Bennet, The theory of measurement of
//! changes in cost of living, Journal of the Royal Statistical Society 83, 1920). A volume is the
//! volume of all times a share of it, and the same holds for that product. So whatever is a sum over
//! entities of volume times rate changes by the volume of all, by the mix, and by the rates.

/// How much of something there is, and what comes of it: tokens and revenue, calls and good calls.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Item {
    pub volume: f64,
    pub value: f64,
}

impl Item {
    /// Value per volume; none of an empty item.
    fn rate(self) -> Option<f64> {
        (self.volume != 0.0).then(|| self.value / self.volume)
    }
}

/// What an entity contributes to the change of the sum. Over all entities the parts add up to it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    /// Had all volumes changed alike.
    pub volume: f64,
    /// Its share of the volume is another.
    pub mix: f64,
    /// Its rate is another; of an entity without volume, its value is.
    pub rate: f64,
}

/// What a share of the volume is worth to an entity that gains or loses it. Over all entities either
/// comes to the same, since shares are of one in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mix {
    /// Its rate: an entity's parts add up to its own change, as is asked of money and of counts.
    Own,
    /// Its rate above the mean one: an entity as good as the mean makes no difference to a mean, such as
    /// that of waits, by being called more.
    AgainstMean,
}

/// Takes the change from `before` to `after` apart by entity; one that is missing on a side is empty
/// there. Where an entity has no volume it has no rate either, and is taken to have the one that it has on the other
/// side: all that comes with it is volume and mix. Against a mean it counts as good as the others there: one that
/// comes or goes does not by itself change a mean.
pub(super) fn decompose(before: &[Item], after: &[Item], mix: Mix) -> Vec<Parts> {
    let [all_before, all_after] =
        [before, after].map(|items| items.iter().copied().fold(Item::default(), add));
    let base = match mix {
        Mix::Own => 0.0,
        Mix::AgainstMean => midpoint(all_before.rate(), all_after.rate()),
    };
    let growth = all_after.volume - all_before.volume;
    let middle = (all_before.volume + all_after.volume) / 2.0;
    let entity = |(&before, &after): (&Item, &Item)| {
        // Where there is no volume at all, shares are those of the other side.
        let share = |item: Item, all: Item| (all.volume != 0.0).then(|| item.volume / all.volume);
        let (from, to) = (share(before, all_before), share(after, all_after));
        let (from, to) = (from.or(to).unwrap_or(0.0), to.or(from).unwrap_or(0.0));
        let rate = match mix {
            Mix::Own => midpoint(before.rate(), after.rate()),
            Mix::AgainstMean => {
                midpoint(before.rate().or(all_before.rate()), after.rate().or(all_after.rate()))
            }
        };
        Parts {
            volume: rate * midpoint(Some(from), Some(to)) * growth,
            mix: (rate - base) * middle * (to - from),
            rate: after.value - before.value - rate * (after.volume - before.volume),
        }
    };
    before.iter().zip(after).map(entity).collect()
}

/// The change of an entity by itself: what comes of having more or less of it, and of another rate.
pub(super) fn alone(before: Item, after: Item) -> [f64; 2] {
    let quantity = midpoint(before.rate(), after.rate()) * (after.volume - before.volume);
    [quantity, after.value - before.value - quantity]
}

fn add(sum: Item, item: Item) -> Item {
    Item { volume: sum.volume + item.volume, value: sum.value + item.value }
}

/// The midpoint of two rates; a missing one is as the other.
fn midpoint(a: Option<f64>, b: Option<f64>) -> f64 {
    match (a, b) {
        (Some(a), Some(b)) => (a + b) / 2.0,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn items(given: &[(f64, f64)]) -> Vec<Item> {
        given.iter().map(|&(volume, rate)| Item { volume, value: volume * rate }).collect()
    }

    fn total(parts: &[Parts]) -> f64 {
        parts.iter().map(|parts| parts.volume + parts.mix + parts.rate).sum()
    }

    /// By hand: volume 100 to 120 at shares of a half each, then three quarters; rates 2 and 4, then
    /// 2 and 5. Mean rates 3 and 2.75, middle volume 110.
    #[test]
    fn two_entities_by_hand() {
        let before = items(&[(50.0, 2.0), (50.0, 4.0)]);
        let after = items(&[(90.0, 2.0), (30.0, 5.0)]);
        let [a, b] = decompose(&before, &after, Mix::AgainstMean)[..] else { panic!("two") };
        assert_eq!(a.volume, 2.0 * 0.625 * 20.0);
        assert_eq!(a.mix, (2.0 - 2.875) * 110.0 * 0.25);
        assert_eq!(a.rate, 0.0);
        assert_eq!(b.volume, 4.5 * 0.375 * 20.0);
        assert_eq!(b.mix, (4.5 - 2.875) * 110.0 * -0.25);
        assert_eq!(b.rate, 40.0);
        assert!((total(&[a, b]) - (330.0 - 300.0)).abs() < 1e-12);
    }

    /// One that comes brings volume and mix at its own rate, not a rate that changes from that of the others.
    #[test]
    fn who_comes_or_goes_has_no_other_rate() {
        let before = items(&[(100.0, 2.0), (0.0, 0.0)]);
        let after = items(&[(50.0, 2.0), (50.0, 7.0)]);
        let [a, b] = decompose(&before, &after, Mix::Own)[..] else { panic!("two") };
        assert_eq!((a.rate, b.rate), (0.0, 0.0));
        assert_eq!((a.mix, b.mix), (-100.0, 350.0));
        let [back, gone] = decompose(&after, &before, Mix::Own)[..] else { panic!("two") };
        assert_eq!((back.mix, gone.mix), (100.0, -350.0));
        assert_eq!((back.rate, gone.rate), (0.0, 0.0));
    }

    #[test]
    fn alone_it_is_quantity_and_rate() {
        let item = |volume, value| Item { volume, value };
        // Two at 3, then three at 2: 2.5 more, 2.5 less.
        assert_eq!(alone(item(2.0, 6.0), item(3.0, 6.0)), [2.5, -2.5]);
        assert_eq!(alone(item(2.0, 6.0), item(0.0, 0.0)), [-6.0, 0.0]);
        assert_eq!(alone(item(2.0, 6.0), item(2.0, 0.0)), [0.0, -6.0]);
        assert_eq!(alone(item(0.0, 0.0), item(0.0, 0.0)), [0.0, 0.0]);
    }

    #[test]
    fn equal_rates_have_no_mix_and_equal_shares_neither() {
        let (before, after) = ([(70.0, 3.0), (30.0, 3.0)], [(10.0, 3.0), (90.0, 3.0)]);
        let parts = decompose(&items(&before), &items(&after), Mix::AgainstMean);
        assert!(parts.iter().all(|parts| parts.mix == 0.0 && parts.volume == 0.0));
        let (before, after) = ([(70.0, 3.0), (30.0, 5.0)], [(35.0, 3.0), (15.0, 5.0)]);
        let parts = decompose(&items(&before), &items(&after), Mix::Own);
        assert!(parts.iter().all(|parts| parts.mix.abs() < 1e-12), "{parts:?}");
        assert!((total(&parts) - -180.0).abs() < 1e-12);
    }

    proptest! {
        /// To rounding; entities may be missing on a side, and a side may be empty.
        #[test]
        fn parts_add_up(
            sides in prop::collection::vec((0u32..4, 0.0..9.0, 0u32..4, 0.0..9.0), 1..7),
            idle in 0.0..5.0,
        ) {
            let side = |first: bool| -> Vec<Item> {
                let item = |&(a, p, b, q): &(u32, f64, u32, f64)| {
                    let (volume, rate) = if first { (a, p) } else { (b, q) };
                    let volume = f64::from(volume);
                    // Something may be earned without any volume: rent for what stands idle.
                    Item { volume, value: volume * rate + idle }
                };
                sides.iter().map(item).collect()
            };
            let (before, after) = (side(true), side(false));
            let sum = |items: &[Item]| items.iter().map(|item| item.value).sum::<f64>();
            let change = sum(&after) - sum(&before);
            for mix in [Mix::Own, Mix::AgainstMean] {
                let parts = decompose(&before, &after, mix);
                prop_assert!((total(&parts) - change).abs() < 1e-9, "{} {change}", total(&parts));
            }
            let own = decompose(&before, &after, Mix::Own);
            for ((before, after), parts) in before.iter().zip(&after).zip(own) {
                let change = after.value - before.value;
                prop_assert!((total(&[parts]) - change).abs() < 1e-9, "{parts:?} {change}");
            }
        }
    }
}
