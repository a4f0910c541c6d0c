//! The roles that every organisation has from the start, and what each of them allows. They are kept in the program, so that a new permission comes
//! to them with the version that brings it.
use kernel::{Action, Permissions};

/// The role that may do everything.
pub const OWNER: &str = "Owner";
/// The role that may do nothing.
pub(crate) const NO_ACCESS: &str = "No access";
/// The roles that every organisation has from the start, the widest first.
pub const BUILT_IN: [&str; 6] = [OWNER, "Administrator", "Technician", "Help desk", "Auditor", NO_ACCESS];

const HELP_DESK: &[Action] = &[
    Action::SeeAgents,
    Action::SeePeople,
    Action::UnlockPeople,
    Action::SignOutPeople,
    Action::ResetFactors,
    Action::ReadEvents,
];
const AUDITOR: &[Action] = &[
    Action::SeeAgents,
    Action::SeePeople,
    Action::SeeRoles,
    Action::SeePolicies,
    Action::SeeSettings,
    Action::SeeOrganisations,
    Action::SeeSso,
    Action::SeeApps,
    Action::ReadEvents,
];

/// What a built-in role allows; nothing for a name that is none.
pub fn permissions(name: &str) -> Permissions {
    let listed = |actions: &[Action]| actions.iter().copied().collect();
    match name {
        OWNER => Permissions::all(),
        // Whoever may delete a customer, and hand that on, is an owner.
        "Administrator" => Permissions::all()
            .iter()
            .filter(|action| *action != Action::DeleteOrganisations)
            .collect(),
        "Technician" => listed(&[Action::SeeAgents, Action::PairAgents]),
        "Help desk" => listed(HELP_DESK),
        "Auditor" => listed(AUDITOR),
        _ => Permissions::NONE,
    }
}
