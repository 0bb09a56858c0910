//! Replications and variants: from scenarios to results.

mod results;

pub use results::{
    Bucket, Difference, Distribution, Estimate, Metrics, Results, Series, VariantResults,
};
