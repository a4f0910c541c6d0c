//! Golden images: an image holds an installation key and no identity; the machine that starts from it pairs by itself, once it is another machine.
//! Must never happen: an image that pairs itself; an installation key that stays on a machine that has paired.
use crate::{
    ending::Ending,
    folder::Folder,
    marks::marks,
    pair::{self, Patience},
    say::{Done, Fault, log},
};
use agent_wire::{InstallationKey, Marks};
use std::{path::Path, time::Duration};

/// Whether a machine that starts from the image can be told from it.
pub fn useful(marks: &Marks) -> Done {
    if marks.machine.is_none() && marks.hardware.is_empty() {
        let words = "this machine tells nothing that sets it apart from others (no machine id, no hardware ids; run it as root), so that a machine of this image would never pair";
        return Err(Fault::failed(words));
    }
    Ok(())
}

/// Whether this is another machine than the one that the image was made on: another hardware where both tell theirs, else another machine id.
pub fn is_another(image: &Marks, here: &Marks) -> bool {
    if image.hardware.is_empty() || here.hardware.is_empty() {
        return here.machine.is_some() && here.machine != image.machine;
    }
    !image.hardware.iter().any(|mark| here.hardware.contains(mark))
}

/// Pairs where that is due. Answers whether there is an agent now; else it was asked to end.
pub fn settle(path: &Path, root: &Path, ending: &Ending) -> Done<bool> {
    let folder = Folder::at(path);
    let Some(boot) = folder.first_boot()? else {
        return Ok(true);
    };
    if !is_another(&boot.marks, &marks(root)) {
        log("this is the machine that the image was made on: it pairs nothing");
        while ending.wait(Duration::from_hours(1)) {}
        return Ok(false);
    }
    let held = folder.hold()?;
    let key = InstallationKey::read(&boot.installation_key)
        .map_err(|_| Fault::failed("the installation key of this image is damaged"))?;
    let identity = folder
        .identity()?
        .ok_or_else(|| Fault::failed("this image does not say which server it belongs to; run doorward-agent pair"))?;
    let patience = Patience {
        lasts: Duration::from_mins(10),
        is_told: true,
    };
    let (agent, answer) = pair::request(folder, identity, &key, root, (&patience, ending))?;
    agent.folder.end_first_boot()?;
    drop(held);
    log(&format!("paired as a new machine: {}", answer.state.name()));
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(machine: Option<&str>, hardware: &[&str]) -> Marks {
        Marks {
            machine: machine.map(str::to_owned),
            hardware: hardware.iter().map(|mark| (*mark).to_owned()).collect(),
        }
    }

    #[test]
    fn a_machine_is_another_by_its_hardware_and_where_there_is_none_by_its_id() {
        let image = of(Some("a"), &["x", "y"]);
        assert!(!is_another(&image, &image));
        assert!(
            is_another(&image, &of(Some("a"), &["z"])),
            "a copied disk in another machine"
        );
        assert!(
            !is_another(&image, &of(Some("b"), &["x"])),
            "the same machine with a new id"
        );
        assert!(is_another(&of(Some("a"), &[]), &of(Some("b"), &[])));
        assert!(!is_another(&of(Some("a"), &[]), &of(None, &[])));
        assert!(useful(&Marks::default()).is_err() && useful(&image).is_ok());
    }
}
