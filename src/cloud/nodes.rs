//! The nodes of a cluster, indexed by what is free on them and by who is there, so that no placement and no filter
//! scans them.

use crate::ids::{NodeId, TenantId};
use std::collections::{BTreeMap, BTreeSet};
use typed_index_collections::{TiVec, ti_vec};

/// Who has something on a node: all that a filter can know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Residents {
    /// Nobody.
    Nobody,
    /// One tenant.
    Only(TenantId),
    /// More than one tenant.
    Several,
}

#[derive(Clone, Debug)]
struct Node {
    free: u32,
    /// Of each tenant there, how often something was taken and not given back; in the order of tenants.
    residents: Vec<(TenantId, u32)>,
    down: bool,
}

impl Node {
    fn residents(&self) -> Residents {
        match self.residents[..] {
            [] => Residents::Nobody,
            [(tenant, _)] => Residents::Only(tenant),
            _ => Residents::Several,
        }
    }
}

/// Nodes of equal size, and how many of their accelerators are free.
#[derive(Clone, Debug)]
pub struct Nodes {
    per_node: u32,
    nodes: TiVec<NodeId, Node>,
    /// Nodes that are up, by who is there and then by how many of their accelerators are free.
    index: BTreeMap<Residents, Vec<BTreeSet<NodeId>>>,
    free: u64,
    down: u64,
    shared: u64,
}

impl Nodes {
    /// `nodes` empty nodes of `per_node` accelerators.
    pub fn new(nodes: u32, per_node: u32) -> Self {
        let empty = Node { free: per_node, residents: Vec::new(), down: false };
        let mut all = Self {
            per_node,
            nodes: ti_vec![empty; nodes as usize],
            index: BTreeMap::new(),
            free: u64::from(nodes) * u64::from(per_node),
            down: 0,
            shared: 0,
        };
        let ids = all.nodes.keys().collect();
        all.class(Residents::Nobody)[per_node as usize] = ids;
        all
    }

    /// Accelerators of one node.
    pub fn per_node(&self) -> u32 {
        self.per_node
    }

    /// Accelerators that are free, on all nodes that are up.
    pub fn free(&self) -> u64 {
        self.free
    }

    /// Accelerators on nodes that are down.
    pub fn down(&self) -> u64 {
        self.down
    }

    /// Nodes where more than one tenant has something.
    pub fn shared(&self) -> u64 {
        self.shared
    }

    /// The nodes that `allowed` accepts by who is there.
    pub fn room<'a>(&'a self, allowed: &'a dyn Fn(Residents) -> bool) -> Room<'a> {
        Room { nodes: self, allowed }
    }

    /// Takes `accelerators` of a node for a tenant.
    ///
    /// # Panics
    /// When they are not free: a policy must choose among those that are.
    pub fn take(&mut self, node: NodeId, tenant: TenantId, accelerators: u32) {
        self.change(node, |node| {
            let left = node.free.checked_sub(accelerators).filter(|_| !node.down);
            node.free = left.expect("a replica was placed on a full node");
            match node.residents.binary_search_by_key(&tenant, |&(tenant, _)| tenant) {
                Ok(place) => node.residents[place].1 += 1,
                Err(place) => node.residents.insert(place, (tenant, 1)),
            }
        });
    }

    /// Gives back what [`take`](Self::take) took.
    ///
    /// # Panics
    /// When the tenant has nothing there.
    pub fn give_back(&mut self, node: NodeId, tenant: TenantId, accelerators: u32) {
        self.change(node, |node| {
            node.free += accelerators;
            let place = node.residents.binary_search_by_key(&tenant, |&(tenant, _)| tenant);
            let place = place.expect("the tenant has something there");
            node.residents[place].1 -= 1;
            if node.residents[place].1 == 0 {
                node.residents.remove(place);
            }
        });
    }

    /// Takes a node out of service, or back into it. What is taken there stays taken.
    pub fn set_down(&mut self, node: NodeId, down: bool) {
        self.change(node, |node| node.down = down);
    }

    /// Changes a node, and the index and sums with it.
    fn change(&mut self, id: NodeId, change: impl FnOnce(&mut Node)) {
        self.count(id, false);
        change(&mut self.nodes[id]);
        self.count(id, true);
    }

    fn count(&mut self, id: NodeId, enter: bool) {
        let Node { free, ref residents, down } = self.nodes[id];
        let class = self.nodes[id].residents();
        let sums = [
            (&mut self.free, if down { 0 } else { free }),
            (&mut self.down, if down { self.per_node } else { 0 }),
            (&mut self.shared, u32::from(residents.len() > 1)),
        ];
        for (sum, part) in sums {
            if enter { *sum += u64::from(part) } else { *sum -= u64::from(part) }
        }
        if down {
            return;
        }
        let nodes = &mut self.class(class)[free as usize];
        if enter {
            nodes.insert(id)
        } else {
            nodes.remove(&id)
        };
    }

    fn class(&mut self, residents: Residents) -> &mut [BTreeSet<NodeId>] {
        let sizes = self.per_node as usize + 1;
        self.index.entry(residents).or_insert_with(|| vec![BTreeSet::new(); sizes])
    }
}

/// The nodes of a cluster on which something may be placed: what a placement policy sees.
#[derive(Clone, Copy)]
pub struct Room<'a> {
    nodes: &'a Nodes,
    allowed: &'a dyn Fn(Residents) -> bool,
}

impl Room<'_> {
    /// The first node, by position, with at least `accelerators` free. O((tenants + sizes) · log nodes).
    pub fn first(&self, accelerators: u32) -> Option<NodeId> {
        let sizes = self.classes().flat_map(|sizes| sizes.iter().skip(accelerators as usize));
        sizes.filter_map(|nodes| nodes.first()).min().copied()
    }

    /// The node with the fewest free accelerators that has at least `accelerators`; the first one by position
    /// among equals. O((tenants + sizes) · log nodes).
    pub fn tightest(&self, accelerators: u32) -> Option<NodeId> {
        let of_class = |sizes: &Vec<BTreeSet<NodeId>>| {
            let sizes = sizes.iter().enumerate().skip(accelerators as usize);
            let mut nodes = sizes.filter_map(|(free, nodes)| Some((free, *nodes.first()?)));
            nodes.next()
        };
        self.classes().filter_map(of_class).min().map(|(_, node)| node)
    }

    fn classes(&self) -> impl Iterator<Item = &Vec<BTreeSet<NodeId>>> {
        let classes = self.nodes.index.iter();
        classes.filter(|&(&residents, _)| (self.allowed)(residents)).map(|(_, sizes)| sizes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow twin of a node: its free accelerators, and what each tenant has there.
    type Slow = (u32, Vec<(TenantId, u32)>, bool);

    fn residents((_, taken, _): &Slow) -> Residents {
        match taken.iter().map(|&(tenant, _)| tenant).collect::<BTreeSet<_>>() {
            tenants if tenants.is_empty() => Residents::Nobody,
            tenants if tenants.len() == 1 => Residents::Only(*tenants.first().unwrap()),
            _ => Residents::Several,
        }
    }

    proptest! {
        /// Under isolation by node, without it, and on shared nodes only; with nodes that go down and come back.
        #[test]
        fn the_index_agrees_with_scanning(
            steps in prop::collection::vec((1..9_u32, 0..3_usize, 0..4_u8, 0..12_usize), 0..120),
        ) {
            let mut index = Nodes::new(12, 8);
            let mut slow: TiVec<NodeId, Slow> = ti_vec![(8, Vec::new(), false); 12];
            for (need, tenant, kind, number) in steps {
                let tenant = TenantId::new(tenant);
                let apart = |there| there == Residents::Nobody || there == Residents::Only(tenant);
                let allowed = move |there| match kind {
                    0 => true,
                    1 => apart(there),
                    _ => there == Residents::Several,
                };
                let fits = |node: &NodeId| {
                    let node = &slow[*node];
                    node.0 >= need && !node.2 && allowed(residents(node))
                };
                let fitting = || slow.keys().filter(fits);
                let room = index.room(&allowed);
                prop_assert_eq!(room.first(need), fitting().next());
                let tightest = fitting().min_by_key(|&node| (slow[node].0, node));
                prop_assert_eq!(room.tightest(need), tightest);
                let node = NodeId::new(number);
                match (kind, tightest) {
                    (0 | 1, Some(node)) => {
                        index.take(node, tenant, need);
                        slow[node].0 -= need;
                        slow[node].1.push((tenant, need));
                    }
                    (2, _) if !slow[node].1.is_empty() => {
                        let (tenant, taken) = slow[node].1.pop().unwrap();
                        index.give_back(node, tenant, taken);
                        slow[node].0 += taken;
                    }
                    (3, _) => {
                        slow[node].2 ^= true;
                        index.set_down(node, slow[node].2);
                    }
                    _ => {}
                }
                let up = || slow.iter().filter(|node| !node.2);
                prop_assert_eq!(index.free(), up().map(|node| u64::from(node.0)).sum::<u64>());
                prop_assert_eq!(index.down(), 8 * (12 - up().count() as u64));
                let shared = slow.iter().filter(|node| residents(node) == Residents::Several);
                prop_assert_eq!(index.shared(), shared.count() as u64);
            }
        }
    }
}
