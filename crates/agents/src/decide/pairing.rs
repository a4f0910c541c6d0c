//! What is asked of a machine that wants to be paired: facts that can be kept, and a key that is good for it. Pure.
//! Must never happen: a machine's own words that stand in a list, a log or a file as they came.
use agent_wire::{Facts, Inventory, Marks, tidy};
use ground::config::Network;
use kernel::{FieldError, Reason, Time};

/// The systems that there are agents for.
pub(crate) const SYSTEMS: [&str; 3] = ["linux", "windows", "macos"];
/// A name that was asked for is as long as this at most.
const LONGEST_NAME: usize = 60;

/// The facts of a machine, as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Machine {
    /// What it is called: the name that was asked for, or its host name.
    pub name: String,
    /// What tells it from others.
    pub marks: Marks,
    /// What the administrator sees.
    pub inventory: Inventory,
}

/// Takes the facts, or says what is wrong with them.
pub(crate) fn machine(facts: Facts) -> Result<Machine, FieldError> {
    let no = || FieldError::new("facts", Reason::PairingFacts);
    let inventory = facts.inventory.tidied();
    if !facts.marks.is_sound() || !SYSTEMS.contains(&inventory.os.as_str()) {
        return Err(no());
    }
    let wanted = facts.name.as_deref().map(tidy).unwrap_or_default();
    let name: String = [wanted.as_str(), inventory.hostname.as_str(), "Machine without a name"]
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_default()
        .chars()
        .take(LONGEST_NAME)
        .collect();
    Ok(Machine {
        name,
        marks: facts.marks,
        inventory,
    })
}

/// A key as far as pairing asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    /// How many it is good for.
    pub uses: i64,
    /// And has been.
    pub used: i64,
    /// When it ends.
    pub ends_at: Time,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// The network that machines must come from; empty: any.
    pub network: String,
    /// Their system; empty: any.
    pub os: String,
}

/// Whether a key is good for this machine, or why not.
pub(crate) fn judge(terms: &Terms, network: &str, os: &str, now: Time) -> Result<(), Reason> {
    if terms.revoked_at.is_some() {
        Err(Reason::InstallationKeyRevoked)
    } else if now >= terms.ends_at {
        Err(Reason::InstallationKeyEnded)
    } else if terms.used >= terms.uses {
        Err(Reason::InstallationKeySpent)
    } else if !is_in(&terms.network, network) {
        Err(Reason::InstallationKeyNetwork)
    } else if !terms.os.is_empty() && terms.os != os {
        Err(Reason::InstallationKeySystem)
    } else {
        Ok(())
    }
}

fn is_in(range: &str, network: &str) -> bool {
    if range.is_empty() {
        return true;
    }
    // A range that cannot be read lets nobody in.
    let (range, address) = (range.parse::<Network>(), network.parse());
    range.is_ok_and(|range| address.is_ok_and(|address| range.contains(address)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Span;

    const NOW: Time = Time::from_seconds(1_795_511_642);

    fn facts(name: Option<&str>, hostname: &str, os: &str) -> Facts {
        let inventory = Inventory {
            hostname: hostname.into(),
            os: os.into(),
            ..Inventory::default()
        };
        Facts {
            name: name.map(str::to_owned),
            marks: Marks::default(),
            inventory,
        }
    }

    #[test]
    fn a_machine_is_called_as_it_was_asked_for_or_as_it_calls_itself() {
        let called = |name, host| machine(facts(name, host, "linux")).map(|machine| machine.name);
        assert_eq!(called(Some("Till 3"), "desk"), Ok("Till 3".into()));
        assert_eq!(called(Some(" \u{202e}\n "), "desk\r\n"), Ok("desk".into()));
        assert_eq!(called(None, ""), Ok("Machine without a name".into()));
        assert_eq!(called(Some(&"x".repeat(99)), "").map(|name| name.len()), Ok(60));
        for bad in ["", "Linux", "plan9"] {
            assert!(machine(facts(None, "desk", bad)).is_err(), "{bad}");
        }
        let mut readable = facts(None, "desk", "macos");
        readable.marks.machine = Some("desk-7".into());
        assert!(machine(readable).is_err());
    }

    #[test]
    fn a_key_is_good_or_says_why_it_is_not() {
        let terms = Terms {
            uses: 2,
            used: 1,
            ends_at: NOW + Span::hours(1),
            revoked_at: None,
            network: "10.0.0.0/8".into(),
            os: "linux".into(),
        };
        let judged = |terms: &Terms| judge(terms, "10.1.2.3", "linux", NOW);
        assert_eq!(judged(&terms), Ok(()));
        assert_eq!(
            judge(&terms, "192.0.2.1", "linux", NOW),
            Err(Reason::InstallationKeyNetwork)
        );
        assert_eq!(
            judge(&terms, "10.1.2.3", "windows", NOW),
            Err(Reason::InstallationKeySystem)
        );
        for (terms, why) in [
            (
                Terms {
                    used: 2,
                    ..terms.clone()
                },
                Reason::InstallationKeySpent,
            ),
            (
                Terms {
                    ends_at: NOW,
                    ..terms.clone()
                },
                Reason::InstallationKeyEnded,
            ),
            (
                Terms {
                    revoked_at: Some(NOW),
                    ..terms.clone()
                },
                Reason::InstallationKeyRevoked,
            ),
            (
                Terms {
                    network: "home".into(),
                    ..terms.clone()
                },
                Reason::InstallationKeyNetwork,
            ),
        ] {
            assert_eq!(judged(&terms), Err(why));
        }
        assert_eq!(
            judge(
                &Terms {
                    network: String::new(),
                    os: String::new(),
                    ..terms
                },
                "2001:db8::1",
                "macos",
                NOW
            ),
            Ok(())
        );
    }
}
