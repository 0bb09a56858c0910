//! The vendors, and how the cloud is paid by each.

use super::{Checker, plausible};
use crate::economics::{self, TenantSpec};
use crate::ids::TenantId;
use crate::scenario::path::Path;
use crate::units::{Fraction, UsdPerHour};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_index_collections::TiVec;

/// A vendor whose models the cloud hosts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: Aurora, terms: {marketplace: {take-rate: 0.2}}}`"
)]
pub(in crate::scenario) struct Tenant {
    /// Unique name.
    pub name: String,
    /// How the cloud is paid.
    pub terms: Terms,
}

/// How the cloud earns from a tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) enum Terms {
    /// The tenant rents accelerators by the hour held and keeps its token revenue.
    Rental {
        /// Per accelerator-hour held.
        price: UsdPerHour,
    },
    /// The cloud sells the tenant's tokens and keeps a part.
    Marketplace {
        /// The cloud's part, 0 to 1.
        take_rate: Fraction,
    },
    /// The cloud's own models, whose token revenue is all the cloud's.
    FirstParty,
}

impl Terms {
    /// Why what its tokens earn is the cloud's revenue, if it is: then its models need prices, and else prices do nothing.
    pub(crate) fn earns_from_tokens(&self) -> Option<&'static str> {
        match self {
            Self::Rental { .. } => None,
            Self::Marketplace { .. } => Some("sells through the marketplace"),
            Self::FirstParty => Some("is first-party"),
        }
    }
}

/// The tenants, each with its terms.
pub(in crate::scenario) fn resolve(
    tenants: &[Tenant],
    check: &mut Checker,
) -> TiVec<TenantId, TenantSpec> {
    let at = Path::default().key("tenants");
    let names = tenants.iter().enumerate();
    check.names(
        "tenant",
        &at,
        names.map(|(index, tenant)| (at.index(index).key("name"), &*tenant.name)),
    );
    let resolve = |(index, tenant): (usize, &Tenant)| {
        let terms = match tenant.terms {
            Terms::Rental { price } => {
                let at = at.index(index).key("terms").key("rental").key("price");
                plausible::check(&at, price, check);
                economics::Terms::Rental { price }
            }
            Terms::Marketplace { take_rate: Fraction(take_rate) } => {
                let at = at.index(index).key("terms").key("marketplace").key("take-rate");
                check.range(&at, take_rate, 0.0..=1.0, "");
                economics::Terms::Marketplace { take_rate }
            }
            Terms::FirstParty => economics::Terms::FirstParty,
        };
        TenantSpec { name: tenant.name.clone(), terms }
    };
    tenants.iter().enumerate().map(resolve).collect()
}
