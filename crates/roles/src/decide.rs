//! The evaluator: pure, ours, and it tells its whole derivation.
use kernel::{Action, Authorizer, Decision, Holder, Reason};

/// The rules as they stand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules;

impl Authorizer for Rules {
    fn decide(&self, holder: &Holder, action: Action) -> Decision {
        if matches!(action, Action::SeeOwn | Action::ChangeOwn) {
            return Decision {
                allowed: true,
                because: vec![(Reason::AccessOwn, format!("{} is one's own", action.name()))],
            };
        }
        let owner = holder
            .grants
            .iter()
            .find(|grant| grant.is_built_in && grant.name == crate::OWNER);
        if let Some(grant) = owner {
            return Decision {
                allowed: true,
                because: vec![(
                    Reason::AccessGranted,
                    format!("{} grants {}", grant.name, action.name()),
                )],
            };
        }
        let held = holder
            .grants
            .iter()
            .map(|grant| grant.name.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let told = if held.is_empty() {
            "no role is held here".to_owned()
        } else {
            format!("{held} does not grant {}", action.name())
        };
        Decision {
            allowed: false,
            because: vec![(Reason::AccessMissing, told)],
        }
    }
}
