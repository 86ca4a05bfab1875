//! Budgets of requests: a party's by class, an address's for sign-in and for those who are not known.
//!
//! In memory and per node: they keep a node usable. What may not be exceeded at a target is kept in the database by
//! `hub_flow::quota`.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};

use crate::config::{Budget, RateConfig};

use super::address::counted;
use super::class::Class;

type Keyed<K> = RateLimiter<K, DefaultKeyedStateStore<K>, DefaultClock, StateInformationMiddleware>;
type Single = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// What a request left of its budget, or how long it must wait: what the headers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    /// The budget's class.
    pub class: Class,
    /// The budget.
    pub budget: Budget,
    /// Requests left now.
    pub left: u32,
    /// How long to wait, where the budget is used up.
    pub wait: Option<Duration>,
}

/// All budgets of a node.
pub struct Budgets {
    parties: HashMap<Class, (Budget, Keyed<String>)>,
    own: HashMap<(String, Class), (Budget, Single)>,
    addresses: HashMap<Class, Addresses>,
    clock: DefaultClock,
}

struct Addresses {
    budget: Budget,
    each: Keyed<IpAddr>,
    /// For newcomers while too many are remembered.
    shared: Single,
    most: usize,
}

impl Budgets {
    /// Full budgets by configuration.
    #[must_use]
    pub fn new(config: &RateConfig) -> Self {
        let all = [
            (Class::Send, config.send),
            (Class::Write, config.write),
            (Class::Read, config.read),
            (Class::Poll, config.poll),
            (Class::Lookup, config.lookup),
        ];
        let parties = all.into_iter().map(|(class, budget)| (class, (budget, keyed(budget)))).collect();
        let mut own = HashMap::new();
        for (party, rate) in &config.party {
            let wanted = [
                (Class::Send, rate.send),
                (Class::Write, rate.write),
                (Class::Read, rate.read),
                (Class::Poll, rate.poll),
                (Class::Lookup, rate.lookup),
            ];
            for (class, budget) in wanted {
                own.extend(budget.map(|budget| ((party.clone(), class), (budget, single(budget)))));
            }
        }
        let by_address = [(Class::SignIn, config.sign_in), (Class::Open, config.open)];
        let addresses = by_address.into_iter().map(|(class, budget)| {
            let held = Addresses { budget, each: keyed(budget), shared: single(budget), most: config.addresses };
            (class, held)
        });
        Self { parties, own, addresses: addresses.collect(), clock: DefaultClock::default() }
    }

    /// Charges a party's budget. Parties are those of the directory, so that their number is bounded.
    #[must_use]
    pub fn charge_party(&self, party: &str, class: Class) -> Option<Charged> {
        let key = (party.to_owned(), class);
        if let Some((budget, own)) = self.own.get(&key) {
            return Some(self.told(class, *budget, own.check()));
        }
        let (budget, all) = self.parties.get(&class)?;
        Some(self.told(class, *budget, all.check_key(&key.0)))
    }

    /// Charges an address for a try at a secret, or for a request of somebody who is not known.
    #[must_use]
    pub fn charge_address(&self, address: IpAddr, class: Class) -> Option<Charged> {
        let held = self.addresses.get(&class)?;
        let address = counted(address);
        if held.each.len() > held.most {
            // Those whose budget is full again need not be remembered.
            held.each.retain_recent();
            held.each.shrink_to_fit();
            if held.each.len() > held.most {
                return Some(self.told(class, held.budget, held.shared.check()));
            }
        }
        Some(self.told(class, held.budget, held.each.check_key(&address)))
    }

    fn told(
        &self,
        class: Class,
        budget: Budget,
        checked: Result<StateSnapshot, NotUntil<<DefaultClock as governor::clock::Clock>::Instant>>,
    ) -> Charged {
        match checked {
            Ok(state) => Charged { class, budget, left: state.remaining_burst_capacity(), wait: None },
            Err(until) => Charged { class, budget, left: 0, wait: Some(until.wait_time_from(self.clock.now())) },
        }
    }
}

fn quota(budget: Budget) -> Quota {
    let each = Duration::from_secs(budget.seconds.get().into()) / budget.requests.get();
    // Too many for the clock's grain: one each nanosecond is no bound at all.
    let each = each.max(Duration::from_nanos(1));
    Quota::with_period(each).expect("a pause that is not zero").allow_burst(budget.requests)
}

fn keyed<K: Hash + Eq + Clone>(budget: Budget) -> Keyed<K> {
    RateLimiter::dashmap(quota(budget)).with_middleware()
}

fn single(budget: Budget) -> Single {
    RateLimiter::direct(quota(budget)).with_middleware()
}

/// Whole seconds, rounded up, at least one.
#[must_use]
pub fn seconds(wait: Duration) -> u32 {
    let whole = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u32::try_from(whole).unwrap_or(u32::MAX).max(NonZeroU32::MIN.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::PartyRate;

    fn budget(requests: u32) -> Budget {
        Budget { requests: requests.try_into().unwrap(), seconds: 3_600.try_into().unwrap() }
    }

    #[test]
    fn each_party_and_each_class_has_a_budget_of_its_own() {
        let config = RateConfig { send: budget(2), read: budget(1), ..RateConfig::default() };
        let budgets = Budgets::new(&config);
        let left =
            |party, class| budgets.charge_party(party, class).map(|charged| (charged.left, charged.wait.is_some()));
        assert_eq!(left("a", Class::Send), Some((1, false)));
        assert_eq!(left("a", Class::Send), Some((0, false)));
        assert_eq!(left("a", Class::Send), Some((0, true)));
        assert_eq!(left("a", Class::Read), Some((0, false)));
        assert_eq!(left("b", Class::Send), Some((1, false)));
    }

    #[test]
    fn a_party_may_have_another_budget_than_all() {
        let own = PartyRate { send: Some(budget(3)), ..PartyRate::default() };
        let config = RateConfig { send: budget(1), party: [("a".to_owned(), own)].into(), ..RateConfig::default() };
        let budgets = Budgets::new(&config);
        assert_eq!(budgets.charge_party("a", Class::Send).map(|charged| charged.left), Some(2));
        assert_eq!(budgets.charge_party("b", Class::Send).map(|charged| charged.left), Some(0));
    }

    #[test]
    fn a_flood_of_addresses_is_not_remembered_without_bound() {
        let config = RateConfig { open: budget(2), addresses: 10, ..RateConfig::default() };
        let budgets = Budgets::new(&config);
        let refused = (0..100u8)
            .filter_map(|last| budgets.charge_address(IpAddr::from([192, 0, 2, last]), Class::Open))
            .filter(|charged| charged.wait.is_some())
            .count();
        assert_eq!(refused, 87, "11 addresses have their own budget, the others share one of two requests");
        assert_eq!(budgets.addresses[&Class::Open].each.len(), 11);
    }
}
