//! The key that a browser's script keeps for its device, with what the script sends: made here from the documents, not by the product's code.
use crate::{Browser, Page};
use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

/// A browser's key.
pub struct DeviceKey(EcdsaKeyPair);

impl Default for DeviceKey {
    fn default() -> Self {
        Self::new()
    }
}

impl DeviceKey {
    /// A new one.
    ///
    /// # Panics
    /// Where the machine has no randomness.
    pub fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key"))
    }
    /// The two fields of a form, proved in this browser. `age`: `kept`, or `new` where the browser says that it lost the one before.
    ///
    /// # Panics
    /// Where the server gives no challenge.
    pub async fn fields(&self, browser: &Browser, age: &str) -> [(&'static str, String); 2] {
        let told = browser.get("/device-key").await.json();
        let challenge = told["challenge"].as_str().expect("a challenge");
        self.sign(browser, challenge, age)
    }
    /// The same for a challenge that is there already.
    ///
    /// # Panics
    /// Where the key cannot sign.
    pub fn sign(&self, browser: &Browser, challenge: &str, age: &str) -> [(&'static str, String); 2] {
        let said = format!("doorward device key\n{}\n{challenge}\n{age}", browser.origin());
        let signature = self.0.sign(&SystemRandom::new(), said.as_bytes()).expect("a signature");
        let spki = self.0.public_key().as_der().expect("a public key");
        [
            ("device_key", BASE64.encode(spki.as_ref())),
            (
                "device_proof",
                format!("{challenge}.{age}.{}", BASE64.encode(signature.as_ref())),
            ),
        ]
    }
}

impl Browser {
    /// Signs in as a browser with script does: the device's key is proved with the password.
    pub async fn sign_in_with_key(&self, email: &str, password: &str, key: &DeviceKey, age: &str) -> Page {
        self.get("/sign-in").await;
        let [(key, spki), (proof, signed)] = key.fields(self, age).await;
        let fields = [("email", email), ("password", password), (key, &spki), (proof, &signed)];
        self.post("/sign-in", &fields).await
    }
}
