//! A maker of passkeys for tests: a root certificate of its own, and what it puts into its products. Whole in this one file, so that tests of a
//! single crate can take it, too.
use super::soft_passkey::Attested;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

/// Who makes and vouches.
pub struct Maker {
    root: Issuer<'static, KeyPair>,
    /// Its root certificate.
    pub pem: String,
}

impl Maker {
    /// A maker of this name.
    ///
    /// # Panics
    /// Where no certificate can be made.
    pub fn new(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = params.self_signed(&key).expect("a certificate").pem();
        Self {
            root: Issuer::new(params, key),
            pem,
        }
    }
    /// What it gives to products of this model (AAGUID).
    ///
    /// # Panics
    /// Where no certificate can be made.
    pub fn attests(&self, model: u128) -> Attested {
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::default();
        // WebAuthn Level 3, section 8.2.1.
        params.distinguished_name = DistinguishedName::new();
        let country = DnValue::PrintableString("SE".try_into().expect("letters"));
        params.distinguished_name.push(DnType::CountryName, country);
        params.distinguished_name.push(DnType::OrganizationName, "Maker AB");
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, "Authenticator Attestation");
        params.distinguished_name.push(DnType::CommonName, "Maker key");
        params.is_ca = IsCa::ExplicitNoCa;
        let octets = [&[4, 16][..], &model.to_be_bytes()].concat();
        let of_model = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4], octets);
        params.custom_extensions.push(of_model);
        let own = params.signed_by(&key, &self.root).expect("a certificate");
        Attested {
            key: key.serialize_der(),
            chain: vec![own.der().to_vec()],
        }
    }
}
