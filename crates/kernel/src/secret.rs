//! A value that must not be seen: no Debug, no Display, no serialisation; zeroed when dropped.
use zeroize::Zeroize;

/// Holds a secret. Reading it is an act that can be searched for: `.expose()`.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in.
    pub const fn new(value: T) -> Self {
        Self(value)
    }
    /// Shows the value, for as short as possible.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}
