//! What a sign-in form is worth before anything is looked up. Pure.
use factors::Password;
use kernel::{FieldError, Reason};
use people::Email;

/// A form that can be tried.
pub struct Typed {
    /// The address.
    pub email: Email,
    /// The password.
    pub password: Password,
}

/// Reads the two fields. Nothing here depends on whether there is an account.
pub fn read_form(email: &str, password: &str) -> Result<Typed, Vec<FieldError>> {
    let address = if email.trim().is_empty() {
        Err(FieldError::new("email", Reason::SignInFieldMissing))
    } else {
        people::canonical_email(email)
    };
    let secret = if password.is_empty() {
        Err(FieldError::new("password", Reason::SignInFieldMissing))
    } else {
        Password::parse(password).map_err(|reason| FieldError::new("password", reason))
    };
    match (address, secret) {
        (Ok(email), Ok(password)) => Ok(Typed { email, password }),
        (address, secret) => Err([address.err(), secret.err()].into_iter().flatten().collect()),
    }
}
