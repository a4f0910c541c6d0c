//! A QR picture (ISO/IEC 18004) as inline SVG: dark squares in one path, with the quiet zone that scanners want. Pure.
//! For the enrolment of an authenticator app. Must never happen: a style or script in it, which the content security policy would stop.
use fast_qr::{ECL, QRBuilder};
use std::fmt::Write as _;

/// Light squares around the picture (section 6.3.8).
const QUIET: usize = 4;

/// The picture of a text. None: it is longer than a picture can hold.
pub(crate) fn svg(text: &str, label: &str) -> Option<String> {
    let picture = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let size = picture.size + 2 * QUIET;
    let mut path = String::new();
    for row in 0..picture.size {
        let squares = picture.data.get(row * picture.size..(row + 1) * picture.size)?;
        let mut at = 0;
        for run in squares.chunk_by(|a, b| a.value() == b.value()) {
            if run.first().is_some_and(|square| square.value()) {
                let _ = write!(path, "M{} {}h{}v1h-{}z", at + QUIET, row + QUIET, run.len(), run.len());
            }
            at += run.len();
        }
    }
    Some(format!(
        "<svg class=\"qr\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"{label}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{size}\" height=\"{size}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_neither_style_nor_script_and_keeps_its_quiet_zone() {
        let picture = svg(
            "otpauth://totp/A:b@c.example?secret=KRSXG5CTMVRXEZLUKN2XAZLSKNSWG4TF&issuer=A",
            "QR code",
        )
        .unwrap();
        for word in ["style", "script", "on", "href"] {
            assert!(!picture.contains(&format!(" {word}")), "{word}");
        }
        assert!(
            picture.contains("M4 4h7v1h-7z"),
            "the first corner begins behind the quiet zone"
        );
        assert_eq!(svg(&"a".repeat(5_000), "QR code"), None);
    }
}
