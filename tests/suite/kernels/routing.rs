//! Where the tokens of the table of experts went, drawn as its collector drew them.
//!
//! The source's collector (`collector/` of aiconfigurator, commit 095f58a) sends tokens evenly, or by a power law of
//! exponent 1.2, and measures the rank that gets most. A100 was measured with an older one. vLLM, with 256 experts,
//! chooses experts of at most four of eight groups, which distorts what was drawn: it takes others in place.

use super::rows::fnv_1a;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How tokens of one layer were routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Draw {
    /// Of all ranks.
    pub tokens: usize,
    pub experts: usize,
    /// Experts of a token.
    pub active: usize,
    /// Ranks that share the experts.
    pub ranks: usize,
    pub even: bool,
    /// By the collector of the A100.
    pub old: bool,
    /// Experts of at most four of eight groups.
    pub limited: bool,
}

/// On the rank that was measured, the mean of some draws.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Experts with any tokens.
    pub touched: f64,
    /// (token, expert) pairs.
    pub rows: f64,
}

/// Tokens that are drawn one by one at most; more are as many times these.
const ONE_BY_ONE: usize = 1024;
const EXPONENT: f64 = 1.2;
const GROUPS: usize = 8;
const GROUPS_OF_A_TOKEN: usize = 4;

/// The load of the measured rank.
pub fn load(draw: &Draw) -> Load {
    let mut random = ChaCha8Rng::seed_from_u64(fnv_1a(&format!("{draw:?}")));
    let draws = if draw.even { 1 } else { (ONE_BY_ONE * 8 / draw.tokens).clamp(8, 48) };
    let each = (0..draws).map(|_| one(draw, &mut random));
    let (touched, rows) =
        each.fold((0.0, 0.0), |sum, load| (sum.0 + load.touched, sum.1 + load.rows));
    Load { touched: touched / draws as f64, rows: rows / draws as f64 }
}

fn one(draw: &Draw, random: &mut ChaCha8Rng) -> Load {
    let own = draw.experts / draw.ranks;
    if !draw.limited && !draw.old {
        let counts = if draw.even {
            counted(&even(draw, draw.tokens), draw.experts)
        } else {
            skewed(draw, draw.tokens, random)
        };
        let rank = if draw.even { &counts[..own] } else { busiest(&counts, own) };
        return measured(rank, 1);
    }
    let tokens = draw.tokens.min(ONE_BY_ONE);
    let chosen = if draw.even { even(draw, tokens) } else { dealt(draw, tokens, random) };
    let chosen: Vec<_> =
        chosen.chunks(draw.active).flat_map(|wanted| taken(draw, wanted)).collect();
    measured(&counted(&chosen, draw.experts)[..own], draw.tokens / tokens)
}

fn measured(counts: &[usize], times: usize) -> Load {
    let touched = counts.iter().filter(|&&count| count > 0).count();
    Load { touched: touched as f64, rows: (counts.iter().sum::<usize>() * times) as f64 }
}

fn counted(chosen: &[usize], experts: usize) -> Vec<usize> {
    let mut counts = vec![0; experts];
    chosen.iter().for_each(|&expert| counts[expert] += 1);
    counts
}

/// The experts of each token in turn, evenly.
fn even(draw: &Draw, tokens: usize) -> Vec<usize> {
    let stride = draw.experts.div_ceil(draw.active);
    let place = |token: usize| if tokens >= stride { token } else { token * stride / tokens };
    let of =
        |token| (0..draw.active).map(move |choice| (place(token) + choice * stride) % draw.experts);
    (0..tokens).flat_map(of).collect()
}

/// Tokens of each expert by a power law, before they are made to add up.
fn shares(draw: &Draw, tokens: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let pairs = (tokens * draw.active) as f64;
    let (low, high) =
        if pairs > draw.experts as f64 { (1.0, tokens as f64 * 0.8) } else { (0.01, 2.0_f64) };
    let power = 1.0 - EXPONENT;
    let [low, high] = [low, high].map(|end: f64| end.powf(power));
    let drawn: Vec<f64> = (0..draw.experts)
        .map(|_| ((high - low) * random.random::<f64>() + low).powf(1.0 / power))
        .collect();
    let sum: f64 = drawn.iter().sum();
    drawn.iter().map(|share| (share / sum * pairs).round_ties_even() as usize).collect()
}

/// Tokens of each expert: at most all of them; what is over, or missing, is poured rank by rank on those with fewest.
fn skewed(draw: &Draw, tokens: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let own = draw.experts / draw.ranks;
    let mut counts = shares(draw, tokens, random);
    let over: usize = counts.iter().map(|count| count.saturating_sub(tokens)).sum();
    counts.iter_mut().for_each(|count| *count = (*count).min(tokens));
    let pour_all = |counts: &mut [usize], amount: usize| {
        for (rank, counts) in counts.chunks_mut(own).enumerate() {
            pour(counts, amount / draw.ranks + usize::from(rank < amount % draw.ranks), tokens);
        }
    };
    pour_all(&mut counts, over);
    let all = tokens * draw.active;
    let sum: usize = counts.iter().sum();
    pour_all(&mut counts, all.saturating_sub(sum));
    let mut left = sum.saturating_sub(all);
    while left > 0 {
        for counts in counts.chunks_mut(own) {
            let most = largest(counts).expect("an expert");
            if left > 0 && counts[most] > 0 {
                counts[most] -= 1;
                left -= 1;
            }
        }
    }
    counts
}

/// Adds to the smallest counts until they are level, each at most `most`.
fn pour(counts: &mut [usize], amount: usize, most: usize) {
    let needed =
        |level: usize| counts.iter().map(|&count| level.saturating_sub(count)).sum::<usize>();
    let (mut low, mut high) = (0, most);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if needed(middle) <= amount { low = middle } else { high = middle - 1 }
    }
    let mut left = amount - needed(low);
    for count in counts {
        *count = (*count).max(low);
        if left > 0 && *count == low && low < most {
            *count += 1;
            left -= 1;
        }
    }
}

/// The first of the largest.
fn largest(counts: &[usize]) -> Option<usize> {
    (0..counts.len()).max_by_key(|&place| (counts[place], usize::MAX - place))
}

fn busiest(counts: &[usize], own: usize) -> &[usize] {
    let rank = largest(&counts.chunks(own).map(|rank| rank.iter().sum()).collect::<Vec<_>>())
        .expect("a rank");
    &counts[rank * own..][..own]
}

/// Tokens of each expert as the older collector made them add up: from the largest on, without a bound.
fn older(draw: &Draw, tokens: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let mut counts = shares(draw, tokens, random);
    let order = falling(&counts);
    let (all, sum) = (tokens * draw.active, counts.iter().sum::<usize>());
    let missing = all.saturating_sub(sum);
    counts.iter_mut().for_each(|count| *count += missing / draw.experts);
    order.iter().take(missing % draw.experts).for_each(|&expert| counts[expert] += 1);
    for place in 0..sum.saturating_sub(all) {
        let smallest = order[draw.experts - 1 - place % draw.experts];
        let from =
            if counts[smallest] > 0 { smallest } else { largest(&counts).expect("an expert") };
        counts[from] -= 1;
    }
    counts
}

/// Experts from the one with most tokens on; of equal ones the first first.
fn falling(counts: &[usize]) -> Vec<usize> {
    let mut order: Vec<_> = (0..counts.len()).collect();
    order.sort_by_key(|&expert| std::cmp::Reverse(counts[expert]));
    order
}

/// The experts of each token in turn, by a power law: the busiest rank first, and each choice of all tokens from the largest
/// expert on.
fn dealt(draw: &Draw, tokens: usize, random: &mut ChaCha8Rng) -> Vec<usize> {
    let own = draw.experts / draw.ranks;
    let mut counts =
        if draw.old { older(draw, tokens, random) } else { skewed(draw, tokens, random) };
    let sums: Vec<_> = counts.chunks(own).map(|rank| rank.iter().sum::<usize>()).collect();
    let most = largest(&sums).expect("a rank");
    for place in 0..own {
        counts.swap(place, most * own + place);
    }
    let pairs = tokens * draw.active;
    let missing = pairs.saturating_sub(counts.iter().sum());
    *counts.last_mut().expect("an expert") += missing;
    let order = falling(&counts);
    let flat: Vec<_> = order
        .iter()
        .flat_map(|&expert| std::iter::repeat_n(expert, counts[expert]))
        .take(pairs)
        .collect();
    (0..tokens)
        .flat_map(|token| (0..draw.active).map(move |choice| choice * tokens + token))
        .map(|place| flat[place])
        .collect()
}

/// The experts that the engine takes for a token that was dealt `wanted`: no expert twice, and where groups are limited of the
/// best; others in their order for those that fall out.
fn taken(draw: &Draw, wanted: &[usize]) -> Vec<usize> {
    let mut score = vec![0_usize; draw.experts];
    wanted.iter().for_each(|&expert| score[expert] += 1);
    let mut open = vec![true; draw.experts];
    if draw.limited {
        score.iter_mut().for_each(|score| *score = (*score).min(1));
        let width = draw.experts / GROUPS;
        let groups: Vec<_> =
            score.chunks(width).map(|group| group.iter().sum::<usize>().min(2)).collect();
        open.fill(false);
        for &group in &falling(&groups)[..GROUPS_OF_A_TOKEN] {
            open[group * width..][..width].fill(true);
        }
    }
    let mut best: Vec<_> =
        (0..draw.experts).filter(|&expert| open[expert] && score[expert] > 0).collect();
    best.sort_by_key(|&expert| std::cmp::Reverse(score[expert]));
    let others = (0..draw.experts).filter(|&expert| open[expert] && score[expert] == 0);
    best.into_iter().chain(others).take(draw.active).collect()
}
