//! Calls to addresses that an organisation names: webhooks and syslog. For capabilities whose far ends are not the operator's.
//! Must never happen: a machine of an inner network spoken to because somebody wrote its address, or made a name lead there, unless the operator
//! has named that network; a redirect followed; a call without an end; what is sent in clear on the open internet.
use crate::{
    config::{Config, Network},
    delivery::is_public,
};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls_pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

/// How long a whole call takes at most.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the far end of a stream of lines is waited for after the last one.
const FAREWELL: Duration = Duration::from_secs(3);
/// As much of an answer is read.
const MOST: usize = 1_000;
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 4;

/// How it is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// HTTPS.
    Https,
    /// HTTP, within networks that the operator has named.
    Http,
    /// Lines over TLS.
    Tls,
    /// Lines over TCP, within networks that the operator has named.
    Tcp,
}

/// An address as it was written, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// How it is spoken.
    pub way: Way,
    /// The name or address of the machine; an IPv6 address without its brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The whole address.
    pub url: String,
}

impl Target {
    /// Reads `https://…`, `http://…`, `syslog+tls://HOST[:6514]` or `syslog+tcp://HOST[:601]`. None: it is none of these, or names a user.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > 2_000 || !text.chars().all(|c| c.is_ascii_graphic()) {
            return None;
        }
        let (way, usual, spelt) = match text.split_once("://")? {
            ("https", _) => (Way::Https, 443, text.to_owned()),
            ("http", _) => (Way::Http, 80, text.to_owned()),
            // A scheme that the reader of addresses knows, so that hosts are read alike.
            ("syslog+tls", rest) => (Way::Tls, 6514, format!("ws://{rest}")),
            ("syslog+tcp", rest) => (Way::Tcp, 601, format!("ws://{rest}")),
            _ => return None,
        };
        let url = reqwest::Url::parse(&spelt).ok()?;
        let is_bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let is_lines = matches!(way, Way::Tls | Way::Tcp);
        if !is_bare || is_lines && (!matches!(url.path(), "" | "/") || url.query().is_some()) {
            return None;
        }
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        // The reader of addresses hides a port that is the usual one of its scheme.
        let port = match url.port() {
            Some(port) => port,
            None if is_lines && names_port_80(&spelt) => 80,
            None => usual,
        };
        let whole = if is_lines { text.to_owned() } else { url.to_string() };
        Some(Self {
            way,
            host,
            port,
            url: whole,
        })
    }
    /// Where it leads, without what may be a secret: `https://siem.example.org`.
    pub fn place(&self) -> String {
        let scheme = match self.way {
            Way::Https => "https",
            Way::Http => "http",
            Way::Tls => "syslog+tls",
            Way::Tcp => "syslog+tcp",
        };
        let host = if self.host.contains(':') {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        match (self.way, self.port) {
            (Way::Https, 443) | (Way::Http, 80) => format!("{scheme}://{host}"),
            (_, port) => format!("{scheme}://{host}:{port}"),
        }
    }
    /// Whether it is lines, and no HTTP.
    pub const fn is_lines(&self) -> bool {
        matches!(self.way, Way::Tls | Way::Tcp)
    }
    const fn is_clear(&self) -> bool {
        matches!(self.way, Way::Http | Way::Tcp)
    }
}

fn names_port_80(url: &str) -> bool {
    let authority = url.split("://").nth(1).and_then(|rest| rest.split(['/', '?']).next());
    authority.is_some_and(|authority| authority.ends_with(":80"))
}

/// Which addresses may be spoken to.
#[derive(Debug, Clone)]
struct Reach {
    inner: Arc<[Network]>,
    /// Only what the operator has named: what is sent is not encrypted.
    is_clear: bool,
}

impl Reach {
    fn allows(&self, address: IpAddr) -> bool {
        let is_named = self.inner.iter().any(|network| network.contains(address));
        is_named || !self.is_clear && is_public(address)
    }
    /// The addresses of a name that may be spoken to.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Refused> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
        let open: Vec<_> = found
            .into_iter()
            .filter(|at| self.allows(at.ip()))
            .take(MOST_ADDRESSES)
            .collect();
        if open.is_empty() { Err(Refused::Inner) } else { Ok(open) }
    }
}

impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let (reach, host) = (self.clone(), name.as_str().to_owned());
        Box::pin(async move {
            let found = reach.addresses(&host, 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Why nobody was spoken to.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the address belongs to an inner network that the operator has not opened for this")]
    Inner,
    #[error("{0}")]
    System(#[from] io::Error),
}

/// What a far end answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The beginning of what it said, as one line.
    pub said: String,
}

/// Speaks to far ends. A clone is the same one.
#[derive(Clone)]
pub struct Outward {
    inner: Arc<[Network]>,
    /// Made when it is first needed: most servers speak to nobody, and reading the system's certificates takes its time.
    tools: Arc<OnceLock<Result<Tools, String>>>,
}

/// What is spoken with.
struct Tools {
    https: reqwest::Client,
    http: reqwest::Client,
    tls: TlsConnector,
}

impl Tools {
    fn new(inner: &Arc<[Network]>) -> Result<Self, String> {
        let client = |is_clear: bool| {
            let reach = Reach {
                inner: inner.clone(),
                is_clear,
            };
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                // A proxy would look names up by itself.
                .no_proxy()
                .connect_timeout(PATIENCE / 2)
                .timeout(PATIENCE)
                .https_only(!is_clear)
                .pool_max_idle_per_host(1)
                .user_agent("Doorward")
                .dns_resolver(reach)
                .build()
                .map_err(|error| format!("HTTPS cannot be used on this machine: {error}"))
        };
        let tls = rustls::ClientConfig::builder()
            .with_platform_verifier()
            .map_err(|error| format!("TLS cannot be used on this machine: {error}"))?
            .with_no_client_auth();
        Ok(Self {
            https: client(false)?,
            http: client(true)?,
            tls: TlsConnector::from(Arc::new(tls)),
        })
    }
}

impl Outward {
    /// For this configuration.
    pub fn new(config: &Config) -> Self {
        Self {
            inner: config.activity_networks.clone().into(),
            tools: Arc::default(),
        }
    }

    fn tools(&self) -> Result<&Tools, String> {
        self.tools
            .get_or_init(|| Tools::new(&self.inner))
            .as_ref()
            .map_err(String::clone)
    }

    fn reach(&self, target: &Target) -> Reach {
        Reach {
            inner: self.inner.clone(),
            is_clear: target.is_clear(),
        }
    }

    /// Posts a body of JSON. Err: nobody answered, and why.
    pub async fn post(&self, to: &Target, headers: &[(&'static str, String)], body: String) -> Result<Answer, String> {
        // An address in digits is never looked up, so the resolver does not see it.
        if let Ok(address) = to.host.parse()
            && !self.reach(to).allows(address)
        {
            return Err(Refused::Inner.to_string());
        }
        let tools = self.tools()?;
        let client = if to.is_clear() { &tools.http } else { &tools.https };
        let mut request = client.post(&to.url).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.body(body).send().await.map_err(|error| cause(&error))?;
        let (status, mut said) = (response.status().as_u16(), Vec::new());
        while said.len() < MOST {
            match response.chunk().await {
                Ok(Some(chunk)) => said.extend_from_slice(&chunk),
                // The status alone says enough.
                Ok(None) | Err(_) => break,
            }
        }
        said.truncate(MOST);
        let said = crate::journal::clean(&String::from_utf8_lossy(&said), 200);
        Ok(Answer { status, said })
    }

    /// Sends bytes over a stream, says farewell, and waits until the far end has done so, too. Err: it is not sure that they arrived, and why.
    pub async fn send(&self, to: &Target, bytes: &[u8]) -> Result<(), String> {
        let tools = self.tools()?;
        let sent = timeout(PATIENCE, async {
            let stream = self.connect(to).await?;
            if to.is_clear() {
                return write_all(stream, bytes).await;
            }
            let name = ServerName::try_from(to.host.clone())
                .map_err(|_| io::Error::other("the host is no name that a certificate could have"))?;
            write_all(tools.tls.connect(name, stream).await?, bytes).await
        });
        match sent.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(crate::journal::clean(&error.to_string(), 200)),
            Err(_) => Err("no answer in time".into()),
        }
    }

    async fn connect(&self, to: &Target) -> io::Result<TcpStream> {
        let addresses = self.reach(to).addresses(&to.host, to.port).await;
        let addresses = addresses.map_err(|refused| io::Error::other(refused.to_string()))?;
        let mut last = io::Error::other("there is no address to try");
        for address in addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

/// A closed line behind the last byte is the only word of thanks that such a far end has: a reset instead says that something was lost.
async fn write_all<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await?;
    stream.shutdown().await?;
    let mut rest = [0; 256];
    loop {
        match timeout(FAREWELL, stream.read(&mut rest)).await {
            // Some keep the line open until they are done: what was written has left without a fault.
            Err(_) | Ok(Ok(0)) => return Ok(()),
            Ok(Ok(_)) => {}
            // A far end that closes without the farewell of TLS has still closed.
            Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Ok(Err(error)) => return Err(error),
        }
    }
}

/// The innermost cause: the outer ones repeat the address, which may hold a token.
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".into();
    }
    let mut inner: &dyn std::error::Error = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    if std::ptr::eq(inner, std::ptr::from_ref(error)) {
        return "the request failed".into();
    }
    crate::journal::clean(&inner.to_string(), 200)
}

#[cfg(test)]
mod tests;
