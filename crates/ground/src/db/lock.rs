//! What a transaction holds alone until its end. For facts -> decide -> commit, which is a lost update on PostgreSQL without it.
//! Must never happen: two nodes that compute different numbers for one name.

/// 64 bits of kind and name. Two names that collide only wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock(i64);

impl Lock {
    /// The lock on one thing: `Lock::on("person", id.0.as_bytes())`.
    /// INVARIANT: FNV-1a, 64 bits, never another: nodes of two versions share it.
    pub fn on(kind: &str, name: &[u8]) -> Self {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(
            kind.as_bytes()
                .iter()
                .chain(&[0])
                .chain(name)
                .fold(0xcbf2_9ce4_8422_2325, step)
                .cast_signed(),
        )
    }

    /// Takes it on PostgreSQL; the end of the transaction gives it back.
    pub(super) fn sql(self) -> String {
        format!("SELECT pg_advisory_xact_lock({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_number_never_changes() {
        assert_eq!(Lock::on("", b"").0.cast_unsigned(), 0xaf63_bd4c_8601_b7df);
        assert_ne!(Lock::on("person", b"1"), Lock::on("perso", b"n1"));
    }
}
