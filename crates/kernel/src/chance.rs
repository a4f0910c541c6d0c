//! Randomness that is handed in: the operating system's in the program, a seeded one in tests.
use std::sync::Arc;

/// A source of unpredictable bytes. Cheap to clone.
#[derive(Clone)]
pub struct Chance(Arc<dyn Fn(&mut [u8]) + Send + Sync>);

impl Chance {
    /// From whatever fills a slice. INVARIANT: in the program this is a CSPRNG of the operating system or aws-lc.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }
    /// Fills the slice.
    pub fn fill(&self, out: &mut [u8]) {
        (self.0)(out);
    }
    /// `N` fresh bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}
