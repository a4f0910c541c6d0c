//! The bodies of the agents' calls, as JSON. Binary values are base64url without padding (RFC 4648, 5); times are Unix seconds.
use crate::PublicKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Where an agent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// In quarantine until a person lets it in.
    Waiting,
    /// Let in.
    Active,
    /// Not let in, or waited for too long.
    Refused,
    /// Its identity is worth nothing any more.
    Revoked,
    /// Set aside: the same identity was seen on two machines.
    Cloned,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Active, Self::Refused, Self::Revoked, Self::Cloned];
    /// The word in the store and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Refused => "refused",
            Self::Revoked => "revoked",
            Self::Cloned => "cloned",
        }
    }
    /// Back from the word.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// The answer of `nonce`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonceAnswer {
    /// Good for five minutes, for one proof of pairing.
    pub nonce: String,
    /// The server's time, so that a machine whose clock is wrong can sign with the right one.
    pub time: i64,
}

/// What tells one machine from another, never readable: SHA-256 of each value under a label of this product. INVARIANT: no MAC address, no host name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// Of the operating system's machine id. A copied disk has the same one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Of ids of the hardware (`product:…`, `board:…`, `disk:…`), sorted; none where the machine tells none.
    #[serde(default)]
    pub hardware: Vec<String>,
}

/// What an administrator sees of a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Inventory {
    /// The host name.
    pub hostname: String,
    /// `linux`, `windows` or `macos`.
    pub os: String,
    /// The system in words: "Debian 12", "Windows 11 24H2".
    pub system: String,
    /// `x86_64`, `aarch64`, …
    pub arch: String,
    /// The processor in words.
    pub cpu: String,
    /// Logical processors.
    pub cores: u32,
    /// Memory, bytes.
    pub memory: u64,
    /// Its disks.
    pub disks: Vec<Disk>,
    /// Its network addresses, without loopback.
    pub addresses: Vec<String>,
    /// When it was started. Unix seconds.
    pub booted_at: i64,
    /// The agent's version.
    pub agent_version: String,
}

/// A disk.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Disk {
    /// Where it is mounted.
    pub mount: String,
    /// Bytes in all.
    pub size: u64,
    /// Bytes free, rounded to a whole percent of the size, so that an inventory does not change with each breath.
    pub free: u64,
}

/// The facts of pairing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// The name that was asked for; else the host name counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What tells the machine from others.
    pub marks: Marks,
    /// What the administrator sees.
    pub inventory: Inventory,
}

/// The body of `pair`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairRequest {
    /// The key, as it was typed.
    pub installation_key: String,
    /// The agent's public key.
    pub public_key: PublicKey,
    /// The machine.
    pub facts: Facts,
    /// A JWS of [`crate::proof::Pairing`], signed with the agent's key.
    pub proof: String,
}

/// The answer of `pair`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairAnswer {
    /// The agent's id from now on.
    pub agent_id: Uuid,
    /// Waiting, or active at once.
    pub state: State,
    /// The short code for `/pair`, while it waits.
    pub user_code: Option<String>,
    /// Where a person types it.
    pub verification_uri: Option<String>,
    /// Seconds between two looks at `self`.
    pub interval: u32,
}

/// The answer of `self`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfAnswer {
    /// The agent's id.
    pub agent_id: Uuid,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// A reason's id, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The short code of these ten minutes, while it waits.
    pub user_code: Option<String>,
    /// Where a person types it.
    pub verification_uri: Option<String>,
    /// Seconds between two looks.
    pub interval: u32,
    /// The server's time.
    pub time: i64,
}

/// The body of `token`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequest {
    /// [`crate::ASSERTION_TYPE`].
    pub client_assertion_type: String,
    /// A JWS of [`crate::proof::Assertion`].
    pub client_assertion: String,
    /// The newest ratchet value that the agent has stored; none before its first token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratchet: Option<String>,
    /// 128 bits of chance, stored with the value before the call: whoever repeats it is the same agent, and a copy that took another is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// What tells the machine from others, as it is now.
    #[serde(default)]
    pub marks: Marks,
}

/// The answer of `token` (RFC 6749, 5.1).
#[derive(Clone, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// Opaque to the agent.
    pub access_token: String,
    /// `DPoP`.
    pub token_type: String,
    /// Seconds.
    pub expires_in: u32,
    /// The next value. It is stored durably before the token is used.
    pub ratchet: String,
}

/// The body of `heartbeat`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeartbeatRequest {
    /// This machine's clock less the server's, milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock_millis: Option<i64>,
    /// SHA-256 of the inventory's JSON: the server asks for the whole where it knows another.
    pub inventory_hash: String,
    /// The inventory: with the first heartbeat of a run, when it changed, and when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Inventory>,
}

/// What the server asks of an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// Send the inventory with the next heartbeat, soon.
    Inventory,
    /// Change your key.
    Rotate,
}

/// The answer of `heartbeat`, where there is something to do; else 204.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeartbeatAnswer {
    /// What to do.
    #[serde(rename = "do")]
    pub ask: Ask,
}

/// The body of `rotate`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotateRequest {
    /// The new key.
    pub public_key: PublicKey,
    /// A JWS of [`crate::proof::Rotation`], signed with the old key.
    pub by_old: String,
    /// The same claims, signed with the new one.
    pub by_new: String,
}
