//! What this process holds in memory, in MiB, as the kernel counts it.
use anyhow::{Context, Result};
use std::fs;

/// Now.
pub fn now() -> Result<f64> {
    of("VmRSS:")
}

/// The most since [`forget_peak`].
pub fn peak() -> Result<f64> {
    of("VmHWM:")
}

/// Begins anew to look for the most.
pub fn forget_peak() -> Result<()> {
    fs::write("/proc/self/clear_refs", "5").context("the kernel does not reset the peak of memory")
}

fn of(field: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u32>().ok());
    Ok(f64::from(kib.context("the kernel does not tell the memory of this process")?) / 1024.0)
}
