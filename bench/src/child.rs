//! A program in a process of its own, pinned to one core, with what the system says of it. Ends with its value, and with this process.
//! Must never happen: a child that outlives the run, however the run ends.
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A running child.
pub struct Child(std::process::Child);

/// A command that runs on this core only and is killed when this process dies.
pub fn pinned(core: usize, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "taskset", "-c", &core.to_string()])
        .arg(program);
    command
}

impl Child {
    /// Starts it; what it logs goes into this file.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        let log = File::create(log).with_context(|| format!("{} cannot be made", log.display()))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let child = command
            .spawn()
            .context("setpriv and taskset of util-linux are needed")?;
        Ok(Self(child))
    }
    /// Time that its threads had on the processor so far.
    pub fn cpu(&self) -> Result<Duration> {
        let mut nanos = 0_u64;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0.id()))? {
            // A thread may end while it is looked at.
            let stat = fs::read_to_string(thread?.path().join("schedstat")).unwrap_or_default();
            nanos += stat
                .split_whitespace()
                .next()
                .and_then(|n| n.parse::<u64>().ok())
                .unwrap_or(0);
        }
        Ok(Duration::from_nanos(nanos))
    }
    /// Memory that it holds now, in MiB.
    pub fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line
            .and_then(|line| line.split_whitespace().next())
            .and_then(|n| n.parse::<u32>().ok());
        Ok(f64::from(kib.context("the system does not tell the memory of the child")?) / 1024.0)
    }
    /// Fails where it has ended already.
    pub fn must_live(&mut self) -> Result<()> {
        match self.0.try_wait()? {
            Some(status) => bail!("it ended: {status}"),
            None => Ok(()),
        }
    }
    /// Asks it to end and waits; after twelve seconds it is killed.
    pub fn stop(mut self) -> Result<()> {
        Command::new("kill").arg(self.0.id().to_string()).status()?;
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(12) {
            if self.0.try_wait()?.is_some() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("it did not end when it was told to")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Both fail only where it has gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
