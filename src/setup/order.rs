//! The order of names, in which everything is simulated.
//!
//! What comes first in a file must not decide which of two equals is placed first, which model a drawn number
//! stands for, or in which order floats are added. All lists are therefore put in the order of names first.

use super::{ApplicationSpec, DeploymentSpec, Handover, ModelSpec, Setup};
use typed_index_collections::{TiSlice, TiVec};

/// A list in another order.
struct Order<I> {
    /// Old places, in the new order.
    from: TiVec<I, I>,
    /// New places, in the old order.
    to: TiVec<I, I>,
}

impl<I: Copy + From<usize>> Order<I>
where
    usize: From<I>,
{
    /// Sorted by `key`; equal ones stay in their order.
    fn by<T, K: Ord>(list: &TiSlice<I, T>, key: impl Fn(&T) -> K) -> Self {
        let mut from: TiVec<I, I> = list.keys().collect();
        from.sort_by_key(|&place| key(&list[place]));
        let mut to: TiVec<I, I> = list.keys().collect();
        from.iter_enumerated().for_each(|(new, &old)| to[old] = new);
        Self { from, to }
    }

    fn arrange<T>(&self, list: &TiSlice<I, T>, renumbered: impl Fn(&T) -> T) -> TiVec<I, T> {
        self.from.iter().map(|&old| renumbered(&list[old])).collect()
    }
}

impl Setup {
    /// The same with clusters, tenants, models and applications in the order of their names, and deployments
    /// in that of their models, then of their clusters, then as they are.
    pub fn in_order_of_names(&self) -> Self {
        let clusters = Order::by(&self.clusters, |cluster| cluster.name.clone());
        let tenants = Order::by(&self.tenants, |tenant| tenant.name.clone());
        let models = Order::by(&self.models, |model| model.name.clone());
        let applications = Order::by(&self.applications, |application| application.name.clone());
        let place = |spec: &DeploymentSpec| (models.to[spec.model], clusters.to[spec.cluster]);
        let deployments = Order::by(&self.deployments, place);
        let model =
            |spec: &ModelSpec| ModelSpec { tenant: tenants.to[spec.tenant], ..spec.clone() };
        let handover = |to: Handover| Handover { decode: deployments.to[to.decode], ..to };
        let deployment = |spec: &DeploymentSpec| DeploymentSpec {
            model: models.to[spec.model],
            cluster: clusters.to[spec.cluster],
            handover: spec.handover.map(handover),
            ..spec.clone()
        };
        let application = |spec: &ApplicationSpec| ApplicationSpec {
            choice: spec.choice.renumbered(&models.to),
            ..spec.clone()
        };
        Self {
            clusters: clusters.arrange(&self.clusters, Clone::clone),
            tenants: tenants.arrange(&self.tenants, Clone::clone),
            models: models.arrange(&self.models, model),
            deployments: deployments.arrange(&self.deployments, deployment),
            applications: applications.arrange(&self.applications, application),
            ..self.clone()
        }
    }
}
