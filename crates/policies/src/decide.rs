//! Whom a policy stops. Pure.
//! Must never happen: somebody told as stopped who would be asked for what they have; somebody left out who could not come in.
use kernel::{Kinds, Reason, Time};
use organisations::{Mode, Policies};

/// A member, as far as a policy looks at them.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// What they can prove themselves with beside the password.
    pub kinds: Kinds,
    /// Since when their grace runs.
    pub grace_from: Option<Time>,
    /// Their second factors were removed because they were lost: no grace runs.
    pub has_lost_factors: bool,
    /// The network that they are signed in from now.
    pub network: Option<&'a str>,
    /// An administrator has let one of their devices in.
    pub has_admitted_device: bool,
}

/// When and why a member is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// From when on.
    pub at: Time,
    /// Why.
    pub why: Reason,
}

/// Whether a policy stops this member, and from when on: now, or when their grace ends.
pub fn stop(policies: &Policies, member: &Member<'_>, now: Time) -> Option<Stop> {
    let at_once = |why| Stop { at: now, why };
    if member
        .network
        .is_some_and(|network| !policies.networks.lets_person_in(network))
    {
        return Some(at_once(Reason::AccessNetwork));
    }
    if policies.devices.mode == Mode::Approved && !member.has_admitted_device {
        return Some(at_once(Reason::DeviceWaits));
    }
    let factors = &policies.factors;
    if factors.is_met_by(member.kinds) {
        return None;
    }
    let at = if member.has_lost_factors {
        now
    } else {
        factors.due_at(member.grace_from.unwrap_or(now)).max(now)
    };
    let why = Reason::SessionFactorNeeded;
    Some(Stop { at, why })
}

/// Whom the new policy stops whom the old one does not, or not so soon.
pub fn newly_stopped(old: &Policies, new: &Policies, member: &Member<'_>, now: Time) -> Option<Stop> {
    let stopped = stop(new, member, now)?;
    match stop(old, member, now) {
        Some(before) if before.at <= stopped.at => None,
        _ => Some(stopped),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{AuthenticatorKind, Span};
    use organisations::{Require, Values};

    const NOW: i64 = 1_795_511_642;

    fn now() -> Time {
        Time::from_seconds(NOW)
    }

    fn policies(change: impl Fn(&mut Values)) -> Policies {
        let mut values = Values {
            require: Some(Require::No),
            ..Values::default()
        };
        change(&mut values);
        Policies::of(values, now())
    }

    fn member(kinds: &[AuthenticatorKind]) -> Member<'static> {
        Member {
            kinds: kinds.iter().copied().collect(),
            grace_from: None,
            has_lost_factors: false,
            network: Some("10.1.2.3"),
            has_admitted_device: false,
        }
    }

    fn at(hours: i64, why: Reason) -> Stop {
        let at = now() + Span::hours(hours);
        Stop { at, why }
    }

    #[test]
    fn who_has_no_factor_that_counts_is_stopped_when_the_grace_ends() {
        let loose = policies(|_| {});
        let app = member(&[AuthenticatorKind::App]);
        let nothing = member(&[]);
        for (require, grace, member, stopped) in [
            (Require::Yes, 0, &nothing, Some(at(0, Reason::SessionFactorNeeded))),
            (Require::Yes, 24, &nothing, Some(at(24, Reason::SessionFactorNeeded))),
            (Require::Yes, 0, &app, None),
            (
                Require::PhishingResistant,
                0,
                &app,
                Some(at(0, Reason::SessionFactorNeeded)),
            ),
            (Require::No, 0, &nothing, None),
        ] {
            let new = policies(|values| {
                values.require = Some(require);
                values.grace_hours = Some(grace);
            });
            assert_eq!(
                newly_stopped(&loose, &new, member, now()),
                stopped,
                "{require:?} {grace}"
            );
        }
    }

    #[test]
    fn who_lost_their_factors_has_no_grace() {
        let new = policies(|values| values.require = Some(Require::Yes));
        let lost = Member {
            has_lost_factors: true,
            ..member(&[])
        };
        assert_eq!(stop(&new, &lost, now()), Some(at(0, Reason::SessionFactorNeeded)));
    }

    #[test]
    fn who_is_elsewhere_or_on_no_device_that_was_let_in_is_stopped_at_once() {
        let loose = policies(|_| {});
        let networks = policies(|values| values.people = Some(vec!["192.0.2.0/24".parse().unwrap()]));
        let ana = member(&[]);
        assert_eq!(
            newly_stopped(&loose, &networks, &ana, now()),
            Some(at(0, Reason::AccessNetwork))
        );
        let away = Member { network: None, ..ana };
        assert_eq!(newly_stopped(&loose, &networks, &away, now()), None);
        let approved = policies(|values| values.mode = Some(Mode::Approved));
        assert_eq!(
            newly_stopped(&loose, &approved, &ana, now()),
            Some(at(0, Reason::DeviceWaits))
        );
        let let_in = Member {
            has_admitted_device: true,
            ..ana
        };
        assert_eq!(newly_stopped(&loose, &approved, &let_in, now()), None);
    }

    #[test]
    fn who_was_stopped_before_is_not_counted_again() {
        let old = policies(|values| {
            values.require = Some(Require::Yes);
            values.grace_hours = Some(0);
        });
        let new = policies(|values| {
            values.require = Some(Require::PhishingResistant);
            values.grace_hours = Some(0);
        });
        assert_eq!(newly_stopped(&old, &new, &member(&[]), now()), None);
        assert!(newly_stopped(&old, &new, &member(&[AuthenticatorKind::App]), now()).is_some());
    }
}
