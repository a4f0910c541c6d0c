//! The log: lines for people or JSON for machines, on stderr, each event exactly one line.
//! Lines of requests are gathered for a moment and written together; everything else is written at once, behind what was gathered.
//! What must never happen: text that somebody sent making a line of its own or moving the terminal's cursor; a secret; lines that change their
//! order, or that an orderly end loses.
mod gathered;

use gathered::{Gathered, Lines};
use ground::config::{Log, LogFormat, LogLevel};
use std::sync::OnceLock;
use std::{
    fmt::Write as _,
    io::{self, Write},
};
use tracing::{Level, level_filters::LevelFilter};
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// What waits to be written in this process.
static GATHERED: OnceLock<Gathered> = OnceLock::new();

/// Libraries whose finer lines would show what passes through them.
const RESERVED: [&str; 6] = ["hyper", "h2", "rustls", "tokio_postgres", "postgres", "tokio_rustls"];

/// Libraries that call it an error when somebody sends what does not fit: strangers would fill the log. We refuse with a reason of our own.
const SILENT: [&str; 2] = ["webauthn_rs", "webauthn_rs_core"];

/// Starts the log of this process. A second start (tests) changes nothing.
pub fn start(log: Log) {
    let level = match log.level {
        LogLevel::Error => Level::ERROR,
        LogLevel::Warn => Level::WARN,
        LogLevel::Info => Level::INFO,
        LogLevel::Debug => Level::DEBUG,
        LogLevel::Trace => Level::TRACE,
    };
    let reserved = LevelFilter::from_level(level).min(LevelFilter::WARN);
    let filter = Targets::new()
        .with_default(level)
        .with_targets(RESERVED.map(|name| (name, reserved)))
        .with_targets(SILENT.map(|name| (name, LevelFilter::OFF)));
    let gathered = GATHERED.get_or_init(|| Gathered::to(Box::new(io::stderr())));
    let lines = fmt::layer().with_writer(Lines(gathered)).with_ansi(false);
    let lines = match log.format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().with_current_span(true).with_span_list(false).boxed(),
    };
    if tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .is_ok()
    {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// Writes what is still gathered: the last thing that an orderly end does.
pub fn finish() {
    if let Some(gathered) = GATHERED.get() {
        gathered.write_out();
    }
}

/// Our own words and the place only: a panic's message can hold what it tripped over.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "a panic; only the work in hand is lost");
}

/// Passes an event on as one line: every control character in it is written as an escape, the last line break excepted.
struct OneLine<W>(W);

impl<W: Write> Write for OneLine<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        // Nearly every line is plain; then one look is enough.
        let is_plain = |line: &[u8]| line.iter().all(|byte| (b' '..=b'~').contains(byte));
        if event.strip_suffix(b"\n").is_some_and(is_plain) {
            self.0.write_all(event)?;
            return Ok(event.len());
        }
        let text = String::from_utf8_lossy(event);
        let (line, end) = text.strip_suffix('\n').map_or((text.as_ref(), ""), |line| (line, "\n"));
        if line.chars().any(breaks_out) {
            self.0.write_all((escaped(line) + end).as_bytes())?;
        } else {
            self.0.write_all(event)?;
        }
        Ok(event.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Control characters, and those that some readers take for the end of a line or that reorder what follows.
fn breaks_out(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// As JSON writes them (RFC 8259, 7), so that a JSON line stays JSON.
fn escaped(line: &str) -> String {
    line.chars().fold(String::with_capacity(line.len() + 16), |mut out, c| {
        if breaks_out(c) {
            // Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_was_sent_makes_a_line_of_its_own() {
        let mut out = OneLine(Vec::new());
        let sent = "name=ana\r\n2026 INFO forged\u{1b}[2J\u{2028}x\u{85}y\u{202e}z\n";
        assert_eq!(out.write(sent.as_bytes()).unwrap(), sent.len());
        let text = String::from_utf8(out.0).unwrap();
        assert_eq!(
            text,
            "name=ana\\u000d\\u000a2026 INFO forged\\u001b[2J\\u2028x\\u0085y\\u202ez\n"
        );
    }

    #[test]
    fn an_ordinary_line_stays_as_it_is() {
        let mut out = OneLine(Vec::new());
        out.write_all("ready at “http://localhost:8080”\n".as_bytes()).unwrap();
        assert_eq!(out.0, "ready at “http://localhost:8080”\n".as_bytes());
    }
}
