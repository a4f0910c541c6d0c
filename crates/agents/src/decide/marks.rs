//! Whether a machine is the one that was paired, by the digests that it tells of itself. Pure.
//! Must never happen: a MAC address or a host name that decides; a machine that is taken for another because it tells less than before.
use agent_wire::Marks;

/// Whether what was seen now is the machine that was paired: the same id of the operating system, and the same hardware as far as both tell it. The id
/// alone is enough only where neither tells any hardware, since a copied disk has it as well.
pub(crate) fn matches(seen: &Marks, paired: &Marks) -> bool {
    let same_machine = match (&seen.machine, &paired.machine) {
        (Some(seen), Some(paired)) => seen == paired,
        _ => false,
    };
    let same_hardware = match (seen.hardware.is_empty(), paired.hardware.is_empty()) {
        (true, true) => true,
        (false, false) => seen.hardware.iter().any(|mark| paired.hardware.contains(mark)),
        _ => false,
    };
    same_machine && same_hardware
}

/// Whether an administrator is asked if this is the machine of an older entry. INVARIANT: nothing is decided by it; so the hardware alone is enough, for
/// a machine whose system was installed anew has another id.
pub(crate) fn resembles(seen: &Marks, older: &Marks) -> bool {
    matches(seen, older) || (!seen.hardware.is_empty() && seen.hardware == older.hardware)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(machine: Option<&str>, hardware: &[&str]) -> Marks {
        Marks {
            machine: machine.map(str::to_owned),
            hardware: hardware.iter().map(|mark| (*mark).to_owned()).collect(),
        }
    }

    #[test]
    fn a_machine_is_known_by_its_id_and_its_hardware_together() {
        let paired = marks(Some("m"), &["board", "disk", "product"]);
        assert!(matches(&paired, &paired));
        assert!(
            matches(&marks(Some("m"), &["board", "product"]), &paired),
            "a disk was changed"
        );
        assert!(
            !matches(&marks(Some("m"), &["other board", "other disk"]), &paired),
            "a copied disk in another machine"
        );
        assert!(
            !matches(&marks(Some("n"), &["board", "disk", "product"]), &paired),
            "another installation on the same hardware"
        );
        assert!(!matches(&marks(Some("m"), &[]), &paired) && !matches(&marks(None, &["board"]), &paired));
        assert!(matches(&marks(Some("m"), &[]), &marks(Some("m"), &[])));
        assert!(
            !matches(&Marks::default(), &Marks::default()),
            "nothing told is nothing known"
        );
    }

    #[test]
    fn a_machine_that_was_installed_anew_resembles_what_it_was() {
        let paired = marks(Some("m"), &["board", "disk"]);
        assert!(resembles(&marks(Some("n"), &["board", "disk"]), &paired));
        assert!(resembles(&paired, &paired));
        assert!(
            !resembles(&marks(Some("n"), &["board", "other disk"]), &paired),
            "half of a machine is no machine"
        );
        assert!(
            !resembles(&marks(Some("n"), &[]), &marks(Some("m"), &[]))
                && !resembles(&Marks::default(), &Marks::default())
        );
    }
}
