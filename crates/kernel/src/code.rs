//! Codes that people read in a mail and type in: 8 characters from 40 bits, read however they are spelt. Pure.
//! Must never happen: two spellings of one code that count as two tries.

/// Crockford's base32 (no I, L, O, U).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A code of 8 characters from 40 bits.
pub fn code(bits: [u8; 5]) -> String {
    let all = bits.iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    (0..8_u32)
        .rev()
        .filter_map(|at| {
            ALPHABET
                .get(usize::try_from((all >> (5 * at)) & 31).ok()?)
                .map(|c| char::from(*c))
        })
        .collect()
}

/// As it is shown: two groups of four.
pub fn shown(code: &str) -> String {
    let (left, right) = code.split_at_checked(4).unwrap_or((code, ""));
    format!("{left}-{right}")
}

/// Reads a code however it is spelt: any case, full width, with spaces and dashes, O for 0, I and L for 1. None: it cannot be one.
pub fn read_code(typed: &str) -> Option<String> {
    if typed.len() > 64 {
        return None;
    }
    let read: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        // Full-width forms stand as far behind ASCII as each other.
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => u8::try_from(u32::from(c) - 0xfee0).map_or(c, char::from),
            c => c,
        })
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let fits = read.len() == 8 && read.bytes().all(|byte| ALPHABET.contains(&byte));
    fits.then_some(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_no_two_are_alike() {
        let mut seen = std::collections::BTreeSet::new();
        for n in 0..5_000_u64 {
            let bits = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
            let made = code([bits[0], bits[1], bits[2], bits[3], bits[4]]);
            assert_eq!(read_code(&shown(&made)), Some(made.clone()));
            seen.insert(made);
        }
        assert_eq!(seen.len(), 5_000);
    }

    #[test]
    fn a_code_is_forty_bits_in_eight_characters_and_reads_back_in_any_spelling() {
        assert_eq!(code([0; 5]), "00000000");
        assert_eq!(code([255; 5]), "ZZZZZZZZ");
        let made = code([0x12, 0x34, 0x56, 0x78, 0x9a]);
        for spelt in [
            made.clone(),
            shown(&made),
            made.to_lowercase(),
            format!(" {} ", shown(&made).replace('-', " - ")),
        ] {
            assert_eq!(read_code(&spelt).as_deref(), Some(made.as_str()), "{spelt}");
        }
        assert_eq!(read_code("１２３４ａｂｃｄ").as_deref(), Some("1234ABCD"));
        assert_eq!(read_code("oil00000").as_deref(), Some("01100000"));
        for bad in ["", "1234567", "123456789", "1234567U", &"1".repeat(100)] {
            assert_eq!(read_code(bad), None, "{bad}");
        }
    }
}
