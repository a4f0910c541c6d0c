//! Where the next page begins: a place in the list, sealed with a MAC so that it can be carried but not made up. Pure.
//! Must never happen: a cursor of one organisation, or of other filters, that is taken for this one.
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{OrganisationId, Time};
use subtle::ConstantTimeEq;

/// The keyed function that seals; in the program HMAC-SHA-256 under a key of its own.
pub(crate) type Mac<'a> = &'a dyn Fn(&[u8]) -> [u8; 32];

/// A place as text. `filters` is what the list was looked for with, in one unambiguous text.
pub(crate) fn seal(place: (Time, i64), organisation: OrganisationId, filters: &str, mac: Mac) -> String {
    let place = bytes(place);
    let tag = mac(&sealed_bytes(&place, organisation, filters));
    URL_SAFE_NO_PAD.encode([place.as_slice(), &tag].concat())
}

/// Back from the text. None where it is not one that was sealed for this organisation and these filters.
pub(crate) fn open(text: &str, organisation: OrganisationId, filters: &str, mac: Mac) -> Option<(Time, i64)> {
    let sealed: [u8; 48] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
    let (place, tag) = sealed.split_first_chunk::<16>()?;
    let is_ours: bool = mac(&sealed_bytes(place, organisation, filters))
        .as_slice()
        .ct_eq(tag)
        .into();
    let (at, seq) = place.split_first_chunk::<8>()?;
    let place = (
        Time::from_micros(i64::from_be_bytes(*at)),
        i64::from_be_bytes(seq.try_into().ok()?),
    );
    is_ours.then_some(place)
}

fn bytes((at, seq): (Time, i64)) -> [u8; 16] {
    let mut bytes = [0; 16];
    let parts = at.micros().to_be_bytes().into_iter().chain(seq.to_be_bytes());
    bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    bytes
}

fn sealed_bytes(place: &[u8; 16], organisation: OrganisationId, filters: &str) -> Vec<u8> {
    [place.as_slice(), organisation.0.as_bytes(), filters.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// No MAC, but different for different bytes.
    fn mac(bytes: &[u8]) -> [u8; 32] {
        let mut out = [0_u8; 32];
        for (n, byte) in bytes.iter().enumerate() {
            let at = n % 32;
            out[at] = out[at]
                .rotate_left(3)
                .wrapping_mul(31)
                .wrapping_add(*byte)
                .wrapping_add(1);
        }
        out
    }

    #[test]
    fn a_cursor_opens_where_it_was_sealed_and_nowhere_else() {
        let (ours, theirs) = (OrganisationId(Uuid::from_u128(1)), OrganisationId(Uuid::from_u128(2)));
        let place = (Time::from_micros(1_795_511_642_000_001), 77);
        let text = seal(place, ours, "kind=x", &mac);
        assert_eq!(open(&text, ours, "kind=x", &mac), Some(place));
        assert_eq!(open(&text, theirs, "kind=x", &mac), None);
        assert_eq!(open(&text, ours, "kind=y", &mac), None);
        for n in 0..text.len() {
            let mut edited = text.clone().into_bytes();
            edited[n] = if edited[n] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                open(&String::from_utf8(edited).unwrap(), ours, "kind=x", &mac),
                None,
                "character {n}"
            );
        }
        for bad in ["", "x", "####", &text[1..], &format!("{text}A")] {
            assert_eq!(open(bad, ours, "kind=x", &mac), None, "{bad:?}");
        }
    }
}
