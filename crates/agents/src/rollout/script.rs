//! The scripts that install the agent, as this server serves them. They are kept whole in `scripts/`; only the server's address, its signer and the
//! digests are filled in. Must never happen: something filled in that a shell would read as more than a value.
use super::shelf::{SYSTEMS, Shelf, signature_key};
use std::fmt::Write as _;

const SHELL: &str = include_str!("../../scripts/pair.sh");
const POWER_SHELL: &str = include_str!("../../scripts/pair.ps1");

/// `pair.sh`.
pub(crate) fn shell(shelf: &Shelf) -> String {
    filled(SHELL, shelf)
}

/// `pair.ps1`. Windows' line ends: it may be saved and opened there.
pub(crate) fn power_shell(shelf: &Shelf) -> String {
    filled(POWER_SHELL, shelf).replace('\n', "\r\n")
}

fn filled(script: &str, shelf: &Shelf) -> String {
    let mut digests = String::new();
    for system in SYSTEMS {
        match shelf.look(system) {
            Ok(Some(signed)) => {
                let _ = writeln!(digests, "{} {}", system.name, signed.digest);
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, system = system.name, "the agent of this system could not be read"),
        }
    }
    let ground = shelf.ground();
    script
        .replace("@SERVER@", &quoted(ground.config.public_url.as_str()))
        .replace("@KEY@", &quoted(&signature_key(ground)))
        .replace("@DIGESTS@", &quoted(digests.trim_end()))
}

/// Between single quotes nothing means anything to a shell but a single quote. An address has none, and neither has anything else that is filled in.
fn quoted(value: &str) -> String {
    value
        .chars()
        .filter(|c| c.is_ascii_graphic() && !matches!(c, '\'' | '\\' | '`' | '"' | '$') || matches!(c, '\n' | ' '))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_filled_in_ends_its_quotes() {
        assert_eq!(quoted("https://door.example:8443"), "https://door.example:8443");
        assert_eq!(quoted("a'; rm -rf / #`$(x)\""), "a; rm -rf / #(x)");
        assert!(SHELL.contains("'@DIGESTS@'"));
        for script in [SHELL, POWER_SHELL] {
            for name in ["@SERVER@", "@KEY@"] {
                assert!(script.contains(&format!("'{name}'")), "{name} stands without quotes");
            }
        }
    }
}
