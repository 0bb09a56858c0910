//! Who pays for what: the validated description that a scenario resolves to.

use super::Terms;
use crate::units::UsdPerMillionTokens;

/// A vendor whose models the cloud hosts.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantSpec {
    /// Unique name.
    pub name: String,
    /// How the cloud is paid.
    pub terms: Terms,
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
