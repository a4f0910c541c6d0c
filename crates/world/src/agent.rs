//! A soft agent: it speaks the agents' protocol by hand, so that a story can copy it, lose its answers, forge its proofs or call out of turn.
//! A clone of one is a copy of its disk at that moment. Its clock is the world's, as that of a real agent is the server's.
use crate::{Asking, Browser, Method, Page, World};
use agent_wire::{
    ASSERTION_TYPE, HeartbeatRequest, Holder, InstallationKey, Inventory, Marks, PublicKey, VERSION_HEADER,
    proof::{Assertion, Claims, Dpop, Pairing, Rotation, encode},
};
use aws_lc_rs::{
    rand::{SecureRandom as _, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The agents' calls, by their last word.
pub const PROTOCOL: &str = "/api/v1/agents/";

/// A key pair on a disk.
#[derive(Clone)]
pub struct AgentKey {
    pkcs8: Vec<u8>,
    /// The public half.
    pub public: PublicKey,
}

impl Default for AgentKey {
    fn default() -> Self {
        Self::new()
    }
}

impl AgentKey {
    /// A new one.
    ///
    /// # Panics
    /// Where the machine has no randomness.
    pub fn new() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("a key");
        let public = pair.public_key().as_ref().try_into().expect("32 bytes");
        Self {
            pkcs8: pkcs8.as_ref().to_vec(),
            public: PublicKey::new(public),
        }
    }
    /// Signs these claims.
    ///
    /// # Panics
    /// Where the key is broken.
    pub fn sign<C: Claims>(&self, claims: &C) -> String {
        let public = self.public.bytes().expect("32 bytes");
        Holder::new(&self.pkcs8, &public).sign(claims).expect("a signature")
    }
    /// Signs a header and claims as they are, good or not.
    ///
    /// # Panics
    /// Where the key is broken.
    pub fn sign_as_it_is(&self, header: &str, claims: &str) -> String {
        let pair = Ed25519KeyPair::from_pkcs8(&self.pkcs8).expect("a key");
        let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
        let signature = encode(pair.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }
}

/// An agent, as far as it lies on a disk.
#[derive(Clone)]
pub struct SoftAgent {
    /// What tells its machine from others.
    pub marks: Marks,
    /// What an administrator sees of it.
    pub inventory: Inventory,
    /// The name that it asks for.
    pub name: Option<String>,
    /// Its key.
    pub key: AgentKey,
    /// Its id, once it was told.
    pub id: Option<String>,
    /// The newest ratchet value that it stored.
    pub ratchet: Option<String>,
    /// What it stored before the call that it awaits an answer of.
    pub attempt: Option<String>,
    /// Its access token.
    pub token: Option<String>,
    browser: Browser,
}

/// 128 bits of chance as text.
///
/// # Panics
/// Where the machine has no randomness.
pub fn drawn() -> String {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).expect("chance");
    encode(&bytes)
}

/// A mark of this value.
fn mark(value: &str) -> String {
    encode(&Sha256::digest(value))
}

/// The marks of a machine of this name, which no other machine has.
pub fn marks_of(machine: &str) -> Marks {
    let mut hardware = vec![mark(&format!("{machine} product")), mark(&format!("{machine} disk"))];
    hardware.sort();
    Marks {
        machine: Some(mark(&format!("{machine} machine"))),
        hardware,
    }
}

impl World {
    /// An agent on a machine of this name, which no server knows yet.
    pub fn soft_agent(&self, machine: &str) -> SoftAgent {
        SoftAgent {
            marks: marks_of(machine),
            inventory: Inventory {
                hostname: machine.into(),
                os: "linux".into(),
                system: "Debian 12".into(),
                arch: "x86_64".into(),
                cores: 2,
                agent_version: "0.1.0".into(),
                ..Inventory::default()
            },
            name: None,
            key: AgentKey::new(),
            id: None,
            ratchet: None,
            attempt: None,
            token: None,
            browser: self.browser(),
        }
    }
    /// An installation key that this browser's person makes; the whole answer.
    pub async fn make_installation_key(&self, browser: &Browser, wish: &Value) -> Page {
        let ask = browser.ask(Method::POST, "/api/v1/installation-keys").json(wish);
        ask.send().await
    }
    /// The text of an installation key of this wish.
    ///
    /// # Panics
    /// Where none is made.
    pub async fn installation_key(&self, browser: &Browser, wish: &Value) -> String {
        let made = self.make_installation_key(browser, wish).await;
        assert_eq!(made.code(), 201, "{}", made.body);
        made.json()["key"].as_str().expect("a key").to_owned()
    }
    /// An agent of this machine that was paired with a new key and let in.
    ///
    /// # Panics
    /// Where any of it is refused.
    pub async fn active_agent(&self, browser: &Browser, machine: &str) -> SoftAgent {
        let key = self.installation_key(browser, &json!({})).await;
        let mut agent = self.soft_agent(machine);
        let paired = agent.pair(&key).await;
        assert_eq!(paired.code(), 201, "{}", paired.body);
        let approved = agent.decide(browser, "approve").await;
        assert_eq!(approved.code(), 200, "{}", approved.body);
        agent
    }
}

impl SoftAgent {
    /// The same agent as a balancer sends it to another node.
    #[must_use]
    pub fn towards(mut self, node: std::net::SocketAddr) -> Self {
        self.browser = self.browser.towards(node);
        self
    }
    /// The same agent in the network `127.0.0.N`.
    #[must_use]
    pub fn at(mut self, world: &World, n: u8) -> Self {
        self.browser = world.browser_at(n);
        self
    }
    /// What a copy of its disk is in a machine of this name.
    #[must_use]
    pub fn copied_to(&self, machine: &str) -> Self {
        let mut copy = self.clone();
        copy.marks = marks_of(machine);
        copy.inventory.hostname = machine.into();
        copy
    }
    /// What a copy of its disk is in another machine of the same image: the operating system's id was copied along, the hardware is another's.
    #[must_use]
    pub fn copied_with_its_machine_id(&self, machine: &str) -> Self {
        let mut copy = self.copied_to(machine);
        copy.marks.machine.clone_from(&self.marks.machine);
        copy
    }
    /// Its id.
    ///
    /// # Panics
    /// Where it has none yet.
    pub fn id(&self) -> &str {
        self.id.as_deref().expect("an agent that has an id")
    }
    /// Where the agents' calls of this server begin.
    pub fn address(&self, call: &str) -> String {
        format!("{}{PROTOCOL}{call}", self.browser.origin())
    }
    /// A call without any proof.
    pub fn ask(&self, call: &str) -> Asking {
        let method = if call == "self" { Method::GET } else { Method::POST };
        let ask = self.browser.ask(method, &format!("{PROTOCOL}{call}"));
        ask.without("origin").without_cookies().header(VERSION_HEADER, "0.1.0")
    }
    /// What it would sign for this call now, with its token if that is wanted.
    pub fn dpop(&self, world: &World, call: &str, with_token: bool) -> Dpop {
        let token = self.token.as_deref().filter(|_| with_token);
        Dpop {
            htm: if call == "self" { "GET" } else { "POST" }.into(),
            htu: self.address(call),
            iat: world.clock.now().seconds(),
            jti: drawn(),
            ath: token.map(|token| encode(&Sha256::digest(token))),
        }
    }
    /// A call with this proof, and its token if that is wanted.
    pub fn proved(&self, call: &str, proof: &Dpop, with_token: bool) -> Asking {
        let ask = self.ask(call).header("dpop", &self.key.sign(proof));
        match self.token.as_deref().filter(|_| with_token) {
            Some(token) => ask.header("authorization", &format!("DPoP {token}")),
            None => ask,
        }
    }
    /// A call that it proves with its key and its token.
    pub fn with_token(&self, world: &World, call: &str) -> Asking {
        self.proved(call, &self.dpop(world, call, true), true)
    }
    /// A call that it proves with its key alone.
    pub fn with_key(&self, world: &World, call: &str) -> Asking {
        self.proved(call, &self.dpop(world, call, false), false)
    }
}

impl SoftAgent {
    /// A nonce.
    ///
    /// # Panics
    /// Where the server gives none.
    pub async fn nonce(&self) -> String {
        let given = self.ask("nonce").send().await;
        assert_eq!(given.code(), 200, "{}", given.body);
        given.json()["nonce"].as_str().expect("a nonce").to_owned()
    }
    /// The body of a pairing with this key and nonce.
    ///
    /// # Panics
    /// Where the text is no key.
    pub fn pairing(&self, key: &str, nonce: &str) -> Value {
        let digest = InstallationKey::read(key).expect("a key").digest();
        let claims = Pairing {
            nonce: nonce.into(),
            key_hash: encode(&digest),
        };
        json!({
            "installation_key": key,
            "public_key": self.key.public,
            "facts": {"name": self.name, "marks": self.marks, "inventory": self.inventory},
            "proof": self.key.sign(&claims),
        })
    }
    /// Sends a pairing and forgets the answer, as after a lost one.
    pub async fn try_pair(&self, key: &str) -> Page {
        let body = self.pairing(key, &self.nonce().await);
        self.ask("pair").json(&body).send().await
    }
    /// Pairs, and keeps the id.
    pub async fn pair(&mut self, key: &str) -> Page {
        let page = self.try_pair(key).await;
        if page.code() == 201 {
            self.id = page.json()["agent_id"].as_str().map(str::to_owned);
        }
        page
    }
    /// What the server says of it.
    pub async fn look(&self, world: &World) -> Page {
        self.with_key(world, "self").send().await
    }
    /// Its state, as the server tells it.
    pub async fn state(&self, world: &World) -> String {
        let page = self.look(world).await;
        page.json()["state"].as_str().unwrap_or(&page.body).to_owned()
    }
    /// What it signs for a token.
    pub fn assertion(&self, world: &World) -> Assertion {
        let now = world.clock.now().seconds();
        Assertion {
            iss: self.id().into(),
            sub: self.id().into(),
            aud: self.address("token"),
            iat: now,
            exp: now + 60,
            jti: drawn(),
        }
    }
    /// The body of a request for a token.
    pub fn token_body(&self, world: &World) -> Value {
        let mut body = json!({
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.key.sign(&self.assertion(world)),
            "marks": self.marks,
        });
        for (name, value) in [("ratchet", &self.ratchet), ("attempt", &self.attempt)] {
            if let Some(value) = value {
                body[name] = json!(value);
            }
        }
        body
    }
    /// Asks for a token and loses the answer: the attempt is on its disk, the answer is not.
    pub async fn lose_a_token(&mut self, world: &World) -> Page {
        self.attempt.get_or_insert_with(drawn);
        let body = self.token_body(world);
        self.with_key(world, "token").json(&body).send().await
    }
    /// Asks for a token and stores what came with it.
    pub async fn renew(&mut self, world: &World) -> Page {
        let page = self.lose_a_token(world).await;
        if page.code() == 200 {
            let told = page.json();
            self.keep(&told);
        }
        page
    }
    /// Stores an answer that it awaited.
    pub fn keep(&mut self, told: &Value) {
        let text = |name: &str| told[name].as_str().map(str::to_owned);
        (self.token, self.ratchet) = (text("access_token"), text("ratchet"));
        self.attempt = None;
    }
    /// A heartbeat without an inventory.
    pub async fn beat(&self, world: &World) -> Page {
        self.beat_with(world, &HeartbeatRequest::default()).await
    }
    /// A heartbeat with this body.
    ///
    /// # Panics
    /// Never: the body is JSON.
    pub async fn beat_with(&self, world: &World, body: &HeartbeatRequest) -> Page {
        let body = serde_json::to_value(body).expect("JSON");
        self.with_token(world, "heartbeat").json(&body).send().await
    }
    /// A heartbeat with all that it knows.
    ///
    /// # Panics
    /// Never: the inventory is JSON.
    pub async fn tell_all(&self, world: &World) -> Page {
        let inventory = serde_json::to_vec(&self.inventory).expect("JSON");
        let body = HeartbeatRequest {
            clock_millis: Some(0),
            inventory_hash: encode(&Sha256::digest(inventory)),
            inventory: Some(self.inventory.clone()),
        };
        self.beat_with(world, &body).await
    }
    /// The body of a change of its key to this one.
    pub fn rotation(&self, world: &World, next: &AgentKey) -> Value {
        let claims = Rotation {
            agent: self.id().into(),
            from: encode(&self.key.public.thumbprint()),
            to: encode(&next.public.thumbprint()),
            iat: world.clock.now().seconds(),
        };
        json!({"public_key": next.public, "by_old": self.key.sign(&claims), "by_new": next.sign(&claims)})
    }
    /// Asks to change its key to this one, and loses the answer.
    pub async fn lose_a_rotation(&self, world: &World, next: &AgentKey) -> Page {
        let body = self.rotation(world, next);
        self.with_token(world, "rotate").json(&body).send().await
    }
    /// Gives its identity back.
    pub async fn unpair(&self, world: &World) -> Page {
        self.with_token(world, "unpair").json(&json!({})).send().await
    }
    /// Has somebody decide about it: `approve`, `refuse`, `revoke`, `rotate`.
    pub async fn decide(&self, browser: &Browser, what: &str) -> Page {
        self.decide_with(browser, what, &json!({})).await
    }
    /// The same with a body.
    pub async fn decide_with(&self, browser: &Browser, what: &str, body: &Value) -> Page {
        let path = format!("/api/v1/agents/{}/{what}", self.id());
        browser.ask(Method::POST, &path).json(body).send().await
    }
    /// What people see of it.
    pub async fn seen_by(&self, browser: &Browser) -> Page {
        browser.get(&format!("/api/v1/agents/{}", self.id())).await
    }
}
