//! HTTP to the server: one call, one answer, and what a refusal says. Must never happen: a redirect that is followed, an answer without end.
use crate::{
    VERSION,
    folder::{CA, Folder},
    say::{Done, Fault},
    server::Server,
};
use agent_wire::VERSION_HEADER;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{sync::Arc, time::Duration};
use ureq::{
    Agent, Proxy,
    http::{Response, StatusCode},
    tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem},
};

/// The reason's id of a machine that was copied from another.
const COPIED: &str = "AG-058";
/// The longest answer, bytes.
const LONGEST: u64 = 64 * 1024;

/// Why a call came to nothing.
#[derive(Debug)]
pub enum NoAnswer {
    /// The server said no.
    Refused(Refusal),
    /// There is no way to it, or what came back was no answer of its.
    Unreachable(String),
}

/// What the server said.
#[derive(Debug)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The reason's id.
    pub reason: String,
    /// In words.
    pub words: String,
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
}

impl NoAnswer {
    /// In words, for a person.
    pub fn words(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.words.clone(),
            Self::Unreachable(why) => format!("the server cannot be reached: {why}"),
        }
    }
    /// The reason's id, where the server said one.
    pub fn reason(&self) -> &str {
        match self {
            Self::Refused(refusal) => &refusal.reason,
            Self::Unreachable(_) => "",
        }
    }
    /// Whether it may go well later: no way to the server, too many calls, a fault of the server's.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.status == 429 || refusal.status >= 500,
            Self::Unreachable(_) => true,
        }
    }
    /// Whether the identity is worth nothing any more: the server does not know the key, or has ended the agent, or this machine is a copy of another.
    /// Whatever else it says may pass: an organisation is let in again, a network is named.
    pub fn is_over(&self) -> bool {
        self.is_unknown() || ["AG-054", "AG-055", "AG-056", COPIED, "AG-064", "AG-065"].contains(&self.reason())
    }
    /// Whether the server knows no agent of this key.
    pub fn is_unknown(&self) -> bool {
        self.reason() == "AG-048"
    }
    /// Whether this machine has the identity of another one.
    pub fn is_copied(&self) -> bool {
        self.reason() == COPIED
    }
    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused(refusal) => refusal.retry_after,
            Self::Unreachable(_) => None,
        }
    }
}

impl From<NoAnswer> for Fault {
    fn from(no: NoAnswer) -> Self {
        match &no {
            NoAnswer::Refused(_) => Self::Failed(no.words()),
            NoAnswer::Unreachable(_) => Self::Failed(format!(
                "{}; look at the address and the network, and try again",
                no.words()
            )),
        }
    }
}

/// RFC 9457, as far as it is read.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Problem {
    title: String,
    detail: String,
    reason: String,
}

/// Whoever calls.
pub struct Client {
    http: Agent,
    server: Server,
}

impl Client {
    /// For this server; with the authorities of the folder's `ca.pem` alone where they are to count.
    pub fn new(server: Server, folder: &Folder, has_ca: bool) -> Done<Self> {
        let roots = if has_ca {
            authorities(folder)?
        } else {
            RootCerts::PlatformVerifier
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let is_loopback = server.is_loopback();
        let config = Agent::config_builder()
            .tls_config(tls)
            .https_only(!is_loopback)
            // The proxy of the environment is for the ways out; in clear nothing leaves this machine.
            .proxy(if is_loopback { None } else { Proxy::try_from_env() })
            .input_buffer_size(16 * 1024)
            .output_buffer_size(16 * 1024)
            .max_redirects(0)
            .http_status_as_error(false)
            .user_agent(format!("doorward-agent/{VERSION}"))
            .timeout_global(Some(Duration::from_secs(30)))
            .timeout_connect(Some(Duration::from_secs(10)))
            // A heartbeat a minute: an open connection would only be in the way of whoever balances them.
            .max_idle_connections(0)
            .build();
        Ok(Self {
            http: config.new_agent(),
            server,
        })
    }
    /// Whom it calls.
    pub fn server(&self) -> &Server {
        &self.server
    }
    /// GET.
    pub fn get<T: DeserializeOwned>(&self, call: &str, headers: &[(&str, String)]) -> Result<T, NoAnswer> {
        let mut request = self.http.get(self.server.call(call)).header(VERSION_HEADER, VERSION);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        wanted(request.call())?.ok_or_else(|| NoAnswer::Unreachable("its answer is empty".into()))
    }
    /// POST of JSON. None: the server had nothing to say.
    pub fn post<T: DeserializeOwned>(
        &self,
        call: &str,
        headers: &[(&str, String)],
        body: &impl Serialize,
    ) -> Result<Option<T>, NoAnswer> {
        let mut request = self.http.post(self.server.call(call)).header(VERSION_HEADER, VERSION);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        wanted(request.send_json(body))
    }
}

fn authorities(folder: &Folder) -> Done<RootCerts> {
    let pem = folder
        .read(CA)?
        .ok_or_else(|| Fault::failed("ca.pem is not in the state folder any more; pair with --ca again"))?;
    certificates(&pem).map(|certs| RootCerts::new_with_certs(&certs))
}

/// The certificates in a PEM file.
pub fn certificates(pem: &[u8]) -> Done<Vec<Certificate<'static>>> {
    let certs: Vec<_> = parse_pem(pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(cert)) => Some(cert),
            _ => None,
        })
        .collect();
    if certs.is_empty() {
        Err(Fault::failed("the file of --ca holds no certificate in PEM form"))
    } else {
        Ok(certs)
    }
}

fn wanted<T: DeserializeOwned>(answer: Result<Response<ureq::Body>, ureq::Error>) -> Result<Option<T>, NoAnswer> {
    let unreachable = |error: ureq::Error| NoAnswer::Unreachable(error.to_string());
    let mut answer = answer.map_err(unreachable)?;
    let status = answer.status();
    let retry_after = answer
        .headers()
        .get("retry-after")
        .and_then(|line| line.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    if status == StatusCode::NO_CONTENT {
        return Ok(None);
    }
    let body = answer
        .body_mut()
        .with_config()
        .limit(LONGEST)
        .read_to_vec()
        .map_err(unreachable)?;
    if status.is_success() {
        let read = serde_json::from_slice(&body).map(Some);
        return read.map_err(|_| NoAnswer::Unreachable("what answers there is no Doorward server".into()));
    }
    if status == StatusCode::MISDIRECTED_REQUEST {
        let words = "the server does not go by this address; name the one that people open (its public_url)";
        return Err(NoAnswer::Unreachable(words.into()));
    }
    let problem: Problem = serde_json::from_slice(&body).unwrap_or_default();
    if problem.reason.is_empty() && !(status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS) {
        return Err(NoAnswer::Unreachable(format!(
            "what answers there is no Doorward server ({status})"
        )));
    }
    let told = format!("{} {}", problem.title, problem.detail);
    let words = if told.trim().is_empty() {
        format!("the server answers {status}")
    } else {
        told.trim().to_owned()
    };
    Err(NoAnswer::Refused(Refusal {
        status: status.as_u16(),
        reason: problem.reason,
        words,
        retry_after,
    }))
}
