//! What an administrator sees of this machine. Must never happen: an inventory that changes with every look, so that each heartbeat would carry it.
use crate::VERSION;
use agent_wire::{Disk, Inventory, proof::encode};
use sha2::{Digest as _, Sha256};
use std::{net::IpAddr, path::Path};
use sysinfo::{CpuRefreshKind, Disks, MemoryRefreshKind, NetworkData, Networks, RefreshKind, System};

/// The machine as it is now.
pub fn inventory(root: &Path) -> Inventory {
    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted).ok();
    let cpus = system.as_ref().map(System::cpus).unwrap_or_default();
    let found = Inventory {
        hostname: hostname(root),
        os: std::env::consts::OS.into(),
        system: name(root),
        arch: std::env::consts::ARCH.into(),
        cpu: cpus
            .first()
            .map(|cpu| cpu.brand().trim().to_owned())
            .unwrap_or_default(),
        cores: u32::try_from(cpus.len()).unwrap_or(0),
        memory: system.as_ref().map(System::total_memory).unwrap_or_default(),
        disks: disks(),
        addresses: addresses(),
        booted_at: System::boot_time()
            .ok()
            .and_then(|at| i64::try_from(at).ok())
            .unwrap_or_default(),
        agent_version: VERSION.into(),
    };
    found.tidied()
}

/// The moment of the start is reckoned from a clock that is set now and then: a few seconds are no other start.
pub fn steady(found: Inventory, before: &Inventory) -> Inventory {
    let is_same = (found.booted_at - before.booted_at).abs() < 60;
    Inventory {
        booted_at: if is_same { before.booted_at } else { found.booted_at },
        ..found
    }
}

/// What the server compares: another hash is another inventory.
pub fn hash(inventory: &Inventory) -> String {
    encode(&Sha256::digest(serde_json::to_vec(inventory).unwrap_or_default()))
}

/// A system that lies elsewhere has its own name.
fn hostname(root: &Path) -> String {
    let elsewhere = (root != Path::new("/"))
        .then(|| std::fs::read_to_string(root.join("etc/hostname")).ok())
        .flatten();
    elsewhere
        .map(|name| name.trim().to_owned())
        .or_else(|| System::host_name().ok())
        .unwrap_or_default()
}

/// The system in words: "Debian 12", "Ubuntu 24.04".
#[cfg(target_os = "linux")]
fn name(root: &Path) -> String {
    let said = std::fs::read_to_string(root.join("etc/os-release")).unwrap_or_default();
    let value = |name: &str| {
        let mut lines = said.lines().filter_map(|line| line.split_once('='));
        lines
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim_matches(['"', '\'']).to_owned())
    };
    let name = value("NAME").unwrap_or_else(|| "Linux".into());
    format!(
        "{} {}",
        name.trim_end_matches(" GNU/Linux"),
        value("VERSION_ID").unwrap_or_default()
    )
    .trim()
    .to_owned()
}
#[cfg(not(target_os = "linux"))]
fn name(_: &Path) -> String {
    System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.into())
}

fn disks() -> Vec<Disk> {
    let Ok(disks) = Disks::new_with_refreshed_list() else {
        return Vec::new();
    };
    let mut disks: Vec<_> = disks
        .iter()
        .filter(|disk| disk.total_space() > 0 && !disk.is_removable())
        .collect();
    // In a container one disk is mounted at many places, a file each.
    disks.sort_by_key(|disk| (disk.name().to_owned(), disk.mount_point().as_os_str().len()));
    disks.dedup_by_key(|disk| disk.name().to_owned());
    let mut found: Vec<Disk> = disks
        .into_iter()
        .map(|disk| {
            let (size, percent) = (disk.total_space(), (disk.total_space() / 100).max(1));
            Disk {
                mount: disk.mount_point().display().to_string(),
                size,
                free: disk.available_space() / percent * percent,
            }
        })
        .collect();
    found.sort_by(|a, b| a.mount.cmp(&b.mount));
    found.dedup_by(|a, b| a.mount == b.mount);
    found
}

fn addresses() -> Vec<String> {
    let Ok(networks) = Networks::new_with_refreshed_list() else {
        return Vec::new();
    };
    let all = networks.values().flat_map(NetworkData::ip_networks);
    let mut found: Vec<String> = all
        .map(|network| network.addr)
        // Those of a link alone say nothing, and each container that comes or goes brings one.
        .filter(|ip| !ip.is_loopback() && !matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()))
        .map(|ip| ip.to_string())
        .collect();
    found.sort();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_says_what_it_is_and_says_the_same_again() {
        let found = inventory(Path::new("/"));
        assert!(
            !found.hostname.is_empty() && found.memory > 0 && found.cores > 0 && found.booted_at > 0,
            "{found:?}"
        );
        assert_eq!(hash(&found), hash(&steady(inventory(Path::new("/")), &found)));
        let later = Inventory {
            booted_at: found.booted_at + 3_600,
            ..found.clone()
        };
        assert_eq!(steady(later.clone(), &found), later);
    }
}
