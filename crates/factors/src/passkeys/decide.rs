//! What is judged about passkeys beside the cryptography: pure. Facts in, a reason out.
//! Must never happen: a refusal that has no reason; a model taken from other bytes than those that were judged.
use kernel::{Reason, Span};
use serde::Deserialize;
use uuid::Uuid;
use webauthn_rs::prelude::WebauthnError;

/// A ceremony lives so long.
pub const CEREMONY_LIVES_FOR: Span = Span::minutes(5);
/// So many passkeys has a person at most.
pub const MOST_KEYS: usize = 20;
/// So many ceremonies are under way for one network (at the door), at most; the oldest give way.
pub const MOST_OF_NETWORK: i64 = 500;
/// The same for one person who is known.
pub const MOST_OF_PERSON: i64 = 10;

/// What the library says, as a reason of ours.
pub fn refusal(error: &WebauthnError) -> Reason {
    match error {
        WebauthnError::InvalidRPOrigin | WebauthnError::InvalidRPIDHash | WebauthnError::CredentialCrossOrigin => {
            Reason::PasskeyOtherSite
        }
        WebauthnError::UserNotVerified | WebauthnError::UserNotPresent => Reason::PasskeyUnverified,
        WebauthnError::CredentialPossibleCompromise => Reason::PasskeyCounterWrong,
        WebauthnError::CredentialBackupEligibilityInconsistent | WebauthnError::CredentialMayNotBeHardwareBound => {
            Reason::PasskeyBackupChanged
        }
        WebauthnError::CredentialNotFound => Reason::PasskeyUnknown,
        _ => Reason::PasskeyWrong,
    }
}

/// What the library says of a new key that had to prove which model it is.
pub fn attested_refusal(error: &WebauthnError) -> Reason {
    use WebauthnError as Fault;
    match error {
        // No attestation that leads to a root, one that is not right, or a key that can be copied.
        Fault::AttestationChainNotTrusted(_)
        | Fault::AttestationNotVerifiable
        | Fault::AttestationNotSupported
        | Fault::AttestationLeafCertMissing
        | Fault::AttestationTrustFailure
        | Fault::AttestationUntrustedAaguid
        | Fault::AttestationFormatMissingAaguid
        | Fault::AttestationCertificateAAGUIDMismatch
        | Fault::AttestationCertificateRequirementsNotMet
        | Fault::AttestationStatementSigInvalid
        | Fault::AttestationStatementSigMissing
        | Fault::CredentialMayNotBeHardwareBound => Reason::PasskeyModelUnproved,
        error => refusal(error),
    }
}

/// Whether a new key may be kept. `is_kept`: what the browser says of the key being discoverable, where it says so.
pub fn may_be_kept(model: Uuid, allowed: &[Uuid], is_kept: Option<bool>) -> Result<(), Reason> {
    if !allowed.is_empty() && !allowed.contains(&model) {
        return Err(Reason::PasskeyModelForbidden);
    }
    if is_kept == Some(false) {
        return Err(Reason::PasskeyNotKept);
    }
    Ok(())
}

#[derive(Deserialize)]
struct Attested<'a> {
    #[serde(rename = "authData", borrow)]
    data: &'a [u8],
}

/// AAGUID and signature counter of an attestation object (section 6.5): the authenticator data is
/// hash of the relying party (32 bytes), flags (1), counter (4), AAGUID (16), …
pub fn model_of(attestation_object: &[u8]) -> Option<(Uuid, u32)> {
    let attested: Attested<'_> = serde_cbor_2::from_slice(attestation_object).ok()?;
    let counter = attested.data.get(33..37)?.try_into().ok()?;
    let model = attested.data.get(37..53)?;
    Some((Uuid::from_slice(model).ok()?, u32::from_be_bytes(counter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_kept_where_its_model_is_allowed_and_it_can_be_found_again() {
        let (yubi, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for (allowed, is_kept, expected) in [
            (&[][..], None, Ok(())),
            (&[], Some(true), Ok(())),
            (&[], Some(false), Err(Reason::PasskeyNotKept)),
            (&[yubi, other], Some(true), Ok(())),
            (&[other], Some(true), Err(Reason::PasskeyModelForbidden)),
        ] {
            assert_eq!(may_be_kept(yubi, allowed, is_kept), expected, "{allowed:?} {is_kept:?}");
        }
        // A key that hides what it is, is on no list.
        assert_eq!(
            may_be_kept(Uuid::nil(), &[yubi], None),
            Err(Reason::PasskeyModelForbidden)
        );
    }

    #[test]
    fn what_is_no_attestation_object_has_no_model() {
        for bad in [
            &[][..],
            &[0xa0],
            &[0xff; 100],
            b"{}",
            &[0xa1, 0x68, b'a', b'u', b't', b'h', b'D', b'a', b't', b'a', 0x41, 0],
        ] {
            assert_eq!(model_of(bad), None, "{bad:?}");
        }
    }
}
