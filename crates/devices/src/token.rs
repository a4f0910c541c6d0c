//! The device's secret as a cookie, and its name in words. Pure.
//! The cookie is 256 bits of chance and a tag that shows, without asking the store, that this server gave it to somebody who had signed in.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// A device's secret with its tag.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token([u8; 32]);

impl Token {
    /// From 256 bits of chance.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }
    /// The cookie's value: secret, dot, tag. `mac` is HMAC-SHA-256 under a key for this purpose.
    pub fn cookie(&self, mac: impl Fn(&[u8]) -> [u8; 32]) -> String {
        format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(self.0),
            URL_SAFE_NO_PAD.encode(short(mac(&self.0)))
        )
    }
    /// Reads a cookie's value; none where the tag is not ours.
    pub fn from_cookie(value: &str, mac: impl Fn(&[u8]) -> [u8; 32]) -> Option<Self> {
        let (secret, tag) = value.split_once('.')?;
        let secret: [u8; 32] = URL_SAFE_NO_PAD.decode(secret).ok()?.try_into().ok()?;
        let tag: [u8; 16] = URL_SAFE_NO_PAD.decode(tag).ok()?.try_into().ok()?;
        bool::from(short(mac(&secret)).ct_eq(&tag)).then_some(Self(secret))
    }
    /// What the store keeps.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }
}

fn short(tag: [u8; 32]) -> [u8; 16] {
    std::array::from_fn(|at| tag.get(at).copied().unwrap_or_default())
}

/// The browser and system that a User-Agent names, such as "Firefox on Windows". Browsers have frozen the rest of it.
pub fn label(user_agent: &str) -> String {
    let has = |word: &str| user_agent.contains(word);
    let browser = [
        ("Edg/", "Edge"),
        ("EdgA/", "Edge"),
        ("OPR/", "Opera"),
        ("Vivaldi/", "Vivaldi"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("HeadlessChrome/", "Chromium"),
        ("Chromium/", "Chromium"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
        ("python-requests/", "Python"),
        ("doorward", "Doorward"),
    ]
    .iter()
    .find(|(mark, _)| has(mark))
    .map(|(_, name)| *name);
    let system = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "macOS"),
        ("Macintosh", "macOS"),
        ("Linux", "Linux"),
        ("FreeBSD", "FreeBSD"),
    ]
    .iter()
    .find(|(mark, _)| has(mark))
    .map(|(_, name)| *name);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, Some(system)) => format!("A browser on {system}"),
        (None, None) => "Unknown browser".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mac(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest([b"key", bytes].concat()).into()
    }

    #[test]
    fn a_cookie_comes_back_as_its_token_and_only_with_our_tag() {
        let token = Token::new([7; 32]);
        let value = token.cookie(mac);
        assert!(Token::from_cookie(&value, mac) == Some(token));
        for bad in [
            "",
            ".",
            &value[..40],
            &value.replace('.', ""),
            &format!("{value}A"),
            &value.to_uppercase(),
        ] {
            assert!(Token::from_cookie(bad, mac).is_none(), "{bad}");
        }
        assert!(Token::from_cookie(&value, |b| Sha256::digest(b).into()).is_none());
    }

    #[test]
    fn labels_name_browser_and_system() {
        let firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0";
        assert_eq!(label(firefox), "Firefox on Windows");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(label(iphone), "Safari on iPhone");
        let headless = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/156.0.0.0 Safari/537.36";
        assert_eq!(label(headless), "Chromium on Linux");
        assert_eq!(label(""), "Unknown browser");
    }
}
