//! Which metrics come first, in what order, under what short name.

/// Metrics of one kind.
pub(super) struct Group {
    /// Heading.
    pub(super) title: &'static str,
    /// Metric names with the short labels of the tables.
    pub(super) rows: &'static [(&'static str, &'static str)],
}

/// The metrics that answer most questions; the rest are in the summary files and the full table.
pub(super) const GROUPS: &[Group] = &[
    Group {
        title: "Demand and queueing",
        rows: &[
            ("requests.arrived", "Arrived"),
            ("requests.completed", "Completed"),
            ("requests.rejected", "Rejected"),
            ("requests.unfinished", "Unfinished"),
            ("throughput.output_tokens_per_s", "Output"),
            ("throughput.goodput_requests_per_s", "Goodput"),
            ("queue.length_mean", "Queue length"),
        ],
    },
    Group {
        title: "Latency",
        rows: &[
            ("latency.wait_s.mean", "Wait, mean"),
            ("latency.wait_s.p99", "Wait, p99"),
            ("latency.ttft_s.p50", "TTFT, p50"),
            ("latency.ttft_s.p99", "TTFT, p99"),
            ("latency.tpot_s.p50", "TPOT, p50"),
            ("latency.e2e_s.p99", "E2E, p99"),
        ],
    },
    Group {
        title: "Utilisation",
        rows: &[
            ("utilisation.allocated", "Allocated"),
            ("utilisation.unsold", "Unsold"),
            ("utilisation.load", "Load"),
            ("utilisation.busy", "Busy"),
            ("batch.decode_mean", "Mean batch"),
            ("utilisation.mfu", "MFU"),
            ("utilisation.mbu", "MBU"),
            ("utilisation.kv", "KV cache"),
            ("utilisation.stranded", "Stranded"),
        ],
    },
    Group {
        title: "Revenue and cost",
        rows: &[
            ("revenue.total_usd", "Revenue"),
            ("revenue.rental_usd", "  rental"),
            ("revenue.marketplace_usd", "  marketplace"),
            ("revenue.first_party_usd", "  first-party"),
            ("cost.total_usd", "Cost"),
            ("margin.operating_usd", "Operating margin"),
            ("revenue.per_accelerator_hour_usd", "Rev. per accel."),
        ],
    },
    Group {
        title: "Market, neutrality",
        rows: &[
            ("market.hhi", "HHI of tokens"),
            ("market.leader_share", "Leader's share"),
            ("neutrality.slowdown_ratio", "Slowdown ratio"),
            ("neutrality.coresident_hours", "Co-located"),
        ],
    },
];

/// Columns of the tables by model, tenant, cluster and application, where they exist.
pub(super) const BREAKDOWN: &[(&str, &str)] = &[
    ("requests.completed", "Completed"),
    ("requests.rejected", "Rejected"),
    ("throughput.output_tokens_per_s", "Output"),
    ("throughput.goodput_requests_per_s", "Goodput"),
    ("queue.length_mean", "Queue"),
    ("latency.wait_s.p99", "Wait p99"),
    ("latency.ttft_s.p50", "TTFT p50"),
    ("latency.ttft_s.p99", "TTFT p99"),
    ("latency.e2e_s.p99", "E2E p99"),
    ("utilisation.allocated", "Allocated"),
    ("utilisation.load", "Load"),
    ("utilisation.busy", "Busy"),
    ("utilisation.stranded", "Stranded"),
    ("revenue.total_usd", "Revenue"),
    ("market.leader_share", "Leader's share"),
];
