//! What accelerator-hours and tokens have cost: list prices and snapshots, not forecasts.

use super::embedded;
use super::figure::Figure;
use crate::units::{UsdPerHour, UsdPerMillionTokens};
use serde::{Deserialize, Serialize};

/// What an instance of accelerators cost by the hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct AcceleratorHourPrice {
    /// Who rents it out.
    pub provider: String,
    /// The provider's name for the instance.
    pub instance: String,
    /// The accelerator's name; not every one is in the catalogue.
    pub accelerator: String,
    /// Accelerators in the instance.
    pub accelerators: u32,
    /// On which terms.
    pub term: Term,
    /// Where.
    pub region: String,
    /// Of the whole instance.
    pub price: Figure<UsdPerHour>,
}

/// On which terms accelerators are rented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Term {
    /// By the hour, for as long as one likes.
    OnDemand,
    /// Until the provider wants it back.
    Spot,
    /// Reserved for a span of days.
    CapacityBlock,
    /// What an operator reckons its own hardware costs.
    InternalCost,
}

impl Term {
    /// The term as files and tables write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
            Self::CapacityBlock => "capacity-block",
            Self::InternalCost => "internal-cost",
        }
    }
}

impl AcceleratorHourPrice {
    /// The price of one accelerator-hour.
    pub fn per_accelerator(&self) -> UsdPerHour {
        UsdPerHour(self.price.value.0 / f64::from(self.accelerators))
    }
}

/// What a hosted model's tokens cost its customers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TokenListPrice {
    /// The host's identifier of the model.
    pub model: String,
    /// Who made the model.
    pub vendor: String,
    /// The model's name among the catalogue's architectures, if it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<String>,
    /// Prompt tokens.
    pub input: Figure<UsdPerMillionTokens>,
    /// Output tokens.
    pub output: Figure<UsdPerMillionTokens>,
    /// Prompt tokens found in the prefix cache, where the host prices them apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<Figure<UsdPerMillionTokens>>,
}

/// Prices of accelerator-hours, by provider and instance.
pub fn accelerator_hour_prices() -> &'static [AcceleratorHourPrice] {
    &embedded::PRICES.accelerator_hours
}

/// Prices of tokens, by vendor and model.
pub fn token_list_prices() -> &'static [TokenListPrice] {
    &embedded::PRICES.tokens
}
