//! What people read about the keys, made from the table of keys: docs/guide/configuration.md and doorward.example.toml.
use super::KEYS;
use std::fmt::Write as _;

/// The whole text of docs/guide/configuration.md.
pub fn reference_page() -> String {
    let mut page = String::from(
        "<!-- Made from crates/ground/src/config/keys.rs; do not edit. DOORWARD_REGENERATE=1 cargo test -p ground config writes it anew. -->\n\
         # Configuration\n\n\
         Every key can be given as a flag, as a variable of the environment, or in a file. A flag wins over a variable, a \
         variable over the file, the file over the default. The file is `doorward.toml` in the working directory, or the one \
         that `--config FILE` names.\n\n\
         An unknown key or a bad value stops the start, and the message names the file, line and key (or the variable, or the \
         flag). `doorward check` looks at the configuration and at everything it points to.\n\n\
         Keys that take several values take a list in the file, and values separated by commas in a flag or variable; a flag \
         may also be repeated. Variables that begin with `DOORWARD_SERVICE_`, `DOORWARD_PORT`, `DOORWARD_AGENT_` or \
         `DOORWARD_TEST_` are not the server's and are left alone.\n\n\
         | key | default | what it decides |\n| --- | --- | --- |\n",
    );
    for key in KEYS {
        let _ = writeln!(
            page,
            "| `{}`<br>`{}`<br>`--{}` | {} | {}{} |",
            key.name,
            key.variable(),
            key.flag(),
            key.default,
            if key.is_list { "Several values. " } else { "" },
            key.about
        );
    }
    page.push_str(
        "\n## Where secrets may stand\n\n\
         `database_url`, `mail.url` and `sms.url` may hold a password. Others on the machine can read the flags of a running \
         program, so give these in the file (readable by the server alone) or in a variable. No message and no line of the log \
         repeats them.\n",
    );
    page
}

/// The whole text of doorward.example.toml: every key, commented out.
pub fn example_file() -> String {
    let mut file = String::from(
        "# Doorward's configuration. Copy to doorward.toml and take the # off the lines you need; docs/guide/configuration.md\n\
         # says more. Made from the table of keys; do not edit this example.\n",
    );
    let mut table = "";
    for key in KEYS {
        let (in_table, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if in_table != table {
            table = in_table;
            let _ = write!(file, "\n[{table}]\n");
        } else if table.is_empty() {
            file.push('\n');
        }
        for line in wrap(&format!("{} Default: {}.", key.about, key.default)) {
            let _ = writeln!(file, "# {line}");
        }
        let _ = writeln!(file, "#{name} = {}", key.example);
    }
    file
}

/// Lines of at most 110 characters, broken at spaces.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if line.chars().count() + 1 + word.chars().count() <= 110 => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
