//! The program `doorward-agent` on a made machine: with a state folder and a system of its own below a folder, so that a story can copy its disk,
//! put it into another machine, or put it back to an earlier state.
use crate::World;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

/// What a run of the program came to.
#[derive(Debug, Clone)]
pub struct Done {
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// What it printed.
    pub out: String,
    /// What it printed as an error.
    pub err: String,
}

/// A machine with the program on it. Gone with its value.
pub struct RealAgent {
    program: PathBuf,
    folder: PathBuf,
    server: String,
}

/// A program that runs. Killed with its value.
pub struct Running {
    child: Child,
    log: PathBuf,
}

/// The program, where it was built beside the tests.
pub fn agent_program() -> Option<PathBuf> {
    let here = std::env::current_exe().ok()?;
    let path = here.parent()?.parent()?.join("doorward-agent");
    path.is_file().then_some(path)
}

impl World {
    /// A machine of this name that reaches this world's server; none where the program was not built.
    pub fn real_agent(&self, machine: &str) -> Option<RealAgent> {
        RealAgent::new(self.origin(), machine)
    }
}

impl RealAgent {
    /// A machine of this name that reaches a server at this address.
    pub fn new(server: &str, machine: &str) -> Option<Self> {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("doorward-machine-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        let made = Self {
            program: agent_program()?,
            folder,
            server: server.into(),
        };
        fs::create_dir_all(&made.folder).expect("a folder for a machine");
        made.becomes(machine);
        Some(made)
    }
    /// The folder of its state.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }
    /// Puts its disk into a machine of this name: another board, another drive, another installation of the system.
    pub fn becomes(&self, machine: &str) {
        self.gets("etc/machine-id", &id_of(machine));
        self.gets_the_hardware_of(machine);
    }
    /// Puts its disk into another machine: the system on it stays as it was.
    pub fn gets_the_hardware_of(&self, machine: &str) {
        let uuid = id_of(&format!("{machine} board"));
        let (a, b, c) = (&uuid[..8], &uuid[8..12], &uuid[12..16]);
        self.gets(
            "sys/class/dmi/id/product_uuid",
            &format!("{a}-{b}-{c}-{}-{}", &uuid[16..20], &uuid[20..]),
        );
        self.gets("sys/class/dmi/id/board_serial", &format!("B{}", &uuid[..10]));
        self.gets("sys/class/dmi/id/product_serial", &format!("P{}", &uuid[10..20]));
        self.gets("sys/block/sda/device/serial", &format!("D{}", &uuid[20..]));
        self.gets("sys/block/sda/device/wwid", &format!("naa.{}", &uuid[16..]));
    }
    fn gets(&self, file: &str, text: &str) {
        let path = self.folder.join("system").join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, format!("{text}\n")).expect("a file of the system");
    }
    /// Another machine, with a copy of this one's state.
    #[must_use]
    pub fn copied_to(&self, machine: &str) -> Self {
        let copy = Self::new(&self.server, machine).expect("the program is there");
        copy_folder(&self.state(), &copy.state());
        copy
    }
    /// Keeps the state as it is now; [`Self::put_back`] has it again.
    pub fn snapshot(&self) {
        let kept = self.folder.join("snapshot");
        let _ = fs::remove_dir_all(&kept);
        copy_folder(&self.state(), &kept);
    }
    /// Puts the state back to the snapshot.
    pub fn put_back(&self) {
        let _ = fs::remove_dir_all(self.state());
        copy_folder(&self.folder.join("snapshot"), &self.state());
    }
    /// The program with these arguments, on this machine; nothing of our own environment reaches it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).arg("--state").arg(self.state());
        command.env_clear().current_dir(&self.folder).stdin(Stdio::null());
        command.env("DOORWARD_AGENT_SYSTEM_ROOT", self.folder.join("system"));
        command
    }
    /// Runs it to its end.
    pub async fn run_to_end(&self, arguments: &[&str]) -> Done {
        ended(self.command(arguments)).await
    }
    /// Pairs with this key, which comes from the environment.
    pub async fn pair(&self, key: &str, more: &[&str]) -> Done {
        let arguments = [&["pair", "--server", &self.server], more].concat();
        let mut command = self.command(&arguments);
        command.env("DOORWARD_AGENT_KEY", key);
        ended(command).await
    }
    /// What it says of itself, as JSON, with the exit code.
    pub async fn status(&self) -> (i32, serde_json::Value) {
        let done = self.run_to_end(&["status", "--json"]).await;
        let told = serde_json::from_str(&done.out).unwrap_or_else(|error| panic!("{error}: {done:?}"));
        (done.code, told)
    }
    /// Starts `run`.
    ///
    /// # Panics
    /// Where it does not start.
    pub fn start(&self) -> Running {
        let log = self.folder.join("run.log");
        let file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .expect("a log");
        let mut command = self.command(&["run"]);
        command.stdout(file.try_clone().expect("a log")).stderr(file);
        Running {
            child: command.spawn().expect("the program starts"),
            log,
        }
    }
}

impl Drop for RealAgent {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Running {
    /// What it said so far, of all its runs.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
    /// Asks it to end, as a service manager does; its exit code, none where it did not end within ten seconds.
    pub async fn stop(&mut self) -> Option<i32> {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(
            asked.is_ok_and(|status| status.success()),
            "there is nothing to stop:\n{}",
            self.log()
        );
        self.end(Duration::from_secs(10)).await
    }
    /// Waits for its end; its exit code, none where it goes on.
    ///
    /// # Panics
    /// Where the system does not tell.
    pub async fn end(&mut self, patience: Duration) -> Option<i32> {
        let until = Instant::now() + patience;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("the system tells") {
                return Some(status.code().unwrap_or(-1));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }
    /// Ends it at once, as a power cut does.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn ended(mut command: Command) -> Done {
    // The server of a world lives in this process: its threads must not wait for the program.
    let done = tokio::task::spawn_blocking(move || command.output())
        .await
        .expect("no panic");
    let done = done.expect("the program runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Done {
        code: done.status.code().unwrap_or(-1),
        out: text(&done.stdout),
        err: text(&done.stderr),
    }
}

/// 32 hexadecimal digits of this name.
fn id_of(name: &str) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(name);
    let number = digest.first_chunk::<16>().copied().map(u128::from_be_bytes);
    format!("{:032x}", number.unwrap_or_default())
}

fn copy_folder(from: &Path, to: &Path) {
    let copied = || -> io::Result<()> {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                copy_folder(&entry.path(), &to.join(entry.file_name()));
            } else {
                fs::copy(entry.path(), to.join(entry.file_name()))?;
            }
        }
        fs::set_permissions(to, fs::metadata(from)?.permissions())
    };
    copied().expect("a copy of a disk");
}
