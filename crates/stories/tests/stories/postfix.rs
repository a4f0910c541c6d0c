//! Debian's postfix as the relay of a story: an instance of our own, with its own folders, on loopback ports; the system's is never touched.
//! It needs root or a sudo that asks nothing. Where it is not there the story says so; `DOORWARD_TEST_POSTFIX=required` makes that a failure.
use std::{
    fmt::Write as _,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

const MASTER: &str = "/usr/lib/postfix/sbin/master";
/// Daemon, type, whether it is unprivileged, how many at most.
const SERVICES: [(&str, &str, &str, &str); 13] = [
    ("cleanup", "n", "0", "cleanup"),
    ("qmgr", "n", "1", "qmgr"),
    ("rewrite", "-", "-", "trivial-rewrite"),
    ("bounce", "-", "0", "bounce"),
    ("defer", "-", "0", "bounce"),
    ("trace", "-", "0", "bounce"),
    ("flush", "n", "0", "flush"),
    ("proxymap", "-", "-", "proxymap"),
    ("smtp", "-", "-", "smtp"),
    ("lmtp", "-", "-", "lmtp"),
    ("error", "-", "-", "error"),
    ("retry", "-", "-", "error"),
    ("anvil", "-", "1", "anvil"),
];

/// A running relay. Stopped, and its folder removed, when dropped.
pub struct Postfix {
    /// Where it takes mail.
    pub port: u16,
    folder: PathBuf,
    master: std::process::Child,
}

/// A command as root, whoever we are.
fn as_root(script: &str) -> Command {
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let mut command = if is_root {
        Command::new("sh")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "sh"]);
        sudo
    };
    command.args(["-c", script]).stdin(Stdio::null());
    command
}

fn is_there() -> bool {
    let can_be_root = || as_root("true").stderr(Stdio::null()).status();
    Path::new(MASTER).is_file() && can_be_root().is_ok_and(|status| status.success())
}

impl Postfix {
    /// Takes mail on `port`, hands it on to `next`, and what comes back for `sender` to `bounces` by LMTP. None where there is no postfix.
    pub async fn start(name: &str, port: u16, next: u16, sender: &str, bounces: u16) -> Option<Self> {
        if !is_there() {
            let is_required = std::env::var("DOORWARD_TEST_POSTFIX").is_ok_and(|value| value == "required");
            assert!(
                !is_required,
                "postfix is required, and is not there or cannot be started"
            );
            eprintln!("skipped: {name}: needs Debian's postfix, and root to start it");
            return None;
        }
        let folder = std::env::temp_dir().join(format!("doorward-postfix-{}-{port}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let at = folder.display();
        fs::write(folder.join("main.cf"), main_cf(&folder)).unwrap();
        fs::write(folder.join("master.cf"), master_cf(port)).unwrap();
        let transport = format!("{sender} lmtp:inet:127.0.0.1:{bounces}\n* smtp:[127.0.0.1]:{next}\n");
        fs::write(folder.join("transport"), transport).unwrap();
        let set_up = format!(
            "cd {at} && chown root . *.cf && chmod 755 . && mkdir -p data queue/pid && chown postfix data && cd queue && \
             mkdir active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public && \
             chown postfix active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public && \
             chmod 700 active bounce corrupt defer deferred flush hold incoming private saved trace && \
             chgrp postdrop maildrop public && chmod 730 maildrop && chmod 710 public"
        );
        assert!(as_root(&set_up).status().unwrap().success(), "the folders of postfix");
        let master = as_root(&format!("exec setsid {MASTER} -c {at} -d"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let postfix = Self { port, folder, master };
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Some(postfix);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("postfix does not listen after ten seconds:\n{}", postfix.log());
    }
    /// What it wrote into its log.
    pub fn log(&self) -> String {
        let said = as_root(&format!("cat {}/log", self.folder.display())).output();
        said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned())
            .unwrap_or_default()
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        // Its own group, by the number that it wrote down itself.
        let at = self.folder.display();
        let stop = format!("kill -TERM -$(tr -d ' ' < {at}/queue/pid/master.pid); sleep 0.2; rm -rf {at}");
        let _ = as_root(&stop).stderr(Stdio::null()).status();
        let _ = self.master.wait();
    }
}

fn main_cf(folder: &Path) -> String {
    let at = folder.display();
    format!(
        "compatibility_level = 3.6\nqueue_directory = {at}/queue\ndata_directory = {at}/data\ndaemon_directory = /usr/lib/postfix/sbin\n\
         command_directory = /usr/sbin\nmail_owner = postfix\nsetgid_group = postdrop\nmyhostname = relay.example.org\nmydestination =\n\
         local_recipient_maps =\nalias_maps =\nalias_database =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmynetworks = 127.0.0.0/8\n\
         smtpd_relay_restrictions = permit_mynetworks, reject\nrecipient_delimiter = +\ntransport_maps = texthash:{at}/transport\n\
         disable_dns_lookups = yes\nsmtp_host_lookup = native\nmaillog_file = {at}/log\nmaillog_file_prefixes = {at}\n"
    )
}

fn master_cf(port: u16) -> String {
    let mut text = format!("127.0.0.1:{port} inet n - n - - smtpd\npostlog unix-dgram n - n - 1 postlogd\n");
    for (service, private, most, daemon) in SERVICES {
        let _ = writeln!(text, "{service} unix {private} - n - {most} {daemon}");
    }
    text
}
