//! bcrypt (Provos and Mazières, 1999), over the Blowfish of `RustCrypto`. For passwords that were hashed elsewhere; nothing is hashed with it here.
use blowfish::Blowfish;
use zeroize::Zeroizing;

/// It reads so many bytes of a password, its NUL among them, and no more.
const MOST_BYTES: usize = 72;
/// The text that it encrypts: `OrpheanBeholderScryDoubt`.
const TEXT: [[u32; 2]; 3] = [
    [0x4f72_7068, 0x6561_6e42],
    [0x6568_6f6c, 0x6465_7253],
    [0x6372_7944, 0x6f75_6274],
];

/// The hash of a password: 24 bytes, of which implementations keep 23. `rounds` is the logarithm, below 32.
pub(super) fn bcrypt(rounds: u32, salt: &[u8; 16], password: &[u8]) -> [u8; 24] {
    let mut key = Zeroizing::new(Vec::with_capacity(password.len() + 1));
    key.extend_from_slice(password);
    key.push(0);
    key.truncate(MOST_BYTES);
    let mut state: Blowfish = Blowfish::bc_init_state();
    state.salted_expand_key(salt, &key);
    for _ in 0..1_u32.checked_shl(rounds).unwrap_or(0) {
        state.bc_expand_key(&key);
        state.bc_expand_key(salt);
    }
    let mut out = [0; 24];
    let mut places = out.chunks_exact_mut(4);
    for mut block in TEXT {
        for _ in 0..64 {
            block = state.bc_encrypt(block);
        }
        for (word, place) in block.iter().zip(places.by_ref()) {
            place.copy_from_slice(&word.to_be_bytes());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_vectors_of_jbcrypt() {
        let salt = [
            0x14, 0x4b, 0x3d, 0x69, 0x1a, 0x7b, 0x4e, 0xcf, 0x39, 0xcf, 0x73, 0x5c, 0x7f, 0xa7, 0xa7, 0x9c,
        ];
        let wanted = [
            0x55, 0x7e, 0x94, 0xf3, 0x4b, 0xf2, 0x86, 0xe8, 0x71, 0x9a, 0x26, 0xbe, 0x94, 0xac, 0x1e, 0x16, 0xd9, 0x5e,
            0xf9, 0xf8, 0x19, 0xde, 0xe0,
        ];
        assert_eq!(bcrypt(6, &salt, b"")[..23], wanted);
    }
}
