//! How long and how many the texts of a machine may be, whoever wrote them. Must never happen: a line break or a control character of a machine's name in
//! a list, a log or a file; an inventory that fills the store.
use crate::{Inventory, Marks};

/// Characters of a text.
const LONGEST: usize = 100;
/// Disks, and addresses.
const MOST: usize = 32;
/// Marks of the hardware.
const MOST_MARKS: usize = 32;

impl Marks {
    /// Whether they are digests, few, and told in their order: each 43 characters of base64url.
    pub fn is_sound(&self) -> bool {
        let is_digest = |text: &String| {
            text.len() == 43
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        self.machine.iter().chain(&self.hardware).all(is_digest)
            && self.hardware.len() <= MOST_MARKS
            && self.hardware.is_sorted()
    }
}

impl Inventory {
    /// The same with each text in one short line, and no more of each than a person would look at.
    #[must_use]
    pub fn tidied(mut self) -> Self {
        self.disks.truncate(MOST);
        self.addresses.truncate(MOST);
        let own = [
            &mut self.hostname,
            &mut self.os,
            &mut self.system,
            &mut self.arch,
            &mut self.cpu,
            &mut self.agent_version,
        ];
        let mounts = self.disks.iter_mut().map(|disk| &mut disk.mount);
        for text in own.into_iter().chain(mounts).chain(&mut self.addresses) {
            *text = tidy(text);
        }
        self
    }
}

/// One line of at most so many characters, without anything that a terminal obeys or that turns the direction of writing.
pub fn tidy(text: &str) -> String {
    let is_plain = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.trim().chars().filter(is_plain).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::Disk;

    #[test]
    fn an_inventory_is_short_and_in_plain_lines() {
        let disk = Disk {
            mount: "/mnt\n/evil".into(),
            ..Disk::default()
        };
        let inventory = Inventory {
            hostname: format!("\u{202e}desk\r\n-{}", "x".repeat(300)),
            disks: vec![disk; 500],
            addresses: vec!["10.0.0.1\u{1b}[2J".into(); 500],
            ..Inventory::default()
        };
        let tidy = inventory.tidied();
        assert!(
            tidy.hostname.starts_with("desk-xxx") && tidy.hostname.len() == 100,
            "{}",
            tidy.hostname
        );
        assert_eq!((tidy.disks.len(), tidy.addresses.len()), (32, 32));
        assert_eq!(
            (tidy.disks[0].mount.as_str(), tidy.addresses[0].as_str()),
            ("/mnt/evil", "10.0.0.1[2J")
        );
    }

    #[test]
    fn marks_are_digests_and_nothing_readable() {
        let digest = "A".repeat(43);
        let marks = |machine: Option<&str>, hardware: Vec<String>| Marks {
            machine: machine.map(str::to_owned),
            hardware,
        };
        assert!(marks(Some(&digest), vec![digest.clone(); 2]).is_sound() && Marks::default().is_sound());
        assert!(!marks(Some("desk-7"), Vec::new()).is_sound());
        assert!(!marks(None, vec![digest.clone(); 33]).is_sound());
        assert!(!marks(None, vec!["B".repeat(43), digest]).is_sound());
    }
}
