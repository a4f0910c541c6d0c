//! Mail straight to the recipients' servers, without a relay (`mail.url = "mx://NAME"`). For the postman.
//! Must never happen: a domain whose servers are slow or away keeping the mail of other domains waiting; a domain knocked at without end.
use super::{
    decide::{Outcome, one_line},
    exchange::{Exchanger, Guide, Way},
    lines::Lines,
    mime::Mail,
    relay::{Address, Relay},
    smtp::{Line, Patience, Sent},
};
use kernel::{Chance, Clock, Secret, Span};
use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long a message waits for a line before another domain's message is taken up instead.
const TURN: Duration = Duration::from_secs(2);
/// Servers that are tried, one after the other, before a message waits.
const MOST_SERVERS: usize = 4;
/// A domain whose servers are away is asked again after this at the latest.
const LONGEST_PAUSE: Span = Span::minutes(5);

/// Delivery by the DNS.
pub struct Direct {
    guide: Guide,
    hello: String,
    port: u16,
    clock: Clock,
    chance: Chance,
    /// The domains that there is mail for.
    domains: Mutex<HashMap<String, Arc<Lines>>>,
}

impl Direct {
    /// Whether this `mail.url` asks for it.
    pub fn is_asked_for(url: &Secret<String>) -> bool {
        url.expose().trim_start().starts_with("mx://")
    }

    /// Of a `mail.url`: `mx://NAME`, for tests `mx://NAME:PORT?dns=ADDRESS:PORT&private=yes`.
    pub fn parse(url: &Secret<String>, clock: Clock, chance: Chance) -> Result<Self, String> {
        let parts = Address::parse(url.expose().trim()).ok_or("mail.url is no address")?;
        let (mut dns, mut reaches_private): (Option<SocketAddr>, _) = (None, false);
        for pair in parts.query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("dns", at)) => dns = Some(at.parse().map_err(|_| "mail.url: dns= takes ADDRESS:PORT")?),
                Some(("private", "yes")) => reaches_private = true,
                _ => return Err("mail.url: mx:// knows only ?dns=ADDRESS:PORT and ?private=yes".into()),
            }
        }
        Ok(Self {
            guide: Guide::new(dns, reaches_private)?,
            hello: parts.host,
            port: parts.port.unwrap_or(25),
            clock,
            chance,
            domains: Mutex::default(),
        })
    }

    /// What this machine calls itself towards other servers.
    pub fn hello(&self) -> &str {
        &self.hello
    }

    /// Whether the DNS answers, asked after the domain of this address of ours.
    pub async fn look(&self, from: &str) -> Result<(), String> {
        self.guide
            .is_there(domain_of(from))
            .await
            .map_err(|said| format!("the DNS did not answer: {}", one_line(&said)))
    }

    /// Opens a line to a server of this address's domain and closes it again: which one answered. Sends nothing.
    pub async fn knock(&self, from: &str, patience: Patience) -> Result<String, String> {
        let servers = match self.guide.way(domain_of(from), &self.chance).await {
            Way::To(servers) => servers,
            Way::Never(said) | Way::Unknown(said) => return Err(said),
        };
        let mut last = String::new();
        for server in servers.iter().take(MOST_SERVERS) {
            let relay = Relay::offered(&server.name, server.address, self.port, &self.hello)?;
            match Line::open(&relay, patience).await {
                Ok(line) => {
                    line.quit().await;
                    return Ok(relay.name());
                }
                Err(said) => last = format!("{}: {said}", relay.name()),
            }
        }
        Err(last)
    }

    /// Hands a message to the servers of its domain, one after the other, until one of them decides about it.
    pub(super) async fn send(&self, mail: &Mail, patience: Patience) -> Outcome {
        let name = mail.to.domain().to_ascii_lowercase();
        let domain = self.domain(&name);
        let _turn = match domain.turn(TURN, &name, || (self.clock)()).await {
            Ok(turn) => turn,
            Err(outcome) => return outcome,
        };
        let outcome = self.hand_over(&domain, &name, mail, patience).await;
        if matches!(outcome, Outcome::Taken { .. } | Outcome::Refused { .. }) {
            domain.is_there();
        }
        outcome
    }

    async fn hand_over(&self, domain: &Lines, name: &str, mail: &Mail, patience: Patience) -> Outcome {
        if let Some(mut line) = domain.idle()
            && let Sent::Done(outcome) = line.send(mail).await
            && !matches!(outcome, Outcome::Deferred { .. })
        {
            domain.keep(line).await;
            return outcome;
        }
        let servers = match self.guide.way(name, &self.chance).await {
            Way::To(servers) => servers,
            Way::Never(said) => return Outcome::Refused { said },
            Way::Unknown(said) => return domain.away(one_line(&said), (self.clock)()),
        };
        // RFC 5321, 5.1: each in its order until one succeeds; a server that refuses the message for good ends it.
        let mut last = Sent::Stale;
        for server in servers.iter().take(MOST_SERVERS) {
            last = match self.try_server(server, domain, mail, patience).await {
                Sent::Done(Outcome::Deferred { said }) => Sent::Done(Outcome::Deferred { said }),
                Sent::Done(outcome) => return outcome,
                // That a server put it off says more than that the next one is away.
                _ if matches!(last, Sent::Done(_)) => last,
                sent => sent,
            };
        }
        match last {
            Sent::Done(outcome) => outcome,
            Sent::Away(said) => domain.away(said, (self.clock)()),
            Sent::Stale => domain.away(format!("no server of {name} could be tried"), (self.clock)()),
        }
    }

    async fn try_server(&self, server: &Exchanger, domain: &Lines, mail: &Mail, patience: Patience) -> Sent {
        let relay = match Relay::offered(&server.name, server.address, self.port, &self.hello) {
            Ok(relay) => relay,
            Err(said) => return Sent::Away(said),
        };
        let at = relay.name();
        let mut line = match Line::open(&relay, patience).await {
            Ok(line) => line,
            Err(said) => return Sent::Away(format!("{at}: {said}")),
        };
        let sent = line.send(mail).await;
        domain.keep(line).await;
        match sent {
            Sent::Away(said) => Sent::Away(format!("{at}: {said}")),
            Sent::Stale => Sent::Away(format!("{at}: the line was closed")),
            done @ Sent::Done(_) => done,
        }
    }

    fn domain(&self, name: &str) -> Arc<Lines> {
        let mut domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
        domains
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Lines::new(LONGEST_PAUSE)))
            .clone()
    }

    /// Closes the lines that nobody uses, and forgets domains of which there is nothing to remember. For a hand that has run out of work.
    pub(super) async fn tidy(&self) {
        let now = (self.clock)();
        let mut idle = Vec::new();
        {
            let mut domains = self.domains.lock().unwrap_or_else(PoisonError::into_inner);
            domains.retain(|_, domain| {
                idle.extend(domain.take_idle());
                Arc::strong_count(domain) > 1 || !domain.is_forgotten(now)
            });
        }
        for line in idle {
            line.quit().await;
        }
    }
}

/// The domain of `door@example.org` or `Doorward <door@example.org>`.
fn domain_of(from: &str) -> &str {
    from.rsplit_once('@')
        .map_or(from, |(_, domain)| domain.trim_end_matches('>'))
}
