//! The chain: each line's digest is hashed onto the hash of all lines before it. Pure; for whoever writes, signs, exports or verifies.
//! Must never happen: a line that was changed, left out or moved, and a walk that reaches the end.
use super::{
    Checkpoint, Trust,
    line::{Digest, Line, stream_name},
};
use crate::db::chain_next;
use uuid::Uuid;

/// Where a chain does not hold, for the one who checks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("stream {}, line {seq}: {what}", stream_name(*stream))]
pub struct Broken {
    /// The stream.
    pub stream: Uuid,
    /// The first line that does not hold.
    pub seq: i64,
    /// What is wrong with it.
    pub what: &'static str,
}

/// A walk along one chain, line by line.
#[derive(Debug, Clone)]
pub struct Walk {
    /// The stream.
    pub stream: Uuid,
    /// The last line passed; nought at the start.
    pub seq: i64,
    /// The chain's hash with that line; the stream's id at the start.
    hash: Vec<u8>,
}

impl Walk {
    /// Before the first line.
    pub fn from_start(stream: Uuid) -> Self {
        Self {
            stream,
            seq: 0,
            hash: stream.as_bytes().to_vec(),
        }
    }
    /// Behind a checkpoint that is believed.
    pub fn after(checkpoint: &Checkpoint) -> Self {
        Self {
            stream: checkpoint.stream,
            seq: checkpoint.seq,
            hash: checkpoint.hash.to_vec(),
        }
    }
    /// The chain's hash up to here; noughts before the first line.
    pub fn hash(&self) -> Digest {
        self.hash.as_slice().try_into().unwrap_or_default()
    }
    /// Passes a whole line: its digest is made again from what it says.
    pub fn line(&mut self, line: &Line) -> Result<(), Broken> {
        self.expect(line.seq)?;
        let digest = line
            .computed_digest()
            .ok_or_else(|| self.broken(line.seq, "the line is neither whole nor properly erased"))?;
        self.step(line.seq, &digest, &line.hash)
    }
    /// Passes a line of which only the digest is known.
    pub fn step(&mut self, seq: i64, digest: &Digest, hash: &Digest) -> Result<(), Broken> {
        self.expect(seq)?;
        let hash_here = chain_next(&self.hash, digest);
        if hash_here != *hash {
            return Err(self.broken(seq, "the line is not the one that was written here"));
        }
        (self.seq, self.hash) = (seq, hash_here.to_vec());
        Ok(())
    }
    fn expect(&self, seq: i64) -> Result<(), Broken> {
        let due = self.seq.saturating_add(1);
        if seq == due {
            Ok(())
        } else {
            Err(self.broken(due, "the line is missing, or not in its place"))
        }
    }
    /// Holds a checkpoint for the line just passed against the chain.
    pub fn holds(&self, checkpoint: &Checkpoint, trust: &Trust) -> Result<(), Broken> {
        if !trust.verifies(checkpoint) {
            return Err(self.broken(checkpoint.seq, "the checkpoint is not signed by a key that is trusted"));
        }
        if checkpoint.stream != self.stream || checkpoint.seq != self.seq || checkpoint.hash != self.hash() {
            return Err(self.broken(
                checkpoint.seq,
                "the chain differs from its signed checkpoint: it was rewritten at or before this line",
            ));
        }
        Ok(())
    }
    /// Passes lines, and holds the checkpoints that lie among them. Both are in order.
    pub fn pass(&mut self, lines: &[Line], checkpoints: &[Checkpoint], trust: &Trust) -> Result<(), Broken> {
        let mut checkpoints = checkpoints.iter().peekable();
        for line in lines {
            self.line(line)?;
            // An export gives the stored digest where a line is left out, so it has to be right as well.
            if line.computed_digest() != Some(line.digest) {
                return Err(self.broken(line.seq, "the stored digest is not the line's"));
            }
            while let Some(checkpoint) = checkpoints.next_if(|checkpoint| checkpoint.seq == self.seq) {
                self.holds(checkpoint, trust)?;
            }
        }
        Ok(())
    }
    /// Says that something is wrong with this line.
    pub fn broken(&self, seq: i64, what: &'static str) -> Broken {
        Broken {
            stream: self.stream,
            seq,
            what,
        }
    }
}
