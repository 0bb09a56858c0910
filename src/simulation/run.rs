//! One replication: state, the loop, and one handler per event.

use super::audit::Auditor;
use super::books::{Cell, Place, places};
use super::calls::Calls;
use super::error::SimulationError;
use super::event::Event;
use super::handover::Link;
use super::measure::{Measurement, Row};
use super::outcome::Outcome;
use super::pool::Pool;
use super::prepared::{Prepared, Server};
use super::setup::{ApplicationSpec, MAX_BUCKETS, Setup};
use super::snapshot::Snapshot;
use super::trend::Trend;
use crate::cloud::ClusterSpec;
use crate::economics::billing::Billing;
use crate::economics::contract::{self, Supply};
use crate::economics::{Subject, energy};
use crate::engine::{EventQueue, Purpose, Rank, SimDuration, SimTime, Slot, Stream, Streams};
use crate::serving::{
    Progress, Replica, Request, RequestId, Requests, SharedPrefix, SlotReplica, TokenReplica, Turn,
    Usage,
};
use crate::workload::{Call, Ending, Prefix};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The state of one replication.
pub(super) struct Simulation<'a> {
    pub prepared: &'a Prepared<'a>,
    pub auditor: Auditor,
    pub queue: EventQueue,
    /// What each slot of the queue stands for.
    events: Vec<Event>,
    calls: Vec<Calls>,
    arrival_slots: Vec<Slot>,
    pub hosts: Vec<Host>,
    pub pools: Vec<Pool>,
    /// By deployment.
    pub links: Vec<Option<Link>>,
    /// Kept for its memory.
    pub arrived: Vec<RequestId>,
    /// Draws service times, by model.
    service: Vec<Stream>,
    pub requests: Requests,
    progress: Progress,
    pub places: Vec<Place>,
    /// By application × place.
    pub cells: Vec<Cell>,
    /// By deployment.
    pub usage: Vec<Usage>,
    /// By model.
    trends: Vec<Trend>,
    pub billing: Billing,
    pub last: Snapshot,
    bucket_start: Snapshot,
    pub warm: Snapshot,
    rows: Vec<Row>,
    pub reading_slot: Slot,
    /// Calls in the system that arrived in the measured window.
    pub unended: u64,
    /// Of the last event.
    now: SimTime,
}

/// A replica and where it belongs.
pub(super) struct Host {
    pub replica: Replica,
    pub deployment: usize,
    pub pool: usize,
    /// Its place in its pool.
    pub position: usize,
    ready: bool,
    pub slot: Slot,
}

impl<'a> Simulation<'a> {
    pub fn new(
        prepared: &'a Prepared<'a>,
        seed: u64,
        replication: u32,
    ) -> Result<Self, SimulationError> {
        let setup = prepared.setup;
        let streams = Streams::new(seed, replication);
        let places = places(setup);
        let mut queue = EventQueue::new();
        let mut events = Vec::new();
        let mut add = |event| {
            events.push(event);
            queue.add()
        };
        let arrival_slots: Vec<_> = (0..setup.applications.len())
            .map(|application| add(Event::Arrival { application }))
            .collect();
        let reading_slot = add(Event::Reading);
        let hosts = hosts(prepared, |replica| add(Event::Boundary { replica }));
        let links = prepared.links(|deployment| add(Event::Transfer { deployment }));
        let calls = (0..setup.applications.len())
            .map(|application| Calls::new(prepared, application, &streams))
            .collect::<Result<_, _>>()?;
        let stream_of = |purpose| {
            let streams = &streams;
            setup.models.iter().map(move |model| streams.stream(purpose, &model.name))
        };
        let mut simulation = Self {
            prepared,
            auditor: Auditor { seed, replication },
            queue,
            events,
            calls,
            arrival_slots,
            pools: pools(prepared, &hosts, &streams),
            links,
            arrived: Vec::new(),
            hosts,
            service: stream_of(Purpose::Service).collect(),
            requests: Requests::default(),
            progress: Progress::default(),
            trends: vec![Trend::default(); setup.models.len()],
            cells: cells(setup, places.len()),
            places,
            usage: vec![Usage::default(); setup.deployments.len()],
            billing: billing(setup),
            last: Snapshot::default(),
            bucket_start: Snapshot::default(),
            warm: Snapshot::default(),
            rows: Vec::new(),
            reading_slot,
            unended: 0,
            now: SimTime::ZERO,
        };
        simulation.begin();
        Ok(simulation)
    }

    /// Schedules every entity's first event.
    fn begin(&mut self) {
        let start = self.read(SimTime::ZERO);
        self.last = start.clone();
        self.bucket_start = start.clone();
        self.warm = start;
        for host in &self.hosts {
            let ready = SimTime::ZERO + self.prepared.setup.starts_after(host.deployment);
            self.queue.schedule(host.slot, ready, Rank::Boundary);
        }
        for application in 0..self.calls.len() {
            self.schedule_arrival(application);
        }
        self.schedule_reading(SimTime::ZERO);
    }

    /// Runs to the end of the measured window and audits the books; follows the calls in flight to their end; and
    /// measures.
    pub fn run(mut self, cancelled: &AtomicBool) -> Result<Outcome, SimulationError> {
        self.run_to_horizon(cancelled)?;
        self.audit()?;
        let followed = self.drain(cancelled)?;
        self.audit_followed(&followed)?;
        let rows = std::mem::take(&mut self.rows);
        let trends = std::mem::take(&mut self.trends);
        let window = self.measurement(&self.warm, &self.last);
        Ok(Outcome::new(&Measurement { followed: Some(&followed), ..window }, rows, trends))
    }

    pub fn run_to_horizon(&mut self, cancelled: &AtomicBool) -> Result<(), SimulationError> {
        let end = SimTime::ZERO + self.prepared.setup.window.horizon;
        while self.last.at < end && !self.calls_have_ended() {
            if let Some(now) = self.step(cancelled)? {
                self.on_reading(now);
            }
        }
        if self.calls_have_ended() {
            self.on_reading(self.now);
        }
        Ok(())
    }

    /// Whether measurement ends with the calls, and none is left or will come.
    fn calls_have_ended(&self) -> bool {
        self.prepared.setup.window.ends_with_calls
            && self.requests.is_empty()
            && self.calls.iter().all(|calls| calls.next_at().is_none())
    }

    /// Handles one event; the instant of a reading, which is left to the caller.
    // Into both loops that call it: a result with room for an error costs more than the loop.
    #[inline(always)]
    pub fn step(&mut self, cancelled: &AtomicBool) -> Result<Option<SimTime>, SimulationError> {
        if cancelled.load(Ordering::Relaxed) {
            return Err(SimulationError::Cancelled);
        }
        let (now, slot) = self.queue.pop().expect("the last reading is always scheduled");
        self.now = now;
        match self.events[slot.index()] {
            Event::Arrival { application } => self.on_arrival(now, application)?,
            Event::Boundary { replica } => self.on_boundary(now, replica),
            Event::Transfer { deployment } => self.on_transfer(now, deployment),
            Event::Reading => return Ok(Some(now)),
        }
        Ok(None)
    }

    fn on_arrival(&mut self, now: SimTime, application: usize) -> Result<(), SimulationError> {
        let (call, model) = self.calls[application].take()?;
        self.schedule_arrival(application);
        if self.pools[model].is_empty() {
            let nowhere = self.prepared.setup.deployments.len() + model;
            let cell = self.cell_index(application, nowhere);
            self.reject(now, cell, call.caller);
            return Ok(());
        }
        self.assign(now, application, model, &call);
        Ok(())
    }

    /// Sends a call to a replica of its model.
    fn assign(&mut self, now: SimTime, application: usize, model: usize, call: &Call) {
        let kv_tokens = u64::from(call.input) + u64::from(call.output);
        let pool = &mut self.pools[model];
        let home = call.home.map(|home| &self.hosts[home]).filter(|host| host.pool == model);
        let mut chosen = pool.route(home.map(|host| host.position));
        let takes = |&host: &usize| {
            let Host { replica, deployment, .. } = &self.hosts[host];
            replica.takes(now, call.input, call.output)
                && self.prepared.decodes(*deployment, call.input, call.output)
        };
        if !takes(&chosen) {
            match pool.least_loaded(takes) {
                Some(host) => chosen = host,
                None => {
                    let place = self.prepared.counted_at(self.hosts[chosen].deployment);
                    let cell = self.cell_index(application, place);
                    return self.reject(now, cell, call.caller);
                }
            }
        }
        let host = &mut self.hosts[chosen];
        let service = match &self.prepared.servers[host.deployment] {
            Server::Slots { service, .. } => {
                SimDuration::from_secs_f64(service.sample(&mut self.service[model]))
            }
            Server::Tokens { .. } => SimDuration::ZERO,
        };
        let cell = application * self.places.len() + self.prepared.counted_at(host.deployment);
        let request = Request {
            cached: if call.prefix == Prefix::Own { call.cached } else { 0 },
            shared: shared_prefix(application, call),
            turn: call.turn.map(|turn| serving_turn(application, &turn)),
            caller: call.caller,
            routed_to: chosen as u32,
            ..Request::new(now, call.input, call.output, service, cell as u32)
        };
        let id = self.requests.insert(request);
        pool.assign(host.position, kv_tokens);
        if let Some(at) = host.replica.enqueue(now, id, &self.requests) {
            self.queue.schedule(host.slot, at, Rank::Boundary);
        }
        self.cells[cell].arrive(now);
        self.unended += u64::from(self.prepared.setup.window.measures(now));
    }

    fn on_boundary(&mut self, now: SimTime, replica: usize) {
        if !self.hosts[replica].ready {
            self.make_ready(replica);
        }
        let host = &mut self.hosts[replica];
        let usage = &mut self.usage[host.deployment];
        let next = host.replica.boundary(now, &mut self.requests, usage, &mut self.progress);
        if let Some(at) = next {
            self.queue.schedule(host.slot, at, Rank::Boundary);
        }
        let (deployment, pool, position) = (host.deployment, host.pool, host.position);
        for &id in &self.progress.started {
            let request = &self.requests[id];
            self.cells[request.tag as usize].start(now, request);
        }
        for index in 0..self.progress.finished.len() {
            let id = self.progress.finished[index];
            self.pools[pool].release(position, self.requests[id].kv_tokens());
            self.end(now, deployment, id);
        }
        for index in 0..self.progress.prefilled.len() {
            self.hand_over(now, replica, self.progress.prefilled[index]);
        }
        for index in 0..self.progress.pulled.len() {
            self.pull(now, self.progress.pulled[index]);
        }
        self.progress.clear();
    }

    fn end(&mut self, now: SimTime, deployment: usize, id: RequestId) {
        let request = &self.requests[id];
        let &Request { caller, routed_to, .. } = request;
        let cell = request.tag as usize;
        let measured = self.prepared.setup.window.measures(request.arrived);
        self.unended -= u64::from(measured);
        let unloaded = measured.then(|| self.prepared.unloaded(deployment, request));
        self.cells[cell].end(now, request, unloaded);
        self.requests.remove(id);
        self.answer(now, cell, caller, Ending::Completed { home: routed_to as usize });
    }

    /// Turns a call away that has just arrived.
    fn reject(&mut self, now: SimTime, cell: usize, caller: Option<u32>) {
        self.cells[cell].reject();
        self.answer(now, cell, caller, Ending::Rejected);
    }

    /// Tells whoever waits for a call that it ended, which may bring the application's next call
    /// forward.
    fn answer(&mut self, now: SimTime, cell: usize, caller: Option<u32>, ending: Ending) {
        let Some(caller) = caller else { return };
        let application = cell / self.places.len();
        if self.calls[application].ended(now, caller, ending) {
            self.schedule_arrival(application);
        }
    }

    fn make_ready(&mut self, replica: usize) {
        let host = &mut self.hosts[replica];
        host.ready = true;
        for (member, position) in self.pools[host.pool].make_ready(host.position) {
            self.hosts[member].position = position;
        }
    }

    fn on_reading(&mut self, now: SimTime) {
        let snapshot = self.read(now);
        let window = self.prepared.setup.window;
        // Without a warm-up the start is read already; calls that all end at once end measurement at the same
        // instant, and are in the window all the same.
        if window.warmup > SimDuration::ZERO && now == SimTime::ZERO + window.warmup {
            self.warm = snapshot.clone();
        }
        if now >= SimTime::ZERO + window.warmup && now <= SimTime::ZERO + window.horizon {
            self.observe_queues(now);
        }
        let last = now == SimTime::ZERO + window.horizon || self.calls_have_ended();
        let edge = now.as_nanos().is_multiple_of(window.bucket.as_nanos());
        if (last || edge) && now > self.bucket_start.at {
            let row = self.measurement(&self.bucket_start, &snapshot).row();
            self.rows.push(row);
            self.bucket_start = snapshot.clone();
        }
        self.last = snapshot;
        self.schedule_reading(now);
    }

    /// Takes note of how many wait for each model, at full buckets of the measured window.
    fn observe_queues(&mut self, now: SimTime) {
        if !now.as_nanos().is_multiple_of(self.prepared.setup.window.bucket.as_nanos()) {
            return;
        }
        let mut waiting = vec![0; self.trends.len()];
        for (index, cell) in self.cells.iter().enumerate() {
            let place = index % self.places.len();
            // Nobody waits where all are served at once, however slowly.
            let shared = self.prepared.servers.get(place).is_some_and(Server::shares);
            let queue = if shared { cell.in_flight() } else { cell.waiting() };
            waiting[self.places[place].model] += queue;
        }
        self.trends.iter_mut().zip(waiting).for_each(|(trend, length)| trend.observe(length));
    }

    pub fn measurement<'s>(&'s self, from: &'s Snapshot, to: &'s Snapshot) -> Measurement<'s> {
        Measurement {
            prepared: self.prepared,
            places: &self.places,
            ledger: self.billing.ledger(),
            from,
            to,
            followed: None,
        }
    }

    fn cell_index(&self, application: usize, place: usize) -> usize {
        application * self.places.len() + place
    }

    fn schedule_arrival(&mut self, application: usize) {
        if let Some(at) = self.calls[application].next_at() {
            self.queue.schedule(self.arrival_slots[application], at, Rank::Arrival);
        }
    }

    /// The next reading: the end of the warm-up, of the bucket or of the simulation.
    fn schedule_reading(&mut self, now: SimTime) {
        let window = self.prepared.setup.window;
        let bucket = window.bucket.as_nanos();
        let edge = SimTime::from_nanos((now.as_nanos() / bucket + 1).saturating_mul(bucket));
        let warm = SimTime::ZERO + window.warmup;
        let end = SimTime::ZERO + window.horizon;
        let edge = if self.rows.len() as u64 + 1 < MAX_BUCKETS { edge } else { end };
        let next = if now < warm { edge.min(warm) } else { edge };
        if now < end {
            self.queue.schedule(self.reading_slot, next.min(end), Rank::Measurement);
        }
    }
}

fn hosts(prepared: &Prepared<'_>, mut slot: impl FnMut(usize) -> Slot) -> Vec<Host> {
    let mut members = vec![0; prepared.pools()];
    let placed = prepared.plan.replicas.iter().enumerate();
    placed
        .map(|(index, placed)| {
            let deployment = placed.deployment;
            let replica = match &prepared.servers[deployment] {
                Server::Tokens { profile, .. } => {
                    let replica = TokenReplica::new(Arc::clone(profile), SimTime::ZERO);
                    Replica::Tokens(Box::new(replica))
                }
                Server::Slots { serving, .. } => {
                    Replica::Slots(SlotReplica::new(*serving, SimTime::ZERO))
                }
            };
            let pool = prepared.pool_of[deployment];
            let position = members[pool];
            members[pool] += 1;
            Host { replica, deployment, pool, position, ready: false, slot: slot(index) }
        })
        .collect()
}

/// What a call shares with the others of its application.
fn shared_prefix(application: usize, call: &Call) -> SharedPrefix {
    let tokens = if call.prefix == Prefix::Shared { call.cached } else { 0 };
    SharedPrefix { text: application as u32, tokens }
}

/// A turn as replicas know it: conversations of all applications are numbered together.
fn serving_turn(application: usize, turn: &crate::workload::Turn) -> Turn {
    // Applications are fewer than 2¹⁰, and no run makes 2⁵⁴ conversations.
    Turn { session: turn.session << 10 | application as u64, history: turn.history }
}

/// All pools, their members in the order of the hosts.
fn pools(prepared: &Prepared<'_>, hosts: &[Host], streams: &Streams) -> Vec<Pool> {
    let Setup { models, deployments, scheduler, .. } = prepared.setup;
    let pool = |index: usize| {
        let stream = match models.get(index) {
            Some(model) => streams.stream(Purpose::Routing, &model.name),
            None => {
                let decodes = prepared.pool_of.iter().position(|&pool| pool == index);
                let spec = &deployments[decodes.expect("a pool has a deployment")];
                streams.stream(Purpose::Handover, &models[spec.model].name)
            }
        };
        let member = |(number, host): (usize, &Host)| (host.pool == index).then_some(number);
        let members = hosts.iter().enumerate().filter_map(member).collect();
        Pool::new(members, scheduler.routing, stream)
    };
    (0..prepared.pools()).map(pool).collect()
}

/// The books of every application at every place.
fn cells(setup: &Setup, places: usize) -> Vec<Cell> {
    let cells_of = |application: &ApplicationSpec| vec![Cell::new(application.slo); places];
    setup.applications.iter().flat_map(cells_of).collect()
}

/// Signs every contract: with the vendors of deployments, and for what clusters need.
fn billing(setup: &Setup) -> Billing {
    let mut billing = Billing::default();
    for (index, spec) in setup.deployments.iter().enumerate() {
        let model = &setup.models[spec.model];
        let terms = setup.tenants[model.tenant].terms;
        let contract = contract::of(terms, model.tenant, model.price);
        billing.sign(Subject::Deployment(index), contract);
    }
    for (index, cluster) in setup.clusters.iter().enumerate() {
        for supply in supplies(cluster) {
            billing.sign(Subject::Cluster(index), contract::for_supply(supply));
        }
    }
    billing
}

/// What a cluster pays for, as far as the price is known and there is a meter.
fn supplies(cluster: &ClusterSpec) -> impl Iterator<Item = Supply> {
    let capital = cluster.capital.map(|price| Supply::Capital { price });
    let metered = energy::is_known(&cluster.accelerator);
    let electricity = cluster.electricity.filter(|_| metered);
    capital.into_iter().chain(electricity.map(|price| Supply::Energy { price }))
}

#[cfg(test)]
mod tests;
