//! Which metrics come first, in what order, under what short name.

/// Metrics of one kind.
pub(super) struct Group {
    /// Heading.
    pub(super) title: &'static str,
    /// Its lines.
    pub(super) lines: &'static [Line],
}

/// A metric in a table.
pub(super) struct Line {
    /// Public name.
    pub(super) metric: &'static str,
    /// Short label.
    pub(super) label: &'static str,
    /// Whether it is a part of the one above: its label is indented.
    pub(super) part: bool,
}

const fn line(metric: &'static str, label: &'static str) -> Line {
    Line { metric, label, part: false }
}

const fn part(metric: &'static str, label: &'static str) -> Line {
    Line { metric, label, part: true }
}

/// The metrics that answer most questions; the rest are in the summary files and the full table.
pub(super) const GROUPS: &[Group] = &[
    Group {
        title: "Demand and queueing",
        lines: &[
            line("requests.arrived", "Arrived"),
            line("requests.completed", "Completed"),
            line("requests.rejected", "Rejected"),
            line("requests.unfinished", "Unfinished"),
            line("throughput.output_tokens_per_s", "Output"),
            line("throughput.goodput_requests_per_s", "Goodput"),
            line("queue.length_mean", "Queue length"),
        ],
    },
    Group {
        title: "Latency",
        lines: &[
            line("latency.wait_s.mean", "Wait, mean"),
            line("latency.wait_s.p99", "Wait, p99"),
            line("latency.ttft_s.p50", "TTFT, p50"),
            line("latency.ttft_s.p99", "TTFT, p99"),
            line("latency.tpot_s.p50", "TPOT, p50"),
            line("latency.e2e_s.p99", "E2E, p99"),
        ],
    },
    Group {
        title: "Utilisation",
        lines: &[
            line("utilisation.allocated", "Allocated"),
            line("utilisation.unsold", "Unsold"),
            line("utilisation.load", "Load"),
            line("utilisation.busy", "Busy"),
            line("batch.decode_mean", "Mean batch"),
            line("utilisation.mfu", "MFU"),
            line("utilisation.mbu", "MBU"),
            line("utilisation.kv", "KV cache"),
            line("utilisation.stranded", "Stranded"),
        ],
    },
    Group {
        title: "Revenue and cost",
        lines: &[
            line("revenue.total_usd", "Revenue"),
            part("revenue.rental_usd", "rental"),
            part("revenue.marketplace_usd", "marketplace"),
            part("revenue.first_party_usd", "first-party"),
            line("cost.total_usd", "Cost"),
            line("margin.operating_usd", "Operating margin"),
            line("revenue.per_accelerator_hour_usd", "Rev. per accel."),
        ],
    },
    Group {
        title: "Market, neutrality",
        lines: &[
            line("market.hhi", "HHI of tokens"),
            line("market.leader_share", "Leader's share"),
            line("neutrality.slowdown_ratio", "Slowdown ratio"),
            line("neutrality.coresident_hours", "Co-located"),
        ],
    },
];

/// Columns of the tables by model, tenant, cluster and application, where they exist.
pub(super) const BREAKDOWN: &[Line] = &[
    line("requests.completed", "Completed"),
    line("requests.rejected", "Rejected"),
    line("throughput.output_tokens_per_s", "Output"),
    line("throughput.goodput_requests_per_s", "Goodput"),
    line("queue.length_mean", "Queue"),
    line("latency.wait_s.p99", "Wait p99"),
    line("latency.ttft_s.p50", "TTFT p50"),
    line("latency.ttft_s.p99", "TTFT p99"),
    line("latency.e2e_s.p99", "E2E p99"),
    line("utilisation.allocated", "Allocated"),
    line("utilisation.load", "Load"),
    line("utilisation.busy", "Busy"),
    line("utilisation.stranded", "Stranded"),
    line("revenue.total_usd", "Revenue"),
    line("market.leader_share", "Leader's share"),
];
