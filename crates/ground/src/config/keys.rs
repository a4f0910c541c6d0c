//! The one table of keys. Parsing, `--help`, docs/guide/configuration.md and doorward.example.toml all come from it,
//! so that none can say what another does not.
use super::{finish::Draft, parse};

/// One key of the configuration.
#[derive(Debug)]
pub struct Key {
    /// Its name in the file; a dot stands between a table and its key.
    pub name: &'static str,
    /// What it takes, in capitals, for `--help`.
    pub takes: &'static str,
    /// What holds when nobody gives it, in words.
    pub default: &'static str,
    /// A value as the file has it, for the example.
    pub example: &'static str,
    /// What it decides, in one sentence or two.
    pub about: &'static str,
    /// Whether several values are allowed.
    pub is_list: bool,
    /// Whether the value may hold a secret, which no message may repeat.
    pub is_secret: bool,
    /// Parses the values and puts them into the draft.
    pub(super) take: fn(&mut Draft, &[String]) -> Result<(), String>,
}

impl Key {
    /// The variable: `DOORWARD_LOG__LEVEL`.
    pub fn variable(&self) -> String {
        format!("DOORWARD_{}", self.name.replace('.', "__").to_ascii_uppercase())
    }
    /// The flag, without its dashes: `log-level`.
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }
    /// The key of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYS.iter().find(|key| key.name == name)
    }
}

const TEXT: Key = Key {
    name: "",
    takes: "",
    default: "none",
    example: "",
    about: "",
    is_list: false,
    is_secret: false,
    take: |_, _| Ok(()),
};

/// Every key that this version knows, in the order of the documentation.
pub const KEYS: &[Key] = &[
    Key {
        name: "listen",
        takes: "ADDRESS:PORT",
        default: "127.0.0.1:8080",
        example: r#"["127.0.0.1:8080", "[::1]:8080"]"#,
        about: "Where the server listens. Several are allowed; `0.0.0.0` and `[::]` mean every address of the machine.",
        is_list: true,
        take: |draft, given| parse::listen(given).map(|it| draft.listen = Some(it)),
        ..TEXT
    },
    Key {
        name: "public_url",
        takes: "URL",
        default: "http://localhost:8080",
        example: r#""https://door.example.org""#,
        about: "The one right address of the server, as browsers see it. Links and cookies are made from it, and a request \
                for another host is answered 421. `http` is for loopback names only.",
        take: |draft, given| parse::public_url(given).map(|it| draft.public_url = Some(it)),
        ..TEXT
    },
    Key {
        name: "data_dir",
        takes: "FOLDER",
        default: "./doorward-data",
        example: r#""/var/lib/doorward""#,
        about: "The folder for everything the server keeps in files. It is made when it is not there. A relative path \
                starts at the working directory.",
        take: |draft, given| parse::path(given).map(|it| draft.data_dir = Some(it)),
        ..TEXT
    },
    Key {
        name: "database_url",
        takes: "URL",
        default: "sqlite (the file doorward.db in data_dir)",
        example: r#""postgres://doorward:PASSWORD@db.example.org/doorward""#,
        about: "`sqlite`, or the address of a PostgreSQL database (15 or later): `postgres://USER:PASSWORD@HOST/NAME`.",
        is_secret: true,
        take: |draft, given| parse::database(given).map(|it| draft.database = Some(it)),
        ..TEXT
    },
    Key {
        name: "master_key_file",
        takes: "FILE",
        default: "master.key in data_dir",
        example: r#""/etc/doorward/master.key""#,
        about: "The key that seals what is secret in the store. It is made, readable by the server alone, only while the \
                store is empty. All nodes share it; without it the store cannot be opened, so keep a copy elsewhere.",
        take: |draft, given| parse::path(given).map(|it| draft.master_key_file = Some(it)),
        ..TEXT
    },
    Key {
        name: "trusted_proxies",
        takes: "NETWORK",
        example: r#"["10.0.0.0/8", "192.168.1.5"]"#,
        about: "Networks whose `X-Forwarded-For` and `X-Forwarded-Proto` count. From every other peer they are ignored.",
        is_list: true,
        take: |draft, given| parse::networks(given).map(|it| draft.trusted_proxies = Some(it)),
        ..TEXT
    },
    Key {
        name: "mail.url",
        takes: "URL",
        default: "none: messages land in the development outbox",
        example: r#""smtp://user:PASSWORD@mail.example.org:587""#,
        about: "How mail leaves: `smtp://…` (STARTTLS), `smtps://…`, or `smtp://HOST:25?tls=none`. Needs `mail.from`. \
                Several, with spaces between them, are tried in their order. Or `mx://NAME`: straight to the recipients' servers, \
                where NAME is what this machine is called in the DNS.",
        is_secret: true,
        take: |draft, given| parse::mail_url(given).map(|it| draft.mail_url = Some(it)),
        ..TEXT
    },
    Key {
        name: "mail.from",
        takes: "ADDRESS",
        example: r#""Doorward <door@example.org>""#,
        about: "The sender of mail. Needs `mail.url`.",
        take: |draft, given| parse::mail_from(given).map(|it| draft.mail_from = Some(it)),
        ..TEXT
    },
    Key {
        name: "mail.bounces_listen",
        takes: "ADDRESS:PORT",
        example: r#""127.0.0.1:2424""#,
        about: "Where bounces are taken, by LMTP: let your mail server deliver what comes for the sender's address with a `+` to \
                it. Needs `mail.url`. Whoever can reach it can tell that a message failed, so keep it off open networks.",
        take: |draft, given| parse::one_address(given).map(|it| draft.mail_bounces_listen = Some(it)),
        ..TEXT
    },
    Key {
        name: "sms.url",
        takes: "URL",
        default: "none: messages land in the development outbox",
        example: r#""twilio://SID:TOKEN@api.twilio.com?from=+441234567890""#,
        about: "How text messages leave: `twilio://SID:TOKEN@HOST?from=+NUMBER` or `webhook+https://:SECRET@HOST/PATH`, \
                where each message is signed with the secret.",
        is_secret: true,
        take: |draft, given| parse::sms_url(given).map(|it| draft.sms_url = Some(it)),
        ..TEXT
    },
    Key {
        name: "activity.networks",
        takes: "NETWORK",
        example: r#"["10.20.0.0/16"]"#,
        about: "Inner networks that webhooks and syslog may reach. Without it activity is sent to addresses of the open internet \
                only, and always encrypted; towards these networks plain `http` and `syslog+tcp` are allowed, too.",
        is_list: true,
        take: |draft, given| parse::networks(given).map(|it| draft.activity_networks = Some(it)),
        ..TEXT
    },
    Key {
        name: "tls.cert",
        takes: "FILE",
        example: r#""/etc/doorward/tls/fullchain.pem""#,
        about: "The certificate with its chain, PEM, when the server itself speaks TLS. Needs `tls.key`.",
        take: |draft, given| parse::path(given).map(|it| draft.tls_cert = Some(it)),
        ..TEXT
    },
    Key {
        name: "tls.key",
        takes: "FILE",
        example: r#""/etc/doorward/tls/key.pem""#,
        about: "The certificate's private key, PEM. Needs `tls.cert`.",
        take: |draft, given| parse::path(given).map(|it| draft.tls_key = Some(it)),
        ..TEXT
    },
    Key {
        name: "log.format",
        takes: "text|json",
        default: "text",
        example: r#""json""#,
        about: "Lines for people, or an object a line for machines. The log goes to stderr.",
        take: |draft, given| parse::log_format(given).map(|it| draft.log_format = Some(it)),
        ..TEXT
    },
    Key {
        name: "log.level",
        takes: "error|warn|info|debug|trace",
        default: "info",
        example: r#""warn""#,
        about: "The least important lines that are written.",
        take: |draft, given| parse::log_level(given).map(|it| draft.log_level = Some(it)),
        ..TEXT
    },
];

/// Keys that a later version will have. Refused with their own words, because silence would look like consent.
pub(super) const LATER: &[(&str, &str)] = &[(
    "tls.acme",
    "not available yet in this version: get a certificate elsewhere and set tls.cert and tls.key",
)];
