//! Chance that follows from a number, so that a round that failed can be run again. For everything here that chooses.
//! Must never happen: a choice that does not follow from the seed (the threads' interleaving is the machine's; that one cannot be seeded).

/// `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub struct Seed(u64);

impl Seed {
    /// From the number on the command line.
    pub fn new(number: u64) -> Self {
        Self(number)
    }
    /// One of its own for a part of the run.
    pub fn part(&self, number: u64) -> Self {
        let mut part = Self(self.0 ^ number.wrapping_add(1).wrapping_mul(0xd134_2543_de82_ef95));
        part.draw();
        part
    }
    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// A number below this one; nought below nought.
    pub fn below(&mut self, end: u64) -> u64 {
        self.draw().checked_rem(end).unwrap_or(0)
    }
    /// One of these, if there are any.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let at = usize::try_from(self.below(from.len() as u64)).unwrap_or(0);
        from.get(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_chooses_the_same_and_its_parts_differ() {
        let draw = |mut seed: Seed| (0..5).map(|_| seed.draw()).collect::<Vec<_>>();
        assert_eq!(draw(Seed::new(7)), draw(Seed::new(7)));
        assert_ne!(draw(Seed::new(7).part(0)), draw(Seed::new(7).part(1)));
        assert_ne!(draw(Seed::new(7).part(0)), draw(Seed::new(8).part(0)));
        assert_eq!(Seed::new(1).below(0), 0);
    }
}
