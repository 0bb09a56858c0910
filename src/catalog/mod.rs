//! Facts with their sources: accelerators, model architectures and prices, embedded as YAML.
//!
//! A figure that nobody published is absent, and stays unknown to whoever asks.

mod accelerator;
mod architecture;
mod embedded;
mod engine;
mod entries;
mod figure;
mod ideal;
mod kernels;
mod latency;
mod price;
mod published;
mod shape;
#[cfg(test)]
mod tests;

pub use accelerator::{
    Accelerator, Efficiency, PeakFlops, accelerator, accelerator_names, idle_power_is_assumed,
    kernels_are_assumed,
};
pub use architecture::{
    Architecture, Attention, Experts, FourBit, Fp8Scales, LATENT, LATENT_HEAD, LATENT_QUERIES,
    ROTARY, architecture, architecture_names,
};
pub use engine::{Engine, Scheduling, WindowCache, engine, engine_names};
pub use entries::{Entry, Fact, Kind, entries, sources};
pub use figure::{Figure, Source};
pub use kernels::{
    Collective, CollectiveLaw, DecodeKernel, DecodeLaw, ErrorSpread, ExpertFormat, ExpertKernel,
    ExpertLaw, Fitted, Format, HeadGroups, HostTimes, KernelClass, KernelErrors, KernelTable,
    KernelTables, Kernels, LatentDecodeLaw, LatentPrefillLaw, Library, OwnAllReduceLaw, PrefillLaw,
    ProductLaw, kernel_sources, kernel_tables,
};
pub use latency::{LatencyError, ModelClass, UserBand, latency_errors, latency_sample};
pub use price::{
    AcceleratorHourPrice, Term, TokenListPrice, accelerator_hour_prices, token_list_prices,
};
pub use published::{
    MlperfRuns, MlperfTable, PublishedThroughput, ThroughputRuns, ThroughputTable,
    published_throughput,
};
