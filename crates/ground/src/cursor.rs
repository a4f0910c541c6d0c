//! Where the next page of a list begins: a place, sealed with a MAC so that it can be carried but not made up. For every list that is sorted by
//! more than ids.
//! Must never happen: a cursor of one list, organisation or filter that is taken for another's (SECURITY.md S68).
use crate::keys::Keys;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{OrganisationId, Time};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// A place in a list: everything behind it follows.
pub trait Place: Sized {
    /// As bytes, no two alike.
    fn bytes(&self) -> Vec<u8>;
    /// Back from the bytes. None: they are none.
    fn from_bytes(bytes: &[u8]) -> Option<Self>;
}

/// A place in a list that is sorted by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByName {
    /// The name, as the list is sorted by it.
    pub sort_name: String,
    /// Whose it is: of the same names, the smaller id comes first.
    pub id: Uuid,
}

impl Default for ByName {
    /// Before everybody.
    fn default() -> Self {
        Self {
            sort_name: String::new(),
            id: Uuid::nil(),
        }
    }
}

impl Place for ByName {
    fn bytes(&self) -> Vec<u8> {
        [self.id.as_bytes().as_slice(), self.sort_name.as_bytes()].concat()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, name) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            sort_name: String::from_utf8(name.to_vec()).ok()?,
            id: Uuid::from_bytes(*id),
        })
    }
}

/// A moment, and of the same moment a number.
impl Place for (Time, i64) {
    fn bytes(&self) -> Vec<u8> {
        [self.0.micros().to_be_bytes(), self.1.to_be_bytes()].concat()
    }
    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (at, number) = bytes.split_first_chunk::<8>()?;
        Some((
            Time::from_micros(i64::from_be_bytes(*at)),
            i64::from_be_bytes(number.try_into().ok()?),
        ))
    }
}

/// The cursors of one list of one organisation with one filter.
#[derive(Clone, Copy)]
pub struct Cursors<'a> {
    /// What seals them.
    pub keys: &'a Keys,
    /// Which list: the purpose that their key is made for, such as `people-cursor`.
    pub list: &'static str,
    /// Whose list.
    pub organisation: OrganisationId,
    /// What was looked for, in a text that no other filter has.
    pub filter: &'a str,
}

impl Cursors<'_> {
    /// A place as text.
    pub fn seal(&self, place: &impl Place) -> String {
        let bytes = place.bytes();
        URL_SAFE_NO_PAD.encode([self.tag(&bytes).as_slice(), &bytes].concat())
    }
    /// Back from the text. None where it is not one that was sealed for this list, organisation and filter.
    pub fn open<P: Place>(&self, text: &str) -> Option<P> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, bytes) = sealed.split_first_chunk::<32>()?;
        let is_ours: bool = self.tag(bytes).as_slice().ct_eq(tag).into();
        if is_ours { P::from_bytes(bytes) } else { None }
    }
    fn tag(&self, bytes: &[u8]) -> [u8; 32] {
        // The length first: no place and filter read like another place and another filter.
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_be_bytes();
        let all = [
            &length[..],
            bytes,
            self.organisation.0.as_bytes(),
            self.filter.as_bytes(),
        ];
        self.keys.hmac(self.list, &all.concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opens_at_home_only<P: Place + PartialEq + std::fmt::Debug>(place: &P) {
        let keys = Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap();
        let ours = Cursors {
            keys: &keys,
            list: "people-cursor",
            organisation: OrganisationId(Uuid::from_u128(1)),
            filter: "active",
        };
        let text = ours.seal(place);
        assert_eq!(ours.open::<P>(&text).as_ref(), Some(place));
        let elsewhere = [
            Cursors {
                organisation: OrganisationId(Uuid::from_u128(2)),
                ..ours
            },
            Cursors {
                filter: "disabled",
                ..ours
            },
            Cursors {
                list: "activity-cursor",
                ..ours
            },
        ];
        for other in elsewhere {
            assert_eq!(other.open::<P>(&text), None);
        }
        for n in 0..text.len() {
            let mut edited = text.clone().into_bytes();
            edited[n] = if edited[n] == b'A' { b'B' } else { b'A' };
            assert_eq!(
                ours.open::<P>(&String::from_utf8(edited).unwrap()),
                None,
                "character {n}"
            );
        }
        for bad in ["", "x", "####", "' OR 1=1 --", &text[4..], &format!("{text}AAAA")] {
            assert_eq!(ours.open::<P>(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_cursor_opens_where_it_was_sealed_and_nowhere_else() {
        opens_at_home_only(&ByName {
            sort_name: "zoë o’neil".into(),
            id: Uuid::from_u128(77),
        });
        opens_at_home_only(&(Time::from_micros(1_795_511_642_000_001), 77_i64));
    }
}
