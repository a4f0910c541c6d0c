//! The conversation with a mail server (RFC 5321), step by step, so that it is known how far it came. For the postman and the minute's look.
//! Must never happen: a step without an end; a message taken for sent on an answer that was not to it; a password before TLS was asked for.
use super::{
    decide::{Outcome, one_line},
    mime::Mail,
    relay::{Relay, Tls},
};
use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::Mechanism,
        client::AsyncSmtpConnection,
        commands::{Data, Mail as MailFrom, Quit, Rcpt, Rset},
        extension::{Extension, MailParameter},
        response::{Response, Severity},
    },
};
use std::{error::Error as _, fmt::Display, time::Duration};
use tokio::net::TcpStream;

/// How long each step may take, counted over the whole step: a server of one byte a second does not hold us longer.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// To connect, be greeted and be told what the server can do.
    pub open: Duration,
    /// For each command.
    pub command: Duration,
    /// For the answer to the message itself. Long, because leaving too early makes second copies (RFC 5321, 4.5.3.2.6).
    pub data: Duration,
    /// For the whole answer of a gateway for text messages.
    pub gateway: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            open: Duration::from_secs(20),
            command: Duration::from_secs(30),
            data: Duration::from_mins(5),
            gateway: Duration::from_secs(20),
        }
    }
}

/// What a step met.
enum Trouble {
    /// 4xx.
    Later(u16, String),
    /// 5xx.
    Never(u16, String),
    /// No answer, or none that can be understood. The line is dead.
    Broken(String),
}

/// A line to a mail server, greeted, private where it is to be, and logged in.
pub(super) struct Line {
    conn: AsyncSmtpConnection,
    patience: Patience,
    name: String,
    is_used: bool,
    is_dead: bool,
}

/// What came of handing a message over.
pub(super) enum Sent {
    /// This.
    Done(Outcome),
    /// The server will have nothing from us at this moment; the message is as good as before.
    Away(String),
    /// The line was used before and has gone stale: try with a fresh one.
    Stale,
}

impl Line {
    /// Opens a line, or says what the server said or did.
    pub(super) async fn open(relay: &Relay, patience: Patience) -> Result<Self, String> {
        let mut line = Self::dial(relay, patience).await?;
        if let Err(trouble) = line.secure(relay).await {
            let said = trouble.words("STARTTLS");
            if !matches!(relay.tls, Tls::Offered(_)) {
                return Err(said);
            }
            // A server that offers what it cannot do is met as one that offers nothing.
            tracing::debug!(server = %relay.name(), %said, "TLS was offered and failed");
            line = Self::dial(relay, patience).await?;
        }
        line.log_in(relay).await.map_err(|trouble| trouble.words("the login"))?;
        if matches!(relay.tls, Tls::Offered(_)) && !line.conn.is_encrypted() {
            line.name.push_str(" without TLS");
        }
        Ok(line)
    }

    async fn dial(relay: &Relay, patience: Patience) -> Result<Self, String> {
        let place = (relay.host.as_str(), relay.port);
        let opening = async {
            if let Tls::Whole(parameters) = &relay.tls {
                let whole = Some(parameters.clone());
                return AsyncSmtpConnection::connect_tokio1(place, Some(patience.open), &relay.hello, whole, None)
                    .await
                    .map_err(|error| Trouble::from(&error, "the greeting"));
            }
            let stream = undelayed(place)
                .await
                .map_err(|error| Trouble::Broken(one_line(&format!("the connection: {error}"))))?;
            AsyncSmtpConnection::connect_with_transport(Box::new(stream), &relay.hello)
                .await
                .map_err(|error| Trouble::from(&error, "the greeting"))
        };
        let opened = tokio::time::timeout(patience.open, opening).await;
        let conn = opened
            .unwrap_or_else(|_| Err(Trouble::too_slow("the greeting", patience.open)))
            .map_err(|trouble| trouble.words("the connection"))?;
        Ok(Self {
            conn,
            patience,
            name: relay.name(),
            is_used: false,
            is_dead: false,
        })
    }

    async fn secure(&mut self, relay: &Relay) -> Result<(), Trouble> {
        let parameters = match &relay.tls {
            Tls::Start(parameters) => parameters,
            Tls::Offered(parameters) if self.conn.can_starttls() => parameters,
            Tls::None | Tls::Whole(_) | Tls::Offered(_) => return Ok(()),
        };
        if !self.conn.can_starttls() {
            return Err(Trouble::Broken(
                "the server does not offer STARTTLS; nothing was sent (use smtps://, or ?tls=none on a network that you trust)".into(),
            ));
        }
        let upgrade = self.conn.starttls(parameters.clone(), &relay.hello);
        in_time(self.patience.open, "STARTTLS", upgrade).await
    }

    async fn log_in(&mut self, relay: &Relay) -> Result<(), Trouble> {
        let Some(login) = &relay.login else { return Ok(()) };
        let auth = self.conn.auth(&[Mechanism::Plain, Mechanism::Login], login);
        let answer = in_time(self.patience.command, "AUTH", auth).await?;
        expect(&answer, 235, "AUTH")
    }

    /// Hands the message over.
    pub(super) async fn send(&mut self, mail: &Mail) -> Sent {
        let was_used = std::mem::replace(&mut self.is_used, true);
        if let Err(trouble) = self.mail_from(mail).await {
            return match trouble {
                Trouble::Broken(_) | Trouble::Later(421, _) if was_used => self.dead(Sent::Stale),
                // Silence before anything of this message was said, or a server that wants a (better) login from whoever writes.
                Trouble::Broken(said) | Trouble::Never(530 | 534 | 535 | 538, said) => self.dead(Sent::Away(said)),
                trouble => self.refused(trouble).await,
            };
        }
        let rcpt = Rcpt::new(mail.to.clone(), Vec::new());
        if let Err(trouble) = self.command("RCPT TO", rcpt).await {
            return self.refused(trouble).await;
        }
        let ready = self.command("DATA", Data).await;
        if let Err(trouble) = ready.and_then(|answer| expect(&answer, 354, "DATA")) {
            return self.refused(trouble).await;
        }
        let body = self.conn.message(&mail.bytes);
        match in_time(self.patience.data, "the message", body).await {
            Ok(answer) if answer.code().severity == Severity::PositiveCompletion => Sent::Done(Outcome::Taken {
                by: self.name.clone(),
                said: words(&answer),
            }),
            // From here on nobody can know whether it was taken.
            Ok(answer) => self.dead(Sent::Done(Outcome::Unknown { said: words(&answer) })),
            Err(Trouble::Broken(said)) => self.dead(Sent::Done(Outcome::Unknown { said })),
            Err(trouble) => self.refused(trouble).await,
        }
    }

    /// The sender of this message alone; the plain one where the server will not have that.
    async fn mail_from(&mut self, mail: &Mail) -> Result<(), Trouble> {
        let mut parameters = Vec::new();
        if !AsRef::<str>::as_ref(&mail.to).is_ascii() {
            if !self.conn.server_info().supports_feature(Extension::SmtpUtfEight) {
                let said = "the mail server does not take addresses with letters beyond ASCII (no SMTPUTF8)";
                return Err(Trouble::Never(553, said.into()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let from = |sender: &Address| MailFrom::new(Some(sender.clone()), parameters.clone());
        match self.command("MAIL FROM", from(&mail.sender)).await {
            Err(Trouble::Never(code, _)) if mail.sender != mail.plain_sender && !(530..=538).contains(&code) => {
                self.command("RSET", Rset).await?;
                self.command("MAIL FROM", from(&mail.plain_sender)).await.map(drop)
            }
            answer => answer.map(drop),
        }
    }

    /// A negative answer, or none, to a step before the message itself was handed over.
    async fn refused(&mut self, trouble: Trouble) -> Sent {
        let (outcome, is_over) = match trouble {
            Trouble::Later(code, said) => (Outcome::Deferred { said }, code == 421),
            Trouble::Never(_, said) => (Outcome::Refused { said }, false),
            Trouble::Broken(said) => (Outcome::Deferred { said }, true),
        };
        if is_over || self.command("RSET", Rset).await.is_err() {
            self.is_dead = true;
        }
        Sent::Done(outcome)
    }

    fn dead(&mut self, sent: Sent) -> Sent {
        self.is_dead = true;
        sent
    }

    /// Whether another message may be sent on it.
    pub(super) fn is_usable(&self) -> bool {
        !self.is_dead && !self.conn.has_broken()
    }

    /// Says good-bye; the answer does not matter.
    pub(super) async fn quit(mut self) {
        if self.is_usable() {
            let limit = self.patience.command.min(Duration::from_secs(5));
            let _ = tokio::time::timeout(limit, self.conn.command(Quit)).await;
        }
    }

    async fn command(&mut self, what: &str, command: impl Display) -> Result<Response, Trouble> {
        in_time(self.patience.command, what, self.conn.command(command)).await
    }
}

/// INVARIANT: an answer counts only where it is the one to this step. A stray answer from before TLS would shift all that follow by one.
fn expect(answer: &Response, code: u16, what: &str) -> Result<(), Trouble> {
    if answer.has_code(code) {
        return Ok(());
    }
    Err(Trouble::Broken(format!(
        "unexpected answer to {what}: {}",
        words(answer)
    )))
}

async fn in_time<T>(limit: Duration, what: &str, step: impl Future<Output = Result<T, Error>>) -> Result<T, Trouble> {
    match tokio::time::timeout(limit, step).await {
        Ok(done) => done.map_err(|error| Trouble::from(&error, what)),
        Err(_) => Err(Trouble::too_slow(what, limit)),
    }
}

/// A message and the full stop behind it are two small writes: held back until the first is acknowledged (Nagle), each message would cost 40 ms.
async fn undelayed(place: (&str, u16)) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(place).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Trouble {
    fn too_slow(what: &str, limit: Duration) -> Self {
        let seconds = limit.as_secs_f32();
        Self::Broken(format!("no complete answer to {what} within {seconds} s"))
    }
    fn from(error: &Error, what: &str) -> Self {
        let inner = error.source().map(ToString::to_string).unwrap_or_default();
        match error.status() {
            Some(code) => {
                let said = one_line(&format!("{code} {inner}"));
                let number = code.to_string().parse().unwrap_or(0);
                if error.is_permanent() {
                    Self::Never(number, said)
                } else {
                    Self::Later(number, said)
                }
            }
            None if error.is_tls() => Self::Broken(one_line(&format!("TLS failed: {inner}"))),
            None if inner.is_empty() => Self::Broken(one_line(&format!("{what}: {error}"))),
            None => Self::Broken(one_line(&format!("{what}: {inner}"))),
        }
    }
    /// In words, at this place of the opening.
    fn words(self, what: &str) -> String {
        match self {
            Self::Later(_, said) | Self::Never(_, said) => format!("{what} was refused: {said}"),
            Self::Broken(said) => said,
        }
    }
}

/// An answer in the server's own words: `250 2.0.0 Ok: queued as 4F1`.
fn words(answer: &Response) -> String {
    let lines: Vec<&str> = answer.message().collect();
    one_line(&format!("{} {}", answer.code(), lines.join(" ")))
}

/// Looks whether one of the servers takes mail: connects, secures, logs in, leaves. Which one and what was said.
pub async fn look(relays: &[Relay], patience: Patience) -> Result<String, (String, String)> {
    let mut last = (String::new(), String::new());
    for relay in relays {
        match Line::open(relay, patience).await {
            Ok(line) => {
                line.quit().await;
                return Ok(relay.name());
            }
            Err(said) => last = (relay.name(), said),
        }
    }
    Err(last)
}
