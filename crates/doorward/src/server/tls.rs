//! TLS by certificate files: rustls with aws-lc-rs, TLS 1.2 and 1.3, HTTP/2 by ALPN.
use anyhow::{Context, bail};
use ground::config::TlsFiles;
use kernel::Time;
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{path::Path, sync::Arc};
use tokio_rustls::TlsAcceptor;

/// An acceptor from the files. Needs rustls' process-wide provider, which `main` installs first.
pub fn acceptor(files: &TlsFiles) -> anyhow::Result<TlsAcceptor> {
    let chain = chain(&files.cert)?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|error| {
        anyhow::anyhow!(
            "tls.key {}: no private key in PEM could be read: {error}",
            files.key.display()
        )
    })?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .with_context(|| {
            format!(
                "tls.cert {} and tls.key {} do not fit",
                files.cert.display(),
                files.key.display()
            )
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = rustls::crypto::aws_lc_rs::Ticketer::new().context("no key for TLS tickets")?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// When the certificate ends.
pub fn ends_at(file: &Path) -> anyhow::Result<Time> {
    let chain = chain(file)?;
    let leaf = chain.first().and_then(|leaf| not_after(leaf));
    leaf.with_context(|| format!("tls.cert {}: the certificate's end could not be read", file.display()))
}

fn chain(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = read.map_err(|error| {
        anyhow::anyhow!(
            "tls.cert {}: no certificate in PEM could be read: {error}",
            file.display()
        )
    })?;
    if chain.is_empty() {
        bail!("tls.cert {}: the file holds no certificate", file.display());
    }
    Ok(chain)
}

/// `validity.notAfter` (RFC 5280, 4.1): the few elements before it are stepped over.
fn not_after(certificate: &[u8]) -> Option<Time> {
    const SEQUENCE: u8 = 0x30;
    let (_, certificate, _) = element(certificate)?;
    let (_, mut rest, _) = element(certificate)?;
    let mut sequences = 0;
    loop {
        let (tag, content, after) = element(rest)?;
        rest = after;
        // Version and serial number are no sequences; the signature's algorithm and the issuer are, and then comes the validity.
        sequences += usize::from(tag == SEQUENCE);
        if sequences == 3 {
            let (_, _, end) = element(content)?;
            let (tag, text, _) = element(end)?;
            return time(tag, std::str::from_utf8(text).ok()?);
        }
    }
}

/// One DER element: its tag, its content, what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (
                digits
                    .iter()
                    .fold(0, |length, digit| (length << 8) | usize::from(*digit)),
                rest,
            )
        }
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((*tag, content, after))
}

/// `UTCTime` (two digits of the year: 50 to 99 are the last century) or `GeneralizedTime`.
fn time(tag: u8, text: &str) -> Option<Time> {
    let whole = match tag {
        0x17 if text.as_bytes().first()? < &b'5' => format!("20{text}"),
        0x17 => format!("19{text}"),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let part = |range: std::ops::Range<usize>| whole.get(range);
    let (date, clock) = (
        (part(0..4)?, part(4..6)?, part(6..8)?),
        (part(8..10)?, part(10..12)?, part(12..14)?),
    );
    Time::parse_rfc3339(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        date.0, date.1, date.2, clock.0, clock.1, clock.2
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_time_are_read() {
        for (tag, text, expected) in [
            (0x17, "261124091402Z", Some("2026-11-24T09:14:02Z")),
            (0x17, "990101000000Z", Some("1999-01-01T00:00:00Z")),
            (0x18, "20501231235959Z", Some("2050-12-31T23:59:59Z")),
            (0x18, "2050", None),
            (0x04, "261124091402Z", None),
        ] {
            assert_eq!(time(tag, text).map(Time::rfc3339).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn torn_der_is_no_certificate() {
        for der in [
            &[][..],
            &[0x30],
            &[0x30, 0x82, 0xff],
            &[0x30, 0x80],
            &[0x30, 0x02, 0x30, 0x00],
        ] {
            assert_eq!(not_after(der), None);
        }
    }
}
