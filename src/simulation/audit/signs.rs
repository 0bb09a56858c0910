//! Audits of signs and bounds: nobody earns less than nothing, and no part is above its whole.

use super::AuditFailure;
use crate::economics::MicroUsd;
use crate::economics::ledger::{Account, Party};
use crate::planning::Server;
use crate::simulation::run::Simulation;

/// `Usage::kv` counts picoseconds.
const PICOS_PER_NANO: u128 = 1000;

impl Simulation<'_> {
    /// Revenue and costs have their signs, and parts are within their wholes.
    pub(super) fn audit_signs(&self) -> Result<(), AuditFailure> {
        let accounts = self.accounts.billing.ledger().accounts();
        accounts.iter().try_for_each(|account| self.audit_sign(account))?;
        for (cluster, joules) in self.accounts.last.joules.iter_enumerated() {
            let joules = joules.unwrap_or(0.0);
            self.auditor.at_most(|| format!("no energy (cluster {cluster})"), 0.0, joules)?;
            self.auditor.at_most(|| format!("energy (cluster {cluster})"), joules, f64::MAX)?;
        }
        self.audit_parts()?;
        self.audit_memory()
    }

    /// The cloud does not pay for what it sells, nor is it paid for what it uses.
    fn audit_sign(&self, account: &Account) -> Result<(), AuditFailure> {
        let Account { party: Party::Cloud(label), subject, balance } = *account else {
            return Ok(());
        };
        let what = || format!("money against its direction ({label} of {subject})");
        self.auditor.at_most(what, MicroUsd::ZERO, label.amount(balance))
    }

    /// Cached among prompt tokens, waiting among present.
    fn audit_parts(&self) -> Result<(), AuditFailure> {
        for cell in &self.accounts.cells {
            let counts = cell.counts();
            let (cached, input) = (counts.cached_tokens, counts.input_tokens);
            self.auditor.at_most(
                || format!("cached tokens ({})", self.cell_name(cell)),
                cached,
                input,
            )?;
            let (waiting, present) = (counts.waiting_area, counts.in_system_area);
            self.auditor.at_most(
                || format!("area waiting ({})", self.cell_name(cell)),
                waiting,
                present,
            )?;
        }
        Ok(())
    }

    /// No replica held more KV than its memory, on average.
    fn audit_memory(&self) -> Result<(), AuditFailure> {
        for (deployment, usage) in self.fleet.usage.iter_enumerated() {
            let Server::Tokens { profile, .. } = &self.prepared.servers[deployment] else {
                continue;
            };
            let picos = usage.time.iter().sum::<u128>() * PICOS_PER_NANO;
            let room = picos * u128::from(profile.kv_capacity);
            self.auditor.at_most(
                || format!("KV memory held (deployment {deployment})"),
                usage.kv,
                room,
            )?;
        }
        Ok(())
    }
}
