//! Every metric's public name, unit and definition: the one place that knows them.

/// What a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Public name; dots are part of it.
    pub name: &'static str,
    /// Unit of its values.
    pub unit: &'static str,
    /// Definition for a reader of the report.
    pub text: &'static str,
    /// Whether this version of the program models it at all.
    pub modelled: bool,
}

/// Declares the metrics in the order in which they are shown.
macro_rules! metrics {
    ($($id:ident $name:literal $unit:literal $status:ident $text:literal;)+) => {
        /// A metric.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum MetricId {
            $(#[doc = $text] $id,)+
        }

        impl MetricId {
            /// All metrics in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$id),+];

            /// What this metric is.
            pub fn definition(self) -> &'static Definition {
                &DEFINITIONS[self as usize]
            }
        }

        const DEFINITIONS: &[Definition] = &[$(
            Definition { name: $name, unit: $unit, text: $text, modelled: metrics!(@ $status) },
        )+];
    };
    (@ modelled) => { true };
    (@ later) => { false };
}

metrics! {
    Arrived "requests.arrived" "requests" modelled
        "Requests that arrived in the measured window.";
    Completed "requests.completed" "requests" modelled
        "Requests whose last token was produced in the measured window.";
    Rejected "requests.rejected" "requests" modelled
        "Requests turned away in the measured window: their model has no replica, or they can \
         never fit one.";
    Abandoned "requests.abandoned" "requests" later
        "Requests given up by their users while waiting.";
    Failed "requests.failed" "requests" later
        "Requests lost with a failed replica.";
    InFlight "requests.in_flight" "requests" modelled
        "Requests in the system at the end of the window. Arrived plus in flight at the start = \
         completed + rejected + in flight at the end.";
    Unfinished "requests.unfinished" "requests" modelled
        "Requests that arrived in the measured window and had not ended when `window.drain` was \
         over, which follows it: their latencies are not known, and they do not count towards \
         goodput.";
    Makespan "time.makespan_s" "s" modelled
        "Time from the start of the simulation to the end of the last call, where \
         `window.horizon` is `end-of-calls`: the measured window, and what rates and utilisations \
         are over.";
    InputTokens "tokens.input" "tokens" modelled
        "Prompt tokens of completed requests.";
    OutputTokens "tokens.output" "tokens" modelled
        "Output tokens of completed requests.";
    CachedInputTokens "tokens.cached_input" "tokens" modelled
        "Prompt tokens of completed requests that were served from a prefix cache; part of \
         `tokens.input`.";
    RequestThroughput "throughput.requests_per_s" "1/s" modelled
        "Requests completed per second.";
    OutputThroughput "throughput.output_tokens_per_s" "tokens/s" modelled
        "Output tokens of completed requests per second.";
    Goodput "throughput.goodput_requests_per_s" "1/s" modelled
        "Requests that arrived in the measured window and met their application's service-level \
         objective, whenever they ended, per second: at most the requests that arrived under one. \
         Absent where no objective is given.";
    WaitMean "latency.wait_s.mean" "s" modelled
        "Mean time from arrival to the first prefill work (to the start of service), in \
         which the engine takes the call in, too. Latencies are those of requests that arrived in the measured window and ended in it or in \
         `window.drain` after it; percentiles are at most 0.05 % off, or half a microsecond.";
    WaitP50 "latency.wait_s.p50" "s" modelled "Median wait.";
    WaitP90 "latency.wait_s.p90" "s" modelled "90th percentile of the wait.";
    WaitP95 "latency.wait_s.p95" "s" modelled "95th percentile of the wait.";
    WaitP99 "latency.wait_s.p99" "s" modelled "99th percentile of the wait.";
    WaitMax "latency.wait_s.max" "s" modelled "Longest wait.";
    TtftMean "latency.ttft_s.mean" "s" modelled
        "Mean time to first token, from arrival.";
    TtftP50 "latency.ttft_s.p50" "s" modelled "Median time to first token.";
    TtftP90 "latency.ttft_s.p90" "s" modelled "90th percentile of the time to first token.";
    TtftP95 "latency.ttft_s.p95" "s" modelled "95th percentile of the time to first token.";
    TtftP99 "latency.ttft_s.p99" "s" modelled "99th percentile of the time to first token.";
    TtftMax "latency.ttft_s.max" "s" modelled "Longest time to first token.";
    TpotMean "latency.tpot_s.mean" "s" modelled
        "Mean time per output token after the first: (end − first token) / (output tokens − 1), \
         over requests with two or more.";
    TpotP50 "latency.tpot_s.p50" "s" modelled "Median time per output token.";
    TpotP90 "latency.tpot_s.p90" "s" modelled "90th percentile of the time per output token.";
    TpotP95 "latency.tpot_s.p95" "s" modelled "95th percentile of the time per output token.";
    TpotP99 "latency.tpot_s.p99" "s" modelled "99th percentile of the time per output token.";
    TpotMax "latency.tpot_s.max" "s" modelled "Longest time per output token.";
    E2eMean "latency.e2e_s.mean" "s" modelled
        "Mean time from arrival to last token.";
    E2eP50 "latency.e2e_s.p50" "s" modelled "Median time from arrival to last token.";
    E2eP90 "latency.e2e_s.p90" "s" modelled "90th percentile of the time from arrival to last token.";
    E2eP95 "latency.e2e_s.p95" "s" modelled "95th percentile of the time from arrival to last token.";
    E2eP99 "latency.e2e_s.p99" "s" modelled "99th percentile of the time from arrival to last token.";
    E2eMax "latency.e2e_s.max" "s" modelled "Longest time from arrival to last token.";
    QueueLength "queue.length_mean" "requests" modelled
        "Time average of the number of requests whose first prefill work has not started.";
    InSystem "queue.in_system_mean" "requests" modelled
        "Time average of the number of requests that have arrived and not ended.";
    Held "accelerators.held" "accelerators" modelled
        "Time average of the accelerators held by replicas: what is needed, where capacity follows \
         an objective.";
    Allocated "utilisation.allocated" "fraction" modelled
        "Accelerator-time held by replicas / accelerator-time in service.";
    Busy "utilisation.busy" "fraction" modelled
        "Accelerator-time in an iteration / accelerator-time in service; one request keeps a \
         replica as busy as a full batch does. For a service-time deployment: the busy fraction \
         of its slots.";
    Unsold "utilisation.unsold" "fraction" modelled
        "Accelerator-time in service that no replica holds / accelerator-time in service.";
    Load "utilisation.load" "fraction" modelled
        "Offered work over saturated capacity: calls arrived / calls that the replicas would \
         complete if they never lacked work, estimated at the mean lengths of the calls \
         completed. Above 1 the queue grows without limit. Of several models the mean, weighted \
         by the accelerators that each holds.";
    Mfu "utilisation.mfu" "fraction" modelled
        "Model FLOPs utilisation: useful FLOPs / (peak FLOP/s at the precision served × \
         accelerator-time in service). Parameters count with the embedding, as is the custom.";
    Mbu "utilisation.mbu" "fraction" modelled
        "Memory bandwidth utilisation: bytes of weights and KV cache read / (memory bandwidth × \
         accelerator-time in service). Weights are those of layers and output head; of the \
         embedding only some rows are looked up, which do not count.";
    Kv "utilisation.kv" "fraction" modelled
        "KV-cache tokens held (under `reserve`, prompt plus declared output of every admitted \
         request; under `optimistic`, what is there) / KV capacity of live replicas, time \
         average.";
    Stranded "utilisation.stranded" "fraction" modelled
        "Accelerator-time free but too fragmented for any replica that still wants a place / \
         accelerator-time in service.";
    DecodeBatch "batch.decode_mean" "sequences" modelled
        "Mean number of decoding sequences over iterations.";
    Preemptions "batch.preemptions" "sequences" modelled
        "Times that a sequence had to leave its batch because the KV cache was full.";
    Revenue "revenue.total_usd" "USD" modelled
        "The cloud's revenue in the measured window.";
    RentalRevenue "revenue.rental_usd" "USD" modelled
        "Accelerator-hours rented by vendors × price.";
    CommitmentRevenue "revenue.commitment_usd" "USD" later
        "Take-or-pay commitments.";
    MarketplaceRevenue "revenue.marketplace_usd" "USD" modelled
        "The cloud's part (take rate) of the token revenue of models sold through it.";
    FirstPartyRevenue "revenue.first_party_usd" "USD" modelled
        "Token revenue of the cloud's own models.";
    SlaCredit "revenue.sla_credit_usd" "USD" later
        "Credits paid for missed service levels, negative.";
    CashRevenue "revenue.cash_usd" "USD" later
        "Revenue paid in cash.";
    CreditRevenue "revenue.credit_usd" "USD" later
        "Revenue paid in credits.";
    EnergyCost "cost.energy_usd" "USD" modelled
        "Energy × price of electricity.";
    CapitalCost "cost.capital_usd" "USD" modelled
        "Accelerator-hours in service × capital cost per accelerator-hour.";
    Cost "cost.total_usd" "USD" modelled
        "Capital cost, and the cost of energy where it is known of all clusters.";
    Margin "margin.operating_usd" "USD" modelled
        "Revenue − cost; where the cost of energy is not known, a note says that it is not in it. \
         Equity gains are never part of it.";
    EquityGain "equity.gain_usd" "USD" later
        "Change in the value of equity stakes in vendors.";
    RevenuePerHour "revenue.per_accelerator_hour_usd" "USD/h" modelled
        "Revenue / accelerator-hours in service.";
    RevenuePerHeldHour "revenue.per_held_hour_usd" "USD/h" modelled
        "Revenue / accelerator-hours held by replicas.";
    MarginPerHeldHour "margin.per_held_hour_usd" "USD/h" modelled
        "Revenue / accelerator-hours held − cost / accelerator-hours in service: what an hour of \
         a held accelerator brings over what it costs, those that nobody holds left out.";
    Energy "energy.kwh" "kWh" modelled
        "Energy at the meter: accelerator power × PUE. Power runs from idle to peak; prefill \
         draws nearer the peak than decode.";
    EnergyPerToken "energy.joules_per_token" "J" modelled
        "Energy / (prompt + output tokens of completed requests).";
    Hhi "market.hhi" "index" modelled
        "Herfindahl–Hirschman index of the models' shares of tokens served: 1 when one model has \
         everything, 1/N when N share equally.";
    LeaderShare "market.leader_share" "fraction" modelled
        "The largest model's share of tokens served.";
    SlowdownRatio "neutrality.slowdown_ratio" "ratio" modelled
        "Worst / best tenant mean slowdown; a slowdown is a request's latency over its latency on \
         an idle replica of its deployment.";
    CoresidentHours "neutrality.coresident_hours" "node-hours" modelled
        "Node-hours during which rival tenants' replicas shared a node.";
}

/// All metrics' definitions in the order in which they are shown.
pub fn definitions() -> &'static [Definition] {
    DEFINITIONS
}

/// The metric with a public name.
pub fn definition(name: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.name == name)
}

/// The names of the metrics that this version of the program does not model, in the order of the definitions.
pub fn not_modelled() -> Vec<String> {
    let missing = DEFINITIONS.iter().filter(|definition| !definition.modelled);
    missing.map(|definition| definition.name.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_definitions_are_in_step_and_names_unique() {
        assert_eq!(MetricId::ALL.len(), definitions().len());
        for (index, &id) in MetricId::ALL.iter().enumerate() {
            assert_eq!(id as usize, index);
            let first = definitions().iter().position(|other| other.name == id.definition().name);
            assert_eq!(first, Some(index), "{} is defined twice", id.definition().name);
        }
    }
}
