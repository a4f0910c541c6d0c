//! What a browser that asked for a new password carries: a sealed cookie that binds the code to it and names the mail. Tells nothing by itself.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ground::{Ground, Visitor, cookies};
use kernel::{MessageId, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const PURPOSE: &str = "recovery-flow";

/// The flow.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// 256 bits that only this browser has.
    secret: String,
    /// The address as it was typed, for the page.
    pub email: String,
    /// The address in canonical form.
    pub canonical: String,
    /// The mail; drawn for every question, also where none was sent, so that the cookie tells nothing.
    pub message: MessageId,
    /// When it was asked, in microseconds.
    at: i64,
}

impl Flow {
    /// A new one. A browser that asks again for the same address keeps its secret, so that the codes of its earlier mails stay good.
    pub fn new(ground: &Ground, email: &str, canonical: &str, message: MessageId, before: Option<&Self>) -> Self {
        let secret = match before {
            Some(before) => before.secret.clone(),
            None => URL_SAFE_NO_PAD.encode(ground.chance.bytes::<32>()),
        };
        Self {
            secret,
            email: email.to_owned(),
            canonical: canonical.to_owned(),
            message,
            at: ground.now().micros(),
        }
    }
    /// The newest flow of this browser that opens and has not ended.
    pub fn of(visitor: &Visitor) -> Option<Self> {
        let now = visitor.ground.now();
        let open = |value: String| {
            let plain = visitor
                .ground
                .keys
                .open(PURPOSE, &URL_SAFE_NO_PAD.decode(value).ok()?)?;
            serde_json::from_slice::<Self>(&plain).ok()
        };
        let flows = visitor.cookies(cookies::RECOVERY).into_iter().filter_map(open);
        flows
            .filter(|flow| now - Time::from_micros(flow.at) < crate::decide::LIVES_FOR)
            .max_by_key(|flow| flow.at)
    }
    /// The cookie's value.
    pub fn seal(&self, ground: &Ground) -> String {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(ground.keys.seal(PURPOSE, &plain, &ground.chance))
    }
    /// What the store keeps of the browser.
    pub fn browser_hash(&self) -> [u8; 32] {
        Sha256::digest(self.secret.as_bytes()).into()
    }
}
