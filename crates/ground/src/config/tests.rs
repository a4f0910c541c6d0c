//! The configuration from all its sources: which one wins, what is refused, and that messages name the place.
use super::{Config, ConfigError, Database, KEYS, LogFormat, LogLevel, Sources, example_file, reference_page};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// A file of its own for each case, removed at the end.
struct File(PathBuf);
impl File {
    fn with(text: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "doorward-config-{}-{}.toml",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }
}
impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn from_file(text: &str) -> Result<Config, ConfigError> {
    let file = File::with(text);
    Config::load(&Sources {
        file: Some(file.0.clone()),
        ..Sources::default()
    })
}

fn from_variables(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables = variables
        .iter()
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    Config::load(&Sources {
        variables,
        ..Sources::default()
    })
}

#[test]
fn nothing_given_means_the_defaults() {
    let config = from_file("").unwrap();
    assert_eq!(config.listen, ["127.0.0.1:8080".parse().unwrap()]);
    assert_eq!(config.public_url.as_str(), "http://localhost:8080");
    assert_eq!(config.data_dir, Path::new("./doorward-data"));
    assert!(matches!(config.database, Database::Sqlite(path) if path == Path::new("./doorward-data/doorward.db")));
    assert_eq!(config.master_key_file, Path::new("./doorward-data/master.key"));
    assert!(config.mail.is_none() && config.sms.is_none() && config.tls.is_none() && config.trusted_proxies.is_empty());
    assert_eq!((config.log.format, config.log.level), (LogFormat::Text, LogLevel::Info));
}

#[test]
fn flags_win_over_variables_over_the_file() {
    let file = File::with("data_dir = '/file'\nmaster_key_file = '/file'\n[log]\nlevel = 'error'\n");
    let config = Config::load(&Sources {
        file: Some(file.0.clone()),
        variables: vec![
            ("DOORWARD_MASTER_KEY_FILE".into(), "/variable".into()),
            ("DOORWARD_LOG__LEVEL".into(), "warn".into()),
        ],
        flags: vec![("log.level", vec!["debug".into()])],
    })
    .unwrap();
    assert_eq!(config.data_dir, Path::new("/file"));
    assert_eq!(config.master_key_file, Path::new("/variable"));
    assert_eq!(config.log.level, LogLevel::Debug);
}

#[test]
fn lists_come_as_lists_or_with_commas() {
    let two = ["127.0.0.1:1".parse().unwrap(), "[::1]:2".parse().unwrap()];
    assert_eq!(from_file("listen = ['127.0.0.1:1', '[::1]:2']").unwrap().listen, two);
    assert_eq!(
        from_variables(&[("DOORWARD_LISTEN", "127.0.0.1:1, [::1]:2")])
            .unwrap()
            .listen,
        two
    );
    let flags = vec![("listen", vec!["127.0.0.1:1".to_owned(), "[::1]:2".to_owned()])];
    assert_eq!(
        Config::load(&Sources {
            flags,
            ..Sources::default()
        })
        .unwrap()
        .listen,
        two
    );
}

#[test]
fn an_error_in_the_file_names_file_line_and_key() {
    for (text, line, key, says) in [
        ("\nlisten = 8080", 2, "listen", "text in quotes"),
        ("\n\nlisten = 127.0.0.1:8080", 3, "listen", "not TOML"),
        ("listne = '127.0.0.1:8080'", 1, "listne", "no such key"),
        ("# a\n[log]\n\nlevel = 'loud'", 4, "log.level", "error, warn"),
        ("[log]\nlevle = 'info'", 2, "log.levle", "no such key"),
        ("[logs]", 1, "logs", "no such key"),
        ("log = 'json'", 1, "log", "no such key"),
        (
            "public_url = 'http://door.example.org'",
            1,
            "public_url",
            "loopback names only",
        ),
        ("public_url = 'https://d.example/x'", 1, "public_url", "path"),
        ("listen = []", 1, "listen", "empty"),
        ("data_dir = ''", 1, "data_dir", "empty"),
        (
            "trusted_proxies = ['10.0.0.0/8',\n '10.0.0.0/40']",
            1,
            "trusted_proxies",
            "network",
        ),
        ("database_url = 'mysql://x'", 1, "database_url", "postgres://"),
        ("listen = '1.2.3.4:1'\nlisten = '1.2.3.4:1'", 2, "listen", "duplicate"),
        ("[mail]\nurl = 'smtp://h'", 2, "mail.url", "mail.from is missing"),
        ("mail.from = 'a@b'", 1, "mail.from", "mail.url is missing"),
        ("[tls]\ncert = 'a'", 2, "tls.cert", "tls.key is missing"),
        ("[tls]\nacme = 'x'", 2, "tls.acme", "not available yet"),
        ("[tls]\nacme = true", 2, "tls.acme", "not available yet"),
        (
            "public_url='http://localhost'\n[tls]\ncert='a'\nkey='b'",
            1,
            "public_url",
            "https",
        ),
        (
            "public_url='https://a.example'\nlisten='0.0.0.0:80'",
            2,
            "listen",
            "named proxy",
        ),
        (
            "[sms]\nurl = 'twilio://h?from=+4412345678'",
            2,
            "sms.url",
            "twilio://SID",
        ),
    ] {
        let error = from_file(text).map(|_| ()).expect_err(text).to_string();
        assert!(
            error.contains(&format!(", line {line}, key {key}: ")),
            "{text}: {error}"
        );
        assert!(error.contains(says), "{text}: {error}");
        assert!(!error.contains('\n'), "one line: {error}");
        assert!(error.contains(".toml"), "{error}");
    }
}

#[test]
fn an_error_in_a_variable_or_flag_names_it() {
    for (name, value, says) in [
        ("DOORWARD_LISTEN", "8080", "variable DOORWARD_LISTEN: "),
        ("DOORWARD_LOG__LEVEL", "loud", "variable DOORWARD_LOG__LEVEL: "),
        (
            "DOORWARD_LOG_LEVEL",
            "info",
            "variable DOORWARD_LOG_LEVEL: there is no such key",
        ),
        ("DOORWARD_listen", "127.0.0.1:1", "capitals"),
        ("DOORWARD_TLS__ACME", "x", "not available yet"),
        (
            "DOORWARD_DATA_DIR",
            "",
            "variable DOORWARD_DATA_DIR: it must not be empty",
        ),
    ] {
        let error = from_variables(&[(name, value)])
            .map(|_| ())
            .expect_err(name)
            .to_string();
        assert!(error.contains(says), "{error}");
    }
    let flags = vec![("log.level", vec!["loud".to_owned()])];
    let error = Config::load(&Sources {
        flags,
        ..Sources::default()
    })
    .map(|_| ())
    .unwrap_err()
    .to_string();
    assert!(error.starts_with("flag --log-level: "), "{error}");
}

#[test]
fn a_bad_value_stops_the_start_even_where_another_wins() {
    let flags = vec![("log.level", vec!["info".to_owned()])];
    let variables = vec![("DOORWARD_LOG__LEVEL".into(), "loud".into())];
    assert!(
        Config::load(&Sources {
            variables,
            flags,
            ..Sources::default()
        })
        .is_err()
    );
}

#[test]
fn variables_of_others_are_left_alone() {
    let names = [
        "DOORWARD_SERVICE_HOST",
        "DOORWARD_PORT",
        "DOORWARD_PORT_8080_TCP",
        "DOORWARD_AGENT_KEY",
        "DOORWARD_TEST_X",
        "PATH",
    ];
    assert!(from_variables(&names.map(|name| (name, "anything"))).is_ok());
}

#[test]
fn a_named_file_must_be_there() {
    let error = Config::load(&Sources {
        file: Some("/nowhere/doorward.toml".into()),
        ..Sources::default()
    });
    assert!(
        error
            .map(|_| ())
            .unwrap_err()
            .to_string()
            .starts_with("/nowhere/doorward.toml: the file cannot be read")
    );
}

#[test]
fn no_message_and_no_debug_shows_a_secret() {
    for text in [
        "database_url = 'mysql://u:hunter2@h/x'",
        "database_url = 'postgres://u:hunter2@h:port/x'",
        "[mail]\nurl = 'http://u:hunter2@h'",
        "[sms]\nurl = 'twilio://u:hunter2@h'",
        "database_url = 'postgres://u:hunter2",
    ] {
        assert!(
            !from_file(text)
                .map(|_| ())
                .expect_err(text)
                .to_string()
                .contains("hunter2"),
            "{text}"
        );
    }
    let config = from_file(
        "database_url='postgres://u:hunter2@h/x'\nmail.url='smtps://u:hunter2@h'\nmail.from='A <a@b>'\nsms.url='webhook+https://hunter2.example/x'",
    )
    .unwrap();
    assert!(!format!("{config:?}").contains("hunter2"), "{config:?}");
}

#[test]
fn every_shape_of_mail_and_text_message_address_is_taken() {
    for url in [
        "smtp://u:p@h:587",
        "smtps://h",
        "smtp://h:25?tls=none",
        "smtp://u%40x:p@h:587/",
        "smtp://a?tls=none smtps://b",
        "mx://door.example.org",
        "mx://door.example.org:2525?dns=127.0.0.1:5353&private=yes",
    ] {
        assert!(
            from_file(&format!("mail.url='{url}'\nmail.from='a@b.example'")).is_ok(),
            "{url}"
        );
    }
    for url in [
        "mx://",
        "mx://u:p@h",
        "mx://h?private=no",
        "mx://h?dns=ns.example.org",
        "mx://h/x",
        "mx://h smtp://h",
        "smtp://h mx://h",
        "smtp://h?dns=127.0.0.1:53",
        " ",
    ] {
        assert!(
            from_file(&format!("mail.url='{url}'\nmail.from='a@b.example'")).is_err(),
            "{url}"
        );
    }
    for url in [
        "twilio://SID:TOKEN@api.twilio.com?from=+441234567890",
        "webhook+https://h/x?y=z",
    ] {
        assert!(from_file(&format!("sms.url='{url}'")).is_ok(), "{url}");
    }
}

#[test]
fn the_example_names_every_key_and_each_line_of_it_loads() {
    let example = example_file();
    let whole: String = example
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|rest| !rest.starts_with(' '))
                .unwrap_or(line)
        })
        .fold(String::new(), |text, line| text + line + "\n");
    from_file(&whole).unwrap();
    for key in KEYS {
        let name = key.name.rsplit('.').next().unwrap();
        assert!(example.contains(&format!("\n#{name} = ")), "{name}");
    }
    assert!(from_file(&example).is_ok());
}

#[test]
fn the_generated_files_are_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (name, text) in [
        ("docs/guide/configuration.md", reference_page()),
        ("doorward.example.toml", example_file()),
    ] {
        let path = root.join(name);
        if std::env::var_os("DOORWARD_REGENERATE").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == text,
            "{name} is stale: run DOORWARD_REGENERATE=1 cargo test -p ground config"
        );
    }
}
