//! What this program says: a line at a time on stdout, at once, so that a run that hangs shows where.
use std::io::{self, Write as _};

/// What is wrong, a line each.
pub fn tell(wrong: &[String]) {
    for line in wrong {
        say(&format!("  {line}"));
    }
}

/// One line.
pub fn say(line: &str) {
    let mut out = io::stdout().lock();
    // Where nobody reads any more, there is nobody to tell.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
