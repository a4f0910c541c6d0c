//! The bare hash: argon2id at the product's cost in memory that is kept, and nothing around it. What one core can do at most.
use anyhow::{Result, anyhow};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use std::time::{Duration, Instant};

/// A hash that can be computed again and again.
pub struct Bare {
    argon: Argon2<'static>,
    memory: Vec<Block>,
}

impl Bare {
    /// At OWASP's cost, as the product has it: 19 MiB, 2 passes, 1 lane.
    pub fn new() -> Result<Self> {
        let params = Params::new(19_456, 2, 1, Some(32)).map_err(|e| anyhow!("{e}"))?;
        let memory = vec![Block::new(); params.block_count()];
        Ok(Self {
            argon: Argon2::new(Algorithm::Argon2id, Version::V0x13, params),
            memory,
        })
    }
    /// One hash.
    pub fn hash(&mut self, password: &[u8]) -> Result<[u8; 32]> {
        let mut out = [0; 32];
        let done = self
            .argon
            .hash_password_into_with_memory(password, &[7; 16], &mut out, self.memory.as_mut_slice());
        done.map_err(|e| anyhow!("{e}"))?;
        Ok(out)
    }
    /// Hashes for so long; how many and in how long.
    pub fn run(&mut self, long: Duration) -> Result<(u32, Duration)> {
        self.hash(b"the first one only touches the memory")?;
        let (began, mut done) = (Instant::now(), 0);
        while began.elapsed() < long {
            std::hint::black_box(self.hash(b"quiet lantern over the mill")?);
            done += 1;
        }
        Ok((done, began.elapsed()))
    }
}
