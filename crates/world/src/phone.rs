//! The phones of a world: text messages that the real queue brings into the development outbox; and other people's programs that make and read codes.
use crate::{Span, Time, World};
use std::{
    io::Write as _,
    process::{Command, Stdio},
};

/// Whether a program is there. Where not, the story says what it leaves out.
pub fn has_program(name: &str) -> bool {
    let is_there = Command::new(name).arg("--version").output().is_ok();
    if !is_there {
        eprintln!("skipped: {name} is not installed, so nothing was held against it (scripts/test installs it)");
    }
    is_there
}

/// What a program says to this input.
fn said(name: &str, args: &[&str], input: &[u8]) -> String {
    let mut child = Command::new(name)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    child
        .stdin
        .take()
        .expect("its input")
        .write_all(input)
        .expect("it reads");
    let said = child.wait_with_output().expect("it ends");
    String::from_utf8(said.stdout).expect("text").trim_end().to_owned()
}

/// The code that `oathtool` computes from a secret in base32.
pub fn oathtool(secret: &str, now: Time, ahead: Span) -> String {
    let at = format!("@{}", (now + ahead).seconds());
    said(
        "oathtool",
        &["--totp", "--base32", "--now", &at, "-"],
        secret.as_bytes(),
    )
}

/// What `zbarimg` reads in the QR picture of a page: our SVG is painted, eight dots a square, and shown to it.
///
/// # Panics
/// Where there is no picture of ours.
pub fn zbarimg(page: &str) -> String {
    let picture = page.split_once("<svg class=\"qr\"").expect("a QR picture").1;
    let between = |from: &str, to: &str| {
        let rest = picture.split_once(from).expect("as our pictures are").1;
        rest.split_once(to).expect("as our pictures are").0.to_owned()
    };
    let number = |text: &str| text.parse::<usize>().expect("a number");
    let dots = number(&between("viewBox=\"0 0 ", " ")) * 8;
    let mut painted = vec![255_u8; dots * dots];
    for run in between("<path d=\"", "\"").split('z').filter(|run| !run.is_empty()) {
        let (at, long) = run.trim_start_matches('M').split_once('h').expect("a run");
        let (x, y) = at.split_once(' ').expect("a place");
        let (x, y, long) = (number(x), number(y), number(long.split('v').next().unwrap_or_default()));
        for row in y * 8..(y + 1) * 8 {
            painted[row * dots + x * 8..row * dots + (x + long) * 8].fill(0);
        }
    }
    let image = [format!("P5\n{dots} {dots}\n255\n").into_bytes(), painted].concat();
    said("zbarimg", &["--quiet", "--raw", "-"], &image)
}

impl World {
    /// Brings the text messages and reads all that ever came to this number, oldest first.
    ///
    /// # Panics
    /// Where a file of the outbox cannot be read.
    pub async fn texts_to(&self, number: &str) -> Vec<String> {
        self.bring_mail().await;
        let Ok(entries) = std::fs::read_dir(self.app().ground().config.outbox_dir()) else {
            return Vec::new();
        };
        let ends = format!("-sms-{number}.txt");
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.retain(|file| file.to_string_lossy().ends_with(&ends));
        files.sort();
        files
            .into_iter()
            .map(|file| std::fs::read_to_string(file).expect("a file of the outbox"))
            .collect()
    }
    /// The code in the latest text message to this number.
    ///
    /// # Panics
    /// Where there is none.
    pub async fn code_texted_to(&self, number: &str) -> String {
        let texts = self.texts_to(number).await;
        let last = texts.last().expect("a text message");
        let code = last
            .split_whitespace()
            .find(|word| word.len() == 8 && word.bytes().all(|b| b.is_ascii_digit()));
        code.expect("a code of eight digits").to_owned()
    }
}
