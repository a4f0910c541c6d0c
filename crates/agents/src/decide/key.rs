//! What may be asked of a new installation key. Pure. Must never happen: a key that lets machines in by itself from anywhere and for long.
use super::pairing::SYSTEMS;
use agent_wire::tidy;
use ground::config::Network;
use kernel::{FieldError, Reason, SiteId, Span, Time};

/// A key is good for so many machines unless its maker says otherwise, and at most.
const USUAL_USES: i64 = 50;
const MOST_USES: i64 = 10_000;
/// And for so long; at least, and at most.
const USUAL_LIFE: Span = Span::days(7);
const SHORTEST_LIFE: Span = Span::hours(1);
const LONGEST_LIFE: Span = Span::days(365);
/// Without a network a key that lets machines in at once lives so long at most.
const OPEN_LIFE: Span = Span::hours(24);
/// A range is one that says something: of the Internet an eighth part of its address is fixed at least.
const WIDEST: u8 = 8;
/// Living keys of an organisation.
pub(crate) const MOST_KEYS: i64 = 200;
const MOST_UNSEEN_HOURS: i64 = 365 * 24;

/// A key as it is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wish {
    /// The id of its site; without it the organisation's first one.
    pub site_id: Option<String>,
    /// How many machines.
    pub uses: Option<i64>,
    /// Until when, RFC 3339.
    pub ends_at: Option<String>,
    /// `each` or `pre-approved`.
    pub approval: Option<String>,
    /// The range that machines must come from.
    pub network: Option<String>,
    /// Their system.
    pub os: Option<String>,
    /// What people know it by.
    pub note: Option<String>,
    /// Its agents end when they were not seen for so long; nought: never.
    pub unseen_hours: Option<i64>,
}

/// A key that can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub site: Option<SiteId>,
    pub uses: i64,
    pub ends_at: Time,
    pub is_preapproved: bool,
    pub network: String,
    pub os: String,
    pub note: String,
    pub unseen_hours: i64,
}

/// Takes a wish, or says what is wrong with it field by field.
pub(crate) fn check(wish: &Wish, now: Time) -> Result<Wanted, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut no = |field, reason| errors.push(FieldError::new(field, reason));
    let site = wish.site_id.as_deref().map(str::parse::<SiteId>);
    if matches!(site, Some(Err(_))) {
        no("site_id", Reason::InstallationKeySite);
    }
    let uses = wish.uses.unwrap_or(USUAL_USES);
    if !(1..=MOST_USES).contains(&uses) {
        no("uses", Reason::InstallationKeyUses);
    }
    let end = wish.ends_at.as_deref();
    let ends_at = end.map_or(Some(now + USUAL_LIFE), Time::parse_rfc3339);
    let ends_at = ends_at.unwrap_or_default();
    // A second for the way that the wish took.
    if !(SHORTEST_LIFE - Span::seconds(1)..=LONGEST_LIFE).contains(&(ends_at - now)) {
        no("ends_at", Reason::InstallationKeyEnd);
    }
    let is_preapproved = match wish.approval.as_deref() {
        None | Some("each") => false,
        Some("pre-approved") => true,
        Some(_) => {
            no("approval", Reason::InstallationKeyApproval);
            false
        }
    };
    let network = wish.network.as_deref().map(str::parse::<Network>);
    if matches!(network, Some(Err(_))) {
        no("network", Reason::InstallationKeyRange);
    }
    let network = network.and_then(Result::ok);
    let network = network.map(|network| network.to_string()).unwrap_or_default();
    if is_preapproved && !is_narrow(&network) && ends_at - now > OPEN_LIFE {
        no("approval", Reason::InstallationKeyOpen);
    }
    let os = wish.os.clone().unwrap_or_default();
    if !os.is_empty() && !SYSTEMS.contains(&os.as_str()) {
        no("os", Reason::InstallationKeyOs);
    }
    let unseen_hours = wish.unseen_hours.unwrap_or_default();
    if !(0..=MOST_UNSEEN_HOURS).contains(&unseen_hours) {
        no("unseen_hours", Reason::InstallationKeyUnseen);
    }
    let note = tidy(wish.note.as_deref().unwrap_or_default());
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Wanted {
        site: site.and_then(Result::ok),
        uses,
        ends_at,
        is_preapproved,
        network,
        os,
        note,
        unseen_hours,
    })
}

/// Whether a range, as it is kept, keeps anybody out.
fn is_narrow(network: &str) -> bool {
    let bits = network.rsplit_once('/').and_then(|(_, bits)| bits.parse::<u8>().ok());
    bits.is_some_and(|bits| bits >= WIDEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_795_511_642);

    fn fields(wish: &Wish) -> Vec<&'static str> {
        check(wish, NOW).map_or_else(
            |errors| errors.into_iter().map(|error| error.field).collect(),
            |_| Vec::new(),
        )
    }
    fn ending(after: Span) -> String {
        (NOW + after).rfc3339()
    }

    #[test]
    fn without_wishes_a_key_is_for_fifty_machines_and_seven_days_and_lets_nobody_in_by_itself() {
        let usual = check(&Wish::default(), NOW).unwrap();
        assert_eq!(
            (usual.uses, usual.ends_at, usual.is_preapproved),
            (50, NOW + Span::days(7), false)
        );
        assert_eq!((usual.site, usual.network.as_str(), usual.unseen_hours), (None, "", 0));
    }

    #[test]
    fn each_field_says_what_is_wrong_with_it() {
        for (wish, field) in [
            (
                Wish {
                    site_id: Some("here".into()),
                    ..Wish::default()
                },
                "site_id",
            ),
            (
                Wish {
                    uses: Some(0),
                    ..Wish::default()
                },
                "uses",
            ),
            (
                Wish {
                    uses: Some(10_001),
                    ..Wish::default()
                },
                "uses",
            ),
            (
                Wish {
                    ends_at: Some("tomorrow".into()),
                    ..Wish::default()
                },
                "ends_at",
            ),
            (
                Wish {
                    ends_at: Some(ending(Span::minutes(59))),
                    ..Wish::default()
                },
                "ends_at",
            ),
            (
                Wish {
                    ends_at: Some(ending(Span::days(366))),
                    ..Wish::default()
                },
                "ends_at",
            ),
            (
                Wish {
                    approval: Some("all".into()),
                    ..Wish::default()
                },
                "approval",
            ),
            (
                Wish {
                    network: Some("home".into()),
                    ..Wish::default()
                },
                "network",
            ),
            (
                Wish {
                    os: Some("plan9".into()),
                    ..Wish::default()
                },
                "os",
            ),
            (
                Wish {
                    unseen_hours: Some(-1),
                    ..Wish::default()
                },
                "unseen_hours",
            ),
        ] {
            assert_eq!(fields(&wish), [field]);
        }
    }

    #[test]
    fn a_key_that_lets_machines_in_by_itself_is_for_a_network_or_a_day() {
        let open = |network: Option<&str>, life| Wish {
            approval: Some("pre-approved".into()),
            network: network.map(str::to_owned),
            ends_at: Some(ending(life)),
            ..Wish::default()
        };
        for (wish, is_taken) in [
            (open(None, Span::hours(24)), true),
            (open(None, Span::hours(25)), false),
            (open(Some("10.0.0.0/8"), Span::days(365)), true),
            (open(Some("0.0.0.0/0"), Span::days(7)), false),
            (open(Some("192.0.2.7"), Span::days(7)), true),
        ] {
            assert_eq!(fields(&wish).is_empty(), is_taken, "{wish:?}");
        }
    }
}
