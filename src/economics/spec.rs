//! Who pays for what: the validated description that a scenario resolves to.

use crate::units::{UsdPerHour, UsdPerMillionTokens};

/// A vendor whose models the cloud hosts.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantSpec {
    /// Unique name.
    pub name: String,
    /// How the cloud is paid.
    pub terms: Terms,
}

/// How the cloud earns from a tenant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Terms {
    /// The tenant rents its replicas' accelerators by the hour and keeps its token revenue.
    Rental {
        /// Price per accelerator-hour held.
        price: UsdPerHour,
    },
    /// The cloud sells the tenant's tokens and keeps a part.
    Marketplace {
        /// The cloud's part of token revenue, 0 to 1.
        take_rate: f64,
    },
    /// The cloud's own model: all token revenue is the cloud's.
    FirstParty,
}

/// What a model's tokens cost its customers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenPrice {
    /// Price of prompt tokens.
    pub input: UsdPerMillionTokens,
    /// Price of those of them that were found in a prefix cache.
    pub cached_input: UsdPerMillionTokens,
    /// Price of output tokens.
    pub output: UsdPerMillionTokens,
}
