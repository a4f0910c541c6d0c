//! Where the next page of the list begins: a place, sealed with a MAC so that it can be carried but not made up. Pure.
//! Must never happen: a cursor of one organisation, or of other filters, that is taken for this one (SECURITY.md S68).
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::OrganisationId;
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A place in the list: everything behind it follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The name that the list is sorted by.
    pub sort_name: String,
    /// The person, or the invitation.
    pub id: Uuid,
}

impl Default for Place {
    /// Before everybody.
    fn default() -> Self {
        Self {
            sort_name: String::new(),
            id: Uuid::nil(),
        }
    }
}

/// The keyed function that seals; in the program HMAC-SHA-256 under a key of its own.
pub(crate) type Mac<'a> = &'a dyn Fn(&[u8]) -> [u8; 32];

/// A place as text, for this organisation and this filter alone.
pub(crate) fn seal(place: &Place, organisation: OrganisationId, filter: &str, mac: Mac) -> String {
    let bytes = [place.id.as_bytes().as_slice(), place.sort_name.as_bytes()].concat();
    let tag = mac(&sealed_bytes(&bytes, organisation, filter));
    URL_SAFE_NO_PAD.encode([tag.as_slice(), &bytes].concat())
}

/// Back from the text. None where it is not one that was sealed for this organisation and this filter.
pub(crate) fn open(text: &str, organisation: OrganisationId, filter: &str, mac: Mac) -> Option<Place> {
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (tag, bytes) = sealed.split_first_chunk::<32>()?;
    let is_ours: bool = mac(&sealed_bytes(bytes, organisation, filter))
        .as_slice()
        .ct_eq(tag)
        .into();
    let (id, name) = bytes.split_first_chunk::<16>()?;
    let place = Place {
        sort_name: String::from_utf8(name.to_vec()).ok()?,
        id: Uuid::from_bytes(*id),
    };
    is_ours.then_some(place)
}

fn sealed_bytes(bytes: &[u8], organisation: OrganisationId, filter: &str) -> Vec<u8> {
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
    [&length[..], bytes, organisation.0.as_bytes(), filter.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let place = Place {
            sort_name: "zoë o’neil".into(),
            id: Uuid::from_u128(77),
        };
        let text = seal(&place, ours, "active", &mac);
        assert_eq!(open(&text, ours, "active", &mac), Some(place));
        assert_eq!(open(&text, theirs, "active", &mac), None);
        assert_eq!(open(&text, ours, "disabled", &mac), None);
        for n in 0..text.len() {
            let mut edited = text.clone().into_bytes();
            edited[n] = if edited[n] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                open(&String::from_utf8(edited).unwrap(), ours, "active", &mac),
                None,
                "character {n}"
            );
        }
        for bad in ["", "x", "####", "' OR 1=1 --", &text[4..], &format!("{text}AAAA")] {
            assert_eq!(open(bad, ours, "active", &mac), None, "{bad:?}");
        }
    }
}
