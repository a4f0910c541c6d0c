//! What holds below: the strictest of an organisation's own values and of those that the organisation above has set. Pure.
//! Must never happen: a value below that is looser than the one above; two that together let nobody meet them.
use super::{Policies, Values, change::FIELDS, countries};
use ground::config::Network;
use kernel::{AuthenticatorKind, FieldError, Kinds, Reason, Time};

/// Where a value comes from that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// Nobody has set one.
    Default,
    /// The organisation itself.
    Own,
    /// The organisation above: here it can only be made stricter.
    Above,
}

impl Origin {
    /// Of a value that holds, by what was set here and above.
    pub fn of<T: PartialEq>(own: Option<&T>, above: Option<&T>, holds: Option<&T>) -> Self {
        if above.is_some() && holds == above {
            Self::Above
        } else if own.is_some() {
            Self::Own
        } else {
            Self::Default
        }
    }
}

/// Of two values that may be missing, the one that is there, or what `strictest` makes of both.
fn both<T>(own: Option<T>, above: Option<&T>, strictest: impl Fn(T, &T) -> T) -> Option<T>
where
    T: Clone,
{
    match (own, above) {
        (Some(own), Some(above)) => Some(strictest(own, above)),
        (own, above) => own.or_else(|| above.cloned()),
    }
}

/// Of two lists in which an empty one means "any": what is in both. Where they contradict each other, the one above holds.
fn narrowest<T: Clone + PartialEq>(own: Vec<T>, above: &[T], is_within: impl Fn(&T, &T) -> bool) -> Vec<T> {
    if own.is_empty() || above.is_empty() {
        return if own.is_empty() { above.to_vec() } else { own };
    }
    let inside = |list: &[T], of: &[T]| -> Vec<T> {
        let is_in = |one: &&T| of.iter().any(|wide| is_within(one, wide));
        list.iter().filter(is_in).cloned().collect()
    };
    let mut kept = inside(&own, above);
    if kept.len() == own.len() {
        return own;
    }
    for narrower in inside(above, &own) {
        if !kept.contains(&narrower) {
            kept.push(narrower);
        }
    }
    if kept.is_empty() { above.to_vec() } else { kept }
}

fn kinds_of_both(own: Kinds, above: Kinds) -> Kinds {
    let kept = own.and(above);
    if kept.has_factor() { kept } else { above }
}

impl Values {
    /// What holds in an organisation with these values of its own, below one in which the others hold. A value that is set in neither stays unset.
    #[must_use]
    pub fn under(self, above: &Self) -> Self {
        let number = |own: Option<i64>, above: Option<i64>| both(own, above.as_ref(), |own, above| own.min(*above));
        let networks = |own: Option<Vec<Network>>, above: Option<&Vec<Network>>| {
            both(own, above, |own, above| narrowest(own, above, Network::is_within))
        };
        let holds = Self {
            require: both(self.require, above.require.as_ref(), |own, above| own.max(*above)),
            grace_hours: number(self.grace_hours, above.grace_hours),
            allowed: both(self.allowed, above.allowed.as_ref(), |own, above| {
                kinds_of_both(own, *above)
            }),
            aaguids: both(self.aaguids, above.aaguids.as_ref(), |own, above| {
                narrowest(own, above, PartialEq::eq)
            }),
            mode: both(self.mode, above.mode.as_ref(), |own, above| own.max(*above)),
            trust_days: number(self.trust_days, above.trust_days),
            limit: number(self.limit, above.limit),
            lock_minutes: number(self.lock_minutes, above.lock_minutes),
            end_minutes: number(self.end_minutes, above.end_minutes),
            people: networks(self.people, above.people.as_ref()),
            agents: networks(self.agents, above.agents.as_ref()),
            min_length: both(self.min_length, above.min_length.as_ref(), |own, above| own.max(*above)),
            sms_allowed: both(self.sms_allowed, above.sms_allowed.as_ref(), |own, above| own && *above),
            countries: both(self.countries, above.countries.as_ref(), |own, above| {
                narrowest(own, above, |one, wide| countries::is_part(one, wide))
            }),
        };
        holds.meetable(above)
    }

    /// INVARIANT: somebody can meet what holds. What an organisation allows may contradict what the one above asks for since; then that one's
    /// list counts, and a passkey where passkeys are demanded.
    fn meetable(mut self, above: &Self) -> Self {
        let is_met = |values: &Self| {
            let factors = Policies::of(values.clone(), Time::default()).factors;
            factors.is_met_by(Kinds::ALL) && factors.allowed.has_factor()
        };
        if !is_met(&self) {
            self.allowed = above.allowed;
        }
        if !is_met(&self) {
            self.allowed = self.allowed.map(|kinds| kinds.with(AuthenticatorKind::Passkey));
        }
        self
    }

    /// What is wrong with a change of these values to the new ones below an organisation with the others: what would be looser than there, and
    /// what nobody could meet.
    pub fn errors_under(&self, new: &Self, above: &Self) -> Vec<FieldError> {
        let holds = new.clone().under(above).words();
        let turns = self.words().into_iter().zip(new.words()).zip(holds);
        let errors = FIELDS.into_iter().zip(turns).filter(|(_, ((old, new), holds))| {
            // Given back, or as it was: nothing is asked for.
            new != old && new != "default" && new != holds
        });
        errors
            .map(|(field, _)| FieldError::new(field, Reason::PolicyLocked))
            .collect()
    }

    /// The strict profile below an organisation that may ask for more still.
    #[must_use]
    pub fn with_strict_profile_under(self, above: &Self) -> Self {
        let strict = self.with_strict_profile();
        let tight = strict.clone().under(above);
        Self {
            require: tight.require,
            allowed: tight.allowed,
            lock_minutes: tight.lock_minutes,
            end_minutes: tight.end_minutes,
            sms_allowed: tight.sms_allowed,
            ..strict
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mode, Require};

    #[expect(clippy::unnecessary_wraps, reason = "values are kept so")]
    fn networks(list: &[&str]) -> Option<Vec<Network>> {
        Some(list.iter().map(|text| text.parse().unwrap()).collect())
    }

    #[expect(clippy::unnecessary_wraps, reason = "values are kept so")]
    fn kinds(list: &[AuthenticatorKind]) -> Option<Kinds> {
        Some(list.iter().copied().collect())
    }

    #[test]
    fn the_strictest_of_each_pair_holds_whichever_side_it_is_on() {
        let loose = Values {
            require: Some(Require::No),
            grace_hours: Some(48),
            allowed: Some(Kinds::ALL),
            mode: Some(Mode::Off),
            trust_days: Some(90),
            limit: Some(20),
            lock_minutes: Some(60),
            end_minutes: Some(1440),
            people: networks(&["10.0.0.0/8"]),
            min_length: Some(8),
            sms_allowed: Some(true),
            countries: Some(vec!["+44".into()]),
            ..Values::default()
        };
        let strict = Values {
            require: Some(Require::Yes),
            grace_hours: Some(1),
            allowed: kinds(&[AuthenticatorKind::Passkey, AuthenticatorKind::App]),
            mode: Some(Mode::Verify),
            trust_days: Some(7),
            limit: Some(3),
            lock_minutes: Some(5),
            end_minutes: Some(60),
            people: networks(&["10.1.0.0/16"]),
            min_length: Some(12),
            sms_allowed: Some(false),
            countries: Some(vec!["GB".into()]),
            ..Values::default()
        };
        assert_eq!(loose.clone().under(&strict), strict);
        assert_eq!(strict.clone().under(&loose), strict);
        assert_eq!(Values::default().under(&strict), strict);
        assert_eq!(strict.clone().under(&Values::default()), strict);
    }

    #[test]
    fn lists_keep_what_is_in_both_and_never_become_wider() {
        let own = networks(&["10.0.0.0/8", "192.0.2.0/24"]).unwrap();
        let above = networks(&["10.1.0.0/16", "10.2.0.0/16", "198.51.100.0/24"]).unwrap();
        let kept = narrowest(own.clone(), &above, Network::is_within);
        assert_eq!(Some(kept), networks(&["10.1.0.0/16", "10.2.0.0/16"]));
        // They contradict each other: the one above holds.
        let elsewhere = networks(&["203.0.113.0/24"]).unwrap();
        assert_eq!(narrowest(own, &elsewhere, Network::is_within), elsewhere);
        assert_eq!(narrowest(Vec::new(), &above, Network::is_within), above);
    }

    #[test]
    fn what_holds_can_be_met_by_somebody() {
        let own = Values {
            allowed: kinds(&[AuthenticatorKind::App]),
            ..Values::default()
        };
        let above = Values {
            require: Some(Require::PhishingResistant),
            sms_allowed: Some(false),
            ..Values::default()
        };
        let holds = Policies::of(own.under(&above), Time::default()).factors;
        assert!(holds.is_met_by(kinds(&[AuthenticatorKind::Passkey]).unwrap()));
        let phones = Values {
            allowed: kinds(&[AuthenticatorKind::Phone]),
            ..Values::default()
        };
        let holds = Policies::of(phones.under(&above), Time::default()).factors;
        assert!(holds.allowed.has_factor());
    }

    #[test]
    fn a_value_that_is_locked_above_cannot_be_loosened() {
        let above = Values {
            limit: Some(5),
            people: networks(&["10.0.0.0/8"]),
            ..Values::default()
        };
        let old = Values {
            limit: Some(9),
            ..Values::default()
        };
        let fields = |new: Values| -> Vec<&'static str> {
            let errors = old.errors_under(&new, &above);
            errors.iter().map(|error| error.field).collect()
        };
        let looser = |limit, people| Values {
            limit,
            people,
            ..Values::default()
        };
        assert_eq!(
            fields(looser(Some(6), networks(&[]))),
            ["devices.limit", "networks.people"]
        );
        assert_eq!(fields(looser(Some(5), networks(&["10.1.0.0/16"]))), Vec::<&str>::new());
        // What was there before, and what is given back, is not asked for now.
        assert_eq!(fields(looser(Some(9), None)), Vec::<&str>::new());
        assert_eq!(fields(looser(None, None)), Vec::<&str>::new());
    }

    #[test]
    fn an_origin_is_told_for_each_value() {
        assert_eq!(Origin::of(None::<&i64>, None, None), Origin::Default);
        assert_eq!(Origin::of(Some(&3), Some(&5), Some(&3)), Origin::Own);
        assert_eq!(Origin::of(Some(&9), Some(&5), Some(&5)), Origin::Above);
        assert_eq!(Origin::of(None, Some(&5), Some(&5)), Origin::Above);
    }

    #[test]
    fn the_strict_profile_below_keeps_what_is_stricter_above() {
        let above = Values {
            end_minutes: Some(60),
            ..Values::default()
        };
        let strict = Values::default().with_strict_profile_under(&above);
        assert_eq!((strict.lock_minutes, strict.end_minutes), (Some(15), Some(60)));
        assert!(strict.is_strict());
        assert_eq!(Values::default().errors_under(&strict, &above), Vec::new());
    }
}
