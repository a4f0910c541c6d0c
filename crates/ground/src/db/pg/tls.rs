//! TLS to PostgreSQL by rustls: the server's certificate is always verified, its name too. `sslmode=require` insists on TLS, `prefer` (the
//! default) goes on without where the server has none, `disable` never asks.
//! Must never happen: a certificate accepted unseen.
use crate::db::{Error, Result};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Where systems keep the authorities they trust.
const SYSTEM: [&str; 3] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
];

/// Takes `sslrootcert` out of the URL, which the client's parser does not know, and says libpq's stricter modes in its words.
pub(super) fn split(url: &str) -> (String, Option<String>) {
    let Some((base, query)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let (mut kept, mut roots) = (Vec::new(), None);
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslrootcert", file)) => roots = Some(file.replace("%2F", "/").replace("%20", " ")),
            Some(("sslmode", "verify-ca" | "verify-full")) => kept.push("sslmode=require"),
            _ => kept.push(pair),
        }
    }
    let url = if kept.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", kept.join("&"))
    };
    (url, roots)
}

/// Trusts the authorities of this file, else the system's.
pub(super) fn connector(roots: Option<&str>) -> Result<MakeRustlsConnect> {
    let refused = |what: &dyn std::fmt::Display| Error::Refused(format!("TLS to the database: {what}"));
    let system = || SYSTEM.into_iter().find(|file| std::path::Path::new(file).exists());
    let file = roots
        .or_else(system)
        .ok_or_else(|| refused(&"no file of trusted authorities; give sslrootcert=FILE"))?;
    let mut trusted = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file).map_err(|e| refused(&format!("{file}: {e}")))?;
    // One odd certificate in a system's bundle must not keep out the rest.
    let (added, _) = trusted.add_parsable_certificates(found.filter_map(std::result::Result::ok));
    if added == 0 {
        return Err(refused(&format!("{file} holds no certificate")));
    }
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| refused(&e))?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_of_tls_are_taken_out_of_the_url() {
        let (url, roots) =
            split("postgres://a@h/d?sslmode=verify-full&sslrootcert=/etc/my%20ca.pem&application_name=x");
        assert_eq!(url, "postgres://a@h/d?sslmode=require&application_name=x");
        assert_eq!(roots.as_deref(), Some("/etc/my ca.pem"));
        assert_eq!(split("postgres://a@h/d?sslrootcert=x").0, "postgres://a@h/d");
    }
}
