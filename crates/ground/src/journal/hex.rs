//! Bytes as lower-case hexadecimal text, for exported lines, checkpoints and key files.
use std::fmt::Write;

/// Two digits a byte.
pub(super) fn write(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Back from digits; none where the text is anything else.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let digits = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<Vec<u8>>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// For `#[serde(with = …)]`: byte strings of any length.
pub(super) mod bytes {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::write(bytes))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        super::read(&text).ok_or_else(|| D::Error::custom("not hexadecimal"))
    }
}

/// For `#[serde(with = …)]`: digests.
pub(super) mod digest {
    use serde::{Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8; 32], to: S) -> Result<S::Ok, S::Error> {
        super::bytes::serialize(bytes, to)
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<[u8; 32], D::Error> {
        super::bytes::deserialize(from)?
            .try_into()
            .map_err(|_| D::Error::custom("not 32 bytes"))
    }
}

/// For `#[serde(with = …)]`: byte strings that may be absent.
pub(super) mod maybe {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::ref_option, reason = "the shape that serde asks for")]
    pub fn serialize<S: Serializer>(bytes: &Option<Vec<u8>>, to: S) -> Result<S::Ok, S::Error> {
        match bytes {
            Some(bytes) => super::bytes::serialize(bytes, to),
            None => to.serialize_none(),
        }
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.map(|text| super::read(&text).ok_or_else(|| D::Error::custom("not hexadecimal")))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_survive_their_digits_and_nothing_else_is_taken() {
        assert_eq!(
            super::read(&super::write(&[0, 9, 160, 255])),
            Some(vec![0, 9, 160, 255])
        );
        for bad in ["0", "0g", "é0", " 00"] {
            assert_eq!(super::read(bad), None, "{bad:?}");
        }
    }
}
