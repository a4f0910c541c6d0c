//! The device's cookie as it comes and goes.
use crate::Token;
use ground::{Ground, Visitor, cookies};
use kernel::Span;

/// Browsers keep a cookie no longer than this.
pub const COOKIE_LIVES_FOR: Span = Span::days(400);
const TAG: &str = "device-cookie";

/// The devices whose cookies came along, each copy that carries our tag.
pub fn tokens(visitor: &Visitor) -> Vec<Token> {
    let mac = |bytes: &[u8]| visitor.ground.keys.hmac(TAG, bytes);
    visitor
        .cookies(cookies::DEVICE)
        .iter()
        .filter_map(|value| Token::from_cookie(value, mac))
        .collect()
}

/// The cookie's value for a device.
pub fn cookie_value(ground: &Ground, token: &Token) -> String {
    token.cookie(|bytes| ground.keys.hmac(TAG, bytes))
}
