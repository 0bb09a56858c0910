//! What each metric's difference is taken apart by.

use super::bennet::{Item, Mix, Parts, alone, decompose};
use super::entities::{Latency, Matched, Side, matched};
use crate::experiment::rounding::beyond_rounding;
use crate::ids::ModelId;
use crate::metrics::MetricId as M;
use crate::setup::Setup;
use crate::simulation::Outcome;

/// How revenue changes: more tokens are sold of everything; another share of them is this model's; a vendor
/// who rents holds more accelerators; other prices or take rates, and another mix of prompts, cached tokens
/// and outputs; other terms.
const REVENUE: &[&str] = &["volume", "mix", "held", "price", "terms"];
const COST: &[&str] = &["capital", "energy"];
/// Whose calls they are, and how long its calls wait.
const LATENCY: &[&str] = &["mix", "own"];
/// How goodput changes: more calls; another share of them; more of the model's calls in time.
const GOODPUT: &[&str] = &["volume", "mix", "attained"];

const LATENCIES: [Latency; 4] = [
    Latency { mean: M::WaitMean, place: 0 },
    Latency { mean: M::TtftMean, place: 1 },
    Latency { mean: M::TpotMean, place: 2 },
    Latency { mean: M::E2eMean, place: 3 },
];

/// The parts of one metric's difference, by one kind of entity.
pub(in crate::experiment) struct Block<'a> {
    pub metric: M,
    /// What its parts are told by: `all`, `model`, `tenant` or `cluster`.
    pub by: &'static str,
    parts: &'static [&'static str],
    setups: [&'a Setup; 2],
    /// What is computed: models or clusters.
    entities: Vec<Matched<'a>>,
    /// What is shown, and which of it each entity belongs to.
    rows: Vec<&'a str>,
    row_of: Vec<usize>,
}

/// A row's parts, one for each of the block's.
type Row = Vec<f64>;

/// All blocks of a variant against the first.
pub(in crate::experiment) fn blocks<'a>(first: &'a Setup, other: &'a Setup) -> Vec<Block<'a>> {
    let setups = [first, other];
    let by_model = |metric, parts| Block::by_model(setups, metric, parts);
    let mut all = vec![by_model(M::Revenue, REVENUE)];
    all.extend(LATENCIES.map(|latency| by_model(latency.mean, LATENCY)));
    all.push(by_model(M::Goodput, GOODPUT));
    let by_tenant: Vec<_> = all.iter().map(Block::by_tenant).collect();
    all.extend(by_tenant);
    all.push(Block::by_cluster(setups));
    // A total's interval is not the sum of its parts' intervals.
    let whole = all.iter().filter(|block| block.by != "tenant").map(Block::whole);
    whole.collect::<Vec<_>>().into_iter().chain(all).collect()
}

impl<'a> Block<'a> {
    fn by_model(setups: [&'a Setup; 2], metric: M, parts: &'static [&'static str]) -> Self {
        let names = setups.map(|s| s.models.iter().map(|model| &*model.name).collect::<Vec<_>>());
        Self::of(setups, metric, "model", parts, matched(&names[0], &names[1]))
    }

    fn by_cluster(setups: [&'a Setup; 2]) -> Self {
        let names = setups.map(|s| s.clusters.iter().map(|each| &*each.name).collect::<Vec<_>>());
        Self::of(setups, M::Cost, "cluster", COST, matched(&names[0], &names[1]))
    }

    fn of(
        setups: [&'a Setup; 2],
        metric: M,
        by: &'static str,
        parts: &'static [&'static str],
        entities: Vec<Matched<'a>>,
    ) -> Self {
        let rows = entities.iter().map(|entity| entity.name).collect();
        let row_of = (0..entities.len()).collect();
        Self { metric, by, parts, setups, entities, rows, row_of }
    }

    /// The same, models summed by their tenant in the other variant, or in the first where it has no
    /// such model.
    fn by_tenant(&self) -> Self {
        let tenant = |entity: &Matched<'a>| {
            let [first, other] = entity.index;
            let (setup, index) = match (first, other) {
                (_, Some(index)) => (self.setups[1], index),
                (Some(index), None) => (self.setups[0], index),
                (None, None) => unreachable!("an entity is in one of the variants"),
            };
            &*setup.tenants[setup.models[ModelId::new(index)].tenant].name
        };
        let mut rows: Vec<&str> = Vec::new();
        let row = |entity| {
            let name = tenant(entity);
            rows.iter().position(|row| *row == name).unwrap_or_else(|| {
                rows.push(name);
                rows.len() - 1
            })
        };
        let row_of = self.entities.iter().map(row).collect();
        Self { by: "tenant", entities: self.entities.clone(), rows, row_of, ..*self }
    }

    /// The same, all entities summed.
    fn whole(&self) -> Self {
        let row_of = vec![0; self.entities.len()];
        Self { by: "all", entities: self.entities.clone(), rows: vec![""], row_of, ..*self }
    }

    /// Name and part of each number, in the order of [`values`](Self::values).
    pub(crate) fn keys(&self) -> Vec<(&'a str, &'static str)> {
        let parts = |&row: &&'a str| self.parts.iter().map(move |&part| (row, part));
        self.rows.iter().flat_map(parts).collect()
    }

    /// The numbers of one replication; none of them where the difference is not defined.
    pub(crate) fn values(&self, first: &Outcome, other: &Outcome) -> Vec<Option<f64>> {
        let sides = [
            Side { setup: self.setups[0], outcome: first },
            Side { setup: self.setups[1], outcome: other },
        ];
        let count = self.rows.len() * self.parts.len();
        let Some(entities) = self.entity_parts(sides) else { return vec![None; count] };
        let mut rows = vec![vec![0.0; self.parts.len()]; self.rows.len()];
        for (entity, &row) in entities.iter().zip(&self.row_of) {
            rows[row].iter_mut().zip(entity).for_each(|(sum, part)| *sum += part);
        }
        let size = self.size(sides);
        rows.into_iter().flatten().map(|part| Some(beyond_rounding(part, size))).collect()
    }

    /// The size of what the parts are computed from: the metric itself, and of rates and means nothing larger.
    fn size(&self, sides: [Side<'_>; 2]) -> f64 {
        sides.iter().filter_map(|side| side.all().get(self.metric)).map(f64::abs).sum()
    }

    fn entity_parts(&self, sides: [Side<'_>; 2]) -> Option<Vec<Row>> {
        match self.metric {
            M::Revenue => Some(self.revenue(sides)),
            M::Cost => self.cost(sides),
            M::Goodput => self.goodput(sides),
            _ => self.latency(sides),
        }
    }

    /// The items of both sides, taken apart.
    fn decomposed(
        &self,
        sides: [Side<'_>; 2],
        mix: Mix,
        item: impl Fn(Side<'_>, Option<usize>) -> Option<Item>,
    ) -> Option<Vec<Parts>> {
        let items = |side: usize| -> Option<Vec<Item>> {
            self.entities.iter().map(|entity| item(sides[side], entity.index[side])).collect()
        };
        Some(decompose(&items(0)?, &items(1)?, mix))
    }

    /// Rent changes by accelerator-hours held and by their price, and has nothing to do with how many tokens
    /// its vendor serves; what token sales bring, by volume, mix and price. Where the terms are others, both
    /// change, and what is left of either is put down to the terms.
    fn revenue(&self, sides: [Side<'_>; 2]) -> Vec<Row> {
        // What is common to all models: tokens, or calls where somebody serves no tokens.
        let in_tokens = self.entities.iter().all(|entity| {
            (0..2).all(|at| {
                entity.index[at].is_none() || sides[at].tokens(entity.index[at]).is_some()
            })
        });
        let sales = |side: Side<'_>, model: Option<usize>| {
            let calls = || side.model(model, M::Completed);
            let volume = if in_tokens { side.tokens(model) } else { calls() };
            let sold = [M::MarketplaceRevenue, M::FirstPartyRevenue];
            let value = sold.map(|id| side.model(model, id).unwrap_or(0.0)).iter().sum();
            Some(Item { volume: volume.unwrap_or(0.0), value })
        };
        let parts = self.decomposed(sides, Mix::Own, sales).unwrap_or_default();
        let row = |(entity, parts): (&Matched<'a>, Parts)| {
            let [rent, rent_then] = [0, 1].map(|at| sides[at].rent(entity.index[at]));
            let [held, price] = alone(rent, rent_then);
            let rate = parts.rate + price;
            let [terms, terms_then] = [0, 1].map(|at| sides[at].terms(entity.index[at]));
            let other_terms = terms.zip(terms_then).is_some_and(|(one, then)| one != then);
            let [price, terms] = if other_terms { [0.0, rate] } else { [rate, 0.0] };
            vec![parts.volume, parts.mix, held, price, terms]
        };
        self.entities.iter().zip(parts).map(row).collect()
    }

    /// None where one side's costs are with energy and the other's without.
    fn cost(&self, sides: [Side<'_>; 2]) -> Option<Vec<Row>> {
        let [first, other] = sides.map(|side| side.all().get(M::EnergyCost).is_some());
        let known = sides.iter().all(|side| side.all().get(M::Cost).is_some());
        let change = |entity: &Matched<'_>, id: M| {
            let [first, other] =
                [0, 1].map(|at| sides[at].cluster(entity.index[at], id).unwrap_or(0.0));
            other - first
        };
        let row = |entity: &Matched<'_>| {
            let energy = if first { change(entity, M::EnergyCost) } else { 0.0 };
            vec![change(entity, M::CapitalCost), energy]
        };
        (first == other && known).then(|| self.entities.iter().map(row).collect())
    }

    fn goodput(&self, sides: [Side<'_>; 2]) -> Option<Vec<Row>> {
        sides.iter().all(|side| side.all().get(M::Goodput).is_some()).then_some(())?;
        let item = |side: Side<'_>, model: Option<usize>| {
            let of = |id| side.model(model, id).unwrap_or(0.0);
            Some(Item { volume: of(M::Arrived), value: of(M::Goodput) })
        };
        let row = |parts: Parts| vec![parts.volume, parts.mix, parts.rate];
        Some(self.decomposed(sides, Mix::Own, item)?.into_iter().map(row).collect())
    }

    fn latency(&self, sides: [Side<'_>; 2]) -> Option<Vec<Row>> {
        let latency = *LATENCIES.iter().find(|latency| latency.mean == self.metric)?;
        let of_calls = |side: Side<'_>, model| side.latency(model, latency);
        let parts = self.decomposed(sides, Mix::AgainstMean, of_calls)?;
        Some(parts.into_iter().map(|parts| vec![parts.mix, parts.rate + parts.volume]).collect())
    }
}
