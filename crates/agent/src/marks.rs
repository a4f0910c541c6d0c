//! What tells this machine from others: the operating system's id and ids of the hardware, each hashed under a label of this product.
//! Must never happen: a MAC address or a host name among them; a value that many machines share (a maker's placeholder).
use agent_wire::{Marks, proof::encode};
use sha2::{Digest as _, Sha256};
use std::path::Path;

/// The most that are told.
const MOST: usize = 32;
/// What makers leave in the place of a number.
const PLACEHOLDERS: [&str; 18] = [
    "none",
    "default string",
    "to be filled by o.e.m.",
    "to be filled by o.e.m",
    "not specified",
    "not applicable",
    "not available",
    "system serial number",
    "base board serial number",
    "chassis serial number",
    "unknown",
    "empty",
    "n/a",
    "0123456789",
    "123456789",
    "1234567890",
    // Firmware that was never given an id of its own.
    "03000200-0400-0500-0006-000700080009",
    "12345678-1234-5678-90ab-cddeefaabbcc",
];

/// The marks of the machine whose system lies below this folder (`/`, unless another is named).
pub fn marks(root: &Path) -> Marks {
    let mut hardware: Vec<String> = hardware(root)
        .into_iter()
        .filter_map(|(kind, value)| mark(kind, &value))
        .collect();
    hardware.sort();
    hardware.dedup();
    hardware.truncate(MOST);
    Marks {
        machine: machine(root).and_then(|value| mark("machine", &value)),
        hardware,
    }
}

/// The digest of a value that means something.
fn mark(kind: &str, value: &str) -> Option<String> {
    let plain = value.trim().to_lowercase();
    let is_one_character = plain
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        < 2;
    // Every first disk of an emulated machine has this number.
    let is_emulated = plain.contains("qm0000");
    if is_one_character || is_emulated || plain.len() < 3 || PLACEHOLDERS.contains(&plain.as_str()) {
        return None;
    }
    Some(encode(&Sha256::digest(format!("doorward mark\n{kind}\n{plain}"))))
}

#[cfg(target_os = "linux")]
fn read(root: &Path, path: &str) -> Option<String> {
    std::fs::read_to_string(root.join(path)).ok()
}

/// Of the operating system: machine-id(5).
#[cfg(target_os = "linux")]
fn machine(root: &Path) -> Option<String> {
    let said = ["etc/machine-id", "var/lib/dbus/machine-id"]
        .into_iter()
        .find_map(|path| read(root, path));
    said.filter(|id| id.trim() != "uninitialized")
}

/// Of the hardware: DMI ids (root alone may read some of them), and the numbers of disks that are built in.
#[cfg(target_os = "linux")]
fn hardware(root: &Path) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (kind, name) in [
        ("product", "product_uuid"),
        ("product", "product_serial"),
        ("board", "board_serial"),
    ] {
        found.extend(read(root, &format!("sys/class/dmi/id/{name}")).map(|value| (kind, value)));
    }
    let disks = std::fs::read_dir(root.join("sys/block"))
        .into_iter()
        .flatten()
        .flatten();
    for disk in disks.map(|entry| entry.path()) {
        let text = |name: &str| std::fs::read_to_string(disk.join(name)).ok();
        // A drive on a plug wanders from machine to machine, also where it does not call itself removable.
        let is_plugged = std::fs::canonicalize(&disk).is_ok_and(|way| way.to_string_lossy().contains("/usb"));
        if is_plugged || text("removable").is_some_and(|said| said.trim() == "1") {
            continue;
        }
        found.extend(
            ["serial", "device/serial", "device/wwid"]
                .into_iter()
                .find_map(text)
                .map(|value| ("disk", value)),
        );
    }
    found
}

/// Of the operating system, where it has one.
#[cfg(not(target_os = "linux"))]
fn machine(_: &Path) -> Option<String> {
    #[cfg(windows)]
    {
        let query = ["query", r"HKLM\SOFTWARE\Microsoft\Cryptography", "/v", "MachineGuid"];
        let said = std::process::Command::new("reg").args(query).output().ok()?;
        String::from_utf8_lossy(&said.stdout)
            .split_whitespace()
            .last()
            .map(str::to_owned)
    }
    #[cfg(not(windows))]
    None
}

/// Of the hardware, as the firmware tells it.
#[cfg(not(target_os = "linux"))]
fn hardware(_: &Path) -> Vec<(&'static str, String)> {
    let product = [sysinfo::Product::uuid(), sysinfo::Product::serial_number()];
    let board = sysinfo::Motherboard::new().ok().and_then(|board| board.serial_number());
    let product = product.into_iter().flatten().map(|value| ("product", value));
    product.chain(board.map(|value| ("board", value))).collect()
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::fs;

    fn machine_with(name: &str, files: &[(&str, &str)]) -> Marks {
        let root = std::env::temp_dir().join(format!("doorward-marks-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        for (path, value) in files {
            let file = root.join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, value).unwrap();
        }
        let found = marks(&root);
        let _ = fs::remove_dir_all(&root);
        found
    }
    const DISK: &str = "sys/block/nvme0n1/device/serial";
    const UUID: &str = "sys/class/dmi/id/product_uuid";

    #[test]
    fn a_machine_is_told_by_its_id_and_its_hardware_and_nothing_of_it_can_be_read() {
        let found = machine_with(
            "whole",
            &[
                ("etc/machine-id", "0f3a9c\n"),
                (UUID, "4C4C-0042\n"),
                (DISK, "S4EV NX0\n"),
            ],
        );
        assert!(
            found.machine.is_some() && found.hardware.len() == 2 && found.is_sound(),
            "{found:?}"
        );
        let again = machine_with(
            "again",
            &[("etc/machine-id", "0F3A9C"), (UUID, "4c4c-0042"), (DISK, "s4ev nx0")],
        );
        assert_eq!(found, again);
    }

    #[test]
    fn what_many_machines_share_is_no_mark() {
        let files = [
            ("etc/machine-id", "uninitialized"),
            (UUID, "00000000-0000-0000-0000-000000000000"),
            ("sys/class/dmi/id/board_serial", "To be filled by O.E.M."),
        ];
        assert_eq!(machine_with("shared", &files), Marks::default());
        let stick = [("sys/block/sda/removable", "1\n"), ("sys/block/sda/serial", "AB12CD")];
        assert_eq!(machine_with("stick", &stick), Marks::default());
        let emulated = [("sys/block/sda/device/wwid", "t10.ATA     QEMU HARDDISK    QM00001 \n")];
        assert_eq!(machine_with("emulated", &emulated), Marks::default());
        assert_eq!(machine_with("none", &[]), Marks::default());
    }
}
