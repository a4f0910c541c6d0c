//! The part of `doorward check` that looks at mail: whether the mail server lets us in, and what the DNS says about the sender's domain
//! (SPF, DKIM, DMARC). Says which way mail goes. Sends no mail. Where the DNS does not answer it says so, and nothing is held against the configuration.
use super::check::Finding;
use ground::{
    config::{Config, Mail},
    context::{system_chance, system_clock},
    delivery::{Direct, Patience, Relay, look},
};
use hickory_resolver::{
    TokioResolver,
    proto::rr::{RData, RecordType},
};
use std::time::Duration;

const MAIL: &str = "mail";
const SENDER: &str = "mail sender";
const SMS: &str = "text messages";

/// Where signing keys usually are (DKIM selectors of the common mail systems).
const SELECTORS: [&str; 14] = [
    "default",
    "mail",
    "dkim",
    "doorward",
    "google",
    "selector1",
    "selector2",
    "s1",
    "s2",
    "k1",
    "k2",
    "smtp",
    "mx",
    "pm",
];
/// A look of the preflight is short: a server that needs longer is worth a word.
const PATIENCE: Patience = Patience {
    open: Duration::from_secs(10),
    command: Duration::from_secs(10),
    data: Duration::from_secs(10),
    gateway: Duration::from_secs(10),
};

pub(super) async fn check(config: &Config) -> Vec<Finding> {
    let mut findings = vec![server(config).await];
    if let Some(mail) = &config.mail {
        findings.push(sender(&mail.from).await);
    }
    findings.push(text_messages(config));
    findings
}

async fn server(config: &Config) -> Finding {
    let Some(mail) = &config.mail else {
        let folder = config.outbox_dir();
        return Finding::good(
            MAIL,
            format!(
                "not set up: messages land in the development outbox, {}",
                folder.display()
            ),
        );
    };
    if Direct::is_asked_for(&mail.url) {
        return straight(mail).await;
    }
    let relays = match Relay::parse_all(&mail.url, config.public_url.host()) {
        Ok(relays) => relays,
        Err(why) => return Finding::bad(MAIL, why),
    };
    match look(&relays, PATIENCE).await {
        Ok(place) if relays.iter().any(|relay| relay.is_open() && !relay.is_here()) => Finding::note(
            MAIL,
            format!("{place} takes mail, but without TLS: links to reset passwords can be read on the way"),
        ),
        Ok(place) => Finding::good(
            MAIL,
            format!("{place} answers and lets us in; the sender is {}", mail.from),
        ),
        Err((place, said)) => Finding::bad(MAIL, format!("{place} cannot be used: {said}")),
    }
}

/// Where there is no relay: whether the DNS answers, and whether this machine gets through to a mail server at all.
async fn straight(mail: &Mail) -> Finding {
    let direct = match Direct::parse(&mail.url, system_clock(), system_chance()) {
        Ok(direct) => direct,
        Err(why) => return Finding::bad(MAIL, why),
    };
    if let Err(why) = direct.look(&mail.from).await {
        return Finding::bad(
            MAIL,
            format!("mail goes straight to the recipients' servers, but {why}"),
        );
    }
    let way = format!(
        "mail goes straight to the recipients' servers, as {}; the sender is {}",
        direct.hello(),
        mail.from
    );
    match direct.knock(&mail.from, PATIENCE).await {
        Ok(place) => Finding::good(MAIL, format!("{way}; tried with its own domain: {place} answers")),
        Err(why) => Finding::note(
            MAIL,
            format!("{way}; tried with its own domain: {why} (many networks let nobody out to port 25)"),
        ),
    }
}

fn text_messages(config: &Config) -> Finding {
    if config.sms.is_some() {
        Finding::good(SMS, "a gateway is set up; it is asked only when a message is sent")
    } else {
        let folder = config.outbox_dir();
        Finding::good(
            SMS,
            format!("not set up: they land in the development outbox, {}", folder.display()),
        )
    }
}

async fn sender(from: &str) -> Finding {
    let domain = from
        .rsplit_once('@')
        .map_or("", |(_, domain)| domain)
        .trim_end_matches('>');
    if !domain.contains('.') || domain.parse::<std::net::IpAddr>().is_ok() {
        return Finding::note(
            SENDER,
            format!("{domain} is a local name; mail from it arrives nowhere else"),
        );
    }
    let resolver = TokioResolver::builder_tokio().and_then(|mut builder| {
        builder.options_mut().timeout = Duration::from_secs(2);
        builder.options_mut().attempts = 2;
        builder.build()
    });
    let Ok(resolver) = resolver else {
        return Finding::note(SENDER, silent(domain, "this machine names no DNS server"));
    };
    let spf = texts(&resolver, domain, "v=spf1").await;
    let dmarc = texts(&resolver, &format!("_dmarc.{domain}"), "v=DMARC1").await;
    let (spf, dmarc) = match (spf, dmarc) {
        (Answer::Texts(spf), Answer::Texts(dmarc)) => (spf, dmarc),
        (Answer::Texts(spf), Answer::NoName) => (spf, Vec::new()),
        (Answer::NoName, _) => {
            let words = format!("the DNS knows no domain {domain}; most servers refuse mail from it");
            return Finding::note(SENDER, words);
        }
        _ => return Finding::note(SENDER, silent(domain, "the DNS did not answer")),
    };
    let selector = selector(resolver, domain).await;
    judge(domain, &spf, &dmarc, selector)
}

fn silent(domain: &str, why: &str) -> String {
    format!("{why}, so SPF, DKIM and DMARC of {domain} were not looked at")
}

/// What the DNS says about the texts at a name.
enum Answer {
    /// Nothing.
    Silence,
    /// That there is no such name.
    NoName,
    /// These, of those that begin as asked.
    Texts(Vec<String>),
}

async fn texts(resolver: &TokioResolver, name: &str, begins: &str) -> Answer {
    let found = match resolver.lookup(format!("{name}."), RecordType::TXT).await {
        Ok(found) => found,
        Err(error) if error.is_nx_domain() => return Answer::NoName,
        Err(error) if error.is_no_records_found() => return Answer::Texts(Vec::new()),
        Err(_) => return Answer::Silence,
    };
    let text = |data: &RData| match data {
        RData::TXT(text) => Some(
            text.txt_data
                .iter()
                .map(|part| String::from_utf8_lossy(part))
                .collect::<String>(),
        ),
        _ => None,
    };
    let all = found.answers().iter().filter_map(|record| text(&record.data));
    Answer::Texts(all.filter(|text| text.starts_with(begins)).collect())
}

/// The first usual selector with a key.
async fn selector(resolver: TokioResolver, domain: &str) -> Option<&'static str> {
    let mut asked = tokio::task::JoinSet::new();
    for selector in SELECTORS {
        let (resolver, name) = (resolver.clone(), format!("{selector}._domainkey.{domain}"));
        asked.spawn(async move {
            let Answer::Texts(found) = texts(&resolver, &name, "").await else {
                return None;
            };
            found.iter().any(|text| text.contains("p=")).then_some(selector)
        });
    }
    let mut found: Vec<&'static str> = asked.join_all().await.into_iter().flatten().collect();
    found.sort_unstable();
    found.first().copied()
}

/// What the records mean for mail from this domain.
fn judge(domain: &str, spf: &[String], dmarc: &[String], selector: Option<&str>) -> Finding {
    let mut lacking = Vec::new();
    match spf {
        [] => lacking.push(format!(
            "{domain} has no SPF record: add a TXT record that begins with v=spf1 and names your mail server"
        )),
        [one] if one.contains("+all") => {
            lacking.push("the SPF record ends with +all, which lets everybody send in your name".into());
        }
        [_] => {}
        _ => lacking.push(format!(
            "{domain} has {} SPF records, and receivers then use none (RFC 7208, 3.2)",
            spf.len()
        )),
    }
    match dmarc {
        [] => lacking.push(format!(
            "_dmarc.{domain} has no DMARC record: add v=DMARC1; p=none to begin with"
        )),
        [_] => {}
        _ => lacking.push(format!(
            "_dmarc.{domain} has {} DMARC records, and receivers then use none",
            dmarc.len()
        )),
    }
    let signed = selector.map_or_else(
        || "no DKIM key at the usual selectors; if your mail server signs with another one, that is fine".to_owned(),
        |selector| format!("DKIM key at {selector}._domainkey"),
    );
    if lacking.is_empty() {
        let policy = dmarc
            .first()
            .and_then(|text| text.split(';').find_map(|tag| tag.trim().strip_prefix("p=")));
        let policy = policy.unwrap_or("none");
        return Finding::good(
            SENDER,
            format!("{domain}: SPF is there, DMARC is there (p={policy}), {signed}"),
        );
    }
    Finding::note(SENDER, format!("{}; {signed}", lacking.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::super::check::Mark;
    use super::*;

    #[test]
    fn records_are_judged_in_words_that_say_what_to_do() {
        let spf = |text: &str| vec![text.to_owned()];
        let dmarc = || vec!["v=DMARC1; p=quarantine; rua=mailto:x@example.org".to_owned()];
        let good = judge("example.org", &spf("v=spf1 mx -all"), &dmarc(), Some("mail"));
        assert_eq!(good.mark, Mark::Good);
        assert!(good.words.contains("p=quarantine") && good.words.contains("mail._domainkey"));
        for (spf, dmarc, word) in [
            (Vec::new(), dmarc(), "no SPF record"),
            (spf("v=spf1 +all"), dmarc(), "+all"),
            ([spf("v=spf1 a"), spf("v=spf1 b")].concat(), dmarc(), "2 SPF records"),
            (spf("v=spf1 mx -all"), Vec::new(), "no DMARC record"),
        ] {
            let finding = judge("example.org", &spf, &dmarc, None);
            assert_eq!(finding.mark, Mark::Note);
            assert!(
                finding.words.contains(word) && finding.words.contains("usual selectors"),
                "{}",
                finding.words
            );
        }
    }

    #[tokio::test]
    async fn a_local_sender_asks_no_dns() {
        for from in ["Doorward <door@localhost>", "door@127.0.0.1"] {
            assert!(sender(from).await.words.contains("local name"), "{from}");
        }
    }
}
